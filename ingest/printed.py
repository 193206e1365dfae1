"""Bylines as they are printed on the page, for pages that tell machines nothing or name only the house.

Only what belongs to the article counts: teasers of other articles carry bylines too. So names are taken from one place
alone, the first that is marked, or from near the headline, or from the first line of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ingest import byline
from ingest.agencies import is_agency

BYLINE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:by-?line|author|autor|auteur|autore|writer|reporter|journalist|redakteur|forfatter|"
    r"firma)(?:s|en|in|e)?"
    r"(?:[\s_-]{1,2}(?:name|link|list|info|item|text)s?)*(?=$|[\s_-])",
    re.I,
)
BYLINE_ITEM = re.compile(
    r"(?:^|[\s_-])(?:author|autor|auteur|writer|reporter)s?[\s_-]{0,2}(?:name|link|list-?item|item)(?=$|[\s_-])|"
    r"byline[\s_-]{0,2}(?:name|author)|AuthorName|authorName",
    re.I,
)
MARKED = re.compile(r"aut|by|writer|report|journalist|redakt|forfatter|firma", re.I)
NOT_THE_AUTHORS = re.compile(
    r"comment|quote|related|teaser|recommend|avatar|image|img|photo|caption|credit|popular|latest|card|promo|bio\b",
    re.I,
)
SPOKEN = re.compile(
    r"^(?:by|von|par|por|door|av|af|przez|autor(?:in|en|es)?|auteurs?|authors?|автор|oleh|penulis|yazar|作者|文|글|記者|记者)"
    r"(?:\s*[:：]\s*|\s+)(?=(?-i:[^\W\d_a-z]))",
    re.I,
)
SPOKEN_START = re.compile(r"(?:[BbVvPpDdAa]|[АаOoYy作文글記记])\w{0,7}\s*[:：]?(?:\s|$)")
CONTINUES = re.compile(r"(?:^\w{2,8}:?|[,:&/]|\b(?:and|und|et|y|e|og|och|en|by|von|par|por|di))$", re.I)
CONTINUED = re.compile(r"(?:[,&/]|(?:and|und|et|y|e|og|och|en)\b)", re.I)
# One to three names of two to four words, each word with a capital.
ONLY_NAMES = re.compile(
    r"^(?:by\s+)?(?:[A-ZÀ-ÝА-Я][\w’'.-]*(?:\s(?:[A-ZÀ-ÝА-Я][\w’'.-]*|van|von|de|der|den|da|dos|bin|al|el)){1,4})"
    r"(?:\s*(?:,|/|&|and)\s*[A-ZÀ-ÝА-Я][\w’'.-]*(?:\s[A-ZÀ-ÝА-Я][\w’'.-]*){1,4}){0,3}$"
)
BREAKING = frozenset(("a", "br", "li", "p", "div", "ul", "tr", "td", "h2", "h3", "h4", "section", "time"))
SILENT = frozenset(("script", "style", "svg", "noscript", "template", "button", "img"))
SHORT_TAGS = frozenset(("p", "span", "div", "li", "address", "strong", "em", "small"))
REACH = 140  # elements after the headline


def lines_of(element: Any, limit: int) -> str:
    """The text of an element, a line for each link and block in it: what is printed apart stays apart."""
    pieces: list[str] = []
    gather_lines(element, pieces, 0)
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)[:limit]


def gather_lines(element: Any, pieces: list[str], depth: int) -> None:
    if depth > 12 or len(pieces) > 200:
        return
    pieces.append(" ".join((element.text or "").split("\n")))
    for child in element:
        apart = child.tag in BREAKING
        if child.tag not in SILENT and isinstance(child.tag, str):
            pieces.append("\n" if apart else "")
            gather_lines(child, pieces, depth + 1)
            pieces.append("\n" if apart else "")
        pieces.append(" ".join((child.tail or "").split("\n")))


def marked_byline(tree: Any) -> list[str]:
    """Names in the first place that is marked as a byline by rel=author or class."""
    first_item: Any = None
    names: list[str] = []
    boxes: list[str] = []
    for element in tree.iter("a", "span", "div", "p", "address", "strong", "li", "em"):
        mark = element.get("class") or ""
        is_author = element.get("rel") == "author"
        if not is_author and (not mark or not may_mark(mark)):
            continue
        if is_author or BYLINE_ITEM.search(mark):
            if first_item is not None and not are_near(first_item, element):
                break
            if found := [name for name in byline.split_names(lines_of(element, 200)) if looks_named(name) or is_author]:
                first_item = element if first_item is None else first_item
                names += found
        elif not boxes and BYLINE_CLASS.search(mark) and 3 < len(text := lines_of(element, 300)) < 250:
            boxes += [name for name in byline.split_names(text) if looks_named(name)]
        if len(names) > 10:
            break
    return byline.unique(names or boxes)


def looks_named(name: str) -> bool:
    """Whether a piece of a marked byline may be a name: of two words, in letters that need no space, or an agency."""
    return " " in name or not name.isascii() or is_agency(name)


@lru_cache(maxsize=4096)  # the same classes come again and again
def may_mark(mark: str) -> bool:
    """Whether a class may be that of a byline."""
    return MARKED.search(mark) is not None and NOT_THE_AUTHORS.search(mark) is None


def are_near(one: Any, other: Any) -> bool:
    """Whether two elements stand in the same small box: within three levels."""
    above = [element for _, element in zip(range(3), one.iterancestors(), strict=False)]
    return any(element in above for _, element in zip(range(3), other.iterancestors(), strict=False))


def after(headline: Any, tags: frozenset[str]) -> Iterator[Any]:
    """The elements of those tags that follow a headline, the nearest first, REACH of them. Walks no further."""
    count = 0
    for above in (headline, *headline.iterancestors()):
        for sibling in above.itersiblings():
            for element in sibling.iter():
                if element.tag in tags:
                    count += 1
                    yield element
                    if count >= REACH:
                        return


def spoken_byline(headline: Any) -> list[str]:
    """Names in a short line near the headline that begins with "By" or its like."""
    for element in after(headline, SHORT_TAGS):
        if SPOKEN_START.match((element.text or "").lstrip()[:14]):
            text = lines_of(element, 300)
            names = byline.split_names(one_byline(text)) if len(text) < 250 else []
            if names and SPOKEN.match(text.replace("\n", " ")):
                return names[:5]
        if element.tag == "p" and len(element.text or "") > 200:
            break
    return []


def one_byline(text: str) -> str:
    """The first of the lines with those that continue it: behind "By", a comma or "and"."""
    lines = text.split("\n")
    taken = [lines.pop(0)]
    while lines and (CONTINUES.search(taken[-1]) or CONTINUED.match(lines[0])):
        taken.append(lines.pop(0))
    return " ".join(taken)


def first_line(headline: Any) -> list[str]:
    """Names that are all there is in the first line of the text: how papers without a field for it print the author."""
    for count, element in enumerate(after(headline, frozenset(("p",)))):
        text = lines_of(element, 200)
        if len(text) > 120 or count > 12:
            break
        if 5 <= len(text) <= 80 and ONLY_NAMES.match(text):
            bold = len(element) == 1 and element[0].tag in ("strong", "b", "em") and not (element.text or "").strip()
            if bold or text.lower().startswith("by ") or text.isupper():
                return byline.split_names(text)
    return []
