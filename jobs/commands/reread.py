"""`dateline reread`: extract again from the page archive, all articles or some, on every core.

It works beside a running daemon and does not ask who owns the database: reading is done in worker processes, and what
is written is one short transaction an article, as any command's beside the daemon is (docs/decisions/0005). To stop the
daemon for hours instead would cost what the feeds drop meanwhile. Where the daemon keeps the database locked for long,
the write is tried again; what it has read in the meantime is left as it is (storage/reread.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ingest.errors import Busy, ParseError, SettingsError
from ingest.extractor_name import EXTRACTOR
from ingest.model import Reading, Reason
from jobs.archived import load_page
from jobs.clock import Clock, wall_clock
from jobs.config import Settings
from jobs.display import progress
from jobs.extractor import Extractor
from jobs.logs import log
from storage import boilerplate, reread
from storage.engine import Database
from storage.reread import Candidate, Result, Selection

BATCH = 200  # articles looked up at once
AHEAD = 4  # pages handed to the workers for each of them: none ever waits for this process
TRIES = 6  # of a write, each as patient as the store is
HOSTS = 1_000  # whose boilerplate is kept at hand


@dataclass
class Tally:
    """What became of the selected articles."""

    selected: int
    changed: int = 0
    unchanged: int = 0
    current: int = 0  # read by this version, with what is known now, already
    not_archived: int = 0
    failed: Counter[str] = field(default_factory=Counter)  # no article any more: by reason; they stay as they are
    is_interrupted: bool = False

    @property
    def done(self) -> int:
        return self.changed + self.unchanged + self.current + self.not_archived + self.failed.total()

    def summary(self) -> dict[str, Any]:
        return {
            "selected": self.selected,
            "current": self.current,
            "read": self.changed + self.unchanged,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "failed": dict(sorted(self.failed.items())),
            "not_archived": self.not_archived,
            "interrupted": self.is_interrupted,
        }


@dataclass(frozen=True)
class Options:
    """How to go about it. `everything`: also what is current. `limit`: of pages to read."""

    everything: bool = False
    limit: int | None = None
    dry_run: bool = False


def reread_articles(
    settings: Settings, database: Database, selection: Selection, options: Options, clock: Clock = wall_clock
) -> Tally:
    """Read the selected articles again. Ctrl-C ends it early: what is finished is stored. Raises SettingsError."""
    unknown = database.read(reread.missing, selection.ids)
    if unknown:
        raise SettingsError(f"there is no article {', '.join(map(str, unknown))}")
    tally = Tally(database.read(reread.count, selection))
    workers = max(1, min(settings.workers, tally.selected))
    extractor = Extractor(workers, settings.extract.timeout, settings.extract.memory)
    work = _Work(database, extractor, settings.archive_directory, options, tally, clock)
    try:
        with progress("reading again", tally.selected, lambda: tally.done, _tell):
            work.run(selection)
    except KeyboardInterrupt:
        tally.is_interrupted = True
    finally:
        extractor.stop()
    return tally


def _tell(done: int, total: int) -> None:
    log.info("reread_progress", done=done, selected=total)


class _Work:
    """One thread keeps the workers supplied and stores what they have read, in the order in which they finish."""

    def __init__(
        self,
        database: Database,
        extractor: Extractor,
        archive: Path,
        options: Options,
        tally: Tally,
        clock: Clock,
    ) -> None:
        self._database, self._extractor, self._archive = database, extractor, archive
        self._options, self._tally, self._clock = options, tally, clock
        self._in_hand: dict[Future[Reading], Candidate] = {}
        self._begun = 0
        # For the length of this run the same, so that the articles of a host are read alike.
        self._blocks = lru_cache(HOSTS)(lambda host: database.read(boilerplate.load, host))

    def run(self, selection: Selection) -> None:
        for candidate in self._candidates(selection):
            if self._options.limit is not None and self._begun >= self._options.limit:
                break
            self._begin(candidate)
            while len(self._in_hand) >= AHEAD * self._extractor.workers:
                self._finish()
        while self._in_hand:
            self._finish()

    def _candidates(self, selection: Selection) -> Iterator[Candidate]:
        batch = self._database.read(reread.load, selection, 0, BATCH)
        while batch:
            yield from batch
            batch = self._database.read(reread.load, selection, batch[-1].id, BATCH)

    def _begin(self, candidate: Candidate) -> None:
        """Hand the page to the workers, where it is to be read and can be."""
        if not self._options.everything and candidate.read_key == self._key(candidate):
            self._tally.current += 1
            return
        kept = candidate.page
        page = None if kept is None else load_page(self._archive, kept, self._blocks(kept.host))
        if kept is None or page is None:
            self._tally.not_archived += 1
            return
        if not self._begun:
            self._extractor.start()
        # With the clock of its fetch: what a date may be hangs on that, and not on today.
        self._in_hand[self._extractor.submit_page(page, kept.fetched_at)] = candidate
        self._begun += 1

    def _key(self, candidate: Candidate) -> int:
        return boilerplate.read_key(EXTRACTOR, self._blocks(_host(candidate)))

    def _finish(self) -> None:
        """Wait for a worker, and store what has been read."""
        finished, _ = wait(self._in_hand, return_when=FIRST_COMPLETED)
        for future in finished:
            candidate = self._in_hand.pop(future)
            try:
                reading = self._extractor.result(future)
            except ParseError as error:
                self._tally.failed[error.reason] += 1
                continue
            if reading.reason is not None:
                self._tally.failed[reading.reason] += 1
            else:
                self._count(self._store(candidate, reading))

    def _count(self, result: Result) -> None:
        self._tally.changed += result is Result.CHANGED
        self._tally.unchanged += result is Result.UNCHANGED
        self._tally.current += result is Result.OVERTAKEN
        if result is Result.DAMAGED:
            self._tally.failed[Reason.READ_FAILED] += 1

    def _store(self, candidate: Candidate, reading: Reading) -> Result:
        blocks = self._blocks(_host(candidate))
        if self._options.dry_run:
            return self._database.read(reread.compare, candidate, reading, blocks)
        for _ in range(TRIES - 1):
            try:
                return self._database.write(reread.record, candidate, reading, blocks, self._clock())
            except Busy as error:
                log.warning("database_busy", error=str(error))
        return self._database.write(reread.record, candidate, reading, blocks, self._clock())


def _host(candidate: Candidate) -> str:
    return candidate.page.host if candidate.page is not None else candidate.host


def as_text(tally: Tally, *, dry_run: bool) -> str:
    """The summary for people."""
    summary = tally.summary()
    names = ("selected", "current", "read", "changed", "unchanged", "not_archived")
    counts = {name.replace("_", " "): summary[name] for name in names}
    if dry_run:
        counts["would change"] = counts.pop("changed")
    counts |= {f"not read: {reason}": number for reason, number in summary["failed"].items()}
    return "\n".join(f"{name:32}{number:>10,}" for name, number in counts.items())


def how_to_go_on(tally: Tally, options: Options) -> str:
    """What to tell somebody who has interrupted it."""
    so_far = f"interrupted: {tally.done:,} of {tally.selected:,} articles are done"
    if options.dry_run:
        return f"{so_far}; nothing was written"
    again = "given again, it begins anew" if options.everything else "the same command goes on with the rest"
    return f"{so_far} and stored; {again}"
