"""What one poll of a feed means: new, changed, moved, gone, when it is due next. Touches nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ingest import cadence, patience
from ingest.cadence import Bounds
from ingest.conditional import freshness_s
from ingest.errors import FetchError, ParseError, Transient
from ingest.model import (
    Feed,
    FeedState,
    Hop,
    Move,
    ParsedFeed,
    PollOutcome,
    PollResult,
    Reason,
    Response,
    Validators,
)

# A permanent redirect is believed once it was seen on this many different days: a misconfigured server, a hotel's
# login page or a lapsed domain shows one for hours, not for days.
DAYS_TO_MOVE = 3
REST = timedelta(minutes=5)  # how long a host rests that asks for it without saying how long


def decide_read(
    feed: Feed,
    response: Response,
    parsed: ParsedFeed,
    body_hash: bytes,
    known: Mapping[bytes, bytes],
    now: datetime,
    bounds: Bounds,
) -> PollOutcome:
    """A document came and was parsed. `known`: entry key to content hash, for those of its entries we had."""
    new = tuple(e for e in parsed.entries if e.key not in known)
    changed = tuple(e for e in parsed.entries if e.key in known and e.restates(known[e.key]))
    outcome = _success(
        feed, response, PollResult.READ, now, bounds, news=bool(new or changed), ttl_s=parsed.pacing.ttl_s
    )
    read_before = feed.body_hash is not None
    return replace(
        outcome,
        body_hash=body_hash,
        title=parsed.title,
        site_url=parsed.site_url,
        language=parsed.language,
        detail=parsed.problem,
        seen=parsed.seen,
        new=new,
        changed=changed,
        gap_possible=read_before and bool(new) and len(new) == parsed.seen,
    )


def decide_unchanged(feed: Feed, response: Response, now: datetime, bounds: Bounds) -> PollOutcome:
    """304, or the same bytes as last time: both save the validators that came along."""
    result = PollResult.NOT_MODIFIED if response.status == 304 else PollResult.SAME_BODY
    outcome = _success(feed, response, result, now, bounds, news=False)
    return replace(outcome, body_hash=feed.body_hash)


def decide_failed(
    feed: Feed, error: FetchError | ParseError, now: datetime, seconds: float, bounds: Bounds, *, network_works: bool
) -> PollOutcome:
    """Nothing usable came. Where nothing answers anywhere, it is our network and counts against no feed."""
    kept = PollOutcome(
        feed=feed,
        at=now,
        seconds=seconds,
        result=PollResult.FAILED,
        due_at=now,
        cadence_s=feed.cadence_s or bounds.initial_s,
        state=feed.state,
        failures=feed.failures,
        failure_weight=feed.failure_weight,
        reason=error.reason,
        detail=error.detail,
        status=getattr(error, "status", None),
        validators=feed.validators,
        body_hash=feed.body_hash,
        move=_unmoved(feed),
    )
    if not network_works:
        return replace(kept, result=PollResult.OFFLINE, reason=Reason.OFFLINE, due_at=now + cadence.OFFLINE_RETRY)
    total = feed.failure_weight + patience.weight(error.reason)
    kept = replace(kept, failures=feed.failures + 1, failure_weight=total, rest_until=rest_until(error, now))
    if error.reason is Reason.GONE or feed.state is FeedState.GONE:  # whatever a probe of a gone feed meets
        return replace(kept, state=FeedState.GONE, due_at=now + patience.PROBE)
    if feed.state is FeedState.RESTING or patience.rests(feed, total, now):
        return replace(kept, state=FeedState.RESTING, due_at=now + patience.PROBE, detail=_why_it_rests(feed, error))
    wait = patience.wait_s(total, feed.interval_s or kept.cadence_s, bounds.maximum_s, feed.url)
    asked = error.retry_after if isinstance(error, Transient) else None
    return replace(kept, due_at=now + timedelta(seconds=max(wait, asked or 0.0)))


def _why_it_rests(feed: Feed, error: FetchError | ParseError) -> str:
    since = feed.succeeded_at or feed.created_at
    return f"{error.detail or error.reason}; failing since {since:%Y-%m-%d}, asked once a month" if since else ""


def rest_until(error: FetchError | ParseError, now: datetime) -> datetime | None:
    """Until when the whole host is to be left alone: it said 429, or 503 with a Retry-After."""
    if not isinstance(error, Transient):
        return None
    if error.retry_after is not None:
        return now + timedelta(seconds=error.retry_after)
    return now + REST if error.reason is Reason.RATE_LIMITED else None


def _success(
    feed: Feed,
    response: Response,
    result: PollResult,
    now: datetime,
    bounds: Bounds,
    *,
    news: bool,
    ttl_s: int | None = None,
) -> PollOutcome:
    found = cadence.next_cadence(feed.cadence_s, news=news, bounds=bounds)
    fresh = None if feed.interval_s else freshness_s(response.headers, now)
    return PollOutcome(
        feed=feed,
        at=now,
        seconds=response.seconds,
        result=result,
        due_at=cadence.next_due(now, feed.interval_s or found, fresh, None if feed.interval_s else ttl_s, bounds),
        cadence_s=found,
        status=response.status,
        wire_bytes=len(response.raw_body),
        validators=_validators(feed, response),
        move=_move(feed, response.hops, now),
    )


def _validators(feed: Feed, response: Response) -> Validators:
    """A 304 may leave out what has not changed; a full answer replaces both."""
    said, kept = response.validators, feed.validators
    if response.status != 304:
        return said
    return replace(kept, etag=said.etag or kept.etag, last_modified=said.last_modified or kept.last_modified)


def _move(feed: Feed, hops: Sequence[Hop], now: datetime) -> Move | None:
    """Where the leading permanent redirects point, and on how many days they have by now."""
    to = None
    for hop in hops:
        if hop.status not in (301, 308):
            break
        to = hop.location
    if to is None:
        return None
    today = now.date().isoformat()
    if feed.moved_to != to:
        seen = 1
    else:
        seen = feed.moved_seen + (feed.moved_on != today)
    return Move(to, seen, today, believed=seen >= DAYS_TO_MOVE)


def _unmoved(feed: Feed) -> Move | None:
    """A failed poll neither adds to what we know of a move nor takes from it."""
    if feed.moved_to is None or feed.moved_on is None:
        return None
    return Move(feed.moved_to, feed.moved_seen, feed.moved_on, believed=False)
