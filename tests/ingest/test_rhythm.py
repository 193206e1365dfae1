"""What is learned of when a feed publishes."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.ledger import MOST, gap
from ingest.model import Pacing
from ingest.rhythm import (
    HOUR,
    WEEK,
    Forecast,
    Rhythm,
    begin,
    busiest,
    busiest_hours,
    by_hour,
    learn,
    load,
    per_day,
)

MONDAY = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp())
DAY = 24 * HOUR


def taught(weeks: float, per_hour: list[float], *, step_s: int = 2 * HOUR, seed: int = 1, dated: bool = True) -> Rhythm:
    """A feed watched for so long, with so many items in each hour of its day (UTC), polled at an even pace."""
    drawn, feed = random.Random(seed), begin(MONDAY, [])
    for moment in range(MONDAY + step_s, MONDAY + int(weeks * WEEK * HOUR) + 1, step_s):
        dates = []
        for begun, ended in by_hour(moment - step_s, moment):
            expected = per_hour[int(begun) // HOUR % 24] * (ended - begun) / HOUR
            count = int(expected) + (drawn.random() < expected % 1)
            dates += [drawn.uniform(begun, ended) for _ in range(count)]
        learn(feed, moment, dates if dated else [], 0.0 if dated else len(dates))
        feed = load(feed.to_bytes()) or feed
    return feed


OFFICE = [0.0] * 6 + [6.0] * 12 + [0.0] * 6


def test_a_steady_rate_is_learned() -> None:
    feed = taught(4, [5.0] * 24)
    forecast = Forecast(feed)
    expected = forecast.between(feed.at, feed.at + DAY)
    assert expected == pytest.approx(120, rel=0.1)
    assert feed.level == pytest.approx(1, abs=0.15)
    assert (feed.noise, forecast.heat) == (pytest.approx(1, abs=0.5), 0.0)


def test_nights_are_learned() -> None:
    forecast = Forecast(taught(5, OFFICE))
    now = forecast_from = MONDAY + 5 * WEEK * HOUR
    night, day = forecast.rate(forecast_from + 2 * HOUR), forecast.rate(now + 12 * HOUR)
    assert night < 0.5 < 5 < day < 9


def test_weekends_are_learned() -> None:
    feed, drawn = begin(MONDAY, []), random.Random(3)
    for day in range(5 * 7):
        begun = MONDAY + day * DAY
        dates = [drawn.uniform(begun, begun + DAY) for _ in range(48)] if day % 7 < 5 else []
        learn(feed, begun + DAY, dates)
    forecast = Forecast(feed)
    saturday = forecast.between(MONDAY + 40 * DAY, MONDAY + 41 * DAY)
    assert saturday < 8 < 38 < forecast.between(MONDAY + 36 * DAY, MONDAY + 37 * DAY)


def test_items_without_dates_are_spread_over_the_time_since_the_poll_before() -> None:
    forecast = Forecast(taught(5, OFFICE, step_s=4 * HOUR, dated=False))
    now = MONDAY + 5 * WEEK * HOUR
    assert forecast.between(now, now + DAY) == pytest.approx(72, rel=0.15)
    assert forecast.rate(now + HOUR) < 1 < 4 < forecast.rate(now + 14 * HOUR)


def test_a_feed_that_quickens_is_followed_within_hours_and_one_that_slackens_within_days() -> None:
    quick = taught(3, [2.0] * 24)
    now = quick.at
    for hour in range(1, 5):
        learn(quick, now + hour * HOUR, [now + hour * HOUR - 60 * n - 1.0 for n in range(20)])
    assert Forecast(quick).rate(quick.at) > 5
    slow = taught(3, [2.0] * 24)
    for day in range(1, 8):
        learn(slow, now + day * DAY, [])
    assert Forecast(slow).rate(slow.at) < 0.7


def test_a_dead_feed_is_expected_to_bring_nothing() -> None:
    feed = taught(3, OFFICE)
    now = feed.at
    for day in range(1, 60):
        learn(feed, now + day * DAY, [])
    assert max(Forecast(feed).rate(feed.at + hour * HOUR) for hour in range(WEEK)) < 0.1


def test_a_burst_is_hot_for_a_while_and_remembered_for_long() -> None:
    feed = taught(3, [1.0] * 24)
    usual_peak = feed.peak
    now = feed.at + HOUR // 2
    learn(feed, now, [now - 30.0 * n for n in range(25)])
    assert Forecast(feed).heat > 15 > usual_peak
    assert feed.peak > 20
    for hour in range(1, 6):
        learn(feed, now + hour * HOUR, [now + hour * HOUR - 100.0])
    assert Forecast(feed).heat == 0
    assert feed.peak > 20


def test_the_first_document_tells_the_rate() -> None:
    dates = [MONDAY - n * HOUR / 2 for n in range(20)] + [MONDAY - 400.0 * DAY]  # and one that is pinned
    assert Forecast(begin(MONDAY, dates)).between(MONDAY, MONDAY + DAY) == pytest.approx(48, rel=0.2)
    assert Forecast(begin(MONDAY, [])).rate(MONDAY) < 0.05


numbers = st.floats(0, 60_000, width=16)


@given(st.builds(
    Rhythm, st.integers(0, 2**32 - 1), numbers, numbers, numbers, numbers, numbers, numbers, numbers, numbers,
    st.lists(numbers, min_size=WEEK, max_size=WEEK),
    st.builds(
        Pacing, st.none() | st.integers(1, 10**6), st.none(),
        st.frozensets(st.integers(0, 23)), st.frozensets(st.integers(0, 6)),
    ),
))  # fmt: skip
def test_a_rhythm_is_stored_in_few_bytes_and_comes_back(feed: Rhythm) -> None:
    stored = feed.to_bytes()
    assert len(stored) <= 400
    assert load(stored) == feed


@given(st.binary(max_size=500) | st.binary(min_size=381, max_size=381).map(lambda b: b"\x01" + b[1:]))
def test_whatever_stands_in_its_place_is_a_rhythm_or_none(stored: bytes) -> None:
    feed = load(stored)
    if feed is not None:
        learn(feed, feed.at + 3_600.0, [feed.at + 60.0])
        assert load(feed.to_bytes()) is not None
        assert math.isfinite(Forecast(feed).rate(feed.at))


moments = st.floats(MONDAY - 4e9, MONDAY + 4e9)


@given(st.lists(st.tuples(st.floats(-1e6, 1e8), st.lists(moments, max_size=30), st.floats(0, 1e5)), max_size=8))
def test_any_polls_leave_a_rhythm_that_can_be_stored(polls: list[tuple[float, list[float], float]]) -> None:
    feed, now = begin(MONDAY, []), float(MONDAY)
    for passed, dates, undated in polls:
        now = min(max(now + passed, 0.0), 4e9)
        start = feed.at
        learn(feed, now, [date for date in dates if start <= date <= now], undated)
        again = load(feed.to_bytes())
        assert again is not None
        assert 0 <= Forecast(again).between(now, now + DAY) < math.inf


def test_the_busiest_hour() -> None:
    assert busiest([]) == 0
    assert busiest([5.0 * HOUR, 0.0, 1.0, HOUR, HOUR + 2, 9.0 * HOUR]) == 3


# --- gaps ---------------------------------------------------------------------------------------------------------


def document(now: float, count: int, per_hour: float) -> list[float]:
    return [now - n * HOUR / per_hour for n in range(count)]


@pytest.mark.parametrize("known", [None, taught(3, [5.0] * 24)])
def test_what_was_missed_is_told_from_the_dates(known: Rhythm | None) -> None:
    since = float(known.at if known else MONDAY)
    now = since + 20 * HOUR  # 100 items came, 30 are shown
    assert gap(known, since, now, document(now, 30, 5.0), 30).missed == pytest.approx(70, rel=0.15)


def test_without_dates_what_was_missed_is_told_from_the_rhythm() -> None:
    known = taught(3, [5.0] * 24)
    assert gap(known, known.at, known.at + 20 * HOUR, [], 30).missed == pytest.approx(70, rel=0.15)


def test_a_night_without_items_is_no_loss() -> None:
    known = taught(5, OFFICE)
    now = known.at + 10 * HOUR  # from midnight on; the office opened at six
    assert gap(known, known.at, now, document(now, 24, 6.0), 24).missed < 8  # at an even pace it were 36


def test_a_document_that_reaches_back_misses_nothing() -> None:
    """All its ids are new, as after a site was rebuilt, and its dates are the old ones."""
    known = taught(3, [5.0] * 24)
    assert gap(known, known.at, known.at + HOUR, document(known.at + HOUR, 30, 5.0), 30).missed == 0


@given(st.lists(moments, max_size=50), st.integers(0, 50), st.floats(0, 1e10))
def test_no_estimate_is_absurd(dates: list[float], more: int, passed: float) -> None:
    for known in (None, Rhythm(MONDAY, hours=[60_000.0] * WEEK)):
        found = gap(known, MONDAY, MONDAY + passed, dates, len(dates) + more)
        assert 0 <= found.missed <= MOST


def test_a_year_passes_in_one_step() -> None:
    feed = taught(2, [5.0] * 24)
    now = feed.at + timedelta(days=365).total_seconds()
    learn(feed, now, document(now, 30, 5.0), 0.0)
    assert Forecast(feed).rate(now) < 5


def test_a_rhythm_in_words() -> None:
    hours = [3.0 if hour % 24 in (8, 9) else 0.5 for hour in range(WEEK)]
    feed = Rhythm(0, 5.0, came=100, expected=100, just_came=40, just_expected=40, hours=hours)
    assert per_day(feed) == pytest.approx(17, rel=0.01)
    assert busiest_hours(feed)[:2] == [8, 9]
    assert busiest_hours(Rhythm(0)) == []
