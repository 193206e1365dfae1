"""Words that furniture is made of, by what it wants, in many languages: one sign among many for the classifier.

No word decides by itself. They stand in `lexicon.txt`; a change there asks for new trees (`python -m bench.train`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

MAX_WORDS = 60  # of a block are looked at
MAX_COUNT = 5


def _load() -> tuple[tuple[str, ...], dict[str, list[int]]]:
    """(the names of the groups, word -> the numbers of its groups)."""
    names: list[str] = []
    groups_of: dict[str, list[int]] = {}
    for line in Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines():
        if line.endswith(":"):
            names.append(line[:-1])
        elif not line.startswith("#"):
            for word in line.split():
                groups_of.setdefault(word, []).append(len(names) - 1)
    return tuple(names), groups_of


GROUPS, _GROUPS_OF = _load()


def words_of(words: Sequence[str]) -> list[int]:
    """How many of the words (lower case) are of each group, up to MAX_COUNT."""
    counts = [0] * len(GROUPS)
    for word in words[:MAX_WORDS]:
        for group in _GROUPS_OF.get(word, ()):
            counts[group] += 1
    return [min(count, MAX_COUNT) for count in counts]
