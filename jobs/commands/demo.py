"""`dateline demo`: a small newsroom on loopback, and the whole pipeline run on it before a newcomer's eyes."""

from __future__ import annotations

import logging
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import SettingsError
from jobs import logs
from jobs.clock import wall_clock
from jobs.commands.query import run_query
from jobs.commands.show import article_record, difference
from jobs.config import DEFAULT, Settings, load_config
from jobs.daemon import run
from jobs.demo.newsroom import Newsroom, NewsroomThread
from jobs.present import may_colour
from storage.engine import Database

ARTICLES = "select article_id as id, host, language, title, word_count as words from v_articles order by article_id"
COPIES = """
select original_host, copy_host, relation, hours_later, copy_title
from v_syndication order by original_id, hours_later"""
FAILURES = "select what, host, reason, url from v_failures order by what desc, reason"
REVISED = "select article_id as id, title, revision_count from v_articles where revision_count > 1"

SETTINGS = """\
# The settings of `dateline demo`: its newsroom lives on this machine, so private addresses are let through.
database: sqlite:///dateline.db
user_agent: "Dateline demo (+https://example.org/contact)"
politeness: {{delay: 0}}
fetch: {{allow_private: ["127.0.0.0/8"]}}
feeds:
{feeds}
"""


def show_demo(keep: Path | None) -> int:
    """Run the demo; with `keep`, its settings, database and archive stay there. Returns the exit code."""
    began = time.monotonic()
    logs.configure(level=logging.ERROR)
    with _folder(keep) as folder, NewsroomThread(wall_clock()) as newsroom:
        settings = _settings(folder, newsroom)
        _introduce(newsroom)
        _step("$ dateline run --once", "every feed is polled, every article fetched, read and stored")
        code = _run(settings, newsroom)
        if code:  # interrupted
            return code
        _query(settings, "the articles", ARTICLES)
        _query(settings, "three publishers carry one agency text: who had it first, who later", COPIES)
        _query(settings, "what could not be had is a row with a reason", FAILURES)
        newsroom.next_edition()
        _step(
            "$ dateline run --once --all",
            "the Ledger has corrected an article meanwhile; nothing else is fetched again",
        )
        code = _run(settings, newsroom, everything=True)
        _query(settings, "it has two revisions now", REVISED)
        _diff(settings)
        _farewell(folder if keep else None, time.monotonic() - began)
    return code


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="dateline-demo-") as name:
            yield Path(name)
        return
    if (keep / DEFAULT).exists():
        raise SettingsError(f"{keep / DEFAULT} exists: name a new folder with --keep")
    keep.mkdir(parents=True, exist_ok=True)
    yield keep


def _settings(folder: Path, newsroom: Newsroom) -> Settings:
    path = folder / DEFAULT
    path.write_text(SETTINGS.format(feeds="\n".join(f'  - {{url: "{url}"}}' for url in newsroom.feeds)), "utf-8")
    return load_config(path)


def _introduce(newsroom: Newsroom) -> None:
    print("A small newsroom on this machine:\n")
    for publisher in newsroom.publishers:
        print(f"  {publisher.name:26} {publisher.language}  {publisher.url}")


def _step(command: str, what: str) -> None:
    print(f"\n\033[1m{command}\033[0m" if sys.stdout.isatty() else f"\n{command}")
    print(f"  {what}", flush=True)


def _run(settings: Settings, newsroom: Newsroom, *, everything: bool = False) -> int:
    before = newsroom.requests.copy()
    began = time.monotonic()
    code, summary = run(settings, once=True, everything=everything)
    asked = newsroom.requests - before
    requests = ", ".join(f"{count} × {kind}" for kind, count in sorted(asked.items()))
    print(
        f"  {summary['polls']} polls, {summary['articles_stored']} articles stored,"
        f" {summary['articles_revised']} revised, {summary['pages_failed']} pages not to be had"
        f" ({time.monotonic() - began:.1f} s)\n  the newsroom was asked for: {requests}"
    )
    return code


def _query(settings: Settings, title: str, sql: str) -> None:
    _step(f'$ dateline query "{" ".join(sql.split())}"', title)
    print(flush=True)
    run_query(settings.database, sql, [], "table", None)


def _diff(settings: Settings) -> None:
    database = Database(settings.database)
    try:
        number = database.read(lambda c: c.exec_driver_sql(REVISED).scalar())
        if number is not None:
            _step(f"$ dateline show {number} --diff 1 2", "what was changed\n")
            record = database.read(article_record, str(number))
            print(textwrap.indent(difference(record, (1, 2)).as_text(colours=may_colour()), "  "))
    finally:
        database.close()


def _farewell(folder: Path | None, seconds: float) -> None:
    print(f"\nThat was the whole pipeline, in {seconds:.0f} s, and everything is plain SQL.")
    if folder is None:
        print("Keep the database to look around in it: dateline demo --keep DIR")
    else:
        print(f"Look around: cd {folder} && dateline status, dateline show 1, dateline query …")
    print("Your own: dateline init newsroom && cd newsroom && dateline run")
