"""Pages: one row for each fetch of an article's address, but for further looks that found the same page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, update

from ingest.model import Fetched, ReadOutcome, Reason
from ingest.urls import host_of
from storage.tables import pages


def record(connection: Connection, outcome: ReadOutcome, article_id: int | None) -> int:
    """Record a fetch, and the article that was read in it. Returns the number of the page."""
    if outcome.reading is not None and outcome.reason is None:
        result = "article"
    else:
        result = "redirected" if outcome.moved_to else "failed"
    entry = outcome.entry
    # A copy in a web archive counts as the page itself: what is read in it is the publisher's.
    host = entry.host if entry.captured_at is None else host_of(entry.url)
    asked = Asked(entry.id, entry.page_url, host, result, outcome.reason, outcome.detail)
    return add(connection, asked, outcome.fetched, article_id)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, and what came of it: article, redirected or failed."""

    entry_id: int | None
    url: str
    host: str
    result: str
    reason: Reason | None = None
    detail: str | None = None


def add(connection: Connection, asked: Asked, fetched: Fetched, article_id: int | None) -> int:
    """Record a fetch. Returns the number of the page."""
    archived = fetched.archived
    row = {
        "entry_id": asked.entry_id,
        "url": asked.url,
        "final_url": fetched.final_url,
        "host": asked.host,
        "fetched_at": fetched.at,
        "captured_at": fetched.captured_at,
        "seconds": round(fetched.seconds, 4),
        "status": fetched.status,
        "content_type": fetched.content_type,
        "bytes": fetched.wire_bytes,
        "outcome": asked.result,
        "reason": asked.reason,
        "detail": asked.detail,
        "archive_file": archived.file if archived else None,
        "archive_offset": archived.offset if archived else None,
        "archive_length": archived.length if archived else None,
        "article_id": article_id,
    }
    return int(connection.execute(_RECORD, row).scalar_one())


_RECORD = insert(pages).returning(pages.c.id)


def fail(connection: Connection, page_id: int, reason: Reason, detail: str) -> None:
    """What was read in a page could not be stored."""
    values = {"outcome": "failed", "reason": reason, "detail": detail}
    connection.execute(update(pages).where(pages.c.id == page_id).values(**values))


def forget_archived(connection: Connection, before: datetime) -> int:
    """The archive no longer holds the pages fetched before a moment (`archive.keep`)."""
    values = {"archive_file": None, "archive_offset": None, "archive_length": None}
    old = (pages.c.fetched_at < before) & pages.c.archive_file.is_not(None)
    return connection.execute(update(pages).where(old).values(**values)).rowcount
