"""When a feed is due again: as soon as half of what it shows is likely to be new, never sooner than its publisher asks,
within the operator's bounds. docs/decisions/0009-cadence.md tells why, and what was measured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from ingest.model import Pacing
from ingest.rhythm import HEAT_S, HOUR, Forecast, Rhythm

OFFLINE_RETRY = timedelta(minutes=5)  # while our own network is down

# Of the window, so much may be expected to be new at the next poll: half of it, less where the count scatters, but not
# less than a quarter and a bit; and where items would wait for long, hardly more than a third.
TURNOVER, SPARED, FRESH = 0.5, 0.28, 0.37
SURENESS = 4.0  # standard deviations of what may come beyond the expected are to fit in the rest
UNSURE = 0.2  # of the forecast is doubtful however many items it was learned from
WAITED_H = 12.0  # item-hours: what is expected may have waited for so long, all items together,
FRESH_S = 4 * 3600  # where the next poll is further away than this
SLOWER = 3 / 2  # the interval grows by so much at most while the feed has not been watched for a week
GAP = 4  # and shrinks to a quarter when a poll shares nothing with the one before
SPREAD = 0.05  # of the interval: so much earlier, by feed, polls are made
_STEP_S = 900.0  # the forecast's pieces in the first two hours, an hour later on


@dataclass(frozen=True, slots=True)
class Bounds:
    """The operator's limits, in seconds (`polling` in the settings)."""

    minimum_s: int = 300
    maximum_s: int = 86_400
    initial_s: int = 1_800


def next_cadence(rhythm: Rhythm, window: int, bounds: Bounds, limit_s: float = math.inf) -> int:
    """The interval from the poll that `rhythm` was just learned from, in seconds. `window`: items the feed shows.

    Due when the expected number of new items reaches about half of the window, less where more may come than
    expected; or when those expected have waited long enough. `limit_s`: not longer than this.
    """
    furthest = min(bounds.maximum_s, limit_s)
    found = _when(Forecast(rhythm), rhythm, window, furthest)
    return round(min(max(found, bounds.minimum_s), bounds.maximum_s))


def _when(forecast: Forecast, rhythm: Rhythm, window: int, furthest: float) -> float:
    full = room(window, rhythm)
    third = min(window * FRESH, full)
    expected = waited = 0.0
    begun = 0.0
    while begun < furthest:
        moment = rhythm.at + begun
        step = min(HOUR - moment % HOUR, _STEP_S if begun < 2 * HOUR else HOUR, furthest - begun)
        coming = forecast.rate(moment) * step / HOUR
        if forecast.heat:
            coming += forecast.heat * (math.exp(-begun / HEAT_S) - math.exp(-(begun + step) / HEAT_S))
        if expected + coming >= full:
            return begun + step * (full - expected) / coming
        expected += coming
        waited += (expected - coming / 2) * step / HOUR
        begun += step
        if waited >= WAITED_H and (expected >= third or begun >= FRESH_S):
            return begun
    return furthest


def room(window: int, rhythm: Rhythm) -> float:
    """How many new items may be expected at the next poll: half of the window, less where the count scatters or
    bursts are known, so that what comes beyond the expected still fits in."""
    window = max(window, 1)
    variance = SURENESS**2 * rhythm.noise  # what is left of the window is to hold so much scatter
    square, line = 1 - (SURENESS * UNSURE) ** 2, 2 * window + variance
    scatter = (line - math.sqrt(line * line - 4 * square * window * window)) / (2 * square)
    return max(min(window * TURNOVER, scatter, window - rhythm.peak), window * SPARED)


def limit_s(current_s: int | None, rhythm: Rhythm, bounds: Bounds, period_s: int | None) -> float:
    """How long the next interval may be at most: a feed becomes slow in steps until it has been watched for a week.

    The first interval is the operator's guess, or what the feed says of itself (sy:updatePeriod).
    """
    if current_s is None:
        return float(period_s or bounds.initial_s)
    return current_s * SLOWER if rhythm.weeks < 1 else math.inf


def next_due(now: datetime, interval_s: float, asked_s: float, bounds: Bounds, key: str) -> datetime:
    """The next poll of a feed whose interval we found: never sooner than the publisher asks, within the bounds.

    `key`: the feed's URL, on which its phase hangs.
    """
    asked = min(asked_s, bounds.maximum_s)
    early = max(interval_s * (1 - SPREAD * phase(key)), min(bounds.minimum_s, interval_s))
    if early < asked:  # all feeds of a site ask for the same: spread after it, not before
        early = min(asked * (1 + SPREAD * phase(key)), bounds.maximum_s)
    return now + timedelta(seconds=math.ceil(early))


def next_on_grid(now: datetime, interval_s: int, key: str) -> datetime:
    """The next poll of a feed whose interval is fixed: on its own grid, so that lateness does not add up and feeds
    of one interval are spread evenly over it, after restarts too. At least half an interval from now."""
    at = now.timestamp() + interval_s / 2
    offset = phase(key) * interval_s
    return datetime.fromtimestamp(math.ceil((at - offset) / interval_s) * interval_s + int(offset), UTC)


def skipped(due: datetime, pacing: Pacing, latest: datetime, key: str) -> datetime:
    """A due moment moved out of the hours and days in which, the feed says, nobody need ask; not beyond `latest`.

    A feed that leaves no hour at all is not believed.
    """
    hours, days = pacing.skip_hours, pacing.skip_days
    if not (hours or days) or len(hours) >= 24 or len(days) >= 7:
        return due
    moment = due
    while moment < latest and (moment.hour in hours or moment.weekday() in days):
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if moment == due:
        return due
    return max(due, min(moment + timedelta(seconds=int(SPREAD * HOUR * phase(key))), latest))


def phase(key: str) -> float:
    """0 to 1, the same for a feed at all times."""
    return int.from_bytes(blake2b(key.encode("utf-8", "replace"), digest_size=4).digest(), "big") / 0x1_0000_0000
