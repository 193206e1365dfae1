"""A document of the past as a worker reads it, whatever its kind; and what it means where it cannot be had."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from ingest.backfill import history, sitemap, wayback
from ingest.backfill.request import Looked, Part, PartState, Request, Seed, Source
from ingest.backfill.step import CDX, HISTORY, SITEMAP, Next, Step
from ingest.errors import FetchError, ParseError, SettingsError, Transient
from ingest.model import Reason, Validators
from ingest.retry import UNCOUNTED, next_try
from ingest.urls import host_of

READERS = {SITEMAP: sitemap.read, HISTORY: history.read, CDX: wayback.read}
NOT_THERE = (Reason.NOT_FOUND, Reason.GONE)


def seeds_of(request: Request, server: str = wayback.SERVER) -> tuple[Seed, ...]:
    """The documents that a request on the network begins with. Raises SettingsError for what is no address."""
    found: list[Seed] = []
    for place in request.places:
        if request.source is Source.SITEMAP:
            begin = sitemap.seeds(place)
        elif request.source is Source.HISTORY:
            begin = history.seeds(place)
        else:
            begin = wayback.seeds(place, request.wanted, server)
        if not begin:
            raise SettingsError(f"{place[:100]} is no address of a site: give one like https://www.example.org")
        found += (_seed(each) for each in begin)
    return tuple(found)


def _seed(each: Next) -> Seed:
    return Seed(
        kind=each.kind,
        place=each.url,
        host=host_of(each.url),
        fallbacks=each.fallback,
        is_guess=each.is_guess,
        trail=each.state,
        modified_at=each.modified_at,
    )


def read_document(part: Part, body: bytes, headers: Mapping[str, str], url: str, now: datetime) -> Step:
    """What a part brings, read in the way of its kind. Raises ParseError."""
    return READERS[part.kind](_asked(part), body, headers, url, part.wanted, now)


def _asked(part: Part) -> Next:
    return Next(part.place, part.kind, part.modified_at, part.depth, part.fallbacks, part.is_guess, part.trail)


def decide_read(part: Part, step: Step, validators: Validators, new: int) -> Looked:
    """The document was read: done, and on to what it leads to. Where it brought nothing, something else is tried.

    `new`: how many of its addresses nobody knew. Where a page of a history has no other, what is behind it has moved.
    """
    following = tuple(_seed(each) for each in step.following)
    if not following and not step.entries:
        following = _instead(part)
    return Looked(
        PartState.DONE,
        records=len(step.entries) + sum(step.left_out.values()),
        left_out=step.left_out,
        validators=validators,
        detail=step.problem or step.end,
        following=following,
        goes_on=part.kind == HISTORY and 0 < len(step.entries) == new,
    )


def decide_unchanged(part: Part) -> Looked:
    """It is as it was, and so is what it leads to."""
    return Looked(PartState.DONE, validators=part.validators)


def decide_failed(part: Part, error: FetchError | ParseError, now: datetime, *, network_works: bool = True) -> Looked:
    """It could not be had: again later, or never; then something else is tried. A guess ends with it."""
    reason = error.reason if network_works else Reason.OFFLINE
    attempts = part.attempts + (reason not in UNCOUNTED)
    is_end = part.is_guess and reason in (*NOT_THERE, Reason.NOT_A_FEED, Reason.EMPTY_PAGE, Reason.CLIENT_ERROR)
    retry_after = error.retry_after if isinstance(error, Transient) else None
    # What is not there is not announced early, as an article may be: once is enough.
    due_at = None if is_end or reason in NOT_THERE else next_try(reason, max(attempts, 1), now, retry_after)
    if due_at is not None and retry_after is not None:
        due_at = now + timedelta(seconds=max(retry_after, 1.0))  # it says itself how long that takes
    following = _instead(part) if due_at is None else ()
    failed = PartState.DONE if is_end or following else PartState.FAILED
    return Looked(
        PartState.WAITING if due_at else failed,
        attempts=attempts,
        reason=reason,
        detail=error.detail or None,
        due_at=due_at,
        following=following,
    )


def _instead(part: Part) -> tuple[Seed, ...]:
    """The next address to try."""
    if not part.fallbacks:
        return ()
    first, *others = part.fallbacks
    host = host_of(first)
    return (Seed(part.kind, first, host, tuple(others), part.is_guess, part.trail),)
