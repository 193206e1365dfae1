"""How long a backfill will take yet: from the work that is left on each host, since the slowest of them decides."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

WINDOW_S = 300.0  # how far back the pace is looked at
SETTLED_S = 5.0  # before so much has passed nothing is said of the pace of files


@dataclass(frozen=True, slots=True)
class State:
    """What is left at a moment. `at_s`: seconds of any clock that only goes forward."""

    at_s: float
    waiting: Mapping[str, int]  # pages to ask for, by host
    bytes_left: int = 0  # of files
    parts_left: int = 0  # documents whose pages are not known yet
    done: int = 0


class Pace:
    """The pace of the last minutes, and what it says of the time to go."""

    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s
        self._states: deque[State] = deque()

    def note(self, state: State) -> None:
        """What is left now."""
        self._states.append(state)
        while len(self._states) > 2 and state.at_s - self._states[0].at_s > WINDOW_S:
            self._states.popleft()

    @property
    def per_s(self) -> float:
        """Addresses done with a second."""
        first, last = self._states[0], self._states[-1]
        return max(last.done - first.done, 0) / max(last.at_s - first.at_s, 1.0)

    def seconds_to_go(self) -> float | None:
        """None: nobody knows yet. Where documents wait that may bring more, it is the least."""
        if not self._states:
            return None
        last = self._states[-1]
        hosts = max((count * self._seconds_a_page(host) for host, count in last.waiting.items()), default=0.0)
        files = self._seconds_of_files() if last.bytes_left else 0.0
        if files is None or (not hosts and not last.bytes_left and last.parts_left):
            return None
        return max(hosts, files)

    def _seconds_a_page(self, host: str) -> float:
        """As it was lately; before anything was done there, what the pace of visits allows at best."""
        first, last = self._states[0], self._states[-1]
        done = first.waiting.get(host, 0) - last.waiting.get(host, 0)
        passed = last.at_s - first.at_s
        return passed / done if done > 0 and passed > 0 else max(self._delay_s, 0.1)

    def _seconds_of_files(self) -> float | None:
        first, last = self._states[0], self._states[-1]
        read, passed = first.bytes_left - last.bytes_left, last.at_s - first.at_s
        if read <= 0 or passed < SETTLED_S:
            return None
        return last.bytes_left * passed / read


def in_words(seconds: float | None, *, is_least: bool = False) -> str:
    """ "2 h 10 min", "at least 40 s", "unknown"."""
    if seconds is None:
        return "unknown"
    whole = round(seconds)
    days, hours, minutes = whole // 86_400, whole // 3600 % 24, whole // 60 % 60
    if days:
        said = f"{days} d {hours} h"
    elif hours:
        said = f"{hours} h {minutes} min"
    else:
        said = f"{minutes} min" if minutes else f"{whole} s"
    return f"at least {said}" if is_least else said
