"""Up from nothing, down again with everything in it, and never past what this program knows."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, inspect, select, text

from ingest.backfill.request import Part
from ingest.errors import SchemaMismatch
from storage import backfill_results, backfills, fingerprints, migrate, report, tables, views
from storage.engine import Database
from storage.migrate import open_current
from tests.clock import START
from tests.conftest import opened
from tests.storage.newsroom import fill, publish, stated

ROOT = Path(__file__).parent.parent.parent


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), tables.metadata))


def rows(connection: Connection) -> dict[str, int]:
    names = tables.metadata.tables.items()
    return {name: connection.scalar(select(func.count()).select_from(table)) or 0 for name, table in names}


def revision(connection: Connection, number: str) -> None:
    connection.execute(text("update alembic_version set version_num = :number"), {"number": number})


def test_an_empty_database_gets_the_tables_of_the_code(empty_url: str) -> None:
    with opened(empty_url) as store:
        assert migrate.inspect_schema(store).current is None
        schema = migrate.upgrade(store)
        assert (schema.current, schema.is_current, schema.stale_views) == (schema.head, True, ())
        assert store.read(differences) == []
        assert migrate.check(store) == []


def test_the_history_is_known_without_alembic_as_alembic_knows_it() -> None:
    history = ScriptDirectory.from_config(migrate.configuration())
    assert migrate.revisions() == [script.revision for script in history.walk_revisions()][::-1]


def test_every_view_can_be_asked(database: Database) -> None:
    assert set(views.NAMES) == {"v_articles", "v_feed_health", "v_syndication", "v_volume", "v_failures"}
    for name in views.NAMES:
        assert database.read(lambda c, name=name: c.exec_driver_sql(f"select * from {name}").all()) == []


def test_a_filled_database_goes_down_and_up_again(database: Database) -> None:
    database.write(fill)
    before = database.read(rows)
    assert all(before.values()), before
    migrate.run(database, "downgrade", "base")
    assert database.read(lambda c: inspect(c).get_table_names()) == ["alembic_version"]
    assert database.read(lambda c: inspect(c).get_view_names()) == []
    migrate.upgrade(database)
    assert database.read(differences) == []
    assert migrate.check(database) == []
    database.write(fill)
    assert database.read(rows) == before


def test_keys_become_lists_on_postgresql_and_are_found_again(database: Database) -> None:
    keys = [-(2**63), -1, 2**20, 2**43, 2**62 + 5]
    article_id = database.write(publish)
    database.write(fingerprints.insert, article_id, keys)
    if not database.is_sqlite:
        migrate.run(database, "downgrade", "0005")
        row = "insert into fingerprints (article_id, key) values (%s, %s)"
        database.write(lambda c: c.exec_driver_sql(row, (article_id, keys)))
        migrate.upgrade(database)
    assert database.read(fingerprints.count) == len(keys)
    assert database.read(fingerprints.candidates, keys[:2], (), START) == [article_id]
    assert database.read(fingerprints.candidates, keys[2:], (), START) == [article_id]


def shape(connection: Connection) -> dict[str, Any]:
    """Columns, keys and indexes of every table, as the database says."""
    told = inspect(connection)
    return {
        name: (
            [(c["name"], str(c["type"]), c["nullable"], c["default"]) for c in told.get_columns(name)],
            told.get_pk_constraint(name),
            sorted(map(str, told.get_indexes(name))),
            sorted(map(str, told.get_foreign_keys(name))),
            sorted(map(str, told.get_unique_constraints(name))),
            sorted(map(str, told.get_check_constraints(name))),
        )
        for name in told.get_table_names()
    }


def contents(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, in the order of their keys."""
    found = {}
    for name in inspect(connection).get_table_names():
        key = ", ".join(inspect(connection).get_pk_constraint(name)["constrained_columns"])
        rows = connection.exec_driver_sql(f"select * from {name} order by {key or 1}").mappings()
        found[name] = [dict(row) for row in rows]
    return found


def grown(row: dict[str, Any], old: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a row has that it had not, where that is not empty."""
    yield from ((name, value) for name, value in row.items() if name not in old and value is not None)


def test_old_data_goes_up_and_down_and_up_again(database: Database, empty_url: str) -> None:
    """From what a database of revision 0001 holds: nothing in it changes, and what is new is empty."""
    database.write(fill)
    migrate.run(database, "downgrade", "0001")
    with opened(empty_url) as fresh:
        migrate.run(fresh, "upgrade", "0001")
        assert database.read(shape) == fresh.read(shape)
    old = database.read(contents)
    for _ in range(2):
        migrate.run(database, "upgrade", "head")
        assert database.read(differences) == []
        assert migrate.check(database) == []
        now = database.read(contents)
        added = {name: rows for name, rows in now.items() if name not in old}
        assert set(added) == {
            "boilerplate",
            "alerts",
            "subscriptions",
            "fingerprints",
            "rechecks",
            "backfills",
            "backfill_parts",
        }
        assert not any(added.values())
        new = {value for name in old for row in zip(now[name], old[name], strict=True) for value in grown(*row)}
        polling = {("failure_weight", 0.0), ("missed", 0.0), ("articles_read", 0)}
        assert new == {("text_markdown", ""), ("sightings", 1)} | polling
        kept = {name: [{k: row[k] for k in old[name][0]} for row in now[name]] for name in old if old[name]}
        assert kept | {"alembic_version": old["alembic_version"]} == old
        migrate.run(database, "downgrade", "0001")
        assert database.read(contents) == old


def test_going_down_forgets_what_only_backfills_found(database: Database) -> None:
    database.write(fill)
    before = database.read(rows)["entries"]
    (part,) = database.read(lambda c: [backfills.load_next(c, "north.example", START + timedelta(days=9))])
    assert isinstance(part, Part)
    found = [stated("https://north.example/1999/flood")]
    assert database.write(backfill_results.record_found, part, found, {}, START) == 1
    migrate.run(database, "downgrade", "0006")
    migrate.run(database, "upgrade", "head")
    assert database.read(rows)["entries"] == before


def test_going_up_when_up_keeps_everything(database: Database) -> None:
    database.write(fill)
    before = database.read(rows)
    migrate.run(database, "upgrade", "head")
    migrate.upgrade(database)
    assert database.read(rows) == before
    assert migrate.check(database) == []


def test_foreign_keys_hold_again_after_a_migration(database: Database) -> None:
    database.write(fill)
    migrate.run(database, "upgrade", "head")
    database.write(lambda c: c.execute(tables.feeds.delete()))
    left = database.read(rows)
    assert (left["entries"], left["polls"]) == (0, 0)
    assert left["articles"] > 0


def test_views_of_another_version_are_made_anew(database: Database) -> None:
    database.write(lambda c: c.exec_driver_sql("drop view v_volume"))
    database.write(lambda c: c.exec_driver_sql("drop view v_failures"))
    database.write(lambda c: c.exec_driver_sql("create view v_failures as select 1 as one"))
    assert [problem.split()[1] for problem in migrate.check(database)] == ["v_volume", "v_failures"]
    migrate.upgrade(database)
    assert migrate.check(database) == []
    assert database.read(report.failures) == []


def test_a_newer_database_is_refused(database: Database) -> None:
    database.write(revision, "9999")
    for refuse in (migrate.upgrade, migrate.require_current, migrate.check):
        with pytest.raises(SchemaMismatch, match=r"9999.*newer Dateline"):
            refuse(database)


def test_a_database_without_tables_is_told_what_to_do(empty_url: str) -> None:
    with opened(empty_url) as store, pytest.raises(SchemaMismatch, match="dateline init"):
        migrate.require_current(store)


def test_what_exists_can_be_opened(database_url: str) -> None:
    store = open_current(database_url)
    assert store.read(rows)["feeds"] == 0
    store.close()


def checkout(folder: Path) -> Path:
    """A copy of the project's code, as somebody would have cloned it."""
    for name in ("alembic", "ingest", "storage", "jobs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def alembic(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "alembic", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_alembic_works_in_a_checkout_on_the_database_of_config_yaml(empty_url: str, tmp_path: Path) -> None:
    folder = checkout(tmp_path / "checkout")
    (folder / "config.yaml").write_text(f"database: {empty_url}\n")
    alembic(folder, "upgrade", "head")
    with opened(empty_url) as store:
        assert migrate.check(store) == []
        store.write(fill)
    (folder / "config.yaml").rename(folder / "other.yaml")
    alembic(folder, "-x", "config=other.yaml", "downgrade", "base")
    with opened(empty_url) as store:
        assert migrate.inspect_schema(store).current is None


def test_a_moment_is_kept_whole(database: Database) -> None:
    """To the second, in UTC, whatever zone it came in."""
    database.write(fill)
    east = START.astimezone(tz=None) + timedelta(microseconds=5)
    database.write(lambda c: c.execute(tables.hosts.update().values(due_at=east)))
    assert set(database.read(lambda c: c.scalars(select(tables.hosts.c.due_at)).all())) == {START}
