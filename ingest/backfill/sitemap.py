"""Sitemaps as a way into the past: from robots.txt or an index down to every page that a site lists.

    robots.txt            its Sitemap lines; where there are none, the places where sitemaps usually are
    an index              its children, without those whose lastmod or name shows that nothing in them is wanted
    a sitemap, a list     its addresses
    RSS, Atom, JSON Feed  the items: sitemaps.org allows feeds

A lastmod is no date of publication, but the page was there by then. News sitemaps state when it was published. What
neither shows to be outside the window may yet show it in its address (/2019/05/); else the page itself has to tell.
An index whose children are named after months sorts by publication: that is taken for granted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from ingest import sources
from ingest.backfill.periods import find_periods
from ingest.backfill.step import BEHIND_UTC, SITEMAP, Left, Next, Step, earliest, fit, is_outside, period
from ingest.backfill.wanted import Fit, Wanted
from ingest.discover import find_sitemaps, starts
from ingest.model import ParsedEntry
from ingest.politeness import ROBOTS_MAX_BYTES
from ingest.sitemaps import looks_like_sitemap
from ingest.sources import fields, json_feed, sitemap
from ingest.sources.sitemap_document import Stated
from ingest.urls import absolute, host_of, origin_of, registrable_domain

MAX_URLS = 200_000  # of one document: four times what the protocol allows, and within its 50 MB of text
MAX_DEPTH = 5  # indexes above a sitemap; the protocol allows one
ROBOTS = "/robots.txt"
USUAL_PLACES = (
    "/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml", "/sitemap-index.xml", "/sitemap.xml.gz",
    "/sitemap_index.xml.gz", "/sitemaps/sitemap.xml", "/sitemap/sitemap.xml", "/sitemap.txt", "/news-sitemap.xml",
)  # fmt: skip
FILE = re.compile(r"\.(?:xml|gz|txt|rss|atom|json)\Z", re.IGNORECASE)
PARTIAL_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?")  # W3C's dates without a day
A_DAY = timedelta(days=1)


def seeds(source: str) -> tuple[Next, ...]:
    """Where to begin: a sitemap at its address, a site at its robots.txt; () for what is no address.

    An address that does not look like a sitemap's is tried as one, then as a site.
    """
    tried = starts(source)
    if not tried:
        return ()
    url, origin = tried[0], origin_of(tried[0])
    state = registrable_domain(host_of(url))
    of_site = (*(origin_of(each) + ROBOTS for each in tried), *(origin + path for path in USUAL_PLACES))
    parts = urlsplit(url)
    if FILE.search(parts.path) or looks_like_sitemap(url):
        return (Next(url, SITEMAP, state=state),)
    if parts.path in ("", "/") and not parts.query:
        return (Next(of_site[0], SITEMAP, fallback=of_site[1:], state=state),)
    return (Next(url, SITEMAP, fallback=of_site, state=state),)


def read(
    asked: Next,
    body: bytes,
    headers: Mapping[str, str],
    url: str,
    wanted: Wanted,
    now: datetime,
    *,
    limit: int = MAX_URLS,
) -> Step:
    """What a robots.txt, sitemap, index or feed brings, at most `limit` addresses. Raises what `sources.parse` does."""
    site = _Site.of(asked, url, wanted)
    if urlsplit(asked.url).path == ROBOTS:
        return _robots(asked, body, url, site)
    content_type = headers.get("content-type")
    if json_feed.recognise(body, content_type) or not sitemap.recognise(body, content_type):
        return _feed(sources.parse(body, content_type, url, now).entries, site, now)
    document = sitemap.read_document(body, content_type, url, limit, any_list=True)
    work = _Work(site, url, now)
    if document.unread:
        work.left[Left.OVER_LIMIT] += document.unread
    if document.is_index:
        return work.step(document.problems, following=_children(asked, document.rows, work))
    work.take(document.rows)
    return work.step(document.problems)


@dataclass(frozen=True, slots=True)
class _Site:
    """Whose pages and sitemaps are looked at: `domains` are registered names."""

    domains: frozenset[str]
    wanted: Wanted

    @classmethod
    def of(cls, asked: Next, url: str, wanted: Wanted) -> _Site:
        """The site that it all began with, and where this document is: somebody named it on purpose."""
        here = {registrable_domain(host_of(each)) for each in (asked.url, url)}
        return cls(frozenset(here | {asked.state} - {""}), wanted)

    def refuses(self, url: str) -> Left | None:
        """Why a page at this address is left out, if it is."""
        origin = _origin(url)
        if not _is_of(origin, self.domains, self.wanted.hosts):
            return Left.OTHER_SITE
        if self.wanted.hosts and not _is_of(origin, frozenset(), self.wanted.hosts):
            return Left.FILTERED
        return Left.FILTERED if self.wanted.paths and not replace(self.wanted, hosts=()).takes_address(url) else None

    def has_sitemap(self, url: str) -> bool:
        return _is_of(_origin(url), self.domains, self.wanted.hosts)


def _origin(url: str) -> str:
    """Up to the path, as it is written: few among many addresses."""
    return url[:slash] if (slash := url.find("/", 8)) > 0 else url


@lru_cache(maxsize=4096)
def _is_of(origin: str, domains: frozenset[str], hosts: tuple[str, ...]) -> bool:
    """Whether a host is one of these, or below one; `origin` is that of `absolute`.

    The quick way to it: to ask for the registered name of each would take longer than all the rest, where each of
    200,000 addresses has another host.
    """
    netloc = origin.partition("//")[2].rpartition("@")[2]
    host = netloc[1:].partition("]")[0] if netloc.startswith("[") else netloc.partition(":")[0]
    return any(host == each or host.endswith("." + each) for each in (*domains, *hosts))


@dataclass
class _Work:
    """What becomes of the addresses of one document."""

    site: _Site
    url: str
    now: datetime
    entries: list[ParsedEntry] = field(default_factory=list)
    left: Counter[Left] = field(default_factory=Counter)
    oldest: datetime | None = None
    existed: dict[str, datetime | None] = field(default_factory=dict)  # by lastmod, as stated

    def take(self, rows: Sequence[Stated]) -> None:
        shared = sitemap.stamps(rows)
        seen = set[str]()
        for row in rows:
            if row.loc in seen:
                self.left[Left.REPEATED] += 1
                continue
            seen.add(row.loc)
            url = sitemap.address(self.url, row.loc)
            if url is None:
                self.left[Left.BAD_LINK] += 1
            elif why := self.site.refuses(url):
                self.left[why] += 1
            else:
                self.offer(row, url, row.lastmod in shared)

    def offer(self, row: Stated, url: str, is_stamped: bool) -> None:
        """An entry, where the window allows it. A lastmod that most share is the document's, not the page's."""
        existed_at = self.existed_by(row.lastmod)
        if is_stamped:
            existed_at = existed_at if row.lastmod and not _is_default(row.lastmod) else None
            row = row._replace(lastmod=None)
        published_at = fields.believed(row.published, self.now) if row.published else None
        self.oldest = earliest(self.oldest, published_at or existed_at)
        if fit(self.site.wanted, url, self.now, published_at, existed_at) is Fit.OUTSIDE:
            self.left[Left.OUTSIDE_WINDOW] += 1
        else:
            self.entries.append(sitemap.entry(row, self.url, self.now))

    def existed_by(self, lastmod: str | None) -> datetime | None:
        """The last moment that a lastmod may mean: that of a day ends late in the west."""
        if not lastmod:
            return None
        if lastmod not in self.existed:
            self.existed[lastmod] = _existed_by(lastmod, self.now)
        return self.existed[lastmod]

    def step(self, problems: Sequence[str], following: Iterable[Next] = ()) -> Step:
        left = {each.value: count for each, count in self.left.items()}
        problem = "; ".join(problems) or None
        return Step(tuple(self.entries), {}, tuple(following), left, self.oldest, problem=problem)


def _existed_by(lastmod: str, now: datetime) -> datetime | None:
    if partial := PARTIAL_DATE.fullmatch(lastmod):
        span = period(int(partial[1]), int(partial[2]) if partial[2] else None)
        return span[1] if span and span[0] <= now else None
    moment = fields.believed(lastmod, now)
    return moment + A_DAY + BEHIND_UTC if moment and ":" not in lastmod else moment


def _is_default(lastmod: str) -> bool:
    """Whether it is a date that programs put where they know none: a first of January."""
    return "-01-01" in lastmod


# --- what leads to sitemaps -----------------------------------------------------------------------------------------


def _robots(asked: Next, body: bytes, url: str, site: _Site) -> Step:
    named = find_sitemaps(body[:ROBOTS_MAX_BYTES].decode("utf-8-sig", "replace"), url)
    state = asked.state or registrable_domain(host_of(asked.url))
    if named:
        return Step(following=tuple(Next(each.url, SITEMAP, depth=1, state=state) for each in named))
    first, *others = (absolute(url, path) or url for path in USUAL_PLACES)
    return Step(following=(Next(first, SITEMAP, depth=1, fallback=tuple(others), state=state),))


def _children(asked: Next, rows: Sequence[Stated], work: _Work) -> tuple[Next, ...]:
    """The sitemaps of an index that may list what is wanted."""
    found: dict[str, datetime | None] = {}
    for row in rows:
        url = sitemap.address(work.url, row.loc)
        if why := _refuses_child(url, found, asked, work):
            work.left[why] += 1
        elif url:
            found[url] = work.existed_by(row.lastmod)
    wanted = work.site.wanted
    periods = find_periods(list(found), work.now) if wanted.since or wanted.until else {}
    kept = []
    for url, existed_at in found.items():
        span = periods.get(url)
        work.oldest = earliest(work.oldest, existed_at)
        if wanted.fit(None, existed_at) is Fit.OUTSIDE or (span and is_outside(wanted, *span)):
            work.left[Left.PRUNED] += 1
        else:
            kept.append(Next(url, SITEMAP, existed_at, asked.depth + 1, state=asked.state))
    return tuple(kept)


def _refuses_child(url: str | None, found: Mapping[str, object], asked: Next, work: _Work) -> Left | None:
    if url is None:
        return Left.BAD_LINK
    if url in found or url in (asked.url, work.url):
        return Left.REPEATED
    if not work.site.has_sitemap(url):
        return Left.OTHER_SITE
    return Left.TOO_DEEP if asked.depth >= MAX_DEPTH else None


def _feed(stated: Sequence[ParsedEntry], site: _Site, now: datetime) -> Step:
    """The items of a feed that stands for a sitemap."""
    left: Counter[Left] = Counter()
    entries = []
    oldest: datetime | None = None
    for entry in stated:
        moment = entry.published_at or entry.updated_at
        oldest = earliest(oldest, moment)
        missing = Left.BAD_LINK if entry.bad_link else Left.NO_LINK
        if why := site.refuses(entry.url) if entry.url else missing:
            left[why] += 1
        elif entry.url and fit(site.wanted, entry.url, now, entry.published_at, entry.updated_at) is Fit.OUTSIDE:
            left[Left.OUTSIDE_WINDOW] += 1
        else:
            entries.append(entry)
    return Step(tuple(entries), left_out={each.value: count for each, count in left.items()}, oldest=oldest)
