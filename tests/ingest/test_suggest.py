"""What found feeds are worth: the same thing once, the best first, and the smallest set that has all news."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.appraise import Freshness, Scope, Source, Text, appraise
from ingest.discover import Candidate, Way
from ingest.model import ListedSitemap, ParsedEntry, ParsedFeed
from ingest.suggest import Ranked, is_same, rank

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOME = "https://herald.example/"


def entry(name: object, hours: float | None = 1, **said: Any) -> ParsedEntry:
    at = None if hours is None else NOW - timedelta(hours=hours)
    url = said.pop("url", f"{HOME}story/{name}")
    return ParsedEntry(entry_id=str(name), url=url, title=f"Story {name}", published_at=at, **said)


def source(
    path: str = "feed", entries: Iterable[ParsedEntry] = (), way: Way = Way.LINK_TAG, asked: str = HOME, **said: Any
) -> Source:
    stated = {"kind": "rss20", "title": path, "site_url": HOME, "language": None, "entries": tuple(entries)} | said
    return appraise(Candidate(HOME + path, way), HOME + path, ParsedFeed(**stated), [asked, HOME], asked, NOW)


def stories(numbers: Iterable[int], **said: Any) -> list[ParsedEntry]:
    return [entry(number, hours=number, **said) for number in numbers]


def verdicts(ranked: tuple[Ranked, ...]) -> list[tuple[str, str | None]]:
    return [(each.source.url.removeprefix(HOME), each.suggestion) for each in ranked]


def test_what_a_feed_is_worth() -> None:
    found = source("feed", stories(range(1, 25), summary="A line.", language="fr"))
    assert (found.items, found.newest_at, found.per_day) == (24, NOW - timedelta(hours=1), 24.0)
    assert (found.text, found.own, found.scope, found.freshness) == (Text.SUMMARY, 1.0, Scope.SITE, Freshness.FRESH)
    assert (found.language, found.is_comments, found.is_elsewhere) == ("fr", False, False)


def test_an_item_that_is_kept_on_top_for_years_does_not_hide_the_pace() -> None:
    pinned = entry("rules", hours=24 * 365 * 3)
    assert source("feed", [pinned, *stories(range(1, 13))]).per_day == 24.0


@pytest.mark.parametrize(
    ("entries", "said", "freshness"),
    [
        ([entry(1)], {}, Freshness.FRESH),
        ([entry(1, hours=None)], {}, Freshness.UNDATED),
        ([entry(1, hours=-48)], {}, Freshness.UNDATED),  # of tomorrow: says nothing
        ([entry(1, hours=24 * 31)], {}, Freshness.STALE),
        ([], {}, Freshness.EMPTY),
        ([], {"skipped": 3}, Freshness.UNDATED),
        ([], {"kind": "sitemap_index", "children": (ListedSitemap(HOME + "s.xml"),)}, Freshness.UNDATED),
    ],
)
def test_freshness(entries: list[ParsedEntry], said: dict[str, Any], freshness: Freshness) -> None:
    assert source("feed", entries, **said).freshness is freshness


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({}, Text.TITLES),
        ({"summary": "A line."}, Text.SUMMARY),
        ({"content": "A line."}, Text.SUMMARY),
        ({"content": "word " * 200}, Text.FULL),
        ({"summary": "word " * 400}, Text.FULL),
    ],
)
def test_how_much_text_the_items_have(said: dict[str, str], text: Text) -> None:
    assert source("feed", stories(range(1, 4), **said)).text is text


@pytest.mark.parametrize(
    ("asked", "path", "site_url", "scope"),
    [
        (HOME, "feed", HOME, Scope.SITE),
        (HOME, "feed", None, Scope.SITE),
        (HOME, "world/rss", HOME + "world", Scope.SECTION),
        (HOME + "world", "x", "http://www.herald.example/world/", Scope.PAGE),
        (HOME + "world", "world/rss", None, Scope.PAGE),
        (HOME + "world", "worldly/rss", None, Scope.SITE),
        (HOME + "world", "sport/rss", HOME + "sport", Scope.SECTION),
    ],
)
def test_what_a_feed_is_of(asked: str, path: str, site_url: str | None, scope: Scope) -> None:
    assert source(path, stories([1]), asked=asked, site_url=site_url).scope is scope


def test_comments_are_known_by_their_address_or_by_where_they_point() -> None:
    assert source("comments/feed/", stories([1])).is_comments
    assert source("story/feed/", [entry(n, url=f"{HOME}story#comment-{n}") for n in range(3)]).is_comments
    assert not source("feed", stories([1])).is_comments


# --- the same thing under several addresses -------------------------------------------------------------------------


def test_one_thing_is_listed_once_in_its_best_form() -> None:
    full = stories(range(1, 11), content="word " * 200)
    forms = [
        source("?feed=rss2", stories(range(1, 11))),
        source("feed/rdf/", stories(range(1, 11)), kind="rss10"),
        source("feed/", full),
        source("feed/atom/", full, kind="atom10", way=Way.WELL_KNOWN),
    ]
    for order in permutations(forms):
        (only,) = rank(order)
        assert only.source.url == HOME + "feed/atom/"
        assert only.source.way is Way.LINK_TAG  # one of its forms was declared
        assert {url.removeprefix(HOME) for url in only.same} == {"?feed=rss2", "feed/rdf/", "feed/"}


def test_what_counts_as_the_same() -> None:
    ten, twenty = source("ten", stories(range(1, 11))), source("twenty", stories(range(1, 21)))
    assert is_same(ten, twenty)  # the newest ones of the same, in the same order
    assert is_same(twenty, ten)
    assert is_same(ten, source("news", stories(range(10))))  # one more came meanwhile
    assert not is_same(twenty, source("section", stories(range(2, 21, 2))))  # a part of it is another thing
    assert not is_same(ten, source("s.xml", stories(range(1, 11)), kind="news_sitemap"))
    assert not is_same(source("a"), source("b"))  # empty both, and that is all
    assert is_same(source("a", self_url=HOME), source("b", self_url=HOME))
    assert is_same(ten, source("ten/", []))  # one address


# --- order and suggestions ------------------------------------------------------------------------------------------


def test_the_order_and_its_reasons() -> None:
    own = stories(range(100, 112))
    found = rank(
        [
            source("comments/feed", stories([50])),
            source("empty"),
            source("stale", [entry("old", hours=24 * 90)]),
            source("elsewhere", [entry(n, url=f"https://other.example/{n}") for n in range(4)], way=Way.PAGE_LINK),
            source("sitemap.xml", stories(range(200, 300)), kind="sitemap", way=Way.ROBOTS),
            source("news.xml", stories(range(1, 40)), kind="news_sitemap", way=Way.ROBOTS),
            source("world/rss", own, site_url=HOME + "world"),
            source("guess", stories(range(2, 60, 3)), way=Way.WELL_KNOWN),
            source("main", stories(range(1, 60, 3))),
        ]
    )
    assert [each.source.url.removeprefix(HOME) for each in found] == [
        "main", "guess", "world/rss", "news.xml", "sitemap.xml", "stale", "empty", "elsewhere", "comments/feed",
    ]  # fmt: skip
    assert found[0].reasons == ("fresh", "whole site", "declared by the site", "titles only")
    assert found[-1].reasons[0] == "comments"
    assert all((each.suggestion is None) != (each.note is None) for each in found)


def test_the_main_feed_alone_where_it_has_everything() -> None:
    main, section = stories(range(1, 31)), stories(range(4, 31, 3))
    older = stories([*range(3, 31, 3), *range(40, 80, 3)])  # reaches further back than the main feed does
    assert verdicts(rank([source("main", main), source("sport", section), source("world", older)])) == [
        ("main", "the main feed"),
        ("sport", None),
        ("world", None),
    ]


def test_sections_beside_it_where_they_have_what_it_lacks() -> None:
    top = [entry(f"top{n}", hours=n) for n in range(1, 31)]
    world = source("world", [entry(f"world{n}", hours=n) for n in range(1, 11)], site_url=HOME + "world")
    sport = source("sport", [entry(f"world{n}", hours=n) for n in range(2, 11, 2)], site_url=HOME + "sport")
    assert verdicts(rank([world, sport, source("top", top)])) == [
        ("top", "the main feed"),
        ("world", "has 10 that the others lack"),
        ("sport", None),
    ]
    assert verdicts(rank([world]))[0] == ("world", "a section")


def test_the_news_sitemap_tells_what_was_missed() -> None:
    sitemap = source("news.xml", stories(range(1, 41)), kind="news_sitemap", way=Way.ROBOTS)
    second = source("news-2.xml", stories(range(41, 60)), kind="news_sitemap", way=Way.ROBOTS)
    main = source("main", stories(range(1, 41, 2)))
    assert verdicts(rank([sitemap, second, main])) == [
        ("main", "the main feed"),
        ("news.xml", "completeness: has 19 that the feeds lack"),  # the fortieth is older than the feed reaches
        ("news-2.xml", None),
    ]
    assert verdicts(rank([sitemap])) == [("news.xml", "the news sitemap: there is no feed")]


def test_of_a_page_its_own_feed_is_wanted_and_not_the_whole_site() -> None:
    page = HOME + "world"
    found = rank(
        [
            source("feed", stories(range(1, 90)), asked=page),
            source("sport/rss", stories(range(200, 240)), asked=page, site_url=HOME + "sport"),
            source("world/rss", stories(range(3, 90, 7)), asked=page, site_url=page),
        ]
    )
    assert verdicts(found) == [("world/rss", "the feed of this page"), ("feed", None), ("sport/rss", None)]
    assert [each.note for each in found] == [None, "the whole site", "another part of the site"]


def test_the_address_given_comes_first_whatever_it_is() -> None:
    given = source("old", [entry("old", hours=24 * 400)], way=Way.GIVEN)
    assert verdicts(rank([source("main", stories(range(1, 9))), given])) == [
        ("old", "the address given"),
        ("main", None),
    ]


def test_nothing_is_suggested_where_nothing_is_alive() -> None:
    found = rank(
        [source("stale", [entry("old", hours=24 * 90)]), source("empty"), source("s.xml", stories([1]), kind="sitemap")]
    )
    assert [each.suggestion for each in found] == [None, None, None]
    assert rank([]) == ()


PATHS = ["feed", "rss", "atom.xml", "world/rss", "comments/feed", "news.xml"]
SOURCES = st.builds(
    lambda path, numbers, way, kind, site_url: source(path, stories(numbers), way=way, kind=kind, site_url=site_url),
    st.sampled_from(PATHS),
    st.lists(st.integers(min_value=-3, max_value=3_000), max_size=8),
    st.sampled_from(Way),
    st.sampled_from(["rss20", "atom10", "json11", "news_sitemap", "sitemap"]),
    st.sampled_from([None, HOME, HOME + "world", "https://other.example/x"]),
)


@given(st.lists(SOURCES, max_size=8))
def test_every_source_has_one_place_and_one_verdict(sources: list[Source]) -> None:
    ranked = rank(sources)
    assert {each.source.url for each in ranked} | {url for each in ranked for url in each.same} == {
        each.url for each in sources
    }
    assert all((each.suggestion is None) != (each.note is None) for each in ranked)
    assert sum(each.suggestion is not None and each.source.kind == "news_sitemap" for each in ranked) <= 1 + sum(
        each.way is Way.GIVEN for each in sources
    )
    assert rank(sources) == ranked
