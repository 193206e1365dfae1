"""Pages whose text stands only in their scripts: what a browser would build the article from, found without one.

Frameworks send the article as a string inside JSON, often inside a further string (Next.js). Programs are not run and
JSON is not parsed, which scripts mostly are not: the longest string literal that reads like an article is it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree
from lxml import html as lxml_html

from ingest.errors import ParseError
from ingest.markup import refuse_complex

MIN_CHARS = 400  # of text, in at least
MIN_PARAGRAPHS = 2
DEPTH = 2  # strings within strings
CANDIDATES = 8  # the longest ones are looked into
MAX_CHARS = 2_000_000
AROUND = 20  # ancestors, at most, that can make a block part of another

SCRIPT_TAG = re.compile(r"<(/?)script\b", re.I)
# A JSON string, or the rest where it has no end. It always matches and gives nothing back, so it takes linear time.
LITERAL = re.compile(r'"((?:[^"\\]++|\\.)*+)(?:"|\\?$)', re.S)
BLOCKS = ("p", "h2", "h3", "h4", "li", "blockquote")
DATA = re.compile(r"\":|[{\[]\"|=>|;\s*$")
CAPTION = re.compile(r"caption|credit", re.I)
SENTENCE_END = re.compile(r"[.!?。！？…](?:[\"”’»)\]]|\s|$)")


def body_in_scripts(markup: str) -> list[str]:
    """The paragraphs of the article that a page's scripts carry; empty where none does."""
    found: list[str] = []
    for script in _scripts(markup):
        found += _long_strings(script, DEPTH)
    found.sort(key=len, reverse=True)
    bodies = [_paragraphs(text) for text in found[:CANDIDATES]]
    best = max(bodies, key=_amount_of_prose, default=[])
    return best if _amount_of_prose(best) >= MIN_CHARS else []


def _scripts(markup: str) -> Iterator[str]:
    """What stands between an opening and the next closing tag."""
    start = None
    for tag in SCRIPT_TAG.finditer(markup):
        if tag.group(1) and start is not None:
            yield markup[start : tag.start()]
            start = None
        elif not tag.group(1) and start is None:
            start = tag.end()


def _long_strings(script: str, depth: int) -> Iterator[str]:
    """The long string literals of a script, and those within them."""
    for match in LITERAL.finditer(script):
        if match.end() - match.start() < MIN_CHARS:
            continue
        try:
            text = json.loads(f'"{match.group(1)}"', strict=False)
        except ValueError:
            continue
        inner = list(_long_strings(text, depth - 1)) if depth > 1 and '"' in text else []
        yield from inner or [text[:MAX_CHARS]]


def _paragraphs(text: str) -> list[str]:
    """The blocks of a piece of markup, or the lines of a plain text."""
    if "<" not in text:
        lines = text.split("\n")
        return [line for line in (" ".join(line.split()) for line in lines) if line]
    try:
        refuse_complex(text)
        tree = lxml_html.fragment_fromstring(text, create_parent="div")
    except (ParseError, etree.LxmlError, ValueError, AssertionError):
        return []
    etree.strip_elements(tree, "script", "style", "figure", "figcaption", "aside", etree.Comment, with_tail=False)
    blocks = (" ".join(block.text_content().split()) for block in tree.iter(*BLOCKS) if _stands_alone(block))
    return [block for block in blocks if block]


def _stands_alone(element: etree._Element) -> bool:
    """Not within another block, nor part of a caption."""
    around = [element, *islice(element.iterancestors(), AROUND)]
    return not any(e.tag in BLOCKS for e in around[1:]) and not any(CAPTION.search(e.get("class", "")) for e in around)


def _amount_of_prose(paragraphs: list[str]) -> int:
    """Characters in blocks that have sentences and are no data; 0 where there is but one."""
    prose = [block for block in paragraphs if SENTENCE_END.search(block) and not DATA.search(block)]
    return sum(map(len, prose)) if len(prose) >= MIN_PARAGRAPHS else 0
