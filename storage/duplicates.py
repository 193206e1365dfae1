"""Copies: which articles carry the same text, nearly the same, or a part of it. Nothing is merged or deleted.

A group is a star with the original as its head (`articles.canonical_id`). The rules, which do not ask who came first:
articles stand in an order (ingest/duplicates.py: rank); from the best down, one that is like a better head joins the
head that it is most like, and any other is a head itself. `place` keeps to that as articles come and change: a late
original becomes a head, takes over the heads that are like it, and their members look for a head anew. Parts (excerpt,
contains) are linked from head to head and make no groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from ingest.clusters import ALIKE
from ingest.compare import MIN_WORDS
from ingest.furniture import Furniture
from ingest.near import Signature, signature
from storage import fingerprints
from storage.placing import COLUMNS, Memory, Placing, site_key
from storage.tables import articles, duplicate_links

__all__ = ["COLUMNS", "Memory", "place", "place_again", "rebuild_portion", "together", "warm_up"]

WARM_UP = 2_000  # texts that furniture is learned from at a start


def place(
    connection: Connection, row: Row[Any], now: datetime, memory: Memory | None = None, text: Signature | None = None
) -> bool:
    """Find what a new article is a copy of, and what are copies of it.

    `row`: its COLUMNS as they are stored. `text`: its signature, where that is known. Returns whether its host has the
    same text under another address.
    """
    placing = Placing(connection, memory or Memory(), now)
    new = placing.new(row, text)
    placing.run([new])
    placing.learn(new)
    return placing.is_republished(new)


def place_again(
    connection: Connection,
    article_id: int,
    old_text: str,
    now: datetime,
    memory: Memory | None = None,
    text: Signature | None = None,
) -> None:
    """The words or the standing of an article changed: it and its copies look for their originals anew."""
    memory = memory or Memory()
    memory.postings = None  # they are not those that are stored any more
    placing = Placing(connection, memory, now)
    fingerprints.remove(connection, article_id, signature(old_text).keys)
    changed = placing.new(connection.execute(_ROW, {"article": article_id}).one(), text)
    placing.run([changed, *placing.dissolve(changed)])


@contextmanager
def together(connection: Connection, memory: Memory, texts: Iterable[Signature | None]) -> Iterator[None]:
    """Within the block, these texts have been looked up in one go: for who places many in one transaction.

    Each finds those that were placed before it. One that fails and is rolled back to a savepoint leaves postings
    behind: what is no article, or another one, is at worst compared in vain.
    """
    fingerprints.serialise(connection)
    keys = chain.from_iterable((*text.keys, *text.more_keys) for text in texts if text is not None)
    memory.postings = fingerprints.load_postings(connection, keys)
    try:
        yield
    finally:
        memory.postings = None


_ROW = select(*COLUMNS).where(articles.c.id == bindparam("article"))


def warm_up(connection: Connection, furniture: Furniture, limit: int = WARM_UP) -> int:
    """Learn furniture from the newest originals in the store. Returns from how many."""
    rows = connection.execute(_NEWEST, {"limit": limit}).all()
    for row in reversed(rows):
        furniture.learn(signature(row.text), site_key(row.host), row.id)
    return len(rows)


_NEWEST = (
    select(articles.c.id, articles.c.text, articles.c.host)
    .where(articles.c.canonical_id.is_(None))
    .order_by(articles.c.id.desc())
    .limit(bindparam("limit"))
)


def rebuild_portion(connection: Connection, after: int, since: datetime, limit: int) -> tuple[int, int] | None:
    """Store the keys of the next articles by number. Returns the last number and how many; None at the end."""
    rows = connection.execute(_TO_REBUILD, {"after": after, "since": since, "limit": limit}).all()
    texts = {row.id: signature(row.text) for row in rows if row.similarity is None or row.similarity < ALIKE}
    fingerprints.insert_many(
        connection, {number: text.keys for number, text in texts.items() if text.length >= MIN_WORDS}
    )
    return (rows[-1].id, len(rows)) if rows else None


_TO_REBUILD = (
    select(articles.c.id, articles.c.text, duplicate_links.c.similarity)
    .join(
        duplicate_links,
        (duplicate_links.c.copy_id == articles.c.id) & (duplicate_links.c.original_id == articles.c.canonical_id),
        isouter=True,
    )
    .where(articles.c.id > bindparam("after"), articles.c.first_seen_at >= bindparam("since"))
    .order_by(articles.c.id)
    .limit(bindparam("limit"))
)
