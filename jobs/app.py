"""Everything that touches the world, built once: clock, network, database, workers, archive."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from ingest import sitemaps
from ingest.archive import Archive
from ingest.cadence import Bounds
from ingest.fetch import Fetcher, Limits
from ingest.furniture import Furniture
from ingest.recheck import Policy
from jobs.clock import Clock, wall_clock
from jobs.config import Settings
from jobs.extractor import Extractor
from jobs.memory import share_arena
from jobs.network import Network
from jobs.outgoing import limits, open_fetcher
from jobs.statistics import Statistics
from storage.duplicates import Memory
from storage.engine import Database
from storage.writer import Writer

P = ParamSpec("P")
T = TypeVar("T")


def program_version() -> str:
    try:
        return version("dateline")
    except PackageNotFoundError:  # run from a folder without being installed
        return "0"


@dataclass
class App:
    """What a visit needs. `settings` is replaced as a whole when config.yaml is read again."""

    settings: Settings
    clock: Clock
    database: Database
    writer: Writer
    fetcher: Fetcher
    extractor: Extractor
    network: Network
    archive: Archive | None
    owner: str
    texts: Memory = field(default_factory=lambda: Memory(furniture=Furniture()))
    statistics: Statistics = field(default_factory=Statistics)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    hubs_reach_us: bool = False  # while jobs/web/callback.py serves
    retired: list[Fetcher] = field(default_factory=list)  # still in use by requests under way

    @property
    def bounds(self) -> Bounds:
        polling = self.settings.polling
        return Bounds(round(polling.minimum), round(polling.maximum), round(polling.initial))

    @property
    def memory(self) -> Memory:
        """What this process has learned of texts, with the window that the settings say now."""
        self.texts.window = timedelta(seconds=self.settings.duplicates.window)
        return self.texts

    @property
    def page_limits(self) -> Limits:
        return limits(self.settings, self.settings.fetch.max_page_bytes)

    @property
    def feed_limits(self) -> Limits:
        return limits(self.settings, self.settings.fetch.max_feed_bytes)

    @property
    def sitemap_limits(self) -> Limits:
        """What the protocol allows a sitemap, where that is more than a feed may have."""
        return limits(self.settings, max(self.settings.fetch.max_feed_bytes, sitemaps.MAX_BYTES))

    @property
    def recheck_policy(self) -> Policy | None:
        """When articles are looked at again; None: never."""
        revisions = self.settings.revisions
        return Policy(revisions.until, revisions.budget) if revisions.recheck else None

    def replace_fetcher(self, fetcher: Fetcher) -> None:
        """Send new requests through `fetcher`; those under way keep theirs."""
        self.retired.append(self.fetcher)
        self.fetcher = fetcher
        self.network = Network(fetcher)

    async def read(self, work: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in a reading transaction, off the event loop."""
        return await asyncio.to_thread(self.database.read, work, *args, **kwargs)

    async def write(self, work: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in the writer's next transaction; returns once it is committed."""
        return await asyncio.wrap_future(self.writer.submit(work, *args, **kwargs))


@asynccontextmanager
async def open_app(settings: Settings, clock: Clock = wall_clock, *, is_frugal: bool = False) -> AsyncIterator[App]:
    """Build everything, and take it down in reverse order however the block ends.

    `is_frugal`: for what reads no pages: one worker, without what reading takes; and see Database.
    """
    share_arena()
    async with AsyncExitStack() as stack:
        database = Database(settings.database, is_frugal=is_frugal)
        stack.callback(database.close)
        writer = Writer(database)
        stack.callback(writer.close)
        archive = None
        if settings.archive.enabled:
            archive = Archive(settings.archive_directory, f"dateline/{program_version()}")
            stack.callback(archive.close)
        extractor = Extractor(
            1 if is_frugal else settings.workers,
            settings.extract.timeout,
            settings.extract.memory,
            reads_pages=not is_frugal,
        )
        await stack.enter_async_context(extractor)
        fetcher = await stack.enter_async_context(open_fetcher(settings))
        app = App(
            settings=settings,
            clock=clock,
            database=database,
            writer=writer,
            fetcher=fetcher,
            extractor=extractor,
            network=Network(fetcher),
            archive=archive,
            owner=f"{socket.gethostname()}:{os.getpid()}"[:100],
        )
        stack.push_async_callback(_close_replaced, app, fetcher)
        yield app


async def _close_replaced(app: App, first: Fetcher) -> None:
    for fetcher in (*app.retired, app.fetcher):
        if fetcher is not first:
            await fetcher.__aexit__(None, None, None)
