"""Two processes that store copies at once: each is linked once, and nobody waits in a ring."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Connection, select, text, update

from ingest import recheck, settle
from ingest.model import ReadOutcome, Recheck
from ingest.recheck import Policy
from storage import articles, due, fingerprints, tables
from storage.engine import Database
from storage.writer import Writer
from tests.clock import START
from tests.conftest import Server, opened
from tests.eventually import eventually
from tests.storage.batches import held, writing
from tests.storage.newsroom import WORDS, announce, due_entry, fetched, publish, reading, stated
from tests.storage.stories import story

NORTH, SOUTH = "https://north.example/bridge", "https://south.example/vire"


def outcome(database: Database, url: str, said: str) -> ReadOutcome:
    """An entry was announced, and this is what its page says."""
    database.write(announce, stated(url), feed=f"{url.rpartition('/')[0]}/feed")
    return settle.decide_read(database.read(due_entry, url), fetched(url), reading(url, said))


@pytest.mark.parametrize("said", [(WORDS, WORDS), (story(1), story(1, 13))], ids=["equal", "shortened"])
def test_copies_that_come_together_are_linked_once(database_url: str, said: tuple[str, str]) -> None:
    with opened(database_url) as one, opened(database_url) as other:
        stores, together = (one, other), Barrier(2)
        outcomes = [outcome(one, url, words) for url, words in zip((NORTH, SOUTH), said, strict=True)]

        def store(number: int) -> int | None:
            together.wait(30)
            return stores[number].write(articles.record_read, outcomes[number])

        with ThreadPoolExecutor(2) as threads:
            assert sorted(map(str, threads.map(store, (0, 1)))) == ["1", "2"]
        found = one.read(lambda c: c.execute(select(tables.duplicate_links)).all())
        assert [{link.copy_id, link.original_id} for link in found] == [{1, 2}]


WAITING = text("select count(*) from pg_locks where locktype = 'advisory' and not granted")


def touch(connection: Connection) -> None:
    """Lock the row of a host, as a visit does."""
    connection.execute(update(tables.hosts).values(due_at=None))


def needed_by_another(other: Database, writer: Writer, *works: tuple[Any, ...]) -> None:
    """Another process has the turn. Once a batch of these waits for it, it takes the rows that they will lock."""

    def beside(connection: Connection) -> list[Future[Any]]:
        fingerprints.serialise(connection)
        with held(writer):
            futures = [writer.submit(*work) for work in works]
        eventually(lambda: connection.scalar(WAITING), "the writer waits for its turn")
        connection.execute(update(tables.articles).values(section="World"))
        touch(connection)
        return futures

    assert [future.exception(30) for future in other.write(beside)] == [None] * len(works)


def test_a_batch_holds_nothing_while_it_waits_for_its_turn(server: Server) -> None:
    """Something that locks the row of a host stands before an article in it."""
    with server.migrated() as url, opened(url) as store, opened(url, busy_s=5.0) as other, writing(store) as writer:
        needed_by_another(other, writer, (touch,), (articles.record_read, outcome(store, NORTH, WORDS)))


def test_a_look_waits_for_its_turn_before_it_locks_its_article(server: Server) -> None:
    with server.migrated() as url, opened(url) as store, opened(url, busy_s=5.0) as other, writing(store) as writer:
        store.write(publish, NORTH)
        store.write(lambda c: c.execute(update(tables.feeds).values(due_at=None)))
        at = START + timedelta(hours=1)
        known = store.read(due.load_next, "north.example", at)
        assert isinstance(known, Recheck)
        said = recheck.decide_read(known, fetched(NORTH, at), reading(NORTH, WORDS.upper() + " More."), Policy())
        needed_by_another(other, writer, (articles.record_recheck, said, Policy()))
        assert store.read(articles.find, NORTH).revision_count == 2
