"""A guest at sites that nobody polls yet: asks one thing at a time, within bounds, and leaves where it is unwelcome."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from ingest.errors import FetchError, Transient
from ingest.fetch import Fetcher
from ingest.model import Reason, Response
from ingest.politeness import Robots, crawl_delay_s, read_robots, refusal
from ingest.urls import host_of, origin_of
from jobs.clock import Clock
from jobs.config import Settings
from jobs.outgoing import limits
from jobs.turn import ROBOTS_LIMITS

PACE_S = 0.5  # between two requests to a host, where `politeness.delay` is longer: a person waits
MAX_PACE_S = 2.0  # of a Crawl-delay so much is kept
MAX_REFUSALS = 4  # in a row, then a host is left alone


@dataclass(frozen=True)
class Bounds:
    """What one visit may cost."""

    requests: int = 40
    seconds: float = 60.0
    request_s: float = 15.0


USUAL = Bounds()


class Ended(Exception):
    """A bound is reached."""


class Guest:
    """One visit. `requests`: how many were made; `asking`: the address of the last; `unwelcome`: who wants no more."""

    def __init__(self, settings: Settings, fetcher: Fetcher, clock: Clock, bounds: Bounds) -> None:
        self._settings, self._fetcher, self._clock, self.bounds = settings, fetcher, clock, bounds
        self._began = time.monotonic()
        self._asked_at: dict[str, float] = {}  # host -> when its last answer ended
        self._refusals: Counter[str] = Counter()  # host -> in a row
        self._resting: set[str] = set()
        self._robots: dict[str, Robots] = {}  # origin -> its rules, where they were asked for
        self._pace_s = min(settings.politeness.delay, PACE_S)
        self.requests = 0
        self.asking = ""
        self.unwelcome: str | None = None

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def is_unwelcome(self, url: str) -> bool:
        """Whether the host has asked for rest, or refused again and again."""
        return host_of(url) in self._resting

    def refusal(self, url: str) -> Reason | None:
        """What the robots rules say against an address, where they were asked for."""
        robots = self._robots.get(origin_of(url))
        return refusal(robots, url, self._settings.user_agent) if robots else None

    async def ask(self, url: str, max_bytes: int, **options: Any) -> Response:
        """Ask in turn. Raises FetchError, or Ended where a bound is reached."""
        host, left = host_of(url), self.bounds.seconds - self.seconds
        if self.requests >= self.bounds.requests:
            raise Ended(f"the limit of {self.bounds.requests} requests")
        wait = max(self._asked_at.get(host, -1e9) + self._pace_s - time.monotonic(), 0.0)
        if left <= wait:
            raise Ended(f"the limit of {self.bounds.seconds:g} seconds")
        await asyncio.sleep(wait)
        self.requests, self.asking = self.requests + 1, url
        own = limits(self._settings, max_bytes)
        total = max(min(self.bounds.request_s, left, own.total_s), 0.1)
        try:
            response = await self._fetcher.get(
                url, now=self._clock(), limits=replace(own, total_s=total), **options
            )  # fmt: skip
        except FetchError as error:
            self._heed(host, error)
            raise
        finally:
            self._asked_at[host] = time.monotonic()
        self._refusals[host] = 0
        return response

    async def ask_for_robots(self, page: str) -> str:
        """The robots.txt of a page's site, whose rules hold from now on where `politeness.respect_robots` says so."""
        now, politeness = self._clock(), self._settings.politeness
        if self.is_unwelcome(page):
            return ""
        try:
            answer = await self.ask(origin_of(page) + "/robots.txt", ROBOTS_LIMITS.max_bytes)
            robots = read_robots(answer.status, answer.body, now)
        except FetchError as error:
            robots = read_robots(error.status, None, now)
        if politeness.respect_robots:
            self._robots[origin_of(page)] = robots
            wish = crawl_delay_s(robots, self._settings.user_agent) or 0.0
            self._pace_s = max(self._pace_s, min(wish, MAX_PACE_S))
        return robots.text or ""

    def _heed(self, host: str, error: FetchError) -> None:
        """Leave a host alone that asks for it, or that refuses or fails again and again."""
        if error.reason in (Reason.NOT_FOUND, Reason.GONE):
            self._refusals[host] = 0
            return
        self._refusals[host] += 1
        asks = isinstance(error, Transient) and (error.retry_after is not None or error.reason is Reason.RATE_LIMITED)
        if asks or self._refusals[host] >= MAX_REFUSALS:
            self._resting.add(host)
            self.unwelcome = f"{host} asks to be left alone" if asks else f"{host} keeps refusing"
