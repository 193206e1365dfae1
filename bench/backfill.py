"""A WARC file of pages read into a new store, beside bare trafilatura and news-please; and kills while it is done.

    python -m bench.backfill --corpus DIR --documents 600 --rounds 3
    python -m bench.backfill --kills 50                          # stopped at random moments, then compared
    python -m bench.backfill --urls 1000000                      # a tree of sitemaps, addresses alone

Ours: archive, fingerprints, full text, everything on, one database, with the same number of worker processes as bare
trafilatura (`bare_extraction(html, with_metadata=True)` over pages in memory, in a pool) has. Rounds alternate, so that
a busy machine is busy for both; the ratio is that of the medians. news-please is run where `--news-please PYTHON` names
an interpreter that has it: `NewsPlease.from_html` over the same pages, as many processes. With `--kills` the program is
stopped again and again, by Ctrl-C and by kill -9 in turn; the rows in the end are compared with those of a run that
nobody disturbed. Exits 1 where a document is not stored exactly once, or rows differ.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import text
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from bench.many import resident_mb
from bench.pages import Sample, gather, vary
from bench.pipeline import WARM_UP, bare_pool, run_bare
from bench.processes import descendants_cpu_s, running
from ingest.backfill.request import Source
from ingest.model import Page
from jobs import config, logs
from jobs.app import App, open_app
from jobs.backfill.files import work_on_files
from jobs.commands import backfill as command
from jobs.commands.backfill import Asked
from storage import backfill_results, migrate
from storage.engine import Database

EXAMPLE = "Example: python -m bench.backfill --corpus DIR --documents 600 --processes 2 --rounds 3"
HOSTS = 40
MOMENTS_S = (0.3, 4.0)  # after the start, at which a run is stopped
CHILD = 50_000  # addresses of a sitemap
ROWS = """
    select e.url, e.state, e.reason, a.title, a.text, a.word_count
    from entries e left join articles a on a.id = e.article_id"""
NEWS_PLEASE = """
import json, sys, time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from newsplease import NewsPlease
def read(path):
    try:
        return bool(NewsPlease.from_html(Path(path).read_text("utf-8", "replace"), url="https://north.example/a"))
    except Exception:
        return False
if __name__ == "__main__":
    paths, processes = sys.argv[2:], int(sys.argv[1])
    with ProcessPoolExecutor(processes) as pool:
        list(pool.map(read, paths[:processes * 2]))
        began = time.perf_counter()
        done = sum(pool.map(read, paths, chunksize=4))
        print(json.dumps({"per_s": len(paths) / (time.perf_counter() - began), "done": done}))
"""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="dateline-bench-") as name:
        folder = Path(name)
        if options.urls:
            figures, wrong = _sitemaps(folder, options.urls)
        elif options.kills:
            figures, wrong = _kills(folder, options)
        else:
            figures, wrong = _speed(folder, options)
    print(json.dumps({"bench": "backfill", **figures}))
    return 1 if wrong else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.backfill", description=__doc__, epilog=EXAMPLE,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="real pages; without it the bench makes its own")
    parser.add_argument("--documents", type=int, default=300, metavar="N", help="documents a round [300]")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, metavar="P", help="[one for each core]")
    parser.add_argument("--rounds", type=int, default=3, metavar="R", help="rounds of each kind [3]")
    parser.add_argument("--news-please", metavar="PYTHON", help="an interpreter that has news-please")
    parser.add_argument("--kills", type=int, default=0, metavar="N", help="stop it so often, and compare")
    parser.add_argument("--seed", type=int, default=1, help="of the moments [1]")
    parser.add_argument("--urls", type=int, default=0, metavar="N", help="addresses in a tree of sitemaps")
    return parser.parse_args(arguments)


def write_warc(path: Path, samples: Sequence[Sample], documents: int) -> list[str]:
    """Documents on many hosts, a gzip member each, as crawlers write them. Returns their addresses."""
    urls = []
    began = datetime.now(UTC) - timedelta(days=1)
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for number in range(documents):
            url = f"https://www.host{number % HOSTS}.example/news/{number:06d}.html"
            body = vary(samples[number % len(samples)], number)
            headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            dated = {"WARC-Date": f"{began + timedelta(seconds=number):%Y-%m-%dT%H:%M:%SZ}"}
            record = writer.create_warc_record(
                url, "response", BytesIO(body), length=len(body), http_headers=headers, warc_headers_dict=dated
            )
            writer.write_record(record)
            urls.append(url)
    return urls


def settings_in(folder: Path, processes: int) -> config.Settings:
    return config.Settings(
        database=f"sqlite:///{folder / 'dateline.db'}",
        politeness=config.Politeness(delay=0),
        fetch=config.Fetch(allow_private=["127.0.0.0/8"]),
        extract=config.Extract(workers=processes),
        archive=config.Archive(directory=str(folder / "archive")),
    )


# --- speed ----------------------------------------------------------------------------------------------------------


def _speed(folder: Path, options: argparse.Namespace) -> tuple[dict[str, Any], int]:
    samples = gather(options.corpus, options.documents)
    archive = folder / "pages.warc.gz"
    urls = write_warc(archive, samples, options.documents)
    size = statistics.mean(len(sample.html) for sample in samples)
    print(f"{len(samples)} pages of {size / 1000:.0f} kB on average, {len(urls)} documents a round", flush=True)
    bare_per_s, ours_per_s, costs, wrong = [], [], [], 0
    with bare_pool(samples, options.processes) as pool:
        for number in range(options.rounds):
            bare = run_bare(pool, options.documents)
            rate, cost, bad = _ours(folder / f"round{number}", archive, urls, samples, options.processes)
            bare_per_s.append(bare.per_s)
            ours_per_s.append(rate)
            costs.append(cost)
            wrong += bad
            print(
                f"round {number + 1}: bare {bare.per_s:6.1f}/s  backfill {rate:6.1f}/s  ratio {rate / bare.per_s:.3f}"
                f"  CPU ms a page: bare {1000 * bare.cpu / len(urls):.2f}  "
                + "  ".join(f"{part} {1000 * seconds / len(urls):.2f}" for part, seconds in cost.items()),
                flush=True,
            )
    ours, theirs = statistics.median(ours_per_s), statistics.median(bare_per_s)
    figures = {
        "stored_per_s": round(ours, 1),
        "bare_per_s": round(theirs, 1),
        "ratio_to_bare_trafilatura": round(ours / theirs, 3),
        "documents": len(urls),
        "processes": options.processes,
        "rounds": options.rounds,
        "not_stored_once": wrong,
        "cpu_ms_per_page": {
            part: round(1000 * statistics.mean(cost[part] for cost in costs) / len(urls), 2) for part in costs[0]
        },
    }
    if options.news_please:
        news_please = _news_please(folder, samples, options)
        figures |= {"news_please_per_s": round(news_please, 2), "ratio_to_news_please": round(ours / news_please, 2)}
    return figures, wrong


def _ours(
    folder: Path, archive: Path, urls: Sequence[str], samples: Sequence[Sample], processes: int
) -> tuple[float, dict[str, float], int]:
    """(documents a second, CPU seconds of each part, how many are not stored exactly once)."""
    folder.mkdir()
    settings = settings_in(folder, processes)
    with closing(Database(settings.database)) as database:
        migrate.upgrade(database)
        logs.configure(lambda _line: None, brief=True)
        number, _ = command.begin(settings, database, Asked(Source.WARC, (str(archive),)), "")
        seconds, cost = asyncio.run(_read(settings, number, samples))
        stored = database.read(lambda c: dict(c.execute(text("select url, count(*) from articles group by url")).all()))
    wrong = sum(stored.pop(url, 0) != 1 for url in urls) + len(stored)
    return len(urls) / seconds, cost, wrong


async def _read(settings: config.Settings, number: int, samples: Sequence[Sample]) -> tuple[float, dict[str, float]]:
    async with open_app(settings) as app:
        await _start_workers(app, samples)
        before, began = _cpu(app), time.perf_counter()
        await work_on_files(app, number)
        await app.write(backfill_results.finish, number, app.clock())
        seconds = time.perf_counter() - began
        return seconds, {part: now - before[part] for part, now in _cpu(app).items()}


async def _start_workers(app: App, samples: Sequence[Sample]) -> None:
    pages = [
        Page(f"http://127.0.0.1/{n}", samples[n % len(samples)].html, "text/html")
        for n in range(WARM_UP * app.extractor.workers)
    ]
    await asyncio.gather(*(app.extractor.read_page(page, datetime.now(UTC)) for page in pages))


def _cpu(app: App) -> dict[str, float]:
    """CPU seconds so far: of the writer, of the rest of this process, of the workers."""
    writer = app.writer.cpu_s
    return {"writer": writer, "main": time.process_time() - writer, "workers": descendants_cpu_s(os.getpid(), but=0)}


def _news_please(folder: Path, samples: Sequence[Sample], options: argparse.Namespace) -> float:
    """Documents a second; a tenth of the documents, for it is slow."""
    pages = folder / "pages"
    pages.mkdir()
    paths = []
    for number in range(max(options.documents // 10, options.processes * 4)):
        path = pages / f"{number}.html"
        path.write_bytes(vary(samples[number % len(samples)], number))
        paths.append(str(path))
    script = folder / "theirs.py"
    script.write_text(NEWS_PLEASE)
    command_line = [options.news_please, str(script), str(options.processes), *paths]
    ended = subprocess.run(command_line, capture_output=True, text=True, check=True)
    return float(json.loads(ended.stdout.splitlines()[-1])["per_s"])


# --- kills ----------------------------------------------------------------------------------------------------------


def _kills(folder: Path, options: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """A run that nobody disturbs, and one that is stopped again and again."""
    archive = folder / "pages.warc.gz"
    write_warc(archive, gather(options.corpus, options.documents), options.documents)
    undisturbed, disturbed = folder / "undisturbed", folder / "disturbed"
    for each in (undisturbed, disturbed):
        each.mkdir()
        said = {"database": "sqlite:///d.db", "extract": {"workers": options.processes}}
        (each / "config.yaml").write_text(json.dumps(said))
    _run(undisturbed, archive, None, None)
    moments = random.Random(options.seed)
    in_time = stops = 0
    for number in range(options.kills):
        how = signal.SIGKILL if number % 2 else signal.SIGINT
        ended = _run(disturbed, archive, moments.uniform(*MOMENTS_S), how)
        stops += 1
        in_time += ended
        if ended:  # it had come to its end: begin anew, with what there is to lose
            _forget(disturbed)
    _run(disturbed, archive, None, None)
    differ = int(_rows(undisturbed) != _rows(disturbed))
    print(f"{stops} stops, {in_time} of them after the end", flush=True)
    return {"kills": stops, "after_the_end": in_time, "documents": options.documents, "rows_differ": differ}, differ


def _run(folder: Path, archive: Path, after_s: float | None, how: signal.Signals | None) -> bool:
    """Run the command, stopped after so long. Returns whether it had ended by itself."""
    program = str(Path(sys.executable).with_name("dateline"))
    process = subprocess.Popen(
        [program, "backfill", "warc", str(archive)], cwd=folder, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    if after_s is None or how is None:
        process.wait()
        return True
    time.sleep(2.0 + after_s)  # its start takes so long
    has_ended = process.poll() is not None
    process.send_signal(how)
    process.wait()
    while any(each.group == process.pid for each in running()):
        time.sleep(0.1)
    return has_ended


def _forget(folder: Path) -> None:
    for path in folder.glob("d.db*"):
        path.unlink()


def _rows(folder: Path) -> list[str]:
    with closing(Database(f"sqlite:///{folder}/d.db")) as database:
        return sorted(str(tuple(row)) for row in database.read(lambda c: c.execute(text(ROWS)).all()))


# --- addresses ------------------------------------------------------------------------------------------------------


def _sitemaps(folder: Path, count: int) -> tuple[dict[str, Any], int]:
    """A tree of sitemaps on loopback, in a process of its own; the program itself, and what it keeps resident."""
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(count), str(CHILD)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        url = server.stdout.readline().strip()
        said = {"database": "sqlite:///d.db", "politeness": {"delay": 0}, "fetch": {"allow_private": ["127.0.0.0/8"]}}
        (folder / "config.yaml").write_text(json.dumps(said))
        program = str(Path(sys.executable).with_name("dateline"))
        began, peak, own = time.monotonic(), 0.0, 0.0
        process = subprocess.Popen(
            [program, "backfill", "sitemap", url, "--dry-run", "--json"], cwd=folder, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, start_new_session=True, text=True,
        )  # fmt: skip
        while process.poll() is None:
            own_mb, all_mb = resident_mb(process.pid)
            peak, own = max(peak, all_mb), max(own, own_mb)
            time.sleep(0.5)
        seconds = time.monotonic() - began
        assert process.stdout is not None
        found = json.loads(process.stdout.read())["found"]
    finally:
        server.terminate()
        server.wait()
    figures = {
        "urls": count,
        "found": found,
        "seconds": round(seconds, 1),
        "peak_mb": round(peak),
        "own_peak_mb": round(own),
    }
    return figures, int(found != count)


SERVER = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
count, child = int(sys.argv[1]), int(sys.argv[2])
class Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        base = "http://%s:%d" % self.server.server_address
        if self.path == "/sitemap.xml":
            rows = "".join(f"<sitemap><loc>{base}/child-{n}.xml</loc></sitemap>" for n in range(-(-count // child)))
            body = f"<sitemapindex>{rows}</sitemapindex>".encode()
        elif self.path.startswith("/child-"):
            n = int(self.path[7:-4])
            numbers = range(n * child, min((n + 1) * child, count))
            day = "<lastmod>2024-06-15T12:00:00Z</lastmod>"
            rows = "".join(f"<url><loc>{base}/2024/06/a-story-of-some-length-{i}</loc>{day}</url>" for i in numbers)
            body = f"<urlset>{rows}</urlset>".encode()
        else:
            self.send_response(404); self.send_header("Content-Length", "0"); self.end_headers(); return
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
print("http://%s:%d/sitemap.xml" % server.server_address, flush=True)
server.serve_forever()
"""


if __name__ == "__main__":
    sys.exit(main())
