"""`dateline db fingerprints`: the keys by which near copies are found, made anew from the stored texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from ingest.errors import Busy
from jobs.clock import Clock, wall_clock
from jobs.config import Settings
from jobs.display import progress
from jobs.logs import log
from storage import duplicates, fingerprints
from storage.engine import Database

PORTION = 200  # articles in a transaction: a quarter of a second, for which a running daemon waits
TRIES = 6  # of a write, each as patient as the store is

T = TypeVar("T")


@dataclass
class Rebuilt:
    """How far it has got. `last`: the number of the last article that is done."""

    articles: int
    done: int = 0
    last: int = 0
    is_interrupted: bool = False


def rebuild(settings: Settings, database: Database, after: int = 0, clock: Clock = wall_clock) -> Rebuilt:
    """Make the keys of the window anew, or those of the articles beyond number `after`. Ctrl-C ends it early."""
    since = clock() - timedelta(seconds=settings.duplicates.window)
    state = Rebuilt(database.read(fingerprints.count_within, since, after), last=after)
    if not after:
        _patiently(lambda: database.write(fingerprints.clear))
    try:
        with progress("keys", state.articles, lambda: state.done, _tell):
            while portion := _patiently(lambda: database.write(duplicates.rebuild_portion, state.last, since, PORTION)):
                state.last, count = portion
                state.done += count
    except KeyboardInterrupt:
        state.is_interrupted = True
    return state


def _tell(done: int, total: int) -> None:
    log.info("fingerprints_progress", done=done, articles=total)


def _patiently(write: Callable[[], T]) -> T:
    for _ in range(TRIES - 1):
        try:
            return write()
        except Busy as error:
            log.warning("database_busy", error=str(error))
    return write()
