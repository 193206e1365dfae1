"""One piece of an archive that lies on a server: asked for, written to its file, recorded. Stop it anywhere.

is there room → ask for the next bytes → write them as they come → force them to the disk → record how far
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

from ingest.backfill.arrival import MAX_BYTES, Arrival, Came, decide_arrival, has_room, next_span
from ingest.backfill.documents import decide_unchanged
from ingest.backfill.request import Looked, Part, PartState
from ingest.errors import FetchError
from ingest.fetch import Limits
from ingest.model import Validators
from ingest.ranges import Ranged
from jobs.backfill.incoming import Incoming, path_of
from jobs.logs import log
from jobs.turn import Turn
from storage import backfill_arrivals, backfill_results

ACCEPT = "application/warc, application/gzip, */*;q=0.5"
TOTAL_S = 200.0  # what came until then is kept; a turn at a host lasts longer (jobs/visit.py)
ONLY_COUNTED = 0  # the sample of a rehearsal


async def fetch_archive(turn: Turn, part: Part) -> None:
    """Ask for the next piece of an archive, and record how far it has come."""
    app = turn.app
    if part.sample == ONLY_COUNTED:
        looked = Looked(PartState.DONE, left_out={"not fetched": 1})
        await app.write(backfill_results.record_look, part, looked, app.clock())
        return
    if not has_room(part, *await app.read(backfill_arrivals.count_here, part.backfill_id)):
        await app.write(backfill_arrivals.wait_for_room, part, app.clock())
        return
    now = await turn.pace()
    with Incoming(path_of(app.settings, part.id, part.place), part) as incoming:
        try:
            if not await _ask(turn, part, incoming, now):
                await app.write(backfill_results.record_look, part, decide_unchanged(part), app.clock())
                return
            error = None
        except FetchError as failed:
            error = failed
        came = await asyncio.to_thread(incoming.keep)
    await _record(turn, part, came, error, now)


async def _ask(turn: Turn, part: Part, incoming: Incoming, now: datetime) -> bool:
    """Have the next bytes taken. False where we have read the archive and it is as it was. Raises FetchError."""
    response = await turn.get(
        part.place,
        now=now,
        limits=_limits(turn),
        # Only what was read to its end may be said to be unchanged.
        validators=part.validators if part.done_at is not None and part.position is None else Validators(),
        accept=ACCEPT,
        ranged=Ranged(next_span(part, incoming.held), incoming),
    )
    turn.app.network.heard(response.final_url)
    return response.status != 304 and not incoming.is_known


def _limits(turn: Turn) -> Limits:
    mine = turn.app.page_limits
    return replace(mine, total_s=max(TOTAL_S, mine.total_s), max_bytes=MAX_BYTES)


async def _record(turn: Turn, part: Part, came: Came, error: FetchError | None, now: datetime) -> None:
    works = error is None or came.stated is not None or await turn.network_works(error, now)
    arrival = decide_arrival(part, came, error, now, network_works=works)
    if error is not None and works and arrival.reason is not None:
        await turn.rest_if_asked(error, now)
    await turn.app.write(backfill_arrivals.record_arrival, part, arrival, turn.app.clock())
    _tell(part, arrival)


def _tell(part: Part, arrival: Arrival) -> None:
    if arrival.reason is not None:
        again = arrival.due_at.isoformat(timespec="seconds") if arrival.due_at else None
        log.warning("part_failed", url=part.place, reason=str(arrival.reason), detail=arrival.detail, again_at=again)
    elif arrival.is_here:
        log.info("archive_fetched", url=part.place, bytes=arrival.size)
