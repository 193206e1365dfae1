"""What sort of page it is and whether all may read it: by type, by tag, by address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ingest import jsonld
from ingest.claims import Claims
from ingest.model import Kind

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
LIST_TYPES = frozenset(("CollectionPage", "SearchResultsPage", "ProfilePage"))  # not ItemList: articles have some too

META_TIER = ("article:content_tier", "content_tier", "cxenseparse:access", "k5a:paid", "paywall", "article:premium",
             "premium", "is_premium", "restricted", "has_paywall", "isaccessibleforfree", "lp.type")  # fmt: skip
TIERS = {
    **dict.fromkeys(("locked", "premium", "paid", "subscription", "subscriber", "subscribers", "plus", "hard"), True),
    **dict.fromkeys(("free", "open", "public", "unrestricted"), False),
}
YES_OR_NO = {**dict.fromkeys(("true", "yes", "1"), True), **dict.fromkeys(("false", "no", "0"), False)}
MIN_DECLARED, MIN_TEASER, CUT_SHARE = 200, 15, 0.35
DIGITS = re.compile(r"\d{2,6}")


def kind(claims: Claims) -> Kind:
    """What sort of article it calls itself, by type or by address."""
    return next((found for _, found in sorts(claims)), Kind.ARTICLE)


def sorts(claims: Claims) -> Iterator[tuple[str, Kind]]:
    """The special sorts that it calls itself, with who says so."""
    types = jsonld.types_of(claims.main)
    yield from (("json-ld", KIND_OF_TYPE[name]) for name in sorted(types) if name in KIND_OF_TYPE)
    if any("LiveBlogPosting" in jsonld.types_of(node) for node in claims.nodes):
        yield "json-ld", Kind.LIVE
    path = claims.url.split("?", 1)[0].split("/")[3:-1]
    yield from (("url", KIND_OF_SEGMENT[part]) for part in map(str.lower, path) if part in KIND_OF_SEGMENT)
    if (claims.first("og:type") or "").startswith("video"):
        yield "og", Kind.VIDEO
    if "VideoObject" in types and not types & jsonld.ARTICLE_TYPES:
        yield "json-ld", Kind.VIDEO


def is_list(claims: Claims) -> bool:
    """Whether the page calls itself a list and not an article."""
    if jsonld.types_of(claims.main) & jsonld.ARTICLE_TYPES or claims.first("og:type") == "article":
        return False
    return any(jsonld.types_of(node) & LIST_TYPES for node in claims.nodes)


def paywalled(claims: Claims) -> bool | None:
    """schema.org isAccessibleForFree of the article or of a part of it, or the content tier; None: nothing says."""
    return next((said for _, said in said_of_access(claims)), None)


def said_of_access(claims: Claims) -> Iterator[tuple[str, bool]]:
    """Whether it is for those who pay, with who says so."""
    for node in claims.nodes:
        if "isAccessibleForFree" not in node and "hasPart" not in node:
            continue
        value = truth_of(node.get("isAccessibleForFree"))
        if value is not None and (jsonld.types_of(node) & jsonld.ARTICLE_TYPES or "headline" in node):
            yield "json-ld", not value
        if value is None and jsonld.types_of(node) & jsonld.ARTICLE_TYPES and has_locked_part(node):
            yield "json-ld", True
    if (said := tier(claims)) is not None:
        yield "meta", said


def has_locked_part(node: jsonld.Node) -> bool:
    """Whether `hasPart` names a part of the page (by a selector) that not all may read."""
    parts = node.get("hasPart")
    return any(
        isinstance(part, dict) and part.get("cssSelector") and truth_of(part.get("isAccessibleForFree")) is False
        for part in (parts if isinstance(parts, list) else [parts])
    )


def truth_of(value: Any) -> bool | None:
    """True and false in the spellings that occur: "True", "http://schema.org/False", 1."""
    return YES_OR_NO.get(str(value).strip().lower().rsplit("/", 1)[-1])


def tier(claims: Claims) -> bool | None:
    """What meta tags say of access."""
    for name in META_TIER:
        if name not in claims.meta:
            continue
        value = (claims.first(name) or "").strip().lower()
        said = TIERS.get(value, YES_OR_NO.get(value))
        if said is not None:
            return not said if name == "isaccessibleforfree" else said
    return None


def is_cut_short(words: int, declared: int | None) -> bool:
    """Whether a text is so much shorter than declared that the rest of it must be behind a wall.

    Half is not enough: some count the words of captions and boxes too. No text at all is a page that scripts fill.
    """
    return declared is not None and declared >= MIN_DECLARED and MIN_TEASER <= words < CUT_SHARE * declared


def declared_words(claims: Claims) -> int | None:
    """How many words the page says its text has (JSON-LD wordCount)."""
    value = claims.main.get("wordCount")
    found = DIGITS.fullmatch(str(value).strip()) if value is not None else None
    return int(found[0]) if found else None
