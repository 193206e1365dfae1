"""The small labels of a page: its site, its summary, its section and tags, its declared language and address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from ingest import jsonld
from ingest.claims import Claims
from ingest.jsonld import plain
from ingest.meta_tags import source_of

MAX_TAGS = 50

META_SECTION = ("article:section", "parsely-section", "section", "sailthru.section", "cxenseparse:section", "channel",
                "dc.subject.section", "articlesection", "content_category")  # fmt: skip
META_TAGS = ("article:tag", "news_keywords", "parsely-tags", "sailthru.tags", "keywords", "dc.subject", "tags")
NOT_A_SECTION = frozenset(("post", "posts", "article", "articles", "home", "homepage", "page", "news article", "none",
                           "startseite", "uncategorized", "allgemein", "default", "accueil", "inicio", "portada",
                           "null"))  # fmt: skip
LANGUAGE = re.compile(r"\s*([a-zA-Z]{2,3})(?=$|[-_\s,;])")
NOT_A_SITE = re.compile(r"^(?:@|https?:|www\.)|copyright|©|^(?:null|none|undefined|home|news|u\.s\.)$", re.I)


def canonical_of(claims: Claims) -> str | None:
    links = (link for link in claims.elements["link"] if (link.get("rel") or "").lower().strip() == "canonical")
    return next((link.get("href") for link in links if link.get("href")), None)


def site_names(claims: Claims) -> Iterator[tuple[str, str | None]]:
    """Names; an address or a claim of copyright is none."""
    for source, name in stated_site_names(claims):
        if name and not NOT_A_SITE.search(name):
            yield source, name


def stated_site_names(claims: Claims) -> Iterator[tuple[str, str | None]]:
    yield "og", claims.first("og:site_name")
    publisher = next((node.get("publisher") for node in (claims.main, *claims.nodes) if node.get("publisher")), None)
    yield "json-ld", next(iter(jsonld.names(publisher, claims.known)), None)
    for kind in ("NewsMediaOrganization", "WebSite"):
        yield "json-ld", next((plain(n.get("name")) for n in claims.nodes if kind in jsonld.types_of(n)), None)
    for name in ("application-name", "apple-mobile-web-app-title", "cre", "copyright", "publisher", "dc.publisher"):
        yield "meta", claims.first(name)


def descriptions(claims: Claims) -> Iterator[tuple[str, str | None]]:
    yield "json-ld", plain(claims.main.get("description"))
    for name in ("og:description", "description", "twitter:description", "dc.description"):
        yield source_of(name), claims.first(name)


def language_tag(text: str | None) -> str | None:
    """The primary tag, lower case: "en" from "en-GB"; None for what is none."""
    match = LANGUAGE.match(text or "")
    return match[1].lower() if match and match[1].lower() not in {"und", "mul", "zxx", "xx"} else None


def languages(claims: Claims) -> Iterator[tuple[str, str | None]]:
    """The language as declared: by <html>, JSON-LD, OpenGraph, meta."""
    tree = claims.tree
    yield (
        "html",
        language_tag(
            tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or tree.get("xml:lang")
        ),
    )
    yield "json-ld", language_tag(plain(claims.main.get("inLanguage")))
    yield "og", language_tag(claims.first("og:locale"))
    yield "meta", language_tag(claims.first("language", "dc.language", "content-language", "dcterms.language"))


def sections(claims: Claims) -> Iterator[tuple[str, str | None]]:
    """The narrowest section that is stated; the title of the page itself is none. Last the breadcrumb trail."""
    headline = plain(claims.main.get("headline"), 500)
    for source, name in stated_sections(claims):
        if name and name.casefold() not in NOT_A_SECTION and name != headline and "://" not in name:
            yield source, name


def stated_sections(claims: Claims) -> Iterator[tuple[str, str | None]]:
    yield "og", claims.first("article:section")
    yield "json-ld", plain(claims.main.get("articleSection"), 100)
    for name in META_SECTION:
        yield "meta", claims.first(name)
    yield from (("json-ld", name) for name in trail(claims))


def trail(claims: Claims) -> list[str]:
    """The steps of a JSON-LD BreadcrumbList between the front page and the page itself, the narrowest first."""
    crumbs = next((node for node in claims.nodes if "BreadcrumbList" in jsonld.types_of(node)), {})
    items = crumbs.get("itemListElement")
    here = jsonld.path_of(claims.url)
    between = []
    for step in items[:10] if isinstance(items, list) else []:
        target = step.get("item") if isinstance(step, dict) else None
        address = target.get("@id") or target.get("url") if isinstance(target, dict) else target
        name = plain(step.get("name") or target, 100) if isinstance(step, dict) else None
        if name and isinstance(address, str) and jsonld.path_of(address) not in ("", here):
            between.append(name)
    return between[::-1]


def tags(claims: Claims) -> Iterator[tuple[str, list[str]]]:
    stated = claims.main.get("keywords")
    yield "og", split_tags(claims.meta.get("article:tag", []))
    yield "json-ld", split_tags(stated if isinstance(stated, list) else [stated])
    for name in META_TAGS:
        yield "meta", split_tags(claims.meta.get(name, []))


def split_tags(values: Iterable[Any]) -> list[str]:
    parts = (part for value in values for part in re.split(r"[,;、]", plain(value) or ""))
    clean = (" ".join(part.split()) for part in parts)
    return list({tag.casefold(): tag for tag in clean if tag and len(tag) <= 80 and "://" not in tag}.values())[
        :MAX_TAGS
    ]
