"""The program as a person at a prompt uses it, and a store with the newsroom's two editions in it."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jobs import logs
from jobs.cli import main
from jobs.demo.articles import Article
from jobs.demo.newsroom import NewsroomThread
from tests.clock import Clock
from tests.program import run_once, write_config


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Program = Callable[..., Result]


@pytest.fixture
def dateline(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    """Runs the program in this process, from its arguments to its exit code."""

    def run(*arguments: object, stdin: bytes = b"") -> Result:
        logs.configure()
        capsys.readouterr()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["dateline", *map(str, arguments)])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
            with pytest.raises(SystemExit) as ended:
                main()
        code = ended.value.code
        return Result(code if isinstance(code, int) else 0, *capsys.readouterr())

    return run


@pytest.fixture
def folder(tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where one stands: a folder with settings for loopback sites and an empty store."""
    shutil.copy(migrated_file, tmp_path / "dateline.db")
    write_config(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@dataclass(frozen=True)
class Stored:
    """A folder in which both editions of the newsroom were stored; for reading only."""

    folder: Path
    articles: tuple[Article, ...]
    urls: dict[str, str]  # path of an article -> its address
    failures: dict[str, str]


@pytest.fixture(scope="session")
def newsroom_stored(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    folder, clock = tmp_path_factory.mktemp("newsroom"), Clock()
    with NewsroomThread(clock()) as newsroom:
        config = write_config(folder, newsroom.feeds)
        run_once(config, clock)
        newsroom.next_edition()
        clock.advance(minutes=5)
        run_once(config, clock, everything=True)
        urls = {article.path: newsroom.url(article) for article in newsroom.articles}
        return Stored(folder, newsroom.articles, urls, {url: str(reason) for url, reason in newsroom.failures.items()})


@pytest.fixture
def stored(newsroom_stored: Stored, monkeypatch: pytest.MonkeyPatch) -> Stored:
    """The same, and one stands in it."""
    monkeypatch.chdir(newsroom_stored.folder)
    return newsroom_stored
