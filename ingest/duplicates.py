"""Which of related texts is the original: what decides, and the order it makes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

# Below this, equal words say nothing: "This content is for subscribers only" stands on thousands of pages.
MINIMUM_WORDS = 12


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides which of related texts is the original."""

    published_at: datetime | None  # where it is plausible
    first_seen: int  # a moment or a place in a line
    words: int
    is_source: bool  # the others name it as where they have the text from


def rank(standing: Standing) -> tuple[bool, bool, float, int, int]:
    """Smaller is nearer to the original.

    The source that is named, then the earliest plausible publication, then the longest, then who was seen first.
    """
    stated = standing.published_at
    return (
        not standing.is_source,
        stated is None,
        stated.timestamp() if stated else 0.0,
        -standing.words,
        standing.first_seen,
    )
