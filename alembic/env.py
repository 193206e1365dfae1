"""How migrations run: within `dateline` on the database it hands over, alone on the one that config.yaml names.

    alembic upgrade head                        # in a checkout
    alembic -x config=other.yaml current

A database that is only looked at stays as it is, its views included.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from alembic import context
from storage import tables, views
from storage.engine import Database


def database_of_settings() -> Database:
    from jobs.config import find_config, load_config

    named = context.get_x_argument(as_dictionary=True).get("config")
    return Database(load_config(find_config(Path(named) if named else None)).database)


def plain_type(kind: str, item: object, _autogen: object) -> str | bool:
    """How new revisions spell our column types: history must not depend on today's classes."""
    if kind != "type":
        return False
    match item:
        case tables.Words():
            return "sa.Text()"
        case tables.Utc():
            return "sa.DateTime(timezone=True)"
        case tables.Json():
            return 'sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")'
    return False


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=tables.metadata,
        render_as_batch=True,
        render_item=plain_type,
        transaction_per_migration=False,
        include_name=lambda name, kind, _parents: kind != "table" or name in tables.metadata.tables,
    )
    before = context.get_context().get_current_heads()
    views.drop(connection)
    with context.begin_transaction():
        context.run_migrations()
    after = context.get_context().get_current_heads()
    # The views are of this program's schema: they exist exactly where that schema is.
    if set(after) == set(context.script.get_heads()):
        views.create(connection)
    elif after == before:  # only looked at: an older schema keeps the views it has
        return
    connection.commit()


if context.is_offline_mode():
    raise SystemExit("Dateline's migrations run against a database: leave out --sql")

given = context.config.attributes.get("database")
opened: Database = given or database_of_settings()
try:
    with opened.migrating() as live:
        migrate(live)
finally:
    if given is None:
        opened.close()
