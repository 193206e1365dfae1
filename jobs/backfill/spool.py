"""Lists that came on standard input: kept below the archive directory, so that a backfill can go on with them."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import IO

from jobs.config import Settings
from storage.engine import mark_of

FOLDER = "lists"


def folder_of(settings: Settings) -> Path:
    return (settings.archive_directory / FOLDER).resolve()


def keep_list(settings: Settings, stream: IO[bytes]) -> Path:
    """Keep what comes on standard input; equal lists are one. Returns the file."""
    folder, mark = folder_of(settings), mark_of(settings.database)
    folder.mkdir(parents=True, exist_ok=True)
    hashed = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=folder, prefix=f"{mark}-", suffix=".part", delete=False) as file:
        for piece in iter(lambda: stream.read(1 << 20), b""):
            hashed.update(piece)
            file.write(piece)
    path = folder / f"{mark}-{hashed.hexdigest()[:32]}.txt"
    Path(file.name).replace(path)
    return path


def lists_here(settings: Settings) -> list[Path]:
    """The lists of this store, with those that did not come whole."""
    return list(folder_of(settings).glob(f"{mark_of(settings.database)}-*"))
