"""JSON-LD as publishers write it: lists, @graph, references, comments, several values in a script, broken JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from ingest.mend import mended

MAX_SCRIPT_CHARS = 1_000_000
MAX_NODES = 3_000
MAX_DEPTH = 12

ARTICLE_TYPES = frozenset((
    "Article", "NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "BackgroundNewsArticle",
    "AskPublicNewsArticle", "OpinionNewsArticle", "ReviewNewsArticle", "LiveBlogPosting", "BlogPosting",
    "SocialMediaPosting", "TechArticle", "ScholarlyArticle", "AdvertiserContentArticle", "SatiricalArticle", "Report",
    "Review", "MedicalScholarlyArticle",
))  # fmt: skip
MEDIA_TYPES = frozenset(("VideoObject", "ImageGallery", "MediaGallery", "AudioObject", "PodcastEpisode"))

WRAPPING = re.compile(  # each line and each run of ends is looked at once: linear on any input
    r"^[ \t]*+(?:<!--|/\*.{0,20}?\*/|//[ \t]*+<!\[CDATA\[|<!\[CDATA\[|//.{0,80}$)+"
    r"|(?<!;)(?<!-->)(?<!\]\]>)(?:-->|//[ \t]*+\]\]>|\]\]>|;)++[ \t]*+$",
    re.M,
)
TRAILING_COMMA = re.compile(r",(?=\s{0,200}[}\]])")
STRAY_FIELD = re.compile(
    r'"(headline|datePublished|dateModified|@type|articleSection|isAccessibleForFree)"\s{0,20}:\s{0,20}"((?:[^"\\]|\\.){1,500})"'
)
TAGS = re.compile(r"<[a-zA-Z/][^<>]{0,500}>")

Node = dict[str, Any]


def load(scripts: Iterable[Any]) -> list[Node]:
    """Every object of the JSON-LD among the page's <script> elements, outermost first. Never raises."""
    nodes: list[Node] = []
    for count, script in enumerate(scripts):
        kind = (script.get("type") or "").lower()
        if ("ld+json" in kind or "json+ld" in kind) and script.text and len(script.text) <= MAX_SCRIPT_CHARS:
            for value in documents(script.text):
                nodes.extend(flatten(value, MAX_NODES - len(nodes)))
        if count > 2_000 or len(nodes) >= MAX_NODES:
            break
    return nodes


def documents(text: str) -> list[Any]:
    """The JSON values in a script; what cannot be mended gives the few fields that can be picked out."""
    for attempt in (str.strip, unwrapped):
        try:
            return list(decoded(attempt(text)))
        except (ValueError, RecursionError):
            continue
    try:
        value = mended(unwrapped(unescape(text) if '"' not in text and "&quot;" in text else text))
    except (ValueError, RecursionError):
        value = None
    if says_anything(value):
        return [value]
    stray = dict(reversed(STRAY_FIELD.findall(text)))
    return [stray] if "headline" in stray or "datePublished" in stray else []


def unwrapped(text: str) -> str:
    """Without comment wrappers and commas before a closing bracket: the commonest faults."""
    return TRAILING_COMMA.sub("", WRAPPING.sub("", text)).strip()


def says_anything(value: Any) -> bool:
    """Whether mending has brought forth an object with a type or fields we know of."""
    items = value if isinstance(value, list) else [value]
    return any(
        isinstance(item, dict) and {"@type", "@graph", "headline", "datePublished"} & item.keys() for item in items
    )


def decoded(text: str) -> Iterator[Any]:
    """One or several JSON values written one after the other. ValueError where the first is broken."""
    decoder = json.JSONDecoder(strict=False)  # raw line ends inside strings are common
    position = 0
    while position < len(text):
        value, end = decoder.raw_decode(text, position)
        yield value
        position = end
        while position < len(text) and text[position] in " \t\r\n,;":
            position += 1


def flatten(value: Any, limit: int) -> list[Node]:
    """Objects inside lists, `@graph` and `mainEntity`, breadth first, at most `limit`."""
    found: list[Node] = []
    queue: list[tuple[Any, int]] = [(value, 0)]
    for item, depth in queue:  # grows while it is read
        if len(found) >= limit or len(queue) > 4 * MAX_NODES:
            break
        if depth > MAX_DEPTH:
            continue
        if isinstance(item, list):
            queue.extend((part, depth + 1) for part in item[:500])
        elif isinstance(item, dict):
            found.append(item)
            for key in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart", "itemReviewed"):
                if isinstance(item.get(key), dict | list):
                    queue.append((item[key], depth + 1))
    return found


def types_of(node: Node) -> set[str]:
    """The `@type`s without their namespace."""
    stated = node.get("@type")
    values = stated if isinstance(stated, list) else [stated]
    return {value.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for value in values if isinstance(value, str)}


def main_node(nodes: list[Node], url: str = "") -> Node:
    """The object that describes the article of the page; an empty one where none does.

    Pages describe their teasers too: of several articles the one with the page's own address is meant.
    """
    articles = [
        node for node in nodes if (types_of(node) & ARTICLE_TYPES and "headline" in node) or "datePublished" in node
    ]
    articles = [node for node in articles if not types_of(node) & MEDIA_TYPES] or articles
    if articles:
        here = path_of(url)
        return max(
            articles,
            key=lambda node: (
                "headline" in node,
                bool(types_of(node) & ARTICLE_TYPES),
                len(articles) > 1 and len(here) > 1 and here in addresses_of(node),
                "author" in node,
            ),
        )
    return next((node for node in nodes if types_of(node) & (ARTICLE_TYPES | MEDIA_TYPES)), {})


def path_of(url: str) -> str:
    """What tells the pages of one site apart: no scheme, host, query or last slash."""
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:
        return ""


def addresses_of(node: Node) -> set[str]:
    """The paths that an object says it is at."""
    page = node.get("mainEntityOfPage")
    stated = (node.get("url"), node.get("@id"), page.get("@id") if isinstance(page, dict) else page)
    return {path_of(text) for text in stated if isinstance(text, str)}


def references(nodes: list[Node]) -> dict[str, Node]:
    """`@id` -> the object that says most under it."""
    found: dict[str, Node] = {}
    for node in nodes:
        name = node.get("@id")
        if isinstance(name, str) and len(node) > len(found.get(name, {})):
            found[name] = node
    return found


def plain(value: Any, limit: int = 2_000) -> str | None:
    """A string without markup, entities and surplus space; the first of a list; None for anything else."""
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, str) and item.strip()), None)
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name")
    if not isinstance(value, str):
        return None
    text = value[: 4 * limit]
    if "&" in text:
        text = unescape(unescape(text))
    if "<" in text:
        text = TAGS.sub(" ", text)
    return " ".join(text.split())[:limit].rstrip() or None


def names(value: Any, known: dict[str, Node], depth: int = 0) -> list[str]:
    """Names of people or organisations, however they are nested."""
    if isinstance(value, str):
        return [text] if (text := plain(value, 300)) else []
    if isinstance(value, list):
        return [name for item in value[:50] for name in names(item, known, depth + 1)] if depth < 4 else []
    if not isinstance(value, dict) or depth > 4:
        return []
    if "name" not in value and isinstance(value.get("@id"), str):
        value = known.get(value["@id"], value)
    return names(value.get("name"), known, depth + 1)


def body_text(value: Any) -> str | None:
    """articleBody as paragraphs separated by a blank line; None where there is none or it is cut short."""
    if not isinstance(value, str) or len(value) < 200:
        return None
    lines = re.split(r"\n|</p>|<br\s*+/?>", unescape(value[:1_000_000]))
    return "\n\n".join(text for line in lines if (text := " ".join(TAGS.sub(" ", line).split()))) or None
