"""Content-Encoding undone piece by piece, so that a bomb costs no more memory than the limit it breaks.

Codings: gzip, deflate (with and without the zlib wrapper), br, zstd, up to two of them stacked.
Sources: RFC 9110 section 8.4, RFC 1952 (gzip members), RFC 1950/1951 (the two deflates), RFC 9659 (zstd window).
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple, Protocol

import brotli  # type: ignore[import-untyped]

from ingest.errors import ParseError
from ingest.model import Reason

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ACCEPTED = "gzip, deflate, br, zstd"

_PIECE_BYTES = 65_536  # decompressed at a time, before the limits are looked at again
_MAX_CODINGS = 2
_MAX_STREAMS = 10_000  # gzip members or zstd frames in a row: servers that flush make hundreds, attackers millions
_ZSTD_WINDOW_LOG = 23  # 8 MB: RFC 9659 asks no client to hold more
_ERRORS = (zlib.error, brotli.error, zstd.ZstdError, EOFError)


class Stream(Protocol):
    """One compressed stream (a gzip member, a zstd frame), fed with whatever comes until its end."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def pieces(self, data: bytes) -> Iterator[bytes]: ...


class Coding(NamedTuple):
    start: Callable[[bytes], Stream]  # the stream that begins with these bytes
    magic: bytes | None = None  # how a further stream begins, where they may follow one another


class Decoder:
    """Undoes `content_encoding` (the header's text): `feed` what arrives, then `finish` for the whole.

    Both raise ParseError: BOMB beyond `max_bytes` (counted after each coding), BAD_ENCODING where the coding is
    unknown or the data broken or unfinished.
    """

    def __init__(self, content_encoding: str, max_bytes: int) -> None:
        self._stages = [_Stage(coding, max_bytes) for coding in _codings(content_encoding)]
        self._out: list[bytes] = []

    @property
    def is_identity(self) -> bool:
        return not self._stages

    def feed(self, data: bytes) -> None:
        self._take(iter((data,)), self._stages)

    def finish(self) -> bytes:
        for position, stage in enumerate(self._stages):
            self._take(stage.end(), self._stages[position + 1 :])
        return b"".join(self._out)

    def _take(self, pieces: Iterator[bytes], stages: Sequence[_Stage]) -> None:
        for stage in stages:
            pieces = chain.from_iterable(map(stage.pieces, pieces))
        try:
            self._out.extend(piece for piece in pieces if piece)
        except _ERRORS as error:
            raise ParseError(Reason.BAD_ENCODING, str(error)) from error


class _Stage:
    """One coding: looks at the first bytes, then runs stream after stream."""

    def __init__(self, coding: Coding, max_bytes: int) -> None:
        self._coding = coding
        self._left = max_bytes
        self._head = b""  # held back between streams until there are two bytes to judge by
        self._stream: Stream | None = None
        self._streams = 0

    def pieces(self, data: bytes) -> Iterator[bytes]:
        for piece in self._run(data):
            self._left -= len(piece)
            if self._left < 0:
                raise ParseError(Reason.BOMB)
            yield piece

    def end(self) -> Iterator[bytes]:
        """What was held back. An empty body is empty whatever its coding; a stream without its end is broken."""
        if self._head and not self._streams:
            yield from self._coding.start(self._head).pieces(self._head)
        if self._stream is not None and not isinstance(self._stream, _Plain):
            raise EOFError("the compressed data ends too early")

    def _run(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._stream is None:
                data = self._head + data
                self._head = data[:1] if len(data) < 2 else b""
                if self._head:
                    return
                self._stream = self._next(data)
            yield from self._stream.pieces(data)
            if not self._stream.eof:
                return
            data, self._stream = self._stream.unused_data, None

    def _next(self, data: bytes) -> Stream:
        """The first stream; or after the end of one the next, if one begins here: anything else there is padding."""
        self._streams += 1
        if self._streams > _MAX_STREAMS:
            raise ParseError(Reason.BOMB, "too many streams in a row")
        magic = self._coding.magic
        if self._streams == 1 or (magic and data.startswith(magic)):
            return self._coding.start(data)
        return _Plain(shown=False)


class _Plain:
    """Bytes that are not compressed: identity under a false name, or padding that nobody wants."""

    eof = False
    unused_data = b""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown

    def pieces(self, data: bytes) -> Iterator[bytes]:
        yield data if self._shown else b""


class _Zlib:
    def __init__(self, wbits: int) -> None:
        self._stream = zlib.decompressobj(wbits)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def pieces(self, data: bytes) -> Iterator[bytes]:
        full = True
        while (data or full) and not self._stream.eof:
            piece = self._stream.decompress(data, _PIECE_BYTES)
            data = self._stream.unconsumed_tail
            full = len(piece) == _PIECE_BYTES  # there may be more inside although all input is taken
            yield piece


class _Zstd:
    def __init__(self) -> None:
        options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
        self._stream = zstd.ZstdDecompressor(options=options)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def pieces(self, data: bytes) -> Iterator[bytes]:
        yield self._stream.decompress(data, _PIECE_BYTES)
        while not (self._stream.needs_input or self._stream.eof):
            yield self._stream.decompress(b"", _PIECE_BYTES)


class _Brotli:
    unused_data = b""  # the library does not say where the stream ended

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    @property
    def eof(self) -> bool:
        return bool(self._stream.is_finished())

    def pieces(self, data: bytes) -> Iterator[bytes]:
        yield self._stream.process(data, output_buffer_limit=_PIECE_BYTES)
        while not (self._stream.can_accept_more_data() or self.eof):
            yield self._stream.process(b"", output_buffer_limit=_PIECE_BYTES)


_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5"  # of four bytes: the two that a stage waits for


def _gzip(head: bytes) -> Stream:
    """Servers label plain text as gzip; browsers show it, so do we."""
    return _Zlib(16 + zlib.MAX_WBITS) if head.startswith(_GZIP_MAGIC) else _Plain(shown=True)


def _deflate(head: bytes) -> Stream:
    """RFC 9110 means the zlib format, many servers send the bare stream: the zlib header has a check value."""
    wrapped = len(head) >= 2 and head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
    return _Zlib(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)


_CODINGS = {
    "gzip": Coding(_gzip, _GZIP_MAGIC),
    "x-gzip": Coding(_gzip, _GZIP_MAGIC),
    "deflate": Coding(_deflate),
    "br": Coding(lambda head: _Brotli()),
    "zstd": Coding(lambda head: _Zstd(), _ZSTD_MAGIC),
}


def _codings(content_encoding: str) -> list[Coding]:
    """The codings to undo, last applied first."""
    names = [name.strip().lower() for name in content_encoding.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if len(names) > _MAX_CODINGS or any(name not in _CODINGS for name in names):
        raise ParseError(Reason.BAD_ENCODING, content_encoding[:100])
    return [_CODINGS[name] for name in reversed(names)]
