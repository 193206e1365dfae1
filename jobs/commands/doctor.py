"""`dateline doctor`: is all well, and if not, what to do."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from ingest.conditional import http_date
from ingest.errors import DatelineError, FetchError, SettingsError
from ingest.fetch import Limits
from ingest.urls import origin_of
from jobs.clock import wall_clock
from jobs.config import Settings, find_config, load_config
from jobs.feed_lists import wanted_by
from jobs.outgoing import open_fetcher
from storage import due, migrate
from storage.engine import Database
from storage.owner import owner

Verdict = Literal["ok", "warn", "fail"]
LOW_DISK = 2_000_000_000  # bytes
SLOW_CLOCK_S = 60.0
PROBE = Limits(connect_s=5, first_byte_s=5, total_s=8, max_bytes=500_000, redirects=0)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `detail` says what to do where it is not ok."""

    name: str
    verdict: Verdict
    detail: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.verdict:5} {self.name:10} {self.detail}"


def examine(config: Path | None) -> list[Finding]:
    """Look at everything; a failure in one place does not hide the next."""
    try:
        path = find_config(config)
        settings = load_config(path)
        wanted = wanted_by(settings)
    except SettingsError as error:
        return [Finding("settings", "fail", problem) for problem in error.problems]
    findings = [Finding("settings", "ok", f"{path}, {len(wanted)} feeds")]
    findings += [Finding("settings", "warn", f"{name} has no effect in this version") for name in settings.unused()]
    if "example.org" in settings.user_agent:
        findings.append(
            Finding("settings", "warn", "user_agent: put your own address there, so that publishers can reach you")
        )
    for look in (_database, _disk, _network):
        findings += _guarded(look, settings)
    return findings


def _guarded(look: Callable[[Settings], Iterator[Finding]], settings: Settings) -> list[Finding]:
    try:
        return list(look(settings))
    except (DatelineError, OSError) as error:
        return [Finding(look.__name__.strip("_"), "fail", str(error))]


def _database(settings: Settings) -> Iterator[Finding]:
    database = Database(settings.database)
    if database.path is not None and not database.path.exists():
        yield Finding(
            "database", "warn", f"{database.path} does not exist yet: `dateline run` or `dateline init` makes it"
        )
        return
    problems = migrate.check(database)
    for problem in problems:
        yield Finding("database", "fail", problem)
    if not problems:
        yield Finding("database", "ok", f"{database.url.render_as_string()}, schema current, sound")
    running = owner(database)
    yield Finding("daemon", "ok", f"running: {running.get('what')}" if running else "not running")
    database.close()


def _disk(settings: Settings) -> Iterator[Finding]:
    folders = {settings.folder.absolute()} | (
        {settings.archive_directory.absolute()} if settings.archive.enabled else set()
    )
    for folder in sorted(folders):
        existing = next(p for p in (folder, *folder.parents) if p.exists())
        free = shutil.disk_usage(existing).free
        if not os.access(existing, os.W_OK):
            yield Finding("disk", "fail", f"{existing} cannot be written to: change its owner or the settings")
        elif free < LOW_DISK:
            yield Finding("disk", "warn", f"{free / 1e9:.1f} GB free at {existing}: make room, or shorten archive.keep")
        else:
            yield Finding("disk", "ok", f"{free / 1e9:.0f} GB free at {folder}")


def _network(settings: Settings) -> Iterator[Finding]:
    urls = [feed.url for feed in wanted_by(settings)][:5]
    database = Database(settings.database)
    if not urls and (database.path is None or database.path.exists()):
        urls = list(database.read(due.load_witnesses, "", 5))
    database.close()
    if not urls:
        yield Finding("network", "warn", "no feeds yet, so nobody to ask: dateline feeds add URL")
        return
    answers, server_time = asyncio.run(_ask(settings, urls))
    verdict: Verdict = "ok" if answers == len(urls) else "warn" if answers else "fail"
    hint = "" if answers else ": nothing answers anywhere; is this machine online, or fetch.proxy wrong?"
    yield Finding("network", verdict, f"{answers} of {len(urls)} hosts answer{hint}")
    if server_time is not None:
        yield _clock(server_time, wall_clock())


def _clock(server_time: datetime, now: datetime) -> Finding:
    off = abs((now - server_time.astimezone(UTC)).total_seconds())
    if off > SLOW_CLOCK_S:
        return Finding("clock", "warn", f"this machine's clock differs from a server's by {off:.0f} s: set it by NTP")
    return Finding("clock", "ok", f"within {SLOW_CLOCK_S:.0f} s of a server's")


async def _ask(settings: Settings, urls: list[str]) -> tuple[int, datetime | None]:
    """How many of the hosts answer anything, and the time that one of them states."""
    answers, server_time = 0, None
    async with open_fetcher(settings) as fetcher:
        for url in urls:
            try:
                response = await fetcher.get(origin_of(url) + "/robots.txt", now=wall_clock(), limits=PROBE)
                server_time = http_date(response.headers.get("date")) or server_time
            except FetchError as error:
                if error.status is None:
                    continue
            answers += 1
    return answers, server_time
