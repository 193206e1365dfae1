"""What hubs have pushed, from its first byte until it is recorded: bounded, and read a few at a time."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from ingest.content_coding import Decoder
from ingest.errors import ParseError, StorageError
from ingest.model import Reason
from ingest.push import SAFETY, Push
from jobs.app import App
from jobs.logs import log
from storage import subscriptions
from storage.subscriptions import Subscribed

HELD = 4  # times the largest feed: what may be held of bodies, coming in and waiting, together
PARSED = 4  # pushes that are read at a time
GRACE_S = 0.5  # for what is in hand at the end


class Inbox:
    """Pushes in hand: bounded in bytes, read a few at a time, each recorded whole."""

    def __init__(self, app: App, look: Callable[[], None]) -> None:
        self._app, self._look = app, look
        self._held = 0
        self._parsing = asyncio.Semaphore(PARSED)
        self._waiting: Counter[str] = Counter()  # by token
        self._unread: dict[str, datetime] = {}  # by token: until when a poll is to make good what could not be read
        self._tasks: set[asyncio.Task[None]] = set()

    @contextmanager
    def hold(self) -> Iterator[Held]:
        """A body that comes in, counted until the end of the block, or of its reading where it is taken."""
        held = Held(self)
        try:
            yield held
        finally:
            if not held.is_taken:
                held.release()

    def count(self, size: int) -> bool:
        """Whether so many more bytes may be held."""
        if size > 0 and self._held + size > HELD * self._app.settings.fetch.max_feed_bytes:
            return False
        self._held += size
        return True

    def take(self, body: Held, found: Subscribed, headers: Mapping[str, str]) -> None:
        """Read a push and record it, later."""
        body.is_taken = True
        self._waiting[found.subscription.token] += 1
        task = asyncio.create_task(self._digest(body, found, headers))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _digest(self, body: Held, found: Subscribed, headers: Mapping[str, str]) -> None:
        try:
            async with self._parsing:
                await self._read(body, found, headers)
        except (ParseError, StorageError) as error:  # the poll that is due makes it good
            self._unread[found.subscription.token] = self._app.clock() + SAFETY
            reason, detail = getattr(error, "reason", None), getattr(error, "detail", str(error))
            log.warning("push_failed", url=found.feed.url, reason=reason and str(reason), detail=detail)
        except Exception as error:
            self._unread[found.subscription.token] = self._app.clock() + SAFETY
            log.error("push_failed", url=found.feed.url, error=f"{type(error).__name__}: {error}")
        finally:
            body.release()

    async def _read(self, body: Held, found: Subscribed, headers: Mapping[str, str]) -> None:
        app, feed, started = self._app, found.feed, time.monotonic()
        try:
            wire_bytes, limit = len(body.bytes), app.settings.fetch.max_feed_bytes
            document = await asyncio.to_thread(_decoded, body.bytes, headers.get("Content-Encoding", ""), limit)
            now = app.clock()
            parsed = await app.extractor.parse_feed(document, headers.get("Content-Type"), feed.url, now)
            if not parsed.seen:
                raise ParseError(Reason.NOT_A_FEED, "no items")
            pushed = Push(parsed, now, time.monotonic() - started, wire_bytes)
        finally:
            last = self._is_last(found.subscription.token)
        bounds, token = app.bounds, found.subscription.token
        recorded = await app.write(
            subscriptions.record_push, token, pushed, bounds.initial_s, bounds.maximum_s, last=last
        )
        if recorded is None:
            return
        outcome, due = recorded
        self._look()
        app.statistics.count("pushes")
        app.statistics.count("entries_new", len(outcome.new))
        app.statistics.count("entries_changed", len(outcome.changed))
        log.info("feed_pushed", url=feed.url, hub=found.subscription.hub_url, seen=outcome.seen, due=due)

    def _is_last(self, token: str) -> bool:
        """A push has been read, or could not be. Whether all is well with the pushes of its feed, and none waits."""
        now = self._app.clock()
        self._unread = {known: until for known, until in self._unread.items() if until >= now}
        self._waiting[token] -= 1
        if self._waiting[token]:
            return False
        del self._waiting[token]
        return token not in self._unread

    async def close(self) -> None:
        """What is in hand may be finished in a moment; the rest is made good by polls."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=GRACE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


class Held:
    """A body, as far as it has come, and its part in what the inbox may hold."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self.bytes = bytearray()
        self.is_taken = False

    def add(self, chunk: bytes) -> bool:
        """False where no more may be held now."""
        if not self._inbox.count(len(chunk)):
            return False
        self.bytes += chunk
        return True

    def release(self) -> None:
        self._inbox.count(-len(self.bytes))
        self.bytes = bytearray()


def _decoded(body: bytearray, coding: str, limit: int) -> bytes:
    """Raises ParseError, also for what gets larger than a feed may be."""
    decoder = Decoder(coding, limit)
    if decoder.is_identity:
        return bytes(body)
    decoder.feed(bytes(body))
    return decoder.finish()
