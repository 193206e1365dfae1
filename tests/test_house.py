"""The rules of the house, read from the code itself: who imports whom, who touches what, what things are called."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from jobs.logs import EVENTS

ROOT = Path(__file__).parent.parent
ORDER = ("ingest", "storage", "jobs")  # each may import those before it, and itself
FILES = sorted(path.relative_to(ROOT) for package in ORDER for path in (ROOT / package).rglob("*.py"))
LOG_METHODS = {"debug", "info", "warning", "error", "critical", "exception"}


def name_of(path: Path) -> str:
    return path.as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text("utf-8"), name_of(path))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it, by its full name."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides the direction"
            yield node.module or ""


def importers(package: str) -> set[str]:
    return {name_of(path) for path in FILES if any(name.split(".")[0] == package for name in imports(path))}


def attributes(path: Path) -> Iterator[str]:
    """Every `name.attribute` that is read: "datetime.now", "os.environ"."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"


def test_the_house_is_found() -> None:
    assert len(FILES) > 50
    assert {path.parts[0] for path in FILES} == set(ORDER)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_run_one_way(path: Path) -> None:
    above = ORDER[ORDER.index(path.parts[0]) + 1 :]
    assert not [name for name in imports(path) if name.split(".")[0] in (*above, "tests", "bench")]


@pytest.mark.parametrize("package", ["sqlalchemy", "alembic", "psycopg", "sqlite3", "apscheduler", "pydantic", "yaml"])
def test_ingest_knows_no_database_no_scheduler_no_settings(package: str) -> None:
    assert not [name for name in importers(package) if name.startswith("ingest/")]


@pytest.mark.parametrize("path", [p for p in FILES if p.parts[0] != "jobs"], ids=name_of)
def test_below_jobs_nobody_reads_the_clock_or_the_environment(path: Path) -> None:
    read = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "os.environ", "os.getenv"}
    assert not read.intersection(attributes(path))


ANSWERING = "jobs/web/callback.py"


def test_one_place_opens_outgoing_connections() -> None:
    assert importers("aiohttp") <= {"ingest/fetch.py", "ingest/connection.py", "ingest/failures.py", ANSWERING}
    imported = [node for node in ast.walk(tree(Path(ANSWERING))) if isinstance(node, ast.ImportFrom)]
    assert {name.name for node in imported if node.module == "aiohttp" for name in node.names} == {"web"}
    for package in ("requests", "httpx", "urllib3", "pycurl", "http"):
        assert importers(package) <= {"jobs/demo/server.py", "jobs/demo/newsroom.py"}  # the answering side
    assert not [name for path in FILES for name in imports(path) if name.startswith("urllib.request")]


def test_the_clock_has_one_importer() -> None:
    assert importers("apscheduler") == {"jobs/daemon.py"}


def test_only_the_store_speaks_to_the_database_libraries() -> None:
    for package in ("alembic", "psycopg", "sqlite3"):
        assert all(name.startswith("storage/") for name in importers(package))


def logged() -> Iterator[tuple[str, ast.Call]]:
    for path in FILES:
        for node in ast.walk(tree(path)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if isinstance(node.func.value, ast.Name) and node.func.value.id == "log" and node.func.attr in LOG_METHODS:
                yield f"{path}:{node.lineno}", node


def test_log_events_have_names_from_the_list() -> None:
    used = set()
    for where, call in logged():
        event = call.args[0]
        assert isinstance(event, ast.Constant), f"{where}: an event is a name, not a sentence put together"
        assert event.value in EVENTS, where
        assert not call.args[1:], f"{where}: what belongs to an event is named"
        used.add(event.value)
    assert used == set(EVENTS)


def test_no_file_is_called_after_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "core", "base", "manager", "misc"}
    assert not [path for path in FILES if empty.intersection((*path.parts, path.stem))]


HEAVY = {"sqlalchemy", "alembic", "lxml", "trafilatura", "aiohttp", "rich", "yaml", "feedparser", "asyncio"}
ASK_FOR_HELP = """
import json, sys
sys.argv = ["dateline", *sys.argv[1:]]
from jobs.cli import main
try:
    main()
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["--help"], HEAVY | {"pydantic"}),
        (["feeds", "--help"], HEAVY),  # typer itself looks for pydantic once a command is chosen
        (["run", "--help"], HEAVY),
    ],
    ids=["program", "group", "command"],
)
def test_help_waits_for_nothing_heavy(arguments: list[str], heavy: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK_FOR_HELP, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("Usage: dateline")
    assert not heavy.intersection(json.loads(done.stderr))
