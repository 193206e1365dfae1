"""A request for the past as it was made, and the parts that it is looked for in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from ingest.backfill.wanted import Wanted
from ingest.errors import SettingsError
from ingest.fingerprint import digest
from ingest.model import Validators


class Source(StrEnum):
    """Where the past is kept."""

    SITEMAP = "sitemap"
    HISTORY = "history"
    WARC = "warc"
    WAYBACK = "wayback"
    URLS = "urls"
    HTML = "html"


class BackfillState(StrEnum):
    RUNNING = "running"  # somebody works on it, or will
    DONE = "done"
    CANCELLED = "cancelled"


class PartState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Request:
    """`stated`: the moments as they were given, so that "--since 30d" is the same request tomorrow."""

    source: Source
    places: tuple[str, ...]
    wanted: Wanted = field(default_factory=Wanted)
    sample: int | None = None
    stated: tuple[str | None, str | None] = (None, None)

    @property
    def key(self) -> bytes:
        """16 bytes, equal for equal requests."""
        wanted = self.wanted
        filters = [sorted(each) for each in (wanted.hosts, wanted.paths, wanted.languages)]
        return digest(json.dumps([self.source, sorted(self.places), self.stated, filters, self.sample]))


@dataclass(frozen=True, slots=True)
class Seed:
    """A document or file to look in. `fallbacks`: addresses to try in turn where it brings nothing."""

    kind: str  # sitemap, history, cdx, paths, remote (an archive on a server), warc, html or urls
    place: str
    host: str | None = None  # None: a file
    fallbacks: tuple[str, ...] = ()
    is_guess: bool = False  # nobody says that it is there
    trail: str = ""  # what has to be known of the documents that led to it
    modified_at: datetime | None = None
    size: int | None = None

    @property
    def key(self) -> bytes:
        """16 bytes, equal for the same place looked at in the same way."""
        return digest(f"{self.kind} {self.place}")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a backfill that is to be looked in, as the store knows it."""

    id: int
    backfill_id: int
    kind: str
    place: str
    host: str | None
    depth: int
    wanted: Wanted
    sample: int | None = None
    fallbacks: tuple[str, ...] = ()
    is_guess: bool = False
    trail: str = ""
    modified_at: datetime | None = None
    position: str | None = None
    size: int | None = None
    validators: Validators = field(default_factory=Validators)
    attempts: int = 0
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of looking in a part, or in a portion of it. `state` WAITING: there is more, from `position` on."""

    state: PartState
    position: str | None = None
    read_bytes: int = 0  # of a file: how many are behind us
    records: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    broken: tuple[tuple[str, str], ...] = ()  # place in the file, and what is wrong there
    validators: Validators = field(default_factory=Validators)
    attempts: int = 0
    reason: str | None = None
    detail: str | None = None
    due_at: datetime | None = None
    following: tuple[Seed, ...] = ()
    goes_on: bool = False  # what follows is looked at again although it was before: this one brought nothing known


AGO = re.compile(r"([0-9]{1,5})\s*([mhdwy])", re.IGNORECASE)
UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}


def read_moment(option: str, stated: str | None, now: datetime, *, is_end: bool = False) -> datetime | None:
    """A moment as people state it: 2024-01-01, 2024-01-01T12:00+01:00, or how long ago: 30d, 12h, 2w, 1y.

    Without a zone it is UTC. `is_end`: a day is meant whole, so its end. Raises SettingsError.
    """
    if stated is None or not stated.strip():
        return None
    said = stated.strip()
    try:
        return _moment(said, now, is_end=is_end).astimezone(UTC)
    except (ValueError, OverflowError):
        hint = "give 2024-01-31, or how long ago, such as 30d"
        raise SettingsError(f"{option}: {said[:40]} is no date: {hint}") from None


def _moment(said: str, now: datetime, *, is_end: bool) -> datetime:
    """Raises ValueError, OverflowError."""
    ago = AGO.fullmatch(said)
    if ago:
        return (now - int(ago[1]) * UNITS[ago[2].lower()]).replace(microsecond=0)
    moment = datetime.fromisoformat(said)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    is_day = "T" not in said and " " not in said and ":" not in said
    return moment + timedelta(days=1 if is_end and is_day else 0)


def choose_evenly(moments: Iterable[tuple[datetime, int]], count: int) -> list[int]:
    """So many of these, spread evenly over the time that they cover; the numbers of the chosen.

    The time is cut into `count` pieces of equal length and the middle one of each piece is taken; for pieces that have
    none, the rest is taken evenly from what is left, in order of time.
    """
    ordered = sorted(moments)
    if count <= 0:
        return []
    if len(ordered) <= count:
        return [number for _, number in ordered]
    first, span = ordered[0][0], (ordered[-1][0] - ordered[0][0]).total_seconds() or 1.0
    pieces: dict[int, list[int]] = {}
    for at, number in ordered:
        pieces.setdefault(min(int((at - first).total_seconds() / span * count), count - 1), []).append(number)
    chosen = {piece[len(piece) // 2] for piece in pieces.values()}
    left = [number for _, number in ordered if number not in chosen]
    missing = count - len(chosen)
    chosen |= {left[(2 * place + 1) * len(left) // (2 * missing)] for place in range(missing)}
    return [number for _, number in ordered if number in chosen]
