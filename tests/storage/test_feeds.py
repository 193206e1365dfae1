"""Feeds: adding and finding them, keeping step with the settings, and what a poll leaves behind."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from ingest import poll
from ingest.cadence import Bounds
from ingest.errors import Gone, StorageError, Transient
from ingest.model import FeedState, ParsedEntry, PollResult, Reason, Validators
from ingest.patience import PROBE
from storage import entries, feeds, hosts, report, tables
from storage.engine import Database
from storage.feeds import LEFT_SETTINGS, WantedFeed
from tests.clock import START
from tests.storage.newsroom import FEED, STORY, announce, answer, fail_poll, known_feed, moved, polled, stated

DAY = timedelta(days=1)
ELSEWHERE = "https://feeds.example/north.xml"


def one(connection: Connection, what: str = FEED) -> Any:
    row = feeds.find(connection, what)
    assert row is not None
    return row


def add(connection: Connection, url: str = FEED, **fields: Any) -> int:
    return feeds.add(connection, WantedFeed(url, **fields), START)[0]


def host_due(connection: Connection, name: str = "north.example") -> Any:
    return connection.scalar(select(tables.hosts.c.due_at).where(tables.hosts.c.name == name))


# --- adding and finding -------------------------------------------------------------------------------------------


def test_an_added_feed_is_due_and_so_is_its_host(database: Database) -> None:
    number, is_new = database.write(feeds.add, WantedFeed(FEED, "North", ("world",), 600), START)
    row = database.read(one)
    assert (row.id, is_new, row.state, row.due_at, row.tags) == (number, True, "active", START, ["world"])
    assert (row.host, row.interval_s, row.source, row.created_at) == ("north.example", 600, "command", START)
    assert database.read(host_due) == START


@pytest.mark.parametrize("spelling", ["http://north.example/feed", "https://NORTH.example:443/feed/?utm_source=x"])
def test_a_feed_is_known_by_every_spelling(database: Database, spelling: str) -> None:
    number = database.write(add, tags=("world",))
    assert database.write(feeds.add, WantedFeed(spelling, tags=("other",)), START) == (number, False)
    row = database.read(one, spelling)
    assert (row.id, row.url, row.tags) == (number, FEED, ["world"])


def test_many_feeds_are_numbered_in_their_order_and_each_comes_once(database: Database) -> None:
    names = ["c", "a", "b", "a"]
    wanted = [WantedFeed(f"https://{name}.example/feed", title=str(n)) for n, name in enumerate(names)]
    assert database.write(feeds.add_many, wanted, START) == [(1, True), (2, True), (3, True), (2, False)]
    assert [(row.host, row.title) for row in database.read(feeds.load_all)] == [
        ("c.example", "0"), ("a.example", "1"), ("b.example", "2"),
    ]  # fmt: skip
    assert database.write(feeds.add_many, wanted[::-1], START) == [(2, False), (3, False), (2, False), (1, False)]


def test_a_feed_is_found_by_its_number_and_by_addresses_it_had(database: Database) -> None:
    number = database.write(add)
    for day in (0, 1, 2):
        database.write(moved(ELSEWHERE, day))
    for what in (str(number), ELSEWHERE, FEED, "http://north.example/feed"):
        assert database.read(one, what).id == number
    for what in ("", "0", "999", "9" * 30, "https://unknown.example/", "not an address", "\x00"):
        assert database.read(feeds.find, what) is None


def test_the_same_feed_cannot_be_stored_twice(database: Database) -> None:
    database.write(add)
    row = database.read(one)._asdict() | {"id": 2, "url": "https://other.example/"}
    with pytest.raises(StorageError, match=r"(?i)unique"):
        database.write(lambda c: c.execute(insert(tables.feeds).values(**row)))
    assert len(database.read(feeds.load_all)) == 1


def test_a_state_that_does_not_exist_is_refused(database: Database) -> None:
    database.write(add)
    with pytest.raises(StorageError, match=r"(?i)check constraint"):
        database.write(lambda c: c.execute(tables.feeds.update().values(state="asleep")))


# --- the settings -------------------------------------------------------------------------------------------------


def states(connection: Connection) -> dict[str, tuple[str, str | None]]:
    return {row.url: (row.state, row.detail) for row in feeds.load_all(connection)}


ACTIVE, LEFT = ("active", None), ("paused", LEFT_SETTINGS)


def test_feeds_of_the_settings_come_and_go_and_return(database: Database) -> None:
    a, b, by_hand = "https://a.example/f", "https://b.example/f", "https://c.example/f"
    database.write(add, by_hand)
    database.write(feeds.sync, [WantedFeed(a), WantedFeed(b, tags=("x",))], START)
    assert database.read(states) == {by_hand: ACTIVE, a: ACTIVE, b: ACTIVE}
    database.write(feeds.sync, [WantedFeed(a, interval_s=60)], START + DAY)
    assert database.read(states) == {by_hand: ACTIVE, a: ACTIVE, b: LEFT}
    left, kept = database.read(one, b), database.read(one, a)
    assert (left.reason, left.due_at, kept.interval_s, kept.source) == ("paused", None, 60, "config")
    database.write(feeds.sync, [WantedFeed(a), WantedFeed(b)], START + 2 * DAY)
    assert database.read(states) == {by_hand: ACTIVE, a: ACTIVE, b: ACTIVE}
    assert database.read(one, b).due_at == START + 2 * DAY


def test_a_feed_paused_by_hand_stays_paused_whatever_the_settings_say(database: Database) -> None:
    database.write(feeds.sync, [WantedFeed(FEED)], START)
    database.write(feeds.pause, 1)
    database.write(feeds.sync, [WantedFeed(FEED)], START)
    assert database.read(states) == {FEED: ("paused", None)}


def test_a_moved_feed_is_still_the_one_that_the_settings_name(database: Database) -> None:
    database.write(feeds.sync, [WantedFeed(FEED)], START)
    for day in (0, 1, 2):
        database.write(moved(ELSEWHERE, day))
    for _ in range(2):
        database.write(feeds.sync, [WantedFeed(FEED)], START + 3 * DAY)
        assert database.read(states) == {ELSEWHERE: ACTIVE}


# --- polls --------------------------------------------------------------------------------------------------------


def test_a_poll_records_what_it_brought(database: Database) -> None:
    assert database.write(announce, stated(), stated("https://north.example/2")) == 2
    row = database.read(one)
    assert (row.title, row.site_url, row.language) == ("The North", "https://north.example/", "en")
    assert (row.polled_at, row.succeeded_at, row.changed_at) == (START, START, START)
    assert (row.etag, row.last_modified) == ('"1"', "Mon, 23 Nov 2026 08:00:00 GMT")
    (done,) = database.read(feeds.load_polls, row.id)
    assert (done.outcome, done.entries_seen, done.entries_new, done.gap_possible, done.status) == (
        "read", 2, 2, False, 200,
    )  # fmt: skip
    assert (row.kind, row.items, row.full_at, done.missed) == ("rss20", 2, START, 0)
    known = database.read(known_feed)
    assert known.rhythm is not None
    assert known.validators == Validators('"1"', "Mon, 23 Nov 2026 08:00:00 GMT")
    assert (known.state, known.reason, known.cadence_s) == (FeedState.ACTIVE, None, 1800)


def test_restated_entries_are_told_from_new_ones(database: Database) -> None:
    database.write(announce, stated())
    both = (stated(title="Bridge shut"), stated("https://north.example/2"))
    assert database.write(announce, *both, at=START + DAY) == 2
    done = database.read(feeds.load_polls, 1)[0]
    assert (done.entries_seen, done.entries_new, done.entries_changed, done.gap_possible) == (2, 1, 1, False)


def test_a_gap_is_possible_where_nothing_is_known_any_more(database: Database) -> None:
    database.write(announce, stated())
    database.write(announce, stated("https://north.example/9"), at=START + DAY)
    assert [p.gap_possible for p in database.read(feeds.load_polls, 1)] == [True, False]


def test_what_may_have_been_missed_is_kept_and_reported(database: Database) -> None:
    def hourly(until: datetime) -> list[ParsedEntry]:
        dates = (until - n * DAY / 24 for n in range(20))
        return [stated(f"https://north.example/{date:%d%H}", published_at=date) for date in dates]

    database.write(announce, *hourly(START))
    assert database.read(report.gaps, START) == []
    database.write(announce, *hourly(START + 2 * DAY), at=START + 2 * DAY)
    (found,) = database.read(report.gaps, START)
    assert found == {
        "feed_id": 1, "url": FEED, "gaps_possible": 1, "missed": pytest.approx(28, abs=2), "last_at": START + 2 * DAY,
    }  # fmt: skip
    assert database.read(report.gaps, START + 3 * DAY) == []


def test_an_unchanged_poll_keeps_what_is_known(database: Database) -> None:
    database.write(announce, stated())
    known = database.read(known_feed)
    again = poll.decide_unchanged(known, answer(FEED, 304, etag='"2"'), START + DAY, Bounds())
    assert database.write(feeds.record_poll, again) == 0
    row = database.read(one)
    assert (row.etag, row.last_modified, row.title) == ('"2"', "Mon, 23 Nov 2026 08:00:00 GMT", "The North")
    assert (row.body_hash, row.changed_at, row.succeeded_at) == (known.body_hash, START, START + DAY)
    assert (row.items, row.full_at) == (1, START)
    assert row.rhythm != known.rhythm  # nothing came in that time


def test_a_failure_teaches_nothing_of_the_rhythm(database: Database) -> None:
    database.write(announce, stated())
    known = database.read(known_feed)
    database.write(fail_poll, Transient(FEED, Reason.SERVER_ERROR, "HTTP 500", status=500), at=START + DAY)
    row = database.read(one)
    assert (row.rhythm, row.items, row.kind, row.full_at) == (known.rhythm, 1, "rss20", START)


def test_failures_are_counted_and_forgiven(database: Database) -> None:
    database.write(announce, stated())
    error = Transient(FEED, Reason.SERVER_ERROR, "HTTP 500", status=500)
    for day in (1, 2):
        outcome = database.write(fail_poll, error, at=START + day * DAY)
    row = database.read(one)
    assert (row.state, row.reason, row.detail, row.failures) == ("active", "server_error", "HTTP 500", 2)
    assert row.due_at == outcome.due_at.replace(microsecond=0)
    assert (row.succeeded_at, row.etag) == (START, '"1"')
    database.write(announce, stated(), at=START + 3 * DAY)
    row = database.read(one)
    assert (row.reason, row.detail, row.failures) == (None, None, 0)


def test_a_feed_that_is_gone_is_probed_monthly_and_may_come_back(database: Database) -> None:
    database.write(announce, stated())
    database.write(fail_poll, Gone(FEED, Reason.GONE, "HTTP 410", status=410))
    database.write(fail_poll, Transient(FEED, Reason.DNS_FAILED), at=START + PROBE)
    row = database.read(one)
    assert (row.state, row.reason, row.due_at) == ("gone", "dns_failed", START + 2 * PROBE)
    database.write(announce, stated(), at=START + 2 * PROBE)
    assert database.read(one).state == "active"


def test_a_host_that_asks_for_rest_gets_it_from_all_its_feeds(database: Database) -> None:
    database.write(add, "https://north.example/other")
    error = Transient(FEED, Reason.RATE_LIMITED, "HTTP 429", status=429, retry_after=3600)
    database.write(fail_poll, error)
    assert database.read(hosts.load_due, START + timedelta(seconds=3599), 10) == []
    assert database.read(hosts.load_due, START + timedelta(seconds=3600), 10) == ["north.example"]
    row = database.read(lambda c: c.execute(select(tables.hosts)).one())
    assert (row.rest_until, row.rest_reason) == (START + timedelta(hours=1), "rate_limited")


def test_a_removed_feed_takes_its_outcome_with_it(database: Database) -> None:
    outcome = database.write(polled, stated())
    database.write(feeds.remove, outcome.feed.id)
    assert database.write(feeds.record_poll, outcome) == 0
    assert database.read(lambda c: c.execute(select(tables.polls)).all()) == []
    assert database.read(lambda c: c.execute(select(tables.entries)).all()) == []


def test_a_feed_paused_while_it_is_polled_stays_paused(database: Database) -> None:
    outcome = database.write(polled, stated())
    database.write(feeds.pause, outcome.feed.id, "by hand")
    assert database.write(feeds.record_poll, outcome) == 1
    row = database.read(one)
    assert (row.state, row.reason, row.detail, row.due_at, row.polled_at) == (
        "paused",
        "paused",
        "by hand",
        None,
        START,
    )


def test_a_resumed_feed_begins_afresh(database: Database) -> None:
    database.write(fail_poll, Transient(FEED, Reason.SERVER_ERROR))
    database.write(feeds.pause, 1)
    database.write(feeds.resume, 1, START + DAY)
    row = database.read(one)
    assert (row.state, row.reason, row.failures, row.due_at) == ("active", None, 0, START + DAY)


def test_all_active_feeds_are_made_due_but_a_resting_host_keeps_its_rest(database: Database) -> None:
    urls = [f"https://{name}.example/feed" for name in ("a", "b", "gone", "paused")]
    for url in urls:
        database.write(announce, stated(url.replace("feed", "1")), feed=url)
    database.write(fail_poll, Gone(urls[2], Reason.GONE), feed=urls[2])
    database.write(feeds.pause, 4)
    database.write(lambda c: c.execute(tables.entries.update().values(due_at=None)))
    for name in ("a", "b", "gone", "paused"):
        database.write(hosts.take_turn, f"{name}.example", "me", START, START + DAY)
        database.write(hosts.end_turn, f"{name}.example", "me", START)
    database.write(hosts.rest, "b.example", START + DAY, "unavailable")
    soon = START + timedelta(seconds=1)
    assert database.read(hosts.load_due, soon, 10) == []
    assert database.write(feeds.make_all_due, soon) == 2
    assert database.read(hosts.load_due, soon, 10) == ["a.example"]
    assert sorted(database.read(hosts.load_due, START + DAY, 10)) == ["a.example", "b.example"]


def test_due_feeds_of_a_host_come_longest_due_first(database: Database) -> None:
    for minutes, name in ((2, "b"), (1, "a"), (9, "later")):
        wanted = WantedFeed(f"https://north.example/{name}")
        database.write(feeds.add, wanted, START + timedelta(minutes=minutes))
    due = database.read(feeds.load_due, "north.example", START + timedelta(minutes=5))
    assert [feed.url[-1] for feed in due] == ["a", "b"]


# --- moving -------------------------------------------------------------------------------------------------------


def test_a_feed_moves_after_the_third_day(database: Database) -> None:
    database.write(add)
    for day, url in ((0, FEED), (0, FEED), (1, FEED), (2, ELSEWHERE)):
        database.write(moved(ELSEWHERE, day))
        assert database.read(one).url == url
    row = database.read(one)
    assert (row.id, row.host, row.moved_to, row.moved_seen, row.state) == (1, "feeds.example", None, 0, "active")
    (move,) = database.read(feeds.load_moves, 1)
    assert (move["from_url"], move["to_url"], move["moved_at"]) == (FEED, ELSEWHERE, START + 2 * DAY)
    assert database.read(host_due, "feeds.example") == row.due_at
    assert database.read(known_feed, ELSEWHERE).url == ELSEWHERE


def test_a_redirect_that_points_elsewhere_begins_anew(database: Database) -> None:
    database.write(add)
    for day, to in ((0, ELSEWHERE), (1, ELSEWHERE), (2, "https://hotel.example/login"), (3, ELSEWHERE)):
        database.write(moved(to, day))
    row = database.read(one)
    assert (row.url, row.moved_to, row.moved_seen) == (FEED, ELSEWHERE, 1)


def test_a_feed_that_moves_to_another_feed_is_paused(database: Database) -> None:
    database.write(add)
    database.write(add, ELSEWHERE)
    for day in (0, 1, 2):
        database.write(moved(ELSEWHERE, day))
    row, there = database.read(one), database.read(one, ELSEWHERE)
    assert (row.state, row.due_at, row.url) == ("paused", None, FEED)
    assert row.detail == f"moved to {ELSEWHERE}, which is feed {there.id}"
    assert (there.state, database.read(feeds.load_moves, row.id)) == ("active", [])


def test_a_feed_may_move_to_another_spelling_and_back(database: Database) -> None:
    database.write(add)
    for day in (0, 1, 2):
        database.write(moved("https://www.north.example/feed/", day))
    assert database.read(one).url == "https://www.north.example/feed/"
    for day in (3, 4, 5):
        database.write(moved(FEED, day))
    assert database.read(one).url == FEED
    assert len(database.read(feeds.load_moves, 1)) == 2


def test_a_feed_that_moves_while_it_is_paused_wakes_nobody(database: Database) -> None:
    database.write(add)
    for day in (0, 1):
        database.write(moved(ELSEWHERE, day))
    database.write(feeds.pause, 1)
    database.write(moved(ELSEWHERE, 2))
    row = database.read(one)
    assert (row.url, row.state, row.due_at) == (ELSEWHERE, "paused", None)
    assert database.read(host_due, "feeds.example") is None


def test_old_polls_are_forgotten(database: Database) -> None:
    for day in (0, 1, 2):
        database.write(announce, stated(), at=START + day * DAY)
    assert database.write(feeds.forget_polls, START + 2 * DAY) == 2
    assert [p.started_at for p in database.read(feeds.load_polls, 1)] == [START + 2 * DAY]


def test_removing_a_feed_forgets_its_entries(database: Database) -> None:
    database.write(announce, stated())
    database.write(feeds.remove, 1)
    assert database.read(entries.load_due, "north.example", START) is None
    assert database.read(feeds.find, FEED) is None


def test_results_are_from_the_closed_list(database: Database) -> None:
    database.write(announce, stated(STORY))
    assert database.read(feeds.load_polls, 1)[0].outcome in set(PollResult)
