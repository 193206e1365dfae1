"""The daemon as a process: its log, its signals, its settings read again, and the commands beside it."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from jobs.logs import EVENTS
from tests.eventually import eventually
from tests.program import PROGRAM, Daemon, query, run_once, write_config
from tests.site import SiteThread

STOPS_WITHIN_S = 10


@pytest.fixture
def site() -> Iterator[SiteThread]:
    with SiteThread(host="127.0.5.1") as opened:
        yield opened


@pytest.fixture
def other() -> Iterator[SiteThread]:
    with SiteThread(host="127.0.5.2") as opened:
        yield opened


def command(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments, "--config", str(config)], capture_output=True, text=True, timeout=60, check=False
    )


def test_the_log_is_json_and_its_events_are_listed(site: SiteThread, tmp_path: Path) -> None:
    nasty = site.article("/nasty", "Two\nlines and \x9b2J a command")
    config = write_config(tmp_path, [site.url("/feed?n=2"), site.url("/not-xml"), site.feed([nasty, "/status/404"])])
    with Daemon(config) as daemon:
        daemon.wait_for("article_stored", 3)
        daemon.wait_for("page_failed")
        daemon.wait_for("poll_failed")
        daemon.signal(signal.SIGTERM)
        assert daemon.ends() == 0
        events = daemon.events()
        log = daemon.log
    assert log.endswith("\n")
    assert {event["event"] for event in events} <= set(EVENTS)
    assert [events[0]["event"], events[-2]["event"], events[-1]["event"]] == ["started", "stopping", "stopped"]
    assert all({"level", "timestamp"} <= set(event) for event in events)
    assert "\x9b" not in log
    failed = next(event for event in events if event["event"] == "page_failed")
    assert (failed["url"], failed["reason"]) == (site.url("/status/404"), "not_found")


def test_a_signal_gives_back_what_is_in_hand(site: SiteThread, other: SiteThread, tmp_path: Path) -> None:
    hanging = site.url("/hang")
    feeds = [site.feed([hanging]), other.url("/feed?n=1")]
    config = write_config(tmp_path, feeds, fetch={"timeout": "2m", "total": "2m"})
    with Daemon(config) as daemon:
        daemon.wait_for("article_stored")
        eventually(lambda: site.asked("/hang"), "a page that hangs")
        daemon.signal(signal.SIGINT)
        assert daemon.process.wait(STOPS_WITHIN_S) == 130  # the promise of the contract, not a measure of speed
        assert daemon.events("stopped")
        eventually(lambda: not daemon.living(), "the end of its workers")
    (left,) = query(config, "select state, reason, attempts, due_at from entries where url = :url", url=hanging)
    assert (left["state"], left["reason"], left["attempts"]) == ("waiting", None, 0)
    assert left["due_at"] is not None
    assert query(config, "select name from hosts where turn_owner is not null") == []


def test_a_signal_to_the_whole_group_is_held_against_no_page(
    site: SiteThread, other: SiteThread, tmp_path: Path
) -> None:
    config = write_config(tmp_path, [site.url("/feed?n=40"), other.url("/feed?n=40")])
    with Daemon(config) as daemon:
        daemon.wait_for("article_stored")
        os.killpg(daemon.process.pid, signal.SIGTERM)  # as service managers do: its workers die of it
        assert daemon.ends() == 0
    assert query(config, "select reason from v_failures") == []
    run_once(config)
    assert query(config, "select count(*) as n from v_articles") == [{"n": 80}]


def test_a_second_signal_leaves_at_once(site: SiteThread, tmp_path: Path) -> None:
    config = write_config(tmp_path, [site.feed(["/hang"])], fetch={"timeout": "2m", "total": "2m"})
    with Daemon(config) as daemon:
        eventually(lambda: site.asked("/hang"), "a page that hangs")
        daemon.signal(signal.SIGINT)
        daemon.wait_for("stopping")
        daemon.signal(signal.SIGINT)
        assert daemon.ends() == 130
        assert "leaving at once" in daemon.log
        assert not [line for line in daemon.log.splitlines() if '"stopped"' in line]
        eventually(lambda: not daemon.living(), "the end of its workers")


def test_settings_are_read_again(site: SiteThread, other: SiteThread, tmp_path: Path) -> None:
    first, second = site.url("/feed?n=1"), other.url("/feed?n=1")
    config = write_config(tmp_path, [first])
    with Daemon(config) as daemon:
        daemon.wait_for("article_stored")
        write_config(tmp_path, [second], user_agent="Another name (+https://example.org/)", database="sqlite:///new.db")
        daemon.signal(signal.SIGHUP)
        reread = daemon.wait_for("settings_reread")[0]
        assert reread["need_restart"] == ["database"]
        daemon.wait_for("article_stored", 2)
        assert other.requests[0].headers["user-agent"] == "Another name (+https://example.org/)"

        config.write_text("feeds: [{url: 7}]\npollling: {}\npolling: {minimum: soon}\n")
        daemon.signal(signal.SIGHUP)
        problems = daemon.wait_for("settings_refused")[0]["problems"]
        assert [problem.split(":")[1] for problem in problems] == ["1", "2", "3"]
        assert "polling" in problems[1]

        write_config(tmp_path, [second], database=f"sqlite:///{tmp_path / 'dateline.db'}")
        states = {row["url"]: (row["state"], row["detail"]) for row in query(config, "select * from feeds")}
        assert states == {first: ("paused", "no longer in the settings"), second: ("active", None)}
        daemon.signal(signal.SIGTERM)
        assert daemon.ends() == 0
    assert not (tmp_path / "new.db").exists()


def test_beside_the_daemon_other_commands_work_and_a_second_daemon_does_not(
    site: SiteThread, other: SiteThread, tmp_path: Path
) -> None:
    config = write_config(tmp_path, [site.url("/feed?n=1")])
    with Daemon(config) as daemon:
        daemon.wait_for("article_stored")
        second = command(config, "run", "--once")
        assert (second.returncode, second.stdout) == (1, "")
        assert str(daemon.process.pid) in second.stderr
        assert "stop that one first" in second.stderr

        status = command(config, "status", "--json")
        assert json.loads(status.stdout)["daemon"]["pid"] == daemon.process.pid
        added = command(config, "feeds", "add", other.url("/feed?n=2"))
        assert added.returncode == 0, added.stderr
        daemon.wait_for("article_stored", 3)
        found = command(config, "query", "select count(*) as n from v_articles", "--format", "json")
        assert json.loads(found.stdout) == [{"n": 3}]
        daemon.signal(signal.SIGTERM)
        assert daemon.ends() == 0


class Terminal:
    """A program on a pseudo-terminal: what it shows is read as a person would see it come."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._screen, theirs = pty.openpty()
        os.set_blocking(self._screen, False)
        environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}
        self.process = subprocess.Popen(
            arguments, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
        )
        os.close(theirs)
        self._shown = b""

    def shown(self) -> str:
        with suppress(BlockingIOError, OSError):  # nothing yet; or, at the end, nobody there
            while more := os.read(self._screen, 65_536):
                self._shown += more
        return self._shown.decode("utf-8", "replace")

    def close(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._screen)


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def start(*arguments: Any) -> Terminal:
        opened.append(Terminal([*PROGRAM, *map(str, arguments)]))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def test_a_terminal_shows_one_living_line(site: SiteThread, tmp_path: Path, terminal: Callable[..., Terminal]) -> None:
    config = write_config(tmp_path, [site.url("/feed?n=2"), site.url("/not-xml")])
    screen = terminal("run", "--config", config)

    def line(*words: str) -> bool:
        """Whether the newest state of the living line has these words."""
        _, found, rest = screen.shown().rpartition("due ")
        return bool(found) and all(word in rest for word in words)

    eventually(lambda: line("visiting", "stored 2", "/min", "errors 1"), "the living line")
    assert "article_stored" in screen.shown()  # the log, for people, above it
    assert '{"' not in screen.shown()
    screen.process.send_signal(signal.SIGINT)
    eventually(lambda: (screen.shown(), screen.process.poll() is not None)[1], "the end")
    assert screen.process.returncode == 130
