"""The living line: due, visiting, stored per minute, errors; over it the log. A bar for what has an end.

Both on a terminal only; elsewhere there are log lines.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jobs import logs
from jobs.statistics import Statistics

if TYPE_CHECKING:
    from rich.console import Console

TELL_S = 60.0


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


@contextmanager
def progress(
    what: str, total: int, done: Callable[[], int], tell: Callable[[int, int], None], every_s: float = TELL_S
) -> Iterator[None]:
    """Show how far something has got, for the length of the block: a bar on a terminal, else `tell` once a minute.

    Both ask `done` by themselves, so that the work has nothing to do for them.
    """
    show = _bar(what, total, done) if sys.stderr.isatty() else _told(total, done, tell, every_s)
    with show:
        yield


@contextmanager
def _bar(what: str, total: int, done: Callable[[], int]) -> Iterator[None]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.text import Text

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    logs.configure(lambda line: console.print(Text.from_ansi(line), soft_wrap=True))
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(what, total=total)
        with _repeating(lambda: bar.update(task, completed=done()), 0.25):
            yield
        bar.update(task, completed=done())


@contextmanager
def _told(total: int, done: Callable[[], int], tell: Callable[[int, int], None], every_s: float) -> Iterator[None]:
    with _repeating(lambda: tell(done(), total), every_s):
        yield


@contextmanager
def _repeating(action: Callable[[], None], every_s: float) -> Iterator[None]:
    """`action` again and again in a thread, for the length of the block."""
    ended = threading.Event()

    def repeat() -> None:
        while not ended.wait(every_s):
            action()

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
