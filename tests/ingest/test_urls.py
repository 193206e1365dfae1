"""Addresses: twenty spellings are one article, neighbours are not, and nothing a stranger writes breaks anything."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.urls import (
    absolute,
    choose_canonical,
    host_of,
    identity,
    is_home_page,
    normalise,
    origin_of,
    registrable_domain,
    url_key,
)

ARTICLE = "https://www.example.com/news/2026/11/flood-a?id=7"
SPELLINGS = {
    "scheme": "http://www.example.com/news/2026/11/flood-a?id=7",
    "case of the host": "https://WWW.Example.COM/news/2026/11/flood-a?id=7",
    "default port": "https://www.example.com:443/news/2026/11/flood-a?id=7",
    "default port of http": "http://www.example.com:80/news/2026/11/flood-a?id=7",
    "utm": "https://www.example.com/news/2026/11/flood-a?utm_source=rss&utm_medium=feed&id=7",
    "fbclid": "https://www.example.com/news/2026/11/flood-a?id=7&fbclid=IwAR0",
    "gclid": "https://www.example.com/news/2026/11/flood-a?gclid=x&id=7",
    "at_": "https://www.example.com/news/2026/11/flood-a?at_medium=RSS&id=7&at_campaign=KARANGA",
    "ns_": "https://www.example.com/news/2026/11/flood-a?ns_mchannel=rss&id=7",
    "CMP": "https://www.example.com/news/2026/11/flood-a?CMP=share_btn_tw&id=7",
    "wt_mc": "https://www.example.com/news/2026/11/flood-a?wt_mc=red.rss&id=7",
    "xtor": "https://www.example.com/news/2026/11/flood-a?id=7&xtor=RSS-3208",
    "fragment": "https://www.example.com/news/2026/11/flood-a?id=7#comments",
    "bare host": "https://example.com/news/2026/11/flood-a?id=7",
    "m.": "https://m.example.com/news/2026/11/flood-a?id=7",
    "mobile.": "https://mobile.example.com/news/2026/11/flood-a?id=7",
    "amp.": "https://amp.example.com/news/2026/11/flood-a?id=7",
    "/amp/ behind": "https://www.example.com/news/2026/11/flood-a/amp/?id=7",
    "/amp behind": "https://www.example.com/news/2026/11/flood-a/amp?id=7",
    "/amp/ in front": "https://www.example.com/amp/news/2026/11/flood-a?id=7",
    ".amp": "https://www.example.com/news/2026/11/flood-a.amp?id=7",
    "amp=1": "https://www.example.com/news/2026/11/flood-a?amp=1&id=7",
    "outputType=amp": "https://www.example.com/news/2026/11/flood-a?id=7&outputType=amp",
    "AMP cache": "https://www-example-com.cdn.ampproject.org/c/s/www.example.com/news/2026/11/flood-a?id=7",
    "AMP cache of the AMP page": "https://cdn.ampproject.org/v/s/amp.example.com/news/2026/11/flood-a/amp?id=7&usqp=mq",
    "AMP viewer": "https://www.google.co.uk/amp/s/www.example.com/news/2026/11/flood-a%3Fid=7".replace("%3F", "?"),
    "dot segments": "https://www.example.com/news/./2026/10/../11/flood-a?id=7",
    "double slash": "https://www.example.com//news/2026//11/flood-a?id=7",
    "escaped letter": "https://www.example.com/news/2026/11/flood-%61?id=7",
    "trailing slash": "https://www.example.com/news/2026/11/flood-a/?id=7",
    "empty argument": "https://www.example.com/news/2026/11/flood-a?&id=7&",
    "twice escaped": "https://www.example.com/news/2026/11/flood-a?id=7&amp;utm_source=rss",
    "index file": "https://www.example.com/news/2026/11/flood-a/index.html?id=7",
    "user": "https://reader:secret@www.example.com/news/2026/11/flood-a?id=7",
    "dot behind the host": "https://www.example.com./news/2026/11/flood-a?id=7",
    "white space": " https://www.example.com/news/2026/\n11/flood-a?id=7\t",
}
NEIGHBOURS = [
    ("https://example.com/?p=1", "https://example.com/?p=2"),
    ("https://example.com/story?id=1", "https://example.com/story?id=2"),
    ("https://example.com/story?id=1", "https://example.com/story"),
    ("https://example.com/read?story=a", "https://example.com/read?story=b"),
    ("https://example.com/story", "https://example.com/story?page=2"),
    ("https://example.com/a/Story", "https://example.com/a/story"),
    ("https://example.com/story-1", "https://example.com/story-10"),
    ("https://media.example.com/story", "https://example.com/story"),
    ("https://sport.example.com/story", "https://news.example.com/story"),
    ("https://example.com/story", "https://example.org/story"),
    ("https://example.com:8080/story", "https://example.com/story"),
    ("https://example.com/news/the-best-amp", "https://example.com/news/the-best"),
    ("https://example.com/news/boot-camp", "https://example.com/news/boot-c"),
    ("https://example.com/amp", "https://example.com/"),
    ("https://m.co.uk/story", "https://amp.co.uk/story"),
    ("https://m.github.io/story", "https://amp.github.io/story"),
    ("https://example.com/a%2Fb", "https://example.com/a/b"),
    ("https://example.com/?q=a%26b", "https://example.com/?q=a&b"),
    ("https://example.com/list?tag=a&tag=b", "https://example.com/list?tag=b&tag=a"),
    ("https://example.com/#!/story/1", "https://example.com/#!/story/2"),
    ("https://example.com/a.html", "https://example.com/a"),
    ("https://127.0.0.1:8001/story", "https://127.0.0.1:8002/story"),
]

hosts = st.sampled_from(
    [
        "example.com",
        "WWW.Example.com",
        "m.example.co.uk",
        "amp.m.example.com",
        "127.0.0.1:8080",
        "[::1]:80",
        "münchen.de",
        "cdn.ampproject.org",
        "www.google.com",
        "m.google.de",
        "a_b.example",
        "localhost",
        "u:p@example.com",
        "bad host",
    ]
)
pieces = st.sampled_from(
    [
        "/",
        "//",
        "amp",
        ".amp",
        ".html",
        "index.html",
        "..",
        ".",
        "c/s/",
        "www.example.com",
        "%",
        "%41",
        "%2f",
        "%zz",
        "a",
        "?",
        "&",
        "=",
        "#",
        "!",
        "amp=1",
        "utm_x=1",
        "b=2",
        ";",
        " ",
        "é",
        "\\",
        "@",
        ":",
        "http://",
        "[",
        "\x00",
        "\ud800",
    ]
)
url_like = st.builds(
    lambda scheme, host, rest: f"{scheme}{host}/{''.join(rest)}",
    st.sampled_from(["http://", "https://", "HTTP://", "//", "javascript:"]),
    hosts,
    st.lists(pieces, max_size=12),
)
texts = st.one_of(st.text(), url_like)


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_spellings_of_one_article_have_one_key(spelling: str) -> None:
    assert identity(spelling) == identity(ARTICLE) == "https://example.com/news/2026/11/flood-a?id=7"
    assert url_key(spelling) == url_key(ARTICLE)


def test_an_empty_query_and_the_order_of_arguments_do_not_count() -> None:
    assert identity("https://example.com/story?") == identity("https://example.com/story")
    assert identity("https://example.com/story?b=2&a=1") == identity("https://example.com/story?a=1&b=2")


@pytest.mark.parametrize(("one", "other"), NEIGHBOURS)
def test_different_articles_have_different_keys(one: str, other: str) -> None:
    assert url_key(one) != url_key(other)


def test_the_key_fits_a_signed_bigint() -> None:
    assert all(-(2**63) <= url_key(f"https://example.com/{n}") < 2**63 for n in range(50))


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("HTTP://WWW.Example.COM:80/A?utm_source=x&b=2&a=1#top", "http://www.example.com/A?b=2&a=1"),
        ("https://example.com", "https://example.com/"),
        ("https://example.com/story/?", "https://example.com/story/"),
        ("https://example.com/%7euser/caf%c3%a9", "https://example.com/~user/caf%C3%A9"),
        ("https://example.com/café au lait", "https://example.com/caf%C3%A9%20au%20lait"),
        ("https://example.com/100%", "https://example.com/100%25"),
        ("https://example.com/web/http://other.example/x", "https://example.com/web/http://other.example/x"),
        ("https://user:pw@example.com:8443/x", "https://example.com:8443/x"),
        ("https://example.com/app#!/story/1", "https://example.com/app#!/story/1"),
        ("http://127.0.0.1:8000/x", "http://127.0.0.1:8000/x"),
        ("http://[2001:DB8::1]:80/x", "http://[2001:db8::1]/x"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("https://cdn.ampproject.org/c/example.com/x?usqp=1", "http://example.com/x"),
        ("https://www.google.com/amp/news", "https://www.google.com/amp/news"),
        (" mailto:desk@example.com ", "mailto:desk@example.com"),
        ("no address", "no address"),
    ],
)
def test_the_normal_form_can_still_be_fetched(url: str, clean: str) -> None:
    assert normalise(url) == clean


@given(texts)
@example("https://example.com/%%341")
@example("https://cdn.ampproject.org/c/s/cdn.ampproject.org/c/s/example.com/%2e%2e/a")
@example("https://www.google.com/x/../amp/s/example.com/")
def test_normalising_twice_is_once(url: str) -> None:
    assert normalise(normalise(url)) == normalise(url)


@given(texts)
@example("https://example.com/a/index.amp.html")
@example("https://example.com/amp/amp/a.amp.amp")
@example("https://example.com/..amp")
def test_identity_is_stable_and_agrees_with_the_normal_form(url: str) -> None:
    assert identity(identity(url)) == identity(url) == identity(normalise(url))


@given(texts, texts)
@example("", "http://example.com/\ud800")
def test_whatever_is_absolute_is_http_with_a_host_in_ascii(base: str, href: str) -> None:
    found = absolute(base, href)
    if found is not None:
        assert found.startswith(("http://", "https://"))
        assert found.isascii()
        assert host_of(found)
        assert absolute("", found) == found


@given(texts)
def test_every_question_about_any_text_has_an_answer(url: str) -> None:
    assert isinstance(host_of(url), str)
    assert isinstance(origin_of(url), str)
    assert isinstance(is_home_page(url), bool)
    assert isinstance(registrable_domain(url), str)
    assert isinstance(choose_canonical(url, url), str)


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("/story", "https://example.com/story"),
        ("story", "https://example.com/news/story"),
        ("../story", "https://example.com/story"),
        ("?p=2", "https://example.com/news/index?p=2"),
        ("//cdn.example.org/x", "https://cdn.example.org/x"),
        (" \thttps://exam\nple.com/a b ", "https://example.com/a%20b"),
        ("https:\\\\example.com\\story", "https://example.com/story"),
        ("http://good.example\\@bad.example/", "http://good.example/@bad.example/"),
        ("https://example.com/x#live-1", "https://example.com/x#live-1"),
        ("HTTPS://EXAMPLE.COM/X", "https://example.com/X"),
        ("https://example.com:443/x", "https://example.com/x"),
    ],
)
def test_links_are_resolved(href: str, expected: str) -> None:
    assert absolute("https://example.com/news/index", href) == expected


@pytest.mark.parametrize(
    "href",
    [
        "",
        "  ",
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "mailto:a@example.com",
        "ftp://h/x",
        "http://",
        "http://[::1",
        "http://example.com:99999/",
        "http://exa mple.com/",
        "http://a..b/",
        "http://<script>/",
        "http://[fe80::1%25eth0]/",
        "http://" + "a" * 64 + ".com/",
        "/" + "a" * 4096,
        "é" * 1000,
    ],
)
def test_what_cannot_be_fetched_is_none(href: str) -> None:
    assert absolute("https://example.com/", href) is None


def test_a_relative_link_without_a_base_is_none() -> None:
    assert absolute("", "/story") is None
    assert absolute("not a base", "story") is None
    assert absolute("", "https:///story") is None


@pytest.mark.parametrize(
    ("url", "host", "origin"),
    [
        ("https://News.Example.COM:443/x", "news.example.com", "https://news.example.com"),
        ("http://example.com:8080/x", "example.com", "http://example.com:8080"),
        ("http://[::1]:8080/x", "::1", "http://[::1]:8080"),
        ("http://user@example.com./x", "example.com", "http://example.com"),
        ("javascript:alert(1)", "", ""),
        ("", "", ""),
    ],
)
def test_host_and_origin(url: str, host: str, origin: str) -> None:
    assert (host_of(url), origin_of(url)) == (host, origin)


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.bbc.co.uk", "bbc.co.uk"),
        ("News.Example.COM.", "example.com"),
        ("example.com", "example.com"),
        ("co.uk", "co.uk"),
        ("someone.github.io", "someone.github.io"),
        ("a.b.someone.github.io", "someone.github.io"),
        ("www.city.kawasaki.jp", "city.kawasaki.jp"),
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("news.paper.example", "paper.example"),
        ("a.b.test", "b.test"),
        ("server.lan.unheardof", "server.lan.unheardof"),
        ("", ""),
    ],
)
def test_registrable_domain(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


def test_public_suffixes_come_from_the_package_and_not_from_the_network() -> None:
    script = (
        "import socket\n"
        "def refuse(*a, **k): raise SystemExit('network')\n"
        "socket.getaddrinfo = socket.create_connection = refuse\n"
        "import sys, ingest.urls as u\n"
        "assert 'tld' not in sys.modules\n"  # the list is only loaded when it is needed
        "print(u.registrable_domain('www.bbc.co.uk'), u.registrable_domain('a.b.unheardof'))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False)
    assert (done.stdout, done.stderr) == ("bbc.co.uk a.b.unheardof\n", "")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com/",
        "https://example.com/index.html",
        "https://example.com/en/",
        "https://example.com/de-DE",
        "https://example.com/en/home",
        "https://example.com/home?utm_source=x#top",
    ],
)
def test_front_pages(url: str) -> None:
    assert is_home_page(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/?p=123",
        "https://example.com/index.php?id=5",
        "https://example.com/story",
        "no address",
        "",
        "https://example.com/en/news/story",
        "https://example.com/#!/story",
    ],
)
def test_not_front_pages(url: str) -> None:
    assert not is_home_page(url)


@pytest.mark.parametrize(
    ("declared", "chosen"),
    [
        ("https://www.example.com/story-a", "https://www.example.com/story-a"),
        ("/story-a?utm_source=x", "https://m.example.com/story-a"),
        ("https://other.example.org/story-a", "https://m.example.com/s?id=1"),
        ("https://example.com/", "https://m.example.com/s?id=1"),
        ("https://example.com/en/", "https://m.example.com/s?id=1"),
        ("javascript:void(0)", "https://m.example.com/s?id=1"),
        ("http://[", "https://m.example.com/s?id=1"),
        ("", "https://m.example.com/s?id=1"),
        (None, "https://m.example.com/s?id=1"),
    ],
)
def test_a_canonical_address_is_believed_on_the_same_domain_only(declared: str | None, chosen: str) -> None:
    assert choose_canonical("https://m.example.com/s?id=1&utm_source=rss", declared) == chosen


def test_a_front_page_may_be_canonical_for_a_front_page() -> None:
    assert choose_canonical("https://example.com/index.html", "https://example.com/") == "https://example.com/"
