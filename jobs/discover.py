"""From the address of a site to its feeds: asks politely and within limits, and believes only what really parses.

What costs the site least comes first: what its page declares, then its robots.txt, then the links of its page, then
its sitemaps. The usual places are tried only where all of that has led to no feed of the site. One request at a time;
a host that asks for rest, or refuses several times in a row, is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace

from ingest.appraise import INDEX, NEWS_SITEMAP, SITEMAP_KINDS, Freshness, Scope, Source, appraise
from ingest.discover import (
    Candidate,
    PageLinks,
    Way,
    choose_children,
    find_header_links,
    find_sitemaps,
    folder_feeds,
    starts,
    well_known_feeds,
    well_known_sitemaps,
)
from ingest.errors import FetchError, ParseError
from ingest.fetch import Fetcher, may_be_text
from ingest.model import ParsedFeed, Reason, Response
from ingest.suggest import Ranked, rank
from ingest.urls import host_of, is_home_page, origin_of, registrable_domain
from jobs.clock import Clock, wall_clock
from jobs.config import Settings
from jobs.extractor import Extractor
from jobs.guest import USUAL, Bounds, Ended, Guest
from jobs.network import UNHEARD
from jobs.poll_feed import ACCEPT

DECLARED, HOME_DECLARED = 15, 5  # candidates of each kind that are looked at
LINKED, LINKED_BESIDE = 15, 6  # links of a page: where nothing is found yet, and where something is
LISTED, LISTING_PAGES = 12, 3  # links of a page that lists feeds, and such pages
SITEMAPS = 5
UNREACHED = UNHEARD | {Reason.TLS_FAILED, Reason.FORBIDDEN_ADDRESS, Reason.BAD_LINK}  # then the site is not there
CRAWLED = frozenset((Way.PAGE_LINK, Way.WELL_KNOWN))  # nobody asked for these: the robots rules hold


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
        bounds: Bounds = USUAL,
    ) -> None:
        self._guest = Guest(settings, fetcher, clock, bounds)
        self._extractor, self._clock, self._max_bytes = extractor, clock, settings.fetch.max_feed_bytes
        self._tried: set[str] = set()
        self._listing_pages = 0
        self.stated = self._opened = ""
        self.page: str | None = None  # the page that was asked for, where it is now
        self.sources: list[Source] = []
        self.failures: list[Failure] = []
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
        except Ended as ended:
            self.ended = str(ended)

    @property
    def requests(self) -> int:
        return self._guest.requests

    def findings(self) -> Findings:
        """What was found by now."""
        return Findings(
            asked=self.stated,
            url=self.page,
            ranked=rank(self.sources),
            failures=tuple(self.failures),
            requests=self.requests,
            seconds=round(self._guest.seconds, 1),
            ended=self.ended or self._guest.unwelcome,
        )

    @property
    def line(self) -> str:
        """How far it has got, on one line."""
        guest = self._guest
        return f"asked {guest.requests} of at most {guest.bounds.requests} · found {len(self.sources)} · {guest.asking}"

    # --- the way ----------------------------------------------------------------------------------------------------

    async def _open(self, stated: str) -> PageLinks | None:
        """The page that was asked for: its links. None where there is nothing to look further at."""
        for url in starts(stated):
            self._opened, candidate = url, Candidate(url, Way.GIVEN)
            self._tried.add(url)
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
        robots = await self._guest.ask_for_robots(page)
        if not is_home_page(page):
            home = await self._check(Candidate(origin_of(page) + "/", Way.PAGE_LINK), is_feed=False)
            await self._check_all(home.declared[:HOME_DECLARED] if home else ())
        enough = self._is_found({Scope.PAGE, Scope.SITE})
        await self._check_listings(links.linked[: LINKED_BESIDE if enough else LINKED])
        await self._check_sitemaps(find_sitemaps(robots, page))
        await self._guess(folder_feeds(page), {Scope.PAGE})
        await self._guess(well_known_feeds(page), {Scope.PAGE, Scope.SITE})
        if registrable_domain(host_of(self._opened)) != registrable_domain(host_of(page)):
            await self._guess(well_known_feeds(self._opened), {Scope.PAGE, Scope.SITE})  # behind a consent page
        if not self._has_sitemap:
            await self._check_sitemaps(well_known_sitemaps(page))

    def _is_found(self, scopes: Set[Scope]) -> bool:
        """Whether there is a living feed of the site, or of the page that was asked for."""
        return any(
            each.kind not in SITEMAP_KINDS
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
        return any(each.kind in SITEMAP_KINDS for each in self.sources)

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
        return choose_children(parsed.children, SITEMAPS)

    async def _check(self, candidate: Candidate, *, is_feed: bool = True) -> PageLinks | None:
        found = await self._check_document(candidate, is_feed=is_feed)
        return found if isinstance(found, PageLinks) else None

    async def _check_document(self, candidate: Candidate, *, is_feed: bool = True) -> ParsedFeed | PageLinks | None:
        """What is at an address, remembered: a feed among the sources, all else among the failures."""
        if candidate.url in self._tried or self._guest.is_unwelcome(candidate.url):
            return None
        self._tried.add(candidate.url)
        refused = self._guest.refusal(candidate.url) if candidate.way in CRAWLED else None
        if refused:
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

    async def _get(self, candidate: Candidate, *, follow_home: bool = False) -> Response:
        """Ask. A place that leads to a front page is no feed: not followed there."""
        follow = None if follow_home else lambda target: not is_home_page(target)
        types = None if candidate.url.endswith(".gz") else may_be_text
        return await self._guest.ask(candidate.url, self._max_bytes, accept=ACCEPT, follow=follow, types=types)


def _lasting(response: Response) -> str:
    """The address to poll: permanent redirects are followed, others are the server's affair."""
    url = response.url
    for hop in response.hops:
        if hop.status not in (301, 308):
            break
        url = hop.location
    return url
