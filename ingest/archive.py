"""Pages to WARC and back (ISO 28500): one gzip member for each page, so that other tools read it and we can seek.

Every process writes files of its own and only ever appends, so a crash costs at most the last record, and two
processes need no lock between them.
"""

from __future__ import annotations

import os
import re
import threading
import zlib
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from ingest.errors import ParseError
from ingest.model import Archived, Reason, Response

ROLL_BYTES = 500_000_000  # a new file after that much
# What every reader of WARC decodes by itself (warcio does not know x-gzip); other codings are stored decoded.
KEPT_CODINGS = ("", "identity", "gzip")
GZIP_MAGIC = b"\x1f\x8b\x08"
MAX_MEMBER = 16_000_000  # bytes; no page is so large
STORED, FAST = 0, 3  # levels of deflate
GZIP = 31  # zlib's window bits for a gzip member
CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


class Archive:
    """A directory of WARC files that grows. Thread-safe."""

    def __init__(self, directory: Path, software: str) -> None:
        self.directory = directory
        self._software = software
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        self._name = ""
        self._day = ""
        self._serial = 0

    def append(self, response: Response, at: datetime, now: datetime | None = None) -> Archived:
        """Keep an answer that came then. Returns where it lies. `now`: where that was not now."""
        return self.append_member(_member(response, at), now or at)

    def append_member(self, member: bytes, now: datetime) -> Archived:
        """Keep a record that is packed already, as a gzip member of its own. Returns where it lies."""
        with self._lock:
            file = self._current(now)
            start = file.tell()
            file.write(member)
            file.flush()
            return Archived(self._name, start, len(member))

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _current(self, at: datetime) -> BinaryIO:
        day = f"{at:%Y%m%d}"
        if self._file is not None and self._day == day and self._file.tell() < ROLL_BYTES:
            return self._file
        if self._file is not None:
            self._file.close()
        self._file, self._day = self._open(at), day
        return self._file

    def _open(self, at: datetime) -> BinaryIO:
        folder = self.directory / f"{at:%Y}" / f"{at:%m}"
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            self._serial += 1
            path = folder / f"dateline-{at:%Y%m%dT%H%M%SZ}-{os.getpid()}-{self._serial:04d}.warc.gz"
            try:
                file = path.open("xb")
            except FileExistsError:
                continue
            break
        self._name = str(path.relative_to(self.directory))
        writer = WARCWriter(file, gzip=True)
        about = {"software": self._software, "format": "WARC File Format 1.0"}
        writer.write_record(writer.create_warcinfo_record(path.name, about))
        return file


def read_archived(directory: Path, place: Archived) -> tuple[str, Mapping[str, str], bytes]:
    """A page from the archive: its address, its HTTP headers (names in lower case), its body decoded.

    Raises ParseError where the archive does not hold it any more.
    """
    path = (directory / place.file).resolve()
    if not path.is_relative_to(directory.resolve()):
        raise ParseError(Reason.READ_FAILED, "the archive position lies outside the archive")
    try:
        with path.open("rb") as file:
            file.seek(place.offset)
            for record in ArchiveIterator(BytesIO(file.read(place.length))):
                headers = {name.lower(): value for name, value in record.http_headers.headers}
                return record.rec_headers.get_header("WARC-Target-URI"), headers, record.content_stream().read()
    except Exception as error:  # whatever warcio meets in damaged bytes
        raise ParseError(Reason.READ_FAILED, f"the archive cannot be read: {error}") from error
    raise ParseError(Reason.READ_FAILED, "the archive holds no page there")


def copy_member(path: Path, offset: int, length: int) -> bytes | None:
    """A record of another file as it lies there; None where it is no gzip member of its own, or too large for one."""
    if not 0 < length <= MAX_MEMBER:
        return None
    with path.open("rb") as file:
        file.seek(offset)
        member = file.read(length)
    return member if len(member) == length and member.startswith(GZIP_MAGIC) else None


def forget_files(directory: Path, before: datetime) -> int:
    """Delete the files whose last page came before a moment. Returns how many."""
    old = [p for p in directory.glob("*/*/dateline-*.warc.gz") if p.stat().st_mtime < before.timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _member(response: Response, at: datetime) -> bytes:
    """One record as a gzip member of its own. A body that came compressed is not compressed again: it only costs."""
    headers, body = _stored_form(response)
    plain = BytesIO()
    writer = WARCWriter(plain, gzip=False)
    record = writer.create_warc_record(
        response.final_url,
        "response",
        payload=BytesIO(body),
        length=len(body),
        http_headers=StatusAndHeaders(f"{response.status} ", list(headers.items()), protocol="HTTP/1.1"),
        warc_headers_dict={"WARC-Date": _warc_date(at)},
    )
    writer.write_record(record)
    packer = zlib.compressobj(STORED if "content-encoding" in headers else FAST, wbits=GZIP)
    return packer.compress(plain.getbuffer()) + packer.flush()


def _stored_form(response: Response) -> tuple[dict[str, str], bytes]:
    """Headers and body as they go into the record: the bytes of the wire where readers know the coding."""
    left_out = ("transfer-encoding", "content-length")
    headers = {name: _printable(value) for name, value in response.headers.items() if name not in left_out}
    body = response.raw_body
    coding = headers.get("content-encoding", "").strip().lower()
    if coding not in KEPT_CODINGS or (body and not _is_as_stated(response)):
        headers.pop("content-encoding", None)
        body = response.body
    return headers | {"content-length": str(len(body))}, body


def _is_as_stated(response: Response) -> bool:
    """Some servers say gzip and send plain text: a record must not repeat that."""
    if "gzip" in response.headers.get("content-encoding", "").lower():
        return response.raw_body.startswith(b"\x1f\x8b")
    return response.raw_body == response.body


def _printable(value: str) -> str:
    """A header's value that stays on its line; bytes that were no UTF-8 become question marks."""
    return CONTROLS.sub(" ", value).encode("utf-8", "replace").decode("utf-8")


def _warc_date(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
