"""The manners of a feed reader, scored by a server that watches: what is sent, when, and what comes of the answers."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from jobs.app import App, open_app
from jobs.config import load_config
from jobs.feed_lists import sync_feeds
from jobs.visit import visit
from storage import feeds
from tests.clock import Clock
from tests.program import query, write_config
from tests.site import RSS, Request, SiteThread, rss

ETAG, MODIFIED = '"Ünïcode; W/x"', "Mon, 23 Nov 2026 08:00:00 GMT"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def site() -> Iterator[SiteThread]:
    with SiteThread(host="127.0.3.1") as opened:
        yield opened


class Watched:
    """One feed of a site that is polled on a clock of ours."""

    def __init__(self, site: SiteThread, folder: Path, clock: Clock) -> None:
        self.site, self.clock, self.path = site, clock, "/own-feed"
        self.config = write_config(folder, [site.url(self.path)], politeness={"delay": 0, "respect_robots": False})

    def serve(self, *links: str, **headers: str) -> None:
        """The feed from now on; keywords are headers."""
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        self.site.serve(self.path, rss([self.site.url(link) for link in links]), content_type=RSS, headers=named)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        self.site.serve(self.path, body, status=status, headers=named)

    def run(self, *steps: Callable[[], object]) -> None:
        """Poll once, then do a step and poll again, and so on; each time the feed is due."""

        async def work() -> None:
            async with open_app(load_config(self.config), self.clock) as app:
                await sync_feeds(app)
                await self._poll(app)
                for step in steps:
                    step()
                    await self._poll(app)

        asyncio.run(work())

    async def _poll(self, app: App) -> None:
        await app.write(feeds.make_all_due, self.clock())
        await visit(app, self.site.host)

    @property
    def asked(self) -> list[Request]:
        return self.site.asked(self.path)

    @property
    def row(self) -> dict[str, Any]:
        (row,) = query(self.config, "select * from feeds")
        return row

    @property
    def polls(self) -> list[dict[str, Any]]:
        return query(self.config, "select * from polls order by id")

    @property
    def entries(self) -> list[dict[str, Any]]:
        return query(self.config, "select * from entries order by id")

    def due_in(self) -> timedelta:
        due = self.row["due_at"]
        return (due if isinstance(due, datetime) else datetime.fromisoformat(f"{due}+00:00")) - self.clock()


@pytest.fixture
def watched(site: SiteThread, tmp_path: Path, migrated_file: Path, clock: Clock) -> Watched:
    shutil.copy(migrated_file, tmp_path / "dateline.db")
    found = Watched(site, tmp_path, clock)
    found.serve("/article/1")
    return found


def validators(request: Request) -> tuple[str | None, str | None]:
    return request.headers.get("if-none-match"), request.headers.get("if-modified-since")


# --- validators -----------------------------------------------------------------------------------------------------


def test_validators_go_back_byte_for_byte(watched: Watched) -> None:
    etag = ETAG.encode().decode("latin-1")  # as the bytes look on the wire
    watched.serve("/article/1", etag=etag, last_modified=MODIFIED)
    watched.run(lambda: watched.clock.advance(hours=1), lambda: watched.clock.advance(hours=1))
    assert [validators(request) for request in watched.asked] == [(None, None), (etag, MODIFIED), (etag, MODIFIED)]
    assert [poll["outcome"] for poll in watched.polls] == ["read", "not_modified", "not_modified"]


def test_validators_are_taken_from_a_good_answer_only(watched: Watched) -> None:
    watched.serve("/article/1", etag='"good"')

    def broken() -> None:
        watched.answer(500, b"sorry", etag='"bad"', last_modified=MODIFIED)

    def mended() -> None:
        watched.serve("/article/1", "/article/2", etag='"better"')

    watched.run(broken, lambda: None, mended, lambda: None)
    assert [validators(request)[0] for request in watched.asked] == [None, '"good"', '"good"', '"good"', '"better"']
    assert watched.row["failures"] == 0


def test_a_feed_without_validators_is_known_by_its_bytes(watched: Watched) -> None:
    watched.run(lambda: None)
    assert [validators(request) for request in watched.asked] == [(None, None)] * 2
    assert [poll["outcome"] for poll in watched.polls] == ["read", "same_body"]


def test_validators_that_come_with_the_same_bytes_are_kept(watched: Watched) -> None:
    watched.run(lambda: watched.serve("/article/1", etag='"late"'), lambda: None)
    assert [validators(request)[0] for request in watched.asked] == [None, None, '"late"']


def test_nothing_but_get_and_everything_compressed_and_named(watched: Watched) -> None:
    watched.run(lambda: watched.serve("/article/1", "/article/2"), lambda: watched.answer(404))
    assert {request.method for request in watched.site.requests} == {"GET"}
    for request in watched.asked:
        assert {"gzip", "br", "zstd"} <= set(request.headers["accept-encoding"].replace(",", " ").split())
        assert request.headers["user-agent"].startswith("Dateline (+https://")
        assert request.headers["accept"].startswith("application/atom+xml")
        assert "cookie" not in request.headers


def test_a_lying_server_is_found_out_within_a_week_and_asked_without_validators(watched: Watched) -> None:
    """It says "unchanged" whatever happens, as some caches do."""
    watched.serve("/article/1", etag='"always"')

    def publish_behind_its_back() -> None:
        watched.clock.advance(days=3)
        watched.serve("/article/1", "/article/2", etag='"always"')

    def later() -> None:
        watched.clock.advance(days=5)

    watched.run(publish_behind_its_back, later, later)
    assert [poll["outcome"] for poll in watched.polls] == ["read", "not_modified", "read", "same_body"]
    assert [validators(request)[0] for request in watched.asked] == [None, '"always"', None, None]
    assert watched.row["distrusted_at"] is not None
    (alert,) = query(watched.config, "select kind, cleared_at from alerts")
    assert (alert["kind"], alert["cleared_at"]) == ("distrusted", None)


def test_an_honest_server_passes_the_probe(watched: Watched) -> None:
    watched.serve("/article/1", etag='"1"')

    def publish() -> None:
        watched.clock.advance(days=8)
        watched.serve("/article/1", "/article/2", etag='"2"')

    watched.run(publish, lambda: None)
    # Asked without validators it gave news; asked with them, it gave news too.
    assert [validators(request)[0] for request in watched.asked] == [None, None, '"1"', '"2"']
    assert watched.row["distrusted_at"] is None
    assert query(watched.config, "select count(*) as n from alerts") == [{"n": 0}]


# --- pace -----------------------------------------------------------------------------------------------------------


def test_retry_after_is_kept_in_seconds_and_as_a_date_by_the_servers_clock(watched: Watched) -> None:
    watched.answer(503, retry_after="7200")
    watched.run()
    assert watched.due_in() >= 2 * HOUR
    watched.clock.advance(hours=2)
    slow = watched.clock() - timedelta(days=400)  # a server whose clock is wrong
    watched.answer(429, date=format_datetime(slow, True), retry_after=format_datetime(slow + 3 * HOUR, True))
    watched.run()
    assert 3 * HOUR <= watched.due_in() <= 4 * HOUR
    (host,) = query(watched.config, "select rest_reason from hosts")
    assert host["rest_reason"] == "rate_limited"


@pytest.mark.parametrize(
    ("headers", "at_least"),
    [
        ({"cache_control": "public, max-age=21600"}, 6 * HOUR),
        ({"cache_control": "max-age=21600", "age": "3600"}, 5 * HOUR),
        ({"cache_control": "max-age=99999999"}, DAY),  # never more than polling.maximum
        ({"expires": "Tue, 24 Nov 2026 09:00:00 GMT", "date": "Tue, 24 Nov 2026 01:00:00 GMT"}, 8 * HOUR),
    ],
)
def test_freshness_is_kept_even_of_servers_with_wrong_clocks(
    watched: Watched, headers: dict[str, str], at_least: timedelta
) -> None:
    watched.serve("/article/1", **headers)
    watched.run()
    assert at_least <= watched.due_in() <= DAY


def test_an_expiry_date_that_is_none_asks_for_nothing(watched: Watched) -> None:
    watched.serve("/article/1", expires="0", date="yesterday")
    watched.run()
    assert timedelta(minutes=5) <= watched.due_in() <= HOUR


# --- moves ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "follows"), [(301, True), (308, True), (302, False), (303, False), (307, False)])
def test_only_a_lasting_permanent_redirect_changes_the_address(watched: Watched, status: int, follows: bool) -> None:
    moved = watched.site.serve("/new-feed", rss([watched.site.url("/article/1")]), content_type=RSS)
    watched.answer(status, location=moved)
    watched.run(*[lambda: watched.clock.advance(days=1)] * 3)
    asked = [request.path for request in watched.site.requests if "feed" in request.path]
    old, new = ["/own-feed", "/new-feed"], ["/new-feed"]
    assert asked == old * 3 + (new if follows else old)
    assert watched.row["url"] == (moved if follows else watched.site.url("/own-feed"))


def test_validators_do_not_go_where_a_redirect_leads(watched: Watched) -> None:
    with SiteThread(host="127.0.3.2") as other:
        other.serve("/feed", rss([watched.site.url("/article/1")]), content_type=RSS, headers={"ETag": '"other"'})
        watched.serve("/article/1", etag='"mine"')
        watched.run(lambda: watched.answer(302, location=other.url("/feed")))
        (request,) = other.asked("/feed")
    assert validators(request) == (None, None)


def test_gone_is_believed_and_probed_after_a_month(watched: Watched) -> None:
    watched.run(lambda: watched.answer(410))
    assert (watched.row["state"], watched.due_in()) == ("gone", 30 * DAY)


def test_rules_that_change_are_known_within_a_day(watched: Watched) -> None:
    watched.config = write_config(watched.config.parent, [watched.site.url(watched.path)], politeness={"delay": 0})

    def forbid() -> None:
        watched.site.robots = "User-agent: *\nDisallow: /article/3\n"
        watched.serve("/article/1", "/article/2")  # the cached rules still hold

    def next_day() -> None:
        watched.clock.advance(days=1)
        watched.serve("/article/1", "/article/2", "/article/3")

    watched.run(forbid, next_day)
    assert [len(watched.site.asked(path)) for path in ("/article/2", "/article/3", "/robots.txt")] == [1, 0, 2]
    assert [entry["reason"] for entry in watched.entries] == [None, None, "robots_disallowed"]


# --- ids ------------------------------------------------------------------------------------------------------------


def item(link: str, guid: str, title: str) -> str:
    return f"<item><title>{title}</title><link>{link}</link><guid isPermaLink='false'>{guid}</guid></item>"


@pytest.mark.parametrize(
    ("link", "guid"),
    [
        ("{base}/article/{n}", "tag:north.example,2026:{n}"),  # new ids for known links
        ("{base}/article/{n}", "https://north.example/?p={n}"),  # from http to https
        ("{base}/article/{n}?utm_source=rss", "post-{n}"),
    ],
)
def test_a_changed_scheme_of_ids_brings_nothing_again(watched: Watched, link: str, guid: str) -> None:
    def document(link: str, guid: str) -> None:
        items = "".join(
            item(link.format(base=watched.site.base, n=n), guid.format(n=n), f"Number {n}") for n in range(1, 6)
        )
        body = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>"
        watched.site.serve(watched.path, body, content_type=RSS)

    document("{base}/article/{n}", "http://north.example/?p={n}")
    watched.run(lambda: document(link, guid), lambda: document(link, guid + "#"))
    assert len(watched.entries) == 5
    assert [(poll["entries_new"], poll["gap_possible"]) for poll in watched.polls] == [(5, 0), (0, 0), (0, 0)]
    assert len([request for request in watched.site.requests if request.path.startswith("/article/")]) == 5
    assert {entry["entry_id"] for entry in watched.entries} == {guid.format(n=n) + "#" for n in range(1, 6)}


def test_a_new_item_that_shares_an_address_is_new(watched: Watched) -> None:
    """A live report: every item leads to the same page."""

    def document(*titles: str) -> None:
        items = "".join(item(watched.site.url("/article/1"), f"id-{title}", title) for title in titles)
        body = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>"
        watched.site.serve(watched.path, body, content_type=RSS)

    document("First", "Second")
    watched.run(lambda: document("Second", "Third"))
    assert [entry["title"] for entry in watched.entries] == ["First", "Second", "Third"]


def test_a_restated_item_is_read_again_and_a_new_scheme_of_the_address_is_no_restatement(watched: Watched) -> None:
    def document(title: str, scheme: str) -> None:
        link = watched.site.url("/article/1").replace("http:", scheme)
        body = f"<rss version='2.0'><channel><title>T</title>{item(link, 'one', title)}</channel></rss>"
        watched.site.serve(watched.path, body, content_type=RSS)

    document("The bridge", "http:")
    watched.run(lambda: document("The bridge", "https:"), lambda: document("The bridge is shut", "http:"))
    assert [poll["entries_changed"] for poll in watched.polls] == [0, 0, 1]
    assert len(watched.site.asked("/article/1")) == 2
