"""Which sitemaps of an index are worth polling."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ingest.model import ListedSitemap
from ingest.sitemaps import choose_children, looks_like_sitemap

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
INDEX = "https://www.north.example/sitemap.xml"


def chosen(*listed: tuple[str, int | None], index: str = INDEX) -> list[str]:
    """The names of those chosen, in order. Given: names, and how many days ago they were modified."""
    children = [
        ListedSitemap(
            name if "//" in name else f"https://www.north.example/{name}",
            None if days is None else NOW - timedelta(days=days),
        )
        for name, days in listed
    ]
    found = choose_children((index,), children, NOW)
    return [each.url.removeprefix("https://www.north.example/") for each in found]


def test_what_was_modified_lately_newest_first() -> None:
    assert chosen(("a", 2), ("b", 0), ("c", 4), ("d", 3), ("e", None)) == ["b", "a", "d"]


def test_what_names_news_comes_first_whatever_its_lastmod() -> None:
    assert chosen(("a", 0), ("sitemap-news.xml", 30), ("news/today", None)) == ["sitemap-news.xml", "news/today", "a"]


def test_archives_of_news_are_none() -> None:
    listed = [(f"news-{year}-11.xml", None) for year in range(2001, 2027)]
    assert chosen(("a", 9), *listed) == ["news-2026-11.xml"]
    assert chosen(("news-2014.xml", 1), ("news/20261123.xml", 9)) == ["news-2014.xml", "news/20261123.xml"]


def test_without_any_lastmod_both_ends_are_looked_at() -> None:
    listed = [(f"s{number}", None) for number in range(30)]
    assert chosen(*listed) == [f"s{number}" for number in (*range(5), *range(25, 30))]
    assert chosen(*listed[:3]) == ["s0", "s1", "s2"]


def test_at_most_fifty_of_one_index() -> None:
    assert len(chosen(*((f"s{number}", 0) for number in range(200)))) == 50


@pytest.mark.parametrize(
    ("url", "is_ours"),
    [
        ("https://north.example/news.xml", True),
        ("https://cdn.north.example/news.xml", True),
        ("https://south.example/news.xml", False),
        (INDEX, False),
    ],
)
def test_other_peoples_hosts_and_the_index_itself_are_left_out(url: str, is_ours: bool) -> None:
    assert bool(chosen((url, 0))) is is_ours


def test_a_sitemap_is_known_by_its_address() -> None:
    assert looks_like_sitemap("https://north.example/SiteMap_index.xml.gz?x=1")
    assert not looks_like_sitemap("https://north.example/feed?of=sitemap")
