"""Pages to WARC and back, and into other tools."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest
from backports import zstd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from ingest import archive as module
from ingest.archive import Archive, forget_files, read_archived
from ingest.errors import ParseError
from ingest.model import Archived, Response

NOW = datetime(2026, 11, 23, 9, 30, 5, tzinfo=UTC)
BODY = "<html><p>Grüße aus Köln</p></html>".encode() * 20
URL = "https://north.example/2026/bridge?a=b"


def answer(body: bytes = BODY, raw: bytes | None = None, url: str = URL, **headers: str) -> Response:
    named = {"content-type": "text/html; charset=utf-8"} | {n.replace("_", "-"): v for n, v in headers.items()}
    return Response("https://north.example/short", url, 200, named, body, body if raw is None else raw)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with closing(Archive(tmp_path, "dateline/test")) as opened:
        yield opened


@pytest.mark.parametrize(
    ("coding", "raw", "kept"),
    [
        (None, BODY, True),
        ("identity", BODY, True),
        ("gzip", gzip.compress(BODY, mtime=0), True),
        ("x-gzip", gzip.compress(BODY, mtime=0), False),
        ("GZIP", gzip.compress(BODY, mtime=0), True),
        ("br", brotli.compress(BODY), False),
        ("zstd", zstd.compress(BODY), False),
        ("gzip, gzip", gzip.compress(gzip.compress(BODY, mtime=0), mtime=0), False),
        ("gzip", BODY, False),  # says gzip and sends plain text
        ("br", BODY, False),
    ],
)
def test_what_went_in_comes_out(archive: Archive, tmp_path: Path, coding: str | None, raw: bytes, kept: bool) -> None:
    headers = {"content_encoding": coding} if coding else {}
    place = archive.append(answer(raw=raw, x_odd="a: b", **headers), NOW)
    url, found, body = read_archived(tmp_path, place)
    assert (url, body) == (URL, BODY)
    assert (found["content-type"], found["x-odd"]) == ("text/html; charset=utf-8", "a: b")
    assert ("content-encoding" in found) == (kept and coding is not None)
    assert int(found["content-length"]) == (len(raw) if kept else len(BODY))


def test_an_empty_body_comes_out_empty(archive: Archive, tmp_path: Path) -> None:
    assert read_archived(tmp_path, archive.append(answer(b""), NOW))[2] == b""


def test_other_tools_read_it(archive: Archive, tmp_path: Path) -> None:
    urls = [f"https://north.example/{n}" for n in range(5)]
    places = [
        archive.append(answer(url=url, raw=gzip.compress(BODY, mtime=0), content_encoding="gzip"), NOW) for url in urls
    ]
    archive.close()
    with (tmp_path / places[0].file).open("rb") as file:
        records = ArchiveIterator(file)
        first = next(records)
        assert first.rec_type == "warcinfo"
        assert b"software: dateline/test" in first.content_stream().read()
        found = []
        for record in records:
            assert (record.rec_type, record.http_headers.get_statuscode()) == ("response", "200")
            assert record.rec_headers.get_header("WARC-Date") == "2026-11-23T09:30:05Z"
            assert record.content_stream().read() == BODY
            found.append((record.rec_headers.get_header("WARC-Target-URI"), records.get_record_offset()))
    assert found == [(url, place.offset) for url, place in zip(urls, places, strict=True)]


def test_positions_are_gzip_members_end_to_end(archive: Archive, tmp_path: Path) -> None:
    places = [archive.append(answer(url=f"https://north.example/{n}"), NOW) for n in range(3)]
    whole = (tmp_path / places[0].file).read_bytes()
    assert [p.offset for p in places[1:]] == [p.offset + p.length for p in places[:-1]]
    assert places[-1].offset + places[-1].length == len(whole)
    for n, place in enumerate(places):
        member = gzip.decompress(whole[place.offset : place.offset + place.length])
        assert f"WARC-Target-URI: https://north.example/{n}\r\n".encode() in member


def test_a_page_can_be_read_while_the_archive_grows(archive: Archive, tmp_path: Path) -> None:
    for n in range(3):
        place = archive.append(answer(str(n).encode()), NOW)
        assert read_archived(tmp_path, place)[2] == str(n).encode()


def test_two_archives_side_by_side_write_files_of_their_own(tmp_path: Path) -> None:
    with closing(Archive(tmp_path, "a")) as one, closing(Archive(tmp_path, "b")) as other:
        places = [each.append(answer(body), NOW) for each, body in ((one, b"one"), (other, b"other"), (one, b"more"))]
    assert places[0].file == places[2].file != places[1].file
    assert [read_archived(tmp_path, place)[2] for place in places] == [b"one", b"other", b"more"]


def test_threads_share_an_archive(archive: Archive, tmp_path: Path) -> None:
    bodies = [str(n).encode() * 1_000 for n in range(60)]
    with ThreadPoolExecutor(4) as pool:
        places = list(pool.map(lambda body: archive.append(answer(body), NOW), bodies))
    assert [read_archived(tmp_path, place)[2] for place in places] == bodies


def test_a_new_day_and_a_full_file_begin_a_new_one(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    first = archive.append(answer(), NOW)
    assert first.file.startswith("2026/11/dateline-20261123T093005Z-")
    assert archive.append(answer(), NOW + timedelta(days=8)).file.startswith("2026/12/dateline-20261201T")
    monkeypatch.setattr(module, "ROLL_BYTES", 10)
    full = archive.append(answer(), NOW + timedelta(days=8))
    assert archive.append(answer(), NOW + timedelta(days=8)).file != full.file


def test_a_closed_archive_opens_a_new_file(archive: Archive, tmp_path: Path) -> None:
    first = archive.append(answer(), NOW)
    archive.close()
    archive.close()
    second = archive.append(answer(), NOW)
    assert first.file != second.file
    assert read_archived(tmp_path, first)[2] == read_archived(tmp_path, second)[2] == BODY


ODD = ("\udce9\udcff", "é ü", "a\r\nInjected: yes", "x" * 50_000, "", "\x00\x7f")


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
def test_odd_headers_do_no_harm(archive: Archive, tmp_path: Path, value: str) -> None:
    place = archive.append(answer(x_odd=value), NOW)
    _, headers, body = read_archived(tmp_path, place)
    assert body == BODY
    assert "injected" not in headers


def test_a_page_that_is_not_there_any_more(archive: Archive, tmp_path: Path) -> None:
    place = archive.append(answer(), NOW)
    archive.close()
    os.unlink(tmp_path / place.file)
    with pytest.raises(ParseError, match="archive"):
        read_archived(tmp_path, place)


@pytest.mark.parametrize("file", ["../secret.warc.gz", "/etc/passwd", "2026", ""])
def test_a_place_outside_the_archive(tmp_path: Path, file: str) -> None:
    (tmp_path / "archive" / "2026").mkdir(parents=True)
    (tmp_path / "secret.warc.gz").write_bytes(b"x")
    with pytest.raises(ParseError):
        read_archived(tmp_path / "archive", Archived(file, 0, 1))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(where=st.floats(0, 1), flip=st.integers(1, 255), at=st.booleans(), part=st.sampled_from((0.0, 0.5, 1.0, 9.0)))
def test_a_damaged_archive_is_an_error_of_ours(
    archive: Archive, tmp_path: Path, where: float, flip: int, at: bool, part: float
) -> None:
    place = archive.append(answer(raw=gzip.compress(BODY, mtime=0), content_encoding="gzip"), NOW)
    whole = bytearray((tmp_path / place.file).read_bytes())
    position = place.offset + round(where * (place.length - 1))
    whole[position] ^= flip
    damaged = tmp_path / "damaged.warc.gz"
    damaged.write_bytes(whole)
    try:
        asked = Archived(damaged.name, position if at else place.offset, round(place.length * part))
        _, _, body = read_archived(tmp_path, asked)
    except ParseError:
        return
    assert isinstance(body, bytes)


def test_old_files_are_forgotten(archive: Archive, tmp_path: Path) -> None:
    old = archive.append(answer(), NOW)
    new = archive.append(answer(), NOW + timedelta(days=1))
    (tmp_path / "2026" / "11" / "notes.txt").write_text("kept")
    for place, at in ((old, NOW), (new, NOW + timedelta(days=1))):
        os.utime(tmp_path / place.file, (at.timestamp(), at.timestamp()))
    assert forget_files(tmp_path, NOW + timedelta(hours=1)) == 1
    with pytest.raises(ParseError):
        read_archived(tmp_path, old)
    assert read_archived(tmp_path, new)[2] == BODY
    assert forget_files(tmp_path / "nowhere", NOW) == 0


def test_the_address_of_a_page_is_where_it_was_found(archive: Archive, tmp_path: Path) -> None:
    moved = replace(answer(), final_url="https://south.example/ü")
    assert read_archived(tmp_path, archive.append(moved, NOW))[0].startswith("https://south.example/")
