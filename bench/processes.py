"""The processes of this machine, from /proc: proc(5). Where there is none, the list is empty."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    pid: int
    parent: int
    group: int
    state: str  # "Z": ended, and its parent has not asked how
    cpu_s: float  # with that of the children it has asked after


def running() -> Iterator[Process]:
    """Every process."""
    tick_s = 1 / os.sysconf("SC_CLK_TCK")
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent, group, *fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it ended just now
            continue
        ticks = sum(map(int, fields[8:12]))  # utime, stime, cutime, cstime
        yield Process(int(path.parent.name), int(parent), int(group), state, ticks * tick_s)


def alive(groups: Collection[int]) -> list[int]:
    """The processes of some process groups that still run."""
    return [each.pid for each in running() if each.group in groups and each.state not in "ZX"]


def descendants_cpu_s(pid: int, but: int) -> float:
    """CPU seconds of all processes below one, but not of `but`."""
    return sum(child.cpu_s for child in _below(pid, but))


def descendants_peak_mb(pid: int, but: int) -> float:
    """The most memory that any of these processes has had so far."""
    return max((peak_mb(child.pid) for child in _below(pid, but)), default=0.0)


def peak_mb(pid: int) -> float:
    """The most memory that a process has had so far; 0 where nobody says."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


def _below(pid: int, but: int) -> Iterator[Process]:
    below: dict[int, list[Process]] = {}
    for each in running():
        below.setdefault(each.parent, []).append(each)
    waiting = [pid]
    while waiting:
        for child in below.get(waiting.pop(), []):
            if child.pid != but:
                waiting.append(child.pid)
                yield child
