"""Backfills in the daemon, beside its visits: their files are read here, their pages on the visits to their hosts."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from ingest.errors import Busy
from jobs.app import App
from jobs.backfill.files import work_on_files
from jobs.logs import log
from storage import backfill_results, backfills

LOOK_S = 2.0


async def keep_backfilling(app: App) -> None:
    """Beside the visits of the daemon: read the files of backfills, and say which backfills are done."""
    files = asyncio.create_task(work_on_files(app))
    try:
        while not app.stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(app.stopping.wait(), LOOK_S)
            await _finish_all(app)
    finally:
        await asyncio.gather(files, return_exceptions=True)


async def _finish_all(app: App) -> None:
    try:
        for backfill_id in await app.read(backfills.load_running):
            if await app.write(backfill_results.finish, backfill_id, app.clock()):
                log.info("backfill_done", backfill=backfill_id)
    except Busy as error:
        log.warning("database_busy", error=str(error))
