"""What stands beside the text: lists of other articles, sign-up boxes and the like, found by class and by heading."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from ingest import urls
from ingest.blocks import LENGTH, Block, Place
from ingest.document import comparable, visible
from ingest.model import RelatedLink
from ingest.phrases import OTHER_BOXES, RELATED

MAX_RELATED = 50
MAX_TITLE_CHARS = 300  # of a link
MAX_BOX_CHARS = 500  # more outside links is somebody's text
MAX_ASIDE_CHARS = 150  # a list of headlines has times, labels, numbers beside its links
MAX_HEADING_CHARS = 80

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
# Likewise.
RELATED_LINE, OTHER_LINE = re.compile(RELATED), re.compile(OTHER_BOXES)
AROUND = " \t\n.:;,!?…-–—•·*|/»«›‹<>\"'“”„()[]→▶►：｜"  # not \W: the vowel signs of Hindi are no letters to re
OUTERMOST = frozenset(("body", "html", "article", "main", "p", "td", ""))


@dataclass(frozen=True, slots=True)
class Beside:
    """What `take_boxes` found: the related links, and the blocks that are left.

    `boxes`: what was taken out, by the id of the element: "related" or "other".
    """

    related: tuple[RelatedLink, ...]
    blocks: list[Block]
    boxes: dict[int, str]


def take_boxes(blocks: Sequence[Block], url: str) -> Beside:
    """Take the boxes beside the text out of the tree that the blocks came from."""
    doomed = {id(element): (element, kind == "related") for element, kind in _marked(blocks)}
    counted: dict[Place, int] = {}
    for block in blocks:
        kind = kind_of_heading(block.text) if 2 < len(block.text) < MAX_HEADING_CHARS else None
        if kind is not None and not _is_in(block.place, doomed, {}):
            doomed |= {id(element): (element, kind == "related") for element in _under(block, counted)}
    related: dict[str, RelatedLink] = {}
    for element, wanted in doomed.values():
        for link in links_in(element, url) if wanted else ():
            related.setdefault(comparable(link.title), link)
    known: dict[Place, bool] = {}
    left = [block for block in blocks if not _is_in(block.place, doomed, known)] if doomed else list(blocks)
    for element, _ in doomed.values():
        remove(element)
    boxes = {key: "related" if wanted else "other" for key, (_, wanted) in doomed.items()}
    return Beside(tuple(related.values())[:MAX_RELATED], left, boxes)


def _is_in(place: Place, doomed: Container[int], known: dict[Place, bool]) -> bool:
    """Whether a place is in one of the elements. `known`: of other places."""
    path = []
    found = False
    for around in place.chain():
        if around in known:
            found = known[around]
            break
        path.append(around)
        if id(around.element) in doomed:
            found = True
            break
    known |= dict.fromkeys(path, found)
    return found


def _marked(blocks: Sequence[Block]) -> Iterator[tuple[Any, str]]:
    """The elements that a class calls a box, with its kind, if no running text is in them."""
    known: set[int] = set()
    for block in blocks:
        for place in block.place.chain():
            if id(place) in known:
                break
            known.add(id(place))
            if place.mark and (kind := kind_of_box(place.mark)) is not None and not is_text(place.element):
                yield place.element, kind


@lru_cache(maxsize=8192)  # the same classes come again and again
def kind_of_box(mark: str) -> str | None:
    """ "related" or "other" by class, id and component; None where they say nothing."""
    return "related" if RELATED_BOX.search(mark) else "other" if BOX.search(mark) else None


@lru_cache(maxsize=8192)
def kind_of_heading(text: str) -> str | None:
    """ "related" or "other" by the words of a line; None where it heads no box."""
    words = text.strip(AROUND).casefold()
    return "related" if RELATED_LINE.fullmatch(words) else "other" if OTHER_LINE.fullmatch(words) else None


def _under(block: Block, counted: dict[Place, int]) -> list[Any]:
    """The box under a heading: the widest ancestor that holds little but links, else heading and what follows.

    Nothing where that is running text. `counted`: what places hold outside their links, as far as it is known: other
    headings stand in the same ones.
    """
    box, limit = block.place.element, outside_links(block.place.element) + MAX_ASIDE_CHARS
    for above in islice(block.place.chain(), 1, None):
        if above.tag in OUTERMOST:
            break
        if above not in counted:
            counted[above] = outside_links(above.element)
        if counted[above] > limit:
            break
        box = above.element
    if is_text(box):
        return []
    after = box.getnext()
    if box.find(".//a") is None and after is not None and after.tag in ("ul", "ol", "div") and not is_text(after):
        return [box, after]
    return [box]


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
    """The links in a box that read like headlines; without addresses where that of the page is not known."""
    for anchor in box.iter("a"):
        title = visible(anchor, MAX_TITLE_CHARS)
        if len(title) >= 15 and title.count(" ") >= 2:
            address = urls.absolute(url, anchor.get("href", ""))
            if address or not url.startswith("http"):
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
