"""feedparser's two parsers with the limits it lacks, driven by us.

Its own `parse` opens files and URLs, guesses encodings with a regular expression that a prolog can keep busy for ever,
and reads all of whatever comes. Measured on hostile feeds of half a megabyte: 110 s for one long author, 20 s for
50,000 attributes, 5 s for 20,000 categories, each quadratic. Here all of these are bounded.

`read` takes a whole document. `read_envelope` and `read_item` take it in parts: first what is around the items, then
each item by itself, in the place where it stood. feedparser carries state from item to item (the base of a `div` that
it never closes, prefixes that an item declares); by itself, an item is read the same whatever stands beside it.
"""

from __future__ import annotations

import io
import xml.sax
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from xml.sax import handler, xmlreader
from xml.sax.saxutils import quoteattr

import feedparser.api
import feedparser.util

from ingest.errors import ParseError
from ingest.model import Reason

MAX_ATTRIBUTES = 200
MAX_NAMESPACES = 200
MAX_TAGS_READ = 200
MAX_TIMES_READ = 100  # of skipHours and skipDays
PLACE = "dateline-place"  # the element that stands for an item in an envelope
WRAPPER = "dateline-item"  # the element that an item is read in
JUNK_BEHIND = "junk after document element"  # expat's words


class _EnoughEntries(Exception):
    """No error: the reading ends early."""


@dataclass(frozen=True, slots=True)
class Document:
    """What feedparser found. `feed` and `entries` are its dictionaries."""

    version: str
    feed: Any
    entries: list[Any]
    error: xml.sax.SAXException | None = None  # why the strict parser gave up and the loose one took over
    has_more: bool = False  # there were more entries than asked for
    hours: tuple[str, ...] = ()  # skipHours, as stated
    days: tuple[str, ...] = ()  # skipDays
    root: str = ""  # the first element


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stands: all that what is around it says to the reading of it."""

    scope: tuple[tuple[str | None, str], ...]  # prefixes and namespaces, as XML has them
    prefixes: tuple[tuple[str | None, str], ...]  # feedparser's two maps of the same
    namespaces: tuple[tuple[str, str], ...]
    version: str
    language: str | None
    base: str
    in_feed: int
    holders: tuple[str, ...]  # which of the feed's own dictionaries an item would write to


class NotInParts(Exception):
    """No error: the document has to be read as a whole."""


class _Limits:
    """Laid over both parsers."""

    max_entries = 0
    root = ""
    hours: list[str]
    days: list[str]
    entries: list[Any]
    namespaces_in_use: dict[str, str]
    resolve_relative_uris = False
    sanitize_html = False

    def unknown_starttag(self, tag: str, attrs: Any) -> None:
        if len(self.entries) > self.max_entries:
            raise _EnoughEntries
        _refuse_beyond(MAX_ATTRIBUTES, len(attrs), "attributes on one element")
        self.root = self.root or tag
        super().unknown_starttag(tag, attrs)  # type: ignore[misc] # in the class this one is laid over

    def track_namespace(self, prefix: str | None, uri: str) -> None:
        _refuse_beyond(MAX_NAMESPACES, len(self.namespaces_in_use), "namespaces")
        super().track_namespace(prefix, uri)  # type: ignore[misc]

    def _start_hour(self, attrs: Any) -> None:
        self.push("hour", 1)  # type: ignore[attr-defined]

    def _end_hour(self) -> None:
        self._keep(self.hours, "hour")

    def _start_day(self, attrs: Any) -> None:
        self.push("day", 1)  # type: ignore[attr-defined]

    def _end_day(self) -> None:
        self._keep(self.days, "day")

    def _keep(self, times: list[str], name: str) -> None:
        """All of them, where feedparser keeps the last."""
        value = self.pop(name)  # type: ignore[attr-defined]
        if value and not self.inentry and len(times) < MAX_TIMES_READ:  # type: ignore[attr-defined]
            times.append(value)

    def _add_tag(self, term: str | None, scheme: str | None, label: str | None) -> None:
        if len(self._get_context().get("tags", ())) < MAX_TAGS_READ:  # type: ignore[attr-defined]
            super()._add_tag(term, scheme, label)  # type: ignore[misc]

    def _sync_author_detail(self, key: str = "author") -> None:
        """The author as stated. The original seeks an e-mail address in it, in quadratic time, and cuts some badly."""
        context = self._get_context()  # type: ignore[attr-defined]
        people = context.get(f"{key}s")
        if people and not people[-1] and context.get(key):
            people[-1]["name"] = context[key]


class _Strict(_Limits, feedparser.api.StrictFeedParser):  # type: ignore[misc] # it ships no types
    def __init__(self) -> None:
        super().__init__("", None, "utf-8")
        self.hours, self.days = [], []

    def startElementNS(self, name: Any, qname: str | None, attrs: Any) -> None:  # noqa: N802 - SAX's name
        _refuse_beyond(MAX_ATTRIBUTES, len(attrs), "attributes on one element")
        super().startElementNS(name, qname, attrs)


class _Loose(_Limits, feedparser.api.LooseFeedParser):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__("", None, "utf-8", {})
        self.hours, self.days = [], []

    def handle_charref(self, ref: str) -> None:
        try:
            super().handle_charref(ref)
        except (ValueError, OverflowError):  # a number that is no character
            return


class _AroundItems(_Strict):
    """Reads an envelope, and notes at every place what an item there would find."""

    def __init__(self) -> None:
        super().__init__()
        self.scope: list[tuple[str | None, str]] = []
        self.places: list[Place] = []

    def startPrefixMapping(self, prefix: str | None, uri: str | None) -> None:  # noqa: N802
        self.scope.append((prefix or None, uri or ""))
        super().startPrefixMapping(prefix, uri)

    def endPrefixMapping(self, prefix: str | None) -> None:  # noqa: N802
        self.scope.pop()

    def startElementNS(self, name: Any, qname: str | None, attrs: Any) -> None:  # noqa: N802
        if name[1] == PLACE:
            self.places.append(self._place())
        else:
            super().startElementNS(name, qname, attrs)

    def endElementNS(self, name: Any, qname: str | None) -> None:  # noqa: N802
        if name[1] != PLACE:
            super().endElementNS(name, qname)

    def _place(self) -> Place:
        if self.incontent or self.insource:  # what looks like an item is part of a text
            raise NotInParts
        return Place(
            scope=tuple(dict(self.scope).items()),
            prefixes=tuple(self.namespacemap.items()),
            namespaces=tuple(self.namespaces_in_use.items()),
            version=self.version,
            language=self.lang,
            base=self.baseuri,
            in_feed=self.infeed,
            holders=tuple(name for name in ("image", "textinput") if name in self.feeddata),
        )


class _OneItem(_Strict):
    """Reads an item in a wrapper, which only declares the prefixes."""

    max_entries = 1

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.namespacemap = dict(place.prefixes)
        self.namespaces_in_use = dict(place.namespaces)
        self.version, self.lang, self.baseuri = place.version, place.language, place.base
        self.infeed = place.in_feed
        for name in place.holders:
            self.feeddata[name] = feedparser.util.FeedParserDict()
        self.level = self.outermost = 0

    def startPrefixMapping(self, prefix: str | None, uri: str | None) -> None:  # noqa: N802
        if self.level:
            super().startPrefixMapping(prefix, uri)

    def startElementNS(self, name: Any, qname: str | None, attrs: Any) -> None:  # noqa: N802
        self.level += 1
        self.outermost += self.level == 2
        if self.level > 1:
            super().startElementNS(name, qname, attrs)

    def endElementNS(self, name: Any, qname: str | None) -> None:  # noqa: N802
        if self.level > 1:
            super().endElementNS(name, qname)
        self.level -= 1


def read_envelope(text: str) -> tuple[Document, tuple[Place, ...]]:
    """A document with elements PLACE instead of items: what it says, and all places, in order.

    What follows its end is passed over, and told. Raises NotInParts where it is not well-formed or holds more items,
    and ParseError(TOO_COMPLEX).
    """
    around, error = _AroundItems(), None
    try:
        _sax(around).parse(_source(text.encode()))
    except xml.sax.SAXException as caught:
        if caught.getMessage() != JUNK_BEHIND:
            raise NotInParts from caught
        error = caught
    except _EnoughEntries as caught:
        raise NotInParts from caught
    if around.entries:
        raise NotInParts
    return _document(around, error, 0), tuple(around.places)


def read_item(text: str, place: Place) -> Any:
    """feedparser's dictionary of an item. Raises NotInParts where it is not exactly one; ParseError(TOO_COMPLEX)."""
    one = _OneItem(place)
    declared = "".join(_declaration(prefix, uri) for prefix, uri in place.scope)
    try:
        _sax(one).parse(_source(f"<{WRAPPER}{declared}>{text}</{WRAPPER}>".encode()))
    except (xml.sax.SAXException, _EnoughEntries) as error:
        raise NotInParts from error
    if len(one.entries) != 1 or one.outermost != 1:
        raise NotInParts
    return one.entries[0]


def _declaration(prefix: str | None, uri: str) -> str:
    return f" xmlns:{prefix}={quoteattr(uri)}" if prefix else f" xmlns={quoteattr(uri)}"


def read(text: str, max_entries: int) -> Document:
    """A document without prolog, as feedparser's handlers understand it: strictly, else loosely.

    At most `max_entries` entries and a begun one. Raises ParseError(TOO_COMPLEX).
    """
    data = text.encode()
    strict = _Strict()
    strict.max_entries = max_entries
    try:
        _sax(strict).parse(_source(data))
    except _EnoughEntries:
        return _document(strict, None, max_entries)
    except xml.sax.SAXException as error:
        return _read_loosely(text, error, max_entries)
    return _document(strict, None, max_entries)


def _read_loosely(text: str, error: xml.sax.SAXException, max_entries: int) -> Document:
    loose = _Loose()
    loose.max_entries = max_entries
    with suppress(_EnoughEntries):
        loose.feed(text)
    return _document(loose, error, max_entries)


def _sax(content: Any) -> Any:
    reader: Any = xml.sax.make_parser()  # noqa: S317 - the document has no document type any more
    reader.setFeature(handler.feature_namespaces, True)
    reader.setFeature(handler.feature_external_ges, False)
    reader.setFeature(handler.feature_external_pes, False)
    reader.setContentHandler(content)
    reader.setErrorHandler(content)
    return reader


def _source(data: bytes) -> Any:
    source = xmlreader.InputSource()
    source.setByteStream(io.BytesIO(data))
    source.setEncoding("utf-8")
    return source


def _document(parser: Any, error: xml.sax.SAXException | None, max_entries: int) -> Document:
    has_more = len(parser.entries) > max_entries
    return Document(
        parser.version,
        parser.feeddata,
        parser.entries[:max_entries],
        error,
        has_more,
        tuple(parser.hours),
        tuple(parser.days),
        parser.root,
    )


def _refuse_beyond(limit: int, count: int, what: str) -> None:
    if count > limit:
        raise ParseError(Reason.TOO_COMPLEX, f"more than {limit} {what}")
