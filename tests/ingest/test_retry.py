"""Whether and when a page is asked for again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.model import Reason
from ingest.retry import LONGEST, OFFLINE_RETRY, PATIENCE, next_try

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def waits(reason: Reason) -> list[timedelta]:
    """How long each try waits for the next one."""
    found = []
    for attempts in range(1, 50):
        at = next_try(reason, attempts, NOW)
        if at is None:
            break
        found.append(at - NOW)
    return found


@pytest.mark.parametrize(
    ("reason", "minutes"),
    [
        (Reason.SERVER_ERROR, [5, 20, 80, 320, 1280, 1440]),
        (Reason.NOT_FOUND, [10, 40]),
        (Reason.READ_CRASHED, [60]),
        (Reason.GONE, []),
        (Reason.WRONG_TYPE, []),
        (Reason.ROBOTS_DISALLOWED, []),
        (Reason.CONSENT_WALL, []),
    ],
)
def test_each_wait_is_four_times_the_last_up_to_a_day(reason: Reason, minutes: list[int]) -> None:
    assert waits(reason) == [timedelta(minutes=m) for m in minutes]


def test_a_troubled_host_gets_two_days() -> None:
    assert sum(waits(Reason.UNAVAILABLE), timedelta()) > timedelta(days=2)


def test_our_own_outage_has_no_end() -> None:
    assert next_try(Reason.OFFLINE, 10_000, NOW) == NOW + OFFLINE_RETRY


def test_retry_after_is_kept_but_does_not_hasten() -> None:
    assert next_try(Reason.UNAVAILABLE, 1, NOW, 7_200.0) == NOW + timedelta(hours=2)
    assert next_try(Reason.UNAVAILABLE, 1, NOW, 1.0) == NOW + timedelta(minutes=5)


@given(reason=st.sampled_from(Reason), attempts=st.integers(1, 10**6), retry_after=st.none() | st.floats(0, 86_400))
def test_every_reason_has_an_answer(reason: Reason, attempts: int, retry_after: float | None) -> None:
    at = next_try(reason, attempts, NOW, retry_after)
    assert at is None or NOW < at <= NOW + LONGEST


def test_nobody_waits_for_nothing() -> None:
    assert all(patience.first > timedelta(0) for patience in PATIENCE.values())
