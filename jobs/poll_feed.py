"""One due feed: look, ask, think, record. The entries that are new or restated become due."""

from __future__ import annotations

import time
from dataclasses import replace

from ingest.conditional import may_lie, validators_for
from ingest.errors import FetchError, ParseError
from ingest.fetch import Limits, may_be_feed
from ingest.fingerprint import digest_bytes
from ingest.model import Feed, PollOutcome, PollResult, Response
from ingest.poll import decide_failed, decide_read, decide_unchanged
from ingest.sitemaps import KINDS as SITEMAPS
from ingest.sitemaps import looks_like_sitemap
from ingest.websub import discover
from jobs.app import App
from jobs.logs import log
from jobs.turn import Turn
from storage import entries, feeds, subscriptions

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.5"
)


async def poll_feed(turn: Turn, feed: Feed) -> None:
    """Poll a feed that is due, and record what came of it."""
    app = turn.app
    now = await turn.pace()
    asked, started = validators_for(feed, now), time.monotonic()
    try:
        response = await turn.get(
            feed.url, now=now, limits=_limits(app, feed), validators=asked, accept=ACCEPT, types=may_be_feed
        )
        app.network.heard(response.final_url)
        outcome = await _think(turn, feed, response)
        if (outcome.new or outcome.changed) and may_lie(feed, asked):
            outcome = replace(outcome, distrusted=await _lied(turn, feed, response))
    except (FetchError, ParseError) as error:
        turn.give_back(error)
        works = await turn.network_works(error, now) if isinstance(error, FetchError) else True
        seconds = time.monotonic() - started
        outcome = decide_failed(feed, error, now, seconds, app.bounds, network_works=works)
    outcome, due = await _record_much(app, outcome)
    if app.hubs_reach_us:
        due += await app.write(subscriptions.record_poll, outcome, app.bounds.maximum_s)
    else:
        due += await app.write(feeds.record_poll, outcome)
    turn.resting = outcome.rest_until is not None
    _tell(turn, outcome, due)


async def _think(turn: Turn, feed: Feed, response: Response) -> PollOutcome:
    app, now = turn.app, turn.app.clock()
    body_hash = digest_bytes(response.body)
    if response.status == 304 or body_hash == feed.body_hash:
        return decide_unchanged(feed, response, now, app.bounds)
    parsed = await app.extractor.parse_feed(
        response.body, response.headers.get("content-type"), response.final_url, now, feed.item_hashes
    )
    known = await app.read(entries.load_known, feed.id, [entry.key for entry in parsed.entries])
    renamed = await app.read(entries.load_renamed, feed.id, parsed.entries, known)
    known |= {entry.key: entry.content_hash for _, entry in renamed}
    outcome = decide_read(feed, response, parsed, body_hash, known, now, app.bounds)
    hub = discover(response.headers, parsed, response.final_url, feed.url)
    return replace(outcome, renamed=renamed, hub=hub)


async def _record_much(app: App, outcome: PollOutcome) -> tuple[PollOutcome, int]:
    """Of a poll that brought very much, all but the last portion, each in a transaction of its own.

    Returns the outcome with the rest to record, and how many entries became due.
    """
    due = 0
    while outcome.to_record - outcome.recorded > entries.PORTION:
        due += await app.write(entries.record_portion, outcome)
        outcome = replace(outcome, recorded=outcome.recorded + entries.PORTION)
    return outcome, due


def _limits(app: App, feed: Feed) -> Limits:
    is_sitemap = feed.kind in SITEMAPS or feed.parent_id is not None or looks_like_sitemap(feed.url)
    return app.sitemap_limits if is_sitemap else app.feed_limits


async def _lied(turn: Turn, feed: Feed, response: Response) -> bool:
    """Whether the server would have said "unchanged" although there are news: it gives the same validators, or does.

    Where it cannot be asked a second time it gets the benefit of the doubt until the next probe.
    """
    if response.validators == feed.validators:
        return True
    now = await turn.pace()
    limits = _limits(turn.app, feed)
    try:
        again = await turn.get(
            feed.url, now=now, limits=limits, validators=feed.validators, accept=ACCEPT, types=may_be_feed
        )
    except FetchError:
        return False
    return again.status == 304


def _tell(turn: Turn, outcome: PollOutcome, due: int) -> None:
    statistics, failed = turn.app.statistics, outcome.result in (PollResult.FAILED, PollResult.OFFLINE)
    statistics.count("polls")
    statistics.count("polls_not_modified", outcome.result is PollResult.NOT_MODIFIED)
    statistics.count("entries_new", len(outcome.new))
    statistics.count("entries_changed", len(outcome.changed))
    statistics.count("polls_failed", failed)
    if failed:
        log.warning("poll_failed", url=outcome.feed.url, reason=str(outcome.reason), detail=outcome.detail)
    else:
        log.info("feed_polled", url=outcome.feed.url, outcome=str(outcome.result), seen=outcome.seen, due=due)
    if outcome.move and outcome.move.believed:
        log.info("feed_moved", url=outcome.feed.url, to=outcome.move.to)
