"""A Wayback Machine on loopback: an index of captures and the copies, as web.archive.org answers them.

    with Wayback(host="127.0.11.1") as archive:
        archive.capture("20240517101500", "https://north.example/story", page)
        archive.tired = 1                       the next request is answered with 429 and Retry-After: 1
        archive.blocked.add("north.example")    the index refuses this site
        archive.scans = 500                     so many captures does a query look through, and no more
        archive.page_size = 100                 it has pages of so many captures
        archive.astray[url] = "/save/"          whoever asks for a copy of this page is led there instead

The index speaks as its documentation and source say (internetarchive/wayback, wayback-cdx-server; iipc/openwayback,
CDXServer.java): captures in the order of their keys, filters, collapsing, `limit`, and a resumption key, escaped twice
when it is sent back, behind an empty row. A copy asked for at another moment than its own is a redirect to the nearest.
"""

from __future__ import annotations

import json
import re
from base64 import b32encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha1
from itertools import islice
from typing import Any
from urllib.parse import parse_qs, quote_plus, unquote, unquote_plus, urlsplit

from tests.site import HTML, Exchange, SiteThread

INDEX = "/cdx/search/cdx"
COPY = re.compile(r"/web/([0-9]{1,14})(id_)?/(.+)")
FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
BLOCKED = (
    "org.archive.util.io.RuntimeIOException: org.archive.wayback.exception.AdministrativeAccessControlException: "
    "Blocked Site Error"
)


@dataclass(frozen=True)
class Copy:
    stamp: str
    original: str
    body: bytes
    mimetype: str = "text/html"
    status: int = 200
    location: str = ""

    @property
    def row(self) -> dict[str, str]:
        """Its line in the index."""
        digest = b32encode(sha1(self.body).digest()).decode()
        values = (key_of(self.original), self.stamp, self.original, self.mimetype, str(self.status), digest)
        return dict(zip(FIELDS, (*values, str(len(self.body))), strict=True))


def key_of(url: str) -> str:
    """The address as the index sorts by it: org,example)/path?query, without www., port and fragment."""
    parts = urlsplit(url.lower() if "://" in url else f"http://{url}".lower())
    host = (parts.hostname or "").removeprefix("www.")
    name = host if host.replace(".", "").isdecimal() else ",".join(reversed(host.split(".")))
    return f"{name}){parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")


class Wayback(SiteThread):
    """See the module."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, robots: str | int | None = None) -> None:
        super().__init__(host, port, robots)
        self.copies: list[Copy] = []
        self.blocked: set[str] = set()  # hosts that the index does not show
        self.astray: dict[str, str] = {}  # Location, by the address of a page
        self.tired = 0  # requests still to be answered with 429
        self.retry_after_s = 1
        self.scans = 150_000
        self.page_size: int | None = None  # captures of a page; None: it has no pages

    def capture(self, stamp: str, original: str, body: bytes | str = b"", **said: Any) -> str:
        """Keeps a copy. Returns its address, with the bytes as they were."""
        raw = body.encode() if isinstance(body, str) else body
        self.copies.append(Copy(stamp, original, raw, **said))
        return self.url(f"/web/{stamp}id_/{original}")

    @property
    def queries(self) -> list[dict[str, str]]:
        """What the index was asked, in turn."""
        return [
            {name: values[-1] for name, values in parse_qs(urlsplit(request.path).query).items()}
            for request in self.asked(INDEX)
        ]

    async def _respond(self, exchange: Exchange) -> None:
        path = exchange.request.path
        if path == "/robots.txt":
            await super()._respond(exchange)
        elif self.tired:
            self.tired -= 1
            await exchange.reply(b"Too Many Requests", status=429, retry_after=str(self.retry_after_s))
        elif path.partition("?")[0] == INDEX:
            await self._index(exchange)
        elif found := COPY.match(path):
            await self._copy(exchange, found[1], unquote(found[3]), is_raw=bool(found[2]))
        else:
            await super()._respond(exchange)

    # --- the index --------------------------------------------------------------------------------------------------

    async def _index(self, exchange: Exchange) -> None:
        query = parse_qs(urlsplit(exchange.request.path).query)
        host = urlsplit(f"http://{query['url'][0]}").hostname or ""
        if any(host == each or host.endswith(f".{each}") for each in self.blocked):
            error = {"x_archive_wayback_runtime_error": BLOCKED}
            await exchange.reply(BLOCKED.encode(), "text/plain", status=403, **error)
            return
        if self.page_size is None and query.keys() & {"page", "showNumPages"}:
            error = "Sorry, this server is not configured to support paged query. Remove page= param and try again."
            await exchange.reply(error.encode(), "text/plain", status=400)
            return
        if "showNumPages" in query:
            count = -(-len(list(self._within(query))) // (self.page_size or 1))
            await exchange.reply(b"%d\n" % max(count, 1), "text/plain")
            return
        rows, key = self._look_up(query)
        names = query["fl"][0].split(",")
        table: list[list[str]] = [names, *([row[name] for name in names] for row in rows)] if rows else []
        table += [[], [key]] if key else []
        body = "[" + ",\n ".join(json.dumps(row) for row in table) + "]\n"
        await exchange.reply(body.encode(), "application/json")

    def _look_up(self, query: dict[str, list[str]]) -> tuple[list[dict[str, str]], str | None]:
        """(the rows, the key to go on with): no key where it did not find as many as it was asked for."""
        limit = int(query.get("limit", ["0"])[0]) or len(self.copies)
        found: list[dict[str, str]] = []
        for row in self._scanned(query):
            if len(found) < limit and _is_wanted(row, query) and not _is_like(row, found, query.get("collapse", [])):
                found.append(row)
        is_full = len(found) == limit and "showResumeKey" in query
        return found, quote_plus(f"{found[-1]['urlkey']} {found[-1]['timestamp']}!") if is_full else None

    def _scanned(self, query: dict[str, list[str]]) -> Iterator[dict[str, str]]:
        """The captures that a query looks at, filtered by nothing but their keys."""
        begin = unquote_plus(query["resumeKey"][0]) if "resumeKey" in query else ""
        inside = (row for row in self._within(query) if _sorted_by(row) > begin)
        first, count = 0, self.scans
        if "page" in query and self.page_size:
            first, count = int(query["page"][0]) * self.page_size, self.page_size
        return islice(inside, first, first + count)

    def _within(self, query: dict[str, list[str]]) -> Iterator[dict[str, str]]:
        rows = sorted((copy.row for copy in self.copies), key=_sorted_by)
        return (row for row in rows if _is_within(row, query))

    # --- the copies -------------------------------------------------------------------------------------------------

    async def _copy(self, exchange: Exchange, stamp: str, original: str, *, is_raw: bool) -> None:
        if original in self.astray:
            await exchange.reply(b"", status=302, location=self.astray[original])
            return
        same = [copy for copy in self.copies if key_of(copy.original) == key_of(original)]
        if not same:
            error = {"x_archive_wayback_runtime_error": f"ResourceNotInArchiveException: {original} was not found"}
            await exchange.reply(b"Not in the archive", status=404, **error)
            return
        nearest = min(same, key=lambda copy: abs(int(copy.stamp) - int(stamp.ljust(14, "0"))))
        mark = "id_" if is_raw else ""
        if nearest.stamp != stamp:
            await exchange.reply(b"", status=302, location=self.url(f"/web/{nearest.stamp}{mark}/{nearest.original}"))
            return
        taken_at = datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        named = {
            "memento_datetime": taken_at.strftime("%a, %d %b %Y %H:%M:%S GMT"),
            "x_archive_orig_server": "nginx",
            "link": f'<{nearest.original}>; rel="original"',
        }
        if nearest.location:
            named["location"] = self.url(f"/web/{stamp}{mark}/{nearest.location}")
        body = nearest.body if is_raw else b"<!-- Wayback toolbar -->" + nearest.body
        kind = HTML if nearest.mimetype == "text/html" else nearest.mimetype
        await exchange.reply(body, kind, status=nearest.status, **named)


def _sorted_by(row: dict[str, str]) -> str:
    return f"{row['urlkey']} {row['timestamp']} {row['original']}"


def _is_within(row: dict[str, str], query: dict[str, list[str]]) -> bool:
    """Whether a capture is in the range of `url` and `matchType`."""
    asked, scope = key_of(query["url"][0]), query.get("matchType", ["exact"])[0]
    host, _, path = asked.partition(")")
    mine = row["urlkey"]
    match scope:
        case "domain":
            return mine.startswith((f"{host})", f"{host},"))
        case "host":
            return mine.startswith(f"{host})")
        case "prefix":
            return mine.startswith(f"{host}){path}")
    return mine == asked


def _is_wanted(row: dict[str, str], query: dict[str, list[str]]) -> bool:
    stamp = row["timestamp"]
    begin, end = query.get("from", [""])[0], query.get("to", ["9"])[0]
    if stamp < begin or (stamp > end and not stamp.startswith(end)):
        return False
    pairs = (stated.partition(":") for stated in query.get("filter", []))
    return all(re.fullmatch(pattern, row[name]) for name, _, pattern in pairs)


def _is_like(row: dict[str, str], found: list[dict[str, str]], fields: list[str]) -> bool:
    """Whether it is collapsed into the row before."""
    return bool(found) and any(row[name] == found[-1][name] for name in fields)
