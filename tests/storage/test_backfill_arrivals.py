"""Archives that come from a server: one row from beginning to end, who waits for room, and who is woken."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select

from ingest.backfill.arrival import Arrival
from ingest.backfill.remote import REMOTE
from ingest.backfill.request import Looked, Part, PartState, Request, Seed, Source
from ingest.model import Validators
from storage import backfill_arrivals, backfill_results, backfills, hosts, tables
from storage.engine import Database
from tests.clock import START

SERVER = "server.example"
HERE = Arrival(size=100, validators=Validators('"a"', "then"), is_here=True)


def asked(connection: Connection, *names: str) -> int:
    seeds = [Seed(REMOTE, f"https://{SERVER}/{name}", SERVER) for name in names]
    return backfills.begin(connection, Request(Source.WARC, names), seeds, START)[0]


def due(connection: Connection, number: int, at: Any = START) -> Part:
    part = backfills.load_next(connection, SERVER, at, number)
    assert isinstance(part, Part)
    return part


def row(connection: Connection, number: int) -> Any:
    return connection.execute(select(tables.backfill_parts).where(tables.backfill_parts.c.id == number)).one()


def test_one_row_from_beginning_to_end(database: Database) -> None:
    def story(connection: Connection) -> None:
        number = asked(connection, "a", "b")
        part = due(connection, number)
        backfill_arrivals.record_arrival(connection, part, Arrival(position="40", size=100, restarts=2), START)
        again = due(connection, number)  # it stays the first in line
        assert (again.id, again.position, again.size, again.trail) == (part.id, "40", 100, "2")
        assert backfill_arrivals.count_here(connection, number) == (0, 1)
        backfill_arrivals.record_arrival(connection, again, HERE, START)
        assert backfill_arrivals.count_here(connection, number) == (1, 0)
        assert due(connection, number).id != part.id
        file = backfills.load_file(connection, number, [])
        assert file is not None
        assert (file.id, file.host, file.position, file.trail) == (part.id, None, None, "")
        (kept,) = backfill_arrivals.load_kept(connection, [part.id, 99])
        assert (kept.is_settled, kept.is_over) == (False, False)
        backfill_arrivals.give_back(connection, kept, START)  # nobody has read it: nothing happens
        assert row(connection, part.id).host is None
        backfill_results.record_look(connection, file, Looked(PartState.DONE), START)
        (kept,) = backfill_arrivals.load_kept(connection, [part.id])
        assert kept.is_settled
        for _ in range(2):
            backfill_arrivals.give_back(connection, kept, START)
            done = row(connection, part.id)
            assert (done.state, done.host, done.etag, done.last_modified) == ("done", SERVER, '"a"', "then")
        assert not backfills.load_file(connection, number, [])

    database.write(story)


def test_who_waits_for_room_is_woken(database: Database) -> None:
    later = START + timedelta(minutes=5)

    def story(connection: Connection) -> None:
        number = asked(connection, "a", "b", "c", "d")
        first = due(connection, number)
        backfill_arrivals.record_arrival(connection, first, HERE, START)
        failed = due(connection, number)
        arrival = Arrival(reason="cut_short", attempts=1, due_at=later, position="5")
        backfill_arrivals.record_arrival(connection, failed, arrival, START)
        backfill_arrivals.wait_for_room(connection, due(connection, number), START)
        assert backfills.load_next(connection, SERVER, START, number) is None
        file = backfills.load_file(connection, number, [])
        assert file is not None
        backfill_results.record_look(connection, file, Looked(PartState.DONE), START)
        (kept,) = backfill_arrivals.load_kept(connection, [first.id])
        backfill_arrivals.give_back(connection, kept, START)
        assert due(connection, number).id not in (first.id, failed.id)
        assert row(connection, failed.id).due_at == later  # which waits for another reason
        assert hosts.load_due(connection, START, 5) == [SERVER]

    database.write(story)


def test_one_that_is_begun_waits_without_the_others(database: Database) -> None:
    def story(connection: Connection) -> None:
        number = asked(connection, "a", "b")
        part = due(connection, number)
        backfill_arrivals.record_arrival(connection, part, Arrival(position="40", size=100), START)
        backfill_arrivals.wait_for_room(connection, due(connection, number), START)
        assert backfills.load_next(connection, SERVER, START, number) is None
        assert due(connection, number, START + backfill_arrivals.ROOM_AFTER).id == part.id

    database.write(story)


def test_what_failed_is_resumed_where_it_was_unless_it_was_given_back(database: Database) -> None:
    def story(connection: Connection) -> None:
        number = asked(connection, "a")
        part = due(connection, number)
        failed = Arrival(PartState.FAILED, position="40", size=100, validators=Validators('"a"'), reason="forbidden")
        backfill_arrivals.record_arrival(connection, part, failed, START)
        (kept,) = backfill_arrivals.load_kept(connection, [part.id])
        assert not kept.is_settled
        assert backfills.resume(connection, number, START)
        again = due(connection, number)
        assert (again.position, again.validators.etag, again.attempts) == ("40", '"a"', 0)

    database.write(story)


def test_one_whose_file_is_gone_comes_anew(database: Database) -> None:
    """Of what was here before nothing is left by which a server could say that it is as it was."""

    def story(connection: Connection) -> None:
        number = asked(connection, "a")
        part = due(connection, number)
        backfill_arrivals.record_arrival(connection, part, HERE, START)
        file = backfills.load_file(connection, number, [])
        assert file is not None
        backfill_results.record_look(connection, file, Looked(PartState.WAITING, "17", 17, 3), START)
        assert backfills.cancel(connection, number, START)
        (kept,) = backfill_arrivals.load_kept(connection, [part.id])
        assert (kept.is_settled, kept.is_over) == (False, True)
        assert backfills.resume(connection, number, START)
        backfill_arrivals.ask_again(connection, part, START)
        again = due(connection, number)
        assert (again.id, again.position, again.size, again.validators) == (part.id, None, None, Validators())
        assert row(connection, part.id).records == 0

    database.write(story)
