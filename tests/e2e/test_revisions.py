"""An article that lives on after it was read: looked at again on a clock, with all that publishers do."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from jobs.app import App, open_app
from jobs.config import load_config
from jobs.feed_lists import sync_feeds
from jobs.visit import visit
from storage import hosts, tables
from tests.clock import Clock
from tests.conftest import opened
from tests.program import query, run_once, write_config
from tests.site import RSS, Request, SiteThread, article

STORY = "/2026/11/bridge"
PARAGRAPHS = (
    "The bridge over the Vire was closed on Monday after engineers found cracks in two of its four pillars.",
    "Buses are sent over the old ford, and the ferry runs every ten minutes until the evening, the council said.",
)
TUESDAY = (PARAGRAPHS[0].replace("Monday", "Tuesday"), PARAGRAPHS[1])
NOTE = "This article was amended on 23 November 2026 to correct the day on which the bridge was closed."


@pytest.fixture
def site() -> Iterator[SiteThread]:
    with SiteThread(host="127.0.3.41") as opened:
        yield opened


def today(title: str, *paragraphs: str) -> bytes:
    return article(title, paragraphs).replace(b"2026-11-03T09:00:00Z", b"2026-11-23T09:00:00Z")


class Watched:
    """One article of a site, on a clock of ours."""

    def __init__(self, site: SiteThread, folder: Path, clock: Clock) -> None:
        self.site, self.clock, self.folder = site, clock, folder
        self.config = self.configure()
        item = f"<item><title>Bridge closed</title><link>{site.url(STORY)}</link></item>"
        feed = f"<rss version='2.0'><channel><title>T</title>{item}</channel></rss>"
        site.serve("/own-feed", feed, content_type=RSS, headers={"ETag": '"feed"'})

    def configure(self, **revisions: Any) -> Path:
        return write_config(
            self.folder, [self.site.url("/own-feed")], politeness={"delay": 0, "respect_robots": False},
            polling={"minimum": "24h"}, revisions=revisions,
        )  # fmt: skip

    def serve(self, *paragraphs: str, title: str = "Bridge closed", **headers: str) -> None:
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        self.site.serve(STORY, today(title, *paragraphs), headers=named)

    def answer(self, status: int, **headers: str) -> None:
        self.site.serve(STORY, b"", status=status, headers={name.title(): value for name, value in headers.items()})

    def run(self, *steps: Callable[[], object]) -> None:
        """Read the article, then do a step and look again when that is due, and so on."""

        async def work() -> None:
            async with open_app(load_config(self.config), self.clock) as app:
                await sync_feeds(app)
                await visit(app, self.site.host)
                for step in steps:
                    step()
                    await self._look(app)

        asyncio.run(work())

    async def _look(self, app: App) -> None:
        asked = len(self.asked)
        for _ in range(60):  # the feed may be due before
            if len(self.asked) > asked:
                return
            (row,) = query(self.config, "select min(due_at) as due_at from hosts")
            self.clock.now = max(datetime.fromisoformat(f"{row['due_at']}+00:00"), self.clock.now)
            assert await app.read(hosts.load_due, self.clock(), 9) == [self.site.host]
            await visit(app, self.site.host)
        raise AssertionError("it is not looked at any more")

    @property
    def asked(self) -> list[Request]:
        return self.site.asked(STORY)

    @property
    def article(self) -> dict[str, Any]:
        (row,) = query(self.config, "select * from articles")
        return row

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in query(self.config, sql)]


@pytest.fixture
def watched(site: SiteThread, tmp_path: Path, migrated_file: Path, clock: Clock) -> Watched:
    shutil.copy(migrated_file, tmp_path / "dateline.db")
    found = Watched(site, tmp_path, clock)
    found.serve(*PARAGRAPHS, etag='"1"', last_modified="Mon, 23 Nov 2026 09:00:00 GMT")
    return found


def test_it_is_asked_for_conditionally_and_ever_more_seldom(watched: Watched) -> None:
    ages: list[timedelta] = []
    began = watched.clock()

    def note() -> None:
        ages.append(watched.clock() - began)

    watched.run(*[note] * 8)
    ages = [*ages[1:], watched.clock() - began]
    waits = [
        round((later - earlier) / timedelta(hours=1), 1)
        for earlier, later in zip([timedelta(0), *ages], ages, strict=False)
    ]
    assert len(watched.asked) == 9
    assert all(later >= earlier for earlier, later in pairwise(waits[1:]))
    assert 0.5 <= waits[0] <= 0.6
    assert timedelta(days=3) < ages[-1] < timedelta(days=7)
    validators = [(r.headers.get("if-none-match"), r.headers.get("if-modified-since")) for r in watched.asked[1:]]
    stated = ('"1"', "Mon, 23 Nov 2026 09:00:00 GMT")
    assert validators == [stated, stated, stated, (None, None)] * 2
    assert watched.rows("select count(*) from pages") == [(1,)]
    assert watched.rows("select count(*) from rechecks") == [(0,)]  # it is a week old


def test_unchanged_cosmetic_material_correction_and_flip(watched: Watched) -> None:
    watched.run(
        lambda: watched.serve(*PARAGRAPHS),  # no validators any more, but the same bytes
        lambda: watched.serve("Updated 12:30", *(p.replace("ten", "ten ") for p in PARAGRAPHS), title="BRIDGE CLOSED"),
        lambda: watched.serve(*TUESDAY, NOTE),
        lambda: watched.serve(*PARAGRAPHS),
        lambda: watched.serve(*TUESDAY, NOTE),
    )
    assert watched.rows("select number, correction is null, sightings from revisions order by number") == [
        (1, 1, 2),
        (2, 0, 2),
    ]
    assert watched.article["revision_count"] == 2
    assert "Tuesday" in watched.article["text"]
    # The first, the cosmetic one, the correction, back, and forth again.
    assert watched.rows("select outcome, archive_file is not null from pages") == [("article", 1)] * 5


def test_what_an_older_program_read_is_read_again_before_it_is_compared(watched: Watched) -> None:
    def upgrade() -> None:
        with opened(load_config(watched.config).database) as store:
            as_read = {"text": PARAGRAPHS[1], "extractor": "old 1", "read_key": 1}
            store.write(lambda c: c.execute(update(tables.articles).values(**as_read)))

    def after(serve: Callable[[], None]) -> Callable[[], None]:
        return lambda: (upgrade(), serve())[1]

    watched.run(
        after(lambda: watched.serve(*PARAGRAPHS, title="BRIDGE CLOSED")), after(lambda: watched.serve(*TUESDAY))
    )
    assert watched.rows("select number, words_added, words_removed from revisions") == [(1, 0, 0), (2, 1, 1)]
    assert watched.rows("select outcome from pages") == [("article",)] * 3


def test_a_page_that_is_withdrawn_keeps_its_text_and_may_come_back(watched: Watched) -> None:
    watched.run(
        lambda: watched.answer(503, location=""),
        lambda: watched.answer(404),
        lambda: watched.answer(302, location="/"),
        lambda: watched.answer(410),
    )
    gone = watched.article
    assert (gone["withdrawn_reason"], gone["text"]) == ("gone", "\n\n".join(PARAGRAPHS))
    assert watched.rows("select title, withdrawn_at is not null from v_articles") == [("Bridge closed", 1)]
    assert watched.rows("select reason from pages where reason is not null") == [
        ("unavailable",), ("not_found",), ("home_page",), ("gone",),
    ]  # fmt: skip
    before = watched.clock()
    watched.run(lambda: watched.serve(*PARAGRAPHS))
    assert watched.clock() - before >= timedelta(days=29)
    assert (watched.article["withdrawn_at"], watched.article["revision_count"]) == (None, 1)


def test_what_is_new_comes_first_and_a_budget_is_kept(watched: Watched, clock: Clock) -> None:
    links = [f"/2026/11/other-{number}" for number in range(6)]
    for number, link in enumerate(links):
        watched.site.serve(link, today(f"Other {number}", *PARAGRAPHS, f"It is the report with number {number}."))
    watched.site.feed(links)
    watched.config = watched.configure(budget=4)
    run_once(watched.config, clock)
    clock.advance(hours=1)
    assert run_once(watched.config, clock)["rechecks"] == 4 + 1
    watched.site.serve("/2026/11/new", today("New", *TUESDAY))
    watched.site.feed([*links, "/2026/11/new"])
    clock.advance(days=2)
    asked = len(watched.site.requests)
    summary = run_once(watched.config, clock)
    paths = [request.path for request in watched.site.requests[asked:]]
    assert paths[:2] == ["/own-feed", "/2026/11/new"]
    assert summary["rechecks"] == 4 + 1
    assert summary["articles_stored"] == 1


def test_looks_can_be_switched_off_and_run_once_waits_for_none(watched: Watched, clock: Clock) -> None:
    assert run_once(watched.config, clock)["articles_stored"] == 1  # and does not wait for the look in half an hour
    watched.config = watched.configure(recheck=False)
    clock.advance(hours=1)
    assert run_once(watched.config, clock)["rechecks"] == 0
    assert watched.rows("select count(*) from rechecks") == [(0,)]
    assert len(watched.asked) == 1
