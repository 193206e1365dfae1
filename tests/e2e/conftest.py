"""What the end-to-end tests share: the demo's newsroom, open for the length of a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jobs import logs
from jobs.demo.newsroom import Newsroom, NewsroomThread
from tests.clock import Clock


@pytest.fixture(autouse=True)
def _log_lines() -> None:
    logs.configure()


@pytest.fixture
def newsroom(clock: Clock) -> Iterator[Newsroom]:
    """Its news is as fresh as `clock` says."""
    with NewsroomThread(clock()) as opened:
        yield opened
