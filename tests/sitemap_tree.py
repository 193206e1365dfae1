"""A site on loopback whose sitemaps are all that sitemaps can be.

with SitemapTree(host="127.0.11.3") as site:
    site.build()             site.wanted are the addresses that whoever reads all of it finds
    site.large(50_000)       a child of so many addresses, listed too

/robots.txt              names /sitemap.xml alone
/sitemap.xml             the index of all below; lists itself, and two that list each other
/posts-2024-05.xml       plain, with lastmods; without a namespace
/posts-2019-05.xml.gz    packed, not said to be; all of it old
/news.xml                news tags; in a namespace that is none
/list.txt                a text of addresses
/feed.xml                RSS
/dates.xml               lastmods that are none, are ahead of time or a year
/mixed.xml               addresses of others, addresses that are none, one twice
/bomb.xml.gz             a bomb: it unpacks to more than any sitemap may have
/laughs.xml              entities that would grow
/half.xml.gz             compressed data that is cut short: what is whole is read
/missing.xml             404
/page.html               a page, not a sitemap
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Sequence

from ingest.sitemaps import MAX_BYTES
from tests.site import RSS, SiteThread, article, rss

XML = "application/xml"
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def urlset(items: Iterable[str], attributes: str = f' xmlns="{NAMESPACE}"') -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset{attributes}>{"".join(items)}</urlset>'.encode()


def item(url: str, lastmod: str = "", news: str = "") -> str:
    """`news`: when it was published, said in news tags."""
    dated = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
    said = f"<n:publication_date>{news}</n:publication_date><n:title>News</n:title>" if news else ""
    return f"<url><loc>{url}</loc>{dated}{f'<n:news>{said}</n:news>' if said else ''}</url>"


def index(children: Iterable[tuple[str, str]]) -> bytes:
    """`children`: (address, lastmod or "")."""
    listed = "".join(
        f"<sitemap><loc>{url}</loc>{f'<lastmod>{lastmod}</lastmod>' if lastmod else ''}</sitemap>"
        for url, lastmod in children
    )
    return f'<sitemapindex xmlns="{NAMESPACE}">{listed}</sitemapindex>'.encode()


class SitemapTree(SiteThread):
    """See the module."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        super().__init__(host)
        self.children: list[tuple[str, str]] = []
        self.wanted: list[str] = []

    def stories(self, folder: str, count: int = 3) -> list[str]:
        """Serves so many stories. Returns their addresses."""
        return [self.article(f"/{folder}/story-{number}", f"Story {number} of {folder}") for number in range(count)]

    def child(self, path: str, body: bytes, *, lastmod: str = "", content_type: str = XML) -> None:
        """Serves a sitemap, and lists it in the index."""
        self.serve(path, body, content_type=content_type)
        self.children.append((self.url(path), lastmod))

    def build(self) -> None:
        self.robots = f"User-agent: *\nDisallow:\nSitemap: {self.url('/sitemap.xml')}\n"
        self._well_made()
        self._careless()
        self._hostile()
        self.list_children()

    def list_children(self) -> None:
        self.serve("/sitemap.xml", index(self.children), content_type=XML)

    def large(self, count: int = 50_000, path: str = "/large.xml") -> list[str]:
        """A child with so many addresses, whose pages are not there."""
        urls = [self.url(f"/2024/06/story-{number}") for number in range(count)]
        self.child(path, urlset(item(url, "2024-06-15T12:00:00Z") for url in urls))
        self.list_children()
        return urls

    def _well_made(self) -> None:
        recent, old, news = self.stories("recent"), self.stories("old"), self.stories("news")
        plain, fed = self.stories("plain"), self.stories("fed")
        self.child(
            "/posts-2024-05.xml",
            urlset((item(url, f"2024-05-1{day}T08:00:00Z") for day, url in enumerate(recent)), ""),
            lastmod="2024-05-20",
        )
        packed = gzip.compress(urlset(item(url, "2019-05-03") for url in old))
        self.child("/posts-2019-05.xml.gz", packed, lastmod="2019-06-01", content_type="application/octet-stream")
        attributes = ' xmlns="http://example.com/whatever" xmlns:n="urn:not-news"'
        self.child("/news.xml", urlset((item(url, news="2024-05-17T10:00:00+02:00") for url in news), attributes))
        self.child("/list.txt", "\r\n".join(plain).encode(), content_type="text/plain")
        self.child("/feed.xml", rss(fed, self.base), content_type=RSS)
        self.wanted += [*recent, *old, *news, *plain, *fed]

    def _careless(self) -> None:
        dated = self.stories("dated", 5)
        lastmods = ("yesterday", "0001-01-01", "2999-01-01T00:00:00Z", "2024", "17/05/2024 10:00")
        self.child("/dates.xml", urlset(item(url, said) for url, said in zip(dated, lastmods, strict=True)))
        (mine,) = self.stories("mixed", 1)
        others = ("https://elsewhere.example/story", "ftp://north.example/story", "http://[", "", mine)
        self.child("/mixed.xml", urlset(item(url) for url in (mine, *others)))
        (half,) = self.stories("half", 1)
        noise = "".join(f"{number**3:x}" for number in range(2_000))
        packed = gzip.compress(urlset([item(half), f"<!-- {noise} -->"]))
        self.child("/half.xml.gz", packed[: len(packed) // 2])
        self.wanted += [*dated, mine, half]

    def _hostile(self) -> None:
        self.child("/bomb.xml.gz", bomb())
        entities = '<!ENTITY a "aaaaaaaa">' + "".join(
            f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
        )
        (plain,) = self.stories("laughs", 1)
        laughing = f"<!DOCTYPE urlset [{entities}]><urlset>{item(plain, '&i;')}</urlset>"
        self.child("/laughs.xml", laughing.encode())
        self.serve("/page.html", article("Not a sitemap"))
        self.child("/loop.xml", index([(self.url("/pool.xml"), "")]))
        self.serve("/pool.xml", index([(self.url("/loop.xml"), ""), (self.url("/sitemap.xml"), "")]), content_type=XML)
        elsewhere = ("https://elsewhere.example/sitemap.xml", "")
        mine: Sequence[str] = ("/missing.xml", "/page.html", "/sitemap.xml")
        self.children += [*((self.url(path), "") for path in mine), elsewhere]
        self.wanted += [plain]


def bomb() -> bytes:
    """Some KB that unpack to more than a sitemap may have."""
    return gzip.compress(b"<urlset>") + gzip.compress(b" " * (MAX_BYTES // 50)) * 51
