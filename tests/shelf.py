"""A server of large files on loopback, in ranges (RFC 9110 section 14), well and badly.

with Shelf(host="127.0.13.1") as shelf:
    shelf.put("/a.warc.gz", data)                 a strong ETag and a Last-Modified, by its bytes
    shelf.has_ranges = False                      every answer is the whole file
    shelf.cuts = [1000, 0]                        the next answer ends after 1,000 bytes, the one after it at once
    shelf.before[3] = lambda: shelf.put(…)        done before the third request for a file is answered
    shelf.sent("/a.warc.gz")                      (first, end) of what went out, answer by answer
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from email.utils import format_datetime
from hashlib import sha256

from tests.clock import START
from tests.site import Exchange, SiteThread

ASKED = re.compile(r"bytes=([0-9]+)-([0-9]+)")
WARC_TYPE = "application/gzip"


class Shelf(SiteThread):
    """See the module. `tag`: the ETag of a file; the default is strong."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, robots: str | int | None = None) -> None:
        super().__init__(host, port, robots)
        self.files: dict[str, bytes] = {}
        self.has_ranges = True
        self.cuts: list[int] = []
        self.before: dict[int, Callable[[], object]] = {}
        self.tag: Callable[[bytes], str | None] = lambda data: f'"{sha256(data).hexdigest()[:16]}"'
        self.modified: str | None = format_datetime(START, usegmt=True)
        self.statuses: Counter[int] = Counter()
        self._sent: list[tuple[str, int, int]] = []
        self._count = 0

    def put(self, path: str, data: bytes) -> str:
        """From now on that is there. Returns its address."""
        self.files[path] = data
        return self.url(path)

    def sent(self, path: str) -> list[tuple[int, int]]:
        return [(first, end) for where, first, end in self._sent if where == path]

    async def _respond(self, exchange: Exchange) -> None:
        path = exchange.request.path
        if path not in self.files:
            await super()._respond(exchange)
            return
        self._count += 1
        self.before.pop(self._count, lambda: None)()
        await self._answer(exchange, path, self.files[path])

    async def _answer(self, exchange: Exchange, path: str, data: bytes) -> None:
        headers, tag = exchange.request.headers, self.tag(data)
        asked = ASKED.fullmatch(headers.get("range", "")) if self.has_ranges else None
        same = headers.get("if-range") in (None, tag, self.modified)
        named = [f"Content-Type: {WARC_TYPE}", f"Date: {format_datetime(START.replace(year=2027), usegmt=True)}"]
        named += [f"ETag: {tag}"] if tag else []
        named += [f"Last-Modified: {self.modified}"] if self.modified else []
        if tag and headers.get("if-none-match") == tag:
            await self._send(exchange, 304, named, path, (0, 0))
        elif asked is None or not same:
            await self._send(exchange, 200, [*named, f"Content-Length: {len(data)}"], path, (0, len(data)))
        elif int(asked[1]) >= len(data):
            named += [f"Content-Range: bytes */{len(data)}", "Content-Length: 0"]
            await self._send(exchange, 416, named, path, (0, 0))
        else:
            first, end = int(asked[1]), min(int(asked[2]) + 1, len(data))
            named += [f"Content-Range: bytes {first}-{end - 1}/{len(data)}", f"Content-Length: {end - first}"]
            await self._send(exchange, 206, named, path, (first, end))

    async def _send(
        self, exchange: Exchange, status: int, headers: list[str], path: str, span: tuple[int, int]
    ) -> None:
        self.statuses[status] += 1
        first, end = span
        if end > first and self.cuts:
            end = min(end, first + self.cuts.pop(0))
        await exchange.start(*headers, status=status)
        await exchange.write(self.files[path][first:end])
        if status in (200, 206):
            self._sent.append((path, first, end))
