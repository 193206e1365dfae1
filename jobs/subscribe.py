"""Subscriptions at hubs, kept alive: what a tick does. A hub is a host like any other: one turn, its pace, its rest."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from socket import socket

from ingest import websub
from ingest.errors import FetchError, StorageError
from ingest.fetch import Limits
from ingest.model import FeedState, Reason, Response, Subscription
from ingest.poll import rest_until
from ingest.urls import host_of
from jobs.app import App
from jobs.logs import log
from jobs.turn import Stopping, Turn
from storage import hosts, subscriptions
from storage.subscriptions import Subscribed

HUBS = 8  # asked side by side
HUBS_LOOKED_AT = 1_000
BUDGET_S = 60.0  # at one hub, then another tick
TURN = timedelta(seconds=BUDGET_S + 240)
LATER_S = 5.0  # until a hub is tried again whose host is being visited
FOLLOW = timedelta(minutes=1)  # between two looks for feeds that were paused or resumed
AFTER_TROUBLE_S = 60.0  # until a hub is tried again after an error of ours
LIMITS = Limits(connect_s=10, first_byte_s=30, total_s=60, max_bytes=1_000_000, redirects=3)
# Nobody was reached, or a connection kept alive had ended: worth asking once more at once.
UNREACHED = frozenset({Reason.CONNECT_FAILED, Reason.CONNECT_TIMEOUT, Reason.TLS_FAILED, Reason.CUT_SHORT})


@asynccontextmanager
async def subscribing(app: App, bound: socket | None, look: Callable[[], None]) -> AsyncIterator[Subscriber | None]:
    """While the block lasts, hubs are answered on `bound`, and whoever is yielded asks them; None without `bound`."""
    if bound is None or app.settings.websub.callback is None:
        yield None
        return
    from jobs.web.callback import serve

    subscriber = Subscriber(app, app.settings.websub.callback)
    async with serve(app, bound, look):
        try:
            yield subscriber
        finally:
            await subscriber.close()


class Subscriber:
    """Asks hubs for what is due. `callback`: the public address of our endpoint."""

    def __init__(self, app: App, callback: str) -> None:
        self._app, self._callback = app, callback
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._later: dict[str, float] = {}
        self._followed_at: datetime | None = None

    async def tick(self) -> None:
        """Start asking every hub that something is due at, there being room."""
        try:
            await self._follow()
            due = await self._app.read(subscriptions.load_hubs, self._app.clock(), HUBS_LOOKED_AT)
        except StorageError as error:
            log.warning("database_busy", error=str(error))
            return
        passed = time.monotonic()
        self._later = {host: until for host, until in self._later.items() if until > passed}
        by_host: dict[str, list[str]] = {}
        for hub_url in due:
            by_host.setdefault(host_of(hub_url), []).append(hub_url)
        for host, hub_urls in by_host.items():
            if len(self._asking) < HUBS and host not in self._asking and host not in self._later:
                self._asking[host] = asyncio.create_task(self._visit(host, hub_urls), name=f"hub {host}")

    async def finish(self) -> None:
        """Wait for what the last tick started."""
        await asyncio.gather(*self._asking.values())

    async def close(self) -> None:
        """What is being asked is given up: it is asked again once it is due."""
        tasks = list(self._asking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self) -> None:
        now = self._app.clock()
        if self._followed_at is None or now - self._followed_at >= FOLLOW:
            await self._app.write(subscriptions.follow_feeds, now)
            self._followed_at = now

    async def _visit(self, host: str, hub_urls: Sequence[str]) -> None:
        try:
            await self._take_turn(host, hub_urls)
        except Exception as error:  # on our side: what was in hand is due again by itself
            self._later[host] = time.monotonic() + AFTER_TROUBLE_S
            log.error("visit_failed", host=host, error=f"{type(error).__name__}: {error}")
        finally:
            del self._asking[host]

    async def _take_turn(self, host: str, hub_urls: Sequence[str]) -> None:
        app, now = self._app, self._app.clock()
        await app.write(subscriptions.meet, host)
        state = await app.write(hosts.take_turn, host, app.owner, now, now + TURN)
        if state is None:
            self._later[host] = time.monotonic() + LATER_S
            return
        turn = Turn(app, state, BUDGET_S)
        try:
            with suppress(Stopping):
                while not turn.is_over and (found := await app.read(subscriptions.load_due, hub_urls, app.clock())):
                    await self._ask(turn, found)
        finally:
            await app.write(hosts.end_turn, host, app.owner, turn.visited_at)

    async def _ask(self, turn: Turn, found: Subscribed) -> None:
        """What is remembered comes first: the hub may confirm before it has answered us."""
        is_asked, now = False, self._app.clock()

        def decide(current: Subscribed) -> Subscription:
            nonlocal is_asked
            if current.feed.state is FeedState.PAUSED:
                return websub.given_up(current.subscription)
            known, is_asked = websub.ask_now(current.subscription, now)
            return known

        known = await self._app.write(subscriptions.change, found.subscription.token, decide)
        if known is None:  # the feed was removed
            return
        if known.reason is Reason.PAUSED:
            await self._unsubscribe(turn, found, known)
        elif is_asked:
            await self._subscribe(turn, found, known, now)
        else:
            _tell_failed(found, known)

    async def _subscribe(self, turn: Turn, found: Subscribed, known: Subscription, asked_at: datetime) -> None:
        app = self._app
        try:
            await self._post(turn, known, "subscribe")
        except FetchError as error:
            now = app.clock()
            works = await turn.network_works(error, now)
            reason, detail = (error.reason, error.detail) if works else (Reason.OFFLINE, "")
            rest = rest_until(error, now)
            if rest is not None:
                await app.write(hosts.rest, turn.host, rest, str(error.reason))
                turn.resting = True

            def decide(current: Subscribed) -> Subscription | None:
                return websub.answered_badly(current.subscription, asked_at, reason, detail, now)

            failed = await app.write(subscriptions.change, known.token, decide)
            if failed is not None:
                _tell_failed(found, failed)

    async def _unsubscribe(self, turn: Turn, found: Subscribed, known: Subscription) -> None:
        """Once, as a courtesy: a hub that does not hear of it is told by 410 when it pushes."""
        with suppress(FetchError):
            await self._post(turn, known, "unsubscribe")
        log.info("subscription_ended", url=found.feed.url, hub=known.hub_url)

    async def _post(self, turn: Turn, known: Subscription, mode: str) -> Response:
        form = websub.request(known, self._callback, mode)
        first, second = websub.addresses_of(known.hub_url)
        try:
            return await self._post_to(turn, first, form)
        except FetchError as error:
            if error.reason not in UNREACHED:
                raise
        return await self._post_to(turn, second, form)

    async def _post_to(self, turn: Turn, address: str, form: dict[str, str]) -> Response:
        now = await turn.pace()
        try:
            return await self._app.fetcher.post(address, form, now=now, limits=LIMITS)
        finally:
            turn.visited_at = self._app.clock()


def _tell_failed(found: Subscribed, known: Subscription) -> None:
    log.warning(
        "subscription_failed", url=found.feed.url, hub=known.hub_url, reason=str(known.reason), detail=known.detail
    )
