"""The summary line under the headline: found where it is printed, so that it can be taken out of the text."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import Any

from ingest.document import comparable, visible

LEAD_CLASS = re.compile(
    r"(?<![^\s_-])(?:(?P<sure>stand-?first|dec?k|sub-?title|sub-?head(?:line|ing|er)?|sub-?line|under-?title|leadin|vorspann|"
    r"strapline|chapo|chapeau|entradilla|bajada|sommario|sottotitolo|occhiello|excerpt|ingress)(?=$|[\s_-])|"
    r"(?:lead(?:[_-]{0,2}text)?|lede|intro(?:duction|[_-]{0,2}text)?|einleitung|anrei(?:ss|ß)er|teaser(?:[_-]{1,2}text)?|summary|"
    r"preface|abstract|preamble)(?:_\w+)?(?=$|\s))"
)
NOT_LEAD_CLASS = re.compile(r"caption|popup|modal|cookie|related|player|comment", re.I)
LEAD_TAGS = ("p", "h2", "h3", "h4", "div", "span", "strong", "section")
LEAD_REACH = 150  # elements after the headline


def find_standfirst(tree: Any, title: str | None, description: str | None) -> Any | None:
    """The element that holds it: near the headline and marked as such, or equal to the page's description.

    A description that merely repeats the first paragraph among equals is no standfirst.
    """
    wanted, headline = comparable(description), comparable(title)
    since: int | None = None  # the headline's place; None also once the text has begun
    for count, element in enumerate(tree.iter("h1", *LEAD_TAGS)):
        if element.tag == "h1":
            since = count if since is None or comparable(visible(element)) == headline else since
            continue
        near = since is not None and count - since <= LEAD_REACH
        marked = lead_mark(element.get("class") or element.get("itemprop") or "") if near else None
        if marked or (wanted and starts_alike(element, wanted)):
            if stands_first(element, marked, wanted, headline):
                return element
        elif near and element.tag == "p" and len(visible(element, 200)) > 150:
            since = None
    return None


@lru_cache(maxsize=4096)  # the same classes come again and again
def lead_mark(mark: str) -> str | None:
    """What a class says of an element: "sure" that it is the standfirst, or "vague"; None where it says nothing."""
    found = LEAD_CLASS.search(mark.lower())
    return None if found is None else "sure" if found["sure"] else "vague"


def stands_first(element: Any, marked: str | None, wanted: str, title: str) -> bool:
    """Whether a candidate is the standfirst: by its words, its mark and its place."""
    text = visible(element, 1_500)
    key = comparable(text)
    if key == wanted:
        believed = marked is not None or not is_one_of_many(element)
    else:
        believed = marked is not None and is_lead(element, text) and (marked == "sure" or not heads_text(element))
    if not believed or key == title or len(key) <= 20:
        return False
    if next(element.iterancestors("nav", "aside", "footer", "li", "a", "figure", "figcaption"), None) is not None:
        return False
    marks = (ancestor.get("class") for _, ancestor in zip(range(3), (element, *element.iterancestors()), strict=False))
    return not any(NOT_LEAD_CLASS.search(mark) for mark in marks if mark)


def starts_alike(element: Any, wanted: str) -> bool:
    """A cheap test before the whole text is looked at."""
    text = first_text(element)
    start = text.lstrip()[:1]
    if start.isalnum() and not wanted.startswith(start.casefold()[:1]):
        return False
    key = comparable(text[:60])[:15]
    return bool(key) and wanted.startswith(key)


def first_text(element: Any) -> str:
    """The first piece of text in it that is not white space; "" where the first pieces all are."""
    first = element
    for _ in range(6):
        text: str = first.text or ""
        if text and not text.isspace():
            return text
        if not len(first):
            break
        first = first[0]  # four times as fast as itertext, and nearly always enough
    return next((text for text in islice(element.itertext(), 6) if not text.isspace()), "")


def is_lead(element: Any, text: str) -> bool:
    """Whether an element of that name is one paragraph of the right size, not a box of many things."""
    return 25 <= len(text) <= 900 and sum(1 for _ in element.iter("p", "li", "h2", "h3", "img", "time")) <= 2 + (
        element.tag != "div"
    )


def heads_text(element: Any) -> bool:
    """Whether paragraphs of text follow in the same box: then a vague mark says only that it is the first of them."""
    after = (sibling for _, sibling in zip(range(4), element.itersiblings("p"), strict=False))
    return element.tag == "p" and any(len(visible(paragraph)) > 100 for paragraph in after)


def is_one_of_many(element: Any) -> bool:
    """Whether the paragraphs that follow look the same: then it is the first paragraph of the text."""
    if element.tag == "p" and len(element) and not (element.text or "").strip() and element[0].tag in ("strong", "b"):
        return False  # all bold
    block = element if element.tag in ("p", "div") else element.getparent()
    after = block.getnext() if block is not None else None
    return (
        after is not None
        and after.tag == block.tag
        and after.get("class") == block.get("class")
        and len(visible(after)) > 60
    )
