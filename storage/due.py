"""What is due on a host: one look, in the order in which things became due; further looks at articles come last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, ScalarSelect, Table, bindparam, func, select

from ingest.backfill.request import Part
from ingest.model import Entry, Feed, Recheck
from storage import backfills, entries, feeds, rechecks
from storage import tables as t


def load_next(
    connection: Connection, host: str, now: datetime, only: int | None = None
) -> Feed | Entry | Part | Recheck | None:
    """The feed or entry of a host that has been due for longest; None when nothing is.

    Feeds and entries wait in one line, so that neither starves the other. What backfills want waits for all of them,
    and a further look at an article for that: what is new comes first. `only`: one backfill, and nothing else.
    """
    if only is not None:
        return backfills.load_next(connection, host, now, only)
    feed_at, entry_at = connection.execute(_FIRST, {"host": host, "now": now}).one()
    if feed_at is not None and (entry_at is None or feed_at <= entry_at):
        return next(iter(feeds.load_due(connection, host, now, limit=1)), None)
    if entry_at is not None:
        return entries.load_due(connection, host, now)
    return backfills.load_next(connection, host, now) or rechecks.load_due(connection, host, now)


def _first(table: Table) -> ScalarSelect[datetime | None]:
    is_due = (table.c.host == bindparam("host"), table.c.due_at <= bindparam("now", type_=t.Utc))
    return select(func.min(table.c.due_at)).where(*is_due).scalar_subquery()


_FIRST = select(_first(t.feeds), _first(t.entries))


def count(connection: Connection, now: datetime) -> int:
    """Feeds and entries that are due now, over all hosts."""
    return sum(connection.scalar(counted, {"now": now}) or 0 for counted in _COUNTS)


_COUNTS = tuple(
    select(func.count()).select_from(table).where(table.c.due_at <= bindparam("now", type_=t.Utc))
    for table in (t.feeds, t.entries)
)


def load_witnesses(connection: Connection, but_not: str, limit: int = 8) -> Sequence[str]:
    """Addresses of feeds on other hosts, lately successful ones first: to be asked whether our network works."""
    query = (
        select(func.max(t.feeds.c.url))
        .where(t.feeds.c.host != but_not)
        .group_by(t.feeds.c.host)
        .order_by(func.max(t.feeds.c.succeeded_at).desc().nulls_last())
        .limit(limit)
    )
    return connection.scalars(query).all()
