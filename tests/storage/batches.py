"""The writer, and a way to have it make a batch of what is handed in."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Event
from typing import Any

from sqlalchemy import Connection

from storage.engine import Database
from storage.writer import Writer


@contextmanager
def writing(database: Database, **options: Any) -> Iterator[Writer]:
    writer = Writer(database, **options)
    try:
        yield writer
    finally:
        writer.close()


def wait(connection: Connection, started: Event, gate: Event) -> None:
    started.set()
    assert gate.wait(30)


@contextmanager
def held(writer: Writer) -> Iterator[Future[None]]:
    """The writer is in a transaction until the end of the block: what is handed in meanwhile makes the next batch."""
    started, gate = Event(), Event()
    first = writer.submit(wait, started, gate)
    try:
        assert started.wait(30)
        yield first
    finally:
        gate.set()
