"""Lists of feeds in and out: OPML 2.0, CSV, and plain lists of addresses. A bad line is reported and stops nothing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from ingest.errors import ParseError
from ingest.model import Reason
from ingest.sources import prolog
from ingest.urls import absolute

MAX_CHARACTERS = 10_000_000
MAX_TITLE = 1000
COLUMNS = ("url", "title", "tags", "interval")
URL_COLUMNS = frozenset(("url", "xmlurl", "feed", "feed_url"))
# No document type gets here, and libxml2 keeps its own limits: 256 levels, 10 MB for one text.
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """One line of a list. `problem`: why it cannot be used; `url` is then what was stated, perhaps ""."""

    url: str
    title: str | None = None
    tags: tuple[str, ...] = ()
    interval: str | None = None  # as written: "30m"
    line: int = 0
    problem: str | None = None


# --- OPML ---------------------------------------------------------------------------------------------------------


def read_opml(data: bytes) -> list[ListedFeed]:
    """The feeds of an OPML document; folders and categories become tags. Raises ParseError(NOT_A_FEED)."""
    if len(data) > MAX_CHARACTERS:
        raise ParseError(Reason.NOT_A_FEED, "a list of more than 10 MB")
    text = prolog.decode(data, None)
    start = prolog.root_at(text)
    lines = "\n" * text.count("\n", 0, start)  # so that line numbers are those of the file
    try:
        root = etree.fromstring((lines + prolog.mended(text[start:])).encode(), PARSER)
    except etree.XMLSyntaxError as error:
        raise ParseError(Reason.NOT_A_FEED, f"no OPML: {str(error)[:200]}") from error
    if root is None or _name(root) != "opml":
        raise ParseError(Reason.NOT_A_FEED, "no OPML")
    return list(_listed(root))


def _listed(root: Any) -> Iterator[ListedFeed]:
    """Outlines in document order. An outline without a feed address and with children is a folder."""
    waiting: list[tuple[Any, tuple[str, ...]]] = [(root, ())]
    while waiting:
        element, folders = waiting.pop()
        stated = {name.lower(): value for name, value in element.attrib.items()}
        if _name(element) == "outline":
            if "xmlurl" in stated or stated.get("type", "").lower() in ("rss", "atom"):
                yield _outline(stated, folders, element.sourceline)
            elif folder := _title(stated):
                folders = (*folders, folder)
        waiting += [(child, folders) for child in reversed(element)]


def _outline(stated: dict[str, str], folders: tuple[str, ...], line: int) -> ListedFeed:
    categories = (part.strip().strip("/") for part in stated.get("category", "").split(","))
    tags = (*folders, *(part for part in categories if part))
    return _checked(stated.get("xmlurl", ""), _title(stated), tags, stated.get("interval"), line)


def _title(stated: dict[str, str]) -> str | None:
    return " ".join((stated.get("title") or stated.get("text") or "").split())[:MAX_TITLE] or None


def _name(element: Any) -> str:
    """The local name in lower case; "" for comments and what else is no element."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def write_opml(feeds: Iterable[ListedFeed], title: str) -> str:
    """An OPML 2.0 document: a folder for each first tag, the other tags as categories. Bad lines are left out."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = _legal(title)
    body = etree.SubElement(root, "body")
    folders: dict[str, Any] = {}
    for feed in feeds:
        if not feed.problem:
            tags = [_legal(tag.replace(",", " ")) for tag in feed.tags]
            if tags and tags[0] not in folders:
                folders[tags[0]] = etree.SubElement(body, "outline", text=tags[0], title=tags[0])
            _write(folders[tags[0]] if tags else body, feed, tags[1:])
    written: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return written.decode()


def _write(parent: Any, feed: ListedFeed, categories: list[str]) -> None:
    name = _legal(feed.title or feed.url)
    outline = etree.SubElement(parent, "outline", type="rss", text=name, title=name, xmlUrl=_legal(feed.url))
    if categories:
        outline.set("category", ",".join(categories))
    if feed.interval:
        outline.set("interval", _legal(feed.interval))


def _legal(text: str) -> str:
    """Without the characters that XML cannot carry."""
    return prolog.ILLEGAL.sub("", text)


# --- CSV and plain lists ------------------------------------------------------------------------------------------


def read_csv(text: str) -> list[ListedFeed]:
    """Feeds of a table with a header (url, and if wanted title, tags, interval), or of a list with an address a line.

    Lines that begin with "#" are comments. Tags are separated by ";", "|" or ",". Raises ParseError(NOT_A_FEED).
    """
    if len(text) > MAX_CHARACTERS:
        raise ParseError(Reason.NOT_A_FEED, "a list of more than 10 MB")
    text = text.removeprefix("\ufeff")
    rows = text.splitlines()
    first = next((number for number, row in enumerate(rows) if row.strip() and not row.startswith("#")), None)
    if first is None:
        return []
    delimiter = max(",;\t", key=rows[first].count)
    header = [cell.strip().strip('"').lower() for cell in rows[first].split(delimiter)]
    if URL_COLUMNS.isdisjoint(header):
        return [_checked(row.strip(), None, (), None, number) for number, row in _lines(rows)]
    return list(_table(rows[first + 1 :], header, delimiter, first + 1))


def _lines(rows: list[str]) -> Iterator[tuple[int, str]]:
    return (
        (number, row) for number, row in enumerate(rows, start=1) if row.strip() and not row.lstrip().startswith("#")
    )


def _table(rows: list[str], header: list[str], delimiter: str, above: int) -> Iterator[ListedFeed]:
    reader = csv.reader((row + "\n" for row in rows), delimiter=delimiter)
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield ListedFeed("", line=above + reader.line_num, problem=str(error))
            continue
        if cells is None:
            return
        if not any(cell.strip() for cell in cells) or cells[0].lstrip().startswith("#"):
            continue
        stated = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
        url = next((stated[name] for name in header if name in URL_COLUMNS and name in stated), "")
        tags = (part.strip() for part in re.split(r"[;|,]", stated.get("tags", "")))
        title = " ".join(stated.get("title", "").split())[:MAX_TITLE] or None
        yield _checked(url, title, tuple(tag for tag in tags if tag), stated.get("interval"), above + reader.line_num)


def write_csv(feeds: Iterable[ListedFeed]) -> str:
    """A table that `read_csv` reads back. Bad lines are left out."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    for feed in feeds:
        if not feed.problem:
            writer.writerow((feed.url, feed.title or "", ";".join(feed.tags), feed.interval or ""))
    return written.getvalue()


def _checked(url: str, title: str | None, tags: tuple[str, ...], interval: str | None, line: int) -> ListedFeed:
    url = url.strip()
    found = absolute("", url)
    problem = None if found else "no address" if not url else "not an http(s) address"
    return ListedFeed(
        found or url[:200], title, tuple(dict.fromkeys(tags)), (interval or "").strip() or None, line, problem
    )
