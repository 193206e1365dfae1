"""What a feed that was found is worth: how much it has, how fresh, of what, and whether it is the site's. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from statistics import median
from urllib.parse import urlsplit

from ingest.discover import Candidate, Way, is_comments
from ingest.fingerprint import key64
from ingest.model import ParsedEntry, ParsedFeed
from ingest.urls import host_of, identity, is_home_page, registrable_domain, url_key

STALE = timedelta(days=30)  # without news for longer: probably given up
MAX_COMPARED = 2_000  # entries of a feed
FULL_CONTENT, FULL_SUMMARY = 500, 1_500  # characters, of the middle item
NEWS_SITEMAP, SITEMAP, INDEX = "news_sitemap", "sitemap", "sitemap_index"
SITEMAP_KINDS = (NEWS_SITEMAP, SITEMAP, INDEX)


class Freshness(StrEnum):
    FRESH = "fresh"
    UNDATED = "undated"
    STALE = "stale"
    EMPTY = "empty"


class Text(StrEnum):
    """How much of an article its items have."""

    FULL = "full"
    SUMMARY = "summary"
    TITLES = "titles"


class Scope(StrEnum):
    """What a feed is of: the page that was asked for, the whole site, another part of it."""

    PAGE = "page"
    SITE = "site"
    SECTION = "section"


@dataclass(frozen=True, slots=True)
class Source:
    """A feed that was found, with what it is worth. `url`: what to poll."""

    url: str
    way: Way
    kind: str
    title: str | None
    site_url: str | None
    self_url: str | None
    language: str | None
    items: int
    newest_at: datetime | None
    oldest_at: datetime | None
    per_day: float | None  # from the dates of the items
    text: Text
    own: float | None  # share of the items that lie on the site; None: no item has an address
    scope: Scope
    freshness: Freshness
    is_comments: bool
    problem: str | None = None
    entries: tuple[tuple[int, datetime | None], ...] = ()  # key and moment of each, in the document's order

    @property
    def is_elsewhere(self) -> bool:
        """Linked by the page, but neither of the site nor about it: a blogroll."""
        return self.way is Way.PAGE_LINK and self.own is not None and self.own < 0.5


def appraise(
    candidate: Candidate, url: str, parsed: ParsedFeed, site: Sequence[str], asked: str, now: datetime
) -> Source:
    """What a parsed feed is worth. `url`: where to poll it; `site`: addresses of the site; `asked`: the page."""
    compared = parsed.entries[:MAX_COMPARED]
    moments = sorted((m for m in map(_moment, compared) if m and m <= now), reverse=True)
    return Source(
        url=url,
        way=candidate.way,
        kind=parsed.kind,
        title=parsed.title or candidate.title,
        site_url=parsed.site_url,
        self_url=parsed.self_url,
        language=parsed.language or _most_common(entry.language for entry in compared),
        items=len(parsed.children) if parsed.kind == INDEX else parsed.seen,
        newest_at=moments[0] if moments else None,
        oldest_at=moments[-1] if moments else None,
        per_day=_per_day(moments),
        text=_text(compared),
        own=_own(compared, site),
        scope=_scope(url, parsed.site_url, asked),
        freshness=_freshness(parsed, moments, now),
        is_comments=is_comments(url) or _are_comments(compared),
        problem=parsed.problem,
        entries=tuple((_key(entry), _moment(entry)) for entry in compared),
    )


def _moment(entry: ParsedEntry) -> datetime | None:
    return entry.published_at or entry.updated_at


def _key(entry: ParsedEntry) -> int:
    return url_key(entry.url) if entry.url else key64(entry.entry_id)


def _most_common(values: Iterable[str | None]) -> str | None:
    found = [value for value in values if value]
    return max(set(found), key=lambda each: (found.count(each), each)) if found else None


def _per_day(moments: Sequence[datetime]) -> float | None:
    """Items a day, without the oldest tenth: an item that is kept on top for years would hide the pace."""
    kept = moments[: max(2, ceil(0.9 * len(moments)))]
    days = (kept[0] - kept[-1]).total_seconds() / 86_400 if len(kept) > 1 else 0.0
    return round((len(kept) - 1) / days, 2) if days > 0 else None


def _text(entries: Sequence[ParsedEntry]) -> Text:
    if not entries:
        return Text.TITLES
    content = median(len(entry.content or "") for entry in entries)
    summary = median(len(entry.summary or "") for entry in entries)
    if content >= FULL_CONTENT or summary >= FULL_SUMMARY:
        return Text.FULL
    return Text.SUMMARY if content or summary else Text.TITLES


def _own(entries: Sequence[ParsedEntry], site: Sequence[str]) -> float | None:
    domains = {registrable_domain(host_of(url)) for url in site}
    hosts = [registrable_domain(host_of(entry.url)) for entry in entries if entry.url]
    return round(sum(host in domains for host in hosts) / len(hosts), 2) if hosts else None


def _scope(url: str, site_url: str | None, asked: str) -> Scope:
    at_home = is_home_page(asked)
    if site_url and identity(site_url) == identity(asked):
        return Scope.SITE if at_home else Scope.PAGE
    if not at_home and _is_within(url, asked):
        return Scope.PAGE
    return Scope.SITE if site_url is None or is_home_page(site_url) else Scope.SECTION


def _is_within(url: str, page: str) -> bool:
    """Whether the feed lies in the folder of the page: /world/rss of /world."""
    folder = urlsplit(page).path.rstrip("/")
    return host_of(url) == host_of(page) and urlsplit(url).path.startswith((f"{folder}/", f"{folder}."))


def _freshness(parsed: ParsedFeed, moments: Sequence[datetime], now: datetime) -> Freshness:
    if not parsed.seen and not parsed.children:
        return Freshness.EMPTY
    if not moments:
        return Freshness.UNDATED
    return Freshness.FRESH if now - moments[0] <= STALE else Freshness.STALE


def _are_comments(entries: Sequence[ParsedEntry]) -> bool:
    """Whether the items are places within pages: "#comment-17"."""
    marks = sum("#comment" in entry.url.lower() for entry in entries if entry.url)
    return marks * 2 > len(entries)
