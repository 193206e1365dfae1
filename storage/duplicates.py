"""Copies: articles with the same words. The group's head is a choice; nothing is merged or deleted."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from ingest.duplicates import MINIMUM_WORDS, Copy, choose_head
from storage.tables import articles, duplicate_links


def regroup(connection: Connection, text_hash: bytes, now: datetime) -> None:
    """Make the earliest of the articles with this text the original, and the others its copies."""
    group = [Copy(*row) for row in connection.execute(_GROUP, {"text_hash": text_hash})]
    if len(group) < 2 and not any(copy.canonical_id for copy in group):
        return
    head = choose_head(group)
    for copy in group:
        original = None if copy is head else head.id
        if copy.canonical_id != original:
            _point(connection, copy.id, original, now)


_GROUP = select(*(articles.c[field.name] for field in fields(Copy))).where(
    articles.c.text_hash == bindparam("text_hash"), articles.c.word_count >= MINIMUM_WORDS
)


def leave(connection: Connection, article_id: int, old_hash: bytes, now: datetime) -> None:
    """The words of an article changed: it is no copy any more, and what was a copy of it needs another original."""
    connection.execute(delete(duplicate_links).where(duplicate_links.c.original_id == article_id))
    connection.execute(update(articles).where(articles.c.canonical_id == article_id).values(canonical_id=None))
    _point(connection, article_id, None, now)
    regroup(connection, old_hash, now)


def _point(connection: Connection, copy_id: int, original_id: int | None, now: datetime) -> None:
    connection.execute(delete(duplicate_links).where(duplicate_links.c.copy_id == copy_id))
    connection.execute(update(articles).where(articles.c.id == copy_id).values(canonical_id=original_id))
    if original_id is not None:
        connection.execute(
            insert(duplicate_links).values(
                copy_id=copy_id,
                original_id=original_id,
                relation="exact",
                similarity=1.0,
                coverage=1.0,
                found_at=now,
            )
        )
