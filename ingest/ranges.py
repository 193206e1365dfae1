"""A part of a file, asked for by the numbers of its bytes: what to ask with, and what an answer says that it brings.

Sources: RFC 9110 section 14 (ranges), 13.1.5 (If-Range), 15.3.7 (206), 8.8.2.2 (when a Last-Modified is strong).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from ingest.conditional import can_be_sent, http_date
from ingest.errors import ParseError
from ingest.model import Reason, Validators

_IDENTITY = ("", "identity")
_CONTENT_RANGE = re.compile(r"bytes[ ]([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """`count` bytes from `first` on. `validators`: those that the bytes before them came with (`read_validators`)."""

    first: int
    count: int
    validators: Validators = field(default_factory=Validators)

    @property
    def last(self) -> int:
        return self.first + self.count - 1


@dataclass(frozen=True, slots=True)
class Stated:
    """What an answer says that it brings: bytes from `first` up to `end` (exclusive) of `total`; None: untold.

    `is_whole`: the file from its beginning (200): ranges are not served, or it is not the file any more that it was.
    """

    first: int
    end: int | None
    total: int | None
    is_whole: bool
    validators: Validators


class Sink(Protocol):
    """Who takes the bytes, in order, as they come; what came before a connection was cut has been taken.

    An error of its own must be none of OSError: those are taken for the network's.
    """

    def begin(self, stated: Stated) -> bool:
        """Called once, before the first byte. False: not wanted; then nothing more is read."""

    def take(self, piece: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Ranged:
    """A part of a file, and who takes it. For `ranged` of `Fetcher.get`."""

    span: Span
    sink: Sink


def range_headers(span: Span) -> dict[str, str]:
    """Range, with If-Range where bytes before it are known and a strong validator of them. No coding: bytes count."""
    asked = {"Range": f"bytes={span.first}-{span.last}", "Accept-Encoding": "identity"}
    strong = _strong(span.validators) if span.first else None
    return asked | ({"If-Range": strong} if strong and can_be_sent(strong) else {})


def _strong(validators: Validators) -> str | None:
    """What If-Range may have. With a weak ETag nothing: the date is for those that have none."""
    if validators.etag is not None:
        return validators.etag if validators.etag.startswith('"') else None
    return validators.last_modified


def read_validators(headers: Mapping[str, str]) -> Validators:
    """Those to go on with: the ETag, and a Last-Modified that is strong, being a second older than the answer."""
    stated, answered = headers.get("last-modified"), http_date(headers.get("date"))
    modified = http_date(stated)
    is_strong = modified is not None and answered is not None and answered - modified >= timedelta(seconds=1)
    return Validators(headers.get("etag"), stated if is_strong else None)


def read_stated(span: Span, status: int, headers: Mapping[str, str], length: int | None) -> Stated:
    """What a 2xx answer to `span` brings. `length`: its Content-Length.

    Raises ParseError: BAD_ENCODING where its content is coded, BAD_RESPONSE where it is another part than was asked
    for, or says not which, or of how much.
    """
    coding = headers.get("content-encoding", "").strip().lower()
    if coding not in _IDENTITY:
        raise ParseError(Reason.BAD_ENCODING, f"{coding[:40]}: bytes of a file were asked for")
    validators = read_validators(headers)
    if status == 200:
        return Stated(0, length, length, is_whole=True, validators=validators)
    if status != 206:
        raise ParseError(Reason.BAD_STATUS, f"HTTP {status}")
    said = headers.get("content-range", "").strip()
    found = _CONTENT_RANGE.fullmatch(said)
    if found is None:
        raise ParseError(Reason.BAD_RESPONSE, f"206 with Content-Range {said[:60]!r}")
    first, last, total = map(int, found.groups())
    if first != span.first or not first <= last <= span.last or last >= total:
        raise ParseError(Reason.BAD_RESPONSE, f"bytes {span.first}-{span.last} were asked for and {said[:60]} came")
    return Stated(first, last + 1, total, is_whole=False, validators=validators)
