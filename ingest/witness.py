"""The base of our own judgement, and the guard over it: a first text of the page.

Where one element holds nearly all running text, as on seven news pages of ten, its lines are that text: as good as
what trafilatura finds there, for nothing (docs/decisions/0007). Of the other pages trafilatura is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree
from trafilatura import bare_extraction
from trafilatura.settings import Extractor

from ingest.blocks import Block, Place
from ingest.boxes import remove
from ingest.features import LINES, best_place

MIN_PLAIN_CHARS = 600
PLAIN_SHARE = 0.8
LINKED = 0.6  # of the characters
DUMP_LINES = 20  # a page of which so little could be made is better read elsewhere
MIN_BLOCK_CHARS = 25  # a shorter block is only found as a whole line
LINE_BREAK = "\ue001"  # of no script, and no white space to str.split
BLANK_LINE = re.compile(r"\n\s*\n")
BLOCKS = frozenset(("p", "head", "list", "item", "quote", "table", "row", "code", "body", "div"))
# What changes the look of words alone: trafilatura asks of every element dozens of questions.
FORMATTING = (
    "span",
    "font",
    "b",
    "i",
    "strong",
    "em",
    "u",
    "small",
    "abbr",
    "time",
    "mark",
    "sup",
    "sub",
    "wbr",
    "label",
)
# Not "python": for that, trafilatura also writes its result as text, which nobody here reads.
OPTIONS = Extractor(output_format="txt", fast=True, comments=False)


@dataclass(frozen=True, slots=True)
class Opinion:
    """`is_dump`: it found no article, and gives whatever the page says."""

    paragraphs: tuple[str, ...]
    is_dump: bool


def first_text(tree: Any, blocks: Sequence[Block]) -> Opinion:
    """A first text of a tree, which may be used up. `blocks`: those of the tree."""
    return plain_text(blocks) or ask_trafilatura(tree, blocks)


def plain_text(blocks: Sequence[Block]) -> Opinion | None:
    """The lines of the element that holds nearly all running text; None where there is no such element."""
    best = best_place(blocks)
    if best is None:
        return None
    own = [block for block in blocks if _is_line_of(block.place, best)]
    prose = sum(len(block.text) for block in own if block.is_prose)
    if prose < MIN_PLAIN_CHARS or prose < PLAIN_SHARE * sum(len(block.text) for block in blocks if block.is_prose):
        return None
    return Opinion(tuple(block.text for block in own if block.link_chars * 2 <= len(block.text)), is_dump=False)


def _is_line_of(place: Place, holder: Place) -> bool:
    """Whether a place is an element, one of its paragraphs, or an item of one of its lists."""
    if place is holder or place.above is holder:
        return True
    return place.tag in LINES and place.above is not None and place.above.above is holder


def ask_trafilatura(tree: Any, blocks: Sequence[Block]) -> Opinion:
    """Its text of a tree, which is used up. `blocks`: those of the tree."""
    etree.strip_elements(tree, "aside", "img", with_tail=False)
    etree.strip_tags(tree, *FORMATTING)
    for element in _hopeless(blocks):
        remove(element)
    found: Any = bare_extraction(tree, options=OPTIONS)
    if found is None:
        return Opinion((), is_dump=True)
    lines = _dumped_lines(found.body)
    texts = lines or _blocks(found.body)
    paragraphs = (_one_line(part) for text in texts for part in BLANK_LINE.split(text))
    return Opinion(tuple(filter(None, paragraphs)), is_dump=len(lines) > DUMP_LINES)


def _hopeless(blocks: Sequence[Block]) -> list[Any]:
    """The outermost elements of links and no running text, away from where most of that stands.

    Half of a page is that, and most of trafilatura's time goes by the size of the tree.
    """
    best = best_place(blocks)
    if best is None:
        return []
    around = set(best.chain())
    known: dict[Place, bool] = {}  # whether nothing is to be taken out there
    doomed: list[Any] = []
    for block in blocks:
        path = []
        for place in block.place.chain():
            if place in known or place in around:
                break
            path.append(place)
        keep = place is best or known.get(place, False)
        for inner in reversed(path):
            if not keep and inner.prose == 0 and inner.deep_linked > LINKED * inner.deep_chars:
                doomed.append(inner.element)
                keep = True  # it goes as a whole
            known[inner] = keep
    return doomed


def which_are_in(blocks: Sequence[Block], paragraphs: Sequence[str]) -> list[bool]:
    """For each block whether its words stand in the paragraphs."""
    lines = {line for text in paragraphs for line in (text, *text.split("\n"))}
    whole = "\n".join(paragraphs)
    return [block.text in lines or (len(block.text) >= MIN_BLOCK_CHARS and block.text in whole) for block in blocks]


def _dumped_lines(body: Any) -> list[str]:
    """The lines of trafilatura's last resort: all text in one paragraph. Empty where it found an article."""
    if len(body) != 1 or body[0].tag != "p" or len(body[0]):
        return []
    lines = (body[0].text or "").split("\n")
    return lines if len(lines) > 1 else []


def _blocks(element: Any, depth: int = 0) -> Iterator[str]:
    """One text for each paragraph, heading, list item and table row."""
    for child in element:
        if child.tag == "table":
            yield from (
                " | ".join(filter(None, (_inline(cell) for cell in row.iter("cell")))) for row in child.iter("row")
            )
        elif depth < 8 and any(grandchild.tag in BLOCKS for grandchild in child):
            if child.text and child.text.strip():
                yield child.text
            yield from _blocks(child, depth + 1)
        else:
            yield _inline(child)
        if child.tail and child.tail.strip():
            yield child.tail


def _inline(element: Any) -> str:
    """Text in one line; line breaks only where the page has them."""
    if not len(element):
        return " ".join((element.text or "").split())
    for line_break in element.iter("lb"):
        line_break.text = LINE_BREAK
    return " ".join("".join(element.itertext()).split()).replace(LINE_BREAK, "\n")


def _one_line(text: str) -> str:
    """Spaces made one; single line breaks stay."""
    return "\n".join(line for part in text.split("\n") if (line := " ".join(part.split())))
