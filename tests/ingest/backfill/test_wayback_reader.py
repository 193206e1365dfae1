"""The Wayback Machine: what the index is asked, what its answers mean, and addresses of copies."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.backfill import wayback
from ingest.backfill.step import CDX, Next, Step
from ingest.backfill.wanted import Wanted
from ingest.backfill.wayback import FIELDS, captured_at, is_memento, original_url, read, seeds
from ingest.errors import ParseError
from ingest.model import Reason
from tests.ingest.backfill.walk import NOW, get, walk
from tests.wayback import BLOCKED, Wayback

IN_2024 = Wanted(since=datetime(2024, 1, 1, tzinfo=UTC), until=datetime(2025, 1, 1, tzinfo=UTC))
COUNT = seeds("north.example", IN_2024)[0]
QUERY = Next(COUNT.fallback[0], CDX)


def row(original: str, stamp: str = "20240517101500", digest: str = "") -> list[str]:
    path = urlsplit(original).path if original.startswith("http://north") else original
    return [f"example,north){path}", stamp, original, "text/html", "200", digest or f"D{original}", "999"]


def step(*rows: Any, asked: Next = QUERY, wanted: Wanted = IN_2024) -> Step:
    return read(asked, json.dumps([FIELDS, *rows]).encode(), {}, asked.url, wanted, NOW)


def urls(found: Step) -> list[str]:
    return [entry.url or "" for entry in found.entries]


def refused(body: bytes | str, **headers: str) -> ParseError:
    with pytest.raises(ParseError) as caught:
        read(QUERY, body.encode() if isinstance(body, str) else body, headers, QUERY.url, IN_2024, NOW)
    return caught.value


# --- what it is asked -----------------------------------------------------------------------------------------------


def test_one_capture_of_each_page_in_the_window_is_asked_for() -> None:
    assert QUERY.url.startswith("https://web.archive.org/cdx/search/cdx?url=north.example&matchType=domain&output=json")
    query = parse_qs(urlsplit(QUERY.url).query)
    assert query["filter"] == ["statuscode:200", "mimetype:text/html"]
    assert (query["from"], query["to"]) == (["20240101000000"], ["20241231235959"])
    assert (query["collapse"], query["fl"]) == (["urlkey"], [",".join(FIELDS)])


@pytest.mark.parametrize(
    ("site", "url", "scope"),
    [
        ("north.example", "north.example", "domain"),
        ("https://north.example/", "north.example", "domain"),
        ("*.north.example", "north.example", "domain"),
        ("www.north.example", "www.north.example", "host"),
        ("https://North.example/world/*", "north.example/world/", "prefix"),
        ("north.example/?id=1&b=ü", "north.example/?id=1&b=%C3%BC", "prefix"),
        ("127.0.0.1:8080/a", "127.0.0.1:8080/a", "prefix"),
    ],
)
def test_what_of_a_site_is_meant(site: str, url: str, scope: str) -> None:
    (first,) = seeds(site, Wanted(), "http://127.0.0.1:1/")
    query = parse_qs(urlsplit(first.url).query)
    assert (query["url"], query["matchType"]) == ([url], [scope])
    assert not {"from", "to"} & query.keys()
    assert first.url.startswith("http://127.0.0.1:1/cdx/search/cdx?")


def test_what_is_no_address_is_not_asked_for() -> None:
    assert seeds("", Wanted()) == seeds("ftp://x", Wanted()) == ()


# --- what its answers mean ------------------------------------------------------------------------------------------


def test_rows_are_entries_with_the_copy_to_fetch() -> None:
    found = step(row("http://north.example:80/a b?c=ü"), row("http://north.example/2024/x"))
    assert urls(found) == ["http://north.example/a%20b?c=%C3%BC", "http://north.example/2024/x"]
    assert list(found.captured.values()) == [
        "https://web.archive.org/web/20240517101500id_/http://north.example:80/a%20b?c=%C3%BC",
        "https://web.archive.org/web/20240517101500id_/http://north.example/2024/x",
    ]
    assert [original_url(copy) for copy in found.captured.values()] == urls(found)
    assert found.oldest == datetime(2024, 5, 17, 10, 15, tzinfo=UTC)
    assert pickle.loads(pickle.dumps(found)) == found


def test_what_is_left_out_is_counted() -> None:
    found = step(
        row("http://north.example/a"),
        row("http://north.example/a", "20240617101500"),  # a server that does not collapse
        row("https://north.example/b?print=1", digest="Dhttp://north.example/a"),
        row("http://mailto:desk@north.example/"),
        row("http://data:image/png;base64,AA"),
        row("http://north.example/c", "20249917101500"),
        row("http://north.example/2019/05/17/d"),
        row("http://north.example/e", "20250101000000"),
        row("http://north.example/f", "20231231235959"),
        row("http://south.example/g"),
        ["too", "short"],
        [1, 2, 3, 4, 5, 6, 7],
        "nothing",
        wanted=Wanted(IN_2024.since, IN_2024.until, hosts=("north.example",)),
    )
    assert urls(found) == ["http://north.example/a"]
    assert found.left_out == {"repeated": 2, "bad_link": 3, "outside_window": 3, "filtered": 1}


def said_of(url: str) -> dict[str, list[str]]:
    """What a query says beside what every one does."""
    query, always = parse_qs(urlsplit(url).query), parse_qs(urlsplit(QUERY.url).query)
    return {name: values for name, values in query.items() if always.get(name) != values}


@pytest.mark.parametrize("body", [b"1\n", b"0", b'[["numpages"],["1"]]'])
def test_a_small_index_is_read_row_by_row(body: bytes) -> None:
    (rows,) = read(COUNT, body, {}, COUNT.url, IN_2024, NOW).following
    assert (rows.url, rows.depth) == (QUERY.url, 1)


def test_a_large_index_is_read_page_by_page_and_what_came_in_last_row_by_row() -> None:
    def following(wanted: Wanted) -> list[dict[str, list[str]]]:
        (first,) = seeds("north.example", wanted)
        return [said_of(each.url) for each in read(first, b"3", {}, first.url, wanted, NOW).following]

    pages = [{"pageSize": ["20"], "page": [str(number)]} for number in range(3)]
    assert following(IN_2024) == pages
    late = following(Wanted(since=IN_2024.since))[-1]
    assert late == {"from": ["20260527120000"]}
    assert following(Wanted(since=datetime(2026, 11, 1, tzinfo=UTC)))[-1] == {"from": ["20261101000000"]}
    many = read(COUNT, b"999999999", {}, COUNT.url, IN_2024, NOW).following
    assert len(many) == wayback.MAX_ANSWERS


def test_a_page_has_nothing_behind_it() -> None:
    page = read(COUNT, b"2", {}, COUNT.url, IN_2024, NOW).following[0]
    found = step(row("http://north.example/a"), asked=page)
    assert (urls(found), found.following) == (["http://north.example/a"], ())


def test_it_goes_on_where_the_server_says_and_skips_what_it_had() -> None:
    found = step(row("http://north.example/a"), [], ["example%2Cnorth%29%2Fa+20240517101501"])
    (behind,) = found.following
    assert parse_qs(urlsplit(behind.url).query)["resumeKey"] == ["example%2Cnorth%29%2Fa+20240517101501"]
    assert (behind.depth, behind.state) == (1, "example,north)/a")
    again = step(row("http://north.example/a", "20240717101500"), row("http://north.example/b"), asked=behind)
    assert (urls(again), again.left_out) == (["http://north.example/b"], {"repeated": 1})


def test_where_it_does_not_say_we_go_on_ourselves_until_there_is_nothing() -> None:
    (behind,) = step(row("http://north.example/a+b")).following
    assert parse_qs(urlsplit(behind.url).query)["resumeKey"] == ["example%2Cnorth%29%2Fa%2Bb+20240517101500%21"]
    assert read(behind, b"[]\n", {}, behind.url, IN_2024, NOW) == Step()
    assert read(behind, b"", {}, behind.url, IN_2024, NOW) == Step()
    assert step(row("http://north.example/a+b"), asked=behind).following == ()  # it knows no keys
    deep = Next(QUERY.url, CDX, depth=wayback.MAX_ANSWERS - 1)
    assert step(row("http://north.example/a"), asked=deep).following == ()


def test_very_long_keys_do_not_grow_what_is_remembered() -> None:
    (behind,) = step([f"example,north)/{'a' * 3_000}", *row("http://north.example/a")[1:]]).following
    assert len(behind.state) == 32
    (none,) = step([f"example,north)/{'a' * 5_000}", *row("http://north.example/a")[1:]]).following or (None,)
    assert none is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (BLOCKED, Reason.FORBIDDEN),
        ("org.archive.wayback.exception.RobotAccessControlException: Blocked By Robots", Reason.ROBOTS_DISALLOWED),
        ("<html><h1>429 Too Many Requests</h1></html>", Reason.RATE_LIMITED),
        ("<html><body><h1>503 Service Unavailable</h1>", Reason.UNAVAILABLE),
        ("<html><head><title>504 Gateway Time-out</title></head>", Reason.UNAVAILABLE),
        ("java.lang.IllegalArgumentException: fromKey > toKey", Reason.CLIENT_ERROR),
        ("java.lang.NullPointerException", Reason.SERVER_ERROR),
        ('[["urlkey","timestamp","original"],\n["a","b', Reason.CUT_SHORT),
        ('[["timestamp"],["20240101000000"]]', Reason.NOT_A_FEED),
        ('[7, "a"]', Reason.NOT_A_FEED),
        ('{"a": 1}', Reason.NOT_A_FEED),
        ("[" * 100_000, Reason.CUT_SHORT),
        ("<html>Welcome</html>", Reason.NOT_A_FEED),
    ],
)
def test_what_is_no_answer_has_a_reason(body: str, reason: Reason) -> None:
    assert refused(body).reason is reason


def test_a_header_may_say_that_a_site_is_not_shown() -> None:
    assert refused("", **{"x-archive-wayback-runtime-error": BLOCKED}).reason is Reason.FORBIDDEN


CELLS = st.one_of(
    st.text(max_size=20), st.integers(), st.none(), st.just("http://north.example/a"), st.just("20240101")
)


@given(st.one_of(st.binary(max_size=200), st.lists(st.lists(CELLS, max_size=8), max_size=5)), st.booleans())
@example([["http://[", "20240101000000", "http://[", "", "", "", ""]], True)
@example([["", "٢٠٢٤٠١٠١٠٠٠٠٠٠", "\ud800", "", "", "", ""]], True)
def test_any_answer_ends_in_a_step_or_our_error(body: bytes | list[list[Any]], has_names: bool) -> None:
    said = body if isinstance(body, bytes) else json.dumps([FIELDS, *body] if has_names else body).encode()
    try:
        found = read(QUERY, said, {}, QUERY.url, IN_2024, NOW)
    except ParseError:
        return
    assert isinstance(found, Step)


# --- copies ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("copy", "original"),
    [
        ("https://web.archive.org/web/20240517101500id_/http://north.example/a?b=c", "http://north.example/a?b=c"),
        ("http://web.archive.org/web/20240517101500/https://north.example", "https://north.example"),
        ("https://web.archive.org/web/20240517101500if_/https:/north.example/a", "https://north.example/a"),
        ("http://127.0.0.1:8080/web/20240517101500id_/north.example/a", "http://north.example/a"),
        ("https://web.archive.org/web/20240517101500id_/mailto:desk@north.example", None),
        ("https://north.example/web/2024/05/17/story.html", None),
        ("https://north.example/a", None),
        ("https://web.archive.org/web/*/north.example", None),
        ("", None),
    ],
)
def test_from_a_copy_back_to_the_page(copy: str, original: str | None) -> None:
    assert original_url(copy) == original
    assert is_memento(copy) == (original is not None)


def test_when_a_copy_was_taken() -> None:
    assert captured_at("https://web.archive.org/web/20240517101500id_/http://a.example/") == datetime(
        2024, 5, 17, 10, 15, tzinfo=UTC
    )
    assert captured_at("https://web.archive.org/web/20249917101500id_/http://a.example/") is None
    assert captured_at("https://a.example/") is None


# --- the whole machine ----------------------------------------------------------------------------------------------


def test_an_index_is_read_to_its_end_although_it_does_not_say_where_that_is() -> None:
    with Wayback(host="127.0.11.1") as archive:
        for number in range(60):
            month = number % 12 + 1
            archive.capture(
                f"2024{month:02}01000000", f"http://www.north.example/story-{number:02}?a=b+c", b"x%d" % number
            )
            archive.capture(f"2024{month:02}02000000", f"http://north.example/story-{number:02}?a=b+c", b"y%d" % number)
            archive.capture("20240101000000", f"http://north.example/story-{number:02}.png", b"", mimetype="image/png")
        archive.capture("20230101000000", "http://north.example/older", b"o")
        archive.capture("20240101000000", "http://north.example.other/", b"e")
        archive.scans = 50
        (first,) = seeds("north.example", IN_2024, archive.base)
        limited = Next(first.url, CDX, fallback=(first.fallback[0].replace("limit=1000", "limit=70"),))
        done = walk(read, [limited], IN_2024)
        assert done.entries == [f"http://www.north.example/story-{number:02}?a=b+c" for number in range(60)]
        assert done.captured[done.entries[5]] == archive.url("/web/20240601000000id_/" + done.entries[5])
        assert len(archive.queries) > 3
        assert get(done.captured[done.entries[5]])[2] == b"x5"


def test_pages_find_what_lies_behind_many_captures_that_nobody_wants() -> None:
    with Wayback(host="127.0.11.1") as archive:
        wanted = [f"http://north.example/{name}" for name in ("a", "z")]
        for url in wanted:
            archive.capture("20240517101500", url, url.encode())
        for number in range(50):
            archive.capture("20240517101500", f"http://north.example/m/{number}.png", b"", mimetype="image/png")
        archive.scans = 20
        first = seeds("north.example", IN_2024, archive.base)
        assert walk(read, first, IN_2024).entries == wanted[:1]
        archive.page_size = 20
        done = walk(read, first, IN_2024)
        assert (done.entries, done.failed) == (wanted, {})
        assert [query.get("page") for query in archive.queries[-4:]] == [None, "0", "1", "2"]


def test_the_machine_answers_as_the_real_one() -> None:
    with Wayback(host="127.0.11.1") as archive:
        copy = archive.capture("20240517101500", "http://north.example/a", "<p>A</p>")
        archive.capture("20200101000000", "http://north.example/old", "", status=301, location="http://north.example/a")
        status, headers, body = get(copy)
        assert (status, body, headers["memento-datetime"]) == (200, b"<p>A</p>", "Fri, 17 May 2024 10:15:00 GMT")
        assert get(copy.replace("id_", ""))[2] != body
        status, headers, _ = get(copy.replace("20240517101500", "20240101000000"))
        assert (status, headers["location"]) == (302, copy)
        status, headers, _ = get(archive.url("/web/20200101000000id_/http://north.example/old"))
        assert (status, original_url(headers["location"])) == (301, "http://north.example/a")
        assert get(archive.url("/web/20240101000000id_/http://north.example/none"))[0] == 404
        archive.tired = 1
        assert [get(copy)[0], get(copy)[0]] == [429, 200]
        archive.blocked.add("north.example")
        (query,) = seeds("www.north.example", IN_2024, archive.base)
        status, headers, body = get(query.url)
        assert status == 403
        assert refused(body, **headers).reason is Reason.FORBIDDEN
