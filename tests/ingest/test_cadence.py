"""A feed's rhythm."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from ingest.cadence import Bounds, next_cadence, next_due

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BOUNDS = Bounds(minimum_s=300, maximum_s=86_400, initial_s=1_800)
seconds = st.none() | st.floats(0, 1e9)


def test_the_first_interval_is_the_operators() -> None:
    assert next_cadence(None, news=True, bounds=BOUNDS) == next_cadence(None, news=False, bounds=BOUNDS) == 1_800


@given(current=st.integers(0, 10**7), news=st.booleans())
def test_intervals_stay_within_the_bounds(current: int, news: bool) -> None:
    found = next_cadence(current, news=news, bounds=BOUNDS)
    assert 300 <= found <= 86_400
    if 300 < current < 86_400:
        assert (found < current) is news


def test_a_quiet_feed_becomes_slow_and_a_busy_one_fast() -> None:
    for news, end in ((False, 86_400), (True, 300)):
        interval: int | None = None
        for _ in range(20):
            interval = next_cadence(interval, news=news, bounds=BOUNDS)
        assert interval == end


@given(interval=st.integers(1, 86_400), fresh=seconds, ttl=seconds)
def test_no_poll_is_sooner_than_asked_or_later_than_allowed(
    interval: int, fresh: float | None, ttl: float | None
) -> None:
    wait = (next_due(NOW, interval, fresh, ttl, BOUNDS) - NOW).total_seconds()
    asked = min(max(fresh or 0.0, ttl or 0.0), 86_400)
    assert wait >= interval
    assert wait >= asked - 1e-5
    assert wait <= 86_400
