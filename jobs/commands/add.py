"""`dateline feeds add`: an address is looked at first, and of a site its best feed is added. Nothing typed is lost.

a feed             added, with its title
a page             its feeds are looked for; the best is added, with --all every one that is suggested
out of reach now   offline, 5xx, 403, a time-out: added unseen, polling will tell
nothing there      404, a picture, beyond a limit: refused, with the reason
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from ingest.discover import Way, starts
from ingest.errors import FetchError, ParseError, Refused, SettingsError, Transient
from ingest.fetch import Fetcher
from ingest.model import Reason
from ingest.suggest import Ranked
from ingest.urls import absolute, is_home_page
from jobs.clock import wall_clock
from jobs.commands.discover import described, nothing_found, showing
from jobs.commands.feeds import Outcome, open_store
from jobs.config import Settings, seconds
from jobs.discover import Search
from jobs.extractor import Extractor
from jobs.outgoing import open_fetcher
from storage import feeds
from storage.engine import Database
from storage.feeds import WantedFeed

UNCHECKED = "--no-check adds an address as it is"


def add(
    settings: Settings,
    urls: Sequence[str],
    tags: Sequence[str],
    interval: str,
    title: str | None,
    *,
    check: bool = True,
    everything: bool = False,
) -> tuple[list[Outcome], bool]:
    """Poll `urls` from now on. Returns an outcome for each feed, and whether Ctrl-C came before the last."""
    try:
        fixed = None if interval == "auto" else max(round(float(str(seconds(interval)))), 1)
    except ValueError as error:
        raise SettingsError(f"--interval: {error}") from None
    wanted = [WantedFeed(url.strip(), title, tuple(tags), fixed) for url in urls]
    with open_store(settings) as database:
        if not check:
            return database.write(lambda connection: [_add_as_it_is(connection, each) for each in wanted]), False
        return asyncio.run(_add_looked_at(settings, database, wanted, everything=everything))


def _add_as_it_is(connection: Connection, wanted: WantedFeed) -> Outcome:
    url = absolute(wanted.url, wanted.url)
    if url is None:
        hint = " (did you leave out https://?)" if "://" not in wanted.url else ""
        return {"url": wanted.url, "outcome": "refused", "detail": f"not an http or https address{hint}"}
    return _store(connection, replace(wanted, url=url))


def _store(connection: Connection, wanted: WantedFeed, said: str = "") -> Outcome:
    number, added = feeds.add(connection, wanted, wall_clock())
    detail = f"feed {number}: {said}" if said else f"feed {number}"
    return {"url": wanted.url, "outcome": "added" if added else "known", "detail": detail}


async def _add_looked_at(
    settings: Settings, database: Database, wanted: Sequence[WantedFeed], *, everything: bool
) -> tuple[list[Outcome], bool]:
    """Each in turn: what is known needs no look, and what was added stays so when Ctrl-C comes."""
    outcomes: list[Outcome] = []
    looker = _Looker(settings)
    try:
        async with looker:
            for each in wanted:
                known = database.read(_known, each)
                outcomes += [known] if known else await looker.add(database, each, everything=everything)
    except asyncio.CancelledError:
        return outcomes, True
    return outcomes, False


def _known(connection: Connection, wanted: WantedFeed) -> Outcome | None:
    url = absolute("", wanted.url)
    row = feeds.find(connection, url) if url else None
    return {"url": url, "outcome": "known", "detail": f"feed {row.id}"} if row is not None else None


class _Looker:
    """The network and the worker, from the first address that is to be looked at."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._extractor = Extractor(1, settings.extract.timeout, settings.extract.memory)
        self._fetcher: Fetcher | None = None

    async def __aenter__(self) -> _Looker:
        return self

    async def __aexit__(self, *ended: Any) -> None:
        if self._fetcher is not None:
            await self._fetcher.__aexit__(None, None, None)
            await self._extractor.__aexit__(None, None, None)

    async def add(self, database: Database, wanted: WantedFeed, *, everything: bool) -> list[Outcome]:
        if self._fetcher is None:
            self._fetcher = await open_fetcher(self._settings).__aenter__()
            await self._extractor.__aenter__()
        search = Search(self._settings, self._fetcher, self._extractor)
        with showing(search):
            await search.run(wanted.url, insist=is_site(wanted.url))
        return database.write(lambda connection: list(_settle(connection, wanted, search, everything)))


def is_site(stated: str) -> bool:
    """Whether it can only be meant for a site: a front page that is missing or refuses us says nothing of its feeds."""
    return "://" not in stated or is_home_page(stated)


# --- what was seen means --------------------------------------------------------------------------------------------


def _settle(connection: Connection, wanted: WantedFeed, search: Search, everything: bool) -> Iterator[Outcome]:
    """What becomes of an address, after the look at it."""
    findings, closed = search.findings(), search.closed
    if closed is not None and not findings.suggested:
        yield _unseen(connection, wanted, closed)
    elif findings.suggested:
        chosen = findings.suggested if everything else findings.suggested[:1]
        left = len(findings.ranked) - len(chosen)
        for each in chosen:
            found = replace(wanted, url=each.source.url, title=wanted.title or each.source.title)
            yield _store(connection, found, _said(each, wanted.url, left))
    else:
        places = " ".join(each.source.url for each in findings.ranked[:3])
        detail = f"no living feed of its own, only {places}" if places else nothing_found(findings)
        yield {"url": wanted.url, "outcome": "refused", "detail": detail}


def _said(ranked: Ranked, asked: str, left: int) -> str:
    described_so = described(ranked.source, wall_clock())
    if ranked.source.way is Way.GIVEN:
        return described_so
    rest = f"; {left} more: dateline feeds discover {asked}" if left else ""
    return f"{ranked.suggestion}, {described_so}; found at {asked}{rest}"


def _unseen(connection: Connection, wanted: WantedFeed, closed: FetchError | ParseError) -> Outcome:
    """An address that could not be had: added where it may answer some day, refused where it says no."""
    why = f"{closed.reason}: {closed.detail[:120]}" if closed.detail else str(closed.reason)
    may_answer = isinstance(closed, Transient) or (
        isinstance(closed, Refused) and closed.reason is not Reason.CLIENT_ERROR
    )
    url = next(iter(starts(wanted.url)), None) if "://" in wanted.url else None
    if may_answer and url:
        return _store(connection, replace(wanted, url=url), f"unseen, it is polled until it answers; {why}")
    hint = UNCHECKED if url else f"it does not answer by https:// or http://; with one in front, {UNCHECKED}"
    if closed.reason is Reason.FORBIDDEN_ADDRESS:
        hint = "fetch.allow_private in config.yaml lets a network through"
    return {"url": wanted.url, "outcome": "refused", "detail": f"{why}; {hint}"}
