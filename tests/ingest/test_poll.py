"""What a poll means: news, restatements, gaps, moves, failures, and whose fault they are."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.cadence import OFFLINE_RETRY, Bounds
from ingest.errors import FetchError, Gone, ParseError, Refused, Transient, Unacceptable
from ingest.model import (
    Feed,
    FeedState,
    Hop,
    Pacing,
    ParsedEntry,
    ParsedFeed,
    PollOutcome,
    PollResult,
    Reason,
    Response,
    Validators,
)
from ingest.patience import PROBE
from ingest.poll import REST, decide_failed, decide_read, decide_unchanged, rest_until

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BOUNDS = Bounds(minimum_s=300, maximum_s=86_400, initial_s=1_800)
URL, NEW_URL = "https://north.example/feed", "https://feeds.example/north"
FEED = Feed(7, URL, "north.example", body_hash=b"x" * 16, cadence_s=3_600, validators=Validators('"1"', "Mon"))
ONE, TWO = ParsedEntry("1", "https://north.example/1", "One"), ParsedEntry("2", "https://north.example/2", "Two")


def answer(status: int = 200, hops: tuple[Hop, ...] = (), **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(URL, URL, status, named, b"decoded", b"raw", hops=hops, seconds=0.5)


def read(
    *said: ParsedEntry,
    known: tuple[ParsedEntry, ...] = (),
    feed: Feed = FEED,
    response: Response | None = None,
    now: datetime = NOW,
    **kw: Any,
) -> PollOutcome:
    parsed = ParsedFeed("rss20", "North", "https://north.example/", "en", said, **kw)
    had = {entry.key: entry.content_hash for entry in known}
    return decide_read(feed, response or answer(), parsed, b"y" * 16, had, now, BOUNDS)


def stream(count: int, *, per_hour: float, until: datetime = NOW) -> tuple[ParsedEntry, ...]:
    """The last items of a steady feed, newest first."""
    dates = (until - n * timedelta(hours=1) / per_hour for n in range(count))
    return tuple(ParsedEntry(f"{date}", None, published_at=date) for date in dates)


def after(outcome: PollOutcome) -> Feed:
    """What the store knows after a poll."""
    kept = ("cadence_s", "body_hash", "items", "rhythm", "validators")
    return replace(
        outcome.feed, polled_at=outcome.at, succeeded_at=outcome.at, **{name: getattr(outcome, name) for name in kept}
    )


def begun() -> Feed:
    """A feed that was read once, and states no dates."""
    said = [ParsedEntry(str(n), None) for n in range(100, 130)]
    return after(read(*said, feed=replace(FEED, cadence_s=None, body_hash=None)))


def fail(error: FetchError | ParseError, feed: Feed = FEED, *, network_works: bool = True) -> PollOutcome:
    return decide_failed(feed, error, NOW, 0.5, BOUNDS, network_works=network_works)


def test_new_changed_and_known_entries_are_told_apart() -> None:
    outcome = read(ONE, replace(TWO, title="2"), ParsedEntry("3", None), known=(ONE, TWO))
    assert ([e.entry_id for e in outcome.new], [e.entry_id for e in outcome.changed]) == (["3"], ["2"])
    assert (outcome.result, outcome.seen, outcome.gap_possible, outcome.state) == (PollResult.READ, 3, False, "active")


@pytest.mark.parametrize(
    ("change", "is_change"),
    [
        ({"title": "x"}, True), ({"summary": "x"}, True), ({"content": "x"}, True), ({"updated_at": NOW}, True),
        ({"url": "https://north.example/x"}, True), ({"image_url": "x"}, False), ({"categories": ("x",)}, False),
    ],
)  # fmt: skip
def test_what_counts_as_restated(change: dict[str, Any], is_change: bool) -> None:
    assert bool(read(replace(ONE, **change), known=(ONE,)).changed) is is_change


def test_a_gap_is_possible_where_nothing_overlaps() -> None:
    assert read(ONE, TWO).gap_possible
    assert not read(ONE, TWO, known=(TWO,)).gap_possible
    assert not read().gap_possible
    assert not read(ONE, feed=replace(FEED, body_hash=None)).gap_possible


def test_what_the_document_says_is_kept() -> None:
    outcome = read(ONE, problem="bad entity")
    assert (outcome.title, outcome.site_url, outcome.language) == ("North", "https://north.example/", "en")
    assert (outcome.detail, outcome.body_hash, outcome.wire_bytes, outcome.seconds) == ("bad entity", b"y" * 16, 3, 0.5)


def test_a_full_answer_replaces_both_validators() -> None:
    assert read(ONE, response=answer(etag='"2"')).validators == Validators('"2"', None)
    assert read(ONE).validators == Validators()


def test_an_unchanged_answer_keeps_the_validators_it_does_not_name() -> None:
    outcome = decide_unchanged(FEED, answer(304, etag='"2"'), NOW, BOUNDS)
    assert (outcome.result, outcome.validators) == (PollResult.NOT_MODIFIED, Validators('"2"', "Mon"))
    assert (outcome.body_hash, outcome.new, outcome.failures) == (FEED.body_hash, (), 0)


def test_the_same_bytes_save_the_validators_that_came_along() -> None:
    outcome = decide_unchanged(FEED, answer(200, etag='"2"'), NOW, BOUNDS)
    assert (outcome.result, outcome.validators) == (PollResult.SAME_BODY, Validators('"2"', None))


def test_the_first_interval_is_a_guess() -> None:
    """The operator's, else the feed's own; the dates in its first document may ask for less."""
    fresh = replace(FEED, cadence_s=None, body_hash=None)
    assert read(ONE, feed=fresh).cadence_s == 1_800
    assert read(ONE, feed=fresh, pacing=Pacing(period_s=7_200)).cadence_s == 7_200
    assert read(*stream(30, per_hour=120), feed=fresh).cadence_s < 900


def test_silence_slows_a_young_feed_in_steps() -> None:
    feed = begun()
    found = []
    for hours in range(1, 20):
        outcome = decide_unchanged(feed, answer(304), NOW + timedelta(hours=hours), BOUNDS)
        found.append(outcome.cadence_s)
        feed = after(outcome)
    assert found[:3] == [2_700, 4_050, 6_075]
    assert found[-1] > 60_000


def test_a_poll_that_shares_nothing_hastens_at_once() -> None:
    feed, now = begun(), NOW + timedelta(hours=8)
    said = [ParsedEntry(str(n), None) for n in range(30)]
    assert read(*said, feed=replace(feed, cadence_s=28_800), now=now).cadence_s <= 2 * 3_600
    assert read(*stream(30, per_hour=60, until=now), feed=feed, now=now).cadence_s <= 15 * 60
    assert read(*said, known=tuple(said[1:]), feed=replace(feed, cadence_s=28_800), now=now).cadence_s > 4 * 3_600


@pytest.mark.parametrize("dated", [True, False])
def test_a_steady_feed_comes_to_be_polled_when_a_third_to_two_thirds_of_it_are_known(dated: bool) -> None:
    """A window of 30, ten items an hour."""
    drawn, feed, now, shown = random.Random(5), replace(FEED, cadence_s=None, body_hash=None), NOW, [0.0] * 30
    shares = []
    while now < NOW + timedelta(days=30):
        outcome = read(*(_item(date, dated=dated) for date in shown), feed=feed, now=now, skipped=30 - len(shown))
        shares.append(1 - len(shown) / 30)
        passed = (outcome.due_at - now).total_seconds()
        came = int(passed / 360) + (drawn.random() < passed / 360 % 1)
        shown = sorted((now.timestamp() + drawn.uniform(0, passed) for _ in range(came)), reverse=True)[:30]
        feed, now = after(outcome), outcome.due_at
    assert min(shares[1:]) > 0  # never a gap
    assert 1 / 3 <= median(shares[len(shares) // 2 :]) <= 2 / 3


def _item(date: float, *, dated: bool) -> ParsedEntry:
    return ParsedEntry(f"{date}", None, published_at=datetime.fromtimestamp(date, UTC) if dated else None)


def test_what_may_have_been_missed_is_estimated() -> None:
    feed, now = begun(), NOW + timedelta(hours=8)
    outcome = read(*stream(30, per_hour=10, until=now), feed=feed, now=now)
    assert outcome.gap_possible
    assert outcome.missed == pytest.approx(50, rel=0.2)
    assert read(*stream(30, per_hour=3, until=now), feed=feed, now=now).missed == 0
    assert read(*stream(30, per_hour=10, until=now), ONE, known=(ONE,), feed=feed, now=now).missed == 0


def test_the_same_items_in_other_bytes_are_told_from_a_document_that_was_read() -> None:
    outcome = read(skipped=2, item_hashes=b"h" * 16)
    assert (outcome.result, outcome.seen, outcome.items, outcome.item_hashes) == ("same_items", 2, 2, b"h" * 16)
    assert read(ONE, known=(ONE,)).result is PollResult.READ
    assert read().result is PollResult.READ


def test_the_publishers_wish_holds_for_found_intervals_only() -> None:
    def wait(feed: Feed = FEED, *, pacing: Pacing = Pacing(), **headers: str) -> float:  # noqa: B008
        outcome = read(ONE, feed=feed, response=answer(**headers), pacing=pacing)
        return (outcome.due_at - NOW).total_seconds()

    assert 7_200 <= wait(cache_control="max-age=7200") <= 7_200 * 1.1
    assert 7_200 <= wait(expires="Mon, 23 Nov 2026 11:00:00 GMT") <= 7_200 * 1.1
    assert 8_000 <= wait(retry_after="8000") <= 8_000 * 1.1
    assert 9_000 <= wait(pacing=Pacing(ttl_s=9_000)) <= 9_000 * 1.1
    assert wait(pacing=Pacing(ttl_s=10**9)) == 86_400
    assert wait(pacing=Pacing(skip_hours=frozenset(range(9, 20)))) >= 11 * 3_600
    fixed = replace(FEED, interval_s=60)
    assert 30 <= wait(fixed, pacing=Pacing(ttl_s=9_000), cache_control="max-age=7200", retry_after="8000") <= 91


def test_an_unchanged_answer_keeps_the_wishes_of_the_document() -> None:
    feed = after(read(ONE, known=(ONE,), pacing=Pacing(ttl_s=50_000)))
    again = decide_unchanged(feed, answer(304), NOW + timedelta(hours=14), BOUNDS)
    assert again.due_at - again.at >= timedelta(seconds=50_000)


@given(
    st.lists(st.none() | st.datetimes(timezones=st.just(UTC)), max_size=20),
    st.integers(0, 5), st.binary(max_size=400) | st.none(), st.integers(0, 10**8), st.integers(0, 10**9) | st.none(),
)  # fmt: skip
def test_whatever_a_feed_states_it_is_due_again_within_the_bounds(
    dates: list[datetime | None], skipped: int, stored: bytes | None, passed: int, ttl: int | None
) -> None:
    said = tuple(ParsedEntry(str(n), None, published_at=date) for n, date in enumerate(dates))
    feed = replace(FEED, rhythm=stored, succeeded_at=NOW - timedelta(seconds=passed))
    outcome = read(*said, feed=feed, skipped=skipped, pacing=Pacing(ttl_s=ttl))
    assert timedelta(seconds=270) <= outcome.due_at - NOW <= timedelta(days=1)
    assert 0 <= outcome.missed <= 10_000
    assert len(outcome.rhythm or b"") <= 400


# --- moves --------------------------------------------------------------------------------------------------------


def moving(feed: Feed, *hops: Hop) -> Any:
    return read(ONE, feed=feed, response=answer(hops=hops)).move


@pytest.mark.parametrize("status", [301, 308])
def test_a_permanent_redirect_is_believed_on_its_third_day(status: int) -> None:
    feed, hop = FEED, Hop(status, URL, NEW_URL)
    for day, seen in (("2026-11-20", 1), ("2026-11-21", 2), ("2026-11-22", 3)):
        move = moving(feed, hop)
        assert (move.to, move.seen, move.on, move.believed) == (NEW_URL, seen, "2026-11-23", seen == 3)
        feed = replace(feed, moved_to=move.to, moved_seen=move.seen, moved_on=day)


def test_a_day_counts_once() -> None:
    feed = replace(FEED, moved_to=NEW_URL, moved_seen=2, moved_on="2026-11-23")
    assert (moving(feed, Hop(301, URL, NEW_URL)).seen, moving(feed, Hop(301, URL, NEW_URL)).believed) == (2, False)


def test_another_target_begins_anew() -> None:
    feed = replace(FEED, moved_to=NEW_URL, moved_seen=2, moved_on="2026-11-22")
    assert moving(feed, Hop(301, URL, "https://else.example/")).seen == 1
    assert moving(feed) is None


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_passing_redirect_is_no_move(status: int) -> None:
    assert moving(FEED, Hop(status, URL, NEW_URL)) is None


def test_only_the_leading_permanent_redirects_count() -> None:
    hops = (
        Hop(301, URL, "https://a.example/"),
        Hop(308, "https://a.example/", NEW_URL),
        Hop(302, NEW_URL, "https://b.example/"),
    )
    assert moving(FEED, *hops).to == NEW_URL


def test_a_failure_neither_adds_to_a_move_nor_takes_from_it() -> None:
    feed = replace(FEED, moved_to=NEW_URL, moved_seen=2, moved_on="2026-11-20")
    move = fail(Transient(URL, Reason.SERVER_ERROR), feed).move
    assert move is not None
    assert (move.to, move.seen, move.on, move.believed) == (NEW_URL, 2, "2026-11-20", False)
    assert fail(Transient(URL, Reason.SERVER_ERROR)).move is None


# --- failures -----------------------------------------------------------------------------------------------------


def test_a_failure_counts_and_keeps_what_is_known() -> None:
    feed = replace(FEED, failures=2, failure_weight=1.75)
    outcome = fail(Transient(URL, Reason.SERVER_ERROR, "HTTP 500", status=500), feed)
    assert (outcome.result, outcome.failures, outcome.reason, outcome.detail, outcome.status) == (
        PollResult.FAILED, 3, Reason.SERVER_ERROR, "HTTP 500", 500,
    )  # fmt: skip
    assert (outcome.validators, outcome.body_hash, outcome.cadence_s) == (FEED.validators, FEED.body_hash, 3_600)
    assert timedelta(hours=3) < outcome.due_at - NOW <= timedelta(hours=4)


@given(weight=st.floats(0, 10_000), retry_after=st.floats(0, 86_400))
def test_patience_has_bounds_and_retry_after_is_kept(weight: float, retry_after: float) -> None:
    error = Transient(URL, Reason.UNAVAILABLE, retry_after=retry_after)
    outcome = fail(error, replace(FEED, failure_weight=weight))
    assert timedelta(seconds=retry_after) <= outcome.due_at - NOW <= timedelta(seconds=86_400)
    assert outcome.due_at > NOW


@pytest.mark.parametrize(
    "error",
    [Unacceptable(URL, Reason.TOO_LARGE), Refused(URL, Reason.FORBIDDEN), ParseError(Reason.NOT_A_FEED, "html"),
     Gone(URL, Reason.NOT_FOUND)],
)  # fmt: skip
def test_a_feed_is_never_given_up_for_a_failure(error: Any) -> None:
    outcome = fail(error)
    assert (outcome.state, outcome.failures, outcome.reason) == (FeedState.ACTIVE, 1, error.reason)


def test_gone_is_probed_monthly_whatever_the_probe_meets() -> None:
    outcome = fail(Gone(URL, Reason.GONE, status=410))
    assert (outcome.state, outcome.due_at) == (FeedState.GONE, NOW + PROBE)
    again = fail(Transient(URL, Reason.DNS_FAILED), replace(FEED, state=FeedState.GONE))
    assert (again.state, again.due_at, again.reason) == (FeedState.GONE, NOW + PROBE, Reason.DNS_FAILED)
    assert read(ONE, feed=replace(FEED, state=FeedState.GONE)).state is FeedState.ACTIVE


def test_after_long_failure_a_feed_rests_with_a_reason_and_is_probed_monthly() -> None:
    dead, never = NOW - timedelta(days=20), NOW - timedelta(days=13)
    gone = Gone(URL, Reason.NOT_FOUND, "HTTP 404", status=404)
    feed = replace(FEED, failures=9, failure_weight=9.0, succeeded_at=dead)
    outcome = fail(gone, feed)
    assert (outcome.state, outcome.due_at, outcome.reason) == (FeedState.RESTING, NOW + PROBE, Reason.NOT_FOUND)
    assert outcome.detail == "HTTP 404; failing since 2026-11-03, asked once a month"
    assert fail(gone, replace(feed, succeeded_at=never)).state is FeedState.ACTIVE
    assert fail(gone, replace(feed, failure_weight=8.0)).state is FeedState.ACTIVE
    resting = replace(feed, state=FeedState.RESTING, failure_weight=10.0)
    again = fail(Transient(URL, Reason.DNS_FAILED, "no such name"), resting)
    assert (again.state, again.due_at, again.failures) == (FeedState.RESTING, NOW + PROBE, 10)
    woken = read(ONE, feed=resting)
    assert (woken.state, woken.failures, woken.failure_weight) == (FeedState.ACTIVE, 0, 0.0)


def test_an_outage_of_ours_counts_against_nobody() -> None:
    outcome = fail(Transient(URL, Reason.CONNECT_FAILED), replace(FEED, failures=2), network_works=False)
    assert (outcome.result, outcome.failures, outcome.reason) == (PollResult.OFFLINE, 2, Reason.OFFLINE)
    assert (outcome.due_at, outcome.rest_until) == (NOW + OFFLINE_RETRY, None)


@pytest.mark.parametrize(
    ("error", "rest"),
    [
        (Transient(URL, Reason.RATE_LIMITED), REST),
        (Transient(URL, Reason.RATE_LIMITED, retry_after=30.0), timedelta(seconds=30)),
        (Transient(URL, Reason.UNAVAILABLE, retry_after=90.0), timedelta(seconds=90)),
        (Transient(URL, Reason.UNAVAILABLE), None),
        (Transient(URL, Reason.SERVER_ERROR), None),
        (Refused(URL, Reason.FORBIDDEN), None),
        (ParseError(Reason.NOT_A_FEED), None),
    ],
)
def test_who_asks_for_rest_gets_it(error: Any, rest: timedelta | None) -> None:
    assert rest_until(error, NOW) == (None if rest is None else NOW + rest)
    assert fail(error).rest_until == rest_until(error, NOW)


def test_where_a_feed_says_that_it_has_moved_counts_on_days_it_is_unchanged_too() -> None:
    """itunes:new-feed-url: a document says it still while it answers 304."""
    feed = FEED
    for day, outcome_of in enumerate((read, None, None)):
        now = NOW + timedelta(days=day)
        outcome = (
            read(ONE, feed=feed, new_url=NEW_URL) if outcome_of else decide_unchanged(feed, answer(304), now, BOUNDS)
        )
        move = outcome.move
        assert move is not None
        assert (move.to, move.by, move.seen, move.believed) == (NEW_URL, "feed", day + 1, day == 2)
        feed = replace(feed, moved_to=move.to, moved_by=move.by, moved_seen=move.seen, moved_on=move.on)
    assert read(ONE, feed=feed).move is None  # it no longer says so
    assert read(ONE, feed=feed, new_url=URL).move is None  # it is where it says it is


def test_a_redirect_that_ended_is_forgotten_however_it_is_unchanged() -> None:
    feed = replace(FEED, moved_to=NEW_URL, moved_by="redirect", moved_seen=2, moved_on="2026-11-20")
    assert decide_unchanged(feed, answer(304), NOW, BOUNDS).move is None
