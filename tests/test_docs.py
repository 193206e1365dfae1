"""What the docs say is true: every command, setting, event, reason, file, link and query in them is checked here."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer.main
from pydantic import BaseModel
from sqlalchemy import func, select, update

from ingest.backfill.request import Looked, PartState, Request, Seed, Source
from ingest.errors import Gone
from ingest.model import Entry, Fetched, ParsedEntry, Reason
from ingest.settle import decide_failed
from jobs.cli import app
from jobs.config import Settings, load_config, seconds, size
from jobs.demo.newsroom import NewsroomThread
from jobs.logs import EVENTS
from storage import backfill_results, backfills
from storage.articles import record_read
from storage.engine import Database
from storage.query import open_rows
from storage.tables import articles
from tests.conftest import opened
from tests.program import PROGRAM, run_once, write_config

ROOT = Path(__file__).parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md"))]
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
QUERIES = sorted(ROOT.glob("docs/queries/*.sql"))


def _text(page: Path) -> str:
    return page.read_text("utf-8")


def _documented_commands() -> Iterator[tuple[str, list[str]]]:
    """Every `dateline …` in the docs, with its words."""
    for page in PAGES:
        code = re.findall(r"^ {4}\$? ?(.*)$", _text(page), re.M) + re.findall(r"`([^`\n]+)`", _text(page))
        for line in code:
            for part in re.split(r"&&|\||#", line):
                words = shlex.split(re.sub(r"[<>].*", "", part), posix=True) if part.count('"') % 2 == 0 else []
                if words and words[0].removeprefix(".venv/bin/") == "dateline" and len(words) > 1:
                    yield page.name, words[1:]


@pytest.mark.parametrize(("page", "words"), list(_documented_commands()), ids=lambda value: str(value)[:60])
def test_a_documented_command_exists_with_its_options(page: str, words: list[str]) -> None:
    command: Any = typer.main.get_command(app)
    rest = list(words)
    while rest and hasattr(command, "commands") and rest[0] != "…":
        assert rest[0] in command.commands, f"{page}: dateline {' '.join(words)}"
        command = command.commands[rest.pop(0)]
    options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    for word in rest:
        if word.startswith("--"):
            assert word in options | {"--help"}, f"{page}: dateline {' '.join(words)}"


def _fields(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        if isinstance(field.default, BaseModel):
            yield from _fields(type(field.default), f"{prefix}{name}.")
        else:
            yield prefix + name, field.default


def test_every_setting_is_documented_with_its_default() -> None:
    text = _text(ROOT / "docs" / "settings.md")
    rows = dict(re.findall(r"^\| `([\w.]+)` \| `?([^|`]+)`? \|", text, re.M))
    later = set(re.findall(r"`([\w.]+)`", text.split("and in the log:")[1].split("A running daemon")[0]))
    assert set(rows) | later == {name for name, _ in _fields(Settings)}
    for name, default in _fields(Settings):
        if name in rows:
            assert _read_as(rows[name].strip(), default), f"{name}: {rows[name]} is not {default}"


def _read_as(shown: str, default: Any) -> bool:
    match default:
        case None:
            return shown in ("none", "auto", "forever")
        case bool():
            return shown == str(default).lower()
        case list():
            return shown == "[]" and not default
        case str():
            return shown == default
    readings = {seconds(shown) if re.fullmatch(r"[\d.]+(ms|s|m|h|d|w)?", shown) else size(shown)}
    return default in readings


def test_every_log_event_is_documented_as_the_program_says_it() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| (.+?) \|$", _text(ROOT / "docs" / "operations.md").split("## Log events")[1], re.M
    )
    assert dict(rows[: len(EVENTS)]) == EVENTS


def test_every_reason_is_documented_once() -> None:
    table = _text(ROOT / "docs" / "operations.md").split("## Reasons")[1]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    documented = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(documented) == sorted(reason.value for reason in Reason)


def test_every_make_target_in_the_docs_exists() -> None:
    targets = set(re.findall(r"^(\w+):", _text(ROOT / "Makefile"), re.M))
    used = {name for page in PAGES for name in re.findall(r"(?:^ {4}|`)make (\w+)", _text(page), re.M)}
    assert {"run", "test"} <= used <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_files_in_the_docs_exist(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", _text(page)):
        assert link.startswith("http") or (page.parent / link).exists(), link
    for name in re.findall(r"`((?:ingest|storage|jobs|tests|docs|bench|alembic)/[\w./-]*)", _text(page)):
        assert (ROOT / name).exists(), name


def test_the_settings_of_the_project_are_in_order() -> None:
    settings = load_config(ROOT / "jobs" / "config.yaml")  # what `init` writes; the one at the top is the user's
    assert len(settings.feeds) >= 10
    assert "https://www.theguardian.com/world/rss" in [feed.url for feed in settings.feeds]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory, server: Any) -> Iterator[Mapping[str, str]]:
    """The demo newsroom, twice over: stored on both databases, with its second edition."""
    with server.migrated() as postgresql, NewsroomThread(NOW) as newsroom:
        folders = {kind: tmp_path_factory.mktemp(kind) for kind in ("sqlite", "postgresql")}
        urls = {"sqlite": f"sqlite:///{folders['sqlite'] / 'dateline.db'}", "postgresql": postgresql}
        configs = [write_config(folders[kind], newsroom.feeds, database=urls[kind]) for kind in urls]
        for config in configs:
            run_once(config, lambda: NOW)
        newsroom.next_edition()
        for config in configs:
            run_once(config, lambda: NOW, everything=True)
        for url in urls.values():
            withdraw_one(url)
            backfill_two(url)
        yield urls


def withdraw_one(url: str) -> None:
    """Nothing vanishes from the newsroom within an hour, so one page is said to have."""
    first = select(func.min(articles.c.url)).scalar_subquery()
    gone = update(articles).where(articles.c.url == first).values(withdrawn_at=NOW, withdrawn_reason="gone")
    with opened(url) as database:
        database.write(lambda connection: connection.execute(gone))


def backfill_two(url: str) -> None:
    """The newsroom has no past: a list names one of its articles, and an address where nothing is."""
    gone = "https://gone.example/1"
    with opened(url) as database:
        known = database.read(lambda connection: connection.scalar(select(func.min(articles.c.url))))
        request, seed = Request(Source.URLS, ("list.txt",)), Seed("urls", "list.txt")
        number, _ = database.write(backfills.begin, request, [seed], NOW)
        part = database.read(backfills.load_file, number, [])
        assert known
        assert part
        found = [ParsedEntry(each, each) for each in (known, gone)]
        database.write(backfill_results.record_addresses, part, found, Looked(PartState.DONE), NOW)
        entry = database.read(backfills.load_next, "gone.example", NOW, number)
        assert isinstance(entry, Entry)
        database.write(record_read, decide_failed(entry, Fetched(NOW, 0.0), Gone(gone, Reason.GONE)))
        assert database.write(backfill_results.finish, number, NOW)


def _rows(url: str, sql: str) -> list[dict[str, Any]]:
    with open_rows(url, sql, {}) as (_, rows):
        return list(rows)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.stem)
def test_a_documented_query_gives_the_same_on_both_databases(query: Path, stores: Mapping[str, str]) -> None:
    lite, server = (_rows(stores[kind], _text(query)) for kind in ("sqlite", "postgresql"))
    assert lite, "the demo newsroom has something to say to every documented query"
    assert lite == server


def test_every_documented_query_says_what_it_answers() -> None:
    assert all(re.match(r"-- [A-Z].+\.\n", _text(query)) for query in QUERIES)


def test_the_tour_shows_what_the_demo_prints() -> None:
    printed = subprocess.run([*PROGRAM, "demo"], capture_output=True, text=True, check=True, timeout=120).stdout
    lines = {_masked(line) for line in printed.splitlines()}
    blocks = re.findall(r"<!-- tour: demo -->\n```\n(.*?)```", _text(ROOT / "README.md"), re.S)
    assert len(blocks) >= 4
    for line in "".join(blocks).splitlines():
        assert _masked(line) in lines, line


def test_the_documented_explanation_is_what_is_explained() -> None:
    found = re.search(r"<!-- explain: (\S+) -->\n```\n(.*?)```", _text(ROOT / "docs" / "operations.md"), re.S)
    assert found
    done = subprocess.run(
        [*PROGRAM, "extract", "--explain", found[1]], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    lines = iter(_without_sureness(line) for line in done.stdout.splitlines())
    for line in found[2].splitlines():
        assert _without_sureness(line) in lines, line  # and in this order


def test_the_documented_search_for_feeds_finds_what_it_shows(tmp_path: Path) -> None:
    found = re.search(r"<!-- discover: (\w+) -->\n```\n(.*?)```", _text(ROOT / "docs" / "operations.md"), re.S)
    assert found
    with NewsroomThread(datetime.now(UTC)) as newsroom:
        publisher = next(each for each in newsroom.publishers if each.key == found[1])
        command = [*PROGRAM, "feeds", "discover", publisher.url, "--config", str(write_config(tmp_path))]
        printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    lines = iter(_without_minutes(line) for line in printed.splitlines())
    for line in found[2].splitlines():
        assert _without_minutes(line) in lines, line  # and in this order


def _without_minutes(line: str) -> str:
    return re.sub(r"\d+ min ago", "N min ago", _masked(line))


def _without_sureness(line: str) -> str:
    """A line without what changes whenever the classifier has learned something."""
    return re.sub(r"\s+", " ", re.sub(r"\b[01]\.\d\d\b", "", line)).strip()


def _masked(line: str) -> str:
    """A line without what differs from run to run: ports, seconds, the length of columns."""
    line = re.sub(r":\d{4,5}\b", ":PORT", line)
    return re.sub(r"\s+", " ", re.sub(r"\(\d+\.\d s\)", "(SECONDS)", line)).strip()


def test_views_in_the_docs_exist(stores: Mapping[str, str]) -> None:
    named = {name for page in PAGES for name in re.findall(r"\bv_\w+", _text(page))}
    database = Database(stores["sqlite"])
    try:
        found = database.read(
            lambda c: set(c.exec_driver_sql("select name from sqlite_master where type='view'").scalars())
        )
    finally:
        database.close()
    assert named <= found
