"""Revisions: the newest text stands in the article, each older one is a delta against the next newer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ingest.model import Article
from ingest.revise import Revised, from_delta, to_delta
from storage.tables import articles, revisions

KEPT = ("title", "standfirst", "text_hash", "word_count", "extractor")  # of the article, with each revision


def record(
    connection: Connection,
    article_id: int,
    number: int,
    values: dict[str, Any],
    revised: Revised,
    page_id: int,
    at: datetime,
) -> None:
    """A new revision, the newest one. `values`: the columns of its article."""
    row = {
        "article_id": article_id,
        "number": number,
        "seen_at": at,
        "words_added": revised.words_added if number > 1 else 0,
        "words_removed": revised.words_removed if number > 1 else 0,
        "page_id": page_id,
    }
    connection.execute(_INSERT, row | {name: values[name] for name in KEPT})


_INSERT = insert(revisions)


def keep_older(connection: Connection, known: Article, text: str) -> None:
    """The text that was the newest becomes a delta against the one that follows it."""
    delta = to_delta(known.text, text)
    connection.execute(update(revisions).where(_is(known, known.revision_count)).values(delta=delta))


def rebase(connection: Connection, known: Article, text: str) -> None:
    """The newest text changes without a new revision: the delta that leans on it is made anew.

    Raises zlib.error where that is no delta against the text that is known.
    """
    if known.text == text:
        return
    before = _is(known, known.revision_count - 1)
    delta = connection.scalar(select(revisions.c.delta).where(before))
    if delta is not None:
        older = from_delta(delta, known.text)
        connection.execute(update(revisions).where(before).values(delta=to_delta(older, text)))


def restate_newest(connection: Connection, known: Article, values: dict[str, Any]) -> None:
    """The newest revision is the same text read otherwise: it takes over the columns of its article."""
    kept = {name: values[name] for name in KEPT}
    connection.execute(update(revisions).where(_is(known, known.revision_count)).values(**kept))


def _is(known: Article, number: int) -> Any:
    return (revisions.c.article_id == known.id) & (revisions.c.number == number)


def load(connection: Connection, article_id: int) -> list[tuple[Row[Any], str]]:
    """Every revision with its text, newest first."""
    query = select(revisions).where(revisions.c.article_id == article_id).order_by(revisions.c.number.desc())
    text = connection.scalar(select(articles.c.text).where(articles.c.id == article_id)) or ""
    found = []
    for row in connection.execute(query):
        if row.delta is not None:
            text = from_delta(row.delta, text)
        found.append((row, text))
    return found
