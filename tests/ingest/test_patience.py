"""How long a failing feed is left alone."""

from __future__ import annotations

import pytest

from ingest.model import Reason
from ingest.patience import HARD, SOFT, TEMPORARY, WEIGHTS, wait_s, weight


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (Reason.UNAVAILABLE, TEMPORARY), (Reason.CONNECT_TIMEOUT, TEMPORARY), (Reason.RATE_LIMITED, TEMPORARY),
        (Reason.DNS_FAILED, SOFT), (Reason.TLS_FAILED, SOFT), (Reason.FORBIDDEN, SOFT), (Reason.NOT_A_FEED, SOFT),
        (Reason.NOT_FOUND, HARD), (Reason.FORBIDDEN_ADDRESS, HARD),
    ],
)  # fmt: skip
def test_what_may_pass_soon_weighs_less(reason: Reason, expected: float) -> None:
    assert weight(reason) == expected


def test_every_failure_weighs_something() -> None:
    assert {weight(reason) for reason in Reason} == {TEMPORARY, SOFT, HARD}
    assert SOFT not in WEIGHTS.values()


def test_patience_doubles_with_each_unit_of_weight_and_has_an_end() -> None:
    for step in range(40):
        whole = min(600 * 2.0 ** (step / 4), 86_400)
        assert 0.9 * whole <= wait_s(step / 4, 600, 86_400, "https://north.example/feed") <= whole
    assert wait_s(1e9, 600, 86_400, "") <= 86_400


def test_a_feed_that_is_asked_daily_is_tried_again_within_the_hour_or_two() -> None:
    assert wait_s(TEMPORARY, 86_400, 86_400, "") <= 3_600 * 2**0.25
    assert wait_s(HARD, 86_400, 86_400, "") <= 7_200


def test_feeds_that_fell_together_do_not_come_back_together() -> None:
    assert len({wait_s(3, 60, 3600, f"feed {number}") for number in range(100)}) == 100
    assert wait_s(3, 60, 3600, "a") == wait_s(3, 60, 3600, "a")
