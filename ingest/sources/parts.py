"""Feeds in parts: of a document that was read before, only the items that are new or restated are read.

The envelope is read every time: it is small, and holds what the feed says of itself. Each item that is not known by its
hash is read by itself, in the place where it stood (handlers.py).

Where the bytes were split wrongly (an end tag quoted in a CDATA section, an item in a comment), the envelope or an item
is not well-formed, or places and marks are not as many: then the document has to be read as a whole. Whether it has
does not depend on what is known: an item is known only after it was read, by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ingest.errors import ParseError
from ingest.model import ParsedEntry
from ingest.sources import fields, prolog, scan

if TYPE_CHECKING:
    from ingest.sources.handlers import Document, Place

# What a feed says of itself and nobody asks: its dates, its subtitle, topics, of which some blogs list a thousand, and
# what is in its logo.
UNASKED = re.compile(
    rb"<(?:category|rdf:li)\s[^<>]{1,500}/>"
    rb"|<(lastBuildDate|pubDate|updated|description|subtitle|category|generator|copyright|docs)(?:\s[^<>]{0,500})?>"
    rb"[^<]{0,500}</\1>"
    rb"|(?<=<image>)(?:\s{0,50}<(url|title|link|width|height|description)>[^<]{0,500}</\2>){1,8}(?=\s{0,50}</image>)"
)
Reader = Callable[[Any], ParsedEntry]  # feedparser's dictionary of an item to ours


@dataclass(frozen=True, slots=True)
class Parts:
    """`document`: what the envelope says, without entries. `places`: where the items stand, one for each."""

    document: Document
    items: tuple[bytes, ...]
    places: tuple[Place, ...]
    counts: tuple[bytes, ...]  # the tags of counts that items may have
    has_more: bool
    lines: int  # that were taken out in front of an error at the end of the document


@dataclass(frozen=True, slots=True)
class Found:
    """`entries`: of the items that were not known. `hashes`: of all items."""

    entries: tuple[ParsedEntry, ...]
    hashes: bytes
    unreadable: int  # items that feedparser trips over


def take_apart(body: bytes, content_type: str | None) -> Iterator[Parts]:
    """The document in parts: with its bytes as they are, then with its characters mended; nothing if that fails.

    The second is to be asked for where items of the first turn out to be no UTF-8. Raises ParseError(TOO_COMPLEX).
    """
    for data in prolog.as_utf8(body, content_type):
        if parts := _take_apart(data):
            yield parts


def _take_apart(body: bytes) -> Parts | None:
    from ingest.sources import handlers  # feedparser: 60 ms, and the command line does not need it

    found = scan.split(body, f"<{handlers.PLACE}/>".encode(), fields.MAX_ENTRIES)
    if found is None:
        return None
    try:
        text = prolog.from_feed(UNASKED.sub(b"", found.envelope).decode())
    except (UnicodeDecodeError, ParseError):
        return None
    try:
        document, places = handlers.read_envelope(text)
    except handlers.NotInParts:
        return None
    if len(places) != len(set(found.runs)):
        return None
    return Parts(
        document=document,
        items=found.items,
        places=tuple(places[run] for run in found.runs),
        counts=scan.counts_in(found.envelope),
        has_more=found.has_more,
        lines=body.count(b"\n") - text.count("\n") if document.error else 0,
    )


def read(parts: Parts, known: bytes | None, salt: object, reader: Reader, now: datetime) -> Found | None:
    """The entries that are not known; None where the document has to be read as a whole.

    `salt`: all that `reader` depends on beside the item. Raises UnicodeDecodeError, ParseError(TOO_COMPLEX).
    """
    from ingest.sources import handlers

    work = _Work(parts, _hashes(parts, salt), reader, now)
    seen = scan.known_hashes(known)
    wanted = [number for number, found in enumerate(work.hashes) if found not in seen]
    others = [number for number, found in enumerate(work.hashes) if found in seen]
    try:
        return work.result(wanted, others)
    except handlers.NotInParts:
        return None


def _hashes(parts: Parts, salt: object) -> list[bytes]:
    keys = {number: scan.salted(salt, place) for number, place in {id(p): p for p in parts.places}.items()}
    return scan.hashed(parts.items, [keys[id(place)] for place in parts.places], parts.counts)


class _Work:
    """The items of one document while they are read: each at most once."""

    def __init__(self, parts: Parts, hashes: list[bytes], reader: Reader, now: datetime) -> None:
        self.parts, self.hashes, self.reader, self.now = parts, hashes, reader, now
        self.read: dict[int, ParsedEntry | None] = {}  # None: feedparser trips over it
        self.every_time: set[int] = set()

    def result(self, wanted: Sequence[int], others: Sequence[int]) -> Found:
        self.look_at(wanted)
        names = [entry.entry_id for number in wanted if (entry := self.read[number])]
        if others:
            self.look_at(scan.suspects(self.parts.items, others, names))
        told = self.told_apart()
        if any(entry.entry_id != self.read[number].entry_id for number, entry in told.items()):  # type: ignore[union-attr]
            self.look_at(others)  # one id for several: all who use it have to be known
            told = self.told_apart()
        hashes = (scan.unlike(found) if n in self.every_time else found for n, found in enumerate(self.hashes))
        return Found(
            entries=tuple(told[number] for number in wanted if number in told),
            hashes=b"".join(hashes),
            unreadable=sum(self.read[number] is None for number in wanted),
        )

    def look_at(self, numbers: Sequence[int]) -> None:
        from ingest.sources import handlers

        for number in numbers:
            if number in self.read:
                continue
            text = prolog.mended(self.parts.items[number].decode())
            try:
                item = handlers.read_item(text, self.parts.places[number])
                entry = self.reader(item)
            except (ParseError, handlers.NotInParts):
                raise
            except Exception:  # feedparser trips over some items: told as a problem of the feed
                self.read[number] = None
                self.every_time.add(number)
                continue
            self.read[number] = entry
            if not self.is_regular(number, item, entry):
                self.every_time.add(number)

    def is_regular(self, number: int, item: Any, entry: ParsedEntry) -> bool:
        """Whether an item of these bytes need not be read again: its id can be found in them, its counts are counts.

        A date that lies too far ahead to be believed may be believed later.
        """
        said = self.parts.items[number]
        counts = ((scan.counted(said, tag)[2], scan.COUNTS[tag]) for tag in self.parts.counts)
        return (
            scan.states(said, entry.entry_id)
            and not (entry.published_text and fields.is_ahead(entry.published_text, self.now))
            and all(not count or item.get(name) == count.decode() for count, name in counts)
        )

    def told_apart(self) -> dict[int, ParsedEntry]:
        """With different ids, by number."""
        there = {number: entry for number, entry in sorted(self.read.items()) if entry}
        return dict(zip(there, fields.told_apart(list(there.values())), strict=True))
