"""A clock for tests: it stands until it is told to go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Clock:
    """Called, it says what time it is, as an aware UTC datetime."""

    def __init__(self, at: datetime = START) -> None:
        self.now = at

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> datetime:
        """Let time pass, in the words of `timedelta`. Returns the new moment."""
        self.now += timedelta(**duration)
        return self.now
