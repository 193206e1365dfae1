"""What one visit to an entry's page means: stored, led elsewhere, again later, or given up. Touches nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ingest.announced import read_announced
from ingest.backfill.wanted import Fit, Wanted
from ingest.backfill.wayback import captured_at, is_memento
from ingest.errors import FetchError, ParseError, Transient
from ingest.model import Entry, EntryState, Fetched, Reading, ReadOutcome, Reason
from ingest.poll import rest_until
from ingest.retry import UNCOUNTED, next_try


def decide_read(entry: Entry, fetched: Fetched, reading: Reading, wanted: Wanted | None = None) -> ReadOutcome:
    """The page was read: an article is stored; what is none is settled with its reason.

    `wanted`: what the backfill that found it asks for; an article beyond that is not stored.
    """
    if reading.reason is not None:
        return decide_failed(entry, fetched, ParseError(reading.reason))
    unwanted = _unwanted(reading, wanted) if wanted is not None else None
    if unwanted is not None:
        return ReadOutcome(entry, fetched, EntryState.FAILED, reason=unwanted, attempts=entry.attempts + 1)
    return ReadOutcome(entry, fetched, EntryState.STORED, reading=reading)


def decide_kept(entry: Entry, fetched: Fetched, read: Reading | ParseError, wanted: Wanted) -> ReadOutcome:
    """The same for a page from an archive: there is no host to ask again."""
    if isinstance(read, ParseError):
        outcome = decide_failed(entry, fetched, read)
    else:
        outcome = decide_read(entry, fetched, read, wanted)
    return replace(outcome, state=EntryState.FAILED, due_at=None) if outcome.reading is None else outcome


def _unwanted(reading: Reading, wanted: Wanted) -> Reason | None:
    if wanted.fit(reading.published_at) is Fit.OUTSIDE:
        return Reason.OUTSIDE_WINDOW
    return None if wanted.takes_language(reading.language) else Reason.OTHER_LANGUAGE


def decide_moved(entry: Entry, fetched: Fetched, location: str, limit: int) -> ReadOutcome:
    """It led to another host, which is visited in its own turn; after too many such hops it is given up."""
    if not leads_on(entry, location):
        detail = f"the copy leads out of the archive: {location[:200]}"
        return decide_failed(entry, fetched, ParseError(Reason.BAD_REDIRECT, detail))
    if entry.hops >= limit:
        return decide_failed(entry, fetched, ParseError(Reason.TOO_MANY_REDIRECTS, f"more than {limit}"))
    at = taken_at(entry, location)
    return ReadOutcome(entry, fetched, EntryState.WAITING, moved_to=location, captured_at=at, due_at=fetched.at)


def leads_on(entry: Entry, location: str) -> bool:
    """Whether a redirect may be followed: from a copy in a web archive to copies alone.

    What is elsewhere, the live page or a page of the archive's own, is not what was there when the copy was taken.
    """
    return entry.captured_at is None or is_memento(location)


def taken_at(entry: Entry, url: str) -> datetime | None:
    """When the copy was taken that an entry led to; None where it is asked for at its publisher's."""
    return None if entry.captured_at is None else captured_at(url) or entry.captured_at


def decide_failed(entry: Entry, fetched: Fetched, error: FetchError | ParseError) -> ReadOutcome:
    """It could not be had: when to try again hangs on why. An article we have already is kept as it is.

    Where it is given up and the feed states the whole text, that is stored, and the reason stays beside it.
    """
    counted = error.reason not in UNCOUNTED
    attempts = entry.attempts + counted
    retry_after = error.retry_after if isinstance(error, Transient) else None
    due_at = next_try(error.reason, max(attempts, 1), fetched.at, retry_after)
    announced = read_announced(entry, fetched.at) if due_at is None and entry.article_id is None else None
    return ReadOutcome(
        entry,
        fetched,
        EntryState.STORED if announced else EntryState.WAITING if due_at else _given_up(entry),
        reading=announced,
        reason=error.reason,
        detail=error.detail or None,
        attempts=attempts,
        due_at=due_at,
        rest_until=rest_until(error, fetched.at),
    )


def decide_offline(entry: Entry, now: datetime) -> ReadOutcome:
    """Our own network is down: nobody is to blame, and nothing is counted."""
    outcome = decide_failed(entry, Fetched(now, 0.0), ParseError(Reason.OFFLINE))
    return replace(outcome, attempts=entry.attempts)


def _given_up(entry: Entry) -> EntryState:
    return EntryState.FAILED if entry.article_id is None else EntryState.STORED
