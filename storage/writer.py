"""One thread writes: what is handed in is put into batches, one transaction each.

A commit costs about the same for one article as for thirty, so whatever came in while the last batch was
committed goes into the next one. Each piece of work has a savepoint of its own: one that fails does not take
its neighbours with it. A future is settled only after the commit that carries it.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from ingest.errors import DatelineError
from storage import serial
from storage.engine import Database, translated

P = ParamSpec("P")
T = TypeVar("T")

BATCH = 64


@dataclass(slots=True)
class _Work:
    what: Callable[..., Any]
    run: Callable[[Connection], Any]
    future: Future[Any] = field(default_factory=Future)


class Writer:
    """The thread that writes to a database. Close it to have everything handed in committed."""

    def __init__(self, database: Database, *, batch: int = BATCH) -> None:
        self._database = database
        self._batch = batch
        self._queue: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self.cpu_s = 0.0  # what the thread has cost, for the bench
        self.commits = 0
        self._thread = threading.Thread(target=self._loop, name="database-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Hand in `work`; the future holds its result once it is committed, or its error."""
        item = _Work(work, lambda connection: work(connection, *args, **kwargs))
        with self._lock:  # nothing gets in behind the end
            if self._closed:
                raise RuntimeError("the writer is closed")
            self._queue.put(item)
        return item.future

    def close(self) -> None:
        """Commit what was handed in, then stop."""
        with self._lock:
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _loop(self) -> None:
        stopping = False
        while not stopping:
            batch = [self._queue.get()]
            while len(batch) < self._batch:
                try:
                    batch.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            stopping = None in batch
            self._commit([item for item in batch if item is not None])
            self.cpu_s = time.thread_time()

    def _commit(self, batch: list[_Work]) -> None:
        if not batch:
            return
        settled: list[tuple[_Work, Any, BaseException | None]] = []
        try:
            with translated(), self._database.writer_engine.begin() as connection:
                serial.begin(connection, (item.what for item in batch))
                for item in batch:
                    settled.append((item, *_attempt(connection, item)))
        except Exception as error:  # the commit itself failed: nothing of this batch was kept
            for item in batch:
                _settle(item, None, error)
            return
        self.commits += 1
        for item, result, failure in settled:
            _settle(item, result, failure)


def _attempt(connection: Connection, item: _Work) -> tuple[Any, BaseException | None]:
    try:
        with translated(), connection.begin_nested():
            return item.run(connection), None
    except DatelineError as error:
        return None, error
    except Exception as error:  # a mistake of ours: the caller hears of it, the batch goes on
        return None, error


def _settle(item: _Work, result: Any, error: BaseException | None) -> None:
    if not item.future.set_running_or_notify_cancel():
        return
    if error is None:
        item.future.set_result(result)
    else:
        item.future.set_exception(error)
