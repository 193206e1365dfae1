"""The right to visit one host, while it lasts: its pace, its robots rules, its rest."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from ingest.errors import FetchError, ParseError
from ingest.fetch import Limits
from ingest.model import Reason, Response
from ingest.politeness import Robots, crawl_delay_s, delay_s, read_robots
from ingest.poll import rest_until
from ingest.urls import origin_of
from jobs.app import App
from storage import due, hosts
from storage.hosts import HostState

# RFC 9309 section 2.5 asks for 500 KiB at least; what is longer is cut there when it is parsed.
ROBOTS_LIMITS = Limits(connect_s=10, first_byte_s=15, total_s=30, max_bytes=4_000_000, redirects=5)


class Turn:
    """One visit's hold on its host. Every request to the host waits for `pace` first."""

    def __init__(self, app: App, state: HostState, budget_s: float) -> None:
        self.app = app
        self.host = state.name
        self.visited_at = state.visited_at
        self.resting = False  # it asked for rest: leave at once
        self._delay_s = app.settings.politeness.delay
        self._ends = time.monotonic() + budget_s
        self._robots: dict[str, Robots] = {}

    @property
    def is_over(self) -> bool:
        """Whether to leave: no time left, told to rest, or the program is stopping."""
        return self.resting or self.app.stopping.is_set() or time.monotonic() >= self._ends

    async def pace(self) -> datetime:
        """Wait until the host may be asked again. Returns the moment of asking."""
        now = self.app.clock()
        if self.visited_at is not None and self._delay_s > 0:
            wait = (self.visited_at + timedelta(seconds=self._delay_s) - now).total_seconds()
            if wait > 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.app.stopping.wait(), min(wait, self._delay_s))
                if self.app.stopping.is_set():
                    raise Stopping
        self.visited_at = self.app.clock()
        return self.visited_at

    async def get(self, url: str, *, now: datetime, limits: Limits, **options: Any) -> Response:
        """Ask the host. The pace counts from the end of the answer: a host that is slow is never asked the sooner."""
        try:
            return await self.app.fetcher.get(url, now=now, limits=limits, **options)
        finally:
            self.visited_at = self.app.clock()

    async def robots(self, url: str) -> Robots | None:
        """The rules that hold for `url`, fetched where the cached ones are too old; None while we are offline.

        Raises Unacceptable where the address guard forbids the place itself: then there is nothing to wait for.
        """
        origin = origin_of(url)
        known = self._robots.get(origin) or await self.app.read(hosts.load_robots, origin)
        if known is None or known.due_at <= self.app.clock():
            known = await self._fetch_robots(origin, known)
            if known is None:
                return None
            await self.app.write(hosts.record_robots, origin, self.host, known)
        self._robots[origin] = known
        politeness = self.app.settings.politeness
        wish = crawl_delay_s(known, self.app.settings.user_agent) if politeness.respect_robots else None
        self._delay_s = delay_s(politeness.delay, wish, politeness.max_delay)
        return known

    async def _fetch_robots(self, origin: str, known: Robots | None) -> Robots | None:
        now = await self.pace()
        try:
            answer = await self.get(origin + "/robots.txt", now=now, limits=ROBOTS_LIMITS)
        except FetchError as error:
            if error.reason is Reason.FORBIDDEN_ADDRESS and origin_of(error.url) == origin:
                raise
            if not await self.network_works(error, now):
                return None
            return read_robots(error.status, None, now, known)
        self.app.network.heard(answer.final_url)
        return read_robots(answer.status, answer.body, now, known)

    def give_back(self, error: FetchError | ParseError) -> None:
        """Leave the visit where a worker died after we were told to stop: of the signal, not of its document."""
        if self.app.stopping.is_set() and error.reason in (Reason.READ_CRASHED, Reason.READ_FAILED):
            raise Stopping

    async def rest_if_asked(self, error: FetchError | ParseError, now: datetime) -> None:
        """Leave the host alone for as long as it says, where it does."""
        until = rest_until(error, now)
        if until is not None:
            await self.app.write(hosts.rest, self.host, until, str(error.reason))
            self.resting = True

    async def network_works(self, error: FetchError, now: datetime) -> bool:
        """Whether the failure is the host's own, and not our line's."""
        return await self.app.network.works(error, partial(self.app.read, due.load_witnesses, self.host), now)


class Stopping(Exception):
    """Leave the visit: what is due stays due."""
