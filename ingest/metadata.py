"""What a page says about itself: a ladder of witnesses for each field, climbed until one says something.

Who is believed, in order; the rules of a ladder with their reasons are at the top of the module that holds it:

    title       headline.py   what two of printed headline, JSON-LD and OpenGraph agree on; then JSON-LD, <h1>,
                              OpenGraph, other meta tags, microdata, <title>; without the site's name, and without a
                              kicker that has its own element
    authors     people.py     people before the house: JSON-LD, meta, microdata, the printed byline, the first line
    published   when.py       JSON-LD, meta; <time>, microdata; the address; what is printed; scripts; htmldate
    modified    when.py       JSON-LD, meta; never before the publication
    site_name   labels.py     OpenGraph, JSON-LD publisher, meta
    section     labels.py     OpenGraph, JSON-LD, meta, breadcrumbs
    tags        labels.py     OpenGraph, JSON-LD, meta
    language    labels.py     <html lang>, JSON-LD, OpenGraph, meta; the text may overrule them (language.py)
    image       picture.py    OpenGraph, JSON-LD; caption and credit of the figure that shows the same file
    paywalled   kinds.py      JSON-LD isAccessibleForFree of the article or of a part, content tier; a text that is much
                              shorter than JSON-LD wordCount
    kind        kinds.py      JSON-LD type, address, og:type

Rules that hold for all:

* The first witness that says something usable decides. What is impossible (the 45th of a month, an address as a name)
  counts as silence.
* Agreement is worth more than rank only for the title, where publishers write several on purpose.
* What the feed said of the page is asked last: it is often shorter or older than the page.
* Libraries' opinions come after all that the page says, and only for the date: they cost milliseconds.
* Where a value came from is kept beside it: "json-ld", "og", "meta", "microdata", "time", "h1" and "h2", "page"
  (printed on it), "title" (<title>), "html" (its lang attribute), "text" (judged by the text), "script", "url",
  "htmldate", "feed".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ingest import byline, dates, jsonld, kinds, labels, urls, when
from ingest.claims import Claims, claims_of
from ingest.document import Document
from ingest.headline import site_keys, titles
from ingest.model import Image, Kind, ParsedEntry
from ingest.people import authors
from ingest.picture import images

Witnesses = dict[str, list[tuple[str, str]]]  # field -> (source, value as text) of every candidate, in order


@dataclass(slots=True)
class Facts:
    """What was found; `provenance` says where, by the field's name in the article object."""

    title: str | None = None
    standfirst: str | None = None
    authors: list[str] = field(default_factory=list)
    published: datetime | None = None
    modified: datetime | None = None
    language: str | None = None
    site_name: str | None = None
    section: str | None = None
    tags: list[str] = field(default_factory=list)
    image: Image | None = None
    paywalled: bool | None = None
    kind: Kind | None = None
    canonical: str | None = None  # as declared
    description: str | None = None  # what meta and JSON-LD call the page's summary: often not printed on it
    body: str | None = None  # JSON-LD articleBody
    declared_words: int | None = None  # JSON-LD wordCount: a text much shorter is not all of it
    is_article: bool = False  # the page says that it is one
    is_list: bool = False  # the page says that it is a list
    provenance: dict[str, str] = field(default_factory=dict)
    witnesses: Witnesses | None = None  # asked for: then ladders are climbed to the end and all candidates put down

    def keep(self, name: str, candidates: Iterable[tuple[str, Any]]) -> None:
        """Take the first candidate (source, value) that says something, unless the field is set."""
        wanted = not getattr(self, name)
        if not wanted and self.witnesses is None:
            return
        for source, value in candidates:
            if not value:
                continue
            if self.witnesses is not None:
                put_down(self.witnesses, name, source, value)
            if wanted:
                setattr(self, name, value)
                self.provenance[name] = source
                wanted = False
            if self.witnesses is None:
                return

    def overrule(self, name: str, candidates: Iterable[tuple[str, Any]]) -> None:
        """Take the first candidate that says something else, although the field may be set."""
        for source, value in candidates:
            if value and self.witnesses is not None:
                put_down(self.witnesses, name, source, value)
            if value and value != getattr(self, name):
                setattr(self, name, value)
                self.provenance[name] = source
                return

    def hear(self, name: str, candidates: Iterable[tuple[str, Any]]) -> None:
        """Put down what was said of a field that is decided elsewhere, if anybody asks."""
        for source, value in candidates if self.witnesses is not None else ():
            if value is not None and self.witnesses is not None:
                put_down(self.witnesses, name, source, value)


def put_down(witnesses: Witnesses, name: str, source: str, value: Any) -> None:
    """A candidate for `--explain`, once."""
    said = (source, in_words(value))
    if said not in witnesses.setdefault(name, []):
        witnesses[name].append(said)


def in_words(value: Any) -> str:
    """A value as the article object would have it, in one line."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list):
        return "; ".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return value.url if isinstance(value, Image) else str(value)


def gather(
    document: Document, now: datetime, entry: ParsedEntry | None = None, witnesses: Witnesses | None = None
) -> Facts:
    """Climb every ladder. The tree is only read. `witnesses`: a dict to put every candidate in; that costs time."""
    claims, facts = claims_of(document), Facts(witnesses=witnesses)
    take_labels(facts, claims)
    facts.keep("title", titles(claims))
    facts.keep("authors", authors(claims))
    facts.keep("published", when.choose_published(claims, now))
    said = facts.provenance.get("published")
    facts.keep("modified", when.choose_modified(claims, facts.published, said, now))
    facts.keep("image", images(claims))
    take_sort(facts, claims)
    if entry is not None:
        ask_feed(facts, entry, now)
    return facts


def take_labels(facts: Facts, claims: Claims) -> None:
    """What stands on the page as a label. The site's name comes first: the other ladders are climbed in its light."""
    declared, og_url = labels.canonical_of(claims), claims.first("og:url")
    facts.canonical = declared or og_url
    facts.hear("canonical_url", [("html", declared), ("og", og_url), ("url", claims.url)])
    facts.keep("site_name", labels.site_names(claims))
    claims.site = site_keys(facts.site_name, urls.host_of(claims.url))
    facts.keep("language", labels.languages(claims))
    facts.keep("section", labels.sections(claims))
    facts.keep("tags", labels.tags(claims))
    facts.keep("description", labels.descriptions(claims))


def take_sort(facts: Facts, claims: Claims) -> None:
    """What sort of page it is, whether all may read it, and what it says of its text."""
    facts.body = jsonld.body_text(claims.main.get("articleBody"))
    facts.declared_words = kinds.declared_words(claims)
    is_typed = bool(jsonld.types_of(claims.main) & jsonld.ARTICLE_TYPES)
    facts.is_article = is_typed or claims.first("og:type") == "article"
    facts.is_list = kinds.is_list(claims)
    facts.paywalled = kinds.paywalled(claims)
    facts.hear("paywalled", kinds.said_of_access(claims))
    facts.kind = kinds.kind(claims)
    facts.hear("kind", kinds.sorts(claims))


def ask_feed(facts: Facts, entry: ParsedEntry, now: datetime) -> None:
    """The last witness: what the feed said of the page."""
    published = entry.published_at
    if facts.provenance.get("title") == "title" and entry.title:
        facts.title = None  # <title> may name the site alone
    facts.keep("title", [("feed", entry.title)])
    facts.keep("authors", [("feed", [name for author in entry.authors for name in byline.split_names(author)])])
    facts.keep("published", [("feed", published if published and dates.is_plausible(published, now) else None)])
    facts.keep("language", [("feed", labels.language_tag(entry.language))])
    facts.keep("tags", [("feed", list(entry.categories[: labels.MAX_TAGS]))])
    facts.keep("image", [("feed", Image(entry.image_url) if entry.image_url else None)])
