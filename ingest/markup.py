"""Text to one tree: what a parser cannot digest in linear time is refused, what it would lose is kept.

libxml2 needs time in the square of the attributes of a tag, and stops without a word 256 levels deep.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from ingest.charset import HEAD_BYTES
from ingest.errors import ParseError
from ingest.model import Reason

MAX_TAGS = 150_000  # the largest real page measured has 20,000
LONG_TAG = 200  # characters: shorter tags cannot hold enough attributes to hurt
MAX_ATTRIBUTE_COST = (
    20_000_000  # sum of squares: the parser compares every attribute with every other (2,000 cost 8 ms)
)
PARSER_DEPTH = 256  # where libxml2 stops
MAX_DEPTH = 100  # levels that are kept of what is nested deeper; real pages measured have 34
MANY_TAGS = 8_000  # readers take time in depth times tags: where there are so many, no more than MAX_DEPTH at all
MANY_CHILDREN = 1_000
MANY_CHARS = 200_000  # that it takes to have them
HUGE_BYTES = 9_000_000  # libxml2 refuses a text of 10 MB unless told to expect the like, and then goes 2,048 deep

# The tokens of HTML (HTML standard, 13.2.5), to the letter: whoever could make us see other tags than the parser sees
# could hide some. All is possessive, and every alternative matches once it has begun: linear on any input.
SPACE = r" \t\n\r\f"
_ATTRIBUTE = rf"""[^{SPACE}/>][^{SPACE}/>=]*+
    (?:[{SPACE}]*+=[{SPACE}]*+(?:"[^"]*+"|'[^']*+'|(?!["'])[^{SPACE}>]*+))?+"""
_ATTRIBUTES = rf"(?:[{SPACE}]++|/(?!>)|{_ATTRIBUTE})*+"
_IN_COMMENT = r"!--(?!-?>)(?:[^-]++|-(?!-!?>))*+"
_IN_SCRIPT = rf"""
    (?:[^<]++|<!--(?!-?>)(?:[^<-]++|-(?!->)|<(?!/?script[{SPACE}/>])
        |<script(?=[{SPACE}/>])(?:[^<-]++|-(?!->)|<(?!/script[{SPACE}/>]))*+(?:</script)?+)*+
    |<(?!/script[{SPACE}/>]))*+"""
TAG = re.compile(
    rf"""<(?:
    (?P<tag>(?P<name>(?P<script>script)(?=[{SPACE}/>])
        |(?P<raw>style|title|textarea|xmp|iframe|noembed|noframes)(?=[{SPACE}/>])
        |[a-z][^{SPACE}/>]*+){_ATTRIBUTES})
        (?:(?P<empty>/>)|>)?+(?(empty)|(?(script){_IN_SCRIPT}|(?(raw)(?:[^<]++|<(?!/(?P=raw)[{SPACE}/>]))*+)))
    |/(?P<end>[a-z][^{SPACE}/>]*+){_ATTRIBUTES}/?+>?+
    |{_IN_COMMENT}
    |[!?/][^>]*+)""",
    re.I | re.X,
)
# All up to the next tag that is not of the common shape, which is a name and a dozen attributes with what lies between
# them. It takes a page apart as TAG does, in half the time. (No groups: Python 3.11 cannot count them in here.)
_COMMON = rf"""
    (?:[{SPACE}/][^>="']{{0,40}}+(?<![{SPACE}/])=(?:"[^"]*+"|'[^']*+'|[^{SPACE}"'>]++)){{0,12}}+
    (?:[{SPACE}/][^>="']{{0,32}}+)?+"""
USUAL = re.compile(
    rf"""(?:[^<]*+<(?:
        /[a-zA-Z][a-zA-Z0-9-]*+>
        |(?![a-zA-Z!?/])
        |(?![sStTxXiInN](?i:cript|tyle|itle|extarea|mp|frame|oembed|oframes)[{SPACE}/>])
            [a-zA-Z][^{SPACE}/>="']*+{_COMMON}>
        |(?i:script){_COMMON}(?<!/)>(?:[^<]++|<(?!/(?i:script)|!))*+(?=</(?i:script))
        |(?i:style){_COMMON}(?<!/)>(?:[^<]++|<(?!/(?i:style)))*+(?=</(?i:style)[{SPACE}/>])
        |{_IN_COMMENT}))*+""",
    re.X,
)
ATTRIBUTE = re.compile(_ATTRIBUTE, re.X)
TAG_NAME = re.compile(rf"[^{SPACE}/>]*+")
EMPTY_ROOT = re.compile(r"(<html\b[^<>]{0,1000}?)\s*/>", re.I)
EMPTY_ROOT_BYTES = re.compile(rb"<html\b[^<>]{0,1000}?/>", re.I)

NEVER_DEEP = frozenset((
    "area", "base", "basefont", "br", "col", "embed", "frame", "hr", "img", "input", "link", "meta", "param", "source",
    "title", "track", "wbr",
))  # fmt: skip
INLINE = frozenset((
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "label", "mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt",
    "u", "var",
))  # fmt: skip
ENDED_BY_THEIR_LIKE = frozenset(("p", "li", "dt", "dd", "tr", "td", "th", "option"))
# An end tag closes what is open inside its element unless that ranks higher (libxml2, htmlEndPriority).
RANK = {"div": 150, "td": 160, "th": 160, "tr": 170, "thead": 180, "tbody": 180, "tfoot": 180, "table": 190,
        "head": 200, "body": 200, "html": 220}  # fmt: skip


class Element(HtmlElement):  # type: ignore[misc]  # it has no types
    """An element that knows a better way to what trafilatura asks for in quadratic time."""

    def xpath(self, path: str, **options: Any) -> Any:
        if path == "//p//text()":
            paragraphs = self.getroottree().iter("p")
            return [text for p in paragraphs if next(p.iterancestors("p"), None) is None for text in p.itertext()]
        return super().xpath(path, **options)


def parse_html(text: str, body: bytes | None = None) -> Any:
    """The one parsing of a page: an lxml.html root element. `body`: the text in UTF-8, where it is at hand.

    What is nested too deeply is made flat. ParseError: EMPTY_PAGE, TOO_COMPLEX.
    """
    is_large = len(text) > MANY_CHARS and text.count("<") > MANY_TAGS
    if is_large:
        text, body = flatten(text, MAX_DEPTH), None
    refuse_complex(text)
    if body is None or EMPTY_ROOT_BYTES.search(body, 0, HEAD_BYTES):
        body = _with_open_root(text).encode("utf-8", "replace")
    tree = _parse_whole(text, body)
    if is_large:
        part_texts(tree)
    return tree


def _parse_whole(text: str, body: bytes) -> Any:
    """The tree; a flatter one where the parser would leave something out."""
    tree = _parse(body)
    if not is_cut(tree, body):
        return tree
    for depth in (MAX_DEPTH, 0):
        body = flatten(text, depth).encode("utf-8", "replace")
        if not is_cut(tree := _parse(body), body):
            return tree
    raise ParseError(Reason.TOO_COMPLEX, "nested too deeply")


def _with_open_root(text: str) -> str:
    """<html/> as <html>, which it is to browsers, but not to libxml2."""
    root = EMPTY_ROOT.search(text, 0, HEAD_BYTES)
    return f"{text[: root.start()]}{root[1]}>{text[root.end() :]}" if root else text


def _parse(body: bytes) -> Any:
    huge = len(body) > HUGE_BYTES
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=huge)
    # lxml.html asks a Python function for the class of every element it touches; one class for all is a third cheaper.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=Element))
    try:
        return document_fromstring(body, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:  # "Document is empty" is an etree.ParserError
        raise ParseError(Reason.EMPTY_PAGE, str(error)[:200]) from error


# --- refusal --------------------------------------------------------------------------------------------------------


def refuse_complex(text: str) -> None:
    """ParseError(TOO_COMPLEX) before a parser sees it; linear in the length of the text."""
    many = len(text) > 3 * MAX_TAGS and text.count("<") > MAX_TAGS
    if many and sum(1 for match in TAG.finditer(text) if match["tag"]) > MAX_TAGS:
        raise ParseError(Reason.TOO_COMPLEX, f"more than {MAX_TAGS} tags")
    long_tags = [tag for tag in odd_tags(text) if len(tag) > LONG_TAG]
    # Two cheap limits to the count first: few pages need it.
    if all(sum(count(tag) ** 2 for tag in long_tags) > MAX_ATTRIBUTE_COST for count in (len, at_most, attributes)):
        raise ParseError(Reason.TOO_COMPLEX, "too many attributes on one tag")


def odd_tags(text: str) -> Iterator[str]:
    """What stands in the tags that may have many attributes."""
    at = 0
    while usual := USUAL.match(text, at):
        at = text.find("<", usual.end())
        if at < 0:
            break
        odd = TAG.match(text, at)
        at = odd.end() if odd else at + 1
        if odd and odd["tag"]:
            yield odd["tag"]


def at_most(tag: str) -> int:
    """A cheap limit to what `attributes` can say."""
    return len(tag.split()) + tag.count("/") + tag.count("=")


def attributes(tag: str) -> int:
    """How many attributes the parser will see in what stands between < and >."""
    name = TAG_NAME.match(tag)
    return sum(1 for _ in ATTRIBUTE.finditer(tag, name.end() if name else 0))


# --- depth ----------------------------------------------------------------------------------------------------------


def is_cut(tree: Any, body: bytes) -> bool:
    """Whether the parser stopped because of the depth: then its last element lies that deep."""
    depth, limit = 1, PARSER_DEPTH if len(body) <= HUGE_BYTES else 8 * PARSER_DEPTH
    while len(tree) and depth < limit:
        tree, depth = tree[-1], depth + 1
    return depth >= limit


def part_texts(tree: Any) -> None:
    """An element of its own for each text that stands between the children of an element that has very many.

    Whoever takes out one of them adds the text behind it to that before it: a thousand times, a megabyte each.
    """
    for parent in [element for element in tree.iter() if len(element) > MANY_CHILDREN]:
        for child in [child for child in parent if child.tail and not child.tail.isspace()]:
            text, child.tail = child.tail, None
            after = child.makeelement("span")
            after.text = text
            child.addnext(after)


def flatten(text: str, depth: int) -> str:
    """The markup without the tags that open deeper than `depth`; a paragraph begins where one of a block stood."""
    pieces: list[str] = []
    at, due = 0, ""  # the paragraph that begins with the next word
    for start, end, begins in _too_deep(text, depth):
        between = text[at:start]
        if due and between and not between.isspace():
            pieces.append(due)
            due = ""
        pieces.append(between)
        at, due = end, begins or due
    rest = text[at:]
    return "".join((*pieces, due if rest.strip() else "", rest)) if pieces else text


def _too_deep(text: str, depth: int) -> Iterator[tuple[int, int, str]]:
    """(start, end, what begins there) of each tag to drop, in order.

    Within a paragraph only a line begins: thousands of paragraphs within one are read in quadratic time.
    """
    around: list[str] = []  # the elements that are open and kept
    dropped: Counter[str] = Counter()
    for match in TAG.finditer(text):
        ended = match["end"]
        name = (ended or match["name"] or "").lower()
        if not name or name in NEVER_DEEP:
            continue
        if ended and not dropped[name]:
            _close(around, name)
        elif ended or len(around) >= depth:
            dropped[name] += -1 if ended else 1
            yield *match.span(), "" if name in INLINE else "<br>" if "p" in around else "<p>"
        elif not (name in ENDED_BY_THEIR_LIKE and around[-1:] == [name]):
            around.append(name)


def _close(around: list[str], name: str) -> None:
    """What an end tag does to the open elements."""
    rank = RANK.get(name, 100)
    for place in range(len(around) - 1, -1, -1):
        if around[place] == name:
            del around[place:]
            return
        if RANK.get(around[place], 100) > rank:
            return
