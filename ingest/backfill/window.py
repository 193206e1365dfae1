"""A file read at any place, a piece at a time: what lies side by side is read once. No map: a file may shrink."""

from __future__ import annotations

import os
import re
from pathlib import Path

PIECE = 1 << 20


class Window:
    """A file as long as it was when it was opened: what is appended later is not seen. OSError where it cannot be."""

    def __init__(self, path: Path) -> None:
        self._file = -1
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.about = os.fstat(self._file)
        self.size = self.about.st_size
        self._start = 0
        self._held = b""

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    __del__ = close

    def at(self, offset: int, count: int) -> bytes:
        """`count` bytes from `offset`; fewer at the end of the file."""
        count = min(count, self.size - offset)
        if count <= 0:
            return b""
        place = offset - self._start
        if place < 0 or place + count > len(self._held):
            self._fill(offset, count)
            place = offset - self._start
        return self._held[place : place + count]

    def find(self, pattern: re.Pattern[bytes], start: int, end: int) -> int | None:
        """Where a pattern of at most 16 bytes first begins, from `start` on and before `end`."""
        while start < min(end, self.size):
            place = start - self._start
            if place < 0 or place + 16 > len(self._held):
                self._fill(start, 16)
                place = start - self._start
            if place >= len(self._held):
                return None
            found = pattern.search(self._held, place)
            if found is not None:
                offset = self._start + found.start()
                return offset if offset < end else None
            start = max(start + 1, self._start + len(self._held) - 15)
            if self._start + len(self._held) >= self.size:
                return None
        return None

    def _fill(self, offset: int, count: int) -> None:
        wanted = min(max(count, PIECE), self.size - offset)
        self._start, self._held = offset, os.pread(self._file, wanted, offset)
