"""Lines to blocks: paragraphs, headings and items of a text, each in one line, however the text was wrapped.

Where lines are cut at a width, a line was full if the first word of the next one would not have fitted: those two
belong together. Any other end of a line was meant. Where lines are as long as paragraphs, each is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

MAX_CHARS = 1_000_000  # no article is longer; they take a second at worst
MAX_BLOCKS = 20_000
MAX_WIDTH = 110  # columns: longer lines were not cut
MIN_WIDTH = 45
RAGGED = 15  # the last word that did not fit: full lines are less than this below the width
OPENINGS = 2  # as many indented lines below others without a blank one show how paragraphs begin

# Two columns on a terminal, and a line of it may be cut anywhere.
WIDE = re.compile(r"[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]")
WITHOUT_SPACES = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u2e80-\u30ff\u31f0-\u9fff\uf900-\ufaff\uff00-\uff60]")
FIRST_WORD = re.compile(r"[\u2e80-\u30ff\u31f0-\u9fff\uf900-\ufaff\uff00-\uff60]|\S{1,30}")
CLOSED = r"[\"'”’»›)\]」』）】》〉*_]*$"
# With full stops of Chinese and Japanese, Hindi, Urdu, Armenian, Ethiopic, Burmese and Khmer; the Arabic and Greek "?".
SENTENCE_END = re.compile(rf"(?:[.!?…。！？．؟।॥۔։።၊။។;;]|……){CLOSED}")
OPEN_END = re.compile(rf"[:：]{CLOSED}")
THAI_LAO_KHMER = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff]")  # no sign ends a sentence
BULLET = re.compile(r"^(?:[•·▪▫◦‣∙●○■□◆►▶➤✓*+-]|\(?\d{1,2}[.)](?!\d))\s+(?=\S)")
HEADING_MARK = re.compile(r"^#{1,6}\s+(?=\S)")
UNDERLINE = re.compile(r"[=~^]{3,}|-{3,}")
RULER = re.compile(r"(?:[-=_*~#+.•·—–<>|\\/]\s*+){3,}+|\*")
INVISIBLE = dict.fromkeys((173, 8203, 8206, 8207, 8234, 8235, 8236, 8288, 65279))
BREAKS = {0x0B: "\n", 0x0C: "\n", 0x85: "\n", 0x2028: "\n", 0x2029: "\n\n", 0xA0: " "}
LINKED = re.compile(r"(?:[•*+·-]\s{1,40})?[^<>()\[\]]{3,300}?\s{0,40}[<(](https?://[^<>()\s]{3,2000})\s?[>)]\W*")
COMPOUND = re.compile(r"\w-$")
PAIRED = re.compile(r"(?:and|or|und|oder|bis|et|ou|y|o|e|en|of|och|og|i)\b", re.I)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or a line of its own. `mark`: "*" for an item of a list, "#" for a heading; `text` keeps a bullet."""

    text: str
    mark: str = ""
    url: str | None = None  # where all of it is a link


def lines_of(text: str) -> list[str]:
    """Its lines without what cannot be seen."""
    text = text[:MAX_CHARS].replace("\r\n", "\n").replace("\r", "\n")
    return text.translate(INVISIBLE | BREAKS).expandtabs(4).split("\n")


def blocks_of(lines: list[str]) -> list[Block]:
    """The blocks that lines make, without rulers."""
    found: list[Block] = []
    for paragraph in paragraphs(lines, width_of(lines), opening_of(lines)):
        text, mark = paragraph, ""
        if heading := HEADING_MARK.match(text):
            text, mark = text[heading.end() :].rstrip("# "), "#"
        elif BULLET.match(text):
            mark = "*"
        if text and not RULER.fullmatch(text):
            found.append(Block(text, mark))
        elif found and len(found[-1].text) <= 2 * len(text) and UNDERLINE.fullmatch(text):
            found[-1] = Block(found[-1].text, "#" if "=" in text else found[-1].mark)
        if len(found) >= MAX_BLOCKS:
            break
    return found


def paragraphs(lines: list[str], width: int, opening: int) -> Iterator[str]:
    """Lines that belong together, joined. `opening`: the depth at which first lines begin; 0 where all begin alike."""
    parts: list[str] = []
    before, indent = "", 0
    for line in lines:
        text = " ".join(line.split())
        depth = len(line) - len(line.lstrip())
        opens = depth > indent + 1 or 0 < opening <= depth
        alone = len(parts) == 1 and LINKED.fullmatch(parts[0])
        if parts and (opens or alone or not (text and belongs(before, text, width))):
            yield "".join(parts)
            parts = []
        if text:
            parts += [gap(parts[-1], text), text] if parts else [text]
            # What hangs below a bullet is deeper than the bullet.
            indent = depth if len(parts) > 1 else max(depth, depth + 4 * bool(BULLET.match(text)))
        before = line.rstrip()
    if parts:
        yield "".join(parts)


def opening_of(lines: list[str]) -> int:
    """How deep the first lines of paragraphs stand, where no blank lines part them; 0 where they do."""
    depths = [len(line) - len(line.lstrip()) for line in lines]
    openings = [
        two
        for (one, two), line, after in zip(pairwise(depths), lines, lines[1:], strict=False)
        if two > one + 1 and line.strip() and after.strip() and not BULLET.match(f"{line.strip()} {after.strip()}")
    ]
    blank = sum(1 for line in lines if not line.strip())
    return min(openings) if len(openings) >= max(OPENINGS, blank) else 0


def belongs(before: str, text: str, width: int) -> bool:
    """Whether a line goes on where the one before it was cut."""
    if not width or not before or BULLET.match(text) or HEADING_MARK.match(text) or RULER.fullmatch(text):
        return False
    first = FIRST_WORD.match(text)
    return columns(before) + 1 + columns(first[0] if first else "") > width


def width_of(lines: list[str]) -> int:
    """The width at which a text was cut, in columns or in characters; 0 where its lines are whole."""
    return measured(lines, columns) or (0 if all(map(str.isascii, lines)) else measured(lines, len))


def measured(lines: list[str], size_of: Callable[[str], int]) -> int:
    inner = [
        (size_of(line), line.rstrip())
        for line, after in zip(lines, [*lines[1:], ""], strict=True)
        if len(line) > 10 and after.strip() and line.strip().count(" ") + len(WIDE.findall(line)) > 3
    ]
    if sum(1 for size, _ in inner if size > MAX_WIDTH) * 20 > len(inner):
        return 0
    sizes = sorted(size for size, _ in inner if size <= MAX_WIDTH)
    if not sizes:
        return 0
    width = sizes[-1 - len(sizes) // 50]  # a line or two may stand out
    full = [line for size, line in inner if width - RAGGED < size]
    long = sum(1 for size in sizes if size >= MIN_WIDTH)
    cut = sum(1 for line in full if line[-1:] == ";" or not SENTENCE_END.search(line[-TAIL:]))
    return width if width >= MIN_WIDTH and len(full) * 2 >= long and cut * 5 >= len(full) * 3 and cut > 1 else 0


def columns(text: str) -> int:
    """How wide a text is on a terminal."""
    return len(text) if text.isascii() else len(text) + len(WIDE.findall(text))


def gap(before: str, after: str) -> str:
    """What stood between two lines: nothing in scripts without spaces, nor within a compound."""
    if WITHOUT_SPACES.match(before[-1]) and WITHOUT_SPACES.match(after[0]):
        return ""
    return "" if COMPOUND.search(before) and after[0].islower() and not PAIRED.match(after) else " "


# --- the shape of a block ---------------------------------------------------------------------------------------------

RUNNING_COLUMNS = 60
LONG_COLUMNS = 140
TAIL = 20  # characters that show how a text ends


def ends_sentence(text: str) -> bool:
    """Whether it ends like a sentence; by length alone in scripts that have no sign for it."""
    if SENTENCE_END.search(text[-TAIL:]):
        return True
    last = text[-TAIL:].rstrip("\"'”’»)")[-1:]
    return THAI_LAO_KHMER.match(last) is not None and len(text) >= RUNNING_COLUMNS * 1.5


def is_running(text: str) -> bool:
    """Whether it reads like a paragraph of an article, not like an entry in a list."""
    return columns(text) > RUNNING_COLUMNS and (ends_sentence(text) or OPEN_END.search(text[-TAIL:]) is not None)


def is_long(text: str) -> bool:
    """Too long for a headline, whatever it ends with."""
    return columns(text) >= LONG_COLUMNS


def without_bullet(text: str) -> str:
    return BULLET.sub("", text)
