"""The in-process engine: visits due hosts side by side, never one host twice at once."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from ingest.errors import Busy
from jobs.app import App
from jobs.logs import log
from jobs.visit import visit
from storage import backfills, due, hosts

VISITS = 200  # hosts visited side by side; most of them wait for the pace of their host
PENALTY_S = 30.0  # how long a host is left alone after a visit that broke on our side
GRACE_S = 6.0  # how long visits may take to finish once we are stopping; in 10 s all is to be over


class Embedded:
    """Visits what is due, in this process. `look` is called by the clock; a finished visit looks by itself.

    `only`: visits for that backfill, and for nothing else.
    """

    def __init__(self, app: App, only: int | None = None) -> None:
        self._app = app
        self._only = only
        self._visits: dict[str, asyncio.Task[None]] = {}
        self._penalised: dict[str, float] = {}
        self._wake = asyncio.Event()

    def look(self) -> None:
        """Something may be due: start visiting."""
        self._wake.set()

    async def run(self) -> None:
        """Visit until the program is told to stop."""
        while not self._app.stopping.is_set():
            self._wake.clear()
            try:
                await self._start_due()
            except Busy as error:  # the next tick looks again
                log.warning("database_busy", error=str(error))
            await self._next_event()
        await self._finish()

    async def run_once(self) -> None:
        """Visit until nothing is due, or the program is told to stop."""
        while not self._app.stopping.is_set():
            self._wake.clear()
            await self._start_due()
            if not self._visits and not await self._waiting():
                break
            await self._next_event(timeout_s=None if self._visits else 0.5)
        await self._finish()

    async def _waiting(self) -> bool:
        """Whether something is due on a host that is not in disgrace with us."""
        names = await self._due(len(self._penalised) + 1)
        return any(name not in self._penalised for name in names)

    async def _start_due(self) -> None:
        """Start a visit to every due host there is room for."""
        room = VISITS - len(self._visits)
        if room <= 0:
            return
        passed = time.monotonic()
        self._penalised = {name: until for name, until in self._penalised.items() if until > passed}
        names = await self._due(room + len(self._visits) + len(self._penalised))
        for name in names[: room + len(self._visits)]:
            if name not in self._visits and name not in self._penalised and len(self._visits) < VISITS:
                self._visits[name] = asyncio.create_task(self._visit(name), name=f"visit {name}")
        self._app.statistics.visiting = len(self._visits)

    async def _due(self, limit: int) -> list[str]:
        """Hosts to visit now, longest due first."""
        now = self._app.clock()
        if self._only is None:
            return await self._app.read(hosts.load_due, now, limit)
        return await self._app.read(backfills.load_due_hosts, self._only, now, limit)

    async def _visit(self, name: str) -> None:
        try:
            await visit(self._app, name, only=self._only)
        except Exception as error:  # a mistake or trouble on our side: the host's work stays due
            self._app.statistics.count("visits_failed")
            self._penalised[name] = time.monotonic() + PENALTY_S
            log.error("visit_failed", host=name, error=f"{type(error).__name__}: {error}", exc_info=True)
        finally:
            self._visits.pop(name, None)
            self._app.statistics.visiting = len(self._visits)
            self._wake.set()

    async def _next_event(self, timeout_s: float | None = None) -> None:
        stopping = asyncio.create_task(self._app.stopping.wait())
        waking = asyncio.create_task(self._wake.wait())
        try:
            await asyncio.wait((stopping, waking), timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            waking.cancel()

    async def _finish(self) -> None:
        """Let what is in hand finish; what cannot in time is given back: it is still due."""
        tasks = list(self._visits.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=GRACE_S)
        for task in late:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*late, return_exceptions=True)


async def due_now(app: App) -> int:
    """Feeds and entries that are due, for the living line."""
    return await app.read(due.count, app.clock())
