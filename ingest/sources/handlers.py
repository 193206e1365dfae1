"""feedparser's two parsers with the limits it lacks, driven by us.

Its own `parse` opens files and URLs, guesses encodings with a regular expression that a prolog can keep busy for ever,
and reads all of whatever comes. Measured on hostile feeds of half a megabyte: 110 s for one long author, 20 s for
50,000 attributes, 5 s for 20,000 categories, each quadratic. Here all of these are bounded.
"""

from __future__ import annotations

import io
import xml.sax
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from xml.sax import handler, xmlreader

import feedparser.api

from ingest.errors import ParseError
from ingest.model import Reason

MAX_ATTRIBUTES = 200
MAX_NAMESPACES = 200
MAX_TAGS_READ = 200


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


class _Limits:
    """Laid over both parsers."""

    max_entries: int
    entries: list[Any]
    namespaces_in_use: dict[str, str]
    resolve_relative_uris = False
    sanitize_html = False

    def unknown_starttag(self, tag: str, attrs: Any) -> None:
        if len(self.entries) > self.max_entries:
            raise _EnoughEntries
        _refuse_beyond(MAX_ATTRIBUTES, len(attrs), "attributes on one element")
        super().unknown_starttag(tag, attrs)  # type: ignore[misc] # in the class this one is laid over

    def track_namespace(self, prefix: str | None, uri: str) -> None:
        _refuse_beyond(MAX_NAMESPACES, len(self.namespaces_in_use), "namespaces")
        super().track_namespace(prefix, uri)  # type: ignore[misc]

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
    def startElementNS(self, name: Any, qname: str | None, attrs: Any) -> None:  # noqa: N802 - SAX's name
        _refuse_beyond(MAX_ATTRIBUTES, len(attrs), "attributes on one element")
        super().startElementNS(name, qname, attrs)


class _Loose(_Limits, feedparser.api.LooseFeedParser):  # type: ignore[misc]
    def handle_charref(self, ref: str) -> None:
        try:
            super().handle_charref(ref)
        except (ValueError, OverflowError):  # a number that is no character
            return


def read(text: str, max_entries: int) -> Document:
    """A document without prolog, as feedparser's handlers understand it: strictly, else loosely.

    At most `max_entries` entries and a begun one. Raises ParseError(TOO_COMPLEX).
    """
    data = text.encode()
    strict = _Strict("", None, "utf-8")
    strict.max_entries = max_entries
    try:
        _sax(strict).parse(_source(data))
    except _EnoughEntries:
        return _document(strict, None, max_entries)
    except xml.sax.SAXException as error:
        return _read_loosely(text, error, max_entries)
    return _document(strict, None, max_entries)


def _read_loosely(text: str, error: xml.sax.SAXException, max_entries: int) -> Document:
    loose = _Loose("", None, "utf-8", {})
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
    return Document(parser.version, parser.feeddata, parser.entries[:max_entries], error, has_more)


def _refuse_beyond(limit: int, count: int, what: str) -> None:
    if count > limit:
        raise ParseError(Reason.TOO_COMPLEX, f"more than {limit} {what}")
