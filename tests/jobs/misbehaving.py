"""Work that ruins its worker process: handed to the pool in place of reading a page."""

from __future__ import annotations

import os
import signal
from pathlib import Path


def worker_pid() -> int:
    return os.getpid()


def hang(note: str) -> None:
    """Leaves the number of its process in a file, and never ends."""
    Path(note).write_text(str(os.getpid()))
    while True:
        pass


def die_by_signal() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_quietly() -> None:
    os._exit(7)


def swallow_memory() -> int:
    """Four gigabytes, touched."""
    return sum(len(block) for block in [b"x" * 100_000_000 for _ in range(40)])


def recurse(depth: int = 0) -> int:
    return recurse(depth + 1)


def fail() -> None:
    raise ValueError("a mistake of a library\x1b[2J")


def answer_what_cannot_travel() -> object:
    return lambda: None
