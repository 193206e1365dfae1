"""Sitemaps as a way into the past: what is an entry, what is followed, and what is left out and why."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.backfill import sitemap
from ingest.backfill.periods import find_periods
from ingest.backfill.sitemap import MAX_DEPTH, read, seeds
from ingest.backfill.step import SITEMAP, Next, Step, instead, path_period
from ingest.backfill.wanted import Wanted
from ingest.errors import ParseError
from ingest.model import Reason
from tests.ingest.backfill.walk import NOW, walk
from tests.sitemap_tree import SitemapTree, index, item, urlset

URL = "https://north.example/sitemap.xml"
ROOT = Next(URL, SITEMAP, state="north.example")
IN_2024 = Wanted(since=datetime(2024, 1, 1, tzinfo=UTC), until=datetime(2025, 1, 1, tzinfo=UTC))


def step(body: bytes | str, wanted: Wanted | None = None, asked: Next = ROOT) -> Step:
    return read(asked, body.encode() if isinstance(body, str) else body, {}, asked.url, wanted or Wanted(), NOW)


def names(found: Step) -> list[str]:
    return [(entry.url or "").rpartition("/")[2] for entry in found.entries]


def children(found: Step) -> list[str]:
    return [each.url.removeprefix("https://north.example/") for each in found.following]


def story(name: str, lastmod: str = "", news: str = "") -> str:
    return item(f"https://north.example/{name}", lastmod, news)


# --- where to begin -------------------------------------------------------------------------------------------------


def test_a_site_begins_with_robots_and_then_the_usual_places() -> None:
    (first,) = seeds("north.example")
    assert first.url == "https://north.example/robots.txt"
    asked, places = first, []
    while other := instead(asked):
        places.append(other.url)
        asked = other
    others = ["http://north.example/robots.txt", "https://www.north.example/robots.txt"]
    assert places[:3] == [*others, "https://north.example/sitemap.xml"]
    assert len(places) == 2 + len(sitemap.USUAL_PLACES)


def test_an_address_is_taken_for_a_sitemap_and_if_it_is_none_for_a_site() -> None:
    (first,) = seeds("http://north.example/maps/all.xml")
    assert (first.url, first.fallback) == ("http://north.example/maps/all.xml", ())
    (first,) = seeds("https://north.example/world")
    assert first.url == "https://north.example/world"
    assert first.fallback[0] == "https://north.example/robots.txt"
    assert seeds(" ") == ()


def test_robots_names_sitemaps_or_leaves_us_to_guess() -> None:
    asked = seeds("north.example")[0]
    named = read(asked, b"Sitemap: /a.xml\nsitemap: https://cdn.example/b.xml # ours", {}, asked.url, Wanted(), NOW)
    assert [each.url for each in named.following] == ["https://north.example/a.xml", "https://cdn.example/b.xml"]
    assert {each.state for each in named.following} == {"north.example"}
    (guess,) = read(asked, b"User-agent: *", {}, asked.url, Wanted(), NOW).following
    assert guess.url == URL
    assert len(guess.fallback) == len(sitemap.USUAL_PLACES) - 1


def test_where_robots_names_another_host_its_pages_and_sitemaps_count() -> None:
    asked = Next("https://cdn.example/b.xml", SITEMAP, depth=1, state="north.example")
    body = urlset([story("1"), item("https://cdn.example/2"), item("https://south.example/3")])
    found = step(body, asked=asked)
    assert (names(found), found.left_out) == (["1", "2"], {"other_site": 1})
    listed = step(
        index([("https://cdn.example/c.xml", ""), (URL, ""), ("https://south.example/d.xml", "")]), None, asked
    )
    assert [each.url for each in listed.following] == ["https://cdn.example/c.xml", URL]
    hosts = Wanted(hosts=("south.example",))
    assert names(step(body, hosts, asked)) == ["3"]


# --- what is in the window ------------------------------------------------------------------------------------------


def test_news_tags_decide_and_a_lastmod_shows_only_what_is_too_old() -> None:
    found = step(
        urlset(
            [
                story("news", "2026-01-01", news="2024-05-17T10:00:00Z"),
                story("old-news", "2024-06-01", news="2023-05-17"),
                story("touched", "2026-01-01"),
                story("old", "2023-12-30"),
                story("silent"),
                story("by-year", "2022"),
                story("this-year", "2024"),
            ]
        ),
        IN_2024,
    )
    assert names(found) == ["news", "touched", "silent", "this-year"]
    assert found.left_out == {"outside_window": 3}
    assert found.oldest == datetime(2023, 1, 1, tzinfo=UTC)
    entry = found.entries[0]
    assert entry.published_at == datetime(2024, 5, 17, 10, tzinfo=UTC)
    assert entry.updated_at == datetime(2026, 1, 1, tzinfo=UTC)


def test_the_last_day_before_the_window_may_end_within_it_somewhere() -> None:
    rows = [story("a", "2023-12-31"), story("b", "2023-12-30"), story("c", "2023-12-31T23:59:59Z")]
    assert names(step(urlset(rows), IN_2024)) == ["a"]


def test_an_address_that_names_its_day_tells_what_nothing_else_does() -> None:
    urls = ("2024/05/17/a", "2023/05/17/b", "2025/02/c", "2024/02/d", "news/2025-06-01-e", "2024/12/31/f", "x/2019/g")
    assert names(step(urlset(map(story, urls)), IN_2024)) == ["a", "d", "f", "g"]


@pytest.mark.parametrize(
    ("path", "begin"),
    [
        ("/2024/05/17/a", "2024-05-16T10"),
        ("/2024/5/a", "2024-05-01T00"),
        ("/2024/17/a", None),
        ("/2024/05-a", None),
        ("/2024/02/30/a", None),
        ("/1750/02/03/a", None),
        ("/2031/02/03/a", None),
        ("/a?/2024/05/17/", None),
    ],
)
def test_days_in_addresses(path: str, begin: str | None) -> None:
    found = path_period(f"https://north.example{path}", NOW)
    assert (found[0].isoformat()[:13] if found else None) == begin


def test_a_lastmod_that_all_share_is_no_date_of_theirs() -> None:
    many = range(30)
    written = step(urlset(story(str(n), "2026-11-20T10:00:00Z") for n in many), IN_2024)
    assert len(written.entries) == 30
    assert {entry.updated_at for entry in written.entries} == {None}
    before = step(urlset(story(str(n), "2022-11-20T10:00:00Z") for n in many), IN_2024)
    assert before.left_out == {"outside_window": 30}
    default = step(urlset(story(str(n), "2000-01-01T00:00:00Z") for n in many), IN_2024)
    assert len(default.entries) == 30


def test_hosts_and_paths_are_filtered_and_repetitions_counted() -> None:
    rows = [item("https://en.north.example/2024/a"), item("https://en.north.example/b"), story("2024/c")]
    found = step(urlset([*rows, rows[0]]), Wanted(hosts=("en.north.example",), paths=("/2024/*",)))
    assert (names(found), found.left_out) == (["a"], {"filtered": 2, "repeated": 1})


# --- indexes --------------------------------------------------------------------------------------------------------


def test_children_are_left_out_by_lastmod_and_by_name() -> None:
    listed = [
        ("posts-2019-05.xml", ""),
        ("posts-2024-05.xml", ""),
        ("posts-2023-12.xml", ""),
        ("2023/pages.xml", ""),
        ("2024/pages.xml", ""),
        ("day-20240101-20240107.xml", ""),
        ("day-20231201-20231207.xml", ""),
        ("old.xml", "2023-06-01"),
        ("new.xml", "2026-06-01"),
        ("plain.xml", ""),
        ("posts-2025-03.xml", "2025-04-01"),
    ]
    found = step(index((f"https://north.example/{name}", lastmod) for name, lastmod in listed), IN_2024)
    assert children(found) == [
        "posts-2024-05.xml", "2024/pages.xml", "day-20240101-20240107.xml", "new.xml", "plain.xml",
    ]  # fmt: skip
    assert found.left_out == {"pruned": 6}
    assert {each.depth for each in found.following} == {1}


def test_numbers_of_parts_are_no_years() -> None:
    def dated(*names: str) -> list[str]:
        urls = [f"https://north.example/{name}" for name in names]
        return [url.rpartition("/")[2] for url in find_periods(urls, NOW)]

    assert dated("sitemap-2019.xml", "sitemap-2020.xml") == ["sitemap-2019.xml", "sitemap-2020.xml"]
    assert dated("sitemap-2019.xml", "sitemap-1.xml") == []
    assert dated("sitemap-2019.xml", "sitemap-2099.xml") == []
    assert dated("sitemap-2019.xml", "news-1.xml") == ["sitemap-2019.xml"]
    assert dated("sitemap-201905.xml", "sitemap-201913.xml", "sitemap-7.xml") == ["sitemap-201905.xml"]
    assert dated("map-12019.xml", "map-20190.xml", "a.xml") == []
    spans = find_periods(["https://north.example/posts-2019-2.xml", "https://north.example/posts-2019-02.xml"], NOW)
    assert [(end - begin).days for begin, end in spans.values()] == [365, 28]


def test_an_index_does_not_lead_round_in_circles_or_down_for_ever() -> None:
    listed = [(URL, ""), ("https://north.example/a.xml", ""), ("https://north.example/a.xml", ""), ("http://[", "")]
    found = step(index(listed))
    assert (children(found), found.left_out) == (["a.xml"], {"repeated": 2, "bad_link": 1})
    deep = step(index(listed[1:2]), asked=Next(URL, SITEMAP, depth=MAX_DEPTH))
    assert (deep.following, deep.left_out) == ((), {"too_deep": 1})


# --- documents of all kinds -----------------------------------------------------------------------------------------


def test_lists_and_feeds_are_sitemaps_too() -> None:
    anywhere = Next("https://north.example/all", SITEMAP)
    listed = step("\ufeffhttps://north.example/1\r\nhttps://north.example/2\n\nftp://north.example/3", asked=anywhere)
    assert names(listed) == ["1", "2"]
    rss = "<rss version='2.0'><channel><title>T</title>{}</channel></rss>"
    items = "<item><title>A</title><link>/1</link><pubDate>{} GMT</pubDate></item><item><title>B</title></item>"
    fed = rss.format(items.format("Fri, 17 May 2024 10:00:00"))
    assert (names(step(fed, IN_2024)), step(fed).left_out) == (["1"], {"no_link": 1})
    old = rss.format(items.format("Wed, 17 May 2023 10:00:00"))
    assert step(old, IN_2024).left_out == {"outside_window": 1, "no_link": 1}


def test_what_is_no_sitemap_says_what_it_is() -> None:
    for body, detail in (("<html><body>x</body></html>", "an HTML page"), ("", "an empty document"), ("x", "neither")):
        with pytest.raises(ParseError, match=detail) as caught:
            step(body)
        assert caught.value.reason is Reason.NOT_A_FEED


def test_what_is_beyond_the_limit_of_one_document_is_counted() -> None:
    for body in (urlset(map(story, "abcde")), b"\n".join(b"https://north.example/%c" % each for each in b"abcde")):
        found = read(ROOT, body, {}, URL, Wanted(), NOW, limit=3)
        assert (names(found), found.left_out) == (["a", "b", "c"], {"over_limit": 2})
        assert found.problem == "more than 3 addresses: the first are read"


def test_steps_cross_process_borders() -> None:
    found = step(index([("https://north.example/a.xml", "2024-05-17")]))
    assert pickle.loads(pickle.dumps(found)) == found


HEADS = st.sampled_from(
    [b"", b"<urlset>", b"<sitemapindex>", b"\x1f\x8b\x08\x00", b"https://", b"<rss><channel>", b"{"]
)


@given(HEADS, st.binary(max_size=200), st.sampled_from([URL, "https://north.example/robots.txt"]))
@example(b"<urlset>", b"<url><loc>http://north.example/2019/13/</loc><lastmod>2024-13</lastmod></url>", URL)
@example(b"<sitemapindex>", b"<sitemap><loc>//north.example/0000-00-00</loc><lastmod>9</lastmod></sitemap>", URL)
def test_any_bytes_end_in_a_step_or_our_error(head: bytes, body: bytes, url: str) -> None:
    try:
        found = read(Next(url, SITEMAP), head + body, {}, url, IN_2024, NOW)
    except ParseError:
        return
    assert isinstance(found, Step)


URLS = st.lists(st.text("abz019-_/.?=&", max_size=30).map("https://north.example/".__add__), max_size=20)


@given(URLS)
def test_any_names_have_a_period_or_none(urls: Iterable[str]) -> None:
    for begin, end in find_periods(list(urls), NOW).values():
        assert begin < end


# --- a whole tree ---------------------------------------------------------------------------------------------------


def test_a_tree_with_everything_wrong_is_read_to_its_end() -> None:
    with SitemapTree(host="127.0.11.3") as site:
        site.build()
        done = walk(read, seeds(site.base))
        assert sorted(done.entries) == sorted(site.wanted)
        assert done.failed == {"/bomb.xml.gz": "bomb", "/missing.xml": "404", "/page.html": "not_a_feed"}
        assert done.left == {"other_site": 2, "bad_link": 2, "repeated": 2}
        assert len(done.asked) == len(set(done.asked)) == len(site.children) + 1


def test_only_what_may_be_wanted_of_a_tree_is_asked_for() -> None:
    with SitemapTree(host="127.0.11.4") as site:
        site.build()
        done = walk(read, seeds(site.base), IN_2024)
        assert not site.asked("/posts-2019-05.xml.gz")
        assert done.left["pruned"] == 1
        assert not [url for url in done.entries if "/old/" in url]


def test_a_large_child_is_a_child_like_any_other() -> None:
    with SitemapTree(host="127.0.11.5") as site:
        urls = site.large(12)
        assert walk(read, seeds(site.url("/sitemap.xml"))).entries == urls


def test_a_site_without_robots_is_searched_in_the_usual_places() -> None:
    with SitemapTree(host="127.0.11.5") as site:
        urls = site.stories("a")
        site.serve("/wp-sitemap.xml", urlset(map(item, urls)))
        done = walk(read, seeds(site.base))
        assert (done.entries, done.failed) == (urls, {})
        assert [url.removeprefix(site.base) for url in done.asked] == [
            "/robots.txt", "/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml",
        ]  # fmt: skip
