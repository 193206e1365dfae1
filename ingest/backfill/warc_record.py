"""The head of a WARC record (ISO 28500, WARC/1.0 and 1.1): what it is, and whether it is wanted."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from ingest import dates
from ingest.backfill.wanted import Fit, Wanted

MAX_HEAD = 65_536  # bytes of one head
MARK = b"WARC/"
HTML_TYPES = ("text/html", "application/xhtml+xml")
REDUCED = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?\Z")  # WARC/1.1: a date of less than a day's precision
FIELD = re.compile(
    r"^(warc-(?:type|target-uri|date|truncated)|content-(?:length|type))[ \t]{0,9}:[ \t]{0,9}([^\r\n]*)",
    re.I | re.M | re.A,
)
CONTINUED = re.compile(rb"\r?\n[ \t]{1,99}")
END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


class Head(NamedTuple):
    """What stands before the content of a record."""

    kind: str  # response, resource, revisit, …, in lower case
    url: str  # as stated, "" where it states none; the brackets that wget puts around it taken off
    stated_at: str  # WARC-Date
    length: int  # of the content, in bytes
    content_type: str  # in lower case, without parameters
    truncated: str  # WARC-Truncated: why the archiver stopped; "" where it did not


def end_of_head(block: bytes, start: int = 0) -> int | None:
    """Where the content begins; None where the blank line has not come yet."""
    found = END_OF_HEAD.search(block, start)
    return found.end() if found else None


def parse_head(block: bytes) -> Head:
    """The head that ends with this block. ValueError says what is wrong with it."""
    if not block.startswith(MARK):
        raise ValueError("no record begins here")
    if b"\n " in block or b"\n\t" in block:
        block = CONTINUED.sub(b" ", block)
    fields = {name.lower(): value.strip() for name, value in reversed(FIELD.findall(block.decode("utf-8", "replace")))}
    said = fields.get
    length = said("content-length", "")
    if not (length.isascii() and length.isdigit() and len(length) <= 18):
        raise ValueError(f"a length of {length[:40]!r}")
    url = said("warc-target-uri", "")
    if url.startswith("<") and url.endswith(">"):
        url = url[1:-1]
    content_type = said("content-type", "").partition(";")[0].strip().lower()
    kind, truncated = said("warc-type", "").lower(), said("warc-truncated", "").lower()
    return Head(kind, url, said("warc-date", ""), int(length), content_type, truncated)


def moment(text: str) -> datetime | None:
    """A WARC-Date in UTC: with or without fractions, and of reduced precision, which is then the first moment."""
    if reduced := REDUCED.match(text):
        year, month = int(reduced[1]), int(reduced[2] or 1)
        return datetime(year, month, 1, tzinfo=UTC) if 1 <= month <= 12 and year else None
    return dates.parse_date(text)


def sieve(wanted: Wanted, max_bytes: int) -> Callable[[Head], str | None]:
    """A function that says of a head why its record is left out, None where its content is worth reading.

    It decides on the head alone. Most addresses of an archive are of few hosts: what is known of those is kept.
    """
    largest = max_bytes + max_bytes // 4 + 4 * MAX_HEAD  # HTTP's head, chunks and a coding that did not pay

    @lru_cache(maxsize=65_536)
    def takes_origin(origin: str) -> bool:
        return Wanted(hosts=wanted.hosts).takes_address(origin)

    def takes(url: str) -> bool:
        scheme, mark, rest = url.partition("://")
        host = rest.partition("/")[0]
        if mark and not takes_origin(f"{scheme}://{host}/"):
            return False
        return wanted.takes_address(url)

    def left_out(head: Head) -> str | None:
        if not _may_be_page(head):
            return {"revisit": "revisit", "resource": "not_html"}.get(head.kind, "no_response")
        if not takes(head.url):
            return "filtered"
        at = moment(head.stated_at)
        if at is None:
            return "no_date"
        if wanted.fit(None, at) is Fit.OUTSIDE:
            return "outside_window"
        if head.truncated not in ("", "length"):  # cut by the archiver's own limit is whole enough: a page's end
            return "truncated"
        return "too_large" if head.length > largest else None

    return left_out


def _may_be_page(head: Head) -> bool:
    if not head.url.lower().startswith(("http://", "https://")):
        return False
    return is_bare(head) or (head.kind == "response" and head.content_type in ("application/http", ""))


def is_bare(head: Head) -> bool:
    """Whether the content is a page as it is, without an HTTP answer around it, as resources are."""
    return head.kind in ("resource", "response") and head.content_type in HTML_TYPES
