"""Parts of files: what is asked for, what an answer says that it brings, and who gets the bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import FetchError, ParseError
from ingest.fetch import Fetcher, Limits
from ingest.model import Reason, Validators
from ingest.ranges import Ranged, Span, Stated, range_headers, read_stated, read_validators
from tests.shelf import Shelf

NOW = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
QUICK = Limits(connect_s=2, first_byte_s=2, total_s=10, max_bytes=2_000_000)
DATA = bytes(range(256)) * 400
DATE, LATER = "Tue, 03 Nov 2026 09:00:00 GMT", "Tue, 03 Nov 2026 09:00:01 GMT"


class Taken:
    """A sink that keeps all."""

    def __init__(self, *, wants: bool = True) -> None:
        self.wants = wants
        self.stated: list[Stated] = []
        self.data = bytearray()

    def begin(self, stated: Stated) -> bool:
        self.stated.append(stated)
        return self.wants

    def take(self, piece: bytes) -> None:
        self.data += piece


def fetch(
    span: Span, prepare: Callable[[Shelf], Any] = lambda shelf: None, limits: Limits = QUICK, **options: Any
) -> tuple[Taken, int | FetchError, Shelf]:
    """(what was taken, the status or the error, the server)."""

    async def run() -> tuple[Taken, int | FetchError, Shelf]:
        taken = Taken(wants=options.pop("wants", True))
        async with Shelf() as shelf, Fetcher(user_agent="us", allow_private=("127.0.0.0/8",)) as fetcher:
            url = shelf.put("/a", DATA)
            prepare(shelf)
            try:
                answer = await fetcher.get(url, now=NOW, limits=limits, ranged=Ranged(span, taken), **options)
            except FetchError as error:
                return taken, error, shelf
            assert answer.body == b""
            return taken, answer.status, shelf

    return asyncio.run(run())


def reason(outcome: int | FetchError) -> Reason:
    assert isinstance(outcome, FetchError)
    return outcome.reason


# --- what comes -----------------------------------------------------------------------------------------------------


def test_a_part_of_a_file_comes_and_nothing_else() -> None:
    taken, status, shelf = fetch(Span(1000, 500))
    assert (taken.data, status) == (DATA[1000:1500], 206)
    (stated,) = taken.stated
    assert (stated.first, stated.end, stated.total, stated.is_whole) == (1000, 1500, len(DATA), False)
    assert shelf.requests[0].headers["accept-encoding"] == "identity"
    assert stated.validators == Validators(shelf.tag(DATA), shelf.modified)


def test_the_last_part_is_as_long_as_there_is() -> None:
    taken, status, _ = fetch(Span(len(DATA) - 10, 500))
    assert (taken.data, status) == (DATA[-10:], 206)


def test_a_server_without_ranges_sends_the_whole_and_says_so() -> None:
    taken, status, _ = fetch(Span(1000, 500), lambda shelf: setattr(shelf, "has_ranges", False))
    assert (taken.data, status) == (DATA, 200)
    assert taken.stated[0].is_whole


def test_of_another_file_than_the_one_begun_the_whole_comes() -> None:
    taken, status, shelf = fetch(Span(1000, 500, Validators('"old"')))
    assert (taken.data, status) == (DATA, 200)
    assert shelf.requests[0].headers["if-range"] == '"old"'


def test_behind_the_end_there_is_nothing() -> None:
    _, error, _ = fetch(Span(len(DATA), 500))
    assert isinstance(error, FetchError)
    assert error.status == 416


def test_what_is_known_is_not_sent() -> None:
    tag = Shelf().tag(DATA)
    taken, status, _ = fetch(Span(0, 500), validators=Validators(tag))
    assert (taken.data, taken.stated, status) == (b"", [], 304)


def test_who_takes_the_bytes_may_decline() -> None:
    taken, status, _ = fetch(Span(0, len(DATA)), wants=False)
    assert (taken.data, status) == (b"", 206)


# --- what goes wrong ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("has_ranges", [True, False])
def test_what_came_before_a_cut_has_been_taken(has_ranges: bool) -> None:
    def prepare(shelf: Shelf) -> None:
        shelf.has_ranges, shelf.cuts = has_ranges, [700]

    taken, error, _ = fetch(Span(0, 5000), prepare)
    assert taken.data == DATA[:700]
    assert reason(error) is Reason.CUT_SHORT


def test_a_file_beyond_the_limit_is_not_begun() -> None:
    for has_ranges in (True, False):
        small = replace(QUICK, max_bytes=1000)
        taken, error, _ = fetch(Span(0, 500), lambda shelf, has=has_ranges: setattr(shelf, "has_ranges", has), small)
        assert (reason(error), taken.stated) == (Reason.TOO_LARGE, [])


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (206, ("Content-Range: bytes 0-9/100", "Content-Length: 20"), Reason.BAD_RESPONSE),  # more than it says
        (206, ("Content-Range: bytes 0-9/100", "Content-Length: 5"), Reason.CUT_SHORT),  # less
        (206, ("Content-Range: bytes 5-14/100",), Reason.BAD_RESPONSE),
        (206, ("Content-Range: bytes 0-99/100",), Reason.BAD_RESPONSE),
        (206, ("Content-Range: bytes 0-9/*",), Reason.BAD_RESPONSE),
        (206, ("Content-Range: bytes 9-0/100",), Reason.BAD_RESPONSE),
        (206, ("Content-Range: bytes 0-9/9",), Reason.BAD_RESPONSE),
        (206, ("Content-Type: multipart/byteranges; boundary=x",), Reason.BAD_RESPONSE),
        (206, ("Content-Range: bytes 0-9/100", "Content-Encoding: gzip"), Reason.BAD_ENCODING),
        (204, (), Reason.BAD_STATUS),
        (200, ("Content-Length: 20", "Content-Encoding: br"), Reason.BAD_ENCODING),
        (503, ("Retry-After: 7", "Content-Length: 0"), Reason.UNAVAILABLE),
    ],
)
def test_answers_that_cannot_be_used(status: int, headers: tuple[str, ...], expected: Reason) -> None:
    class Odd(Shelf):
        async def _respond(self, exchange: Any) -> None:
            await exchange.start(*headers, status=status)
            await exchange.write(b"x" * (5 if "Content-Length: 5" in headers else 20) if status != 204 else b"")

    async def run() -> tuple[Taken, FetchError]:
        taken = Taken()
        async with Odd() as shelf, Fetcher(user_agent="us", allow_private=("127.0.0.0/8",)) as fetcher:
            with pytest.raises(FetchError) as caught:
                await fetcher.get(shelf.url("/a"), now=NOW, limits=QUICK, ranged=Ranged(Span(0, 10), taken))
            return taken, caught.value

    taken, error = asyncio.run(run())
    assert error.reason is expected
    assert len(taken.data) <= 10


# --- what is asked --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("validators", "sent"),
    [
        (Validators('"a"', DATE), '"a"'),
        (Validators('W/"a"', DATE), None),  # a date is for files that have no ETag
        (Validators(None, DATE), DATE),
        (Validators('"a\n"'), None),
        (Validators(), None),
    ],
)
def test_only_what_is_strong_is_asked_with(validators: Validators, sent: str | None) -> None:
    assert range_headers(Span(5, 10, validators)).get("If-Range") == sent
    assert "If-Range" not in range_headers(Span(0, 10, validators))


def test_a_date_is_strong_once_it_is_a_second_old() -> None:
    assert read_validators({"last-modified": DATE, "date": LATER}) == Validators(None, DATE)
    for date in (DATE, "", "soon"):
        assert read_validators({"last-modified": DATE, "date": date, "etag": '"a"'}) == Validators('"a"')


@given(st.text(max_size=60), st.sampled_from([200, 206, 226]), st.integers(0, 99), st.integers(1, 99))
def test_whatever_an_answer_says_ends_in_a_statement_or_an_error(said: str, status: int, first: int, n: int) -> None:
    span = Span(first, n)
    try:
        stated = read_stated(span, status, {"content-range": said, "content-encoding": ""}, None)
    except ParseError:
        return
    assert stated.is_whole or (stated.first == first and first < (stated.end or 0) <= first + n)
