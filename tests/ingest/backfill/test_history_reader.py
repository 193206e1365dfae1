"""The past of a feed: where the next page is, what is kept of each, and when it is over."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.backfill import history
from ingest.backfill.history import read, seeds
from ingest.backfill.step import HISTORY, Next, Step
from ingest.backfill.wanted import Wanted
from ingest.errors import ParseError
from tests.histories import Archived, History, JsonPages, Linked, WordPress
from tests.ingest.backfill.walk import NOW, walk

URL = "https://north.example/news.xml"
FIRST = Next(URL, HISTORY)
GENERATOR = "<generator>https://wordpress.org/?v=6.8</generator>"
NEXT = '<atom:link rel="next" href="?p=2"/>'
ITEM = "<item><title>A</title><link>/2024/a</link><pubDate>Fri, 17 May 2024 10:00:00 GMT</pubDate></item>"


def step(
    envelope: str,
    items: str = ITEM,
    asked: Next = FIRST,
    headers: Mapping[str, str] | None = None,
    wanted: Wanted | None = None,
) -> Step:
    name = 'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:fh="http://purl.org/syndication/history/1.0"'
    body = f'<rss version="2.0" {name}><channel><title>T</title>{envelope}{items}</channel></rss>'
    return read(asked, body.encode(), headers or {}, asked.url, wanted or Wanted(), NOW)


def behind(found: Step) -> list[tuple[str, bool]]:
    return [(each.url.removeprefix("https://north.example"), each.is_guess) for each in found.following]


# --- where the next page is -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "envelope",
    [
        NEXT,
        "<a10:link href='?p=2' title='x > y' rel='self NEXT'/>".replace(" > ", " "),
        '<link rel="next" href="https://north.example/news.xml?p=2"></link>',
        '<atom:link rel="next"\n  href="/news.xml?p=2&#x26;a=1"/>'.replace("&#x26;a=1", ""),
    ],
)
def test_a_link_names_it_however_it_is_written(envelope: str) -> None:
    assert behind(step(envelope)) == [("/news.xml?p=2", False)]


def test_a_link_behind_the_items_counts_and_one_within_does_not() -> None:
    assert behind(step("", ITEM + NEXT)) == [("/news.xml?p=2", False)]
    assert behind(step("", ITEM.replace("<title>", f"{NEXT}<title>"))) == []


def test_the_archive_comes_before_the_next_page_and_the_server_may_say_it() -> None:
    said = {"link": '</news.xml?p=2>; rel="next", </>; rel="https://api.w.org/", </x>; rel=prev-archive'}
    assert behind(step("", headers=said)) == [("/x", False), ("/news.xml?p=2", False)]


def test_only_the_publisher_is_followed() -> None:
    assert behind(step('<atom:link rel="next" href="https://elsewhere.example/2"/>')) == []
    assert behind(step('<atom:link rel="next" href="javascript:alert(1)"/>')) == []
    site = "<link>https://blog.south.example/</link>"
    there = step(f'{site}<atom:link rel="next" href="https://south.example/2"/>')
    assert [each.url for each in there.following] == ["https://south.example/2"]
    assert behind(step(f'<atom:link rel="next" href="{URL}"/>')) == []


@pytest.mark.parametrize(
    ("url", "envelope", "expected"),
    [
        (URL, GENERATOR, "/news.xml?paged=2"),
        ("https://north.example/world/feed/", "", "/world/feed/?paged=2"),
        ("https://north.example/feed/atom?lang=en", "", "/feed/atom?lang=en&paged=2"),
        ("https://north.example/?feed=rss2&paged=7", "", "/?feed=rss2&paged=8"),
        ("https://north.example/?feed=rss2&paged=x", "", "/?feed=rss2&paged=2"),
        (URL, f"{GENERATOR}{NEXT}", None),
        (URL, f"{GENERATOR}<fh:complete/>", None),
        (URL, "<generator>Hugo</generator>", None),
    ],
)
def test_wordpress_counts_its_pages(url: str, envelope: str, expected: str | None) -> None:
    found = step(envelope, asked=Next(url, HISTORY))
    assert [path for path, is_guess in behind(found) if is_guess] == ([expected] if expected else [])


# --- when it is over ------------------------------------------------------------------------------------------------


def test_a_page_seen_before_ends_it_and_brings_nothing() -> None:
    (second,) = step(NEXT).following
    again = step(NEXT, asked=second)
    assert (again.entries, again.following, again.left_out) == ((), (), {"repeated": 1})
    assert again.end == "the same items as on a page before"


def test_only_so_many_pages_are_remembered() -> None:
    asked = FIRST
    for number in range(40):
        (asked,) = step(NEXT.replace("2", f"{number + 2}"), ITEM.replace("/a<", f"/{number}<"), asked).following
    assert len(asked.state.split()) == 1 + history.REMEMBERED
    assert (asked.depth, len(asked.state)) == (40, 2 + 17 * history.REMEMBERED - 1)


def test_an_empty_page_ends_a_guess_at_once_and_a_named_history_at_the_third() -> None:
    guessed = step(GENERATOR, "", Next(URL + "?paged=2", HISTORY, depth=1, is_guess=True))
    assert (guessed.following, guessed.end) == ((), "a page without items")
    asked = FIRST
    for number in (1, 2):
        (asked,) = step(NEXT.replace("2", str(number + 1)), "", asked).following
    assert step(NEXT.replace("2", "9"), "", asked).following == ()
    (asked,) = step(NEXT.replace("2", "8"), ITEM, asked).following
    assert asked.state.startswith("0 ")


def test_what_is_older_than_wanted_ends_it_and_what_is_newer_does_not() -> None:
    since = Wanted(since=datetime(2024, 6, 1, tzinfo=UTC))
    old = step(NEXT, wanted=since)
    assert (old.entries, old.following, old.left_out) == ((), (), {"outside_window": 1})
    undated = "<item><title>B</title><link>/b</link></item>"
    assert step(NEXT, ITEM + undated, wanted=since).following
    touched = (
        '<entry><id>a</id><link href="/a"/><published>2023-05-17T10:00:00Z</published>'
        "<updated>2024-07-17T10:00:00Z</updated></entry>"
    )
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="?p=2"/>{touched}</feed>'
    by_update = read(FIRST, atom.encode(), {}, URL, since, NOW)
    assert (len(by_update.following), by_update.left_out) == (1, {"outside_window": 1})
    new = step(NEXT, wanted=Wanted(until=datetime(2024, 5, 1, tzinfo=UTC)))
    assert (len(new.following), new.left_out, new.oldest) == (
        1, {"outside_window": 1}, datetime(2024, 5, 17, 10, tzinfo=UTC),
    )  # fmt: skip


def test_a_history_without_an_end_has_one() -> None:
    last = step(NEXT, asked=Next(URL, HISTORY, depth=history.MAX_PAGES - 1))
    assert (last.following, last.end) == ((), "5,000 pages are the most that is read of one history")


def test_what_is_kept_fits_and_has_an_address() -> None:
    items = (
        ITEM + ITEM + "<item><title>B</title></item><item><title>C</title><link>mailto:c@north.example</link></item>"
    )
    found = step("", items + ITEM.replace("/2024/a", "/other"), wanted=Wanted(paths=("/2024/*",)))
    assert [entry.url for entry in found.entries] == ["https://north.example/2024/a"]
    assert found.left_out == {"repeated": 1, "no_link": 1, "bad_link": 1, "filtered": 1}
    assert pickle.loads(pickle.dumps(found)) == found


def test_a_page_or_sitemap_is_no_feed() -> None:
    for body in (b"<html><body>x</body></html>", b"<urlset><url><loc>https://north.example/</loc></url></urlset>"):
        with pytest.raises(ParseError):
            read(FIRST, body, {}, URL, Wanted(), NOW)


def test_where_it_begins() -> None:
    (first,) = seeds("north.example/feed")
    assert (first.url, first.fallback[0]) == ("https://north.example/feed", "http://north.example/feed")
    assert seeds("") == ()


HEADS = ("", "<rss><channel>", "<feed>", '{"version": "https://jsonfeed.org/version/1.1", "items": [], "next_url": ')


@given(st.sampled_from(HEADS), st.binary(max_size=200), st.text(max_size=50), st.text(max_size=20))
@example(HEADS[3], b'"http://["}', "<>;rel=next", "1 x")
@example(HEADS[3], b"7}", "<//[>;rel=next", "")
@example("{ <rss><channel>", b"<link rel=next href='//['/>", "", "\u0661")
def test_any_bytes_end_in_a_step_or_our_error(head: str, body: bytes, link: str, state: str) -> None:
    try:
        found = read(Next(URL, HISTORY, state=state), head.encode() + body, {"link": link}, URL, Wanted(), NOW)
    except ParseError:
        return
    assert isinstance(found, Step)


# --- whole histories ------------------------------------------------------------------------------------------------

SITES: dict[str, tuple[type[History], dict[str, bool], int]] = {
    "wordpress": (WordPress, {}, 4),
    "a cache in front": (WordPress, {"deaf": True}, 2),
    "linked": (Linked, {}, 3),
    "by header": (Linked, {"by_header": True}, 3),
    "in a circle": (Linked, {"loops": True}, 3),
    "endless": (Linked, {"endless": True}, 6),
    "archived": (Archived, {}, 3),
    "json": (JsonPages, {}, 3),
}


@pytest.mark.parametrize("name", SITES)
def test_every_page_of_a_history_is_read_once(name: str) -> None:
    kind, said, requests = SITES[name]
    with kind(host="127.0.11.2", **said) as site:  # type: ignore[arg-type]
        done = walk(read, seeds(site.start))
        assert done.entries == (site.stories[:3] if "deaf" in said else site.stories)
        assert (len(site.requests), done.failed) == (requests, {})


def test_a_history_is_read_as_far_back_as_wanted() -> None:
    with WordPress(pages=9, host="127.0.11.2") as site:
        done = walk(read, seeds(site.start), Wanted(since=site.published(4)))
        assert done.entries == site.stories[:5]
        assert len(site.requests) == 3
        assert done.ends == ["all that comes behind is older than wanted"]
