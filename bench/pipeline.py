"""The whole pipeline beside bare trafilatura, over the same pages, with the same number of processes.

Pipeline: HTTP on loopback from a site in a process of its own, ten articles a host, robots rules, archive, SQLite, no
delay; from the first poll until nothing is due. Bare: `trafilatura.bare_extraction(html, with_metadata=True)` over
pages in memory, in a pool. Both have their processes started and warm. The rounds alternate, so that a busy machine is
busy for both, and the ratio is that of the medians. Exits 1 where a document is not stored exactly once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench.pages import Sample, gather, vary
from bench.processes import descendants_cpu_s
from bench.site import Site
from ingest.model import Page
from ingest.near import signature
from jobs import config, logs
from jobs.app import App, open_app
from jobs.engines.embedded import Embedded
from jobs.feed_lists import sync_feeds
from storage import duplicates, migrate
from storage.engine import Database

PER_HOST = 10  # documents, what a feed brings when it is polled for the first time in a while
WARM_UP = 4  # pages for each worker before a round
EXAMPLE = "Example: python -m bench.pipeline --documents 500 --processes 2 --rounds 3"


@dataclass
class Cpu:
    """CPU seconds of each part. `loop`: the event loop's thread; `threads`: the others of the main process."""

    loop: float
    threads: float
    writer: float
    workers: float
    site: float

    def since(self, before: Cpu) -> Cpu:
        was = asdict(before)
        return Cpu(**{part: now - was[part] for part, now in asdict(self).items()})

    def share(self) -> dict[str, float]:
        """Of what the pipeline's own parts cost together; the site's, which is no part of it, in the same measure."""
        own = sum(asdict(self).values()) - self.site
        return {part: round(cost / own, 3) for part, cost in asdict(self).items()}


@dataclass
class Bare:
    """One run of bare trafilatura."""

    per_s: float
    cpu: float  # seconds, over all processes


@dataclass
class Round:
    """One run of the pipeline."""

    stored_per_s: float
    wrong: int  # documents not stored exactly once
    cpu: Cpu
    copies: float  # CPU seconds of it that looking for copies has cost: signatures, keys, comparing, groups


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    samples = gather(options.corpus, options.documents)
    size = statistics.mean(len(sample.html) for sample in samples)
    print(f"{len(samples)} pages of {size / 1000:.0f} kB on average, {options.documents} documents a round", flush=True)
    bare: list[Bare] = []
    rounds: list[Round] = []
    with Site(samples, -(-options.documents // PER_HOST)) as site, bare_pool(samples, options.processes) as pool:
        site.announce(options.documents)
        for number in range(options.rounds):
            bare.append(run_bare(pool, options.documents))
            rounds.append(_pipeline(site, samples, options.processes))
            print(_line(number + 1, bare[-1], rounds[-1], options.documents), flush=True)
    wrong = sum(each.wrong for each in rounds)
    print(json.dumps(_figures(options, bare, rounds, wrong)))
    return 1 if wrong else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.pipeline", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="real pages; without it the bench makes its own")
    parser.add_argument("--documents", type=int, default=600, metavar="N", help="documents a round [600]")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, metavar="P", help="[one for each core]")
    parser.add_argument("--rounds", type=int, default=3, metavar="R", help="rounds of each kind [3]")
    return parser.parse_args(arguments)


# -- bare trafilatura

_pages: Sequence[Sample] = ()


@contextmanager
def bare_pool(samples: Sequence[Sample], processes: int) -> Iterator[Any]:
    """Warm processes that have the pages in memory. Forked before there is any thread."""
    global _pages
    _pages = samples
    pool = multiprocessing.get_context("fork").Pool(processes, _warm_up)
    try:
        pool.map(_extract, range(WARM_UP * processes), chunksize=WARM_UP)  # all of them have started
        yield pool
    finally:
        pool.terminate()
        pool.join()


def _warm_up() -> None:
    for number in range(WARM_UP):
        _extract(number)


def _extract(number: int) -> float:
    """Extract one document. Returns CPU seconds."""
    from trafilatura import bare_extraction

    began = time.process_time()
    bare_extraction(vary(_pages[number % len(_pages)], number), with_metadata=True)
    return time.process_time() - began


def run_bare(pool: Any, documents: int) -> Bare:
    began = time.perf_counter()
    cpu = sum(pool.imap_unordered(_extract, range(documents)))
    return Bare(documents / (time.perf_counter() - began), cpu)


# -- the pipeline


def _pipeline(site: Site, samples: Sequence[Sample], processes: int) -> Round:
    """One round on a new database."""
    with tempfile.TemporaryDirectory(prefix="dateline-bench-") as name:
        settings = _settings(Path(name), site, processes)
        database = Database(settings.database)
        migrate.upgrade(database)
        with (Path(name) / "log.jsonl").open("w") as log, redirect_stderr(log):  # as a daemon's is kept
            logs.configure()
            with _counted_placing() as placing:
                seconds, cpu = asyncio.run(_run(settings, site, samples))
        stories = site.stories()
        copies = sum(placing) + _signatures_cpu_s(database)
        wrong = _not_stored_once(database, [story.url for story in stories])
        database.close()
    return Round(len(stories) / seconds, wrong, cpu, copies)


@contextmanager
def _counted_placing() -> Iterator[list[float]]:
    """The CPU seconds of each article's placing among its copies, which is done by the writer's thread."""
    spent: list[float] = []
    place = duplicates.place

    def counted(*arguments: Any) -> bool:
        began = time.thread_time()
        is_republished = place(*arguments)
        spent.append(time.thread_time() - began)
        return is_republished

    duplicates.place = counted
    try:
        yield spent
    finally:
        duplicates.place = place


def _signatures_cpu_s(database: Database) -> float:
    """CPU seconds of the signatures of all that is stored, which the workers made: here they are made again.

    Twice, as a worker has met most words before.
    """
    texts = database.read(lambda connection: connection.execute(text("select text, title from articles")).all())
    for row in texts:
        signature(row.text, row.title or "")
    began = time.thread_time()
    for row in texts:
        signature(row.text, row.title or "")
    return time.thread_time() - began


def _settings(folder: Path, site: Site, processes: int) -> config.Settings:
    return config.Settings(
        database=f"sqlite:///{folder / 'dateline.db'}",
        feeds=[config.FeedSetting(url=url) for url in site.feeds],
        politeness=config.Politeness(delay=0),
        fetch=config.Fetch(allow_private=["127.0.0.0/8"]),
        extract=config.Extract(workers=processes),
        archive=config.Archive(directory=str(folder / "archive")),
    )


async def _run(settings: config.Settings, site: Site, samples: Sequence[Sample]) -> tuple[float, Cpu]:
    """Seconds and CPU seconds from the first poll until nothing is due."""
    async with open_app(settings) as app:
        await sync_feeds(app)
        await _start_workers(app, samples)
        before, began = _cpu(app, site), time.perf_counter()
        await Embedded(app).run_once()
        return time.perf_counter() - began, _cpu(app, site).since(before)


async def _start_workers(app: App, samples: Sequence[Sample]) -> None:
    pages = [
        Page(f"http://127.0.0.1/{n}", samples[n % len(samples)].html, "text/html")
        for n in range(WARM_UP * app.extractor.workers)
    ]
    await asyncio.gather(*(app.extractor.read_page(page, datetime.now(UTC)) for page in pages))


def _not_stored_once(database: Database, urls: Sequence[str]) -> int:
    """How many addresses the store does not hold exactly once, and how many articles it holds besides."""
    query = text("select url, count(*) from v_articles group by url")
    stored: dict[str, int] = dict(database.read(lambda connection: connection.execute(query).all()))
    return sum(stored.pop(url, 0) != 1 for url in urls) + len(stored)


# -- CPU time


def _cpu(app: App, site: Site) -> Cpu:
    """What each part has cost so far. Called in the event loop's thread."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    loop, writer = time.thread_time(), app.writer.cpu_s
    return Cpu(
        loop=loop,
        threads=used.ru_utime + used.ru_stime - loop - writer,
        writer=writer,
        workers=descendants_cpu_s(os.getpid(), but=site.pid),
        site=site.cpu_s(),
    )


# -- what is said


def _line(number: int, bare: Bare, run: Round, documents: int) -> str:
    costs = "  ".join(f"{part} {1000 * cost / documents:.2f}" for part, cost in asdict(run.cpu).items())
    return (
        f"round {number}: bare {bare.per_s:6.1f}/s  pipeline {run.stored_per_s:6.1f}/s"
        f"  ratio {run.stored_per_s / bare.per_s:.3f}"
        f"  CPU ms a page: bare {1000 * bare.cpu / documents:.2f}  {costs}"
        f"  copies {1000 * run.copies / documents:.2f}" + (f"  NOT STORED ONCE: {run.wrong}" if run.wrong else "")
    )


def _figures(options: argparse.Namespace, bare: Sequence[Bare], rounds: Sequence[Round], wrong: int) -> dict[str, Any]:
    stored_per_s, bare_per_s = (
        statistics.median(r.stored_per_s for r in rounds),
        statistics.median(b.per_s for b in bare),
    )
    cpu = Cpu(**{part: sum(getattr(r.cpu, part) for r in rounds) for part in asdict(rounds[0].cpu)})
    pages = options.documents * len(rounds)
    return {
        "bench": "pipeline",
        "stored_per_s": round(stored_per_s, 1),
        "bare_per_s": round(bare_per_s, 1),
        "ratio_to_bare_trafilatura": round(stored_per_s / bare_per_s, 3),
        "documents": options.documents,
        "processes": options.processes,
        "rounds": len(rounds),
        "not_stored_once": wrong,
        "cpu_share": cpu.share(),
        "cpu_ms_per_page": {part: round(1000 * cost / pages, 2) for part, cost in asdict(cpu).items()},
        "copies_cpu_share": round(sum(r.copies for r in rounds) / (sum(asdict(cpu).values()) - cpu.site), 3),
        "bare_cpu_ms_per_page": round(1000 * sum(b.cpu for b in bare) / pages, 2),
    }


if __name__ == "__main__":
    sys.exit(main())
