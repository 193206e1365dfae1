"""When a feed is due again."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.cadence import (
    SPARED,
    SPREAD,
    TURNOVER,
    Bounds,
    limit_s,
    next_cadence,
    next_due,
    next_on_grid,
    phase,
    room,
    skipped,
)
from ingest.model import Pacing
from ingest.rhythm import WEEK, Rhythm

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday
AT = int(NOW.timestamp())
BOUNDS = Bounds(minimum_s=300, maximum_s=86_400, initial_s=1_800)
HOUR = timedelta(hours=1)
keys = st.text(max_size=30)


def watched(per_hour: float, weeks: float = 10.0, **known: float) -> Rhythm:
    """A feed that brings the same in every hour of the week."""
    usual = min(per_hour * 96, 40.0)
    recent = {"came": per_hour * 96, "expected": per_hour * 96, "just_came": usual, "just_expected": usual}
    return Rhythm(AT, weeks=weeks, hours=[per_hour] * WEEK, **(recent | known))


@pytest.mark.parametrize(("per_hour", "window"), [(10, 30), (60, 50), (12, 100), (2.5, 20), (200, 100)])
def test_a_busy_feed_is_due_when_a_third_to_two_thirds_of_it_are_new(per_hour: float, window: int) -> None:
    new = next_cadence(watched(per_hour), window, BOUNDS) / 3600 * per_hour
    assert window / 3 <= new <= window * 2 / 3


@given(
    st.floats(0, 60_000), st.integers(0, 50_000), st.floats(0, 100), st.floats(1, 50), st.floats(0, 60_000),
    st.floats(0, 60_000), st.floats(0, 1e9),
)  # fmt: skip
def test_intervals_stay_within_the_bounds(
    per_hour: float, window: int, weeks: float, noise: float, peak: float, heat: float, limit: float
) -> None:
    known = watched(per_hour, weeks, noise=noise, peak=peak, heat=heat)
    assert 300 <= next_cadence(known, window, BOUNDS, limit) <= max(300, min(86_400, limit + 1))
    assert SPARED - 1e-9 <= room(window, known) / max(window, 1) <= TURNOVER


def test_what_scatters_or_bursts_gets_more_room() -> None:
    calm, scattered = room(60, watched(10)), room(60, watched(10, noise=8.0))
    assert room(60, watched(10, peak=1.0)) == calm > scattered
    assert calm > room(60, watched(10, peak=40.0)) == 20 > room(60, watched(10, peak=80.0)) == 60 * SPARED


def test_breaking_news_hasten() -> None:
    assert next_cadence(watched(1, heat=20.0), 30, BOUNDS) < next_cadence(watched(1), 30, BOUNDS) / 2


def test_nights_are_slept_through_and_mornings_met() -> None:
    feed = watched(0)
    feed.hours = [12.0 if 6 <= hour % 24 < 20 else 0.0 for hour in range(WEEK)]
    feed.at = AT - 12 * 3600  # 21:00
    due = feed.at + next_cadence(feed, 40, BOUNDS)
    assert 4 * 3600 <= due % 86_400 < 8 * 3600


def test_what_comes_rarely_does_not_wait_for_long_all_the_same() -> None:
    """A window of 60 that takes a week to turn over: its items would wait for days, else."""
    assert 3 * 3600 < next_cadence(watched(0.4), 60, BOUNDS) < 9 * 3600
    assert next_cadence(watched(0.0), 60, BOUNDS) == 86_400


def test_a_feed_becomes_slow_in_steps_while_it_is_young() -> None:
    young, known = Rhythm(AT), Rhythm(AT, weeks=2.0)
    assert limit_s(None, young, BOUNDS, None) == 1_800
    assert limit_s(None, young, BOUNDS, 3_600) == 3_600
    assert limit_s(3_000, young, BOUNDS, 60) == 4_500
    assert limit_s(3_000, known, BOUNDS, None) > 1e9


@given(st.integers(300, 86_400), st.floats(0, 1e9), keys)
def test_no_poll_is_sooner_than_asked_or_later_than_allowed(interval: int, asked: float, key: str) -> None:
    wait = (next_due(NOW, interval, asked, BOUNDS, key) - NOW).total_seconds()
    assert wait >= min(asked, 86_400) - 1e-5
    assert wait >= max(300, interval * (1 - SPREAD))
    assert wait <= max(interval, min(asked * (1 + SPREAD) + 1, 86_400))


@pytest.mark.parametrize("asked", [0.0, 7_200.0])
def test_feeds_that_were_polled_together_come_due_apart(asked: float) -> None:
    due = {next_due(NOW, 3_600, asked, BOUNDS, f"https://n{n}.example/") for n in range(200)}
    assert len(due) > 100
    assert next_due(NOW, 3_600, asked, BOUNDS, "a") == next_due(NOW, 3_600, asked, BOUNDS, "a")


@given(st.integers(60, 10**7), keys, st.integers(0, 10**8))
def test_a_fixed_interval_keeps_its_grid(interval: int, key: str, later: int) -> None:
    first = next_on_grid(NOW, interval, key)
    again = next_on_grid(NOW + timedelta(seconds=later), interval, key)
    assert (again - first).total_seconds() % interval == 0
    assert interval / 2 <= (first - NOW).total_seconds() <= interval * 3 / 2 + 1
    assert next_on_grid(first + timedelta(seconds=interval * 0.4), interval, key) - first == timedelta(seconds=interval)


def test_ten_thousand_hourly_feeds_that_start_together_fill_the_hour_evenly() -> None:
    due = [next_on_grid(NOW, 3_600, f"https://n{n}.example/feed") for n in range(10_000)]
    minutes = Counter(moment.minute for moment in due)
    assert len(minutes) == 60
    assert max(minutes.values()) < 10_000 / 60 * 1.5


@pytest.mark.parametrize(
    ("due", "pacing", "moved"),
    [
        (NOW, Pacing(), NOW),
        (NOW, Pacing(skip_hours=frozenset({8, 10})), NOW),
        (NOW, Pacing(skip_hours=frozenset({9, 10})), NOW + 2 * HOUR),
        (NOW, Pacing(skip_days=frozenset({0})), NOW + 15 * HOUR),
        (NOW, Pacing(skip_days=frozenset({0}), skip_hours=frozenset({0, 1})), NOW + 17 * HOUR),
        (NOW, Pacing(skip_days=frozenset({0, 1})), NOW + 24 * HOUR),  # not beyond the bound
        (NOW, Pacing(skip_hours=frozenset(range(24))), NOW),
        (NOW, Pacing(skip_days=frozenset(range(7))), NOW),
    ],
)
def test_nobody_asks_in_the_hours_that_a_feed_excludes(due: datetime, pacing: Pacing, moved: datetime) -> None:
    found = skipped(due, pacing, NOW + 24 * HOUR, "a")
    assert moved <= found <= moved + timedelta(minutes=5)
    assert (found == due) is (moved == due)


@given(keys)
def test_a_phase_is_stable_and_within_its_bounds(key: str) -> None:
    assert 0 <= phase(key) < 1
    assert phase(key) == phase(key)
