"""Copies: equal words on several hosts, a late original, a copy that goes its own way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select

from storage import tables
from storage.engine import Database
from tests.clock import START
from tests.storage.newsroom import STORY, WORDS, publish

HOUR = timedelta(hours=1)
SOUTH, WEST = "https://south.example/a", "https://west.example/b"


def originals(connection: Connection) -> dict[int, int | None]:
    return {row.id: row.canonical_id for row in connection.execute(select(tables.articles))}


def links(connection: Connection) -> set[tuple[int, int]]:
    return {(row.copy_id, row.original_id) for row in connection.execute(select(tables.duplicate_links))}


def three(connection: Connection) -> None:
    publish(connection, published_at=START - HOUR)
    publish(connection, SOUTH, WORDS.upper(), at=START + HOUR)
    publish(connection, WEST, at=START + 2 * HOUR)


def test_copies_point_to_the_first(database: Database) -> None:
    database.write(three)
    assert database.read(originals) == {1: None, 2: 1, 3: 1}
    assert database.read(links) == {(2, 1), (3, 1)}
    link: Any = database.read(lambda c: c.execute(select(tables.duplicate_links)).first())
    assert (link.relation, link.similarity, link.coverage) == ("exact", 1.0, 1.0)


def test_a_late_original_takes_the_head(database: Database) -> None:
    database.write(three)
    database.write(publish, "https://wire.example/c", at=START + 3 * HOUR, published_at=START - 2 * HOUR)
    assert database.read(originals) == {1: 4, 2: 4, 3: 4, 4: None}
    assert database.read(links) == {(1, 4), (2, 4), (3, 4)}


def test_a_copy_that_changes_is_no_copy_any_more(database: Database) -> None:
    database.write(three)
    database.write(publish, SOUTH, "Now it says " + WORDS, at=START + 4 * HOUR)
    assert database.read(originals) == {1: None, 2: None, 3: 1}
    assert database.read(links) == {(3, 1)}


def test_an_original_that_changes_leaves_its_copies_to_the_next(database: Database) -> None:
    database.write(three)
    database.write(publish, STORY, "Now it says " + WORDS, at=START + 4 * HOUR)
    assert database.read(originals) == {1: None, 2: None, 3: 2}
    assert database.read(links) == {(3, 2)}
    database.write(publish, STORY, WORDS, at=START + 5 * HOUR, published_at=START - HOUR)
    assert database.read(originals) == {1: None, 2: 1, 3: 1}


def test_a_few_equal_words_say_nothing(database: Database) -> None:
    for hours, url in enumerate((STORY, SOUTH)):
        database.write(publish, url, "This content is for subscribers only.", at=START + hours * HOUR)
    assert database.read(originals) == {1: None, 2: None}


def test_a_removed_original_leaves_no_link_behind(database: Database) -> None:
    database.write(three)
    database.write(lambda c: c.execute(tables.articles.delete().where(tables.articles.c.id == 1)))
    assert database.read(originals) == {2: None, 3: None}
    assert database.read(links) == set()
