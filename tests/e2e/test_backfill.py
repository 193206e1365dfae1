"""The past of sites of all kinds, on loopback and in files, stopped and resumed: what is in the store in the end."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.archive import read_archived
from ingest.backfill.request import Source
from ingest.model import Archived as Place
from jobs.app import open_app
from jobs.commands import backfill as command
from jobs.commands.backfill import Asked
from jobs.config import load_config
from jobs.upkeep import keep_up
from storage import backfills, migrate
from storage.engine import Database
from tests.archives import write_warc
from tests.eventually import eventually
from tests.histories import Archived, JsonPages, WordPress
from tests.program import PROGRAM, Daemon, Running, query, write_config
from tests.site import SiteThread, article
from tests.sitemap_tree import SitemapTree, item, urlset
from tests.wayback import Wayback

ROWS = """
    select e.url, e.state, e.reason, a.url as article, a.title
    from entries e left join articles a on a.id = e.article_id where e.backfill_id is not null"""


def backfill(config: Path, source: str, *places: str, server: str = "", **asked: Any) -> dict[str, Any]:
    """`dateline backfill SOURCE PLACE…` in this process. Returns what it prints with --json."""
    settings = load_config(config)
    database = Database(settings.database)
    try:
        migrate.upgrade(database)
        number, is_new = command.begin(settings, database, Asked(Source(source), places, **asked), server)
        return command.work(settings, database, number).as_dict() | {"is_new": is_new}
    finally:
        database.close()


def stored(config: Path) -> set[str]:
    return {row["url"] for row in query(config, "select url from v_articles")}


def paths(site: SiteThread) -> list[str]:
    return [request.path for request in site.requests]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path)


@pytest.fixture
def tree() -> Iterator[SitemapTree]:
    with SitemapTree(host="127.0.12.1") as site:
        site.build()
        yield site


# --- sitemaps and histories -----------------------------------------------------------------------------------------


def test_a_site_whose_sitemaps_are_all_that_sitemaps_can_be(tree: SitemapTree, config: Path) -> None:
    said = backfill(config, "sitemap", tree.base)
    assert stored(config) == set(tree.wanted)
    assert (said["state"], said["stored"], said["waiting"]) == ("done", len(tree.wanted), 0)
    assert said["left_out"]["bad_link"] >= 2 <= said["left_out"]["other_site"]
    assert said["documents_failed"] >= 3  # the bomb, the page and the missing one
    asked = [path for path in paths(tree) if path != "/robots.txt"]  # which is asked for its sitemaps and its rules
    assert len(asked) == len(set(asked))
    before = len(tree.requests)
    again = backfill(config, "sitemap", tree.base)
    assert (again["id"], again["is_new"], again["state"]) == (said["id"], False, "done")
    assert not [path for path in paths(tree)[before:] if "story" in path]
    assert query(config, "select count(*) as n from polls") == [{"n": 0}]


def test_only_what_is_new_is_fetched_when_the_same_is_asked_for_again(config: Path) -> None:
    with SitemapTree(host="127.0.12.2") as site:
        for month in ("2024-04", "2024-05"):
            body = urlset(item(url, f"{month}-10") for url in site.stories(month))
            site.child(f"/{month}.xml", body, lastmod=f"{month}-30")
        site.list_children()
        backfill(config, "sitemap", site.url("/sitemap.xml"))
        before = len(site.requests)
        site.child("/2024-06.xml", urlset(item(url, "2024-06-10") for url in site.stories("2024-06")))
        site.list_children()
        said = backfill(config, "sitemap", site.url("/sitemap.xml"))
        assert said["stored"] == 9
        new = ["/2024-06.xml", *(f"/2024-06/story-{number}" for number in range(3)), "/sitemap.xml"]
        assert sorted(paths(site)[before:]) == new


def test_a_window_is_kept_by_what_is_cheapest_to_know(tree: SitemapTree, config: Path) -> None:
    tree.serve("/plain/story-1", article("Story 1 of plain").replace(b"2026-11-", b"2024-05-"))
    said = backfill(config, "sitemap", tree.url("/sitemap.xml"), since="2024-01-01", until="2024-12-31")
    asked = set(paths(tree))
    assert "/posts-2019-05.xml.gz" not in asked  # its lastmod says that nothing in it is young enough
    assert not any(path.startswith("/old/") for path in asked)
    assert {path for path in asked if path.startswith("/recent/")} == {f"/recent/story-{n}" for n in range(3)}
    assert said["left_out"]["pruned"] == 1
    # A list says nothing of dates: its pages do, and one of them lies in the window.
    assert stored(config) == {tree.url("/plain/story-1")}
    assert said["not_wanted"]["outside_window"] == sum("/story-" in path for path in asked) - 1


def test_what_is_behind_feeds_of_three_kinds(config: Path) -> None:
    with (
        WordPress(host="127.0.12.3") as one,
        Archived(host="127.0.12.4") as two,
        JsonPages(host="127.0.12.5") as three,
    ):
        sites = (one, two, three)
        said = backfill(config, "history", *(site.start for site in sites))
        assert said["stored"] == said["found"] == 27
        assert stored(config) == {url for site in sites for url in site.stories}
        assert (said["documents"], said["documents_failed"]) == (10, 0)  # ?paged=4 is the end, and no failure


# --- the Wayback Machine --------------------------------------------------------------------------------------------


def test_copies_count_as_the_pages_themselves(config: Path) -> None:
    with Wayback(host="127.0.12.6") as archive:
        for number, year in enumerate((2018, 2019, 2019)):
            page = article(f"Flood, part {number}").replace(b"2026-11-", b"%d-05-" % year)
            archive.capture(f"{year}0511101500", f"https://north.example/flood-{number}", page)
        archive.tired = 1
        said = backfill(config, "wayback", "north.example", server=archive.base, since="2019-05-01", until="2019-05-31")
        assert said["state"] == "done"
        assert stored(config) == {f"https://north.example/flood-{number}" for number in (1, 2)}
    pages = query(config, "select url, final_url, host, captured_at from pages order by url")
    assert [row["url"] for row in pages] == [f"https://north.example/flood-{number}" for number in (1, 2)]
    assert {row["host"] for row in pages} == {"north.example"}
    assert str(pages[0]["captured_at"]).startswith("2019-05-11 10:15:00")
    assert query(config, "select count(*) as n from rechecks") == [{"n": 0}]


def test_a_copy_leads_to_copies_and_nowhere_else(config: Path) -> None:
    """The live page, or a page of the archive's own, is not what was there when the copy was taken."""
    with (
        SiteThread(host="127.0.12.33") as live,
        Wayback(host="127.0.12.34") as mirror,
        Wayback(host="127.0.12.35") as archive,
    ):
        for name in ("live", "save", "home", "later", "mirror"):
            archive.capture("20190511101500", f"https://north.example/{name}", article(f"The {name} of 2019"))
        archive.capture("20200712090000", "https://south.example/later", article("The later of 2020"))
        copied = mirror.capture("20210101120000", "https://east.example/", article("The copied"))
        archive.astray = {
            "https://north.example/live": live.article("/live", "The live of today"),
            "https://north.example/save": "/save/https://north.example/save",
            "https://north.example/home": "/web/",
            "https://north.example/later": "/web/20200712090000id_/https://south.example/later",
            "https://north.example/mirror": copied,
        }
        archive.serve("/web/", article("The home of the archive"))
        backfill(config, "wayback", "north.example", server=archive.base)
        assert not live.requests
        assert [path for path in paths(archive) if path.startswith("/save/") or path == "/web/"] == []
    failed = query(config, "select url, state, reason, detail from entries where state != 'stored' order by url")
    assert [row["url"].rpartition("/")[2] for row in failed] == ["home", "live", "save"]
    assert {(row["state"], row["reason"], row["detail"].split(":")[0]) for row in failed} == {
        ("failed", "bad_redirect", "the copy leads out of the archive")
    }
    taken = query(config, "select url, captured_at as at from pages where outcome = 'article' order by url")
    assert [(row["url"].rpartition("/")[2], str(row["at"])[:10]) for row in taken] == [
        ("later", "2020-07-12"), ("mirror", "2021-01-01"),
    ]  # fmt: skip


# --- files ----------------------------------------------------------------------------------------------------------


def test_a_list_with_titles_and_dates_and_what_failed_is_fed_back(config: Path, tmp_path: Path) -> None:
    with SiteThread(host="127.0.12.7") as site:
        good = [site.article(f"/s/{number}", f"Story {number}") for number in range(3)]
        listed = tmp_path / "list.csv"
        lines = ["url,title,date", *(f"{url},Said,2026-11-0{n + 1}" for n, url in enumerate(good))]
        listed.write_text("\n".join([*lines, f"{site.url('/gone')},Gone,2026-11-05", "not an address,,", ""]))
        site.serve("/gone", b"", status=410)
        said = backfill(config, "urls", str(listed))
        assert (said["stored"], said["reasons"], said["broken"]) == (3, {"gone": 1}, 1)
        failures = tmp_path / "failures.jsonl"
        database = Database(load_config(config).database)
        assert command.write_failures(database, said["id"], failures) == 1
        database.close()
        (line,) = map(json.loads, failures.read_text().splitlines())
        assert (line["url"], line["title"], line["reason"]) == (site.url("/gone"), "Gone", "gone")
        site.article("/gone", "It is back")
        assert backfill(config, "urls", str(failures))["stored"] == 1
        assert site.url("/gone") in stored(config)


def test_archives_of_pages(tmp_path: Path) -> None:
    config = write_config(tmp_path, archive={"enabled": False})
    folder = tmp_path / "warcs"
    (folder / "deep").mkdir(parents=True)
    urls = write_warc(folder / "a.warc.gz", 5) + write_warc(folder / "deep" / "b.warc", 4, "south.example", gzip=False)
    damaged = folder / "c.warc.gz"
    write_warc(damaged, 3, "west.example")
    damaged.write_bytes(damaged.read_bytes()[:-200])
    said = backfill(config, "warc", str(folder))
    assert stored(config) == {*urls, *(f"https://west.example/story-{number}" for number in range(3))}
    assert said["left_out"] == {"not_html": 11, "no_response": 3}
    assert said["broken"] == 1
    again = backfill(config, "warc", str(folder))
    assert (again["id"], again["found"]) == (said["id"], said["found"])
    pages = query(config, "select distinct archive_file, outcome from pages")
    assert pages == [{"archive_file": None, "outcome": "article"}]


def test_a_filter_and_a_sample_of_an_archive(config: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    write_warc(path, 28)
    said = backfill(config, "warc", str(path), limit=4)
    assert (said["stored"], said["left_out"]["not sampled"]) == (4, 24)
    days = sorted(str(row["at"])[8:10] for row in query(config, "select captured_at as at from pages"))
    assert [int(day) // 7 for day in days] == [0, 1, 2, 3]
    said = backfill(config, "warc", str(path), paths=("/story-1*",), since="2026-10-15")
    assert said["left_out"]["outside_window"] >= 5
    urls = stored(config)
    assert {f"https://north.example/story-{number}" for number in range(14, 20)} <= urls
    assert read_back(config, tmp_path) == urls


def read_back(config: Path, tmp_path: Path) -> set[str]:
    """What a new store makes of the archive of another."""
    other = tmp_path / "other"
    other.mkdir()
    copy = write_config(other)
    backfill(copy, "warc", str(config.parent / "archive"))
    return stored(copy)


def test_upkeep_forgets_places_in_the_archive_with_their_files(config: Path, tmp_path: Path) -> None:
    """What was captured weeks ago came into the archive today, and is kept from today on."""
    write_warc(tmp_path / "a.warc.gz", 3)
    backfill(config, "warc", str(tmp_path / "a.warc.gz"))

    async def keep_up_in(days: int) -> list[dict[str, Any]]:
        async with open_app(load_config(config), lambda: datetime.now(UTC) + timedelta(days=days)) as app:
            await keep_up(app)
        return query(config, "select archive_file, archive_offset, archive_length from pages")

    archive = tmp_path / "archive"
    for row in asyncio.run(keep_up_in(89)):
        url, _, body = read_archived(archive, Place(*row.values()))
        assert url.startswith("https://north.example/story-")
        assert b"Story" in body
    assert {tuple(row.values()) for row in asyncio.run(keep_up_in(91))} == {(None, None, None)}
    assert list(archive.rglob("*.warc.gz")) == []


def test_saved_pages(config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    (folder / "www.north.example" / "news").mkdir(parents=True)
    (folder / "www.north.example" / "news" / "flood.html").write_bytes(article("The flood"))
    said = b"<!-- saved from url=(0032)https://south.example/2026/ferry -->\n"
    (folder / "ferry.html").write_bytes(said + article("The ferry"))
    (folder / "unknown.html").write_bytes(article("Nobody knows"))
    said_of = backfill(config, "html", str(folder))
    assert stored(config) == {"https://south.example/2026/ferry", "https://www.north.example/news/flood.html"}
    assert said_of["left_out"] == {"no_link": 1}


# --- stopped and resumed --------------------------------------------------------------------------------------------


def rows(config: Path) -> list[str]:
    return sorted(str(row) for row in query(config, ROWS))


def test_killed_again_and_again_it_ends_with_the_same_rows(tmp_path: Path) -> None:
    """kill -9 while a tree of sitemaps is read and its pages are fetched: nothing lost, doubled, or fetched again."""
    (tmp_path / "undisturbed").mkdir()
    (tmp_path / "killed").mkdir()
    with SitemapTree(host="127.0.12.8") as site:
        site.build()
        undisturbed = write_config(tmp_path / "undisturbed")
        backfill(undisturbed, "sitemap", site.base)
        config = write_config(tmp_path / "killed")
        moments, before = random.Random(20261127), len(site.requests)
        for _ in range(2):
            until = len(site.requests) + moments.randrange(3, 12)
            with Running(config, "backfill", "sitemap", site.base) as running:
                eventually(lambda until=until: len(site.requests) >= until or running.process.poll() is not None, "it")
                running.signal(signal.SIGKILL)
                running.ends()
                eventually(lambda running=running: not running.living(), "the end of its workers")
        backfill(config, "sitemap", site.base)
        assert rows(config) == rows(undisturbed)
        pages = [path for path in paths(site)[before:] if "story" in path]
        assert len(pages) - len(set(pages)) <= 2  # of what was in hand, at most one a host and kill


def test_beside_a_daemon_the_daemon_does_it_after_its_own(tmp_path: Path) -> None:
    with SiteThread(host="127.0.12.9") as site:
        config = write_config(tmp_path, [site.url("/feed?n=3")])
        listed = tmp_path / "list.txt"
        listed.write_text("\n".join(site.article(f"/old/{number}", f"Old {number}") for number in range(4)))
        with Daemon(config) as daemon:
            daemon.wait_for("started")
            ended = subprocess.run(
                [*PROGRAM, "backfill", "urls", str(listed), "--json", "--config", str(config)],
                capture_output=True, text=True, timeout=120, check=True,
            )  # fmt: skip
            assert json.loads(ended.stdout)["stored"] == 4
            assert "a daemon is running" in ended.stderr
            eventually(lambda: "backfill_done" in daemon.log, "the end")
        assert {row["state"] for row in query(config, ROWS)} == {"stored"}
        assert len(stored(config)) == 7


def test_cancelled_and_resumed(config: Path, tmp_path: Path) -> None:
    with SiteThread(host="127.0.12.10") as site:
        listed = tmp_path / "list.txt"
        listed.write_text(site.article("/story", "Story"))
        settings, now = load_config(config), datetime.now(UTC)
        database = Database(settings.database)
        migrate.upgrade(database)
        number, _ = command.begin(settings, database, Asked(Source.URLS, (str(listed),)), "")
        assert database.write(backfills.cancel, number, now)
        assert not database.write(backfills.cancel, number, now)
        assert command.work(settings, database, number).as_dict()["found"] == 0
        assert database.write(backfills.resume, number, now)
        said = command.work(settings, database, number).as_dict()
        database.close()
        assert (said["state"], said["stored"]) == ("done", 1)


def test_a_rehearsal_counts_and_stores_nothing(tree: SitemapTree, config: Path) -> None:
    settings = load_config(config)
    said = command.rehearse(settings, Asked(Source.SITEMAP, (tree.base,), limit=5), "")
    assert (said["found"], said["to_fetch"]) == (len(tree.wanted), 5)
    assert not [path for path in paths(tree) if "story" in path]
    assert not (config.parent / "dateline.db").exists()
