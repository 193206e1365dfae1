"""One due entry: ask whether we may, fetch its page, keep it, read it, record what came of it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import datetime

from ingest.errors import FetchError, ParseError, Refused, Unacceptable
from ingest.fetch import may_be_text
from ingest.model import Entry, Fetched, Page, ReadOutcome, Reason, Response
from ingest.politeness import Robots, may_fetch, refusal
from ingest.settle import decide_failed, decide_moved, decide_offline, decide_read
from ingest.urls import origin_of
from jobs.logs import log
from jobs.turn import Turn
from storage import articles, boilerplate

ACCEPT = "text/html, application/xhtml+xml;q=0.9, text/plain;q=0.5, */*;q=0.1"


async def read_article(turn: Turn, entry: Entry) -> None:
    """Read the page of an entry that is due, and record what came of it."""
    blocks = await turn.app.read(boilerplate.load, entry.host)
    outcome = await _outcome(turn, entry, blocks)
    await turn.app.write(articles.record_read, outcome, blocks, turn.app.memory)
    turn.resting = outcome.rest_until is not None
    _tell(turn, outcome)


async def _outcome(turn: Turn, entry: Entry, blocks: frozenset[int]) -> ReadOutcome:
    try:
        robots = await turn.robots(entry.fetch_url) if turn.app.settings.politeness.respect_robots else None
    except Unacceptable as error:
        return decide_failed(entry, Fetched(turn.app.clock(), 0.0), error)
    if robots is None and turn.app.settings.politeness.respect_robots:
        return decide_offline(entry, turn.app.clock())
    refused = refusal(robots, entry.fetch_url, turn.app.settings.user_agent) if robots else None
    if refused is not None:
        return decide_failed(entry, Fetched(turn.app.clock(), 0.0), Refused(entry.fetch_url, refused))
    now = await turn.pace()
    started = time.monotonic()
    try:
        response = await _fetch(turn, entry, robots, now)
    except FetchError as error:
        if not await turn.network_works(error, now):
            return decide_offline(entry, now)
        fetched = Fetched(now, time.monotonic() - started, final_url=error.url, status=error.status)
        return decide_failed(entry, fetched, error)
    turn.app.network.heard(response.final_url)
    return await _read(turn, entry, response, now, blocks)


async def _fetch(turn: Turn, entry: Entry, robots: Robots | None, now: datetime) -> Response:
    """The page; or a redirect that leads to where other rules hold, which is not followed."""
    origin, user_agent = origin_of(entry.fetch_url), turn.app.settings.user_agent

    def may_follow(url: str) -> bool:
        return origin_of(url) == origin and (robots is None or may_fetch(robots, url, user_agent))

    return await turn.get(
        entry.fetch_url, now=now, limits=turn.app.page_limits, accept=ACCEPT, follow=may_follow, types=may_be_text
    )


async def _read(turn: Turn, entry: Entry, response: Response, now: datetime, blocks: frozenset[int]) -> ReadOutcome:
    fetched = Fetched(
        at=now,
        seconds=response.seconds,
        final_url=response.final_url,
        status=response.status,
        content_type=response.headers.get("content-type"),
        wire_bytes=len(response.raw_body),
    )
    if 300 <= response.status < 400:
        return _redirected(turn, entry, fetched, response.hops[-1].location)
    if turn.app.archive is not None:
        fetched = replace(fetched, archived=await asyncio.to_thread(turn.app.archive.append, response, now))
    page = Page(
        url=entry.fetch_url,
        final_url=response.final_url,
        body=response.body,
        content_type=fetched.content_type,
        entry=entry.said,
        boilerplate=blocks,
    )
    try:
        return decide_read(entry, fetched, await turn.app.extractor.read_to_store(page, now))
    except ParseError as error:
        turn.give_back(error)
        return decide_failed(entry, fetched, error)


def _redirected(turn: Turn, entry: Entry, fetched: Fetched, location: str) -> ReadOutcome:
    if origin_of(location) == origin_of(entry.fetch_url):
        return decide_failed(entry, fetched, Refused(location, Reason.ROBOTS_DISALLOWED, "a redirect led there"))
    return decide_moved(entry, fetched, location, turn.app.settings.fetch.redirects)


def _tell(turn: Turn, outcome: ReadOutcome) -> None:
    statistics, url = turn.app.statistics, outcome.entry.fetch_url
    statistics.count("pages_fetched", outcome.fetched.status is not None)
    if outcome.reading is not None:
        statistics.count("articles_revised" if outcome.entry.article_id else "articles_stored")
        log.info("article_stored", url=url, title=outcome.reading.title, words=outcome.reading.word_count)
    elif outcome.moved_to is not None:
        log.info("page_moved", url=url, to=outcome.moved_to)
    else:
        statistics.count("pages_failed")
        again = outcome.due_at.isoformat(timespec="seconds") if outcome.due_at else None
        log.warning("page_failed", url=url, reason=str(outcome.reason), detail=outcome.detail, again_at=again)
