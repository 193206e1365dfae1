"""A page of a host, asked for with all manners: robots rules, pace, no redirect to where other rules hold."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from ingest.errors import FetchError, Refused, Unacceptable
from ingest.fetch import may_be_text
from ingest.fingerprint import digest_bytes
from ingest.model import Fetched, Page, ParsedEntry, Reading, Reason, Response, Validators
from ingest.politeness import Robots, may_fetch, refusal
from ingest.urls import origin_of
from jobs.turn import Turn

ACCEPT = "text/html, application/xhtml+xml;q=0.9, text/plain;q=0.5, */*;q=0.1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: a response, or an error of the host's, or neither, while we are offline."""

    fetched: Fetched
    response: Response | None = None
    error: FetchError | None = None


def anywhere(_: str) -> bool:
    """Follow every redirect."""
    return True


async def ask_page(
    turn: Turn, url: str, validators: Validators | None = None, leads_on: Callable[[str], bool] = anywhere
) -> Answer:
    """Ask for a page, if we may. A redirect to another origin is not followed, and is the response.

    So is one to an address that, by `leads_on`, is not wanted.
    """
    app = turn.app
    try:
        robots = await turn.robots(url) if app.settings.politeness.respect_robots else None
    except Unacceptable as error:
        return Answer(Fetched(app.clock(), 0.0), error=error)
    if robots is None and app.settings.politeness.respect_robots:
        return Answer(Fetched(app.clock(), 0.0))
    refused = refusal(robots, url, app.settings.user_agent) if robots else None
    if refused is not None:
        return Answer(Fetched(app.clock(), 0.0), error=Refused(url, refused))
    now = await turn.pace()
    started = time.monotonic()
    try:
        response = await _fetch(turn, url, robots, now, validators, leads_on)
    except FetchError as error:
        if not await turn.network_works(error, now):
            return Answer(Fetched(now, 0.0))
        return Answer(Fetched(now, time.monotonic() - started, final_url=error.url, status=error.status), error=error)
    app.network.heard(response.final_url)
    fetched = _facts(response, now)
    if _is_declined(response, url, leads_on):
        target = response.hops[-1].location
        return Answer(fetched, error=Refused(target, Reason.ROBOTS_DISALLOWED, "a redirect led there"))
    return Answer(fetched, response)


async def _fetch(
    turn: Turn,
    url: str,
    robots: Robots | None,
    now: datetime,
    validators: Validators | None,
    leads_on: Callable[[str], bool],
) -> Response:
    """The page; or a redirect that leads to where other rules hold, or nowhere, which is not followed."""
    origin, user_agent = origin_of(url), turn.app.settings.user_agent

    def may_follow(target: str) -> bool:
        is_wanted = origin_of(target) == origin and leads_on(target)
        return is_wanted and (robots is None or may_fetch(robots, target, user_agent))

    return await turn.get(
        url,
        now=now,
        limits=turn.app.page_limits,
        validators=validators,
        accept=ACCEPT,
        follow=may_follow,
        types=may_be_text,
    )


def _is_declined(response: Response, url: str, leads_on: Callable[[str], bool]) -> bool:
    """Whether it is a redirect within the origin, which the rules forbid to follow."""
    if not 300 <= response.status < 400 or response.status == 304:
        return False
    target = response.hops[-1].location
    return origin_of(target) == origin_of(url) and leads_on(target)


def _facts(response: Response, now: datetime) -> Fetched:
    return Fetched(
        at=now,
        seconds=response.seconds,
        final_url=response.final_url,
        status=response.status,
        content_type=response.headers.get("content-type"),
        wire_bytes=len(response.raw_body),
        validators=response.validators,
        body_hash=digest_bytes(response.body),
    )


async def keep_page(turn: Turn, response: Response, fetched: Fetched) -> Fetched:
    """The page goes to the archive."""
    if turn.app.archive is None:
        return fetched
    return replace(fetched, archived=await asyncio.to_thread(turn.app.archive.append, response, fetched.at))


async def read_page(
    turn: Turn, url: str, response: Response, fetched: Fetched, said: ParsedEntry | None, blocks: frozenset[int]
) -> Reading:
    """Read a page in a worker. Raises ParseError."""
    page = Page(
        url=url,
        final_url=response.final_url,
        body=response.body,
        content_type=fetched.content_type,
        entry=said,
        boilerplate=blocks,
    )
    return await turn.app.extractor.read_to_store(page, fetched.captured_at or fetched.at)
