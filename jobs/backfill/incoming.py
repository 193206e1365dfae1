"""The files of archives that come from a server: below the archive directory, written here and deleted when read."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from ingest.backfill.archives import WARC
from ingest.backfill.arrival import Came, is_known, is_same
from ingest.backfill.remote import REMOTE
from ingest.backfill.request import Part
from ingest.errors import Busy
from ingest.fingerprint import digest
from ingest.ranges import Stated
from jobs.app import App
from jobs.config import Settings
from jobs.logs import log
from storage import backfill_arrivals

FOLDER = "incoming"


class NotKept(Exception):
    """The disk would not take it: our trouble, and not that of the network."""


def path_of(settings: Settings, number: int, place: str) -> Path:
    """The file of a part: by its address too, for a directory may serve two stores."""
    return settings.archive_directory / FOLDER / f"{digest(place).hex()[:16]}-{number}.warc"


def as_file(settings: Settings, part: Part) -> Part:
    """A part as whoever reads files takes it: an archive that has come is one."""
    if part.kind != REMOTE:
        return part
    return replace(part, kind=WARC, place=str(path_of(settings, part.id, part.place)))


class Incoming:
    """The file of an archive, for the length of one request: its sink. In a `with`; raises NotKept.

    What was written and not recorded is written again; what is gone is asked for again. `held`: how much is here.
    """

    def __init__(self, path: Path, part: Part) -> None:
        self._path, self._part = path, part
        self._file: int | None = None  # until there is something to write
        self._stated: Stated | None = None
        self._is_other = False
        self.is_known = False  # and has been read

    def __enter__(self) -> Self:
        self.held = 0
        with suppress(OSError):
            self.held = min(int(self._part.position or 0), self._path.stat().st_size)
        self._end = self.held
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            os.close(self._file)

    def begin(self, stated: Stated) -> bool:
        self.is_known = is_known(self._part, stated)
        self._is_other = not is_same(self._part, self.held, stated)
        if self.is_known or self._is_other:
            return False
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
            os.ftruncate(self._file, stated.first)
            os.lseek(self._file, stated.first, os.SEEK_SET)
        except OSError as error:
            raise NotKept(str(error)) from error
        self._stated, self._end = stated, stated.first
        return True

    def take(self, piece: bytes) -> None:
        assert self._file is not None, "begin comes first"  # noqa: S101
        rest = memoryview(piece)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError as error:
            raise NotKept(str(error)) from error
        self._end += len(piece)

    def keep(self) -> Came:
        """Put what came where a power failure does not reach it. Returns what came."""
        if self._file is None:
            return Came(self._end, None, self._is_other)
        try:
            os.fsync(self._file)
            folder = os.open(self._path.parent, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise NotKept(str(error)) from error
        return Came(self._end, self._stated, self._is_other)


async def tidy(app: App) -> None:
    """Delete the files that have been read, or cannot be, and make room for others. What it does not know it leaves."""
    found = await asyncio.to_thread(_listed, app.settings.archive_directory / FOLDER)
    if not found:
        return
    try:
        for kept in await app.read(backfill_arrivals.load_kept, sorted(set(found.values()))):
            path = path_of(app.settings, kept.id, kept.place)
            if not kept.is_wanted and path in found:
                await app.write(backfill_arrivals.give_back, kept, app.clock())
                await asyncio.to_thread(path.unlink, missing_ok=True)
    except Busy as error:  # after the next file, or at the next start
        log.warning("database_busy", error=str(error))


def _listed(folder: Path) -> dict[Path, int]:
    """The files, with the numbers of their parts."""
    numbers = {path: path.stem.rpartition("-")[2] for path in folder.glob("*-*.warc")}
    return {path: int(said) for path, said in numbers.items() if said.isdecimal() and len(said) < 19}
