"""Validators out, freshness and Retry-After in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.conditional import FRESHNESS_CAP_S, freshness_s, http_date, request_headers, retry_after_s
from ingest.model import Validators

NOW = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
EARLIER = "Tue, 03 Nov 2026 11:00:00 GMT"
LATER = "Tue, 03 Nov 2026 12:10:00 GMT"


def test_validators_go_out_as_they_came() -> None:
    odd = Validators('W/"é, \\"x', "Tuesday,  3-Nov-26 (about)")
    assert request_headers(odd) == {"If-None-Match": 'W/"é, \\"x', "If-Modified-Since": "Tuesday,  3-Nov-26 (about)"}


@pytest.mark.parametrize("etag", [None, "", '"a\r\nHost: evil"', '"\udce9"', "x" * 5000, "a\0b"])
def test_what_cannot_be_sent_verbatim_is_left_out(etag: str | None) -> None:
    assert request_headers(Validators(etag, None)) == {}


def test_no_validators_no_headers() -> None:
    assert request_headers(None) == {}
    assert request_headers(Validators()) == {}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"cache-control": "public"}, None),
        ({"cache-control": "public, max-age=300"}, 300),
        ({"cache-control": 'MAX-AGE="300"'}, 300),
        ({"cache-control": "max-age=300", "age": "100"}, 200),
        ({"cache-control": "max-age=300", "age": "1000"}, 0),
        ({"cache-control": "max-age=300, max-age=5"}, 300),
        ({"cache-control": "max-age=300, no-cache"}, 0),
        ({"cache-control": "no-store", "expires": LATER}, 0),
        ({"cache-control": "max-age=60", "expires": LATER}, 60),
        ({"cache-control": "max-age=soon", "expires": LATER}, 600),
        ({"cache-control": "max-age=-5", "expires": LATER}, 600),
        ({"expires": LATER, "date": EARLIER}, 4200),
        ({"expires": LATER, "date": "yesterday"}, 600),
        ({"expires": EARLIER}, 0),
        ({"expires": "0"}, 0),
        ({"expires": "-1"}, 0),
        ({"cache-control": "max-age=31536000"}, FRESHNESS_CAP_S),
        ({"cache-control": "max-age=" + "9" * 5000}, FRESHNESS_CAP_S),
    ],
)
def test_freshness(headers: dict[str, str], seconds: float | None) -> None:
    assert freshness_s(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("value", "date_header", "seconds"),
    [
        (None, None, None),
        ("", None, None),
        ("120", None, 120),
        (" 120 ", None, 120),
        ("0", None, 0),
        ("-5", None, None),
        ("1.5", None, None),
        ("²", None, None),
        ("soon", None, None),
        ("9" * 5000, None, 86_400),
        (LATER, None, 600),
        (LATER, EARLIER, 4200),
        (LATER, "nonsense", 600),
        (EARLIER, None, 0),
        ("Fri, 01 Jan 2100 00:00:00 GMT", None, 86_400),
        ("Tuesday, 03-Nov-26 12:10:00 GMT", None, 600),
        ("Tue Nov  3 12:10:00 2026", None, 600),
    ],
)
def test_retry_after_in_both_forms(value: str | None, date_header: str | None, seconds: float | None) -> None:
    assert retry_after_s(value, date_header, NOW) == seconds


@given(st.text(), st.text())
def test_any_text_gives_seconds_within_a_day_or_none(value: str, other: str) -> None:
    headers = {"cache-control": f"max-age={value}", "expires": other, "age": value, "date": other}
    for seconds in (retry_after_s(value, other, NOW), freshness_s(headers, NOW)):
        assert seconds is None or 0 <= seconds <= 86_400


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)))  # noqa: DTZ001 - made aware below
def test_a_date_is_always_aware_utc(moment: datetime) -> None:
    stated = moment.replace(tzinfo=UTC, microsecond=0)
    read = http_date(f"{stated:%a, %d %b} {stated.year:04d} {stated:%H:%M:%S} GMT")
    assert read is not None
    assert read.tzinfo is UTC
