"""Hosts: which are due, whose turn it is, which rest, what their robots.txt says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, func, or_, select, union_all, update

from ingest.politeness import Robots
from storage.tables import Utc, backfill_parts, backfills, entries, feeds, hosts, rechecks, robots
from storage.upsert import insert_into, insert_or_update

_NOW = bindparam("now", type_=Utc)
_HOST = hosts.c.name == bindparam("host")
_IS_AWAKE = or_(hosts.c.rest_until.is_(None), hosts.c.rest_until <= _NOW)
_IS_FREE = or_(hosts.c.turn_until.is_(None), hosts.c.turn_until <= _NOW)


@dataclass(frozen=True, slots=True)
class HostState:
    """What politeness needs to know of a host."""

    name: str
    visited_at: datetime | None
    rest_until: datetime | None


def make_due(connection: Connection, names: Iterable[str], at: datetime) -> None:
    """Have `names` visited at `at`, unless they are due sooner."""
    rows = [{"name": name, "due_at": at} for name in sorted(set(names))]
    if rows:
        connection.execute(_make_due(connection.dialect.name), rows)


@cache
def _make_due(dialect: str) -> Any:
    statement = insert_into(dialect, hosts)
    stated = statement.excluded.due_at
    sooner = case((or_(hosts.c.due_at.is_(None), hosts.c.due_at > stated), stated), else_=hosts.c.due_at)
    return statement.on_conflict_do_update(index_elements=["name"], set_={"due_at": sooner})


def load_due(connection: Connection, now: datetime, limit: int) -> list[str]:
    """Hosts to visit now, longest due first: not resting, not being visited."""
    return list(connection.scalars(_DUE, {"now": now, "limit": limit}))


_DUE = (
    select(hosts.c.name)
    .where(hosts.c.due_at <= _NOW, _IS_AWAKE, _IS_FREE)
    .order_by(hosts.c.due_at)
    .limit(bindparam("limit"))
)


def load_free(connection: Connection, names: Sequence[str], now: datetime) -> list[str]:
    """Those of `names`, in order, that may be visited now: not resting, not being visited."""
    busy = select(hosts.c.name).where(hosts.c.name.in_(names), ~and_(_IS_AWAKE, _IS_FREE))
    taken = set(connection.scalars(busy, {"now": now}))
    return [name for name in names if name not in taken]


def load_resting(connection: Connection, names: Sequence[str]) -> dict[str, datetime]:
    """Until when those of `names` rest that have asked for it."""
    query = select(hosts.c.name, hosts.c.rest_until).where(hosts.c.name.in_(names), hosts.c.rest_until.is_not(None))
    return {row.name: row.rest_until for row in connection.execute(query)}


def take_turn(connection: Connection, name: str, owner: str, now: datetime, until: datetime) -> HostState | None:
    """Take the one turn there is at a host; None when somebody else has it, or it rests."""
    turn = {"host": name, "now": now, "turn_owner": owner, "turn_until": until}
    row = connection.execute(_TAKE_TURN, turn).one_or_none()
    return HostState(*row) if row else None


_TAKE_TURN = (
    update(hosts).where(_HOST, _IS_AWAKE, _IS_FREE).returning(hosts.c.name, hosts.c.visited_at, hosts.c.rest_until)
)


def end_turn(connection: Connection, name: str, owner: str, visited_at: datetime | None) -> None:
    """Give the turn back and say when the host is due again: when the first of what there is to do is.

    Where something was left over, that is not before this visit: hosts that wait for theirs come first.
    """
    visited = None if visited_at is None else _rounded_up(visited_at)
    connection.execute(_END_TURN, {"host": name, "owner": owner, "visited": visited, "served": visited_at})


_IS_RUNNING = backfills.c.state == "running"
_FIRST_RECHECK = func.min(rechecks.c.due_at)
_ALLOWED = hosts.alias("allowed")
_RECHECK_AT = select(_ALLOWED.c.recheck_at).where(_ALLOWED.c.name == bindparam("host")).scalar_subquery()
_FIRST_DUE = union_all(
    select(func.min(feeds.c.due_at).label("at")).where(feeds.c.host == bindparam("host")),
    select(func.min(entries.c.due_at)).where(entries.c.host == bindparam("host")),
    # Not before the budget allows it.
    select(case((_RECHECK_AT > _FIRST_RECHECK, _RECHECK_AT), else_=_FIRST_RECHECK)).where(
        rechecks.c.host == bindparam("host")
    ),
    select(func.min(entries.c.later_at))
    .join(backfills, backfills.c.id == entries.c.backfill_id)
    .where(_IS_RUNNING, entries.c.host == bindparam("host"), entries.c.later_at.is_not(None)),
    select(func.min(backfill_parts.c.due_at))
    .join(backfills, backfills.c.id == backfill_parts.c.backfill_id)
    .where(_IS_RUNNING, backfill_parts.c.host == bindparam("host"), backfill_parts.c.due_at.is_not(None)),
).subquery()
_FIRST = select(func.min(_FIRST_DUE.c.at)).scalar_subquery()
_END_TURN = (
    update(hosts)
    .where(_HOST, hosts.c.turn_owner == bindparam("owner"))
    .values(
        turn_owner=None,
        turn_until=None,
        visited_at=func.coalesce(bindparam("visited", type_=Utc), hosts.c.visited_at),
        due_at=case(
            (bindparam("served", type_=Utc) > _FIRST, bindparam("served", type_=Utc)),  # to the second it was
            else_=_FIRST,
        ),
    )
)


def clear_turns(connection: Connection) -> int:
    """Take back every turn: for the owner of the database, when it starts. Returns how many were left over."""
    return connection.execute(
        update(hosts).where(hosts.c.turn_owner.is_not(None)).values(turn_owner=None, turn_until=None)
    ).rowcount


def rest(connection: Connection, name: str, until: datetime, reason: str) -> None:
    """Leave a host alone until then."""
    connection.execute(
        update(hosts).where(hosts.c.name == name).values(rest_until=_rounded_up(until), rest_reason=reason)
    )


def _rounded_up(moment: datetime) -> datetime:
    """The store keeps whole seconds: a wait may get longer by that, never shorter."""
    return moment if moment.microsecond == 0 else moment.replace(microsecond=0) + timedelta(seconds=1)


def load_robots(connection: Connection, origin: str) -> Robots | None:
    """What an origin said of robots, last time it was asked."""
    row = connection.execute(select(robots).where(robots.c.origin == origin)).one_or_none()
    return Robots(row.status, row.rules, row.fetched_at, row.unreachable_since) if row else None


def record_robots(connection: Connection, origin: str, host: str, said: Robots) -> None:
    values = {
        "status": said.status,
        "rules": said.text,
        "fetched_at": said.fetched_at,
        "unreachable_since": said.unreachable_since,
    }
    statement = insert_or_update(connection, robots, "origin", values)
    connection.execute(statement, {"origin": origin, "host": host, **values})
