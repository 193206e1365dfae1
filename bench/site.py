"""A site in a process of its own: many hosts on loopback, each with a feed, a robots.txt and articles.

    with Site(samples, hosts=100) as site:
        site.announce(1_000)              # they stand in the feeds from now on
        ...
        site.stories()                    # what was announced, to be compared with what was stored

Host number N listens on 127.0.(N // 250 + 1).(N % 250 + 1). Pages lie ready, gzipped, so that serving costs next to
nothing; feeds have validators and answer 304. Linux has all these addresses by itself; macOS wants them as aliases.
"""

from __future__ import annotations

import asyncio
import gzip
import multiprocessing
import random
import socket
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from functools import partial
from hashlib import blake2b
from html import escape
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

from bench.pages import Sample, mark, vary

MAX_HEAD = 64 * 1024
STEP_S = 60  # between the publication of two stories of a host


@dataclass(frozen=True, slots=True)
class Story:
    """An article that a feed announces. A restated one keeps its address and has its next edition."""

    number: int
    url: str
    title: str
    edition: int = 1

    @property
    def mark(self) -> str:
        """A sentence that stands in this edition of this story and nowhere else."""
        return mark(self.number, self.edition)


class Site:
    """The handle on the site's process: each method is a question that the process answers."""

    def __init__(self, samples: Sequence[Sample], hosts: int) -> None:
        context = multiprocessing.get_context("fork")  # the samples need no copy
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_run, args=(self._pipe, theirs, samples, hosts), daemon=True)
        self.bases: list[str] = []

    def __enter__(self) -> Self:
        self._process.start()
        self.bases = self._ask("bases")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.join()

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    @property
    def feeds(self) -> list[str]:
        return [base + "/feed.xml" for base in self.bases]

    def announce(self, count: int) -> None:
        """Put new stories into the feeds, in turn over the hosts."""
        self._ask("announce", count)

    def restate(self, count: int) -> None:
        """Bring out a new edition of some stories that were asked for: their page and their entry change."""
        self._ask("restate", count)

    def stories(self) -> list[Story]:
        """Everything that was announced, in its newest edition."""
        found: list[Story] = self._ask("stories")
        return found

    def unread(self) -> int:
        """Stories whose newest edition nobody has asked for."""
        return int(self._ask("unread"))

    def requests(self) -> Counter[str]:
        """Answers by kind: "feed 200", "feed 304", "robots", "page", "404"."""
        found: Counter[str] = self._ask("requests")
        return found

    def cpu_s(self) -> float:
        """CPU seconds of the site's process."""
        return float(self._ask("cpu_s"))

    def _ask(self, question: str, *arguments: Any) -> Any:
        self._pipe.send((question, arguments))
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class _Host:
    base: str
    stories: dict[str, Story] = field(default_factory=dict)  # by path
    pages: dict[str, bytes] = field(default_factory=dict)
    feed: bytes = b""  # empty: to be written anew


class _Newsstand:
    """What the site's process does: the questions of `Site`, and the answers to HTTP."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self.hosts: list[_Host] = []
        self.served: set[tuple[str, int]] = set()
        self._samples = samples
        self._requests: Counter[str] = Counter()
        self._count = 0
        self._dice = random.Random(1)
        self._began = time.time()

    def bases(self) -> list[str]:
        return [host.base for host in self.hosts]

    def announce(self, count: int) -> None:
        for number in range(self._count, self._count + count):
            host = self.hosts[number % len(self.hosts)]
            title = self._samples[number % len(self._samples)].title
            self._publish(host, Story(number, f"{host.base}/news/{number:06d}.html", title))
        self._count += count

    def restate(self, count: int) -> None:
        known = [(host, s) for host in self.hosts for s in host.stories.values() if (s.url, s.edition) in self.served]
        for host, story in self._dice.sample(known, min(count, len(known))):
            self._publish(host, replace(story, edition=story.edition + 1))

    def _publish(self, host: _Host, story: Story) -> None:
        path = story.url.removeprefix(host.base)
        sample = self._samples[story.number % len(self._samples)]
        body = gzip.compress(vary(sample, story.number, story.edition), 1)
        host.pages[path] = _wire("200 OK", body, "Content-Type: text/html\r\nContent-Encoding: gzip")
        host.stories[path] = story
        host.feed = b""

    def stories(self) -> list[Story]:
        return sorted((s for host in self.hosts for s in host.stories.values()), key=lambda story: story.number)

    def unread(self) -> int:
        return sum((s.url, s.edition) not in self.served for host in self.hosts for s in host.stories.values())

    def requests(self) -> Counter[str]:
        return self._requests

    def cpu_s(self) -> float:
        return time.process_time()

    def answer(self, host: _Host, head: bytes) -> bytes:
        """The bytes that answer a request."""
        path = head.split(b" ", 2)[1].decode("latin-1")
        if path in host.pages:
            story = host.stories[path]
            self.served.add((story.url, story.edition))
            return self._counted("page", host.pages[path])
        if path == "/feed.xml":
            return self._feed(host, head)
        if path == "/robots.txt":
            return self._counted("robots", _wire("200 OK", b"User-agent: *\nDisallow: /private/\n"))
        return self._counted("404", _wire("404 Not Found", b"not here"))

    def _feed(self, host: _Host, head: bytes) -> bytes:
        host.feed = host.feed or _write_feed(host, self._began)
        etag = f'"{blake2b(host.feed, digest_size=8).hexdigest()}"'
        if etag.encode() in head:
            return self._counted("feed 304", f"HTTP/1.1 304 Not Modified\r\nETag: {etag}\r\n\r\n".encode())
        return self._counted(
            "feed 200", _wire("200 OK", host.feed, f"Content-Type: application/rss+xml\r\nETag: {etag}")
        )

    def _counted(self, kind: str, answer: bytes) -> bytes:
        self._requests[kind] += 1
        return answer


def _wire(status: str, body: bytes, headers: str = "Content-Type: text/plain") -> bytes:
    return f"HTTP/1.1 {status}\r\n{headers}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _write_feed(host: _Host, began: float) -> bytes:
    """Every story the host ever announced: what is not stored in the end was lost by the reader."""
    items = "".join(
        f"<item><title>{escape(story.title)}</title><link>{story.url}</link><guid>{story.url}</guid>"
        f"<description>Report {story.number}, edition {story.edition}.</description>"
        f"<pubDate>{formatdate(began - STEP_S * (len(host.stories) - place))}</pubDate></item>"
        for place, story in reversed(list(enumerate(host.stories.values())))
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{host.base}</title>'
        f"<link>{host.base}/</link><description>A bench</description>{items}</channel></rss>"
    ).encode()


class _Door(asyncio.Protocol):
    """One connection: HTTP/1.1 with keep-alive, GET alone."""

    def __init__(self, newsstand: _Newsstand, host: _Host) -> None:
        self._newsstand, self._host, self._received = newsstand, host, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            if head.count(b" ") < 2:
                self._transport.close()
                return
            self._transport.write(self._newsstand.answer(self._host, head))
        if len(self._received) > MAX_HEAD:
            self._transport.close()


def _run(theirs: Connection, pipe: Connection, samples: Sequence[Sample], hosts: int) -> None:
    theirs.close()  # else we would not see the bench's end when it is killed
    try:
        asyncio.run(_serve(pipe, samples, hosts))
    except KeyboardInterrupt:
        pass
    except Exception as error:  # told to the bench, whose question waits for an answer
        pipe.send(error)


async def _serve(pipe: Connection, samples: Sequence[Sample], hosts: int) -> None:
    loop, newsstand = asyncio.get_running_loop(), _Newsstand(samples)
    for number in range(hosts):
        door = socket.create_server((f"127.0.{number // 250 + 1}.{number % 250 + 1}", 0), backlog=256)
        address, port = door.getsockname()
        host = _Host(f"http://{address}:{port}")
        newsstand.hosts.append(host)
        await loop.create_server(partial(_Door, newsstand, host), sock=door)
    closed: asyncio.Future[None] = loop.create_future()

    def questioned() -> None:
        try:
            question, arguments = pipe.recv()
            pipe.send(getattr(newsstand, question)(*arguments))
        except (EOFError, OSError):  # the bench is gone
            loop.remove_reader(pipe.fileno())
            closed.set_result(None)

    loop.add_reader(pipe.fileno(), questioned)
    await closed
