"""A chunk of an archive as a worker reads it, whatever its kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ingest.backfill import html, warc
from ingest.backfill.archived import Chunk, Limits
from ingest.backfill.request import Part

WARC, HTML = "warc", "html"


def read_chunk(part: Part, position: str, max_pages: int | None = None) -> Chunk[int] | Chunk[str]:
    """The pages of a file from `position` on; "" is its beginning. Raises ParseError, OSError."""
    limits = Limits() if max_pages is None else replace(Limits(), max_pages=max_pages)
    if part.kind == HTML:
        return html.read_chunk(Path(part.place), position or None, part.wanted, limits)
    return warc.read_chunk(Path(part.place), int(position or 0), part.wanted, limits)


def survey_chunk(part: Part, position: str) -> tuple[list[tuple[datetime, str]], str | None]:
    """(when each page was captured, its position) of the next chunk, and where to go on.

    A page at a time, for only where a chunk begins is a position.
    """
    found = []
    at: int | str | None = position
    for _ in range(Limits().max_pages):
        chunk = read_chunk(part, str(at), max_pages=1)
        if chunk.pages:
            found.append((chunk.pages[0].fetched_at, str(at)))
        at = chunk.position
        if at is None:
            return found, None
    return found, str(at)
