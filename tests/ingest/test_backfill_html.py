"""Saved pages: where they say they are from."""

from __future__ import annotations

import gzip
import os
import pickle
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.backfill.archived import ArchivedPage, Chunk, Limits
from ingest.backfill.html import read_chunk
from ingest.backfill.wanted import Wanted

ALL = Wanted()
URL = "https://north.example/2024/bridge"
SINGLE_FILE_DATE = "Mon May 06 2024 09:08:09 GMT+0200 (Central European Summer Time)"
CHANGED = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def save(root: Path, name: str, data: bytes | str = "<p>x") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    os.utime(path, (CHANGED.timestamp(), CHANGED.timestamp()))
    return path


def read(root: Path, wanted: Wanted = ALL, limits: Limits | None = None) -> tuple[list[ArchivedPage], dict[str, int]]:
    """All chunks together; and the same again, paused behind each file."""
    whole = read_chunk(root, None, wanted, limits)
    assert whole.position is None
    paused: list[Chunk[str]] = []
    while not paused or paused[-1].position is not None:
        paused.append(
            read_chunk(root, paused[-1].position if paused else None, wanted, limits or Limits(max_records=1))
        )
    assert [page for chunk in paused for page in chunk.pages] == list(whole.pages)
    assert sum(chunk.records for chunk in paused) == whole.records
    return list(whole.pages), dict(whole.left_out)


def only_page(tmp_path: Path, data: bytes | str, name: str = "a.html") -> ArchivedPage:
    save(tmp_path, name, data)
    ((page,), _) = read(tmp_path)
    return page


@pytest.mark.parametrize(
    ("saved", "url"),
    [
        (f"<!DOCTYPE html>\n<!-- saved from url=(0034){URL} -->\n<html>", URL),
        (f"<!-- saved from url=(0014)about:internet --><link rel=canonical href={URL}>", URL),
        (f"<html><!--\n Page saved with SingleFile \n url: {URL} \n saved date: {SINGLE_FILE_DATE}\n-->", URL),
        (f'<link href="{URL}?a=1&amp;b=2" rel="x canonical">', f"{URL}?a=1&b=2"),
        (f"<link rel='canonical' href='/relative'><meta property='og:url' content='{URL}'>", URL),
        (f"<meta content={URL} name=og:url>", URL),
        (f"<link rel=canonical href=https://north.example/a><!-- saved from url=(0034){URL} -->", URL),
        (f"\ufeff<link rel=canonical href={URL}>".encode("utf-16"), URL),
        ("<link rel=canonical href=https://north.example/grüße>", "https://north.example/gr%C3%BC%C3%9Fe"),
    ],
)  # fmt: skip
def test_what_a_page_says_of_where_it_is_from(tmp_path: Path, saved: bytes | str, url: str) -> None:
    page = only_page(tmp_path, saved)
    assert (page.url, page.status, page.fetched_at) == (url, 200, CHANGED)
    assert page.headers == {"content-type": "text/html"}
    assert page.body == (saved if isinstance(saved, bytes) else saved.encode())


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("north.example/2024/bridge.html", "https://north.example/2024/bridge.html"),
        ("http/www.bbc.co.uk/news/index.html", "http://www.bbc.co.uk/news/"),
        ("mirror/North.Example/index.html?p=3&q=4", "https://north.example/?p=3&q=4"),
        ("north.example:8080/news/bridge", "https://north.example:8080/news/bridge"),
        ("north.example/news/list?p=2", "https://north.example/news/list?p=2"),
        ("north.example/story.php?id=7", "https://north.example/story.php?id=7"),
        ("north.example/a.html@p=3", "https://north.example/a.html?p=3"),
        ("web.archive.org/web/2024/https:/north.example/a.html",
         "https://web.archive.org/web/2024/https:/north.example/a.html"),
    ],
)  # fmt: skip
def test_a_mirror_says_it_by_its_folders(tmp_path: Path, name: str, url: str) -> None:
    assert only_page(tmp_path, "<p>x", name).url == url


def test_the_directory_itself_may_be_a_host(tmp_path: Path) -> None:
    save(tmp_path / "www.north.example", "a.html")
    for root in (tmp_path / "www.north.example", tmp_path / "www.north.example" / "a.html"):
        assert [page.url for page in read(root)[0]] == ["https://www.north.example/a.html"]


@pytest.mark.parametrize("name", ["a.html", "v1.2/a.html", "page.files/a.html", "com/a.html", "a b.com/a.html"])
def test_a_page_that_says_nothing_is_counted(tmp_path: Path, name: str) -> None:
    save(tmp_path, name)
    assert read(tmp_path) == ([], {"no_link": 1})


MHTML = f"""\
From: <Saved by Blink>
Snapshot-Content-Location: {URL}
Subject: =?utf-8?Q?Br=C3=BCcke?=
Date: Mon, 6 May 2024 09:08:09 +0200
MIME-Version: 1.0
Content-Type: multipart/related;
\ttype="text/html";
\tboundary="----Multi--x----"


------Multi--x----
Content-Type: text/html; charset=utf-8
Content-ID: <frame-1@mhtml.blink>
Content-Transfer-Encoding: quoted-printable
Content-Location: https://north.example/frame

<p>Gr=C3=BC=
=C3=9Fe</p>
------Multi--x----
Content-Type: image/png
Content-Transfer-Encoding: base64
Content-Location: https://north.example/a.png

AAAA
------Multi--x------
"""


@pytest.mark.parametrize(
    ("data", "url"),
    [
        (MHTML, URL),
        (MHTML.replace("\n", "\r\n"), URL),
        (MHTML.replace(f"Snapshot-Content-Location: {URL}\n", ""), "https://north.example/frame"),
        (MHTML.replace("quoted-printable", "base64").replace("<p>Gr=C3=BC=\n=C3=9Fe</p>", "PHA+R3LDvMOfZTwvcD4K"), URL),
    ],
)
def test_mhtml(tmp_path: Path, data: str, url: str) -> None:
    page = only_page(tmp_path, data, "a.mhtml")
    assert (page.url, page.fetched_at) == (url, CHANGED)
    assert page.body.strip().decode() == "<p>Grüße</p>"
    assert page.headers == {"content-type": "text/html; charset=utf-8"}


def test_packed_pages(tmp_path: Path) -> None:
    canonical = f"<link rel=canonical href={URL}>".encode()
    save(tmp_path, "a.html", gzip.compress(canonical))
    save(tmp_path, "b.html.gz", gzip.compress(canonical))
    save(tmp_path, "bomb.html", gzip.compress(bytes(2_000_000)))
    save(tmp_path, "cut.html", gzip.compress(canonical * 9)[:40])
    pages, left_out = read(tmp_path, limits=Limits(max_bytes=1_000_000))
    assert [page.body for page in pages] == [canonical, canonical]
    assert left_out == {"too_large": 1, "not_html": 1}


def test_what_is_left_out(tmp_path: Path) -> None:
    canonical = f"<link rel=canonical href={URL}>"
    save(tmp_path, "binary.html", b"%PDF-1.7" + canonical.encode())
    save(tmp_path, "empty.html", " ")
    save(tmp_path, "large.html", canonical + "x" * 1000)
    save(tmp_path, "large.mht", MHTML.replace("<p>", "<p>" + "x" * 1000))
    save(tmp_path, "other.html", canonical.replace("north", "south"))
    save(tmp_path, "none.mht", MHTML.replace("text/html; charset", "text/plain; charset"))
    save(tmp_path, "picture.png")
    save(tmp_path, "picture.png?size=large")
    save(tmp_path, ".hidden")
    save(tmp_path, "README", "Read me first.")
    save(tmp_path, "good.xhtml", canonical)
    pages, left_out = read(tmp_path, Wanted(hosts=("north.example",)), Limits(max_bytes=500))
    assert [page.url for page in pages] == [URL]
    assert left_out == {"not_html": 4, "too_large": 2, "filtered": 1}
    later = Wanted(since=datetime(2025, 1, 1, tzinfo=UTC), hosts=("north.example",))
    assert read(tmp_path, later, Limits(max_bytes=500))[1]["outside_window"] == 1


def test_links_are_followed_only_within(tmp_path: Path) -> None:
    root = tmp_path / "root"
    save(root, "north.example/a.html")
    save(tmp_path, "outside/secret.html", f"<link rel=canonical href={URL}>")
    (root / "folder").symlink_to(tmp_path / "outside")
    (root / "file.html").symlink_to(tmp_path / "outside" / "secret.html")
    (root / "nowhere.html").symlink_to(tmp_path / "nothing")
    (root / "north.example" / "b.html").symlink_to(root / "north.example" / "a.html")
    os.mkfifo(root / "pipe.html")
    pages, left_out = read(root)
    assert [page.url for page in pages] == ["https://north.example/a.html", "https://north.example/b.html"]
    assert left_out == {"link_outside": 1, "not_a_file": 3}


def test_names_of_any_bytes_are_positions(tmp_path: Path) -> None:
    for name in (b"\xff.html", "ü%41.html".encode(), b"a\n.html", b"b/c.html", b"b.html"):
        path = os.fsencode(tmp_path / "north.example") + b"/" + name
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(b"<p>x")
    pages, _ = read(tmp_path)
    assert len(pages) == 5
    chunk = read_chunk(tmp_path, None, ALL, Limits(max_pages=1))
    assert chunk.position == "north.example/a%0A.html"
    assert pickle.loads(pickle.dumps(chunk)) == chunk


def test_new_files_behind_the_position_are_found_and_a_lost_one_does_no_harm(tmp_path: Path) -> None:
    for name in "bdf":
        save(tmp_path, f"north.example/{name}.html")
    first = read_chunk(tmp_path, None, ALL, Limits(max_pages=2))
    save(tmp_path, "north.example/a.html")
    save(tmp_path, "north.example/e.html")
    (tmp_path / "north.example" / "d.html").unlink()
    second = read_chunk(tmp_path, first.position, ALL)
    assert [page.url[-6:] for page in second.pages] == ["e.html", "f.html"]


def test_a_root_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_chunk(tmp_path / "none", None, ALL)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    data=st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(MHTML.split("\n")), max_size=40).map("\n".join)),
    name=st.sampled_from(["a.html", "a.mhtml"]),
)
def test_any_bytes_are_a_page_or_left_out(tmp_path: Path, data: bytes | str, name: str) -> None:
    pages, left_out = read(save(tmp_path, name, data))
    assert len(pages) + sum(left_out.values()) == 1
