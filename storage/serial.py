"""Transactions that look for copies run one after the other, over all processes, and lock that turn first of all.

Two processes that store two copies at once would not see each other's, and link neither. And one that had locked an
article, a host or an entry before it waited for its turn could be waited for by the one whose turn it is: a ring, which
PostgreSQL breaks after a second by failing one of them. The writer puts work together, so it has to know beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Connection

from storage import fingerprints

P = ParamSpec("P")
T = TypeVar("T")

_SERIAL: set[Callable[..., Any]] = set()


def serial(work: Callable[P, T]) -> Callable[P, T]:
    """Mark a function that looks for copies."""
    _SERIAL.add(work)
    return work


def begin(connection: Connection, works: Iterable[Callable[..., Any]]) -> None:
    """At the start of a transaction that does all of `works`. Raises what a lock raises that is not to be had."""
    if not _SERIAL.isdisjoint(works):
        fingerprints.serialise(connection)
