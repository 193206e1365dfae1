"""Lists of addresses: text, CSV, TSV, JSON lines; recognised by what is in them, read a chunk at a time.

    text     an address a line, and behind white space perhaps a title; lines that begin with "#" are comments
    table    separated by commas, semicolons, tabs or bars. With a header: columns for address, title and date, by the
             names below. Without one: the column that holds addresses
    JSON     an object a line, with the same names; what a backfill could not get is written like that

A bad line is reported with its number and stops nothing. What is packed with gzip is unpacked.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from ingest.backfill.lines import SHOWN, Line, Lines
from ingest.backfill.wanted import Fit, Wanted
from ingest.dates import parse_date
from ingest.errors import ParseError
from ingest.model import ParsedEntry, Reason
from ingest.urls import absolute

MAX_TITLE = 1000
MAX_SPAN = 50  # lines that one row of a table may take, with line ends between quotes
SAMPLE = 20  # lines that show how a list is written; among twice as many, with comments

URL_NAMES = ("url", "link", "address", "href", "loc", "permalink", "canonical_url", "uri", "page_url", "article_url")
TITLE_NAMES = ("title", "headline", "name")
PUBLISHED_NAMES = ("published", "published_at", "date", "published_date", "publish_date", "publication_date",
                   "pub_date", "pubdate", "datepublished", "date_published", "datetime", "timestamp")  # fmt: skip
UPDATED_NAMES = ("lastmod", "modified", "modified_at", "updated", "updated_at", "last_modified")
DELIMITERS = "\t,;|"
ADDRESS = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that brings no address."""

    line: int  # from 1
    text: str  # its first 200 characters
    reason: Reason  # BAD_LINK, NO_LINK, TOO_LARGE, BAD_ENCODING
    detail: str = ""


@dataclass(frozen=True, slots=True)
class UrlChunk:
    """A part of a list, read."""

    entries: tuple[ParsedEntry, ...]
    bad: tuple[BadLine, ...]
    position: int | None  # bytes, unpacked, before the next line; None: the end
    left_out: Mapping[str, int]  # "filtered", "outside_window"
    lines: int = 0  # read in this chunk


@dataclass(frozen=True, slots=True)
class Shape:
    """How a list is written. Columns are those of a table, None where there is none; `delimiter` None: not a table."""

    is_json: bool = False
    header: str | None = None  # the line
    delimiter: str | None = None
    url: int | None = None
    title: int | None = None
    published: int | None = None
    updated: int | None = None


def read_chunk(file: BinaryIO, position: int, wanted: Wanted, max_lines: int = 1000) -> UrlChunk:
    """One chunk. Who reads several keeps a `UrlList`, so that nothing is read twice."""
    return UrlList(file, position).read_chunk(wanted, max_lines)


class UrlList:
    """A list that is being read. `file` must be able to seek: standard input is to be put into a file first.

    Raises ParseError(WRONG_TYPE) for what is no such list: XML, one JSON array, UTF-16.
    """

    def __init__(self, file: BinaryIO, position: int = 0) -> None:
        self._lines = Lines(file)
        sample = [line.text for line in self._lines.look(2 * SAMPLE)]
        self._shape = recognise([text for text in sample if not _is_idle(text)][:SAMPLE])
        self._lines.advance(position)

    @property
    def position(self) -> int:
        return self._lines.position

    def read_chunk(self, wanted: Wanted, max_lines: int = 1000) -> UrlChunk:
        """The next lines."""
        entries: list[ParsedEntry] = []
        bad: list[BadLine] = []
        left_out: Counter[str] = Counter()
        lines = 0
        while lines < max_lines and (line := self._lines.next()) is not None:
            lines += 1
            stated = self._stated(line)
            if isinstance(stated, BadLine):
                bad.append(stated)
            elif stated is None:
                continue
            elif why := _why_left_out(stated, wanted):
                left_out[why] += 1
            else:
                entries.append(stated)
        position = self._lines.position if self._lines.look(1) else None
        return UrlChunk(tuple(entries), tuple(bad), position, dict(left_out), lines)

    def _stated(self, line: Line) -> ParsedEntry | BadLine | None:
        """What a line says; None for an empty one, a comment, the header."""
        if line.problem is not None:
            return _bad(line, line.problem)
        if _is_idle(line.text) or (self._shape.header is not None and line.text == self._shape.header):
            return None
        if self._shape.is_json:
            return _from_json(line)
        if self._shape.delimiter is None:
            url, *title = line.text.split(maxsplit=1)
            return _entry(line, url, "".join(title))
        return self._from_table(line, self._shape.delimiter)

    def _from_table(self, line: Line, delimiter: str) -> ParsedEntry | BadLine:
        row = self._row(line, delimiter)
        columns = (self._shape.url, self._shape.title, self._shape.published, self._shape.updated)
        return _entry(line, *(row[each] if each is not None and each < len(row) else "" for each in columns))

    def _row(self, line: Line, delimiter: str) -> list[str]:
        """The cells of the row that begins with this line. It may go on in the next ones, between quotes; not for long:
        then it is the quote that is wrong, and the next ones are rows of their own.
        """
        following: list[Line] = []

        def texts() -> Iterator[str]:
            yield line.text
            while len(following) < MAX_SPAN and (more := self._lines.next()) is not None:
                following.append(more)
                yield "\n" + more.text
            raise csv.Error("a quote that is not closed")

        try:
            return next(csv.reader(texts(), delimiter=delimiter))
        except csv.Error:
            self._lines.put_back(following)
            return line.text.replace('"', "").split(delimiter)


# --- the shape --------------------------------------------------------------------------------------------------------


def recognise(sample: Sequence[str]) -> Shape:
    """How a list is written, by its first lines that are neither empty nor comments. Raises ParseError(WRONG_TYPE)."""
    if not sample:
        return Shape()
    first = sample[0].lstrip()
    if first.startswith("{"):
        return Shape(is_json=True)
    if first.startswith("[") and not first.startswith(ADDRESS):
        raise ParseError(Reason.WRONG_TYPE, "one JSON array; what can be read is a JSON object a line")
    if first.startswith("<"):
        raise ParseError(Reason.WRONG_TYPE, "XML or HTML; a sitemap is a source of its own")
    if "\ufffd\ufffd" in first[:4]:
        raise ParseError(Reason.WRONG_TYPE, "no UTF-8")
    return _with_header(sample[0]) or _without_header(sample) or Shape()


def _with_header(line: str) -> Shape | None:
    for delimiter in DELIMITERS:
        names = [name.strip().lower().replace(" ", "_") for name in _cells(line, delimiter)]
        if any(name in URL_NAMES for name in names):
            columns = (_column(names, each) for each in (URL_NAMES, TITLE_NAMES, PUBLISHED_NAMES, UPDATED_NAMES))
            return Shape(False, line, delimiter, *columns)
    return None


def _column(names: Sequence[str], meant: Sequence[str]) -> int | None:
    """The column with the name that comes first among those meant."""
    return next((names.index(name) for name in meant if name in names), None)


def _without_header(sample: Sequence[str]) -> Shape | None:
    """A table whose lines all have an address in the same column.

    Addresses may have commas and semicolons in them, so that a list of them looks like a table. It is one where the
    address is not the first, or is quoted, or only dates stand behind it, or what parts them is a tab.
    """
    for delimiter in DELIMITERS:
        rows = [[cell.strip() for cell in _cells(line, delimiter)] for line in sample]
        width = min(map(len, rows))
        columns = [at for at in range(width) if all(row[at].startswith(ADDRESS) for row in rows)]
        if width < 2 or not columns:
            continue
        behind = [cell for row in rows for cell in row[1:] if cell]
        is_table = columns[0] > 0 or delimiter == "\t" or all(line.lstrip().startswith('"') for line in sample)
        if is_table or all(not cell.isdecimal() and parse_date(cell) for cell in behind):
            return Shape(delimiter=delimiter, url=columns[0])
    return None


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _is_idle(text: str) -> bool:
    """An empty line, a comment, the note by which spreadsheets tell the delimiter."""
    text = text.strip()
    return not text or text.startswith("#") or (len(text) == 5 and text.startswith("sep="))


# --- what a line says -------------------------------------------------------------------------------------------------


def _from_json(line: Line) -> ParsedEntry | BadLine:
    try:
        said: Any = json.loads(line.text)
    except (ValueError, RecursionError):
        return _bad(line, Reason.BAD_LINK, "no JSON")
    if not isinstance(said, dict):
        return _bad(line, Reason.BAD_LINK, "no JSON object")
    stated = {str(name).lower(): value for name, value in said.items()}
    return _entry(line, *(_first(stated, each) for each in (URL_NAMES, TITLE_NAMES, PUBLISHED_NAMES, UPDATED_NAMES)))


def _first(stated: Mapping[str, Any], names: Sequence[str]) -> str:
    """The value of the first of these names that has one: a text, or a number of seconds."""
    values = (stated.get(name) for name in names)
    said = next((value for value in values if isinstance(value, str | int | float) and value is not True and value), "")
    return said if isinstance(said, str) else f"{said:.0f}"


def _entry(line: Line, url: str, title: str = "", published: str = "", updated: str = "") -> ParsedEntry | BadLine:
    if not url.strip():
        return _bad(line, Reason.NO_LINK)
    found = absolute("", url)
    if found is None:
        return _bad(line, Reason.BAD_LINK)
    published_at = parse_date(published)
    return ParsedEntry(
        entry_id=found,
        url=found,
        title=" ".join(title.split())[:MAX_TITLE] or None,
        published_at=published_at,
        published_text=published.strip()[:SHOWN] or None if published_at is None else None,
        updated_at=parse_date(updated),
    )


def _bad(line: Line, reason: Reason, detail: str = "") -> BadLine:
    return BadLine(line.number, line.text[:SHOWN], reason, detail)


def _why_left_out(entry: ParsedEntry, wanted: Wanted) -> str | None:
    if not wanted.takes_address(entry.url or ""):
        return "filtered"
    return "outside_window" if wanted.fit(entry.published_at, entry.updated_at) is Fit.OUTSIDE else None
