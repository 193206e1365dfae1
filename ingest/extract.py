"""The text that the journalist wrote and the links beside it: trafilatura on our tree, and what it leaves taken out."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml import etree
from trafilatura import bare_extraction
from trafilatura.settings import Extractor

from ingest import urls
from ingest.document import comparable, visible
from ingest.model import RelatedLink
from ingest.phrases import DROPPED_HEADING, HEADING_STARTS, NOISE_LINE, POINTER_LINE, RELATED_HEADING

MAX_RELATED = 50
MARK_CHARS = 300  # of class, id and component
MIN_CHARS = 250  # less is what trafilatura itself calls too little
MAX_TITLE_CHARS = 300  # of a link
MAX_BOX_CHARS = 500  # more outside links is somebody's text
MAX_ASIDE_CHARS = 150  # a list of headlines has times, labels, numbers beside its links
DUMP_LINES = 20  # a page of which so little could be made is better read elsewhere
LINE_BREAK = "\ue001"  # of no script, and no white space to str.split
# What trafilatura would throw away too, but after copying it three times.
INERT = (
    "script", "style", "noscript", "svg", "iframe", "template", "figcaption", "object", "embed", "canvas", "nav",
    "footer", "button", "select", "input", "textarea", "video", "audio", "picture", "source", "map", "dialog", "menu",
    "link",
)  # fmt: skip

# Not "python": for that, trafilatura also writes its result as text, which nobody here reads.
OPTIONS = Extractor(output_format="txt", fast=True, comments=False)

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it reports strangers' mistakes as errors

# For lower-case marks: with re.I, or a look behind in front, every alternative is tried at every place.
BOX = re.compile(
    r"newsletter|e-?mail-?sign-?up|sign-?up-(?:form|box|wrapper)|subscribe-(?:box|form|widget)|most-?(?:viewed|"
    r"popular|read)|"
    r"skip-?(?:link|to)|cookie-?(?:banner|notice|consent)|ad-?slot|advert(?<![^\s_-]advert)(?:isement)?(?=$|[\s_-])"
)
RELATED_BOX = re.compile(
    r"more-on-this-story|related-?(?:stories|articles|content|links|posts|news)|onward-?(?:journey|upper)|"
    r"read-?(?:more|also|next)-?box"
)
BLANK_LINE = re.compile(r"\n\s*\n")
NO_HEADINGS = frozenset(("section", "aside", "ul", "form"))
LENGTH = etree.XPath("string-length(normalize-space(.))")
HEADLINE_LINKS = etree.XPath("count(//a[string-length(normalize-space(.)) >= 25])")
BLOCKS = {"p", "head", "list", "item", "quote", "table", "row", "code", "body", "div"}


@dataclass(frozen=True, slots=True)
class Body:
    """`paragraphs`: plain text, in order. `links`: anchors with a headline's length seen on the page.

    `is_dump`: no article was found in the markup; the paragraphs are whatever the page says.
    """

    paragraphs: tuple[str, ...]
    related: tuple[RelatedLink, ...] = ()
    links: int = 0
    is_dump: bool = False


def read_body(tree: Any, url: str, title: str | None, standfirst: str | None) -> Body:
    """The article in a tree, which is used up. Errors of libraries pass through."""
    links = int(HEADLINE_LINKS(tree))
    etree.strip_elements(tree, *INERT, with_tail=False)
    related = take_boxes(tree, url)
    etree.strip_elements(tree, "aside", "img", with_tail=False)
    found: Any = bare_extraction(tree, options=OPTIONS)
    lines = dumped_lines(found.body) if found is not None else []
    texts = lines or blocks(found.body) if found is not None else []
    paragraphs = clean(texts, title, standfirst)
    titles = {comparable(link.title) for link in related}
    kept = (text for text in paragraphs if len(text) > MAX_TITLE_CHARS or comparable(text) not in titles)
    return Body(tuple(kept), tuple(related), links, is_dump=found is None or len(lines) > DUMP_LINES)


# --- boxes beside the text --------------------------------------------------------------------------------------------


def take_boxes(tree: Any, url: str) -> list[RelatedLink]:
    """Remove lists of other articles, sign-up boxes and the like; the related links that were in them."""
    related: dict[str, RelatedLink] = {}
    doomed: dict[Any, None] = {}
    counted: dict[Any, int] = {}
    for element in tree.iter(
        "h2", "h3", "h4", "h5", "h6", "section", "div", "aside", "p", "ul", "form", "span", "strong"
    ):
        mark = f"{element.get('class', '')} {element.get('id', '')} {element.get('data-component', '')}"
        box, wanted = None, False
        if (kind := kind_of_box(mark[:MARK_CHARS].lower())) is not None:
            box, wanted = element, kind == "related"
        elif (text := heading(element)) is not None:
            wanted = RELATED_HEADING.fullmatch(text) is not None
            box = container(element, counted) if wanted or DROPPED_HEADING.fullmatch(text) else None
        if box is None or box in doomed or is_text(box):
            continue
        doomed[box] = None
        for link in links_in(box, url) if wanted else ():
            related.setdefault(comparable(link.title), link)
    for box in doomed:
        remove(box)
    return list(related.values())[:MAX_RELATED]


@lru_cache(maxsize=4096)  # the same classes come again and again
def kind_of_box(mark: str) -> str | None:
    """ "related" or "other" by class, id and component; None where they say nothing."""
    return "related" if RELATED_BOX.search(mark) else "other" if BOX.search(mark) else None


def heading(element: Any) -> str | None:
    """The text of an element that may head a box: short, and not part of a sentence."""
    beginning = (element.text or "").strip() or ((element[0].text or "").strip() if len(element) else "")
    if beginning[:2].casefold() not in HEADING_STARTS or len(element) > 3 or element.tag in NO_HEADINGS:
        return None
    text = visible(element, 120)
    if not 3 < len(text) < 80 or (element.tag in ("span", "strong") and (element.tail or "").strip()):
        return None
    return text


def container(element: Any, counted: dict[Any, int]) -> Any:
    """The box under a heading: the widest ancestor that holds little but links, else what follows.

    `counted`: what ancestors hold outside their links, as far as it is known: other headings have the same ones.
    """
    box, limit = element, outside_links(element) + MAX_ASIDE_CHARS
    for parent in element.iterancestors():
        if parent.tag in ("body", "html", "article", "main", "p", "td"):
            break
        if parent not in counted:
            counted[parent] = outside_links(parent)
        if counted[parent] > limit:
            break
        box = parent
    if (
        box.find(".//a") is None
        and (after := box.getnext()) is not None
        and after.tag in ("ul", "ol", "div")
        and not is_text(after)
    ):
        wrapped = [box, after]
        holder = etree.Element("div")
        box.addprevious(holder)
        holder.extend(wrapped)
        return holder
    return box


def is_text(element: Any) -> bool:
    """Whether running text is in it: too much outside links for a list of headlines."""
    return outside_links(element, MAX_BOX_CHARS) > MAX_BOX_CHARS


def outside_links(element: Any, limit: int = 0) -> int:
    """Characters that no link holds, white space counted once. Not counted to the end where it is below `limit`."""
    count = LENGTH(element)
    for anchor in element.iter("a"):
        if count <= limit:
            break
        count -= LENGTH(anchor)
    return int(count)


def links_in(box: Any, url: str) -> Iterator[RelatedLink]:
    for anchor in box.iter("a"):
        title = visible(anchor, MAX_TITLE_CHARS)
        if len(title) >= 15 and title.count(" ") >= 2 and (address := urls.absolute(url, anchor.get("href", ""))):
            yield RelatedLink(title, address)


def remove(element: Any) -> None:
    """Take an element out; the text behind it stays."""
    parent = element.getparent()
    if parent is None or element.tag in ("body", "html"):
        return
    if element.tail and element.tail.strip():
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


# --- trafilatura's body to paragraphs ---------------------------------------------------------------------------------


def dumped_lines(body: Any) -> list[str]:
    """The lines of trafilatura's last resort: all text in one paragraph. Empty where it found an article."""
    if len(body) != 1 or body[0].tag != "p" or len(body[0]):
        return []
    lines = (body[0].text or "").split("\n")
    return lines if len(lines) > 1 else []


def blocks(element: Any, depth: int = 0) -> Iterator[str]:
    """One text for each paragraph, heading, list item and table row."""
    for child in element:
        if child.tag == "table":
            yield from (
                " | ".join(filter(None, (inline(cell) for cell in row.iter("cell")))) for row in child.iter("row")
            )
        elif depth < 8 and any(grandchild.tag in BLOCKS for grandchild in child):
            if child.text and child.text.strip():
                yield child.text
            yield from blocks(child, depth + 1)
        else:
            yield inline(child)
        if child.tail and child.tail.strip():
            yield child.tail


def inline(element: Any) -> str:
    """Text in one line; line breaks only where the page has them."""
    if not len(element):
        return " ".join((element.text or "").split())
    for line_break in element.iter("lb"):
        line_break.text = LINE_BREAK
    return " ".join("".join(element.itertext()).split()).replace(LINE_BREAK, "\n")


def clean(texts: Iterable[str], title: str | None, standfirst: str | None) -> list[str]:
    """Paragraphs in one line each, without the headline and standfirst on top and what is not the article's."""
    paragraphs = [text for block in texts for part in BLANK_LINE.split(block) if (text := one_line(part))]
    known = {comparable(title), comparable(standfirst)} - {""}
    start = 0
    while start < min(4, len(paragraphs)) and comparable(paragraphs[start]) in known:
        start += 1
    kept = [text for text in paragraphs[start:] if not NOISE_LINE.fullmatch(text) and not POINTER_LINE.fullmatch(text)]
    while kept and (RELATED_HEADING.fullmatch(kept[-1]) or DROPPED_HEADING.fullmatch(kept[-1])):
        kept.pop()
    return kept


def one_line(text: str) -> str:
    """Spaces made one; single line breaks stay."""
    return "\n".join(line for part in text.split("\n") if (line := " ".join(part.split())))
