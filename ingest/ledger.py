"""The overlap ledger: what may have been missed between two polls that share nothing.

A poll that shares an item with the one before it proves that nothing was missed in between. Where none is shared, items
may have come and gone; how many is estimated from the dates in the document and from the feed's rhythm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.rhythm import HOUR, Forecast, Rhythm

MOST = 10_000.0  # no estimate is larger: dates from strangers can span centuries
DATED = 0.5  # so much of a document must have dates for them to tell what it covers
COVERING = 0.8  # the newest of them count: older ones may be pinned
SHORTEST_H = 1 / 60  # a document that was written in a second says nothing of a pace
DOUBT = 1.0  # item: so much the level before weighs against what the document shows
UNKNOWN = 0.1  # of the document's pace is possible at any hour, whatever the rhythm says


@dataclass(frozen=True, slots=True)
class Gap:
    """Between two polls that share nothing."""

    missed: float  # items, an estimate; 0 where the document reaches back to the poll before
    seen_since: float | None = None  # the document shows what came from there on
    half_since: float | None = None  # half of it came from there on


def gap(rhythm: Rhythm | None, since: float, now: float, dates: Sequence[float], count: int) -> Gap:
    """What is to be thought of a document of `count` items that are all new. `since`: the poll before.

    `dates`: of its items, as far as they are believed. They tell what the document covers and how fast items came; the
    rhythm tells how the hours before compare with those, and all there is to tell where there are no dates.
    """
    fresh = sorted((date for date in dates if date <= now), reverse=True)
    if len(fresh) < max(3.0, count * DATED):
        return Gap(_bounded(Forecast(rhythm).between(since, now) * rhythm.level - count) if rhythm else 0.0)
    covering = fresh[: math.ceil(len(fresh) * COVERING)]
    oldest, half = covering[-1], fresh[len(fresh) // 2]
    pace = (len(covering) - 1) / max((now - oldest) / HOUR, SHORTEST_H)
    before = max(oldest - since, 0.0)
    missed = pace * before / HOUR
    if rhythm is not None and rhythm.weeks >= 1 and before:
        missed = _by_rhythm(rhythm, since, oldest, now, len(covering) - 1, pace * UNKNOWN / HOUR)
    return Gap(_bounded(missed - (count - len(covering))), max(oldest, since), half)


def _by_rhythm(rhythm: Rhythm, since: float, oldest: float, now: float, shown: int, least: float) -> float:
    """Items between the poll before and the oldest of the document: by the profile and, near to what the document
    shows, by the level that it shows (a burst says little of the hours before it)."""
    forecast, before, covered = Forecast(rhythm), oldest - since, max(now - oldest, 1.0)
    usual = forecast.between(since, oldest) + least * before
    level = (shown + DOUBT * rhythm.level) / (forecast.between(oldest, now) + least * covered + DOUBT)
    near = covered / before * (1 - math.exp(-before / covered))
    return usual * (rhythm.level + (level - rhythm.level) * near)


def _bounded(missed: float) -> float:
    return min(max(missed, 0.0), MOST)
