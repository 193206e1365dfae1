"""The page in an MHTML file (RFC 2557), as browsers save it. Parts within parts are not looked into: nesting costs."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.parser import BytesHeaderParser

from ingest.backfill.warc_record import HTML_TYPES
from ingest.dates import parse_date

MAX_PARTS = 5_000
MAX_HEAD = 65_536
BLANK_LINE = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Page:
    """The page, decoded; where it is from and when it was saved, as far as the file says."""

    body: bytes
    content_type: str
    url: str
    saved_at: datetime | None


def read(data: bytes) -> Page | None:
    """The first HTML part; None where there is none."""
    head, content = _parted(data)
    for part_head, part in _parts(head, content):
        if part_head.get_content_type() in HTML_TYPES:
            said = _said(head, "Snapshot-Content-Location") or _said(part_head, "Content-Location")
            return Page(
                _uncoded(_said(part_head, "Content-Transfer-Encoding"), part),
                _said(part_head, "Content-Type"),
                said or _said(head, "Content-Location"),
                parse_date(_said(head, "Date")),
            )
    return None


def _parts(head: Message, content: bytes) -> list[tuple[Message, bytes]]:
    boundary = head.get_boundary()
    if head.get_content_maintype() != "multipart" or not boundary:
        return [(head, content)]
    mark = b"--" + boundary.encode("ascii", "replace")
    return [_parted(part) for part in content.split(mark, MAX_PARTS)[1:] if not part.startswith(b"--")]


def _parted(data: bytes) -> tuple[Message, bytes]:
    data = data.lstrip(b"\r\n")
    blank = BLANK_LINE.search(data, 0, MAX_HEAD)
    if blank is None:
        return Message(), data
    return BytesHeaderParser().parsebytes(data[: blank.start()]), data[blank.end() :]


def _said(head: Message, name: str) -> str:
    return " ".join(str(head.get(name, "")).split())


def _uncoded(coding: str, part: bytes) -> bytes:
    """Transfer encodings undone, tolerantly (RFC 2045 section 6)."""
    try:
        if coding.lower() == "quoted-printable":
            return binascii.a2b_qp(part)
        if coding.lower() == "base64":
            return binascii.a2b_base64(part)
    except binascii.Error:
        pass
    return part
