"""What one poll of a feed means: new, changed, moved, gone, when it is due next. Touches nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ingest import cadence, ledger, patience, rhythm
from ingest.cadence import Bounds
from ingest.conditional import freshness_s, retry_after_s
from ingest.errors import FetchError, ParseError, Transient
from ingest.ledger import Gap
from ingest.model import (
    Feed,
    FeedState,
    Hop,
    Move,
    Pacing,
    ParsedEntry,
    ParsedFeed,
    PollOutcome,
    PollResult,
    Reason,
    Response,
    Validators,
)
from ingest.rhythm import Rhythm
from ingest.sitemaps import SITEMAP_INDEX, choose_children

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
    """A document came and was parsed. `known`: entry key to content hash, for those of its entries we had.

    SAME_ITEMS where every item in it was passed over as known, byte for byte.
    """
    new = tuple(e for e in parsed.entries if e.key not in known)
    changed = tuple(e for e in parsed.entries if e.key in known and e.restates(known[e.key]))
    gap = None
    if feed.body_hash is not None and new and len(new) == parsed.seen:
        gap = ledger.gap(rhythm.load(feed.rhythm), _last_success(feed, now), now.timestamp(), _dates(new), len(new))
    outcome = _success(
        feed, response, now, bounds, replace(rhythm_after(feed, parsed.entries, new, gap, now), pacing=parsed.pacing),
        window=parsed.seen or feed.items or 1, limit_s=_hurry(feed, gap, now),
    )  # fmt: skip
    return replace(
        outcome,
        result=PollResult.READ if parsed.entries or not parsed.skipped else PollResult.SAME_ITEMS,
        body_hash=body_hash,
        title=parsed.title,
        site_url=parsed.site_url,
        language=parsed.language,
        kind=parsed.kind,
        detail=parsed.problem,
        seen=parsed.seen,
        items=parsed.seen,
        item_hashes=parsed.item_hashes,
        new=new,
        changed=changed,
        move=_move(feed, response.hops, parsed.new_url, now),
        gap_possible=gap is not None,
        missed=gap.missed if gap else 0.0,
        children=parsed.children if SITEMAP_INDEX in (parsed.kind, feed.kind) else None,
        wanted=choose_children((feed.url, response.final_url), parsed.children, now) if parsed.children else (),
    )


def decide_unchanged(feed: Feed, response: Response, now: datetime, bounds: Bounds) -> PollOutcome:
    """304, or the same bytes as last time: both save the validators that came along, and tell that nothing came."""
    learned = rhythm_after(feed, (), (), None, now)
    outcome = _success(feed, response, now, bounds, learned, window=feed.items or 1)
    result = PollResult.NOT_MODIFIED if response.status == 304 else PollResult.SAME_BODY
    return replace(outcome, result=result, body_hash=feed.body_hash, items=feed.items)


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
    now: datetime,
    bounds: Bounds,
    learned: Rhythm,
    *,
    window: int,
    limit_s: float = math.inf,
) -> PollOutcome:
    limit = min(limit_s, cadence.limit_s(feed.cadence_s, learned, bounds, learned.pacing.period_s))
    found = cadence.next_cadence(learned, window, bounds, limit)
    return PollOutcome(
        feed=feed,
        at=now,
        seconds=response.seconds,
        result=PollResult.READ,
        due_at=_due(feed, response, learned.pacing, found, now, bounds),
        cadence_s=found,
        rhythm=learned.to_bytes(),
        status=response.status,
        wire_bytes=len(response.raw_body),
        validators=_validators(feed, response),
        # What a document says of itself it says still while it is unchanged.
        move=_move(feed, response.hops, feed.moved_to if feed.moved_by == "feed" else None, now),
    )


def _due(feed: Feed, response: Response, pacing: Pacing, found_s: int, now: datetime, bounds: Bounds) -> datetime:
    """The interval fixed by the user wins; one found by us bends to what the publisher asks."""
    if feed.interval_s:
        return cadence.next_on_grid(now, feed.interval_s, feed.url)
    headers = response.headers
    retry_after = retry_after_s(headers.get("retry-after"), headers.get("date"), now)
    asked = max(freshness_s(headers, now) or 0.0, retry_after or 0.0, pacing.ttl_s or 0.0)
    due = cadence.next_due(now, found_s, asked, bounds, feed.url)
    return cadence.skipped(due, pacing, now + timedelta(seconds=bounds.maximum_s), feed.url)


def rhythm_after(
    feed: Feed, said: Sequence[ParsedEntry], new: Sequence[ParsedEntry], gap: Gap | None, now: datetime
) -> Rhythm:
    """The feed's rhythm after this poll."""
    moment = now.timestamp()
    learned = rhythm.load(feed.rhythm)
    if learned is None:
        return rhythm.begin(moment, _dates(said))
    since = max(gap.seen_since or 0.0, learned.at) if gap else learned.at
    came = [date for date in _dates(new) if since <= date <= moment]
    undated = float(len(new) - len(came))
    if gap and gap.seen_since:
        undated = 0.0  # older than what is looked at
    elif gap:
        undated += gap.missed
    rhythm.learn(learned, moment, came, undated, since)
    return learned


def _hurry(feed: Feed, gap: Gap | None, now: datetime) -> float:
    """After a gap: a quarter of the time that passed, or the time in which half of the document came."""
    if gap is None:
        return math.inf
    moment = now.timestamp()
    return min((moment - _last_success(feed, now)) / cadence.GAP, moment - (gap.half_since or -math.inf))


def _last_success(feed: Feed, now: datetime) -> float:
    """When the feed was last seen whole."""
    before = feed.succeeded_at or feed.polled_at or now - timedelta(seconds=feed.cadence_s or 0)
    return before.timestamp()


def _dates(entries: Sequence[ParsedEntry]) -> list[float]:
    """When they were published, as far as the feed says so to the second: midnight means that it states days."""
    dates = (entry.published_at for entry in entries)
    return [date.timestamp() for date in dates if date and (date.hour, date.minute, date.second) != (0, 0, 0)]


def _validators(feed: Feed, response: Response) -> Validators:
    """A 304 may leave out what has not changed; a full answer replaces both."""
    said, kept = response.validators, feed.validators
    if response.status != 304:
        return said
    return replace(kept, etag=said.etag or kept.etag, last_modified=said.last_modified or kept.last_modified)


def _move(feed: Feed, hops: Sequence[Hop], said: str | None, now: datetime) -> Move | None:
    """Where the leading permanent redirects point, else where the feed says it is, and on how many days by now."""
    to, by = said, "feed"
    for hop in hops:
        if hop.status not in (301, 308):
            break
        to, by = hop.location, "redirect"
    if to is None or to == feed.url:
        return None
    today = now.date().isoformat()
    if feed.moved_to != to:
        seen = 1
    else:
        seen = feed.moved_seen + (feed.moved_on != today)
    return Move(to, by, seen, today, believed=seen >= DAYS_TO_MOVE)


def _unmoved(feed: Feed) -> Move | None:
    """A failed poll neither adds to what we know of a move nor takes from it."""
    if feed.moved_to is None or feed.moved_on is None:
        return None
    return Move(feed.moved_to, feed.moved_by or "redirect", feed.moved_seen, feed.moved_on, believed=False)
