"""What makes an operator look at a feed that answers as if all were well."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.rhythm import WEEK, Rhythm
from ingest.watchfulness import ENOUGH, Lengths, silence

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def after(*words: int) -> Lengths:
    lengths = Lengths()
    for count in words:
        lengths = lengths.after(count)
    return lengths


def test_a_changed_template_is_noticed_within_ten_articles_and_forgiven_when_mended() -> None:
    usual = after(*[380, 420] * 30)
    assert usual.are_short is False
    broken = usual
    for _ in range(10):
        broken = broken.after(35)
    assert broken.are_short is True
    assert str(broken).startswith("about ")
    assert str(broken).endswith(" as usual")
    mended = broken
    for _ in range(15):
        mended = mended.after(400)
    assert mended.are_short is False


def test_a_few_flashes_among_reports_are_nothing() -> None:
    assert not after(*[400, 380, 30, 420, 410] * 20).are_short
    assert not after(*[400] * 40, 20, 20).are_short


def test_nothing_is_usual_before_there_are_enough() -> None:
    assert after(*[400] * (ENOUGH - 12), *[10] * 11).are_short is None
    assert Lengths().are_short is None


def test_a_feed_that_turns_to_short_news_for_good_is_usual_again_some_day() -> None:
    assert not after(*[400] * 50, *[80] * 150).are_short


@given(st.lists(st.integers(0, 1_000_000), max_size=200))
def test_the_means_stay_between_the_shortest_and_the_longest(words: list[int]) -> None:
    lengths, extremes = after(*words), (after(min(words, default=0)), after(max(words, default=0)))
    if words:
        low, high = extremes[0].usual, extremes[1].usual
        assert low is not None
        assert high is not None
        for mean in (lengths.usual, lengths.lately):
            assert mean is not None
            assert low - 1e-9 <= mean <= high + 1e-9


def watched(per_day: float, weeks: float = 5.0, noise: float = 1.0) -> bytes:
    return Rhythm(int(NOW.timestamp()), weeks, noise=noise, hours=[per_day / 24] * WEEK).to_bytes()


@pytest.mark.parametrize(
    ("rhythm", "quiet", "silent"),
    [
        (watched(10), timedelta(days=2), True),
        (watched(100), timedelta(hours=20), False),  # whatever its rhythm, a day may be a holiday
        (watched(0.5), timedelta(days=9), False),  # it never brought much
        (watched(0.5), timedelta(days=17), True),
        (watched(10, noise=5.0), timedelta(days=2), False),  # it comes in batches
        (watched(10, weeks=0.5), timedelta(days=2), False),  # who knows its week yet?
        (None, timedelta(days=90), False),
        (b"broken", timedelta(days=90), False),
    ],
)
def test_silence_is_measured_by_the_feeds_own_rhythm(rhythm: bytes | None, quiet: timedelta, silent: bool) -> None:
    assert (silence(rhythm, NOW - quiet, NOW) is not None) is silent


def test_a_weekend_without_news_is_no_silence_where_there_never_are_any() -> None:
    hours = [2.0 if hour // 24 not in (2, 3) else 0.0 for hour in range(WEEK)]  # from Thursday on
    feed = Rhythm(int(NOW.timestamp()), 5.0, hours=hours).to_bytes()
    friday = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
    assert silence(feed, friday, friday + timedelta(days=2)) is None
    assert (
        silence(feed, friday, friday + timedelta(days=3))
        == "nothing new since 2026-11-21 00:00, where about 48 items are usual"
    )
