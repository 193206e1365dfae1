"""Lists of addresses: every way of writing them, and what is wrong in them."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.backfill.urls import BadLine, UrlChunk, UrlList, read_chunk
from ingest.backfill.wanted import Wanted
from ingest.errors import ParseError
from ingest.model import ParsedEntry, Reason

ALL = Wanted()
A, B, C = (f"https://north.example/{name}" for name in "abc")
DAY = datetime(2024, 5, 6, tzinfo=UTC)


def chunks(data: bytes, max_lines: int, wanted: Wanted = ALL) -> list[UrlChunk]:
    """Each read by a reader of its own, as after a restart."""
    found = [read_chunk(io.BytesIO(data), 0, wanted, max_lines)]
    while (position := found[-1].position) is not None:
        found.append(read_chunk(io.BytesIO(data), position, wanted, max_lines))
        assert (found[-1].position or position + 1) > position
    return found


def read(data: bytes | str, wanted: Wanted = ALL) -> tuple[list[ParsedEntry], list[BadLine]]:
    """The same however it is packed, paused and gone on with."""
    plain = data.encode() if isinstance(data, str) else data
    (whole,) = chunks(plain, 100_000, wanted)
    for each in (plain, gzip.compress(plain)):
        paused = chunks(each, 1, wanted)
        assert [entry for chunk in paused for entry in chunk.entries] == list(whole.entries)
        assert [line for chunk in paused for line in chunk.bad] == list(whole.bad)
    return list(whole.entries), list(whole.bad)


def told(data: bytes | str) -> list[tuple[str | None, str | None, datetime | None]]:
    entries, bad = read(data)
    assert bad == []
    return [(entry.url, entry.title, entry.published_at) for entry in entries]


@pytest.mark.parametrize(
    ("data", "entries"),
    [
        (f"{A}\n{B}\n", [(A, None, None), (B, None, None)]),
        (f"\ufeff# mine\r\n\r\n  {A}  \r\n{B}", [(A, None, None), (B, None, None)]),
        (f"{A} The bridge is closed\n{B}\tAgain\n", [(A, "The bridge is closed", None), (B, "Again", None)]),
        (f"{A},1.2345.html\n{B};x,y\n", [(f"{A},1.2345.html", None, None), (f"{B};x,y", None, None)]),
        (f"url,title,date\n{A},Closed,2024-05-06\n{B},,\n", [(A, "Closed", DAY), (B, None, None)]),
        (f'"Link";"Headline"\n{A};"One ""two""\nthree"\n', [(A, 'One "two" three', None)]),
        (f"title\tpublished_at\tURL\nClosed\t6 May 2024\t{A}\n", [(A, "Closed", DAY)]),
        (f"sep=;\nurl;title\n{A};x\n", [(A, "x", None)]),
        (f"id|loc\n1|{A}\n", [(A, None, None)]),
        (f"{A},2024-05-06\n{B},2024-05-06T00:00:00Z\n", [(A, None, None), (B, None, None)]),
        (f"1,{A},x\n2,{B},y\n", [(A, None, None), (B, None, None)]),
        (f'"{A}","x"\n"{B}","y"\n', [(A, None, None), (B, None, None)]),
        (f"{A}\tx\n{B}\ty\n", [(A, None, None), (B, None, None)]),
        (f'{{"url": "{A}", "title": "Closed", "published": "2024-05-06"}}\n', [(A, "Closed", DAY)]),
        (f'{{"link": "{A}", "date": 1714953600}}\n\n{{"URL": "{B}"}}', [(A, None, DAY), (B, None, None)]),
        (f'{{"url": null, "href": "{A}", "title": ["no"]}}', [(A, None, None)]),
        ("https://north.example/grüße\n", [("https://north.example/gr%C3%BC%C3%9Fe", None, None)]),
        (f"url,title\n{A},x\nurl,title\n{B},y\n", [(A, "x", None), (B, "y", None)]),  # two tables, put together
        (f'url,title\n{A},"open\n{B},y\n', [(A, "open", None), (B, "y", None)]),
        ("", []),
        ("# nothing\n\n", []),
    ],
)  # fmt: skip
def test_every_way_of_writing(data: str, entries: list[tuple[str, str | None, datetime | None]]) -> None:
    assert told(data) == entries


def test_what_a_backfill_could_not_get_is_a_list() -> None:
    failed = [
        {"url": A, "reason": "not_found", "detail": "404", "title": "Closed", "published": "2024-05-06T00:00:00+00:00"},
        {"url": B, "reason": "empty_page", "detail": "", "title": None, "published": None},
    ]
    assert told("\n".join(map(json.dumps, failed))) == [(A, "Closed", DAY), (B, None, None)]


def test_a_change_is_no_publication() -> None:
    (entry,), _ = read(f"url,lastmod,date\n{A},2024-05-06,soon\n")
    assert (entry.updated_at, entry.published_at, entry.published_text) == (DAY, None, "soon")


@pytest.mark.parametrize(
    ("data", "line", "reason", "detail"),
    [
        ("north.example/a\n", 1, Reason.BAD_LINK, ""),
        (f"{A}\nftp://north.example/a\n", 2, Reason.BAD_LINK, ""),
        (f"{A}\n{'https://north.example/' + 'x' * 5000}\n", 2, Reason.BAD_LINK, ""),
        (f"url,title\n{A},x\n,y\n", 3, Reason.NO_LINK, ""),
        (f'url,title\n{A},"x\ny"\nnone,z\n', 4, Reason.BAD_LINK, ""),
        (f'{{"url": "{A}"}}\n{{"url"', 2, Reason.BAD_LINK, "no JSON"),
        (f'{{"url": "{A}"}}\n["{A}"]', 2, Reason.BAD_LINK, "no JSON object"),
        (f'{{"url": "{A}"}}\n{{"title": "x"}}', 2, Reason.NO_LINK, ""),
        (f'{{"url": "{A}"}}\n{{"url": {"[" * 100_000}', 2, Reason.BAD_LINK, "no JSON"),
        (f'{{"url": "{A}"}}\n{{"url": {"1" * 10_000}}}', 2, Reason.BAD_LINK, "no JSON"),
        (f'{{"url": "{A}"}}\n{{"url": Infinity}}', 2, Reason.BAD_LINK, ""),
        (f"{A}\n{'x' * 1_000_001}\n", 2, Reason.TOO_LARGE, ""),
    ],
)
def test_a_bad_line_is_reported_and_stops_nothing(data: str, line: int, reason: Reason, detail: str) -> None:
    good = f"{A}\n" if data.startswith(("north", A)) else f'{{"url": "{A}"}}\n' if data[0] == "{" else f"{A},x\n"
    entries, bad = read(f"{data.removesuffix(chr(10))}\n{good}")
    assert [(each.line, each.reason, each.detail) for each in bad] == [(line, reason, detail)]
    assert len(bad[0].text) <= 200
    assert entries[-1].url == A


@pytest.mark.parametrize("data", ["<?xml version='1.0'?><urlset/>", "[\n{}]", f"{A}\n".encode("utf-16"), "﻿<html>"])
def test_what_is_no_list_is_refused(data: str | bytes) -> None:
    with pytest.raises(ParseError) as caught:
        UrlList(io.BytesIO(data.encode() if isinstance(data, str) else data))
    assert caught.value.reason is Reason.WRONG_TYPE


def test_only_what_is_wanted() -> None:
    wanted = Wanted(since=DAY, hosts=("north.example",))
    data = f"url,date,lastmod\n{A},2024-05-06,\n{B},2024-05-05,\n{C},,2024-05-05\nhttps://south.example/,,\n{C},,\n"
    (chunk,) = chunks(data.encode(), 100, wanted)
    assert [entry.url for entry in chunk.entries] == [A, C]
    assert chunk.left_out == {"outside_window": 2, "filtered": 1}


def test_a_packed_list_that_is_cut() -> None:
    packed = gzip.compress("".join(f"{A}{number}\n" for number in range(5_000)).encode())
    (chunk,) = chunks(packed[:-2000], 100_000)
    assert chunk.position is None
    assert 0 < len(chunk.entries) < 5_000
    assert [each.reason for each in chunk.bad] == [Reason.BAD_ENCODING]


def test_one_reader_for_all_chunks_reads_the_same() -> None:
    data = "".join(f"{A}{number}\n" for number in range(250)).encode()
    reader = UrlList(io.BytesIO(gzip.compress(data)))
    found = [reader.read_chunk(ALL, 100) for _ in range(3)]
    assert found == chunks(data, 100)
    assert [chunk.lines for chunk in found] == [100, 100, 50]
    late = UrlList(io.BytesIO(data + b"bad\n"), found[1].position or 0)
    assert late.position == found[1].position
    assert late.read_chunk(ALL).bad[0].line == 251


LINES = st.sampled_from([A, f"{B},x", '"', f'"{A}";"x', "url,title", "url;date", "{}", f'{{"url":"{A}"}}', "# x", "",
                         "\0", "é", "1,2", f"{A}\t{B}", "sep=,", "x" * 300])  # fmt: skip


@settings(max_examples=100)
@given(st.one_of(st.lists(LINES, max_size=60).map("\n".join).map(str.encode), st.binary(max_size=300)))
def test_any_bytes_are_a_list_or_refused(data: bytes) -> None:
    try:
        entries, _ = read(data)
    except ParseError:
        return
    assert all(entry.url and entry.url.startswith("http") for entry in entries)
