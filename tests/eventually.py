"""Waiting for something to become true, instead of sleeping and hoping."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PAUSE_S = 0.02


def eventually(condition: Callable[[], T], what: str, within_s: float = 60.0) -> T:
    """The first true value of `condition`. Fails with `what` when there is none for longer than any machine is slow."""
    deadline = time.monotonic() + within_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {within_s:g} s for: {what}"
        time.sleep(PAUSE_S)
