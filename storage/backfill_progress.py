"""How far a backfill got: counts of its parts and entries, and what could not be had."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, select

from ingest.backfill.request import PartState
from ingest.model import EntryState
from storage.backfills import load_hosts
from storage.tables import articles as article_rows
from storage.tables import backfill_parts
from storage.tables import entries as entry_rows

_P, _E = backfill_parts.c, entry_rows.c


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backfill got. `reasons`: of what could not be had. `soonest`: when the next thing is due."""

    parts: int
    parts_done: int
    parts_failed: int
    bytes_read: int  # of the files
    bytes_total: int
    found: int  # entries
    waiting: int
    stored: int  # with an article of their own or one that was there
    copies: int  # of those: copies of others
    reasons: Mapping[str, int]
    left_out: Mapping[str, int]
    broken: int
    hosts: Mapping[str, int]  # entries that wait, by host
    soonest: datetime | None
    put_off: Mapping[str, int]  # documents and entries that wait because they could not be had, by reason

    @property
    def parts_waiting(self) -> int:
        return self.parts - self.parts_done - self.parts_failed

    @property
    def failed(self) -> int:
        return sum(self.reasons.values())


def load_progress(connection: Connection, backfill_id: int) -> Progress:
    """How far it got. Reads all its entries: a million take about a second."""
    parts = list(connection.execute(_PART_COUNTS, {"backfill": backfill_id}))
    left_out: Counter[str] = Counter()
    broken = 0
    for row in connection.execute(_LEFT_OUT, {"backfill": backfill_id}):
        left_out.update(row.left_out)
        broken += len(row.broken)
    states: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    put_off = Counter({row.reason: row.how_many for row in connection.execute(_PUT_OFF, {"backfill": backfill_id})})
    for row in connection.execute(_STATES, {"backfill": backfill_id}):
        states[row.state] += row.how_many
        if row.state == EntryState.FAILED:
            reasons[row.reason or "unknown"] += row.how_many
        elif row.reason:
            put_off[row.reason] += row.how_many
    hosts_waiting = {row.host: row.how_many for row in connection.execute(_WAITING, {"backfill": backfill_id})}
    by_state = {row.state: row for row in parts}
    due = load_hosts(connection, backfill_id)
    return Progress(
        parts=sum(row.how_many for row in parts),
        parts_done=by_state[PartState.DONE].how_many if PartState.DONE in by_state else 0,
        parts_failed=by_state[PartState.FAILED].how_many if PartState.FAILED in by_state else 0,
        bytes_read=sum(row.read or 0 for row in parts),
        bytes_total=sum(row.size or 0 for row in parts),
        found=states.total(),
        waiting=states[EntryState.WAITING],
        stored=states[EntryState.STORED],
        copies=connection.scalar(_COPIES, {"backfill": backfill_id}) or 0,
        reasons=dict(reasons.most_common()),
        left_out=dict(left_out.most_common()),
        broken=broken + left_out.get("broken, not listed", 0),
        hosts=hosts_waiting,
        soonest=due[0][1] if due else None,
        put_off=dict(put_off.most_common()),
    )


_MINE = _E.backfill_id == bindparam("backfill")
_PART_COUNTS = (
    select(
        _P.state, func.count().label("how_many"), func.sum(_P.size).label("size"), func.sum(_P.read_bytes).label("read")
    )
    .where(_P.backfill_id == bindparam("backfill"))
    .group_by(_P.state)
)
_LEFT_OUT = select(_P.left_out, _P.broken).where(_P.backfill_id == bindparam("backfill"))
_PUT_OFF = (
    select(_P.reason, func.count().label("how_many"))
    .where(_P.backfill_id == bindparam("backfill"), _P.state == PartState.WAITING, _P.reason.is_not(None))
    .group_by(_P.reason)
)
_WHY = case((_E.state != EntryState.STORED, _E.reason))
_STATES = select(_E.state, _WHY.label("reason"), func.count().label("how_many")).where(_MINE).group_by(_E.state, _WHY)
_WAITING = select(_E.host, func.count().label("how_many")).where(_MINE, _E.later_at.is_not(None)).group_by(_E.host)
_COPIES = (
    select(func.count())
    .select_from(entry_rows)
    .join(article_rows, article_rows.c.id == _E.article_id)
    .where(_MINE, article_rows.c.canonical_id.is_not(None))
)


def load_failed(connection: Connection, backfill_id: int) -> Iterator[Any]:
    """What could not be had: url, title, published_at, reason, detail."""
    published = case((_E.published_stated, _E.published_at)).label("published_at")
    query = select(_E.url, _E.title, published, _E.reason, _E.detail).where(
        _E.backfill_id == backfill_id, _E.state == EntryState.FAILED
    )
    yield from connection.execute(query.order_by(_E.id))


def load_parts(connection: Connection, backfill_id: int, limit: int) -> list[dict[str, Any]]:
    """The parts of a backfill for people, those that failed or are broken first."""
    columns = (
        _P.kind, _P.place, _P.state, _P.position, _P.records, _P.found, _P.left_out, _P.broken, _P.reason, _P.detail,
        _P.due_at,
    )  # fmt: skip
    worst = case((_P.state == PartState.FAILED, 0), (_P.state == PartState.WAITING, 1), else_=2)
    rows = connection.execute(select(*columns).where(_P.backfill_id == backfill_id).order_by(worst, _P.id).limit(limit))
    return [dict(row) for row in rows.mappings()]


def count_found(connection: Connection, backfill_id: int) -> dict[str, int]:
    """Addresses that were found, by host, most first."""
    query = select(_E.host, func.count().label("how_many")).where(_E.backfill_id == backfill_id).group_by(_E.host)
    rows = connection.execute(query.order_by(func.count().desc(), _E.host))
    return {row.host or "": row.how_many for row in rows}
