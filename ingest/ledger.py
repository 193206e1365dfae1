"""The overlap ledger: what may have been missed between two polls that share nothing.

A poll that shares an item with the one before it proves that nothing was missed in between. Where none is shared, items
may have come and gone; how many is estimated from the dates in the document and from the feed's rhythm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.rhythm import DOUBT, HOUR, Forecast, Rhythm

MOST = 10_000.0  # no estimate is larger: dates from strangers can span centuries
DATED = 0.5  # so much of a document must have dates for them to tell what it covers
COVERING = 0.8  # the newest of them count: older ones may be pinned


@dataclass(frozen=True, slots=True)
class Gap:
    """Between two polls that share nothing."""

    missed: float  # items, an estimate; 0 where the document reaches back to the poll before
    seen_since: float | None = None  # the document shows what came from there on
    half_since: float | None = None  # half of it came from there on


def gap(rhythm: Rhythm | None, since: float, now: float, dates: Sequence[float], count: int) -> Gap:
    """What is to be thought of a document of `count` items that are all new. `since`: the poll before.

    `dates`: of its items, as far as they are believed.
    """
    fresh = sorted((date for date in dates if date <= now), reverse=True)
    if len(fresh) < max(3.0, count * DATED):
        return Gap(_bounded(_expected(rhythm, since, now) * (rhythm.level if rhythm else 1.0) - count))
    covering = fresh[: math.ceil(len(fresh) * COVERING)]
    oldest = covering[-1]
    half = fresh[len(fresh) // 2]
    if fresh[-1] <= since:
        return Gap(0.0, max(oldest, since), half)
    level = (len(covering) + DOUBT * (rhythm.level if rhythm else 1.0)) / (_expected(rhythm, oldest, now) + DOUBT)
    if rhythm is None:
        level = len(covering) / max((now - oldest) / HOUR, 1 / 60)
    return Gap(_bounded(_expected(rhythm, since, oldest) * level - (count - len(covering))), max(oldest, since), half)


def _expected(rhythm: Rhythm | None, since: float, until: float) -> float:
    """Items by the profile; by one an hour where there is none."""
    return max(until - since, 0.0) / HOUR if rhythm is None else Forecast(rhythm).between(since, until)


def _bounded(missed: float) -> float:
    return min(max(missed, 0.0), MOST)
