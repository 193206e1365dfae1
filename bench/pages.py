"""The pages that a bench serves: those of a corpus, or pages of our own, as heavy as a newspaper's.

A corpus is a folder with `body/` and `metadata/`, each with `ground-truth.json` ({key: {"url": …}}) and
`html/KEY.html.gz`.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import escape, unescape
from itertools import islice
from pathlib import Path

from ingest.errors import ParseError
from ingest.model import Page
from ingest.read import read_page
from jobs.demo.articles import PUBLISHERS, Article, load_articles
from jobs.demo.pages import write_page

OWN_PAGES = 40
FULL_TEXT = 5  # an article with fewer paragraphs is a brief or lies behind a wall
TITLE = re.compile(rb"<title[^>]*>([^<]{1,1000})", re.I)
# A run of plain text that stands in an element of its own.
PARAGRAPH = re.compile(rb"<(?:p|div|span|font|td)(?:\s[^<>]{0,300})?>\s*(?=([^<]{40,}))", re.I)
PLACES = 8  # paragraphs tried, the longest first


@dataclass(frozen=True, slots=True)
class Sample:
    """A page that can be served as any number of stories. `at`: where in its text a story's mark goes."""

    title: str
    html: bytes
    at: int = 0


def gather(corpus: Path | None, limit: int) -> list[Sample]:
    """At most `limit` pages of a corpus, else of our own; only such as an article is found in, with its mark."""
    samples = load_corpus(corpus) if corpus else make_pages(min(OWN_PAGES, limit))
    return list(islice((placed for sample in samples if (placed := _placed(sample)) is not None), limit))


def load_corpus(folder: Path) -> Iterator[Sample]:
    for part in ("body", "metadata"):
        for key in json.loads((folder / part / "ground-truth.json").read_text("utf-8")):
            html = gzip.decompress((folder / part / "html" / f"{key}.html.gz").read_bytes())
            found = TITLE.search(html)
            yield Sample(unescape(found[1].decode("utf-8", "replace")).strip() if found else key, html)


def mark(number: int, edition: int) -> str:
    """What tells the text of one story, in one edition, from all others."""
    return f"This is report {number:06d} in edition {edition} of the bench."


def vary(sample: Sample, number: int, edition: int = 1) -> bytes:
    """The page as story `number`."""
    return b"%s%s %s" % (sample.html[: sample.at], mark(number, edition).encode(), sample.html[sample.at :])


def _placed(sample: Sample) -> Sample | None:
    """The sample with a place for the mark in a paragraph of its article; None where no article is found in it."""
    paragraphs = sorted(PARAGRAPH.finditer(sample.html), key=lambda found: len(found[1]), reverse=True)
    candidates = (replace(sample, at=found.end()) for found in paragraphs[:PLACES])
    return next((candidate for candidate in candidates if _is_marked(candidate)), None)


def _is_marked(sample: Sample) -> bool:
    url = "http://127.0.0.1:8000/news/000000.html"
    try:
        reading = read_page(Page(url, vary(sample, 0), "text/html", final_url=url), datetime.now(UTC))
    except ParseError:
        return False
    return reading.reason is None and reading.canonical_url == url and mark(0, 1) in reading.text


def make_pages(count: int, seed: int = 1) -> list[Sample]:
    """Pages of the demo's publishers with paragraphs shuffled anew, and the ballast that real pages carry."""
    dice = random.Random(seed)
    articles = [article for article in load_articles(datetime.now(UTC)) if len(article.paragraphs) >= FULL_TEXT]
    return [_make(dice, articles, number) for number in range(count)]


def _make(dice: random.Random, articles: Sequence[Article], number: int) -> Sample:
    article = dice.choice(articles)
    publisher = replace(
        next(p for p in PUBLISHERS if p.key == article.publisher), url=f"https://{article.publisher}.example"
    )
    stock = list({p for other in articles if other.language == article.language for p in other.paragraphs})
    others = [_headline(dice, article, n) for n in range(40)]
    article = replace(
        article,
        title=f"{article.title} ({number})",
        paragraphs=tuple(dice.sample(sorted(stock), min(len(stock), dice.randint(8, 30)))),
        published_at=article.published_at - timedelta(minutes=number),
    )
    html = write_page(publisher, article, others).decode()
    html = html.replace("</head>", _head(dice) + "</head>", 1)
    html = re.sub(r"(<body[^>]*>)", lambda found: found[1] + _menu(dice, others), html, count=1)
    return Sample(article.title, html.replace("</body>", _foot(dice, others) + "</body>", 1).encode())


def _headline(dice: random.Random, article: Article, number: int) -> Article:
    """Another article of the same paper, to be linked to."""
    words = " ".join(article.paragraphs).split()
    at = dice.randrange(max(len(words) - 12, 1))
    return replace(article, title=" ".join(words[at : at + 9]).strip(".,"), path=f"/archive/{number}.html")


def _head(dice: random.Random) -> str:
    """Styles and the state of the page's own scripts: half of a news page is that."""
    rules = "".join(f".c{n:x}-{dice.getrandbits(32):08x}{{margin:{n}px;color:#{n:06x}}}" for n in range(300))
    state = {f"module{n}": {"id": f"{dice.getrandbits(64):x}", "visible": True, "slots": [n] * 8} for n in range(350)}
    return f"<style>{rules}</style>\n<script>window.__STATE__ = {json.dumps(state)};</script>\n"


def _menu(dice: random.Random, others: Sequence[Article]) -> str:
    items = "".join(
        f'<li class="menu__item menu__item--{n}"><a href="/{other.slug}/{n}" data-track="{dice.getrandbits(40):x}">'
        f'<span class="menu__label">{escape(other.section)} {n}</span></a></li>'
        for n, other in enumerate([*others, *others])
    )
    return f'<div id="menu" class="menu" aria-hidden="true"><nav><ul>{items}</ul></nav></div>'


def _foot(dice: random.Random, others: Sequence[Article]) -> str:
    """Most viewed, more from everywhere, and the trackers."""
    cards = "".join(
        f'<div class="card"><div class="card__image"><img src="/media/{n}.jpg" alt="" loading="lazy"></div>'
        f'<h3 class="card__title"><a href="/archive/{n}.html">{escape(other.title)}</a></h3>'
        f'<time datetime="2026-01-01">{n} h</time></div>'
        for n, other in enumerate(others)
    )
    trackers = "".join(
        f"<script>(function(w,q){{w.q=w.q||[];w.q.push(['{dice.getrandbits(64):x}',{n}]);}})(window);</script>"
        for n in range(40)
    )
    return f'<section class="most-viewed"><h2>Most viewed</h2>{cards}</section>{trackers}'
