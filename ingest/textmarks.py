"""What programs that write pages as text leave in it: numbers and addresses of links, signs for bold, boxes.

Lynx and ELinks number the links and list their addresses at the end; Firefox and mail programs put the address behind
the link; Markdown has signs of its own.
"""

from __future__ import annotations

import re
from itertools import pairwise

from ingest.textblocks import LINKED, Block

LINK_NUMBER = re.compile(r"\[(\d{1,4})\](?=\S)|\[(\d{1,4})\](?=\s|$)")
REFERENCE = re.compile(
    r"\s*(\d{1,4})\.\s+((?:https?|ftp|file|mailto|javascript|tel|data|whatsapp|fb-messenger|sms):.*)"
)
REFERENCE_HEADING = re.compile(r"\s*\S{1,20}(?: \S{1,20})?:?\s*")
MAX_LINE = 2_000  # a longer line is neither a box nor a reference
FEW_NUMBERS = 3
MOSTLY_SIGNS = 8  # of as many characters, not one a letter or a digit: a drawing

ADDRESS = re.compile(r"\s?<\s?(?:https?://|mailto:|www\.)[^<>]{0,2000}>|\s?\((?:https?://|mailto:)[^()\s]{0,2000}\)")
BARE_ADDRESS = re.compile(r"\W*(?:[^\W\d]{1,20}\s?[:：]\s?)?(?:https?://|www\.)\S++\W*+", re.I)
IMAGE = re.compile(r"!\[[^\[\]]{0,300}\]\([^()\s]{0,2000}(?:\s\"[^\"]{0,200}\")?\)")
LINK = re.compile(r"\[([^\[\]]{1,300})\]\(([^()\s]{0,2000})(?:\s\"[^\"]{0,200}\")?\)")
WHOLE_LINK = re.compile(rf"((?:[•*+·-]\s+)?){LINK.pattern}\W*")
STRONG = re.compile(r"(?<![\w*])(\*\*|__)(?=\S)([^*_]{1,500}?)(?<=\S)\1(?![\w*])")
EMPHASIS = re.compile(r"(?<![\w*/])([*_])(?=\S)([^*_]{1,300}?)(?<=\S)\1(?![\w*/])")
# A newsletter's headings; the lines of a wire.
FRAMED = re.compile(r"([*=#~_-]{2,})\s+(\S.{0,300}?)\s+\1|\^\s*(\S.{0,300}?)[<=]?")
QUOTE = re.compile(r"^(?:>\s?)+")
BOX = re.compile(r"\[(?:[^\[\]]{0,60})\](?:\s*\[[^\[\]]{0,60}\])*|\W*_{4,}\W*|<[^<>]{0,80}>|#\S*(?: #?\S+){0,6}")
FIELDS = re.compile(r"\(BUTTON\)\s*|\[(?:IMG|INLINE|EMBED|LINK|IMAGE)\]\s?|_{6,}|\[[ xX]\]\s(?=\S)|\([ *]\)\s(?=\S)")
FRONT_LINE = re.compile(r"([A-Za-z_]{2,20}):\s*[\"']?(.{0,500}?)[\"']?\s*")
MAX_FRONT_LINES = 60


def references(lines: list[str]) -> tuple[list[str], dict[str, str]]:
    """(the lines before the list of links at the end, address by number). All lines where there is no such list."""
    known: dict[str, str] = {}
    end = len(lines)
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number]
        if found := REFERENCE.fullmatch(line[:MAX_LINE]):
            known[found[1]] = found[2]
            end = number
        elif not known and line.strip():
            return lines, {}
        elif line.strip() and not REFERENCE_HEADING.fullmatch(line):
            break
        elif line.strip():
            end = number  # "References", then perhaps "Visible links"
    return (lines[:end], known) if len(known) >= FEW_NUMBERS else (lines, {})


def are_numbered(lines: list[str], known: dict[str, str]) -> bool:
    """Whether links have numbers in front: their addresses are listed, or the numbers count up as such numbers do."""
    numbers = [int(found[1]) for line in lines for found in LINK_NUMBER.finditer(line) if found[1]]
    rising = sum(1 for one, two in pairwise(numbers) if two == one + 1)
    return bool(known) or (len(numbers) >= FEW_NUMBERS and rising * 10 >= (len(numbers) - 1) * 9)


def without_numbers(block: Block, known: dict[str, str]) -> Block:
    """A block without the numbers of links; its address, if it begins with one."""
    first = LINK_NUMBER.match(block.text.lstrip("•*+·- "))
    return Block(LINK_NUMBER.sub("", block.text), block.mark, known.get(first[1]) if first and first[1] else None)


def plain(block: Block) -> Block | None:
    """A block without signs; None where nothing else was in it."""
    text = FIELDS.sub("", IMAGE.sub("", block.text)).strip()
    if not text or (len(text) <= MAX_LINE and BOX.fullmatch(text)) or BARE_ADDRESS.fullmatch(text):
        return None
    url, mark = block.url, block.mark
    if framed := FRAMED.fullmatch(text):
        text, mark = framed[2] or framed[3], "#" if framed[2] else ""
    if whole := WHOLE_LINK.fullmatch(text):
        text, url = whole[1] + whole[2], whole[3] or None
    elif whole := LINKED.fullmatch(text):
        url = whole[1]
    if "](" in text:
        text = LINK.sub(r"\1", text)
    if "://" in text or "mailto:" in text:
        text = ADDRESS.sub("", text)
    text = " ".join(EMPHASIS.sub(r"\2", STRONG.sub(r"\2", text)).split())
    if sum(map(str.isalnum, text)) * MOSTLY_SIGNS < len(text):
        return None
    return Block(text, mark, url)


def unquoted(lines: list[str]) -> list[str]:
    """Without the ">" in front of what a mail or a note quotes."""
    return [QUOTE.sub("", line.lstrip()) if line.lstrip().startswith(">") else line for line in lines]


def front_matter(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """(what a note states in front of its text between "---" lines, the rest)."""
    if not lines or lines[0].strip() != "---":
        return {}, lines
    stated: dict[str, str] = {}
    for number, line in enumerate(lines[1:MAX_FRONT_LINES], start=1):
        if line.strip() in ("---", "..."):
            return stated, lines[number + 1 :]
        if found := FRONT_LINE.fullmatch(line[:MAX_LINE]):
            stated[found[1].lower()] = found[2].strip()
        elif line.strip() and not line.startswith((" ", "-", "\t")):
            break
    return {}, lines
