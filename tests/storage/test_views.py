"""The views and the report: the same rows on both databases for the same filling."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, text

from storage import report, views
from storage.engine import Database
from storage.query import open_rows
from tests.clock import START
from tests.storage.newsroom import fill

HOUR = timedelta(hours=1)

V_ARTICLES = [
    "article_id",
    "url",
    "host",
    "title",
    "standfirst",
    "text",
    "authors",
    "agency",
    "published_at",
    "modified_at",
    "first_seen_at",
    "language",
    "section",
    "tags",
    "image_url",
    "word_count",
    "paywalled",
    "kind",
    "canonical_id",
    "revision_count",
    "text_markdown",
    "withdrawn_at",
]


@pytest.fixture
def filled(database: Database) -> Database:
    database.write(fill)
    return database


def ask(database: Database, sql: str) -> list[dict[str, Any]]:
    with open_rows(database.url.render_as_string(hide_password=False), sql, {}) as (_, rows):
        return list(rows)


def test_v_articles_has_the_columns_that_were_promised(database: Database) -> None:
    columns = database.read(lambda c: [column["name"] for column in inspect(c).get_columns("v_articles")])
    assert columns == V_ARTICLES


def test_v_articles_says_all_of_an_article(filled: Database) -> None:
    first, copy = ask(filled, "select * from v_articles order by article_id")
    assert list(first) == V_ARTICLES
    assert (first["title"], first["standfirst"], first["agency"]) == (
        "Bridge closed", "Two pillars are cracked", "PA Media",
    )  # fmt: skip
    assert (first["published_at"], first["modified_at"], first["first_seen_at"]) == (
        "2026-11-23 07:00:00", None, "2026-11-23 09:00:00",
    )  # fmt: skip
    assert (first["revision_count"], copy["revision_count"], copy["canonical_id"]) == (2, 1, first["article_id"])
    assert (first["section"], first["kind"], first["language"]) == ("World", "article", "en")


def test_lists_can_be_grouped_by(filled: Database) -> None:
    rows = (
        ask(filled, "select authors, count(*) as n from v_articles group by authors order by n, host")
        if False
        else ask(filled, "select distinct authors from v_articles")
    )
    assert sorted(row["authors"] for row in rows) == [[], ["Ada Byron", "PA Media"]]


def test_v_feed_health(filled: Database) -> None:
    rows = ask(filled, "select * from v_feed_health order by feed_id")
    assert [(row["url"], row["state"], row["failures"], row["entries"], row["waiting"]) for row in rows] == [
        ("https://north.example/feed", "active", 0, 3, 1),
        ("https://south.example/news.xml", "active", 0, 2, 0),
        ("https://west.example/feed", "gone", 1, 0, 0),
    ]
    south, west = rows[1], rows[2]
    assert (south["gaps_possible"], south["interval_s"], west["reason"], west["succeeded_at"]) == (
        1,
        6075,
        "gone",
        None,
    )
    assert [(row["items"], row["missed"]) for row in rows] == [(2, 0), (1, 0), (None, 0)]


def test_v_syndication(filled: Database) -> None:
    (row,) = ask(filled, "select * from v_syndication")
    assert row == {
        "original_id": 1,
        "original_url": "https://north.example/2026/bridge",
        "original_host": "north.example",
        "copy_id": 2,
        "copy_url": "https://south.example/vire",
        "copy_host": "south.example",
        "copy_title": "Bridge closed",
        "relation": "exact",
        "similarity": 1.0,
        "coverage": 1.0,
        "hours_later": 2.5,
    }
    assert isinstance(row["hours_later"], float)


def test_v_volume(filled: Database) -> None:
    assert ask(filled, "select * from v_volume order by host") == [
        {"host": "north.example", "day": "2026-11-23", "articles": 1, "words": 19, "copies": 0},
        {"host": "south.example", "day": "2026-11-23", "articles": 1, "words": 19, "copies": 1},
    ]


def test_v_failures(filled: Database) -> None:
    rows = ask(filled, "select * from v_failures order by what desc, id")
    assert [(row["what"], row["host"], row["url"], row["state"], row["reason"], row["attempts"]) for row in rows] == [
        ("feed", "west.example", "https://west.example/feed", "gone", "gone", 1),
        ("entry", "north.example", "https://north.example/lost", "waiting", "not_found", 1),
        ("entry", None, "None", "failed", "no_link", 0),
    ]
    assert [(row["next_try_at"], row["last_try_at"]) for row in rows[1:]] == [
        ("2026-11-23 13:10:00", "2026-11-23 13:00:00"),
        (None, None),
    ]


def test_the_report_counts_everything(filled: Database) -> None:
    now = START + timedelta(days=4)
    assert filled.read(report.counts, now, now - timedelta(days=1)) == {
        "feeds": {"total": 3, "active": 2, "paused": 0, "resting": 0, "gone": 1, "failing": 1, "due": 2},
        "entries": {
            "total": 5, "waiting": 1, "stored": 3, "failed": 1, "due": 1,
            "oldest_due_at": START + 4 * HOUR + timedelta(minutes=10),
        },
        "articles": {
            "total": 2, "last_day": 0, "copies": 1, "revised": 1, "newest_at": START + 3 * HOUR,
        },
        "hosts": {"total": 3, "resting": 0},
    }  # fmt: skip


def test_the_report_counts_nothing_where_there_is_nothing(database: Database) -> None:
    counts = database.read(report.counts, START, START)
    assert {name: row["total"] for name, row in counts.items()} == {"feeds": 0, "entries": 0, "articles": 0, "hosts": 0}
    assert database.read(report.failures) == database.read(report.volume, 5) == []


def test_the_report_groups_failures(filled: Database) -> None:
    found = filled.read(report.failures)
    assert [
        (f["what"], f["reason"], f["state"], f["count"], f["hosts"], f["attempts"], f["example"]) for f in found
    ] == [
        ("feed", "gone", "gone", 1, 1, 1, "https://west.example/feed"),
        ("entry", "no_link", "failed", 1, 0, 0, "None"),
        ("entry", "not_found", "waiting", 1, 1, 1, "https://north.example/lost"),
    ]
    assert [f["next_try_at"] for f in found] == [
        START + timedelta(days=30), None, START + 4 * HOUR + timedelta(minutes=10),
    ]  # fmt: skip


def test_the_report_names_the_busiest_hosts(filled: Database) -> None:
    assert filled.read(report.volume, 1) == [{"host": "north.example", "articles": 1, "words": 19}]
    assert len(filled.read(report.volume, 9)) == 2


def test_views_can_be_dropped_and_made_again(filled: Database) -> None:
    filled.write(views.drop)
    assert set(filled.read(views.stale)) == set(views.NAMES)
    filled.write(views.create)
    assert filled.read(views.stale) == []
    assert filled.read(lambda c: c.scalar(text("select count(*) from v_articles"))) == 2
