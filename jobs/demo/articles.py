"""What the newsroom has published: four invented publishers and the articles in content/.

A content file is a YAML head, a line of three dashes and the paragraphs, separated by blank lines. `wire` in the head
names an agency text in wire/ that stands in for paragraphs of its own; `fate` says why the page cannot be had. Times
are given in minutes before `now`, so the news is always fresh.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

import yaml

from ingest.model import Reason


@dataclass(frozen=True, slots=True)
class FeedFile:
    """A feed that a publisher offers. `kind` as in `ingest.model.ParsedFeed`; "html": a page where a feed should be."""

    path: str
    kind: str
    title: str
    section: str | None = None  # only its articles; None: all
    query: str = ""  # what the feed puts behind every link
    full_text: bool = False  # content:encoded
    moved_from: str | None = None  # a path that answers 301 to this one


@dataclass(frozen=True, slots=True)
class Publisher:
    key: str
    name: str
    language: str
    slogan: str
    utc_offset_h: int
    sections: tuple[str, ...]
    feeds: tuple[FeedFile, ...]
    disallow: str = ""  # a path that robots.txt closes
    url: str = ""  # "http://127.0.0.11:8100", known once the newsroom is open


@dataclass(frozen=True, slots=True)
class Article:
    """An article as its authors wrote it: what must be found in the store afterwards."""

    publisher: str  # its key
    path: str
    title: str
    standfirst: str
    authors: tuple[str, ...]  # agencies too
    agency: str | None
    published_at: datetime
    modified_at: datetime
    language: str
    section: str
    tags: tuple[str, ...]
    paragraphs: tuple[str, ...]
    caption: str
    credit: str
    edition: int = 1
    fate: Reason | None = None  # why its page cannot be had

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs)

    @property
    def slug(self) -> str:
        """The last part of the path, without its ending: names the picture."""
        return self.path.rpartition("/")[2].removesuffix(".html")


PUBLISHERS = (
    Publisher(
        "courier",
        "The Albery Courier",
        "en",
        "Port Albery’s morning paper since 1871",
        0,
        ("News", "Environment", "Sport", "Members"),
        (
            FeedFile(
                "/feed.xml",
                "rss20",
                "The Albery Courier – front page",
                query="?utm_source=courier&utm_medium=rss&utm_campaign=front",
                moved_from="/old-feed.xml",
            ),
        ),
        disallow="/members/",
    ),
    Publisher(
        "ledger",
        "Caldmoor Ledger",
        "en",
        "Business, politics and the world",
        1,
        ("World", "National", "Business", "Opinion"),
        (
            FeedFile("/feeds/all.atom", "atom10", "Caldmoor Ledger"),
            FeedFile("/feeds/markets.rss", "html", "Caldmoor Ledger – Markets"),
        ),
    ),
    Publisher(
        "morgenblatt",
        "Lauterbrücker Morgenblatt",
        "de",
        "Unabhängige Tageszeitung für Stadt und Tal",
        1,
        ("Politik", "Region", "Kultur", "Sport"),
        (FeedFile("/rss/aktuell.rdf", "rss10", "Lauterbrücker Morgenblatt – Aktuell"),),
    ),
    Publisher(
        "faro",
        "El Faro de Almarilla",
        "es",
        "Diario independiente de la mañana",
        1,
        ("Sociedad", "Ciencia", "Deportes", "English edition"),
        (
            FeedFile("/rss/portada.xml", "rss20", "El Faro de Almarilla – Portada", full_text=True),
            FeedFile("/rss/ciencia.xml", "rss20", "El Faro de Almarilla – Ciencia", section="Ciencia"),
        ),
    ),
)


def load_articles(now: datetime) -> tuple[Article, ...]:
    """Every edition of every article, newest first. `now`: aware; its seconds are dropped."""
    minute = now.astimezone(UTC).replace(second=0, microsecond=0)
    articles = [_article(head, paragraphs, minute) for head, paragraphs in _contents()]
    return tuple(sorted(articles, key=lambda article: (article.published_at, article.edition), reverse=True))


def _contents() -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
    folder = resources.files("jobs.demo")
    for file in folder.joinpath("content").iterdir():
        head_text, _, body = file.read_text("utf-8").partition("\n---\n")
        head = yaml.safe_load(head_text)
        if wire := head.get("wire"):
            body = folder.joinpath("wire", f"{wire}.txt").read_text("utf-8")
        yield head, tuple(part.strip() for part in body.split("\n\n") if part.strip())


def _article(head: dict[str, Any], paragraphs: tuple[str, ...], now: datetime) -> Article:
    publisher = next(known for known in PUBLISHERS if known.key == head["publisher"])
    published_at = now - timedelta(minutes=head["minutes_ago"])
    modified_ago = head.get("modified_minutes_ago")
    return Article(
        publisher=publisher.key,
        path=head["path"],
        title=head["title"],
        standfirst=head["standfirst"],
        authors=tuple(head["authors"]),
        agency=head.get("agency"),
        published_at=published_at,
        modified_at=published_at if modified_ago is None else now - timedelta(minutes=modified_ago),
        language=head.get("language", publisher.language),
        section=head["section"],
        tags=tuple(head["tags"]),
        paragraphs=paragraphs,
        caption=head.get("caption", ""),
        credit=head.get("credit", ""),
        edition=head.get("edition", 1),
        fate=Reason(head["fate"]) if "fate" in head else None,
    )
