"""The only outgoing connections: a GET or a form sent, within every limit, redirects by hand, failures translated.

What comes back is a `Response` that may be used (2xx, 304, or a redirect the caller did not want followed); all else
is a FetchError with a reason. What was decided here and not by a specification:

    cookies      none are kept: a site that needs one to answer redirects to itself, which is REDIRECT_LOOP
    validators   go to the host that was asked first and to no other a redirect leads to: theirs are not ours
    addresses    are sent as they were stated where they are made of URL characters, else percent-encoded
    proxy        the guard sees the proxy's address only: literal targets are checked here, names are the proxy's task
    headers      far less is kept than is taken in (connection.py)
    forms        follow 307 and 308 alone, which keep the method, and never from https to http: they carry secrets
    ranges       If-Range goes wherever the file is kept: of what is not the same file the whole comes, which is safe
"""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from types import TracebackType
from typing import Self
from urllib.parse import quote_from_bytes, urlencode, urljoin

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from ingest.conditional import request_headers
from ingest.connection import MAX_HEADER_BYTES, MAX_HEADERS, connector
from ingest.content_coding import ACCEPTED, Decoder
from ingest.errors import ParseError, Transient, Unacceptable
from ingest.failures import status_error, translate
from ingest.guard import is_allowed, read_networks
from ingest.model import Hop, Reason, Response, Validators
from ingest.ranges import Ranged, range_headers, read_stated

_KEPT_HEADERS = 200  # names
_KEPT_CHARS = 8_192  # of one value, repeated ones joined
_URL_CHARS = 8_192
_ERROR_BODY_BYTES = 65_536  # looked at, to tell a challenge from a refusal
_ERROR_BODY_S = 5.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SAME_METHOD = frozenset({307, 308})
_FORM = "application/x-www-form-urlencoded"
_IS_SENDABLE = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+").fullmatch  # RFC 3986 appendix A
_NOT_TEXT = re.compile(
    r"(?:audio|video|image|font|model)/"
    r"|application/(?:pdf|zip|gzip|x-(?:gzip|tar|bzip2?|xz|7z-compressed|rar-compressed|shockwave-flash|msdownload|"
    r"executable|iso9660-image)|java-archive|epub\+zip|msword|wasm|mp4|ogg|vnd\.(?:ms-|openxmlformats|android|rar|apple))"
).match


@dataclass(frozen=True)
class Limits:
    """What one call may cost. Times in seconds, from its own start; bytes of one body."""

    connect_s: float = 10.0  # TCP and TLS, for each connection
    first_byte_s: float = 20.0  # silence, before the first byte and between any two
    total_s: float = 60.0  # everything, redirects included
    max_bytes: int = 4_000_000  # on the wire
    max_decoded_bytes: int | None = None  # decompressed; None: as on the wire
    redirects: int = 8


@dataclass
class _Call:
    """One call of `Fetcher.get` or `post` on its way."""

    url: str
    limits: Limits
    now: datetime
    headers: dict[str, str]
    conditional: dict[str, str]
    follow: Callable[[str], bool] | None
    types: Callable[[str], bool] | None
    form: bytes | None = None  # None: a GET
    ranged: Ranged | None = None
    started: float = field(default_factory=time.monotonic)
    hops: list[Hop] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where we are asking now."""
        return self.hops[-1].location if self.hops else self.url


def may_be_text(media_type: str) -> bool:
    """False for what is surely no page or feed: pictures, sound, archives, office files. For `types` of `get`."""
    return not _NOT_TEXT(media_type)


def may_be_feed(media_type: str) -> bool:
    """The same for feeds: a sitemap may come as a gzipped file."""
    return media_type in ("application/gzip", "application/x-gzip") or may_be_text(media_type)


class Fetcher:
    """One pool of connections: `async with Fetcher(…) as fetcher`. At most one connection to a host, kept alive."""

    def __init__(
        self, *, user_agent: str, allow_private: Sequence[str] = (), proxy: str | None = None, connections: int = 100
    ) -> None:
        self._user_agent = user_agent
        self._allowed = read_networks(allow_private)
        self._proxy = proxy
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=connector(None if self._proxy else self._allowed, self._connections),
            cookie_jar=_NoCookies(),
            headers={"User-Agent": self._user_agent, "Accept-Encoding": ACCEPTED},
            auto_decompress=False,
            proxy=self._proxy,
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
            max_headers=MAX_HEADERS,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(
        self,
        url: str,
        *,
        now: datetime,
        limits: Limits = Limits(),
        validators: Validators | None = None,
        accept: str = "*/*",
        follow: Callable[[str], bool] | None = None,
        types: Callable[[str], bool] | None = None,
        ranged: Ranged | None = None,
    ) -> Response:
        """GET `url`. Returns 2xx with its body decoded, 304, or the redirect that `follow` (given its target) declined.

        `types`: whether a media type ("text/html"; "" where none is stated) is worth reading. `now` serves Retry-After
        alone. `ranged`: only these bytes of the file, which its sink takes as they come, undecoded; the body returned
        is empty, and `limits.max_bytes` are those of the whole file. Raises FetchError; `error.url` is the address
        asked last.
        """
        headers = {"Accept": accept} | (range_headers(ranged.span) if ranged else {})
        call = _Call(url, limits, now, headers, request_headers(validators), follow, types, ranged=ranged)
        return await self._in_time(call)

    async def post(
        self, url: str, form: Mapping[str, str], *, now: datetime, limits: Limits = Limits(), accept: str = "*/*"
    ) -> Response:
        """POST `form` to `url`. Returns 2xx; all else is as with `get`."""
        headers = {"Accept": accept, "Content-Type": _FORM}
        return await self._in_time(_Call(url, limits, now, headers, {}, None, None, urlencode(form).encode()))

    async def _in_time(self, call: _Call) -> Response:
        limits = call.limits
        try:
            async with asyncio.timeout(limits.total_s):
                return await self._ask(call)
        except TimeoutError:
            raise Transient(call.address, Reason.TOTAL_TIMEOUT, f"{limits.total_s:g} s") from None

    async def _ask(self, call: _Call) -> Response:
        """Hop by hop, until something is not a redirect."""
        while True:
            try:
                answer = await self._ask_once(call)
            except (aiohttp.ClientError, HttpProcessingError, OSError, UnicodeError) as error:
                raise translate(call.address, error) from error
            if isinstance(answer, Response):
                return answer
            call.hops.append(answer)
            _check_hops(call)

    async def _ask_once(self, call: _Call) -> Response | Hop:
        assert self._session is not None, "use `async with Fetcher(…)`"  # noqa: S101
        address = _address(call)
        if self._proxy:
            self._check_literal(call.address, address)
        same_host = not call.hops or address.host == URL(call.url).host
        asked = call.headers | (call.conditional if same_host else {})
        limits = call.limits
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=limits.connect_s, sock_read=limits.first_byte_s, ceil_threshold=limits.total_s
        )
        method = "GET" if call.form is None else "POST"
        async with self._session.request(
            method, address, data=call.form, headers=asked, timeout=timeout, allow_redirects=False
        ) as answer:
            headers = _headers(answer.raw_headers)
            hop = _redirect(call, answer, headers)
            if hop is not None:
                await _start_of_body(answer, "identity", 16_384)  # so that the connection can be used again
                declined = call.follow is not None and not call.follow(hop.location)
                return _response(call, hop.status, headers, hops=(*call.hops, hop)) if declined else hop
            if answer.status == 304 and same_host and call.conditional:
                return _response(call, 304, headers)
            if not 200 <= answer.status < 300:
                start = await _start_of_body(answer, headers.get("content-encoding", ""), _ERROR_BODY_BYTES)
                raise status_error(call.address, answer.status, headers, start, call.now)
            if call.ranged is not None:
                await _hand_on(call.ranged, call, answer, headers)
                return _response(call, answer.status, headers)
            raw, body = await _read_body(call, answer, headers)
            return _response(call, answer.status, headers, raw, body)

    def _check_literal(self, url: str, address: URL) -> None:
        """Behind a proxy no socket of ours sees the target: refuse at least what is an address as it stands."""
        host = address.host or ""
        with suppress(OSError, UnicodeError):
            host = str(ip_address(socket.inet_aton(host)))  # 127.1 and 2130706433 are addresses too
        with suppress(ValueError):
            ip_address(host)
            if not is_allowed(host, self._allowed):
                raise Unacceptable(url, Reason.FORBIDDEN_ADDRESS, host)


class _NoCookies(aiohttp.DummyCookieJar):
    """Does not even parse them."""

    def update_cookies_from_headers(self, headers: Sequence[str], response_url: URL) -> None:
        pass


# --- addresses and redirects --------------------------------------------------------------------------------------


def _parse(url: str) -> URL:
    """Raises ValueError where it is not an http(s) address with a host."""
    if len(url) > _URL_CHARS:
        raise ValueError("the address is too long")
    parsed = URL(url, encoded=_IS_SENDABLE(url) is not None)
    if parsed.scheme not in ("http", "https") or not parsed.host or not parsed.port:
        raise ValueError("not an http address")
    return parsed.with_fragment(None)


def _address(call: _Call) -> URL:
    try:
        return _parse(call.address)
    except ValueError as error:
        raise Unacceptable(call.address, Reason.BAD_LINK, str(error)) from error


def _redirect(call: _Call, answer: aiohttp.ClientResponse, headers: Mapping[str, str]) -> Hop | None:
    """The hop that `answer` asks for; None where it is not a redirect. A target that cannot be is BAD_REDIRECT."""
    if answer.status not in _REDIRECTS:
        return None
    stated = next((value for name, value in answer.raw_headers if name.lower() == b"location"), b"")
    ascii_only = quote_from_bytes(stated.strip(), safe="".join(map(chr, range(33, 127))))
    try:
        if not ascii_only:
            raise ValueError("no Location")
        target = str(_parse(urljoin(call.address, ascii_only)))
        if call.form is not None and not _may_resend(call.address, answer.status, target):
            raise ValueError("a form is not sent there")
    except ValueError as error:
        raise Unacceptable(call.address, Reason.BAD_REDIRECT, str(error)[:200], status=answer.status) from error
    return Hop(answer.status, call.address, target)


def _may_resend(address: str, status: int, target: str) -> bool:
    return status in _SAME_METHOD and not (address.startswith("https:") and target.startswith("http:"))


def _check_hops(call: _Call) -> None:
    last = call.hops[-1]
    if any(last.location == hop.url for hop in call.hops):
        raise Unacceptable(last.location, Reason.REDIRECT_LOOP, status=last.status)
    if len(call.hops) > call.limits.redirects:
        raise Unacceptable(last.location, Reason.TOO_MANY_REDIRECTS, status=last.status)


# --- bodies and headers -------------------------------------------------------------------------------------------


async def _read_body(call: _Call, answer: aiohttp.ClientResponse, headers: Mapping[str, str]) -> tuple[bytes, bytes]:
    """The body as it came and decoded, the same object where nothing was encoded. Stops at the first broken limit."""
    limits, url, status = call.limits, call.address, answer.status
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if call.types is not None and not call.types(media_type):
        raise Unacceptable(url, Reason.WRONG_TYPE, media_type[:100], status=status)
    if (answer.content_length or 0) > limits.max_bytes:
        raise Unacceptable(url, Reason.TOO_LARGE, f"{answer.content_length} bytes announced", status=status)
    raw = bytearray()
    try:
        decoder = Decoder(headers.get("content-encoding", ""), limits.max_decoded_bytes or limits.max_bytes)
        async for chunk in answer.content.iter_any():
            raw += chunk
            if len(raw) > limits.max_bytes:
                raise Unacceptable(url, Reason.TOO_LARGE, status=status)
            if not decoder.is_identity:
                decoder.feed(chunk)
        whole = bytes(raw)
        return whole, whole if decoder.is_identity else decoder.finish()
    except ParseError as error:
        raise Unacceptable(url, error.reason, error.detail, status=status) from error


async def _hand_on(ranged: Ranged, call: _Call, answer: aiohttp.ClientResponse, headers: Mapping[str, str]) -> None:
    """Give the bytes of a file to whoever takes them, and no more than were stated."""
    url, status, most = call.address, answer.status, call.limits.max_bytes
    try:
        stated = read_stated(ranged.span, status, headers, answer.content_length)
    except ParseError as error:
        raise Unacceptable(url, error.reason, error.detail, status=status) from error
    if (stated.total or 0) > most:
        raise Unacceptable(url, Reason.TOO_LARGE, f"{stated.total} bytes announced", status=status)
    if not ranged.sink.begin(stated):
        return
    end = stated.first
    async for piece in answer.content.iter_any():
        end += len(piece)
        if end > (most if stated.end is None else stated.end):
            reason = Reason.TOO_LARGE if stated.end is None else Reason.BAD_RESPONSE
            raise Unacceptable(url, reason, "more came than was announced", status=status)
        ranged.sink.take(piece)
    if stated.end is not None and end < stated.end:
        raise Transient(url, Reason.CUT_SHORT, f"{stated.end - end} bytes are missing", status=status)


async def _start_of_body(answer: aiohttp.ClientResponse, coding: str, limit: int) -> bytes:
    """What can be had of a body that matters little: at most `limit` bytes in 5 s, b"" where it is no use."""
    with suppress(aiohttp.ClientError, ParseError, OSError):
        decoder = Decoder(coding, limit)
        async with asyncio.timeout(_ERROR_BODY_S):
            raw = await answer.content.read(limit)
            while len(raw) < limit and (chunk := await answer.content.read(limit - len(raw))):
                raw += chunk
        decoder.feed(raw)
        return decoder.finish()
    return b""


def _headers(raw: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Names in lower case, repeated ones joined, all bounded. Text is UTF-8 where it can be, else Latin-1.

    A validator that is neither short nor UTF-8 is left out: it could not be sent back as the bytes it was.
    """
    kept: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name = raw_name.decode("latin-1").lower()
        if name in kept:
            kept[name] = f"{kept[name]}, {_text(raw_value)}"[:_KEPT_CHARS]
        elif len(kept) < _KEPT_HEADERS and (name not in ("etag", "last-modified") or _is_verbatim(raw_value)):
            kept[name] = _text(raw_value)[:_KEPT_CHARS]
    return kept


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _is_verbatim(raw: bytes) -> bool:
    return len(raw) <= _KEPT_CHARS and _text(raw).encode() == raw


def _response(
    call: _Call,
    status: int,
    headers: Mapping[str, str],
    raw: bytes = b"",
    body: bytes = b"",
    hops: tuple[Hop, ...] | None = None,
) -> Response:
    return Response(
        url=call.url,
        final_url=call.address,
        status=status,
        headers=headers,
        body=body,
        raw_body=raw,
        hops=tuple(call.hops) if hops is None else hops,
        seconds=time.monotonic() - call.started,
    )
