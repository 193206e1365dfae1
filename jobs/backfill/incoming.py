"""The files of archives that come from a server: below the archive directory, written here and deleted when read."""

from __future__ import annotations

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
from ingest.fingerprint import digest
from ingest.ranges import Stated
from jobs.config import Settings
from storage.engine import mark_of

FOLDER = "incoming"


class NotKept(Exception):
    """The disk would not take it: our trouble, and not that of the network."""


def path_of(settings: Settings, number: int, place: str) -> Path:
    """The file of a part: with its store, for a directory may serve two."""
    name = f"{mark_of(settings.database)}-{digest(place).hex()[:16]}-{number}.warc"
    return settings.archive_directory / FOLDER / name


def files_here(settings: Settings) -> dict[Path, int]:
    """The files of this store, with the numbers of their parts."""
    folder = settings.archive_directory / FOLDER
    numbers = {path: path.stem.rpartition("-")[2] for path in folder.glob(f"{mark_of(settings.database)}-*-*.warc")}
    return {path: int(said) for path, said in numbers.items() if said.isdecimal() and len(said) < 19}


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
