"""Two texts and what they are to each other: the same words, nearly the same, a part of it, or strangers.

Shared passages (ingest/align.py) say that somebody copied; whether it was this article is judged by how much of what is
distinctive in the texts is shared and where, and by the facts that stand against each other (ingest/likeness.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from ingest.align import Aligned, align
from ingest.duplicates import MINIMUM_WORDS
from ingest.likeness import Distinctive, Judge, Shares, measure, sureness
from ingest.near import Signature

MIN_WORDS = 25  # shorter texts are copies only where they are equal
NOTICE = 40  # words: a notice that stands for an article is shorter
COVERAGE = 0.2  # of the distinctive words of either text, at least
SURE = 0.9  # that one is a copy of the other
BRIEF = 60  # words
ALL_BUT_A_FACT = 0.85  # of the words of both
SLIPS = 4  # words spelt otherwise; a text with fewer was not scanned
HALF = 0.5  # of the distinctive words, for two texts of one address
MUCH = 0.55  # of the longer text: nearly the same; less is an excerpt


class Kind(StrEnum):
    """What a text is to another."""

    EXACT = "exact"
    NEAR = "near"
    SYNDICATED = "syndicated"
    EXCERPT = "excerpt"  # a part of the other
    CONTAINS = "contains"  # the other is a part of it


MIRRORED = {Kind.EXCERPT: Kind.CONTAINS, Kind.CONTAINS: Kind.EXCERPT}
FULL = frozenset({Kind.EXACT, Kind.NEAR, Kind.SYNDICATED})  # these make groups; a part of a text does not


@dataclass(frozen=True, slots=True)
class Relation:
    """What the first text is to the second. Similarity is symmetric; coverage is of the shorter text."""

    kind: Kind
    similarity: float
    coverage: float

    @property
    def mirrored(self) -> Relation:
        return replace(self, kind=MIRRORED.get(self.kind, self.kind))


@dataclass(frozen=True, slots=True)
class Context:
    """What comparing should know besides the texts.

    `first` and `second` say of each word of the texts whether it is distinctive (no furniture); asked when needed.
    """

    same_site: bool = False
    same_url: bool = False
    first: Distinctive | None = None
    second: Distinctive | None = None

    @property
    def swapped(self) -> Context:
        return replace(self, first=self.second, second=self.first)


NO_CONTEXT = Context()


def compare(a: Signature, b: Signature, context: Context = NO_CONTEXT, judge: Judge = sureness) -> Relation | None:
    """What a is to b, or None where they are strangers. Symmetric: b is to a the mirrored of it."""
    if a.exact == b.exact:
        return Relation(Kind.EXACT, 1.0, 1.0) if a.length else None
    if min(a.length, b.length) < MIN_WORDS and not context.same_url:
        return None
    if (b.length, b.exact) < (a.length, a.exact):
        found = _compare(b, a, context.swapped, judge)
        return found.mirrored if found else None
    return _compare(a, b, context, judge)


def _compare(short: Signature, long: Signature, context: Context, judge: Judge) -> Relation | None:
    aligned = align(short, long)
    if aligned is None:
        return None
    shares = measure(short, long, aligned, context.first, context.second)
    if shares.best < COVERAGE or not _is_copy(short, long, aligned, shares, context, judge):
        return None
    similarity = min(1.0, 2 * shares.common / (shares.short_words + shares.long_words))
    if shares.of_short >= MUCH and shares.of_long >= MUCH:
        kind = Kind.SYNDICATED if not context.same_site and (short.source or long.source) else Kind.NEAR
    elif shares.of_short >= shares.of_long:
        kind = Kind.EXCERPT
    else:
        kind = Kind.CONTAINS
    return Relation(kind, round(similarity, 4), round(shares.best, 4))


def _is_copy(
    short: Signature, long: Signature, aligned: Aligned, shares: Shares, context: Context, judge: Judge
) -> bool:
    if context.same_url:  # a revision, unless nothing of what was said is left
        numbers, names = aligned.numbers_against, aligned.names_against
        return shares.best >= HALF and (numbers * 2 <= aligned.numbers + 2 or names * 2 <= aligned.names + 2)
    if _is_other_news(aligned, shares):
        return False
    return judge(short, long, aligned, shares, context.same_site) >= SURE


def _is_other_news(aligned: Aligned, shares: Shares) -> bool:
    """Whether a brief says the same as another but for a fact: the name of the town, the number of the hurt."""
    if shares.common * aligned.density >= BRIEF or min(shares.of_short, shares.of_long) < ALL_BUT_A_FACT:
        return False
    names = aligned.names_against + (aligned.doubtful if aligned.spelt < SLIPS else 0)
    if aligned.caseless:
        return aligned.numbers_against + names + aligned.others_against > 0
    return aligned.numbers_against + names > 0 and not aligned.others_against


def are_notices(a: Signature, b: Signature) -> bool:
    """Whether two equal short texts stand for different articles ("for subscribers only").

    They do where the titles have little in common and the text does not speak of what they say.
    """
    if a.length >= NOTICE:
        return False
    if not a.title or not b.title:
        return a.length < MINIMUM_WORDS
    if _speaks_of(a.title, b.title) or _speaks_of(b.title, a.title):
        return False
    words = frozenset((a.words >> np.uint64(32)).tolist())
    return a.length < MINIMUM_WORDS or not (_speaks_of(words, a.title) or _speaks_of(words, b.title))


def _speaks_of(words: frozenset[int], title: frozenset[int]) -> bool:
    return len(words & title) * 3 >= len(title)
