"""Records one after the other in one run of bytes: a plain file, or one that is compressed without regard to records.

A position is the number of bytes before it: in the plain file, or of what comes out of the compressed one. To go on
there, a compressed file is decompressed up to it, unless this process did that already (`opened` keeps the last one).
"""

from __future__ import annotations

import re

from ingest.backfill.codings import PIECE
from ingest.backfill.inflate import Buffer, Damage, Members, Plain
from ingest.backfill.records import CUT_SHORT, skip_line_ends, take_head
from ingest.backfill.warc_record import MARK

BEGINNING = re.compile(rb"WARC/[01]\.[0-9]{1,2}\r?\n")
MAX_BEGINNING = 16  # bytes


class StreamRecords:
    """Records one after the other in one run of bytes."""

    def __init__(self, source: Members | Plain, at: int) -> None:
        self._source = source
        self._buffer = Buffer(source, at)
        self.position = at
        self._content_at = at

    @property
    def offset(self) -> int:
        return self.position

    @property
    def end(self) -> int:
        return self.position

    @property
    def read_bytes(self) -> int:
        return self.position if isinstance(self._source, Plain) else self._source.offset

    def head(self) -> bytes | None:
        """The head of the next record, None at the end."""
        if not skip_line_ends(self._buffer):
            return None
        block = take_head(self._buffer)
        self._content_at = self._buffer.at
        return block

    def peek(self, count: int) -> bytes:
        """The first bytes of the content, at least so many if it has them."""
        return self._buffer.ahead(count)

    def content(self, length: int) -> tuple[bytes, str | None]:
        """The content. It is whole even where what comes behind it cannot be read: then that is said."""
        content = self._buffer.take(length)
        if len(content) < length:
            raise Damage(CUT_SHORT)
        if (trouble := self._trouble_behind()) is None:
            return content, None
        if isinstance(self._source, Plain) or self._source.damage is None:
            raise trouble
        self.resync()
        return content, str(trouble)

    def pass_by(self, length: int) -> str | None:
        """Leave the content out."""
        if self._buffer.drop(length) < length:
            raise Damage(CUT_SHORT)
        if trouble := self._trouble_behind():
            raise trouble
        return None

    def _trouble_behind(self) -> Damage | None:
        try:
            ahead = skip_line_ends(self._buffer)
        except Damage as damage:
            return damage
        if ahead and not ahead.startswith(MARK):
            return Damage("no record begins where this one should end")
        self.position = self._buffer.at
        return None

    def resync(self) -> None:
        """To the next line that begins a record; in a plain file also where a wrong length led past it."""
        if isinstance(self._source, Plain):
            self._source.offset = max(self._content_at, self.position + 1)
            self._buffer = Buffer(self._source, self._source.offset)
        elif self._buffer.at <= self.position and self._source.damage is None:
            self._buffer.drop(1)
        while not self._found():
            pass
        self.position = self._content_at = self._buffer.at

    def _found(self) -> bool:
        """Whether the next piece has the beginning of a record, or is the last. Leaves out what comes before."""
        try:
            ahead = self._buffer.ahead(PIECE)
        except Damage:
            self._pass_damage()
            return False
        beginning = BEGINNING.search(ahead)
        if beginning is None and len(ahead) >= PIECE:
            self._buffer.drop(len(ahead) - MAX_BEGINNING)
            return False
        self._buffer.drop(beginning.start() if beginning else len(ahead))
        return True

    def _pass_damage(self) -> None:
        self._buffer.forget()
        if isinstance(self._source, Members):
            self._source.go_on()

    def advance(self, position: int) -> None:
        """To a position that was said before, through everything that lies before it."""
        while self._buffer.at < position:
            try:
                if not self._buffer.drop(position - self._buffer.at):
                    break
            except Damage:
                self._pass_damage()
        self.position = self._content_at = self._buffer.at

    def prove(self) -> None:
        """Nothing was passed by that was not read, or said."""
