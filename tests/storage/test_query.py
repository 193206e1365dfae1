"""Anybody's SQL: what may be asked reads alike on both databases, what would write is refused by the database."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ingest.errors import StorageError
from storage import tables
from storage.engine import Database
from storage.query import open_rows
from tests.storage.newsroom import fill


@pytest.fixture
def url(database: Database) -> str:
    """A filled store."""
    database.write(fill)
    return database.url.render_as_string(hide_password=False)


def ask(url: str, sql: str, **params: Any) -> list[dict[str, Any]]:
    with open_rows(url, sql, params) as (_, rows):
        return list(rows)


def contents(database: Database) -> list[Any]:
    return [database.read(lambda c, t=t: c.execute(select(t)).all()) for t in tables.metadata.sorted_tables]


def test_columns_come_before_the_rows(database_url: str) -> None:
    with open_rows(database_url, "select id, url from feeds", {}) as (columns, rows):
        assert (list(columns), list(rows)) == (["id", "url"], [])


def test_columns_of_one_name_are_told_apart(database_url: str) -> None:
    assert ask(database_url, "select 1 as n, 2 as n, 3 as m, 4 as n") == [{"n": 1, "n_2": 2, "m": 3, "n_3": 4}]


def test_parameters_stand_where_their_names_are(url: str) -> None:
    sql = "select host, count(*) as n from v_articles where host = :host and title like :title group by host"
    assert ask(url, sql, host="north.example", title="Bridge%") == [{"host": "north.example", "n": 1}]
    assert ask(url, sql, host="' or 1=1 --", title="%") == []


@pytest.mark.parametrize(
    ("sql", "params", "answer"),
    [
        ("select 'a:b %s 100%' as x", {}, "a:b %s 100%"),
        ("select 'at 12:30' as x", {"unused": 1}, "at 12:30"),
        ("select 7 % 4 as x", {}, 3),
        (r"select '\:x' as x", {}, r"\:x"),
        ("select 'ü – 😀' as x", {}, "ü – 😀"),
        ("select 'one' as x;", {}, "one"),
        ("-- a remark\nselect 1 as x", {}, 1),
        ("with t as (select 5 as x) select x from t", {}, 5),
        ("values (1)", {}, 1),
        ("select null as x", {}, None),
        ("select :a as x", {"a": "text"}, "text"),
    ],
)
def test_texts_are_taken_as_they_are(database_url: str, sql: str, params: dict[str, Any], answer: Any) -> None:
    assert [list(row.values()) for row in ask(database_url, sql, **params)] == [[answer]]


def test_values_read_alike_on_both_databases(url: str) -> None:
    sql = """
        select authors, tags, published_at, paywalled, word_count, image_url, canonical_id from v_articles
        order by article_id"""
    assert ask(url, sql) == [
        {
            "authors": ["Ada Byron", "PA Media"],
            "tags": ["Bridges", "Vire"],
            "published_at": "2026-11-23 07:00:00",
            "paywalled": False,
            "word_count": 19,
            "image_url": "https://north.example/bridge.jpg",
            "canonical_id": None,
        },
        {
            "authors": [],
            "tags": [],
            "published_at": "2026-11-23 09:30:00",
            "paywalled": None,
            "word_count": 19,
            "image_url": None,
            "canonical_id": 1,
        },
    ]
    sums = ask(url, "select sum(word_count) as words, avg(word_count) as mean, max(gap_possible) as g from v_volume, ("
               "select 0 as gap_possible) p, articles")  # fmt: skip
    assert (sums[0]["words"], sums[0]["mean"]) == (76, 19)


def test_many_rows_come_in_portions(database_url: str) -> None:
    sql = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000) select i from n"
    assert [row["i"] for row in ask(database_url, sql)] == list(range(1, 5001))


def test_a_plan_can_be_looked_at(url: str, database: Database) -> None:
    explain = "explain query plan" if database.is_sqlite else "explain"
    assert ask(url, f"{explain} select * from v_articles where article_id = 1")


WRITES = [
    "insert into tags (name) values ('x')",
    "update articles set title = 'x'",
    "delete from articles",
    "drop table articles",
    "drop view v_articles",
    "create table x (i int)",
    "create view x as select 1",
    "alter table articles add column x int",
    "with x as (select 1) insert into tags (name) values ('x')",
    "select 1; delete from articles",
    "select 1; commit; delete from articles",
]
SQLITE_WRITES = [
    "create temp table x (i int)",
    "attach database '{new}' as other",
    "vacuum into '{new}'",
    "vacuum",
    "reindex",
    "pragma query_only = off",
    "pragma journal_mode = delete",
    "pragma user_version = 7",
    "pragma writable_schema = on",
    "begin immediate",
]
POSTGRES_WRITES = [
    "truncate articles",
    "with gone as (delete from articles returning id) select * from gone",
    "select nextval('tags_id_seq')",
    "commit; delete from articles",
    "rollback; begin read write; delete from articles; commit",
    "set transaction read write; delete from articles",
    "set default_transaction_read_only = off; delete from articles; commit",
    "do $$ begin set transaction read write; delete from articles; end $$",
    "do $$ begin perform set_config('transaction_read_only', 'off', false); delete from articles; end $$",
    "do $$ begin commit; set transaction read write; delete from articles; end $$",
    "explain analyze delete from articles",
    "select * from articles for update",
    "prepare x as delete from articles; execute x",
    "copy articles from stdin",
]


def refused(database: Database, url: str, statements: Sequence[str], new: Path) -> None:
    before = contents(database)
    for sql in statements:
        with pytest.raises(StorageError) as caught:
            ask(url, sql.replace("{new}", str(new)))
        assert "\n" not in str(caught.value), sql
        assert contents(database) == before, sql
    assert not new.exists()


def test_writing_is_refused_by_the_database(url: str, database: Database, tmp_path: Path) -> None:
    own = SQLITE_WRITES if database.is_sqlite else POSTGRES_WRITES
    refused(database, url, WRITES + own, tmp_path / "new.db")


@pytest.mark.parametrize(
    "sql",
    ["selec 1", "select * from nowhere", "select nothing from feeds", "select 'open", "select :name", "\x00", "\ud800"],
)
def test_a_mistake_is_one_line(database_url: str, sql: str) -> None:
    with pytest.raises(StorageError) as caught:
        ask(database_url, sql, **({"other": 1} if ":" in sql else {}))
    assert str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_mistake_that_shows_late_is_a_storage_error(url: str, database: Database) -> None:
    late = "abs(-9223372036854775807 - 1)" if database.is_sqlite else "1 / (id - 2)"
    with pytest.raises(StorageError):
        ask(url, f"select {late} from articles order by id")


def test_a_store_that_is_not_there_is_said_clearly(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"there is no database.*dateline init"):
        ask(f"sqlite:///{tmp_path / 'none.db'}", "select 1")
    assert list(tmp_path.iterdir()) == []


def test_file_names_may_be_odd(kind: str, database: Database, tmp_path: Path) -> None:
    if database.path is not None:
        odd = database.path.rename(tmp_path / "a#b c.db")
        assert ask(f"sqlite:///{odd}", "select count(*) as n from feeds") == [{"n": 0}]
