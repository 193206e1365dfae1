"""Archives that come from a server piece by piece, visit by visit, whatever the server and the disk do meanwhile."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from ingest.backfill import arrival
from ingest.backfill.request import Looked, PartState, Source
from jobs.app import App
from jobs.backfill import incoming
from jobs.backfill.files import work_on_files
from jobs.backfill.leftovers import tidy
from jobs.commands import backfill as command
from jobs.commands.backfill import Asked
from jobs.config import load_config
from jobs.extractor import Extractor
from jobs.network import Network
from jobs.outgoing import open_fetcher
from jobs.visit import visit
from storage import backfill_results, backfills, tables
from storage.engine import Database
from storage.writer import Writer
from tests.clock import START, Clock
from tests.program import write_config
from tests.shelf import Shelf

DATA = bytes(range(256)) * 40
PARTS = tables.backfill_parts


@dataclass
class Yard:
    """A server, and a program without workers that fetches from it."""

    shelf: Shelf
    app: App
    clock: Clock
    number: int = 0

    async def ask(self, *places: str, sample: int | None = None) -> None:
        request, seeds = command.plan(self.app.settings, Asked(Source.WARC, places), self.clock(), "")
        self.number, _ = await self.app.write(backfills.begin, replace(request, sample=sample), seeds, self.clock())

    async def visit(self) -> None:
        """All that is due on the server."""
        await visit(self.app, self.shelf.host, only=self.number)

    async def parts(self) -> list[Any]:
        return await self.app.read(lambda connection: list(connection.execute(select(PARTS).order_by(PARTS.c.id))))

    async def part(self) -> Any:
        return (await self.parts())[0]

    def files(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.folder.glob("*"))]

    @property
    def folder(self) -> Path:
        return self.app.settings.archive_directory / "incoming"

    async def read_one(self) -> None:
        """As whoever reads files does, at the end of one."""
        part = await self.app.read(backfills.load_file, self.number, [])
        assert part is not None
        assert Path(incoming.as_file(self.app.settings, part).place).exists()
        await self.app.write(backfill_results.record_look, part, Looked(PartState.DONE), self.clock())
        await tidy(self.app)


Play = Callable[[Callable[[Yard], Any]], None]


@pytest.fixture
def play(tmp_path: Path, migrated_file: Path, clock: Clock) -> Play:
    shutil.copy(migrated_file, tmp_path / "dateline.db")
    config = write_config(tmp_path, archive={"enabled": False})

    @asynccontextmanager
    async def yard() -> AsyncIterator[Yard]:
        settings = load_config(config)
        with closing(Database(settings.database)) as database, closing(Writer(database)) as writer:
            async with Shelf(host="127.0.13.3") as shelf, open_fetcher(settings) as fetcher:
                app = App(
                    settings, clock, database, writer, fetcher, Extractor(1, 1.0, 1), Network(fetcher), None, "test"
                )
                yield Yard(shelf, app, clock)

    def run(story: Callable[[Yard], Any]) -> None:
        async def told() -> None:
            async with yard() as opened:
                await story(opened)

        asyncio.run(told())

    return run


def here(row: Any) -> bool:
    return row.host is None and row.state == "waiting" and row.position is None and row.size == len(DATA)


# --- coming ---------------------------------------------------------------------------------------------------------


def test_it_becomes_a_file_is_read_and_goes(play: Play) -> None:
    async def story(yard: Yard) -> None:
        await yard.ask(yard.shelf.put("/a.warc", DATA))
        await yard.visit()
        assert here(await yard.part())
        assert yard.files() == [DATA]
        await yard.read_one()
        row = await yard.part()
        assert (row.state, row.host, row.position, yard.files()) == ("done", yard.shelf.host, None, [])
        # The same is asked for again: nothing has changed, and nothing comes.
        assert await yard.app.write(backfill_results.finish, yard.number, yard.clock())
        await yard.ask(yard.shelf.url("/a.warc"))
        await yard.visit()
        assert dict(yard.shelf.statuses) == {206: 1, 304: 1}
        assert ((await yard.part()).state, yard.files()) == ("done", [])

    play(story)


def test_a_server_that_gives_nothing_to_know_a_file_by_is_asked_for_its_size(play: Play) -> None:
    async def story(yard: Yard) -> None:
        yard.shelf.tag, yard.shelf.modified = (lambda data: None), None
        for was_read in (False, True):
            await yard.ask(yard.shelf.put("/a.warc", DATA))
            await yard.visit()
            if not was_read:
                await yard.read_one()
            assert await yard.app.write(backfill_results.finish, yard.number, yard.clock())
            assert yard.files() == []
        assert dict(yard.shelf.statuses) == {206: 2}
        yard.shelf.put("/a.warc", DATA[:7])
        await yard.ask(yard.shelf.url("/a.warc"))
        await yard.visit()
        assert yard.files() == [DATA[:7]]

    play(story)


def test_a_line_that_is_cut_costs_no_byte(play: Play) -> None:
    async def story(yard: Yard) -> None:
        yard.shelf.cuts = [700, 1, 5000]
        await yard.ask(yard.shelf.put("/a.warc", DATA))
        await yard.visit()
        assert here(await yard.part())
        assert yard.files() == [DATA]
        assert yard.shelf.sent("/a.warc") == [(0, 700), (700, 701), (701, 5701), (5701, len(DATA))]

    play(story)


def test_where_nothing_comes_it_is_tried_again_later(play: Play) -> None:
    async def story(yard: Yard) -> None:
        yard.shelf.cuts = [700, 0]
        await yard.ask(yard.shelf.put("/a.warc", DATA))
        await yard.visit()
        row = await yard.part()
        assert (row.state, row.position, row.attempts, row.reason) == ("waiting", "700", 1, "cut_short")
        assert row.due_at > yard.clock()
        yard.clock.advance(minutes=6)
        await yard.visit()
        row = await yard.part()
        assert here(row)
        assert (row.attempts, row.reason) == (0, None)

    play(story)


def test_a_server_without_ranges_gives_the_whole_at_once_or_fails(play: Play) -> None:
    async def story(yard: Yard) -> None:
        yard.shelf.has_ranges, yard.shelf.cuts = False, [700]
        await yard.ask(yard.shelf.put("/a.warc", DATA))
        await yard.visit()
        row = await yard.part()
        assert (row.state, row.position, row.attempts, row.reason) == ("waiting", "700", 1, "cut_short")
        yard.clock.advance(minutes=6)
        await yard.visit()
        assert here(await yard.part())
        assert yard.files() == [DATA]
        assert yard.shelf.sent("/a.warc") == [(0, 700), (0, len(DATA))]

    play(story)


@pytest.mark.parametrize("tag", [lambda data: f'"{len(data)}"', lambda data: f'W/"{len(data)}"', lambda data: None])
def test_a_file_that_changes_begins_anew(play: Play, tag: Callable[[bytes], str | None]) -> None:
    async def story(yard: Yard) -> None:
        yard.shelf.tag, yard.shelf.cuts = tag, [700]
        yard.shelf.before[2] = lambda: yard.shelf.put("/a.warc", DATA[::-1] + b"and more")
        await yard.ask(yard.shelf.put("/a.warc", DATA))
        await yard.visit()
        assert (await yard.part()).host is None
        assert yard.files() == [DATA[::-1] + b"and more"]

    play(story)


def test_a_file_that_shrinks_begins_anew(play: Play) -> None:
    async def story(yard: Yard) -> None:
        yard.shelf.cuts = [700]
        yard.shelf.tag, yard.shelf.modified = (lambda data: None), None
        yard.shelf.before[2] = lambda: yard.shelf.put("/a.warc", b"short")
        await yard.ask(yard.shelf.put("/a.warc", DATA))
        await yard.visit()
        assert yard.files() == [b"short"]
        assert yard.shelf.statuses[416] == 1

    play(story)


def test_a_file_that_never_stays_the_same_is_given_up(play: Play) -> None:
    async def story(yard: Yard) -> None:
        tags = iter(range(100))
        yard.shelf.tag, yard.shelf.cuts = (lambda data: f'W/"{next(tags)}"'), [700] * 20
        await yard.ask(yard.shelf.put("/a.warc", DATA))
        await yard.visit()
        row = await yard.part()
        assert (row.state, row.reason) == ("failed", "bad_response")
        assert len(yard.shelf.sent("/a.warc")) == 2 * arrival.MAX_RESTARTS

    play(story)


# --- stopped --------------------------------------------------------------------------------------------------------


def test_what_was_written_and_not_recorded_is_written_again(play: Play) -> None:
    """As after kill -9 between the disk and the database, and after somebody cleared the disk."""

    async def story(yard: Yard) -> None:
        yard.shelf.cuts = [700]
        yard.shelf.before[2] = yard.app.stopping.set
        await yard.ask(yard.shelf.put("/a.warc", DATA))
        yard.shelf.cuts += [50, 800, 100]
        await yard.visit()
        assert (await yard.part()).position == "750"
        (path,) = yard.folder.iterdir()
        path.write_bytes(path.read_bytes() + b"of a piece that was in hand")
        yard.app.stopping.clear()
        yard.shelf.before[3] = yard.app.stopping.set
        await yard.visit()
        assert yard.files() == [DATA[:1550]]
        path.write_bytes(DATA[:300])
        yard.app.stopping.clear()
        await yard.visit()
        assert yard.files() == [DATA]
        assert here(await yard.part())
        assert yard.shelf.sent("/a.warc") == [
            (0, 700), (700, 750), (750, 1550), (300, 400), (400, len(DATA)),
        ]  # fmt: skip

    play(story)


def test_one_that_ended_before_its_file_was_deleted_is_tidied_up(play: Play) -> None:
    async def story(yard: Yard) -> None:
        await yard.ask(yard.shelf.put("/a.warc", DATA))
        await yard.visit()
        strange = yard.folder / "0123456789abcdef-1.warc"  # of another store
        strange.write_bytes(b"theirs")
        (yard.folder / "no-number.warc").write_bytes(b"somebody's")
        part = await yard.app.read(backfills.load_file, yard.number, [])
        assert part is not None
        await yard.app.write(backfill_results.record_look, part, Looked(PartState.FAILED, "17"), yard.clock())
        for _ in range(2):
            await tidy(yard.app)
            assert sorted(yard.files()) == [b"somebody's", b"theirs"]
            row = await yard.part()
            assert (row.state, row.host, row.position) == ("failed", yard.shelf.host, None)

    play(story)


def test_what_a_backfill_that_was_only_stopped_has_here_stays(play: Play) -> None:
    async def story(yard: Yard) -> None:
        yard.shelf.cuts = [700, 0]
        await yard.ask(yard.shelf.put("/a.warc", DATA), yard.shelf.put("/b.warc", DATA))
        await yard.visit()
        await tidy(yard.app)
        assert sorted(map(len, yard.files())) == [700, len(DATA)]

    play(story)


def test_what_a_cancelled_one_has_here_goes_and_comes_again(play: Play) -> None:
    """One archive is here, one has begun; what is being read waits for its end."""

    async def story(yard: Yard) -> None:
        yard.shelf.cuts = [700, 0]
        await yard.ask(yard.shelf.put("/a.warc", DATA), yard.shelf.put("/b.warc", DATA))
        await yard.visit()
        (reading,) = [row.id for row in await yard.parts() if here(row)]
        assert await yard.app.write(backfills.cancel, yard.number, yard.clock())
        await tidy(yard.app, [reading])
        assert yard.files() == [DATA]
        await tidy(yard.app)
        assert yard.files() == []
        assert await yard.app.write(backfills.resume, yard.number, yard.clock())
        await work_on_files(yard.app, yard.number)
        yard.clock.advance(minutes=6)
        await yard.visit()
        assert [here(row) for row in await yard.parts()] == [True, True]
        assert yard.files() == [DATA, DATA]

    play(story)


def test_what_one_that_is_done_could_not_have_goes(play: Play) -> None:
    async def story(yard: Yard) -> None:
        yard.shelf.cuts = [700, 0]
        await yard.ask(yard.shelf.put("/a.warc", DATA))
        await yard.visit()
        gone = update(PARTS).values(state="failed", due_at=None, reason="gone")
        await yard.app.write(lambda connection: connection.execute(gone))
        await tidy(yard.app)
        assert yard.files() == [DATA[:700]]
        assert await yard.app.write(backfill_results.finish, yard.number, yard.clock())
        await tidy(yard.app)
        assert yard.files() == []

    play(story)


def test_what_belongs_to_no_backfill_any_more_goes(play: Play) -> None:
    async def story(yard: Yard) -> None:
        await yard.ask(yard.shelf.put("/a.warc", DATA))
        await yard.visit()
        for number in (1, 99):
            left = incoming.path_of(yard.app.settings, number, "https://north.example/old.warc")
            left.write_bytes(b"left over")
        other = yard.folder / left.name.replace(left.name[:8], "0" * 8)
        other.write_bytes(b"theirs")
        await tidy(yard.app)
        assert sorted(yard.files()) == sorted([DATA, b"theirs"])

    play(story)


# --- room, and what servers say -------------------------------------------------------------------------------------


def test_there_is_room_for_two(play: Play) -> None:
    async def story(yard: Yard) -> None:
        await yard.ask(*(yard.shelf.put(f"/{number}.warc", DATA) for number in range(4)))
        await yard.visit()
        assert [here(row) for row in await yard.parts()] == [True, True, False, False]
        assert len(yard.files()) == 2
        await yard.visit()
        assert len(yard.shelf.requests) == 2
        await yard.read_one()
        await yard.visit()
        assert [row.state for row in await yard.parts() if row.host] == ["done", "waiting"]
        assert len(yard.files()) == 2
        yard.clock.advance(minutes=1)  # nobody said that there is room
        await yard.app.write(lambda connection: connection.execute(update(PARTS).values(state="done")))
        await tidy(yard.app)
        assert yard.files() == []

    play(story)


def test_one_that_is_not_there_keeps_nobody_from_coming(play: Play) -> None:
    async def story(yard: Yard) -> None:
        await yard.ask(yard.shelf.url("/missing.warc"), yard.shelf.put("/a.warc", DATA))
        await yard.visit()
        first, second = await yard.parts()
        assert (first.state, first.reason) == ("failed", "not_found")
        assert here(second)
        assert len(yard.files()) == 1

    play(story)


def test_a_host_that_wants_rest_gets_it(play: Play) -> None:
    async def story(yard: Yard) -> None:
        url = yard.shelf.serve("/a.warc", b"", status=429, headers={"Retry-After": "90"})
        await yard.ask(url, yard.shelf.put("/b.warc", DATA))
        await yard.visit()
        await yard.visit()
        assert len(yard.shelf.requests) == 1
        assert ((await yard.part()).due_at - START).total_seconds() == 90

    play(story)


def test_a_rehearsal_fetches_nothing(play: Play) -> None:
    async def story(yard: Yard) -> None:
        await yard.ask(yard.shelf.put("/a.warc", DATA), sample=0)
        await yard.visit()
        row = await yard.part()
        assert (row.state, row.left_out, yard.shelf.requests) == ("done", {"not fetched": 1}, [])

    play(story)


def test_a_disk_that_is_full_is_not_the_network(play: Play) -> None:
    async def story(yard: Yard) -> None:
        yard.folder.parent.mkdir()
        yard.folder.write_text("a file, where a folder should be")
        await yard.ask(yard.shelf.put("/a.warc", DATA))
        with pytest.raises(incoming.NotKept):
            await yard.visit()
        row = await yard.part()
        assert (row.state, row.attempts, row.due_at) == ("waiting", 0, START)

    play(story)
