"""Texts that are no copies of each other, and what is made of them."""

from __future__ import annotations

import random

_SUBJECTS = ["council", "ministry", "harbour", "railway", "museum", "hospital", "fishery", "theatre", "brewery"]
_VERBS = ["rejected", "approved", "delayed", "funded", "inspected", "rebuilt", "criticised", "praised", "abandoned"]
_THINGS = ["bridges", "tunnels", "orchards", "turbines", "archives", "ferries", "libraries", "vineyards", "quarries"]
_ENDS = ["yesterday evening", "after long debate", "without a vote", "in spite of protests", "for the third time"]


def sentences(seed: int, count: int = 16) -> list[str]:
    """Sentences of a story of its own."""
    words = random.Random(seed)
    return [
        f"The {words.choice(_SUBJECTS)} {_name(words)} {words.choice(_VERBS)} {words.choice(_THINGS)} near "
        f"{_name(words)} {words.choice(_ENDS)} as {_name(words)} explained to {_name(words)} residents."
        for _ in range(count)
    ]


def story(seed: int, count: int = 16) -> str:
    return "\n\n".join(sentences(seed, count))


def _name(words: random.Random) -> str:
    return "".join(words.choice("bdfgklmnprst") + words.choice("aeiou") for _ in range(3)).capitalize()
