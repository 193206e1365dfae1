"""Files that backfills leave here: archives that came from servers, and lists that came on standard input.

They go once nobody will read them: an archive when it has been read, all when their backfill is done or cancelled.
What a backfill goes on with that was only stopped stays. What is not ours by its name is left alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingest.errors import Busy
from jobs.app import App
from jobs.backfill.incoming import files_here, path_of
from jobs.backfill.spool import lists_here
from jobs.config import Settings
from jobs.logs import log
from storage import backfill_arrivals, backfills
from storage.engine import Database

UNASKED = timedelta(days=1)  # a list is here before its backfill is; one that none has asked for by then is left over


async def tidy(app: App, in_hand: Collection[int] = ()) -> None:
    """Delete what nobody will read, and make room for other archives. `in_hand`: parts that are being read."""
    try:
        await _give_back(app)
        await asyncio.to_thread(sweep, app.settings, app.database, app.clock(), in_hand)
    except Busy as error:  # the next look, or the next start
        log.warning("database_busy", error=str(error))


async def _give_back(app: App) -> None:
    """Archives that have been read, or cannot be, lie on their servers again."""
    found = await asyncio.to_thread(files_here, app.settings)
    if not found:
        return
    for kept in await app.read(backfill_arrivals.load_kept, sorted(set(found.values()))):
        path = path_of(app.settings, kept.id, kept.place)
        if kept.is_settled and path in found:
            await app.write(backfill_arrivals.give_back, kept, app.clock())
            await asyncio.to_thread(_delete, path)


def sweep(settings: Settings, database: Database, now: datetime, in_hand: Collection[int] = ()) -> None:
    """Delete what belongs to no running backfill. It reads the tables and changes nothing in them. Raises Busy."""
    _sweep_archives(settings, database, in_hand)
    _sweep_lists(settings, database, now)


def _sweep_archives(settings: Settings, database: Database, in_hand: Collection[int]) -> None:
    """Of those that are settled the tables must say so first; resumed, one that is gone is asked for again."""
    found = files_here(settings)
    if not found:
        return
    kept = database.read(backfill_arrivals.load_kept, sorted(set(found.values())))
    needed = [each for each in kept if each.is_settled or not each.is_over or each.id in in_hand]
    for path in found.keys() - {path_of(settings, each.id, each.place) for each in needed}:
        _delete(path)


def _sweep_lists(settings: Settings, database: Database, now: datetime) -> None:
    """One that came after the end of its backfill is there to go on with: whoever brought it is about to ask."""
    lists = lists_here(settings)
    if not lists:
        return
    ends = database.read(backfills.load_ends, [str(path) for path in lists])
    for path in lists:
        end = ends.get(str(path), now - UNASKED)
        if end is not None and _is_before(path, end):
            _delete(path)


def _is_before(path: Path, end: datetime) -> bool:
    """Whether a file was written by then; in whole seconds, as the tables may have them."""
    try:
        return datetime.fromtimestamp(int(path.stat().st_mtime), UTC) <= end
    except OSError:  # gone
        return False


def _delete(path: Path) -> None:
    with suppress(OSError):  # the next look tries again
        path.unlink(missing_ok=True)
