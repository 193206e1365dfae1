"""What is asked for of the past: moments as people state them, samples over time, filters, the key of a request."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.backfill.request import Request, Seed, Source, choose_evenly, read_moment
from ingest.backfill.wanted import Fit, Wanted, read_patterns
from ingest.errors import SettingsError

NOW = datetime(2026, 11, 27, 12, 30, 15, 500, tzinfo=UTC)
DAY = timedelta(days=1)
MOMENTS = st.integers(0, 3_200_000_000).map(lambda second: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(0, second))


# --- moments --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "moment"),
    [
        (None, None),
        ("", None),
        ("  ", None),
        ("2024-05-17", datetime(2024, 5, 17, tzinfo=UTC)),
        (" 2024-05-17 ", datetime(2024, 5, 17, tzinfo=UTC)),
        ("2024-05-17T12:00", datetime(2024, 5, 17, 12, tzinfo=UTC)),
        ("2024-05-17 12:00", datetime(2024, 5, 17, 12, tzinfo=UTC)),
        ("2024-05-17T12:00+01:00", datetime(2024, 5, 17, 11, tzinfo=UTC)),
        ("2024-05-17T12:00Z", datetime(2024, 5, 17, 12, tzinfo=UTC)),
        ("30d", NOW.replace(microsecond=0) - 30 * DAY),
        ("12 H", NOW.replace(microsecond=0) - DAY / 2),
        ("2w", NOW.replace(microsecond=0) - 14 * DAY),
        ("1y", NOW.replace(microsecond=0) - 365 * DAY),
        ("90m", NOW.replace(microsecond=0) - timedelta(minutes=90)),
    ],
)
def test_a_moment_is_read_as_people_state_it(stated: str | None, moment: datetime | None) -> None:
    assert read_moment("--since", stated, NOW) == moment


@pytest.mark.parametrize(
    "stated",
    ["yesterday", "2024-13-01", "30", "30 days ago", "-3d", "٣d", "999999d", "99999y", "0001-01-01T00:00+14:00"],
)
def test_what_is_no_moment_is_refused_with_what_to_give(stated: str) -> None:
    with pytest.raises(SettingsError, match=r"--since: .* is no date: give 2024-01-31, or .*30d"):
        read_moment("--since", stated, NOW)


def test_the_day_of_an_end_is_meant_whole_and_an_hour_is_not() -> None:
    assert read_moment("--until", "2024-05-17", NOW, is_end=True) == datetime(2024, 5, 18, tzinfo=UTC)
    assert read_moment("--until", "2024-05-17T12:00", NOW, is_end=True) == datetime(2024, 5, 17, 12, tzinfo=UTC)
    assert read_moment("--until", "1d", NOW, is_end=True) == NOW.replace(microsecond=0) - DAY


@given(st.text("0123456789mhdwyT:-+. ZWé", max_size=30), st.booleans())
def test_any_words_are_a_moment_with_a_zone_or_refused(stated: str, is_end: bool) -> None:
    try:
        moment = read_moment("--until", stated, NOW, is_end=is_end)
    except SettingsError:
        return
    assert moment is None or moment.tzinfo is UTC


@given(MOMENTS, st.integers(-14, 14))
def test_a_moment_that_was_written_is_read_again(moment: datetime, hours: int) -> None:
    stated = moment.astimezone(timezone(timedelta(hours=hours))).isoformat()
    assert read_moment("--since", stated, NOW) == moment


# --- samples --------------------------------------------------------------------------------------------------------


@given(st.lists(MOMENTS, max_size=60), st.integers(-1, 80))
def test_a_sample_is_as_large_as_it_can_be_in_order_and_has_nothing_twice(moments: list[datetime], count: int) -> None:
    numbered = list(zip(moments, range(len(moments)), strict=True))
    chosen = choose_evenly(numbered, count)
    assert len(chosen) == len(set(chosen)) == max(min(count, len(moments)), 0)
    assert [moments[number] for number in chosen] == sorted(moments[number] for number in chosen)
    assert choose_evenly(reversed(numbered), count) == chosen


@given(st.integers(1, 30), st.integers(1, 20))
def test_of_what_comes_at_equal_intervals_every_piece_of_time_has_one(count: int, times: int) -> None:
    moments = [(NOW + number * DAY, number) for number in range(count * times)]
    chosen = choose_evenly(moments, count)
    assert all(later - earlier <= 2 * times for earlier, later in pairwise(chosen))


def test_a_busy_day_does_not_drown_the_quiet_ones() -> None:
    quiet = [(NOW + number * DAY, number) for number in range(10)]
    busy = [(NOW + number * timedelta(minutes=1), 100 + number) for number in range(1_000)]
    chosen = choose_evenly(quiet + busy, 10)
    assert Counter(number >= 100 for number in chosen)[False] >= 9


# --- what is wanted -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "is_taken"),
    [
        ("https://example.org/news/a", True),
        ("https://WWW.example.org/news/a?x=/sport/", True),
        ("https://example.org/2024/05/a", True),
        ("https://example.org/sport/a", False),
        ("https://notexample.org/news/a", False),
        ("https://example.org.evil.example/news/a", False),
    ],
)
def test_addresses_fit_one_of_the_hosts_and_one_of_the_paths(url: str, is_taken: bool) -> None:
    wanted = Wanted(hosts=("example.org",), paths=read_patterns(["news/*", "*/05/*", " "]))
    assert wanted.paths == ("/news/*", "*/05/*")
    assert wanted.takes_address(url) == is_taken
    assert Wanted().takes_address(url)


@pytest.mark.parametrize(("language", "is_taken"), [("en", True), ("en-GB", True), ("de", False), (None, False)])
def test_languages(language: str | None, is_taken: bool) -> None:
    assert Wanted(languages=("en",)).takes_language(language) == is_taken
    assert Wanted().takes_language(language)


def test_the_first_moment_is_in_and_the_last_is_not() -> None:
    wanted = Wanted(since=NOW, until=NOW + DAY)
    assert wanted.fit(NOW) is Fit.WITHIN
    assert wanted.fit(NOW + DAY) is Fit.OUTSIDE
    assert wanted.fit(NOW - timedelta.resolution) is Fit.OUTSIDE
    assert wanted.fit(NOW + DAY - timedelta.resolution) is Fit.WITHIN


@given(MOMENTS, MOMENTS, MOMENTS)
def test_that_it_was_there_by_then_shows_only_what_is_too_old(since: datetime, existed: datetime, at: datetime) -> None:
    """Whatever the time of publication is, as long as it was there by then: never OUTSIDE where it would be WITHIN."""
    wanted = Wanted(since=since)
    published = min(at, existed)
    found = wanted.fit(None, existed)
    assert found in (Fit.UNKNOWN, Fit.OUTSIDE)
    assert found is Fit.UNKNOWN or wanted.fit(published) is Fit.OUTSIDE
    assert Wanted().fit(None, existed) is Fit.WITHIN


# --- the same request -----------------------------------------------------------------------------------------------


def test_a_request_is_the_same_whatever_the_order_and_whenever_it_is_made() -> None:
    one = Request(Source.URLS, ("a", "b"), Wanted(NOW, hosts=("x", "y")), 5, ("30d", None))
    other = Request(Source.URLS, ("b", "a"), Wanted(NOW + DAY, hosts=("y", "x")), 5, ("30d", None))
    assert one.key == other.key
    different = (
        Request(Source.HTML, ("a", "b"), one.wanted, 5, one.stated),
        Request(Source.URLS, ("a",), one.wanted, 5, one.stated),
        Request(Source.URLS, ("a", "b"), Wanted(NOW, hosts=("x",)), 5, one.stated),
        Request(Source.URLS, ("a", "b"), one.wanted, 6, one.stated),
        Request(Source.URLS, ("a", "b"), one.wanted, 5, (None, "30d")),
    )
    assert len({one.key, *(each.key for each in different)}) == 6
    assert Seed("sitemap", "x").key != Seed("history", "x").key
    assert len(one.key) == len(Seed("sitemap", "x").key) == 16
