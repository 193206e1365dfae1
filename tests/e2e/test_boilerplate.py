"""A box that stands in every article of a site: learned from the first, cut from the next, cleaned out of the first."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ingest.boilerplate import MIN_PAGES, REASON
from jobs.app import open_app
from jobs.commands.reread import Options, Tally, reread_articles
from jobs.config import load_config
from jobs.upkeep import keep_up
from storage import boilerplate
from storage.reread import Selection
from tests.clock import Clock
from tests.conftest import opened
from tests.program import query, run_once, write_config
from tests.site import SiteThread

BOX = "Become a friend of the Harbour Post and read it without any advertisements."
COUNT = MIN_PAGES + 2
TEXTS = "select article_id, text, revision_count from v_articles order by article_id"


def paragraphs(number: int) -> list[str]:
    """A text that is this article's alone."""
    return [
        f"The council of ward {number} met on Tuesday evening and voted for tram line {number}, eleven votes to four.",
        f"Line {number} is to run from the old quay past {number} schools to the upper town, and to open in two years.",
        f"“We have waited {number + 40} years for this and will not wait {number} more,” said its chair, Ines Varga.",
        f"Work is due to begin in the spring and to cost {number + 10} million, half of it promised by the region.",
    ]


def publish(site: SiteThread, numbers: range) -> None:
    for number in numbers:
        first, *rest = paragraphs(number)
        site.article(f"/story/{number}", f"Ward {number} votes for its tram", first, BOX, *rest)
    site.feed([f"/story/{number}" for number in numbers])


def reread_host(config: Path, host: str) -> Tally:
    settings = load_config(config)
    with opened(settings.database) as store:
        return reread_articles(settings, store, Selection(host=host), Options())


def test_it_is_learned_cut_and_cleaned_out(database_url: str, tmp_path: Path, clock: Clock) -> None:
    with SiteThread(host="127.0.9.2") as site:
        publish(site, range(1, COUNT + 1))
        config = write_config(tmp_path, [site.url("/own-feed")], database=database_url)
        run_once(config, clock)
        clean = {number: "\n\n".join(paragraphs(number)) for number in range(1, COUNT + 1)}
        with_box = {row["article_id"] for row in query(config, TEXTS) if BOX in row["text"]}
        assert with_box == set(range(1, MIN_PAGES + 1))
        assert query(config, "select text, pages from boilerplate where pages > 1") == [{"text": BOX, "pages": COUNT}]

        asked = len(site.requests)
        tally = reread_host(config, site.host)
        assert (tally.changed, tally.unchanged, tally.current) == (MIN_PAGES, 0, COUNT - MIN_PAGES)
        assert {row["article_id"]: row["text"] for row in query(config, TEXTS)} == clean
        assert {row["revision_count"] for row in query(config, TEXTS)} == {1}
        dropped = [row["dropped"] for row in query(config, "select dropped from articles")]
        assert all({"text": BOX, "reason": REASON} in blocks for blocks in dropped)
        assert len(site.requests) == asked
        assert reread_host(config, site.host).current == COUNT
        # Nothing was learned from reading again.
        assert query(config, "select pages from boilerplate where pages > 1") == [{"pages": COUNT}]


def test_reading_a_restated_article_without_the_box_is_no_revision(
    database_url: str, tmp_path: Path, clock: Clock
) -> None:
    with SiteThread(host="127.0.9.2") as site:
        publish(site, range(1, COUNT + 1))
        config = write_config(tmp_path, [site.url("/own-feed")], database=database_url)
        run_once(config, clock)
        restated = f"<item><title>Said anew</title><link>{site.url('/story/1')}</link>"
        feed = (
            f"<rss version='2.0'><channel><title>The Post</title>{restated}<guid>{site.url('/story/1')}</guid></item>"
        )
        site.serve("/own-feed", f"{feed}</channel></rss>", content_type="application/rss+xml")
        clock.advance(hours=1)
        assert run_once(config, clock, everything=True)["articles_revised"] == 1  # its page was read again
        (row, *_) = query(config, TEXTS)
        assert row == {"article_id": 1, "text": "\n\n".join(paragraphs(1)), "revision_count": 1}


def test_upkeep_forgets_what_did_not_recur(database_url: str, tmp_path: Path, clock: Clock) -> None:
    config = write_config(tmp_path, database=database_url)
    with opened(database_url) as store:
        for number in range(MIN_PAGES):
            store.write(boilerplate.record, "north.example", (BOX, f"Only once, in article {number}."), clock())
    for days, left in ((29, MIN_PAGES + 1), (2, 1)):
        clock.advance(days=days)
        asyncio.run(upkeep(config, clock))
        assert query(config, "select count(*) as blocks from boilerplate") == [{"blocks": left}]


async def upkeep(config: Path, clock: Clock) -> None:
    async with open_app(load_config(config), clock) as app:
        await keep_up(app)
