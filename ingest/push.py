"""What a push means, and what polls are still needed for while a feed is pushed. Touches nothing.

A hub's promise is only a promise. So polls slow down once a push has come, and return to the feed's own cadence as soon
as one of them finds what should have been pushed; the next push is believed again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ingest.model import Feed, FeedState, ParsedEntry, ParsedFeed, PollOutcome, PollResult, Subscription
from ingest.poll import rhythm_after
from ingest.websub import lease_holds

SLOWER = 6  # how many times longer a feed may wait for its poll while it is pushed
DELAY = timedelta(minutes=10)  # how late a push may be before a poll that is quicker counts against the hub
SAFETY = timedelta(minutes=2)  # a push that was not recorded by then is made good by a poll


@dataclass(frozen=True, slots=True)
class Push:
    """What a hub sent: a whole document, or what is new of it."""

    parsed: ParsedFeed
    at: datetime
    seconds: float
    wire_bytes: int


def decide_pushed(feed: Feed, push: Push, known: Mapping[bytes, bytes]) -> PollOutcome:
    """What a push means. It says nothing of the feed's own answer; but of when the feed publishes it does."""
    entries = push.parsed.entries
    new = tuple(e for e in entries if e.key not in known)
    return PollOutcome(
        feed=feed,
        at=push.at,
        seconds=push.seconds,
        result=PollResult.PUSHED,
        due_at=push.at,
        cadence_s=feed.cadence_s or 0,
        wire_bytes=push.wire_bytes,
        detail=push.parsed.problem,
        seen=push.parsed.seen,
        new=new,
        changed=tuple(e for e in entries if e.key in known and e.restates(known[e.key])),
        rhythm=rhythm_after(feed, entries, new, None, push.at).to_bytes() if feed.rhythm else None,
    )


def pushed(known: Subscription, now: datetime) -> Subscription:
    return replace(known, pushed_at=now, pushes=known.pushes + 1)


# --- polling beside it --------------------------------------------------------------------------------------------


def is_trusted(known: Subscription | None, now: datetime) -> bool:
    """Whether polls may be slower: the lease holds, and no poll has found what was not pushed since the last push."""
    if known is None or not lease_holds(known, now) or known.pushed_at is None:
        return False
    return known.missed_at is None or known.missed_at < known.pushed_at


def slower(known: Subscription | None, feed: Feed, now: datetime, wait: timedelta, maximum_s: float) -> datetime:
    """When the feed is due that would be due after `wait`: later while pushes are trusted.

    Never later than `maximum_s` allows, nor than the lease lasts. An interval that the operator fixed is kept.
    """
    if known is None or known.lease_until is None or feed.interval_s is not None or not is_trusted(known, now):
        return now + wait
    longer = min(wait * SLOWER, timedelta(seconds=maximum_s), known.lease_until - now)
    return now + max(wait, longer)


def after_push(known: Subscription, feed: Feed, now: datetime, initial_s: float, maximum_s: float) -> datetime | None:
    """When the feed is due, now that a push was recorded; None: a feed that fails keeps its own time."""
    if feed.state is not FeedState.ACTIVE or feed.failures:
        return None
    wait = timedelta(seconds=feed.interval_s or feed.cadence_s or initial_s)
    due_at = slower(known, feed, now, wait, maximum_s)
    # However often something is pushed, a poll must be able to find what is not.
    return due_at if feed.polled_at is None else max(now, min(due_at, feed.polled_at + timedelta(seconds=maximum_s)))


def after_poll(known: Subscription, outcome: PollOutcome, maximum_s: float) -> tuple[Subscription, PollOutcome]:
    """A poll succeeded: what it says of the pushes, and when the next one is due beside them."""
    now = outcome.at
    if any(_was_missed(known, entry, outcome.feed, now) for entry in outcome.new):
        known = replace(known, missed_at=now)
    return known, replace(outcome, due_at=slower(known, outcome.feed, now, outcome.due_at - now, maximum_s))


def _was_missed(known: Subscription, entry: ParsedEntry, feed: Feed, now: datetime) -> bool:
    """Whether the hub should have pushed this by now.

    What was published before it confirmed, or a moment ago, is not held against it. Where a feed states no time, or
    one to come, the entry appeared since the poll before.
    """
    if known.verified_at is None:
        return False
    published = entry.published_at
    if published is None or published > now:
        return feed.succeeded_at is not None and feed.succeeded_at >= known.verified_at
    return known.verified_at <= published <= now - DELAY
