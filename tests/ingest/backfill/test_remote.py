"""Lists of archives on servers, what their names say, and what one request for a piece of an archive means."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.backfill import arrival, remote
from ingest.backfill.arrival import PIECE_BYTES, Arrival, Came, decide_arrival, has_room, is_same, next_span
from ingest.backfill.remote import PATHS, REMOTE, captured_until, read, read_local, seeds
from ingest.backfill.request import Part, PartState
from ingest.backfill.step import Next
from ingest.backfill.wanted import Wanted
from ingest.errors import ParseError, Refused, Transient
from ingest.model import Reason, Validators
from ingest.ranges import Stated

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LIST = "https://mirror.example/crawl-data/CC-NEWS/2024/01/warc.paths.gz"
NEWS = "crawl-data/CC-NEWS/2024/01/CC-NEWS-202401{}000000-0000{}.warc.gz"
MINE = Validators('"mine"')
PART = Part(1, 1, REMOTE, "https://mirror.example/a.warc.gz", "mirror.example", 0, Wanted())
BEGUN = replace(PART, position="100", size=1000, validators=MINE)
PIECE = Stated(100, 300, 1000, is_whole=False, validators=MINE)
WHOLE = Stated(0, 1000, 1000, is_whole=True, validators=MINE)
CUT = Transient(PART.place, Reason.CUT_SHORT)


def listed(text: str, wanted: Wanted | None = None) -> tuple[list[str], dict[str, int]]:
    body = gzip.compress(text.encode())
    step = read(Next(LIST, PATHS), body, {}, LIST, wanted or Wanted(), NOW)
    assert {each.kind for each in step.following} <= {REMOTE}
    return [each.url for each in step.following], dict(step.left_out)


# --- lists ----------------------------------------------------------------------------------------------------------


def test_paths_count_from_the_root_of_the_server_or_from_the_list() -> None:
    lines = f"# all\n{NEWS.format('01', 1)}\nmine.warc.gz\n/top.warc.gz\nhttp://other.example/b.warc\nmine.warc.gz\n"
    urls, left_out = listed(lines + "s3://bucket/c.warc.gz\n")
    assert urls == [
        f"https://mirror.example/{NEWS.format('01', 1)}",
        "https://mirror.example/crawl-data/CC-NEWS/2024/01/mine.warc.gz",
        "https://mirror.example/top.warc.gz",
        "http://other.example/b.warc",
    ]
    assert left_out == {"bad_link": 1, "repeated": 1}


def test_a_list_that_lies_here_tells_of_common_crawl() -> None:
    (one,) = read_local(NEWS.format("01", 1).encode(), Wanted()).following
    assert one.url == f"https://data.commoncrawl.org/{NEWS.format('01', 1)}"


def test_what_was_captured_before_the_window_is_left_out_and_nothing_else() -> None:
    names = [NEWS.format(f"{day:02}", day) for day in range(1, 10)]
    window = Wanted(since=datetime(2024, 1, 5, tzinfo=UTC), until=datetime(2024, 1, 6, tzinfo=UTC))
    urls, left_out = listed("\n".join(names), window)
    # An archive may be written for two days; what was published in the window may be captured long after it.
    assert urls == [f"https://mirror.example/{name}" for name in names[3:]]
    assert left_out == {"pruned": 3}


@pytest.mark.parametrize(
    ("name", "until"),
    [
        ("CC-NEWS-20240115022334-02345.warc.gz", datetime(2024, 1, 17, 2, 23, 34, tzinfo=UTC)),
        ("CC-MAIN-20240115022334-20240115052334-00001.warc.gz", datetime(2024, 1, 15, 5, 23, 34, tzinfo=UTC)),
        ("dateline-20240115T022334Z-17-0001.warc.gz", datetime(2024, 1, 17, 2, 23, 34, tzinfo=UTC)),
        ("CC-NEWS-20241315022334-02345.warc.gz", None),
        ("CC-NEWS-99991231235959-02345.warc.gz", None),
        ("site-20240115022334.warc.gz", None),  # nobody knows for how long it was written
        ("CC-NEWS-20240115022334", None),
    ],
)
def test_when_the_last_page_was_captured(name: str, until: datetime | None) -> None:
    assert captured_until(f"https://mirror.example/x/{name}") == until


def test_what_somebody_names_is_a_list_or_an_archive_or_nothing() -> None:
    assert [each.kind for each in (*seeds(LIST), *seeds(LIST[:-3] + "?x=1"), *seeds(PART.place))] == [
        PATHS, PATHS, REMOTE,
    ]  # fmt: skip
    assert seeds("s3://bucket/a.warc.gz") == seeds("http://") == ()
    assert [remote.is_address(each) for each in (LIST, "a.warc", "/x/a.warc")] == [True, False, False]


@given(st.binary(max_size=300))
def test_whatever_a_list_is_it_ends_in_a_step_or_an_error(body: bytes) -> None:
    try:
        step = read(Next(LIST, PATHS), body, {}, LIST, Wanted(since=NOW), NOW)
    except ParseError:
        return
    assert all(each.url.startswith("http") for each in step.following)


# --- pieces ---------------------------------------------------------------------------------------------------------


def decided(part: Part, came: Came, error: Any = None) -> Arrival:
    return decide_arrival(part, came, error, NOW)


def test_piece_after_piece() -> None:
    assert decided(PART, Came(300, replace(PIECE, first=0))) == Arrival(
        position="300", size=1000, validators=MINE, detail="300 of 1,000 bytes have come"
    )
    whole = decided(BEGUN, Came(1000, replace(PIECE, end=1000)))
    assert (whole.is_here, whole.position, whole.size) == (True, None, 1000)
    assert decided(PART, Came(77, replace(WHOLE, end=None, total=None))).size == 77


def test_a_cut_piece_is_a_smaller_one_and_a_cut_whole_a_failure() -> None:
    some = decided(BEGUN, Came(120, PIECE), CUT)
    assert (some.position, some.attempts, some.due_at) == ("120", 0, None)
    none = decided(BEGUN, Came(100, PIECE), CUT)
    assert (none.position, none.attempts, none.reason) == ("100", 1, Reason.CUT_SHORT)
    whole = decided(BEGUN, Came(900, WHOLE), CUT)
    assert (whole.position, whole.attempts, whole.reason) == ("900", 1, Reason.CUT_SHORT)
    assert whole.due_at is not None
    assert whole.due_at > NOW


def test_a_failure_keeps_what_is_here() -> None:
    gone = decided(replace(BEGUN, trail="2"), Came(100), Refused(PART.place, Reason.FORBIDDEN, status=403))
    assert (gone.position, gone.size, gone.validators, gone.restarts) == ("100", 1000, MINE, 2)
    offline = decide_arrival(BEGUN, Came(100), CUT, NOW, network_works=False)
    assert (offline.state, offline.attempts, offline.reason) == (PartState.WAITING, 0, Reason.OFFLINE)


def test_what_changes_begins_anew_so_often_and_no_more() -> None:
    assert decided(BEGUN, Came(100, is_other=True)).restarts == 1
    beyond = Refused(PART.place, Reason.CLIENT_ERROR, status=416)
    assert decided(replace(BEGUN, trail="1"), Came(100), beyond) == replace(
        decided(BEGUN, Came(100, is_other=True)), restarts=2
    )
    given_up = decided(replace(BEGUN, trail="2"), Came(100, is_other=True))
    assert (given_up.state, given_up.restarts, given_up.position) == (PartState.FAILED, 0, None)
    assert decided(PART, Came(0), beyond).state is PartState.FAILED  # a server that knows no first byte either


def test_the_same_is_told_by_size_and_validators() -> None:
    assert is_same(BEGUN, 100, PIECE)
    assert is_same(BEGUN, 100, replace(WHOLE, validators=Validators('"other"')))  # from its beginning
    assert is_same(BEGUN, 0, replace(PIECE, total=7))  # nothing is here
    for other in (replace(PIECE, total=999), replace(PIECE, validators=Validators('"other"'))):
        assert not is_same(BEGUN, 100, other)


def test_what_is_asked_for_next() -> None:
    assert (next_span(PART, 0).first, next_span(PART, 0).count) == (0, PIECE_BYTES)
    assert (next_span(BEGUN, 100).count, next_span(BEGUN, 100).validators) == (900, MINE)
    assert next_span(replace(BEGUN, size=10 * PIECE_BYTES), 100).count == PIECE_BYTES
    assert next_span(BEGUN, 1000).count == PIECE_BYTES  # a server that first said less


def test_there_is_room_for_so_many() -> None:
    assert has_room(PART, 1, 2)
    assert not has_room(PART, 1, 3)
    assert has_room(BEGUN, 1, 3)
    assert not has_room(BEGUN, arrival.MAX_UNREAD, 1)
    assert timedelta(days=1) < remote.LASTS
