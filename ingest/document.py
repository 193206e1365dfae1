"""Body and headers to text and one parsed tree: decoded once, parsed once.

Nothing here trusts the sender. A declared type is believed only if the first bytes look like it; `charset` says the
same of charsets, and `markup` what a parser is given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ingest.charset import BOMS, HEAD_BYTES, decode_page, utf16_without_bom
from ingest.errors import ParseError
from ingest.markup import parse_html
from ingest.model import Reason

MAGIC = (
    b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"RIFF",
    b"Rar!", b"7z\xbc\xaf", b"\x7fELF", b"MZ\x90", b"OggS", b"ID3", b"fLaC", b"BZh", b"\xfd7zXZ", b"(\xb5/\xfd",
    b"wOFF", b"wOF2", b"\x00\x01\x00\x00", b"\x00\x00\x01\x00", b"\xd0\xcf\x11\xe0", b"SQLite format 3", b"%!PS",
)  # fmt: skip
ODD_BYTES = bytes(byte for byte in range(32) if byte not in (0, 9, 10, 12, 13, 27))

HTML_START = re.compile(r"\s*(?:<!--[^>]{0,1000}>\s*)?<(?:!doctype\s+html|html|head|body)\b", re.I)
HTML_TAG = re.compile(
    r"<(?:!doctype|html|head|body|meta|title|article|section|main|div|p|h1|span|table)\b[^<>]*>", re.I
)
WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Document:
    """A page as text and, where it is markup, as a tree. The tree may be changed by whoever reads it last."""

    url: str
    text: str  # decoded, without control characters
    tree: Any | None = None  # an lxml.html root element; None: plain text

    @property
    def start(self) -> str:
        """The first part, for judgements that need no tree."""
        return self.text[:20_000]


def open_document(body: bytes, content_type: str | None, url: str) -> Document:
    """Decode and parse. ParseError: EMPTY_PAGE, WRONG_TYPE (not text), TOO_COMPLEX (not for a parser)."""
    if not body.strip(b"\x00\t\n\r\f \xef\xbb\xbf\xff\xfe"):
        raise ParseError(Reason.EMPTY_PAGE)
    refuse_binary(body)
    text, same = decode_page(body, content_type)
    if not text.strip():
        raise ParseError(Reason.EMPTY_PAGE)
    if not is_markup(text, content_type):
        return Document(url, text)
    return Document(url, text, parse_html(text, same))


def refuse_binary(body: bytes) -> None:
    """ParseError(WRONG_TYPE) for files that are not text, whatever they were called."""
    if body.startswith(MAGIC) or body[4:8] == b"ftyp":
        raise ParseError(Reason.WRONG_TYPE, f"starts with {body[:8]!r}")
    head = body[:HEAD_BYTES]
    if utf16_without_bom(head) or head.startswith(tuple(bom for bom, _ in BOMS)):
        return
    odd = len(head) - len(head.translate(None, ODD_BYTES))
    if odd * 20 > len(head) or head.count(0) * 4 > len(head):
        raise ParseError(Reason.WRONG_TYPE, "control bytes")


def is_markup(text: str, content_type: str | None) -> bool:
    """HTML or plain text: what the header says, unless the text shows otherwise."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind == "text/plain":
        return HTML_START.match(text) is not None
    if kind in {"text/html", "application/xhtml+xml"}:
        return True
    return HTML_START.match(text) is not None or HTML_TAG.search(text, 0, HEAD_BYTES) is not None


def visible(element: Any, limit: int = 2_000) -> str:
    """The beginning of an element's text in one line. Not all of a long one is looked at."""
    text = "".join(islice(element.itertext(), 8 * limit)) if len(element) else element.text or ""
    return " ".join(text[: 50 * limit].split())[:limit]


def comparable(text: str | None) -> str:
    """Words only, for telling whether two texts say the same."""
    return " ".join(WORDS.findall((text or "").casefold()))
