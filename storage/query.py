"""Anybody's SQL, read-only: writing is refused by the database itself, not by looking at the text."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.pool import NullPool

from ingest.errors import StorageError
from storage.engine import Database, parse_url, translated

Rows = Iterator[dict[str, Any]]


@contextmanager
def open_rows(url: str, sql: str, params: Mapping[str, Any]) -> Iterator[tuple[Sequence[str], Rows]]:
    """Column names and rows of one statement; `:name` in it stands for a parameter. Raises StorageError."""
    if "\x00" in sql:  # where PostgreSQL would stop reading
        raise StorageError("the statement holds a NUL")
    engine = _read_only(url)
    # Without parameters a colon is a colon.
    statement = text(sql if params else sql.replace(":", r"\:"))
    try:
        with translated(), engine.connect().execution_options(**_streaming(sql)) as connection:
            try:
                result = connection.execute(statement, dict(params))
            except DBAPIError:
                raise
            except StatementError as error:
                raise StorageError(f"{error.orig or error}".splitlines()[0]) from error
            except UnicodeEncodeError as error:
                raise StorageError("the statement or a parameter holds bytes that are not UTF-8") from error
            columns = _told_apart(result.keys()) if result.returns_rows else []
            yield columns, (_alike(columns, row) for row in (result if columns else ()))
    finally:
        engine.dispose()


def _told_apart(names: Iterable[str]) -> list[str]:
    """Column names, the second of the same name with its number: `select count(*), count(url)` has two."""
    seen: Counter[str] = Counter()
    told = []
    for name in names:
        seen[name] += 1
        told.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return told


def _streaming(sql: str) -> dict[str, Any]:
    """Rows come in portions where a cursor can be declared for the statement; the others bring few."""
    first = sql.split(maxsplit=1)[:1]
    is_rows = first and first[0].lower() in ("select", "with", "values", "table")
    return {"stream_results": True, "yield_per": 500} if is_rows else {}


# SQLite has no types for these: what it holds is told from the column's name, so that both databases answer alike.
_JSON = {"authors", "tags", "categories", "provenance", "dropped"}
_BOOLEAN = {"paywalled", "gap_possible", "published_stated"}


def _alike(columns: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    """A row whose values read the same whichever database gave them."""
    return {name: _value(name, value) for name, value in zip(columns, row, strict=True)}


def _value(name: str, value: Any) -> Any:
    match value:
        case datetime():
            return f"{value.astimezone(UTC) if value.tzinfo else value:%Y-%m-%d %H:%M:%S}"
        case str() if name in _JSON and value[:1] in ("[", "{"):
            with suppress(ValueError):
                return json.loads(value)
        case 0 | 1 if name in _BOOLEAN:
            return bool(value)
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
    return value


def _read_only(url: str) -> Engine:
    """Connections that cannot write: a read-only file, or sessions whose transactions are read-only."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        path = Database(url).path
        if path is None or not path.exists():
            raise StorageError(f"there is no database {path} yet: run `dateline init` or `dateline run`")

        def connect() -> sqlite3.Connection:
            connection = sqlite3.connect(f"file:{_quoted(str(path))}?mode=ro", uri=True, timeout=10)
            connection.execute("PRAGMA query_only=ON").close()
            connection.set_authorizer(_allow)
            return connection

        return create_engine("sqlite://", creator=connect, poolclass=NullPool)
    return create_engine(
        parsed,
        poolclass=NullPool,
        # Every statement is prepared, and only one at a time can be: nobody slips a COMMIT and a write in behind.
        connect_args={
            "options": "-c timezone=UTC -c default_transaction_read_only=on",
            "prepare_threshold": 0,
            "application_name": "dateline query",
        },
    )


_READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
_LOOKING = {
    "table_info", "table_xinfo", "table_list", "index_list", "index_info", "foreign_key_list", "compile_options",
    "read_uncommitted",  # asked by SQLAlchemy
}  # fmt: skip


def _allow(action: int, what: str | None, argument: str | None, _database: str | None, _via: str | None) -> int:
    """SQLite asks for every step of a statement. A read-only file alone would still let it ATTACH, or VACUUM INTO
    another one."""
    if action in _READING or (action == sqlite3.SQLITE_PRAGMA and what in _LOOKING):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _quoted(path: str) -> str:
    """A file name within a SQLite URI."""
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
