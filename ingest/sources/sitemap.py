"""Sitemaps, sitemap indexes (sitemaps.org) and news sitemaps (Google's), as XML, gzipped or as plain text.

A news sitemap lists what is new, any other sitemap all there is: as a feed it must not make us fetch an archive.

    with news tags          an entry
    with a lastmod          an entry where it is of the last seven days
    without one             an entry where the document was read before and did not have it; not at first sight
    the rest                counted, named in `problem`, and left to backfill

A lastmod that most addresses share is the time at which the document was written: it counts as none. Elements go by
their names and places, whatever their namespaces: publishers get those wrong, or leave them out. Nothing is read of a
document type, and no element stays in memory behind its end.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from io import BytesIO
from typing import Any, NamedTuple

from lxml import etree

from ingest.errors import ParseError
from ingest.model import ListedSitemap, ParsedEntry, ParsedFeed, Reason
from ingest.sitemaps import MAX_BYTES, MAX_URLS, NEWS_SITEMAP, SITEMAP, SITEMAP_INDEX, looks_like_sitemap
from ingest.sources import fields, prolog
from ingest.urls import MAX_CHARACTERS, absolute

RECENT = timedelta(days=7)
MAX_UNDATED = 500  # addresses without a lastmod that are new at once: beyond, the site has renamed its pages
STAMPED_TIME, STAMPED_DAY = 20, 1_000  # addresses that share a lastmod: from here on it may be the document's own
HASH_BYTES = 8

RECOGNISED_IN = 16_384  # bytes; broken publishing systems put warnings in front
ROOT = re.compile(r"<((?:[A-Za-z_][\w.-]{0,40}:)?(urlset|sitemapindex))(?=[\s/>])", re.IGNORECASE)
HTML = re.compile(r"<html(?=[\s>])", re.IGNORECASE)
PREFIX = re.compile(r"<([A-Za-z_][\w.-]{0,40}):(?=[A-Za-z_])")
MAX_PREFIXES = 50
BARE = re.compile(r"&(?!(?:lt|gt|amp|quot|apos|#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7});)")
CLEAN_PATH = re.compile(r"/[A-Za-z0-9/._~%&=+,@!$'()*-]*")
LISTED = re.compile(r"\s{0,99}https?://\S{1,200}", re.IGNORECASE)
GZIP = b"\x1f\x8b"
MAX_MEMBERS = 1_000  # gzip streams in a row: more are made by attackers only
PIECE = 65_536
NEWS_FIELDS = frozenset(("title", "publication_date", "keywords", "language", "name"))


class Stated(NamedTuple):
    """One address and what is said of it, as text."""

    loc: str
    lastmod: str | None = None
    is_news: bool = False
    title: str | None = None
    published: str | None = None
    language: str | None = None
    keywords: str | None = None
    publication: str | None = None
    image: str | None = None

    @property
    def digest(self) -> bytes:
        """8 bytes that change when any of it does."""
        stated = "\x1f".join([part or "" for part in self[:2] + self[3:]])
        return blake2b(stated.encode("utf-8", "surrogatepass"), digest_size=HASH_BYTES).digest()


@dataclass
class _Sorted:
    """What became of the addresses of a document."""

    entries: list[ParsedEntry] = field(default_factory=list)
    undated: list[Stated] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)
    skipped: int = 0
    left: int = 0


def recognise(body: bytes, content_type: str | None) -> bool:
    """Whether its first element is that of a sitemap or index, or it has an address on its first line."""
    head = prolog.decode(_start(body), content_type)
    return _root(head) is not None or LISTED.match(head) is not None


def parse(body: bytes, content_type: str | None, url: str, now: datetime, known: bytes | None = None) -> ParsedFeed:
    """What a sitemap states. Raises ParseError: BOMB, BAD_ENCODING or TOO_LARGE, NOT_A_FEED.

    `known`: `item_hashes` of the document before; what is in it is left out, and counted in `skipped` with what is
    left to backfill.
    """
    body, problem = _unpacked(body)
    text = prolog.decode(body, content_type)
    del body
    problems = [problem] if problem else []
    root = _root(text[:RECOGNISED_IN])
    if root is None:
        return _feed(_listed(text, url, problems), url, now, known, problems)
    rows = _rows(text, root, problems)
    if root[2].lower() == "sitemapindex":
        return _index(rows, url, now, problems)
    return _feed(rows, url, now, known, problems)


# --- documents ----------------------------------------------------------------------------------------------------


def _start(body: bytes) -> bytes:
    if not body.startswith(GZIP):
        return body[:RECOGNISED_IN]
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(body[:RECOGNISED_IN], RECOGNISED_IN)
    except zlib.error:
        return b""


def _unpacked(body: bytes) -> tuple[bytes, str | None]:
    """(the document, what was wrong with its compression). What a broken one gave up to there is kept."""
    if not body.startswith(GZIP):
        if len(body) > MAX_BYTES:
            raise ParseError(Reason.TOO_LARGE, f"a sitemap of more than {MAX_BYTES} bytes")
        return body, None
    unpacked = bytearray()
    try:
        for piece in _pieces(body):
            unpacked += piece
            if len(unpacked) > MAX_BYTES:
                raise ParseError(Reason.BOMB, f"a sitemap of more than {MAX_BYTES} bytes")
    except (zlib.error, EOFError) as error:
        if not unpacked:
            raise ParseError(Reason.BAD_ENCODING, str(error)[:100]) from error
        return bytes(unpacked), "the compressed data is broken or cut short: what came before is read"
    return bytes(unpacked), None


def _pieces(body: bytes) -> Iterator[bytes]:
    """Member after member (RFC 1952); padding behind the last is nothing. Raises zlib.error or EOFError."""
    stream, members = zlib.decompressobj(16 + zlib.MAX_WBITS), 1
    for at in range(0, len(body), PIECE):
        data = body[at : at + PIECE]
        while data:
            if stream.eof:
                if not data.startswith(GZIP[:1]):
                    return
                stream, members = zlib.decompressobj(16 + zlib.MAX_WBITS), members + 1
                if members > MAX_MEMBERS:
                    raise ParseError(Reason.BOMB, "too many gzip members in a row")
            yield stream.decompress(data, PIECE)
            while stream.unconsumed_tail:
                yield stream.decompress(stream.unconsumed_tail, PIECE)
            data = stream.unused_data
    if not stream.eof:
        yield stream.flush()
        raise EOFError("the compressed data ends too early")


def _root(head: str) -> re.Match[str] | None:
    html, root = HTML.search(head), ROOT.search(head)
    return root if root and not (html and html.start() < root.start()) else None


def _rows(text: str, root: re.Match[str], problems: list[str]) -> list[Stated]:
    """The addresses of an XML document, in its order: those that are whole, where it is cut short."""
    item = "url" if root[2].lower() == "urlset" else "sitemap"
    rows: list[Stated] = []
    nameless = 0
    reader = etree.iterparse(
        BytesIO(_mended(text, root, item, problems)),
        events=("end",),
        tag=f"{{*}}{item}",
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    for _, element in _until_broken(reader, problems):
        if (parent := element.getparent()) is None or parent.getparent() is not None:
            continue  # an <image:url> or the like
        stated = _stated(element)
        element.clear()
        while element.getprevious() is not None:
            del parent[0]
        if len(rows) + nameless == MAX_URLS:
            problems.append(f"more than {MAX_URLS:,} addresses: the first are read")
            break
        if stated is None:
            nameless += 1
        else:
            rows.append(stated)
    if nameless:
        problems.append(f"{nameless} of {nameless + len(rows)} have no address")
    return rows


def _until_broken(reader: Any, problems: list[str]) -> Iterator[tuple[str, Any]]:
    """The parser mends what it can; what it cannot ends the document. Either is told once."""
    try:
        yield from reader
    except etree.XMLSyntaxError as error:
        problems.append(f"not well-formed: {str(error)[:200]}")
    else:
        broken = next((each for each in reader.error_log if each.level >= etree.ErrorLevels.ERROR), None)
        if broken:
            problems.append(f"not well-formed: {broken.message[:200]}")


def _mended(text: str, root: re.Match[str], item: str, problems: list[str]) -> bytes:
    """From the first element to the end of the last whole one, with every prefix declared as its own namespace."""
    begin = text.find(">", root.end())
    if begin < 0 or text[begin - 1] == "/":  # cut short within the first element, or an empty one
        return b"<urlset/>"
    end = text.rfind(f"</{root[1]}")
    if end < begin:
        problems.append("cut short: what is whole is read")
        marks = (f"</{item}>", f"</{root[1].rpartition(':')[0]}:{item}>")
        end = max(text.rfind(mark) + len(mark) for mark in marks)
        end = max(end, begin + 1)
    inner = text[begin + 1 : end]
    own = {root[1].rpartition(":")[0]} - {""}
    prefixes = sorted(own | _prefixes(inner))
    names = "".join(f' xmlns:{name}="{name}"' for name in prefixes if not name.lower().startswith("xml"))
    return f"<{root[1]}{names}>{_escaped(inner)}</{root[1]}>".encode("utf-8", "replace")


def _prefixes(text: str) -> set[str]:
    found: set[str] = set()
    for match in PREFIX.finditer(text):
        found.add(match[1])
        if len(found) == MAX_PREFIXES:
            break
    return found


def _escaped(text: str) -> str:
    """Ampersands of addresses escaped where they are not, HTML's names for characters read; CDATA stays as it is."""
    first, *sections = prolog.mended(text).split("<![CDATA[")
    parts = [BARE.sub("&amp;", first)]
    for section in sections:
        data, end, behind = section.partition("]]>")
        parts += ["<![CDATA[", data, end, BARE.sub("&amp;", behind)]
    return "".join(parts)


def _stated(element: Any) -> Stated | None:
    """What is said of one address; None where there is none."""
    found: dict[str, str] = {}
    is_news = False
    for child in element:
        name = _name(child.tag)
        if name in ("loc", "lastmod"):
            found.setdefault(name, _text(child))
        elif name == "image":
            image = next((part for part in child if _name(part.tag) == "loc"), None)
            if image is not None:
                found.setdefault("image", _text(image))
        elif name == "news" or (name in NEWS_FIELDS and child.tag.startswith("{news}")):
            is_news = True
            for part in child.iter():
                if (name := _name(part.tag)) in NEWS_FIELDS:
                    found.setdefault(name, _text(part))
    loc = found.get("loc")
    if not loc:
        return None
    get = found.get
    return Stated(
        loc, get("lastmod"), is_news, get("title"), get("publication_date"), get("language"), get("keywords"),
        get("name"), get("image"),
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _name(tag: Any) -> str:
    """The local name in lower case; "" for what is no element."""
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _text(element: Any) -> str:
    found = "".join(element.itertext()) if len(element) else element.text
    return found.strip() if found else ""


def _listed(text: str, url: str, problems: list[str]) -> list[Stated]:
    """One address a line (sitemaps.org). A text of addresses is a sitemap only where its own address says so."""
    if not looks_like_sitemap(url) and ".txt" not in url.lower():
        raise ParseError(Reason.NOT_A_FEED, "neither XML nor JSON")
    lines = [line.strip() for line in text[: MAX_BYTES // 4].split("\n")]
    rows = [Stated(line) for line in lines if line[:8].lower().startswith(("http://", "https://"))]
    if len(rows) > MAX_URLS:
        problems.append(f"more than {MAX_URLS:,} addresses: the first are read")
    return rows[:MAX_URLS]


# --- what they state ----------------------------------------------------------------------------------------------


def _index(rows: Sequence[Stated], url: str, now: datetime, problems: list[str]) -> ParsedFeed:
    children: dict[str, ListedSitemap] = {}
    for row in rows:
        if child := _address(url, row.loc):
            children.setdefault(child, ListedSitemap(child, fields.believed(row.lastmod, now)))
    return ParsedFeed(
        kind=SITEMAP_INDEX,
        title=None,
        site_url=None,
        language=None,
        entries=(),
        children=tuple(children.values()),
        problem="; ".join(problems) or None,
    )


def _feed(rows: Sequence[Stated], url: str, now: datetime, known: bytes | None, problems: list[str]) -> ParsedFeed:
    done = _sort(rows, url, now, known)
    if done.left:
        problems.append(f"{done.left:,} addresses without a recent lastmod are left to backfill")
    is_news = any(row.is_news for row in rows)
    languages = {fields.language(row.language) for row in rows if row.language}
    names = (row.publication for row in rows if row.publication)
    return ParsedFeed(
        kind=NEWS_SITEMAP if is_news else SITEMAP,
        title=fields.line(next(names, None), fields.MAX_TITLE),
        site_url=None,
        language=languages.pop() if len(languages) == 1 else None,
        entries=tuple(done.entries),
        skipped=done.skipped + done.left,
        item_hashes=b"".join(done.hashes),
        problem="; ".join(problems) or None,
    )


def _sort(rows: Sequence[Stated], url: str, now: datetime, known: bytes | None) -> _Sorted:
    """Which addresses are entries, and which were known or are left to backfill."""
    before = _split(known or b"")
    stamps = _stamps(rows)
    done, seen = _Sorted(), set[str]()
    for row in rows:
        if row.loc in seen:
            done.skipped += 1
            continue
        seen.add(row.loc)
        if row.lastmod in stamps:
            row = row._replace(lastmod=None)
        done.hashes.append(digest := row.digest)
        if digest in before:
            done.skipped += 1
        elif row.is_news or _is_recent(row.lastmod, now):
            done.entries.append(_entry(row, url, now))
        elif row.lastmod or known is None:
            done.left += 1
        else:
            done.undated.append(row)
    if len(done.undated) <= MAX_UNDATED:
        done.entries += [_entry(row, url, now) for row in done.undated]
    else:
        done.left += len(done.undated)
    return done


def _split(hashes: bytes) -> frozenset[bytes]:
    return frozenset(hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES))


def _stamps(rows: Sequence[Stated]) -> frozenset[str | None]:
    """The lastmod that more than half of the addresses share, where they are many: when the document was written.

    A day alone may be shared by many in earnest.
    """
    counted = Counter(row.lastmod for row in rows if row.lastmod)
    for text, count in counted.most_common(1):
        if count * 2 > counted.total() and count > (STAMPED_TIME if len(text) > len("2026-11-23") else STAMPED_DAY):
            return frozenset((text,))
    return frozenset()


def _is_recent(lastmod: str | None, now: datetime) -> bool:
    moment = fields.believed(lastmod, now)
    return moment is not None and moment >= now - RECENT


def _entry(row: Stated, base: str, now: datetime) -> ParsedEntry:
    url = _address(base, row.loc)
    published_at = fields.believed(row.published, now)
    return ParsedEntry(
        entry_id=fields.entry_id(row.loc, url, None, None, None),
        url=url,
        title=fields.line(row.title, fields.MAX_TITLE),
        categories=fields.names(row.keywords.split(","), fields.MAX_CATEGORIES) if row.keywords else (),
        published_at=published_at,
        published_text=None if published_at else fields.line(row.published, fields.MAX_NAME),
        updated_at=fields.believed(row.lastmod, now),
        language=fields.language(row.language),
        image_url=_address(base, row.image) if row.image else None,
        bad_link=None if url else fields.link("", row.loc)[1],
    )


def _address(base: str, stated: str) -> str | None:
    """`absolute`, at a tenth of its cost for what is absolute and clean already: there may be 50,000."""
    slash = stated.find("/", 8)
    is_clean = 8 < slash < len(stated) <= MAX_CHARACTERS and CLEAN_PATH.fullmatch(stated, slash)
    return stated if is_clean and _is_clean_origin(stated[:slash]) else absolute(base, stated)


@lru_cache(maxsize=1024)
def _is_clean_origin(origin: str) -> bool:
    return absolute("", origin + "/") == origin + "/"
