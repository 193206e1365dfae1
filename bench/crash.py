"""SIGKILL at random moments, again and again: is every announced article stored exactly once in the end?

A site announces articles and restates some of them. `dateline run` works on them and is killed, now with its workers,
now alone, mostly at work and sometimes while it starts; it always has work. After the last kill one `run --once --all`
is left in peace, and the store is compared with what the site announced. Exits 1 where anything was lost or doubled.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection, text

from bench.pages import gather
from bench.processes import alive
from bench.site import Site, Story
from ingest.archive import read_archived
from ingest.errors import ParseError
from ingest.model import Archived
from storage import migrate
from storage.engine import Database
from storage.owner import owner

HOSTS = 8
PAGES = 20
BATCH = 40  # stories announced whenever there is little to do
RESTATED = 10  # and as many of the known ones get a new edition
LITTLE = 20
WORK_S = (0.2, 3.0)  # how long a run works before it is killed
AT_START = 0.2  # of the runs are killed so long after their launch, whatever they are doing
PATIENCE_S = 60.0  # for a run to ask for something, and for the end of the last one to come
ORPHANS_S = 10.0  # for workers to notice that their parent is gone
EXAMPLE = "Example: python -m bench.crash --kills 20 --seed 7"
SAME_REVISIONS = """
select count(*) from revisions a
join revisions b on b.article_id = a.article_id and b.number = a.number + 1 and b.text_hash = a.text_hash"""
ROOT = Path(__file__).parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    samples, began = gather(options.corpus, PAGES), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dateline-bench-") as name, Site(samples, HOSTS) as site:
        folder = Path(name)
        url = options.database or f"sqlite:///{folder / 'dateline.db'}"
        runner = Runner(site, _write_config(folder, site, url), random.Random(seed), Database(url))
        if runner.is_filled():
            print("bench.crash: --database: it holds articles already; the bench wants one of its own", file=sys.stderr)
            return 2
        groups = [runner.kill(number + 1) for number in range(options.kills)]
        runner.finish()
        figures = runner.database.read(compare, site.stories(), folder / "archive")
        figures |= {"orphans": _orphans(groups), "db_check": runner.dateline("db", "check").returncode == 0}
        runner.database.close()
    bad = any(figures[name] for name in ("lost", "doubled", "unreadable", "orphans")) or not figures["db_check"]
    seconds = round(time.monotonic() - began, 1)
    print(json.dumps({"bench": "crash", "kills": options.kills, **figures, "seed": seed, "seconds": seconds}))
    return 1 if bad else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.crash", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("--kills", type=int, default=20, metavar="N", help="how often the daemon is killed [20]")
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="real pages; without it the bench makes its own")
    parser.add_argument("--seed", type=int, metavar="S", help="for the same moments again; timing still differs")
    parser.add_argument("--database", metavar="URL", help="an empty database [a SQLite file that is thrown away]")
    return parser.parse_args(arguments)


def _write_config(folder: Path, site: Site, database: str) -> Path:
    """Settings under which feeds are asked all the time and nothing waits."""
    settings: dict[str, Any] = {
        "database": database,
        "feeds": [{"url": url, "interval": "1s"} for url in site.feeds],
        "polling": {"minimum": "1s", "maximum": "2s", "initial": "1s"},
        "politeness": {"delay": 0},
        "fetch": {"allow_private": ["127.0.0.0/8"]},
        "archive": {"directory": "archive"},
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(settings), "utf-8")
    return path


# -- runs that are killed


@dataclass
class Runner:
    """The real command, run and killed."""

    site: Site
    config: Path
    dice: random.Random
    database: Database

    def is_filled(self) -> bool:
        migrate.upgrade(self.database)
        return bool(self.database.read(lambda connection: connection.scalar(text("select count(*) from articles"))))

    def kill(self, number: int) -> int:
        """Run the daemon and kill it. Returns its process group."""
        self._keep_busy()
        at_start, seconds = self.dice.random() < AT_START, self.dice.uniform(*WORK_S)
        alone, asked = self.dice.random() < 0.5, self.site.requests().total()
        with self._running("run") as process:
            if not at_start:
                self._wait(process, PATIENCE_S, until_asked=asked)
            self._wait(process, seconds)
            (process.kill if alone else lambda: os.killpg(process.pid, signal.SIGKILL))()
            process.wait()
        served = self.site.requests().total() - asked
        print(
            f"kill {number}: {seconds:.1f} s after its {'launch' if at_start else 'first request'},"
            f" {'alone' if alone else 'with its workers'}; {served} requests; {len(self.site.stories())} announced",
            flush=True,
        )
        return process.pid

    def finish(self) -> None:
        """Let one run do all that is left."""
        self._wait_for_owner()
        ended = self.dateline("run", "--once", "--all")
        if ended.returncode:
            raise RuntimeError(f"the last run failed: {self._log()}")

    def dateline(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        with self._running(*arguments) as process:
            return subprocess.CompletedProcess(arguments, process.wait())

    @contextmanager
    def _running(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """A command of ours, leader of a process group of its own; what it says goes to a file."""
        self._wait_for_owner()
        command = [sys.executable, "-c", "from jobs.cli import main; main()", *arguments, "--config", str(self.config)]
        with self.config.with_name("log.jsonl").open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
            )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _wait(self, process: subprocess.Popen[bytes], seconds: float, until_asked: int | None = None) -> None:
        """Let it work. With `until_asked`, until the site has answered more requests than that."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if process.poll() is not None:
                raise RuntimeError(f"the daemon ended by itself: {self._log()}")
            if until_asked is not None and self.site.requests().total() > until_asked:
                return
            self._keep_busy()
            time.sleep(0.03)
        if until_asked is not None:
            raise RuntimeError(f"the daemon asked for nothing: {self._log()}")

    def _keep_busy(self) -> None:
        if self.site.unread() < LITTLE:
            self.site.announce(BATCH)
            self.site.restate(RESTATED)

    def _wait_for_owner(self) -> None:
        """A server takes a moment to notice that its client is dead; a file's lock is gone at once."""
        ends = time.monotonic() + PATIENCE_S
        while owner(self.database) is not None and time.monotonic() < ends:
            time.sleep(0.05)

    def _log(self) -> str:
        return self.config.with_name("log.jsonl").read_text("utf-8", "replace")[-2_000:]


def _orphans(groups: Sequence[int]) -> int:
    """How many workers of killed runs stay; they are ended here."""
    ends = time.monotonic() + ORPHANS_S
    while (left := alive(groups)) and time.monotonic() < ends:
        time.sleep(0.1)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    return len(left)


# -- what is left


def compare(connection: Connection, stories: Sequence[Story], archive: Path) -> dict[str, Any]:
    """The store beside what was announced."""
    rows = connection.execute(text("select url, text, revision_count from v_articles")).all()
    texts = {row.url: row.text for row in rows}
    missing = [story for story in stories if story.url not in texts]
    stale = [story for story in stories if story.url in texts and story.mark not in texts[story.url]]
    waiting = connection.execute(text("select coalesce(reason, state), count(*) from entries group by 1")).all()
    return {
        "lost": len(missing) + len(stale),
        "missing": len(missing),
        "stale": len(stale),
        "doubled": _doubled(connection, stories, rows),
        "announced": len(stories),
        "restated": sum(story.edition - 1 for story in stories),
        "articles": len(rows),
        "revisions": connection.scalar(text("select count(*) from revisions")),
        "entries": {row[0]: row[1] for row in waiting},
        "unreadable": _unreadable(connection, archive),
    }


def _doubled(connection: Connection, stories: Sequence[Story], rows: Sequence[Any]) -> int:
    """Articles, entries and revisions that are there more often than they were announced."""
    editions = {story.url: story.edition for story in stories}
    urls = Counter(row.url for row in rows)
    reports = Counter(row.text.partition("This is report ")[2][:6] for row in rows)  # the same text elsewhere
    entries = connection.execute(text("select url, count(*) from entries group by url having count(*) > 1")).all()
    same = int(connection.execute(text(SAME_REVISIONS)).scalar_one())
    repeated = sum(count - 1 for count in (*urls.values(), *reports.values(), *(int(row[1]) for row in entries)))
    surplus = [row for row in rows if row.revision_count > editions.get(row.url, 0)]
    return repeated + len(surplus) + same


def _unreadable(connection: Connection, archive: Path) -> int:
    """Pages whose place in the archive does not hold them."""
    query = text("select archive_file, archive_offset, archive_length from pages where archive_file is not null")
    return sum(not _is_readable(archive, Archived(*row)) for row in connection.execute(query))


def _is_readable(archive: Path, place: Archived) -> bool:
    try:
        read_archived(archive, place)
    except ParseError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
