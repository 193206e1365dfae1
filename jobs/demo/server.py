"""The smallest HTTP/1.1 server that a feed reader can be shown on: keep-alive, HEAD, gzip, validators and 304.

For loopback only. It still has limits: 16 KiB for a request's head, 30 s of silence, and no request bodies.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from http import HTTPStatus

HEAD_LIMIT = 16 * 1024
IDLE_S = 30.0


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str  # without the query
    headers: dict[str, str]  # names in lower case
    keep_alive: bool


@dataclass(frozen=True, slots=True)
class Reply:
    kind: str  # "feed", "page", …: what is counted
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    modified_at: datetime | None = None
    location: str | None = None

    @property
    def etag(self) -> str:
        """Weak, because the same tag stands for the gzipped body (RFC 9110 section 8.8.3)."""
        return f'W/"{blake2b(self.body, digest_size=8).hexdigest()}"'


Answer = Callable[[Request], Reply]


def revalidated(request: Request, reply: Reply) -> Reply:
    """The reply, or 304 where the caller has it; If-None-Match goes before the date (RFC 9110 section 13.2.2)."""
    if reply.status != HTTPStatus.OK or reply.modified_at is None:
        return reply
    if (tags := request.headers.get("if-none-match")) is not None:
        known = tags.strip() == "*" or reply.etag.removeprefix("W/") in {
            tag.strip().removeprefix("W/") for tag in tags.split(",")
        }
    else:
        known = _not_newer(reply.modified_at, request.headers.get("if-modified-since", ""))
    return replace(reply, status=HTTPStatus.NOT_MODIFIED) if known else reply


def _not_newer(modified_at: datetime, since: str) -> bool:
    try:
        asked = parsedate_to_datetime(since)
    except ValueError:
        return False
    return modified_at <= (asked if asked.tzinfo else asked.replace(tzinfo=UTC))


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
    """Answer one connection until the caller closes it, falls silent or sends something that is not HTTP."""
    try:
        while True:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), IDLE_S)
            request = _parse(head)
            reply = answer(request) if request else Reply("400", b"Bad request", "text/plain", 400)
            writer.write(_wire(request, reply))
            await writer.drain()
            if request is None or not request.keep_alive:
                break
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, TimeoutError):
        pass  # the caller is gone, or is not one for us
    finally:
        writer.close()


def _parse(head: bytes) -> Request | None:
    lines = head.decode("latin-1").split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != 3 or not parts[1].startswith("/") or not parts[2].startswith("HTTP/1."):
        return None
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
        return None
    keep_alive = parts[2] != "HTTP/1.0" and headers.get("connection", "").lower() != "close"
    return Request(parts[0], parts[1].partition("?")[0], headers, keep_alive)


def _wire(request: Request | None, reply: Reply) -> bytes:
    """The reply as bytes: status line, headers, and the body unless it was a HEAD or is a 304."""
    body, headers = reply.body, [f"Content-Type: {reply.content_type}", "Vary: Accept-Encoding"]
    if reply.modified_at:
        headers += [f"ETag: {reply.etag}", f"Last-Modified: {format_datetime(reply.modified_at, usegmt=True)}"]
    if reply.location:
        headers.append(f"Location: {reply.location}")
    if request and "gzip" in request.headers.get("accept-encoding", "") and not reply.content_type.startswith("image/"):
        body = gzip.compress(body, mtime=0)
        headers.append("Content-Encoding: gzip")
    if reply.status == HTTPStatus.NOT_MODIFIED:
        body = b""
    else:
        headers.append(f"Content-Length: {len(body)}")
    headers.append(f"Connection: {'keep-alive' if request and request.keep_alive else 'close'}")
    head = "\r\n".join([f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}", *headers, "", ""])
    return head.encode("latin-1") + (b"" if request and request.method == "HEAD" else body)
