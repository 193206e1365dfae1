"""What should make an operator look at a feed that answers as if all were well. Touches nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ingest import rhythm


class Alert(StrEnum):
    """The kinds of alerts."""

    SILENT = "silent"  # nothing new for far longer than its rhythm allows
    SHORT_ARTICLES = "short_articles"  # its articles come out much shorter than they did: a changed template, a wall
    DISTRUSTED = "distrusted"  # its validators lie: "unchanged" although there was news


# --- articles that come out short ---------------------------------------------------------------------------------

SLOW, QUICK = 0.02, 0.1  # the weight of one article in what is usual, and in what came lately
ENOUGH = 20  # articles before anything is called usual
SHORT, FINE = math.log(2.5), math.log(1.5)  # how much shorter than usual raises the alert, and clears it


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long a feed's articles are: two running means of the logarithm of the number of words, and of how many.

    Logarithms, so that one very long article does not pass for a changed template.
    """

    usual: float | None = None
    lately: float | None = None
    articles: int = 0

    def after(self, words: int) -> Lengths:
        """With one more article."""
        length = math.log1p(words)
        return Lengths(
            length if self.usual is None else self.usual + self._slow * (length - self.usual),
            length if self.lately is None else self.lately + QUICK * (length - self.lately),
            self.articles + 1,
        )

    @property
    def _slow(self) -> float:
        """The first articles make what is usual quickly."""
        return max(SLOW, 1 / (self.articles + 1))

    @property
    def are_short(self) -> bool | None:
        """Whether the articles of late are far shorter than usual; None: between the two limits, or too few."""
        if self.usual is None or self.lately is None or self.articles < ENOUGH:
            return None
        lost = self.usual - self.lately
        return True if lost > SHORT else False if lost < FINE else None

    def __str__(self) -> str:
        """In words, for the alert."""
        usual, lately = (round(math.expm1(value or 0.0)) for value in (self.usual, self.lately))
        return f"about {lately} words in the latest articles, {usual} as usual"


# --- feeds that fall silent ---------------------------------------------------------------------------------------

SILENT_AT_LEAST = timedelta(days=1)
# Items that should have come, for each unit by which the feed's counts scatter: by chance alone, nothing comes instead
# of eight once in three thousand times.
SILENT_EXPECTED = 8.0
WATCHED_WEEKS = 1.0  # before that, nobody knows how a feed's week looks


def silence(known: bytes | None, quiet_since: datetime, now: datetime) -> str | None:
    """In words, that a feed is silent against its own rhythm; None where it is not. `known`: see ingest/rhythm.py."""
    learned = rhythm.load(known)
    if learned is None or learned.weeks < WATCHED_WEEKS or now - quiet_since < SILENT_AT_LEAST:
        return None
    expected = rhythm.usual(learned, quiet_since.timestamp(), now.timestamp())
    if expected < SILENT_EXPECTED * max(learned.noise, 1.0):
        return None
    return f"nothing new since {quiet_since:%Y-%m-%d %H:%M}, where about {expected:.0f} items are usual"
