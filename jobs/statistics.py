"""What has happened since the start: counts for the living line, the log and the summary."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass, field

WINDOW_S = 60.0


@dataclass
class Statistics:
    """Counts by event name, and the stored articles of the last minute."""

    counts: Counter[str] = field(default_factory=Counter)
    visiting: int = 0
    due: int = 0
    _stored: deque[float] = field(default_factory=deque)
    _since: float = field(default_factory=time.monotonic)

    def count(self, event: str, amount: int = 1) -> None:
        self.counts[event] += amount
        if event == "articles_stored":
            self._stored.append(self._forget_old())

    def stored_per_minute(self) -> float:
        now = self._forget_old()
        return len(self._stored) * 60.0 / max(min(now - self._since, WINDOW_S), 1.0)

    def _forget_old(self) -> float:
        """Keep the last minute only. Returns the moment."""
        now = time.monotonic()
        while self._stored and now - self._stored[0] > WINDOW_S:
            self._stored.popleft()
        return now

    @property
    def errors(self) -> int:
        return self.counts["polls_failed"] + self.counts["pages_failed"] + self.counts["visits_failed"]

    def summary(self) -> dict[str, int]:
        """What was done, for the end of a run."""
        names = (
            "polls", "polls_not_modified", "polls_failed", "entries_new", "entries_changed", "pages_fetched",
            "articles_stored", "articles_revised", "pages_failed", "rechecks",
            "rechecks_unchanged", "articles_withdrawn", "visits_failed",
        )  # fmt: skip
        return {name: self.counts[name] for name in names}
