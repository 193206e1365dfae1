"""One due entry: ask whether we may, fetch its page, keep it, read it, record what came of it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ingest.backfill.wanted import Wanted
from ingest.errors import ParseError
from ingest.model import Entry, Fetched, ReadOutcome, Response, Validators
from ingest.settle import decide_failed, decide_moved, decide_offline, decide_read, leads_on, taken_at
from ingest.urls import host_of
from jobs.archived import bring_up_to_date
from jobs.ask_page import ask_page, keep_page, read_page
from jobs.logs import log
from jobs.turn import Turn
from storage import articles, backfills, boilerplate


async def read_article(turn: Turn, entry: Entry) -> None:
    """Read the page of an entry that is due, and record what came of it."""
    host = entry.host if entry.captured_at is None else host_of(entry.url)
    blocks = await turn.app.read(boilerplate.load, host)
    outcome = await _outcome(turn, entry, blocks)
    app = turn.app
    await app.write(articles.record_read, outcome, blocks, app.memory, app.recheck_policy)
    turn.resting = outcome.rest_until is not None
    _tell(turn, outcome)


async def _outcome(turn: Turn, entry: Entry, blocks: frozenset[int]) -> ReadOutcome:
    answer = await ask_page(turn, entry.fetch_url, leads_on=partial(leads_on, entry))
    fetched, response = answer.fetched, answer.response
    if answer.error is not None:
        return decide_failed(entry, fetched, answer.error)
    if response is None:
        return decide_offline(entry, fetched.at)
    if 300 <= response.status < 400:
        return decide_moved(entry, fetched, response.hops[-1].location, turn.app.settings.fetch.redirects)
    if entry.article_id is not None:
        await bring_up_to_date(turn.app, entry.article_id)
    fetched = await keep_page(turn, response, fetched)
    wanted = await _wanted(turn, entry)
    fetched, response = _as_published(entry, fetched, response)
    try:
        reading = await read_page(turn, entry.page_url, response, fetched, entry.said, blocks)
        return decide_read(entry, fetched, reading, wanted)
    except ParseError as error:
        turn.give_back(error)
        return decide_failed(entry, fetched, error)


async def _wanted(turn: Turn, entry: Entry) -> Wanted | None:
    """What the backfill asks for that found it."""
    return None if entry.backfill_id is None else await turn.app.read(backfills.load_wanted, entry.backfill_id)


def _as_published(entry: Entry, fetched: Fetched, response: Response) -> tuple[Fetched, Response]:
    """A copy in a web archive stands for the page itself: where its publisher has it, as it was then."""
    if entry.captured_at is None:
        return fetched, response
    copied = replace(fetched, final_url=entry.url, captured_at=taken_at(entry, response.final_url))
    return replace(copied, validators=Validators(), body_hash=None), replace(response, final_url=entry.url)


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
