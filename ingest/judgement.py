"""Whose text it is, block by block: the classifier's judgement, and when the first text is believed instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ingest import classifier
from ingest.blocks import Block, Place
from ingest.document import WORDS
from ingest.features import rows_of
from ingest.seen import Seen
from ingest.trees import Trees

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


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a block. `reason`: why it was dropped; "" where it is kept. `sureness`: the classifier's."""

    block: Block
    reason: str = ""
    sureness: float | None = None

    @property
    def kept(self) -> bool:
        return not self.reason

    def dropped(self, reason: str) -> Verdict:
        """The same, dropped."""
        return replace(self, reason=reason)


def judge(seen: Seen, trees: Trees | None = None) -> list[Verdict]:
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


def how_sure(seen: Seen, trees: Trees) -> list[float]:
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
