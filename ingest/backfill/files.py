"""Which archives there are: files, directories, and the lists of paths that CC-NEWS publishes."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from urllib.parse import urljoin

from ingest.errors import ParseError, SettingsError
from ingest.model import Reason

ENDINGS = (".warc", ".warc.gz", ".warc.zst")
COMMON_CRAWL = "https://data.commoncrawl.org/"
MAX_LIST = 64 << 20  # bytes of a list, decompressed
MAX_LINE = 4096
GZIP = b"\x1f\x8b"


def find_files(paths: Sequence[Path], endings: tuple[str, ...] = ENDINGS) -> list[Path]:
    """The archives that are named, and in directories all below them, sorted, each once.

    A file that is named may be called what it likes. SettingsError: one sentence for each that is not there, and for
    each directory without any.
    """
    found: dict[Path, None] = {}
    problems = []
    for path in paths:
        if path.is_file():
            found[path] = None
        elif path.is_dir():
            below = sorted(walk(path, endings))
            found.update(dict.fromkeys(below))
            if not below:
                problems.append(f"{path}: no file in it ends in {' or '.join(endings)}")
        else:
            problems.append(f"{path}: no such file or directory")
    if problems:
        raise SettingsError(*problems)
    return list(found)


def walk(directory: Path, endings: tuple[str, ...]) -> Iterator[Path]:
    """Files below a directory by their endings, in no order. Links to directories are not followed."""
    for folder, _, names in os.walk(directory):
        for name in names:
            path = Path(folder, name)
            if name.lower().endswith(endings) and path.is_file():
                yield path


def is_list(path: Path) -> bool:
    """Whether a file is called as lists of archives are: warc.paths, warc.paths.gz."""
    return path.name.endswith((".paths", ".paths.gz"))


def read_list(data: bytes, base: str = COMMON_CRAWL) -> list[str]:
    """The archives that a list names, a line each; gzip is undone. What is no address is joined to `base`.

    `base` may be "": paths then stay as they are. ParseError: BOMB beyond 64 MB, BAD_ENCODING, TOO_LARGE for a line.
    """
    lines = (line.strip() for line in _plain(data).decode("utf-8", "replace").splitlines())
    named = [line for line in lines if line and not line.startswith("#")]
    if any(len(line) > MAX_LINE for line in named):
        raise ParseError(Reason.TOO_LARGE, "a line of more than 4,096 characters: no list of paths")
    return [urljoin(base, line) if base and not line.startswith("/") else line for line in named]


def _plain(data: bytes) -> bytes:
    if not data.startswith(GZIP):
        return data
    try:
        with gzip.open(BytesIO(data)) as packed:
            plain = packed.read(MAX_LIST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ParseError(Reason.BAD_ENCODING, str(error)[:200]) from error
    if len(plain) > MAX_LIST:
        raise ParseError(Reason.BOMB, "a list of more than 64 MB")
    return plain
