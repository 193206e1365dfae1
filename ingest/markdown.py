"""Blocks to Markdown: CommonMark with pipe tables, so that subheadings, lists, quotations and tables stay.

Only structure is marked. Whatever in the text would read as a mark is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from ingest.blocks import CELL_BREAK, Block, Place, Trait

HEADINGS = {f"h{level}": level for level in range(1, 7)}
MARKS = re.compile(r"([\\`*_\[\]<])")
LINE_START = re.compile(r"^(\s{0,3})([#>+=~|-]|\d{1,9}[.)](?=\s|$))", re.M)
NUMBER_START = re.compile(r"^(\d{1,9})([.)])$")


def to_markdown(blocks: Sequence[Block]) -> str:
    """The blocks of an article, in order."""
    base = min((HEADINGS[b.place.tag] for b in blocks if b.place.tag in HEADINGS), default=2)
    parts = groupby(blocks, key=_kind)
    return "\n\n".join(part for kind, members in parts for part in _part(kind, list(members), base))


def _kind(block: Block) -> tuple[str, int]:
    """What a block is, and in which list, quotation or table it stands."""
    place = block.place
    if place.tag in HEADINGS:
        return "heading", id(block)
    if place.tag == "pre":
        return "code", id(block)
    for name, trait in (("table", Trait.TABLE), ("quote", Trait.QUOTE), ("list", Trait.LIST)):
        if place.all & trait and (name != "table" or block.is_row) and (around := _of(place, trait)) is not None:
            return name, id(around)
    return "text", id(block)


def _of(place: Place, trait: Trait) -> Place | None:
    """The innermost element around a place that has a trait."""
    return next((around for around in place.chain() if around.own & trait), None)


def _part(kind: tuple[str, int], blocks: Sequence[Block], base: int) -> Iterator[str]:
    match kind[0]:
        case "heading":
            level = min(HEADINGS[blocks[0].place.tag] - base + 2, 6)
            yield f"{'#' * level} {escape(' '.join(blocks[0].text.split()))}"
        case "list":
            yield "\n".join(_items(blocks))
        case "quote":
            lines = "\n\n".join(_lines(block.text) for block in blocks).split("\n")
            yield "\n".join(f"> {line}".rstrip() for line in lines)
        case "table":
            yield "\n".join(_rows(blocks))
        case "code":
            yield f"```\n{blocks[0].text.replace('```', '` ` `')}\n```"
        case _:
            yield _lines(blocks[0].text)


def _items(blocks: Sequence[Block]) -> Iterator[str]:
    """One item for each block; a further paragraph of the same item is indented under it."""
    holder = _of(blocks[0].place, Trait.LIST)
    is_numbered = holder is not None and bool(holder.own & Trait.NUMBERED)
    number, item = 0, None
    for block in blocks:
        now = next((place for place in block.place.chain() if place.tag in ("li", "dd", "dt")), block.place)
        text = _lines(block.text)
        if now is item:
            yield f"\n    {text}"
            continue
        number, item = number + 1, now
        mark = f"{number}." if is_numbered else "-"
        yield f"{mark} {text}".replace("\n", "\n    ")


def _rows(blocks: Sequence[Block]) -> Iterator[str]:
    """A pipe table whose first row is its head."""
    rows = [block.text.split(CELL_BREAK) for block in blocks]
    width = max(map(len, rows))
    for number, row in enumerate(rows):
        cells = [escape(" ".join(cell.split())).replace("|", "\\|") for cell in row] + [""] * (width - len(row))
        yield f"| {' | '.join(cells)} |"
        if number == 0:
            yield "|" + " --- |" * width


def _lines(text: str) -> str:
    """A paragraph; its line breaks stay line breaks (two spaces before each)."""
    return "  \n".join(escape(line) for line in text.split("\n"))


def escape(text: str) -> str:
    """Text that Markdown takes for nothing but text."""
    return LINE_START.sub(_escape_start, MARKS.sub(r"\\\1", text))


def _escape_start(found: re.Match[str]) -> str:
    space, mark = found.groups()
    number = NUMBER_START.match(mark)
    return f"{space}{number[1]}\\{number[2]}" if number else f"{space}\\{mark}"
