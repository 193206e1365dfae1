"""Hosts: which are due, whose turn it is, which rest, what their robots.txt says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, func, literal, or_, select, union_all, update

from ingest.politeness import Robots
from storage.tables import Utc, entries, feeds, hosts, robots
from storage.upsert import insert_or


@dataclass(frozen=True, slots=True)
class HostState:
    """What politeness needs to know of a host."""

    name: str
    visited_at: datetime | None
    rest_until: datetime | None


def make_due(connection: Connection, names: Iterable[str], at: datetime) -> None:
    """Have `names` visited at `at`, unless they are due sooner."""
    moment = literal(at, Utc())
    for name in sorted(set(names)):
        statement = insert_or(connection, hosts).values(name=name, due_at=at)
        sooner = case((or_(hosts.c.due_at.is_(None), hosts.c.due_at > moment), moment), else_=hosts.c.due_at)
        connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"due_at": sooner}))


def load_due(connection: Connection, now: datetime, limit: int) -> list[str]:
    """Hosts to visit now, longest due first: not resting, not being visited."""
    query = (
        select(hosts.c.name)
        .where(hosts.c.due_at <= now)
        .where(or_(hosts.c.rest_until.is_(None), hosts.c.rest_until <= now))
        .where(or_(hosts.c.turn_until.is_(None), hosts.c.turn_until <= now))
        .order_by(hosts.c.due_at)
        .limit(limit)
    )
    return list(connection.scalars(query))


def take_turn(connection: Connection, name: str, owner: str, now: datetime, until: datetime) -> HostState | None:
    """Take the one turn there is at a host; None when somebody else has it, or it rests."""
    taken = connection.execute(
        update(hosts)
        .where(hosts.c.name == name)
        .where(or_(hosts.c.turn_until.is_(None), hosts.c.turn_until <= now))
        .where(or_(hosts.c.rest_until.is_(None), hosts.c.rest_until <= now))
        .values(turn_owner=owner, turn_until=until)
    )
    if not taken.rowcount:
        return None
    row = connection.execute(select(hosts).where(hosts.c.name == name)).one()
    return HostState(row.name, row.visited_at, row.rest_until)


def end_turn(connection: Connection, name: str, owner: str, visited_at: datetime | None) -> None:
    """Give the turn back and say when the host is due again: when the first of its feeds and entries is."""
    due = union_all(
        select(func.min(feeds.c.due_at).label("at")).where(feeds.c.host == name),
        select(func.min(entries.c.due_at)).where(entries.c.host == name),
    ).subquery()
    values: dict[str, Any] = {
        "turn_owner": None,
        "turn_until": None,
        "due_at": select(func.min(due.c.at)).scalar_subquery(),
    }
    if visited_at is not None:
        values["visited_at"] = _rounded_up(visited_at)
    connection.execute(update(hosts).where(hosts.c.name == name, hosts.c.turn_owner == owner).values(**values))


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
    statement = insert_or(connection, robots).values(origin=origin, host=host, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["origin"], set_=values))
