"""The string literals of a script that is no JSON: long ones, and runs of shorter ones under the same name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

# A JSON string, or the rest where it has no end. It always matches and gives nothing back, so it takes linear time.
LITERAL = re.compile(r'"((?:[^"\\]++|\\.)*+)(?:"|\\?$)', re.S)
NAME = re.compile(r"(?:\"([\w-]{1,40})\"|([\w$]{1,40}))\s{0,3}:\s{0,3}$")
PROSE = re.compile(r"[.!?。！？…](?:[\"'”’»)\]」』]|<|\s|$)")
CODE = re.compile(r"[{}=;]|\b(?:function|return|var)\b|^\S*$")
NOT_TEXT = re.compile(
    r"caption|credit|alt|descr|summary|excerpt|teaser|dek|abstract|lead|intro|cookie|consent|sub_?title|comment|bio|meta|"
    r"label|title|headline|tooltip|placeholder|url|src|href|class|message|error|seo|disclaimer|legal",
    re.I,
)
MIN_PROSE = 60
MAX_GAP = 4_000  # characters between two paragraphs
HEADING_CHARS = (8, 100)


def long_strings(script: str, least: int, depth: int) -> Iterator[str]:
    """The long string literals of a script, and those within them."""
    for match in LITERAL.finditer(script):
        if match.end() - match.start() < least or (text := unescaped(match[1])) is None:
            continue
        inner = list(long_strings(text, least, depth - 1)) if depth > 1 and '"' in text else []
        yield from inner or [text]


def runs(script: str, depth: int) -> Iterator[list[str]]:
    """Strings that follow each other under one name and are prose: paragraphs, with the short ones between them."""
    open_runs: dict[str, list[str]] = {}
    ends: dict[str, int] = {}
    for match in LITERAL.finditer(script):
        size = match.end() - match.start()
        if size < HEADING_CHARS[0]:
            continue
        name = name_before(script, match.start())
        if NOT_TEXT.search(name):
            continue
        if size > MIN_PROSE and depth > 1 and '\\"' in match[1] and (text := unescaped(match[1])) is not None:
            yield from runs(text, depth - 1)
        text = unescaped(match[1])
        if text is None or not (is_prose(text) or (name in open_runs and is_heading(text))):
            continue
        if name in open_runs and match.start() - ends[name] > MAX_GAP:
            yield open_runs.pop(name)
        open_runs.setdefault(name, []).append(text)
        ends[name] = match.end()
    yield from open_runs.values()


def name_before(script: str, place: int) -> str:
    found = NAME.search(script[max(0, place - 50) : place])
    return (found[1] or found[2]) if found else ""


def is_prose(text: str) -> bool:
    return (
        len(text) >= MIN_PROSE
        and PROSE.search(text) is not None
        and text.count(" ") * 12 > len(text) * (text.isascii())
    )


def is_heading(text: str) -> bool:
    return HEADING_CHARS[0] <= len(text) <= HEADING_CHARS[1] and not CODE.search(text)


def unescaped(literal: str) -> str | None:
    if "\\" not in literal:
        return literal
    try:
        return str(json.loads(f'"{literal}"', strict=False))
    except ValueError:
        return None
