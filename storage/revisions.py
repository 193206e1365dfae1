"""Revisions: the current text stands in the article, each other one leans on another's.

Where a page goes from text to text, each older one is a delta against the next newer, and every tenth is whole
(`MOST_LEANING`), so that an old text is read in a few steps and a damaged one costs no more than those. Where a page
goes back to an older text, that one becomes the current one, and the one it leaves leans on it: what leans on
either still does, and no text leans on itself, as the one that leaned on all others does so no more.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from ingest.model import Article, Reading
from ingest.revise import MOST_LEANING, Revised, from_delta, is_whole, leaning, said, to_delta, to_whole
from storage.tables import articles, revisions

KEPT = ("title", "standfirst", "text_hash", "word_count", "extractor")  # of the article, with each revision
STAMPS = 12  # words by which a text may differ in length and yet say the same
OLDER = 30  # revisions that are looked through for the same text


def record(
    connection: Connection,
    article_id: int,
    number: int,
    values: dict[str, Any],
    revised: Revised,
    page_id: int,
    at: datetime,
    correction: str | None = None,
) -> None:
    """A new revision, the current one. `values`: the columns of its article."""
    row = {
        "article_id": article_id,
        "number": number,
        "seen_at": at,
        "words_added": revised.words_added if number > 1 else 0,
        "words_removed": revised.words_removed if number > 1 else 0,
        "page_id": page_id,
        "correction": correction,
    }
    connection.execute(_INSERT, row | {name: values[name] for name in KEPT})


_INSERT = insert(revisions)


class Kept:
    """The revisions of an article and how its texts lean on each other."""

    def __init__(self, rows: Iterable[Row[Any]], text: str) -> None:
        self.rows = {row.number: row for row in rows}
        self.current = next(number for number, row in self.rows.items() if row.delta is None)
        self._texts = {self.current: text}

    @property
    def bases(self) -> dict[int, int | None]:
        """By number, the revision whose text its own is made from; None where it is whole."""
        return {number: self._base(row) for number, row in self.rows.items()}

    @staticmethod
    def _base(row: Row[Any]) -> int | None:
        if row.delta is None or is_whole(row.delta):
            return None
        return int(row.base if row.base is not None else row.number + 1)

    def text(self, number: int) -> str:
        """The body of a revision. Raises zlib.error where it cannot be had."""
        steps = []
        at: int | None = number
        while at is not None and at not in self._texts:
            if at in steps or at not in self.rows:
                raise zlib.error(f"revision {number} leans on itself, or on one that is not there")
            steps.append(at)
            at = self._base(self.rows[at])
        text = "" if at is None else self._texts[at]
        for step in reversed(steps):
            text = self._texts[step] = from_delta(self.rows[step].delta, text)
        return text

    def leaners(self, number: int) -> dict[int, str]:
        """The texts that lean on a revision. Raises zlib.error where one is damaged."""
        return {each: self.text(each) for each, base in self.bases.items() if base == number}


def load_kept(connection: Connection, article_id: int, text: str) -> Kept:
    """`text`: the body that stands in the article."""
    return Kept(connection.execute(_ALL, {"article": article_id}), text)


_OF_ARTICLE = revisions.c.article_id == bindparam("article")
_ALL = select(revisions).where(_OF_ARTICLE).order_by(revisions.c.number.desc())
_CURRENT = select(revisions.c.number).where(_OF_ARTICLE, revisions.c.delta.is_(None))
_NOTES = select(revisions.c.correction).where(_OF_ARTICLE, revisions.c.correction.is_not(None))


def keep_older(connection: Connection, known: Article, number: int, text: str) -> None:
    """The text that was the current one becomes a delta against revision `number`, which says `text`."""
    kept = load_kept(connection, known.id, known.text)
    _leave(connection, known, kept.current, kept.bases, number, text)


def _leave(
    connection: Connection, known: Article, left: int, bases: Mapping[int, int | None], number: int, text: str
) -> None:
    whole = leaning(left, bases) >= MOST_LEANING
    values = {
        "delta": to_whole(known.text) if whole else to_delta(known.text, text),
        "base": None if whole or number == left + 1 else number,
    }
    connection.execute(update(revisions).where(_is(known, left)).values(**values))


def find_again(connection: Connection, known: Article, now: Reading) -> int | None:
    """The older revision that says what is read now, where the page went back to it."""
    kept = load_kept(connection, known.id, known.text)
    here = said(now.title, now.standfirst, now.text)
    older = [row for number, row in kept.rows.items() if number != kept.current][:OLDER]
    for row in older:
        if abs(row.word_count - now.word_count) > STAMPS:
            continue
        try:
            text = kept.text(row.number)
            if said(row.title, row.standfirst, text) == here:
                if text != now.text:
                    kept.leaners(row.number)
                return int(row.number)
        except zlib.error:  # it, or what leans on it, is damaged: it cannot be gone back to
            continue
    return None


def go_back(connection: Connection, known: Article, number: int, values: dict[str, Any], at: datetime) -> None:
    """An older revision is the current one again, as it is worded now: `values` are the columns of its article."""
    kept = load_kept(connection, known.id, known.text)
    _move_leaners(connection, known, kept, number, values["text"])
    bases = kept.bases | {number: None}
    _leave(connection, known, kept.current, bases, number, values["text"])
    seen = {"sightings": kept.rows[number].sightings + 1, "last_seen_at": at, "delta": None, "base": None}
    kept_values = {name: values[name] for name in KEPT}
    connection.execute(update(revisions).where(_is(known, number)).values(**kept_values, **seen))


def rebase(connection: Connection, known: Article, text: str) -> None:
    """The current text changes without a new revision: the deltas that lean on it are made anew.

    Raises zlib.error where one is no delta against the text that is known; then nothing was changed.
    """
    if known.text != text:
        kept = load_kept(connection, known.id, known.text)
        _move_leaners(connection, known, kept, kept.current, text)


def _move_leaners(connection: Connection, known: Article, kept: Kept, number: int, text: str) -> None:
    before = kept.text(number)
    if before == text:
        return
    for each, leaning_text in kept.leaners(number).items():  # all are had before the first is written
        delta = to_delta(leaning_text, text)
        connection.execute(update(revisions).where(_is(known, each)).values(delta=delta))


def restate_newest(connection: Connection, known: Article, values: dict[str, Any]) -> None:
    """The current revision is the same text read otherwise: it takes over the columns of its article."""
    kept = {name: values[name] for name in KEPT}
    connection.execute(update(revisions).where(_is_current(known)).values(**kept))


def load_notes(connection: Connection, article_id: int) -> list[str]:
    """The publisher's notes of correction that are known."""
    return list(connection.scalars(_NOTES, {"article": article_id}))


def note_correction(connection: Connection, known: Article, note: str) -> None:
    """The publisher admits a correction beside a text that is the same: it belongs to the current revision."""
    nothing_yet = revisions.c.correction.is_(None)
    connection.execute(update(revisions).where(_is_current(known), nothing_yet).values(correction=note))


def _is(known: Article, number: int) -> Any:
    return (revisions.c.article_id == known.id) & (revisions.c.number == number)


def _is_current(known: Article) -> Any:
    return (revisions.c.article_id == known.id) & revisions.c.delta.is_(None)


def load(connection: Connection, article_id: int) -> list[tuple[Row[Any], str]]:
    """Every revision with its text, newest first. A text that is damaged is empty."""
    text = connection.scalar(select(articles.c.text).where(articles.c.id == article_id))
    if text is None:
        return []
    kept = load_kept(connection, article_id, text)
    return [(row, _text(kept, number)) for number, row in kept.rows.items()]


def _text(kept: Kept, number: int) -> str:
    try:
        return kept.text(number)
    except zlib.error:
        return ""
