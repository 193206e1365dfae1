"""The text that the journalist wrote and the links beside it.

The page is taken apart into blocks; boxes beside the text go by rule; a first text comes from the page's plain
structure or from trafilatura; a classifier, with that as one of its witnesses, judges block by block. Where the two
disagree widely and the classifier is not sure of itself, the first text and the rules have it. `docs/reading.md` tells
the whole way and what each step is worth.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree

from ingest import classifier, standfirst, witness
from ingest.blocks import Block, Place, Trait, blocks_of
from ingest.boilerplate import REASON as RECURS
from ingest.boilerplate import recurring
from ingest.boxes import take_boxes
from ingest.document import WORDS, comparable
from ingest.features import SENTENCE_END, Witnesses, rows_of
from ingest.model import RelatedLink
from ingest.phrases import CREDIT_LINE, DROPPED_HEADING, NOISE_LINE, POINTER_LINE, RELATED_HEADING

MIN_CHARS = 250  # less is what trafilatura itself calls too little
SURE = 0.5  # at least so sure are we of a block that is kept
UNSURE = 0.15, 0.85  # between these the classifier does not know
MAX_UNSURE = 0.3  # of the text's characters
MIN_AGREEMENT = 0.8  # of the words, or the two disagree widely
MIN_DUMP_CHARS = 80  # with fewer, a dump of the page is better than nothing
FEW_UNSURE = 0.05  # likewise
MAX_GROWTH = 2.2  # times the first text: more may be other articles
SURE_OF_HEADING = 0.2  # of one over text that is kept
HEADINGS = frozenset(("h2", "h3", "h4", "h5", "h6"))
LINK_ONLY = 0.9  # of the characters
MAX_TITLE_CHARS = 300
MIN_LINK_CHARS = 15  # a shorter one may be a word in a list
# What holds no text of an article, or text of nobody.
INERT = (
    "script", "style", "noscript", "svg", "iframe", "template", "figcaption", "object", "embed", "canvas", "nav",
    "footer", "button", "select", "input", "textarea", "video", "audio", "picture", "source", "map", "dialog", "menu",
    "link", "amp-ad", "amp-iframe", "amp-social-share", "amp-img", "amp-analytics",
)  # fmt: skip
HEADLINE_LINKS = etree.XPath("count(//a[string-length(normalize-space(.)) >= 25])")

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it reports strangers' mistakes as errors


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a block. `reason`: why it was dropped; "" where it is kept. `sureness`: the classifier's."""

    block: Block
    reason: str = ""
    sureness: float | None = None

    @property
    def kept(self) -> bool:
        return not self.reason


@dataclass(frozen=True, slots=True)
class Body:
    """`verdicts`: the blocks near the text, in order. `links`: anchors with a headline's length seen on the page.

    `is_dump`: no article was found in the markup; what is kept is whatever the page says. `standfirst`: as printed.
    `seen`: the whole page, for `--explain`.
    """

    verdicts: tuple[Verdict, ...]
    standfirst: str | None = None
    related: tuple[RelatedLink, ...] = ()
    links: int = 0
    is_dump: bool = False
    seen: Seen | None = None

    @property
    def kept(self) -> list[Block]:
        return [verdict.block for verdict in self.verdicts if verdict.kept]

    @property
    def countable(self) -> list[str]:
        """What may recur on the host: the text, and what was dropped because it does."""
        return [verdict.block.text for verdict in self.verdicts if verdict.reason in ("", RECURS)]

    def replaced(self, paragraphs: Iterable[str]) -> Body:
        """The same page with a text from elsewhere; what was found in the markup is dropped."""
        dropped = (
            _dropped(verdict, "the text stands elsewhere") if verdict.kept else verdict for verdict in self.verdicts
        )
        found = (Verdict(block) for block in as_blocks(paragraphs))
        return replace(self, verdicts=(*dropped, *found), is_dump=False)

    def without_recurring(self, boilerplate: frozenset[int]) -> Body:
        """The same without what is known to recur on the host."""
        found = iter(recurring([block.text for block in self.kept], boilerplate))
        recurs = [verdict.kept and next(found) is not None for verdict in self.verdicts]
        if not any(recurs):
            return self
        judged = (_dropped(v, RECURS) if drop else v for v, drop in zip(self.verdicts, recurs, strict=True))
        return replace(self, verdicts=tuple(judged))


@dataclass(slots=True)
class Seen:
    """A page taken apart, before it is judged: `everything`, and `blocks`, which lack standfirst and boxes.

    `lead`: where in `everything` the standfirst is. `boxes`: by the id of an element, "related" or "other".
    """

    blocks: list[Block]
    known: Witnesses
    theirs: witness.Opinion
    standfirst: str | None = None
    related: tuple[RelatedLink, ...] = ()
    links: int = 0
    everything: Sequence[Block] = ()
    lead: range | None = None
    boxes: Mapping[int, str] = field(default_factory=dict)


def read_body(
    tree: Any,
    url: str,
    title: str | None = None,
    description: str | None = None,
    stated: str | None = None,
) -> Body:
    """The article in a tree, which is used up. `stated`: JSON-LD articleBody. Errors of libraries pass through."""
    seen = look_at(tree, url, title, description, stated)
    verdicts = judge(seen)
    verdicts = drop_by_rule(verdicts, seen)
    return Body(
        tuple(verdicts),
        seen.standfirst,
        seen.related,
        seen.links,
        is_dump=seen.theirs.is_dump and not any(verdict.kept for verdict in verdicts),
        seen=seen,
    )


def look_at(tree: Any, url: str, title: str | None, description: str | None, stated: str | None) -> Seen:
    """Take a page apart and hear the witnesses."""
    links = int(HEADLINE_LINKS(tree))
    etree.strip_elements(tree, *INERT, with_tail=False)
    body = tree.find("body")
    everything = blocks_of(tree if body is None else body)
    lead = standfirst.find_standfirst(everything, title, description)
    summary = standfirst.standfirst_text(everything, lead) if lead else None
    in_lead = {id(everything[number]) for number in lead or ()}
    beside = take_boxes(everything, url)
    blocks = [block for block in beside.blocks if id(block) not in in_lead]
    theirs = witness.first_text(tree, blocks)
    known = Witnesses(
        title=comparable(title),
        description=comparable(description),
        body=comparable(stated),
        kept=witness.which_are_in(blocks, theirs.paragraphs),
    )
    return Seen(blocks, known, theirs, summary, beside.related, links, everything, lead, beside.boxes)


# --- whose text it is -------------------------------------------------------------------------------------------------


def judge(seen: Seen, trees: classifier.Trees | None = None) -> list[Verdict]:
    """Block by block as the classifier says, or the first text where that is safer. `trees`: by default our own."""
    if not seen.blocks:
        return [Verdict(block) for block in as_blocks(seen.theirs.paragraphs)]
    sureness = even_out(seen.blocks, how_sure(seen, trees or classifier.trees()))
    ours = [sure >= SURE for sure in sureness]
    reason = "unlike an article's text"
    if theirs_is_safer(seen, sureness, ours):
        ours, reason = list(seen.known.kept), "not in the first text"
        if not covers((block for block, has in zip(seen.blocks, ours, strict=True) if has), seen.theirs.paragraphs):
            return [Verdict(block) for block in as_blocks(seen.theirs.paragraphs)]
    keep_headings(seen.blocks, sureness, ours)
    found = zip(seen.blocks, sureness, ours, strict=True)
    return [Verdict(block, "" if kept else reason, sure) for block, sure, kept in found]


def how_sure(seen: Seen, trees: classifier.Trees) -> list[float]:
    """For each block, how sure we are that it is the article's; 0 for what is too far from any text to be looked at."""
    sureness = [0.0] * len(seen.blocks)
    chosen, rows = rows_of(seen.blocks, seen.known)
    for number, sure in zip(chosen, trees.sureness(rows).tolist(), strict=True):
        sureness[number] = sure
    return sureness


def even_out(blocks: Sequence[Block], sureness: Sequence[float]) -> list[float]:
    """The same with one sureness for each table: its rows belong together, its head says little by itself."""
    tables: dict[Place, list[int]] = {}
    for number, block in enumerate(blocks):
        if block.is_row:
            table = next((place for place in block.place.chain() if place.tag == "table"), block.place)
            tables.setdefault(table, []).append(number)
    even = list(sureness)
    for rows in tables.values():
        chars = sum(len(blocks[number].text) for number in rows)
        mean = sum(sureness[number] * len(blocks[number].text) for number in rows) / chars
        for number in rows:
            even[number] = mean
    return even


def keep_headings(blocks: Sequence[Block], sureness: Sequence[float], kept: list[bool]) -> None:
    """Headings stay with the text under them, unless they are clearly no part of it."""
    for number in range(len(blocks) - 2, 0, -1):
        if not kept[number] and kept[number + 1] and sureness[number] >= SURE_OF_HEADING:
            kept[number] = blocks[number].place.tag in HEADINGS and any(kept[:number])


def theirs_is_safer(seen: Seen, sureness: Sequence[float], ours: Sequence[bool]) -> bool:
    """Whether the first text, where it is an article, is to be believed rather than the classifier.

    The classifier gropes where it found next to nothing; or more than twice as much, with doubts; or where it is
    unsure of much, and far from the first text without having recovered what that had lost.
    """
    mine = [block for block, kept in zip(seen.blocks, ours, strict=True) if kept]
    chars, their_chars = sum(len(block.text) for block in mine), sum(map(len, seen.theirs.paragraphs))
    if seen.theirs.is_dump:
        return chars < MIN_DUMP_CHARS
    if chars < MIN_CHARS:
        return their_chars > 2 * chars
    if their_chars < MIN_CHARS:
        return False
    low, high = UNSURE
    unsure = sum(len(block.text) for block, sure in zip(seen.blocks, sureness, strict=True) if low < sure < high)
    if chars > MAX_GROWTH * their_chars and unsure > FEW_UNSURE * chars:
        return True
    if unsure <= MAX_UNSURE * chars:
        return False
    theirs, words = count_words(seen.theirs.paragraphs), count_words(block.text for block in mine)
    shared = (words & theirs).total()
    is_recovery = shared >= 0.95 * theirs.total()
    return not is_recovery and shared < MIN_AGREEMENT * max(words.total(), theirs.total())


def count_words(texts: Iterable[str]) -> Counter[str]:
    return Counter(word for text in texts for word in WORDS.findall(text))


def covers(blocks: Iterable[Block], paragraphs: Sequence[str]) -> bool:
    """Whether nearly all the words of the paragraphs stand in the blocks."""
    wanted = count_words(paragraphs)
    return (count_words(block.text for block in blocks) & wanted).total() >= 0.97 * wanted.total()


def as_blocks(paragraphs: Iterable[str]) -> list[Block]:
    """Plain paragraphs as blocks of nowhere."""
    nowhere = Place(None, "p", None, 0, 0, 0)
    return [Block(text, nowhere) for text in paragraphs if text]


# --- what goes by rule ------------------------------------------------------------------------------------------------


def drop_by_rule(verdicts: Sequence[Verdict], seen: Seen) -> list[Verdict]:
    """Without the headline again, pointers to other articles, notes of the page, and headings over nothing."""
    related = {comparable(link.title) for link in seen.related}
    lead = comparable(seen.standfirst)
    judged = [_by_rule(verdict, seen.known.title, lead, related) if verdict.kept else verdict for verdict in verdicts]
    judged = drop_lone_links(drop_asides(judged))
    for number in range(len(judged) - 1, -1, -1):
        if judged[number].kept:
            if not heads_nothing(judged[number].block):
                break
            judged[number] = _dropped(judged[number], "heading over nothing")
    return judged


def _by_rule(verdict: Verdict, title: str, lead: str, related: set[str]) -> Verdict:
    text, key = verdict.block.text, verdict.block.key
    if len(text) <= MAX_TITLE_CHARS:
        for reason, applies in RULES.items():
            if applies(text):
                return _dropped(verdict, reason)
        if key == title:
            return _dropped(verdict, "headline again")
        if key in related:
            return _dropped(verdict, "title of a related article")
    return _dropped(verdict, "standfirst again") if lead and key == lead else verdict


def drop_asides(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Without boxes at the side of the text, unless the text itself stands in one."""
    kept = [verdict.block for verdict in verdicts if verdict.kept]
    aside = {id(block) for block in kept if block.place.all & Trait.ASIDE}
    chars = sum(len(block.text) for block in kept)
    if not aside or 2 * sum(len(block.text) for block in kept if id(block) in aside) > chars:
        return list(verdicts)
    return [_dropped(v, "box at the side") if v.kept and id(v.block) in aside else v for v in verdicts]


def drop_lone_links(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Without lines that are nothing but a link to elsewhere, unless the article consists of such lines."""
    kept = [verdict for verdict in verdicts if verdict.kept]
    lone = {id(verdict) for verdict in kept if is_lone_link(verdict.block)}
    if not lone or len(lone) * 3 > len(kept):
        return list(verdicts)
    return [_dropped(verdict, "nothing but a link") if id(verdict) in lone else verdict for verdict in verdicts]


def is_lone_link(block: Block) -> bool:
    """Whether a line is one link and no sentence."""
    if block.place.tag in HEADINGS or block.links != 1 or len(block.text) < MIN_LINK_CHARS:
        return False
    return block.link_chars >= LINK_ONLY * len(block.text) and SENTENCE_END.search(block.text[-12:]) is None


RULES: dict[str, Callable[[str], object]] = {
    "note of the page": NOISE_LINE.fullmatch,
    "credit of a picture": CREDIT_LINE.fullmatch,
    "pointer to another article": POINTER_LINE.fullmatch,
    "no words": lambda text: WORDS.search(text) is None,
}


def heads_nothing(block: Block) -> bool:
    """Whether a block can only be the head of what follows."""
    if RELATED_HEADING.fullmatch(block.text) or DROPPED_HEADING.fullmatch(block.text):
        return True
    return block.place.tag in ("h1", "h2", "h3", "h4", "h5", "h6")


def _dropped(verdict: Verdict, reason: str) -> Verdict:
    return Verdict(verdict.block, reason, verdict.sureness)
