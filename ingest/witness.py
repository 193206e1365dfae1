"""What trafilatura makes of a page: the base of our own judgement, and the guard over it."""

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
from ingest.features import best_place

DUMP_LINES = 20  # a page of which so little could be made is better read elsewhere
MIN_BLOCK_CHARS = 25  # a shorter block is only found as a whole line
LINE_BREAK = "\ue001"  # of no script, and no white space to str.split
BLANK_LINE = re.compile(r"\n\s*\n")
BLOCKS = frozenset(("p", "head", "list", "item", "quote", "table", "row", "code", "body", "div"))
# Not "python": for that, trafilatura also writes its result as text, which nobody here reads.
OPTIONS = Extractor(output_format="txt", fast=True, comments=False)


@dataclass(frozen=True, slots=True)
class Opinion:
    """`is_dump`: it found no article, and gives whatever the page says."""

    paragraphs: tuple[str, ...]
    is_dump: bool


def ask_trafilatura(tree: Any, blocks: Sequence[Block]) -> Opinion:
    """Its text of a tree, which is used up. `blocks`: those of the tree."""
    etree.strip_elements(tree, "aside", "img", with_tail=False)
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
    """The outermost elements without running text, away from where most of it stands.

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
            if not keep and inner.prose == 0:
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
