"""How an archive comes here from its server, piece after piece, and what became of one request for a piece.

What came is kept, also where the connection was cut; where nothing came, or where the server has no pieces and the
whole did not come, the request has failed. An archive that is not what its beginning was of begins anew, three times.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from ingest.backfill.documents import decide_failed
from ingest.backfill.request import Part, PartState
from ingest.errors import FetchError
from ingest.model import Reason, Validators
from ingest.ranges import Span, Stated

PIECE_BYTES = 16 << 20  # asked for at a time: what is asked for again after a kill, at worst
MAX_BYTES = 8 << 30  # of an archive; they are of 1 GB by custom
MAX_UNREAD = 2  # archives of a backfill here that nobody has read to the end yet
MAX_HERE = 4  # with those that are only begun
MAX_RESTARTS = 3
UNSATISFIABLE = 416


@dataclass(frozen=True, slots=True)
class Came:
    """What a request brought. `end`: so many bytes of the archive are here. `is_other`: it is not what was begun."""

    end: int
    stated: Stated | None = None  # None: nothing that could be taken
    is_other: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """How far an archive has come. `is_here`: whole. `due_at`: None: as it was."""

    state: PartState = PartState.WAITING
    position: str | None = None
    size: int | None = None
    validators: Validators = field(default_factory=Validators)
    restarts: int = 0
    attempts: int = 0
    reason: str | None = None
    detail: str | None = None
    due_at: datetime | None = None
    is_here: bool = False


def has_room(part: Part, unread: int, begun: int) -> bool:
    """Whether an archive may go on, or begin: disks are not endless, and reading may be slower than the network."""
    return unread < MAX_UNREAD and (part.position is not None or unread + begun < MAX_HERE)


def next_span(part: Part, held: int) -> Span:
    """What to ask for next, where so many bytes are here."""
    count = PIECE_BYTES if part.size is None or part.size <= held else min(PIECE_BYTES, part.size - held)
    return Span(held, count, part.validators)


def is_same(part: Part, held: int, stated: Stated) -> bool:
    """Whether an answer goes on with what is here, or brings the whole."""
    if stated.is_whole or not held:
        return True
    known, said = part.validators, stated.validators
    pairs = ((part.size, stated.total), (known.etag, said.etag), (known.last_modified, said.last_modified))
    return all(one == other for one, other in pairs if one is not None)


def is_known(part: Part, stated: Stated) -> bool:
    """Whether it has been read, by its size alone: of a server that gives nothing else to know it by."""
    nothing = Validators()
    was_read = part.done_at is not None and part.position is None
    return was_read and part.validators == stated.validators == nothing and part.size == stated.total


def decide_arrival(
    part: Part, came: Came, error: FetchError | None, now: datetime, *, network_works: bool = True
) -> Arrival:
    """What follows from one request for a piece; `error`: how it ended, where that was not well."""
    stated, restarts = came.stated, int(part.trail or 0)
    if came.is_other or (part.position and error is not None and error.status == UNSATISFIABLE):
        return _anew(restarts + 1)
    kept = _kept(part, came, restarts)
    if error is not None and (stated is None or stated.is_whole or came.end <= stated.first):
        return _failed(part, kept, error, now, network_works)
    if error is None and came.end >= (kept.size or 0):
        return replace(kept, position=None, restarts=0, detail="it has come, and is read next", is_here=True)
    return replace(kept, detail=f"{came.end:,} of {kept.size:,} bytes have come")


def _kept(part: Part, came: Came, restarts: int) -> Arrival:
    """What is here, whatever follows."""
    stated = came.stated
    if stated is None:
        return Arrival(position=part.position, size=part.size, validators=part.validators, restarts=restarts)
    size = came.end if stated.total is None else stated.total
    return Arrival(position=str(came.end), size=size, validators=stated.validators, restarts=restarts)


def _anew(restarts: int) -> Arrival:
    if restarts < MAX_RESTARTS:
        return Arrival(restarts=restarts, detail="it changed while it was fetched, and begins anew")
    detail = f"it changed {restarts} times while it was fetched"
    return Arrival(PartState.FAILED, reason=Reason.BAD_RESPONSE, detail=detail)


def _failed(part: Part, kept: Arrival, error: FetchError, now: datetime, network_works: bool) -> Arrival:
    """Again later, or never; what is here is gone on with."""
    failed = decide_failed(part, error, now, network_works=network_works)
    return replace(
        kept,
        state=failed.state,
        attempts=failed.attempts,
        reason=failed.reason,
        detail=failed.detail,
        due_at=failed.due_at,
    )
