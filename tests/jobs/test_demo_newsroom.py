"""The demo's newsroom over real HTTP: feeds, pages, failures, revalidation and the second edition."""

import asyncio
import gzip
import http.client
import json
import re
import socket
from calendar import timegm
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import NamedTuple
from urllib.parse import urlsplit

import feedparser
import pytest

from ingest.model import Reason
from jobs.demo.articles import PUBLISHERS, load_articles
from jobs.demo.newsroom import Newsroom, NewsroomThread

NOW = datetime(2026, 5, 12, 9, 30, 20, tzinfo=UTC)


class Got(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def ask(url: str, method: str = "GET", **headers: str) -> Got:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return Got(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


def follow(url: str) -> Got:
    got = ask(url)
    return follow(got.headers["location"]) if got.status == 301 else got


def raw(newsroom: Newsroom, sent: bytes) -> bytes:
    """Everything that comes back for these bytes, until the newsroom closes the connection."""
    parts = urlsplit(newsroom.publishers[0].url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as client:
        client.sendall(sent)
        return b"".join(iter(lambda: client.recv(65536), b""))


def everything(newsroom: Newsroom) -> dict[str, bytes]:
    """All feeds and all article pages, by address."""
    addresses = [*newsroom.feeds, *(newsroom.url(article) for article in newsroom.articles)]
    return {address: follow(address).body for address in addresses}


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with NewsroomThread(NOW) as opened:
        yield opened


def test_a_dozen_articles_in_three_languages(newsroom: Newsroom) -> None:
    assert len(newsroom.articles) == 12
    assert {article.language for article in newsroom.articles} == {"en", "de", "es"}
    assert {article.publisher for article in newsroom.articles} == {site.key for site in newsroom.publishers}
    assert sorted(newsroom.failures.values()) == [
        Reason.CONSENT_WALL,
        Reason.NOT_A_FEED,
        Reason.NOT_FOUND,
        Reason.ROBOTS_DISALLOWED,
    ]


def test_content_is_complete() -> None:
    for article in load_articles(NOW):
        words = len(article.text.split())
        assert article.title
        assert article.standfirst
        assert article.authors
        assert article.tags
        assert article.agency is None or article.agency in article.authors
        assert article.published_at <= article.modified_at < NOW
        if article.fate is None:
            assert 6 <= len(article.paragraphs) <= 10
            assert 150 <= words <= 400
            assert not re.search(r"[\"']", article.text), "straight quotes"


def test_news_is_as_old_as_now_says() -> None:
    later = timedelta(days=3, hours=5)
    moved = load_articles(NOW + later)
    assert [article.published_at + later for article in load_articles(NOW)] == [a.published_at for a in moved]


def test_feeds_announce_every_article_and_every_failure(newsroom: Newsroom) -> None:
    announced: list[str] = []
    kinds = set()
    for address in newsroom.feeds:
        parsed = feedparser.parse(follow(address).body)
        kinds.add(parsed.version)
        announced += [entry.link.partition("?")[0] for entry in parsed.entries]
        assert not parsed.bozo
    readable = {newsroom.url(article) for article in newsroom.articles}
    assert set(announced) == readable | {address for address in newsroom.failures if not address.endswith(".rss")}
    twice = {address for address in announced if announced.count(address) > 1}
    assert len(twice) == 1  # one article is in two feeds of its publisher
    assert kinds == {"rss20", "rss10", "atom10", ""}


def test_feed_items_say_what_was_written(newsroom: Newsroom) -> None:
    written = {newsroom.url(article): article for article in newsroom.articles}
    for address in newsroom.feeds:
        for entry in feedparser.parse(follow(address).body, sanitize_html=False).entries:
            article = written.get(entry.link.partition("?")[0])
            if article is None:
                continue
            assert entry.title == article.title
            assert entry.summary == article.standfirst
            stated = entry.get("published_parsed") or entry.updated_parsed
            assert datetime.fromtimestamp(timegm(stated), UTC) == article.published_at
            for content in entry.get("content", []):
                assert unescape(content.value) == "".join(f"<p>{paragraph}</p>" for paragraph in article.paragraphs)


def test_one_feed_has_moved_and_one_is_broken(newsroom: Newsroom) -> None:
    moved = ask(newsroom.feeds[0])
    assert (moved.status, moved.headers["location"]) == (301, newsroom.publishers[0].url + "/feed.xml")
    broken = next(address for address, reason in newsroom.failures.items() if reason is Reason.NOT_A_FEED)
    assert broken in newsroom.feeds
    answer = ask(broken)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/html")


def test_links_of_one_feed_are_tracked(newsroom: Newsroom) -> None:
    links = [entry.link for entry in feedparser.parse(follow(newsroom.feeds[0]).body).entries]
    assert links
    assert all("utm_source=" in link for link in links)
    assert ask(links[0]).status == 200


def test_pages_hold_what_was_written(newsroom: Newsroom) -> None:
    for article in newsroom.articles:
        got = ask(newsroom.url(article))
        page = got.body.decode()
        assert got.status == 200
        positions = [page.find(f"<p>{paragraph}</p>") for paragraph in article.paragraphs]
        assert -1 not in positions
        assert positions == sorted(positions)
        assert f'<link rel="canonical" href="{newsroom.url(article)}">' in page
        assert "$" not in page


def test_structured_data_says_what_was_written(newsroom: Newsroom) -> None:
    for article in newsroom.articles:
        page = ask(newsroom.url(article)).body.decode()
        script = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
        assert script
        document = json.loads(script[1])
        said = document["@graph"][1] if "@graph" in document else document
        assert said["headline"] == article.title
        assert datetime.fromisoformat(said["datePublished"]) == article.published_at
        assert datetime.fromisoformat(said["dateModified"]) == article.modified_at
        assert [author["name"] for author in said["author"]] == list(article.authors)
        assert said["keywords"] == list(article.tags)
        assert ask(said["image"]["url"]).body.startswith(b"\x89PNG\r\n")


def test_agency_text_is_carried_word_for_word_by_three(newsroom: Newsroom) -> None:
    carried = [article for article in newsroom.articles if article.agency]
    assert len({article.publisher for article in carried}) == len(carried) == 3
    assert len({article.title for article in carried}) == 3
    paragraphs = carried[0].paragraphs
    for article in carried:
        page = ask(newsroom.url(article)).body.decode()
        assert all(f"<p>{paragraph}</p>" in page for paragraph in paragraphs)


def test_failures_answer_as_promised(newsroom: Newsroom) -> None:
    by_reason = {reason: address for address, reason in newsroom.failures.items()}
    assert ask(by_reason[Reason.NOT_FOUND]).status == 404
    wall = ask(by_reason[Reason.CONSENT_WALL])
    assert wall.status == 200
    assert "Einwilligung" in wall.body.decode()
    assert "Stadtrat" not in wall.body.decode()
    closed = urlsplit(by_reason[Reason.ROBOTS_DISALLOWED])
    robots = ask(f"http://{closed.netloc}/robots.txt").body.decode()
    disallowed = re.findall(r"^Disallow: (\S+)$", robots, re.MULTILINE)
    assert [path for path in disallowed if closed.path.startswith(path)]


def test_each_publisher_serves_its_front_page_and_sections(newsroom: Newsroom) -> None:
    for site in newsroom.publishers:
        front = ask(site.url + "/").body.decode()
        links = re.findall(r"<nav><ul>(.*?)</ul>", front)[0]
        for path in re.findall(r'href="([^"]+)"', links):
            assert ask(site.url + path).status == 200
        assert ask(site.url + "/robots.txt").body.startswith(b"User-agent: *\n")
        assert ask(site.url + "/no-such-page").status == 404


@pytest.mark.parametrize(("name", "header"), [("if_none_match", "etag"), ("if_modified_since", "last-modified")])
def test_unchanged_feeds_answer_304(newsroom: Newsroom, name: str, header: str) -> None:
    for address in newsroom.feeds[1:2] + newsroom.feeds[3:]:
        first = ask(address)
        again = ask(address, **{name: first.headers[header]})
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    assert newsroom.requests == {"feed 200": 4, "feed 304": 4}


@pytest.mark.parametrize("since", ["yesterday", "", "\x80", "Tue, 99 May 2026 09:30:00 GMT", "0"])
def test_a_date_that_is_none_brings_the_feed(newsroom: Newsroom, since: str) -> None:
    assert ask(newsroom.feeds[1], if_modified_since=since).status == 200


def test_second_edition_changes_one_page_and_one_feed(newsroom: Newsroom) -> None:
    before, old = everything(newsroom), newsroom.articles
    tags = {address: ask(address).headers.get("etag", "") for address in newsroom.feeds}
    newsroom.next_edition()
    after = everything(newsroom)
    changed = [address for address in before if before[address] != after[address]]
    article = next(article for article in newsroom.articles if article.edition == 2)
    assert changed == [newsroom.feeds[1], newsroom.url(article)]
    assert [a for a in tags if tags[a] and ask(a, if_none_match=tags[a]).status == 200] == [newsroom.feeds[1]]

    first = next(was for was in old if was.path == article.path)
    assert first.modified_at == first.published_at == article.published_at < article.modified_at
    assert len(article.paragraphs) == len(first.paragraphs) + 1
    entries = feedparser.parse(after[newsroom.feeds[1]]).entries
    updated = next(entry.updated for entry in entries if entry.link == newsroom.url(article))
    assert datetime.fromisoformat(updated) == article.modified_at


def test_gzip_head_and_other_methods(newsroom: Newsroom) -> None:
    address = newsroom.feeds[1]
    plain = ask(address)
    packed = ask(address, accept_encoding="gzip, br")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    head = ask(address, "HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(plain.body)))
    assert ask(address, "DELETE").status == 405


def test_requests_are_counted_by_kind(newsroom: Newsroom) -> None:
    site = newsroom.publishers[0].url
    follow(newsroom.feeds[0])
    for path in ("/robots.txt", "/", "/no-such-page", "/media/x.png"):
        ask(site + path)
    ask(newsroom.url(newsroom.articles[0]))
    assert newsroom.requests == {
        "feed 301": 1,
        "feed 200": 1,
        "robots": 1,
        "index": 1,
        "404": 1,
        "image": 1,
        "page": 1,
    }


def test_a_connection_serves_many_requests(newsroom: Newsroom) -> None:
    answer = raw(newsroom, b"GET /robots.txt HTTP/1.1\r\n\r\n" * 2 + b"GET /robots.txt HTTP/1.0\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200 OK") == 3


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\xff\r\n\r\n",
        b"GET  HTTP/1.1\r\n\r\n",
        b"GET / FTP/1.0\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
    ],
)
def test_what_is_not_a_request_is_refused(newsroom: Newsroom, sent: bytes) -> None:
    assert raw(newsroom, sent).startswith(b"HTTP/1.1 400 Bad Request")


def test_closing_does_not_wait_for_open_connections() -> None:
    with NewsroomThread(NOW) as newsroom:
        parts = urlsplit(newsroom.publishers[0].url)
        client = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10)
        client.sendall(b"GET /robots.txt HTTP/1.1\r\n\r\n")
        assert client.recv(65536)
    with client, pytest.raises(OSError, match=r"refused|reset"):
        ask(newsroom.publishers[0].url + "/")


def test_a_taken_port_is_told_to_the_caller(newsroom: Newsroom) -> None:
    port = urlsplit(newsroom.publishers[0].url).port
    assert port
    with pytest.raises(OSError, match="in use"), NewsroomThread(NOW, port):
        pass


def test_one_address_is_enough() -> None:
    """Where the loopback addresses are missing, the publishers differ by port."""

    async def visit() -> set[tuple[str | None, int | None]]:
        async with Newsroom(NOW, addresses=("192.0.2.1",) * len(PUBLISHERS)) as newsroom:
            for site in newsroom.publishers:
                got = await asyncio.to_thread(ask, site.url + "/")
                assert site.name in got.body.decode()
            return {(urlsplit(site.url).hostname, urlsplit(site.url).port) for site in newsroom.publishers}

    places = asyncio.run(visit())
    assert {host for host, _ in places} == {"127.0.0.1"}
    assert len(places) == len(PUBLISHERS)
