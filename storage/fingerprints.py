"""The key table: which articles have passages in common. The two databases keep it differently, and only here.

A key that many articles have says nothing: from its 65th article on it is not stored any more, and is ignored in
look-ups while it is full. So a look-up reads a bounded number of rows, whatever newspapers print every day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain

from sqlalchemy import Connection, bindparam, func, select

from storage.tables import articles

POSTINGS = 64  # articles a key; with more it is ignored
CANDIDATES = 32
ENOUGH = 2  # shared keys: one alone is most often a phrase
SLICES = 256  # of the key space, each forgotten in a transaction of its own
PORTION = 2_000  # articles forgotten in a transaction, where they have a row each


def insert(connection: Connection, article_id: int, keys: Sequence[int]) -> None:
    """Store the keys of an article. Doing it twice changes nothing."""
    if keys:
        insert_new(connection, {article_id: keys})


def insert_many(connection: Connection, keys_of: Mapping[int, Sequence[int]]) -> None:
    """Store the keys of many articles that have none, but not those keys that too many have."""
    wanted = list(chain.from_iterable(keys_of.values()))
    counted = Counter(key for article, key in _postings(connection, wanted) if article not in keys_of)
    kept: dict[int, list[int]] = {}
    for article, keys in keys_of.items():
        kept[article] = [key for key in keys if counted[key] <= POSTINGS]
        counted.update(kept[article])
    insert_new(connection, {article: keys for article, keys in kept.items() if keys})


def insert_new(connection: Connection, keys_of: Mapping[int, Sequence[int]]) -> None:
    """Store the keys of many articles, whoever else has them."""
    if not keys_of:
        return
    if connection.dialect.name == "sqlite":
        # In the order of the table: neighbours lie on one page of it.
        rows = sorted((key, article) for article, keys in keys_of.items() for key in keys)
        connection.exec_driver_sql("insert or ignore into fingerprints (key, article_id) values (?, ?)", rows)
    else:
        connection.exec_driver_sql(
            "insert into fingerprints (article_id, key) values (%s, %s) on conflict (article_id) do nothing",
            [(article, list(keys)) for article, keys in keys_of.items()],
        )


def remove(connection: Connection, article_id: int, keys: Sequence[int]) -> None:
    """Remove what was stored of an article, whose text had these keys."""
    if connection.dialect.name == "sqlite":
        rows = [(key, article_id) for key in keys]
        if rows:
            connection.exec_driver_sql("delete from fingerprints where key = ? and article_id = ?", rows)
    else:
        connection.exec_driver_sql("delete from fingerprints where article_id = %s", (article_id,))


class Found:
    """What a look-up brought: candidates, and which of the keys are full."""

    __slots__ = ("candidates", "full")

    def __init__(self, candidates: list[int], full: set[int]) -> None:
        self.candidates = candidates
        self.full = full


def look_up(
    connection: Connection, keys: Sequence[int], more_keys: Sequence[int], since: datetime, but: int = 0
) -> Found:
    """The articles first seen since a moment that share most keys with a text, at most 32, the likeliest first.

    `but`: the article that the text is of.
    """
    postings = _postings(connection, (*keys, *more_keys))
    counted = Counter(key for _, key in postings)
    full = {key for key, count in counted.items() if count > POSTINGS}
    shared = Counter(article for article, key in postings if key not in full and article != but)
    least = min(ENOUGH, len(keys))
    ranked = sorted((-count, article) for article, count in shared.items() if count >= least)
    return Found(_since(connection, [article for _, article in ranked[: CANDIDATES * 2]], since), full)


def candidates(connection: Connection, keys: Sequence[int], more_keys: Sequence[int], since: datetime) -> list[int]:
    """See `look_up`."""
    return look_up(connection, keys, more_keys, since).candidates


def _since(connection: Connection, ranked: list[int], since: datetime) -> list[int]:
    if not ranked:
        return []
    within = set(connection.scalars(_WITHIN, {"ids": ranked, "since": since}))
    return [article for article in ranked if article in within][:CANDIDATES]


_WITHIN = select(articles.c.id).where(
    articles.c.id.in_(bindparam("ids", expanding=True)), articles.c.first_seen_at >= bindparam("since")
)


def _postings(connection: Connection, keys: Iterable[int]) -> list[tuple[int, int]]:
    """(article, key) for each of the keys that an article has. Few: no key has many articles."""
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return []
    if connection.dialect.name == "sqlite":
        found: list[tuple[int, int]] = []
        for begin in range(0, len(wanted), _AT_ONCE):
            part = wanted[begin : begin + _AT_ONCE]
            # One text for all look-ups, which SQLite has prepared: the last key fills what is left.
            padded = (*part, *[part[-1]] * (_AT_ONCE - len(part)))
            found += [(row[0], row[1]) for row in connection.exec_driver_sql(_LOOK_UP, padded)]
        return found
    rows = connection.exec_driver_sql(
        "select article_id, key from fingerprints where key && %s::bigint[]", (wanted,)
    ).all()
    asked = set(wanted)
    return [(article, key) for article, stored in rows for key in stored if key in asked]


_AT_ONCE = 32  # as many as a text has
_LOOK_UP = f"select article_id, key from fingerprints where key in ({', '.join('?' * _AT_ONCE)})"  # noqa: S608


def serialise(connection: Connection) -> None:
    """Until the end of this transaction nobody else looks for copies.

    Two processes that store two copies at once would not see each other's, and link neither. SQLite has one writer.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_LOCK)


_LOCK = "select pg_advisory_xact_lock(7311003451)"  # a number of our own


# --- the window -----------------------------------------------------------------------------------------------------


def last_before(connection: Connection, moment: datetime) -> int:
    """The number of the newest article first seen before a moment; 0 where there is none."""
    query = select(articles.c.id).where(articles.c.first_seen_at < moment)
    return connection.scalar(query.order_by(articles.c.first_seen_at.desc(), articles.c.id.desc()).limit(1)) or 0


def forget(connection: Connection, last: int, step: int) -> tuple[int, int | None]:
    """Remove a portion of the rows of the articles up to number `last`. Returns how many rows, and the next step.

    Articles are numbered as they are first seen. Begin with step 0.
    """
    if connection.dialect.name == "sqlite":
        width = 2**64 // SLICES
        low = -(2**63) + step * width
        gone = connection.exec_driver_sql(
            "delete from fingerprints where key between ? and ? and article_id <= ?", (low, low + width - 1, last)
        ).rowcount
        return gone, step + 1 if step + 1 < SLICES else None
    gone = connection.exec_driver_sql(
        "delete from fingerprints where article_id in (select article_id from fingerprints where article_id <= %s"
        " order by article_id limit %s)",
        (last, PORTION),
    ).rowcount
    return gone, step + 1 if gone == PORTION else None


def clear(connection: Connection) -> None:
    """Remove all keys."""
    connection.exec_driver_sql("delete from fingerprints")


def count(connection: Connection) -> int:
    """Rows in the table."""
    return int(connection.exec_driver_sql("select count(*) from fingerprints").scalar_one())


def count_within(connection: Connection, since: datetime, after: int = 0) -> int:
    """How many articles beyond a number there are in the window."""
    query = select(func.count()).select_from(articles).where(articles.c.first_seen_at >= since, articles.c.id > after)
    return connection.scalar(query) or 0
