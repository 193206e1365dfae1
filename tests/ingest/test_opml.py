"""Lists of feeds: what was written is read back, and a bad line is reported instead of stopping the rest."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.errors import ParseError
from ingest.model import Reason
from ingest.opml import ListedFeed, read_csv, read_opml, write_csv, write_opml

NESTED = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE opml>
<opml version="2.0">
  <head><title>My feeds</title></head>
  <body>
    <outline text="World">
      <outline text="Europe">
        <outline type="rss" text="Herald" title="The Herald" xmlUrl="https://herald.example/rss" htmlUrl="https://herald.example/"/>
      </outline>
      <outline TEXT="Post" XMLURL=" https://post.example/rss " category="/daily,local"/>
    </outline>
    <outline type="rss" text="No address"/>
    <outline type="rss" text="Bad" xmlurl="feed:herald"/>
    <outline text="Q &amp; A" type="rss" xmlUrl="http://qa.example/atom.xml" interval="30m"/>
    <!-- a comment -->
  </body>
</opml>
"""
FEEDS = [
    ListedFeed("https://herald.example/rss", "The <Herald> & Söhne", ("world", "europe"), "30m"),
    ListedFeed("https://post.example/rss?a=1&b=2", None, ("world",)),
    ListedFeed("https://solo.example/feed", 'Says "hello", twice'),
]


def plain(feeds: list[ListedFeed]) -> list[ListedFeed]:
    """Without line numbers, which a round trip changes."""
    return [replace(feed, line=0) for feed in feeds]


def test_folders_and_categories_become_tags() -> None:
    assert read_opml(NESTED.encode()) == [
        ListedFeed("https://herald.example/rss", "The Herald", ("World", "Europe"), None, 8),
        ListedFeed("https://post.example/rss", "Post", ("World", "daily", "local"), None, 10),
        ListedFeed("", "No address", (), None, 12, "no address"),
        ListedFeed("feed:herald", "Bad", (), None, 13, "not an http(s) address"),
        ListedFeed("http://qa.example/atom.xml", "Q & A", (), "30m", 14),
    ]


def test_opml_round_trip() -> None:
    expected = [FEEDS[0], replace(FEEDS[1], title=FEEDS[1].url), FEEDS[2]]  # a title is required there
    assert plain(read_opml(write_opml(FEEDS, "Mine \x00& yours").encode())) == expected


def test_csv_round_trip() -> None:
    assert plain(read_csv(write_csv(FEEDS))) == FEEDS


def test_bad_lines_are_not_written() -> None:
    bad = ListedFeed("feed:x", problem="not an http(s) address")
    assert read_opml(write_opml([bad], "x").encode()) == []
    assert write_csv([bad]) == "url,title,tags,interval\n"


def test_a_stray_ampersand_does_not_stop_the_list() -> None:
    broken = b'<opml><body><outline text="A & B" xmlUrl="https://a.example/"/><outline xmlUrl="https://b.example/"/>'
    assert [feed.url for feed in read_opml(broken)] == ["https://a.example/", "https://b.example/"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"https://a.example/",
        b"<html><body></body></html>",
        b"<rss/>",
        b"<" * 100_000,
        b'<!DOCTYPE o [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><opml><body><outline text="&b;"/></body></opml>',
        b'<!DOCTYPE o [<!ENTITY a SYSTEM "file:///etc/passwd">]><opml><body>&a;</body></opml>',
        b"<opml>" + b" " * 10_000_000,
    ],
    ids=range(8),
)
def test_what_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        read_opml(data)
    assert caught.value.reason is Reason.NOT_A_FEED


def test_a_table_with_comments_tags_and_bad_lines() -> None:
    table = (
        "# my feeds\n"
        "Title,URL,Tags,Interval\n"
        '"Herald, The",https://herald.example/rss,world; europe;world,30m\n'
        "\n"
        "# later\n"
        "Nothing,,,\n"
        "Bad,javascript:alert(1)\n"
        'Post,https://post.example/rss,"local,daily",\n'
    )
    assert read_csv("\ufeff" + table) == [
        ListedFeed("https://herald.example/rss", "Herald, The", ("world", "europe"), "30m", 3),
        ListedFeed("", "Nothing", (), None, 6, "no address"),
        ListedFeed("javascript:alert(1)", "Bad", (), None, 7, "not an http(s) address"),
        ListedFeed("https://post.example/rss", "Post", ("local", "daily"), None, 8),
    ]


def test_semicolons_and_tabs_separate_too() -> None:
    assert read_csv("url;title\nhttps://a.example/;A\n") == [ListedFeed("https://a.example/", "A", line=2)]
    assert read_csv("url\ttitle\nhttps://a.example/\tA\n") == [ListedFeed("https://a.example/", "A", line=2)]


def test_a_plain_list_of_addresses() -> None:
    text = "https://a.example/rss\r\n\n  # a comment\nhttps://b.example/?x=1,2;3\nnonsense\n"
    assert read_csv(text) == [
        ListedFeed("https://a.example/rss", line=1),
        ListedFeed("https://b.example/?x=1,2;3", line=4),
        ListedFeed("nonsense", line=5, problem="not an http(s) address"),
    ]
    assert read_csv("") == read_csv("# nothing\n") == []


def test_a_cell_beyond_every_limit_is_a_bad_line() -> None:
    found = read_csv(f"url,title\nhttps://a.example/,{'x' * 200_000}\nhttps://b.example/,B\n")
    assert [(feed.url, bool(feed.problem)) for feed in found] == [("", True), ("https://b.example/", False)]
    with pytest.raises(ParseError):
        read_csv("x" * 10_000_001)


words = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters=",;|/#"), min_size=1, max_size=12
)
listed = st.builds(
    ListedFeed,
    url=st.integers(0, 999).map(lambda number: f"https://feeds.example/{number}?a=1&b=2"),
    title=words,
    tags=st.lists(words, unique=True, max_size=3).map(tuple),
    interval=st.none() | st.just("15m"),
)


@given(st.lists(listed, max_size=6))
def test_round_trips_keep_everything(feeds: list[ListedFeed]) -> None:
    assert plain(read_csv(write_csv(feeds))) == feeds
    order = sorted(feeds, key=repr)
    assert sorted(plain(read_opml(write_opml(feeds, "x").encode())), key=repr) == order


@example(b"<:")
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=200).map(lambda text: f"<opml><outline {text}".encode("utf-8", "replace")),
    )
)
def test_any_bytes_give_a_list_or_our_error(data: bytes) -> None:
    with suppress(ParseError):
        assert all(feed.url or feed.problem for feed in read_opml(data))
    assert all(feed.url or feed.problem for feed in read_csv(data.decode("utf-8", "replace")))
