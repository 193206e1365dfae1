"""Reading in killable worker processes: a page that hangs, crashes or swallows memory costs one worker, not us."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, wait
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from ingest.backfill.archived import Chunk
from ingest.backfill.request import Part
from ingest.backfill.step import Step
from ingest.discover import PageLinks
from ingest.errors import DatelineError, ParseError
from ingest.model import Explanation, Page, ParsedFeed, Reading, Reason

P = ParamSpec("P")
T = TypeVar("T")

# A worker is replaced after so many documents, whatever its libraries may have kept.
DOCUMENTS_PER_WORKER = 5_000
FILE_TIMEOUT_S = 600.0  # a file that is compressed as a whole is unpacked up to its place: 50 MB a second
START_S = 10.0  # until the first worker is there, at most
# What the server that forks the workers loads once for all of them; the last is for those that read pages.
PRELOAD = ("jobs.quiet", "jobs.extractor", "jobs.preload")


class Extractor:
    """A pool of worker processes that parse feeds and read pages.

    `timeout_s`: wall seconds for one document, then its worker is killed. `memory_bytes`: of private memory for one
    worker. `reads_pages`: False saves the memory of what that takes. Use it as an async context manager, or call
    `start` and `stop`.
    """

    def __init__(self, workers: int, timeout_s: float, memory_bytes: int, *, reads_pages: bool = True) -> None:
        self._preload = list(PRELOAD if reads_pages else PRELOAD[:-1])
        self.workers = workers
        self.timeout_s = timeout_s
        self._memory_bytes = memory_bytes
        self._pool: ProcessPool | None = None
        self._begun: Future[None] = Future()

    def start(self) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(self._preload)
        self._pool = ProcessPool(
            max_workers=self.workers,
            max_tasks=DOCUMENTS_PER_WORKER,
            initializer=_prepare_worker,
            initargs=(self._memory_bytes,),
            context=context,
        )
        # The processes would start with the first document, and hold up whoever hands it in for a second or two.
        self._begun = self._pool.submit(_begin, None)

    @property
    def is_started(self) -> bool:
        return self._pool is not None

    def stop(self) -> None:
        """End the workers; documents in hand are given up."""
        if self._pool is not None:
            wait((self._begun,), START_S)  # a worker that is being started would miss what we take away
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None

    async def __aenter__(self) -> Extractor:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)

    async def read_page(self, page: Page, now: datetime) -> Reading:
        """What we read in a page. Raises ParseError, whatever the page does."""
        return await _answer(self.submit_page(page, now), self.timeout_s)

    async def read_to_store(self, page: Page, now: datetime) -> Reading:
        """The same, with the signature of its text. Raises ParseError, whatever the page does."""
        return await _answer(self._submit(_read_to_store, page, now), self.timeout_s)

    async def explain_page(self, page: Page, now: datetime) -> tuple[Reading, Explanation]:
        """What we read in a page, and how. Raises ParseError, whatever the page does."""
        return await _answer(self._submit(_explain_page, page, now), self.timeout_s)

    async def parse_feed(
        self, body: bytes, content_type: str | None, url: str, now: datetime, known: bytes | None = None
    ) -> ParsedFeed:
        """What a feed document states; `known`: see `sources.parse`. Raises ParseError, whatever the document does."""
        return await _answer(self._submit(_parse_feed, body, content_type, url, now, known), self.timeout_s)

    async def find_links(self, body: bytes, content_type: str | None, url: str) -> PageLinks:
        """What a page says of feeds. Raises ParseError, whatever the page does."""
        return await _answer(self._submit(_find_links, body, content_type, url), self.timeout_s)

    async def read_document(self, part: Part, body: bytes, headers: Mapping[str, str], url: str, now: datetime) -> Step:
        """What a document brings of the past. Raises ParseError, whatever the document does."""
        return await _answer(self._submit(_read_document, part, body, dict(headers), url, now), self.timeout_s)

    async def read_chunk(self, part: Part, position: str, max_pages: int | None = None) -> Chunk[int] | Chunk[str]:
        """The next pages of an archive. Raises ParseError, OSError."""
        return await self._look_in(_read_chunk, part, position, max_pages)

    async def survey_chunk(self, part: Part, position: str) -> tuple[list[tuple[datetime, str]], str | None]:
        """When the next pages of an archive were captured and their positions, and where to go on."""
        return await self._look_in(_survey_chunk, part, position)

    async def _look_in(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """In a file of any size, where the place to go on at may be far behind its beginning."""
        if self._pool is None:
            raise RuntimeError("the extractor is not started")
        timeout_s = max(self.timeout_s, FILE_TIMEOUT_S)
        return await _answer(self._pool.submit(work, timeout_s, *args, **kwargs), timeout_s)

    def submit_page(self, page: Page, now: datetime) -> Future[Reading]:
        """For callers without an event loop: begin to read a page; `result` waits for it."""
        return self._submit(_read_page, page, now)

    def result(self, future: Future[T]) -> T:
        """The answer to what was submitted. Raises ParseError."""
        with translated(self.timeout_s):
            return future.result()

    def _submit(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        if self._pool is None:
            raise RuntimeError("the extractor is not started")
        return self._pool.submit(work, self.timeout_s, *args, **kwargs)


async def _answer(future: Future[T], timeout_s: float) -> T:
    with translated(timeout_s):
        return await asyncio.wrap_future(future)


@contextmanager
def translated(timeout_s: float) -> Iterator[None]:
    """Whatever became of a worker, as a ParseError with its reason."""
    try:
        yield
    except FutureTimeout:
        raise ParseError(Reason.READ_TIMEOUT, f"stopped after {timeout_s:g} s") from None
    except ProcessExpired as error:
        raise ParseError(Reason.READ_CRASHED, f"the worker died: {_of_signal(error.exitcode)}") from None
    except MemoryError:
        raise ParseError(Reason.READ_CRASHED, "the worker ran out of its memory") from None
    except DatelineError:
        raise
    except Exception as error:  # a library's or our own mistake: stored, never fatal
        raise ParseError(Reason.READ_FAILED, f"{type(error).__name__}: {error}"[:300]) from error


def _of_signal(code: int) -> str:
    try:
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"
    except ValueError:
        return f"exit code {code}"


def _prepare_worker(memory_bytes: int) -> None:
    """Limit the worker's own memory: beyond it an allocation fails, and that document with it."""
    if sys.platform == "linux":  # elsewhere RLIMIT_DATA does not cover mapped memory
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides


def _begin() -> None:
    """What a worker does first: nothing."""


def _read_page(page: Page, now: datetime) -> Reading:
    from ingest.read import read_page

    return read_page(page, now)


def _read_to_store(page: Page, now: datetime) -> Reading:
    from ingest.near import signature

    reading = _read_page(page, now)
    return reading if reading.reason else replace(reading, signature=signature(reading.text, reading.title or ""))


def _explain_page(page: Page, now: datetime) -> tuple[Reading, Explanation]:
    from ingest.read import read_page

    explanation = Explanation()
    return read_page(page, now, explanation), explanation


def _parse_feed(
    body: bytes, content_type: str | None, url: str, now: datetime, known: bytes | None = None
) -> ParsedFeed:
    from ingest.sources import parse

    return parse(body, content_type, url, now, known)


def _read_document(part: Part, body: bytes, headers: Mapping[str, str], url: str, now: datetime) -> Step:
    from ingest.backfill.documents import read_document

    return read_document(part, body, headers, url, now)


def _read_chunk(part: Part, position: str, max_pages: int | None) -> Chunk[int] | Chunk[str]:
    from ingest.backfill.archives import read_chunk

    return read_chunk(part, position, max_pages)


def _survey_chunk(part: Part, position: str) -> tuple[list[tuple[datetime, str]], str | None]:
    from ingest.backfill.archives import survey_chunk

    return survey_chunk(part, position)


def _find_links(body: bytes, content_type: str | None, url: str) -> PageLinks:
    from ingest.discover import find_links

    return find_links(body, content_type, url)
