"""WARC files as others write them, for the tests: records byte by byte, in every way of compressing them."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Sequence
from itertools import pairwise

from backports import zstd

DATE = "2024-05-06T07:08:09Z"
DICTIONARY_MAGIC = 0x184D2A5D


def http(body: bytes, kind: str | None = "text/html; charset=utf-8", status: str = "200 OK", *headers: str) -> bytes:
    """An HTTP answer."""
    lines = [f"HTTP/1.1 {status}", *([f"Content-Type: {kind}"] if kind else []), *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def record(
    content: bytes,
    url: str | None = "https://north.example/a",
    kind: str = "response",
    date: str = DATE,
    *,
    content_type: str = "application/http; msgtype=response",
    version: str = "1.0",
    length: int | None = None,
    more: Sequence[str] = (),
) -> bytes:
    """A WARC record with the two line ends behind it. `length`: what it says of itself, true if not given."""
    lines = [
        f"WARC/{version}",
        f"WARC-Type: {kind}",
        *([f"WARC-Target-URI: {url}"] if url else []),
        f"WARC-Date: {date}",
        f"Content-Type: {content_type}",
        *more,
        f"Content-Length: {len(content) if length is None else length}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content + b"\r\n\r\n"


def info() -> bytes:
    """What a WARC file begins with."""
    return record(b"software: test\r\n", None, "warcinfo", content_type="application/warc-fields")


def member(data: bytes, level: int = 6) -> bytes:
    return gzip.compress(data, level, mtime=0)


def in_members(records: Sequence[bytes]) -> bytes:
    return b"".join(map(member, records))


def in_frames(records: Sequence[bytes]) -> bytes:
    return b"".join(map(zstd.compress, records))


def with_dictionary(records: Sequence[bytes], *, packed: bool) -> bytes:
    trained = zstd.train_dict([*records] * 20, 2000)
    shown = zstd.compress(trained.dict_content) if packed else trained.dict_content
    frames = b"".join(zstd.compress(each, zstd_dict=trained) for each in records)
    return struct.pack("<II", DICTIONARY_MAGIC, len(shown)) + shown + frames


def streamed(record_: bytes) -> bytes:
    """A frame whose head does not say how long it is."""
    packer = zstd.ZstdCompressor()
    return packer.compress(record_) + packer.flush()


def every_form(records: Sequence[bytes]) -> dict[str, bytes]:
    """The same records, however they are packed."""
    plain = b"".join(records)
    cuts = [*range(0, len(plain), 700), len(plain)]
    return {
        "plain": plain,
        "gzip": in_members(records),
        "gzip_stored": b"".join(member(each, 0) for each in records),
        "gzip_several": member(records[0])
        + b"".join(member(b"".join(records[at : at + 3])) for at in range(1, len(records), 3)),
        "gzip_whole": member(plain),
        "gzip_blocks": b"".join(member(plain[start:end]) for start, end in pairwise(cuts)),
        "zstd": in_frames(records),
        "zstd_streamed": b"".join(map(streamed, records)),
        "zstd_whole": zstd.compress(plain),
        "zstd_dictionary": with_dictionary(records, packed=False),
        "zstd_packed_dictionary": with_dictionary(records, packed=True),
    }


def hiding(forged: bytes, url: str, *, says_the_right_size: bool = True, hides_the_end: bool = False) -> bytes:
    """A record in a member of its own, whose body has another member in it, as it lies there: bytes of a stranger.

    Before that stands what would be the size of the outer one, if that ended there. `hides_the_end`: behind it a member
    begins that would be as large as the outer one, so that where that one really ends nothing seems wrong.
    """

    def outer(size: int) -> bytes:
        said = size if says_the_right_size else 7
        tail = unfinished(size) if hides_the_end else bytes(64)
        return record(http(b"<p>" + struct.pack("<II", 0, said) + member(forged) + tail), url)

    size = len(outer(10_000))
    while len(outer(size)) != size:
        size = len(outer(size))
    return outer(size)


def unfinished(plain: int) -> bytes:
    """The beginning of a member whose record says that so many bytes are in the member."""
    heads = (record(b"", "https://evil.example/end", length=length)[:-4] for length in range(plain))
    head = next(head for length, head in enumerate(heads) if len(head) + length + 4 == plain)
    packer = zlib.compressobj(0, wbits=31)
    return packer.compress(head) + packer.flush(zlib.Z_SYNC_FLUSH)
