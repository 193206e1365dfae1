"""The feeds of the newsroom, each in the dialect that its publisher speaks: RSS 2.0, RSS 1.0 (RDF), Atom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from email.utils import format_datetime
from html import escape

from jobs.demo.articles import Article, FeedFile, Publisher

CONTENT_TYPES = {
    "rss20": "application/rss+xml; charset=utf-8",
    "rss10": "application/rdf+xml; charset=utf-8",
    "atom10": "application/atom+xml; charset=utf-8",
    "html": "text/html; charset=utf-8",
}


def write_feed(publisher: Publisher, feed: FeedFile, articles: Sequence[Article]) -> bytes:
    """The feed document. `articles`: those it announces, newest first, at least one."""
    return _WRITERS[feed.kind](publisher, feed, articles).encode()


def _link(publisher: Publisher, feed: FeedFile, article: Article) -> str:
    return escape(f"{publisher.url}{article.path}{feed.query}")


def _rss20(publisher: Publisher, feed: FeedFile, articles: Sequence[Article]) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/"
     xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">
<channel>
<title>{escape(feed.title)}</title>
<link>{publisher.url}/</link>
<description>{escape(publisher.slogan)}</description>
<language>{publisher.language}</language>
<lastBuildDate>{format_datetime(max(article.modified_at for article in articles))}</lastBuildDate>
<ttl>30</ttl>
<atom:link href="{publisher.url}{feed.path}" rel="self" type="application/rss+xml"/>
{"".join(_rss20_item(publisher, feed, article) for article in articles)}</channel>
</rss>
"""


def _rss20_item(publisher: Publisher, feed: FeedFile, article: Article) -> str:
    body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in article.paragraphs)
    content = f"<content:encoded><![CDATA[{body}]]></content:encoded>\n" if feed.full_text else ""
    tags = "".join(f"<category>{escape(tag)}</category>" for tag in article.tags)
    return f"""<item>
<title>{escape(article.title)}</title>
<link>{_link(publisher, feed, article)}</link>
<guid isPermaLink="false">{publisher.key}:{escape(article.slug)}</guid>
<pubDate>{format_datetime(article.published_at)}</pubDate>
<dc:creator>{escape(", ".join(article.authors))}</dc:creator>
{tags}
<description>{escape(article.standfirst)}</description>
{content}<media:content url="{publisher.url}/media/{article.slug}.png" medium="image" type="image/png"/>
</item>
"""


def _rss10(publisher: Publisher, feed: FeedFile, articles: Sequence[Article]) -> str:
    links = [_link(publisher, feed, article) for article in articles]
    items = "".join(
        f"""<item rdf:about="{link}">
<title>{escape(article.title)}</title>
<link>{link}</link>
<description>{escape(article.standfirst)}</description>
<dc:creator>{escape(", ".join(article.authors))}</dc:creator>
<dc:date>{article.modified_at.isoformat()}</dc:date>
<dc:subject>{escape(article.section)}</dc:subject>
</item>
"""
        for link, article in zip(links, articles, strict=True)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
         xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="{publisher.url}{feed.path}">
<title>{escape(feed.title)}</title>
<link>{publisher.url}/</link>
<description>{escape(publisher.slogan)}</description>
<dc:language>{publisher.language}</dc:language>
<items><rdf:Seq>{"".join(f'<rdf:li rdf:resource="{link}"/>' for link in links)}</rdf:Seq></items>
</channel>
{items}</rdf:RDF>
"""


def _atom10(publisher: Publisher, feed: FeedFile, articles: Sequence[Article]) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{publisher.language}">
<id>tag:{publisher.key}.example,2019:news</id>
<title>{escape(feed.title)}</title>
<subtitle>{escape(publisher.slogan)}</subtitle>
<link rel="self" type="application/atom+xml" href="{publisher.url}{feed.path}"/>
<link rel="alternate" type="text/html" href="{publisher.url}/"/>
<updated>{max(article.modified_at for article in articles).isoformat()}</updated>
{"".join(_atom10_entry(publisher, feed, article) for article in articles)}</feed>
"""


def _atom10_entry(publisher: Publisher, feed: FeedFile, article: Article) -> str:
    authors = "".join(f"<author><name>{escape(author)}</name></author>" for author in article.authors)
    tags = "".join(f'<category term="{escape(tag)}"/>' for tag in article.tags)
    return f"""<entry>
<id>tag:{publisher.key}.example,2019:{escape(article.slug)}</id>
<title>{escape(article.title)}</title>
<link rel="alternate" type="text/html" href="{_link(publisher, feed, article)}"/>
<published>{article.published_at.isoformat()}</published>
<updated>{article.modified_at.isoformat()}</updated>
{authors}{tags}
<summary>{escape(article.standfirst)}</summary>
</entry>
"""


def _html(publisher: Publisher, feed: FeedFile, articles: Sequence[Article]) -> str:
    """What is left of a feed after a redesign: status 200 and a page that regrets."""
    return f"""<!DOCTYPE html>
<html lang="{publisher.language}"><head><title>{escape(publisher.name)}</title></head>
<body><h1>Our feeds have moved</h1><p>You will find all our services at <a href="/">{escape(publisher.name)}</a>.</p>
</body></html>
"""


_WRITERS: dict[str, Callable[[Publisher, FeedFile, Sequence[Article]], str]] = {
    "rss20": _rss20,
    "rss10": _rss10,
    "atom10": _atom10,
    "html": _html,
}
