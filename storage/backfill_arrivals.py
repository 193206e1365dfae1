"""Archives of backfills that come from a server: how far, for how many more there is room, and which have been read.

One row from beginning to end. While it comes it has a host, and its `position` counts bytes that are here. When it is
here it has none, like any other file, and `position` is a place in it. When it has been read its host is given back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, case, func, select, update

from ingest.backfill.arrival import Arrival
from ingest.backfill.remote import REMOTE
from ingest.backfill.request import BackfillState, Part, PartState
from ingest.urls import host_of
from storage import hosts
from storage.tables import backfill_parts, backfills

ROOM_AFTER = timedelta(seconds=30)  # when it is looked whether there is room, should nobody say so before

_P = backfill_parts.c
_WAITS = and_(_P.kind == REMOTE, _P.state == PartState.WAITING)
_OF_RUNNING = _P.backfill_id.in_(select(backfills.c.id).where(backfills.c.state == BackfillState.RUNNING))


def record_arrival(connection: Connection, part: Part, arrival: Arrival, at: datetime) -> None:
    """How far an archive has come. Where it is here it becomes a file."""
    values: dict[str, Any] = {
        "state": arrival.state,
        "position": arrival.position,
        "size": arrival.size,
        "read_bytes": 0,
        "etag": arrival.validators.etag,
        "last_modified": arrival.validators.last_modified,
        "trail": str(arrival.restarts or ""),
        "attempts": arrival.attempts,
        "reason": arrival.reason,
        "detail": arrival.detail,
    }
    if arrival.is_here:
        values |= {"host": None, "due_at": None}
    elif arrival.due_at is not None or arrival.state is not PartState.WAITING:
        values |= {"due_at": arrival.due_at}
    connection.execute(update(backfill_parts).where(_P.id == part.id).values(**values))
    if arrival.state is PartState.FAILED:
        _wake(connection, at)


def count_here(connection: Connection, backfill_id: int) -> tuple[int, int]:
    """(archives that are here and not read to their end, archives that are begun), of one backfill.

    Each has room of its own: while one is driven alone nobody reads what another has left.
    """
    is_here, is_begun = _P.host.is_(None), and_(_P.host.is_not(None), _P.position.is_not(None))
    counts = select(func.count().filter(is_here), func.count().filter(is_begun)).where(
        _WAITS, _P.backfill_id == backfill_id
    )
    unread, begun = connection.execute(counts).one()
    return unread, begun


def wait_for_room(connection: Connection, part: Part, now: datetime) -> None:
    """Have the archives of a part's host wait; where that one is begun, the others that are, too."""
    those = update(backfill_parts).where(_WAITS, _P.host == part.host, _P.due_at <= now)
    if part.position is None:
        those = those.where(_P.position.is_(None))
    connection.execute(those.values(due_at=now + ROOM_AFTER, reason=None, detail="waits until another has been read"))


def _wake(connection: Connection, now: datetime) -> None:
    """There is room: have those looked at that wait for it."""
    those = (_WAITS, _OF_RUNNING, _P.host.is_not(None), _P.reason.is_(None), _P.due_at > now)
    names = set(connection.scalars(select(_P.host).where(*those)))
    connection.execute(update(backfill_parts).where(*those).values(due_at=now))
    hosts.make_due(connection, [name for name in names if name], now)


@dataclass(frozen=True, slots=True)
class Kept:
    """An archive whose file lies here.

    `is_settled`: it neither comes nor is read, and no failed request for it may be resumed. `is_over`: its backfill is
    done or cancelled.
    """

    id: int
    place: str
    is_settled: bool
    is_over: bool


def load_kept(connection: Connection, numbers: Sequence[int]) -> list[Kept]:
    """Of the parts with these numbers those that are archives on a server."""
    is_coming = and_(_P.host.is_not(None), _P.position.is_not(None), _P.state == PartState.FAILED)
    settled = case((_P.state == PartState.WAITING, 0), (is_coming, 0), else_=1)
    over = case((_OF_RUNNING, 0), else_=1)
    rows = connection.execute(select(_P.id, _P.place, settled, over).where(_P.kind == REMOTE, _P.id.in_(numbers)))
    return [Kept(number, place, bool(is_settled), bool(is_over)) for number, place, is_settled, is_over in rows]


def give_back(connection: Connection, kept: Kept, now: datetime) -> None:
    """It has been read, or cannot be: it lies on its server again. Doing it twice changes nothing."""
    those = update(backfill_parts).where(_P.id == kept.id, _P.kind == REMOTE, _P.state != PartState.WAITING)
    connection.execute(those.values(host=host_of(kept.place), position=None))
    _wake(connection, now)


def ask_again(connection: Connection, part: Part, now: datetime) -> None:
    """Its file is gone before it was read to its end: it lies on its server again, and nothing is known of it."""
    host = host_of(part.place)
    anew: dict[str, Any] = {"host": host, "due_at": now, "position": None, "size": None, "done_at": None}
    anew |= {"etag": None, "last_modified": None, "records": 0, "left_out": {}, "broken": [], "read_bytes": 0}
    connection.execute(update(backfill_parts).where(_P.id == part.id, _P.kind == REMOTE).values(**anew))
    hosts.make_due(connection, [host], now)
