"""Up to the current schema, and never past what this program knows. The history is in alembic/versions.

Alembic itself is loaded where something is to be changed: every command asks whether the schema is current.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from ingest.errors import SchemaMismatch, StorageError
from storage import views
from storage.engine import Database, translated

if TYPE_CHECKING:
    from alembic.config import Config

_HERE = Path(__file__).parent
# In a checkout the history lies beside the packages; the wheel carries it inside this one.
SCRIPTS = next(p for p in (_HERE / "alembic", _HERE.parent / "alembic") if (p / "env.py").exists())


@dataclass(frozen=True, slots=True)
class Schema:
    """Where a database stands. `current` is None while it is empty."""

    current: str | None
    head: str
    known: bool  # whether this program has heard of `current`
    stale_views: tuple[str, ...] = ()  # missing, or of another version of this program

    @property
    def is_current(self) -> bool:
        return self.current == self.head


def revisions() -> list[str]:
    """The history, oldest first: one line, whose files begin with the revision that they bring."""
    return sorted(path.name.partition("_")[0] for path in (SCRIPTS / "versions").glob("[0-9]*_*.py"))


def configuration(database: Database | None = None) -> Config:
    """Alembic's settings, aimed at `database`; without one its env.py finds it by itself."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    if database is not None:
        config.attributes["database"] = database
    return config


def inspect_schema(database: Database) -> Schema:
    """Read where `database` stands; writes nothing."""
    history = revisions()
    current = database.read(_revision)
    return Schema(current, history[-1], current is None or current in history, tuple(database.read(views.stale)))


def _revision(connection: Connection) -> str | None:
    """What Alembic has noted, in a table of its own."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("select version_num from alembic_version")).scalar()


def upgrade(database: Database) -> Schema:
    """Bring `database` to the current schema. Raises SchemaMismatch when it is newer than this program."""
    schema = inspect_schema(database)
    _refuse_newer(schema)
    if not schema.is_current or schema.stale_views:
        run(database, "upgrade", "head")
    return inspect_schema(database)


def run(database: Database, direction: str, revision: str) -> None:
    """`upgrade` or `downgrade` to a revision."""
    from alembic import command

    with translated():
        getattr(command, direction)(configuration(database), revision)


def require_current(database: Database) -> None:
    """Raise SchemaMismatch, saying what to do, unless the schema is this program's."""
    schema = inspect_schema(database)
    _refuse_newer(schema)
    if schema.current is None:
        raise SchemaMismatch("there are no tables in this database yet: run `dateline init` or `dateline db upgrade`")
    if not schema.is_current:
        raise SchemaMismatch(
            f"the database is at revision {schema.current}, this program needs {schema.head}: run `dateline db upgrade`"
        )


def _refuse_newer(schema: Schema) -> None:
    if not schema.known:
        raise SchemaMismatch(
            f"the database is at revision {schema.current}, which this program does not know:"
            " it was written by a newer Dateline. Install that version."
        )


def open_current(url: str) -> Database:
    """A store that has been created, with this program's schema. Raises StorageError, SchemaMismatch."""
    database = Database(url)
    if database.path is not None and not database.path.exists():
        raise StorageError(f"there is no database {database.path} yet: run `dateline init` or `dateline run`")
    require_current(database)
    return database


def check(database: Database) -> list[str]:
    """What is wrong with the schema and the file, one sentence each; empty when all is well."""
    require_current(database)
    return database.read(_problems)


def _problems(connection: Connection) -> list[str]:
    stale = views.stale(connection)
    problems = [f"view {name} is missing or of another version: run `dateline db upgrade`" for name in stale]
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql("pragma integrity_check").scalars().all()
        problems += [f"integrity: {line}" for line in found if line != "ok"]
        broken = connection.exec_driver_sql("pragma foreign_key_check").all()
        problems += [f"foreign key: row {row[1]} of {row[0]} points to a missing {row[2]}" for row in broken]
    return problems
