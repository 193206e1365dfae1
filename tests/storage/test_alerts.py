"""Alerts: raised once, cleared when all is well, kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from ingest.watchfulness import Alert
from storage import alerts, feeds
from storage.engine import Database
from tests.clock import START
from tests.storage.newsroom import announce, due_entry, polled, read, reading, stated

DAY = timedelta(days=1)


def kinds(connection: Connection) -> list[str]:
    return [row["kind"] for row in alerts.load_open(connection)]


def history(connection: Connection) -> list[tuple[Any, ...]]:
    return [(row["kind"], row["raised_at"], row["cleared_at"]) for row in alerts.load_of_feed(connection, 1)]


def test_an_alert_stands_once_and_may_come_back(database: Database) -> None:
    database.write(announce, stated())
    assert database.write(alerts.raise_alert, 1, Alert.SILENT, "nothing for 3 days", START)
    assert not database.write(alerts.raise_alert, 1, Alert.SILENT, "nothing for 4 days", START + DAY)
    database.write(alerts.clear, 1, Alert.SHORT_ARTICLES, START + DAY)
    assert database.read(kinds) == ["silent"]
    database.write(alerts.clear, 1, Alert.SILENT, START + 2 * DAY)
    assert database.read(kinds) == []
    assert database.write(alerts.raise_alert, 1, Alert.SILENT, "nothing again", START + 9 * DAY)
    assert database.read(history) == [("silent", START + 9 * DAY, None), ("silent", START, START + 2 * DAY)]


def test_news_end_the_silence(database: Database) -> None:
    database.write(announce, stated())
    database.write(alerts.raise_alert, 1, Alert.SILENT, "nothing for 3 days", START)
    database.write(announce, stated(), at=START + DAY)
    assert database.read(kinds) == ["silent"]
    database.write(announce, stated("https://north.example/2"), at=START + 2 * DAY)
    assert database.read(history) == [("silent", START, START + 2 * DAY)]


def test_quiet_feeds_come_in_portions_without_those_under_alert(database: Database) -> None:
    for number in range(1, 5):
        database.write(announce, stated(f"https://north.example/{number}"), feed=f"https://north.example/feed{number}")
    database.write(alerts.raise_alert, 2, Alert.SILENT, "nothing", START)
    database.write(feeds.pause, 3)
    quiet = database.read(alerts.load_quiet, START + DAY, 0, 1)
    assert [row.id for row in quiet] == [1]
    assert (quiet[0].changed_at, len(quiet[0].rhythm) > 100) == (START, True)
    assert [row.id for row in database.read(alerts.load_quiet, START + DAY, 1, 9)] == [4]
    assert database.read(alerts.load_quiet, START, 0, 9) == []


def test_lying_validators_are_left_out_until_the_feed_is_resumed(database: Database) -> None:
    database.write(announce, stated())

    def find_out(connection: Connection) -> None:
        feeds.record_poll(connection, replace(polled(connection, stated(title="New"), at=START + DAY), distrusted=True))

    database.write(find_out)
    assert database.read(kinds) == ["distrusted"]
    row = database.read(feeds.find, "1")
    assert row is not None
    assert row.distrusted_at == START + DAY
    assert database.write(alerts.forgive, START + DAY, START + 2 * DAY) == 0
    database.write(feeds.resume, 1, START + 2 * DAY)
    row = database.read(feeds.find, "1")
    assert row is not None
    assert row.distrusted_at is None
    assert database.read(history) == [("distrusted", START + DAY, START + 2 * DAY)]


def test_who_lied_is_trusted_again_some_day(database: Database) -> None:
    database.write(announce, stated())

    def find_out(connection: Connection) -> None:
        feeds.record_poll(connection, replace(polled(connection, stated(title="New"), at=START + DAY), distrusted=True))

    database.write(find_out)
    assert database.write(alerts.forgive, START + 2 * DAY, START + 31 * DAY) == 1
    assert database.read(history) == [("distrusted", START + DAY, START + 31 * DAY)]
    row = database.read(feeds.find, "1")
    assert row is not None
    assert row.distrusted_at is None


def store(connection: Connection, number: int, words: int) -> None:
    url = f"https://north.example/{number}"
    at = START + timedelta(minutes=number)
    announce(connection, stated(url), at=at)
    said = reading(url, f"Article {number} says: " + "word " * words, word_count=words)
    read(connection, due_entry(connection, url, at), said, at)


def test_articles_that_come_out_short_are_noticed_and_forgiven(database: Database) -> None:
    def publish(connection: Connection, first: int, lengths: list[int]) -> None:
        for number, words in enumerate(lengths, first):
            store(connection, number, words)

    database.write(publish, 0, [400] * 25)
    assert database.read(kinds) == []
    database.write(publish, 25, [30] * 10)
    (alert,) = database.read(alerts.load_open)
    assert (alert["kind"], alert["url"]) == ("short_articles", "https://north.example/feed")
    assert alert["detail"].endswith("as usual")
    database.write(publish, 35, [400] * 20)
    assert database.read(kinds) == []
    assert len(database.read(history)) == 1


def test_a_removed_feed_takes_its_alerts_with_it(database: Database) -> None:
    database.write(announce, stated())
    database.write(alerts.raise_alert, 1, Alert.SILENT, "nothing", START)
    database.write(feeds.remove, 1)
    assert database.read(kinds) == []
