"""The records of a WARC file one after the other, whatever it is compressed with: what the two ways of it share.

`members` reads files whose compressed members begin with records, `streams` all others.
"""

from __future__ import annotations

from typing import Protocol

from ingest.backfill.inflate import Buffer, Damage
from ingest.backfill.warc_record import MARK, MAX_HEAD, end_of_head

LINE_ENDS = b"\r\n"
END = b"\r\n\r\n"  # behind every content
CUT_SHORT = "cut short"


class Disproved(Exception):
    """A member that was passed by does not end where that was believed."""


class Records(Protocol):
    """The records of one file. After `head` come `peek`, and one of `content` and `pass_by`; after Damage, `resync`."""

    @property
    def position(self) -> int: ...  # of the next record, or of the one whose head was read, until it is past
    @property
    def offset(self) -> int: ...  # where that lies: in the file, or in the stream that is compressed as a whole
    @property
    def end(self) -> int: ...  # where the record ended that was read last; `offset` where that cannot be said
    @property
    def read_bytes(self) -> int: ...  # how much of the file is behind us, about
    def head(self) -> bytes | None: ...
    def peek(self, count: int) -> bytes: ...
    def content(self, length: int) -> tuple[bytes, str | None]: ...
    def pass_by(self, length: int) -> str | None: ...
    def resync(self) -> None: ...
    def prove(self) -> None: ...


def take_head(buffer: Buffer) -> bytes:
    """Take the head of a record, with the blank line behind it."""
    ahead = skip_line_ends(buffer)
    if not ahead.startswith(MARK):
        raise Damage("no record begins here")
    seen = 0
    while (size := end_of_head(ahead, max(0, seen - 3))) is None:
        seen = len(ahead)
        if seen > MAX_HEAD:
            raise Damage("a head of more than 64 kB")
        ahead = buffer.ahead(seen + 1)
        if len(ahead) == seen:
            raise Damage(CUT_SHORT)
    return buffer.take(size)


def skip_line_ends(buffer: Buffer) -> bytes:
    """Leave out line ends. What comes then, five bytes at least unless it ends before."""
    while True:
        ahead = buffer.ahead(len(MARK))
        line_ends = len(ahead) - len(ahead.lstrip(LINE_ENDS))
        if not line_ends:
            return ahead
        buffer.drop(line_ends)
