"""What many articles share is furniture: notices, explainers, openings of columns, the fixed words of templates.

It is learned from the stream. For each shingle it is counted in how many stories it stood, on its site and over all
sites: a copy counts once with its original, so that a text which forty papers carry is no furniture. The counts are
kept in a table of fixed size (one row of a count-min sketch, two generations), so memory does not grow and what has
not been seen for long is forgotten.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.near import Mask, Signature, Words

SLOTS = 1 << 23  # bytes in a generation; memory is touched only as it fills
FULL = SLOTS // 4  # entries, after which a generation is closed: about 3,000 articles of 350 words
AT_SITE = 2  # stories of one site
ANYWHERE = 4  # stories of all sites
MOST = np.uint8(200)

_SITE = np.uint64(0xD6E8FEB86659FD93)


class Furniture:
    """Counts of stories for each shingle."""

    def __init__(self, slots: int = SLOTS) -> None:
        self._mask = np.uint64(slots - 1)
        self._full = slots // 4
        self._now = np.zeros(slots, np.uint8)
        self._before = np.zeros(slots, np.uint8)
        self._entries = 0

    def distinctive(self, text: Signature, site: int) -> Mask:
        """For each word, whether it is the article's own: no shingle that it stands in is furniture."""
        own = np.ones(text.length, bool)
        common = (self._count(text.shingles) >= ANYWHERE) | (self._count(_at(text.shingles, site)) >= AT_SITE)
        if common.any():
            places, widths = text.places[common], text.widths[common]
            for offset in range(int(widths.max())):
                own[places[widths > offset] + offset] = False
        return own

    def learn(self, text: Signature, site: int, known: Signature | None = None, *, new_to_site: bool = True) -> None:
        """Count a text; of a copy, over all sites, what the original that is known has not."""
        shingles = np.unique(text.shingles)
        if new_to_site:
            self._add(_at(shingles, site))
        elif known is not None:
            self._add(_at(np.setdiff1d(shingles, known.shingles), site))
        self._add(shingles if known is None else np.setdiff1d(shingles, known.shingles))

    def _count(self, numbers: Words) -> NDArray[np.uint8]:
        slots = numbers & self._mask
        return self._now[slots] + self._before[slots]

    def _add(self, numbers: Words) -> None:
        if self._entries >= self._full:
            self._before, self._now, self._entries = self._now, np.zeros_like(self._now), 0
        slots = numbers & self._mask
        self._now[slots] = np.minimum(self._now[slots], MOST // 2) + np.uint8(1)
        self._entries += len(numbers)


def _at(shingles: Words, site: int) -> Words:
    """Other numbers for the same shingles, for each site others."""
    mixed = (shingles ^ np.uint64(site & 0xFFFFFFFFFFFFFFFF)) * _SITE
    spread: Words = mixed ^ (mixed >> np.uint64(29))
    return spread
