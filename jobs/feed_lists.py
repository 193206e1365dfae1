"""Lists of feeds: those of the settings, and those that are imported and exported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row

from ingest.errors import ParseError, SettingsError
from ingest.opml import ListedFeed, read_csv, read_opml, write_csv, write_opml
from ingest.urls import absolute
from jobs.config import Settings, seconds
from storage import feeds, sitemaps
from storage.engine import Database
from storage.feeds import WantedFeed

if TYPE_CHECKING:
    from jobs.app import App

MAX_LIST_BYTES = 50_000_000


async def sync_feeds(app: App) -> None:
    """Make the feeds of the settings, and of the OPML file they name, the ones we poll."""
    await app.write(feeds.sync, wanted_by(app.settings), app.clock())


def wanted_by(settings: Settings) -> list[WantedFeed]:
    """The feeds that the settings ask for. Raises SettingsError where their OPML file cannot be read."""
    wanted = [WantedFeed(f.url, f.title, tuple(f.tags), _whole(f.interval), "config") for f in settings.feeds]
    if settings.opml:
        listed = read_list(settings.folder / settings.opml)
        wanted += [_wanted(line) for line in listed if not line.problem and _problem(line) is None]
    return wanted


def read_list(path: Path) -> list[ListedFeed]:
    """A file of feeds: OPML, CSV, or one address a line. Raises SettingsError where it is none of them."""
    try:
        if path.stat().st_size > MAX_LIST_BYTES:
            raise SettingsError(f"{path}: larger than {MAX_LIST_BYTES // 10**6} MB")
        data = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror or error}") from None
    try:
        if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            return list(read_opml(data))
        return list(read_csv(data.decode("utf-8-sig", "replace")))
    except ParseError as error:
        raise SettingsError(f"{path}: {error.detail or error}") from None


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one line of a list."""

    line: int
    url: str
    outcome: str  # added, known or refused
    detail: str | None = None

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def import_list(database: Database, path: Path, now: datetime, *, dry_run: bool = False) -> list[Imported]:
    """Add every feed of a list, in one transaction. Returns an outcome for each line."""
    listed = read_list(path)
    if dry_run:
        return database.read(lambda connection: [_foresee(connection, line) for line in listed])
    return database.write(lambda connection: [_add(connection, line, now) for line in listed])


def _add(connection: Connection, line: ListedFeed, now: datetime) -> Imported:
    problem = _problem(line)
    if problem:
        return Imported(line.line, line.url, "refused", problem)
    number, added = feeds.add(connection, _wanted(line), now)
    return Imported(line.line, line.url, "added" if added else "known", f"feed {number}")


def _foresee(connection: Connection, line: ListedFeed) -> Imported:
    problem = _problem(line)
    if problem:
        return Imported(line.line, line.url, "refused", problem)
    known = feeds.find(connection, line.url)
    return Imported(line.line, line.url, "known" if known else "added", f"feed {known.id}" if known else None)


def _problem(line: ListedFeed) -> str | None:
    if line.problem:
        return line.problem
    if absolute(line.url, line.url) is None:
        return "not an address that starts with http:// or https://"
    try:
        _interval(line.interval)
    except ValueError as error:
        return f"interval: {error}"
    return None


def _wanted(line: ListedFeed) -> WantedFeed:
    # OPML must name every feed: one without a title goes by its address, which is no title.
    title = line.title if line.title != line.url else None
    return WantedFeed(line.url, title, tuple(line.tags), _interval(line.interval))


def _interval(stated: str | None) -> int | None:
    if not stated or stated == "auto":
        return None
    found = seconds(stated)
    return _whole(found if isinstance(found, float) and found > 0 else None)


def _whole(interval: float | None) -> int | None:
    return None if interval is None else max(round(interval), 1)


def export_list(connection: Connection, kind: str) -> str:
    """Every feed as OPML or CSV, in a form that `import` reads again. The sitemaps of an index come with the index."""
    listed = list(_listed([row for row in feeds.load_all(connection) if row.source != sitemaps.SOURCE]))
    return write_opml(listed, "Dateline feeds") if kind == "opml" else write_csv(listed)


def _listed(rows: Sequence[Row[Any]]) -> Iterator[ListedFeed]:
    for number, row in enumerate(rows, 1):
        interval = row.interval_s
        yield ListedFeed(
            url=row.url,
            title=row.title,
            tags=tuple(row.tags),
            interval=f"{interval}s" if interval else None,
            line=number,
            problem=None,
        )
