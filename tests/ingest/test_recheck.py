"""When a page is looked at again, and what a look means."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import FetchError, Gone, ParseError, Refused, Transient
from ingest.fingerprint import text_hash
from ingest.model import Article, Fetched, Kind, Look, Reading, Reason, Recheck, Validators
from ingest.recheck import (
    BURST,
    LAST_LOOK,
    Policy,
    born_at,
    decide_failed,
    decide_moved,
    decide_offline,
    decide_read,
    decide_unchanged,
    is_other_story,
    next_allowed,
    next_look,
    validators_for,
)
from tests.clock import START

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POLICY = Policy()
URL = "https://north.example/2026/bridge"


def looks(kind: str = Kind.ARTICLE, changes: bool = False, number: int = 0, born: datetime = START) -> list[timedelta]:
    """The ages at which an article is looked at that is found at START and changes never, or always."""
    found, at = [], START
    while (due := next_look(POLICY, number, born, at if changes and found else None, kind, at)) is not None:
        at = due
        found.append(at - born)
    return found


def test_it_starts_hot_and_cools_with_age() -> None:
    ages = [age / HOUR for age in looks()]
    assert ages == [0.5, 1, 2, 4, 8, 16, 32, 64, 128]


def test_what_was_published_long_ago_is_looked_at_seldom_or_never() -> None:
    assert len(looks(born=START - 3 * DAY)) == 1
    assert looks(born=START - 4 * DAY) == []


def test_what_changes_is_hotter_and_a_live_page_hotter_still_but_not_without_end() -> None:
    calm, busy, live = looks(), looks(changes=True), looks(Kind.LIVE, changes=True)
    assert len(calm) < len(looks(Kind.LIVE)) < len(busy) < len(live) < 120
    assert busy[1] - busy[0] == timedelta(minutes=30)
    assert live[1] - live[0] == timedelta(minutes=10)
    assert busy[-1] - busy[-2] > 12 * HOUR


def test_what_came_together_is_spread_and_stays_in_its_place() -> None:
    first = [looks(number=number)[0] for number in range(20)]
    assert len(set(first)) == 20
    assert all(timedelta(minutes=30) <= wait <= timedelta(minutes=33) for wait in first)
    assert looks(number=7) == looks(number=7)


@given(
    st.integers(0, 10**9), st.integers(-(10**7), 10**7), st.none() | st.integers(-(10**6), 10**6),
    st.sampled_from(list(Kind)), st.integers(0, 10**9),
)  # fmt: skip
def test_the_next_look_is_never_too_soon_and_never_too_late(
    number: int, age: int, quiet: int | None, kind: Kind, until: int
) -> None:
    changed = None if quiet is None else START - timedelta(seconds=quiet)
    born = START - timedelta(seconds=age)
    due = next_look(Policy(until_s=until), number, born, changed, kind, START)
    if due is not None:
        assert due >= START + timedelta(minutes=10)
        assert due <= max(born, START) + timedelta(seconds=until) * 1.1


@pytest.mark.parametrize(
    ("published", "born"),
    [
        (START - HOUR, START - HOUR),
        (None, START),
        (START + HOUR, START),
        (START.replace(hour=0), START),  # a date without a time
        (START.replace(hour=0) - 2 * DAY, START.replace(hour=0) - 2 * DAY),
    ],
)
def test_it_ages_from_its_publication_where_that_can_be_believed(published: datetime | None, born: datetime) -> None:
    assert born_at(published, START) == born


def test_the_budget_lets_a_handful_through_at_once_and_so_many_a_day() -> None:
    policy, allowed, at, count = Policy(budget=100), None, START, 0
    while at < START + DAY:
        allowed = next_allowed(policy, allowed, at)
        count += 1
        if count == BURST:
            assert at == START
        at = max(at, allowed)
    assert 100 <= count <= 100 + BURST + 1


# --- what a look means ----------------------------------------------------------------------------------------------


def known(**fields: Any) -> Recheck:
    values = {"checked_at": START - HOUR, "born_at": START - 2 * HOUR, "kind": "article"} | fields
    return Recheck(1, URL, "north.example", **values)


def failed(error: FetchError | ParseError, at: datetime = START, **fields: Any) -> Any:
    return decide_failed(known(**fields), Fetched(at, 0.1, URL, 404), error, POLICY)


GONE = Gone(URL, Reason.NOT_FOUND, "HTTP 404", status=404)


def test_an_unchanged_page_is_due_again_later() -> None:
    outcome = decide_unchanged(known(), Fetched(START, 0.1, URL, 304), POLICY, Look.NOT_MODIFIED)
    assert outcome.due_at is not None
    assert 2 * HOUR <= outcome.due_at - START <= 2.2 * HOUR


@pytest.mark.parametrize(
    "error",
    [GONE, Gone(URL, Reason.GONE, "HTTP 410", status=410), ParseError(Reason.HOME_PAGE)],
    ids=lambda error: str(error.reason),
)
def test_nothing_there_is_believed_the_third_time(error: Any) -> None:
    first = failed(error)
    assert (first.look, first.missing, first.due_at) == (Look.MISSING, 1, START + timedelta(minutes=10))
    second = failed(error, missing=1, missing_since=START - HOUR)
    assert (second.look, second.missing, second.missing_since) == (Look.MISSING, 2, START - HOUR)
    third = failed(error, missing=2, missing_since=START - HOUR)
    assert (third.look, third.missing_since, third.due_at) == (Look.WITHDRAWN, START - HOUR, START + LAST_LOOK)
    assert failed(error, is_withdrawn=True).look is Look.ENDED


@pytest.mark.parametrize(
    "error",
    [
        Transient(URL, Reason.SERVER_ERROR, status=500),
        Transient(URL, Reason.TOTAL_TIMEOUT),
        Refused(URL, Reason.FORBIDDEN, status=403),
        ParseError(Reason.CONSENT_WALL),
    ],
    ids=lambda error: str(error.reason),
)
def test_any_other_failure_says_nothing_of_the_article(error: Any) -> None:
    outcome = failed(error, missing=2, missing_since=START)
    assert (outcome.look, outcome.missing) == (Look.FAILED, 0)
    assert outcome.due_at > START + HOUR


def test_the_last_look_is_put_off_where_the_server_is_in_trouble_but_not_for_ever() -> None:
    trouble = Transient(URL, Reason.SERVER_ERROR, status=500)
    put_off = failed(trouble, is_withdrawn=True, missing=3, missing_since=START - 30 * DAY)
    assert (put_off.look, put_off.missing, put_off.due_at) == (Look.FAILED, 4, START + DAY)
    assert failed(trouble, is_withdrawn=True, missing=6).look is Look.ENDED


def test_now_and_then_it_is_asked_for_without_validators() -> None:
    """Else a page whose server says 304 whatever happened would never be seen to change."""
    given = Validators('"1"')
    asked = [validators_for(known(validators=given, looks=number)) for number in range(8)]
    assert asked == [given, given, given, None] * 2


def test_a_host_that_asks_for_rest_gets_it() -> None:
    outcome = failed(Transient(URL, Reason.UNAVAILABLE, status=503, retry_after=7 * 3600.0))
    assert outcome.rest_until == START + 7 * HOUR
    assert outcome.due_at >= START + 7 * HOUR


def test_what_we_may_not_ask_for_is_not_asked_for_again() -> None:
    assert failed(Refused(URL, Reason.ROBOTS_DISALLOWED)).look is Look.ENDED


def test_a_redirect_elsewhere_is_followed_there_but_not_to_a_front_page_and_not_for_ever() -> None:
    here = Fetched(START, 0.1, URL, 302)
    moved = decide_moved(known(), here, "https://www.north.example/2026/bridge", 8, POLICY)
    assert (moved.look, moved.moved_to) == (Look.MOVED, "https://www.north.example/2026/bridge")
    home = decide_moved(known(), here, "https://www.north.example/", 8, POLICY)
    assert (home.look, home.reason) == (Look.MISSING, Reason.HOME_PAGE)
    assert decide_moved(known(hops=8), here, "https://x.example/a/b/c", 8, POLICY).look is Look.ENDED


def test_no_article_on_the_page_is_a_failure_and_offline_counts_for_nothing() -> None:
    said = Reading(URL, URL, Kind.INDEX, Reason.HOME_PAGE)
    assert decide_read(known(), Fetched(START, 0.1, URL, 200), said, POLICY).look is Look.MISSING
    offline = decide_offline(known(missing=2), START)
    assert (offline.look, offline.missing, offline.due_at) == (Look.OFFLINE, 2, START + timedelta(minutes=5))


def test_another_story_under_another_address_is_not_taken_for_a_revision() -> None:
    text = "The bridge over the Vire was closed on Monday after engineers found cracks in two of its pillars."
    before = Article(1, "Bridge closed", None, text, text_hash(text), 1)
    other = "Nine swimmers crossed the bay before breakfast, whatever their doctors had told them of cold water."

    def read(title: str, text: str) -> Reading:
        return Reading(URL, URL, Kind.ARTICLE, title=title, text=text)

    assert not is_other_story(URL, URL, before, read("Swimmers", other))  # it was rewritten
    assert not is_other_story(URL, URL + "-closed", before, read("Vire bridge shut", text + " More."))
    assert not is_other_story(URL, URL + "-closed", before, read("Bridge closed", other))
    assert is_other_story(URL, "https://north.example/2026/swimmers", before, read("Swimmers", other))
