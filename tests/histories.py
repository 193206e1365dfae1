"""Sites with a past, on loopback: feeds that go on page after page, each in another way of saying where.

    with WordPress(pages=3, host="127.0.11.2") as site:     site.start is the address to begin with
        …                                                   site.stories are the addresses of all stories, newest first

Every story is a page of the site. Stories are published a day apart, the first on 3 November 2026 at 09:00 UTC.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import quoteattr

from tests.site import RSS, Exchange, SiteThread, article

NEWEST = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
ATOM = "application/atom+xml; charset=utf-8"
JSON = "application/feed+json"


class History(SiteThread):
    """`pages` documents of `size` stories each. Subclasses say how a document looks and where it is."""

    first = "/feed/"

    def __init__(self, pages: int = 3, size: int = 3, host: str = "127.0.0.1", robots: str | None = None) -> None:
        super().__init__(host, robots=robots)
        self.pages, self.size = pages, size

    @property
    def start(self) -> str:
        return self.url(self.first)

    @property
    def stories(self) -> list[str]:
        return [self.story(number) for number in range(self.pages * self.size)]

    def story(self, number: int) -> str:
        """The address of a story; 0 is the newest."""
        return self.url(f"/{self.published(number):%Y/%m/%d}/story-{number}/")

    def published(self, number: int) -> datetime:
        return NEWEST - timedelta(days=number)

    def numbers(self, page: int) -> range:
        """The stories of a page; 1 is the newest page."""
        return range((page - 1) * self.size, min(page, self.pages) * self.size)

    def document(self, page: int, exchange: Exchange) -> tuple[bytes, str]:
        raise NotImplementedError

    def page_of(self, exchange: Exchange) -> int | None:
        """Which page a request is for; None: it is for something else."""
        raise NotImplementedError

    async def _respond(self, exchange: Exchange) -> None:
        page = self.page_of(exchange)
        path = exchange.request.path
        if page is not None and 1 <= page <= self.pages:
            await exchange.reply(*self.document(page, exchange), **self.headers(page))
        elif page is not None:
            await exchange.reply(b"<html><body>Not found</body></html>", status=404)
        elif "/story-" in path:
            await exchange.reply(article(f"Story {path.rstrip('/').rpartition('-')[2]}"))
        else:
            await super()._respond(exchange)

    def headers(self, page: int) -> dict[str, str]:
        return {}


class WordPress(History):
    """?paged=2, 3, … of a feed, 404 behind the last. `deaf`: a cache in front of it looks at no query."""

    def __init__(self, *args: int, deaf: bool = False, **named: str | int) -> None:
        super().__init__(*args, **named)  # type: ignore[arg-type]
        self.deaf = deaf

    def page_of(self, exchange: Exchange) -> int | None:
        if exchange.request.path.partition("?")[0] != self.first:
            return None
        return 1 if self.deaf else int(exchange.query.get("paged", 1))

    def document(self, page: int, exchange: Exchange) -> tuple[bytes, str]:
        return rss_page(self, page, "<generator>https://wordpress.org/?v=6.8</generator>"), RSS


class Linked(History):
    """Paged by links alone: `<atom:link rel=next>`, or with `by_header` the Link header.

    `loops`: the last page leads to the first. `endless`: it never ends, and has nothing in it behind the last page.
    """

    first = "/news.xml"

    def __init__(
        self, *args: int, by_header: bool = False, loops: bool = False, endless: bool = False, **named: str | int
    ) -> None:
        super().__init__(*args, **named)  # type: ignore[arg-type]
        self.by_header, self.loops, self.endless = by_header, loops, endless

    def page_of(self, exchange: Exchange) -> int | None:
        if exchange.request.path.partition("?")[0] != self.first:
            return None
        page = int(exchange.query.get("page", 1))
        return min(page, self.pages + 1) if self.endless else page

    async def _respond(self, exchange: Exchange) -> None:
        if self.endless and self.page_of(exchange) == self.pages + 1:
            behind = int(exchange.query["page"]) + 1
            link = f"<atom:link rel='next' href='?page={behind}'/>"
            await exchange.reply(rss_page(self, self.pages + 1, link), RSS)
        else:
            await super()._respond(exchange)

    def behind(self, page: int) -> str | None:
        if page < self.pages or self.endless:
            return f"{self.first}?page={page + 1}"
        return self.first if self.loops else None

    def headers(self, page: int) -> dict[str, str]:
        behind = self.behind(page)
        return {"link": f'<{behind}>; rel="next"'} if self.by_header and behind else {}

    def document(self, page: int, exchange: Exchange) -> tuple[bytes, str]:
        behind = self.behind(page)
        link = f"<atom:link rel='next' href={quoteattr(behind)}/>" if behind and not self.by_header else ""
        return rss_page(self, page, link), RSS


class Archived(History):
    """RFC 5005 section 4: a subscription document, and archive documents linked with prev-archive. Atom."""

    first = "/feed.atom"

    def page_of(self, exchange: Exchange) -> int | None:
        path = exchange.request.path
        if path == self.first:
            return 1
        number = path.removeprefix("/archives/").removesuffix(".atom")
        return self.pages + 1 - int(number) if path.startswith("/archives/") and number.isdecimal() else None

    def document(self, page: int, exchange: Exchange) -> tuple[bytes, str]:
        """Archives are numbered by age: the oldest is 1."""
        older = self.pages - page
        links = f'<link rel="self" href={quoteattr(self.url(exchange.request.path))}/>'
        links += f'<link rel="current" href="{self.start}"/>'
        links += f'<link rel="prev-archive" href="/archives/{older}.atom"/>' if older else ""
        links += "<fh:archive/>" if page > 1 else ""
        return atom_page(self, page, links), ATOM


class JsonPages(History):
    """A JSON Feed with next_url."""

    first = "/feed.json"

    def page_of(self, exchange: Exchange) -> int | None:
        path, _, query = exchange.request.path.partition("?")
        return int(query.removeprefix("p=") or 1) if path == self.first else None

    def document(self, page: int, exchange: Exchange) -> tuple[bytes, str]:
        items = [
            {
                "id": self.story(number),
                "url": self.story(number),
                "title": f"Story {number}",
                "content_text": f"What happened, part {number}.",
                "date_published": self.published(number).isoformat(),
            }
            for number in self.numbers(page)
        ]
        said = {"version": "https://jsonfeed.org/version/1.1", "title": "The Harbour Post", "items": items}
        behind = {"next_url": self.url(f"{self.first}?p={page + 1}")} if page < self.pages else {}
        return json.dumps(said | behind).encode(), JSON


def rss_page(site: History, page: int, envelope: str) -> bytes:
    items = "".join(
        f"<item><title>Story {number}</title><link>{site.story(number)}</link><guid>{site.story(number)}</guid>"
        f"<pubDate>{site.published(number):%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for number in site.numbers(page)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
        f"<title>The Harbour Post</title><link>{site.base}</link>{envelope}{items}</channel></rss>"
    ).encode()


def atom_page(site: History, page: int, envelope: str, names: Sequence[str] = ()) -> bytes:
    entries = "".join(
        f"<entry><title>Story {number}</title><id>{site.story(number)}</id><link href={quoteattr(site.story(number))}/>"
        f"<published>{site.published(number).isoformat()}</published>"
        f"<updated>{site.published(number).isoformat()}</updated></entry>"
        for number in site.numbers(page)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:fh="http://purl.org/syndication/history/1.0"><title>The Harbour Post</title>'
        f"<id>{site.base}/</id><updated>{NEWEST.isoformat()}</updated>{envelope}{entries}</feed>"
    ).encode()
