"""What feeds and pages say, and the way of it into the store: the same decisions as in a visit, without the network."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from ingest import poll, settle
from ingest.backfill.request import Request, Seed, Source
from ingest.cadence import Bounds
from ingest.errors import FetchError, Gone
from ingest.fingerprint import digest
from ingest.model import (
    Archived,
    Dropped,
    Entry,
    Feed,
    Fetched,
    Hop,
    Image,
    Kind,
    ParsedEntry,
    ParsedFeed,
    PollOutcome,
    Reading,
    Reason,
    RelatedLink,
    Response,
)
from ingest.politeness import Robots
from ingest.recheck import Policy
from ingest.urls import host_of
from storage import articles, backfills, duplicates, entries, feeds, fingerprints, hosts, tables
from storage.feeds import WantedFeed
from tests.clock import START

FEED = "https://north.example/feed"
STORY = "https://north.example/2026/bridge"
WORDS = "The bridge over the Vire was closed on Monday after engineers found cracks in two of its four pillars."


def stated(url: str | None = STORY, **fields: Any) -> ParsedEntry:
    """An item of a feed; its id is its address."""
    return ParsedEntry(**{"entry_id": str(url), "url": url, "title": "Bridge closed"} | fields)


def answer(url: str, status: int = 200, hops: tuple[Hop, ...] = (), **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    final = hops[-1].location if hops else url
    return Response(url, final, status, named, b"<rss/>", b"<rss/>", hops=hops, seconds=0.25)


def known_feed(connection: Connection, url: str = FEED) -> Feed:
    row = feeds.find(connection, url)
    assert row is not None
    return feeds.known(row)


def polled(
    connection: Connection, *said: ParsedEntry, feed: str = FEED, at: datetime = START, hops: tuple[Hop, ...] = ()
) -> PollOutcome:
    """What a poll means that brought these items. The feed is added where it is not known."""
    feeds.add(connection, WantedFeed(feed), at)
    known = known_feed(connection, feed)
    had = entries.load_known(connection, known.id, [entry.key for entry in said])
    document = ParsedFeed("rss20", "The North", "https://north.example/", "en", said)
    response = answer(known.url, hops=hops, etag='"1"', last_modified="Mon, 23 Nov 2026 08:00:00 GMT")
    return poll.decide_read(known, response, document, digest(repr(said)), had, at, Bounds())


def announce(connection: Connection, *said: ParsedEntry, feed: str = FEED, at: datetime = START) -> int:
    """Poll a feed that states these items. Returns how many became due."""
    return feeds.record_poll(connection, polled(connection, *said, feed=feed, at=at))


def fail_poll(connection: Connection, error: FetchError, *, feed: str = FEED, at: datetime = START) -> PollOutcome:
    feeds.add(connection, WantedFeed(feed), at)
    outcome = poll.decide_failed(known_feed(connection, feed), error, at, 0.5, Bounds(), network_works=True)
    feeds.record_poll(connection, outcome)
    return outcome


def due_entry(connection: Connection, url: str = STORY, at: datetime = START) -> Entry:
    """The due entry whose page lies at `url`."""
    query = select(tables.entries.c.id).where(tables.entries.c.due_at <= at)
    found = connection.scalars(query.where(tables.entries.c.host == host_of(url))).all()
    assert len(found) == 1, found
    entry = entries.load_due(connection, host_of(url), at)
    assert entry is not None
    return entry


def reading(url: str = STORY, text: str = WORDS, **fields: Any) -> Reading:
    """What a page says."""
    values = {"title": "Bridge closed", "word_count": len(text.split()), "extractor": "test 1", "language": "en"}
    return Reading(**{"url": url, "canonical_url": url, "kind": Kind.ARTICLE, "text": text} | values | fields)


def fetched(url: str = STORY, at: datetime = START) -> Fetched:
    return Fetched(at, 0.5, url, 200, "text/html", 20_000, Archived("2026/11/x.warc.gz", 100, 50))


def read(
    connection: Connection,
    entry: Entry,
    said: Reading,
    at: datetime = START,
    memory: duplicates.Memory | None = None,
) -> int:
    """Read the page of an entry. Returns the number of its article."""
    outcome = settle.decide_read(entry, fetched(entry.fetch_url, at), said)
    article_id = articles.record_read(connection, outcome, memory=memory, policy=Policy())
    assert article_id is not None
    return article_id


def publish(
    connection: Connection,
    url: str = STORY,
    text: str = WORDS,
    *,
    at: datetime = START,
    memory: duplicates.Memory | None = None,
    **fields: Any,
) -> int:
    """Announce an article in its host's own feed, and read it. Returns its number."""
    entry = stated(url, updated_at=at)
    assert announce(connection, entry, feed=f"https://{host_of(url)}/feed", at=at) == 1
    return read(connection, due_entry(connection, url, at), reading(url, text, **fields), at, memory)


def moved(to: str, day: int, feed: str = FEED) -> Any:
    """A step: a poll on that day, answered by a permanent redirect."""

    def step(connection: Connection) -> None:
        known = known_feed(connection, feed)
        hop = Hop(301, known.url, to)
        at = START + timedelta(days=day)
        feeds.record_poll(connection, polled(connection, stated(), feed=feed, at=at, hops=(hop,)))

    return step


def fill(connection: Connection) -> None:
    """Something in every table: three publishers, a copy, a revision, a failure, a feed that moved."""
    hour = timedelta(hours=1)
    everything: dict[str, Any] = {
        "standfirst": "Two pillars are cracked",
        "authors": ("Ada Byron", "PA Media"),
        "agency": "PA Media",
        "tags": ("Bridges", "Vire"),
        "section": "World",
        "published_at": START - 2 * hour,
        "image": Image("https://north.example/bridge.jpg", "The bridge", "A. Byron"),
        "related": (RelatedLink("The ferry", "https://north.example/ferry"), RelatedLink("The road")),
        "provenance": {"title": "json-ld"},
        "paywalled": False,
        "markdown": f"## Closed\n\n{WORDS}",
        "dropped": (Dropped("Two pillars are cracked", "standfirst again"),),
        "short_blocks": ("Write to our newsroom.", "Follow us on all channels."),
    }
    publish(connection, **everything)
    publish(connection, text=WORDS.replace("four", "six"), at=START + hour, **everything)
    copy = WORDS.replace("four", "six")
    publish(connection, "https://south.example/vire", copy, at=START + 3 * hour, published_at=START + hour / 2)
    announce(connection, stated("https://north.example/lost"), stated(None, title="No link"), at=START + 4 * hour)
    entry = due_entry(connection, "https://north.example/lost", START + 4 * hour)
    error = Gone(entry.url, Reason.NOT_FOUND, "HTTP 404", status=404)
    articles.record_read(connection, settle.decide_failed(entry, fetched(entry.url, START + 4 * hour), error))
    fail_poll(connection, Gone(FEED, Reason.GONE, "HTTP 410", status=410), feed="https://west.example/feed")
    for day in (1, 2, 3):
        moved("https://south.example/news.xml", day, feed="https://south.example/feed")(connection)
    hosts.record_robots(connection, "https://north.example", "north.example", Robots(200, "User-agent: *", START))
    silent = {"feed_id": 1, "kind": "silent", "detail": "nothing new for 3 days", "raised_at": START}
    connection.execute(tables.alerts.insert(), silent)
    hub = {"hub_url": "https://hub.example/", "topic_url": FEED, "token": "t" * 43, "secret": "s" * 43}
    connection.execute(tables.subscriptions.insert(), {"feed_id": 1, "state": "asked", **hub})
    asked = Request(Source.SITEMAP, ("north.example",))
    part = Seed("sitemap", "https://north.example/sitemap.xml", "north.example")
    backfills.begin(connection, asked, [part], START + timedelta(days=3))
    fingerprints.insert(connection, 1, [17, -17])  # its text is too short to have keys
