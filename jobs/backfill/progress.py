"""How far a backfill has got, for people: a living line on a terminal, a log line a minute elsewhere, a summary."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from ingest.backfill.estimate import Pace, State, in_words
from ingest.errors import DatelineError
from jobs import logs
from jobs.clock import wall_clock
from jobs.logs import log
from jobs.present import harmless
from storage import backfill_progress
from storage.backfill_progress import Progress
from storage.engine import Database

TELL_S = 60.0
SHOW_S = 1.0
COST = 20  # counting a million addresses takes a second: it may take a twentieth of the time
REASONS = 3  # named in the line, the most frequent first
WAIT = timedelta(seconds=5)  # so long, and it is said until when nothing is done


@contextmanager
def shown(database: Database, backfill_id: int, delay_s: float) -> Iterator[None]:
    """Show how far a backfill has got, for the length of the block."""
    meter = _Meter(database, backfill_id, delay_s)
    with _living(meter) if sys.stderr.isatty() else _told(meter):
        yield


class _Meter:
    """Counts, now and then."""

    def __init__(self, database: Database, backfill_id: int, delay_s: float) -> None:
        self._database, self._id = database, backfill_id
        self._pace = Pace(delay_s)
        self.progress: Progress | None = None
        self.cost_s = 0.0

    def count(self) -> None:
        started = time.monotonic()
        try:
            found = self._database.read(backfill_progress.load_progress, self._id)
        except DatelineError:  # locked, or closed under us: the next look counts
            return
        self.cost_s = time.monotonic() - started
        self.progress = found
        self._pace.note(
            State(
                started,
                found.hosts,
                max(found.bytes_total - found.bytes_read, 0),
                found.parts_waiting,
                found.found - found.waiting,
            )
        )

    @property
    def facts(self) -> dict[str, Any]:
        found = self.progress
        if found is None:
            return {}
        wait = _wait(found, wall_clock())
        to_go = self._pace.seconds_to_go()
        if wait is not None:
            to_go = max(to_go or 0.0, wait.total_seconds())
        return {
            "done": found.found - found.waiting,
            "found": found.found,
            "stored": found.stored,
            "copies": found.copies,
            "failed": found.failed,
            "reasons": _first(found.reasons),
            "parts": found.parts,
            "parts_done": found.parts_done,
            "per_s": round(self._pace.per_s, 1),
            "to_go": in_words(to_go, is_least=wait is not None or bool(found.parts_waiting and found.hosts)),
            "waits_until": f"{found.soonest:%H:%M} UTC" if wait is not None and found.soonest else None,
            "put_off": _first(found.put_off),
        }


def _wait(found: Progress, now: datetime) -> timedelta | None:
    """How long nothing is to be done: all that is left is tried again later. None where something is."""
    if found.soonest is None or found.bytes_read < found.bytes_total:
        return None
    wait = found.soonest - now
    return wait if wait > WAIT else None


def _first(reasons: Mapping[str, int]) -> dict[str, int]:
    return dict(list(reasons.items())[:REASONS])


def _named(reasons: Mapping[str, int]) -> str:
    named = ", ".join(f"{reason} {count:,}" for reason, count in reasons.items())
    return f" ({named})" if named else ""


def as_line(facts: Mapping[str, Any]) -> str:
    """One line for a terminal."""
    if not facts:
        return "looking …"
    waits = f" · waits until {facts['waits_until']}{_named(facts['put_off'])}" if facts["waits_until"] else ""
    return (
        f"{facts['done']:,} of {facts['found']:,} addresses · "
        f"stored {facts['stored']:,} ({facts['copies']:,} copies) · "
        f"failed {facts['failed']:,}{_named(facts['reasons'])} · "
        f"documents {facts['parts_done']:,} of {facts['parts']:,} · {facts['per_s']:g}/s · "
        f"to go: {facts['to_go']}{waits}"
    )


@contextmanager
def _living(meter: _Meter) -> Iterator[None]:
    from rich.console import Console
    from rich.live import Live
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    console = Console(stderr=True)

    def show() -> Table:
        found = meter.progress
        total, done = _amounts(found) if found else (0, 0)
        lines = Table.grid()  # a bar does not end its line itself
        lines.add_row(ProgressBar(total=total or None, completed=done, width=40, pulse=not total))
        lines.add_row(Text(harmless(as_line(meter.facts)), style="bold"))
        return lines

    logs.configure(lambda line: console.print(Text.from_ansi(line), soft_wrap=True), brief=True)
    with Live(get_renderable=show, console=console, refresh_per_second=4), _repeated(meter, None):
        yield


def _amounts(found: Progress) -> tuple[int, int]:
    """(all, done) of what the bar shows: bytes where files are read, else addresses."""
    if found.bytes_total:
        return found.bytes_total, found.bytes_read
    return found.found, found.found - found.waiting


@contextmanager
def _told(meter: _Meter) -> Iterator[None]:
    logs.configure(brief=True)
    with _repeated(meter, TELL_S):
        yield


@contextmanager
def _repeated(meter: _Meter, tell_s: float | None) -> Iterator[None]:
    """Count again and again in a thread, and say so in the log."""
    ended = threading.Event()

    def repeat() -> None:
        told, waits = time.monotonic(), False
        meter.count()
        while not ended.wait(max(SHOW_S if tell_s is None else min(tell_s, 5.0), COST * meter.cost_s)):
            meter.count()
            facts = meter.facts
            begins_to_wait = bool(facts.get("waits_until")) and not waits
            if tell_s is not None and (begins_to_wait or time.monotonic() - told >= tell_s):
                told = time.monotonic()
                log.info("backfill_progress", **facts)
            waits = bool(facts.get("waits_until"))

    thread = threading.Thread(target=repeat, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
