"""The newsroom itself: what each address answers, and the doors opened and closed.

    async with Newsroom(now) as newsroom: ...      # in a running event loop
    with NewsroomThread(now) as newsroom: ...      # beside a program that blocks

Each publisher has a loopback address of its own, as politeness is owed to hosts; where a machine has only 127.0.0.1
(macOS), they differ by port.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Self

from ingest.model import Reason
from jobs.demo.articles import PUBLISHERS, Article, FeedFile, Publisher, load_articles
from jobs.demo.feeds import CONTENT_TYPES, write_feed
from jobs.demo.pages import draw_picture, section_slug, write_consent, write_index, write_page
from jobs.demo.server import HEAD_LIMIT, Reply, Request, revalidated, serve

ADDRESSES = ("127.0.0.11", "127.0.0.12", "127.0.0.13", "127.0.0.14")
FALLBACK = "127.0.0.1"


class Newsroom:
    """Four publishers and what they say. Everything but `publishers[].url` is known before it is open.

    `port` 0: free ones are chosen. With a port, it is the same on each address, and counts up where there is only one
    address. `requests` counts answers: "feed 200", "feed 304", "feed 301", "page", "index", "image", "robots", "404", …
    """

    def __init__(self, now: datetime, port: int = 0, addresses: Sequence[str] = ADDRESSES) -> None:
        self.publishers: tuple[Publisher, ...] = PUBLISHERS
        self.requests: Counter[str] = Counter()
        self.edition = 1
        self._now, self._port, self._addresses = now, port, addresses
        self._editions = load_articles(now)
        self._servers: list[asyncio.Server] = []
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @property
    def feeds(self) -> list[str]:
        """The feeds to poll, as a reader subscribed long ago has them: one of them has moved since."""
        return [
            publisher.url + (feed.moved_from or feed.path) for publisher in self.publishers for feed in publisher.feeds
        ]

    @property
    def articles(self) -> tuple[Article, ...]:
        """The articles that can be had, in the current edition, newest first."""
        return tuple(article for article in self._current(self.edition) if article.fate is None)

    @property
    def failures(self) -> dict[str, Reason]:
        """What is announced and cannot be had, by address: pages, and the feed that is none."""
        pages = {self.url(article): article.fate for article in self._current(1) if article.fate is not None}
        broken = [site.url + feed.path for site in self.publishers for feed in site.feeds if feed.kind == "html"]
        return pages | dict.fromkeys(broken, Reason.NOT_A_FEED)

    def url(self, article: Article) -> str:
        """The canonical address of an article."""
        return next(site.url for site in self.publishers if site.key == article.publisher) + article.path

    def next_edition(self) -> None:
        """One article is corrected and grows by a paragraph: its page, its feed and its teaser change, nothing else."""
        self.edition = 2

    def answer(self, publisher: Publisher, request: Request) -> Reply:
        """What a publisher says to a request, counted. Touches no network."""
        if request.method not in {"GET", "HEAD"}:
            reply = Reply("405", b"Method not allowed", "text/plain", 405)
        else:
            reply = revalidated(request, self._find(publisher, request.path))
        plain = reply.kind != "feed" and reply.status == 200
        self.requests[reply.kind if plain or reply.kind.isdigit() else f"{reply.kind} {reply.status}"] += 1
        return reply

    def _find(self, publisher: Publisher, path: str) -> Reply:
        for feed in publisher.feeds:
            if path == feed.moved_from:
                return Reply("feed", status=301, location=publisher.url + feed.path)
            if path == feed.path:
                return self._feed(publisher, feed)
        if path == "/robots.txt":
            return Reply("robots", f"User-agent: *\nDisallow: {publisher.disallow}\n".encode(), "text/plain")
        if path.startswith("/media/"):
            return Reply("image", draw_picture(path), "image/png", modified_at=self._editions[-1].published_at)
        return self._page(publisher, path)

    def _feed(self, publisher: Publisher, feed: FeedFile) -> Reply:
        articles = [
            article
            for article in self._current(self.edition)
            if article.publisher == publisher.key and feed.section in {None, article.section}
        ]
        newest = max(article.modified_at for article in articles)
        return Reply(
            "feed",
            write_feed(publisher, feed, articles),
            CONTENT_TYPES[feed.kind],
            modified_at=None if feed.kind == "html" else newest,
        )

    def _page(self, publisher: Publisher, path: str) -> Reply:
        """An article, a list of articles, a consent wall or nothing."""
        own = [article for article in self._current(self.edition) if article.publisher == publisher.key]
        sections = {"/" + section_slug(section): section for section in publisher.sections}
        if path == "/" or path in sections:
            listed = [article for article in own if path == "/" or article.section == sections[path]]
            return Reply("index", write_index(publisher, listed, self._now.year))
        article = next((article for article in own if article.path == path), None)
        if article is None or article.fate is Reason.NOT_FOUND:
            return Reply("404", b"<!DOCTYPE html><title>404</title><h1>Not found</h1>", status=404)
        if article.fate is Reason.CONSENT_WALL:
            return Reply("page", write_consent(publisher, self._now.year))
        others = [other for other in own if other is not article and other.fate is None]
        return Reply("page", write_page(publisher, article, others), modified_at=article.modified_at)

    def _current(self, edition: int) -> list[Article]:
        """The newest edition of each article that is not newer than `edition`."""
        shown: dict[tuple[str, str], Article] = {}
        for article in self._editions:  # newest first
            if article.edition <= edition:
                shown.setdefault((article.publisher, article.path), article)
        return list(shown.values())

    async def __aenter__(self) -> Self:
        doors = _bind(self._addresses, self._port)
        places = [door.getsockname() for door in doors]
        self.publishers = tuple(
            replace(publisher, url=f"http://{host}:{port}")
            for publisher, (host, port) in zip(PUBLISHERS, places, strict=True)
        )
        self._servers = [
            await self._open(publisher, door) for publisher, door in zip(self.publishers, doors, strict=True)
        ]
        return self

    async def _open(self, publisher: Publisher, door: socket.socket) -> asyncio.Server:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(serve(reader, writer, lambda request: self.answer(publisher, request)))
            self._connections[task] = writer
            task.add_done_callback(lambda done: self._connections.pop(done))

        return await asyncio.start_server(accept, sock=door, limit=HEAD_LIMIT)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.close()
        connections = dict(self._connections)
        for writer in connections.values():
            writer.transport.abort()  # the reader of the connection sees its end
        await asyncio.gather(*connections)
        self._servers.clear()


def _bind(addresses: Sequence[str], port: int) -> list[socket.socket]:
    """A bound socket for each publisher; all on 127.0.0.1 where the machine does not have the addresses."""
    places = [(address, port) for address in addresses]
    try:
        return _bind_all(places)
    except OSError as error:
        if error.errno != errno.EADDRNOTAVAIL:
            raise
        return _bind_all([(FALLBACK, port and port + step) for step in range(len(places))])


def _bind_all(places: Sequence[tuple[str, int]]) -> list[socket.socket]:
    with ExitStack() as opened:
        sockets = [opened.enter_context(socket.create_server(place)) for place in places]
        opened.pop_all()
        return sockets


class NewsroomThread:
    """A newsroom that is open while the block runs, in a thread with an event loop of its own."""

    def __init__(self, now: datetime, port: int = 0) -> None:
        self._newsroom = Newsroom(now, port)
        self._opened: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), name="newsroom", daemon=True)

    def __enter__(self) -> Newsroom:
        self._thread.start()
        self._loop = self._opened.result()
        return self._newsroom

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join()

    async def _main(self) -> None:
        self._closing = asyncio.Event()
        try:
            async with self._newsroom:
                self._opened.set_result(asyncio.get_running_loop())
                await self._closing.wait()
        except Exception as error:  # a port that is taken, for one: told to the caller of __enter__
            if self._opened.done():
                raise
            self._opened.set_exception(error)
