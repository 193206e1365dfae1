"""What recurs on a host is learned from new articles, once each, and forgotten where it did not recur."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from ingest import settle
from ingest.boilerplate import MIN_PAGES, block_key
from ingest.model import Dropped
from storage import articles, boilerplate, revisions, tables
from storage.boilerplate import SAMPLE_CHARS, load, load_overgrown, read_key, record, site_of, trim
from storage.engine import Database
from tests.clock import START
from tests.storage.newsroom import STORY, WORDS, announce, due_entry, fetched, publish, reading, stated

HOUR = timedelta(hours=1)
BOX = "Support independent journalism: become a member today."
OTHER = "All rights reserved by the publisher."


def counted(connection: Connection) -> dict[tuple[str, str], int]:
    table = tables.boilerplate
    return {(row.host, row.text): row.pages for row in connection.execute(select(table))}


def publish_many(database: Database, count: int, *blocks: str, host: str = "north.example", first: int = 1) -> None:
    """That many articles of a host, each with its own text and the same blocks."""
    for number in range(first, first + count):
        database.write(
            publish,
            f"https://{host}/{number}",
            f"{WORDS} Part {number}.",
            at=START + number * HOUR,
            short_blocks=blocks,
        )


def test_a_block_is_known_once_it_stood_on_enough_articles_of_the_host(database: Database) -> None:
    publish_many(database, MIN_PAGES - 1, BOX)
    assert database.read(load, "north.example") == frozenset()
    publish_many(database, 1, BOX, OTHER, first=MIN_PAGES)
    assert database.read(load, "north.example") == {block_key(BOX)}
    assert database.read(load, "south.example") == frozenset()
    assert database.read(counted) == {("north.example", BOX): MIN_PAGES, ("north.example", OTHER): 1}


def test_one_site_under_several_names_is_one(database: Database) -> None:
    for number, host in enumerate(("www.north.example", "m.north.example", "north.example")):
        publish_many(database, 1, BOX, host=host, first=number)
    for host in ("north.example", "www.north.example", "m.north.example"):
        assert database.read(load, host) == {block_key(BOX)}
    assert [site_of(name) for name in ("www.m.a.example", "m.co", "www.com", "mm.example", "127.0.0.1")] == [
        "a.example", "m.co", "www.com", "mm.example", "127.0.0.1",
    ]  # fmt: skip


def test_an_article_counts_once_however_often_it_is_read(database: Database) -> None:
    for hours, words in enumerate((WORDS, WORDS, WORDS.replace("four", "six"))):
        database.write(publish, text=words, at=START + hours * HOUR, short_blocks=(BOX, BOX.upper()))
    assert database.read(counted) == {("north.example", BOX): 1}


def test_a_text_that_is_published_again_teaches_nothing(database: Database) -> None:
    for number in range(4):
        database.write(
            publish, f"https://north.example/{number}", WORDS, at=START + number * HOUR, short_blocks=(WORDS,)
        )
    database.write(publish, "https://south.example/1", WORDS, at=START + 5 * HOUR, short_blocks=(WORDS,))
    assert database.read(counted) == {("north.example", WORDS): 1, ("south.example", WORDS): 1}


def test_a_sample_is_kept_with_the_times(database: Database) -> None:
    long = "Our newsletter, every morning. " * 12
    publish_many(database, 2, long)
    (row,) = database.read(lambda c: c.execute(select(tables.boilerplate)).all())
    assert row.text == long[:SAMPLE_CHARS]
    assert (row.first_seen_at, row.last_seen_at) == (START + HOUR, START + 2 * HOUR)


def test_it_is_counted_with_the_article_or_not_at_all(database: Database) -> None:
    """Of a transaction that fails nothing is left."""

    def die(connection: Connection) -> None:
        publish(connection, short_blocks=(BOX,))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        database.write(die)
    assert database.read(counted) == {}
    database.write(publish, short_blocks=(BOX,))
    assert database.read(counted) == {("north.example", BOX): 1}


def test_no_more_than_the_most_frequent_are_known(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for pages, block in ((5, "one of five"), (4, "one of four"), (3, "one of three")):
        for _ in range(pages):
            database.write(record, "north.example", (block,), START)
    monkeypatch.setattr(boilerplate, "KNOWN", 2)
    assert database.read(load, "north.example") == {block_key("one of five"), block_key("one of four")}


def test_what_did_not_recur_is_forgotten(database: Database) -> None:
    for hours, blocks in enumerate(((BOX, "old and once"), (BOX, "old, but twice"), (BOX, "old, but twice"))):
        database.write(record, "north.example", blocks, START + hours * HOUR)
    database.write(record, "north.example", ("new and once",), START + 9 * HOUR)
    database.write(record, "south.example", ("of another host",), START + 9 * HOUR)
    before = START + 8 * HOUR
    assert database.read(load_overgrown, before) == ["north.example"]
    assert database.write(trim, "north.example", before) == 2
    assert {text for _, text in database.read(counted)} == {BOX, "new and once", "of another host"}
    assert database.read(load_overgrown, before) == []


def test_a_host_keeps_the_blocks_that_stood_on_most_articles(database: Database) -> None:
    database.write(record, "north.example", ("on one, earlier", "on two"), START)
    database.write(record, "north.example", ("on one, later", "on two"), START + HOUR)
    assert database.read(load_overgrown, START, 2) == ["north.example"]
    assert database.write(trim, "north.example", START, 2) == 1
    assert {text for _, text in database.read(counted)} == {"on two", "on one, later"}


def test_looking_it_up_is_one_look_into_an_index(tmp_path: Any, migrated_file: Any) -> None:
    """On SQLite, which says so; PostgreSQL reads a small table whole."""
    store = Database(f"sqlite:///{migrated_file}")
    plan = "explain query plan select block_key from boilerplate where host = 'x' and pages > 1 and pages >= 3"
    (row,) = store.read(lambda c: c.execute(text(f"{plan} order by pages desc, block_key limit 9")).all()[:1])
    store.close()
    assert "COVERING INDEX ix_boilerplate_recurring (host=? AND pages>?)" in row.detail


# --- what it means for articles -----------------------------------------------------------------------------------


def test_what_was_left_out_is_kept_within_bounds(database: Database) -> None:
    dropped = tuple(Dropped("x\x00" * 500, f"reason {n}") for n in range(60))
    number = database.write(publish, markdown="# Closed\x00", dropped=dropped)
    row = database.read(articles.find, str(number))
    assert row.text_markdown == "# Closed"
    assert [d["reason"] for d in row.dropped] == [f"reason {n}" for n in range(40)]
    assert {d["text"] for d in row.dropped} == {"x" * 100}


def look_again(connection: Connection, said: str, blocks: frozenset[int], hours: int) -> int | None:
    """The entry is restated, and its page says this now."""
    at = START + hours * HOUR
    announce(connection, stated(updated_at=at), feed="https://north.example/feed", at=at)
    outcome = settle.decide_read(due_entry(connection, at=at), fetched(at=at), reading(text=said))
    return articles.record_read(connection, outcome, blocks)


def test_that_learned_boilerplate_goes_is_no_revision(database: Database) -> None:
    known = frozenset([block_key(BOX)])
    number = database.write(publish, text=f"{WORDS}\n\n{BOX}")
    database.write(look_again, WORDS.replace("four", "six") + f"\n\n{BOX}", frozenset(), 1)
    assert database.write(look_again, WORDS.replace("four", "six"), known, 2) == number
    row = database.read(articles.find, STORY)
    assert (row.text, row.revision_count) == (WORDS.replace("four", "six"), 2)
    assert row.read_key == read_key("test 1", known)
    (newest, _), (_, older) = database.read(revisions.load, number)
    assert older == f"{WORDS}\n\n{BOX}"
    assert (newest.text_hash, newest.word_count) == (row.text_hash, row.word_count)
    database.write(look_again, WORDS.replace("four", "two"), known, 3)
    assert database.read(articles.find, STORY).revision_count == 3
    assert [r.words_removed for r, _ in database.read(revisions.load, number)] == [1, 1, 0]


def test_a_read_key_stands_for_extractor_and_boilerplate() -> None:
    keys = {
        read_key(name, frozenset(blocks))
        for name in ("a 1", "a 2")
        for blocks in ((), (block_key(BOX),), (block_key(BOX), block_key(OTHER)))
    }
    assert len(keys) == 6
    assert all(-(2**63) <= key < 2**63 for key in keys)
