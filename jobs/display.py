"""The living line: due, visiting, stored per minute, errors; over it the log. On a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jobs import logs
from jobs.statistics import Statistics

if TYPE_CHECKING:
    from rich.console import Console


class Display:
    """Where a run shows itself: a living line under people's log lines, or JSON lines alone."""

    def __init__(self, console: Console | None) -> None:
        self._console = console

    @classmethod
    def quiet(cls) -> Display:
        """Log lines only, as they are configured already."""
        return cls(None)

    @classmethod
    def for_stderr(cls) -> Display:
        """A living line where stderr is a terminal, JSON lines where it is not."""
        if not sys.stderr.isatty():
            logs.configure()
            return cls(None)
        from rich.console import Console

        return cls(Console(stderr=True))

    @property
    def is_live(self) -> bool:
        return self._console is not None

    @contextmanager
    def showing(self, statistics: Statistics) -> Iterator[None]:
        """Show the line for the length of the block."""
        if self._console is None:
            yield
            return
        from rich.live import Live
        from rich.text import Text

        console = self._console
        logs.configure(lambda line: console.print(Text.from_ansi(line), soft_wrap=True))
        with Live(get_renderable=lambda: Text(line(statistics), style="bold"), console=console, refresh_per_second=4):
            yield


def line(statistics: Statistics) -> str:
    """The living line."""
    return (
        f"due {statistics.due:,} · visiting {statistics.visiting} hosts · "
        f"stored {statistics.counts['articles_stored']:,} ({statistics.stored_per_minute():,.0f}/min) · "
        f"errors {statistics.errors:,}"
    )
