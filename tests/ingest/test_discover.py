"""From what a site says to the addresses where its feeds may be."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.discover import (
    FEED_PATHS,
    MAX_DECLARED,
    MAX_LINKED,
    Candidate,
    Way,
    choose_children,
    find_header_links,
    find_links,
    find_sitemaps,
    folder_feeds,
    is_comments,
    is_news_sitemap,
    looks_like_feed,
    starts,
    well_known_feeds,
    well_known_sitemaps,
)
from ingest.link_header import read_link_header
from ingest.model import ListedSitemap

PAGE = "https://www.herald.example/world/"
HTML = "text/html; charset=utf-8"


def declared(markup: str, url: str = PAGE) -> list[str]:
    return [each.url for each in find_links(f"<!DOCTYPE html>{markup}".encode(), HTML, url).declared]


def linked(markup: str, url: str = PAGE) -> list[str]:
    return [each.url for each in find_links(f"<!DOCTYPE html>{markup}".encode(), HTML, url).linked]


@pytest.mark.parametrize(
    ("stated", "tried"),
    [
        ("herald.example", ["https://herald.example", "http://herald.example", "https://www.herald.example"]),
        (" www.herald.example/world ", ["https://www.herald.example/world", "http://www.herald.example/world"]),
        ("//news.herald.example", ["https://news.herald.example", "http://news.herald.example"]),
        ("127.0.0.1:8000", ["https://127.0.0.1:8000", "http://127.0.0.1:8000"]),
        ("[::1]/feed", ["https://[::1]/feed", "http://[::1]/feed"]),
        ("http://herald.example", ["http://herald.example"]),
        ("feed://herald.example/rss", ["http://herald.example/rss"]),
        ("feed:https://herald.example/rss", ["https://herald.example/rss"]),
        ("www.zürich.example", ["https://www.xn--zrich-kva.example", "http://www.xn--zrich-kva.example"]),
        ("javascript:alert(1)", []),
        ("ftp://herald.example/", []),
        ("mailto:desk@herald.example:x", []),
        ("", []),
        ("//", []),
    ],
)
def test_what_somebody_typed(stated: str, tried: list[str]) -> None:
    assert list(starts(stated)) == tried


def test_link_tags_are_found_in_head_and_body_against_the_base() -> None:
    found = find_links(
        b"""<!DOCTYPE html><html><head><base href="/en/">
        <link rel="alternate" type="application/rss+xml" title=" The  Herald " href="rss.xml">
        <LINK REL='Alternate Home' TYPE='Application/Atom+XML; charset=utf-8' HREF=atom.xml#top></head>
        <body><link rel=feed href="https://feeds.example/herald">
        <a type="application/rdf+xml" href="old.rdf">Old</a></body></html>""",
        HTML, PAGE,
    )  # fmt: skip
    assert found.is_page
    assert found.declared == (
        Candidate("https://www.herald.example/en/rss.xml", Way.LINK_TAG, "The Herald"),
        Candidate("https://www.herald.example/en/atom.xml", Way.LINK_TAG, None),
        Candidate("https://feeds.example/herald", Way.LINK_TAG, None),
        Candidate("https://www.herald.example/en/old.rdf", Way.LINK_TAG, None),
    )


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">',
        '<link rel="alternate" type="application/json+oembed" href="/wp-json/oembed/1.0/embed?url=x">',
        '<link rel="alternate" type="text/xml+oembed" href="/oembed?format=xml">',
        '<link rel="alternate" hreflang="de" href="https://www.herald.example/de/">',
        '<link rel="alternate" media="handheld" type="text/html" href="/m/">',
        '<link rel="alternate stylesheet" type="text/css" href="/feed.css">',
        '<link rel="EditURI" type="application/rsd+xml" href="/xmlrpc.php?rsd">',
        '<link rel="search" type="application/opensearchdescription+xml" href="/osd.xml">',
        '<link rel="icon" type="application/rss+xml" href="/rss">',
        '<link rel="alternate" type="application/rss+xml" href="javascript:void(0)">',
        '<link rel="alternate" type="application/rss+xml" href="">',
        '<link rel="alternate" type="application/rss+xml">',
        f'<link rel="alternate" type="application/rss+xml" href="{PAGE}">',
    ],
)
def test_link_tags_that_name_no_feed(link: str) -> None:
    assert declared(link) == []


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="alternate" type="application/feed+json" href="/it">',
        '<link rel="alternate" type="application/json" href="/feed.json">',
        '<link rel="alternate" type="text/xml" href="/rss">',
        '<link rel="alternate" href="/rss.xml">',
        '<link type="application/rss+xml" href="/it">',
        '<link rel="feed" type="text/html" href="/it">',
    ],
)
def test_link_tags_that_name_one(link: str) -> None:
    assert len(declared(link)) == 1


def test_comments_come_last_and_nothing_twice() -> None:
    tag = '<link rel="alternate" type="application/rss+xml" href="{}">'
    paths = ["/comments/feed/", "/feed/", "/feed/", "/world/story/feed/"]
    assert declared("".join(tag.format(path) for path in paths)) == [
        "https://www.herald.example/feed/",
        "https://www.herald.example/world/story/feed/",
        "https://www.herald.example/comments/feed/",
    ]
    titled = '<link rel="alternate" type="application/rss+xml" title="{}" href="{}">'
    named = [("Herald » Kommentar-Feed", "/story/feed/"), ("Herald » Feed", "/feed/")]
    assert declared("".join(titled.format(*each) for each in named))[0] == "https://www.herald.example/feed/"
    many = "".join(tag.format(f"/{number}.rss") for number in range(500))
    assert len(declared(many)) == MAX_DECLARED


def test_links_that_look_like_feeds_those_by_address_first() -> None:
    found = find_links(
        b"""<!DOCTYPE html><body><a href="/subscribe/x">Get our RSS</a> <a href="/story">On the rise</a>
        <a href="/about" title="RSS feed"><img alt="" src="i.png"></a> <a href="/i"><img alt="RSS" src="i.png"></a>
        <a href="/services/xml/rss/home">Home</a> <a href="feed:https://feeds.example/herald">Feed</a>
        <a href="https://www.herald.example/feedback">Feedback</a>
        <a href="https://other.example/rss">A friend</a> <a href="mailto:rss@herald.example">RSS</a>
        <a href="/long">How RSS changed the way in which all of us read the papers in the morning</a></body>""",
        HTML, PAGE,
    )  # fmt: skip
    assert found.declared == ()
    assert [(each.url, each.title) for each in found.linked] == [
        ("https://www.herald.example/services/xml/rss/home", "Home"),
        ("https://feeds.example/herald", "Feed"),
        ("https://www.herald.example/subscribe/x", "Get our RSS"),
        ("https://www.herald.example/about", "RSS feed"),
        ("https://www.herald.example/i", "RSS"),
    ]
    assert len(linked("".join(f'<a href="/rss/{number}">RSS</a>' for number in range(500)))) == MAX_LINKED


@pytest.mark.parametrize(
    "path",  # shapes of the answers in feed_seeker's benchmark
    [
        "/finance/rssfeeds/", "/news/local/breaking/rss2.0.xml", "/topstories-rss", "/rss/RssPortada.html", "/rss/home",
        "/api/v1/rss/592bf2554", "/24h-infos/rss.xml", "/rss-feed/2425/", "/news/index.rss", "/feeds.articles.news.rss",
        "/?format=feed&type=rss", "/rss.aspx", "/feed/?post_type=news", "/mrss/programs", "/x_rss", "/Feed", "/a.atom",
        "/opinion?rss", "/?feed", "/?feed=rss2", "/search/?f=rss&t=article",
    ],
)  # fmt: skip
def test_addresses_spelled_like_a_feed(path: str) -> None:
    assert looks_like_feed(f"https://herald.example{path}")


@pytest.mark.parametrize(
    "path",
    [
        "/", "/feedback", "/across-the-board", "/atomic-age", "/progress", "/x.xml.html",
        "/story?srcref=rss", "/story?utm_source=x&utm_medium=rss&utm_campaign=feed", "/story?type=opinion",
        "/job?feed=premium",
        "/news/what-the-rss-said-of-its-meeting-133588387.html",  # an organisation of that name
    ],
)  # fmt: skip
def test_addresses_spelled_otherwise(path: str) -> None:
    assert not looks_like_feed(f"https://herald.example{path}")
    assert looks_like_feed(f"https://feeds.herald.example{path}")


def test_addresses_of_comments() -> None:
    for path in ("/comments/feed/", "/feeds/comments/default", "/?feed=comments-rss2", "/story/comments/rss"):
        assert is_comments(f"https://herald.example{path}")
    for path in ("/comment/rss", "/commentisfree/rss", "/comments-policy"):
        assert not is_comments(f"https://herald.example{path}")


@pytest.mark.parametrize(
    "body", [b"", b"\x89PNG\r\n\x1a\n", b"plain words", b'{"a": 1}', b"<a" + b" b" * 200_000 + b">"]
)
def test_what_is_no_page_names_nothing(body: bytes) -> None:
    found = find_links(body, None, PAGE)
    assert (found.is_page, found.declared, found.linked) == (False, (), ())


@given(st.binary(max_size=300), st.sampled_from([None, HTML, "text/plain"]))
@example(b"<html><link rel=alternate type=application/rss+xml href=http://[::1>", HTML)
@example(b"<html><base href='http://[x'><a href='//rss\xff/%zz?rss#'>rss", HTML)
def test_any_bytes_give_an_answer(body: bytes, content_type: str | None) -> None:
    find_links(body, content_type, PAGE)


# --- the Link header ------------------------------------------------------------------------------------------------


def test_a_link_header_is_read_as_the_specification_says() -> None:
    assert read_link_header(
        '</a,b>; rel="alternate"; title="a, \\"b\\"; <c>"; rel=next,<d>;;REL = feed ; flag, bad, <e>; type=a/b+c;x'
    ) == [
        ("/a,b", {"rel": "alternate", "title": 'a, "b"; <c>'}),
        ("d", {"rel": "feed", "flag": ""}),
        ("e", {"type": "a/b+c", "x": ""}),
    ]


@pytest.mark.parametrize("value", ["", "<", "<>", "<a", "<a>;", '<a>; b="', '<a>;b="\\', "<a>;=", ",,,", "<a>;b=,;"])
def test_a_broken_link_header_is_no_trouble(value: str) -> None:
    read_link_header(value)


@given(st.text(alphabet='<>;,="\\ab \t*é', max_size=60))
def test_any_link_header_gives_an_answer(value: str) -> None:
    read_link_header(value)


def test_feeds_of_the_link_header() -> None:
    header = (
        '</wp-json/>; rel="https://api.w.org/", </feed>; rel="alternate"; type="application/rss+xml"; title="News",'
        '</other>; rel=alternate; type=application/atom+xml; anchor="/elsewhere", </style.css>; rel=preload; as=style,'
        '</untyped>, </x.atom>; rel="alternate"; type=application/atom+xml; anchor=""'
    )
    assert find_header_links(header, PAGE) == (
        Candidate("https://www.herald.example/feed", Way.LINK_HEADER, "News"),
        Candidate("https://www.herald.example/x.atom", Way.LINK_HEADER, None),
    )
    assert find_header_links(None, PAGE) == ()


# --- sitemaps and well-known places ---------------------------------------------------------------------------------


def test_sitemaps_of_robots_those_of_news_first() -> None:
    robots = (
        "User-agent: *\nDisallow: /x\n SITEMAP : https://herald.example/sitemap.xml # all\nSitemap: /news-sitemap.xml\n"
        "Sitemap:\nSitemap: ftp://herald.example/s.xml\nsitemap: https://cdn.example/google-news.xml.gz\n"
        "Sitemap: /news-sitemap.xml\n#Sitemap: /no.xml\n"
    )
    assert [each.url for each in find_sitemaps(robots, "https://herald.example/robots.txt")] == [
        "https://herald.example/news-sitemap.xml",
        "https://cdn.example/google-news.xml.gz",
        "https://herald.example/sitemap.xml",
    ]
    assert len(find_sitemaps("Sitemap: /a\n" * 30_000, PAGE)) == 1


@pytest.mark.parametrize(
    ("path", "is_news"),
    [("/news-sitemap.xml", True), ("/sitemap_news.xml", True), ("/googlenews.xml", True), ("/News/Sitemap", True),
     ("/newsletter-sitemap.xml", False), ("/sitemap.xml", False), ("/sitemap-2026-11.xml", False)],
)  # fmt: skip
def test_names_of_news_sitemaps(path: str, is_news: bool) -> None:
    assert is_news_sitemap(f"https://news.example{path}") == is_news


def test_of_an_index_the_news_else_what_changed_last() -> None:
    def child(name: str, day: int | None) -> ListedSitemap:
        return ListedSitemap(f"https://a.example/{name}", datetime(2026, 11, day, tzinfo=UTC) if day else None)

    pages, posts, old = child("page.xml", None), child("post-2.xml", 24), child("post-1.xml", 3)
    news, news_old = child("news-2.xml", 24), child("news-1.xml", None)
    assert [each.url for each in choose_children([pages, old, posts], 5)] == [posts.url]
    assert [each.url for each in choose_children([news_old, posts, news], 5)] == [news.url, news_old.url]
    assert len(choose_children([news] * 9, 5)) == 5
    assert choose_children([], 5) == ()


def test_well_known_places() -> None:
    found = [each.url for each in well_known_feeds(PAGE)]
    assert found[:2] == ["https://www.herald.example/feed/", "https://www.herald.example/rss"]
    assert len(found) == len(FEED_PATHS)
    assert folder_feeds(PAGE)[0].url == "https://www.herald.example/world/feed/"
    assert folder_feeds("https://a.example/world/index.html") == folder_feeds("https://a.example/world")
    assert folder_feeds("https://a.example/") == folder_feeds("https://a.example/en/?x=1") == ()
    assert is_news_sitemap(well_known_sitemaps("http://127.0.0.1:8000/x")[0].url)
    assert all(each.url.startswith("http://127.0.0.1:8000/") for each in well_known_sitemaps("http://127.0.0.1:8000/x"))
