"""A story that another site shortens: linked as it comes in; its keys go with the window and can be made anew."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from jobs.app import open_app
from jobs.commands.fingerprints import rebuild
from jobs.config import load_config
from jobs.upkeep import keep_up
from storage import fingerprints
from tests.clock import Clock
from tests.conftest import opened
from tests.program import query, run_once, write_config
from tests.site import SiteThread
from tests.storage.stories import sentences

LINKS = "select copy_host, original_host, relation from v_syndication"
KEYS = "select count(*) as rows from fingerprints"


def publish(site: SiteThread, *said: str) -> str:
    site.article("/story", "Bridges, and who rebuilt them", *said)
    site.feed(["/story"])
    return site.url("/own-feed")


def test_a_shortened_copy_is_linked_and_keys_come_and_go(database_url: str, tmp_path: Path, clock: Clock) -> None:
    said = sentences(1)
    with SiteThread(host="127.0.9.11") as first, SiteThread(host="127.0.9.12") as second:
        feeds = [publish(first, *said)]
        run_once(write_config(tmp_path, feeds, database=database_url), clock)
        clock.advance(hours=1)
        feeds.append(publish(second, *said[:13]))
        config = write_config(tmp_path, feeds, database=database_url)
        run_once(config, clock)
    assert query(config, LINKS) == [{"copy_host": second.host, "original_host": first.host, "relation": "near"}]

    rows = query(config, KEYS)[0]["rows"]
    settings = load_config(config)
    with opened(database_url) as store:
        store.write(fingerprints.clear)
        assert query(config, KEYS) == [{"rows": 0}]
        state = rebuild(settings, store, clock=clock)
        assert (state.articles, state.done, state.is_interrupted) == (2, 2, False)
        assert query(config, KEYS) == [{"rows": rows}]
        assert rebuild(settings, store, state.last, clock).done == 0
    clock.advance(days=timedelta(seconds=settings.duplicates.window).days, hours=1)
    asyncio.run(upkeep(config, clock))
    assert query(config, KEYS) == [{"rows": 0}]
    assert len(query(config, LINKS)) == 1


async def upkeep(config: Path, clock: Clock) -> None:
    async with open_app(load_config(config), clock) as app:
        await keep_up(app)
