"""A page's tree to its blocks: one for each paragraph, heading, list item and table row, in the order of the page.

Nothing is judged here. A block knows its text, how much of it is linked or bold, and its place: the chain of elements
that hold it, each with what its name says of it (`Trait`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntFlag, auto
from functools import cached_property
from typing import Any

from lxml import etree

from ingest.document import comparable

MAX_BLOCKS = 20_000
MARKS = ("class", "id", "itemprop", "data-component")
MARK_CHARS = 300
PROSE_CHARS = 80  # a longer block with little of it linked is running text
MAX_CELL_CHARS = 250  # a table with longer cells, or with blocks in them, only arranges the page
MAX_ROW_CHARS = 600
KEY_CHARS = 300
LINE_BREAK = "\n"
CELL_BREAK = " | "

INLINE = frozenset((
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em", "font", "i",
    "ins", "kbd", "label", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub",
    "sup", "time", "tt", "u", "var", "wbr", "img",
))  # fmt: skip
BOLD = frozenset(("b", "strong"))
CELLS = frozenset(("td", "th"))
IN_CELL = INLINE | {"p", "div"}
HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
LENGTH = etree.XPath("string-length(normalize-space(.))")


class Trait(IntFlag):
    """What the name of an element says of what it holds."""

    ASIDE = auto()
    HEADER = auto()
    FORM = auto()
    FIGURE = auto()
    ARTICLE = auto()
    MAIN = auto()
    LIST = auto()
    TABLE = auto()
    QUOTE = auto()
    HIDDEN = auto()
    NUMBERED = auto()


TRAITS = {name: trait.value for name, trait in {
    "aside": Trait.ASIDE, "header": Trait.HEADER, "form": Trait.FORM, "fieldset": Trait.FORM, "figure": Trait.FIGURE,
    "article": Trait.ARTICLE, "main": Trait.MAIN, "ul": Trait.LIST, "ol": Trait.LIST | Trait.NUMBERED,
    "dl": Trait.LIST, "table": Trait.TABLE, "blockquote": Trait.QUOTE,
}.items()}  # fmt: skip
HIDDEN = Trait.HIDDEN.value


@dataclass(slots=True, eq=False)
class Place:
    """An element that is no part of a line.

    `blocks`, `chars`: of its own lines; `prose` (characters of running text), `deep_…`: with those of deeper elements.
    """

    element: Any
    tag: str
    above: Place | None
    depth: int
    own: int  # traits of the element
    all: int  # of it and everything around it
    blocks: int = 0
    chars: int = 0
    prose: int = 0
    deep_chars: int = 0
    deep_linked: int = 0
    _mark: str | None = None

    @property
    def mark(self) -> str:
        """Class, id and their like, lower case."""
        if self._mark is None:
            get = self.element.attrib.get if self.element is not None else _nothing
            self._mark = " ".join(filter(None, map(get, MARKS)))[:MARK_CHARS].lower()
        return self._mark

    def chain(self) -> Iterator[Place]:
        """This place and those around it, outwards."""
        place: Place | None = self
        while place is not None:
            yield place
            place = place.above


@dataclass(eq=False)
class Block:
    """A run of text that stands by itself. One line; where the page breaks lines, several."""

    text: str
    place: Place
    link_chars: int = 0
    links: int = 0
    bold_chars: int = 0

    @cached_property
    def key(self) -> str:
        """Its words, of a long one the first, for comparing."""
        return comparable(self.text[:KEY_CHARS])

    @property
    def is_prose(self) -> bool:
        """Whether it is running text by its length and links alone."""
        return len(self.text) > PROSE_CHARS and self.link_chars * 2 < len(self.text)

    @property
    def is_row(self) -> bool:
        """Whether it is a row of a table of data."""
        return self.place.tag == "tr"


def blocks_of(root: Any) -> list[Block]:
    """The blocks under an element, from which scripts, menus and their like are expected to be gone."""
    return _Walk().over(root)


class _Walk:
    """One pass over a tree; `_text` and its like hold the line that is being gathered."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._text: list[str] = []
        self._link_chars = self._links = self._bold_chars = 0
        self._linked = self._bold = 0  # how deep in links, in bold type
        self._row: Any = None  # the row of a table of data that is being gathered

    def over(self, root: Any) -> list[Block]:
        place = Place(root, "", None, 0, 0, 0)
        for event, element in etree.iterwalk(root, events=("start", "end")):
            tag = element.tag
            if tag in INLINE:
                self._inline(event, element, tag)
            elif self._row is not None and element is not self._row:
                if tag in CELLS and event == "start" and self._text:
                    self._text.append(CELL_BREAK)
                self._add(element.text if event == "start" else element.tail)
            elif event == "start":
                place = self._enter(element, tag, place)
            else:
                place = self._leave(element, place, root)
            if len(self.blocks) >= MAX_BLOCKS:
                break
        if self._text:
            self._flush(place)
        return self.blocks

    def _enter(self, element: Any, tag: str, place: Place) -> Place:
        if self._text:
            self._flush(place)
        if tag == "tr" and _is_of_data(element):
            self._row = element
        else:
            self._add(element.text)
        return _place(element, tag, place)

    def _leave(self, element: Any, place: Place, root: Any) -> Place:
        if self._text:
            self._flush(place)
        if element is self._row:
            self._row = None
        if place.above is None:
            return place
        above = place.above
        above.prose += place.prose
        above.deep_chars += place.deep_chars
        above.deep_linked += place.deep_linked
        if element is not root:
            self._add(element.tail)
        return place.above

    def _inline(self, event: str, element: Any, tag: str) -> None:
        began = event == "start"
        if tag == "a":
            self._linked += 1 if began else -1
            self._links += began
        elif tag in BOLD:
            self._bold += 1 if began else -1
        elif tag == "br" and began:
            self._text.append(LINE_BREAK)
        self._add(element.text if began else element.tail)

    def _add(self, text: str | None) -> None:
        if not text:
            return
        if self._linked or self._bold:
            count = len(text) if "\n" not in text and "  " not in text else len(" ".join(text.split()))
            if self._linked:
                self._link_chars += count
            if self._bold:
                self._bold_chars += count
        self._text.append(text if "\n" not in text else text.replace("\n", " "))

    def _flush(self, place: Place) -> None:
        raw = "".join(self._text) if len(self._text) > 1 else self._text[0]
        self._text.clear()
        if not raw.isspace():
            for text in _paragraphs(raw):
                self._append(text, place)
        self._link_chars = self._links = self._bold_chars = 0

    def _append(self, text: str, place: Place) -> None:
        count = len(text)
        block = Block(text, place, min(self._link_chars, count), self._links, min(self._bold_chars, count))
        self.blocks.append(block)
        place.blocks += 1
        place.chars += count
        place.deep_chars += count
        place.deep_linked += block.link_chars
        if block.is_prose:
            place.prose += count


def _paragraphs(raw: str) -> Iterator[str]:
    """The paragraphs in a run of text: two line breaks part them, one stays."""
    if LINE_BREAK not in raw:
        if text := " ".join(raw.split()).strip("| "):
            yield text
        return
    lines: list[str] = []
    for line in raw.split(LINE_BREAK):
        if text := " ".join(line.split()):
            lines.append(text)
        elif lines:
            yield LINE_BREAK.join(lines)
            lines = []
    if lines:
        yield LINE_BREAK.join(lines)


def _is_of_data(row: Any) -> bool:
    """Whether a table's row is one of data: several short cells of plain lines."""
    cells = [cell for cell in row if cell.tag in CELLS]
    if len(cells) < 2 or any(inner.tag not in IN_CELL for cell in cells for inner in cell.iterdescendants()):
        return False
    lengths = [LENGTH(cell) for cell in cells]
    return bool(sum(lengths) <= MAX_ROW_CHARS and max(lengths) <= MAX_CELL_CHARS)


def _place(element: Any, tag: str, above: Place) -> Place:
    own = TRAITS.get(tag, 0)
    attributes = element.attrib
    if attributes and ("hidden" in attributes or ((style := attributes.get("style")) and HIDING.search(style))):
        own |= HIDDEN
    return Place(element, tag, above, above.depth + 1, own, own | above.all)


def _nothing(name: str) -> None:
    """The attribute of no element."""
