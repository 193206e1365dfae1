"""Pages whose text stands only in their scripts: what a browser would build the article from, found without one.

Frameworks send the article as a string of markup, or as an array with one block for each paragraph, inside JSON, often
inside a further string. Programs are not run: where a script is no JSON, its string literals are looked at. Of several
articles the one that fits the page's own title and description best is it.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from lxml import etree
from lxml import html as lxml_html

from ingest import richtext
from ingest.document import comparable
from ingest.errors import ParseError
from ingest.literals import long_strings, runs
from ingest.markup import refuse_complex
from ingest.richtext import BLOCK_TAG, SENTENCE_END

MIN_CHARS = 400  # of text, in at least
MIN_PARAGRAPHS = 2
DEPTH = 2  # JSON within strings of JSON
CANDIDATES = 12  # the largest of each kind are looked into
STARTS = 12  # places in a script where JSON is tried
MAX_CHARS = 2_000_000
MAX_SCRIPTS_CHARS = 16_000_000  # a state object of 5 MB is usual
AROUND = 20  # ancestors, at most, that can make a block part of another
ENOUGH_CHARS = 3_000  # more prose says no more

SCRIPT_TAG = re.compile(r"<(/?)script\b", re.I)
# An attribute that a framework reads its state from: JSON with &quot; for every quotation mark.
STATE_ATTRIBUTE = re.compile(r"\sdata-[\w-]{1,60}=(?:\"([^\"<>]{400,})\"|'([^'<>]{400,})')")
JSON_START = re.compile(r"(?:^|[=(,:]\s{0,9})(?=[{\[][\s\"{\[])|^(?=[{\[])")
FLIGHT = re.compile(r"__next_f\.push\(\[1,\s{0,9}(?=\")")
FLIGHT_ROW = re.compile(r"(?:^|(?<=\n)|(?<=[}\]\">]))[0-9a-f]{1,6}:(?:T([0-9a-f]{1,6}),|(?=[\[{]))")
BLOCKS = ("p", "h2", "h3", "h4", "li", "blockquote")
DATA = re.compile(r"\":|[{\[]\"|=>|;\s*$")
CAPTION = re.compile(r"caption|credit", re.I)
UI = re.compile(
    r"\bcookies?\b|\bconsent\b|personal data|privacy|newsletter|javascript|©|datenschutz|confidentialité", re.I
)
MAX_UI_CHARS = 600  # of a paragraph that speaks of cookies; a whole body of such is no article
DECODER = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may be the article. `belongs`: its object bears the headline of the page."""

    belongs: bool
    size: int
    texts: Callable[[], Iterator[str]]


def body_in_scripts(markup: str, title: str | None = None, description: str | None = None) -> list[str]:
    """The paragraphs of the article that a page's scripts carry; empty where none does."""
    wanted = set(comparable(f"{title or ''} {description or ''}").split())
    found: list[Candidate] = []
    for script in _sources(markup):
        found += _candidates(script, comparable(title), DEPTH)
    found.sort(key=lambda candidate: (candidate.belongs, candidate.size), reverse=True)
    bodies = [(candidate.belongs, _body(candidate)) for candidate in found[:CANDIDATES]]
    best = max(bodies, key=lambda body: _score(body[1], wanted, belongs=body[0]), default=(False, []))[1]
    return best if _amount_of_prose(best) >= MIN_CHARS else []


# --- where to look ----------------------------------------------------------------------------------------------------


def _sources(markup: str) -> Iterator[str]:
    """Scripts, what React streams in many of them put together, and state in attributes."""
    flight: list[str] = []
    left = MAX_SCRIPTS_CHARS
    for script in _scripts(markup):
        left -= len(script)
        if left < 0:
            return
        if pushed := FLIGHT.search(script):
            flight.append(_string_at(script, pushed.end()))
        yield script
    if flight:
        yield "".join(flight)
    for attribute in STATE_ATTRIBUTE.finditer(markup):
        text = attribute[1] or attribute[2]
        if "{" in text and (left := left - len(text)) > 0:
            yield html.unescape(text)


def _scripts(markup: str) -> Iterator[str]:
    """What stands between an opening and the next closing tag."""
    start = None
    for tag in SCRIPT_TAG.finditer(markup):
        if tag.group(1) and start is not None:
            yield markup[start : tag.start()]
            start = None
        elif not tag.group(1) and start is None:
            start = tag.end()
            if markup[start : start + 1] != ">":
                start = markup.find(">", start, start + 2_000)
            start = max(start, tag.end() - 1) + 1


def _string_at(script: str, place: int) -> str:
    try:
        value, _ = DECODER.raw_decode(script, place)
    except (ValueError, RecursionError):
        return ""
    return value if isinstance(value, str) else ""


def _candidates(text: str, headline: str, depth: int) -> Iterator[Candidate]:
    """Arrays of blocks and long strings of a script; its literals where it is no JSON."""
    arrays = richtext.Arrays(headline)
    covered = 0
    for value, size in _json_values(text):
        arrays.visit(value)
        covered += size
    for belongs, size, blocks in sorted(arrays.found, key=lambda item: item[:2], reverse=True)[: 4 * CANDIDATES]:
        yield Candidate(belongs, size, lambda blocks=blocks: richtext.texts(blocks))  # type: ignore[misc]
    for belongs, string in arrays.strings:
        inner = depth > 1 and string.lstrip()[:1] in ("{", "[")
        yield from _candidates(string, headline, depth - 1) if inner else [_whole(string, belongs)]
    for row in _text_rows(text):
        yield _whole(row)
    if covered * 2 < len(text):
        yield from _literals(text, headline, depth)


def _literals(text: str, headline: str, depth: int) -> Iterator[Candidate]:
    """What the strings of a program hold: JSON to be parsed there, markup, paragraphs."""
    if depth > 1:
        for string in long_strings(text, MIN_CHARS, 1):
            inner = list(_candidates(string, headline, depth - 1)) if string.lstrip()[:1] in ("{", "[") else []
            if inner:
                yield from inner
                return
    for string in long_strings(text, MIN_CHARS, depth):
        yield _whole(string[:MAX_CHARS])
    for run in runs(text, depth):
        yield Candidate(False, sum(map(len, run)), lambda run=run: iter(run))  # type: ignore[misc]


def _whole(text: str, belongs: bool = False) -> Candidate:
    return Candidate(belongs, len(text), lambda: iter((text,)))


def _json_values(text: str) -> Iterator[tuple[object, int]]:
    """(JSON value, its length) in a script: all of it, what is assigned or passed, the rows that React streams."""
    end = tries = 0
    flight = FLIGHT_ROW.match(text) is not None
    starts = FLIGHT_ROW if flight else JSON_START
    while tries < (40 * STARTS if flight else STARTS) and (start := starts.search(text, end)) is not None:
        end = start.end() + (start.end() == start.start())
        if flight and start[1]:
            continue
        tries += 1
        try:
            value, stop = DECODER.raw_decode(text, start.end())
        except (ValueError, RecursionError):
            continue
        if stop - start.end() >= MIN_CHARS:
            tries = tries if flight else 0
            yield value, stop - start.end()
        end = max(end, stop)


def _text_rows(text: str) -> Iterator[str]:
    """Long texts that React streams as rows of their own, "1a:T4f2," and so many bytes."""
    if FLIGHT_ROW.match(text) is None:
        return
    for row in FLIGHT_ROW.finditer(text):
        if row[1] and (size := int(row[1], 16)) >= MIN_CHARS:
            piece = text[row.end() : row.end() + size].encode("utf-8", "replace")[:size]
            yield piece.decode("utf-8", "ignore")


# --- what is found ----------------------------------------------------------------------------------------------------


def _body(candidate: Candidate) -> list[str]:
    found: list[str] = []
    for text in candidate.texts():
        if BLOCK_TAG.search(text) or "&lt;p" in text or "\n" in text.strip():
            found += _paragraphs(text)
        elif line := richtext.bare(text):
            found.append(line)
    while found and not SENTENCE_END.search(found[-1]):
        found.pop()  # a heading of what follows the text
    return found


def _paragraphs(text: str) -> list[str]:
    """The blocks of a piece of markup, or the lines of a plain text."""
    if "&lt;p" in text[:2_000] and "<p" not in text[:2_000]:
        text = html.unescape(text)
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
    prose = [block for block in prose if len(block) > MAX_UI_CHARS or not UI.search(block)] or prose[:1]
    return sum(map(len, prose)) if len(prose) >= MIN_PARAGRAPHS else 0


def _score(paragraphs: list[str], wanted: set[str], *, belongs: bool) -> float:
    """Whether it bears the headline; else how much prose, and how much of what the page says of itself is in it."""
    amount: float = _amount_of_prose(paragraphs)
    if belongs and amount >= MIN_CHARS:
        return MAX_CHARS + amount
    amount = min(amount, ENOUGH_CHARS) + amount / 1_000
    if not wanted:
        return amount
    words = set(comparable(" ".join(paragraphs)).split())
    return amount * (0.1 + len(wanted & words) / len(wanted)) ** 2
