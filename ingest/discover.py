"""From what a site says to the addresses where its feeds may be. Pure: bytes, headers and robots text in.

What is found is only a candidate: whether it is a feed is for a parser to say, and `suggest.py` ranks those that are.

    link tags      <link rel=alternate type=application/rss+xml …>, wherever in the page, against its base
    Link header    RFC 8288
    page links     <a href> that look like feeds, also by their text; they may lead to a page that lists feeds
    robots.txt     its Sitemap lines, those of news first
    well known     where the usual publishing systems put feeds and news sitemaps

Sources: the paths that Miniflux probes (internal/reader/subscription/finder.go), those of ultimate-sitemap-parser
(usp/tree.py), and what feed_seeker missed (mediacloud/feed_seeker issue 17 and its benchmark).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from ingest.errors import ParseError
from ingest.link_header import read_link_header
from ingest.model import ListedSitemap
from ingest.urls import absolute, host_of, identity, is_home_page, origin_of, registrable_domain


class Way(StrEnum):
    """How an address came to be looked at."""

    GIVEN = "given"
    LINK_TAG = "link_tag"
    LINK_HEADER = "link_header"
    PAGE_LINK = "page_link"
    ROBOTS = "robots"
    SITEMAP_INDEX = "sitemap_index"
    WELL_KNOWN = "well_known"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address where a feed may be. `title`: what the site calls it."""

    url: str
    way: Way
    title: str | None = None


@dataclass(frozen=True, slots=True)
class PageLinks:
    """What a page says of feeds: what it declares, and the links in it that look like one."""

    is_page: bool = False  # whether it was a page at all
    declared: tuple[Candidate, ...] = ()
    linked: tuple[Candidate, ...] = ()


MAX_DECLARED = 60  # of one page; the largest list of link tags seen has 40
MAX_LINKED = 60
MAX_TITLE = 200
MAX_TEXT = 60  # characters of a link whose text says "RSS": more is a headline
MAX_HYPHENS = 4
MAX_LINKS_READ = 20_000
MAX_SITEMAP_LINES = 500

FEED_PATHS = (  # in the order in which they are asked; most sites have one of the first four
    "feed/", "rss", "rss.xml", "feed.xml", "feed", "atom.xml", "index.xml", "rss/", "feeds/", "index.rss",
    "arc/outboundfeeds/rss/",  # Arc XP
    "?format=feed&type=rss",  # Joomla
    "search/?f=rss&t=article&l=50&s=start_time&sd=desc",  # BLOX (TownNews)
    "feeds/posts/default",  # Blogger
    "rss/all.xml", "rss/news.xml", "rss/feed.xml", "feed.atom", "feed.json",
)  # fmt: skip
FOLDER_PATHS = ("feed/", "rss", "rss.xml", "feed.xml", "index.xml", "index.rss", "atom.xml")
NEWS_SITEMAPS = ("news-sitemap.xml", "sitemap_news.xml", "sitemap-news.xml", "news_sitemap.xml")
SITEMAPS = ("sitemap.xml", "sitemap_index.xml", "sitemap-index.xml")

FEED_TYPES = frozenset((
    "application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "application/rss",
    "application/atom", "application/x-rss+xml", "application/x-atom+xml", "application/x.atom+xml", "text/rss+xml",
    "text/atom+xml", "text/rss",
))  # fmt: skip
VAGUE_TYPES = frozenset(("application/xml", "text/xml", "application/json", "text/json"))  # anything may have them
RELATIONS = frozenset(("alternate", "feed", "service.feed"))
NO_FEED = ("wp-json", "oembed", "/xmlrpc", "opensearch", "wlwmanifest", "/osd.xml")
FEED_WORD = re.compile(r"(?<![a-z])(?:m?rss|(?:web|news)?feeds?(?![a-z])|(?:atom|rdf)(?![a-z]))|\.xml\Z", re.IGNORECASE)
FEED_ARGUMENTS = frozenset(("feed", "format", "type", "f", "output", "view", "mode"))  # whose value may say "rss"
FEED_LABELS = frozenset(("feed", "feeds", "rss", "rssfeed", "rssfeeds", "feedburner", "feedproxy", "atom"))
FEED_TEXT = re.compile(r"(?<!\w)(?:rss|atom|(?:web|news)?feeds?)(?!\w)", re.IGNORECASE)
COMMENT_TITLE = re.compile(r"(?<!\w)(?:comments?|kommentare?|commentaires?|comentarios?)(?!\w)", re.IGNORECASE)
COMMENT_FEED = re.compile(r"/comments/(?:feed|default|rss|atom)|/feeds/comments(?:/|\Z)|feed=comments", re.IGNORECASE)
NEWS_WORD = re.compile(
    r"(?<![a-z])(?:google)?[-_]?(?:news|noticias|actualites?|nachrichten|notizie)(?![a-z])", re.IGNORECASE
)


# --- what somebody typed --------------------------------------------------------------------------------------------


def starts(stated: str) -> tuple[str, ...]:
    """The addresses that somebody may mean, to be tried in turn; () for none.

    "example.org" is https, else http, else www.example.org.
    """
    stated = unwrapped(stated.strip())
    if "://" in stated:
        tried: Iterable[str] = (stated,)
    else:
        bare = stated.removeprefix("//")
        tried = (f"https://{bare}", f"http://{bare}", *_with_www(bare)) if bare else ()
    return tuple(url for url in (absolute("", each) for each in tried) if url)


def _with_www(bare: str) -> tuple[str, ...]:
    """Some sites answer by this name alone."""
    host = host_of(f"https://{bare}")
    is_name = "." in host and not host.rpartition(".")[2].isdecimal()
    return (f"https://www.{bare}",) if is_name and registrable_domain(host) == host else ()


def unwrapped(href: str) -> str:
    """ "feed:https://…" and "feed://…", which old subscribe buttons have, as the address they mean."""
    if href[:5].lower() != "feed:":
        return href
    rest = href[5:]
    return f"http:{rest}" if rest.startswith("//") else rest


# --- a page ---------------------------------------------------------------------------------------------------------


def find_links(body: bytes, content_type: str | None, url: str) -> PageLinks:
    """What a page says of feeds; nothing where it is no page. For a worker: it parses what a stranger wrote."""
    from ingest.document import open_document

    try:
        tree = open_document(body, content_type, url).tree
    except ParseError:
        return PageLinks()
    if tree is None:
        return PageLinks()
    elements = list(islice(tree.iter("base", "link", "a"), MAX_LINKS_READ))
    bases = (absolute(url, e.get("href") or "") for e in elements if e.tag == "base")
    base = next((found for found in bases if found), url)
    return PageLinks(
        is_page=True,
        declared=_distinct(_declared(elements, base), url, MAX_DECLARED),
        linked=_distinct(_linked(elements, base, url), url, MAX_LINKED),
    )


def _declared(elements: Sequence[Any], base: str) -> Iterator[Candidate]:
    for element in elements:
        relations = frozenset((element.get("rel") or "").lower().split())
        found = _candidate(base, element.get("href"), Way.LINK_TAG, element.get("title"))
        stated = (element.get("type") or "").partition(";")[0].strip().lower()
        if found and (is_declared(relations, stated, found.url) if element.tag == "link" else stated in FEED_TYPES):
            yield found


def is_declared(relations: frozenset[str], media_type: str, url: str) -> bool:
    """Whether a link with these relations and this type names a feed."""
    if "stylesheet" in relations or any(word in url.lower() for word in NO_FEED):
        return False
    if media_type in FEED_TYPES:
        return not relations or bool(relations & RELATIONS)
    if media_type in VAGUE_TYPES:
        return "feed" in relations or ("alternate" in relations and looks_like_feed(url))
    return "feed" in relations or (not media_type and "alternate" in relations and looks_like_feed(url))


def _linked(elements: Sequence[Any], base: str, url: str) -> Iterator[Candidate]:
    """Links that look like a feed, those by their address first."""
    domain = registrable_domain(host_of(url))
    by_text = []
    for element in elements:
        found = _candidate(base, element.get("href"), Way.PAGE_LINK, None) if element.tag == "a" else None
        if found is None or any(word in found.url.lower() for word in NO_FEED):
            continue
        host = host_of(found.url)
        if registrable_domain(host) != domain and FEED_LABELS.isdisjoint(host.split(".")):
            continue  # a link to another's pages
        text = _text(element)
        if looks_like_feed(found.url):
            yield Candidate(found.url, found.way, text or None)
        elif len(text) <= MAX_TEXT and FEED_TEXT.search(text):
            by_text.append(Candidate(found.url, found.way, text))
    yield from by_text


def looks_like_feed(url: str) -> bool:
    """Whether an address is spelled like a feed's. An argument that tells how a reader came (?from=rss) is no sign."""
    parts = urlsplit(url)
    if not FEED_LABELS.isdisjoint((parts.hostname or "").split(".")):
        return True
    if any(FEED_WORD.search(segment) for segment in parts.path.split("/") if not _is_slug(segment)):
        return True
    pairs = (argument.partition("=") for argument in parts.query.split("&"))
    said = (value if value and name.lower() in FEED_ARGUMENTS else name for name, _, value in pairs)
    return any(FEED_WORD.match(word) for word in said)


def _is_slug(segment: str) -> bool:
    """Whether it is a headline: "what-the-rss-said-of-its-meeting"."""
    return segment.count("-") + segment.count("_") > MAX_HYPHENS


def _text(element: Any) -> str:
    """What a link says: its words, and those of an icon."""
    pieces = ["".join(islice(element.itertext(), 20)), element.get("title") or "", element.get("aria-label") or ""]
    pieces += [image.get("alt") or "" for image in islice(element.iter("img"), 3)]
    said = dict.fromkeys(" ".join(piece[: 4 * MAX_TITLE].split()) for piece in pieces)
    return " ".join(filter(None, said))[:MAX_TITLE]


def _candidate(base: str, href: str | None, way: Way, title: str | None) -> Candidate | None:
    found = absolute(base, unwrapped((href or "").strip())) if href else None
    if found is None:
        return None
    return Candidate(found.partition("#")[0], way, " ".join((title or "").split())[:MAX_TITLE] or None)


def _distinct(candidates: Iterable[Candidate], page: str, limit: int) -> tuple[Candidate, ...]:
    """Each address once, comments last (also by what they are called), without the page itself."""
    found: dict[str, Candidate] = {}
    for candidate in candidates:
        found.setdefault(candidate.url, candidate)
    found.pop(page.partition("#")[0], None)
    comments = {each.url: is_comments(each.url) or _names_comments(each.title or "") for each in found.values()}
    return tuple(sorted(found.values(), key=lambda each: comments[each.url])[:limit])


def _names_comments(title: str) -> bool:
    """ "Herald » Comments Feed", "Kommentar-Feed"."""
    return COMMENT_TITLE.search(title) is not None


def is_comments(url: str) -> bool:
    """Whether an address is spelled like that of a feed of readers' comments."""
    parts = urlsplit(url)
    return COMMENT_FEED.search(f"{parts.path}?{parts.query}".rstrip("?")) is not None


# --- the Link header ------------------------------------------------------------------------------------------------


def find_header_links(header: str | None, url: str) -> tuple[Candidate, ...]:
    """The feeds that a Link header names. One that speaks of another page than `url` (anchor) counts for nothing."""
    found = []
    for target, parameters in read_link_header(header or ""):
        candidate = _candidate(url, target, Way.LINK_HEADER, parameters.get("title"))
        about = absolute(url, parameters["anchor"]) if parameters.get("anchor") else url
        relations = frozenset(parameters.get("rel", "").lower().split())
        stated = parameters.get("type", "").partition(";")[0].strip().lower()
        if candidate and relations and about == url and is_declared(relations, stated, candidate.url):
            found.append(candidate)
    return _distinct(found, url, MAX_DECLARED)


# --- sitemaps -------------------------------------------------------------------------------------------------------


def find_sitemaps(robots: str, url: str) -> tuple[Candidate, ...]:
    """The sitemaps that a robots.txt names, those of news first."""
    stated: list[Candidate | None] = []
    for line in islice(robots.splitlines(), 20_000):
        name, _, said = line.partition(":")
        if name.strip().lower() in ("sitemap", "site-map") and len(stated) < MAX_SITEMAP_LINES:
            stated.append(_candidate(url, said.partition(" #")[0].strip(), Way.ROBOTS, None))
    found = dict.fromkeys(filter(None, stated))
    return tuple(sorted(found, key=lambda each: not is_news_sitemap(each.url)))


def is_news_sitemap(url: str) -> bool:
    """Whether an address is spelled like that of a sitemap of news."""
    return NEWS_WORD.search(urlsplit(url).path) is not None


def choose_children(children: Sequence[ListedSitemap], limit: int) -> tuple[Candidate, ...]:
    """Which sitemaps of an index may list news: those that say so, else the one that changed last."""
    fresh = sorted(
        children, key=lambda each: each.modified_at.timestamp() if each.modified_at else 0.0, reverse=True
    )  # the sort is stable
    named = [child for child in fresh if is_news_sitemap(child.url)] or fresh[:1]
    return tuple(Candidate(child.url, Way.SITEMAP_INDEX) for child in named[:limit])


# --- well-known places ----------------------------------------------------------------------------------------------


def well_known_feeds(url: str) -> tuple[Candidate, ...]:
    """Where the feed of a site usually is."""
    return _at(origin_of(url), [f"/{path}" for path in FEED_PATHS])


def folder_feeds(url: str) -> tuple[Candidate, ...]:
    """Where the feed of a section usually is: in the folder of its page. None for a front page."""
    folder = _folder(url)
    return _at(origin_of(url), [folder + path for path in FOLDER_PATHS]) if folder != "/" else ()


def well_known_sitemaps(url: str) -> tuple[Candidate, ...]:
    """Where sitemaps usually are, those of news first."""
    return _at(origin_of(url), [f"/{path}" for path in (*NEWS_SITEMAPS, *SITEMAPS)])


def _folder(url: str) -> str:
    """ "/world/" for "/world", "/world/" and "/world/index.html"; "/" for a front page."""
    path = urlsplit(url).path
    if is_home_page(url.partition("?")[0].partition("#")[0]):
        return "/"
    last = path.rpartition("/")[2]
    return path[: len(path) - len(last)] if "." in last else path.rstrip("/") + "/"


def _at(origin: str, paths: Iterable[str]) -> tuple[Candidate, ...]:
    found = (absolute(origin + "/", path) for path in dict.fromkeys(paths))
    return tuple(Candidate(url, Way.WELL_KNOWN) for url in found if url)


def is_same_page(one: str, other: str) -> bool:
    """Whether two addresses are spellings of one."""
    return identity(one) == identity(other)
