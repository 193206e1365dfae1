"""INSERT … ON CONFLICT: the one statement that both databases have and SQLAlchemy spells twice.

Statements are built once and kept: building one costs several times what running it does.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, *unique: str) -> sqlite.Insert:
    """Insert the rows given as parameters; those that are there already, by the columns `unique`, stay as they are."""
    return _insert_new(connection.dialect.name, table, unique)


@cache
def _insert_new(dialect: str, table: Table, unique: tuple[str, ...]) -> sqlite.Insert:
    return insert_into(dialect, table).on_conflict_do_nothing(index_elements=list(unique))


def insert_or_update(connection: Connection, table: Table, unique: str, set_: dict[str, Any]) -> sqlite.Insert:
    """Insert a row given as parameters, or set `set_` where one with the same `unique` is there."""
    return insert_into(connection.dialect.name, table).on_conflict_do_update(index_elements=[unique], set_=set_)


def insert_into(dialect: str, table: Table) -> sqlite.Insert:
    """A bare insert of the dialect's own kind."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)  # type: ignore[return-value]  # the two share no base, but all that we call
