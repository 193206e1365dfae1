"""What many articles share is furniture: notices, explainers, openings of columns, the fixed words of templates.

It is learned from the stream. For each shingle it is counted in how many stories it stood, on its site and over all
sites: a copy counts once with its original, so that a text which forty papers carry is no furniture. The counts are
kept in a table of fixed size, 8 bytes a place: memory does not grow, and what has not been seen for long is forgotten.
A shingle that finds its place taken wears the other's count down; only when nothing is left of it, it takes the place.
"""

from __future__ import annotations

import numpy as np

from ingest.near import Mask, Signature, Words

PLACES = 1 << 22  # an article of 350 words fills 700; memory is touched only as it fills
AT_SITE = 2  # stories of one site
ANYWHERE = 4  # stories of all sites
MOST = np.uint64(100)  # is counted

_SITE = np.uint64(0xD6E8FEB86659FD93)
_ONE, _COUNT, _STORY = np.uint64(1), np.uint64(0xFF), np.uint64(0xFFFFFF00)
_UPPER, _LOWER = np.uint64(0xFFFFFFFF_00000000), np.uint64(1 << 32)


class Furniture:
    """Counts of stories for each shingle.

    A place is 64 bits: the upper half of the shingle that has it, 24 bits of the story counted last (its copies are
    not counted again), and the count.
    """

    def __init__(self, places: int = PLACES) -> None:
        self._mask = np.uint64(places - 1)
        self._rows = np.zeros(places, np.uint64)

    def distinctive(self, text: Signature, site: int) -> Mask:
        """For each word, whether it is the article's own: no shingle that it stands in is furniture."""
        own = np.ones(text.length, bool)
        common = self._count(text.shingles) >= ANYWHERE
        common |= self._count(_at(text.shingles, site)) >= AT_SITE
        if common.any():
            places, widths = text.places[common], text.widths[common]
            for offset in range(int(widths.max())):
                own[places[widths > offset] + offset] = False
        return own

    def learn(self, text: Signature, site: int, story: int) -> None:
        """Count a text. Texts of one story have the same number, from 1."""
        shingles = np.concatenate((text.shingles, _at(text.shingles, site)))
        at = shingles & self._mask
        rows = self._rows[at]
        mine = shingles & _UPPER | np.uint64(story << 8 & 0xFFFFFF00)
        count = rows & _COUNT
        ours = (rows ^ shingles) < _LOWER
        another = ((rows ^ mine) & _STORY) != 0
        more = np.minimum(count + another, MOST)
        worn = np.where(count > 1, rows - _ONE, mine | _ONE)
        self._rows[at] = np.where(ours, mine | more, worn)

    def _count(self, shingles: Words) -> Words:
        rows = self._rows[shingles & self._mask]
        counted: Words = np.where((rows ^ shingles) < _LOWER, rows & _COUNT, np.uint64(0))
        return counted


def _at(shingles: Words, site: int) -> Words:
    """Other numbers for the same shingles, for each site others."""
    mixed = (shingles ^ np.uint64(site & 0xFFFFFFFFFFFFFFFF)) * _SITE
    spread: Words = mixed ^ (mixed >> np.uint64(29))
    return spread
