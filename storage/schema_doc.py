"""Prints docs/schema.md: every view and table, from the sentences in storage/views.py and storage/tables.py.

python -m storage.schema_doc > docs/schema.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from sqlalchemy import Column, Table, UniqueConstraint, create_engine, inspect
from sqlalchemy.dialects import postgresql

from storage import views
from storage.tables import metadata

INTRODUCTION = """\
# The schema

Written by `make docs` from `storage/views.py` and `storage/tables.py`: change it there. The names of views, tables and
columns are an interface; changing one is a breaking change. Ask the views first.

- Times are UTC, in whole seconds: `timestamp with time zone` on PostgreSQL, text like `2026-11-23 09:00:00` on SQLite.
- Lists and objects are `jsonb` on PostgreSQL, JSON text on SQLite.
- Hashes are bytes, or a number where they are looked up often.
- A reason is a word of the closed list `Reason` in `ingest/model.py`.
"""


def schema_doc() -> str:
    """The whole document, the same for the same schema."""
    tables = sorted(metadata.tables.values(), key=lambda table: table.name)
    parts = [INTRODUCTION, "## Views", *_views(), "## Tables", *(_table(table) for table in tables)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _views() -> Iterator[str]:
    """Each view with its columns, as a database with our schema names them."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        metadata.create_all(connection)
        views.create(connection)
        for name in views.NAMES:
            columns = (f"`{column['name']}`" for column in inspect(connection).get_columns(name))
            yield f"### {name}\n\n{views.ABOUT[name]}\n\nColumns: {', '.join(columns)}."
    engine.dispose()


def _table(table: Table) -> str:
    rows = (f"| `{c.name}` | {_type(c)} | {_key(c)} | {c.comment} |" for c in table.columns)
    head = (f"### {table.name}", "", str(table.comment), "", "| column | type | key | meaning |", "|---|---|---|---|")
    return "\n".join((*head, *rows, "", " ".join(_indexes(table))))


def _type(column: Column[object]) -> str:
    name = column.type.compile(postgresql.dialect()).lower()  # type: ignore[no-untyped-call]
    return f"{name}, may be empty" if column.nullable else name


def _key(column: Column[object]) -> str:
    words = ["primary"] if column.primary_key else []
    words += [f"→ {key.column.table.name}.{key.column.name}" for key in column.foreign_keys]
    return ", ".join(words)


def _indexes(table: Table) -> Iterator[str]:
    unique = [tuple(c.name for c in u.columns) for u in table.constraints if isinstance(u, UniqueConstraint)]
    indexed = [tuple(c.name for c in index.columns) for index in table.indexes]
    for word, found in (("Unique", unique), ("Indexed", indexed)):
        if found:
            yield f"{word}: {', '.join('(' + ', '.join(f'`{n}`' for n in names) + ')' for names in sorted(found))}."


if __name__ == "__main__":
    sys.stdout.write(schema_doc())
