"""`dateline reread` over a real archive with real workers: all of it comes back, whatever it is interrupted by."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from ingest.model import Kind, Reading
from jobs.commands.reread import Options, reread_articles
from jobs.config import load_config
from jobs.demo.newsroom import Newsroom
from storage import reread, tables
from storage.owner import own
from storage.reread import Selection
from tests.clock import START, Clock
from tests.conftest import opened
from tests.eventually import eventually
from tests.program import Running, query, run_once, write_config
from tests.site import SiteThread

ROWS = (
    "select * from v_articles",
    "select id, text_hash, dropped, read_key, extractor, provenance, fetched_at from articles",
    "select article_id, number, title, word_count, text_hash, extractor, words_added, seen_at from revisions",
    "select * from v_syndication",
    "select * from images",
    "select * from related_links",
    "select * from article_urls",
    "select * from boilerplate",
)
SPOILED = "An old version of the program read the same dozen words in each and every page."


def rows(config: Path) -> list[list[str]]:
    return [sorted(str(row) for row in query(config, sql)) for sql in ROWS]


def reread_all(config: Path, ids: Sequence[int] = (), **options: Any) -> dict[str, Any]:
    """`dateline reread --json` in this process."""
    settings = load_config(config)
    with opened(settings.database) as store:
        return reread_articles(settings, store, Selection(ids=ids), Options(**options)).summary()


def write(config: Path, work: Any, *arguments: Any) -> None:
    with opened(load_config(config).database) as store:
        store.write(work, *arguments)


def spoil(connection: Connection) -> None:
    """Everything as an old version might have read it."""
    for candidate in reread.load(connection, Selection(), 0, 1_000):
        assert candidate.page is not None
        url = candidate.page.url
        said = Reading(
            url, url, Kind.ARTICLE, title="?", authors=("Old",), text=SPOILED, word_count=16, extractor="old 1"
        )
        reread.record(connection, candidate, said, frozenset(), START)


@pytest.fixture
def site() -> Iterator[SiteThread]:
    with SiteThread(host="127.0.9.1") as opened:
        yield opened


def test_everything_is_as_it_was_read_copies_and_revisions_included(
    newsroom: Newsroom, database_url: str, tmp_path: Path, clock: Clock
) -> None:
    config = write_config(tmp_path, newsroom.feeds, database=database_url)
    run_once(config, clock)
    newsroom.next_edition()
    clock.advance(minutes=1)
    run_once(config, clock, everything=True)
    reread_all(config)  # with what was learned from the last of them
    before, count, asked = rows(config), len(newsroom.articles), newsroom.requests.total()
    write(config, spoil)
    assert len(query(config, "select * from v_syndication")) == count - 1
    spoiled = rows(config)

    foretold = reread_all(config, dry_run=True)
    assert rows(config) == spoiled
    summary = reread_all(config)
    assert rows(config) == before
    assert summary == foretold == {
        "selected": count, "current": 0, "read": count, "changed": count, "unchanged": 0, "failed": {},
        "not_archived": 0, "interrupted": False,
    }  # fmt: skip
    assert reread_all(config)["current"] == count
    assert reread_all(config, everything=True, limit=2)["unchanged"] == 2
    assert rows(config) == before
    assert newsroom.requests.total() == asked


def test_it_works_while_somebody_owns_the_database(site: SiteThread, database_url: str, tmp_path: Path) -> None:
    config = write_config(tmp_path, [site.url("/feed?n=3")], database=database_url)
    run_once(config)
    write(config, spoil)
    with opened(database_url) as store, own(store, "a daemon", START):
        assert reread_all(config)["changed"] == 3


def test_what_cannot_be_read_stays_and_is_counted_with_its_reason(
    site: SiteThread, database_url: str, tmp_path: Path
) -> None:
    """A page that was never archived, one whose file is gone, one that is no article for today's program."""
    config = write_config(tmp_path, [site.url("/feed?n=4")], database=database_url)
    run_once(config)

    def damage(connection: Connection) -> None:
        spoil(connection)
        for number, values in (
            (2, {"archive_file": None}),
            (3, {"archive_file": "2026/01/gone.warc.gz"}),
            (4, {"final_url": site.url("/")}),
        ):
            of_article = tables.pages.c.article_id == number
            connection.execute(update(tables.pages).where(of_article).values(**values))

    write(config, damage)
    kept = "select article_id, title, text, authors, text_markdown from v_articles where article_id > 1 order by 1"
    before = query(config, kept)
    summary = reread_all(config)
    assert (summary["read"], summary["changed"], summary["not_archived"]) == (1, 1, 2)
    assert summary["failed"] == {"home_page": 1}
    assert query(config, kept) == before


# --- interrupted --------------------------------------------------------------------------------------------------

COUNT, STALLED, READ_BEFORE = 20, 16, 8  # articles; the one whose archive file stalls; what is surely stored by then


@pytest.fixture
def spoiled(site: SiteThread, database_url: str, tmp_path: Path) -> tuple[Path, list[list[str]]]:
    """Settings of a spoiled store, and the rows that it must come to have again."""
    config = write_config(tmp_path, [site.url(f"/feed?n={COUNT}")], database=database_url)
    run_once(config)
    reread_all(config)  # with what was learned from the last of them
    before = rows(config)
    write(config, spoil)
    return config, before


def stall(connection: Connection, archive: Path) -> str:
    """Have the archive hang at one page. Returns what stood in its place."""
    os.mkfifo(archive / "stall.warc.gz")  # nobody writes to it, so that opening it never ends
    of_article = tables.pages.c.article_id == STALLED
    file = connection.scalar(select(tables.pages.c.archive_file).where(of_article))
    connection.execute(update(tables.pages).where(of_article).values(archive_file="stall.warc.gz"))
    return str(file)


@pytest.mark.parametrize(
    ("kind", "number"),
    [("sqlite", signal.SIGKILL), ("postgresql", signal.SIGKILL), ("sqlite", signal.SIGINT)],
    ids=["sqlite kill -9", "postgresql kill -9", "Ctrl-C"],
)
def test_interrupted_it_goes_on_where_it_was(spoiled: tuple[Path, list[list[str]]], number: signal.Signals) -> None:
    config, before = spoiled
    with opened(load_config(config).database) as store:
        file = store.write(stall, config.parent / "archive")
    with Running(config, "reread") as running:
        eventually(lambda: stored_anew(config) >= READ_BEFORE, f"{READ_BEFORE} articles read again")
        running.signal(number)
        code = running.ends()
        eventually(lambda: not running.living(), "the end of its workers")
        said = running.log
    if number is signal.SIGINT:
        done = stored_anew(config)
        assert code == 130
        assert f"interrupted: {done} of {COUNT} articles are done and stored" in said
        assert "the same command goes on with the rest" in said
    assert READ_BEFORE <= stored_anew(config) < STALLED

    def mend(connection: Connection) -> None:
        connection.execute(update(tables.pages).where(tables.pages.c.article_id == STALLED).values(archive_file=file))

    done = stored_anew(config)
    write(config, mend)
    summary = reread_all(config)
    assert (summary["current"], summary["changed"]) == (done, COUNT - done)
    assert rows(config) == before


def stored_anew(config: Path) -> int:
    (row,) = query(config, "select count(*) as n from articles where extractor <> 'old 1'")
    return int(row["n"])
