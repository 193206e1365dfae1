"""Reading again: which articles have a page in the archive, and what a new extraction of it changes.

Nothing here needs to own the database. What is written of an article is one short transaction, which looks first
whether the article still is what was selected: one that a running daemon has read meanwhile is left as that left it.
SQLite has one writer at a time, who is waited for; on PostgreSQL the article's row is locked, here and where a visit
revises it (storage/articles.py), so that no delta is ever made against a text that is being replaced.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from ingest.model import Archived, Article, ParsedEntry, Reading
from storage import duplicates, entries, fingerprints, readings, revisions
from storage.serial import serial
from storage.tables import articles, as_stored, pages
from storage.tables import revisions as revision_rows


@dataclass(frozen=True, slots=True)
class Selection:
    """Which articles to read again: those for which everything that is set holds."""

    ids: Sequence[int] = ()
    host: str | None = None
    since: datetime | None = None  # first seen at or after
    until: datetime | None = None  # first seen before


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """The newest page of an article that lies in the archive and holds its newest revision."""

    url: str
    final_url: str | None
    host: str
    content_type: str | None
    fetched_at: datetime
    archived: Archived
    said: ParsedEntry | None  # what the feed says of it: a further witness


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that may be read again, as it was when it was selected."""

    id: int
    host: str
    read_key: int | None
    revision_count: int
    fetched_at: datetime
    page: ArchivedPage | None


class Result(StrEnum):
    CHANGED = "changed"
    UNCHANGED = "unchanged"  # a new reading brings what is stored already
    OVERTAKEN = "overtaken"  # it was read, or removed, since it was selected
    DAMAGED = "damaged"  # its older text cannot be had from its newest one, so that must stay


def missing(connection: Connection, ids: Iterable[int]) -> list[int]:
    """Those of the numbers that no article has."""
    wanted = sorted(set(ids))
    found = set(connection.scalars(select(articles.c.id).where(articles.c.id.in_(wanted))))
    return [number for number in wanted if number not in found]


def count(connection: Connection, selection: Selection) -> int:
    """How many articles are selected."""
    return connection.scalar(select(func.count()).select_from(articles).where(*_conditions(selection))) or 0


def load(connection: Connection, selection: Selection, after: int, limit: int) -> list[Candidate]:
    """The next selected articles by number, beyond `after`."""
    c = articles.c
    query = select(c.id, c.host, c.read_key, c.revision_count, c.fetched_at).order_by(c.id).limit(limit)
    rows = connection.execute(query.where(c.id > after, *_conditions(selection))).all()
    found = _pages(connection, [row.id for row in rows])
    return [
        Candidate(row.id, row.host, row.read_key, row.revision_count, row.fetched_at, found.get(row.id)) for row in rows
    ]


def _conditions(selection: Selection) -> list[Any]:
    conditions: list[Any] = []
    if selection.ids:
        conditions.append(articles.c.id.in_(selection.ids))
    if selection.host is not None:
        conditions.append(articles.c.host == selection.host)
    if selection.since is not None:
        conditions.append(articles.c.first_seen_at >= selection.since)
    if selection.until is not None:
        conditions.append(articles.c.first_seen_at < selection.until)
    return conditions


def _pages(connection: Connection, ids: Sequence[int]) -> dict[int, ArchivedPage]:
    """By article, the newest page to read: later ones come later in the list and win."""
    newest = {row.article_id: row for row in connection.execute(_ARCHIVED, {"ids": ids})}
    said = entries.load_said(connection, [row.entry_id for row in newest.values() if row.entry_id is not None])
    return {number: _page(row, said.get(row.entry_id)) for number, row in newest.items()}


def _page(row: Row[Any], said: ParsedEntry | None) -> ArchivedPage:
    return ArchivedPage(
        url=row.url,
        final_url=row.final_url,
        host=row.host,
        content_type=row.content_type,
        fetched_at=row.captured_at or row.fetched_at,
        archived=Archived(row.archive_file, row.archive_offset, row.archive_length),
        said=said,
    )


# A page from before the current revision would bring another text back.
_ARCHIVED = (
    select(pages)
    .join(articles, articles.c.id == pages.c.article_id)
    .join(
        revision_rows,
        (revision_rows.c.article_id == articles.c.id) & revision_rows.c.delta.is_(None),
    )
    .where(
        pages.c.article_id.in_(bindparam("ids", expanding=True)),
        pages.c.outcome == "article",
        pages.c.archive_file.is_not(None),
        pages.c.fetched_at >= func.coalesce(revision_rows.c.last_seen_at, revision_rows.c.seen_at),
    )
    .order_by(pages.c.fetched_at, pages.c.id)
)


def compare(connection: Connection, candidate: Candidate, reading: Reading, blocks: frozenset[int]) -> Result:
    """What `record` would do. Writes nothing."""
    row = connection.execute(_KNOWN, {"article": candidate.id}).one_or_none()
    reading = readings.storable_reading(reading)
    return _compare(connection, candidate, row, reading, readings.columns(reading, blocks))


@serial
def record(
    connection: Connection, candidate: Candidate, reading: Reading, blocks: frozenset[int], now: datetime
) -> Result:
    """A new extraction of what is stored, in its place: no revision, and the article stays what and when it was.

    `blocks`: the boilerplate that it was read with. Doing it twice changes nothing.
    """
    fingerprints.serialise(connection)  # before the article is locked, as in a visit
    row = connection.execute(_KNOWN.with_for_update(), {"article": candidate.id}).one_or_none()
    reading = readings.storable_reading(reading)
    values = readings.columns(reading, blocks)
    result = _compare(connection, candidate, row, reading, values)
    if row is None or result is Result.OVERTAKEN:
        return result
    if result is Result.UNCHANGED:
        values = {name: values[name] for name in ("extractor", "read_key")}
    known = Article(*(row._mapping[name] for name in Article.__dataclass_fields__))
    try:
        revisions.rebase(connection, known, reading.text)
    except zlib.error:
        return Result.DAMAGED
    connection.execute(update(articles).where(articles.c.id == known.id).values(**values))
    revisions.restate_newest(connection, known, row._asdict() | values)
    if result is Result.CHANGED:
        readings.replace_parts(connection, known.id, reading)
        _place_again(connection, row, reading, values, now)
    return result


_KNOWN = select(articles).where(articles.c.id == bindparam("article"))


def _place_again(
    connection: Connection, row: Row[Any], reading: Reading, values: dict[str, Any], now: datetime
) -> None:
    """Other words have other copies; another time of publication may make another the original."""
    if any(row._mapping[name] != as_stored(articles.c[name], values[name]) for name in _PLACING):
        duplicates.place_again(connection, row.id, row.text, now, None, reading.signature)


_PLACING = ("text", "published_at", "word_count", "agency", "site_name")


def _compare(
    connection: Connection, candidate: Candidate, row: Row[Any] | None, reading: Reading, values: dict[str, Any]
) -> Result:
    if row is None or (row.revision_count, row.fetched_at) != (candidate.revision_count, candidate.fetched_at):
        return Result.OVERTAKEN
    stored = row._mapping
    unsaid = ("extractor", "read_key")  # who reads is no part of what is read
    if any(stored[name] != as_stored(articles.c[name], values[name]) for name in values if name not in unsaid):
        return Result.CHANGED
    is_same = readings.load_parts(connection, candidate.id) == readings.parts(reading)
    return Result.UNCHANGED if is_same else Result.CHANGED
