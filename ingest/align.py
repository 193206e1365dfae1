"""The shared passages of two texts, and what stands against each other where they differ.

Two texts that copy each other agree word by word in passages; in the gaps between these the words are left out, put in,
spelt otherwise or replaced. Numbers and names that stand in place of other numbers and names are counted: they are what
tells the news of one town from that of another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingest.near import CAPITAL, CASED, CHAR, INITIAL, NUMBER, SMALL, START, Mask, Places, Signature, Words

LEAST = 0.08  # of the shingles of the shorter text; one word in three misread leaves 0.2
WINDOW = 40  # words in a gap at most, for its two sides to stand against each other
ADDED = 6  # words at the end of both texts at least, to be additions and no other facts


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
