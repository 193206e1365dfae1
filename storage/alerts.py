"""What looks wrong with a feed although it answers: raised once, cleared when all is well again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from ingest.model import FeedState
from ingest.watchfulness import Alert, Lengths
from storage.tables import Utc, alerts, feeds
from storage.upsert import insert_into


def raise_alert(connection: Connection, feed_id: int, kind: Alert, detail: str, at: datetime) -> bool:
    """Raise an alert, unless the same one stands already. Returns whether it is new."""
    row = {"feed_id": feed_id, "kind": kind, "detail": detail, "raised_at": at}
    statement = insert_into(connection.dialect.name, alerts).on_conflict_do_nothing().returning(alerts.c.id)
    return connection.scalar(statement, row) is not None


def clear(connection: Connection, feed_id: int, kind: Alert, at: datetime) -> None:
    """All is well again, if it was not."""
    connection.execute(_CLEAR, {"feed": feed_id, "of_kind": kind, "at": at})


_CLEAR = (
    update(alerts)
    .where(alerts.c.feed_id == bindparam("feed"), alerts.c.kind == bindparam("of_kind"), alerts.c.cleared_at.is_(None))
    .values(cleared_at=bindparam("at", type_=Utc))
)


def note_length(connection: Connection, feed_id: int, words: int, at: datetime) -> None:
    """A new article of a feed has so many words: when they get far fewer than usual, somebody should look."""
    row = connection.execute(_LENGTHS, {"feed": feed_id}).one_or_none()
    if row is None:
        return
    before = Lengths(*row)
    after = before.after(words)
    values = {"words_usual": after.usual, "words_lately": after.lately, "articles_read": after.articles}
    connection.execute(_NOTE, {"feed": feed_id, **values})
    if after.are_short:
        raise_alert(connection, feed_id, Alert.SHORT_ARTICLES, str(after), at)
    elif after.are_short is False and before.are_short is not False:
        clear(connection, feed_id, Alert.SHORT_ARTICLES, at)


_LENGTHS = select(feeds.c.words_usual, feeds.c.words_lately, feeds.c.articles_read).where(
    feeds.c.id == bindparam("feed")
)
_NOTE = update(feeds).where(feeds.c.id == bindparam("feed"))


def load_quiet(connection: Connection, before: datetime, after_id: int, limit: int) -> Sequence[Row[Any, Any, Any]]:
    """Active feeds that answer and have brought nothing since a moment, with their rhythm; not those under alert.

    In the order of their numbers, which come after `after_id`.
    """
    c = feeds.c
    standing = select(alerts.c.feed_id).where(alerts.c.kind == Alert.SILENT, alerts.c.cleared_at.is_(None))
    query = (
        select(c.id, c.changed_at, c.rhythm)
        .where(c.id > after_id, c.state == FeedState.ACTIVE, c.failures == 0, c.changed_at < before)
        .where(c.id.not_in(standing))
        .order_by(c.id)
        .limit(limit)
    )
    return connection.execute(query).all()


def forgive(connection: Connection, before: datetime, now: datetime) -> int:
    """Trust the validators again that were found to lie before a moment: servers get mended. Returns how many."""
    old = feeds.c.distrusted_at < before
    standing = (alerts.c.kind == Alert.DISTRUSTED) & alerts.c.cleared_at.is_(None)
    of_old = alerts.c.feed_id.in_(select(feeds.c.id).where(old))
    connection.execute(update(alerts).where(standing, of_old).values(cleared_at=now))
    return connection.execute(update(feeds).where(old).values(distrusted_at=None)).rowcount


def load_open(connection: Connection) -> list[dict[str, Any]]:
    """The alerts that stand, the newest first, with the feed each is about."""
    query = (
        select(alerts.c.feed_id, feeds.c.url, alerts.c.kind, alerts.c.raised_at, alerts.c.detail)
        .join(feeds, feeds.c.id == alerts.c.feed_id)
        .where(alerts.c.cleared_at.is_(None))
        .order_by(alerts.c.raised_at.desc(), alerts.c.id.desc())
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def load_of_feed(connection: Connection, feed_id: int, limit: int = 20) -> list[dict[str, Any]]:
    """The alerts of one feed, the newest first, cleared ones too."""
    query = select(alerts.c.kind, alerts.c.detail, alerts.c.raised_at, alerts.c.cleared_at)
    of_feed = query.where(alerts.c.feed_id == feed_id).order_by(alerts.c.id.desc()).limit(limit)
    return [dict(row) for row in connection.execute(of_feed).mappings()]
