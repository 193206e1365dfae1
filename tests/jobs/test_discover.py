"""From the address of a site to its feeds: sites on loopback that declare, hide, mislabel and refuse them."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.fetch import Fetcher
from ingest.model import Reason
from jobs.config import Settings
from jobs.demo.newsroom import NewsroomThread
from jobs.discover import Search
from jobs.extractor import Extractor
from jobs.guest import MAX_REFUSALS, Bounds
from tests.clock import Clock
from tests.eventually import eventually
from tests.jobs.conftest import Program
from tests.program import LOOPBACK, PROGRAM, TEST_SETTINGS, query
from tests.site import RSS, SiteThread, rss
from tests.terminal import on_terminal

DONE, FAILED, INTERRUPTED = 0, 1, 130
NOW = datetime(2026, 11, 4, 9, tzinfo=UTC)  # the day after the site's feeds
LINK = '<link rel="alternate" type="application/rss+xml" title="{}" href="{}">'


@pytest.fixture(scope="module")
def extractor() -> Iterator[Extractor]:
    opened = Extractor(1, 20, 1_000_000_000)
    opened.start()
    yield opened
    opened.stop()


@pytest.fixture
def site() -> Iterator[SiteThread]:
    with SiteThread(host="127.0.7.1") as opened:
        for path in ("/feed", "/", "/feed/"):  # those that every Site has are in the way of guessing
            opened.serve(path, "nothing here", status=404)
        yield opened


Look = Callable[..., Search]


@pytest.fixture
def look(extractor: Extractor) -> Look:
    """Searches from an address, at a moment when the site's feeds are fresh."""

    async def run(stated: str, settings: Settings, bounds: Bounds) -> Search:
        async with Fetcher(user_agent="Dateline tests", allow_private=LOOPBACK) as fetcher:
            search = Search(settings, fetcher, extractor, Clock(NOW), bounds)
            await search.run(stated)
            return search

    def begin(stated: str, bounds: Bounds | None = None, **said: Any) -> Search:
        return asyncio.run(run(stated, Settings.model_validate(TEST_SETTINGS | said), bounds or Bounds()))

    return begin


def page(site: SiteThread, path: str, head: str = "", body: str = "", **headers: str) -> str:
    markup = f"<!DOCTYPE html><html><head><title>Post</title>{head}</head><body>{body}</body></html>"
    return site.serve(path, markup, headers=headers)


def feed(site: SiteThread, path: str, names: range | list[str] = range(1, 6), link: str = "/") -> str:
    return site.serve(path, rss([site.url(f"/story/{name}") for name in names], site.url(link)), content_type=RSS)


def found(search: Search, site: SiteThread) -> list[tuple[str, str, str | None]]:
    return [
        (each.source.url.removeprefix(site.base), str(each.source.way), each.suggestion)
        for each in search.findings().ranked
    ]


def asked(site: SiteThread) -> list[str]:
    return [request.path for request in site.requests]


def failed(search: Search, site: SiteThread) -> dict[str, str]:
    return {failure.url.removeprefix(site.base): str(failure.reason) for failure in search.failures}


# --- where feeds are found ------------------------------------------------------------------------------------------


def test_what_the_page_declares_is_enough(site: SiteThread, look: Look) -> None:
    feed(site, "/all.rss")
    page(site, "/", LINK.format("All", "all.rss") + LINK.format("Gone", "gone.rss"))
    search = look(site.base)
    assert found(search, site) == [("/all.rss", "link_tag", "the main feed")]
    assert failed(search, site)["/gone.rss"] == "not_found"
    assert asked(site)[:4] == ["/", "/all.rss", "/gone.rss", "/robots.txt"]
    assert "/rss.xml" not in asked(site)  # no guessing where there is nothing to guess
    assert search.findings().ended is None
    assert search.findings().ranked[0].source.title == "The Harbour Post"


def test_the_link_header_alone(site: SiteThread, look: Look) -> None:
    feed(site, "/all.rss")
    page(site, "/", Link='</all.rss>; rel="alternate"; type="application/rss+xml"')
    assert found(look(site.base), site) == [("/all.rss", "link_header", "the main feed")]


def test_a_page_that_lists_feeds(site: SiteThread, look: Look) -> None:
    page(site, "/", body='<a href="/services/rss">RSS</a>')
    page(site, "/services/rss", body='<a href="/world/rss">World</a> <a href="/sport/rss">Sport</a>')
    feed(site, "/world/rss", ["w1", "w2", "w3"], "/world")
    feed(site, "/sport/rss", ["s1", "s2", "s3"], "/sport")
    assert found(look(site.base), site) == [
        ("/world/rss", "page_link", "a section"),
        ("/sport/rss", "page_link", "has 3 that the others lack"),
    ]


@pytest.mark.parametrize("path", ["/rss.xml", "/index.xml", "/?format=feed&type=rss", "/arc/outboundfeeds/rss/"])
def test_the_usual_places_of_a_site_that_declares_nothing(site: SiteThread, look: Look, path: str) -> None:
    page(site, "/")
    feed(site, path)
    assert found(look(site.base), site) == [(path, "well_known", "the main feed")]
    assert asked(site).count(path) == 1


def test_the_usual_places_of_a_site_whose_pages_are_closed_to_us(site: SiteThread, look: Look) -> None:
    site.serve("/", "no robots here", status=403)
    feed(site, "/rss")
    search = look(site.base)
    assert found(search, site) == [("/rss", "well_known", "the main feed")]
    assert search.closed is not None
    assert search.closed.reason is Reason.FORBIDDEN


def test_a_section_has_a_feed_of_its_own(site: SiteThread, look: Look) -> None:
    page(site, "/world")
    page(site, "/", LINK.format("All", "/all.rss"))
    feed(site, "/all.rss", range(1, 30))
    feed(site, "/world/rss", [*"abc"], "/world")
    assert found(look(site.url("/world")), site) == [
        ("/world/rss", "well_known", "the feed of this page"),
        ("/all.rss", "link_tag", None),
    ]


def test_a_feed_is_its_own_answer(site: SiteThread, look: Look) -> None:
    moved = site.serve("/old", "", status=301, headers={"Location": feed(site, "/new.rss")})
    search = look(moved)
    assert found(search, site) == [("/new.rss", "given", "the address given")]
    assert asked(site) == ["/old", "/new.rss"]


def test_a_temporary_redirect_is_the_servers_affair(site: SiteThread, look: Look) -> None:
    lent = site.serve("/feed-here", "", status=302, headers={"Location": feed(site, "/cdn/17.rss")})
    assert found(look(lent), site) == [("/feed-here", "given", "the address given")]


def test_an_address_without_a_scheme(site: SiteThread, look: Look) -> None:
    feed(site, "/all.rss")
    search = look(f"{site.host}:{site.port}/all.rss")
    assert found(search, site) == [("/all.rss", "given", "the address given")]
    assert search.closed is None


def test_the_sitemaps_of_robots_are_looked_at_those_of_news_first(site: SiteThread, look: Look) -> None:
    site.robots = "Sitemap: /all.xml\nSitemap: /news-map.xml\n"
    page(site, "/")
    feed(site, "/news-map.xml")  # a feed may be a sitemap: sitemaps.org says so
    search = look(site.base)
    assert found(search, site) == [("/news-map.xml", "robots", "the main feed")]
    assert asked(site)[:4] == ["/", "/robots.txt", "/news-map.xml", "/all.xml"]


SITEMAP = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">{}</urlset>'
ADDRESS = (
    "<url><loc>{}</loc><n:news><n:publication><n:name>Post</n:name><n:language>en</n:language></n:publication>"
    "<n:publication_date>2026-11-03T12:{:02}:00Z</n:publication_date><n:title>Story {}</n:title></n:news></url>"
)


def news_sitemap(site: SiteThread, path: str, names: range) -> str:
    listed = "".join(ADDRESS.format(site.url(f"/story/{name}"), name, name) for name in names)
    return site.serve(path, SITEMAP.format(listed), content_type="application/xml")


def test_the_news_sitemap_shows_what_the_feeds_lack(site: SiteThread, look: Look) -> None:
    feed(site, "/all.rss", range(1, 8))
    page(site, "/", LINK.format("All", "all.rss"))
    site.robots = "Sitemap: /sitemap_index.xml\n"
    children = "".join(f"<sitemap><loc>{site.url(path)}</loc></sitemap>" for path in ("/pages.xml", "/news-1.xml"))
    site.serve("/sitemap_index.xml", f"<sitemapindex>{children}</sitemapindex>", content_type="application/xml")
    news_sitemap(site, "/news-1.xml", range(1, 20))
    search = look(site.base)
    assert found(search, site)[:2] == [
        ("/all.rss", "link_tag", "the main feed"),
        ("/news-1.xml", "sitemap_index", "completeness: has 12 that the feeds lack"),
    ]
    assert asked(site) == ["/", "/all.rss", "/robots.txt", "/sitemap_index.xml", "/news-1.xml"]


def test_a_news_sitemap_that_has_no_more_than_the_feed_is_listed_and_not_suggested(
    site: SiteThread, look: Look
) -> None:
    feed(site, "/all.rss", range(1, 8))
    page(site, "/", LINK.format("All", "all.rss"))
    site.robots = "Sitemap: /news.xml\n"
    news_sitemap(site, "/news.xml", range(1, 5))
    assert found(look(site.base), site) == [
        ("/all.rss", "link_tag", "the main feed"),
        ("/news.xml", "robots", None),
    ]


def test_one_thing_under_three_addresses_is_listed_once(site: SiteThread, look: Look) -> None:
    page(site, "/", "".join(LINK.format("", path) for path in ("/a.rss", "/b.rss", "/c.rss")))
    feed(site, "/a.rss")
    feed(site, "/b.rss")
    site.serve("/c.rss", "", status=301, headers={"Location": site.url("/a.rss")})
    (only,) = look(site.base).findings().ranked
    assert only.source.url == site.url("/a.rss")
    assert set(only.same) == {site.url("/b.rss")}


def test_a_site_that_has_moved_to_another_name_or_stands_behind_one(site: SiteThread, look: Look) -> None:
    with SiteThread(host="127.0.7.2") as other:
        for path in ("/feed", "/feed/"):
            other.serve(path, "nothing here", status=404)
        site.serve("/", "", status=301, headers={"Location": other.url("/")})
        page(other, "/", body="<form>We value your privacy</form>")
        feed(site, "/rss")
        assert found(look(site.base), site) == [("/rss", "well_known", "the main feed")]
        feed(other, "/rss.xml")
        assert found(look(site.base), other) == [("/rss.xml", "well_known", "the main feed")]


# --- what is none ---------------------------------------------------------------------------------------------------


def test_a_site_that_answers_everything_with_its_front_page(site: SiteThread, look: Look) -> None:
    page(site, "/")
    for path in ("/rss", "/feed/", "/rss.xml"):
        site.serve(path, "", status=302, headers={"Location": "/"})
    for path in ("/feed.xml", "/atom.xml", "/index.xml"):
        page(site, path, body='<a href="/">Home</a>')
    search = look(site.base)
    assert found(search, site) == []
    assert {failed(search, site)[path] for path in ("/rss", "/feed/", "/rss.xml")} == {"home_page"}
    assert {failed(search, site)[path] for path in ("/feed.xml", "/atom.xml", "/index.xml")} == {"not_a_feed"}
    assert asked(site).count("/") == 1
    assert search.requests <= 40


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/binary", "not_a_feed"), ("/picture", "wrong_type"), ("/bomb", "bomb"), ("/cut", "cut_short"),
     ("/garbage", "bad_response"), ("/loop", "redirect_loop"), ("/entity-bomb", "not_a_feed")],
)  # fmt: skip
def test_whatever_a_declared_feed_turns_out_to_be_is_told(site: SiteThread, look: Look, path: str, reason: str) -> None:
    page(site, "/", LINK.format("", path) + LINK.format("", "/all.rss"))
    feed(site, "/all.rss")
    search = look(site.base)
    assert failed(search, site)[path] == reason
    assert [url for url, _, _ in found(search, site)] == ["/all.rss"]


# --- a good guest ---------------------------------------------------------------------------------------------------


def test_what_robots_forbid_is_not_guessed_at_and_what_is_declared_is_asked(site: SiteThread, look: Look) -> None:
    site.robots = "User-agent: *\nDisallow: /\n"
    page(site, "/", LINK.format("", "/dead.rss"), '<a href="/rss/all">RSS</a>')
    search = look(site.base)
    assert asked(site) == ["/", "/dead.rss", "/robots.txt"]
    assert failed(search, site)["/rss/all"] == failed(search, site)["/rss.xml"] == "robots_disallowed"
    assert found(search, site) == []


def test_a_host_that_asks_for_rest_has_it(site: SiteThread, look: Look) -> None:
    page(site, "/", LINK.format("", "/a.rss") + LINK.format("", "/b.rss"))
    site.serve("/a.rss", "", status=429)
    search = look(site.base)
    assert asked(site) == ["/", "/a.rss"]
    assert search.findings().ended == f"{site.host} asks to be left alone"


def test_a_host_that_refuses_again_and_again_is_left_alone(site: SiteThread, look: Look) -> None:
    page(site, "/", "".join(LINK.format("", f"/status/403?{n}") for n in range(20)))
    search = look(site.base)
    assert len(site.requests) == 1 + MAX_REFUSALS
    assert search.findings().ended == f"{site.host} keeps refusing"


def test_the_bounds_hold(site: SiteThread, look: Look) -> None:
    page(site, "/", "".join(LINK.format("", f"/{n}.rss") for n in range(50)))
    search = look(site.base, Bounds(requests=5))
    assert len(site.requests) == search.requests == 5
    assert search.findings().ended == "the limit of 5 requests"
    slow = look(site.base, Bounds(seconds=0.3), politeness={"delay": "200ms"})
    assert slow.findings().ended == "the limit of 0.3 seconds"
    assert slow.requests <= 2


def test_a_host_is_asked_at_a_pace(site: SiteThread, look: Look) -> None:
    page(site, "/", LINK.format("", "/all.rss"))
    feed(site, "/all.rss")
    look(site.base, Bounds(requests=3), politeness={"delay": "100ms"})
    first, second, third = site.requests
    assert second.at - (first.finished_at or 0) >= 0.09
    assert third.at - (second.finished_at or 0) >= 0.09


# --- the commands ---------------------------------------------------------------------------------------------------


def test_feeds_discover_shows_facts_and_what_to_do(folder: Path, dateline: Program) -> None:
    with NewsroomThread(datetime.now(UTC)) as newsroom:
        faro = newsroom.publishers[3].url
        shown = dateline("feeds", "discover", faro)
        assert shown.code == DONE
        lines = [line.strip() for line in shown.out.splitlines()]
        assert lines[0].split() == ["rank", "kind", "items", "newest", "per", "day", "text", "title"]
        assert lines[2].startswith("1  rss20")
        assert lines[3:5] == [f"{faro}/rss/portada.xml", "add: the main feed"]
        assert lines[6:8] == [f"{faro}/rss/ciencia.xml", "not needed: nothing that the others lack"]
        assert f"add it: dateline feeds add {faro}/rss/portada.xml" in shown.err

        ledger = newsroom.publishers[1].url
        told = dateline("feeds", "discover", ledger, "--json")
        assert told.err == ""
        assert [(each["url"], each["kind"], each["items"]) for each in told.json["feeds"]] == [
            (f"{ledger}/feeds/all.atom", "atom10", 5)
        ]
        declared = {each["url"]: each["reason"] for each in told.json["failures"] if each["way"] == "link_tag"}
        assert declared == {f"{ledger}/feeds/markets.rss": "not_a_feed"}
    assert dateline("feeds", "list", "--json").json == []


def test_feeds_discover_where_there_is_nothing(folder: Path, dateline: Program, site: SiteThread) -> None:
    page(site, "/")
    nothing = dateline("feeds", "discover", site.base)
    assert (nothing.code, nothing.out) == (FAILED, "")
    assert f"no feed found at {site.base}" in nothing.err
    assert "robots.txt" in nothing.err
    nobody = dateline("feeds", "discover", "http://127.0.7.99:9/")
    assert nobody.code == FAILED
    assert "connect_failed" in nobody.err
    assert "is no http or https address" in dateline("feeds", "discover", "javascript:alert(1)").err


def test_nothing_of_a_page_commands_the_terminal(folder: Path, site: SiteThread) -> None:
    body = rss([site.url("/1")], site.base).replace(b"The Harbour Post", "Post \u009b2J \u202e!".encode())
    site.serve("/all.rss", body, content_type=RSS)
    page(site, "/", LINK.format("", "/all.rss") + LINK.format("", "/\x1b]0;bad\x07.rss"))
    code, screen = on_terminal("feeds", "discover", site.base, folder=folder, columns=60)
    assert code == DONE
    assert site.url("/all.rss") in screen  # whole, however narrow it is
    assert not [command for command in ("\u009b", "\u202e", "\x07", "\x1b]") if command in screen]


def test_ctrl_c_shows_what_was_found(folder: Path, site: SiteThread) -> None:
    feed(site, "/all.rss")
    page(site, "/", LINK.format("", "/all.rss") + LINK.format("", "/hang"))
    process = subprocess.Popen(
        [*PROGRAM, "feeds", "discover", site.base],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    eventually(lambda: site.asked("/hang"), "the request that hangs")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED
    assert site.url("/all.rss") in out
    assert "the search ended early: Ctrl-C" in err
    assert "Traceback" not in err


def test_ctrl_c_keeps_what_was_added(folder: Path, site: SiteThread) -> None:
    arguments = ["feeds", "add", feed(site, "/all.rss"), site.url("/hang"), site.url("/never")]
    process = subprocess.Popen(
        [*PROGRAM, *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    eventually(lambda: site.asked("/hang"), "the request that hangs")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (INTERRUPTED, "")
    assert out.startswith(f"added: {site.url('/all.rss')} (feed 1: rss20, 5 items, newest ")
    assert query(folder / "config.yaml", "select count(*) as n from feeds") == [{"n": 1}]


def outcomes(result: Any) -> list[tuple[str, str]]:
    return [(each["url"], each["outcome"]) for each in result.json]


def test_feeds_add_takes_feeds_and_sites_and_loses_nothing(folder: Path, dateline: Program, site: SiteThread) -> None:
    with NewsroomThread(datetime.now(UTC)) as newsroom:
        faro, morgenblatt = newsroom.publishers[3].url, newsroom.publishers[2].url
        busy, closed = site.url("/status/503"), site.url("/status/403")
        added = dateline(
            "feeds", "add", f"{morgenblatt}/rss/aktuell.rdf", faro, busy, closed, "http://127.0.7.99:9/", "--tag", "x",
            "--json",
        )  # fmt: skip
        assert added.code == DONE
        assert outcomes(added) == [
            (f"{morgenblatt}/rss/aktuell.rdf", "added"),
            (f"{faro}/rss/portada.xml", "added"),
            (busy, "added"),
            (closed, "added"),
            ("http://127.0.7.99:9/", "added"),
        ]
        details = [each["detail"] for each in added.json]
        assert details[0].startswith("feed 1: rss10, 3 items, newest ")
        assert details[1].startswith("feed 2: the main feed, rss20, 3 items")
        assert details[1].endswith(f"found at {faro}; 1 more: dateline feeds discover {faro}")
        assert [detail.split("; ")[1].split(":")[0] for detail in details[2:]] == [
            "unavailable", "forbidden", "connect_failed",
        ]  # fmt: skip
        titles = query(folder / "config.yaml", "select title, tags from feeds where id = 2")
        assert titles[0]["title"] == "El Faro de Almarilla – Portada"

        again = dateline("feeds", "add", faro, f"{faro}/rss/portada.xml", busy, "--json")
        assert [outcome for _, outcome in outcomes(again)] == ["known", "known", "known"]


def test_feeds_add_refuses_what_is_nothing(folder: Path, dateline: Program, site: SiteThread) -> None:
    page(site, "/empty-handed")
    wrong = [site.url("/status/404"), site.url("/status/410"), site.url("/picture"), site.url("/empty-handed"),
             "http://10.0.0.1/feed", "127.0.7.99:9/feed"]  # fmt: skip
    refused = dateline("feeds", "add", *wrong, "--json")
    assert refused.code == FAILED
    assert outcomes(refused) == [(url, "refused") for url in wrong]
    details = [each["detail"] for each in refused.json]
    for reason, detail in zip(("not_found", "gone", "wrong_type", "no feed found at"), details, strict=False):
        assert detail.startswith(reason)
    assert "fetch.allow_private" in details[4]
    assert "--no-check" in details[0]
    assert "https://" in details[5]
    site.requests.clear()
    unlooked = dateline("feeds", "add", "--no-check", wrong[0], "--json")
    assert outcomes(unlooked) == [(wrong[0], "added")]
    assert site.requests == []


def test_feeds_add_all_takes_every_feed_that_brings_something(
    folder: Path, dateline: Program, site: SiteThread
) -> None:
    page(site, "/", LINK.format("", "/world/rss") + LINK.format("", "/sport/rss"))
    today = format_datetime(datetime.now(UTC)).encode()
    for name in ("world", "sport"):
        stale = rss([site.url(f"/{name}/{number}") for number in range(3)], site.url(f"/{name}"))
        fresh = re.sub(rb"<pubDate>[^<]+", b"<pubDate>" + today, stale)
        site.serve(f"/{name}/rss", fresh, content_type=RSS)
    one = dateline("feeds", "add", site.base, "--json")
    assert outcomes(one) == [(site.url("/world/rss"), "added")]
    added = dateline("feeds", "add", "--all", site.base, "--json")
    assert outcomes(added) == [(site.url("/world/rss"), "known"), (site.url("/sport/rss"), "added")]


def test_feeds_add_wants_a_living_feed(folder: Path, dateline: Program, site: SiteThread) -> None:
    page(site, "/", LINK.format("", "/old.rss"))
    site.serve("/old.rss", rss([site.url("/1")]).replace(b"2026", b"2019"), content_type=RSS)
    refused = dateline("feeds", "add", site.base, "--json")
    assert (refused.code, outcomes(refused)) == (FAILED, [(site.base, "refused")])
    assert site.url("/old.rss") in refused.json[0]["detail"]
    assert outcomes(dateline("feeds", "add", site.url("/old.rss"), "--json")) == [(site.url("/old.rss"), "added")]


def test_feeds_add_finds_the_feed_of_a_site_without_a_front_page(
    folder: Path, dateline: Program, site: SiteThread
) -> None:
    feed(site, "/rss.xml")
    added = dateline("feeds", "add", site.base)
    assert added.out.startswith(f"added: {site.url('/rss.xml')} (feed 1: the main feed")
    assert (added.code, added.err) == (DONE, "")
