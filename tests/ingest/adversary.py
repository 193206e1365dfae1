"""Tries every regular expression of `ingest` on strings made to lead it astray. Run by test_patterns.

A program of its own: each pattern is tried in a process that the system ends when its processor time is used up.
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import pkgutil
import re
import re._constants as op  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import signal
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import ingest

# Characters. Quadratic time at a nanosecond a step, which is the least, is 0.1 ms, 2 ms and 5 s.
SHORT, LONGER, LONG = 500, 2_000, 100_000
SUSPICIOUS_S = 0.000_05  # on a short string; then the longer one is tried as well
GROWTH = 6  # times as long for the longer one, and the long one is tried: linear is 4, quadratic 16
TRIES = 3  # of a string that seems to take linear time: a machine at other work makes any of them slow
LIMIT_S = 0.5  # of processor time for a string; what is linear takes a tenth, if the long one is ever tried
# Quadratic, but on texts that are cut before: characters at most.
BOUNDED = {
    **dict.fromkeys((f"ingest.textkinds.{name}" for name in
                     ("READ_MORE", "FOOTER_LINK", "CREDIT", "COUNTS", "AGO", "SHARE_LINE")), 300),
    "ingest.textbody.FOOTER": 600, "ingest.phrases.SKIP_LINE": 300, "ingest.phrases.POINTER_LINE": 300,
    "ingest.phrases.NOISE_LINE": 300, "ingest.phrases.CREDIT_LINE": 300, "ingest.textfront.TITLE_TAIL": 500,
    "ingest.textmarks.BOX": 2_000, "ingest.textmarks.FRONT_LINE": 2_000, "ingest.textmarks.REFERENCE": 2_000,
    "ingest.mend.NUMBER": 40, "ingest.credits.CREDIT": 300, "ingest.credits.MARKED": 300,
    "ingest.mailtext.ADDRESS": 300, "ingest.headline.CUT": 500, "ingest.headline.SECTION_BEHIND": 500,
    "ingest.features.START": 20, "ingest.byline.PROFESSION_BEHIND": 1_000,
    "ingest.byline.FOR_WHOM": 1_000,
    "ingest.byline.ASIDE": 1_000, "ingest.byline.PLACE": 1_000, "ingest.byline.SEPARATOR": 1_000,
    "ingest.headline.TITLE_SEPARATOR": 2_000, "ingest.picture.CAPTION_CREDIT": 1_000,
    "ingest.urls.AMP_CACHE_PATH": 4_096, "ingest.urls.AMP_VIEWER_PATH": 4_096,
}  # fmt: skip
WAYS = ("match", "fullmatch", "search", "finditer", "findall", "sub", "split")
EVERYDAY = (
    " ", "\n", "\t", "a", "A", "é", "0", "1", '"', "'", "<", ">", "<a ", "<p>", "</p>", "/", ".", ",", ";", ":", "-",
    "=", "&", "&#0", "\\", "(", ")", "[", "]", "{", "|", "ab", "a ", "a\n", " \n", "\n\n", "a=b ", "//", "1.1.", "a-b-",
    "<!--", "-->", "--", '\\"', "Aa ", "and ", "?a=b&", "%41", "年",
)  # fmt: skip
CATEGORIES = {op.CATEGORY_DIGIT: "1", op.CATEGORY_SPACE: " ", op.CATEGORY_WORD: "a", op.CATEGORY_NOT_DIGIT: "a",
              op.CATEGORY_NOT_SPACE: "a", op.CATEGORY_NOT_WORD: " "}  # fmt: skip


# --- patterns -------------------------------------------------------------------------------------------------------


def patterns() -> dict[str, re.Pattern[Any]]:
    """Every pattern in the modules of `ingest`, by where it stands; also those within tuples and dictionaries."""
    found: dict[str, re.Pattern[Any]] = {}
    for module in pkgutil.walk_packages(ingest.__path__, "ingest."):
        loaded = importlib.import_module(module.name)
        for name, value in vars(loaded).items():
            for number, pattern in enumerate(_within(value)):
                found.setdefault(f"{module.name}.{name}" + (f"[{number}]" if number else ""), pattern)
        found |= {f"{module.name}:{line}": pattern for line, pattern in _inline(Path(str(loaded.__file__)))}
    unique = {(pattern.pattern, pattern.flags): name for name, pattern in reversed(found.items())}
    return {name: found[name] for name in unique.values()}


def _within(value: Any) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list | set | frozenset):
        for item in value:
            yield from _within(item)
    elif isinstance(value, dict):
        for item in (*value.keys(), *value.values()):
            yield from _within(item)


def _inline(path: Path) -> Iterator[tuple[int, re.Pattern[Any]]]:
    """Those given to re.search and its like as strings."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr != "compile"
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
        ):
            yield node.lineno, re.compile(node.args[0].value)


# --- strings --------------------------------------------------------------------------------------------------------


def strings(pattern: re.Pattern[Any]) -> Iterator[Callable[[int], str]]:
    """Makers of strings of about a given length."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    pieces: list[str] = []
    tokens: dict[str, None] = {}
    _collect(parser.parse(text, pattern.flags & ~re.UNICODE), pieces, tokens)
    pieces = [piece for piece in pieces if piece][:24]
    heads = ["".join(pieces[:end]) for end in range(len(pieces) + 1)]
    units = dict.fromkeys((*EVERYDAY, *heads[1:], *list(tokens)[:40]))
    yield from (partial(_repeat, "", unit, "") for unit in units)
    yield from (partial(_repeat, head, piece, "\x01") for head, piece in zip(heads, pieces, strict=False))
    for piece in dict.fromkeys(pieces):
        yield from (partial(_repeat, "", f"{piece}{filler}", "") for filler in (" ", "a", "\n"))


def _repeat(head: str, unit: str, tail: str, length: int) -> str:
    return head + unit * (length // len(unit)) + tail


def _collect(parsed: Any, pieces: list[str], tokens: dict[str, None]) -> str:
    """An example of what the pattern matches. `pieces`: its parts in order; `tokens`: parts of all its branches."""
    example = ""
    for code, argument in parsed:
        piece = _example(code, argument, pieces, tokens)
        if code not in (op.SUBPATTERN, op.BRANCH):
            pieces.append(piece)
        if piece:
            tokens[piece] = None
        example += piece
    tokens[example or "a"] = None
    return example


def _example(code: Any, argument: Any, pieces: list[str], tokens: dict[str, None]) -> str:
    if code is op.LITERAL:
        return chr(argument)
    if code is op.NOT_LITERAL:
        return "b" if argument == ord("a") else "a"
    if code is op.IN:
        return _member(argument)
    if code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        return _collect(argument[2], [], tokens) * max(int(argument[0]), 1)
    if code is op.SUBPATTERN:
        return _collect(argument[3], pieces, tokens)
    if code is op.ATOMIC_GROUP:
        return _collect(argument, pieces, tokens)
    if code is op.BRANCH:
        first, *others = argument[1]
        for other in others:
            _collect(other, [], tokens)
        return _collect(first, pieces, tokens)
    return "a" if code is op.ANY else ""


def _member(items: Any) -> str:
    negated = any(code is op.NEGATE for code, _ in items)
    members = [
        chr(argument) if code is op.LITERAL else chr(argument[0]) if code is op.RANGE else CATEGORIES.get(argument, "a")
        for code, argument in items
        if code is not op.NEGATE
    ]
    return next(letter for letter in "ax0 <\x01" if letter not in members) if negated else members[0]


# --- trial ----------------------------------------------------------------------------------------------------------


def ways_of_use(name: str) -> set[str]:
    """How the modules of `ingest` use a pattern: "match", "search", ...; all ways where that is not to be seen."""
    short = name.rpartition(".")[2]
    return {way for way in WAYS if f"{short}.{way}(" in sources()} or set(WAYS)


@cache
def sources() -> str:
    return "\n".join(path.read_text("utf-8") for path in Path(ingest.__path__[0]).rglob("*.py"))


def is_quick(pattern: re.Pattern[Any], ways: set[str], length: int) -> bool:
    """Whether the pattern is through with each of its strings before its processor time is used up."""
    child = os.fork()
    if not child:
        for make in strings(pattern):
            signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT_S)  # its signal ends the process, whatever it is doing
            _try(pattern, ways, make, length)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def _try(pattern: re.Pattern[Any], ways: set[str], make: Callable[[int], str], length: int) -> None:
    """On strings as long as it takes to see how its time grows: most are seen to be quick on the first."""
    short = make(min(SHORT, length))
    took = _seconds(pattern, ways, short)
    if took <= SUSPICIOUS_S or length <= SHORT:
        return
    longer_took = _seconds(pattern, ways, make(min(LONGER, length)))
    if length <= LONGER:
        return
    if longer_took <= GROWTH * took:
        took = min(took, *(_seconds(pattern, ways, short) for _ in range(TRIES - 1)))
    if longer_took > GROWTH * took:
        _seconds(pattern, ways, make(length))


def _seconds(pattern: re.Pattern[Any], ways: set[str], text: str) -> float:
    began = time.perf_counter()  # a process with a timer counts its own time in ticks
    subject = text.encode() if isinstance(pattern.pattern, bytes) else text
    if "match" in ways:
        pattern.match(subject)
    if "fullmatch" in ways:
        pattern.fullmatch(subject)
    if ways - {"match", "fullmatch"}:
        for _ in pattern.finditer(subject):
            pass
    return time.perf_counter() - began


def main() -> None:
    """Print {"tried": how many, "slow": [name, ...]}; given patterns as arguments, try those."""
    given = {text: re.compile(text) for text in sys.argv[1:]} or patterns()
    slow = [
        name for name, pattern in given.items() if not is_quick(pattern, ways_of_use(name), BOUNDED.get(name, LONG))
    ]
    print(json.dumps({"tried": len(given), "slow": slow}))


if __name__ == "__main__":
    main()
