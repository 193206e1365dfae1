"""The pool of workers: whatever a page does to its worker is a reason, and the next page is read."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ParseError
from ingest.model import Page, Reason
from jobs.extractor import Extractor, _answer
from tests.eventually import eventually
from tests.jobs import misbehaving
from tests.site import article, rss

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
URL = "http://127.0.0.1/story"
PAGE = Page(URL, article("Breakwater to be rebuilt"), "text/html; charset=utf-8")


@pytest.fixture
def extractor() -> Iterator[Extractor]:
    pool = Extractor(workers=1, timeout_s=60, memory_bytes=500_000_000)
    pool.start()
    try:
        yield pool
    finally:
        pool.stop()


def title(extractor: Extractor) -> str | None:
    return extractor.result(extractor.submit_page(PAGE, NOW)).title


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_page_and_a_feed_are_read() -> None:
    async def both() -> tuple[str | None, int]:
        async with Extractor(2, 60, 1_000_000_000) as extractor:
            reading, feed = await asyncio.gather(
                extractor.read_page(PAGE, NOW), extractor.parse_feed(rss([URL]), "application/rss+xml", URL, NOW)
            )
        return reading.title, len(feed.entries)

    assert asyncio.run(both()) == ("Breakwater to be rebuilt", 1)


def test_items_that_are_known_are_left_out() -> None:
    async def twice() -> tuple[int, int]:
        async with Extractor(1, 60, 1_000_000_000) as extractor:
            first = await extractor.parse_feed(rss([URL]), "application/rss+xml", URL, NOW)
            again = await extractor.parse_feed(rss([URL]), "application/rss+xml", URL, NOW, first.item_hashes)
        return len(again.entries), again.skipped

    assert asyncio.run(twice()) == (0, 1)


def test_reading_happens_in_another_process(extractor: Extractor) -> None:
    assert extractor.result(extractor._submit(misbehaving.worker_pid)) != os.getpid()


@pytest.mark.parametrize(
    ("work", "reason", "detail"),
    [
        (misbehaving.die_by_signal, Reason.READ_CRASHED, "SIGKILL"),
        (misbehaving.die_quietly, Reason.READ_CRASHED, "exit code 7"),
        (misbehaving.swallow_memory, Reason.READ_CRASHED, "memory"),
        (misbehaving.recurse, Reason.READ_FAILED, "RecursionError"),
        (misbehaving.fail, Reason.READ_FAILED, "ValueError"),
        (misbehaving.answer_what_cannot_travel, Reason.READ_CRASHED, "exit code"),
    ],
)
def test_a_ruined_worker_is_a_reason_and_the_pool_goes_on(
    extractor: Extractor, work: Callable[[], Any], reason: Reason, detail: str
) -> None:
    with pytest.raises(ParseError, match=detail) as caught:
        extractor.result(extractor._submit(work))
    assert caught.value.reason is reason
    assert title(extractor) == "Breakwater to be rebuilt"


def test_a_page_that_hangs_is_stopped_and_the_pool_goes_on(tmp_path: Path) -> None:
    note = tmp_path / "pid"

    async def hang() -> int:
        """As the daemon waits for it: without blocking its event loop."""
        async with Extractor(1, 2, 500_000_000) as extractor:
            with pytest.raises(ParseError, match="stopped after 2 s") as caught:
                await _answer(extractor._submit(misbehaving.hang, str(note)), extractor.timeout_s)
            assert caught.value.reason is Reason.READ_TIMEOUT
            return await _answer(extractor._submit(misbehaving.worker_pid), extractor.timeout_s)

    hung = asyncio.run(hang()), int(note.read_text())
    assert len(set(hung)) == 2
    eventually(lambda: not lives(hung[1]), "the end of the worker that hung")


def test_a_crash_takes_no_neighbour_with_it() -> None:
    extractor = Extractor(workers=2, timeout_s=60, memory_bytes=500_000_000)
    extractor.start()
    try:
        futures = []
        for _ in range(4):
            futures += [extractor.submit_page(PAGE, NOW), extractor._submit(misbehaving.die_quietly)]
        assert [extractor.result(future).title for future in futures[::2]] == ["Breakwater to be rebuilt"] * 4
        for future in futures[1::2]:
            with pytest.raises(ParseError):
                extractor.result(future)
    finally:
        extractor.stop()


def test_no_worker_is_left_over(extractor: Extractor, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    extractor._submit(misbehaving.hang, str(note))
    eventually(lambda: note.exists() and note.read_text(), "a worker that hangs")
    pid = int(note.read_text())
    assert lives(pid)
    extractor.stop()
    eventually(lambda: not lives(pid), "the end of the worker")


def test_a_stopped_pool_takes_no_work(extractor: Extractor) -> None:
    extractor.stop()
    extractor.stop()
    with pytest.raises(RuntimeError):
        extractor.submit_page(PAGE, NOW)
