"""Two texts and what they are to each other: the same words, nearly the same, a part of it, or strangers.

Shared passages say that somebody copied; whether it was this article is told by three checks: how much of what is
distinctive in the shorter text is in the other (coverage), whether facts stand against each other in what the two
share (another number, another name), and where the texts differ (copies are cut at the end and extended; stories that
share furniture or background begin differently).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from ingest.duplicates import MINIMUM_WORDS
from ingest.near import CAPITAL, CASED, CHAR, INITIAL, NUMBER, SMALL, START, Mask, Places, Signature, Words

MIN_WORDS = 25  # shorter texts are copies only where they are equal
NOTICE = 40  # words: a notice that stands for an article is shorter
COVERAGE = 0.5  # of the shorter text
COVERAGE_SAME_SITE = 0.9  # a site shares furniture, columns and explainers with itself
COVERAGE_NO_LEAD = 0.8  # where neither text has the other's beginning
LEAST = 0.08  # of the shingles of the shorter text; one word in three misread leaves 0.2
LEAD = 40  # words
LEAD_SHARE = 0.4
COVERAGE_LEAD = 0.75  # where they share the beginning, and what they do not share speaks of different things
COVERAGE_ONE_LEAD = 0.65  # where only one begins in the other, and both have much of their own: a follow-up has less
COVERAGE_SUPPORTED = 0.5  # the same, where what is not shared speaks of the same things
SUPPORT, NO_SUPPORT = 0.3, 0.1  # of the long words in what is not shared
MUCH = 0.55  # of the longer text: nearly the same; less is an excerpt
WINDOW = 40  # words in a gap at most, for its two sides to stand against each other
FEW = 25  # distinctive words; where there are fewer, nearly all must be in the other text
COVERAGE_FEW = 0.9
RUN = 6  # distinctive words that stand together at least, to count
NONE = 8  # distinctive words; with fewer, the others count too
BRIEF = 160  # words; in a shorter text
STRICT = 80  # words go to one fact that stands against another at least
SLIPS = 4  # words spelt otherwise; a text with fewer was not scanned
ADDED = 6  # words at the end of both texts at least, to be additions and no other facts
BLOCK = 12  # words one after the other that the other text lacks: more than a change of words


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
    first: Callable[[], Mask] | None = None
    second: Callable[[], Mask] | None = None

    @property
    def swapped(self) -> Context:
        return replace(self, first=self.second, second=self.first)


NO_CONTEXT = Context()


def compare(a: Signature, b: Signature, context: Context = NO_CONTEXT) -> Relation | None:
    """What a is to b, or None where they are strangers. Symmetric: b is to a the mirrored of it."""
    if a.exact == b.exact:
        return Relation(Kind.EXACT, 1.0, 1.0) if a.length else None
    if min(a.length, b.length) < MIN_WORDS and not context.same_url:
        return None
    if (b.length, b.exact) < (a.length, a.exact):
        found = _compare(b, a, context.swapped)
        return found.mirrored if found else None
    return _compare(a, b, context)


def _compare(short: Signature, long: Signature, context: Context) -> Relation | None:
    aligned = align(short, long)
    if aligned is None:
        return None
    shares = _shares(short, long, aligned, context)
    if shares.best < COVERAGE or not (_facts_agree(aligned, shares, context) and _same_story(shares, context)):
        return None
    similarity = min(1.0, 2 * shares.common / (shares.short_words + shares.long_words))
    if shares.of_short >= MUCH and shares.of_long >= MUCH:
        kind = Kind.SYNDICATED if not context.same_site and (short.source or long.source) else Kind.NEAR
    elif shares.of_short >= shares.of_long:
        kind = Kind.EXCERPT
    else:
        kind = Kind.CONTAINS
    return Relation(kind, round(similarity, 4), round(shares.best, 4))


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


# --- alignment ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Aligned:
    """Which words of two texts are in the other, and what stands against each other where they differ."""

    in_first: Mask
    in_second: Mask
    spelt: int = 0  # words in gaps that differ in spelling alone
    doubtful: int = 0  # of them, names that may be other names
    numbers: int = 0  # that agree
    numbers_against: int = 0
    names: int = 0
    names_against: int = 0
    others_against: int = 0
    density: float = 1.0  # words to a place: characters of scripts without spaces are half a word
    caseless: bool = False  # names cannot be told from other words


def align(a: Signature, b: Signature) -> Aligned | None:
    """The shared passages of two texts and the small differences between them; None where they share nothing."""
    if not len(a.shingles) or not len(b.shingles):
        return None
    order = np.argsort(b.shingles, kind="stable")
    ordered = b.shingles[order]
    at = np.searchsorted(ordered, a.shingles)
    at[at == len(ordered)] = 0
    hit = ordered[at] == a.shingles
    if not hit.any() or np.count_nonzero(hit) < LEAST * len(hit):
        return None
    from_places, to_places = a.places[hit], b.places[order[at[hit]]]
    widths = a.widths[hit]
    mapped = np.full(a.length, -1, np.intp)
    for offset in range(int(widths.max()) - 1, -1, -1):
        wide = widths > offset
        mapped[from_places[wide] + offset] = to_places[wide] + offset
    in_second = np.zeros(b.length, bool)
    back = _are_among(b.shingles, np.sort(a.shingles[hit]))
    for offset in range(int(widths.max())):
        wide = back & (b.widths > offset)
        in_second[b.places[wide] + offset] = True
    aligned = Aligned(mapped >= 0, in_second)
    covered = a.words[aligned.in_first]
    aligned.numbers = int(np.count_nonzero(covered & np.uint64(NUMBER)))
    aligned.names = int(np.count_nonzero((covered & np.uint64(CAPITAL | START | SMALL)) == CAPITAL))
    _read_gaps(a, b, mapped, aligned)
    return aligned


def _are_among(numbers: Words, ordered: Words) -> Mask:
    """What np.isin says, which takes twice as long, and a quarter of a second when it is first called."""
    at = np.searchsorted(ordered, numbers)
    at[at == len(ordered)] = 0
    among: Mask = ordered[at] == numbers
    return among


def _read_gaps(a: Signature, b: Signature, mapped: Places, aligned: Aligned) -> None:
    edges = np.flatnonzero(np.diff(np.concatenate(([True], aligned.in_first, [True])).astype(np.int8)))
    caseless = _is_caseless(a.words), _is_caseless(b.words)
    aligned.caseless = all(caseless)
    aligned.density = 1 - 0.5 * float(((a.words & np.uint64(CHAR)) != 0).mean())
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        left = int(mapped[begin - 1]) + 1 if begin else 0
        right = int(mapped[end]) if end < a.length else b.length
        if not (left <= right and right - left <= WINDOW and end - begin <= WINDOW):
            continue
        if begin == 0 or end == a.length:  # bylines, datelines and credits are the papers' own
            begin, end = max(begin, a.front), min(end, a.length - a.tail)
            left, right = max(left, b.front) if left == 0 else left, min(right, b.length - b.tail)
            if _is_put_around(end - begin, right - left, at_end=begin > 0):
                continue
        if left < right and begin < end:
            if aligned.numbers_against * 8 > a.length or aligned.names_against * 8 > a.length:
                break  # a template: nothing can make up for this
            _read_gap(a.words[begin:end], b.words[left:right], caseless, aligned, begin, left)


def _is_put_around(ours: int, theirs: int, *, at_end: bool) -> bool:
    """Whether words before or behind what two texts share are additions, which do not stand against each other."""
    fewer, more = sorted((ours, theirs))
    return more > 3 * fewer + 3 or (at_end and fewer >= ADDED)


def _is_caseless(words: Words) -> bool:
    """Whether capitals say nothing: all are, or none is, or the script has none."""
    cased = int(np.count_nonzero(words & np.uint64(CASED)))
    capitals = int(np.count_nonzero(words & np.uint64(CAPITAL)))
    return capitals * 50 < cased or capitals * 10 > cased * 7 or cased * 2 < len(words)


def _read_gap(
    ours: Words, theirs: Words, caseless: tuple[bool, bool], aligned: Aligned, at_ours: int, at_theirs: int
) -> None:
    """Words that stand against each other in a gap: the same, spelt otherwise, other facts, or other words."""
    mine, other = ours.tolist(), theirs.tolist()
    left_over: list[int] = []
    rest = dict(enumerate(other))
    places: dict[int, list[int]] = {}
    for place, word in enumerate(other):
        places.setdefault(word >> 32, []).append(place)
    small = len(mine) <= 2 * len(other) + 2 and len(other) <= 2 * len(mine) + 2
    for place, word in enumerate(mine):
        same = places.get(word >> 32)
        if not same:
            left_over.append(place)
            continue
        there = same.pop(0)
        del rest[there]
        if small:
            aligned.in_first[at_ours + place] = aligned.in_second[at_theirs + there] = True
        aligned.numbers += bool(word & NUMBER)
        aligned.names += word & (CAPITAL | START | SMALL) == CAPITAL
    mine_left = []
    for place in left_over:
        there_alike = _alike(mine[place], rest) if rest else None
        if there_alike is None:
            mine_left.append(mine[place])
            continue
        del rest[there_alike]
        if small:
            aligned.in_first[at_ours + place] = aligned.in_second[at_theirs + there_alike] = True
        aligned.spelt += 1
        is_name = mine[place] & CAPITAL or not mine[place] & CASED
        aligned.doubtful += bool(is_name) and not _very_alike(mine[place], other[there_alike])
    _count_against(mine_left, list(rest.values()), caseless, aligned)


def _alike(word: int, others: dict[int, int]) -> int | None:
    """Where among the others a word stands that is this one with another spelling: a slip of a scanner or a hand."""
    if word & (NUMBER | CHAR):
        return None
    shape = word >> 8 & 0xFFFFFF
    size = shape.bit_count()
    for place, other in others.items():
        if other & (NUMBER | CHAR):
            continue
        there = other >> 8 & 0xFFFFFF
        if (shape & there).bit_count() * 10 >= 6 * max(size, there.bit_count()) and size > 2:
            return place
    return None


def _very_alike(word: int, other: int) -> bool:
    """Whether but one letter is another, and not the first; short names too easily look alike, so less."""
    ours, theirs = word >> 8 & 0xFFFFFF, other >> 8 & 0xFFFFFF
    size = max(ours.bit_count(), theirs.bit_count())
    lacking = size - (ours & theirs).bit_count()
    return not (word ^ other) & INITIAL and lacking <= (2 if size >= 8 else 1)


def _count_against(mine: list[int], other: list[int], caseless: tuple[bool, bool], aligned: Aligned) -> None:
    my_numbers, their_numbers = (sum(1 for w in side if w & NUMBER) for side in (mine, other))
    if my_numbers and their_numbers:
        aligned.numbers_against += max(my_numbers, their_numbers)
    mine, other = ([w for w in side if not w & (NUMBER | SMALL)] for side in (mine, other))
    my_names = sum(1 for w in mine if w & CAPITAL or w & CHAR) if not caseless[0] else len(mine)
    their_names = sum(1 for w in other if w & CAPITAL or w & CHAR) if not caseless[1] else len(other)
    if caseless[0] and caseless[1]:
        aligned.others_against += min(len(mine), len(other))
        return
    aligned.names_against += min(my_names, their_names)
    aligned.others_against += max(0, min(len(mine), len(other)) - min(my_names, their_names))


# --- judgement ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shares:
    """How much of two texts is shared, in distinctive words."""

    short_words: int
    long_words: int
    common: int
    of_short: float
    of_long: float
    best: float
    lead: bool  # the beginning of one of them is in the other
    both_lead: bool  # and the other way round
    apart: int  # words in blocks that only one has: of the text that has fewer
    plain: float  # coverage in all words
    own: int  # distinctive words of the text that has fewer
    support: float  # of the long words in what is not shared, those that both have


def _shares(short: Signature, long: Signature, aligned: Aligned, context: Context) -> Shares:
    weight_short = _passages(context.first()) if context.first else np.ones(short.length, bool)
    weight_long = _passages(context.second()) if context.second else np.ones(long.length, bool)
    short_words, long_words = int(weight_short.sum()), int(weight_long.sum())
    plain = max(float(aligned.in_first.mean()), float(aligned.in_second.mean()))
    own = min(short_words, long_words)
    if own < NONE:
        weight_short, weight_long = np.ones(short.length, bool), np.ones(long.length, bool)
        short_words, long_words = short.length, long.length
    common_short = int((aligned.in_first & weight_short).sum())
    common_long = int((aligned.in_second & weight_long).sum())
    of_short, of_long = common_short / short_words, common_long / long_words
    leads = _lead(aligned.in_first, weight_short), _lead(aligned.in_second, weight_long)
    return Shares(
        short_words=short_words,
        long_words=long_words,
        common=min(common_short, common_long),
        of_short=of_short,
        of_long=of_long,
        best=max(of_short, of_long),
        lead=any(leads),
        both_lead=all(leads),
        apart=min(_blocks(aligned.in_first, weight_short), _blocks(aligned.in_second, weight_long)),
        plain=plain,
        own=own,
        support=_support(short, long, aligned),
    )


def _passages(own: Mask) -> Mask:
    """The distinctive words that stand together. Single ones are slips and slots: they are compared as facts."""
    if own.all():
        return own
    edges = np.flatnonzero(np.diff(np.concatenate(([False], own, [False])).astype(np.int8)))
    kept = own.copy()
    for begin, end in edges.reshape(-1, 2)[edges[1::2] - edges[::2] < RUN].tolist():
        kept[begin:end] = False
    return kept


def _lead(covered: Mask, weight: Mask) -> bool:
    beginning = covered[weight][:LEAD]
    return bool(beginning.mean() >= LEAD_SHARE)


def _blocks(covered: Mask, weight: Mask) -> int:
    """Distinctive words that stand in long runs which the other text lacks."""
    lacking = (~covered[weight]).astype(np.int8)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], lacking, [0]))))
    runs = edges[1::2] - edges[::2]
    return int(runs[runs >= BLOCK].sum())


def _support(short: Signature, long: Signature, aligned: Aligned) -> float:
    """How much of what the one says in words of its own the other speaks of too, in words of its own."""
    ours = set(_telling(short.words[~aligned.in_first]))
    theirs = set(_telling(long.words[~aligned.in_second]))
    return len(ours & theirs) / max(1, min(len(ours), len(theirs)))


def _telling(words: Words) -> list[int]:
    telling: list[int] = (words[(words & np.uint64(SMALL | CHAR)) == 0] >> np.uint64(32)).tolist()
    return telling


def _facts_agree(aligned: Aligned, shares: Shares, context: Context) -> bool:
    """Facts that stand against each other: in a brief none may, in a long text few."""
    numbers, names, others = aligned.numbers_against, aligned.names_against, aligned.others_against
    if context.same_url:
        return numbers * 2 <= aligned.numbers + 2 or names * 2 <= aligned.names + 2
    length = shares.common * aligned.density
    few = int(length) // BRIEF
    if (numbers - few) * 10 > 3 * (aligned.numbers + numbers) or (names - few) * 10 > 3 * (aligned.names + names):
        return False
    if length < BRIEF:
        if aligned.spelt < SLIPS and aligned.spelt == aligned.doubtful:
            names += aligned.doubtful
        other_facts = others if aligned.caseless else 0
        return max(numbers, names, other_facts) * STRICT <= length and others * 15 <= length
    return others * aligned.density * 10 <= length


def _same_story(shares: Shares, context: Context) -> bool:
    if context.same_url:
        return True
    if shares.own < FEW:
        return shares.best >= COVERAGE_FEW
    if context.same_site:
        return shares.best >= COVERAGE_SAME_SITE and shares.apart < max(BLOCK, shares.short_words // 30)
    if shares.apart >= 2 * BLOCK and shares.support < NO_SUPPORT and (not shares.lead or shares.best < COVERAGE_LEAD):
        return False
    if shares.lead:
        return shares.both_lead or shares.apart * 4 < shares.short_words or shares.best >= COVERAGE_ONE_LEAD
    return shares.best >= (COVERAGE_SUPPORTED if shares.support >= SUPPORT else COVERAGE_NO_LEAD)
