"""How like two texts are, and how sure we are that one is a copy of the other.

Copies are cut, extended, edited, updated and wrapped in what a site puts around every text; strangers share templates,
furniture, background and quotes. No one measure tells the ones from the others, so many are taken (NAMES), and an
ensemble of small decision trees judges: trained by `bench.train_copies` on labelled texts by several hands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.align import Aligned
from ingest.near import CAPITAL, CHAR, LEAD, NUMBER, SMALL, START, Mask, Signature, Words
from ingest.trees import Trees, load

FILE = Path(__file__).with_name("copies.npz")
NAMES = (
    # words; of the distinctive ones the share that the other text has, at most 1; in all words
    "short_words", "long_words", "of_short", "of_long", "best", "plain",
    # the same in parts of the texts: in their first words, in each half
    "lead_of_short", "lead_of_long", "first_half_of_short", "last_half_of_short", "first_half_of_long",
    "last_half_of_long",
    # shared passages: the longest, in words; the mean; the share of those of ten and more
    "longest", "second_longest", "mean_passage", "in_long_passages",
    # what only one has: its longest passages
    "short_gap", "second_short_gap", "long_gap",
    # facts in what is shared, and those that stand against each other
    "numbers", "numbers_against", "names", "names_against", "others_against", "share_of_numbers_against",
    "share_of_names_against", "others_rate", "spelt_rate", "doubtful_rate",
    # facts of the whole texts: how many, and the share that both have
    "common_numbers", "all_numbers", "common_names", "all_names",
    "support", "caseless", "common_title", "same_site", "own", "blocks",
    # whether what is shared is what the texts are about: the words of their titles, and of the rest of them, in it
    "title_of_short", "title_of_long", "rest_of_short", "rest_of_long",
)  # fmt: skip
NONE = 8  # distinctive words; with fewer, the others count too
RUN = 6  # distinctive words that stand together at least, to count
BLOCK = 12  # words one after the other that the other text lacks: more than a change of words
LONG_PASSAGE = 10  # words
MOST_OWN = 60.0
UNKNOWN = -1.0  # a share of nothing

Distinctive = Callable[[], Mask]
Judge = Callable[[Signature, Signature, Aligned, "Shares", bool], float]  # as `sureness`


@dataclass(frozen=True, slots=True)
class Shares:
    """How much of two texts is shared. The masks are of their distinctive words: whether the other text has them."""

    covered_short: Mask
    covered_long: Mask
    common: int
    of_short: float
    of_long: float
    own: int  # distinctive words of the text that has fewer

    @property
    def short_words(self) -> int:
        return len(self.covered_short)

    @property
    def long_words(self) -> int:
        return len(self.covered_long)

    @property
    def best(self) -> float:
        return max(self.of_short, self.of_long)


def measure(
    short: Signature, long: Signature, aligned: Aligned, first: Distinctive | None, second: Distinctive | None
) -> Shares:
    """`first` and `second` say of each word whether it is distinctive; None: all are."""
    own_short = _passages(first()) if first else np.ones(short.length, bool)
    own_long = _passages(second()) if second else np.ones(long.length, bool)
    own = int(min(own_short.sum(), own_long.sum()))
    if own < NONE:
        own_short, own_long = np.ones(short.length, bool), np.ones(long.length, bool)
    covered_short, covered_long = aligned.in_first[own_short], aligned.in_second[own_long]
    return Shares(
        covered_short,
        covered_long,
        common=int(min(covered_short.sum(), covered_long.sum())),
        of_short=float(covered_short.mean()),
        of_long=float(covered_long.mean()),
        own=own,
    )


def sureness(short: Signature, long: Signature, aligned: Aligned, shares: Shares, same_site: bool) -> float:
    """How sure we are that one of two texts is a copy of the other, or of a part of it: 0 to 1."""
    row = features(short, long, aligned, shares, same_site)
    return float(trees().sureness(row[None, :])[0])


@cache
def trees() -> Trees:
    """The trained trees."""
    return load(FILE, NAMES, "bench.train_copies")


def features(
    short: Signature, long: Signature, aligned: Aligned, shares: Shares, same_site: bool
) -> NDArray[np.float32]:
    """A row of numbers, one for each of NAMES. Words of scripts without spaces are characters, so they count half."""
    density = aligned.density
    passages = _runs(aligned.in_first)
    shared = max(1, int(passages.sum()))
    longest, second = _two_largest(passages)
    lacking_short, lacking_long = _runs(~shares.covered_short), _runs(~shares.covered_long)
    gap, second_gap = _two_largest(lacking_short)
    numbers_short, numbers_long = _numbers(short.words), _numbers(long.words)
    names_short, names_long = _names(short.words), _names(long.words)
    common = frozenset((short.words[aligned.in_first] >> np.uint64(32)).tolist())
    rest_short, rest_long = _telling(short.words[~aligned.in_first]), _telling(long.words[~aligned.in_second])
    row = (
        np.log(short.length * density), np.log(long.length * density), shares.of_short, shares.of_long, shares.best,
        max(float(aligned.in_first.mean()), float(aligned.in_second.mean())),
        shares.covered_short[:LEAD].mean(), shares.covered_long[:LEAD].mean(),
        *_halves(shares.covered_short), *_halves(shares.covered_long),
        longest * density, second * density, shared / max(1, len(passages)) * density,
        passages[passages * density >= LONG_PASSAGE].sum() / shared,
        gap * density, second_gap * density, _two_largest(lacking_long)[0] * density,
        aligned.numbers, aligned.numbers_against, aligned.names, aligned.names_against,
        aligned.others_against * density, _share(aligned.numbers_against, aligned.numbers),
        _share(aligned.names_against, aligned.names), aligned.others_against / shared, aligned.spelt / shared,
        aligned.doubtful / shared,
        _of_fewer(numbers_short, numbers_long), min(len(numbers_short), len(numbers_long)),
        _of_fewer(names_short, names_long), min(len(names_short), len(names_long)),
        _of_fewer(rest_short, rest_long), aligned.caseless, _of_fewer(short.title, long.title), same_site,
        min(shares.own, MOST_OWN),
        min(lacking_short[lacking_short >= BLOCK].sum(), lacking_long[lacking_long >= BLOCK].sum())
        / max(1, shares.short_words),
        _within(short.title, common), _within(long.title, common),
        _within(rest_short, common), _within(rest_long, common),
    )  # fmt: skip
    return np.array(row, np.float32)


def _passages(own: Mask) -> Mask:
    """The distinctive words that stand together. Single ones are slips and slots: they are compared as facts."""
    if own.all():
        return own
    edges = np.flatnonzero(np.diff(np.concatenate(([False], own, [False])).astype(np.int8)))
    kept = own.copy()
    for begin, end in edges.reshape(-1, 2)[edges[1::2] - edges[::2] < RUN].tolist():
        kept[begin:end] = False
    return kept


def _runs(mask: Mask) -> NDArray[np.intp]:
    """The lengths of the runs of what is true."""
    padded = np.zeros(len(mask) + 2, np.int8)
    padded[1:-1] = mask
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    lengths: NDArray[np.intp] = edges[1::2] - edges[::2]
    return lengths


def _two_largest(lengths: NDArray[np.intp]) -> tuple[int, int]:
    ordered = sorted(lengths.tolist(), reverse=True)
    return (*ordered[:2], 0, 0)[:2]


def _halves(covered: Mask) -> tuple[float, float]:
    half = max(1, len(covered) // 2)
    return float(covered[:half].mean()), float(covered[half:].mean()) if len(covered) > half else 0.0


def _numbers(words: Words) -> frozenset[int]:
    return frozenset((words[(words & np.uint64(NUMBER)) != 0] >> np.uint64(32)).tolist())


def _names(words: Words) -> frozenset[int]:
    """Words with a capital that is not the beginning of a sentence."""
    is_name = (words & np.uint64(CAPITAL | START | SMALL | NUMBER)) == CAPITAL
    return frozenset((words[is_name] >> np.uint64(32)).tolist())


def _of_fewer(ours: frozenset[int], theirs: frozenset[int]) -> float:
    """Of the one that has fewer, the share that is in the other."""
    fewer = min(len(ours), len(theirs))
    return len(ours & theirs) / fewer if fewer else UNKNOWN


def _within(words: frozenset[int], others: frozenset[int]) -> float:
    return len(words & others) / len(words) if words else UNKNOWN


def _share(part: int, rest: int) -> float:
    return part / (part + rest) if part + rest else UNKNOWN


def _telling(words: Words) -> frozenset[int]:
    return frozenset((words[(words & np.uint64(SMALL | CHAR)) == 0] >> np.uint64(32)).tolist())
