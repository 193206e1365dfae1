"""When a feed is due again: faster while it brings news, slower while it does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

OFFLINE_RETRY = timedelta(minutes=5)  # while our own network is down

# One step: an interval that finds news shrinks by a third, one that finds none grows by half. Between the bounds
# that settles where about two polls in three bring something.
FASTER = 2 / 3
SLOWER = 3 / 2


@dataclass(frozen=True, slots=True)
class Bounds:
    """The operator's limits, in seconds (`polling` in the settings)."""

    minimum_s: int = 300
    maximum_s: int = 86_400
    initial_s: int = 1_800


def next_cadence(current_s: int | None, *, news: bool, bounds: Bounds) -> int:
    """The interval after a successful poll."""
    if current_s is None:
        return bounds.initial_s
    step = FASTER if news else SLOWER
    return round(min(max(current_s * step, bounds.minimum_s), bounds.maximum_s))


def next_due(
    now: datetime, interval_s: float, freshness_s: float | None, ttl_s: float | None, bounds: Bounds
) -> datetime:
    """The next poll: never sooner than the publisher's Cache-Control, Expires or ttl ask, within the bounds."""
    asked = max(freshness_s or 0.0, ttl_s or 0.0)
    return now + timedelta(seconds=max(interval_s, min(asked, bounds.maximum_s)))
