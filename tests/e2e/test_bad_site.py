"""The misbehaving site: every bad page and every bad feed has its reason in the store, and the good ones are there.

One run of the program meets them all, each on a loopback address of its own; its memory is measured by the system.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ingest.model import Reason
from tests.program import query, write_config
from tests.site import RSS, SiteThread, rss

BAD_PAGES = {
    "/hang": Reason.FIRST_BYTE_TIMEOUT,
    "/hang-in-body": Reason.FIRST_BYTE_TIMEOUT,
    "/drip": Reason.TOTAL_TIMEOUT,
    "/drip-header": Reason.TOTAL_TIMEOUT,
    "/cut": Reason.CUT_SHORT,
    "/cut-chunked": Reason.CUT_SHORT,
    "/cut-before": Reason.CUT_SHORT,
    "/endless": Reason.TOO_LARGE,
    "/error-endless": Reason.NOT_FOUND,
    "/big?mb=20": Reason.TOO_LARGE,
    "/bomb?as=gzip": Reason.BOMB,
    "/bomb?as=br": Reason.BOMB,
    "/bomb?as=zstd": Reason.BOMB,
    "/bomb?as=gzip-gzip": Reason.BOMB,
    "/broken?as=gzip": Reason.BAD_ENCODING,
    "/broken?as=br": Reason.BAD_ENCODING,
    "/broken-end?as=gzip": Reason.BAD_ENCODING,
    "/unknown-encoding": Reason.BAD_ENCODING,
    "/loop": Reason.REDIRECT_LOOP,
    "/chain?n=20": Reason.TOO_MANY_REDIRECTS,
    "/redirect-nowhere": Reason.BAD_REDIRECT,
    "/redirect?to=javascript:alert(1)": Reason.BAD_REDIRECT,
    "/redirect?to=file:///etc/passwd": Reason.BAD_REDIRECT,
    "/redirect?to=http://10.0.0.1/": Reason.FORBIDDEN_ADDRESS,
    "/redirect?to=http://169.254.169.254/latest/meta-data/": Reason.FORBIDDEN_ADDRESS,
    "/redirect?to=http://%5B::ffff:10.0.0.1%5D/": Reason.FORBIDDEN_ADDRESS,
    "/deep": Reason.EMPTY_PAGE,  # one word is left when it is made flat
    "/attributes": Reason.TOO_COMPLEX,
    "/binary": Reason.WRONG_TYPE,
    "/picture": Reason.WRONG_TYPE,
    "/empty": Reason.EMPTY_PAGE,
    "/big-header?kb=500": Reason.BAD_RESPONSE,
    "/big-headers?kb=100&n=80": Reason.BAD_RESPONSE,
    "/garbage": Reason.BAD_RESPONSE,
    "/consent": Reason.CONSENT_WALL,
    "/challenge": Reason.CHALLENGE,
    "/redirect?to=/": Reason.HOME_PAGE,
    "/status/404": Reason.NOT_FOUND,
    "/status/410": Reason.GONE,
    "/status/401": Reason.UNAUTHORIZED,
    "/status/403": Reason.FORBIDDEN,
    "/status/451": Reason.LEGAL,
    "/status/429": Reason.RATE_LIMITED,
    "/status/429?retry_after=600": Reason.RATE_LIMITED,
    "/status/503": Reason.UNAVAILABLE,
    "/status/503?retry_after=600": Reason.UNAVAILABLE,
    "/status/500": Reason.SERVER_ERROR,
    "/status/418": Reason.CLIENT_ERROR,
}
# What looks bad and can be read nevertheless.
GOOD_PAGES = {
    "/slow?s=0.5": "Late but here",
    "/cookies": "Crumbs",
    "/big-header": "Heady",
    "/mislabelled": "Not packed",
    "/close-delimited": "Old manners",
    "/wrong-charset": "Café “Größe”",
    "/encoded?as=gzip": "Packed",
    "/encoded?as=br": "Packed",
    "/encoded?as=zstd": "Packed",
}
BAD_FEEDS = {
    "/hang": Reason.FIRST_BYTE_TIMEOUT,
    "/drip": Reason.TOTAL_TIMEOUT,
    "/cut": Reason.CUT_SHORT,
    "/lies-about-length": Reason.NOT_A_FEED,
    "/endless": Reason.TOO_LARGE,
    "/big?mb=20": Reason.TOO_LARGE,
    "/bomb?as=gzip": Reason.BOMB,
    "/broken?as=gzip": Reason.BAD_ENCODING,
    "/loop": Reason.REDIRECT_LOOP,
    "/redirect?to=http://10.0.0.1/": Reason.FORBIDDEN_ADDRESS,
    "/not-xml": Reason.NOT_A_FEED,
    "/deep": Reason.NOT_A_FEED,
    "/attributes": Reason.NOT_A_FEED,
    "/binary": Reason.NOT_A_FEED,
    "/picture": Reason.WRONG_TYPE,
    "/empty": Reason.NOT_A_FEED,
    "/big-header?kb=500": Reason.BAD_RESPONSE,
    "/status/404": Reason.NOT_FOUND,
    "/status/410": Reason.GONE,
    "/status/401": Reason.UNAUTHORIZED,
    "/status/403": Reason.FORBIDDEN,
    "/status/451": Reason.LEGAL,
    "/status/429?retry_after=600": Reason.RATE_LIMITED,
    "/status/503?retry_after=600": Reason.UNAVAILABLE,
}
# Feeds with something wrong in them that are read nevertheless, or refused; but never believed.
ODD_FEEDS = ("/truncated-xml", "/feed-wrong-charset", "/odd-links", "/entity-bomb", "/external-entity")
BAD_LINKS = ("javascript:alert(1)", "data:text/html,<p>x", "ftp://127.0.0.1/x", "mailto:a@b.example")
NETWORK = "127.0.3.0/24"
MEMORY_LIMIT_KB = 600_000  # the main process; a run that meets nothing bad needs a quarter of it

MEASURED = """
import atexit, resource, sys
atexit.register(lambda: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr))
from jobs.cli import main
main()
"""


@dataclass
class Met:
    """What became of everything, after one run."""

    config: Path
    pages: dict[str, str]  # route -> address
    feeds: dict[str, str]
    good_feeds: list[str]
    bad_links: str  # the feed that states them
    named: str  # a good page by a name that leads to a private address
    sites: list[SiteThread]
    summary: dict[str, int]
    memory_kb: int

    def entry(self, url: str) -> dict[str, Any]:
        (row,) = query(self.config, "select * from entries where url = :url", url=url)
        return row

    def feed(self, url: str) -> dict[str, Any]:
        (row,) = query(self.config, "select * from feeds where url = :url", url=url)
        return row


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Met]:
    folder = tmp_path_factory.mktemp("bad")
    with ExitStack() as stack:
        sites: list[SiteThread] = []

        def site() -> SiteThread:
            sites.append(stack.enter_context(SiteThread(host=f"127.0.3.{len(sites) + 1}")))
            return sites[-1]

        pages = {route: site().url(route) for route in (*BAD_PAGES, *GOOD_PAGES, "/lies-about-length")}
        feeds = {route: site().url(route) for route in (*BAD_FEEDS, *ODD_FEEDS)}
        good, here = site(), stack.enter_context(SiteThread())
        named = f"http://localhost:{here.port}/article/1"
        good_feeds = [good.url("/feed?n=5"), good.feed([*pages.values(), named])]
        links = rss([*BAD_LINKS, "", good.url("/article/1")]).replace(b"<guid>", b"<guid>id of ")
        bad_links = good.serve("/bad-links", links, content_type=RSS)
        config = write_config(
            folder,
            [bad_links, *feeds.values(), f"http://localhost:{here.port}/feed", *good_feeds],
            fetch={"allow_private": [NETWORK], "timeout": "3s", "total": "6s"},
        )
        arguments = ["run", "--once", "--json", "--config", str(config)]
        done = subprocess.run([sys.executable, "-c", MEASURED, *arguments], capture_output=True, text=True, timeout=240)
        *log, memory = done.stderr.splitlines()
        assert done.returncode == 0, done.stderr
        assert all(json.loads(line)["event"] for line in log)
        yield Met(
            config, pages, feeds, good_feeds, bad_links, named, [*sites, here], json.loads(done.stdout), int(memory)
        )


@pytest.mark.parametrize(("route", "reason"), BAD_PAGES.items())
def test_a_bad_page_has_its_reason(met: Met, route: str, reason: Reason) -> None:
    entry = met.entry(met.pages[route])
    assert (entry["reason"], entry["article_id"]) == (reason, None)
    assert (entry["due_at"] is not None) == (entry["state"] == "waiting")
    pages = query(met.config, "select outcome, reason, seconds from pages where entry_id = :id", id=entry["id"])
    assert [page["reason"] for page in pages if page["outcome"] == "failed"] == [reason]


@pytest.mark.parametrize(("route", "title"), GOOD_PAGES.items())
def test_a_page_that_looks_bad_is_read(met: Met, route: str, title: str) -> None:
    entry = met.entry(met.pages[route])
    assert (entry["state"], entry["reason"]) == ("stored", None)
    (article,) = query(met.config, "select title, text from v_articles where article_id = :id", id=entry["article_id"])
    assert article["title"] == title
    assert "breakwater" in article["text"]


def test_a_page_that_lies_about_its_length_is_taken_at_its_word(met: Met) -> None:
    """It ends where it said, in the middle of its head: nothing of an article is there."""
    entry = met.entry(met.pages["/lies-about-length"])
    assert (entry["article_id"], entry["reason"]) in {(None, Reason.EMPTY_PAGE), (None, Reason.NOT_AN_ARTICLE)}


def test_a_name_that_leads_to_a_private_address_is_never_asked(met: Met) -> None:
    assert met.entry(met.named)["reason"] == Reason.FORBIDDEN_ADDRESS
    assert met.feed(met.named.replace("/article/1", "/feed"))["reason"] == Reason.FORBIDDEN_ADDRESS
    assert met.sites[-1].requests == []


@pytest.mark.parametrize(("route", "reason"), BAD_FEEDS.items())
def test_a_bad_feed_has_its_reason(met: Met, route: str, reason: Reason) -> None:
    feed = met.feed(met.feeds[route])
    assert (feed["reason"], feed["failures"], feed["succeeded_at"]) == (reason, 1, None)
    assert feed["state"] == ("gone" if reason is Reason.GONE else "active")
    assert feed["due_at"] > feed["polled_at"]
    polls = query(met.config, "select outcome, reason from polls where feed_id = :id", id=feed["id"])
    assert polls == [{"outcome": "failed", "reason": reason}]


def titles(met: Met, url: str) -> list[str]:
    rows = query(met.config, "select title from entries where feed_id = :id order by id", id=met.feed(url)["id"])
    return [row["title"] for row in rows]


def test_feeds_that_are_half_good_give_what_is_good(met: Met) -> None:
    assert titles(met, met.feeds["/truncated-xml"])[:3] == ["Story 1", "Story 2", "Story 3"]
    assert met.feed(met.feeds["/truncated-xml"])["detail"]
    (title,) = titles(met, met.feeds["/feed-wrong-charset"])
    assert title.endswith(" 1")


def test_links_that_are_no_addresses_are_settled_at_once(met: Met) -> None:
    assert len(titles(met, met.bad_links)) == 6
    entries = query(
        met.config,
        "select reason, state, detail, due_at from entries where feed_id = :id and url is null",
        id=met.feed(met.bad_links)["id"],
    )
    assert {(row["state"], row["due_at"]) for row in entries} == {("failed", None)}
    assert {row["detail"]: row["reason"] for row in entries} == {
        **dict.fromkeys(BAD_LINKS, Reason.BAD_LINK),
        None: Reason.NO_LINK,
    }


def test_entities_neither_grow_nor_fetch(met: Met) -> None:
    for route in ("/entity-bomb", "/external-entity"):
        feed = met.feed(met.feeds[route])
        said = json.dumps([feed, query(met.config, "select * from entries where feed_id = :id", id=feed["id"])])
        assert len(said) < 20_000
        assert "root:" not in said
    assert not [request for site in met.sites for request in site.asked("/secret")]


def test_a_host_that_asks_for_rest_rests(met: Met) -> None:
    resting = {row["name"] for row in query(met.config, "select name from hosts where rest_until is not null")}
    asked = [url for route, url in met.pages.items() if "429" in route or "retry_after" in route]
    asked += [url for route, url in met.feeds.items() if "retry_after" in route]
    assert resting == {url.split("/")[2].partition(":")[0] for url in asked}


def test_the_good_feeds_beside_them_are_stored(met: Met) -> None:
    for url in met.good_feeds:
        assert met.feed(url)["succeeded_at"] is not None
    (row,) = query(
        met.config,
        "select count(*) as n from entries where feed_id = :id and state = 'stored'",
        id=met.feed(met.good_feeds[0])["id"],
    )
    assert row["n"] == 5


def test_nothing_bad_is_an_article_and_nothing_is_left_undone(met: Met) -> None:
    stored = {row["url"] for row in query(met.config, "select url from v_articles")}
    assert stored.isdisjoint(met.pages[route] for route in BAD_PAGES)
    assert met.summary["visits_failed"] == 0
    assert query(met.config, "select url from entries where reason is null and state <> 'stored'") == []


def test_memory_stays_bounded(met: Met) -> None:
    assert met.memory_kb < MEMORY_LIMIT_KB


def test_an_endless_answer_is_left_soon(met: Met) -> None:
    """Of a page that never ends little more is taken than the limit of 4 MB: what the sockets hold."""
    sent = {
        request.path: request.sent
        for site in met.sites
        for path in ("/endless", "/error-endless", "/picture")
        for request in site.asked(path)
        if request.headers["accept"].startswith("text/html")
    }
    assert len(sent) == 3
    assert max(sent.values()) < 12_000_000
