"""A feed's own past: the documents behind the one that is polled, newest first.

    RFC 5005      link rel=prev-archive of an archived feed, rel=next of a paged one; fh:complete: there is no more
    Link header   the same relations (RFC 8288)
    JSON Feed     next_url
    WordPress     ?paged=2, 3, …: nobody says that it is there, but it is, until the answer is "not found"

It ends where a page is empty, has the items of one before, or is older than all that is wanted; and after 5,000 pages,
for there are calendars without an end.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ingest import sources
from ingest.backfill.step import HISTORY, Left, Next, Step, earliest, fit
from ingest.backfill.wanted import Fit, Wanted
from ingest.discover import starts
from ingest.errors import ParseError
from ingest.fingerprint import digest_bytes
from ingest.link_header import read_link_header
from ingest.model import ParsedEntry, ParsedFeed, Reason
from ingest.sitemaps import KINDS as SITEMAPS
from ingest.sources import fields, prolog, scan
from ingest.urls import absolute, host_of, registrable_domain

MAX_PAGES = 5_000
MAX_EMPTY = 3  # pages without items in a row, where each names the next
REMEMBERED = 16  # pages whose items are recognised when they come again
MAX_ENVELOPE = 200_000  # characters around the items that are looked through for links
MAX_LINKS = 500
RELATIONS = ("prev-archive", "next")  # in the order in which they are followed
LINK = re.compile(r"<(?:[A-Za-z][\w.-]{0,40}:)?link\s([^<>]{1,3000})>", re.IGNORECASE)
ATTRIBUTE = re.compile(
    r"(?<![\w:.-])(rel|href)\s{0,9}=\s{0,9}(?:\"([^\"<>]{0,2500})\"|'([^'<>]{0,2500})')", re.IGNORECASE
)
COMPLETE = re.compile(r"<[A-Za-z][\w.-]{0,40}:complete\s{0,9}/?>", re.IGNORECASE)
GENERATOR = re.compile(r"<(?:[A-Za-z][\w.-]{0,40}:)?generator(?=[\s>])[^<]{0,300}", re.IGNORECASE)
FEED_FOLDER = re.compile(r"/feed(?:/(?:rss2?|rdf|atom))?/?\Z", re.IGNORECASE)


def seeds(source: str) -> tuple[Next, ...]:
    """Where to begin: the address of a feed; () for what is no address.

    Of a site, its feeds have to be found before (jobs/discover.py): `read` refuses a page as one of them.
    """
    first, *others = starts(source) or ("",)
    return (Next(first, HISTORY, fallback=tuple(others)),) if first else ()


def read(asked: Next, body: bytes, headers: Mapping[str, str], url: str, wanted: Wanted, now: datetime) -> Step:
    """What one page of a feed's history brings, and where the next one is. Raises what `sources.parse` does."""
    content_type = headers.get("content-type")
    feed = sources.parse(body, content_type, url, now)
    if feed.kind in SITEMAPS:
        raise ParseError(Reason.NOT_A_FEED, "a sitemap, which has no pages before it")
    trail, mark = _Trail.of(asked.state), _mark(feed.entries)
    if mark in trail.marks:
        return Step(left_out={Left.REPEATED.value: feed.seen}, end="the same items as on a page before")
    entries, left, oldest = _choose(feed.entries, wanted, now)
    end = _end(asked, feed, trail, wanted)
    said = _Said.of(body, content_type, feed.kind)
    following = () if end else _following(asked, said, headers, url, feed)
    state = trail.behind(mark, is_empty=not feed.entries).stated
    return Step(
        entries=entries,
        following=tuple(_next(asked, each, state, is_guess=is_guess) for each, is_guess in following),
        left_out={each.value: count for each, count in left.items()},
        oldest=oldest,
        end=end,
        problem=feed.problem,
    )


# --- when it is over ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Trail:
    """What is remembered of the pages before: `Next.state`. `marks`: the last 16, by their items."""

    empty: int = 0  # pages without items in a row
    marks: tuple[str, ...] = ()

    @classmethod
    def of(cls, state: str) -> _Trail:
        empty, _, marks = state.partition(" ")
        return cls(int(empty) if empty.isdecimal() else 0, tuple(marks.split()))

    def behind(self, mark: str, *, is_empty: bool) -> _Trail:
        marks = self.marks if is_empty else (*self.marks, mark)[-REMEMBERED:]
        return _Trail(self.empty + 1 if is_empty else 0, marks)

    @property
    def stated(self) -> str:
        return " ".join((str(self.empty), *self.marks))


def _mark(entries: Sequence[ParsedEntry]) -> str:
    """Sixteen digits for the items of a page, in any order; "" for none."""
    return digest_bytes(b"".join(sorted(entry.key for entry in entries))).hex()[:16] if entries else ""


def _end(asked: Next, feed: ParsedFeed, trail: _Trail, wanted: Wanted) -> str | None:
    """Why nothing behind this page is asked for; None where it goes on."""
    if not feed.entries and (asked.is_guess or trail.empty + 1 >= MAX_EMPTY):
        return "a page without items"
    if asked.depth + 1 >= MAX_PAGES:
        return f"{MAX_PAGES:,} pages are the most that is read of one history"
    if wanted.since and feed.entries and all(_is_before(entry, wanted.since) for entry in feed.entries):
        return "all that comes behind is older than wanted"
    return None


def _is_before(entry: ParsedEntry, since: datetime) -> bool:
    """Whether all dates of an item are before: a history may be in the order of either."""
    dates = [moment for moment in (entry.published_at, entry.updated_at) if moment]
    return bool(dates) and max(dates) < since


# --- what is in it --------------------------------------------------------------------------------------------------


def _choose(
    stated: Iterable[ParsedEntry], wanted: Wanted, now: datetime
) -> tuple[tuple[ParsedEntry, ...], Counter[Left], datetime | None]:
    """(what is wanted, why the rest is not, the oldest date)."""
    left: Counter[Left] = Counter()
    kept: dict[str, ParsedEntry] = {}
    oldest: datetime | None = None
    for entry in stated:
        oldest = earliest(oldest, entry.published_at or entry.updated_at)
        if why := _refuses(entry, wanted, now):
            left[why] += 1
        elif entry.url:
            left[Left.REPEATED] += entry.url in kept
            kept.setdefault(entry.url, entry)
    return tuple(kept.values()), +left, oldest


def _refuses(entry: ParsedEntry, wanted: Wanted, now: datetime) -> Left | None:
    if entry.url is None:
        return Left.BAD_LINK if entry.bad_link else Left.NO_LINK
    if not wanted.takes_address(entry.url):
        return Left.FILTERED
    found = fit(wanted, entry.url, now, entry.published_at, entry.updated_at)
    return Left.OUTSIDE_WINDOW if found is Fit.OUTSIDE else None


# --- where the next one is ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Said:
    """What a document says of those behind it. `links`: relation and address, as stated."""

    links: tuple[tuple[str, str], ...] = ()
    is_complete: bool = False
    is_wordpress: bool = False

    @classmethod
    def of(cls, body: bytes, content_type: str | None, kind: str) -> _Said:
        if kind.startswith("json"):
            return cls(tuple(("next", url) for url in _next_url(body)))
        around = _envelope(body, content_type)
        generator = GENERATOR.search(around)
        return cls(
            links=tuple(_links(around)),
            is_complete=COMPLETE.search(around) is not None,
            is_wordpress=generator is not None and "wordpress" in generator[0].lower(),
        )


def _next_url(body: bytes) -> Iterator[str]:
    stated = json.loads(body.decode("utf-8-sig", "replace"))  # read once already, by sources/json_feed.py
    if isinstance(stated, dict) and isinstance(stated.get("next_url"), str):
        yield stated["next_url"]


def _envelope(body: bytes, content_type: str | None) -> str:
    """A feed without its items, as text."""
    text = prolog.decode(body, content_type)
    parts = scan.split(text.encode("utf-8", "replace"), b"", fields.MAX_ENTRIES)
    around = parts.envelope.decode("utf-8", "replace") if parts else text
    half = MAX_ENVELOPE // 2
    return around if len(around) <= MAX_ENVELOPE else around[:half] + around[-half:]


def _links(around: str) -> Iterator[tuple[str, str]]:
    for number, tag in enumerate(LINK.finditer(around)):
        if number == MAX_LINKS:
            return
        said = {name.lower(): unescape(one or other) for name, one, other in ATTRIBUTE.findall(tag[1])}
        for relation in said.get("rel", "").lower().split():
            yield relation, said.get("href", "")


def _following(
    asked: Next, said: _Said, headers: Mapping[str, str], url: str, feed: ParsedFeed
) -> tuple[tuple[str, bool], ...]:
    """The addresses of the pages behind this one, each with whether it is a guess."""
    if said.is_complete:
        return ()
    by_server = (
        (relation, target)
        for target, parameters in read_link_header(headers.get("link", ""))
        for relation in parameters.get("rel", "").lower().split()
    )
    stated = (*said.links, *by_server)
    found = [absolute(url, href) for wanted in RELATIONS for relation, href in stated if relation == wanted]
    named = {each: False for each in found if each and _may_lead_to(each, asked, url, feed)}
    if not named and (said.is_wordpress or _looks_like_wordpress(asked.url)) and not feed.kind.startswith("json"):
        named = {_paged(asked.url): True}
    return tuple((each, guess) for each, guess in named.items() if each not in (asked.url, url))


def _may_lead_to(found: str, asked: Next, url: str, feed: ParsedFeed) -> bool:
    """Whether a page is of the same publisher: that of the feed, or of the site that it says it is of."""
    known = {registrable_domain(host_of(each)) for each in (asked.url, url, feed.self_url, feed.site_url) if each}
    return registrable_domain(host_of(found)) in known


def _looks_like_wordpress(url: str) -> bool:
    """Whether an address is spelled like that of a WordPress feed: /feed/, /category/world/feed/, ?feed=rss2."""
    parts = urlsplit(url)
    names = dict(parse_qsl(parts.query, max_num_fields=200, strict_parsing=False)) if len(parts.query) < 2000 else {}
    return FEED_FOLDER.search(parts.path) is not None or names.get("feed", "").lower() in ("rss2", "rss", "atom", "rdf")


def _paged(url: str) -> str:
    """The address of the page behind this one, as WordPress counts them: the first is 1, and says nothing."""
    parts = urlsplit(url)
    pairs = [pair.partition("=") for pair in parts.query.split("&") if pair]
    number = next((int(said) for name, _, said in pairs if name == "paged" and said.isdecimal() and len(said) < 7), 1)
    others = [f"{name}{mark}{said}" for name, mark, said in pairs if name != "paged"]
    return urlunsplit(parts._replace(query="&".join((*others, urlencode({"paged": number + 1}))), fragment=""))


def _next(asked: Next, url: str, state: str, *, is_guess: bool) -> Next:
    return Next(url, HISTORY, depth=asked.depth + 1, is_guess=is_guess, state=state)
