"""kill -9 at random moments, then a last run: nothing lost, nothing doubled, nobody left behind."""

from __future__ import annotations

import json
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.demo.newsroom import Newsroom
from tests.eventually import eventually
from tests.program import Daemon, query, run_once, write_config
from tests.site import SiteThread

KILLS = 3  # bench/crash.py does more of them
# What must be the same, however often the program was killed. No numbers, no moments: those may differ.
ROWS = {
    "articles": "select url, title, text, authors, tags, language, published_at, kind, revision_count from v_articles",
    "entries": """
        select f.url as feed, e.entry_id, e.url, e.state, e.reason, e.attempts, a.url as article
        from entries e join feeds f on f.id = e.feed_id left join articles a on a.id = e.article_id""",
    "feeds": "select url, state, reason, failures, etag, moved_to, moved_seen from feeds",
    "revisions": "select a.url, r.number, r.word_count from revisions r join articles a on a.id = r.article_id",
    "addresses": "select u.url, a.url as article from article_urls u join articles a on a.id = u.article_id",
    "turns": "select name, turn_owner from hosts",
}


# Articles and what they are copies of. Which of equal ones is the head, is told by who was stored first. Those of the
# site are one text with other numbers: that it is furniture is learned, and forgotten with the process.
GROUPS = """
    select a.url, coalesce(o.url, a.url) as head from articles a left join articles o on o.id = a.canonical_id
    where a.url not like 'http://127.0.4.1%'"""


def rows(config: Path) -> dict[str, list[str]]:
    found = {name: sorted(str(row) for row in query(config, sql)) for name, sql in ROWS.items()}
    return {**found, "groups": groups(config)}


def groups(config: Path) -> list[str]:
    members: dict[str, list[str]] = {}
    for row in query(config, GROUPS):
        members.setdefault(row["head"], []).append(row["url"])
    return sorted(str(sorted(urls)) for urls in members.values())


def asked(newsroom: Newsroom, site: SiteThread) -> int:
    return newsroom.requests.total() + len(site.requests)


@pytest.fixture
def site() -> Iterator[SiteThread]:
    with SiteThread(host="127.0.4.1") as opened:
        yield opened


def folder(tmp_path: Path, name: str) -> Path:
    path = tmp_path / name
    path.mkdir()
    return path


def test_killed_again_and_again_it_ends_with_the_same_rows(
    newsroom: Newsroom, site: SiteThread, tmp_path: Path
) -> None:
    feeds = [*newsroom.feeds, site.url("/feed?n=60")]
    undisturbed = write_config(folder(tmp_path, "undisturbed"), feeds)
    run_once(undisturbed)

    config = write_config(folder(tmp_path, "killed"), feeds)
    moments = random.Random(20261123)
    killed = 0
    for _ in range(KILLS):
        with Daemon(config, "--once") as daemon:
            until = asked(newsroom, site) + moments.randrange(1, 15)

            def is_time(daemon: Daemon = daemon, until: int = until) -> bool:
                return asked(newsroom, site) >= until or daemon.process.poll() is not None

            eventually(is_time, f"request {until}")
            killed += daemon.process.poll() is None
            assert daemon.process.poll() in (None, 0), daemon.log
            daemon.signal(signal.SIGKILL)
            daemon.ends()
            eventually(lambda daemon=daemon: not daemon.living(), "the end of its workers")
    assert killed >= 2
    run_once(config)
    assert rows(config) == rows(undisturbed)
    assert query(config, "select url from entries where due_at is not null and reason is null") == []


def test_killed_between_storing_two_articles(newsroom: Newsroom, site: SiteThread, tmp_path: Path) -> None:
    """At the moment of a commit, told by the log: what was stored is not fetched again."""
    config = write_config(folder(tmp_path, "killed"), [site.url("/feed?n=12")])
    with Daemon(config) as daemon:
        daemon.wait_for("article_stored", 3)
        daemon.signal(signal.SIGKILL)
        assert daemon.ends() == -signal.SIGKILL
    stored = [row["url"] for row in query(config, "select url from v_articles")]
    before = len(site.requests)
    run_once(config)
    again = {request.path for request in site.requests[before:]}
    assert len(stored) >= 3
    assert not [url for url in stored if url.removeprefix(site.base) in again]
    assert query(config, "select count(*) as articles from articles") == [{"articles": 12}]


def moments_of(config: Path) -> dict[str, Any]:
    return {row["name"]: row["turn_until"] for row in query(config, "select name, turn_until from hosts")}


def test_a_turn_held_by_the_dead_is_taken_back(
    site: SiteThread, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(folder(tmp_path, "killed"), [site.feed(["/hang", "/article/1"])])
    with Daemon(config) as daemon:
        eventually(lambda: site.asked("/hang"), "a page that hangs")
        daemon.signal(signal.SIGKILL)
        daemon.ends()
    assert moments_of(config)[site.host] is not None
    site.article("/hang", "It answers now")
    run_once(config)
    assert json.loads(capsys.readouterr().err.splitlines()[0])["event"] == "turns_taken_back"
    assert moments_of(config)[site.host] is None
    assert query(config, "select count(*) as articles from articles") == [{"articles": 2}]
