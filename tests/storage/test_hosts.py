"""Hosts: when a visit is due, whose turn it is, who rests, what robots.txt said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, text

from ingest.politeness import Robots
from storage import due, entries, feeds, hosts, tables
from storage.engine import Database
from storage.feeds import WantedFeed
from tests.clock import START, Clock
from tests.storage.newsroom import FEED, STORY, announce, stated

NAME = "north.example"
MINUTE, LATER = timedelta(minutes=1), START + timedelta(hours=1)


def row(connection: Connection) -> Any:
    return connection.execute(select(tables.hosts).where(tables.hosts.c.name == NAME)).one()


def make_due(database: Database, at: Any = START, *names: str) -> None:
    database.write(hosts.make_due, names or [NAME], at)


def test_the_sooner_visit_wins(database: Database) -> None:
    for at, due_at in ((LATER, LATER), (START, START), (LATER, START)):
        make_due(database, at)
        assert database.read(row).due_at == due_at


def test_moments_are_kept_in_whole_seconds_however_they_came_in(database: Database) -> None:
    make_due(database, LATER)
    make_due(database, START + timedelta(microseconds=700_000))
    assert database.read(row).due_at == START
    assert database.read(hosts.load_due, START, 10) == [NAME]
    stored = str(database.read(lambda c: c.scalar(text("select due_at from hosts"))))
    assert stored.startswith("2026-11-23 09:00:00")
    assert ".7" not in stored


def test_hosts_come_longest_due_first(database: Database) -> None:
    make_due(database, START, "b.example")
    make_due(database, START - MINUTE, "a.example")
    make_due(database, LATER, "c.example")
    assert database.read(hosts.load_due, START, 10) == ["a.example", "b.example"]
    assert database.read(hosts.load_due, START, 1) == ["a.example"]


def test_one_visit_at_a_time(database: Database, clock: Clock) -> None:
    make_due(database)
    until = clock() + 5 * MINUTE
    assert database.write(hosts.take_turn, NAME, "one", clock(), until) == hosts.HostState(NAME, None, None)
    assert database.write(hosts.take_turn, NAME, "two", clock(), until) is None
    assert database.write(hosts.take_turn, NAME, "one", clock(), until) is None
    assert database.read(hosts.load_due, clock(), 10) == []
    clock.advance(minutes=5)
    assert database.read(hosts.load_due, clock(), 10) == [NAME]
    assert database.write(hosts.take_turn, NAME, "two", clock(), clock() + MINUTE) is not None


def test_a_turn_that_was_lost_is_not_given_back(database: Database) -> None:
    make_due(database)
    database.write(hosts.take_turn, NAME, "one", START, START + MINUTE)
    database.write(hosts.take_turn, NAME, "two", START + MINUTE, LATER)
    database.write(hosts.end_turn, NAME, "one", START)
    assert (database.read(row).turn_owner, database.read(row).visited_at) == ("two", None)


def test_nobody_has_a_turn_at_an_unknown_host(database: Database) -> None:
    assert database.write(hosts.take_turn, "nowhere.example", "one", START, LATER) is None


def test_the_end_of_a_turn_says_when_the_next_visit_is_due(database: Database) -> None:
    database.write(announce, stated())
    feed_due = database.read(feeds.find, FEED).due_at

    def turn(connection: Connection) -> Any:
        hosts.take_turn(connection, NAME, "me", START, LATER)
        hosts.end_turn(connection, NAME, "me", START)
        return row(connection)

    assert database.write(turn).due_at == START  # the entry
    database.write(lambda c: c.execute(tables.entries.update().values(due_at=None)))
    assert database.write(turn).due_at == feed_due
    database.write(feeds.pause, 1)
    ended = database.write(turn)
    assert (ended.due_at, ended.turn_owner, ended.turn_until, ended.visited_at) == (None, None, None, START)


def test_a_visit_that_asked_nothing_leaves_the_pace_alone(database: Database) -> None:
    make_due(database)
    for visited_at in (START + timedelta(microseconds=1), None):
        database.write(hosts.take_turn, NAME, "me", START, LATER)
        database.write(hosts.end_turn, NAME, "me", visited_at)
    assert database.read(row).visited_at == START + timedelta(seconds=1)


def test_turns_of_the_dead_are_taken_back(database: Database) -> None:
    make_due(database, START, "a.example", "b.example", "c.example")
    for name in ("a.example", "b.example"):
        database.write(hosts.take_turn, name, "dead", START, LATER)
    assert database.write(hosts.clear_turns) == 2
    assert len(database.read(hosts.load_due, START, 10)) == 3
    assert database.write(hosts.clear_turns) == 0


def test_a_resting_host_is_left_alone_to_the_last_microsecond(database: Database) -> None:
    make_due(database)
    database.write(hosts.rest, NAME, START + timedelta(microseconds=1), "rate_limited")
    assert database.read(row).rest_until == START + timedelta(seconds=1)
    assert database.read(hosts.load_due, START, 10) == []
    assert database.write(hosts.take_turn, NAME, "me", START, LATER) is None
    awake = START + timedelta(seconds=1)
    assert database.read(hosts.load_due, awake, 10) == [NAME]
    assert database.write(hosts.take_turn, NAME, "me", awake, LATER) is not None


def test_robots_come_back_as_they_went_in(database: Database) -> None:
    origin = "https://north.example"
    assert database.read(hosts.load_robots, origin) is None
    for said in (
        Robots(200, "User-agent: *\nDisallow: /private\n", START),
        Robots(503, None, START, START - MINUTE),
        Robots(None, "", START),
    ):
        database.write(hosts.record_robots, origin, NAME, said)
        assert database.read(hosts.load_robots, origin) == said


def test_robots_with_bytes_that_no_database_takes_are_kept(database: Database) -> None:
    said = Robots(200, "User-agent: *\x00\ud800\nDisallow: /é" + "x" * 500_000, START)
    database.write(hosts.record_robots, "https://north.example", NAME, said)
    found = database.read(hosts.load_robots, "https://north.example")
    assert found is not None
    assert found.text is not None
    assert found.text.startswith("User-agent: *?\nDisallow: /éxx")


def test_feeds_and_entries_wait_in_one_line(database: Database) -> None:
    database.write(feeds.add, WantedFeed("https://north.example/second"), START + MINUTE)
    database.write(announce, stated())
    first = database.read(due.load_next, NAME, START + MINUTE)
    assert (first.url, database.read(due.count, START + MINUTE)) == (STORY, 2)
    database.write(lambda c: c.execute(tables.entries.update().values(due_at=LATER)))
    assert database.read(due.load_next, NAME, START + MINUTE).url == "https://north.example/second"
    assert database.read(due.load_next, NAME, START) is None
    assert database.read(due.load_next, "other.example", LATER) is None


def test_witnesses_are_feeds_of_other_hosts_that_answered_lately(database: Database) -> None:
    database.write(announce, stated(), feed="https://a.example/feed")
    database.write(announce, stated(), feed="https://b.example/feed", at=LATER)
    database.write(feeds.add, WantedFeed("https://c.example/feed"), START)
    witnesses = database.read(due.load_witnesses, "a.example")
    assert list(witnesses) == ["https://b.example/feed", "https://c.example/feed"]


def test_a_host_that_has_more_to_do_goes_to_the_end_of_the_line(database: Database) -> None:
    database.write(announce, stated())
    make_due(database, START + timedelta(seconds=30), "b.example")

    def turn(connection: Connection) -> list[str]:
        now = START + timedelta(seconds=45, microseconds=9)
        hosts.take_turn(connection, NAME, "me", now, LATER)
        hosts.end_turn(connection, NAME, "me", now)
        return hosts.load_due(connection, now, 10)

    assert database.write(turn) == ["b.example", NAME]


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (hosts._DUE, "ix_hosts_due_at"),
        (feeds._DUE, "ix_feeds_host_due_at"),
        (entries._DUE, "ix_entries_host_due_at"),
        (due._COUNTS[0], "ix_feeds_due_at"),
        (due._COUNTS[1], "ix_entries_due_at"),
    ],
    ids=["hosts", "feeds", "entries", "count of feeds", "count of entries"],
)
def test_what_is_due_is_found_by_an_index(database: Database, statement: Any, index: str) -> None:
    """However many rows there are: a hundred thousand feeds, millions of entries."""

    def plan(connection: Connection) -> str:
        is_lite = connection.dialect.name == "sqlite"
        if not is_lite:  # with a handful of rows it would rather read them all
            connection.execute(text("set local enable_seqscan = off"))
        word = "explain query plan " if is_lite else "explain "
        event.listen(connection, "before_cursor_execute", lambda *a: (word + a[2], a[3]), retval=True)
        asked = connection.execute(statement, {"now": START, "host": NAME, "limit": 10})
        return "\n".join(str(line[-1]) for line in asked.cursor.fetchall())

    found = database.read(plan)
    # An index that begins with the host costs PostgreSQL the same, as long as there are no rows.
    rival = index.replace("_due_at", "_host_due_at")
    assert index in found or (not database.is_sqlite and rival in found)
    assert not any(word in found for word in ("SCAN", "Seq Scan", "TEMP B-TREE")), found
