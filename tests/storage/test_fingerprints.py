"""The key table: the same answers on both databases."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from storage import fingerprints
from storage.engine import Database
from tests.clock import START
from tests.storage.newsroom import WORDS, publish

DAY = timedelta(days=1)
KEYS = tuple(range(-8, 8))


def stored(connection: Connection, number: int, days: int = 0) -> int:
    """An article whose text is too short to have keys."""
    return publish(connection, f"https://north.example/{number}", f"{WORDS} {number}", at=START + days * DAY)


def found(database: Database, *keys: int, more: tuple[int, ...] = (), days: int = 30) -> list[int]:
    return database.read(fingerprints.candidates, keys, more, START + 30 * DAY - days * DAY)


def keep(database: Database, *shared: int, days: int = 30) -> None:
    """Articles 1, 2, … that have so many of KEYS."""

    def work(connection: Connection) -> None:
        for number, count in enumerate(shared, 1):
            assert stored(connection, number, days) == number
            fingerprints.insert(connection, number, KEYS[:count])

    database.write(work)


def test_most_shared_keys_come_first(database: Database) -> None:
    keep(database, 3, 16, 2, 16, 1)
    assert found(database, *KEYS) == [2, 4, 1, 3]  # one key alone is a phrase
    assert found(database, *KEYS[8:], more=KEYS[:3]) == [2, 4, 1, 3]
    assert found(database, 100, 101) == []
    assert found(database) == []


def test_keys_that_were_asked_for_together(database: Database) -> None:
    keep(database, 16, 3)
    strangers = range(100, 3_000)

    def work(connection: Connection) -> None:
        known = fingerprints.load_postings(connection, (*KEYS, *strangers))
        assert fingerprints.look_up(connection, KEYS, strangers, START, known=known).candidates == [1, 2]
        stored(connection, 3)
        known.add(3, (*KEYS[:5], 9_999))  # the last one was not asked for
        assert fingerprints.look_up(connection, KEYS, (), START, known=known).candidates == [1, 3, 2]
        assert fingerprints.look_up(connection, KEYS, (9_999,), START, known=known).candidates == [1, 2]

    database.write(work)


def test_keys_that_differ_in_what_is_not_stored_of_them_on_postgresql(database: Database) -> None:
    """Of a key 44 bits count there: that is a candidate more now and then, which is compared in vain."""
    keep(database, 2)
    assert found(database, *(key + 2**20 for key in KEYS)) == []
    assert found(database, *(key + 2**43 for key in KEYS)) == []


def test_storing_twice_and_removing(database: Database) -> None:
    keep(database, 16, 16)
    rows = database.read(fingerprints.count)
    database.write(fingerprints.insert, 1, KEYS)
    assert database.read(fingerprints.count) == rows
    database.write(fingerprints.remove, 1, KEYS)
    database.write(fingerprints.remove, 1, KEYS)
    assert found(database, *KEYS) == [2]
    database.write(fingerprints.clear)
    assert (found(database, *KEYS), database.read(fingerprints.count)) == ([], 0)


def test_a_key_that_too_many_have_is_ignored_and_not_stored_again(database: Database) -> None:
    common, own = 7, [(1_000 + n, 2_000 + n) for n in range(100)]
    database.write(lambda c: [stored(c, n) for n in (1, 2)])
    database.write(fingerprints.insert_many, {n + 1: (common, *keys) for n, keys in enumerate(own)})
    lookup = database.read(fingerprints.look_up, (common, *own[0]), (), START)
    assert (lookup.candidates, lookup.full) == ([1], {common})
    assert found(database, common, own[1][0]) == []
    within = fingerprints.POSTINGS + 1
    database.write(lambda c: [fingerprints.remove(c, n + 1, (common, *own[n])) for n in range(within)])
    assert database.read(fingerprints.look_up, (common,), (), START).full == set()


def test_at_most_so_many_candidates(database: Database) -> None:
    keep(database, *[4] * 40)
    assert found(database, *KEYS) == list(range(1, 33))


def test_what_is_out_of_the_window_is_no_candidate_and_is_forgotten(database: Database) -> None:
    keep(database, 16, days=1)
    database.write(lambda c: fingerprints.insert(c, stored(c, 2, 20), KEYS))
    assert (found(database, *KEYS, days=15), found(database, *KEYS)) == ([2], [1, 2])
    last = database.read(fingerprints.last_before, START + 15 * DAY)
    assert last == 1
    assert forget(database, last) > 0
    assert found(database, *KEYS) == [2]
    assert forget(database, last) == 0
    assert database.read(fingerprints.last_before, START) == 0


def forget(database: Database, last: int) -> int:
    gone: int = 0
    begin: int | None = fingerprints.FIRST
    while begin is not None:
        rows, begin = database.write(fingerprints.forget, last, begin)
        gone += rows
    return gone
