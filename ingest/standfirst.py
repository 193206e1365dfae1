"""The summary line under the headline: found where it is printed, so that it can be taken out of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ingest.blocks import Block, Place, Trait
from ingest.document import comparable

LEAD_CLASS = re.compile(
    r"(?<![^\s_-])(?:(?P<sure>stand-?first|dec?k|sub-?title|sub-?head(?:line|ing|er)?|sub-?line|under-?title|leadin|vorspann|"
    r"strapline|chapo|chapeau|entradilla|bajada|sommario|sottotitolo|occhiello|excerpt|ingress)(?=$|[\s_-])|"
    r"(?:lead(?:[_-]{0,2}text)?|lede|intro(?:duction|[_-]{0,2}text)?|einleitung|anrei(?:ss|ß)er|teaser(?:[_-]{1,2}text)?|summary|"
    r"preface|abstract|preamble)(?:_\w+)?(?=$|\s))"
)
NOT_LEAD_CLASS = re.compile(r"caption|popup|modal|cookie|related|player|comment")
LEAD_TAGS = frozenset(("p", "h2", "h3", "h4", "div", "section", "header", "ul"))
OUTSIDE = Trait.ASIDE | Trait.FIGURE
LEAD_REACH = 40  # blocks after the headline
LEAD_BLOCKS = 3  # of a summary in several paragraphs or points
MIN_WANTED = 20  # characters of a description that may be a standfirst
START_CHARS = 40  # of it are compared in passing
MAX_DATELINE = 25  # characters of a place in front of it
TEXT_CHARS = 150  # a longer paragraph begins the text


def find_standfirst(blocks: Sequence[Block], title: str | None, description: str | None) -> range | None:
    """The blocks that hold it: near the headline and marked as such, or equal to the page's description.

    A description that merely repeats the first paragraph among equals is no standfirst.
    """
    wanted, headline = comparable(description), comparable(title)
    since: int | None = None  # the headline's place; None also once the text has begun
    for number, block in enumerate(blocks):
        if block.place.tag == "h1":
            since = number if since is None or block.key == headline else since
            continue
        near = since is not None and number - since <= LEAD_REACH
        for place, end in _spans(blocks, number) if near else ():
            if (mark := lead_mark(place.mark)) and _is_believed(
                blocks, range(number, end), place, mark, wanted, headline
            ):
                return range(number, end)
        if _is_description(block, wanted) and _is_believed(
            blocks, range(number, number + 1), block.place, None, wanted, headline
        ):
            return range(number, number + 1)
        if near and block.place.tag == "p" and len(block.text) > TEXT_CHARS:
            since = None
    return None


def _spans(blocks: Sequence[Block], start: int) -> Iterator[tuple[Place, int]]:
    """The marked elements around a block that begin with it and hold little more, with the end of each."""
    before = set(blocks[start - 1].place.chain()) if start else set()
    for place in blocks[start].place.chain():
        if place in before or place.tag not in LEAD_TAGS:
            return
        if not place.mark:
            continue
        end = start + 1
        while end < len(blocks) and end - start <= LEAD_BLOCKS and place in blocks[end].place.chain():
            end += 1
        if end - start > LEAD_BLOCKS:
            return
        yield place, end


@lru_cache(maxsize=8192)  # the same classes come again and again
def lead_mark(mark: str) -> str | None:
    """What a class says of an element: "sure" that it is the standfirst, or "vague"; None where it says nothing."""
    found = LEAD_CLASS.search(mark)
    return None if found is None else "sure" if found["sure"] else "vague"


def _is_description(block: Block, wanted: str) -> bool:
    """Whether a block says what the page says of itself, perhaps with the place it was filed from in front."""
    if len(wanted) < MIN_WANTED:
        return False
    if wanted.startswith(block.key[:START_CHARS] or "\0"):
        return comparable(block.text) == wanted
    at = block.key.find(wanted[:START_CHARS], 0, MAX_DATELINE + START_CHARS)
    return at > 0 and comparable(block.text)[at:] == wanted


def _is_believed(
    blocks: Sequence[Block], span: range, place: Place, mark: str | None, wanted: str, headline: str
) -> bool:
    """Whether a candidate is the standfirst: by its words, its mark and its place."""
    text = standfirst_text(blocks, span)
    key = comparable(text)
    if key == headline or len(key) <= 20 or _is_elsewhere(blocks[span.start], place):
        return False
    if key == wanted or (wanted and key.endswith(wanted)):
        return mark is not None or not _is_one_of_many(blocks, span.start)
    return mark is not None and 25 <= len(text) <= 900 and (mark == "sure" or not _heads_text(blocks, span))


def _is_elsewhere(block: Block, place: Place) -> bool:
    """In a list, a figure, a link: somebody else's summary."""
    if place.all & OUTSIDE or any(around.tag == "li" for around in place.chain()):
        return True
    if block.link_chars * 10 > len(block.text) * 9:
        return True
    marks = (around.mark for _, around in zip(range(3), place.chain(), strict=False))
    return any(NOT_LEAD_CLASS.search(mark) for mark in marks if mark)


def _heads_text(blocks: Sequence[Block], span: range) -> bool:
    """Whether paragraphs of text follow in the same box: then a vague mark says only that it is the first of them."""
    first = blocks[span.start].place
    after = blocks[span.stop : span.stop + 4]
    return first.tag == "p" and any(
        block.place.tag == "p" and block.place.above is first.above and len(block.text) > 100 for block in after
    )


def _is_one_of_many(blocks: Sequence[Block], number: int) -> bool:
    """Whether the paragraph that follows looks the same: then it is the first paragraph of the text."""
    block = blocks[number]
    if number + 1 == len(blocks) or block.bold_chars * 10 > len(block.text) * 9:
        return False
    place, after = block.place, blocks[number + 1]
    alike = after.place.tag == place.tag and after.place.mark == place.mark and after.place.above is place.above
    return (alike or after.place is place) and len(after.text) > 60


def standfirst_text(blocks: Sequence[Block], span: range) -> str:
    """The words of a standfirst, in one line."""
    return " ".join(" ".join(blocks[number].text.split()) for number in span)
