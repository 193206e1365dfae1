"""The key table: which articles have passages in common. The two databases keep it differently, and only here.

A key that many articles have says nothing: from its 65th article on it is not stored any more, and is ignored in
look-ups while it is full. So a look-up reads a bounded number of rows, whatever newspapers print every day.

SQLite has a row for each key of an article, and its primary key is the table: 19 bytes. On PostgreSQL a row takes 60
bytes, and a GIN index over an article's keys 40 for each, of which it never gives any back. So a row there is a list:
of all postings whose keys end in the same 20 bits. A posting is 24 more bits of the key and 39 of the article's number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain

from sqlalchemy import Connection, func, select

from storage.tables import articles, bound

POSTINGS = 64  # articles a key; with more it is ignored
CANDIDATES = 32
ENOUGH = 2  # shared keys: one alone is most often a phrase
FIRST = -(2**63)  # where forgetting begins
PORTION = 20_000  # postings on SQLite that are looked through in a transaction
LISTS = 4_000  # lists on PostgreSQL


class Postings:
    """Which articles have a key, for the keys that were asked for; and those that are stored in this transaction."""

    __slots__ = ("_articles",)

    def __init__(self, keys: Iterable[int], found: Iterable[tuple[int, int]]) -> None:
        """`found`: (article, key) for each of the keys that an article has."""
        self._articles: dict[int, list[int]] = {key: [] for key in keys}
        for article, key in found:
            self._articles[key].append(article)

    def add(self, article_id: int, keys: Iterable[int]) -> None:
        """An article gets these keys."""
        for key in keys:
            known = self._articles.get(key)
            if known is not None:
                known.append(article_id)

    def of(self, key: int) -> list[int]:
        return self._articles[key]

    def have(self, keys: Iterable[int]) -> bool:
        """Whether all of these were asked for."""
        return all(map(self._articles.__contains__, keys))


class Found:
    """What a look-up brought: candidates, and which of the keys are full."""

    __slots__ = ("candidates", "full")

    def __init__(self, candidates: list[int], full: set[int]) -> None:
        self.candidates = candidates
        self.full = full


# --- looking up -----------------------------------------------------------------------------------------------------


def look_up(
    connection: Connection,
    keys: Sequence[int],
    more_keys: Sequence[int],
    since: datetime,
    but: int = 0,
    known: Postings | None = None,
) -> Found:
    """The articles first seen since a moment that share most keys with a text, at most 32, the likeliest first.

    `but`: the article that the text is of. `known`: postings that this transaction has read before, of these keys and
    others: whoever looks up many texts asks once for all.
    """
    wanted = dict.fromkeys((*keys, *more_keys))
    postings = known if known is not None and known.have(wanted) else load_postings(connection, wanted)
    full: set[int] = set()
    shared: Counter[int] = Counter()
    for key in wanted:
        having = postings.of(key)
        if len(having) > POSTINGS:
            full.add(key)
        elif having:
            shared.update(having)
    shared.pop(but, None)
    least = min(ENOUGH, len(keys))
    ranked = sorted((-count, article) for article, count in shared.items() if count >= least)
    return Found(_since(connection, [article for _, article in ranked[: CANDIDATES * 2]], since), full)


def candidates(connection: Connection, keys: Sequence[int], more_keys: Sequence[int], since: datetime) -> list[int]:
    """See `look_up`."""
    return look_up(connection, keys, more_keys, since).candidates


def _since(connection: Connection, ranked: list[int], since: datetime) -> list[int]:
    if not ranked:
        return []
    moment = bound(connection, articles.c.first_seen_at, since)
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(_WITHIN_ROWS, (str(ranked), moment))
    else:
        rows = connection.exec_driver_sql(_WITHIN_LISTED, (ranked, moment))
    within = {row[0] for row in rows}
    return [article for article in ranked if article in within][:CANDIDATES]


# Numbers in brackets are JSON, and one text for any number of them is prepared once. `cross join`: in this order.
_WITHIN_ROWS = (
    "select a.id from json_each(?) asked cross join articles a on a.id = asked.value where a.first_seen_at >= ?"
)
_WITHIN_LISTED = "select id from articles where id = any(%s::bigint[]) and first_seen_at >= %s"


def load_postings(connection: Connection, keys: Iterable[int]) -> Postings:
    """The postings of some keys, in one question. Few: no key has many articles."""
    wanted = sorted(set(keys))  # neighbours lie on one page
    if not wanted:
        return Postings((), ())
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(_FIND_IN_ROWS, (str(wanted),))
    else:
        rows = connection.exec_driver_sql(_FIND_IN_LISTS, (wanted,))
    return Postings(wanted, ((row[0], row[1]) for row in rows))


_FIND_IN_ROWS = "select f.article_id, f.key from json_each(?) asked cross join fingerprints f on f.key = asked.value"


def _end(key: str) -> str:
    """SQL: by what a key's list is found."""
    return f"({key} & {2**20 - 1})::integer"


def _rest(key: str) -> str:
    """SQL: what stands of the key in a posting."""
    return f"({key} >> 20 & {2**24 - 1})"


_NUMBER = 2**39 - 1  # bits of a posting that are the article's
# `limit 1`, which is none, has each list sought by the index: for many keys the whole table would be read.
_FIND_IN_LISTS = (
    f"select posting & {_NUMBER}, asked.key from unnest(%s::bigint[]) asked(key),"  # noqa: S608
    f" lateral (select article_id from fingerprints where key = {_end('asked.key')} limit 1) list,"
    f" unnest(list.article_id) posting where posting >> 39 = {_rest('asked.key')}"
)


# --- storing --------------------------------------------------------------------------------------------------------


def insert(connection: Connection, article_id: int, keys: Sequence[int]) -> None:
    """Store the keys of an article. Doing it twice changes nothing."""
    insert_new(connection, {article_id: keys})


def insert_many(connection: Connection, keys_of: Mapping[int, Sequence[int]]) -> None:
    """Store the keys of many articles, but not those keys that too many have."""
    postings = load_postings(connection, chain.from_iterable(keys_of.values()))
    counted: Counter[int] = Counter()
    kept: dict[int, list[int]] = {}
    for article, keys in keys_of.items():
        others = {key: sum(other not in keys_of for other in postings.of(key)) for key in keys}
        kept[article] = [key for key in keys if others[key] + counted[key] <= POSTINGS]
        counted.update(kept[article])
    insert_new(connection, kept)


def insert_new(connection: Connection, keys_of: Mapping[int, Sequence[int]]) -> None:
    """Store the keys of many articles, whoever else has them."""
    # In the order of the table: neighbours lie on one page of it.
    insert_rows(connection, sorted((key, article) for article, keys in keys_of.items() for key in keys))


def insert_rows(connection: Connection, rows: Sequence[tuple[int, int]]) -> None:
    """Store (key, article) pairs."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("insert or ignore into fingerprints (key, article_id) values (?, ?)", rows)
    else:
        connection.exec_driver_sql(_STORE_IN_LISTS, tuple(map(list, zip(*rows, strict=True))))


_STORE_IN_LISTS = (
    "insert into fingerprints as f (key, article_id)"  # noqa: S608
    f" select {_end('new.key')}, array_agg(distinct {_rest('new.key')} << 39 | new.article_id)"
    " from unnest(%s::bigint[], %s::bigint[]) new(key, article_id) group by 1 order by 1"
    " on conflict (key) do update set article_id = f.article_id"
    " || array(select posting from unnest(excluded.article_id) posting where posting <> all (f.article_id))"
)


def remove(connection: Connection, article_id: int, keys: Sequence[int]) -> None:
    """Remove what was stored of an article, whose text had these keys."""
    if not keys:
        return
    if connection.dialect.name == "sqlite":
        rows = [(key, article_id) for key in keys]
        connection.exec_driver_sql("delete from fingerprints where key = ? and article_id = ?", rows)
    else:
        connection.exec_driver_sql(_REMOVE_FROM_LISTS, {"keys": list(keys), "article": article_id})


# The rows are locked in the order of their keys, as when they are stored: nobody waits in a ring.
_REMOVE_FROM_LISTS = (
    "with old as (select key from fingerprints where key in"  # noqa: S608
    f" (select {_end('gone.key')} from unnest(%(keys)s::bigint[]) gone(key)) order by key for update)"
    " update fingerprints f set article_id = array(select posting from unnest(f.article_id) posting"
    f" where posting & {_NUMBER} <> %(article)s) from old where f.key = old.key"
)


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


def forget(connection: Connection, last: int, begin: int = FIRST) -> tuple[int, int | None]:
    """Remove the postings of the articles up to number `last` from a portion of the table.

    Articles are numbered as they are first seen. Returns how many rows changed, and where the next portion begins.
    """
    if connection.dialect.name == "sqlite":
        where = "select key from fingerprints where key >= ? order by key limit 1 offset ?"
        end = connection.exec_driver_sql(where, (begin, PORTION)).scalar()
        within = (begin, 2**63 - 1 if end is None else end - 1, last)
        return connection.exec_driver_sql(_FORGET_IN_ROWS, within).rowcount, end
    begin = max(begin, 0)
    portion = {"begin": begin, "end": begin + LISTS, "last": last}
    changed = connection.exec_driver_sql(_FORGET_IN_LISTS, portion).rowcount
    connection.exec_driver_sql(_FORGET_EMPTY_LISTS, portion)
    return changed, begin + LISTS if begin + LISTS < 2**20 else None


_FORGET_IN_ROWS = "delete from fingerprints where key between ? and ? and article_id <= ?"
_FORGET_IN_LISTS = (
    "update fingerprints set article_id = array(select posting from unnest(article_id) posting"  # noqa: S608
    f" where posting & {_NUMBER} > %(last)s) where key >= %(begin)s and key < %(end)s"
    f" and exists (select from unnest(article_id) posting where posting & {_NUMBER} <= %(last)s)"
)
_FORGET_EMPTY_LISTS = "delete from fingerprints where key >= %(begin)s and key < %(end)s and article_id = '{}'"


def clear(connection: Connection) -> None:
    """Remove all keys."""
    connection.exec_driver_sql("delete from fingerprints")


def count(connection: Connection) -> int:
    """Postings in the table."""
    each = "1" if connection.dialect.name == "sqlite" else "cardinality(article_id)"
    return int(connection.exec_driver_sql(f"select coalesce(sum({each}), 0) from fingerprints").scalar_one())  # noqa: S608


def count_within(connection: Connection, since: datetime, after: int = 0) -> int:
    """How many articles beyond a number there are in the window."""
    query = select(func.count()).select_from(articles).where(articles.c.first_seen_at >= since, articles.c.id > after)
    return connection.scalar(query) or 0
