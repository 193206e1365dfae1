"""The `dateline` program as people run it: settings in a file, a process, its log lines, its signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from jobs.clock import Clock, wall_clock
from jobs.config import load_config
from jobs.daemon import run
from storage.query import open_rows
from tests.eventually import eventually

PROGRAM = [str(Path(sys.executable).with_name("dateline"))]
LOOPBACK = ["127.0.0.0/8"]
TEST_SETTINGS: dict[str, dict[str, Any]] = {
    "politeness": {"delay": 0},
    "fetch": {"allow_private": LOOPBACK},
    "extract": {"workers": 2},
}


def write_config(folder: Path, feeds: Sequence[str] = (), **settings: Any) -> Path:
    """A config.yaml in `folder`, for sites on loopback unless `settings` say otherwise. JSON is YAML."""
    said: dict[str, Any] = {"feeds": [{"url": url} for url in feeds]}
    for name, value in (TEST_SETTINGS | settings).items():
        said[name] = {**TEST_SETTINGS.get(name, {}), **value} if isinstance(value, Mapping) else value
    path = folder / "config.yaml"
    path.write_text(json.dumps(said, indent=1), "utf-8")
    return path


def run_once(config: Path, clock: Clock = wall_clock, *, everything: bool = False) -> dict[str, int]:
    """`dateline run --once` in this process, with a clock of ours. Returns what was done."""
    code, summary = run(load_config(config), config_path=config, once=True, everything=everything, clock=clock)
    assert code == 0
    assert summary["visits_failed"] == 0
    return summary


def query(config: Path, sql: str, **params: Any) -> list[dict[str, Any]]:
    """Rows, as `dateline query --format json` gives them."""
    with open_rows(load_config(config).database, sql, params) as (_, rows):
        return list(rows)


class Running:
    """A command in a process group of its own, its log in a file. Use it in a `with`: it never outlives that."""

    def __init__(self, config: Path, *arguments: str) -> None:
        self._command = [*PROGRAM, *arguments, "--config", str(config)]
        self._config = config
        self._log = config.parent / f"{arguments[0]}.jsonl"  # a daemon and a command run side by side

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                self._command,
                cwd=self._config.parent,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8")

    def events(self, name: str | None = None) -> list[dict[str, Any]]:
        """The complete lines of the log so far, or those with this event."""
        lines = self.log.split("\n")[:-1]
        assert all(line.startswith("{") for line in lines), self.log
        said = [json.loads(line) for line in lines]
        return [line for line in said if name is None or line["event"] == name]

    def wait_for(self, event: str, count: int = 1) -> list[dict[str, Any]]:
        """Until the log has the event; the process must live so long."""
        return eventually(lambda: self._found(event, count), f"{count} × {event}")

    def _found(self, event: str, count: int) -> list[dict[str, Any]]:
        ended = self.process.poll() is not None
        found = self.events(event)
        assert len(found) >= count or not ended, f"ended with {self.process.returncode}:\n{self.log}"
        return found if len(found) >= count else []

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ends(self) -> int:
        """Waits for the end. Returns the exit code."""
        return self.process.wait(60)

    def living(self) -> set[int]:
        """The processes of its group that run: itself and its workers."""
        return {pid for pid, group, state in _processes() if group == self.process.pid and state not in "ZX"}


class Daemon(Running):
    """`dateline run`."""

    def __init__(self, config: Path, *arguments: str) -> None:
        super().__init__(config, "run", *arguments)


def _processes() -> Iterator[tuple[int, int, str]]:
    """Number, group and state of every process of this machine (proc(5))."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                state, _, group, *_ = (entry / "stat").read_text("utf-8", "replace").rpartition(") ")[2].split()
                yield int(entry.name), int(group), state
