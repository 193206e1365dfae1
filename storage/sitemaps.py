"""The sitemaps of an index as feeds: polled while they are worth it, paused while they are not, and resumed.

They are ours alone while `feeds.source` is "index" and whoever paused them was an index, which its detail tells: what
the operator added, paused or resumed himself is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, bindparam, or_, select, update

from ingest.model import FeedState, ListedSitemap, PollOutcome, Reason
from ingest.sitemaps import MAX_DEPTH, SITEMAP_INDEX
from ingest.urls import host_of, url_key
from storage import hosts
from storage.tables import feed_moves, feeds
from storage.upsert import insert_new

SOURCE = "index"
UNLISTED = "no longer listed by its index"
QUIET = "nothing new in it since"
CROWDED = "its index lists newer ones"
WITHOUT_INDEX = "its index is paused"
_OURS = (UNLISTED, QUIET, CROWDED, WITHOUT_INDEX)
TOO_DEEP = "an index within an index within an index: its sitemaps are not polled"


def record_children(connection: Connection, outcome: PollOutcome) -> None:
    """Make the wanted sitemaps of an index the ones we poll. Doing it twice changes nothing."""
    index = connection.execute(_FEED, {"feed": outcome.feed.id}).one()
    if index.state == FeedState.PAUSED:  # while it was polled
        return
    above = [index.id, *_above(connection, index.parent_id)]
    wanted = {url_key(each.url): each for each in outcome.wanted}
    if len(above) > MAX_DEPTH and wanted:
        connection.execute(_SET, {"feed": index.id, "detail": TOO_DEEP})
        wanted = {}
    there = _there(connection, list(wanted))
    rows = {row.id: row for row in connection.execute(_CHILDREN, {"index": index.id})}
    rows |= {row.id: row for row in there.values() if _may_take(row, above)}
    named = {row.id: wanted[key] for key, row in there.items()}
    due = []
    for row in rows.values():
        child = named.get(row.id)
        values = _unwanted(row, outcome) if child is None else _wanted(row, child, index, outcome.at)
        if values:
            connection.execute(_SET, {"feed": row.id, **values})
        if values.get("due_at"):
            due.append(row.host)
        if "state" in values and row.kind == SITEMAP_INDEX:
            if child is None:
                pause_children(connection, row.id)
            else:
                resume_children(connection, row.id, outcome.at)
    new = [_row(each, index, outcome.at) for key, each in wanted.items() if key not in there]
    if new:
        connection.execute(insert_new(connection, feeds, "url_key"), new)
    hosts.make_due(connection, due + [row["host"] for row in new], outcome.at)


# Not all: a feed may have half a megabyte of item hashes.
_COLUMNS = [
    feeds.c[name]
    for name in (
        "id", "url", "url_key", "host", "tags", "source", "parent_id", "kind", "state", "detail", "failures",
        "polled_at", "due_at",
    )
]  # fmt: skip
_FEED = select(*_COLUMNS).where(feeds.c.id == bindparam("feed"))
_SET = update(feeds).where(feeds.c.id == bindparam("feed"))
_CHILDREN = select(*_COLUMNS).where(feeds.c.parent_id == bindparam("index"), feeds.c.source == SOURCE)


def _above(connection: Connection, parent_id: int | None) -> Iterator[int]:
    """The indexes over a feed, as far up as matters."""
    for _ in range(MAX_DEPTH):
        if parent_id is None:
            return
        yield parent_id
        parent_id = connection.scalar(_PARENT, {"feed": parent_id})


_PARENT = select(feeds.c.parent_id).where(feeds.c.id == bindparam("feed"))


def _there(connection: Connection, keys: Sequence[int]) -> dict[int, Row[Any]]:
    """Address key to feed, for the addresses that are polled already, or were before their feed moved."""
    moved = connection.execute(_MOVED, {"keys": keys}).all()
    ids = {row.feed_id: row.from_key for row in moved}
    rows = connection.execute(_THERE, {"keys": keys, "ids": list(ids)}).all()
    return {ids[row.id]: row for row in rows if row.id in ids} | {row.url_key: row for row in rows}


_KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
_MOVED = select(feed_moves.c.feed_id, feed_moves.c.from_key).where(feed_moves.c.from_key.in_(_KEYS))
_THERE = select(*_COLUMNS).where(or_(feeds.c.url_key.in_(_KEYS), feeds.c.id.in_(bindparam("ids", expanding=True))))


def is_paused_by_index(row: Any) -> bool:
    """Whether it was an index that paused the feed, not the operator."""
    return row.source == SOURCE and row.state == FeedState.PAUSED and (row.detail or "").startswith(_OURS)


def _may_take(row: Row[Any], above: Sequence[int]) -> bool:
    """Whether another index has lost it: then it is this one's, unless it stands above."""
    return is_paused_by_index(row) and row.id not in above


def _wanted(row: Row[Any], child: ListedSitemap, index: Row[Any], at: datetime) -> dict[str, Any]:
    """What changes with a sitemap that is worth polling: resumed, or due at once where the index knows of news in it.

    One that fails keeps the patience that it has earned.
    """
    values: dict[str, Any] = {}
    if row.tags != index.tags:
        values["tags"] = index.tags
    if row.parent_id != index.id:
        values["parent_id"] = index.id
    if is_paused_by_index(row):
        values |= {"state": FeedState.ACTIVE, "reason": None, "detail": None, "failures": 0, "failure_weight": 0.0}
        return values | {"due_at": at}
    has_news = child.modified_at is not None and row.polled_at is not None and child.modified_at > row.polled_at
    if has_news and row.state == FeedState.ACTIVE and not row.failures and row.due_at and row.due_at > at:
        values["due_at"] = at
    return values


def _unwanted(row: Row[Any], outcome: PollOutcome) -> Mapping[str, Any]:
    """Paused, with the reason in words."""
    if row.state == FeedState.PAUSED and not is_paused_by_index(row):
        return {}
    listed = next((each for each in outcome.children or () if each.url == row.url), None)
    detail = UNLISTED if listed is None else CROWDED
    if listed and listed.modified_at and listed.modified_at <= (row.polled_at or outcome.at):
        detail = f"{QUIET} {listed.modified_at:%Y-%m-%d}"
    if row.state == FeedState.PAUSED:
        return {"detail": detail}
    return {"state": FeedState.PAUSED, "reason": Reason.PAUSED, "detail": detail, "due_at": None}


def _row(child: ListedSitemap, index: Row[Any], at: datetime) -> dict[str, Any]:
    return {
        "url": child.url,
        "url_key": url_key(child.url),
        "host": host_of(child.url),
        "title": None,
        "tags": index.tags,
        "source": SOURCE,
        "parent_id": index.id,
        "interval_s": None,
        "state": FeedState.ACTIVE,
        "failures": 0,
        "moved_seen": 0,
        "due_at": at,
        "created_at": at,
    }


def pause_children(connection: Connection, index_id: int) -> None:
    """An index was paused: so is what it brought, and what that brought."""
    for row in _ours_below(connection, index_id):
        if row.state != FeedState.PAUSED:
            values = {"state": FeedState.PAUSED, "reason": Reason.PAUSED, "detail": WITHOUT_INDEX, "due_at": None}
            connection.execute(_SET, {"feed": row.id, **values})


def resume_children(connection: Connection, index_id: int, now: datetime) -> None:
    """An index was resumed: so is what was paused with it."""
    rows = [row for row in _ours_below(connection, index_id) if row.detail == WITHOUT_INDEX]
    for row in rows:
        values = {"state": FeedState.ACTIVE, "reason": None, "detail": None, "due_at": now}
        connection.execute(_SET, {"feed": row.id, **values})
    hosts.make_due(connection, [row.host for row in rows], now)


def _ours_below(connection: Connection, index_id: int) -> list[Row[Any]]:
    found: dict[int, Row[Any]] = {}
    last = [index_id]
    for _ in range(MAX_DEPTH + 1):
        rows = [row for index in last for row in connection.execute(_CHILDREN, {"index": index})]
        last = [row.id for row in rows if row.id not in found]
        found |= {row.id: row for row in rows}
    return list(found.values())
