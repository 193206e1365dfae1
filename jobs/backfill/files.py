"""Looking in the files of backfills: archives of pages, and lists of addresses. No host is asked or waited for.

    read a chunk in a worker → leave out what is known → read its pages in workers → store them, with the position,
    in one transaction

While the pages of one chunk are read, the next chunk is: the workers never wait for this process. Stop it anywhere:
what is stored is stored with how far the file has been read, and the rest is read again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from ingest.archive import Archive, copy_member
from ingest.backfill.archived import ArchivedPage, Chunk
from ingest.backfill.archives import WARC
from ingest.backfill.request import Looked, Part, PartState, choose_evenly
from ingest.backfill.urls import UrlList
from ingest.errors import Busy, DatelineError, ParseError
from ingest.model import Archived, Entry, Fetched, Page, ParsedEntry, Reading, ReadOutcome, Reason, Response
from ingest.settle import decide_kept
from ingest.urls import host_of
from jobs.app import App
from jobs.backfill import incoming
from jobs.backfill.leftovers import tidy
from jobs.logs import log
from storage import backfill_arrivals, backfill_results, backfills, boilerplate, entries
from storage.backfill_results import KNOWN, STORED, PageRead

AHEAD = 2  # chunks whose pages are being read while the next is looked for
IDLE_S = 2.0  # between two looks for files
URLS = "urls"


async def work_on_files(app: App, only: int | None = None) -> None:
    """Look in the files that backfills name, several side by side, until the program is told to stop.

    `only`: of that backfill, until none is left.
    """
    busy: dict[asyncio.Task[None], int] = {}
    try:
        while not app.stopping.is_set():
            await tidy(app, list(busy.values()))  # a backfill may have been cancelled meanwhile
            await _begin_more(app, only, busy)
            if not busy and only is not None:
                return
            await _wait(app, busy)
    finally:
        for task in busy:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*busy, return_exceptions=True)


async def _begin_more(app: App, only: int | None, busy: dict[asyncio.Task[None], int]) -> None:
    for task in [task for task in busy if task.done()]:
        del busy[task]
    # Beside a daemon one at a time: what is new must not wait for workers.
    while len(busy) < (1 if only is None else app.extractor.workers):
        try:
            part = await app.read(backfills.load_file, only, list(busy.values()))
        except Busy as error:
            log.warning("database_busy", error=str(error))
            return
        if part is None:
            return
        busy[asyncio.create_task(_look_in(app, part), name=f"file {part.place}")] = part.id


async def _wait(app: App, busy: Mapping[asyncio.Task[None], int]) -> None:
    stopping = asyncio.create_task(app.stopping.wait())
    try:
        await asyncio.wait((stopping, *busy), timeout=IDLE_S, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()


async def _look_in(app: App, part: Part) -> None:
    """One file, to its end. Whatever goes wrong is recorded with it."""
    file = incoming.as_file(app.settings, part)
    if file is not part and not await asyncio.to_thread(Path(file.place).exists):
        await app.write(backfill_arrivals.ask_again, part, app.clock())
        return
    try:
        await (_read_list(app, file) if file.kind == URLS else _File(app, file).read())
    except (DatelineError, OSError) as error:
        reason = error.reason if isinstance(error, ParseError) else Reason.READ_FAILED
        await _fail(app, part, reason, str(error))
    except Exception as error:  # a mistake of ours: the other files go on
        log.error("file_failed", file=part.place, error=f"{type(error).__name__}: {error}", exc_info=True)
        await _fail(app, part, Reason.READ_FAILED, f"{type(error).__name__}: {error}")
    if file is not part:
        await tidy(app)


async def _fail(app: App, part: Part, reason: Reason, detail: str) -> None:
    log.warning("part_failed", file=part.place, reason=str(reason), detail=detail)
    looked = Looked(PartState.FAILED, part.position, reason=reason, detail=detail[:300])
    await app.write(backfill_results.record_look, part, looked, app.clock())


async def _read_list(app: App, part: Part) -> None:
    """A list of addresses: each portion is stored with how far it goes."""
    with Path(part.place).open("rb") as file:
        addresses = await asyncio.to_thread(UrlList, file, int(part.position or 0))
        is_read = False
        while not is_read and not app.stopping.is_set():
            chunk = await asyncio.to_thread(addresses.read_chunk, part.wanted)
            is_read = chunk.position is None
            bad = tuple((f"line {each.line}", f"{each.reason}: {each.detail or each.text}") for each in chunk.bad)
            read = part.size or 0 if chunk.position is None else chunk.position
            looked = Looked(_state(chunk.position), _stated(chunk.position), read, chunk.lines, chunk.left_out, bad)
            new = await app.write(backfill_results.record_addresses, part, chunk.entries, looked, app.clock())
            app.statistics.count("addresses_found", new)


def _state(position: int | str | None) -> PartState:
    return PartState.DONE if position is None else PartState.WAITING


def _stated(position: int | str | None) -> str | None:
    return None if position is None else str(position)


@dataclass(frozen=True, slots=True)
class _Portion:
    """A chunk of an archive, whose pages are being read. `position`: where to go on once they are stored."""

    chunk: Chunk[int] | Chunk[str]
    position: str | None
    reading: Sequence[tuple[ArchivedPage, asyncio.Task[Reading]]]
    blocks: Mapping[str, frozenset[int]]


class _File:
    """One archive of pages."""

    def __init__(self, app: App, part: Part) -> None:
        self._app, self._part = app, part
        self._in_hand: deque[_Portion] = deque()

    async def read(self) -> None:
        try:
            await (self._read_all() if self._part.sample is None else self._read_sample())
        finally:
            for portion in self._in_hand:
                for _, task in portion.reading:
                    task.cancel()

    async def _read_all(self) -> None:
        position: int | str | None = self._part.position or ""
        while position is not None and not self._app.stopping.is_set():
            chunk = await self._app.extractor.read_chunk(self._part, str(position))
            position = chunk.position
            self._in_hand.append(await self._begin(chunk, _stated(position)))
            while len(self._in_hand) > AHEAD:
                await self._store_next()
        while self._in_hand and not self._app.stopping.is_set():
            await self._store_next()

    async def _read_sample(self) -> None:
        """First which pages there are, then those of them that are evenly spread over their time."""
        places = await self._survey()
        if places is None:
            return
        share = await self._app.read(backfills.share_of_sample, self._part)
        chosen = choose_evenly([(at, number) for number, (at, _) in enumerate(places)], share)
        for number in chosen:
            if self._app.stopping.is_set():
                return
            chunk = await self._app.extractor.read_chunk(self._part, places[number][1], max_pages=1)
            # The survey has counted what is in the file, and only once all are read is it done.
            self._in_hand.append(await self._begin(replace(chunk, records=0, left_out={}, broken=()), ""))
            while len(self._in_hand) > AHEAD:
                await self._store_next()
        while self._in_hand:
            await self._store_next()
        left = {"not sampled": len(places) - len(chosen)}
        looked = Looked(PartState.DONE, None, self._part.size or 0, len(places), left)
        await self._app.write(backfill_results.record_look, self._part, looked, self._app.clock())

    async def _survey(self) -> list[tuple[datetime, str]] | None:
        """When each page was captured, and its position; None where the program was told to stop."""
        places: list[tuple[datetime, str]] = []
        position: str | None = ""
        while position is not None:
            if self._app.stopping.is_set():
                return None
            found, position = await self._app.extractor.survey_chunk(self._part, position)
            places += found
        return places

    async def _begin(self, chunk: Chunk[int] | Chunk[str], position: str | None) -> _Portion:
        """Have the pages read that are not known yet."""
        app = self._app
        known = await app.read(entries.known_addresses, [page.url for page in chunk.pages])
        pages = [page for page in chunk.pages if page.url not in known]
        hosts = {host_of(page.url) for page in pages}
        blocks = {host: await app.read(boilerplate.load, host) for host in hosts}
        app.statistics.count("pages_known", len(chunk.pages) - len(pages))
        chunk = replace(chunk, left_out={**chunk.left_out, "known": len(chunk.pages) - len(pages)})
        reading = [(page, asyncio.create_task(self._read(page, blocks[host_of(page.url)]))) for page in pages]
        return _Portion(chunk, position, reading, blocks)

    async def _read(self, page: ArchivedPage, blocks: frozenset[int]) -> Reading:
        """Read a page. Raises ParseError."""
        wanted = Page(
            url=page.url,
            body=page.body,
            content_type=page.headers.get("content-type"),
            final_url=page.url,
            boilerplate=blocks,
        )
        try:
            return await self._app.extractor.read_to_store(wanted, page.fetched_at)
        except ParseError as error:
            if error.reason is not Reason.READ_CRASHED:
                raise
        # A worker may die of its neighbour's page: once more.
        return await self._app.extractor.read_to_store(wanted, page.fetched_at)

    async def _store_next(self) -> None:
        app, portion = self._app, self._in_hand[0]
        results = await asyncio.gather(*(task for _, task in portion.reading), return_exceptions=True)
        now = app.clock()
        read = [
            await self._result(page, result, now) for (page, _), result in zip(portion.reading, results, strict=True)
        ]
        chunk = portion.chunk
        looked = Looked(
            _state(portion.position),
            portion.position,
            chunk.read_bytes,
            chunk.records,
            chunk.left_out,
            _broken(chunk),
        )
        counts = await app.write(
            backfill_results.record_pages, self._part, read, looked, now, app.memory, portion.blocks
        )
        self._in_hand.popleft()
        app.statistics.count("articles_stored", counts[STORED])
        app.statistics.count("pages_failed", counts.total() - counts[STORED] - counts[KNOWN])

    async def _result(self, page: ArchivedPage, result: Reading | BaseException, now: datetime) -> PageRead:
        """What became of a page. One that is stored goes into our own archive, too: its file may be gone tomorrow."""
        if isinstance(result, BaseException) and not isinstance(result, ParseError):
            raise result
        fetched = Fetched(
            at=now,
            seconds=0.0,
            final_url=page.url,
            status=page.status,
            content_type=page.headers.get("content-type"),
            wire_bytes=len(page.body),
            archived=await self._keep(page) if not isinstance(result, ParseError) and result.reason is None else None,
            captured_at=page.fetched_at,
        )
        said = ParsedEntry(entry_id=page.url, url=page.url)
        signature = None if isinstance(result, ParseError) else result.signature
        return PageRead(said, page.fetched_at, partial(_decide, fetched, result, self._part), signature)

    async def _keep(self, page: ArchivedPage) -> Archived | None:
        archive = self._app.archive
        return None if archive is None else await asyncio.to_thread(_copy, archive, self._part, page, self._app.clock())


def _copy(archive: Archive, part: Part, page: ArchivedPage, now: datetime) -> Archived:
    """A page goes into our own archive as it lies in its file, where it can; packing it again costs as much as a page
    costs to store.
    """
    is_record = part.kind == WARC and page.is_answer
    member = copy_member(Path(part.place), page.offset, page.length) if is_record else None
    if member is not None:
        return archive.append_member(member, now)
    response = Response(page.url, page.url, page.status, dict(page.headers), page.body, page.body)
    return archive.append(response, page.fetched_at, now)


def _decide(fetched: Fetched, result: Reading | ParseError, part: Part, entry: Entry) -> ReadOutcome:
    return decide_kept(entry, fetched, result, part.wanted)


def _broken(chunk: Chunk[int] | Chunk[str]) -> tuple[tuple[str, str], ...]:
    named = tuple((str(place), what) for place, what in chunk.broken)
    more = chunk.broken_count - len(named)
    return (*named, ("", f"and {more} more")) if more > 0 else named
