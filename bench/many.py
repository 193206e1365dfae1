"""Many feeds, polled by the real daemon at the rate that they are due: what a poll costs, and how late it comes.

    python -m bench.many --feeds 10000 --hosts 2000 --seconds 120            # in the middle of an hour like any other
    python -m bench.many --feeds 100000 --hosts 20000 --fresh --seconds 300  # all of them just added

Every host is an address of its own on loopback; one process serves them all. A feed has 20 items, validators, and
answers 304 unless it changed; of `--changed` of the polls it has. The feeds are due evenly over their interval, as a
stable phase makes them, or with `--fresh` all at once. Linux has all these addresses by itself; elsewhere this bench
does not run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, func, select, text, update

from bench.processes import running
from storage import hosts, migrate, tables
from storage.engine import Database
from storage.feeds import WantedFeed, add_many

ITEMS = 20
START_S = 60.0  # for the first poll to come
LOOKS = 200  # how often the due query is asked
EXAMPLE = "Example: python -m bench.many --feeds 10000 --hosts 2000 --seconds 120"


# --- the farm -----------------------------------------------------------------------------------------------------


def address(host: int) -> str:
    """127.1.0.0 and on."""
    return f"127.{host // 65536 + 1}.{host // 256 % 256}.{host % 256}"


class Farm(asyncio.Protocol):
    """Answers every GET: a feed, an article or no rules. Keeps nothing; `edition` says what changed when."""

    changed = 0.02
    interval_s = 3600.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        for head in data.split(b"\r\n\r\n")[:-1]:
            self._transport.write(self._answer(head))  # type: ignore[attr-defined]

    def _answer(self, head: bytes) -> bytes:
        path = head.split(b" ", 2)[1].decode()
        if not path.startswith("/feed/"):
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        number = int(path.rsplit("/", 1)[1])
        edition = self.edition(number)
        etag = f'"{number}-{edition}"'
        if f"if-none-match: {etag}".encode() in head.lower():
            return f"HTTP/1.1 304 Not Modified\r\nETag: {etag}\r\n\r\n".encode()
        body = document(number, edition)
        head_lines = ["Content-Type: application/rss+xml", f"ETag: {etag}", f"Content-Length: {len(body)}"]
        return "\r\n".join(["HTTP/1.1 200 OK", *head_lines, "", ""]).encode() + body

    def edition(self, number: int) -> int:
        """Grows by one in `changed` of the intervals, each feed at its own time."""
        return int(time.time() / self.interval_s * self.changed + number * 0.6180339887 % 1)


def document(number: int, edition: int) -> bytes:
    """A feed of ITEMS items, the newest first. Its links lead nowhere: what is measured is polling."""
    items = "".join(
        f"<item><title>Story {n} of feed {number}</title><guid isPermaLink='false'>{number}-{n}</guid>"
        f"<description>{'What happened there is told in some words. ' * 8}</description>"
        f"<pubDate>Mon, 23 Nov 2026 {n % 24:02}:00:00 GMT</pubDate></item>"
        for n in range(edition + ITEMS, edition, -1)
    )
    return f"<rss version='2.0'><channel><title>Feed {number}</title>{items}</channel></rss>".encode()


def serve(pipe: Connection, changed: float, interval_s: float) -> None:
    Farm.changed, Farm.interval_s = changed, interval_s

    async def work() -> None:
        server = await asyncio.get_running_loop().create_server(Farm, "0.0.0.0", 0, backlog=4096)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(work())


@contextmanager
def farm(changed: float, interval_s: float) -> Iterator[int]:
    """The farm in a process of its own; yields its port."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=serve, args=(theirs, changed, interval_s), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def host_of(number: int, options: argparse.Namespace) -> str:
    """The first `--crowded` feeds lie on one host, the others evenly on theirs."""
    per_host = max((options.feeds - options.crowded) // options.hosts, 1)
    return address(0 if number < options.crowded else 1 + (number - options.crowded) // per_host)


# --- the store ----------------------------------------------------------------------------------------------------


def fill(database: Database, options: argparse.Namespace, port: int) -> float:
    """Add the feeds. Without `--fresh` they have been polled before and are due evenly. Returns the seconds it took."""
    now, started = datetime.now(UTC), time.monotonic()
    wanted = [
        WantedFeed(f"http://{host_of(n, options)}:{port}/feed/{n}", interval_s=options.interval)
        for n in range(options.feeds)
    ]
    database.write(add_many, wanted, now)
    took = time.monotonic() - started
    if not options.fresh:
        database.write(pretend, options, now)
    return took


def pretend(connection: Any, options: argparse.Namespace, now: datetime) -> None:
    """As if all had been polled in the last hour: entries, validators, and a due moment each."""
    Farm.changed, Farm.interval_s = options.changed, options.interval
    farm_now = Farm()
    phase = options.interval / options.feeds
    c = tables.feeds.c
    rows = connection.execute(select(c.id, c.url)).all()
    connection.execute(
        update(tables.feeds).where(c.id == bindparam("feed")),
        [
            {
                "feed": row.id,
                "etag": f'"{(n := int(row.url.rsplit("/", 1)[1]))}-{farm_now.edition(n)}"',
                "body_hash": b"x" * 16,
                "cadence_s": options.interval,
                "due_at": now + timedelta(seconds=options.warm_up + (n * 7919 % options.feeds) * phase),
                "full_at": now,
            }
            for row in rows
        ],
    )
    connection.execute(text("update hosts set due_at = (select min(due_at) from feeds where feeds.host = hosts.name)"))


def due_query_ms(database: Database) -> float:
    """One look at which hosts are due, in the middle of the work: the median of many."""
    costs = []
    for _ in range(LOOKS):
        started = time.perf_counter()
        database.read(hosts.load_due, datetime.now(UTC), 200)
        costs.append((time.perf_counter() - started) * 1000)
    return sorted(costs)[LOOKS // 2]


# --- the run ------------------------------------------------------------------------------------------------------


def cpu_s(root: int) -> float:
    """Of the daemon and all its processes, which are a group."""
    return sum(each.cpu_s for each in running() if each.group == root)


def resident_mb(root: int) -> tuple[float, float]:
    """Resident memory of the daemon itself, and of all its processes as their shares (Pss: proc(5))."""
    own = shared = 0.0
    for each in running():
        if each.group != root:
            continue
        try:
            lines = Path(f"/proc/{each.pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        found = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
        shared += found["Pss"] / 1024
        own = found["Rss"] / 1024 if each.pid == root else own
    return own, shared


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    with farm(options.changed, options.interval) as port:
        path = folder / "config.yaml"
        settings = {"fetch": {"allow_private": ["127.0.0.0/8"]}, "politeness": {"delay": options.delay}}
        path.write_text(json.dumps(settings | {"database": f"sqlite:///{folder}/many.db"}))
        with closing(Database(f"sqlite:///{folder}/many.db")) as database:
            migrate.upgrade(database)
            added_s = fill(database, options, port)
            with (folder / "log").open("wb") as log:
                daemon = subprocess.Popen(
                    [str(Path(sys.executable).with_name("dateline")), "run", "--config", str(path)],
                    stderr=log, stdout=log, start_new_session=True,
                )  # fmt: skip
            try:
                return {"added_s": round(added_s, 1)} | watch(options, database, daemon.pid)
            finally:
                daemon.send_signal(signal.SIGTERM)
                daemon.wait(60)


def watch(options: argparse.Namespace, database: Database, daemon: int) -> dict[str, Any]:
    due = database.read(due_moments)
    time.sleep(options.warm_up)
    _wait_for_poll(database, datetime.min.replace(tzinfo=UTC))  # a busy machine may take longer to start it
    since, before, wall = datetime.now(UTC), cpu_s(daemon), time.monotonic()
    slowest = 0.0
    while time.monotonic() - wall < options.seconds:
        time.sleep(min(5.0, options.seconds))
        slowest = max(slowest, due_query_ms(database))
        done = database.read(lambda c: c.scalar(text("select count(*) from polls")))
        print(f"{time.monotonic() - wall:5.0f} s  {done:,} polls", file=sys.stderr)
    _wait_for_poll(database, since)
    took, spent = time.monotonic() - wall, cpu_s(daemon) - before
    own, shared = resident_mb(daemon)
    late = database.read(lateness, since, due, options.crowded)
    polls = database.read(polls_since, since)
    return {
        "polls": polls,
        "polls_per_s": round(polls / took, 2),
        "cpu_share": round(spent / took, 4),
        "cpu_ms_per_poll": round(1000 * spent / max(polls, 1), 2),
        "p99_late_share": round(late[int(len(late) * 0.99)] / options.interval, 4) if late else None,
        "due_query_ms": round(slowest, 2),
        "rss_mb": round(own),
        "all_mb": round(shared),
    }


def _wait_for_poll(database: Database, since: datetime) -> None:
    deadline = time.monotonic() + START_S
    while not database.read(polls_since, since) and time.monotonic() < deadline:
        time.sleep(0.2)


def due_moments(connection: Any) -> dict[int, datetime]:
    c = tables.feeds.c
    return {row.id: row.due_at for row in connection.execute(select(c.id, c.due_at))}


def lateness(connection: Any, since: datetime, due: dict[int, datetime], crowded: int) -> list[float]:
    """How much later than due the first poll of each feed was, in seconds, in order; not of those on a crowded host."""
    c = tables.polls.c
    first = connection.execute(select(c.feed_id, func.min(c.started_at)).group_by(c.feed_id))
    return sorted((at - due[feed]).total_seconds() for feed, at in first if at >= since and feed > crowded)


def polls_since(connection: Any, since: datetime) -> int:
    c = tables.polls.c
    return int(connection.scalar(select(func.count()).where(c.started_at >= since)))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.many", description=__doc__, epilog=EXAMPLE,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--feeds", type=int, default=2000)
    parser.add_argument("--hosts", type=int, default=400)
    parser.add_argument("--interval", type=int, default=3600, help="seconds between two polls of a feed")
    parser.add_argument("--changed", type=float, default=0.02, help="share of the polls that find something new")
    parser.add_argument("--delay", type=float, default=2.0, help="politeness.delay")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long to look on")
    parser.add_argument("--warm-up", type=float, default=10.0, help="seconds from the start until it counts")
    parser.add_argument("--crowded", type=int, default=0, help="so many of the feeds lie on one host, besides")
    parser.add_argument("--fresh", action="store_true", help="all feeds were just added")
    parser.add_argument("--corpus", help="not used: this bench makes its own feeds")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="dateline-many-") as folder:
        figures = measure(options, Path(folder))
    print(json.dumps({"bench": "many", "feeds": options.feeds, "hosts": options.hosts, **figures}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
