"""Questions about the whole store: counts, ages, failures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, func, literal_column, select, text

from ingest.model import EntryState, FeedState
from storage.tables import Utc, articles, entries, feeds, hosts, polls


def counts(connection: Connection, now: datetime, day_ago: datetime) -> dict[str, dict[str, Any]]:
    """How much there is of everything, and how much of it is due."""
    return {
        "feeds": _one(
            connection,
            feeds,
            **{state.value: feeds.c.state == state for state in FeedState},
            failing=feeds.c.failures > 0,
            due=feeds.c.due_at <= now,
        ),
        "entries": _one(
            connection,
            entries,
            **{state.value: entries.c.state == state for state in EntryState},
            due=entries.c.due_at <= now,
        )
        | {"oldest_due_at": connection.scalar(select(func.min(entries.c.due_at)).where(entries.c.due_at <= now))},
        "articles": _one(
            connection,
            articles,
            last_day=articles.c.first_seen_at > day_ago,
            copies=articles.c.canonical_id.is_not(None),
            revised=articles.c.revision_count > 1,
        )
        | {"newest_at": connection.scalar(select(func.max(articles.c.first_seen_at)))},
        "hosts": _one(connection, hosts, resting=hosts.c.rest_until > now),
    }


def _one(connection: Connection, table: Any, **conditions: Any) -> dict[str, Any]:
    """Rows in all, and rows for which each condition holds, in one scan."""
    columns = [func.count(case((condition, 1))).label(name) for name, condition in conditions.items()]
    row = connection.execute(select(func.count().label("total"), *columns).select_from(table)).one()
    return dict(row._mapping)


def failures(connection: Connection) -> list[dict[str, Any]]:
    """What could not be had, by kind and reason: how many, on how many hosts, when the first is tried again."""
    query = """
        select what, reason, state, count(*) as count, count(distinct host) as hosts, max(attempts) as attempts,
               min(next_try_at) as next_try_at, min(url) as example
        from v_failures group by what, reason, state order by what desc, count(*) desc, reason, state"""
    return [dict(row) for row in connection.execute(text(query).columns(next_try_at=Utc)).mappings()]


def resting(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """Feeds that failed for so long that they are only probed, the latest first."""
    c = feeds.c
    query = select(c.id, c.url, c.reason, c.detail, c.failures, c.succeeded_at, c.due_at)
    rows = connection.execute(query.where(c.state == FeedState.RESTING).order_by(c.polled_at.desc(), c.id).limit(limit))
    return [dict(row) for row in rows.mappings()]


def gaps(connection: Connection, since: datetime) -> list[dict[str, Any]]:
    """The feeds that may have missed something since a moment, with an estimate of how many items; most first."""
    query = (
        select(
            feeds.c.id.label("feed_id"),
            feeds.c.url,
            func.count().label("gaps_possible"),
            func.sum(polls.c.missed).label("missed"),
            func.max(polls.c.started_at).label("last_at"),
        )
        .join_from(polls, feeds)
        # Written so that the small index of gaps is taken and not the one of moments, which most polls fall into.
        .where(literal_column("polls.gap_possible"), func.coalesce(polls.c.started_at, polls.c.started_at) >= since)
        .group_by(feeds.c.id, feeds.c.url)
        .order_by(func.sum(polls.c.missed).desc(), feeds.c.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def volume(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """The hosts with most articles."""
    query = (
        select(articles.c.host, func.count().label("articles"), func.sum(articles.c.word_count).label("words"))
        .group_by(articles.c.host)
        .order_by(func.count().desc(), articles.c.host)
        .limit(limit)
    )
    return [dict(row) for row in connection.execute(query).mappings()]
