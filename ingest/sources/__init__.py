"""Feed documents of every kind to `ParsedFeed`. One file per kind, with `recognise` and `parse`."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from ingest.errors import ParseError
from ingest.model import ParsedFeed, Reason
from ingest.sources import json_feed, sitemap, syndication


class Kind(Protocol):
    """What each file here offers."""

    def recognise(self, body: bytes, content_type: str | None) -> bool: ...
    def parse(
        self, body: bytes, content_type: str | None, url: str, now: datetime, known: bytes | None = None
    ) -> ParsedFeed: ...


KINDS: tuple[Kind, ...] = (json_feed, sitemap, syndication)


def parse(body: bytes, content_type: str | None, url: str, now: datetime, known: bytes | None = None) -> ParsedFeed:
    """What a feed document states. `content_type` is the HTTP header, `url` where the document was found.

    `known`: `item_hashes` of the document that was read last. Items that are in it, byte for byte, are left out and
    counted; all others are read as if nothing was known.

    Raises ParseError for everything else: NOT_A_FEED with what it seems to be, TOO_COMPLEX, or of a packed sitemap
    BOMB, TOO_LARGE or BAD_ENCODING. No other error for any bytes.
    """
    for kind in KINDS:
        if kind.recognise(body, content_type):
            return kind.parse(body, content_type, url, now, known)
    raise ParseError(Reason.NOT_A_FEED, _guess(body))


def _guess(body: bytes) -> str:
    start = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        return "an empty document"
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<div", b"<p>")) or b"<html" in start:
        return "an HTML page"
    if start.startswith((b"{", b"[")):
        return "JSON, but no JSON Feed"
    if start.startswith(b"<"):
        return "XML, but neither RSS nor Atom"
    return "neither XML nor JSON"
