"""One running daemon for each database: who owns it, and how that ends by itself when the process dies.

SQLite: an advisory lock (flock) on a file beside the database, which the system releases with the process.
PostgreSQL: an advisory lock held by a connection of its own, which the server releases with the connection.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from ingest.errors import Owned, StorageError
from storage.engine import Database, translated

LOCK_KEY = 0x646174656C696E65  # "dateline" in ASCII


@contextmanager
def own(database: Database, what: str, now: datetime) -> Iterator[None]:
    """Own `database` for the length of the block. Raises `Owned` with who does and what to do."""
    with translated(), (_own_file if database.is_sqlite else _own_server)(database, what, now):
        yield


def lock_path(database: Database) -> Path:
    """The file beside a SQLite database that its owner holds."""
    path = database.path
    assert path is not None  # noqa: S101 - only called for SQLite
    return path.with_name(path.name + ".lock")


@contextmanager
def _own_file(database: Database, what: str, now: datetime) -> Iterator[None]:
    path = lock_path(database)
    try:
        opened = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise StorageError(f"the database cannot be kept in {path.parent}: {error.strerror}") from error
    with opened as file:
        _lock(file, path, database)
        file.seek(0)
        file.truncate()
        json.dump({"pid": os.getpid(), "machine": socket.gethostname(), "what": what, "since": now.isoformat()}, file)
        file.flush()
        try:
            yield
        finally:
            file.seek(0)
            file.truncate()


def _lock(file: IO[str], path: Path, database: Database) -> None:
    """Take the lock; who only looks at it (`owner`) holds it for a moment and claims nothing, so that is waited for."""
    for is_last in (False, False, True):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError:
            holder = _read(path)
            if holder is not None or is_last:
                raise Owned(_sentence(holder, str(database.path))) from None
        time.sleep(0.2)


@contextmanager
def _own_server(database: Database, what: str, now: datetime) -> Iterator[None]:
    connection = database.writer_engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        if not connection.scalar(text("select pg_try_advisory_lock(:key)"), {"key": LOCK_KEY}):
            raise Owned(_sentence(_holder(connection), database.url.render_as_string(hide_password=True)))
        name = f"{what} pid={os.getpid()} on {socket.gethostname()}"[:63]
        connection.execute(text("select set_config('application_name', :name, false)"), {"name": name})
        yield
        with suppress(DBAPIError):  # at once: of a closed connection the server hears a moment later
            connection.execute(text("select pg_advisory_unlock(:key)"), {"key": LOCK_KEY})
    finally:
        connection.invalidate()  # closes it, and the lock goes with it, however the block ended
        connection.close()


def owner(database: Database) -> dict[str, Any] | None:
    """Who owns the database now; None when nobody does."""
    if not database.is_sqlite:
        return database.read(_holder)
    path = lock_path(database)
    if not path.exists():
        return None
    with path.open("r", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return _read(path) or {"what": "a process"}
    return None


def _read(path: Path) -> dict[str, Any] | None:
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def _holder(connection: Connection) -> dict[str, Any] | None:
    row = connection.execute(
        text(
            "select a.application_name, a.backend_start from pg_locks l join pg_stat_activity a on a.pid = l.pid"
            " where l.locktype = 'advisory' and l.granted and l.classid = :high and l.objid = :low"
            " and l.database = (select oid from pg_database where datname = current_database())"
        ),
        {"high": LOCK_KEY >> 32, "low": LOCK_KEY & 0xFFFFFFFF},
    ).first()
    return {"what": row[0], "since": row[1].isoformat()} if row else None


def _sentence(holder: dict[str, Any] | None, where: str) -> str:
    who = "another process"
    if holder:
        pid = f" (process {holder['pid']} on {holder.get('machine')})" if "pid" in holder else ""
        who = f"{holder.get('what', 'another process')}{pid}, since {holder.get('since', 'some time')},"
    return (
        f"{who} runs on {where}. Only one may: stop that one first, or use its database with the other commands"
        " (query, show, status, feeds), which work beside it."
    )
