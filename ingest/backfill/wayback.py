"""The Wayback Machine, or a server that speaks as it does: its index of captures, and the copies themselves.

The index (github.com/internetarchive/wayback, wayback-cdx-server/README.md) is asked for one capture of each address,
the first within the window, of pages that were answered with 200. First how many pages the index of the site has:

    one             it is asked a thousand rows at a time, from resumption key to resumption key
    several         page by page; then, for these lack what came in last, for the captures of late as if it were one
    it cannot say   as if it were one

One query looks through so many captures and no more, and gives a key only where it found as many as it was asked for
(CDXServer.java, writeCdxResponse; edgi-govdata-archiving/wayback, on `limit`). So where it found fewer we go on from
the last one, until there is nothing; in a large site that may be in the middle, which is what the pages are for.
`urlkey` is among the fields because a key without it leads elsewhere (internetarchive/wayback issue 121).

The window is one of captures: what was published in it and first captured later is not found. What was captured in it
may be older, as its address or the page will tell.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, urlencode, urlsplit

from ingest.backfill.step import CDX, Left, Next, Step, earliest, fit
from ingest.backfill.wanted import Fit, Wanted
from ingest.errors import ParseError
from ingest.fingerprint import digest
from ingest.model import ParsedEntry, Reason
from ingest.sources import fields
from ingest.urls import absolute, host_of

ERROR_HEADER = "x-archive-wayback-runtime-error"
SERVER = "https://web.archive.org"
INDEX = "/cdx/search/cdx"
FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
MAX_ROWS = 150_000  # that are read of one answer: the most that the server gives
MAX_ANSWERS = 20_000  # of one index, with or without pages
BLOCKS = "20"  # of 3,000 captures each, in a page: some 10 MB, were all of them wanted
COUNTED = {"pageSize": BLOCKS, "showNumPages": "true"}
IN_ROWS = {"limit": "1000", "showResumeKey": "true"}
WAYS = frozenset(("limit", "page", "pageSize", "resumeKey", "showNumPages", "showResumeKey"))
LAG = timedelta(days=180)  # so long it may take until a capture is in the pages
MAX_KEY, MAX_SHORT = 4_096, 300
COUNT = re.compile(r'(?:\[\["[a-z]{1,20}"\],\s{0,9}\[")?([0-9]{1,9})(?:"\]\])?')
STAMP = re.compile(r"[0-9]{14}")
MEMENTO = re.compile(
    r"https?://[^/?#]{1,300}/(?:[\w.-]{1,50}/){0,3}?web/([0-9]{14})(?:[a-z]{2}_)?/+(.{1,4096})", re.DOTALL
)
SCHEME = re.compile(r"(https?):/+", re.IGNORECASE)
NO_DIGEST = frozenset(("", "-"))
# What the server says where it does not answer; the first words found count.
REFUSALS = (
    ("administrativeaccesscontrolexception", Reason.FORBIDDEN, "the archive does not show this site"),
    ("blocked site", Reason.FORBIDDEN, "the archive does not show this site"),
    ("robotaccesscontrolexception", Reason.ROBOTS_DISALLOWED, "the archive keeps to the site's robots.txt"),
    ("too many requests", Reason.RATE_LIMITED, "the archive asks for patience"),
    ("rate limit", Reason.RATE_LIMITED, "the archive asks for patience"),
    ("fromkey > tokey", Reason.CLIENT_ERROR, "the archive cannot look up this site"),
    ("unavailable", Reason.UNAVAILABLE, "the archive is not available"),
    ("time-out", Reason.UNAVAILABLE, "the archive took too long"),
    ("timed out", Reason.UNAVAILABLE, "the archive took too long"),
    ("bad gateway", Reason.UNAVAILABLE, "the archive is not available"),
    ("exception", Reason.SERVER_ERROR, "the archive failed"),
)


def seeds(site: str, wanted: Wanted, server: str = SERVER) -> tuple[Next, ...]:
    """The query to begin with; () for what is no address.

    "example.org" takes all hosts below it, "www.example.org" that host, an address with a path all that begins so.
    """
    stated = site.strip().removeprefix("*.").removesuffix("*")
    url = absolute("", stated if "://" in stated else f"https://{stated.removeprefix('//')}")
    if url is None:
        return ()
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    host = host_of(url)
    has_path = path not in ("", "/")
    scope = "prefix" if has_path else "host" if host.startswith("www.") else "domain"
    query = [
        ("url", f"{parts.netloc}{path}" if has_path else host),
        ("matchType", scope),
        ("output", "json"),
        ("fl", ",".join(FIELDS)),
        ("filter", "statuscode:200"),
        ("filter", "mimetype:text/html"),
        ("collapse", "urlkey"),
        *_window(wanted),
    ]
    index = f"{server.rstrip('/')}{INDEX}"
    return (Next(_with(index, query, COUNTED), CDX, fallback=(_with(index, query, IN_ROWS),)),)


def _with(index: str, query: Sequence[tuple[str, str]], ways: Mapping[str, str]) -> str:
    """The address of a query, in one of the ways in which the index can be read, and in no other."""
    kept = [(name, said) for name, said in query if name not in WAYS]
    return f"{index}?{urlencode((*kept, *ways.items()), safe=':,/')}"


def _window(wanted: Wanted) -> Iterator[tuple[str, str]]:
    """Both ends are included."""
    if wanted.since:
        yield "from", _stamp(wanted.since)
    if wanted.until:
        yield "to", _stamp(wanted.until - timedelta(seconds=1))


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def read(asked: Next, body: bytes, headers: Mapping[str, str], url: str, wanted: Wanted, now: datetime) -> Step:
    """The captures of one answer of the index, and the query for what is behind them.

    `captured` has the address of each copy, with the bytes as they were. Raises ParseError: FORBIDDEN or
    ROBOTS_DISALLOWED where the archive does not show the site; RATE_LIMITED, UNAVAILABLE, SERVER_ERROR or CUT_SHORT
    where asking again may help; CLIENT_ERROR, NOT_A_FEED.
    """
    query = parse_qsl(urlsplit(asked.url).query, keep_blank_values=True)
    if "showNumPages" in dict(query):
        count = _count(body, headers)
        problem = f"{count:,} pages: the first {MAX_ANSWERS:,} are read" if count > MAX_ANSWERS else None
        return Step(following=_pages(asked, query, count, wanted, now), problem=problem)
    rows = _rows(body, headers)
    key = _resumption(rows) if len(rows) <= MAX_ROWS else None
    work = _Work(_server_of(asked.url), wanted, now, last=asked.state)
    captures = tuple(_captures(rows[:MAX_ROWS]))
    for row in captures:
        work.offer(row)
    if "page" in dict(query):
        return work.step(())
    return work.step(_resumed(asked, query, key or _behind(captures), work.last))


@dataclass(frozen=True, slots=True)
class Capture:
    """A row of the index."""

    urlkey: str
    timestamp: str
    original: str
    digest: str


@dataclass
class _Work:
    """What becomes of the captures of one answer. `last`: the key of the address of the one before."""

    server: str
    wanted: Wanted
    now: datetime
    last: str
    entries: dict[str, ParsedEntry] = field(default_factory=dict)
    captured: dict[str, str] = field(default_factory=dict)
    digests: set[str] = field(default_factory=set)
    left: Counter[Left] = field(default_factory=Counter)
    oldest: datetime | None = None

    def offer(self, row: Capture) -> None:
        url = _page_url(row.original)
        at = _moment(row.timestamp)
        self.oldest = earliest(self.oldest, at)
        if why := self.refuses(row, url, at):
            self.left[why] += 1
        elif url:
            self.entries[url] = ParsedEntry(entry_id=fields.entry_id(url, url, None, None, None), url=url)
            self.captured[url] = copy_url(self.server, row.timestamp, row.original)
            self.digests |= {row.digest} - NO_DIGEST
        self.last = _short(row.urlkey)

    def refuses(self, row: Capture, url: str | None, at: datetime | None) -> Left | None:
        if url is None or at is None:
            return Left.BAD_LINK
        if _short(row.urlkey) == self.last or url in self.entries:  # the server forgets what it had where it is resumed
            return Left.REPEATED
        if not self.wanted.takes_address(url):
            return Left.FILTERED
        if fit(self.wanted, url, self.now, None, at) is Fit.OUTSIDE or self.is_late(at):
            return Left.OUTSIDE_WINDOW
        return Left.REPEATED if row.digest in self.digests else None

    def is_late(self, at: datetime) -> bool:
        return self.wanted.until is not None and at >= self.wanted.until

    def step(self, following: tuple[Next, ...]) -> Step:
        left = {each.value: count for each, count in self.left.items()}
        return Step(tuple(self.entries.values()), self.captured, following, left, self.oldest)


# --- what the index answers -----------------------------------------------------------------------------------------


def _rows(body: bytes, headers: Mapping[str, str]) -> list[Any]:
    """The answer as JSON: a list of lists."""
    refused = headers.get(ERROR_HEADER, "")
    text = body.decode("utf-8-sig", "replace").strip()
    if not text and not refused:
        return []
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        rows = None
    if isinstance(rows, list) and not refused:
        return rows
    raise _refusal(f"{refused} {text[:5_000]}".strip())


def _refusal(said: str) -> ParseError:
    lowered = said.lower()
    for words, reason, meaning in REFUSALS:
        if words in lowered:
            return ParseError(reason, meaning)
    if said.startswith("["):
        return ParseError(Reason.CUT_SHORT, "the answer of the index ends too early")
    return ParseError(Reason.NOT_A_FEED, f"no answer of an index: {fields.line(said, 100) or ''}")


def _resumption(rows: list[Any]) -> str | None:
    """The key behind an empty row at the end, taken from there: where to go on."""
    if len(rows) < 2 or rows[-2] != [] or not isinstance(rows[-1], list) or len(rows[-1]) != 1:
        return None
    *_, (key,) = rows
    del rows[-2:]
    return key if isinstance(key, str) and 0 < len(key) <= MAX_KEY else None


def _behind(captures: Sequence[Capture]) -> str | None:
    """A resumption key of ours for what is behind the last, as the server would make it."""
    key = quote_plus(f"{captures[-1].urlkey} {captures[-1].timestamp}!") if captures else ""
    return key if 0 < len(key) <= MAX_KEY else None


def _captures(rows: list[Any]) -> Iterator[Capture]:
    """The rows behind the first, which names the columns. One that is no row is passed over."""
    if not rows:
        return
    names = (
        {name: place for place, name in enumerate(rows[0]) if isinstance(name, str)}
        if isinstance(rows[0], list)
        else {}
    )
    places = [names.get(name) for name in ("urlkey", "timestamp", "original", "digest")]
    if None in places[:3]:
        raise ParseError(Reason.NOT_A_FEED, "an index without urlkey, timestamp or original")
    for row in rows[1:]:
        if isinstance(row, list) and len(row) == len(rows[0]) and all(isinstance(each, str) for each in row):
            yield Capture(*(row[place] if place is not None else "" for place in places))


def _short(urlkey: str) -> str:
    """What an address is compared by, for `Next.state`."""
    return urlkey if len(urlkey) <= MAX_SHORT else digest(urlkey).hex()


def _page_url(original: str) -> str | None:
    """The address of a captured page. Crawlers take "mailto:…" for one, too."""
    url = absolute("", original.strip())
    return url if url and "@" not in urlsplit(url).netloc else None


def _moment(stamp: str) -> datetime | None:
    if not STAMP.fullmatch(stamp):
        return None
    try:
        return datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _server_of(query_url: str) -> str:
    """What stands in front of the index's path."""
    return query_url.partition("?")[0].removesuffix(INDEX)


def _resumed(asked: Next, query: Sequence[tuple[str, str]], key: str | None, last: str) -> tuple[Next, ...]:
    """The query for what is behind; none where the server sends us round in a circle.

    A key comes escaped, and is escaped once more to be sent: the server takes both off (CDXServer.java).
    """
    if key is None or asked.depth + 1 >= MAX_ANSWERS or ("resumeKey", key) in query:
        return ()
    url = _with(asked.url.partition("?")[0], query, IN_ROWS | {"resumeKey": key})
    return (Next(url, CDX, depth=asked.depth + 1, state=last),)


def _count(body: bytes, headers: Mapping[str, str]) -> int:
    """How many pages the index has of a site: a number, alone or in a list."""
    said = body[:MAX_KEY].decode("utf-8", "replace").strip()
    found = COUNT.fullmatch(said)
    if found is None or ERROR_HEADER in headers:
        raise _refusal(f"{headers.get(ERROR_HEADER, '')} {said}".strip())
    return int(found[1])


def _pages(
    asked: Next, query: Sequence[tuple[str, str]], count: int, wanted: Wanted, now: datetime
) -> tuple[Next, ...]:
    index = asked.url.partition("?")[0]
    if count <= 1:
        return (Next(_with(index, query, IN_ROWS), CDX, depth=1),)
    page = _with(index, query, {"pageSize": BLOCKS})
    pages = [f"{page}&page={number}" for number in range(min(count, MAX_ANSWERS))]
    if wanted.until is None or wanted.until > now - LAG:
        late = max(now - LAG, wanted.since or now - LAG)
        without = [(name, said) for name, said in query if name != "from"]
        pages.append(_with(index, [*without, ("from", _stamp(late))], IN_ROWS))
    return tuple(Next(url, CDX, depth=1) for url in pages)


# --- copies ---------------------------------------------------------------------------------------------------------


def copy_url(server: str, stamp: str, original: str) -> str:
    """Where a copy is, with its bytes as they were when it was taken ("id_")."""
    return f"{server}/web/{stamp}id_/{quote(original, safe=SAFE)}"


SAFE = "/?%:@!$&'()*+,;=~-._[]"


def is_memento(url: str) -> bool:
    """Whether it is the address of a copy in an archive."""
    return original_url(url) is not None


def original_url(url: str) -> str | None:
    """The address that a copy was taken at; None where `url` is no address of a copy."""
    found = MEMENTO.match(url)
    if found is None:
        return None
    said = SCHEME.sub(r"\1://", found[2], count=1) if SCHEME.match(found[2]) else f"http://{found[2]}"
    return _page_url(said)


def captured_at(url: str) -> datetime | None:
    """When a copy was taken, by its address."""
    found = MEMENTO.match(url)
    return _moment(found[1]) if found else None
