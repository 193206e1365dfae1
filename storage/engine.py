"""The only file that knows which database this is: connections, transactions, errors translated.

SQLite runs in WAL mode with one writer at a time; PostgreSQL sessions speak UTC. A function that works on the
store takes a `Connection` first and runs whole in one transaction:

    database.read(feeds.load, 7)          # a consistent view, nothing can be written
    database.write(feeds.pause, 7)        # all of it or nothing
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError
from sqlalchemy.pool import QueuePool

from ingest.errors import Busy, SettingsError, StorageError
from ingest.fingerprint import digest

P = ParamSpec("P")
T = TypeVar("T")

BUSY_S = 10.0  # how long a statement waits for a lock before it is `Busy`


class Database:
    """A store, opened: two pools of connections, one that may write.

    `is_frugal`: a SQLite file is not mapped, and little of it kept in memory.
    """

    def __init__(self, url: str, *, busy_s: float = BUSY_S, is_frugal: bool = False) -> None:
        self.url = parse_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._reader = _open(self.url, busy_s, writing=False, is_frugal=is_frugal)
        self.writer_engine = _open(self.url, busy_s, writing=True, is_frugal=is_frugal)

    @property
    def path(self) -> Path | None:
        """The SQLite file; None on PostgreSQL."""
        return Path(self.url.database or "") if self.is_sqlite else None

    def read(self, work: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in a transaction that cannot write."""
        with translated(), self._reader.connect() as connection:
            return work(connection, *args, **kwargs)

    def write(self, work: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in one transaction: all of it is kept, or nothing. Raises `Busy` when locked for too long."""
        with translated(), self.writer_engine.begin() as connection:
            return work(connection, *args, **kwargs)

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """A transaction for migrations, kept only where the block commits it.

        SQLite rebuilds a table to change it, and dropping the old one would empty those that point to it: foreign
        keys are not enforced meanwhile.
        """
        with self.writer_engine.connect() as connection:
            if not self.is_sqlite:
                yield connection
                return
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - says the URL
            driver.execute("PRAGMA foreign_keys=OFF").close()
            try:
                yield connection
            finally:
                connection.rollback()
                driver.execute("PRAGMA foreign_keys=ON").close()

    def close(self) -> None:
        self._reader.dispose()
        self.writer_engine.dispose()


def mark_of(url: str) -> str:
    """Eight hexadecimal digits that tell one store from another, whatever its password."""
    return digest(parse_url(url).set(password=None).render_as_string()).hex()[:8]


def parse_url(url: str) -> URL:
    """A database URL of one of the two kinds we speak. Raises SettingsError."""
    try:
        parsed = make_url(url)
    except Exception:  # the URL may hold a password: it is not repeated
        raise SettingsError("database: this is not a database URL (sqlite:///FILE or postgresql+psycopg://…)") from None
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        raise SettingsError(
            f"database: {parsed.get_backend_name()} is not supported; use sqlite:/// or postgresql+psycopg://"
        )
    if not parsed.database or parsed.database == ":memory:":
        raise SettingsError("database: SQLite needs a file, for example sqlite:///dateline.db")
    return parsed


def _open(url: URL, busy_s: float, *, writing: bool, is_frugal: bool) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = create_engine(
            url,
            poolclass=QueuePool,
            connect_args={"timeout": busy_s},
            json_serializer=compact,
            hide_parameters=True,  # secrets of subscriptions are among them, and an error's text is logged
        )
        event.listen(engine, "connect", _prepare_sqlite(busy_s, writing=writing, is_frugal=is_frugal))
        # The driver's own transactions begin too late for WAL: we say BEGIN ourselves, and take the write lock at once.
        event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN"))
        return engine
    options = f"-c timezone=UTC -c lock_timeout={int(busy_s * 1000)}"
    if not writing:
        options += " -c default_transaction_read_only=on"
    return create_engine(
        url,
        isolation_level="READ COMMITTED" if writing else "REPEATABLE READ",
        connect_args={"options": options, "application_name": "dateline", "connect_timeout": 10},
        pool_pre_ping=True,
        json_serializer=compact,
        hide_parameters=True,
    )


def compact(value: Any) -> str:
    """JSON as it is stored: readable letters, no spaces."""
    return _ENCODER.encode(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))  # made once: that costs more than using it


def _prepare_sqlite(busy_s: float, *, writing: bool, is_frugal: bool) -> Callable[[sqlite3.Connection, object], None]:
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={int(busy_s * 1000)}",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            f"cache_size={-4096 if is_frugal else -65536}",
            # A map spares a system call and a copy for each page: looking for copies takes half the time, as the keys
            # of a text lie on 32 pages. SQLite maps the first 2 GB at most. They count as resident, and are given
            # back when anybody needs the memory.
            *(("mmap_size=2147418112",) if writing and not is_frugal else ()),
            # WAL needs a write, so only a writer sets it; with it, NORMAL survives a crash of the process and keeps
            # the file sound after a power cut.
            *(("journal_mode=WAL", "synchronous=NORMAL") if writing else ("query_only=ON",)),
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    return prepare


@contextmanager
def translated() -> Iterator[None]:
    """The database library's errors as ours."""
    try:
        yield
    except OperationalError as error:
        if _is_busy(error):
            raise Busy("the database is locked by another process; try again in a moment") from error
        raise StorageError(_first_line(error)) from error
    except DBAPIError as error:
        raise StorageError(_first_line(error)) from error
    except PendingRollbackError as error:  # the connection was lost earlier in this transaction
        raise StorageError("the connection to the database was lost") from error


def _is_busy(error: OperationalError) -> bool:
    if isinstance(error.orig, sqlite3.OperationalError):
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    # 55P03 lock_not_available, 40P01 deadlock_detected, 40001 serialization_failure
    return getattr(error.orig, "sqlstate", None) in ("55P03", "40P01", "40001")


def _first_line(error: DBAPIError) -> str:
    return (str(error.orig).strip().splitlines() or ["the database failed"])[0]
