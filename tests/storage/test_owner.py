"""One daemon for each database, told by the system and not by a file that the dead leave behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ingest.errors import Owned
from storage.engine import Database
from storage.owner import own, owner
from tests.clock import START
from tests.eventually import eventually

OTHER = """
import sys, time
from datetime import UTC, datetime
from storage.engine import Database
from storage.owner import own
with own(Database(sys.argv[1]), "dateline run", datetime(2026, 11, 23, 9, 0, tzinfo=UTC)):
    print("owned", flush=True)
    sys.stdin.read()
"""


@contextmanager
def owned_elsewhere(database: Database) -> Iterator[subprocess.Popen[str]]:
    """Another process owns the database until the end of the block."""
    url = database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", OTHER, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "owned\n"
        try:
            yield process
        finally:
            process.kill()


def test_nobody_owns_it_at_first(database: Database) -> None:
    assert owner(database) is None
    with own(database, "dateline run", START):
        assert "dateline run" in str(owner(database))
    assert owner(database) is None
    with own(database, "dateline run", START):
        pass


def test_a_second_owner_hears_who_is_the_first_and_what_to_do(database: Database) -> None:
    with owned_elsewhere(database) as process:
        with pytest.raises(Owned) as caught, own(database, "dateline run", START):
            pass
        sentence = str(caught.value)
        for part in ("dateline run", str(process.pid), "stop that one first", str(database.url.database), "query"):
            assert part in sentence
        assert "\n" not in sentence
        assert str(process.pid) in str(owner(database))
        assert database.read(lambda c: c.exec_driver_sql("select count(*) from feeds").scalar()) == 0


def test_an_owner_that_is_killed_owns_nothing(database: Database) -> None:
    with owned_elsewhere(database) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)
        eventually(lambda: owner(database) is None, "the lock of a dead process to go")
        with own(database, "dateline run", START):
            assert str(os.getpid()) in str(owner(database))


def test_an_owner_that_ends_well_owns_nothing(database: Database) -> None:
    with owned_elsewhere(database) as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 0
        eventually(lambda: owner(database) is None, "the lock of a process that ended to go")


def test_an_error_ends_it_too(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), own(database, "dateline run", START):
        raise ZeroDivisionError
    assert owner(database) is None
