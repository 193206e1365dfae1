"""The two ways in which archives are compressed, as streams that are fed and asked, and how to pass one by unread.

gzip: RFC 1952, a member for each record (WARC 1.1, annex D). zstd: RFC 8878, a frame for each record, and perhaps a
dictionary in a skippable frame at the start ("Use of Zstandard compression with WARC files 1.0", IIPC).
"""

from __future__ import annotations

import re
import struct
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ingest.backfill.window import Window

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

GZIP_MAGIC = re.compile(rb"\x1f\x8b\x08[\x00-\x1f]")
ZSTD_MAGIC = re.compile(rb"\x28\xb5\x2f\xfd")
DICTIONARY_MAGIC = 0x184D2A5D
SKIPPABLE = range(0x184D2A50, 0x184D2A60)
MAX_DICTIONARY = 16 << 20
DEFLATE_RATIO = 1032  # at most so many bytes come out of one
MAX_FRAME_HEAD = 18
REPEATED, RESERVED = 1, 3  # kinds of blocks: one byte many times; not defined
ENDS = (4, 2, 0)  # bytes behind the content: two line ends, and what else is met
ERRORS = (zlib.error, zstd.ZstdError, EOFError)
PIECE = 65_536
Begins = Callable[[int], bool]  # whether a record begins at this offset of the file


class Stream(Protocol):
    """One member or frame. `take` gives at most `limit` bytes; new data only when it `needs_input`."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused(self) -> int: ...
    def take(self, data: bytes, limit: int) -> bytes: ...


class Coding(Protocol):
    """How an archive is compressed."""

    @property
    def magic(self) -> re.Pattern[bytes]: ...
    def start(self) -> Stream: ...
    def end_of(self, window: Window, start: int, plain: int, begins: Begins) -> int | None: ...
    @property
    def ends_are_proven(self) -> bool: ...


class GzipStream:
    """A gzip member; its check sum is verified at its end."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self._full = False

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        return not (self._full or self._zlib.unconsumed_tail or self._zlib.eof)

    @property
    def unused(self) -> int:
        return len(self._zlib.unused_data)

    def take(self, data: bytes, limit: int) -> bytes:
        out = self._zlib.decompress(self._zlib.unconsumed_tail or data, limit)
        self._full = len(out) == limit
        return out


class ZstdStream:
    """A zstd frame."""

    def __init__(self, dictionary: zstd.ZstdDict | None) -> None:
        self._zstd = zstd.ZstdDecompressor(zstd_dict=dictionary)

    @property
    def eof(self) -> bool:
        return self._zstd.eof

    @property
    def needs_input(self) -> bool:
        return self._zstd.needs_input and not self._zstd.eof

    @property
    def unused(self) -> int:
        return len(self._zstd.unused_data)

    def take(self, data: bytes, limit: int) -> bytes:
        return self._zstd.decompress(data, limit)


@dataclass(frozen=True)
class Gzip:
    """Members. Where one ends only reading it through can prove; its end can be found, and be checked, without that."""

    magic = GZIP_MAGIC
    ends_are_proven = False

    def start(self) -> Stream:
        return GzipStream()

    def largest(self, plain: int) -> int:
        """What so many bytes take at most when compressed: stored blocks, and a head with a name or a comment."""
        return plain + (plain >> 8) + 4096

    def end_of(self, window: Window, start: int, plain: int, begins: Begins) -> int | None:
        """Where the member at `start` ends that holds `plain` bytes and line ends; None where that is not sure.

        The next member that begins a record is sought, the size in the trailer before it compared (RFC 1952, ISIZE).
        Anything else than a match of both means that the member must be read.
        """
        sizes = {struct.pack("<I", (plain + more) % 2**32) for more in ENDS}
        last = min(start + self.largest(plain), window.size)
        at: int | None = start + 18 + plain // DEFLATE_RATIO
        while at is not None and (at := window.find(GZIP_MAGIC, at, last + 1)) is not None:
            if begins(at):
                return at if window.at(at - 4, 4) in sizes else None
            at += 1
        return window.size if last == window.size and window.at(last - 4, 4) in sizes else None


@dataclass(frozen=True)
class Zstd:
    """Frames. Their heads and blocks say how long they are."""

    dictionary: zstd.ZstdDict | None = None
    magic = ZSTD_MAGIC
    ends_are_proven = True

    def start(self) -> Stream:
        return ZstdStream(self.dictionary)

    def end_of(self, window: Window, start: int, plain: int, begins: Begins) -> int | None:
        """Where the frame at `start` ends that holds `plain` bytes and line ends; None where it does not say both."""
        try:
            stated = zstd.get_frame_info(window.at(start, MAX_FRAME_HEAD)).decompressed_size
        except zstd.ZstdError:
            return None
        return end_of_frame(window, start) if stated in [plain + more for more in ENDS] else None


def end_of_frame(window: Window, start: int) -> int | None:
    """Where a zstd frame ends, by the heads of its blocks (RFC 8878 section 3.1.1); None where they lead nowhere."""
    about = window.at(start + 4, 1)[0]
    is_single, has_check_sum = about >> 5 & 1, about >> 2 & 1
    at = start + 5 + (not is_single) + (0, 1, 2, 4)[about & 3] + (is_single, 2, 4, 8)[about >> 6]
    is_last = False
    while not is_last:
        head = int.from_bytes(window.at(at, 3), "little")
        is_last, kind, size = bool(head & 1), head >> 1 & 3, head >> 3
        if kind == RESERVED or at + 3 > window.size:
            return None
        at += 3 + (1 if kind == REPEATED else size)
    at += 4 * has_check_sum
    return at if at <= window.size else None


def recognise(window: Window) -> tuple[Coding | None, int]:
    """How a file is compressed, None where it is not, and where its first record begins."""
    head = window.at(0, 8)
    if GZIP_MAGIC.match(head):
        return Gzip(), 0
    if len(head) == 8 and int.from_bytes(head[:4], "little") in SKIPPABLE:
        length = int.from_bytes(head[4:], "little")
        return (Zstd(_dictionary(window, head, length)), 8 + length) if 8 + length <= window.size else (Zstd(), 0)
    return (Zstd(), 0) if ZSTD_MAGIC.match(head) else (None, 0)


def _dictionary(window: Window, head: bytes, length: int) -> zstd.ZstdDict | None:
    """The dictionary in the skippable frame at the start, which may be compressed itself."""
    if int.from_bytes(head[:4], "little") != DICTIONARY_MAGIC or length > MAX_DICTIONARY:
        return None
    data = window.at(8, length)
    try:
        if ZSTD_MAGIC.match(data):
            data = zstd.ZstdDecompressor().decompress(data, MAX_DICTIONARY)
        dictionary = zstd.ZstdDict(data)
        zstd.ZstdDecompressor(zstd_dict=dictionary)  # which looks at it more closely
        return dictionary
    except (zstd.ZstdError, ValueError):
        return None
