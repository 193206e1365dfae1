"""A WARC file, opened at a position: which kind it is, and how to get there."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ingest.backfill.codings import recognise
from ingest.backfill.inflate import Members, Plain
from ingest.backfill.members import RECORDS_BITS, MemberRecords, is_in_members
from ingest.backfill.records import Records
from ingest.backfill.streams import StreamRecords
from ingest.backfill.window import Window


@dataclass(frozen=True, slots=True)
class Identity:
    """A file as it is now."""

    path: Path
    device: int
    inode: int
    size: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """A stream at the place where its last chunk ended."""

    identity: Identity
    window: Window
    records: StreamRecords


# The last file whose positions can only be reached by decompressing all before them. So a process does that once.
_LEFT_OPEN: deque[LeftOpen] = deque()


@contextmanager
def opened(path: Path, position: int, *, careful: bool) -> Iterator[tuple[Records, int]]:
    """The records of a file from a position on, and the size of the file. OSError where it cannot be read."""
    window = Window(path)
    try:
        identity = _identity(path, window)
        coding, start = recognise(window)
        if coding is None:
            yield StreamRecords(Plain(window, position), position), window.size
        elif _is_in_members(identity):
            first = start << RECORDS_BITS
            yield MemberRecords(window, coding, max(position, first), careful=careful), window.size
        else:
            with _stream(identity, position) as stream:
                yield stream, window.size
    finally:
        window.close()


@contextmanager
def _stream(identity: Identity, position: int) -> Iterator[StreamRecords]:
    found = _LEFT_OPEN.pop() if _LEFT_OPEN else None
    if found is not None and (found.identity != identity or found.records.position > position):
        found.window.close()
        found = None
    stream = found or _begun(identity)
    try:
        stream.records.advance(position)
        yield stream.records
    except BaseException:
        stream.window.close()
        raise
    _LEFT_OPEN.append(stream)


def _begun(identity: Identity) -> LeftOpen:
    window = Window(identity.path)
    coding, start = recognise(window)
    if coding is None:
        raise OSError("the file changed while it was read")
    return LeftOpen(identity, window, StreamRecords(Members(window, coding, start), 0))


def _identity(path: Path, window: Window) -> Identity:
    about = window.about
    return Identity(path, about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=256)
def _is_in_members(identity: Identity) -> bool:
    window = Window(identity.path)
    coding, start = recognise(window)
    return coding is None or is_in_members(window, coding, start)
