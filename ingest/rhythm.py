"""When a feed publishes: what came in each hour of the week, how much lately, and how far that can be trusted.

Learned from every successful poll, those that brought nothing too, and kept in 381 bytes (`feeds.rhythm`). Times here
are seconds since 1970; hours of the week are counted from Thursday 00:00 UTC, as that second was.

    profile   items an hour in each of the 168 hours, the newest week weighing about a fifth
    level     what came lately over what the profile let expect: a feed that quickens is followed within hours, one
              that slackens within days
    heat      what came in the last hour or so beyond that: breaking news, likely to go on for a while
    peak      the largest such excess in memory; fades by half in two months
    pacing    what the last document asked for: an answer "unchanged" does not repeat it
    noise     how much counts scatter around the forecast: 1 as by chance alone, more for a feed that comes in batches
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from struct import Struct

from ingest.model import Pacing

HOUR = 3600
WEEK = 168  # hours
LEARNED = 0.2  # of the profile is what the newest week brought, once there have been five
SLOW_S = 4 * 24 * HOUR  # the level looks back so far;
FAST_S, FAST_ITEMS = 24 * HOUR, 40.0  # where it rises, no further than this, and over not more expected items
DOUBT, LESS_DOUBT = 3.0, 1.0  # items: so many must come, or fail to come, to move the level by much: fast, slow
HEAT_S = 3600.0
PEAK_S = 60 * 86_400 / math.log(2)
QUIETEST, LOUDEST = 1 / 50, 50.0  # the level's bounds
NOISE_LEARNED, NOISIEST = 0.04, 50.0
PRIOR_WEEKS = 1.5  # the hour of the week weighs against "its hour times its day" as so many weeks
# An hour is expected to bring so much of the week's average at least: a profile is believed to be quiet only when it
# has been watched for some weeks, and not while its feed surprises us (its noise is large).
YOUNG_FLOOR, TRUSTED_WEEKS = 1.5, 2.5
NOISE_USUAL, NOISE_SPAN = 2.5, 5.0
COUNTLESS = 60_000.0  # items an hour: no feed has more, and the stored numbers end there

_FORM = Struct("<BIII8f168e")
_VERSION = 1
_TTL_CAP_S = 366 * 86_400
_UNASKED = Pacing()


@dataclass(slots=True)
class Rhythm:
    """What is known of a feed's rhythm at the moment `at`."""

    at: int  # the poll that it was last learned from
    weeks: float = 0.0  # watched by us so far
    came: float = 0.0  # items, lately
    expected: float = 0.0  # by the profile, in the same time
    just_came: float = 0.0  # the same in the shorter time
    just_expected: float = 0.0
    heat: float = 0.0
    peak: float = 0.0
    noise: float = 1.0
    hours: list[float] = field(default_factory=lambda: [0.0] * WEEK)
    pacing: Pacing = _UNASKED

    @property
    def level(self) -> float:
        """How much more or less comes than the profile says."""
        slow = (self.came + LESS_DOUBT) / (self.expected + LESS_DOUBT)
        fast = (self.just_came + DOUBT * slow) / (self.just_expected + DOUBT)
        return min(max(slow, fast, QUIETEST), LOUDEST)

    def to_bytes(self) -> bytes:
        recent = (self.came, self.expected, self.just_came, self.just_expected, self.heat, self.peak, self.noise)
        ttl = min(self.pacing.ttl_s or 0, _TTL_CAP_S)
        return _FORM.pack(_VERSION, self.at, ttl, _bits(self.pacing), self.weeks, *recent, *self.hours)


def load(stored: bytes | None) -> Rhythm | None:
    """A rhythm as it was stored; None where there is none or it is not one."""
    if stored is None or len(stored) != _FORM.size or stored[0] != _VERSION:
        return None
    _, at, ttl, bits, *numbers = _FORM.unpack(stored)
    if not all(0.0 <= number < math.inf for number in numbers):  # false for NaN, too
        return None
    weeks, came, expected, just_came, just_expected, heat, peak, noise, *hours = numbers
    return Rhythm(
        at, weeks, came, expected, just_came, just_expected, heat, peak, noise, hours, pacing=_pacing(ttl, bits)
    )


def _bits(pacing: Pacing) -> int:
    """The hours and days to skip, a bit each."""
    return sum(1 << hour for hour in pacing.skip_hours if 0 <= hour < 24) | sum(
        1 << 24 + day for day in pacing.skip_days if 0 <= day < 7
    )


def _pacing(ttl_s: int, bits: int) -> Pacing:
    if not (ttl_s or bits):
        return _UNASKED
    hours = frozenset(hour for hour in range(24) if bits >> hour & 1)
    return Pacing(ttl_s or None, None, hours, frozenset(day for day in range(7) if bits >> 24 + day & 1))


def begin(now: float, dates: Sequence[float]) -> Rhythm:
    """The rhythm of a feed read for the first time. `dates`: of its items, as stated, as far as they are believed.

    A first document is history: the time its items span tells the rate. The oldest fifth is left out, where pinned
    items stand.
    """
    begun = Rhythm(int(now))
    fresh = sorted((date for date in dates if date <= now), reverse=True)
    fresh = fresh[: math.ceil(len(fresh) * 0.8)]
    if len(fresh) >= 3:
        begun.hours = [_bounded(len(fresh) / max((now - fresh[-1]) / HOUR, 1 / 6))] * WEEK
    return begun


class Forecast:
    """What a rhythm lets expect, hour by hour."""

    __slots__ = ("_days", "_doubt", "_floor", "_hours", "_share", "_total", "heat", "level")

    def __init__(self, rhythm: Rhythm) -> None:
        hours, weeks = rhythm.hours, min(rhythm.weeks, 1 / LEARNED)
        self._hours, self._total, self.level, self.heat = hours, math.fsum(hours), rhythm.level, rhythm.heat
        seen = self._total * weeks
        self._share = [(sum(hours[hour::24]) * weeks + 1) / (seen + 24) for hour in range(24)]
        self._days = [(sum(hours[day * 24 : day * 24 + 24]) * weeks + 2) / (seen + 14) for day in range(7)]
        self._doubt = PRIOR_WEEKS / (PRIOR_WEEKS + 2 * weeks)
        young = min(max(TRUSTED_WEEKS - rhythm.weeks, 0.0), YOUNG_FLOOR)
        surprising = min(max((rhythm.noise - NOISE_USUAL) / NOISE_SPAN, 0.0), 1.0)
        self._floor = self._total / WEEK * max(young, surprising)
        if self.heat < 2 + 2 * math.sqrt(self.rate(rhythm.at) * HEAT_S / HOUR):
            self.heat = 0.0  # within what chance brings

    def profile(self, moment: float) -> float:
        """Items an hour at that moment by the profile: its hour of the week and those beside it, shrunk towards
        what its hour of the day and its day of the week say, which more items speak for."""
        at = int(moment) // HOUR % WEEK
        hours, share = self._hours, self._share
        hour = at % 24
        near = (hours[at - 1] + 2 * hours[at] + hours[(at + 1) % WEEK]) / 4
        alike = (share[hour - 1] + 2 * share[hour] + share[(hour + 1) % 24]) / 4
        return near + self._doubt * (self._total * alike * self._days[at // 24] - near)

    def rate(self, moment: float) -> float:
        """Items an hour at that moment, as it has been lately; the next hour's, where that is busier.

        Hours shift: summer time alone moves the morning rush twice a year.
        """
        return max(self.profile(moment), self.profile(moment + HOUR), self._floor) * self.level

    def between(self, since: float, until: float) -> float:
        """Items that the profile lets expect (the level is not in it); of a span of weeks the last one, scaled."""
        start = max(since, until - WEEK * HOUR)
        expected = math.fsum(self.profile(begun) * (ended - begun) / HOUR for begun, ended in by_hour(start, until))
        return expected * (until - since) / (until - start) if since < start else expected


def usual(rhythm: Rhythm, since: float, until: float) -> float:
    """Items that the hours of the week between two moments bring as a rule, whatever came lately."""
    weeks, hours = divmod(max(until - since, 0.0) / HOUR, WEEK)
    first = int(since // HOUR)
    rest = math.fsum(rhythm.hours[(first + hour) % WEEK] for hour in range(int(hours)))
    return weeks * math.fsum(rhythm.hours) + rest


def per_day(rhythm: Rhythm) -> float:
    """Items a day as of late."""
    return math.fsum(rhythm.hours) / 7 * rhythm.level


def busiest_hours(rhythm: Rhythm) -> list[int]:
    """The hours of the day, UTC, that bring half of the items, the busiest first; none where nothing comes."""
    days = [sum(rhythm.hours[hour::24]) for hour in range(24)]
    hours = sorted(range(24), key=lambda hour: -days[hour])
    found: list[int] = []
    while math.fsum(days[hour] for hour in found) < math.fsum(days) / 2:
        found.append(hours[len(found)])
    return found


def by_hour(since: float, until: float) -> Iterator[tuple[float, float]]:
    """A span of time in pieces that end where the hours do."""
    while since < until:
        ended = min((since // HOUR + 1) * HOUR, until)
        yield since, ended
        since = ended


def learn(rhythm: Rhythm, now: float, dates: Sequence[float], undated: float = 0.0, since: float | None = None) -> None:
    """Take in a poll. `dates`: of the new items that came at a known moment; `undated`: how many came at any.

    `since`: what is known begins there, where it is not the poll before (a gap: nobody saw what came before it).
    """
    start = rhythm.at if since is None else max(since, rhythm.at)
    passed = now - start
    if passed <= 0:  # twice in one second, or a clock that was set back: nothing can be told from it
        rhythm.at = int(now)
        return
    count = len(dates) + undated
    if not rhythm.weeks and not any(rhythm.hours):
        rhythm.hours = [_bounded((count + 0.1) / max(passed / HOUR, 1.0))] * WEEK
    forecast = Forecast(rhythm)
    expected = forecast.between(start, now)
    _learn_excess(rhythm, forecast, now, passed, dates, undated)
    _learn_noise(rhythm, expected * forecast.level, count)
    _learn_level(rhythm, passed, expected, count)
    _learn_hours(rhythm, start, now, dates, undated / passed)
    rhythm.weeks = min(rhythm.weeks + passed / (WEEK * HOUR), 100.0)
    rhythm.at = int(now)


def _learn_excess(
    rhythm: Rhythm, forecast: Forecast, now: float, passed: float, dates: Sequence[float], undated: float
) -> None:
    kept = math.exp(-passed / HEAT_S)
    usual = forecast.rate(now) * HEAT_S / HOUR * (1 - kept)
    fresh = math.fsum(math.exp((date - now) / HEAT_S) for date in dates) + undated * HEAT_S / passed * (1 - kept)
    rhythm.heat = min(max(rhythm.heat * kept + fresh - usual, 0.0), COUNTLESS)
    most = max(busiest(dates) - forecast.rate(now), rhythm.heat)
    rhythm.peak = min(max(rhythm.peak * math.exp(-passed / PEAK_S), most), COUNTLESS)


def _learn_noise(rhythm: Rhythm, expected: float, count: float) -> None:
    if expected > 0.3:
        scatter = min((count - expected) ** 2 / expected, NOISIEST)
        rhythm.noise = max(rhythm.noise + NOISE_LEARNED * (scatter - rhythm.noise), 1.0)


def _learn_level(rhythm: Rhythm, passed: float, expected: float, count: float) -> None:
    kept = math.exp(-passed / SLOW_S)
    rhythm.came, rhythm.expected = min(rhythm.came * kept + count, COUNTLESS), rhythm.expected * kept + expected
    kept = math.exp(-passed / FAST_S)
    came, due = rhythm.just_came * kept + count, rhythm.just_expected * kept + expected
    kept = min(1.0, FAST_ITEMS / due) if due else 1.0
    rhythm.just_came, rhythm.just_expected = min(came * kept, COUNTLESS), due * kept


def _learn_hours(rhythm: Rhythm, start: float, now: float, dates: Sequence[float], per_second: float) -> None:
    start = max(start, now - WEEK * HOUR)
    came: dict[int, float] = {}
    for date in dates:
        if date >= start:
            came[int(date) // HOUR] = came.get(int(date) // HOUR, 0.0) + 1
    share, hours = max(LEARNED, 1 / (1 + rhythm.weeks)), rhythm.hours
    for begun, ended in by_hour(start, now):
        hour = int(begun) // HOUR
        count = came.get(hour, 0.0) + per_second * (ended - begun)
        at = hour % WEEK
        hours[at] = _bounded(hours[at] + share * (count - hours[at] * (ended - begun) / HOUR))


def busiest(dates: Sequence[float]) -> int:
    """The most items that came within an hour."""
    ordered = sorted(dates)
    most = first = 0
    for last, date in enumerate(ordered):
        while date - ordered[first] > HOUR:
            first += 1
        most = max(most, last - first + 1)
    return most


def _bounded(rate: float) -> float:
    return min(max(rate, 0.0), COUNTLESS)
