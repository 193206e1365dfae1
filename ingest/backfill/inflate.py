"""Bytes of an archive with its compression undone, piece by piece: of one member, of all of them as one stream, or as
they lie there. A buffer in front of them that can take, look ahead and leave out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from ingest.backfill.codings import ERRORS, PIECE, Coding
from ingest.backfill.window import Window

FIRST_PIECE = 512  # compressed: the head of a record, and seldom more
LOOK = 4096  # ahead, decompressed
MAX_CANDIDATES = 20_000  # places in a row that look like a member and are none: a search ends there, and goes on
MAX_MEMBER = 2 << 30  # bytes that come out of one member: a bomb is left there


class Damage(Exception):
    """Something cannot be read. Says what is wrong with it."""


class Source(Protocol):
    """Bytes in order: `read` gives some, b"" at the end, more than the hint where it likes. Both may raise Damage."""

    def read(self, hint: int) -> bytes: ...
    def skip(self, count: int) -> int: ...  # leaves out at most so many, and says how many


class Member:
    """One gzip member or zstd frame."""

    def __init__(self, window: Window, coding: Coding, start: int) -> None:
        self.start = start
        self.fed = start  # up to where the file was handed over
        self.last_fed = start  # where the last piece of it began
        self._window = window
        self._stream = coding.start()
        self._produced = 0

    @property
    def end(self) -> int | None:
        """Where what follows it begins; None as long as it is not read through."""
        return self.fed - self._stream.unused if self._stream.eof else None

    def read(self, hint: int) -> bytes:
        """At most `hint` bytes."""
        while not self._stream.eof:
            try:
                piece = self._stream.take(self._next() if self._stream.needs_input else b"", hint)
            except ERRORS as error:
                raise Damage(f"compressed data that cannot be read: {error}"[:200]) from error
            self._produced += len(piece)
            if self._produced > MAX_MEMBER:
                raise Damage("more than 2 GB come out of one member")
            if piece:
                return piece
        return b""

    def skip(self, count: int) -> int:
        return len(self.read(min(count, PIECE))) if count else 0

    def _next(self) -> bytes:
        data = self._window.at(self.fed, FIRST_PIECE if self.fed == self.start else PIECE)
        if not data:
            raise Damage("cut short")
        self.last_fed = self.fed
        self.fed += len(data)
        return data


class Members:
    """Members one after the other, wherever records begin in them, as one stream.

    How it is read changes nothing about how it is decompressed: so a damage is always met after the same bytes.
    """

    def __init__(self, window: Window, coding: Coding, start: int) -> None:
        self.damage: Damage | None = None
        self._window = window
        self._coding = coding
        self._member: Member | None = Member(window, coding, start)

    @property
    def offset(self) -> int:
        return self._window.size if self._member is None else self._member.fed

    def read(self, hint: int) -> bytes:
        if self.damage is not None:
            raise self.damage
        try:
            return self._read()
        except Damage as damage:
            self.damage = damage
            raise

    def skip(self, count: int) -> int:
        return 0

    def _read(self) -> bytes:
        while self._member is not None:
            if piece := self._member.read(PIECE):
                return piece
            end = self._member.end or self._window.size
            if end < self._window.size and not self._coding.magic.match(self._window.at(end, 4)):
                raise Damage("something else behind a compressed member")
            self._member = Member(self._window, self._coding, end) if end < self._window.size else None
        return b""

    def go_on(self) -> None:
        """Past a damage: to the next member that can be begun."""
        start = None if self._member is None else self._member.end or self._member.last_fed + 1
        self._member = self.damage = None
        at = self._window.size
        for at in candidates(self._window, self._coding, start):
            member = Member(self._window, self._coding, at)
            try:
                begun = member.read(1)
            except Damage:
                continue
            if begun:
                break
        if at < self._window.size:
            self._member = Member(self._window, self._coding, at)


def candidates(window: Window, coding: Coding, start: int | None) -> Iterator[int]:
    """Where members might begin from `start` on: a bounded number, and then where to search on, or the end."""
    at = window.size if start is None else start
    for _ in range(MAX_CANDIDATES):
        found = window.find(coding.magic, at, window.size)
        if found is None:
            yield window.size
            return
        yield found
        at = found + 1
    yield at


class Plain:
    """A file that is not compressed."""

    def __init__(self, window: Window, start: int) -> None:
        self.offset = start
        self._window = window

    def read(self, hint: int) -> bytes:
        data = self._window.at(self.offset, hint)
        self.offset += len(data)
        return data

    def skip(self, count: int) -> int:
        count = max(0, min(count, self._window.size - self.offset))
        self.offset += count
        return count


class Buffer:
    """What a source gives, with a look ahead. `at`: how many bytes of it are behind us."""

    def __init__(self, source: Source, at: int = 0) -> None:
        self.at = at
        self._source = source
        self._held = b""

    def ahead(self, count: int) -> bytes:
        """The next `count` bytes, or more, which stay; fewer at the end."""
        while len(self._held) < count and (piece := self._source.read(max(LOOK, count - len(self._held)))):
            self._held += piece
        return self._held

    def take(self, count: int) -> bytes:
        """The next `count` bytes; fewer at the end."""
        parts = [self._cut(count)]
        left = count - len(parts[0])
        while left and (piece := self._source.read(min(left, PIECE))):
            self._held = piece
            parts.append(self._cut(left))
            left -= len(parts[-1])
        return b"".join(parts)

    def drop(self, count: int) -> int:
        """Leave out the next bytes. Says how many there were."""
        left = count - len(self._cut(count))
        while left:
            if skipped := self._source.skip(left):
                self.at += skipped
                left -= skipped
            elif piece := self._source.read(min(left, PIECE)):
                self._held = piece
                left -= len(self._cut(left))
            else:
                break
        return count - left

    def forget(self) -> None:
        """Leave out what was looked at ahead."""
        self._cut(len(self._held))

    def _cut(self, count: int) -> bytes:
        part, self._held = self._held[:count], self._held[count:]
        self.at += len(part)
        return part
