"""The records of a WARC file one after the other, whatever it is compressed with, and where each of them begins.

    MemberRecords    a gzip member or zstd frame for each record, as archives are meant to be. A position is the offset
                     of the member in the file times 2**20, and the number of the record in it, where some writer put
                     several into one. To go on there costs nothing.
    StreamRecords    no compression: a position is an offset in the file. Or all records in one member, or members whose
                     borders are not those of records: a position is the number of decompressed bytes before it, and to
                     go on there the file is decompressed up to it, unless this process did that already
                     (`ingest.backfill.warc` keeps the last one).

A record that is left out is passed by without reading it where its end can be found. In zstd frames and plain files it
is said. In gzip it is sought: the next member that begins a record, with the right size before it. Whoever wrote a page
could have put such a member into it, to have us take the page for several, of other publishers'. So what is found
behind it is believed only once the members it might lie in have been read through: `prove`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from ingest.backfill.codings import PIECE, Coding
from ingest.backfill.inflate import Buffer, Damage, Member, Members, Plain, candidates
from ingest.backfill.warc_record import MARK, MAX_HEAD, end_of_head, parse_head
from ingest.backfill.window import Window

RECORDS_BITS = 20  # of a position: the number of the record in its member
MAX_NUMBER = (1 << RECORDS_BITS) - 1
MAX_REST = 16 << 20  # bytes of content beyond the length that was stated
EVERYTHING = 1 << 62
MAX_BEGINNING = 16  # bytes
MAX_LINE_ENDS = 4096  # bytes behind a content: two line ends, and room for what nobody does
BEGINNING = re.compile(rb"WARC/[01]\.[0-9]{1,2}\r?\n")
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


class MemberRecords:
    """Each record begins a member (several in one are read, too)."""

    def __init__(self, window: Window, coding: Coding, position: int, *, careful: bool = False) -> None:
        self.end = 0
        self._window = window
        self._coding = coding
        self._may_seek = coding.ends_are_proven or not careful
        self._start, self._number = position >> RECORDS_BITS, position & MAX_NUMBER
        self._open: Opened | None = None
        self._looked_at: Opened | None = None
        self._head_size = 0
        self._unproven: list[Passed] = []

    @property
    def position(self) -> int:
        return self._start << RECORDS_BITS | self._number

    @property
    def offset(self) -> int:
        return self._start

    @property
    def read_bytes(self) -> int:
        return self._start

    def head(self) -> bytes | None:
        """The head of the next record, None at the end of the file."""
        if self._open is None and self._start >= self._window.size:
            return None
        block = _head(self._opened.buffer)
        self._head_size = len(block)
        return block

    def peek(self, count: int) -> bytes:
        """The first bytes of the content, at least so many if it has them."""
        return self._opened.buffer.ahead(count)

    def content(self, length: int) -> tuple[bytes, str | None]:
        """The content, and what was wrong with its length. Where the member ends, there ends the content, too."""
        buffer = self._opened.buffer
        content = buffer.take(length)
        if len(content) < length:
            return content.removesuffix(END), self._close(f"{length} bytes stated, {len(content)} found")
        ahead = buffer.ahead(len(END + MARK)).lstrip(LINE_ENDS)
        if not ahead or MARK.startswith(ahead[: len(MARK)]):
            return content, self._settle()
        rest = buffer.take(MAX_REST).removesuffix(END)
        return content + rest, self._close(f"{length} bytes stated, {length + len(rest)} found")

    def pass_by(self, length: int) -> str | None:
        """Leave the content out. Says what was wrong with its length, where that was seen."""
        if self._may_seek and self._number == 0:
            plain = self._head_size + length
            end = self._coding.end_of(self._window, self._start, plain, self._begins_record)
            if end is not None:
                self._remember(end, plain)
                self._go_to(end)
                return None
        found = self._opened.buffer.drop(length)
        return self._settle() if found == length else self._close(f"{length} bytes stated, {found} found")

    def resync(self) -> None:
        """To the next member that begins a record."""
        at = self._start
        for at in candidates(self._window, self._coding, self._start + 1):
            if self._begins_record(at):
                break
        self._go_to(at)

    def prove(self) -> None:
        """Make sure that what was read up to here lies in no member that was passed by. Raises Disproved."""
        waiting, self._unproven = self._unproven, []
        for passed in waiting:
            passed.prove(self._window, self._coding, self._start)

    def _remember(self, end: int, plain: int) -> None:
        if not self._coding.ends_are_proven:
            self._unproven = [each for each in self._unproven if each.room_before(self._start) > 0]
            self._unproven.append(Passed(self._start, end, plain))

    @property
    def _opened(self) -> Opened:
        """The member, with all before the record left out."""
        if self._open is None:
            if not self._coding.magic.match(self._window.at(self._start, 4)):
                raise Damage("no compressed member begins here")
            self._open = Opened(self._window, self._coding, self._start)
            for _ in range(self._number):
                self._open.pass_record()
        return self._open

    def _settle(self) -> str | None:
        """To the next record: in this member, if one follows there, else behind it."""
        ahead = _skip_line_ends(self._opened.buffer)
        if ahead.startswith(MARK) and self._number < MAX_NUMBER:
            self._number += 1
            self.end = self._start
            return None
        return self._close("more bytes than stated" if ahead else None)

    def _close(self, remark: str | None) -> str | None:
        """Read the member to its end, and go there."""
        self._opened.buffer.drop(EVERYTHING)
        self._go_to(self._opened.end)
        return remark

    def _go_to(self, offset: int) -> None:
        self._start, self._number, self.end = offset, 0, offset
        self._open = self._looked_at if self._looked_at and self._looked_at.start == offset else None

    def _begins_record(self, at: int) -> bool:
        self._looked_at = Opened(self._window, self._coding, at)
        return self._looked_at.begins_record()


@dataclass(frozen=True, slots=True)
class Passed:
    """A member of gzip that was passed by: it is believed to end at `end`, and states that `plain` bytes are in it."""

    start: int
    end: int
    plain: int

    def room_before(self, place: int) -> int:
        """How many bytes at most come before `end`, if what lies from there to `place` is in this member, too.

        What is found in a member as it lies there was stored without compression: it has five bytes more for each
        64 kB (RFC 1951 section 3.2.4), and is as long when decompressed.
        """
        inside = place - self.end
        return self.plain + MAX_LINE_ENDS - inside + (inside >> 8)

    def prove(self, window: Window, coding: Coding, place: int) -> None:
        """Read until more came than there is room for: so the member ends before that place. Raises Disproved."""
        left = self.room_before(place)
        member = Member(window, coding, self.start)
        try:
            while left > 0 and (piece := member.read(PIECE)):
                left -= len(piece)
        except Damage as damage:
            raise Disproved(str(damage)) from damage
        if left > 0 and member.end != self.end:
            raise Disproved("a member inside another")


class Opened:
    """A member that is being read."""

    def __init__(self, window: Window, coding: Coding, start: int) -> None:
        self.start = start
        self._member = Member(window, coding, start)
        self.buffer = Buffer(self._member)

    @property
    def end(self) -> int:
        """Where it ends; as long as that is not known, how much of the file it took."""
        return self._member.end or self._member.fed

    def begins_record(self) -> bool:
        """Whether the first bytes are those of a record and can be read."""
        try:
            return self.buffer.ahead(len(MARK)).startswith(MARK)
        except Damage:
            return False

    def pass_record(self) -> None:
        try:
            length = parse_head(_head(self.buffer)).length
        except ValueError as error:
            raise Damage(str(error)) from error
        self.buffer.drop(length)


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
        if not _skip_line_ends(self._buffer):
            return None
        block = _head(self._buffer)
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
            ahead = _skip_line_ends(self._buffer)
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


def is_in_members(window: Window, coding: Coding, start: int) -> bool:
    """Whether records begin where members do, as the first of both shows. Reads that record."""
    opened = Opened(window, coding, start)
    try:
        opened.pass_record()
        ahead = _skip_line_ends(opened.buffer)
    except Damage:
        return True  # damaged, or no archive
    if ahead:
        return not ahead.startswith(MARK)
    return opened.end >= window.size or Opened(window, coding, opened.end).begins_record()


def _head(buffer: Buffer) -> bytes:
    """Take the head of a record, with the blank line behind it."""
    ahead = _skip_line_ends(buffer)
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


def _skip_line_ends(buffer: Buffer) -> bytes:
    """Leave out line ends. What comes then, five bytes at least unless it ends before."""
    while True:
        ahead = buffer.ahead(len(MARK))
        line_ends = len(ahead) - len(ahead.lstrip(LINE_ENDS))
        if not line_ends:
            return ahead
        buffer.drop(line_ends)
