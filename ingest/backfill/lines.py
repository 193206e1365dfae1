"""Lines of a file that may be packed with gzip, with the position and number of each. Of any length: a limit."""

from __future__ import annotations

import gzip
import zlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, cast

from ingest.model import Reason

MAX_LINE = 1_000_000  # bytes
PIECE = 65_536
SHOWN = 200  # characters of a bad line
BOM = b"\xef\xbb\xbf"
DAMAGED = (gzip.BadGzipFile, EOFError, zlib.error)


@dataclass(frozen=True, slots=True)
class Line:
    """One line, and where it lies in the list, unpacked."""

    number: int
    start: int
    end: int
    text: str
    problem: Reason | None = None


class Lines:
    """The lines of a file, packed or not, with a look ahead."""

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        self._file = cast("BinaryIO", gzip.GzipFile(fileobj=file)) if packed else file
        self._read_to = 0
        self._number = 0
        self._is_damaged = self._is_told = False
        self._ahead: deque[Line] = deque()

    @property
    def position(self) -> int:
        return self._ahead[0].start if self._ahead else self._read_to

    def next(self) -> Line | None:
        return self._ahead.popleft() if self._ahead else self._read()

    def look(self, count: int) -> list[Line]:
        """The next lines, which stay."""
        while len(self._ahead) < count and (line := self._read()) is not None:
            self._ahead.append(line)
        return list(self._ahead)[:count]

    def put_back(self, lines: Sequence[Line]) -> None:
        self._ahead.extendleft(reversed(lines))

    def advance(self, position: int) -> None:
        """To a position that was said before, counting the lines."""
        while self.position < position and self.next() is not None:
            if not self._ahead:
                self._pass(position)

    def _pass(self, position: int) -> None:
        """The same without looking at them."""
        while self._read_to < position and (
            piece := self._bytes(min(PIECE, position - self._read_to), whole_line=False)
        ):
            self._number += piece.count(b"\n")

    def _read(self) -> Line | None:
        start = self._read_to
        data = self._bytes(MAX_LINE)
        if not data:
            return self._tell_damage()
        self._number += 1
        is_too_long = len(data) == MAX_LINE and not data.endswith(b"\n")
        rest = data
        while is_too_long and rest and not rest.endswith(b"\n"):
            rest = self._bytes(PIECE)
        problem = Reason.TOO_LARGE if is_too_long else None
        shown = data[: 4 * SHOWN] if is_too_long else data
        return Line(self._number, start, self._read_to, _decoded(shown, is_first=start == 0), problem)

    def _bytes(self, limit: int, *, whole_line: bool = True) -> bytes:
        """Up to the end of a line, or just some bytes; none at the end, and where the file is damaged."""
        if self._is_damaged:
            return b""
        try:
            data = self._file.readline(limit) if whole_line else self._file.read(limit)
        except DAMAGED:
            self._is_damaged = True
            return b""
        self._read_to += len(data)
        return data

    def _tell_damage(self) -> Line | None:
        """A last line that says what came in place of more, once."""
        if not self._is_damaged or self._is_told:
            return None
        self._is_told = True
        return Line(self._number + 1, self._read_to, self._read_to, "", Reason.BAD_ENCODING)


def _decoded(data: bytes, *, is_first: bool) -> str:
    text = (data.removeprefix(BOM) if is_first else data).decode("utf-8", "replace")
    return text.rstrip("\r\n").replace("\0", "")
