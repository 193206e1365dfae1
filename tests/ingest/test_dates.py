"""Dates: every spelling that publishers use, one moment; the impossible is None; nothing raises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.dates import MAX_CHARACTERS, is_plausible, parse_date

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SPELLINGS_OF_NOON = [
    "Mon, 23 Nov 2026 12:00:00 GMT",
    "Mon, 23 Nov 2026 12:00:00 +0000",
    "Mon, 23 Nov 2026 12:00:00 -0000",
    "Mon, 23 Nov 2026 12:00:00 Z",
    "Mon, 23 Nov 2026 12:00:00 +0000 (UTC)",
    "Mon, 23 Nov 2026 13:00:00 +0100",
    "Mon, 23 Nov 2026 13:00:00 +1",
    "Mon, 23 Nov 2026 13:00:00 CET",
    "Mon, 23 Nov 2026 07:00:00 EST",
    "Mon, 23 Nov 2026 04:00:00 PST",
    "Mon, 23 Nov 2026 17:30:00 IST",
    "Mon, 23 Nov 2026 21:00:00 JST",
    "Mon, 23 Nov 2026 12:00:00 XYZ",
    "Mon, 23 Nov 2026 12:00:00",
    "Mon, 23 Nov 2026 12:00 GMT",
    "Mon, 23 November 2026 12:00:00 GMT",
    "Tue, 23 Nov 2026 12:00:00 GMT",
    "Mon,23 Nov 2026 12:00:00 GMT",
    "23 Nov 26 12:00:00 UT",
    "23-Nov-2026 07:00:00 -0500",
    "Mon Nov 23 12:00:00 2026",
    "Mon Nov 23 12:00:00 UTC 2026",
    "Mon Nov 23 2026 13:00:00 GMT+0100 (Central European Standard Time)",
    "2026-11-23T12:00:00Z",
    "2026-11-23T12:00:00+00:00",
    "2026-11-23T12:00:00+0000",
    "2026-11-23T12:00:00.000Z",
    "2026-11-23T12:00:00.0000000Z",
    "2026-11-23T13:00:00+01:00",
    "2026-11-23T13:00:00+01",
    "2026-11-23T13:00:00+01:00[Europe/Paris]",
    "2026-11-23T07:00:00\u22120500",
    "2026-11-23T12:00Z",
    "2026-11-23T12:00:00",
    "2026-11-23 12:00:00",
    "2026-11-23 12:00:00 UTC",
    "2026-11-23 13:00:00 +0100",
    "2026/11/23 12:00",
    "20261123T120000Z",
    "20261123120000",
    "1795435200",
    "1795435200000",
    "23.11.2026 12:00",
    "23.11.2026, 12:00 Uhr",
    "23/11/2026 12:00",
    "11/23/2026 7:00 AM ET",
    "November 23, 2026 at 12:00 pm",
    "Nov. 23, 2026 7 a.m. ET",
    "Mon 23 Nov 2026 12.00 GMT",
    "12:00, 23 November 2026",
    "23. November 2026 um 12.00 Uhr",
    "lundi 23 novembre 2026 à 12h00",
    "lun, 23 nov 2026 12:00:00 +0000",
    "23 de noviembre de 2026, 12:00",
    "23 listopada 2026 12:00",
    "23 marraskuuta 2026 12:00",
    "2026年11月23日 12:00",
    "  Mon, 23 Nov 2026 12:00:00 GMT \n",
]


@pytest.mark.parametrize("text", SPELLINGS_OF_NOON)
def test_every_spelling_of_noon_is_noon(text: str) -> None:
    assert parse_date(text) == NOON


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        ("23 Nov 2026", datetime(2026, 11, 23, tzinfo=UTC)),
        ("2026-1-3", datetime(2026, 1, 3, tzinfo=UTC)),
        ("2016/6/29", datetime(2016, 6, 29, tzinfo=UTC)),
        ("2026-11-23+01:00", datetime(2026, 11, 22, 23, tzinfo=UTC)),
        ("2026-11-23T12:00:00.25Z", NOON + timedelta(milliseconds=250)),
        ("2026-11-23 12:00:00.123456789 UTC", NOON + timedelta(microseconds=123456)),
        ("2026-11-23T24:00:00Z", datetime(2026, 11, 24, tzinfo=UTC)),
        ("Wed, 31 Dec 2025 23:59:60 GMT", datetime(2026, 1, 1, tzinfo=UTC)),
        ("29 Feb 2024", datetime(2024, 2, 29, tzinfo=UTC)),
        ("mar, 25 nov 2025 10:00", datetime(2025, 11, 25, 10, tzinfo=UTC)),  # a Tuesday, not March
        ("le 1er août 2025 à 10h30", datetime(2025, 8, 1, 10, 30, tzinfo=UTC)),
        ("3. März 2025", datetime(2025, 3, 3, tzinfo=UTC)),
        ("15 września 2025", datetime(2025, 9, 15, tzinfo=UTC)),
        ("July 3rd 2025 12:30 am PT", datetime(2025, 7, 3, 7, 30, tzinfo=UTC)),
        ("12 Jan 99 12:00 GMT", datetime(1999, 1, 12, 12, tzinfo=UTC)),
        ("03/03/2026", datetime(2026, 3, 3, tzinfo=UTC)),
    ],
)
def test_other_dates(text: str, moment: datetime) -> None:
    assert parse_date(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "yesterday",
        "2 hours ago",
        "12:30",
        "2026",
        "2026-11",
        "2025-13-45",
        "2025-02-30",
        "Thu, 31 Jun 2025 10:00:00 GMT",
        "2025-11-23T25:00:00Z",
        "2025-11-23T12:61:00Z",
        "Mon, 23 Nov 2026 10:00:00 +9999",
        "0000-00-00 00:00:00",
        "0001-01-01T00:00:00+14:00",
        "02/03/2026",  # February or March?
        "99999999999999",
        "Mon, 23 Nov 2026 12:00:00 GMT" + " " * MAX_CHARACTERS + "x",
    ],
)
def test_what_is_impossible_or_ambiguous_is_none(text: str) -> None:
    assert parse_date(text) is None


@given(st.one_of(st.text(max_size=200), st.text(alphabet="0123456789 :-+./TZapmGnov,年月日\ud800²٣", max_size=60)))
@example("٢٠٢٦٠١٠٢٠٣")
@example("9999999999999")
@example("9999-12-31T23:59:59-14:00")
def test_any_text_gives_a_moment_in_utc_or_none(text: str) -> None:
    moment = parse_date(text)
    assert moment is None or moment.utcoffset() == timedelta(0)


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2068, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_what_the_library_writes_is_read_back(moment: datetime) -> None:
    assert parse_date(moment.isoformat()) == moment
    assert parse_date(moment.strftime("%a, %d %b %Y %H:%M:%S +0000")) == moment.replace(microsecond=0)


def test_plausible_is_from_1990_to_two_days_ahead() -> None:
    assert is_plausible(datetime(1990, 1, 1, tzinfo=UTC), NOON)
    assert not is_plausible(datetime(1989, 12, 31, 23, 59, tzinfo=UTC), NOON)
    assert is_plausible(NOON + timedelta(days=2), NOON)
    assert not is_plausible(NOON + timedelta(days=2, seconds=1), NOON)
