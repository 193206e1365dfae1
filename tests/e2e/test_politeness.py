"""A good guest: one visit per host at a time, its pace, its rules, its rest; and nobody blamed for our outage."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ingest.model import Reason
from tests.clock import Clock
from tests.program import query, run_once, write_config
from tests.site import Request, SiteThread


@pytest.fixture
def config(tmp_path: Path, migrated_file: Path) -> Callable[..., Path]:
    """Writes a config.yaml for these feeds, with an empty store beside it."""
    shutil.copy(migrated_file, tmp_path / "dateline.db")

    def write(feeds: Sequence[str], **settings: Any) -> Path:
        return write_config(tmp_path, feeds, **settings)

    return write


@pytest.fixture
def site() -> Iterator[SiteThread]:
    with SiteThread(host="127.0.2.1") as opened:
        yield opened


@pytest.fixture
def other() -> Iterator[SiteThread]:
    with SiteThread(host="127.0.2.2") as opened:
        yield opened


def gaps(requests: Sequence[Request]) -> list[float]:
    """Seconds between requests, as they came in."""
    moments = sorted(request.at for request in requests)
    return [later - earlier for earlier, later in pairwise(moments)]


def paths(site: SiteThread) -> list[str]:
    return [request.path for request in site.requests]


def entry(config: Path, url: str) -> dict[str, Any]:
    (row,) = query(config, "select state, reason, attempts, article_id from entries where url = :url", url=url)
    return row


def feed(config: Path, url: str) -> dict[str, Any]:
    (row,) = query(config, "select state, reason, failures, due_at from feeds where url = :url", url=url)
    return row


def articles(config: Path) -> int:
    return int(query(config, "select count(*) as n from articles")[0]["n"])


# --- pace -----------------------------------------------------------------------------------------------------------


def test_a_host_is_visited_in_turn_and_another_beside_it(
    site: SiteThread, other: SiteThread, config: Callable[..., Path]
) -> None:
    """Politeness is owed to hosts: two ports of one are one."""
    with SiteThread(host=site.host) as same_host:
        feeds = [site.url("/feed?n=2"), same_host.url("/feed?n=2"), other.url("/feed?n=2")]
        run_once(config(feeds, politeness={"delay": "400ms"}))
        here = sorted([*site.requests, *same_host.requests], key=lambda request: request.at)
    assert len(here) == 2 * len(other.requests) == 2 * len(["feed", "robots", "article", "article"])
    for requests in (here, other.requests):
        assert min(gaps(requests)) >= 0.4
        assert {request.open_connections for request in requests} == {1}
        for earlier, later in pairwise(requests):
            assert earlier.finished_at is not None
            assert earlier.finished_at <= later.at
    assert here[0].at < other.requests[-1].at
    assert other.requests[0].at < here[-1].at


def test_the_pace_is_kept_from_one_run_to_the_next(site: SiteThread, config: Callable[..., Path]) -> None:
    path = config([site.url("/feed?n=1")], politeness={"delay": "400ms"})
    run_once(path)
    run_once(path, everything=True)
    assert paths(site).count("/feed?n=1") == 2
    assert min(gaps(site.requests)) >= 0.4


def test_robots_rules_and_crawl_delay_are_kept(site: SiteThread, config: Callable[..., Path]) -> None:
    site.robots = "User-agent: somebody-else\nDisallow: /\n\nUser-agent: *\nDisallow: /article/2\nCrawl-delay: 0.5\n"
    path = config([site.url("/feed?n=3")])
    run_once(path)
    assert paths(site) == ["/feed?n=3", "/robots.txt", "/article/1", "/article/3"]
    assert min(gaps(site.requests[1:])) >= 0.5
    refused = entry(path, site.url("/article/2"))
    assert (refused["state"], refused["reason"]) == ("failed", Reason.ROBOTS_DISALLOWED)


def test_a_crawl_delay_beyond_reason_is_not_kept(site: SiteThread, config: Callable[..., Path]) -> None:
    site.robots = "User-agent: *\nCrawl-delay: 86400\n"
    run_once(config([site.url("/feed?n=2")], politeness={"max_delay": "100ms"}))
    assert len(site.asked("/article/1") + site.asked("/article/2")) == 2


# --- robots.txt -----------------------------------------------------------------------------------------------------


def test_a_server_that_cannot_say_its_rules_is_waited_for(
    site: SiteThread, config: Callable[..., Path], clock: Clock
) -> None:
    site.robots = 503
    path = config([site.url("/feed?n=2")])
    run_once(path, clock)
    assert paths(site) == ["/feed?n=2", "/robots.txt"]
    waiting = entry(path, site.url("/article/1"))
    assert (waiting["state"], waiting["reason"], waiting["attempts"]) == ("waiting", Reason.ROBOTS_UNREACHABLE, 0)

    site.robots = None
    clock.advance(hours=2)
    run_once(path, clock)
    assert paths(site)[2:].count("/robots.txt") == 1
    assert articles(path) == 2


def test_no_rules_means_welcome_and_is_remembered_for_a_day(
    site: SiteThread, config: Callable[..., Path], clock: Clock
) -> None:
    path = config([site.feed(["/article/1"])])
    for hours, asked in ((0, 1), (23, 1), (2, 2)):
        clock.advance(hours=hours)
        site.feed([f"/article/{number}" for number in range(1, 2 + len(site.asked("/own-feed")))])
        run_once(path, clock, everything=True)
        assert len(site.asked("/robots.txt")) == asked
    assert articles(path) == 3


def test_rules_may_be_left_unasked(site: SiteThread, config: Callable[..., Path]) -> None:
    site.robots = "User-agent: *\nDisallow: /\n"
    run_once(config([site.url("/feed?n=1")], politeness={"respect_robots": False}))
    assert paths(site) == ["/feed?n=1", "/article/1"]


def test_a_redirect_does_not_lead_past_the_rules(site: SiteThread, config: Callable[..., Path]) -> None:
    site.robots = "User-agent: *\nDisallow: /article/\n"
    link = site.url("/redirect?to=/article/1")
    path = config([site.feed([link])])
    run_once(path)
    assert site.asked("/article/1") == []
    assert entry(path, link)["reason"] == Reason.ROBOTS_DISALLOWED


# --- rest -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["seconds", "date"])
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_rests_the_whole_host(
    site: SiteThread, other: SiteThread, config: Callable[..., Path], clock: Clock, status: int, form: str
) -> None:
    until = clock() + timedelta(minutes=10)
    wish = "600" if form == "seconds" else format_datetime(until, usegmt=True)
    refusing = site.serve("/refusing", "later", status=status, headers={"Retry-After": wish})
    path = config([refusing, site.url("/feed?n=1"), other.url("/feed?n=1")])
    run_once(path, clock)
    run_once(path, clock, everything=True)
    before = len(site.requests)
    assert paths(site)[-1] == "/refusing"
    assert feed(path, refusing)["reason"] == (Reason.RATE_LIMITED if status == 429 else Reason.UNAVAILABLE)
    clock.advance(minutes=9)
    run_once(path, clock, everything=True)
    assert len(site.requests) == before
    assert len(other.asked("/feed")) == 3

    site.feed(["/article/7"], path="/refusing")
    clock.advance(minutes=2)
    run_once(path, clock)
    assert feed(path, refusing)["reason"] is None
    assert entry(path, site.url("/article/7"))["state"] == "stored"


def test_a_page_that_asks_for_rest_is_heard_too(site: SiteThread, config: Callable[..., Path], clock: Clock) -> None:
    tired = site.serve("/tired", "later", status=429, headers={"Retry-After": "600"})
    path = config([site.feed([tired, "/article/1"])])
    run_once(path, clock)
    assert paths(site)[-1] == "/tired"
    site.article("/tired", "Rested")
    clock.advance(minutes=11)
    run_once(path, clock)
    assert articles(path) == 2


def test_a_feed_that_is_gone_is_probed_after_a_month(
    site: SiteThread, config: Callable[..., Path], clock: Clock
) -> None:
    gone = site.serve("/gone", "no more", status=410)
    path = config([gone])
    run_once(path, clock)
    assert (feed(path, gone)["state"], feed(path, gone)["reason"]) == ("gone", Reason.GONE)
    clock.advance(days=29)
    run_once(path, clock, everything=True)
    assert len(site.asked("/gone")) == 1
    site.feed(["/article/1"], path="/gone")
    clock.advance(days=2)
    run_once(path, clock)
    assert (feed(path, gone)["state"], feed(path, gone)["reason"]) == ("active", None)
    assert articles(path) == 1


# --- other hosts ----------------------------------------------------------------------------------------------------


def test_an_article_elsewhere_is_fetched_on_that_hosts_turn(
    site: SiteThread, other: SiteThread, config: Callable[..., Path]
) -> None:
    other.robots = "User-agent: *\nDisallow: /article/2\nCrawl-delay: 0.4\n"
    links = [site.url(f"/redirect?to={other.url(f'/article/{number}')}") for number in (1, 2, 3)]
    path = config([site.feed(links)])
    run_once(path)
    assert paths(other) == ["/robots.txt", "/article/1", "/article/3"]
    assert min(gaps(other.requests)) >= 0.4
    assert [entry(path, link)["state"] for link in links] == ["stored", "failed", "stored"]
    assert entry(path, links[1])["reason"] == Reason.ROBOTS_DISALLOWED
    pages = query(path, "select host, outcome from pages where url = :a or url = :b order by id",
                  a=links[0], b=other.url("/article/1"))  # fmt: skip
    assert [(page["host"], page["outcome"]) for page in pages] == [(site.host, "redirected"), (other.host, "article")]


def test_hosts_that_send_us_to_and_fro_are_left(
    site: SiteThread, other: SiteThread, config: Callable[..., Path]
) -> None:
    site.serve("/to", b"", status=302, headers={"Location": other.url("/fro")})
    other.serve("/fro", b"", status=302, headers={"Location": site.url("/to")})
    path = config([site.feed(["/to"])], fetch={"redirects": 4})
    run_once(path)
    assert entry(path, site.url("/to"))["reason"] == Reason.TOO_MANY_REDIRECTS
    assert len(site.asked("/to")) + len(other.asked("/fro")) == 5


# --- outages --------------------------------------------------------------------------------------------------------


def test_an_outage_of_ours_counts_against_nobody(config: Callable[..., Path], clock: Clock) -> None:
    with SiteThread(host="127.0.2.1") as site, SiteThread(host="127.0.2.2") as other:
        feeds = [site.url("/feed?n=1"), other.url("/feed?n=1")]
        path = config(feeds)
        run_once(path, clock)
    clock.advance(hours=1)
    run_once(path, clock, everything=True)
    assert [(feed(path, url)["reason"], feed(path, url)["failures"]) for url in feeds] == [(Reason.OFFLINE, 0)] * 2

    with SiteThread(host=site.host, port=site.port):
        clock.advance(hours=1)
        run_once(path, clock)
    assert (feed(path, feeds[0])["reason"], feed(path, feeds[0])["failures"]) == (None, 0)
    assert (feed(path, feeds[1])["reason"], feed(path, feeds[1])["failures"]) == (Reason.CONNECT_FAILED, 1)


def test_a_page_is_not_given_up_for_an_outage_of_ours(config: Callable[..., Path], clock: Clock) -> None:
    with SiteThread(host="127.0.2.1") as site, SiteThread(host="127.0.2.2") as other:
        link = site.url(f"/redirect?to={other.url('/status/500')}")
        path = config([site.feed([link]), other.url("/feed?n=0")])
        run_once(path, clock)
        assert entry(path, link)["attempts"] == 1
    for _ in range(3):
        clock.advance(hours=1)
        run_once(path, clock)
    assert (entry(path, link)["state"], entry(path, link)["reason"]) == ("waiting", Reason.OFFLINE)
    assert entry(path, link)["attempts"] == 1


def test_a_dead_host_beside_a_living_one_is_counted(
    site: SiteThread, config: Callable[..., Path], clock: Clock
) -> None:
    with SiteThread(host="127.0.2.2") as dead:
        pass
    path = config([site.url("/feed?n=1"), dead.url("/feed")])
    for failures in (1, 2):
        run_once(path, clock, everything=True)
        found = feed(path, dead.url("/feed"))
        assert (found["reason"], found["failures"]) == (Reason.CONNECT_FAILED, failures)
        clock.advance(hours=1)
