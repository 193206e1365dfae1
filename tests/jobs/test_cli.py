"""Every command, from its arguments to its output and exit code."""

from __future__ import annotations

import base64
import csv
import io
import json
import queue
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
import typer

from ingest.model import Dropped
from jobs.cli import app
from jobs.display import progress
from tests.conftest import opened
from tests.eventually import eventually
from tests.jobs.conftest import Program, Stored
from tests.program import PROGRAM, run_once, write_config
from tests.site import SiteThread, article
from tests.storage.newsroom import WORDS, publish

DONE, FAILED, WRONG = 0, 1, 2


def commands(group: Any, *path: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *path, name)
        else:
            yield (*path, name)


COMMANDS = sorted(commands(typer.main.get_command(app)))


@pytest.fixture
def site() -> Iterator[SiteThread]:
    with SiteThread(host="127.0.6.1") as opened:
        yield opened


# --- help and exit codes --------------------------------------------------------------------------------------------


def test_every_command_of_this_version_is_there() -> None:
    single = ["init", "run", "extract", "duplicates", "query", "show", "status", "doctor", "demo", "reread"]
    feeds = ["add", "list", "show", "check", "discover", "remove", "pause", "resume", "import", "export"]
    past = ["sitemap", "history", "warc", "wayback", "urls", "html", "list", "show", "resume", "cancel"]
    named = {(name,) for name in single} | {("feeds", name) for name in feeds} | {("backfill", name) for name in past}
    assert set(COMMANDS) == named | {("db", name) for name in ("upgrade", "check", "fingerprints")}


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_an_example(dateline: Program, command: tuple[str, ...]) -> None:
    shown = dateline(*command, "--help")
    assert shown.code == DONE
    assert shown.out.startswith(f"Usage: dateline {' '.join(command)} ")
    assert f"Example: dateline {' '.join(command)}" in " ".join(shown.out.split())
    if command not in {("init",), ("demo",), ("duplicates",)}:  # which need no settings
        assert "--config PATH" in shown.out


@pytest.mark.parametrize("module", [True, False], ids=["python -m jobs.cli", "dateline"])
def test_the_program_is_a_program(tmp_path: Path, module: bool) -> None:
    program = [sys.executable, "-m", "jobs.cli"] if module else PROGRAM
    done = subprocess.run([*program, "status"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (WRONG, "")
    assert done.stderr == (
        "dateline: there is no config.yaml in this folder: run `dateline init` to write one,"
        " or name yours with --config PATH\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["query"],
        ["run", "--sometimes"],
        ["show", "1", "--diff", "one", "two"],
        ["query", "select 1", "--format", "morse"],
        ["query", "select 1", "--param", "no value"],
        ["feeds", "add", "http://127.0.6.1/", "--interval", "sometimes"],
        ["feeds", "export", "--format", "morse"],
        ["feeds", "show", "17"],
        ["feeds", "import", "missing.opml"],
        ["show", "17"],
        ["reread", "--article", "17"],
        ["reread", "--since", "yesterday"],
        ["reread", "--limit", "0"],
        ["backfill", "show", "17"],
        ["backfill", "show", "first"],
        ["backfill", "resume", "17"],
        ["backfill", "cancel", "17"],
        ["backfill", "sitemap"],
        ["backfill", "sitemap", "not a site"],
        ["backfill", "sitemap", "www.example.org", "--since", "yesterday"],
        ["backfill", "sitemap", "www.example.org", "--since", "2024-05-01", "--until", "2024-04-30"],
        ["backfill", "sitemap", "www.example.org", "--limit", "0"],
        ["backfill", "sitemap", "www.example.org", "--server", "https://example.org"],
        ["backfill", "sitemap", "www.example.org", "--language", "english"],
        ["backfill", "sitemap", "www.example.org", "--host", "example.org/news"],
        ["backfill", "sitemap", "www.example.org", "--failures", "missing/failures.jsonl"],
        ["backfill", "wayback", "not a site", "--dry-run"],
        ["backfill", "warc", "."],
        ["backfill", "warc", "missing.warc.gz"],
        ["backfill", "urls", "."],
        ["backfill", "urls", "missing.txt"],
        ["backfill", "html", "missing"],
        ["status", "--config", "missing.yaml"],
        ["extract", "--config", "missing.yaml"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told_in_a_line(folder: Path, dateline: Program, arguments: list[str]) -> None:
    refused = dateline(*arguments)
    assert (refused.code, refused.out) == (WRONG, "")
    assert refused.err
    assert "Traceback" not in refused.err


def test_mistakes_in_the_settings_are_all_told(folder: Path, dateline: Program) -> None:
    (folder / "config.yaml").write_text("pollling: 1\nfetch: {timeout: soon}\n")
    for command in (["run"], ["status"], ["query", "select 1"], ["feeds", "list"], ["extract"], ["db", "check"]):
        refused = dateline(*command)
        assert (refused.code, refused.out) == (WRONG, "")
        assert [line.split(":")[:3] for line in refused.err.splitlines()] == [
            ["dateline", " config.yaml", "1"],
            ["dateline", " config.yaml", "2"],
        ]


def test_a_store_that_is_missing_is_told(tmp_path: Path, dateline: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    write_config(tmp_path)
    monkeypatch.chdir(tmp_path)
    for command in (["status"], ["show", "1"], ["feeds", "list"], ["query", "select 1"]):
        failed = dateline(*command)
        assert (failed.code, failed.out) == (FAILED, "")
        assert "dateline init" in failed.err
    assert not (tmp_path / "dateline.db").exists()


# --- init, db, doctor, status ---------------------------------------------------------------------------------------


def test_a_place_where_no_store_can_be_is_told(tmp_path: Path, dateline: Program) -> None:
    config = write_config(tmp_path, database=f"sqlite:///{tmp_path / 'missing' / 'dateline.db'}")
    result = dateline("run", "--once", "--config", config)
    assert result.code == 1
    assert result.err == f"dateline: the database cannot be kept in {tmp_path / 'missing'}: No such file or directory\n"


def test_a_file_that_cannot_be_written_is_told(stored: Stored, dateline: Program, tmp_path: Path) -> None:
    output = tmp_path / "missing" / "rows.csv"
    result = dateline("query", "select 1", "--output", output, "--config", stored.folder / "config.yaml")
    assert (result.code, result.err) == (1, f"dateline: {output}: No such file or directory\n")


def test_a_run_without_feeds_says_how_to_add_some(folder: Path, dateline: Program) -> None:
    result = dateline("run", "--once")
    assert result.code == 0
    assert "dateline feeds add URL" in result.err


def test_init_begins_and_keeps_what_is_there(
    tmp_path: Path, dateline: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = tmp_path / "news" / "room"
    begun = dateline("init", fresh)
    assert begun.code == DONE
    assert f"cd {fresh} && dateline run" in begun.out
    assert (fresh / "dateline.db").exists()
    assert "theguardian.com/world/rss" in (fresh / "config.yaml").read_text()

    (fresh / "config.yaml").write_text("feeds: []\n")
    again = dateline("init", fresh)
    assert again.code == DONE
    assert "kept" in again.out
    assert (fresh / "config.yaml").read_text() == "feeds: []\n"
    monkeypatch.chdir(fresh)
    assert dateline("db", "check").code == DONE


def test_init_where_nothing_can_be_written(tmp_path: Path, dateline: Program) -> None:
    (tmp_path / "file").touch()
    refused = dateline("init", tmp_path / "file" / "deeper")
    assert (refused.code, refused.out) == (WRONG, "")
    assert "Not a directory" in refused.err


def test_db_upgrade_and_check(tmp_path: Path, dateline: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    write_config(tmp_path)
    monkeypatch.chdir(tmp_path)
    upgraded = dateline("db", "upgrade")
    assert (upgraded.code, upgraded.out[:36]) == (DONE, "upgraded from an empty database to r")
    assert "current" in dateline("db", "upgrade").out
    assert dateline("db", "check", "--json").json == {"ok": True, "problems": []}
    assert dateline("db", "fingerprints").out == "0 of 0 articles have their keys\n"
    made = dateline("db", "fingerprints", "--after", "5", "--json").json
    assert made == {"articles": 0, "done": 0, "interrupted": False}
    with sqlite3.connect("dateline.db") as connection:
        connection.execute("drop view v_volume")
    connection.close()
    assert dateline("db", "check").code == FAILED
    assert "v_volume" in dateline("db", "check", "--json").json["problems"][0]


def test_a_newer_schema_is_left_alone(folder: Path, dateline: Program) -> None:
    with sqlite3.connect("dateline.db") as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    connection.close()
    before = (folder / "dateline.db").read_bytes()
    for command in (["status"], ["run", "--once"], ["db", "upgrade"], ["db", "check"], ["feeds", "add", "http://a.b/"]):
        refused = dateline(*command)
        assert (refused.code, refused.out) == (FAILED, "")
        assert "newer Dateline" in refused.err
    findings = {finding["name"]: finding for finding in dateline("doctor", "--json").json}
    assert findings["database"]["verdict"] == "fail"
    assert "newer Dateline" in findings["database"]["detail"]
    assert (folder / "dateline.db").read_bytes() == before


def test_doctor_finds_all_well(folder: Path, dateline: Program, site: SiteThread) -> None:
    write_config(folder, [site.url("/feed")], user_agent="Tests (+https://news.example/contact)")
    examined = dateline("doctor", "--json")
    assert examined.code == DONE
    verdicts = [(finding["name"], finding["verdict"]) for finding in examined.json]
    assert [name for name, _ in verdicts if name != "disk"] == ["settings", "database", "daemon", "network"]
    assert {verdict for name, verdict in verdicts if name != "disk"} == {"ok"}
    assert dateline("doctor").out.count("\n") == len(verdicts)


def test_doctor_says_what_to_do(
    tmp_path: Path, dateline: Program, monkeypatch: pytest.MonkeyPatch, site: SiteThread
) -> None:
    monkeypatch.chdir(tmp_path)
    without = dateline("doctor")
    assert without.code == FAILED
    assert "dateline init" in without.out

    (tmp_path / "config.yaml").write_text("web: {enabled: yes}\nfetch: 7\nsomething: 1\n")
    broken = dateline("doctor", "--json")
    assert broken.code == FAILED
    assert [finding["detail"].split(":")[1] for finding in broken.json] == ["2", "3"]

    with SiteThread(host="127.0.6.2") as dead:
        pass
    write_config(tmp_path, [dead.url("/feed")], web={"enabled": True})
    findings = dateline("doctor", "--json")
    assert findings.code == FAILED
    said = [(f["name"], f["verdict"]) for f in findings.json if f["name"] != "disk"]
    assert said == [("settings", "ok"), ("settings", "warn"), ("settings", "warn"), ("database", "warn"),
                    ("network", "fail")]  # fmt: skip


def test_no_command_prints_a_secret(folder: Path, dateline: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "hunter2-and-more"
    monkeypatch.setenv("DB_PASSWORD", secret)
    database = "postgresql+psycopg://me:${DB_PASSWORD}@127.0.0.1:1/news?connect_timeout=2"
    write_config(folder, database=database)
    for command in (["doctor"], ["status"], ["query", "select 1"], ["db", "check"], ["run", "--once"]):
        failed = dateline(*command)
        assert failed.code == FAILED
        assert secret not in failed.out + failed.err
    write_config(folder, database="${DB_PASSWORD}")
    assert secret not in "".join(str(dateline(*command)) for command in (["doctor"], ["status"], ["run"]))


def test_status_counts_what_there_is(stored: Stored, dateline: Program) -> None:
    status = dateline("status", "--json").json
    assert status["articles"]["total"] == len(stored.articles)
    assert status["articles"]["copies"] == 2
    assert status["articles"]["revised"] == 1
    assert status["feeds"]["failing"] == 1
    assert {(row["what"], row["reason"]) for row in status["failures"]} == {
        ("feed" if reason == "not_a_feed" else "entry", reason) for reason in stored.failures.values()
    }
    shown = dateline("status").out
    assert "not running" in shown
    assert "consent_wall" in shown


def test_status_names_the_feeds_to_look_at(folder: Path, dateline: Program) -> None:
    dateline("feeds", "add", "https://a.example/feed", "https://b.example/feed")
    with sqlite3.connect("dateline.db") as connection:
        connection.execute(
            "insert into alerts (feed_id, kind, detail, raised_at)"
            " values (1, 'silent', 'nothing new', '2026-11-23 09:00')"
        )
        connection.execute("update feeds set state = 'resting', reason = 'not_found', detail = 'HTTP 404' where id = 2")
    shown = dateline("status").out
    assert "1 active, 0 paused, 1 resting" in shown
    assert "feeds to look at: 1" in shown
    assert "https://a.example/feed  silent" in shown
    assert "feeds that failed for long and are asked once a month" in shown
    status = dateline("status", "--json").json
    assert [(alert["feed_id"], alert["kind"]) for alert in status["alerts"]] == [(1, "silent")]
    assert [(feed["url"], feed["reason"]) for feed in status["resting"]] == [("https://b.example/feed", "not_found")]


# --- query and show -------------------------------------------------------------------------------------------------

HOSTS = "select host, count(*) as articles from v_articles group by host order by host"


def test_query_in_every_format(stored: Stored, dateline: Program, tmp_path: Path) -> None:
    rows = dateline("query", HOSTS, "--format", "json").json
    assert sum(row["articles"] for row in rows) == len(stored.articles)
    assert dateline("query", HOSTS, "--json").json == rows
    assert [json.loads(line) for line in dateline("query", HOSTS, "--format", "jsonl").out.splitlines()] == rows
    table = dateline("query", HOSTS)
    assert [line.split() for line in table.out.splitlines()[2:]] == [[r["host"], str(r["articles"])] for r in rows]
    assert table.err == f"({len(rows)} rows)\n"
    read = list(csv.DictReader(io.StringIO(dateline("query", HOSTS, "--format", "csv").out)))
    assert read == [{"host": row["host"], "articles": str(row["articles"])} for row in rows]

    file = tmp_path / "out.csv"
    written = dateline("query", HOSTS, "--format", "csv", "--output", file)
    assert (written.code, written.out) == (DONE, "")
    assert list(csv.DictReader(io.StringIO(file.read_text("utf-8")))) == read


def test_query_from_stdin(stored: Stored, dateline: Program) -> None:
    """As the files in docs/queries are run; they begin with a comment, which would be an option on the command line."""
    sql = f"-- How many.\n{HOSTS}\n"
    assert dateline("query", "-", "--json", stdin=sql.encode()).json == dateline("query", HOSTS, "--json").json
    assert dateline("query", "-").code == WRONG


def test_query_with_values(stored: Stored, dateline: Program) -> None:
    sql = "select title from v_articles where language = :language and word_count > :words"
    found = dateline("query", sql, "--param", "language=de", "--param", "words=100", "--json").json
    assert {row["title"] for row in found} == {a.title for a in stored.articles if a.language == "de"}
    assert dateline("query", "select '12:30' as at, 'a:b' as colon", "--json").json == [{"at": "12:30", "colon": "a:b"}]
    authors = dateline("query", "select authors from v_articles where language = 'es' limit 1", "--json").json
    assert isinstance(authors[0]["authors"], list)


@pytest.mark.parametrize(
    "sql",
    [
        "delete from articles",
        "insert into people (name) values ('x')",
        "drop table articles",
        "update articles set title = 'x'",
        "create table mine (id integer)",
        "select 1; delete from articles",
        "pragma query_only = off",
        "attach 'other.db' as other",
        "vacuum into 'copy.db'",
        "with x as (select 1) delete from articles",
        "select nothing from nowhere",
        "select :name",
        "",
        "no sql at all",
    ],
)
def test_query_refuses_what_is_no_reading(stored: Stored, dateline: Program, sql: str) -> None:
    files = {path.name for path in stored.folder.iterdir()}
    refused = dateline("query", sql)
    assert (refused.code, refused.out) in {(FAILED, ""), (WRONG, "")}
    assert refused.err.startswith("dateline: ")
    assert len(refused.err.splitlines()) == 1
    assert {path.name for path in stored.folder.iterdir()} <= files | {"dateline.db-wal", "dateline.db-shm"}
    assert dateline("query", "select count(*) as n from articles", "--json").json == [{"n": len(stored.articles)}]


def test_show_by_number_and_by_any_address(stored: Stored, dateline: Program) -> None:
    written = next(a for a in stored.articles if a.publisher == "courier" and not a.agency)
    address = stored.urls[written.path]
    record = dateline("show", address, "--json").json
    assert record["title"] == written.title
    assert record["text"].split("\n\n") == list(written.paragraphs)
    assert record["authors"] == list(written.authors)
    for spelling in (str(record["id"]), address + "?utm_source=x", address + "#comments", address + "/"):
        assert dateline("show", spelling, "--json").json == record
    shown = dateline("show", record["id"])
    assert shown.code == DONE
    assert written.title in shown.out
    assert written.authors[0] in shown.out
    assert "revisions" not in shown.out.splitlines()


def test_show_copies(stored: Stored, dateline: Program) -> None:
    carried = sorted((a for a in stored.articles if a.agency), key=lambda a: a.published_at)
    shown = dateline("show", stored.urls[carried[0].path]).out
    assert shown.count("copied (exact) by") == 2
    assert "exact copy of" in dateline("show", stored.urls[carried[1].path]).out


def test_show_revisions_and_what_changed(stored: Stored, dateline: Program) -> None:
    revised = next(a for a in stored.articles if a.edition == 2)
    address = stored.urls[revised.path]
    record = dateline("show", address, "--json").json
    assert [r["number"] for r in record["revisions"]] == [2, 1]
    assert "+" in dateline("show", address, "--revisions").out
    diff = dateline("show", address, "--diff", "1", "2").out
    assert diff.startswith("from revision 1, ")
    assert "standfirst: [-About 900-]{+More than 1,300+} people leave" in diff
    assert dateline("show", address, "--diff").out == diff
    steps = dateline("show", address, "--diff", "2", "1", "--json").json
    standfirst = [step for step in steps if step["field"] == "standfirst"]
    assert "".join(step["text"] for step in standfirst if step["op"] != "delete").startswith("About 900 people")
    assert dateline("show", address, "1", "2").code == WRONG
    assert dateline("show", address, "--diff", "1").code == WRONG
    assert dateline("show", address, "--diff", "1", "9").code == WRONG


def test_show_what_was_left_out_and_the_markdown(folder: Path, dateline: Program) -> None:
    box = "Support independent journalism: " + "become a member today, or tomorrow. " * 5
    with opened(f"sqlite:///{folder / 'dateline.db'}") as store:
        dropped = (Dropped(box, "boilerplate of the host"), Dropped("\x9b2J", "a label"))
        store.write(publish, markdown="# Closed\n\n- *One* \x9b2J", dropped=dropped)
        store.write(publish, "https://north.example/2026/old")
    shown = dateline("show", "1").out
    assert "left out\n  boilerplate of the host: Support independent journalism: become" in shown
    assert " …\n  a label: " in shown
    assert "\x9b" not in shown
    assert box not in shown
    record = dateline("show", "1", "--json").json
    assert [block["reason"] for block in record["dropped"]] == ["boilerplate of the host", "a label"]
    assert box.startswith(record["dropped"][0]["text"])
    assert record["text_markdown"].startswith("# Closed")
    assert dateline("show", "1", "--markdown").out == "# Closed\n\n- *One* \N{REPLACEMENT CHARACTER}2J\n"
    assert "left out" not in dateline("show", "2").out
    assert dateline("show", "2", "--markdown").out == f"{WORDS}\n"  # read before there was any


# --- reread -------------------------------------------------------------------------------------------------------


@pytest.fixture
def archived(folder: Path, site: SiteThread) -> Path:
    """A folder with two articles and their pages: too few to learn anything from."""
    run_once(write_config(folder, [site.url("/feed?n=2")]))
    return folder


def test_reread_says_what_it_did(archived: Path, dateline: Program) -> None:
    nothing = dateline("reread")
    assert (nothing.code, nothing.err) == (DONE, "")
    assert [line.split() for line in nothing.out.splitlines()][:3] == [
        ["selected", "2"], ["current", "2"], ["read", "0"],
    ]  # fmt: skip
    everything = dateline("reread", "--all", "--json").json
    assert (everything["read"], everything["unchanged"], everything["dry_run"]) == (2, 2, False)
    shown = dateline("reread", "--all", "--dry-run", "--limit", "1").out
    assert "would change" in shown
    shutil.rmtree(archived / "archive")
    assert dateline("reread", "--all", "--json").json["not_archived"] == 2


@pytest.mark.parametrize(
    ("arguments", "selected", "read"),
    [
        (["--article", "2"], 1, 1),  # in any case
        (["--article", "1", "--article", "2", "--all"], 2, 2),
        (["--host", "127.0.6.1"], 2, 0),
        (["--host", "elsewhere.example", "--all"], 0, 0),
        (["--since", "2020-01-01", "--until", "2100-01-01"], 2, 0),
        (["--until", "2020-01-01"], 0, 0),
    ],
    ids=str,
)
def test_reread_takes_what_is_selected(
    archived: Path, dateline: Program, arguments: list[str], selected: int, read: int
) -> None:
    summary = dateline("reread", *arguments, "--json").json
    assert (summary["selected"], summary["read"]) == (selected, read)


def test_progress_is_told_where_there_is_no_terminal() -> None:
    told: list[tuple[int, int]] = []

    def tell(done: int, total: int) -> None:
        told.append((done, total))

    with progress("reading again", 9, lambda: 4, tell, every_s=0.001):
        eventually(lambda: len(told) > 1, "two lines")
    assert set(told) == {(4, 9)}


# --- feeds ----------------------------------------------------------------------------------------------------------


def test_feeds_are_added_shown_paused_resumed_and_removed(folder: Path, dateline: Program) -> None:
    added = dateline("feeds", "add", "http://a.example/feed", "https://b.example/", "--tag", "x", "--interval", "10m",
                     "--no-check")  # fmt: skip
    assert added.code == DONE
    assert added.out.splitlines() == ["added: http://a.example/feed (feed 1)", "added: https://b.example/ (feed 2)"]
    assert dateline("feeds", "add", "http://A.example:80/feed#top").out.startswith("known: ")
    refused = dateline("feeds", "add", "--no-check", "c.example/feed", "javascript:alert(1)", "--json")
    assert refused.code == FAILED
    assert [outcome["outcome"] for outcome in refused.json] == ["refused", "refused"]
    assert "https://" in refused.json[0]["detail"]

    shown = dateline("feeds", "show", "http://a.example/feed", "--json").json
    assert (shown["tags"], shown["interval_s"], shown["state"], shown["polls"]) == (["x"], 600, "active", [])
    assert not {"rhythm", "item_hashes", "body_hash"} & set(shown)  # bytes are no answer
    assert dateline("feeds", "pause", "1").out == "paused: http://a.example/feed\n"
    listed = {feed["id"]: feed["state"] for feed in dateline("feeds", "list", "--json").json}
    assert listed == {1: "paused", 2: "active"}
    assert dateline("feeds", "resume", "1").code == DONE
    assert dateline("feeds", "remove", "1", "17", "--json").json[1]["outcome"] == "unknown"
    assert [feed["id"] for feed in dateline("feeds", "list", "--json").json] == [2]
    assert "https://b.example/" in dateline("feeds", "list").out


def test_no_feeds_yet(folder: Path, dateline: Program) -> None:
    listed = dateline("feeds", "list")
    assert (listed.code, listed.out) == (DONE, "")
    assert "dateline feeds add" in listed.err


@pytest.mark.parametrize("kind", ["opml", "csv"])
def test_lists_of_feeds_go_out_and_come_back(folder: Path, dateline: Program, kind: str) -> None:
    dateline("feeds", "add", "http://a.example/feed?x=1&y=2", "--tag", "x", "--tag", "ä ö", "--interval", "10m",
             "--no-check", "--title", 'Quotes " & <angles>, commas')  # fmt: skip
    dateline("feeds", "add", "https://b.example/", "--no-check")
    file = folder / f"feeds.{kind}"
    assert dateline("feeds", "export", "--format", kind, "--output", file).code == DONE
    assert dateline("feeds", "export", "--format", kind).out.rstrip("\n") == file.read_text().rstrip("\n")
    names = ("url", "title", "tags", "interval_s")
    before = [[dateline("feeds", "show", n, "--json").json[name] for name in names] for n in (1, 2)]

    shutil.copy(file, folder / "kept")
    dateline("feeds", "remove", "1", "2")
    dry = dateline("feeds", "import", folder / "kept", "--dry-run", "--json")
    assert [line["outcome"] for line in dry.json] == ["added", "added"]
    assert dateline("feeds", "list", "--json").json == []
    imported = dateline("feeds", "import", folder / "kept")
    assert imported.code == DONE
    assert imported.err == "2 added, 0 known, 0 refused\n"
    numbers = [feed["id"] for feed in dateline("feeds", "list", "--json").json]
    assert [[dateline("feeds", "show", n, "--json").json[name] for name in names] for n in numbers] == before
    assert dateline("feeds", "import", folder / "kept").err == "0 added, 2 known, 0 refused\n"


def test_a_bad_line_of_a_list_stops_nothing(folder: Path, dateline: Program) -> None:
    (folder / "feeds.csv").write_text(
        "url,title,interval\nhttp://a.example/,A,\nftp://b.example/,B,\nhttp://c.example/,C,often\nhttp://d.example/,,1h\n"
    )
    imported = dateline("feeds", "import", "feeds.csv", "--json")
    assert imported.code == FAILED
    assert [(line["line"], line["outcome"]) for line in imported.json] == [
        (2, "added"), (3, "refused"), (4, "refused"), (5, "added")]  # fmt: skip
    assert all(line["detail"] for line in imported.json)
    (folder / "no.opml").write_text("<html>no</html>")
    assert dateline("feeds", "import", "no.opml").code == WRONG


def test_an_opml_file_of_the_settings_is_polled(folder: Path, dateline: Program, site: SiteThread) -> None:
    (folder / "feeds.opml").write_text(
        f'<opml version="2.0"><body><outline text="T"><outline type="rss" text="A" xmlUrl="{site.url("/feed?n=1")}"/>'
        "</outline></body></opml>"
    )
    write_config(folder, opml="feeds.opml")
    summary = dateline("run", "--once", "--json")
    assert summary.code == DONE
    assert summary.json["articles_stored"] == 1
    assert dateline("feeds", "show", "1", "--json").json["tags"] == ["T"]


def test_feeds_check_shows_what_is_seen(folder: Path, dateline: Program, site: SiteThread) -> None:
    moved = site.serve("/old", "", status=301, headers={"Location": "/feed?n=12"})
    checked = dateline("feeds", "check", moved, "--json")
    assert checked.code == DONE
    record = checked.json
    assert (record["reason"], record["status"], record["kind"]) == (None, 200, "rss20")
    assert len(record["entries"]) == 12
    assert len(record["redirects"]) == 1
    assert record["fetch_s"] >= 0
    assert record["parse_s"] >= 0
    shown = dateline("feeds", "check", moved).out
    assert "Story 1" in shown
    assert "… and 2 more" in shown
    assert dateline("feeds", "list", "--json").json == []


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/not-xml", "not_a_feed"), ("/status/404", "not_found"), ("/hang", "first_byte_timeout"), ("/cut", "cut_short")],
)
def test_feeds_check_of_what_is_none(folder: Path, dateline: Program, site: SiteThread, path: str, reason: str) -> None:
    write_config(folder, fetch={"timeout": "1s"})
    checked = dateline("feeds", "check", site.url(path), "--json")
    assert (checked.code, checked.json["reason"]) == (FAILED, reason)
    assert "Traceback" not in checked.err


def test_run_once_sums_up(folder: Path, dateline: Program, site: SiteThread) -> None:
    write_config(folder, [site.url("/feed?n=2")])
    ran = dateline("run", "--once")
    assert ran.code == DONE
    assert ["articles", "stored", "2"] in [line.split() for line in ran.out.splitlines()]
    again = dateline("run", "--once", "--all", "--json").json
    assert (again["polls"], again["pages_fetched"]) == (1, 0)


# --- extract --------------------------------------------------------------------------------------------------------


def test_extract_from_file_stdin_and_address(folder: Path, dateline: Program, site: SiteThread) -> None:
    page = article("Breakwater to be rebuilt")
    (folder / "page.html").write_bytes(page)
    address = site.serve("/story", page)
    readings = [
        dateline("extract", "page.html", "--url", address),
        dateline("extract", "-", "--url", address, stdin=page),
        dateline("extract", "--url", address, stdin=page),
        dateline("extract", address),
    ]
    assert {reading.code for reading in readings} == {DONE}
    said = [reading.json for reading in readings]
    assert said == [said[0]] * 4
    assert said[0]["title"] == "Breakwater to be rebuilt"
    assert said[0]["canonical_url"] == address
    assert said[0]["published"] == "2026-11-03T09:00:00+00:00"


def test_extract_goes_on_after_what_cannot_be_read(folder: Path, dateline: Program, site: SiteThread) -> None:
    (folder / "page.html").write_bytes(article("Breakwater to be rebuilt"))
    done = dateline("extract", "missing.html", site.url("/status/404"), "http://10.0.0.1/", "page.html")
    assert done.code == FAILED
    assert done.json["title"] == "Breakwater to be rebuilt"
    assert [line.split(": ")[1] for line in done.err.splitlines()] == [
        "missing.html",
        site.url("/status/404"),
        "http://10.0.0.1/",
    ]


def test_extract_lines_in_order_and_bad_lines_answered(folder: Path, dateline: Program) -> None:
    def page(number: int) -> bytes:
        return article(f"Part {number}", [f"Sentence {n} of part {number} about the harbour." * 3 for n in range(9)])

    good = [json.dumps({"url": f"http://a.example/{n}", "html": page(n).decode()}).encode() for n in range(6)]
    packed = json.dumps({"url": "http://a.example/b", "html_b64": base64.b64encode(page(7)).decode()}).encode()
    bad = [b"no json", b"[]", b"{}", b'{"html": 7}', b'{"html_b64": "%%"}', b"\xff\xfe", b'{"url": 7, "html": "x"}',
           b"[" * 100_000]  # fmt: skip
    done = dateline("extract", "--jsonl", stdin=b"\n".join([*good[:3], *bad, b"", *good[3:], packed]))
    assert done.code == DONE
    said = [json.loads(line) for line in done.out.splitlines()]
    assert [answer.get("title", "-") for answer in said] == [
        "Part 0", "Part 1", "Part 2", *["-"] * len(bad), "Part 3", "Part 4", "Part 5", "Part 7"]  # fmt: skip
    assert all(answer["error"] for answer in said if "title" not in answer)


def test_a_caller_may_wait_for_an_answer_before_the_next_line(folder: Path) -> None:
    with subprocess.Popen([*PROGRAM, "extract", "--jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        answers: queue.Queue[bytes] = queue.Queue()
        reader = threading.Thread(target=_pump, args=(process.stdout, answers))
        reader.start()
        for number in range(3):
            line = {"url": f"http://a.example/{number}", "html": article(f"Part {number}").decode()}
            process.stdin.write(json.dumps(line).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(answers.get(timeout=60))["title"] == f"Part {number}"
        process.stdin.close()
        assert process.wait(60) == DONE
        reader.join(60)


def _pump(file: IO[bytes], answers: queue.Queue[bytes]) -> None:
    for line in file:
        answers.put(line)


# --- demo -----------------------------------------------------------------------------------------------------------


def test_the_demo_shows_the_whole_pipeline(tmp_path: Path, dateline: Program) -> None:
    shown = dateline("demo", "--keep", tmp_path / "kept")
    assert shown.code == DONE
    assert "12 articles stored" in shown.out
    assert shown.out.count("  exact  ") == 2
    for reason in ("consent_wall", "not_found", "robots_disallowed", "not_a_feed"):
        assert reason in shown.out
    assert "{+More than 1,300+} people" in shown.out
    assert "\x1b" not in shown.out
    config = tmp_path / "kept" / "config.yaml"
    assert dateline("query", "select count(*) as n from v_articles", "--json", "--config", config).json == [{"n": 12}]
    assert dateline("demo", "--keep", tmp_path / "kept").code == WRONG
