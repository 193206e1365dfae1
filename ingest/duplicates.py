"""Given candidates: which is the original, which are copies. For now, of texts with the very same words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

# Below this, equal words say nothing: "This content is for subscribers only" stands on thousands of pages.
MINIMUM_WORDS = 12


@dataclass(frozen=True, slots=True)
class Copy:
    """One member of a group of equal texts."""

    id: int
    published_at: datetime | None
    first_seen_at: datetime
    canonical_id: int | None


def choose_head(group: Sequence[Copy]) -> Copy:
    """The original: published first as far as that can be believed, else seen first."""
    return min(group, key=lambda copy: (_believable(copy), copy.first_seen_at, copy.id))


def _believable(copy: Copy) -> datetime:
    """A publication time after we saw the text, or at midnight sharp (a date without a time), tells no order."""
    stated = copy.published_at
    if stated is None or stated > copy.first_seen_at or (stated.hour, stated.minute, stated.second) == (0, 0, 0):
        return copy.first_seen_at
    return stated


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
