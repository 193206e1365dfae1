"""What changed from one text to another, word by word: for people who read two revisions of an article."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Op = Literal["equal", "delete", "insert"]
PIECE = re.compile(r"\s+|\w+|[^\w\s]")
MOST_PIECES = 6_000  # of one passage that are compared: beyond it, it is struck and added as a whole
MOST_PARAGRAPHS = 4_000


@dataclass(frozen=True, slots=True)
class Step:
    """A run of text that both have, or that one of them has."""

    op: Op
    text: str


def compare_words(before: str, after: str) -> list[Step]:
    """The steps from one text to the other: all that is not inserted is `before`, all that is not deleted `after`.

    Paragraphs are compared first, then the words of those that differ.
    """
    old, new = _paragraphs(before), _paragraphs(after)
    if max(len(old), len(new)) > MOST_PARAGRAPHS:
        return _joined(_replaced(before, after))
    return _joined(step for op, *texts in _aligned(old, new) for step in _within(op, *texts))


def _paragraphs(text: str) -> list[str]:
    """Paragraphs with the blank line behind them."""
    return re.findall(r"[^\n]+\n*|\n+", text)


def _aligned(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for op, a, b, c, d in matcher.get_opcodes():
        yield op, "".join(old[a:b]), "".join(new[c:d])


def _within(op: str, before: str, after: str) -> Iterator[Step]:
    if op == "equal":
        yield Step("equal", before)
        return
    old, new = PIECE.findall(before), PIECE.findall(after)
    if not old or not new or max(len(old), len(new)) > MOST_PIECES:
        yield from _replaced(before, after)
        return
    for kind, struck, added in _aligned(old, new):
        if kind == "equal":
            yield Step("equal", struck)
        else:
            yield from _replaced(struck, added)


def _replaced(before: str, after: str) -> Iterator[Step]:
    if before:
        yield Step("delete", before)
    if after:
        yield Step("insert", after)


def _joined(steps: Iterator[Step]) -> list[Step]:
    """The same with neighbours of a kind in one; a lone space between two changes is part of them."""
    found: list[Step] = []
    struck = added = ""
    waiting = list(steps)
    for place, step in enumerate(waiting):
        changed = step.op != "equal"
        between = bool(struck or added) and place + 1 < len(waiting) and step.text == " "
        if changed or between:
            struck += step.text if step.op != "insert" else ""
            added += step.text if step.op != "delete" else ""
            continue
        found += _replaced(struck, added)
        struck = added = ""
        before = found.pop().text if found and found[-1].op == "equal" else ""
        found.append(Step("equal", before + step.text))
    return [*found, *_replaced(struck, added)]
