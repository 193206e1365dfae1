"""`dateline backfill …`: the past, once, from everywhere that it is kept. The same command again goes on."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from ingest.backfill import remote
from ingest.backfill.documents import seed_of, seeds_of
from ingest.backfill.estimate import in_words
from ingest.backfill.files import MAX_LIST, find_files, is_list
from ingest.backfill.request import Request, Seed, Source, read_moment
from ingest.backfill.wanted import Wanted, read_patterns
from ingest.errors import Owned, ParseError, SettingsError
from ingest.model import Reason
from jobs.app import wall_clock
from jobs.backfill import drive
from jobs.backfill.drive import Ending
from jobs.config import Settings
from jobs.present import cell, table
from storage import backfill_progress, backfills, migrate
from storage.backfill_progress import Progress
from storage.backfills import Backfill
from storage.engine import Database
from storage.owner import own

STDIN = "-"
SPOOL = "lists"  # below the archive: lists that came on standard input, so that they can be gone on with
BY_FILE = (Source.WARC, Source.URLS, Source.HTML)
SHOWN = 20


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
    """What came of a run."""

    backfill: Backfill
    progress: Progress
    ending: Ending
    is_new: bool = True

    def as_dict(self) -> dict[str, Any]:
        return record(self.backfill, self.progress) | {
            "done": self.ending.is_done,
            "next_at": self.ending.next_at,
            "interrupted": self.ending.exit_code == drive.INTERRUPTED,
        }


def begin(settings: Settings, database: Database, asked: Asked, server: str) -> tuple[int, bool]:
    """Record what is asked for. Returns its number, and False where the same was asked for before. SettingsError."""
    now = wall_clock()
    request, seeds = plan(settings, asked, now, server)
    return database.write(backfills.begin, request, seeds, now)


def plan(settings: Settings, asked: Asked, now: datetime, server: str) -> tuple[Request, tuple[Seed, ...]]:
    """The request, and where to begin. Raises SettingsError for what cannot be meant."""
    if asked.source in BY_FILE:
        asked = replace(asked, places=tuple(_place(settings, asked.source, place) for place in asked.places))
    wanted = Wanted(
        since=read_moment("--since", asked.since, now),
        until=read_moment("--until", asked.until, now, is_end=True),
        hosts=tuple(each.strip().lower().removeprefix("*.") for each in asked.hosts),
        paths=read_patterns(asked.paths),
        languages=tuple(each.strip().lower()[:2] for each in asked.languages),
    )
    if wanted.since and wanted.until and wanted.since >= wanted.until:
        raise SettingsError(f"--since ({wanted.since:%Y-%m-%d}) is not before --until ({wanted.until:%Y-%m-%d})")
    request = Request(asked.source, asked.places, wanted, asked.limit, (asked.since, asked.until))
    return request, _files(request) if asked.source in BY_FILE else seeds_of(request, server)


def _place(settings: Settings, source: Source, place: str) -> str:
    """A file as it is called from everywhere; the address of an archive as it is."""
    return place if source is Source.WARC and remote.is_address(place) else str(_path(settings, place))


def _path(settings: Settings, place: str) -> Path:
    return spool(settings.archive_directory, sys.stdin.buffer) if place == STDIN else Path(place).resolve()


def spool(archive: Path, stream: IO[bytes]) -> Path:
    """Keep what comes on standard input, so that it can be gone on with; equal lists are one. Returns the file."""
    folder = archive / SPOOL
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        for piece in iter(lambda: stream.read(1 << 20), b""):
            digest.update(piece)
            file.write(piece)
    path = folder / f"{digest.hexdigest()[:32]}.txt"
    Path(file.name).replace(path)
    return path.resolve()


def _files(request: Request) -> tuple[Seed, ...]:
    if request.source is Source.WARC:
        return _archives(request)
    return _seeds(request, [Path(each) for each in request.places])


def _seeds(request: Request, paths: Sequence[Path]) -> tuple[Seed, ...]:
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise SettingsError(*(f"{path}: no such file or directory" for path in missing))
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
    """Drive a backfill to its end, or watch the daemon do it."""
    try:
        with own(database, "dateline backfill", wall_clock()):
            ending = drive.drive(settings, backfill_id)
    except Owned:
        print(f"dateline: a daemon is running: it works on backfill {backfill_id} beside its feeds", file=sys.stderr)
        ending = drive.watch(settings, database, backfill_id)
    return report(database, backfill_id, ending)


def report(database: Database, backfill_id: int, ending: Ending) -> Report:
    found = database.read(backfills.load, backfill_id)
    if found is None:
        raise SettingsError(f"there is no backfill {backfill_id}: see `dateline backfill list`")
    return Report(found, database.read(backfill_progress.load_progress, backfill_id), ending)


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
        with closing(Database(url)) as database:
            migrate.upgrade(database)
            request, seeds = plan(settings, asked, wall_clock(), server)
            # A sample of none: all is found, and nothing is due.
            number, _ = database.write(backfills.begin, replace(request, sample=0), seeds, wall_clock())
            ending = drive.drive(alone, number)
            counted = database.read(backfill_progress.count_found, number)
            progress = database.read(backfill_progress.load_progress, number)
    return _estimate(settings, asked, counted, progress, ending)


def _estimate(
    settings: Settings, asked: Asked, counted: dict[str, int], progress: Progress, ending: Ending
) -> dict[str, Any]:
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
        "seconds_at_least": round(slowest) if asked.source not in (Source.WARC, Source.HTML) else None,
        "interrupted": ending.exit_code == drive.INTERRUPTED,
    }


# --- showing --------------------------------------------------------------------------------------------------------


def record(found: Backfill, progress: Progress) -> dict[str, Any]:
    """A backfill for scripts."""
    wanted = found.wanted
    return {
        "id": found.id,
        "source": found.source,
        "places": list(found.places),
        "since": wanted.since,
        "until": wanted.until,
        "hosts": list(wanted.hosts),
        "paths": list(wanted.paths),
        "languages": list(wanted.languages),
        "limit": found.sample,
        "state": found.state,
        "created_at": found.created_at,
        "ended_at": found.ended_at,
        "found": progress.found,
        "stored": progress.stored,
        "copies": progress.copies,
        "waiting": progress.waiting,
        "failed": progress.failed,
        "reasons": dict(progress.reasons),
        "left_out": dict(progress.left_out),
        "broken": progress.broken,
        "documents": progress.parts,
        "documents_done": progress.parts_done,
        "documents_failed": progress.parts_failed,
    }


def as_text(said: dict[str, Any]) -> str:
    """The summary for people."""
    names = ("found", "stored", "copies", "waiting", "failed", "documents", "documents_failed")
    counts = {name.replace("_", " "): said[name] for name in names}
    counts |= {f"  {reason}": count for reason, count in said["reasons"].items()}
    counts |= {f"left out: {why}": count for why, count in said["left_out"].items()}
    if said["broken"]:
        counts["broken places in files"] = said["broken"]
    return "\n".join(f"{name:32}{count:>12,}" for name, count in counts.items())


def as_estimate(said: dict[str, Any]) -> str:
    """What a rehearsal found, for people."""
    counts = {name.replace("_", " "): said[name] for name in ("found", "to_fetch", "documents", "documents_failed")}
    counts |= {f"  on {host}": count for host, count in said["hosts"].items() if host}
    counts |= {f"left out: {why}": count for why, count in said["left_out"].items()}
    lines = [f"{name:40}{count:>12,}" for name, count in counts.items()]
    if said["seconds_at_least"] is not None:
        lines.append(f"{'it takes':40}{in_words(said['seconds_at_least'], is_least=True):>12}")
    return "\n".join([*lines, "nothing was stored"])


def what_next(report: Report) -> list[str]:
    """What to tell somebody whose backfill is not done."""
    number, ending = report.backfill.id, report.ending
    if ending.exit_code == drive.INTERRUPTED:
        return [
            f"interrupted; what is stored stays: `dateline backfill resume {number}` goes on, and so does the daemon"
        ]
    if ending.is_done:
        return []
    if ending.next_at is not None:
        return [
            (
                f"{report.progress.waiting:,} addresses are tried again from {ending.next_at:%Y-%m-%d %H:%M} UTC on:"
                f" by the daemon, or by `dateline backfill resume {number}`"
            )
        ]
    return [f"not done: `dateline backfill resume {number}` goes on"]


def whole_record(database: Database, number: int) -> dict[str, Any]:
    """One backfill with its documents, those that failed first. Raises SettingsError."""
    found = database.read(backfills.load, number)
    if found is None:
        raise SettingsError(f"there is no backfill {number}: see `dateline backfill list`")
    progress = database.read(backfill_progress.load_progress, number)
    return record(found, progress) | {"parts": database.read(backfill_progress.load_parts, number, SHOWN)}


def as_whole_text(said: dict[str, Any]) -> str:
    asked = {
        name: said[name] for name in ("id", "source", "places", "since", "until", "state") if said[name] is not None
    }
    head = "\n".join(f"{name:12}{cell(value)}" for name, value in asked.items())
    names = ("kind", "place", "state", "records", "found", "reason", "detail", "broken")
    parts = [{name: part[name] for name in names} for part in said["parts"]]
    return "\n\n".join((head, as_text(said), table(parts) if parts else ""))


def rows(database: Database) -> Iterator[dict[str, Any]]:
    """A row a backfill, the newest first."""
    for found in database.read(backfills.load_all):
        said = record(found, database.read(backfill_progress.load_progress, found.id))
        names = (
            "id",
            "source",
            "places",
            "since",
            "until",
            "state",
            "found",
            "stored",
            "waiting",
            "failed",
            "created_at",
        )
        yield {name: said[name] for name in names}


def write_failures(database: Database, backfill_id: int, path: Path) -> int:
    """What could not be had, as JSON lines that `dateline backfill urls` takes. Returns how many."""
    failed = database.read(lambda connection: list(backfill_progress.load_failed(connection, backfill_id)))
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
