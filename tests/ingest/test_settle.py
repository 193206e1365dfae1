"""What a visit to a page means for its entry."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import Gone, ParseError, Refused, Transient, Unacceptable
from ingest.model import Entry, EntryState, Fetched, Kind, ParsedEntry, Reading, Reason
from ingest.retry import UNCOUNTED
from ingest.settle import decide_failed, decide_moved, decide_offline, decide_read, leads_on, taken_at

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
URL = "https://north.example/1"
ENTRY = Entry(3, 7, URL, 1, "north.example", ParsedEntry("1", URL), fetch_url=URL)
FETCHED = Fetched(NOW, 0.5, URL, 200)
ARCHIVE = "https://web.archive.org"
COPY = replace(ENTRY, fetch_url=f"{ARCHIVE}/web/20190511101500id_/{URL}", captured_at=datetime(2019, 5, 11, tzinfo=UTC))


def test_an_article_is_stored() -> None:
    reading = Reading(URL, URL, Kind.ARTICLE, text="Words.")
    outcome = decide_read(replace(ENTRY, attempts=2), FETCHED, reading)
    assert (outcome.state, outcome.reading, outcome.reason, outcome.due_at, outcome.attempts) == (
        EntryState.STORED, reading, None, None, 0,
    )  # fmt: skip


def test_what_is_no_article_is_settled_with_its_reason() -> None:
    reading = Reading(URL, URL, Kind.NOT_ARTICLE, reason=Reason.CONSENT_WALL)
    outcome = decide_read(ENTRY, FETCHED, reading)
    assert (outcome.state, outcome.reading, outcome.reason) == (EntryState.FAILED, None, Reason.CONSENT_WALL)


def test_another_host_is_visited_in_its_own_turn() -> None:
    outcome = decide_moved(ENTRY, FETCHED, "https://south.example/1", 2)
    assert (outcome.state, outcome.moved_to, outcome.due_at) == (EntryState.WAITING, "https://south.example/1", NOW)


def test_hops_have_an_end() -> None:
    outcome = decide_moved(replace(ENTRY, hops=2), FETCHED, "https://south.example/1", 2)
    assert (outcome.state, outcome.moved_to, outcome.reason) == (EntryState.FAILED, None, Reason.TOO_MANY_REDIRECTS)


@pytest.mark.parametrize(
    "location",
    [URL, f"{ARCHIVE}/", f"{ARCHIVE}/save/{URL}", f"{ARCHIVE}/web/2019*/{URL}", "https://x.example/web/2019/05/a.html"],
)
def test_a_copy_that_leads_to_no_copy_is_given_up(location: str) -> None:
    outcome = decide_moved(COPY, FETCHED, location, 8)
    assert (outcome.state, outcome.moved_to, outcome.due_at) == (EntryState.FAILED, None, None)
    assert (outcome.reason, outcome.detail) == (
        Reason.BAD_REDIRECT, f"the copy leads out of the archive: {location}",
    )  # fmt: skip
    assert leads_on(ENTRY, location)
    assert decide_moved(ENTRY, FETCHED, location, 8).moved_to == location


def test_a_copy_that_leads_to_a_copy_is_of_that_time() -> None:
    later = f"http://archive.example/web/20200712090000id_/{URL}"
    outcome = decide_moved(COPY, FETCHED, later, 8)
    assert (outcome.moved_to, outcome.captured_at) == (later, datetime(2020, 7, 12, 9, tzinfo=UTC))
    assert decide_moved(ENTRY, FETCHED, later, 8).captured_at is None
    assert taken_at(COPY, later.replace("0712", "9912")) == COPY.captured_at  # no moment


@pytest.mark.parametrize(
    ("error", "state", "attempts"),
    [
        (Gone(URL, Reason.NOT_FOUND), EntryState.WAITING, 1),
        (Gone(URL, Reason.GONE), EntryState.FAILED, 1),
        (Refused(URL, Reason.ROBOTS_DISALLOWED), EntryState.FAILED, 1),
        (Refused(URL, Reason.ROBOTS_UNREACHABLE), EntryState.WAITING, 0),
        (Transient(URL, Reason.SERVER_ERROR), EntryState.WAITING, 1),
        (Transient(URL, Reason.RATE_LIMITED), EntryState.WAITING, 0),
        (Unacceptable(URL, Reason.BOMB), EntryState.FAILED, 1),
        (ParseError(Reason.READ_CRASHED), EntryState.WAITING, 1),
        (ParseError(Reason.TOO_COMPLEX), EntryState.FAILED, 1),
    ],
)
def test_why_it_failed_says_whether_it_is_tried_again(error: Any, state: EntryState, attempts: int) -> None:
    outcome = decide_failed(ENTRY, FETCHED, error)
    assert (outcome.state, outcome.attempts, outcome.reason) == (state, attempts, error.reason)
    assert (outcome.due_at is not None) == (state is EntryState.WAITING)


def test_the_last_try_settles_it() -> None:
    error = Gone(URL, Reason.NOT_FOUND, "HTTP 404")
    outcome = decide_failed(replace(ENTRY, attempts=2), FETCHED, error)
    assert (outcome.state, outcome.attempts, outcome.detail) == (EntryState.FAILED, 3, "HTTP 404")


def test_an_article_we_have_is_kept_when_a_further_look_fails() -> None:
    outcome = decide_failed(replace(ENTRY, article_id=5), FETCHED, Gone(URL, Reason.GONE))
    assert outcome.state is EntryState.STORED


def test_the_whole_host_may_rest() -> None:
    outcome = decide_failed(ENTRY, FETCHED, Transient(URL, Reason.UNAVAILABLE, retry_after=3_600.0))
    assert outcome.rest_until == NOW + timedelta(hours=1)
    assert outcome.due_at is not None
    assert outcome.due_at >= outcome.rest_until


def test_our_own_outage_counts_nothing() -> None:
    outcome = decide_offline(replace(ENTRY, attempts=6), NOW)
    assert (outcome.state, outcome.attempts, outcome.reason) == (EntryState.WAITING, 6, Reason.OFFLINE)
    assert outcome.due_at == NOW + timedelta(minutes=5)


@given(reason=st.sampled_from(Reason), tries=st.integers(1, 30))
def test_every_failure_ends_or_is_nobodys_fault(reason: Reason, tries: int) -> None:
    entry = ENTRY
    for _ in range(tries):
        outcome = decide_failed(entry, FETCHED, ParseError(reason))
        if outcome.due_at is None:
            assert outcome.state is EntryState.FAILED
            return
        assert outcome.due_at > NOW
        entry = replace(entry, attempts=outcome.attempts)
    assert reason in UNCOUNTED or entry.attempts == tries < 7
