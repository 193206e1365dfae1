"""Backfills: what was asked for of the past, the parts it is looked for in, and how far that got."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    case,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)

from ingest.backfill.request import BackfillState, Part, PartState, Request, Seed, Source
from ingest.backfill.step import SITEMAP
from ingest.backfill.wanted import Wanted
from ingest.model import Entry, Validators
from storage import entries, hosts
from storage.tables import Utc, backfill_parts, backfills
from storage.tables import entries as entry_rows
from storage.upsert import insert_into

FILES = ("warc", "remote", "html")  # kinds of parts that hold pages
PORTION = 1_000  # rows in a statement

_B, _P, _E = backfills.c, backfill_parts.c, entry_rows.c
_NOW = bindparam("now", type_=Utc)
_RUNNING = _B.state == BackfillState.RUNNING


@dataclass(frozen=True, slots=True)
class Backfill:
    """A request for the past, as the store knows it."""

    id: int
    source: Source
    places: tuple[str, ...]
    wanted: Wanted
    sample: int | None
    state: BackfillState
    created_at: datetime
    resumed_at: datetime
    ended_at: datetime | None


# --- asking ---------------------------------------------------------------------------------------------------------


def begin(connection: Connection, request: Request, seeds: Sequence[Seed], now: datetime) -> tuple[int, bool]:
    """Ask for the past. Returns the number, and False where the same was asked for before: then that goes on.

    What is done is looked at again for what came since. Where the window has moved meanwhile it is looked at whole.
    """
    known = connection.execute(select(backfills).where(_B.request_key == request.key)).one_or_none()
    if known is None:
        row = {"request_key": request.key, "created_at": now, **_asked(request), **_running(now)}
        number = int(connection.execute(insert(backfills).returning(_B.id), row).scalar_one())
    else:
        number = known.id
        _take_up_again(connection, known, request, now)
    add_parts(connection, number, seeds, 0, now)
    make_hosts_due(connection, number, now)
    return number, known is None


def _asked(request: Request) -> dict[str, Any]:
    wanted = request.wanted
    return {
        "source": request.source,
        "places": list(request.places),
        "since": wanted.since,
        "until": wanted.until,
        "hosts": list(wanted.hosts),
        "paths": list(wanted.paths),
        "languages": list(wanted.languages),
        "sample": request.sample,
    }


def _running(now: datetime) -> dict[str, Any]:
    return {"state": BackfillState.RUNNING, "resumed_at": now, "ended_at": None}


def _take_up_again(connection: Connection, known: Row[Any], request: Request, now: datetime) -> None:
    values = _running(now)
    if known.state == BackfillState.DONE:
        has_moved = (known.since, known.until) != (_second(request.wanted.since), _second(request.wanted.until))
        values |= {"since": request.wanted.since, "until": request.wanted.until}
        again: dict[str, Any] = {
            "state": PartState.WAITING,
            "due_at": case((_P.host.is_not(None), _NOW)),
            "attempts": 0,
        }
        if has_moved:
            again |= {"position": None, "etag": None, "last_modified": None, "done_at": None}
            again |= {"records": 0, "left_out": {}, "broken": [], "read_bytes": 0}
        # What a part lists below it is looked at when that part has been: most have not changed.
        which = _P.backfill_id == known.id
        if not has_moved:
            which &= (_P.depth == 0) & _P.host.is_not(None)
        connection.execute(update(backfill_parts).where(which).values(**again), {"now": now})
    connection.execute(update(backfills).where(_B.id == known.id).values(**values))


def _second(moment: datetime | None) -> datetime | None:
    return moment.replace(microsecond=0) if moment else None


def add_parts(
    connection: Connection, backfill_id: int, seeds: Sequence[Seed], depth: int, now: datetime, *, again: bool = False
) -> None:
    """Look in these, too. What is known is looked at again only where what lists it says that it has changed.

    `again`: also otherwise, if that was before the backfill was last asked for.
    """
    rows: list[dict[str, Any]] = [
        {
            "backfill_id": backfill_id,
            "part_key": seed.key,
            "kind": seed.kind,
            "place": seed.place,
            "host": seed.host,
            "depth": depth,
            "fallbacks": list(seed.fallbacks),
            "is_guess": seed.is_guess,
            "trail": seed.trail,
            "modified_at": seed.modified_at,
            "size": seed.size,
            "state": PartState.WAITING,
            "left_out": {},
            "broken": [],
            "due_at": now if seed.host is not None else None,
        }
        for seed in {seed.key: seed for seed in seeds}.values()
    ]
    # Read before, for a subquery in ON CONFLICT sees no row of the table that is written to.
    resumed_at = connection.scalar(select(_B.resumed_at).where(_B.id == backfill_id))
    for start in range(0, len(rows), PORTION):
        portion = [row | {"resumed": resumed_at} for row in rows[start : start + PORTION]]
        connection.execute(_add_part(connection.dialect.name, again), portion)
    hosts.make_due(connection, {row["host"] for row in rows if row["host"] is not None}, now)


@cache
def _add_part(dialect: str, again: bool) -> Any:
    statement = insert_into(dialect, backfill_parts)
    stated = statement.excluded
    grown = and_(stated.size.is_not(None), or_(_P.size.is_(None), stated.size != _P.size))
    is_of_before = _P.done_at < bindparam("resumed", type_=Utc)
    # A sitemap without a lastmod is asked whether it has changed.
    undated = and_(stated.modified_at.is_(None), _P.kind == SITEMAP, is_of_before)
    return statement.on_conflict_do_update(
        index_elements=["backfill_id", "part_key"],
        set_={
            "state": PartState.WAITING,
            "due_at": stated.due_at,
            "modified_at": stated.modified_at,
            "size": stated.size,
            "trail": stated.trail,
            "attempts": 0,
        },
        where=and_(
            _P.state == PartState.DONE,
            or_(stated.modified_at > _P.done_at, grown, undated, and_(literal(again), is_of_before)),
        ),
    )


def make_hosts_due(connection: Connection, backfill_id: int, now: datetime) -> None:
    """Have the hosts visited that a backfill has something to do on."""
    hosts.make_due(connection, [name for name, _ in load_hosts(connection, backfill_id)], now)


def cancel(connection: Connection, backfill_id: int, now: datetime) -> bool:
    """Stop working on it; what it brought stays. False where it was not running."""
    ended = update(backfills).where(_B.id == backfill_id, _RUNNING)
    return bool(connection.execute(ended.values(state=BackfillState.CANCELLED, ended_at=now)).rowcount)


def resume(connection: Connection, backfill_id: int, now: datetime) -> bool:
    """Work on it again. What failed is tried again. False where there is none of that number."""
    if not connection.execute(update(backfills).where(_B.id == backfill_id).values(**_running(now))).rowcount:
        return False
    failed = update(backfill_parts).where(_P.backfill_id == backfill_id, _P.state == PartState.FAILED)
    again = {"state": PartState.WAITING, "attempts": 0, "due_at": case((_P.host.is_not(None), _NOW))}
    connection.execute(failed.values(**again), {"now": now})
    waiting = update(entry_rows).where(_E.backfill_id == backfill_id, _E.later_at > now)
    connection.execute(waiting.values(later_at=now))
    make_hosts_due(connection, backfill_id, now)
    return True


# --- finding --------------------------------------------------------------------------------------------------------


def load(connection: Connection, backfill_id: int) -> Backfill | None:
    row = connection.execute(select(backfills).where(_B.id == backfill_id)).one_or_none()
    return _backfill(row) if row else None


def find(connection: Connection, request: Request) -> int | None:
    """The number of the backfill that asked for the same."""
    return connection.scalar(select(_B.id).where(_B.request_key == request.key))


def load_running(connection: Connection) -> list[int]:
    """The numbers of those that run."""
    return list(connection.scalars(select(_B.id).where(_RUNNING).order_by(_B.id)))


def load_ends(connection: Connection, places: Sequence[str]) -> dict[str, datetime | None]:
    """When the last of the backfills ended that read these lists; None where one runs. Without those of no backfill."""
    rows = connection.execute(
        select(_P.place, _B.ended_at).join(backfills, _B.id == _P.backfill_id).where(_P.place.in_(places))
    )
    ends: dict[str, list[datetime | None]] = {}
    for row in rows:
        ends.setdefault(row.place, []).append(row.ended_at)
    return {place: None if None in each else max(at for at in each if at) for place, each in ends.items()}


def load_unread_files(connection: Connection, backfill_id: int) -> list[str]:
    """The files that a backfill has not read to their ends, of those that it was given."""
    unread = (_P.backfill_id == backfill_id, _P.host.is_(None), _P.state == PartState.WAITING, _P.kind != "remote")
    return list(connection.scalars(select(_P.place).where(*unread).order_by(_P.id)))


def load_all(connection: Connection) -> list[Backfill]:
    """All, the newest first."""
    return [_backfill(row) for row in connection.execute(select(backfills).order_by(_B.id.desc()))]


def _backfill(row: Row[Any]) -> Backfill:
    return Backfill(
        id=row.id,
        source=Source(row.source),
        places=tuple(row.places),
        wanted=_wanted(row),
        sample=row.sample,
        state=BackfillState(row.state),
        created_at=row.created_at,
        resumed_at=row.resumed_at,
        ended_at=row.ended_at,
    )


def _wanted(row: Row[Any]) -> Wanted:
    return Wanted(row.since, row.until, tuple(row.hosts), tuple(row.paths), tuple(row.languages))


def load_wanted(connection: Connection, backfill_id: int) -> Wanted | None:
    """What a backfill asks for; None where it is gone."""
    found = load(connection, backfill_id)
    return found.wanted if found else None


_ASKED = (_B.since, _B.until, _B.hosts, _B.paths, _B.languages, _B.sample)
_PARTS = select(*(c for c in _P if c.name != "host"), _P.host.label("visited"), *_ASKED).join(
    backfills, _B.id == _P.backfill_id
)


def _part(row: Any) -> Part:
    return Part(
        id=row.id,
        backfill_id=row.backfill_id,
        kind=row.kind,
        place=row.place,
        host=row.visited,
        depth=row.depth,
        wanted=_wanted(row),
        sample=row.sample,
        fallbacks=tuple(row.fallbacks),
        is_guess=row.is_guess,
        trail=row.trail,
        modified_at=row.modified_at,
        position=row.position,
        size=row.size,
        validators=Validators(row.etag, row.last_modified),
        attempts=row.attempts,
        done_at=row.done_at,
    )


def _those(only: int | None) -> ColumnElement[bool]:
    """The running backfills, or one of them."""
    return _RUNNING if only is None else and_(_RUNNING, _B.id == only)


def load_next(connection: Connection, host: str, now: datetime, only: int | None = None) -> Part | Entry | None:
    """What is to be done on a host for the backfills that run, or for one of them; None where nothing is due."""
    first = connection.execute(_NEXT[only is None], {"host": host, "now": now, "only": only}).first()
    if first is None:
        return None
    if first.what == "part":
        return _part(connection.execute(_PARTS.where(_P.id == first.id)).one())
    return entries.known(connection.execute(select(entry_rows).where(_E.id == first.id)).one())


def _next_statement(of_all: bool) -> Any:
    which = _RUNNING if of_all else and_(_RUNNING, _B.id == bindparam("only"))
    host: BindParameter[str] = bindparam("host")
    parts = (
        select(literal("part").label("what"), _P.id.label("id"), _P.due_at.label("at"))
        .join(backfills, _B.id == _P.backfill_id)
        .where(which, _P.host == host, _P.due_at <= _NOW)
        .order_by(_P.due_at, _P.id)
        .limit(1)
        .subquery()
    )
    pages = (
        select(literal("entry").label("what"), _E.id.label("id"), _E.later_at.label("at"))
        .join(backfills, _B.id == _E.backfill_id)
        .where(which, _E.host == host, _E.later_at <= _NOW)
        .order_by(_E.later_at, _E.id)
        .limit(1)
        .subquery()
    )
    both = union_all(select(parts), select(pages)).subquery()
    return select(both.c.what, both.c.id).order_by(both.c.at).limit(1)


_NEXT = {of_all: _next_statement(of_all) for of_all in (True, False)}


def load_file(connection: Connection, only: int | None, but_not: Sequence[int]) -> Part | None:
    """The next file to look in, for the backfills that run, or for one of them."""
    query = _PARTS.where(_those(only), _P.host.is_(None), _P.state == PartState.WAITING, _P.id.not_in(but_not))
    row = connection.execute(query.order_by(_P.backfill_id, _P.id).limit(1)).first()
    return _part(row) if row else None


def share_of_sample(connection: Connection, part: Part) -> int:
    """How many articles a file gives to a sample: as many as the others do."""
    if part.sample is None:
        raise ValueError("no sample is wanted")
    files = select(_P.id).where(_P.backfill_id == part.backfill_id, _P.kind.in_(FILES)).order_by(_P.id)
    numbers = list(connection.scalars(files))
    return part.sample // len(numbers) + (numbers.index(part.id) < part.sample % len(numbers))


def load_hosts(connection: Connection, backfill_id: int) -> list[tuple[str, datetime]]:
    """The hosts that a backfill has something to do on, with when the first of it is due."""
    found: dict[str, datetime] = {}
    parts = select(_P.host, func.min(_P.due_at)).where(_P.backfill_id == backfill_id, _P.due_at.is_not(None))
    for host, at in connection.execute(parts.group_by(_P.host)):
        found[host] = at
    for host, at in _hosts_of_entries(connection, backfill_id):
        found[host] = min(at, found.get(host, at))
    return sorted(found.items(), key=lambda each: each[1])


def load_due_hosts(connection: Connection, backfill_id: int, now: datetime, limit: int) -> list[str]:
    """The hosts to visit now for one backfill, longest due first: not resting, not being visited."""
    due = [name for name, at in load_hosts(connection, backfill_id) if at <= now]
    free: list[str] = []
    for start in range(0, len(due), PORTION):
        free += hosts.load_free(connection, due[start : start + PORTION], now)
        if len(free) >= limit:
            break
    return free[:limit]


def has_untried(connection: Connection, backfill_id: int) -> bool:
    """Whether anything waits that was never asked for."""
    entry = select(_E.id).where(_E.backfill_id == backfill_id, _E.later_at.is_not(None), _E.attempts == 0).limit(1)
    part = select(_P.id).where(_P.backfill_id == backfill_id, _P.due_at.is_not(None), _P.attempts == 0).limit(1)
    return any(connection.scalar(query) is not None for query in (part, entry))


def next_moment(connection: Connection, backfill_id: int) -> datetime | None:
    """When something of a backfill can be done next: due, and its host not at rest. None: there is nothing to do."""
    due = load_hosts(connection, backfill_id)
    resting: dict[str, datetime] = {}
    for start in range(0, len(due), PORTION):
        resting |= hosts.load_resting(connection, [name for name, _ in due[start : start + PORTION]])
    return min((max(at, resting.get(name, at)) for name, at in due), default=None)


def _hosts_of_entries(connection: Connection, backfill_id: int) -> Iterator[tuple[str, datetime]]:
    """From one host to the next in the index: there may be a million entries on a handful of hosts."""
    last = ""
    while True:
        row = connection.execute(_NEXT_HOST, {"backfill": backfill_id, "last": last}).first()
        if row is None:
            return
        last = row.host
        yield row.host, row.later_at


_NEXT_HOST = (
    select(_E.host, _E.later_at)
    .where(_E.backfill_id == bindparam("backfill"), _E.later_at.is_not(None), _E.host > bindparam("last"))
    .order_by(_E.host, _E.later_at)
    .limit(1)
)
