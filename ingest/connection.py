"""How connections are made and answers taken in: aiohttp's connector with the address guard and two more limits."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import BadHttpMessage
from aiohttp.http_parser import RawResponseMessage
from aiohttp.streams import StreamReader

from ingest.guard import Network, guarded_socket

MAX_HEADERS = 1_200  # a thousand cookies are seen in the wild
MAX_HEADER_BYTES = 131_072  # of one of them, or of the status line
MAX_HEAD_BYTES = 524_288  # of all together
_HEAD_END = b"\r\n\r\n"


def connector(allowed: Sequence[Network] | None, limit: int) -> aiohttp.TCPConnector:
    """At most `limit` connections and one to each host, guarded; `allowed` None: unguarded, to reach a proxy.

    To be called with the event loop running. `_factory` is aiohttp's own name for what makes the protocol of a
    connection; it offers no public one, and the tests of excess bytes and of many headers fail should it change.
    """
    made = aiohttp.TCPConnector(
        limit=limit, limit_per_host=1, socket_factory=None if allowed is None else guarded_socket(allowed)
    )
    factory: partial[Any] = partial(_Protocol, loop=asyncio.get_running_loop())
    made._factory = factory
    return made


class _Protocol(ResponseHandler):
    """Shows the parser the head of an answer apart from what follows, and no endless head at all.

    Servers send bodies with 304, or more bytes than they announce. RFC 9112 section 6.3 lets a client drop the excess;
    aiohttp, where all comes in one packet, drops the answer with it.
    """

    _in_head = True
    _head_bytes = 0

    def set_response_params(self, **params: Any) -> None:
        """Called before each request."""
        self._in_head, self._head_bytes = True, 0
        super().set_response_params(**params)

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """Called with each head: of an interim answer (1xx), or of the answer."""
        self._in_head, self._head_bytes = data[0].code < 200, 0
        super().feed_data(data, size)

    def data_received(self, data: bytes) -> None:
        end = data.find(_HEAD_END) + len(_HEAD_END)
        if self._in_head and len(_HEAD_END) <= end < len(data):
            self._feed(data[:end])
            data = data[end:]
        self._feed(data)

    def _feed(self, data: bytes) -> None:
        self._head_bytes += len(data)
        if self._in_head and self._head_bytes > MAX_HEAD_BYTES and self.transport is not None:
            self.transport.close()
            self.set_exception(BadHttpMessage("the headers are too long"))
        else:
            super().data_received(data)
