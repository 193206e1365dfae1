"""`dateline backfill …`: the past, once, from everywhere that it is kept. The same command again goes on."""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ingest.backfill import remote
from ingest.backfill.documents import seed_of, seeds_of
from ingest.backfill.files import MAX_LIST, find_files, is_list
from ingest.backfill.request import BackfillState, PartState, Request, Seed, Source, read_moment
from ingest.backfill.wanted import Wanted, read_patterns
from ingest.errors import Busy, Owned, ParseError, SettingsError
from ingest.model import Reason
from ingest.urls import host_of
from jobs.backfill import drive
from jobs.backfill.drive import DONE, FAILED, Ending
from jobs.backfill.leftovers import sweep
from jobs.backfill.spool import folder_of, keep_list
from jobs.clock import wall_clock
from jobs.commands.backfill_feeds import find_feeds
from jobs.commands.backfill_view import COLUMNS, FETCHED_IN_VAIN, record
from jobs.config import Settings
from storage import backfill_progress, backfills, migrate
from storage.backfill_progress import Progress
from storage.backfills import Backfill
from storage.engine import Database
from storage.owner import own, owner

STDIN = "-"
BY_FILE = (Source.WARC, Source.URLS, Source.HTML)
SHOWN = 20  # hosts of an estimate
TROUBLES, LOOKED_THROUGH = 5, 1_000  # documents that could not be had and that a summary names, among so many
MAX_PARTS = 100_000  # that are listed of one backfill
LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2,8})?")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for on the command line."""

    source: Source
    places: tuple[str, ...]
    since: str | None = None
    until: str | None = None
    hosts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run. `troubles`: the first documents that could not be had, as `load_parts` gives them."""

    backfill: Backfill
    progress: Progress
    ending: Ending
    troubles: tuple[dict[str, Any], ...] = ()

    @property
    def is_interrupted(self) -> bool:
        return self.ending.exit_code == drive.INTERRUPTED

    @property
    def is_done(self) -> bool:
        return self.backfill.state is BackfillState.DONE

    @property
    def brought_nothing(self) -> bool:
        """Nothing was found, and not for want of looking again."""
        progress = self.progress
        return self.is_done and not progress.found and not progress.left_out

    @property
    def exit_code(self) -> int:
        return FAILED if self.brought_nothing else self.ending.exit_code

    def as_dict(self) -> dict[str, Any]:
        return record(self.backfill, self.progress) | {
            "troubles": list(self.troubles),
            "done": self.is_done,
            "next_at": self.ending.next_at,
            "interrupted": self.is_interrupted,
        }


# --- asking ---------------------------------------------------------------------------------------------------------


def begin(settings: Settings, database: Database, asked: Asked, server: str) -> tuple[int, bool]:
    """Record what is asked for. Returns its number, and False where the same was asked for before. SettingsError."""
    now = wall_clock()
    request, seeds = plan(settings, asked, now, server)
    if request.source is Source.HISTORY:  # of what is known, the feeds are found already
        is_known = database.read(backfills.find, request) is not None
        seeds = () if is_known else _seeds_of_feeds(settings, request)
    return database.write(backfills.begin, request, seeds, wall_clock())


def _seeds_of_feeds(settings: Settings, request: Request) -> tuple[Seed, ...]:
    """Where to begin once it is known which are the feeds of the sites that were named. Raises SettingsError."""
    feeds, remarks = find_feeds(settings, request.places)
    for line in remarks:
        _say(line)
    return seeds_of(replace(request, places=feeds))


def plan(settings: Settings, asked: Asked, now: datetime, server: str) -> tuple[Request, tuple[Seed, ...]]:
    """The request, and where to begin. Raises SettingsError for what cannot be meant."""
    if asked.source in BY_FILE:
        asked = replace(asked, places=tuple(_place(settings, asked.source, place) for place in asked.places))
    wanted = Wanted(
        since=read_moment("--since", asked.since, now),
        until=read_moment("--until", asked.until, now, is_end=True),
        hosts=tuple(_host(each) for each in asked.hosts),
        paths=read_patterns(asked.paths),
        languages=tuple(_language(each) for each in asked.languages),
    )
    if wanted.since and wanted.until and wanted.since >= wanted.until:
        raise SettingsError(f"--since {asked.since} is not before --until {asked.until}")
    request = Request(asked.source, asked.places, wanted, asked.limit, (asked.since, asked.until))
    return request, _files(request) if asked.source in BY_FILE else seeds_of(request, server)


def _place(settings: Settings, source: Source, place: str) -> str:
    """A file as it is called from everywhere; the address of an archive as it is."""
    return place if source is Source.WARC and remote.is_address(place) else str(_path(settings, place))


def _host(stated: str) -> str:
    """A host as given, or that of an address. Raises SettingsError."""
    said = stated.strip().lower()
    name = host_of(said) if "://" in said else said.removeprefix("*.").strip(".")
    if not name or "/" in name or " " in name:
        raise SettingsError(f"--host: {stated[:60]} is no host: give one like www.example.org (--path has paths)")
    return name


def _language(stated: str) -> str:
    """The two letters of a language. Raises SettingsError."""
    said = stated.strip().lower()
    if not LANGUAGE.fullmatch(said):
        raise SettingsError(f"--language: {stated[:40]} is no code of a language: give two letters, such as en")
    return said[:2]


def check_place_of(path: Path | None) -> None:
    """Whether a file can be written there: told before hours of work, not after. Raises SettingsError."""
    if path is None:
        return
    if path.is_dir():
        raise SettingsError(f"--failures: {path} is a directory: give a file in it")
    if not path.absolute().parent.is_dir():
        raise SettingsError(f"--failures: there is no directory {path.absolute().parent}")
    if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        raise SettingsError(f"--failures: {path} cannot be written")


def _path(settings: Settings, place: str) -> Path:
    if place != STDIN:
        return Path(place).resolve()
    if sys.stdin.isatty():
        _say("an address a line, please; Ctrl-D ends the list")
    return keep_list(settings, sys.stdin.buffer)


def _files(request: Request) -> tuple[Seed, ...]:
    if request.source is Source.WARC:
        return _archives(request)
    return _seeds(request, [Path(each) for each in request.places])


def _seeds(request: Request, paths: Sequence[Path]) -> tuple[Seed, ...]:
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise SettingsError(*(f"{path}: no such file or directory" for path in missing))
    if request.source is Source.URLS and (folders := [path for path in paths if path.is_dir()]):
        hint = "`dateline backfill html` reads saved pages, `dateline backfill warc` archives"
        raise SettingsError(*(f"{path} is a directory, not a list: {hint}" for path in folders))
    return tuple(Seed(request.source, str(path), size=_size(path)) for path in paths)


def _archives(request: Request) -> tuple[Seed, ...]:
    """Archives here and on servers, and those that lists name."""
    addresses = tuple(place for place in request.places if remote.is_address(place))
    paths = find_files([Path(place) for place in request.places if place not in addresses])
    listed = [each for path in paths if is_list(path) for each in _listed(path, request.wanted)]
    files = _seeds(request, [path for path in paths if not is_list(path)])
    return (*files, *listed, *seeds_of(replace(request, places=addresses)))


def _listed(path: Path, wanted: Wanted) -> Iterator[Seed]:
    try:
        if path.stat().st_size > MAX_LIST:
            raise ParseError(Reason.TOO_LARGE, "a list of more than 64 MB")
        return map(seed_of, remote.read_local(path.read_bytes(), wanted).following)
    except ParseError as error:
        raise SettingsError(f"{path}: {error}") from error


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


# --- running --------------------------------------------------------------------------------------------------------


def work(settings: Settings, database: Database, backfill_id: int) -> Report:
    """Drive a backfill to its end, or watch the daemon do it; where that ends before, go on without it."""
    ending: Ending | None = None
    while ending is None:
        try:
            with own(database, "dateline backfill", wall_clock()):
                ending = drive.drive(settings, backfill_id)
        except Owned:
            _say(_whom_we_wait_for(database, backfill_id))
            ending = drive.watch(settings, database, backfill_id)
    return report(database, backfill_id, ending)


def _whom_we_wait_for(database: Database, backfill_id: int) -> str:
    what = str((owner(database) or {}).get("what") or "a process")
    if what.startswith("dateline backfill"):
        return f"another `dateline backfill` runs on this database: backfill {backfill_id} begins behind it"
    return f"a daemon is running: it works on backfill {backfill_id} beside its feeds"


def _say(line: str) -> None:
    print(f"dateline: {line}", file=sys.stderr)


def report(database: Database, backfill_id: int, ending: Ending) -> Report:
    """How far a backfill is, after a run. Raises SettingsError."""
    found = load(database, backfill_id)
    progress = database.read(backfill_progress.load_progress, backfill_id)
    parts = database.read(backfill_progress.load_parts, backfill_id, LOOKED_THROUGH)
    troubles = [part for part in parts if part["broken"] or (part["reason"] and part["state"] != PartState.DONE)]
    return Report(found, progress, ending, tuple(troubles[:TROUBLES]))


def load(database: Database, backfill_id: int) -> Backfill:
    """A backfill. Raises SettingsError where there is none of that number."""
    found = database.read(backfills.load, backfill_id)
    if found is None:
        raise SettingsError(f"there is no backfill {backfill_id}: see `dateline backfill list`")
    return found


def resume(settings: Settings, database: Database, backfill_id: int) -> None:
    """Have it go on. Raises SettingsError."""
    load(database, backfill_id)
    unread = [Path(place) for place in database.read(backfills.load_unread_files, backfill_id)]
    if any(path.parent == folder_of(settings) and not path.exists() for path in unread):
        raise SettingsError(
            f"the list that backfill {backfill_id} had from standard input was not read to its end, and is gone: "
            "give it again with the same options (… | dateline backfill urls -), and it goes on where it was"
        )
    database.write(backfills.resume, backfill_id, wall_clock())


def cancel(settings: Settings, database: Database, backfill_id: int) -> BackfillState | None:
    """Stop working on it. Returns what it was already, where it was not running. Raises SettingsError.

    Its files go with it. Where somebody has them in hand it is left to whoever works on the database.
    """
    found = load(database, backfill_id)
    if not database.write(backfills.cancel, backfill_id, wall_clock()):
        return found.state
    with suppress(Owned, Busy), own(database, "dateline backfill", wall_clock()):
        sweep(settings, database, wall_clock())
    return None


def rehearse(settings: Settings, asked: Asked, server: str) -> dict[str, Any]:
    """What a backfill would bring: everything is looked for and nothing fetched, in a store that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="dateline-rehearsal-") as folder:
        url = f"sqlite:///{folder}/rehearsal.db"
        alone = settings.model_copy(
            update={
                "database": url,
                "archive": settings.archive.model_copy(update={"enabled": False, "directory": folder}),
            }
        )
        with closing(Database(url, is_frugal=True)) as database:
            migrate.upgrade(database)
            request, seeds = plan(alone, asked, wall_clock(), server)
            if request.source is Source.HISTORY:
                seeds = _seeds_of_feeds(settings, request)
            # A sample of none: all is found, and nothing is due.
            number, _ = database.write(backfills.begin, replace(request, sample=0), seeds, wall_clock())
            ending = drive.drive(alone, number, is_frugal=True)  # nothing is compared
            counted = database.read(backfill_progress.count_found, number)
            rehearsed = report(database, number, ending)
    return _estimate(settings, asked, counted, rehearsed)


def _estimate(settings: Settings, asked: Asked, counted: dict[str, int], rehearsed: Report) -> dict[str, Any]:
    progress = rehearsed.progress
    left_out = dict(progress.left_out)
    found = sum(counted.values()) + left_out.pop("not sampled", 0)
    wanted = min(found, asked.limit or found)
    share = wanted / found if found else 0.0
    slowest = max((count * share * settings.politeness.delay for count in counted.values()), default=0.0)
    return {
        "found": found,
        "to_fetch": wanted,
        "hosts": dict(list(counted.items())[:SHOWN]),
        "left_out": left_out,
        "documents": progress.parts,
        "documents_failed": progress.parts_failed,
        "seconds_at_least": max(round(slowest), 1) if asked.source not in (Source.WARC, Source.HTML) else None,
        "troubles": list(rehearsed.troubles),
        "interrupted": rehearsed.is_interrupted,
    }


def exit_code_of(estimate: dict[str, Any]) -> int:
    """Of a rehearsal: one that found nothing has failed."""
    if estimate["interrupted"]:
        return drive.INTERRUPTED
    return DONE if estimate["found"] or estimate["left_out"] else FAILED


# --- what is stored of them -------------------------------------------------------------------------------------------


def whole_record(database: Database, number: int) -> dict[str, Any]:
    """One backfill with its documents, those that failed first. Raises SettingsError."""
    found = load(database, number)
    progress = database.read(backfill_progress.load_progress, number)
    return record(found, progress) | {"parts": database.read(backfill_progress.load_parts, number, MAX_PARTS)}


def rows(database: Database) -> Iterator[dict[str, Any]]:
    """A row a backfill, the newest first."""
    for found in database.read(backfills.load_all):
        said = record(found, database.read(backfill_progress.load_progress, found.id))
        yield {name: said[name] for name in COLUMNS}


def write_failures(database: Database, backfill_id: int, path: Path) -> int:
    """What could not be had, as JSON lines that `dateline backfill urls` takes. Returns how many."""
    failed = database.read(lambda connection: list(backfill_progress.load_failed(connection, backfill_id)))
    failed = [row for row in failed if row.reason not in FETCHED_IN_VAIN]
    with path.open("w", encoding="utf-8") as file:
        for row in failed:
            line = {
                "url": row.url,
                "title": row.title,
                "published": row.published_at.isoformat() if row.published_at else None,
                "reason": row.reason,
                "detail": row.detail,
            }
            file.write(json.dumps({k: v for k, v in line.items() if v is not None}, ensure_ascii=False) + "\n")
    return len(failed)
