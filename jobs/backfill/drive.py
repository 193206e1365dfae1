"""A backfill driven to its end by this process: visits to its hosts, its files read, until nothing is left to do.

Only the owner of the database drives. Beside a running daemon there is nothing to drive: the daemon finds the work in
the tables, after its own; then its progress is watched.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.backfill.request import BackfillState
from ingest.errors import Busy
from jobs.app import App, open_app
from jobs.backfill.files import work_on_files
from jobs.backfill.leftovers import tidy
from jobs.backfill.progress import shown
from jobs.clock import wall_clock
from jobs.config import Settings
from jobs.daemon import Signals
from jobs.engines.embedded import Embedded
from jobs.logs import log
from storage import backfill_progress, backfill_results, backfills, duplicates, hosts
from storage.engine import Database
from storage.owner import owner

LOOK_S = 0.5
# For a host that rests, where something was never asked for yet; and where all that is left has failed before. Nobody
# watches a command that waits for hours.
PATIENCE, SHORT_PATIENCE = timedelta(minutes=15), timedelta(minutes=1)
DONE, FAILED, INTERRUPTED = 0, 1, 130


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended. `is_done`: nothing is left. `next_at`: when a page is tried again, where some are."""

    exit_code: int
    is_done: bool
    next_at: datetime | None = None


def drive(settings: Settings, backfill_id: int, *, is_frugal: bool = False) -> Ending:
    """Work on a backfill alone, until it is done, or told to stop. We own the database."""
    return asyncio.run(_drive(settings, backfill_id, is_frugal))


async def _drive(settings: Settings, backfill_id: int, is_frugal: bool) -> Ending:
    async with open_app(settings, is_frugal=is_frugal) as app:
        engine = Embedded(app, backfill_id)
        with Signals(app, None, engine.look) as signals, shown(app.database, backfill_id, settings.politeness.delay):
            await app.write(hosts.clear_turns)  # whoever held one is dead: we own the database
            if app.memory.furniture is not None:
                await app.read(duplicates.warm_up, app.memory.furniture)
            visits = asyncio.create_task(engine.run())
            try:
                next_at = await _watch(app, engine, backfill_id)
            finally:
                app.stopping.set()
                await visits
        is_done = await app.write(backfill_results.finish, backfill_id, app.clock())
        await tidy(app)
        return Ending(signals.exit_code, is_done, None if is_done else next_at)


async def _watch(app: App, engine: Embedded, backfill_id: int) -> datetime | None:
    """Until all is done, or what is left has to wait for long. Returns for when, where something is left."""
    files = asyncio.create_task(work_on_files(app, backfill_id))
    while not app.stopping.is_set():
        engine.look()
        with suppress(TimeoutError):
            await asyncio.wait_for(app.stopping.wait(), LOOK_S)
        if not files.done():
            continue
        files.result()
        try:
            if await app.write(backfill_results.finish, backfill_id, app.clock()):
                return None
            if await app.read(backfills.load_file, backfill_id, []) is not None:  # an archive has come
                files = asyncio.create_task(work_on_files(app, backfill_id))
                continue
            next_at = await app.read(backfills.next_moment, backfill_id)
        except Busy as error:
            log.warning("database_busy", error=str(error))
            continue
        if next_at is None or app.statistics.visiting:
            continue
        patience = PATIENCE if await app.read(backfills.has_untried, backfill_id) else SHORT_PATIENCE
        if next_at > app.clock() + patience:
            return next_at
    await files
    return None


def watch(settings: Settings, database: Database, backfill_id: int) -> Ending | None:
    """Show how far the daemon has got with a backfill, until it is done; None where the daemon has ended before.

    Ctrl-C ends the watching alone.
    """
    try:
        with shown(database, backfill_id, settings.politeness.delay):
            while True:
                found = database.read(backfills.load, backfill_id)
                if found is None or found.state is not BackfillState.RUNNING:
                    return Ending(DONE, found is not None and found.state is BackfillState.DONE)
                progress = database.read(backfill_progress.load_progress, backfill_id)
                if not progress.parts_waiting and progress.soonest and progress.soonest > wall_clock() + PATIENCE:
                    return Ending(DONE, is_done=False, next_at=progress.soonest)
                if owner(database) is None:
                    return None
                time.sleep(LOOK_S * 2)
    except KeyboardInterrupt:
        return Ending(INTERRUPTED, is_done=False)
