"""What the readers of archives return: pages as they were kept, and how far the reading got. All can be pickled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

MAX_BROKEN = 20  # damaged places that are named in one chunk; all are counted
MB = 1_000_000

Position = TypeVar("Position", int, str)


@dataclass(frozen=True, slots=True)
class Limits:
    """When a chunk is full, and what one page may cost. Whatever is met first ends the chunk."""

    max_bytes: int = 4 * MB  # of one page, decoded
    max_pages: int = 32
    max_records: int = 20_000  # looked at
    max_read: int = 64 * MB  # of the archive, in its own bytes
    max_kept: int = 32 * MB  # of all pages together
    max_s: float = 2.0


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """A page as an archive has it."""

    url: str  # absolute, http(s)
    fetched_at: datetime  # when it was archived, as the archive says
    status: int
    headers: Mapping[str, str]  # names in lower case; without those of codings that were undone
    body: bytes  # transfer and content codings undone
    offset: int  # where its record lies in the file; in one that is compressed as a whole, in what it decompresses to
    length: int  # of the compressed member, of the record where it is none of its own; 0 where several are in one
    is_answer: bool = True  # it lies there as HTTP, headers and body


@dataclass(frozen=True, slots=True)
class Chunk(Generic[Position]):
    """A part of an archive, read. Whoever goes on at `position` gets what follows, nothing twice, nothing left out."""

    pages: tuple[ArchivedPage, ...]
    position: Position | None  # where to go on: only for the reader that said it; None: the end
    records: int  # read past
    left_out: Mapping[str, int]  # why records are no pages here
    broken: tuple[tuple[int, str], ...] = ()  # offset and what is wrong: the first `MAX_BROKEN`
    broken_count: int = 0
    read_bytes: int = 0  # how much of the archive is behind us (of `size`): for progress
    size: int = 0


@dataclass(slots=True)
class Tally:
    """What a chunk has so far."""

    pages: list[ArchivedPage] = field(default_factory=list)
    records: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    broken: list[tuple[int, str]] = field(default_factory=list)
    broken_count: int = 0
    kept_bytes: int = 0

    def keep(self, page: ArchivedPage) -> None:
        self.pages.append(page)
        self.kept_bytes += len(page.body)

    def damage(self, offset: int, what: str) -> None:
        self.broken_count += 1
        if len(self.broken) < MAX_BROKEN:
            self.broken.append((offset, what[:200]))

    def is_full(self, limits: Limits) -> bool:
        return (
            len(self.pages) >= limits.max_pages
            or self.records + self.broken_count >= limits.max_records
            or self.kept_bytes >= limits.max_kept
        )

    def chunk(self, position: Position | None, read_bytes: int, size: int) -> Chunk[Position]:
        return Chunk(
            tuple(self.pages),
            position,
            self.records,
            dict(self.left_out),
            tuple(self.broken),
            self.broken_count,
            read_bytes,
            size,
        )
