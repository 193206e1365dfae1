"""RSS 0.9x, 1.0 and 2.0, Atom, and what is nearly one of them: read by feedparser, cleaned by us."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from xml.sax import SAXParseException

from ingest.errors import ParseError
from ingest.model import ParsedEntry, ParsedFeed, Reason
from ingest.sources import envelope, fields, parts, prolog, repair
from ingest.urls import absolute

if TYPE_CHECKING:
    from ingest.sources.handlers import Document

RECOGNISED_IN = 16_384  # bytes; broken publishing systems put warnings in front
HTML = re.compile(r"<html(?=[\s>])", re.IGNORECASE)
ITEM_EDGE = re.compile(r"<(/?)(?:[A-Za-z][\w.-]{0,40}:)?(?:item|entry)(?=[\s/>])", re.IGNORECASE)
Stated = tuple[str | None, datetime | None]  # a date as text, and as feedparser reads it
IMAGE_ENDING = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:\?|\Z)", re.IGNORECASE)


def recognise(body: bytes, content_type: str | None) -> bool:
    """Whether the document's first element is that of a feed, whatever the server calls it."""
    head = prolog.decode(body[:RECOGNISED_IN], content_type)
    root = prolog.FEED.search(head)
    return root is not None and not HTML.search(head, 0, root.start())


def parse(
    body: bytes, content_type: str | None, url: str, now: datetime, known: bytes | None = None, *, whole: bool = False
) -> ParsedFeed:
    """What an RSS, Atom or CDF document states. Raises ParseError: NOT_A_FEED, or TOO_COMPLEX (see handlers.py).

    `known`: see `sources.parse`. `whole`: as feedparser reads it from end to end, for comparison.
    """
    found = None if whole else _read_in_parts(body, content_type, url, now, known)
    return found or _read_whole(body, content_type, url, now)


def _read_in_parts(
    body: bytes, content_type: str | None, url: str, now: datetime, known: bytes | None
) -> ParsedFeed | None:
    for taken in parts.take_apart(body, content_type):
        document = taken.document
        if not document.version and not taken.items:
            continue
        site_url, language = absolute(url, document.feed.get("link") or ""), document.feed.get("language")
        base = site_url or url
        reader = partial(_entry, base=base, spoken=language, version=document.version, now=now)
        try:
            found = parts.read(taken, known, (base, language, document.version), reader, now)
        except UnicodeDecodeError:
            continue
        if found is None:
            return None
        problem = _problem(document, taken.lines, taken.has_more, found.unreadable)
        skipped = len(taken.items) - len(found.entries) - found.unreadable
        return _feed(document, url, site_url, found.entries, problem, skipped, found.hashes)
    return None


def _read_whole(body: bytes, content_type: str | None, url: str, now: datetime) -> ParsedFeed:
    text = prolog.decode(body, content_type)
    document, is_repaired = _read_or_repair(prolog.from_feed(text))
    if not document.version and not document.entries:
        raise ParseError(Reason.NOT_A_FEED, "XML, but neither RSS nor Atom")
    site_url, language = absolute(url, document.feed.get("link") or ""), document.feed.get("language")
    is_half = document.error is not None and not document.has_more and _is_cut_short(text)
    items = document.entries[:-1] if is_half else document.entries
    entries = fields.told_apart([_entry(item, site_url or url, language, document.version, now) for item in items])
    problem = _problem(document, 0, document.has_more, 0, repaired=is_repaired)
    return _feed(document, url, site_url, entries, problem)


def _read(text: str) -> Document:
    """Without the document's address, so that ids stay as stated wherever it is found: links are resolved here."""
    from ingest.sources import handlers  # feedparser: 60 ms, and the command line does not need it

    try:
        return handlers.read(text, fields.MAX_ENTRIES)
    except ParseError:
        raise
    except Exception as error:  # feedparser trips over some documents: ours to report, not to crash
        raise ParseError(Reason.NOT_A_FEED, f"unreadable XML ({type(error).__name__})") from error


def _read_or_repair(text: str) -> tuple[Document, bool]:
    """What feedparser finds; where it finds nothing in what looks like items, after a repair (then True)."""
    document = None if repair.is_needed(text) else _read(text)
    if document and (document.entries or not ITEM_EDGE.search(text)):
        return document, False
    without_prefix = repair.repaired(text)
    found = _read(without_prefix) if without_prefix else None
    if found and (found.entries or document is None):
        return found, True
    return document or _read(text), False


def _feed(
    document: Document,
    url: str,
    site_url: str | None,
    entries: tuple[ParsedEntry, ...],
    problem: str | None,
    skipped: int = 0,
    hashes: bytes | None = None,
) -> ParsedFeed:
    feed = document.feed
    return ParsedFeed(
        kind=document.version or ("cdf" if document.root == "channel" else "rss"),
        title=fields.line(feed.get("title"), fields.MAX_TITLE, markup=_may_be_markup(feed, "title", document.version)),
        site_url=site_url,
        language=fields.language(feed.get("language")),
        entries=entries,
        skipped=skipped,
        item_hashes=hashes,
        pacing=envelope.pacing(feed, document.hours, document.days),
        new_url=envelope.new_url(feed, url),
        self_url=envelope.self_url(feed, url),
        hub_urls=envelope.hub_urls(feed, url),
        problem=problem,
    )


def _problem(
    document: Document, lines_before: int, has_more: bool, unreadable: int, *, repaired: bool = False
) -> str | None:
    """In words for the operator."""
    error = document.error
    said = [f"more than {fields.MAX_ENTRIES} entries: the first ones are read"] if has_more else []
    if repaired:
        said.append("items with a prefix that means nothing: read without it")
    if unreadable:
        said.append(f"{unreadable} items that cannot be read")
    if isinstance(error, SAXParseException):
        said.append(f"line {(error.getLineNumber() or 0) + lines_before}: {error.getMessage()}")
    elif error:
        said.append(error.getMessage())
    return "; ".join(said)[: fields.MAX_PROBLEM] or None


def _is_cut_short(text: str) -> bool:
    """Whether the last item was begun and not ended: its fields may be halves."""
    edges = [edge[1] for edge in ITEM_EDGE.finditer(text)]
    return bool(edges) and edges[-1] != "/"


# --- entries ------------------------------------------------------------------------------------------------------


def _entry(item: Any, base: str, spoken: str | None, version: str, now: datetime) -> ParsedEntry:
    url, bad_link = fields.link(base, _stated_link(item))
    title = fields.line(item.get("title"), fields.MAX_TITLE, markup=_may_be_markup(item, "title", version))
    summary, content = _texts(item, version)
    (published, published_parsed), (updated, updated_parsed) = _dates(item, version)
    published_at = fields.believed(published, now, published_parsed)
    source_title, source_url = _source(item, base, version)
    return ParsedEntry(
        entry_id=fields.entry_id(item.get("id"), url, title, published or updated, summary or content),
        url=url,
        title=title,
        summary=summary,
        content=content,
        authors=fields.people(author.get("name") for author in item.get("authors", ())),
        categories=fields.names((tag.get("term") for tag in item.get("tags", ())), fields.MAX_CATEGORIES),
        published_at=published_at,
        published_text=None if published_at else fields.line(published, fields.MAX_NAME),
        updated_at=fields.believed(updated, now, updated_parsed),
        language=fields.language(_language(item) or spoken),
        image_url=_image(item, base),
        source_title=source_title,
        source_url=source_url,
        bad_link=bad_link,
    )


def _may_be_markup(context: Any, name: str, version: str) -> bool:
    """Atom says whether a text is plain (RFC 4287 section 3.1); RSS says nothing, and everybody puts markup in."""
    detail = context.get(f"{name}_detail") or {}
    return not (version.startswith("atom") and detail.get("type") == "text/plain")


def _stated_link(item: Any) -> str | None:
    """The publisher's own address behind a counting one, else the link. An id that is no address is no link."""
    stated: str | None = item.get("feedburner_origlink") or item.get("link")
    if not stated:
        alternates = (link.get("href") for link in item.get("links", ()) if link.get("rel") == "alternate")
        stated = next((href for href in alternates if href), None)
    if stated and stated == item.get("id") and not stated.startswith("/") and absolute("", stated) is None:
        return None  # <guid>123</guid> counts as a permalink by default, and as none by reason
    return stated


def _texts(item: Any, version: str) -> tuple[str | None, str | None]:
    """Summary and content. feedparser copies the content where there is no summary: that is not a second witness."""
    bodies = [part for part in item.get("content", ()) if part.get("value")]
    body = max(bodies, key=lambda part: len(part["value"]), default=None)
    content = None
    if body:
        is_plain = version.startswith("atom") and body.get("type") == "text/plain"
        content = fields.plain(body["value"], fields.MAX_CONTENT, markup=not is_plain)
    stated = item.get("summary")
    if body and stated == body["value"]:
        return None, content
    return fields.plain(stated, fields.MAX_SUMMARY, markup=_may_be_markup(item, "summary", version)), content


def _dates(item: Any, version: str) -> tuple[Stated, Stated]:
    """Published and updated. RSS has one date, whatever its name (dc:date)."""
    published: Stated = item.get("published"), _moment(item.get("published_parsed"))
    updated = (item["updated"], _moment(item.get("updated_parsed"))) if "updated" in item else (None, None)
    if not published[0] and "created" in item:
        published = item.get("created"), _moment(item.get("created_parsed"))
    if not published[0] and not version.startswith("atom"):
        return updated, (None, None)
    return published, updated


def _moment(parsed: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError):
        return None


def _language(item: Any) -> str | None:
    detail = item.get("title_detail") or {}
    stated: str | None = item.get("language") or detail.get("language")
    return stated


def _source(item: Any, base: str, version: str) -> tuple[str | None, str | None]:
    """The feed that an item was taken from: its title, and the site (Atom), else the feed itself (RSS)."""
    source = item.get("source")
    if not isinstance(source, dict):
        return None, None
    title = fields.line(source.get("title"), fields.MAX_TITLE, markup=_may_be_markup(source, "title", version))
    links = source.get("links", ())
    stated = [source.get("link"), source.get("href"), *(link.get("href") for link in links)]
    return title, next((found for href in stated if href and (found := absolute(base, href))), None)


def _image(item: Any, base: str) -> str | None:
    """The widest picture of media:content, else an enclosure, else a thumbnail."""
    pictures = [media for media in item.get("media_content", ()) if _is_picture(media)]
    pictures.sort(key=_width, reverse=True)
    enclosures = [link for link in item.get("links", ()) if link.get("rel") == "enclosure" and _is_picture(link)]
    for media in (*pictures, *enclosures, *item.get("media_thumbnail", ())):
        if found := absolute(base, media.get("url") or media.get("href") or ""):
            return found
    return None


def _is_picture(media: Any) -> bool:
    kind = media.get("type") or media.get("medium")
    if kind:
        return str(kind).startswith("image")
    return bool(IMAGE_ENDING.search((media.get("url") or media.get("href") or "")[-500:]))


def _width(media: Any) -> int:
    width = str(media.get("width") or "")
    return int(width) if re.fullmatch(r"[0-9]{1,5}", width) else 0
