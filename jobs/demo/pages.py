"""The pages of the newsroom: an article inside everything that a real news page puts around it.

Each publisher has a template of its own in templates/ (`string.Template`, values escaped here).
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from functools import cache
from hashlib import blake2b
from html import escape
from importlib import resources
from string import Template
from typing import Any

from jobs.demo.articles import Article, Publisher

DATE_FORMATS = {"en": "%d %B %Y, %H:%M", "de": "%d.%m.%Y, %H:%M Uhr", "es": "%d/%m/%Y – %H:%M"}
UPDATED = {"en": "Updated", "de": "Aktualisiert", "es": "Actualizado"}
AND = {"en": " and ", "de": " und ", "es": " y "}
OPENING = 2  # paragraphs before the box that interrupts every article


@cache
def _template(name: str) -> Template:
    return Template(resources.files("jobs.demo").joinpath("templates", f"{name}.html").read_text("utf-8"))


def write_page(publisher: Publisher, article: Article, others: Sequence[Article]) -> bytes:
    """The page of one article. `others`: the publisher's other articles, newest first."""
    zone = timezone(timedelta(hours=publisher.utc_offset_h))
    published, modified = article.published_at.astimezone(zone), article.modified_at.astimezone(zone)
    values = {
        **_site(publisher, published.year),
        "language": article.language,
        "url": escape(publisher.url + article.path),
        "title": escape(article.title),
        "standfirst": escape(article.standfirst),
        "byline": escape(AND[article.language].join(article.authors)),
        "section": escape(article.section),
        "section_slug": section_slug(article.section),
        "published_iso": published.isoformat(),
        "published_text": published.strftime(DATE_FORMATS[publisher.language]),
        "modified_iso": modified.isoformat(),
        "updated": _updated(publisher, modified) if modified != published else "",
        "image": f"{publisher.url}/media/{article.slug}.png",
        "caption": escape(article.caption),
        "credit": escape(article.credit),
        "keywords": escape(", ".join(article.tags)),
        "tag_metas": "\n".join(f'<meta property="article:tag" content="{escape(tag)}">' for tag in article.tags),
        "tags": _list(f'<a rel="tag" href="/">{escape(tag)}</a>' for tag in article.tags),
        "json_ld": _json_ld(publisher, article, published, modified),
        "opening": _paragraphs(article.paragraphs[:OPENING]),
        "rest": _paragraphs(article.paragraphs[OPENING:]),
        "related": _list(_headline(other) for other in others[:3]),
        "most_read": _list(_headline(other) for other in reversed(others)),
    }
    return _template(publisher.key).substitute(values).encode()


def write_index(publisher: Publisher, articles: Sequence[Article], year: int) -> bytes:
    """The front page, or a section's. `articles`: those it lists."""
    teasers = "\n".join(
        f"<section><h2>{_headline(article)}</h2><p>{escape(article.standfirst)}</p></section>" for article in articles
    )
    return _template("index").substitute(_site(publisher, year), teasers=teasers).encode()


def write_consent(publisher: Publisher, year: int) -> bytes:
    """What stands in the way of an article until somebody clicks."""
    return _template("consent").substitute(_site(publisher, year)).encode()


def section_slug(section: str) -> str:
    return section.lower().replace(" ", "-")


def draw_picture(slug: str) -> bytes:
    """A PNG of 96 × 54 pixels, sky over sea, in colours of its own for each slug."""
    seed = blake2b(slug.encode(), digest_size=6).digest()
    sky, sea = bytes(128 + byte // 2 for byte in seed[:3]), bytes(byte // 2 for byte in seed[3:])
    rows = b"".join(b"\x00" + (sky if y < 33 else sea) * 96 for y in range(54))
    header = struct.pack(">IIBBBBB", 96, 54, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def _site(publisher: Publisher, year: int) -> dict[str, str]:
    """What every template of a publisher may use."""
    nav = _list(f'<a href="/{section_slug(section)}">{escape(section)}</a>' for section in publisher.sections)
    feed_links = "\n".join(
        f'<link rel="alternate" type="application/{"atom" if feed.kind == "atom10" else "rss"}+xml"'
        f' title="{escape(feed.title)}" href="{feed.path}">'
        for feed in publisher.feeds
    )
    return {
        "language": publisher.language,
        "site": escape(publisher.name),
        "slogan": escape(publisher.slogan),
        "base": publisher.url,
        "nav": nav,
        "feed_links": feed_links,
        "year": str(year),
    }


def _json_ld(publisher: Publisher, article: Article, published: datetime, modified: datetime) -> str:
    """The NewsArticle as schema.org has it, safe inside a script element."""
    document: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "OpinionNewsArticle" if article.section == "Opinion" else "NewsArticle",
        "mainEntityOfPage": publisher.url + article.path,
        "headline": article.title,
        "description": article.standfirst,
        "datePublished": published.isoformat(),
        "dateModified": modified.isoformat(),
        "inLanguage": article.language,
        "articleSection": article.section,
        "keywords": list(article.tags),
        "isAccessibleForFree": True,
        "author": [
            {"@type": "Organization" if author == article.agency else "Person", "name": author}
            for author in article.authors
        ],
        "image": {
            "@type": "ImageObject",
            "url": f"{publisher.url}/media/{article.slug}.png",
            "caption": article.caption,
            "creditText": article.credit,
        },
        "publisher": {"@type": "NewsMediaOrganization", "name": publisher.name, "url": publisher.url + "/"},
    }
    return json.dumps(document, ensure_ascii=False).replace("<", "\\u003c")


def _updated(publisher: Publisher, modified: datetime) -> str:
    time = f'<time datetime="{modified.isoformat()}">{modified.strftime(DATE_FORMATS[publisher.language])}</time>'
    return f' <span class="updated">{UPDATED[publisher.language]} {time}</span>'


def _headline(article: Article) -> str:
    return f'<a href="{escape(article.path)}">{escape(article.title)}</a>'


def _paragraphs(paragraphs: Iterable[str]) -> str:
    return "\n".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in paragraphs)


def _list(items: Iterable[str]) -> str:
    return "".join(f"<li>{item}</li>" for item in items)
