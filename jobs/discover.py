"""From the address of a site to its feeds: asks politely and within limits, and believes only what really parses.

What costs the site least comes first: what its page declares, then its robots.txt, then the links of its page, then
its sitemaps. The usual places are tried only where all of that has led to no feed of the site. One request at a time;
a host that asks for rest, or refuses several times in a row, is left alone.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from ingest.discover import (
    Candidate,
    PageLinks,
    Way,
    choose_children,
    find_header_links,
    find_sitemaps,
    folder_feeds,
    is_news_sitemap,
    starts,
    well_known_feeds,
    well_known_sitemaps,
)
from ingest.errors import FetchError, ParseError, Transient
from ingest.fetch import Fetcher, may_be_text
from ingest.model import ParsedFeed, Reason, Response
from ingest.politeness import Robots, crawl_delay_s, read_robots, refusal
from ingest.suggest import INDEX, KINDS, NEWS_SITEMAP, Freshness, Ranked, Scope, Source, appraise, rank
from ingest.urls import host_of, is_home_page, origin_of, registrable_domain
from jobs.app import Clock, limits, wall_clock
from jobs.config import Settings
from jobs.extractor import Extractor
from jobs.network import UNHEARD
from jobs.poll_feed import ACCEPT

PACE_S = 0.5  # between two requests to a host, where `politeness.delay` is longer: a person waits
MAX_PACE_S = 2.0  # of a Crawl-delay so much is kept, and no request more is made for it
MAX_REFUSALS = 4  # in a row, then a host is left alone
DECLARED, HOME_DECLARED = 15, 5  # candidates of each kind that are looked at
LINKED, LINKED_BESIDE = 15, 6  # links of a page: where nothing is found yet, and where something is
LISTED, LISTING_PAGES = 12, 3  # links of a page that lists feeds, and such pages
SITEMAPS = 5
UNREACHED = UNHEARD | {Reason.TLS_FAILED, Reason.FORBIDDEN_ADDRESS, Reason.BAD_LINK}  # then the site is not there
CRAWLED = frozenset((Way.PAGE_LINK, Way.WELL_KNOWN))  # nobody asked for these: the robots rules hold


@dataclass(frozen=True)
class Bounds:
    """What one search may cost."""

    requests: int = 40
    seconds: float = 60.0
    request_s: float = 15.0


@dataclass(frozen=True, slots=True)
class Failure:
    """An address that was tried in vain."""

    url: str
    way: Way
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What a search found. `ended`: why it went no further, None where it had tried everything."""

    asked: str
    url: str | None  # the page that answered
    ranked: tuple[Ranked, ...]
    failures: tuple[Failure, ...]
    requests: int
    seconds: float
    ended: str | None

    @property
    def suggested(self) -> list[Ranked]:
        return [each for each in self.ranked if each.suggestion]


class Search:
    """One search on its way. Whenever it is interrupted, `findings` has what was found so far."""

    def __init__(
        self,
        settings: Settings,
        fetcher: Fetcher,
        extractor: Extractor,
        clock: Clock = wall_clock,
        bounds: Bounds = Bounds(),
    ) -> None:
        self._settings, self._fetcher, self._extractor, self._clock, self._bounds = (
            settings, fetcher, extractor, clock, bounds,
        )  # fmt: skip
        self._began = time.monotonic()
        self._asked_at: dict[str, float] = {}  # host -> when its last answer ended
        self._tried: set[str] = set()
        self._refusals: Counter[str] = Counter()  # host -> in a row
        self._resting: set[str] = set()
        self._listing_pages = 0
        self._robots: Robots | None = None
        self._pace_s = min(settings.politeness.delay, PACE_S)
        self.stated = self._opened = ""
        self.page: str | None = None  # the page that was asked for, where it is now
        self.sources: list[Source] = []
        self.failures: list[Failure] = []
        self.requests = 0
        self.now_at = ""  # the address that is asked
        self.ended: str | None = None
        self.closed: FetchError | ParseError | None = None  # why the address itself brought neither feed nor page

    async def run(self, stated: str, *, insist: bool = True) -> None:
        """Look at `stated`, and where it is no feed, for those of its site. Never raises for what the site does.

        `insist`: look further although the address itself could not be had.
        """
        self.stated = stated
        try:
            links = await self._open(stated)
            if links is not None and (links.is_page or insist):
                await self._explore(links)
        except _Ended as ended:
            self.ended = str(ended)

    def findings(self) -> Findings:
        seconds = round(time.monotonic() - self._began, 1)
        ranked = rank(self.sources)
        return Findings(
            self.stated, self.page, ranked, tuple(self.failures), self.requests, seconds, self.ended
        )  # fmt: skip

    @property
    def line(self) -> str:
        """How far it has got, on one line."""
        return f"asked {self.requests} of at most {self._bounds.requests} · found {len(self.sources)} · {self.now_at}"

    # --- the way ----------------------------------------------------------------------------------------------------

    async def _open(self, stated: str) -> PageLinks | None:
        """The page that was asked for: its links. None where there is nothing to look further at."""
        for url in starts(stated):
            self._opened, candidate = url, Candidate(url, Way.GIVEN)
            try:
                response = await self._get(candidate, follow_home=True)
            except FetchError as error:
                self._fail(candidate, error)
                self.closed, self.page = error, url
                if error.reason in UNREACHED:
                    continue  # http may answer where https does not
                return PageLinks()
            self.page, self.closed = response.final_url, None
            parsed = await self._parse(candidate, response)
            return None if isinstance(parsed, ParsedFeed) else parsed
        return None

    async def _explore(self, links: PageLinks) -> None:
        page = self.page or ""
        await self._check_all(links.declared[:DECLARED])
        self._robots = await self._fetch_robots(page)
        if not is_home_page(page):
            home = await self._check(Candidate(origin_of(page) + "/", Way.PAGE_LINK), is_feed=False)
            await self._check_all(home.declared[:HOME_DECLARED] if home else ())
        enough = self._is_found({Scope.PAGE, Scope.SITE})
        await self._check_listings(links.linked[: LINKED_BESIDE if enough else LINKED])
        await self._check_sitemaps(find_sitemaps((self._robots and self._robots.text) or "", page))
        await self._guess(folder_feeds(page), {Scope.PAGE})
        await self._guess(well_known_feeds(page), {Scope.PAGE, Scope.SITE})
        if registrable_domain(host_of(self._opened)) != registrable_domain(host_of(page)):
            await self._guess(well_known_feeds(self._opened), {Scope.PAGE, Scope.SITE})  # behind a consent page
        if not self._has_sitemap:
            await self._check_sitemaps(well_known_sitemaps(page))

    def _is_found(self, scopes: Set[Scope]) -> bool:
        """Whether there is a living feed of the site, or of the page that was asked for."""
        return any(
            each.kind not in KINDS
            and each.scope in scopes
            and each.freshness in (Freshness.FRESH, Freshness.UNDATED)
            and not (each.is_comments or each.is_elsewhere)
            for each in self.sources
        )

    async def _guess(self, candidates: Sequence[Candidate], scopes: Set[Scope]) -> None:
        """One after the other, for as long as there is no feed of these scopes."""
        for candidate in candidates:
            if self._is_found(scopes):
                return
            await self._check_listings([candidate])

    @property
    def _has_sitemap(self) -> bool:
        return any(each.kind in KINDS for each in self.sources)

    async def _check_all(self, candidates: Iterable[Candidate]) -> None:
        for candidate in candidates:
            await self._check(candidate)

    async def _check_listings(self, candidates: Sequence[Candidate]) -> None:
        """Candidates of which some may be pages that list feeds: one level deeper, and no further."""
        for candidate in candidates:
            links = await self._check(candidate)
            if links and (links.declared or links.linked) and self._listing_pages < LISTING_PAGES:
                self._listing_pages += 1
                await self._check_all([*links.declared, *links.linked][:LISTED])

    async def _check_sitemaps(self, candidates: Sequence[Candidate]) -> None:
        """Until there is one of news; those that an index lists come next after it."""
        waiting, looked_at = list(candidates), 0
        while waiting and looked_at < SITEMAPS and not any(each.kind == NEWS_SITEMAP for each in self.sources):
            candidate, known = waiting.pop(0), len(self.sources)
            asked = self.requests
            children = await self._check_sitemap(candidate)
            failed_guess = candidate.way is Way.WELL_KNOWN and len(self.sources) == known
            looked_at += self.requests > asked and not failed_guess
            waiting[:0] = children

    async def _check_sitemap(self, candidate: Candidate) -> Sequence[Candidate]:
        parsed = await self._check_document(candidate)
        if not isinstance(parsed, ParsedFeed) or parsed.kind != INDEX:
            return ()
        children = choose_children(parsed.children, SITEMAPS)
        return children if any(is_news_sitemap(each.url) for each in children) else children[:1]

    async def _check(self, candidate: Candidate, *, is_feed: bool = True) -> PageLinks | None:
        found = await self._check_document(candidate, is_feed=is_feed)
        return found if isinstance(found, PageLinks) else None

    async def _check_document(self, candidate: Candidate, *, is_feed: bool = True) -> ParsedFeed | PageLinks | None:
        """What is at an address, remembered: a feed among the sources, all else among the failures."""
        if candidate.url in self._tried or host_of(candidate.url) in self._resting:
            return None
        refused = self._refused(candidate)
        if refused:
            self._tried.add(candidate.url)
            self.failures.append(Failure(candidate.url, candidate.way, refused, "not asked"))
            return None
        try:
            response = await self._get(candidate, follow_home=not is_feed)
            if response.status >= 300:  # a redirect to a front page, which was not followed
                raise ParseError(Reason.HOME_PAGE, "leads to a front page")
            return await self._parse(candidate, response, is_feed=is_feed)
        except (FetchError, ParseError) as error:
            self._fail(candidate, error)
            return None

    def _refused(self, candidate: Candidate) -> Reason | None:
        """What the site's robots rules say against an address that nobody asked for."""
        if candidate.way not in CRAWLED or self._robots is None or not self._settings.politeness.respect_robots:
            return None
        if origin_of(candidate.url) != origin_of(self.page or ""):
            return None
        return refusal(self._robots, candidate.url, self._settings.user_agent)

    async def _parse(self, candidate: Candidate, response: Response, *, is_feed: bool = True) -> ParsedFeed | PageLinks:
        """The feed, among the sources; or the links of what is none. Raises ParseError only for pages beyond limits."""
        content_type, url, now = response.headers.get("content-type"), response.final_url, self._clock()
        try:
            parsed = await self._extractor.parse_feed(response.body, content_type, url, now)
        except ParseError as error:
            links = await self._links(response)
            if candidate.way is Way.GIVEN:
                self.closed = None if links.is_page else error
            if is_feed and not (candidate.way is Way.GIVEN and links.is_page):
                self._fail(candidate, error)
            return links
        site = [self.page or "", *starts(self.stated)]
        asked = self.page or candidate.url
        self.sources.append(appraise(candidate, _lasting(response), parsed, site, asked, now))
        return parsed

    async def _links(self, response: Response) -> PageLinks:
        declared = find_header_links(response.headers.get("link"), response.final_url)
        try:
            found = await self._extractor.find_links(
                response.body, response.headers.get("content-type"), response.final_url
            )
        except ParseError:  # it hangs or kills its reader
            found = PageLinks()
        known = {each.url for each in found.declared}
        return replace(found, declared=(*found.declared, *(each for each in declared if each.url not in known)))

    def _fail(self, candidate: Candidate, error: FetchError | ParseError) -> None:
        self.failures.append(Failure(candidate.url, candidate.way, error.reason, error.detail))

    # --- the network ------------------------------------------------------------------------------------------------

    async def _get(self, candidate: Candidate, *, follow_home: bool = False) -> Response:
        """Ask, in turn and within the bounds. A place that leads to a front page is no feed: not followed there."""
        follow = None if follow_home else lambda target: not is_home_page(target)
        types = None if candidate.url.endswith(".gz") else may_be_text
        return await self._ask(candidate.url, self._settings.fetch.max_feed_bytes, follow=follow, types=types)

    async def _ask(self, url: str, max_bytes: int, **options: Any) -> Response:
        host, left = host_of(url), self._bounds.seconds - (time.monotonic() - self._began)
        if self.requests >= self._bounds.requests:
            raise _Ended(f"the limit of {self._bounds.requests} requests")
        await self._wait_for(host, left)
        self._tried.add(url)
        self.requests, self.now_at = self.requests + 1, url
        own = limits(self._settings, max_bytes)
        total = max(min(self._bounds.request_s, left, own.total_s), 0.1)
        try:
            response = await self._fetcher.get(
                url, now=self._clock(), accept=ACCEPT, limits=replace(own, total_s=total), **options
            )
        except FetchError as error:
            self._heed(host, error)
            raise
        finally:
            self._asked_at[host] = time.monotonic()
        self._refusals[host] = 0
        return response

    async def _wait_for(self, host: str, left: float) -> None:
        wait = max(self._asked_at.get(host, -1e9) + self._pace_s - time.monotonic(), 0.0)
        if left <= wait:
            raise _Ended(f"the limit of {self._bounds.seconds:g} seconds")
        await asyncio.sleep(wait)

    def _heed(self, host: str, error: FetchError) -> None:
        """Leave a host alone that asks for it, or that refuses or fails again and again."""
        if error.reason in (Reason.NOT_FOUND, Reason.GONE):
            self._refusals[host] = 0
            return
        self._refusals[host] += 1
        asks = isinstance(error, Transient) and (error.retry_after is not None or error.reason is Reason.RATE_LIMITED)
        if asks or self._refusals[host] >= MAX_REFUSALS:
            self._resting.add(host)
            self.ended = f"{host} asks to be left alone" if asks else f"{host} keeps refusing"

    async def _fetch_robots(self, page: str) -> Robots | None:
        url, now = origin_of(page) + "/robots.txt", self._clock()
        if host_of(page) in self._resting:
            return None
        try:
            answer = await self._ask(url, 600_000)
            robots = read_robots(answer.status, answer.body, now)
        except FetchError as error:
            robots = read_robots(error.status, None, now)
        wish = crawl_delay_s(robots, self._settings.user_agent) if self._settings.politeness.respect_robots else None
        self._pace_s = max(self._pace_s, min(wish or 0.0, MAX_PACE_S))
        return robots


class _Ended(Exception):
    """A bound is reached."""


def _lasting(response: Response) -> str:
    """The address to poll: permanent redirects are followed, others are the server's affair."""
    url = response.url
    for hop in response.hops:
        if hop.status not in (301, 308):
            break
        url = hop.location
    return url
