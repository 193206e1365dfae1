"""The feed of a site whose history is wanted: looked for as `dateline feeds add` does, before anything is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ingest.appraise import SITEMAP_KINDS, Source
from ingest.discover import Way, starts
from ingest.errors import SettingsError, Transient
from jobs.clock import wall_clock
from jobs.commands.add import is_site
from jobs.commands.discover import described, nothing_found, showing
from jobs.config import Settings
from jobs.discover import Search
from jobs.extractor import Extractor
from jobs.outgoing import open_fetcher


def find_feeds(settings: Settings, places: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """(address of a feed for each place, what to say of those that were no feeds). Raises SettingsError.

    What cannot be reached now is kept as it is stated: the backfill asks again.
    """
    return asyncio.run(_find_all(settings, places))


async def _find_all(settings: Settings, places: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    feeds: list[str] = []
    remarks: list[str] = []
    problems: list[str] = []
    async with (
        Extractor(1, settings.extract.timeout, settings.extract.memory) as extractor,
        open_fetcher(settings) as fetcher,
    ):
        for place in places:
            search = Search(settings, fetcher, extractor)
            with showing(search):
                await search.run(place, insist=is_site(place))
            found = choose(search)
            if found is not None:
                feeds.append(found.url)
                if found.way is not Way.GIVEN:
                    remarks.append(f"the feed of {place}: {found.url} ({described(found, wall_clock())})")
            elif isinstance(search.closed, Transient):
                feeds.append(starts(place)[0])
            else:
                problems.append(nothing_found(search.findings()))
    if problems:
        raise SettingsError(*problems)
    return tuple(feeds), remarks


def choose(search: Search) -> Source | None:
    """The feed itself, else the best of the site. One that is silent for years has a history, too."""
    feeds = [each for each in search.findings().ranked if each.source.kind not in SITEMAP_KINDS]
    given = [each for each in feeds if each.source.way is Way.GIVEN]
    own = [each for each in feeds if not (each.source.is_comments or each.source.is_elsewhere)]
    for choice in (given, [each for each in own if each.suggestion], own):
        if choice:
            return choice[0].source
    return None
