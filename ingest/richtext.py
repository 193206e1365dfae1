"""Articles as editors and frameworks keep them in JSON: arrays with one block for each paragraph.

Arc, Draft.js, Editor.js, Portable Text, ProseMirror, Slate, rich text of head-less CMSs and React's own elements differ
in names, not in kind: an array of blocks; a block has a type, and its text under one of a few keys, whole or as an
array of pieces. An array is an article if its blocks are prose; what has a title and an address is another article.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ingest.document import comparable

MAX_NODES = 400_000
MAX_DEPTH = 60
MIN_BLOCK = 40  # characters: what a paragraph has
# Where a block keeps its text, the whole first: some repeat it in pieces.
TEXT_KEYS = (
    "text", "content", "html", "value", "rendered", "children", "content_elements", "blocks", "nodes", "items", "spans",
    "leaves", "body", "paragraphs", "paragraph", "model", "data", "attributes", "attrs", "document", "props", "root",
)  # fmt: skip
TYPE_KEYS = ("type", "_type", "nodeType", "blockType", "__typename", "name", "kind", "component", "style", "tag")
TITLE_KEYS = ("headline", "title", "headlines", "heading")
ADDRESS_KEYS = frozenset(("url", "href", "link", "slug", "canonical_url", "website_url", "permalink", "uri", "path"))
# What no paragraph has, but a comment and a teaser do.
FOREIGN_KEYS = frozenset((
    "author", "user", "username", "likes", "replies", "publishedAt", "published_at", "datePublished", "created_at",
    "createdAt", "display_date", "teaser", "excerpt", "thumbnail",
))  # fmt: skip
SKIPPED_TYPE = re.compile(
    r"image|img|photo|picture|figure|video|audio|podcast|embed|gallery|slideshow|caption|credit|interstitial|related|"
    r"teaser|promo|newsletter|sign-?up|subscri|advert|\bad[s_-]?\b|raw_?html|social|tweet|divider|byline|author|"
    r"recommend|comment|poll|quiz|table|button|nav|menu|footer|aside|script|style$|meta|map|link_?list|readmore|cookie",
    re.I,
)
INLINE_TYPE = re.compile(
    r"(?:text|span|fragment|link|hyperlink|inline\w*|mention|strong|em|b|i|bold|italic|a|u|mark|leaf|code)$", re.I
)
SURE_INLINE_TYPE = re.compile(r"\b(?:span|fragment|link|hyperlink|inline|mark|leaf)\b", re.I)
REACT_BLOCK = frozenset(("p", "h2", "h3", "h4", "li", "blockquote"))
REACT_SKIPPED = frozenset(
    (
        "figure",
        "figcaption",
        "nav",
        "footer",
        "header",
        "aside",
        "button",
        "script",
        "style",
        "form",
        "svg",
        "h1",
        "time",
    )
)
TAGS = re.compile(r"<[^<>]{0,2000}>")
BLOCK_TAG = re.compile(r"<(?:p|h[2-4]|li|div|br|blockquote)\b", re.I)
SENTENCE_END = re.compile(r"[.!?。！？…।؟](?:[\"'”’»)\]」』<]|\s|$)")


@dataclass(slots=True)
class Arrays:
    """The arrays of blocks in a JSON value, found in one walk."""

    headline: str  # of the page, comparable
    found: list[tuple[bool, int, list[Any]]] = field(default_factory=list)  # belongs to the headline, size, array
    strings: list[tuple[bool, str]] = field(default_factory=list)  # long ones: markup, or JSON within JSON
    nodes: int = 0

    def visit(self, value: Any, belongs: bool = False, depth: int = 0) -> int:
        """How many characters of prose a value has as a block; what lies within is noted on the way."""
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            return 0
        if isinstance(value, str):
            return self.visit_string(value, belongs)
        if isinstance(value, dict):
            return self.visit_object(value, belongs, depth)
        if not isinstance(value, list) or not value:
            return 0
        sizes = [self.visit(element, belongs, depth + 1) for element in value if may_hold(element)]
        if sum(1 for size in sizes if size >= MIN_BLOCK) > 1:
            self.found.append((belongs, sum(sizes), value))
        return sum(sizes)

    def visit_string(self, text: str, belongs: bool) -> int:
        if len(text) < MIN_BLOCK or not SENTENCE_END.search(text):
            return 0
        if len(text) >= 10 * MIN_BLOCK:
            self.strings.append((belongs, text))
        return len(text)

    def visit_object(self, value: dict[str, Any], belongs: bool, depth: int) -> int:
        if stated := title_of(value):
            belongs = bool(self.headline) and stated == self.headline
        sizes = {key: self.visit(inner, belongs, depth + 1) for key, inner in value.items() if may_hold(inner)}
        size = max((sizes[key] for key in TEXT_KEYS if key in sizes), default=0)
        return 0 if size == 0 or is_other(value) else size


def may_hold(value: Any) -> bool:
    """Whether there can be prose in it: a cheap test, because most values are numbers and short strings."""
    return len(value) >= MIN_BLOCK if isinstance(value, str) else isinstance(value, (list, dict))


def title_of(value: dict[str, Any]) -> str:
    """What an object is called, comparable; "" where it has no title."""
    for key in TITLE_KEYS:
        stated = value.get(key)
        if isinstance(stated, dict):
            stated = next((inner for inner in stated.values() if isinstance(inner, str)), None)
        if isinstance(stated, str) and 10 <= len(stated) <= 400:
            return comparable(html.unescape(stated))
    return ""


def type_of(value: dict[str, Any]) -> str:
    return " ".join(stated for key in TYPE_KEYS if isinstance(stated := value.get(key), str) and len(stated) < 60)


def is_other(value: dict[str, Any]) -> bool:
    """Whether an object is no paragraph: a picture, an advertisement, a comment, another article."""
    if not FOREIGN_KEYS.isdisjoint(value) or SKIPPED_TYPE.search(type_of(value)):
        return True
    return any(isinstance(value.get(key), (str, dict)) for key in TITLE_KEYS) and not ADDRESS_KEYS.isdisjoint(value)


# --- blocks to text ---------------------------------------------------------------------------------------------------


def texts(value: Any, depth: int = 0) -> Iterator[str]:
    """The text of each block of an array, or of a block, in order; some of it markup."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from texts_of_object(value, depth)
    elif is_react(value):
        yield from texts_of_react(value, depth)
    elif isinstance(value, list):
        if is_inline(value):
            yield "".join(pieces(value))
        else:
            for element in value:
                yield from texts(element, depth + 1)


def texts_of_object(value: dict[str, Any], depth: int) -> Iterator[str]:
    if is_other(value):
        return
    for key in TEXT_KEYS:
        if isinstance(value.get(key), (str, list, dict)):
            found = list(texts(value[key], depth + 1))
            if any(text.strip() for text in found):
                yield from found
                return


def is_inline(elements: list[Any]) -> bool:
    """Whether an array holds the pieces of one paragraph: none is a block, and they are not each a paragraph."""
    if not any(isinstance(element, dict) for element in elements):
        return any(isinstance(element, str) and element[:1].isspace() for element in elements)
    if not all(isinstance(element, str) or is_piece(element) for element in elements):
        return False
    parts = list(pieces(elements))
    if len(parts) <= 1 or any(part[:1].isspace() or part[-1:].isspace() for part in parts):
        return True
    if all(SURE_INLINE_TYPE.search(type_of(element)) for element in elements if isinstance(element, dict)):
        return True
    whole = sum(1 for part in parts if len(part) >= MIN_BLOCK and SENTENCE_END.search(part[-3:]))
    return whole < 2 or whole * 2 < len(parts)


def is_piece(element: Any) -> bool:
    if not isinstance(element, dict):
        return False
    stated = next((element[key] for key in TYPE_KEYS if isinstance(element.get(key), str)), None)
    has_text = isinstance(element.get("text", element.get("value")), str)
    has_pieces = isinstance(element.get("children", element.get("content")), list)
    if stated is None:
        return has_text
    return INLINE_TYPE.match(stated) is not None and (has_text or has_pieces)


def pieces(value: Any, depth: int = 0) -> Iterator[str]:
    """The strings that make up one paragraph."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict) and depth < MAX_DEPTH:
        key = next((key for key in ("text", "value", "children", "content") if key in value), "")
        yield from pieces(value.get(key), depth + 1)
    elif is_react(value):
        props = value[3]
        yield from pieces(props.get("children") if isinstance(props, dict) else None, depth + 1)
    elif isinstance(value, list) and depth < MAX_DEPTH:
        for element in value:
            yield from pieces(element, depth + 1)


def is_react(value: Any) -> bool:
    """["$", tag, key, properties]: an element as React sends it."""
    return isinstance(value, list) and len(value) >= 4 and value[0] == "$" and isinstance(value[1], str)


def texts_of_react(value: list[Any], depth: int) -> Iterator[str]:
    tag, props = value[1], value[3]
    if (
        tag in REACT_SKIPPED
        or not isinstance(props, dict)
        or SKIPPED_TYPE.search(str(props.get("className", ""))[:200])
    ):
        return
    inner = props.get("children")
    if tag in REACT_BLOCK:
        yield "".join(pieces(inner))
    elif isinstance(markup := props.get("dangerouslySetInnerHTML"), dict):
        yield str(markup.get("__html", ""))
    elif isinstance(inner, list):
        yield from texts(inner, depth + 1)


def bare(text: str) -> str:
    """A text without tags, in one line."""
    return " ".join(html.unescape(TAGS.sub("", text) if "<" in text else text).split())
