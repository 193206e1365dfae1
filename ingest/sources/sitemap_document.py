"""The document of a sitemap: unpacked within its limit, mended, and read address by address.

Elements go by their names and places, whatever their namespaces: publishers get those wrong, or leave them out. Nothing
is read of a document type, and no element stays in memory behind its end.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from io import BytesIO
from typing import Any, NamedTuple

from lxml import etree

from ingest.errors import ParseError
from ingest.model import Reason
from ingest.sitemaps import MAX_BYTES, MAX_URLS
from ingest.sources import prolog

HASH_BYTES = 8
RECOGNISED_IN = 16_384  # bytes; broken publishing systems put warnings in front
ROOT = re.compile(r"<((?:[A-Za-z_][\w.-]{0,40}:)?(urlset|sitemapindex))(?=[\s/>])", re.IGNORECASE)
HTML = re.compile(r"<html(?=[\s>])", re.IGNORECASE)
PREFIX = re.compile(r"<([A-Za-z_][\w.-]{0,40}):(?=[A-Za-z_])")
MAX_PREFIXES = 50
BARE = re.compile(r"&(?!(?:lt|gt|amp|quot|apos|#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7});)")
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


def start(body: bytes) -> bytes:
    """The beginning of the document, unpacked; nothing where that cannot be."""
    if not body.startswith(GZIP):
        return body[:RECOGNISED_IN]
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(body[:RECOGNISED_IN], RECOGNISED_IN)
    except zlib.error:
        return b""


def unpacked(body: bytes) -> tuple[bytes, str | None]:
    """(the document, what was wrong with its compression). What a broken one gave up to there is kept."""
    if not body.startswith(GZIP):
        if len(body) > MAX_BYTES:
            raise ParseError(Reason.TOO_LARGE, f"a sitemap of more than {MAX_BYTES} bytes")
        return body, None
    document = bytearray()
    try:
        for piece in _pieces(body):
            document += piece
            if len(document) > MAX_BYTES:
                raise ParseError(Reason.BOMB, f"a sitemap of more than {MAX_BYTES} bytes")
    except (zlib.error, EOFError) as error:
        if not document:
            raise ParseError(Reason.BAD_ENCODING, str(error)[:100]) from error
        return bytes(document), "the compressed data is broken or cut short: what came before is read"
    return bytes(document), None


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
            while stream.unconsumed_tail and not stream.eof:  # at its end the tail is what follows
                yield stream.decompress(stream.unconsumed_tail, PIECE)
            data = stream.unused_data
    if not stream.eof:
        yield stream.flush()
    if not stream.eof:
        raise EOFError("the compressed data ends too early")


def root_of(head: str) -> re.Match[str] | None:
    """The first element, if it is one of ours. Groups: its name as written, and without prefix."""
    html, root = HTML.search(head), ROOT.search(head)
    return root if root and not (html and html.start() < root.start()) else None


def read_rows(text: str, root: re.Match[str], problems: list[str], limit: int = MAX_URLS) -> tuple[list[Stated], int]:
    """The addresses of an XML document, in its order: those that are whole, where it is cut short; at most `limit`.

    And about how many there are behind them.
    """
    item = "url" if root[2].lower() == "urlset" else "sitemap"
    rows: list[Stated] = []
    nameless = unread = 0
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
        if len(rows) + nameless == limit:
            problems.append(f"more than {limit:,} addresses: the first are read")
            unread = max(text.count(f"</{(root[1].rpartition(':')[0] + ':').lstrip(':')}{item}>") - limit, 1)
            break
        if stated is None:
            nameless += 1
        else:
            rows.append(stated)
    if nameless:
        problems.append(f"{nameless} of {nameless + len(rows)} have no address")
    return rows, unread


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
