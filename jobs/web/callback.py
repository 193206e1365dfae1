"""Where hubs reach us (WebSub): they ask whether we meant it (GET), and push (POST). Strangers can reach it, too.

    GET   …/TOKEN   the challenge where we asked for just this, else 404
    POST  …/TOKEN   202 once the push is in hand, however it is signed; 410 where we want no more of it; 503 while we
                    have too much in hand: hubs send it again

A push is acknowledged before it is read, as the specification asks (section 7). So that none is lost with us, its feed
is first made due for a poll; recording the push puts the poll off again. Decision 0010 tells why aiohttp serves this.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager

from aiohttp import web

from ingest import websub
from ingest.errors import SettingsError, StorageError
from ingest.model import FeedState, Subscription, SubscriptionState
from jobs.app import App
from jobs.config import Settings
from jobs.logs import log
from jobs.web.inbox import GRACE_S, Inbox
from storage import subscriptions
from storage.subscriptions import Subscribed

CONNECTIONS = 100  # open at a time; the next are closed at once
REQUESTS = 20  # in hand at a time
REQUEST_S = 30.0  # for one request, its body included
IDLE_S = 15.0  # until a connection has sent a whole head, the first time and again
RETRY_AFTER_S = 60

_SILENT = logging.Logger("callback", logging.CRITICAL + 1)  # what strangers send badly is no news


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket | None]:
    """The socket for hubs, bound before anything else is begun; None where there is no public address for it.

    Raises SettingsError.
    """
    if settings.websub.callback is None:
        yield None
        return
    listen = settings.websub.listen
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host, int(port)), family=family)
    except OSError as error:
        raise SettingsError(f"websub.listen: {listen}: {error.strerror or error}") from None
    with closing(bound):
        yield bound


@asynccontextmanager
async def serve(app: App, bound: socket.socket, look: Callable[[], None]) -> AsyncIterator[None]:
    """Answer hubs on `bound`. `look`: called when something has become due."""
    inbox = Inbox(app, look)
    server = web.Server(
        Endpoint(app, inbox).answer,
        access_log=None,
        logger=_SILENT,
        auto_decompress=False,  # signatures are of the bytes as they came
        keepalive_timeout=IDLE_S,
        lingering_time=2.0,
    )

    def accept() -> asyncio.Protocol:
        return server() if len(server.connections) < CONNECTIONS else _Closed()

    acceptor = await asyncio.get_running_loop().create_server(accept, sock=bound)
    app.hubs_reach_us = True
    try:
        yield
    finally:
        app.hubs_reach_us = False
        acceptor.close()
        server.pre_shutdown()  # idle connections
        await server.shutdown(GRACE_S)
        await inbox.close()


class _Closed(asyncio.Protocol):
    """A connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


def say(status: int, text: str = "") -> web.Response:
    """An answer that no browser takes for more than text (section 8.2)."""
    headers = {"X-Content-Type-Options": "nosniff"}
    if status == 503:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    return web.Response(status=status, text=text, content_type="text/plain", headers=headers)


class Endpoint:
    """What each request is answered with."""

    def __init__(self, app: App, inbox: Inbox) -> None:
        self._app, self._inbox = app, inbox
        self._in_hand = 0

    async def answer(self, request: web.BaseRequest) -> web.Response:
        if self._in_hand >= REQUESTS or self._app.stopping.is_set():
            return say(503)
        self._in_hand += 1
        try:
            async with asyncio.timeout(REQUEST_S):
                return await self._answer(request)
        except TimeoutError:
            return say(408)
        except StorageError as error:
            log.warning("push_failed", error=str(error))
            return say(503)
        except (web.RequestPayloadError, ConnectionError):  # the body broke off
            return say(400)
        except Exception as error:
            log.error("push_failed", error=f"{type(error).__name__}: {error}")
            return say(500)
        finally:
            self._in_hand -= 1

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        if request.method not in ("GET", "POST"):
            return say(405)
        token = request.path.rpartition("/")[2]
        if not websub.may_be_token(token):
            return say(404)
        found = await self._app.read(subscriptions.find, token)
        if request.method == "POST":
            return await self._pushed(request, found)
        return say(404) if found is None else await self._asked(request, found)

    async def _asked(self, request: web.BaseRequest, found: Subscribed) -> web.Response:
        """The hub asks, or denies: decided where the subscription is read and written."""
        answer, now = websub.NOT_OURS, self._app.clock()

        def decide(current: Subscribed) -> Subscription | None:
            nonlocal answer
            answer = websub.confirm(current.subscription, current.feed.state, request.query, now)
            return answer.known

        known = await self._app.write(subscriptions.change, found.subscription.token, decide)
        if known is not None:
            _tell(found, known)
        return say(answer.status, answer.body)

    async def _pushed(self, request: web.BaseRequest, found: Subscribed | None) -> web.Response:
        if found is None or found.feed.state is FeedState.PAUSED:
            return say(410)  # "the subscription has been deleted, and the hub MAY terminate" it
        if request.headers.get("Expect", "").lower() == "100-continue":
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        limit = self._app.settings.fetch.max_feed_bytes
        with self._inbox.hold() as body:
            async for chunk in request.content.iter_any():
                if len(body.bytes) + len(chunk) > limit:
                    return say(413)
                if not body.add(chunk):
                    return say(503)
            if not await self._is_signed(request, found, body.bytes):
                return say(202)  # as section 7.1 allows: whoever guesses learns nothing
            await self._app.write(subscriptions.expect_push, found, self._app.clock())
            self._inbox.take(body, found, request.headers)
            return say(202)

    async def _is_signed(self, request: web.BaseRequest, found: Subscribed, body: bytearray) -> bool:
        stated = request.headers.get("X-Hub-Signature")
        if await asyncio.to_thread(websub.is_signed, stated, found.subscription.secret, body):
            return True
        self._app.statistics.count("pushes_refused")
        log.warning("push_refused", url=found.feed.url, hub=found.subscription.hub_url)
        return False


def _tell(found: Subscribed, known: Subscription) -> None:
    named = {"url": found.feed.url, "hub": known.hub_url}
    if known.state is SubscriptionState.ACTIVE:
        log.info("subscribed", **named, until=str(known.lease_until))
    elif known.state is SubscriptionState.REFUSED:
        log.warning("subscription_failed", **named, reason=str(known.reason), detail=known.detail)
    else:
        log.info("subscription_ended", **named)
