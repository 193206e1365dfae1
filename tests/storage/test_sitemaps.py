"""The sitemaps of an index as feeds, and polls that bring more than one transaction should."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from ingest import poll
from ingest.cadence import Bounds
from ingest.fingerprint import digest
from ingest.model import ListedSitemap, ParsedFeed, PollOutcome
from storage import entries, feeds, hosts, sitemaps, tables
from storage.engine import Database
from storage.feeds import LEFT_SETTINGS, WantedFeed
from tests.clock import START
from tests.storage.newsroom import FEED, announce, answer, known_feed, polled, stated

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SITE = "https://north.example/"
INDEX = SITE + "sitemap.xml"
OLD = START - 30 * DAY


def index(connection: Connection, at: datetime = START, url: str = INDEX, **listed: datetime | None) -> None:
    """Poll an index that lists these sitemaps, each with its lastmod."""
    feeds.add(connection, WantedFeed(url, tags=("world",)), at)
    known = known_feed(connection, url)
    children = tuple(ListedSitemap(f"{SITE}{name}.xml", modified) for name, modified in listed.items())
    document = ParsedFeed("sitemap_index", None, None, None, (), children=children)
    feeds.record_poll(
        connection, poll.decide_read(known, answer(url), document, digest(repr(listed)), {}, at, Bounds())
    )


def rows(connection: Connection) -> dict[str, Any]:
    return {row.url.removeprefix(SITE).removesuffix(".xml"): row for row in feeds.load_all(connection)}


def states(connection: Connection) -> dict[str, tuple[str, str | None]]:
    return {name: (row.state, row.detail) for name, row in rows(connection).items() if name != "sitemap"}


def poll_sitemap(connection: Connection, name: str, at: datetime) -> None:
    """Poll a sitemap, so that it is not due for a while."""
    announce(connection, feed=f"{SITE}{name}.xml", at=at)


ACTIVE, LOST = ("active", None), ("paused", sitemaps.UNLISTED)


def test_wanted_sitemaps_become_feeds_of_their_index(database: Database) -> None:
    database.write(index, a=START - HOUR, old=OLD, news=None)
    found = database.read(rows)
    assert set(found) == {"sitemap", "a", "news"}
    child = found["a"]
    assert (child.source, child.parent_id, child.tags, child.state, child.due_at) == (
        "index", found["sitemap"].id, ["world"], "active", START,
    )  # fmt: skip
    assert (found["sitemap"].source, found["sitemap"].kind) == ("command", "sitemap_index")
    assert database.read(hosts.load_due, START, 10) == ["north.example"]
    database.write(index, a=START - HOUR, old=OLD, news=None)
    assert {name: row.id for name, row in database.read(rows).items()} == {name: row.id for name, row in found.items()}


def test_sitemaps_are_paused_and_resumed_as_their_index_goes(database: Database) -> None:
    database.write(index, a=START, b=START, c=START)
    for name in "abc":
        database.write(poll_sitemap, name, START)
    database.write(index, START + 5 * DAY, a=START + 5 * DAY, b=START)
    quiet = ("paused", f"nothing new in it since {START:%Y-%m-%d}")
    assert database.read(states) == {"a": ACTIVE, "b": quiet, "c": LOST}
    assert database.read(rows)["c"].due_at is None
    later = START + 6 * DAY
    database.write(index, later, b=later, c=later)
    assert database.read(states) == {"a": LOST, "b": ACTIVE, "c": ACTIVE}
    assert database.read(rows)["b"].due_at == later


def test_news_in_a_sitemap_make_it_due_at_once_unless_it_fails(database: Database) -> None:
    database.write(index, a=START, b=START, failing=START)
    for name in ("a", "b", "failing"):
        database.write(poll_sitemap, name, START)
    database.write(lambda c: c.execute(tables.feeds.update().where(tables.feeds.c.id == 4).values(failures=2)))
    before = database.read(rows)
    now = START + timedelta(minutes=10)
    database.write(index, now, a=now, b=START, failing=now)
    after = database.read(rows)
    assert after["a"].due_at == now < before["a"].due_at
    assert [after[name].due_at for name in ("b", "failing")] == [before[name].due_at for name in ("b", "failing")]


def test_what_the_operator_says_of_a_sitemap_holds(database: Database) -> None:
    database.write(feeds.add, WantedFeed(SITE + "own.xml", tags=("mine",)), START)
    database.write(index, own=START, a=START, b=START)
    database.write(feeds.pause, database.read(rows)["a"].id)
    database.write(index, START + DAY, own=OLD, a=START + DAY)
    assert database.read(states) == {"own": ACTIVE, "a": ("paused", None), "b": LOST}
    assert database.read(rows)["own"].tags == ["mine"]
    database.write(feeds.resume, database.read(rows)["b"].id, START + DAY)
    database.write(index, START + 2 * DAY, a=START + 2 * DAY)
    assert database.read(states) == {"own": ACTIVE, "a": ("paused", None), "b": ACTIVE}
    assert database.read(rows)["b"].source == "command"


def test_a_paused_index_pauses_its_sitemaps_until_it_is_resumed(database: Database) -> None:
    database.write(feeds.sync, [WantedFeed(INDEX)], START)
    database.write(index, a=START, b=START)
    database.write(feeds.pause, database.read(rows)["b"].id)
    database.write(feeds.sync, [], START)
    assert database.read(rows)["sitemap"].detail == LEFT_SETTINGS
    assert database.read(states) == {"a": ("paused", sitemaps.WITHOUT_INDEX), "b": ("paused", None)}
    database.write(index, START, a=START)  # it was being polled
    assert database.read(states)["a"] == ("paused", sitemaps.WITHOUT_INDEX)
    database.write(feeds.sync, [WantedFeed(INDEX)], START)
    assert database.read(states) == {"a": ACTIVE, "b": ("paused", None)}


def test_a_sitemap_that_the_settings_name_is_theirs(database: Database) -> None:
    database.write(index, a=START)
    database.write(index, START + DAY)
    assert database.read(states) == {"a": LOST}
    database.write(feeds.sync, [WantedFeed(SITE + "a.xml")], START + DAY)
    row = database.read(rows)["a"]
    assert (row.state, row.source, row.parent_id) == ("active", "config", None)


def test_indexes_that_list_each_other_or_themselves_end(database: Database) -> None:
    below = SITE + "below.xml"
    database.write(index, sitemap=START, below=START)
    database.write(index, url=below, sitemap=START, below=START, deeper=START)
    deeper = SITE + "deeper.xml"
    database.write(index, url=deeper, sitemap=START, below=START, deepest=START)
    found = database.read(rows)
    assert set(found) == {"sitemap", "below", "deeper"}
    assert [found[name].parent_id for name in ("sitemap", "below", "deeper")] == [None, 1, 2]
    assert found["deeper"].detail == sitemaps.TOO_DEEP
    database.write(index, START + DAY)  # it lists nothing any more
    assert database.read(states) == {"below": LOST, "deeper": ("paused", sitemaps.WITHOUT_INDEX)}


def test_a_sitemap_that_one_index_lost_is_taken_over_by_another(database: Database) -> None:
    other = SITE + "other.xml"
    database.write(index, a=START)
    database.write(index, url=other, a=START)
    assert database.read(rows)["a"].parent_id == 1
    database.write(index, START + DAY)
    database.write(index, START + DAY, url=other, a=START + DAY)
    row = database.read(rows)["a"]
    assert (row.state, row.parent_id) == ("active", database.read(rows)["other"].id)


def test_an_index_that_becomes_a_feed_loses_its_sitemaps(database: Database) -> None:
    database.write(index, a=START)
    database.write(announce, stated(), feed=INDEX, at=START + DAY)
    assert database.read(states) == {"a": LOST}
    assert database.read(rows)["sitemap"].kind == "rss20"


def test_a_removed_index_takes_its_sitemaps_with_it(database: Database) -> None:
    database.write(index, a=START)
    database.write(feeds.remove, 1)
    assert database.read(rows) == {}


# --- polls that bring very much -------------------------------------------------------------------------------------


@pytest.fixture
def _small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "PORTION", 10)


def much(connection: Connection, count: int = 35) -> PollOutcome:
    return polled(connection, *(stated(f"{SITE}{number}") for number in range(count)))


def record(database: Database, outcome: PollOutcome, portions: int) -> PollOutcome:
    """Record so many portions, as a visit does; what is left to record."""
    for _ in range(portions):
        assert database.write(entries.record_portion, outcome) == 10
        outcome = replace(outcome, recorded=outcome.recorded + 10)
    return outcome


def count_entries(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(tables.entries)) or 0


@pytest.mark.usefixtures("_small_portions")
def test_a_large_poll_is_recorded_in_portions(database: Database) -> None:
    rest = record(database, database.write(much), 3)
    assert (database.read(count_entries), database.read(feeds.load_polls, 1)) == (30, [])
    assert database.write(feeds.record_poll, rest) == 5
    (done,) = database.read(feeds.load_polls, 1)
    assert (database.read(count_entries), done.entries_new, done.entries_seen) == (35, 35, 35)


@pytest.mark.usefixtures("_small_portions")
def test_dying_between_two_portions_loses_and_doubles_nothing(database: Database) -> None:
    record(database, database.write(much), 2)
    assert database.read(lambda c: known_feed(c).body_hash) is None  # it is due still, and read again
    again = database.write(much)
    assert len(again.new) == 15
    database.write(feeds.record_poll, record(database, again, 1))
    assert database.read(count_entries) == 35
    assert len(database.write(much).new) == 0


@pytest.mark.usefixtures("_small_portions")
def test_portions_go_on_from_new_entries_to_restated_ones(database: Database) -> None:
    database.write(feeds.record_poll, database.write(much, 15))
    said = [stated(f"{SITE}{number}", title="Restated") for number in range(25)]
    outcome = database.write(polled, *said, at=START + HOUR)
    assert (len(outcome.new), len(outcome.changed)) == (10, 15)
    database.write(feeds.record_poll, record(database, outcome, 2))
    titles = database.read(lambda c: c.scalars(select(tables.entries.c.title).distinct()).all())
    assert (titles, database.read(count_entries)) == (["Restated"], 25)


@pytest.mark.usefixtures("_small_portions")
def test_a_feed_that_is_removed_between_portions_gets_no_more(database: Database) -> None:
    rest = record(database, database.write(much), 1)
    database.write(feeds.remove, 1)
    assert database.write(entries.record_portion, rest) == 0
    assert database.write(feeds.record_poll, rest) == 0
    assert database.read(count_entries) == 0


def test_the_item_hashes_are_kept_with_the_feed(database: Database) -> None:
    outcome = database.write(much, 1)
    database.write(feeds.record_poll, replace(outcome, kind="sitemap", items=50_000, item_hashes=bytes(400_000)))
    known = database.read(known_feed)
    assert (known.kind, known.items, known.item_hashes) == ("sitemap", 50_000, bytes(400_000))
    unchanged = poll.decide_unchanged(known, answer(FEED, 304), START + DAY, Bounds())
    database.write(feeds.record_poll, unchanged)
    assert database.read(known_feed).item_hashes == bytes(400_000)
