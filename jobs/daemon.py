"""The daemon: clock and signals around an engine. The only importer of APScheduler, which keeps nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from functools import partial
from pathlib import Path
from socket import socket

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from ingest.errors import Busy, SettingsError
from jobs.app import App, open_app
from jobs.backfill.beside import keep_backfilling
from jobs.clock import Clock, wall_clock
from jobs.config import Settings, load_config
from jobs.display import Display
from jobs.engines.embedded import Embedded, due_now
from jobs.feed_lists import sync_feeds
from jobs.logs import log
from jobs.outgoing import open_fetcher
from jobs.subscribe import Subscriber, subscribing
from jobs.upkeep import keep_up
from jobs.web.callback import listening
from storage import duplicates, feeds, hosts, migrate
from storage.engine import Database
from storage.owner import own

TICK_S = 1.0
DONE, FAILED, INTERRUPTED = 0, 1, 130


def run(
    settings: Settings,
    *,
    config_path: Path | None = None,
    once: bool = False,
    everything: bool = False,
    clock: Clock = wall_clock,
    display: Display | None = None,
) -> tuple[int, dict[str, int]]:
    """Run the daemon until it is told to stop, or with `once` until nothing is due.

    Returns the exit code and what was done. Raises SettingsError, SchemaMismatch or Owned before
    anything is touched.
    """
    database = Database(settings.database)
    try:
        hubs: AbstractContextManager[socket | None] = nullcontext() if once else listening(settings)
        with own(database, "dateline run", clock()), hubs as bound:
            migrate.upgrade(database)
            return asyncio.run(_run(settings, config_path, once, everything, clock, display or Display.quiet(), bound))
    finally:
        database.close()


async def _run(
    settings: Settings,
    config_path: Path | None,
    once: bool,
    everything: bool,
    clock: Clock,
    display: Display,
    bound: socket | None,
) -> tuple[int, dict[str, int]]:
    async with open_app(settings, clock) as app:
        engine = Embedded(app)
        with ExitStack() as stack:
            signals = stack.enter_context(Signals(app, config_path, engine.look))
            stack.enter_context(display.showing(app.statistics))
            await _prepare(app, everything)
            log.info("started", database=app.database.url.render_as_string(), workers=app.extractor.workers)
            async with subscribing(app, bound, engine.look) as subscriber:
                work = engine.run_once if once else partial(_run_all, app, engine)
                await _with_clock(app, engine, subscriber, display, work)
        summary = app.statistics.summary()
        log.info("stopped", **summary)
        return signals.exit_code or (FAILED if once and summary["visits_failed"] else DONE), summary


async def _prepare(app: App, everything: bool) -> None:
    """We own the database: whoever held a turn is dead. Then the feeds of the settings become the ones we poll."""
    left_over = await app.write(hosts.clear_turns)
    if left_over:
        log.info("turns_taken_back", hosts=left_over)
    await sync_feeds(app)
    for name in app.settings.unused():
        log.warning("settings_unused", setting=name)
    if not await app.read(feeds.has_active):
        log.warning("no_feeds", hint="dateline feeds add URL, or list them in config.yaml")
    if app.memory.furniture is not None:
        await app.read(duplicates.warm_up, app.memory.furniture)
    if everything:
        await app.write(feeds.make_all_due, app.clock())


async def _run_all(app: App, engine: Embedded) -> None:
    """Visits, and beside them the files of backfills."""
    files = asyncio.create_task(keep_backfilling(app))
    try:
        await engine.run()
    finally:
        files.cancel()
        await asyncio.gather(files, return_exceptions=True)


async def _with_clock(
    app: App, engine: Embedded, subscriber: Subscriber | None, display: Display, work: Callable[[], object]
) -> None:
    """Run the engine while APScheduler ticks. Our own tables say what is due; a missed tick loses nothing."""
    scheduler = AsyncIOScheduler(job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1})

    async def statistics() -> None:
        try:
            app.statistics.due = await due_now(app)
        except Busy as error:
            log.warning("database_busy", error=str(error))
        if not display.is_live:
            counts = app.statistics
            log.info("statistics", due=counts.due, visiting=counts.visiting, **counts.summary())

    async def upkeep() -> None:
        await keep_up(app)

    async def tick() -> None:
        engine.look()

    scheduler.add_job(tick, "interval", seconds=TICK_S)
    if subscriber is not None:
        scheduler.add_job(subscriber.tick, "interval", seconds=TICK_S)
    scheduler.add_job(upkeep, "interval", hours=1)
    scheduler.add_job(statistics, "interval", seconds=1 if display.is_live else 60)
    scheduler.start()
    try:
        await work()  # type: ignore[misc]
    finally:
        scheduler.shutdown(wait=False)


class Signals:
    """SIGINT and SIGTERM stop in good order, a second one at once; SIGHUP reads the settings again."""

    def __init__(self, app: App, config_path: Path | None, look: Callable[[], None]) -> None:
        self._app, self._path, self._look = app, config_path, look
        self._rereading: set[asyncio.Task[None]] = set()
        self.exit_code = DONE

    def __enter__(self) -> Signals:
        self._loop = asyncio.get_running_loop()
        with suppress(NotImplementedError, RuntimeError, ValueError):  # a thread that is not the main one gets none
            self._loop.add_signal_handler(signal.SIGINT, self._stop, INTERRUPTED)
            self._loop.add_signal_handler(signal.SIGTERM, self._stop, DONE)
            self._loop.add_signal_handler(signal.SIGHUP, self._reread)
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(NotImplementedError, RuntimeError, ValueError):
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                self._loop.remove_signal_handler(number)

    def _stop(self, exit_code: int) -> None:
        if self._app.stopping.is_set():
            sys.stderr.write("\nleaving at once; what was in hand is still due\n")
            sys.stderr.flush()
            os._exit(INTERRUPTED)
        self.exit_code = exit_code
        log.info("stopping", hint="what is in hand is finished; again to leave at once")
        self._app.stopping.set()

    def _reread(self) -> None:
        task = self._loop.create_task(self._read_settings_again())
        self._rereading.add(task)
        task.add_done_callback(self._rereading.discard)

    async def _read_settings_again(self) -> None:
        """Take over what a running program can change; tell what needs a restart. A broken file changes nothing."""
        app = self._app
        if self._path is None:
            return
        try:
            settings = load_config(self._path)
        except SettingsError as error:
            log.error("settings_refused", problems=list(error.problems))
            return
        fixed = [
            name
            for name in ("database", "extract", "archive", "websub")
            if getattr(settings, name) != getattr(app.settings, name)
        ]
        old, app.settings = app.settings, settings
        if (settings.user_agent, settings.fetch) != (old.user_agent, old.fetch):
            await _replace_fetcher(app, settings)
        await sync_feeds(app)
        self._look()
        log.info("settings_reread", path=str(self._path), need_restart=fixed or None)


async def _replace_fetcher(app: App, settings: Settings) -> None:
    """New connections under the new settings; requests under way keep the old ones until they end."""
    fetcher = open_fetcher(settings)
    await fetcher.__aenter__()
    app.replace_fetcher(fetcher)
