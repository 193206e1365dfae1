"""What many articles share is furniture: notices, explainers, openings of columns, the fixed words of templates.

It is learned from the stream. For each shingle it is counted in how many stories it stood, on its site and over all
sites: a copy counts once with its original, so that a text which forty papers carry is no furniture. The counts are
kept in a table of fixed size, 9 bytes a place: memory does not grow, and what has not been seen for long is forgotten.
A shingle that finds its place taken wears the other's count down; only when nothing is left of it, it takes the place.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.near import Mask, Signature, Words

PLACES = 1 << 22  # an article of 350 words fills 700; memory is touched only as it fills
AT_SITE = 2  # stories of one site
ANYWHERE = 4  # stories of all sites
MOST = 100  # is counted

_SITE = np.uint64(0xD6E8FEB86659FD93)
_HIGH = np.uint64(32)


class Furniture:
    """Counts of stories for each shingle."""

    def __init__(self, places: int = PLACES) -> None:
        self._mask = np.uint64(places - 1)
        self._whose = np.zeros(places, np.uint32)  # the upper half of the shingle that has the place
        self._stories = np.zeros(places, np.uint8)
        self._last = np.zeros(places, np.uint32)  # the story that was counted last: its copies are not

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
        self._add(text.shingles, story)
        self._add(_at(text.shingles, site), story)

    def _count(self, shingles: Words) -> NDArray[np.uint8]:
        at = shingles & self._mask
        found: NDArray[np.uint8] = np.where(self._whose[at] == (shingles >> _HIGH), self._stories[at], np.uint8(0))
        return found

    def _add(self, shingles: Words, story: int) -> None:
        at, upper = shingles & self._mask, (shingles >> _HIGH).astype(np.uint32)
        number = np.uint32(story & 0xFFFFFFFF)
        ours = self._whose[at] == upper
        again = at[ours]
        again = again[(self._last[again] != number) & (self._stories[again] < MOST)]
        taken = at[~ours]
        left = self._stories[taken]
        worn, free = taken[left > 1], left <= 1
        self._stories[worn] -= np.uint8(1)
        self._stories[again] += np.uint8(1)
        self._last[again] = number
        self._whose[taken[free]] = upper[~ours][free]
        self._stories[taken[free]] = 1
        self._last[taken[free]] = number


def _at(shingles: Words, site: int) -> Words:
    """Other numbers for the same shingles, for each site others."""
    mixed = (shingles ^ np.uint64(site & 0xFFFFFFFFFFFFFFFF)) * _SITE
    spread: Words = mixed ^ (mixed >> np.uint64(29))
    return spread
