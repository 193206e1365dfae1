"""What a page says about itself: a ladder for each field, from JSON-LD down to what is visible.

Where a value came from is kept beside it: "json-ld", "og", "meta", "time", "h1", "page" (printed on it), "title"
(<title>), "html" (its lang attribute), "text" (judged by the text), "url", "feed".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ingest import byline, dates, jsonld, urls
from ingest.document import Document, visible
from ingest.headline import names_site, site_keys, titles
from ingest.jsonld import Node, plain
from ingest.meta_tags import Meta, first, meta_of, source_of
from ingest.model import Image, Kind, ParsedEntry
from ingest.picture import images

MAX_TAGS = 50

META_AUTHOR = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl",
               "byline", "authors", "article:author_name", "citation_author", "cxenseparse:author")  # fmt: skip
META_PUBLISHED = ("article:published_time", "og:article:published_time", "og:published_time", "article:published",
                  "parsely-pub-date", "sailthru.date", "datepublished", "date", "pubdate", "publish-date",
                  "publishdate", "publish_date", "publication_date", "dc.date.issued", "dcterms.issued",
                  "dcterms.created",
                  "dc.date", "dcterms.date", "article.published", "rnews:datepublished", "cxenseparse:recs:publishtime",
                  "cxenseparse:publishtime", "article_date_original", "date_published", "last-published",
                  "citation_date", "originalpublicationdate", "displaydate", "created")  # fmt: skip
META_MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "dc.date.modified",
                 "article.updated", "last-modified", "lastmod", "revised", "article:modified")  # fmt: skip
META_SECTION = ("article:section", "parsely-section", "section", "sailthru.section", "cxenseparse:section", "channel")
META_TAGS = ("article:tag", "news_keywords", "parsely-tags", "sailthru.tags", "keywords")
PUBLISHED_PROPERTY = {"datepublished", "datecreated"}
PATH_DATE = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2}|[a-z]{3})[/-](\d{1,2})(?=[/_-]|$)", re.I)
LANGUAGE = re.compile(r"\s*([a-zA-Z]{2,3})(?=$|[-_\s,;])")
TIMED = re.compile(r"\d[:.hH]\d\d|T\d{4}|^\d{10,13}$")
ZONED = re.compile(r"(?:[zZ]|[+-]\d\d:?\d\d|GMT|UTC|[A-Z]{3,4}T)\s*$|^\d{10,13}$")

KIND_OF_TYPE = {
    "LiveBlogPosting": Kind.LIVE, "OpinionNewsArticle": Kind.OPINION, "ImageGallery": Kind.GALLERY,
    "MediaGallery": Kind.GALLERY,
}  # fmt: skip
KIND_OF_SEGMENT = {
    **dict.fromkeys(("live", "liveblog", "live-blog", "liveticker", "live-news", "en-direct", "directo"), Kind.LIVE),
    **dict.fromkeys(("opinion", "opinions", "opinion-columns", "commentisfree", "kommentar", "kommentare", "meinung",
                     "tribune", "tribunes", "editorial", "editorials", "opinioni", "op-ed"), Kind.OPINION),
    **dict.fromkeys(("gallery", "galleries", "photos", "bildergalerie", "bilder", "fotostrecke", "diaporama",
                     "fotogaleria", "in-pictures", "picture"), Kind.GALLERY),
    **dict.fromkeys(("video", "videos", "watch"), Kind.VIDEO),
}  # fmt: skip


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
    is_article: bool = False  # the page says that it is one
    provenance: dict[str, str] = field(default_factory=dict)

    def keep(self, name: str, candidates: Iterable[tuple[str, Any]]) -> None:
        """Take the first candidate (source, value) that says something, unless the field is set."""
        if getattr(self, name):
            return
        for source, value in candidates:
            if value:
                setattr(self, name, value)
                self.provenance[name] = source
                return


def gather(document: Document, now: datetime, entry: ParsedEntry | None = None) -> Facts:
    """Climb every ladder. The tree is only read."""
    tree, facts = document.tree, Facts()
    meta, nodes = meta_of(tree), jsonld.load(tree)
    main, known = jsonld.main_node(nodes), jsonld.references(nodes)
    facts.canonical = canonical_of(tree) or first(meta, "og:url")
    facts.body = jsonld.body_text(main.get("articleBody"))
    facts.is_article = bool(jsonld.types_of(main) & jsonld.ARTICLE_TYPES) or first(meta, "og:type") == "article"
    facts.keep("site_name", site_names(meta, main, nodes, known))
    site = site_keys(facts.site_name, urls.host_of(document.url))
    facts.keep("title", titles(tree, meta, main, site))
    facts.keep("authors", authors(tree, meta, main, known, site))
    choose_dates(facts, tree, meta, main, document.url, now)
    facts.keep("language", languages(tree, meta, main))
    facts.keep("section", sections(meta, main))
    facts.keep("tags", tags(meta, main))
    facts.keep("description", descriptions(meta, main))
    facts.keep("image", images(tree, meta, main, known, document.url))
    facts.paywalled = paywalled(meta, nodes)
    facts.kind = kind(meta, main, nodes, document.url)
    if entry is not None:
        ask_feed(facts, entry, now)
    return facts


def ask_feed(facts: Facts, entry: ParsedEntry, now: datetime) -> None:
    """The last witness: what the feed said of the page."""
    published = entry.published_at
    if facts.provenance.get("title") == "title" and entry.title:
        facts.title = None  # <title> may name the site alone
    facts.keep("title", [("feed", entry.title)])
    facts.keep("authors", [("feed", [name for author in entry.authors for name in byline.split_names(author)])])
    facts.keep("published", [("feed", published if published and dates.is_plausible(published, now) else None)])
    facts.keep("language", [("feed", language_tag(entry.language))])
    facts.keep("tags", [("feed", list(entry.categories[:MAX_TAGS]))])
    facts.keep("image", [("feed", Image(entry.image_url) if entry.image_url else None)])


# --- site and summary ------------------------------------------------------------------------------------------


def site_names(meta: Meta, main: Node, nodes: list[Node], known: dict[str, Node]) -> Iterator[tuple[str, str | None]]:
    yield "og", first(meta, "og:site_name")
    publisher = next((node.get("publisher") for node in (main, *nodes) if node.get("publisher")), None)
    yield "json-ld", next(iter(jsonld.names(publisher, known)), None)
    yield "json-ld", next((plain(n.get("name")) for n in nodes if "NewsMediaOrganization" in jsonld.types_of(n)), None)
    yield (
        "meta",
        first(meta, "application-name", "apple-mobile-web-app-title", "cre", "copyright", "publisher", "dc.publisher"),
    )


def descriptions(meta: Meta, main: Node) -> Iterator[tuple[str, str | None]]:
    yield "json-ld", plain(main.get("description"))
    for name in ("og:description", "description", "twitter:description", "dc.description"):
        yield source_of(name), first(meta, name)


# --- people -----------------------------------------------------------------------------------------------------------


def authors(
    tree: Any, meta: Meta, main: Node, known: dict[str, Node], site: set[str]
) -> Iterator[tuple[str, list[str]]]:
    """Candidates in order of trust; the site itself is named as the author only where nobody else is."""
    stated = main.get("author") or main.get("creator")
    candidates = [
        ("json-ld", byline.unique(n for text in jsonld.names(stated, known) for n in byline.split_names(text)))
    ]
    for key in META_AUTHOR:
        if key in meta and not (key == "parsely-author" and all(" " not in name for name in meta[key])):
            candidates.append(
                (source_of(key), byline.unique(n for text in meta[key] for n in byline.split_names(text)))
            )
    people = [(source, names) for source, names in candidates if not all(names_site(name, site) for name in names)]
    yield from people or [("page", byline.printed_byline(tree)), *candidates]


# --- dates ------------------------------------------------------------------------------------------------------------


def choose_dates(facts: Facts, tree: Any, meta: Meta, main: Node, url: str, now: datetime) -> None:
    """When it was published and modified, as the page claims it."""
    published = [("json-ld", plain(main.get(key))) for key in ("datePublished", "uploadDate", "dateCreated")]
    published += [(source_of(name), meta[name][0]) for name in META_PUBLISHED if name in meta]
    modified = [("json-ld", plain(main.get("dateModified")))]
    modified += [(source_of(name), meta[name][0]) for name in META_MODIFIED if name in meta]
    facts.keep("published", best_date(published, now))
    if not facts.published:
        facts.keep("published", best_date(list(visible_times(tree)), now))
    facts.keep("published", best_date([("url", path_date(url))], now))
    facts.keep("modified", best_date(modified, now))


def best_date(candidates: list[tuple[str, str | None]], now: datetime) -> list[tuple[str, datetime]]:
    """The first plausible date; or a later witness of the same day that knows the time, or the time zone, as well."""
    known: list[tuple[int, str, datetime]] = []
    for source, text in candidates:
        moment = dates.parse_date(text) if text else None
        if text and moment and dates.is_plausible(moment, now):
            known.append((bool(TIMED.search(text)) + bool(TIMED.search(text) and ZONED.search(text)), source, moment))
    if not known:
        return []
    near = [item for item in known if abs((item[2] - known[0][2]).total_seconds()) <= 86_400]
    _, source, moment = max(near, key=lambda item: item[0])
    return [(source, moment)]


def visible_times(tree: Any) -> Iterator[tuple[str, str | None]]:
    """<time> elements, those marked as the date of publication first, and not those of teasers."""
    times = [element for _, element in zip(range(40), tree.iter("time"), strict=False) if element.get("datetime")]
    marked = [
        t for t in times if t.get("pubdate") is not None or (t.get("itemprop") or "").lower() in PUBLISHED_PROPERTY
    ]
    for element in (
        marked or [t for t in times if next(t.iterancestors("aside", "nav", "footer", "li"), None) is None][:1]
    ):
        yield "time", element.get("datetime")
    for element in tree.xpath("//*[not(self::meta)][@itemprop='datePublished'][@content or @datetime]")[:1]:
        yield "time", element.get("content") or element.get("datetime")


def path_date(url: str) -> str | None:
    """2026-11-23 from /2026/11/23/ or /2026/nov/23/ in an address."""
    match = PATH_DATE.search(url)
    return (
        " ".join(match.groups())
        if match and match[2].isalpha()
        else "-".join(p.zfill(2) for p in match.groups())
        if match
        else None
    )


# --- the rest ---------------------------------------------------------------------------------------------------------


def canonical_of(tree: Any) -> str | None:
    links = (link for link in tree.iter("link") if (link.get("rel") or "").lower().strip() == "canonical")
    return next((link.get("href") for link in links if link.get("href")), None)


def language_tag(text: str | None) -> str | None:
    """The primary tag, lower case: "en" from "en-GB"; None for what is none."""
    match = LANGUAGE.match(text or "")
    return match[1].lower() if match and match[1].lower() not in {"und", "mul", "zxx", "xx"} else None


def languages(tree: Any, meta: Meta, main: Node) -> Iterator[tuple[str, str | None]]:
    yield (
        "html",
        language_tag(
            tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or tree.get("xml:lang")
        ),
    )
    yield "json-ld", language_tag(plain(main.get("inLanguage")))
    yield "og", language_tag(first(meta, "og:locale"))
    yield "meta", language_tag(first(meta, "language", "dc.language", "content-language", "dcterms.language"))


def sections(meta: Meta, main: Node) -> Iterator[tuple[str, str | None]]:
    yield "og", first(meta, "article:section")
    yield "json-ld", plain(main.get("articleSection"), 100)
    yield "meta", first(meta, *META_SECTION)


def tags(meta: Meta, main: Node) -> Iterator[tuple[str, list[str]]]:
    stated = main.get("keywords")
    yield "og", split_tags(meta.get("article:tag", []))
    yield "json-ld", split_tags(stated if isinstance(stated, list) else [stated])
    for name in META_TAGS:
        yield "meta", split_tags(meta.get(name, []))


def split_tags(values: Iterable[Any]) -> list[str]:
    parts = (part for value in values for part in re.split(r"[,;、]", plain(value) or ""))
    clean = (" ".join(part.split()) for part in parts)
    return list({tag.casefold(): tag for tag in clean if tag and len(tag) <= 80 and "://" not in tag}.values())[
        :MAX_TAGS
    ]


def paywalled(meta: Meta, nodes: list[Node]) -> bool | None:
    """schema.org isAccessibleForFree, or the content tier; None where the page does not say."""
    for node in nodes:
        value = str(node.get("isAccessibleForFree", "")).strip().lower().rsplit("/", 1)[-1]
        if value in ("true", "false") and (jsonld.types_of(node) & jsonld.ARTICLE_TYPES or "headline" in node):
            return value == "false"
    tier = (first(meta, "article:content_tier") or "").lower()
    return {"locked": True, "premium": True, "free": False}.get(tier)


def kind(meta: Meta, main: Node, nodes: list[Node], url: str) -> Kind:
    """What sort of article it calls itself, by type or by address."""
    types = jsonld.types_of(main)
    if found := next((KIND_OF_TYPE[name] for name in sorted(types) if name in KIND_OF_TYPE), None):
        return found
    if any("LiveBlogPosting" in jsonld.types_of(node) for node in nodes):
        return Kind.LIVE
    path = url.split("?", 1)[0].split("/")[3:-1]
    by_path = next((KIND_OF_SEGMENT[part] for part in map(str.lower, path) if part in KIND_OF_SEGMENT), None)
    by_type = (first(meta, "og:type") or "").startswith("video") or (
        "VideoObject" in types and not types & jsonld.ARTICLE_TYPES
    )
    return by_path or (Kind.VIDEO if by_type else Kind.ARTICLE)
