"""One stored article whose further look is due: ask whether its page changed, read it, record what came of it."""

from __future__ import annotations

from ingest.errors import ParseError
from ingest.model import Look, Recheck, RecheckOutcome
from ingest.recheck import (
    Policy,
    decide_failed,
    decide_moved,
    decide_offline,
    decide_read,
    decide_unchanged,
    validators_for,
)
from jobs.archived import bring_up_to_date
from jobs.ask_page import ask_page, keep_page, read_page
from jobs.logs import log
from jobs.turn import Turn
from storage import articles, boilerplate, rechecks
from storage.articles import Seen


async def recheck_article(turn: Turn, known: Recheck) -> None:
    """Look again at the page of an article, and record what came of it."""
    app, policy = turn.app, turn.app.recheck_policy
    if policy is None:  # switched off since this look was planned
        await app.write(rechecks.end, known.article_id)
        return
    blocks = await app.read(boilerplate.load, known.host)
    outcome = await _outcome(turn, known, blocks, policy)
    seen = await app.write(articles.record_recheck, outcome, policy, blocks, app.memory)
    turn.resting = outcome.rest_until is not None
    _tell(turn, outcome, seen)


async def _outcome(turn: Turn, known: Recheck, blocks: frozenset[int], policy: Policy) -> RecheckOutcome:
    answer = await ask_page(turn, known.url, validators_for(known))
    fetched, response = answer.fetched, answer.response
    if answer.error is not None:
        return decide_failed(known, fetched, answer.error, policy)
    if response is None:
        return decide_offline(known, fetched.at)
    if response.status == 304:
        return decide_unchanged(known, fetched, policy, Look.NOT_MODIFIED)
    if 300 <= response.status < 400:
        return decide_moved(known, fetched, response.hops[-1].location, turn.app.settings.fetch.redirects, policy)
    if fetched.body_hash == known.body_hash:
        return decide_unchanged(known, fetched, policy, Look.SAME_BODY)
    await bring_up_to_date(turn.app, known.article_id)
    fetched = await keep_page(turn, response, fetched)
    try:
        reading = await read_page(turn, known.url, response, fetched, known.said, blocks)
    except ParseError as error:
        turn.give_back(error)
        return decide_failed(known, fetched, error, policy)
    return decide_read(known, fetched, reading, policy)


def _tell(turn: Turn, outcome: RecheckOutcome, seen: Seen | None) -> None:
    statistics, known = turn.app.statistics, outcome.known
    statistics.count("rechecks", outcome.look is not Look.OFFLINE)
    statistics.count("rechecks_unchanged", outcome.look in (Look.NOT_MODIFIED, Look.SAME_BODY))
    if seen is not None:
        statistics.count("articles_revised")
        log.info(
            "article_revised", url=known.url, article=known.article_id, revision=seen.number, is_new=seen.is_new,
            added=seen.words_added, removed=seen.words_removed, correction=seen.note,
        )  # fmt: skip
    elif outcome.look is Look.WITHDRAWN:
        statistics.count("articles_withdrawn")
        log.warning("article_withdrawn", url=known.url, article=known.article_id, reason=str(outcome.reason))
    elif outcome.reason is not None:
        log.info("recheck_failed", url=known.url, reason=str(outcome.reason), detail=outcome.detail)
    if known.is_withdrawn and outcome.reason is None and outcome.moved_to is None:
        log.info("article_back", url=known.url, article=known.article_id)
