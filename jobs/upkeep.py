"""What is done once an hour: forget what the settings say is to be forgotten."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from ingest.archive import forget_files
from ingest.errors import DatelineError
from ingest.watchfulness import SILENT_AT_LEAST, Alert, silence
from jobs.app import App
from jobs.logs import log
from storage import alerts, boilerplate, feeds, fingerprints, pages

PORTION = 500  # feeds looked at between two looks at everything else
DISTRUSTED_FOR = timedelta(days=30)
BLOCKS_KEPT = timedelta(days=30)  # a block that has not recurred within that is no boilerplate


async def keep_up(app: App) -> None:
    """Forget old polls, old archive files and blocks of text that did not recur; look for feeds that fell silent."""
    try:
        await _forget(app)
        await _watch(app)
    except (DatelineError, OSError) as error:
        log.error("upkeep_failed", error=str(error))


async def _forget(app: App) -> None:
    now, settings = app.clock(), app.settings
    polls = files = 0
    if settings.retention.polls is not None:
        polls = await app.write(feeds.forget_polls, now - timedelta(seconds=settings.retention.polls))
    if settings.archive.enabled and settings.archive.keep is not None:
        before = now - timedelta(seconds=settings.archive.keep)
        # Rows first: a position without a file would be a lie, a file without rows is only disk.
        await app.write(pages.forget_archived, before)
        files = await asyncio.to_thread(forget_files, settings.archive_directory, before)
    blocks = await _forget_blocks(app, now - BLOCKS_KEPT)
    keys = await _forget_keys(app, now - app.memory.window)
    forgotten = {"polls_forgotten": polls, "blocks_forgotten": blocks, "keys_forgotten": keys}
    log.info("upkeep_done", archive_files_deleted=files, **forgotten)


async def _watch(app: App) -> None:
    """Raise an alert for each feed that is silent against its own rhythm; trust again who lied long ago."""
    now, last = app.clock(), 0
    await app.write(alerts.forgive, now - DISTRUSTED_FOR, now)
    while quiet := await app.read(alerts.load_quiet, now - SILENT_AT_LEAST, last, PORTION):
        last = quiet[-1].id
        for feed in quiet:
            said = silence(feed.rhythm, feed.changed_at, now)
            if said is not None and await app.write(alerts.raise_alert, feed.id, Alert.SILENT, said, now):
                log.warning("feed_silent", feed=feed.id, detail=said)
        await asyncio.sleep(0)


async def _forget_blocks(app: App, before: datetime) -> int:
    """One short transaction for each host, so that nobody waits long for the writer."""
    hosts = await app.read(boilerplate.load_overgrown, before)
    return sum([await app.write(boilerplate.trim, host, before) for host in hosts])


async def _forget_keys(app: App, before: datetime) -> int:
    """The key table does not grow with the archive: it has the articles of the window. In short transactions too."""
    last = await app.read(fingerprints.last_before, before)
    rows, begin = 0, fingerprints.FIRST if last else None
    while begin is not None:
        gone, begin = await app.write(fingerprints.forget, last, begin)
        rows += gone
    return rows
