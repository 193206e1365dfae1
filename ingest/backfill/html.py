"""Pages in a directory: saved by a browser, by SingleFile, as MHTML, or mirrored by wget.

Where a page is from stands, in order of trust, in

    the comment of Chrome and Edge      <!-- saved from url=(0025)https://example.org/a -->
    the comment of SingleFile           Page saved with SingleFile, url: …, saved date: …
    MHTML                               Snapshot-Content-Location, or Content-Location of its first page
    <link rel=canonical>, og:url        absolute ones
    its folder                          example.org/2024/a.html, where a folder above it is called as a host is

A page that says nothing of it is counted as "no_link".
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from ingest.backfill import mhtml
from ingest.backfill.archived import ArchivedPage, Chunk, Limits, Tally
from ingest.backfill.wanted import Fit, Wanted
from ingest.charset import HEAD_BYTES, decode
from ingest.content_coding import Decoder
from ingest.dates import parse_date
from ingest.document import is_markup, refuse_binary
from ingest.errors import ParseError
from ingest.model import Reason
from ingest.urls import absolute, registrable_domain

HTML_ENDINGS = (".html", ".htm", ".xhtml", ".html.gz", ".htm.gz")
MHTML_ENDINGS = (".mht", ".mhtml")
PROGRAMS = ("", ".shtml", ".php", ".asp", ".aspx", ".jsp", ".cfm")  # a mirror has pages under such names, too
PORT = re.compile(r":[0-9]{1,5}\Z")
HOST_NAME = re.compile(r"(?:[a-z0-9_-]{1,63}\.)+[a-z]{2,24}\Z")
MIRRORED_QUERY = re.compile(r"[?@]([^/?@=]{1,200}=[^/]{0,255})\Z")
INDEX = re.compile(r"index\.x?html?\Z", re.I)
MHTML_FACTOR = 8  # larger than the page in it: pictures, in base64

SAVED_FROM = re.compile(rb"<!--\s{0,9}saved from url=\([0-9]{4,6}\)([^\s<>]{1,4096})")
SINGLE_FILE = re.compile(rb"<!--\s{0,9}Page saved with SingleFile([^<>]{1,9000})-->")
SINGLE_FILE_URL = re.compile(r"^\s{0,9}url:\s{0,9}(\S{1,4096})", re.M)
SINGLE_FILE_DATE = re.compile(r"^\s{0,9}saved date:\s{0,9}([^(\r\n]{1,60})", re.M)
WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")
SAVED_WITHIN = 4096  # bytes from the beginning: where those comments stand
TAG = re.compile(rb"<(?:link|meta)\b([^<>]{1,5000})>", re.I)
ATTRIBUTE = re.compile(
    r"""([a-z:-]{1,20})\s{0,9}=\s{0,9}(?:"([^"]{0,4096})"|'([^']{0,4096})'|([^\s"'<>=`]{1,4096}))""", re.I
)


def read_chunk(root: Path, position: str | None, wanted: Wanted, limits: Limits | None = None) -> Chunk[str]:
    """The pages of a directory behind `position` (None: from the first), in order of their paths; or of one file.

    Left out, by why: "no_link", "filtered", "outside_window", "too_large", "not_html" (MHTML without a page, and what
    is not text), "link_outside" (to a file that is not below the root), "not_a_file" (pipes; links to folders, which
    are not followed, or nowhere). What cannot be read is broken, with its path. OSError where there is no such root.
    """
    limits = limits or Limits()
    os.stat(root)
    tally = Tally()
    read_bytes, end_s = 0, time.monotonic() + limits.max_s
    last: str | None = None
    for name, path in _files(root, position, tally):
        is_full = tally.is_full(limits) or read_bytes >= limits.max_read or time.monotonic() >= end_s
        if last is not None and is_full:
            return tally.chunk(last, read_bytes, 0)
        last = name
        try:
            read_bytes += _read(root, path, wanted, limits, tally)
        except OSError as error:
            tally.damage(0, f"{name}: {error.strerror}")
    return tally.chunk(None, read_bytes, 0)


# --- files ------------------------------------------------------------------------------------------------------------


def _files(root: Path, position: str | None, tally: Tally) -> Iterator[tuple[str, Path]]:
    """Positions and files, in order, from behind a position on. What lies before it is not looked at again."""
    if not root.is_dir():
        if position is None:
            yield quoted(os.fsencode(root.name)), root
        return
    after = unquote_to_bytes(position).split(b"/") if position is not None else []
    for path in _below(os.fsencode(root), after, tally):
        yield quoted(os.path.relpath(path, os.fsencode(root))), Path(os.fsdecode(path))


def quoted(path: bytes) -> str:
    """A path as text, whatever bytes it is made of, and back by `unquote_to_bytes`."""
    return quote_from_bytes(path, safe="/ !$&'()*+,;=:@[]{}~?#")


def _below(directory: bytes, after: Sequence[bytes], tally: Tally) -> Iterator[bytes]:
    """Files that may be pages, sorted by the bytes of their names, folder by folder."""
    try:
        with os.scandir(directory) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        tally.damage(0, f"{os.fsdecode(directory)}: {error.strerror}")
        return
    for entry in entries:
        if after and entry.name < after[0]:
            continue
        is_next = bool(after) and entry.name == after[0]
        if entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path, after[1:] if is_next else (), tally)
        elif not is_next and _may_be_page(os.fsdecode(entry.name)):
            yield entry.path


def _may_be_page(name: str) -> bool:
    """Whether it is called as a page is, or as a mirrored address that may be one: then its bytes decide."""
    return name.lower().endswith(HTML_ENDINGS + MHTML_ENDINGS) or _may_be_mirrored(name)


def _may_be_mirrored(name: str) -> bool:
    bare = MIRRORED_QUERY.sub("", name)
    return not name.startswith(".") and os.path.splitext(bare)[1].lower() in (*PROGRAMS, *HTML_ENDINGS)


# --- one file ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Saved:
    """A page as somebody saved it: where it is from, "" where it does not say; when, None where it does not say."""

    body: bytes
    content_type: str
    url: str
    saved_at: datetime | None = None


def _read(root: Path, path: Path, wanted: Wanted, limits: Limits, tally: Tally) -> int:
    """One file. Returns how many bytes were read."""
    tally.records += 1
    is_mhtml = path.name.lower().endswith(MHTML_ENDINGS)
    largest = limits.max_bytes * (MHTML_FACTOR if is_mhtml else 1)
    if not path.is_file() or not path.resolve().is_relative_to(root.resolve()):
        tally.left_out["link_outside" if path.is_file() else "not_a_file"] += 1
        return 0
    with path.open("rb") as file:
        changed_at = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
        data = file.read(largest + 1)
    saved = mhtml_page(data) if is_mhtml else html_page(unpacked(data, limits.max_bytes))
    why = "too_large" if len(data) > largest else _why_no_page(path.name, saved, limits)
    if saved is None or why:
        tally.left_out[why or "not_html"] += 1
        return len(data)
    url = absolute("", saved.url or url_of_folder(*_place(root, path)))
    at = saved.saved_at or changed_at
    if why := _why_left_out(url, at, wanted):
        tally.left_out[why] += 1
    else:
        tally.keep(ArchivedPage(url or "", at, 200, {"content-type": saved.content_type}, saved.body, 0, len(data)))
    return len(data)


def _place(root: Path, path: Path) -> tuple[str, Path]:
    """What the folder is called in which everything lies, and the path from there."""
    folder = path.parent if path == root else root
    return folder.resolve().name, path.relative_to(folder)


def unpacked(data: bytes, max_bytes: int) -> bytes:
    """A page that was saved packed, as wget does where it was sent so; anything else as it is."""
    decoder = Decoder("gzip", max_bytes)
    try:
        decoder.feed(data)
        return decoder.finish()
    except ParseError as error:
        return bytes(max_bytes + 1) if error.reason is Reason.BOMB else data


def _why_no_page(name: str, saved: Saved | None, limits: Limits) -> str | None:
    if saved is None or not saved.body.strip():
        return "not_html"
    if len(saved.body) > limits.max_bytes:
        return "too_large"
    try:
        refuse_binary(saved.body)
    except ParseError:
        return "not_html"
    is_called_so = name.lower().endswith(HTML_ENDINGS + MHTML_ENDINGS)
    return None if is_called_so or is_markup(decode(saved.body[:HEAD_BYTES]), None) else "not_html"


def _why_left_out(url: str | None, at: datetime, wanted: Wanted) -> str | None:
    if url is None:
        return "no_link"
    if not wanted.takes_address(url):
        return "filtered"
    return "outside_window" if wanted.fit(None, at) is Fit.OUTSIDE else None


def html_page(data: bytes) -> Saved:
    """A page as a browser, SingleFile or wget leaves it."""
    plain = decode(data).encode() if data.startswith(WIDE_BOMS) else data
    if single_file := SINGLE_FILE.search(plain, 0, SAVED_WITHIN):
        said = single_file[1].decode("utf-8", "replace")
        url, date = SINGLE_FILE_URL.search(said), SINGLE_FILE_DATE.search(said)
        if url is not None and (found := absolute("", url[1])):
            return Saved(data, "text/html", found, parse_date(date[1]) if date else None)
    if (saved_from := SAVED_FROM.search(plain, 0, SAVED_WITHIN)) and (found := absolute("", _text(saved_from[1]))):
        return Saved(data, "text/html", found)
    return Saved(data, "text/html", _declared(plain) or "")


def mhtml_page(data: bytes) -> Saved | None:
    """The page in an MHTML file."""
    page = mhtml.read(data)
    if page is None:
        return None
    url = absolute("", page.url) or _declared(page.body) or ""
    return Saved(page.body, page.content_type, url, page.saved_at)


def _declared(body: bytes) -> str | None:
    """The canonical address, or og:url, whichever is absolute."""
    og_url = None
    for tag in TAG.finditer(body):
        stated = {name.lower(): unescape(a or b or c).strip() for name, a, b, c in ATTRIBUTE.findall(_text(tag[1]))}
        if "canonical" in stated.get("rel", "").lower().split() and (found := absolute("", stated.get("href", ""))):
            return found
        if og_url is None and (stated.get("property") or stated.get("name") or "").lower() == "og:url":
            og_url = absolute("", stated.get("content", ""))
    return og_url


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def url_of_folder(root_name: str, path: Path) -> str:
    """The address of a file that wget mirrored to this path below the root, "" where no folder is called as a host is.

    The first such folder below the root is the host, else the root itself is. A name that wget made from a query
    becomes one again, the name of an index file that of its folder.
    """
    *folders, name = path.parts
    at = next((at for at, folder in enumerate(folders) if _is_host(folder)), None)
    if at is None and not _is_host(root_name):
        return ""
    scheme, host, below = "https", root_name, folders
    if at is not None:
        host, below = folders[at], folders[at + 1 :]
        scheme = folders[at - 1] if at and folders[at - 1] in ("http", "https") else scheme
    name, mark, query = MIRRORED_QUERY.sub(r"?\1", name).partition("?")
    file = ("" if INDEX.fullmatch(name) else name) + mark + query
    return "/".join((f"{scheme}://{host.lower()}", *below, file))


def _is_host(folder: str) -> bool:
    """Whether it ends as host names do (publicsuffix.org)."""
    name = PORT.sub("", folder.lower())
    below = f"a.b.{name}"
    return HOST_NAME.match(name) is not None and registrable_domain(below) != below
