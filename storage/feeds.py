"""Feeds: adding, finding, pausing them, and recording what a poll brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, delete, insert, select, update

from ingest.model import Feed, FeedState, Move, PollOutcome, PollResult, Reason, Validators
from ingest.urls import host_of, url_key
from ingest.watchfulness import Alert
from storage import alerts, entries, hosts, sitemaps
from storage.tables import Utc, feed_moves, feeds, polls
from storage.upsert import insert_new


@dataclass(frozen=True, slots=True)
class WantedFeed:
    """A feed as somebody asked for it."""

    url: str
    title: str | None = None
    tags: tuple[str, ...] = ()
    interval_s: int | None = None
    source: str = "command"


def add(connection: Connection, wanted: WantedFeed, now: datetime) -> tuple[int, bool]:
    """Poll a URL from now on. Returns its number, and False where it was known already (then nothing changes).

    A feed that has moved is known by the addresses it had before, too.
    """
    return add_many(connection, [wanted], now)[0]


def add_many(connection: Connection, wanted: Sequence[WantedFeed], now: datetime) -> list[tuple[int, bool]]:
    """The same for many, in a few statements. Returns number and novelty of each, in order."""
    keys = [url_key(each.url) for each in wanted]
    known = _find_ids(connection, keys)
    first: dict[int, WantedFeed] = {}
    for key, each in zip(keys, wanted, strict=True):
        if key not in known:
            first.setdefault(key, each)
    if first:
        rows = [_new_row(each, key, now) for key, each in first.items()]
        connection.execute(insert_new(connection, feeds, "url_key"), rows)
        hosts.make_due(connection, {row["host"] for row in rows}, now)
        known |= _find_ids(connection, list(first))
    found = []
    for key in keys:
        found.append((known[key], first.pop(key, None) is not None))
    return found


def _new_row(wanted: WantedFeed, key: int, now: datetime) -> dict[str, Any]:
    return {
        "url": wanted.url,
        "url_key": key,
        "host": host_of(wanted.url),
        "title": wanted.title,
        "tags": list(wanted.tags),
        "source": wanted.source,
        "interval_s": wanted.interval_s,
        "state": FeedState.ACTIVE,
        "failures": 0,
        "moved_seen": 0,
        "due_at": now,
        "created_at": now,
    }


def sync(connection: Connection, wanted: Sequence[WantedFeed], now: datetime) -> None:
    """Make the feeds of the settings the ones we poll: new ones are added, those that left are paused, not removed."""
    found = add_many(connection, [replace(each, source="config") for each in wanted], now)
    asked = {feed_id: each for (feed_id, _), each in zip(found, wanted, strict=True)}
    # All of them in one look: there may be a hundred thousand.
    c = feeds.c
    for row in connection.execute(select(c.id, c.source, c.tags, c.interval_s, c.state, c.detail)).all():
        each = asked.get(row.id)
        if each is None:
            if row.source == "config" and row.state != FeedState.PAUSED:
                pause(connection, row.id, LEFT_SETTINGS)
            continue
        values = {"source": "config", "tags": list(each.tags), "interval_s": each.interval_s}
        if (row.source, row.tags, row.interval_s) != tuple(values.values()):
            connection.execute(update(feeds).where(c.id == row.id).values(**values, parent_id=None))
        left = row.source == "config" and row.state == FeedState.PAUSED and row.detail == LEFT_SETTINGS
        if left or sitemaps.is_paused_by_index(row):
            resume(connection, row.id, now)


LEFT_SETTINGS = "no longer in the settings"


def find(connection: Connection, what: str) -> Row[Any] | None:
    """The feed with this number or address (any spelling, or one it had before)."""
    feed_id = int(what) if what.isdecimal() and len(what) < 19 else _find_id(connection, what)
    return connection.execute(select(feeds).where(feeds.c.id == feed_id)).one_or_none()


def _find_id(connection: Connection, url: str) -> int | None:
    """The feed with this address; else the one that had it last."""
    key = url_key(url)
    return _find_ids(connection, [key]).get(key)


def _find_ids(connection: Connection, keys: Sequence[int]) -> dict[int, int]:
    """Address key to feed: the one with this address, else the one that had it last."""
    found: dict[int, int] = {}
    for start in range(0, len(keys), 500):  # SQLite limits the parameters of a statement
        some = {"keys": keys[start : start + 500]}
        found.update((row.from_key, row.feed_id) for row in connection.execute(_HAD, some))
        found.update((row.url_key, row.id) for row in connection.execute(_HAVE, some))
    return found


_HAD = (
    select(feed_moves.c.from_key, feed_moves.c.feed_id)
    .where(feed_moves.c.from_key.in_(bindparam("keys", expanding=True)))
    .order_by(feed_moves.c.id)
)
_HAVE = select(feeds.c.url_key, feeds.c.id).where(feeds.c.url_key.in_(bindparam("keys", expanding=True)))


def load_all(connection: Connection) -> Sequence[Row[Any]]:
    return connection.execute(select(feeds).order_by(feeds.c.id)).all()


def load_polls(connection: Connection, feed_id: int, limit: int = 20) -> Sequence[Row[Any]]:
    query = select(polls).where(polls.c.feed_id == feed_id).order_by(polls.c.id.desc()).limit(limit)
    return connection.execute(query).all()


def load_due(connection: Connection, host: str, now: datetime, limit: int = 50) -> list[Feed]:
    """The feeds of a host that are to be polled now, longest due first."""
    return [known(row) for row in connection.execute(_DUE, {"host": host, "now": now, "limit": limit})]


_DUE = (
    select(feeds)
    .where(feeds.c.host == bindparam("host"), feeds.c.due_at <= bindparam("now", type_=Utc))
    .order_by(feeds.c.due_at)
    .limit(bindparam("limit"))
)


def known(row: Row[Any]) -> Feed:
    """A row of `feeds` as the type that decisions are made with."""
    values = {f.name: getattr(row, f.name) for f in fields(Feed) if f.name != "validators"}
    values["state"] = FeedState(row.state)
    values["reason"] = Reason(row.reason) if row.reason else None
    return Feed(**values, validators=Validators(row.etag, row.last_modified))


def pause(connection: Connection, feed_id: int, detail: str | None = None) -> None:
    """Stop polling a feed; what it announced stays due."""
    values = {"state": FeedState.PAUSED, "reason": Reason.PAUSED, "detail": detail, "due_at": None}
    connection.execute(update(feeds).where(feeds.c.id == feed_id).values(**values))
    sitemaps.pause_children(connection, feed_id)


def resume(connection: Connection, feed_id: int, now: datetime) -> None:
    """Poll a feed again, beginning now, with its failures forgiven. A sitemap is the operator's from then on."""
    values = {
        "state": FeedState.ACTIVE,
        "reason": None,
        "detail": None,
        "failures": 0,
        "failure_weight": 0.0,
        "distrusted_at": None,
        "due_at": now,
        "source": case((feeds.c.source == sitemaps.SOURCE, "command"), else_=feeds.c.source),
        "parent_id": None,
    }
    host = connection.execute(
        update(feeds).where(feeds.c.id == feed_id).values(**values).returning(feeds.c.host)
    ).scalar_one()
    hosts.make_due(connection, [host], now)
    sitemaps.resume_children(connection, feed_id, now)
    alerts.clear(connection, feed_id, Alert.DISTRUSTED, now)


def remove(connection: Connection, feed_id: int) -> None:
    """Forget a feed, its polls and its entries. Articles stay."""
    connection.execute(delete(feeds).where(feeds.c.id == feed_id))


def has_active(connection: Connection) -> bool:
    """Whether there is anything to poll."""
    return connection.scalar(select(feeds.c.id).where(feeds.c.state == FeedState.ACTIVE).limit(1)) is not None


def make_all_due(connection: Connection, now: datetime) -> int:
    """Have every active feed polled now; a host that asked for rest keeps it. Returns how many there are."""
    active = feeds.c.state == FeedState.ACTIVE
    hosts.make_due(connection, connection.scalars(select(feeds.c.host).where(active).distinct()), now)
    return connection.execute(update(feeds).where(active).values(due_at=now)).rowcount


def record_poll(connection: Connection, outcome: PollOutcome) -> int:
    """Everything that one poll brought, whole. Returns how many entries became due.

    A feed that was removed meanwhile takes its outcome with it.
    """
    state = connection.scalar(_STATE, {"feed": outcome.feed.id})
    if state is None:
        return 0
    values = _feed_values(outcome)
    if outcome.result is PollResult.PUSHED:  # says nothing of the feed's own answer, nor of when to ask again
        values = {name: value for name, value in values.items() if name in ("changed_at", "rhythm")}
    if state == FeedState.PAUSED:  # while we were polling
        values = {name: value for name, value in values.items() if name not in ("state", "reason", "detail", "due_at")}
    if values:
        connection.execute(_UPDATE, {"feed": outcome.feed.id, **values})
    connection.execute(_POLLED, _poll_values(outcome))
    if outcome.rest_until:
        hosts.rest(connection, outcome.feed.host, outcome.rest_until, str(outcome.reason))
    due = entries.record_stated(connection, outcome)
    if outcome.children is not None:
        sitemaps.record_children(connection, outcome)
    _note_alerts(connection, outcome)
    if outcome.move and outcome.move.believed:
        _move(connection, outcome.feed, outcome.move, outcome.at)
    return due


def exists(connection: Connection, feed_id: int) -> bool:
    """Whether the feed is still there."""
    return connection.scalar(_STATE, {"feed": feed_id}) is not None


def _note_alerts(connection: Connection, outcome: PollOutcome) -> None:
    if outcome.new or outcome.changed:
        alerts.clear(connection, outcome.feed.id, Alert.SILENT, outcome.at)
    if outcome.distrusted:
        detail = 'it answers "unchanged" although there are news: it is asked without validators from now on'
        alerts.raise_alert(connection, outcome.feed.id, Alert.DISTRUSTED, detail, outcome.at)


_STATE = select(feeds.c.state).where(feeds.c.id == bindparam("feed"))
_UPDATE = update(feeds).where(feeds.c.id == bindparam("feed"))
_POLLED = insert(polls)
_PARSED = (PollResult.READ, PollResult.SAME_ITEMS)


def _feed_values(outcome: PollOutcome) -> dict[str, Any]:
    values: dict[str, Any] = {
        "state": outcome.state,
        "reason": outcome.reason,
        "detail": outcome.detail,
        "failures": outcome.failures,
        "failure_weight": outcome.failure_weight,
        "due_at": outcome.due_at,
        "cadence_s": outcome.cadence_s,
        "polled_at": outcome.at,
        "etag": outcome.validators.etag,
        "last_modified": outcome.validators.last_modified,
        "body_hash": outcome.body_hash,
        "moved_to": outcome.move.to if outcome.move else None,
        "moved_by": outcome.move.by if outcome.move else None,
        "moved_seen": outcome.move.seen if outcome.move else 0,
        "moved_on": outcome.move.on if outcome.move else None,
    }
    if outcome.result not in (PollResult.FAILED, PollResult.OFFLINE):
        values["succeeded_at"] = outcome.at
    if outcome.result in _PARSED:
        values |= {"items": outcome.items, "item_hashes": outcome.item_hashes}
    if outcome.result in _PARSED or outcome.result is PollResult.SAME_BODY:
        values["full_at"] = outcome.at
    if outcome.rhythm is not None:
        values["rhythm"] = outcome.rhythm
    if outcome.new or outcome.changed:
        values["changed_at"] = outcome.at
    if outcome.distrusted:
        values["distrusted_at"] = outcome.at
    stated = {
        "title": outcome.title,
        "site_url": outcome.site_url,
        "language": outcome.language,
        "kind": outcome.kind,
    }
    return values | {name: value for name, value in stated.items() if value}


def _poll_values(outcome: PollOutcome) -> dict[str, Any]:
    return {
        "feed_id": outcome.feed.id,
        "started_at": outcome.at,
        "seconds": round(outcome.seconds, 4),
        "outcome": outcome.result,
        "reason": outcome.reason,
        "detail": outcome.detail,
        "status": outcome.status,
        "bytes": outcome.wire_bytes,
        "entries_seen": outcome.seen,
        "entries_new": len(outcome.new),
        "entries_changed": len(outcome.changed),
        "gap_possible": outcome.gap_possible,
        "missed": round(outcome.missed, 1),
    }


def _move(connection: Connection, feed: Feed, move: Move, at: datetime) -> None:
    """Follow a feed to its new address; where another feed is there already, this one is paused."""
    there = find(connection, move.to)
    if there is not None and there.id != feed.id:
        pause(connection, feed.id, f"moved to {move.to}, which is feed {there.id}")
        return
    host = host_of(move.to)
    values = {
        "url": move.to,
        "url_key": url_key(move.to),
        "host": host,
        "moved_to": None,
        "moved_by": None,
        "moved_seen": 0,
        "moved_on": None,
    }
    due_at = connection.execute(
        update(feeds).where(feeds.c.id == feed.id).values(**values).returning(feeds.c.due_at)
    ).scalar_one()
    if due_at is not None:  # not paused meanwhile
        hosts.make_due(connection, [host], due_at)
    connection.execute(
        insert(feed_moves).values(
            feed_id=feed.id, from_url=feed.url, from_key=url_key(feed.url), to_url=move.to, moved_at=at
        )
    )


def forget_polls(connection: Connection, before: datetime) -> int:
    """Delete the polls that began before a moment (`retention.polls`)."""
    return connection.execute(delete(polls).where(polls.c.started_at < before)).rowcount


def load_moves(connection: Connection, feed_id: int) -> list[dict[str, Any]]:
    """The addresses a feed has had, the oldest first."""
    query = select(feed_moves.c.from_url, feed_moves.c.to_url, feed_moves.c.moved_at)
    return [dict(row) for row in connection.execute(query.where(feed_moves.c.feed_id == feed_id)).mappings()]
