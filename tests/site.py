"""A misbehaving web site on loopback: what the world does to Dateline, on purpose.

    async with Site() as site:                  with SiteThread(host="127.0.0.5") as site:
        await fetcher.get(site.url("/slow?s=1"))    run_the_program(site.url("/feed"))

`serve`, `feed` and `article` set answers of your own, at any time; `ROUTES` holds the others, one line for each.
`requests` tells what was asked, when, with how many connections open, and how many bytes went out.
"""

from __future__ import annotations

import asyncio
import gzip
import random
import threading
import time
import zlib
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import chain, repeat
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

import brotli  # type: ignore[import-untyped]
from backports import zstd

HTML = "text/html; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"
PIECE = 65_536


@dataclass
class Request:
    """One request as the site saw it."""

    method: str
    path: str  # query included
    headers: dict[str, str]  # names in lower case; Latin-1, so byte for byte
    at: float  # time.monotonic()
    open_connections: int  # to this site, this one included
    connection: int  # counts the connections: equal for requests that shared one
    sent: int = 0  # bytes that went out in answer
    finished_at: float | None = None
    body: bytes = b""  # where a Content-Length announces one


@dataclass(frozen=True)
class Canned:
    """A fixed answer. With an ETag or Last-Modified among `headers` it answers 304 to whoever sends it back."""

    body: bytes
    headers: dict[str, str]
    status: int = 200

    def is_known(self, request: Request) -> bool:
        mine = {name.lower(): value for name, value in self.headers.items()}
        pairs = (("etag", "if-none-match"), ("last-modified", "if-modified-since"))
        return any(name in mine and mine[name] == request.headers.get(back) for name, back in pairs)


class Exchange:
    """One request and the means to answer it, well or badly."""

    def __init__(
        self, site: Site, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.site, self.request = site, request
        self._reader, self._writer = reader, writer
        self.keep_alive = request.headers.get("connection", "").lower() != "close"
        self.query = {name: values[-1] for name, values in parse_qs(urlsplit(request.path).query).items()}

    def number(self, name: str, default: float) -> float:
        return float(self.query.get(name, default))

    async def write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()
        self.request.sent += len(data)

    async def start(self, *headers: str, status: int = 200) -> None:
        """Status line and headers, as stated; what follows is up to the route, and then the connection closes."""
        self.keep_alive = False
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Whatever')}", *headers, "Connection: close", "", ""]
        await self.write("\r\n".join(lines).encode("latin-1"))

    async def reply(self, body: bytes, kind: str = HTML, *, status: int = 200, **headers: str) -> None:
        """A whole, correct answer. Header names as keywords: `content_encoding="gzip"`."""
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        await self.answer(Canned(body, {"Content-Type": kind, **named}, status))

    async def answer(self, canned: Canned) -> None:
        status, body = (304, b"") if canned.is_known(self.request) else (canned.status, canned.body)
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Whatever')}"]
        lines += [f"{name}: {value}" for name, value in canned.headers.items()]
        lines += [f"Content-Length: {len(body)}"] if status != 304 else []
        await self.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        await self.write(body)

    async def stream(self, kind: str, pieces: Iterable[bytes], length: int, *headers: str) -> None:
        """A correct long answer, made while it is sent."""
        await self.start(f"Content-Type: {kind}", f"Content-Length: {length}", *headers)
        for piece in pieces:
            await self.write(piece)

    async def chunk(self, data: bytes) -> None:
        await self.write(b"%x\r\n%b\r\n" % (len(data), data))

    async def hung_up(self) -> None:
        """Waits until the client goes away."""
        self.keep_alive = False
        while await self._reader.read(PIECE):
            pass


Handler = Callable[[Exchange], Awaitable[None]]
ROUTES: dict[str, Handler] = {}
REASONS = {200: "OK", 301: "Moved Permanently", 302: "Found", 304: "Not Modified", 404: "Not Found"}


def route(*paths: str) -> Callable[[Handler], Handler]:
    def add(handler: Handler) -> Handler:
        ROUTES.update(dict.fromkeys(paths, handler))
        return handler

    return add


class Site:
    """See the module. `robots`: the text of /robots.txt, a status it answers with instead, or None for 404."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, robots: str | int | None = None) -> None:
        self.host, self.port, self.robots = host, port, robots
        self.requests: list[Request] = []
        self._canned: dict[str, Canned] = {}
        self._connections: set[asyncio.Task[None]] = set()
        self._accepted = 0

    @property
    def base(self) -> str:
        return f"http://{self.host}:{self.port}"

    def url(self, path: str) -> str:
        return self.base + path

    def serve(
        self,
        path: str,
        body: bytes | str,
        *,
        content_type: str = HTML,
        headers: dict[str, str] | None = None,
        status: int = 200,
    ) -> str:
        """From now on `path` (query included, if it has one) gives this. Returns its URL."""
        raw = body.encode() if isinstance(body, str) else body
        self._canned[path] = Canned(raw, {"Content-Type": content_type, **(headers or {})}, status)
        return self.url(path)

    def forget(self, path: str) -> None:
        self._canned.pop(path, None)

    def feed(self, links: Iterable[str], *, path: str = "/own-feed", headers: dict[str, str] | None = None) -> str:
        """Serves an RSS feed with these links (absolute, or paths of this site). Returns its URL."""
        absolute = [link if urlsplit(link).scheme else self.url(link) for link in links]
        return self.serve(path, rss(absolute, self.base), content_type=RSS, headers=headers)

    def article(self, path: str, headline: str, *paragraphs: str, headers: dict[str, str] | None = None) -> str:
        """Serves a well-made article. Returns its URL."""
        return self.serve(path, article(headline, paragraphs or None), headers=headers)

    def asked(self, path: str) -> list[Request]:
        """The requests for `path`, with any query."""
        return [request for request in self.requests if request.path.partition("?")[0] == path]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, self.host, self.port, limit=PIECE)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self._accepted += 1
        number = self._accepted
        try:
            # ConnectionError, or reading past a limit: the client's affair. Cancelled: the site closes.
            with suppress(OSError, EOFError, ValueError, asyncio.CancelledError):
                while await self._exchange(reader, writer, number):
                    pass
        finally:
            self._connections.discard(task)
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int) -> bool:
        """Answers one request; whether the connection stays open."""
        head = await reader.readexactly(1)
        if head == b"\x16":  # somebody tries to speak TLS
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return False
        head += await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        request = Request(method, path, headers, time.monotonic(), len(self._connections), connection)
        request.body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.requests.append(request)
        exchange = Exchange(self, request, reader, writer)
        try:
            await self._respond(exchange)
        finally:
            request.finished_at = time.monotonic()
        return exchange.keep_alive

    async def _respond(self, exchange: Exchange) -> None:
        path = exchange.request.path
        bare = path.partition("?")[0]
        canned = self._canned.get(path) or self._canned.get(bare)
        if canned is not None:
            await exchange.answer(canned)
        else:
            handler = ROUTES.get(bare) or ROUTES.get(bare.rpartition("/")[0] + "/*") or not_found
            await handler(exchange)


class SiteThread(Site):
    """A Site for tests that are not asynchronous: it runs in a thread of its own, for as long as the `with`."""

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="site", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.__aenter__(), self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self.__aexit__(kind, error, trace), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


# --- documents ----------------------------------------------------------------------------------------------------

PARAGRAPHS = (
    "The harbour council voted on Tuesday evening to rebuild the eastern breakwater, ending two years of argument.",
    "Fishermen had warned that another winter like the last would leave the smaller boats without any shelter at all.",
    "“We have buried the plan three times and the sea has dug it up each time,” said the council's chair, Ines Varga.",
    "Work is due to begin in the spring and to cost 14 million, of which the region has promised a little under half.",
)


def told(number: str) -> Iterator[str]:
    """Four paragraphs about nothing, other ones for each number."""
    chance = random.Random(number)
    words = sorted({word.strip(",.”“'s") for paragraph in PARAGRAPHS for word in paragraph.lower().split()} - {""})
    for _ in PARAGRAPHS:
        yield " ".join(chance.choice(words) for _ in range(20)).capitalize() + "."


def rss(links: Iterable[str], site_url: str = "http://127.0.0.1/") -> bytes:
    """An RSS 2.0 document, one item for each link, the link being its guid too."""
    items = "".join(
        f"<item><title>Story {number}</title><link>{escape(link)}</link><guid>{escape(link)}</guid>"
        f"<pubDate>Tue, 03 Nov 2026 {8 + number % 12:02}:00:00 GMT</pubDate></item>"
        for number, link in enumerate(links, 1)
    )
    head = f"<title>The Harbour Post</title><link>{escape(site_url)}</link><description>News</description>"
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>{head}{items}</channel></rss>'.encode()


def article(headline: str, paragraphs: Iterable[str] | None = None) -> bytes:
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs or (*PARAGRAPHS, f"This is {headline}."))
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(headline)}</title>'
        f'<meta property="og:title" content="{escape(headline)}"><meta property="og:type" content="article">'
        '<meta property="article:published_time" content="2026-11-03T09:00:00Z"></head><body><main><article>'
        f"<h1>{escape(headline)}</h1>{text}</article></main></body></html>"
    ).encode()


# --- well-behaved -------------------------------------------------------------------------------------------------


@route("/robots.txt")
async def robots(exchange: Exchange) -> None:
    """The site's robots text, or the status it is to answer with."""
    rules = exchange.site.robots
    if isinstance(rules, str):
        await exchange.reply(rules.encode(), "text/plain; charset=utf-8")
    else:
        await exchange.reply(b"no", "text/plain", status=rules or 404)


@route("/feed")
async def feed(exchange: Exchange) -> None:
    """?n=3 items, each a page at /article/N."""
    links = [exchange.site.url(f"/article/{number}") for number in range(1, int(exchange.number("n", 3)) + 1)]
    await exchange.reply(rss(links, exchange.site.base), RSS)


@route("/article/*")
async def good_article(exchange: Exchange) -> None:
    """An article whose headline carries its number, with a text of its own: no copy of another one."""
    number = exchange.request.path.rpartition("/")[2]
    await exchange.reply(
        article(f"Breakwater to be rebuilt, part {number}", [*told(number), f"This is part {number}."])
    )


@route("/ok")
async def ok(exchange: Exchange) -> None:
    """A short page."""
    await exchange.reply(article("Fine"))


@route("/conditional")
async def conditional(exchange: Exchange) -> None:
    """A feed with odd validators, 304 for whoever sends either back byte for byte."""
    body = rss([exchange.site.url("/article/1")])
    await exchange.reply(body, RSS, etag=ODD_ETAG, last_modified=ODD_DATE)


ODD_ETAG = 'W/"caf\xc3\xa9, \\"x;=--gzip'  # é in UTF-8, a comma, quotes that do not close
ODD_DATE = "Tuesday,  3-Nov-26 09:00:00 MEZ (about)"


@route("/conditional-latin1")
async def conditional_latin1(exchange: Exchange) -> None:
    """A feed whose ETag holds a byte that is not UTF-8."""
    await exchange.reply(rss([]), RSS, etag='"caf\xe9"')


@route("/encoded")
async def encoded(exchange: Exchange) -> None:
    """?as=gzip|deflate|raw-deflate|br|zstd|gzip-members|gzip-br: an article so encoded."""
    kind = exchange.query.get("as", "gzip")
    name = {"raw-deflate": "deflate", "gzip-members": "gzip", "gzip-br": "gzip, br"}.get(kind, kind)
    await exchange.reply(ENCODERS[kind](article("Packed")), content_encoding=name)


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "gzip-members": lambda data: gzip.compress(data[:100]) + gzip.compress(data[100:]) + b"\0\0\0",
    "deflate": zlib.compress,
    "raw-deflate": _raw_deflate,
    "br": brotli.compress,
    "zstd": zstd.compress,
    "gzip-br": lambda data: brotli.compress(gzip.compress(data)),
}


# --- slow, cut short, endless ---------------------------------------------------------------------------------------


@route("/slow")
async def slow(exchange: Exchange) -> None:
    """Answers after ?s=0.1 seconds."""
    await asyncio.sleep(exchange.number("s", 0.1))
    await exchange.reply(article("Late but here"))


@route("/hang")
async def hang(exchange: Exchange) -> None:
    """Takes the request and never answers."""
    await exchange.hung_up()


@route("/hang-in-body")
async def hang_in_body(exchange: Exchange) -> None:
    """Stops in the middle of the body and keeps the connection."""
    await exchange.start(f"Content-Type: {HTML}", "Content-Length: 1000")
    await exchange.write(b"<html>")
    await exchange.hung_up()


@route("/drip")
async def drip(exchange: Exchange) -> None:
    """A byte of the body every ?s=0.05 seconds, for ever."""
    await exchange.start(f"Content-Type: {HTML}")
    while True:
        await exchange.write(b" ")
        await asyncio.sleep(exchange.number("s", 0.05))


@route("/drip-header")
async def drip_header(exchange: Exchange) -> None:
    """A byte of a header every ?s=0.05 seconds, for ever."""
    exchange.keep_alive = False
    await exchange.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        await exchange.write(b"a")
        await asyncio.sleep(exchange.number("s", 0.05))


@route("/cut")
async def cut(exchange: Exchange) -> None:
    """Announces 10,000 bytes, sends some, closes."""
    await exchange.start(f"Content-Type: {HTML}", "Content-Length: 10000")
    await exchange.write(article("Cut")[:300])


@route("/cut-chunked")
async def cut_chunked(exchange: Exchange) -> None:
    """Closes in the middle of a chunk."""
    await exchange.start(f"Content-Type: {HTML}", "Transfer-Encoding: chunked")
    await exchange.write(b"400\r\n" + article("Cut")[:300])


@route("/cut-before")
async def cut_before(exchange: Exchange) -> None:
    """Closes without a word."""
    exchange.keep_alive = False


@route("/lies-about-length")
async def lies(exchange: Exchange) -> None:
    """Announces 100 bytes and sends many more."""
    await exchange.start(f"Content-Type: {HTML}", "Content-Length: 100")
    await exchange.write(article("Longer than it says"))


@route("/endless")
async def endless(exchange: Exchange) -> None:
    """Chunks for ever, as fast as they are taken."""
    await exchange.start(f"Content-Type: {HTML}", "Transfer-Encoding: chunked")
    for piece in repeat(b"<p>And another thing.</p>" * 2_000):
        await exchange.chunk(piece)


@route("/close-delimited")
async def close_delimited(exchange: Exchange) -> None:
    """Neither length nor chunks: the end of the connection is the end of the page, as in HTTP/1.0."""
    await exchange.start(f"Content-Type: {HTML}")
    await exchange.write(article("Old manners"))


@route("/big")
async def big(exchange: Exchange) -> None:
    """A page of ?mb=20 megabytes, honestly announced."""
    pieces = int(exchange.number("mb", 20) * 1_000_000) // 1_000
    line = b"<p>" + b"news " * 198 + b"</p>"
    await exchange.stream(HTML, repeat(line, pieces), pieces * len(line))


# --- encodings ----------------------------------------------------------------------------------------------------


@route("/bomb")
async def bomb(exchange: Exchange) -> None:
    """?as=gzip|br|zstd|gzip-gzip: a gigabyte of zeros in a megabyte or much less."""
    kind = exchange.query.get("as", "gzip")
    pieces, length = BOMBS[kind]()
    await exchange.stream(HTML, pieces, length, f"Content-Encoding: {kind.replace('-', ', ')}")


@cache
def _gzip_unit() -> tuple[bytes, bytes]:
    """The start of a gzip stream, and a piece that adds a megabyte of zeros however often it is repeated."""
    packer = zlib.compressobj(9, wbits=31)
    start = packer.compress(b"\0") + packer.flush(zlib.Z_FULL_FLUSH)
    return start, packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)


def gzip_bomb() -> tuple[Iterator[bytes], int]:
    start, unit = _gzip_unit()
    return chain((start,), repeat(unit, 1024)), len(start) + 1024 * len(unit)


def brotli_bomb() -> tuple[Iterator[bytes], int]:
    packer = brotli.Compressor(quality=5)
    start, unit = (packer.process(bytes(1 << 24)) + packer.flush() for _ in range(2))
    return chain((start,), repeat(unit, 63)), len(start) + 63 * len(unit)


def zstd_bomb() -> tuple[Iterator[bytes], int]:
    unit = zstd.compress(bytes(1 << 22))
    return repeat(unit, 256), 256 * len(unit)


def double_bomb() -> tuple[Iterator[bytes], int]:
    """Packed twice: the outer layer gives a million empty inner streams, which give nothing at all."""
    packed = gzip.compress(gzip.compress(b"") * 1_000_000, 9)
    return iter((packed,)), len(packed)


BOMBS = {"gzip": gzip_bomb, "br": brotli_bomb, "zstd": zstd_bomb, "gzip-gzip": double_bomb}


@route("/broken")
async def broken(exchange: Exchange) -> None:
    """?as=gzip|deflate|br|zstd: the beginning is good, then it is not."""
    kind = exchange.query.get("as", "gzip")
    packed = ENCODERS[kind](article("Broken", [str(number) * 9 for number in range(2_000)]))
    middle = len(packed) // 2
    await exchange.reply(packed[:middle] + b"\xff\x00 rubbish " * 20 + packed[middle:], content_encoding=kind)


@route("/broken-end")
async def broken_end(exchange: Exchange) -> None:
    """?as=gzip|deflate|br|zstd: a complete answer whose compressed stream is not."""
    kind = exchange.query.get("as", "gzip")
    await exchange.reply(ENCODERS[kind](article("Broken"))[:-12], content_encoding=kind)


@route("/mislabelled")
async def mislabelled(exchange: Exchange) -> None:
    """Plain text that says it is gzip."""
    await exchange.reply(article("Not packed"), content_encoding="gzip")


@route("/unknown-encoding")
async def unknown_encoding(exchange: Exchange) -> None:
    """?as=rot13: a Content-Encoding that nobody knows."""
    await exchange.reply(article("What?"), content_encoding=exchange.query.get("as", "rot13"))


# --- redirects ----------------------------------------------------------------------------------------------------


@route("/redirect")
async def redirect(exchange: Exchange) -> None:
    """?to=/ok&status=302: a redirect to anywhere: another path, file:, javascript:, a private address."""
    status = int(exchange.number("status", 302))
    await exchange.reply(b"<p>moved</p>", status=status, location=exchange.query.get("to", "/ok"))


@route("/loop")
async def loop(exchange: Exchange) -> None:
    """Redirects to /loop-back, which redirects here."""
    await exchange.reply(b"", status=302, location="/loop-back")


@route("/loop-back")
async def loop_back(exchange: Exchange) -> None:
    """The other half of /loop."""
    await exchange.reply(b"", status=302, location="/loop")


@route("/chain")
async def chain_of_redirects(exchange: Exchange) -> None:
    """?n=20 redirects, one after the other, then a page."""
    left = int(exchange.number("n", 20))
    if left:
        await exchange.reply(b"", status=302, location=f"/chain?n={left - 1}")
    else:
        await ok(exchange)


@route("/redirect-nowhere")
async def redirect_nowhere(exchange: Exchange) -> None:
    """A redirect without a Location."""
    await exchange.reply(b"", status=302)


@route("/redirect-latin1")
async def redirect_latin1(exchange: Exchange) -> None:
    """A Location with raw bytes that are not ASCII: /article/caf\\xe9."""
    await exchange.reply(b"", status=302, location="/article/caf\xe9")


@route("/redirect-endless")
async def redirect_endless(exchange: Exchange) -> None:
    """A redirect to /ok whose body never ends."""
    await exchange.start("Location: /ok", "Transfer-Encoding: chunked", status=302)
    for piece in repeat(b"moved " * 1_000):
        await exchange.chunk(piece)


PRIVATE = (
    "http://10.0.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://[64:ff9b::a00:1]/",
    "http://0.0.0.0/",
)


# --- documents that are not what they say ---------------------------------------------------------------------------


@route("/wrong-charset")
async def wrong_charset(exchange: Exchange) -> None:
    """Windows-1252 bytes that the header calls UTF-8."""
    page = article("Café “Größe”").replace(b'<meta charset="utf-8">', b"")
    await exchange.reply(page.decode().encode("cp1252", "replace"))


@route("/feed-wrong-charset")
async def feed_wrong_charset(exchange: Exchange) -> None:
    """A feed in Windows-1252 that calls itself UTF-8 twice."""
    body = rss([exchange.site.url("/article/1")]).decode().replace("Story", "Größe")
    await exchange.reply(body.encode("cp1252"), RSS)


@route("/not-xml")
async def not_xml(exchange: Exchange) -> None:
    """HTML where a feed should be."""
    await exchange.reply(article("No feed here"), RSS)


@route("/truncated-xml")
async def truncated_xml(exchange: Exchange) -> None:
    """A feed that stops in its third item; the answer itself is complete."""
    links = [exchange.site.url(f"/article/{number}") for number in range(1, 5)]
    body = rss(links)
    await exchange.reply(body[: body.rindex(b"<link>")], RSS)


@route("/entity-bomb")
async def entity_bomb(exchange: Exchange) -> None:
    """A billion laughs."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    await exchange.reply(_with_doctype(f'<!ENTITY l0 "ha">{levels}', "&l9;"), RSS)


@route("/external-entity")
async def external_entity(exchange: Exchange) -> None:
    """A feed whose title is to be /etc/passwd and a page of this site."""
    secret = exchange.site.url("/secret")
    await exchange.reply(
        _with_doctype(f'<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b SYSTEM "{secret}">', "&a;&b;"), RSS
    )


def _with_doctype(entities: str, title: str) -> bytes:
    return (
        f'<?xml version="1.0"?><!DOCTYPE rss [{entities}]><rss version="2.0"><channel><title>{title}</title>'
        f"<item><title>{title}</title><link>http://127.0.0.1/x</link></item></channel></rss>"
    ).encode()


@route("/deep")
async def deep(exchange: Exchange) -> None:
    """?n=200000 nested divs around one sentence."""
    depth = int(exchange.number("n", 200_000))
    await exchange.reply(b"<html><body>" + b"<div>" * depth + b"deep" + b"</div>" * depth + b"</body></html>")


@route("/attributes")
async def attributes(exchange: Exchange) -> None:
    """?n=50000 attributes on one tag."""
    names = " ".join(f'a{number}="{number}"' for number in range(int(exchange.number("n", 50_000))))
    await exchange.reply(f"<html><body><p {names}>wide</p></body></html>".encode())


@route("/binary")
async def binary(exchange: Exchange) -> None:
    """Bytes of every value, called HTML."""
    await exchange.reply(bytes(range(256)) * 400)


@route("/picture")
async def picture(exchange: Exchange) -> None:
    """?type=image/jpeg: an endless answer of another type, which nobody should read."""
    await exchange.start(f"Content-Type: {exchange.query.get('type', 'image/jpeg')}", "Transfer-Encoding: chunked")
    for piece in repeat(bytes(10_000)):
        await exchange.chunk(piece)


@route("/odd-links")
async def odd_links(exchange: Exchange) -> None:
    """A feed with javascript:, data:, file:, mailto: and empty links, and one good one."""
    bad = ["javascript:alert(1)", "data:text/html,<p>x", "file:///etc/passwd", "mailto:a@b.example", ""]
    await exchange.reply(rss([*bad, exchange.site.url("/article/1")]), RSS)


@route("/empty")
async def empty(exchange: Exchange) -> None:
    """200 and nothing."""
    await exchange.reply(b"")


# --- headers ------------------------------------------------------------------------------------------------------


@route("/cookies")
async def cookies(exchange: Exchange) -> None:
    """?n=1000 cookies."""
    many = [f"Set-Cookie: c{number}=v{number}; Path=/" for number in range(int(exchange.number("n", 1_000)))]
    body = article("Crumbs")
    await exchange.start(f"Content-Type: {HTML}", f"Content-Length: {len(body)}", *many)
    await exchange.write(body)


@route("/big-header", "/big-headers")
async def big_headers(exchange: Exchange) -> None:
    """?n=1 headers of ?kb=100 kilobytes each."""
    exchange.keep_alive = False
    body = article("Heady")
    await exchange.write(f"HTTP/1.1 200 OK\r\nContent-Type: {HTML}\r\nContent-Length: {len(body)}\r\n".encode())
    for number in range(int(exchange.number("n", 1))):
        await exchange.write(b"X-Big-%d: " % number)
        for _ in range(int(exchange.number("kb", 100))):
            await exchange.write(b"a" * 1_000)
        await exchange.write(b"\r\n")
    await exchange.write(b"Connection: close\r\n\r\n" + body)


@route("/garbage")
async def garbage(exchange: Exchange) -> None:
    """Not HTTP at all."""
    exchange.keep_alive = False
    await exchange.write(b"\x16\x03\x01 220 smtp.example ready\r\n\r\n")


# --- statuses and walls ---------------------------------------------------------------------------------------------


async def not_found(exchange: Exchange) -> None:
    """Whatever has no route."""
    await exchange.reply(b"<h1>Not found</h1>", status=404)


@route("/status/*")
async def status(exchange: Exchange) -> None:
    """/status/503?retry_after=120&date=…&body=…: that status, with those headers and that body, allowed or not."""
    number = int(exchange.request.path.partition("?")[0].rpartition("/")[2])
    named = {"retry_after": exchange.query.get("retry_after"), "date": exchange.query.get("date")}
    headers = {name: value for name, value in named.items() if value is not None}
    body = exchange.query.get("body", "" if number in (204, 304) else "<h1>So it is</h1>")
    await exchange.reply(body.encode(), status=number, **headers)


@route("/error-endless")
async def error_endless(exchange: Exchange) -> None:
    """A 404 whose page never ends."""
    await exchange.start(f"Content-Type: {HTML}", "Transfer-Encoding: chunked", status=404)
    for piece in repeat(b"Not found. " * 1_000):
        await exchange.chunk(piece)


@route("/challenge")
async def challenge(exchange: Exchange) -> None:
    """?status=403: a bot check that says so in a header."""
    page = b"<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
    await exchange.reply(
        page, status=int(exchange.number("status", 403)), cf_mitigated="challenge", server="cloudflare"
    )


@route("/consent")
async def consent(exchange: Exchange) -> None:
    """A consent wall in place of the article, with status 200."""
    text = "We and our 842 partners store and access information on your device. Accept all or manage your choices."
    await exchange.reply(
        f"<html><head><title>Before you continue</title></head><body><form action='/consent' id='consent'><h1>Your "
        f"privacy</h1><p>{text}</p><button>Accept all</button><button>Reject all</button></form></body></html>".encode()
    )


@route("/")
async def home(exchange: Exchange) -> None:
    """A front page: a list of links."""
    links = "".join(f"<li><a href='/article/{number}'>Story {number}</a></li>" for number in range(1, 30))
    await exchange.reply(
        f"<html><head><title>The Harbour Post</title></head><body><ul>{links}</ul></body></html>".encode()
    )
