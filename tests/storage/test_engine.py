"""The store as a whole: transactions, what cannot be written, and who is told that it is locked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from ingest.errors import Busy, SettingsError, StorageError
from storage import tables
from storage.engine import Database, parse_url
from storage.migrate import open_current
from tests.conftest import opened
from tests.storage.batches import held, writing


def add(connection: Connection, name: str) -> str:
    connection.execute(insert(tables.tags).values(name=name))
    return name


def names(connection: Connection) -> list[str]:
    return list(connection.scalars(select(tables.tags.c.name).order_by(tables.tags.c.name)))


def add_and_fail(connection: Connection, name: str) -> None:
    add(connection, name)
    raise ZeroDivisionError(name)


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Another program holds the lock that writers of `tags` need."""
    other = create_engine(url)
    with other.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.connection.driver_connection.execute("begin immediate").close()  # type: ignore[union-attr]
        else:
            connection.execute(text("lock table tags in exclusive mode"))
        yield
    other.dispose()


# --- transactions -------------------------------------------------------------------------------------------------


def test_a_write_is_kept_whole_or_not_at_all(database: Database) -> None:
    assert database.write(add, "kept") == "kept"
    with pytest.raises(ZeroDivisionError):
        database.write(add_and_fail, "lost")
    assert database.read(names) == ["kept"]


def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises(StorageError, match=r"(?i)read.?only"):
        database.read(add, "nobody")
    assert database.read(names) == []


def test_a_read_sees_one_moment(database: Database) -> None:
    def look_twice(connection: Connection) -> tuple[list[str], list[str]]:
        first = names(connection)
        database.write(add, "meanwhile")
        return first, names(connection)

    assert database.read(look_twice) == ([], [])
    assert database.read(names) == ["meanwhile"]


def test_a_double_is_refused_in_one_line(database: Database) -> None:
    database.write(add, "one")
    with pytest.raises(StorageError, match=r"(?i)unique") as caught:
        database.write(add, "one")
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value.__cause__, IntegrityError)


def test_a_locked_database_is_busy(database_url: str) -> None:
    with opened(database_url, busy_s=0.05) as store:
        with locked(database_url), pytest.raises(Busy, match="locked by another process"):
            store.write(add, "late")
        assert store.write(add, "again") == "again"


def test_readers_do_not_wait_for_a_writer(database_url: str) -> None:
    with opened(database_url, busy_s=0.05) as store, locked(database_url):
        assert store.read(names) == []


# --- addresses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("dateline.db", "not a database URL"),
        ("mysql://u:secret@h/d", "mysql is not supported"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("postgresql://u:secret@h:port/d", "not a database URL"),
    ],
)
def test_an_address_of_no_database_is_refused_without_its_password(url: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem) as caught:
        parse_url(url)
    assert "secret" not in str(caught.value)


def test_postgres_is_spoken_to_with_psycopg() -> None:
    assert parse_url("postgresql://u@h/d").drivername == "postgresql+psycopg"


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="dateline init"):
        open_current(f"sqlite:///{tmp_path / 'none.db'}")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(StorageError, match="not a database"):
        open_current(f"sqlite:///{path}")


def test_a_server_that_does_not_answer(tmp_path: Path) -> None:
    with opened(f"postgresql://nobody@/none?host={tmp_path}") as store, pytest.raises(StorageError) as caught:
        store.read(names)
    assert "\n" not in str(caught.value)


# --- the writing thread -------------------------------------------------------------------------------------------


def test_what_comes_together_is_committed_together(database: Database) -> None:
    with writing(database) as writer:
        with held(writer) as first:
            futures = [writer.submit(add, f"{n:03}") for n in range(50)]
            assert not any(future.done() for future in [first, *futures])
        assert [future.result(30) for future in futures] == [f"{n:03}" for n in range(50)]
        assert writer.commits == 2
    assert len(database.read(names)) == 50


def test_a_batch_has_an_end(database: Database) -> None:
    with writing(database, batch=8) as writer:
        with held(writer):
            futures = [writer.submit(add, f"{n:03}") for n in range(20)]
        futures[-1].result(30)
        assert writer.commits == 4


def test_a_piece_that_fails_does_not_harm_its_neighbours(database: Database) -> None:
    with writing(database) as writer:
        with held(writer):
            before = writer.submit(add, "before")
            broken = writer.submit(add_and_fail, "broken")
            double = writer.submit(add, "before")
            after = writer.submit(add, "after")
        assert (before.result(30), after.result(30)) == ("before", "after")
        assert isinstance(broken.exception(30), ZeroDivisionError)
        assert isinstance(double.exception(30), StorageError)
    assert database.read(names) == ["after", "before"]


def test_a_result_is_only_there_once_it_is_committed(database: Database) -> None:
    with writing(database) as writer:
        for n in range(20):
            name = writer.submit(add, f"{n:03}").result(30)
            assert name in database.read(names)


def test_closing_commits_what_was_handed_in(database: Database) -> None:
    with writing(database) as writer, held(writer):
        futures = [writer.submit(add, f"{n:03}") for n in range(100)]
    assert all(future.done() for future in futures)
    assert database.read(lambda c: c.scalar(select(func.count()).select_from(tables.tags))) == 100
    with pytest.raises(RuntimeError, match="closed"):
        writer.submit(add, "late")


def test_whoever_gave_up_waiting_harms_nobody(database: Database) -> None:
    with writing(database) as writer:
        with held(writer):
            given_up, other = writer.submit(add, "given up"), writer.submit(add, "other")
            assert given_up.cancel()
        assert other.result(30) == "other"


def test_a_locked_database_is_busy_for_the_writer_too(database_url: str) -> None:
    with opened(database_url, busy_s=0.05) as store, writing(store) as writer:
        with locked(database_url):
            assert isinstance(writer.submit(add, "late").exception(30), Busy)
        assert writer.submit(add, "again").result(30) == "again"
        assert store.read(names) == ["again"]


def cut_off(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_terminate_backend(pg_backend_pid())"))
    raise sqlite3.OperationalError("as if the disk were gone")


def test_a_lost_connection_is_an_error_for_all_of_its_batch_and_no_more(server: Any) -> None:
    with server.migrated() as url, opened(url) as store, writing(store) as writer:
        with held(writer) as first:
            futures = [writer.submit(add, "before"), writer.submit(cut_off), writer.submit(add, "after")]
        first.result(30)
        assert all(isinstance(future.exception(30), StorageError) for future in futures)
        assert writer.submit(add, "again").result(30) == "again"
        assert store.read(names) == ["again"]
