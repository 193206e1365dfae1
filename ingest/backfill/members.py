"""Records of which each begins a gzip member or zstd frame, as in WARC files that can be sought in.

A position is the offset of the member in the file times 2**20, and the number of the record in it: some writers put
several into one.

A record that is left out is passed by without reading it, if its end can be found. A zstd frame says it. In gzip it is
sought: the next member that begins a record, with the right size before it. Whoever wrote a page could have put such a
member into it, to have us take the page for several, of other publishers'. So what is found behind it is believed
only once enough was read of the members that it might lie in: `prove`.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingest.backfill.codings import PIECE, Coding
from ingest.backfill.inflate import Buffer, Damage, Member, candidates
from ingest.backfill.records import END, LINE_ENDS, Disproved, skip_line_ends, take_head
from ingest.backfill.warc_record import MARK, parse_head
from ingest.backfill.window import Window

RECORDS_BITS = 20  # of a position: the number of the record in its member
MAX_NUMBER = (1 << RECORDS_BITS) - 1
MAX_REST = 16 << 20  # bytes of content beyond the length that was stated
MAX_LINE_ENDS = 4096  # bytes behind a content: two line ends, and room for what nobody does
EVERYTHING = 1 << 62


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
        if self._start >= self._window.size:
            return None
        block = take_head(self._opened.buffer)
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
        ahead = skip_line_ends(self._opened.buffer)
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
            length = parse_head(take_head(self.buffer)).length
        except ValueError as error:
            raise Damage(str(error)) from error
        self.buffer.drop(length)


def is_in_members(window: Window, coding: Coding, start: int) -> bool:
    """Whether records begin where members do, as the first of both shows. Reads that record."""
    opened = Opened(window, coding, start)
    try:
        opened.pass_record()
        ahead = skip_line_ends(opened.buffer)
    except Damage:
        return True  # damaged, or no archive
    if ahead:
        return not ahead.startswith(MARK)
    return opened.end >= window.size or Opened(window, coding, opened.end).begins_record()
