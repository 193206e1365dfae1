"""What the block classifier looks at: for each block of a page a row of numbers.

Shape of the text, its links, its element and those around it, how its like fare (blocks of the same name in the same
place), its neighbours, and whether the other witnesses have it: the first text, JSON-LD, the headline. Class names are
left out on purpose: what they say of one publisher did not carry over to others (docs/reading.md).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p
from typing import Any

import numpy as np

from ingest.blocks import Block, Place, Trait
from ingest.lexicon import GROUPS, words_of

REACH = 12  # blocks before and after the first text are looked at
FAR = 30  # blocks: further is all the same
START_CHARS = 20
SAMPLE_CHARS = 200  # of a block are looked at for digits and the like
MAX_LEVELS = 12
SENTENCE_END = re.compile(r"[.!?…。！？।؟۔:;][\"'”’»」』)\]]*\W*$")
SENTENCE = re.compile(r"[.!?…][\"'”’»)\]]*\s|[。！？।؟۔]")
START = re.compile(r"[\"'“„«‘「『(¿¡]*[^\W\d_a-z]")
MOMENT = re.compile(r"(?:19|20)\d\d|\d[:.h]\d\d|\d[./-]\d{1,2}[./-]\d")
UPPER, DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"0123456789"
QUOTES, SIGNS = frozenset("\"“„«‘'「"), frozenset("→►▶»›➤✓☞•|#@©*+-–")

TAGS = {"p": 1, "li": 2, "h1": 3, "h2": 4, "h3": 5, "h4": 6, "h5": 6, "h6": 6, "td": 7, "th": 7, "tr": 7,
        "blockquote": 8, "pre": 9, "dd": 10, "dt": 10, "div": 11, "section": 12, "article": 13}  # fmt: skip
# A paragraph is one of many in what holds it; a div with a single line is as good as a paragraph.
LINES = frozenset(("p", "li", "h2", "h3", "h4", "h5", "h6", "blockquote", "tr", "dd", "dt", "pre"))

OWN = (
    "chars", "words", "chars_a_word", "linked", "links", "bold", "sentence_end", "sentences", "commas", "capital",
    "digits", "upper", "exclaims", "quote", "moment", "colon", "sign", *GROUPS,
    "tag", "tag_above", "levels_in", "levels_out", "blocks_in_place", "prose_above", "prose_higher",
    "position", "after_headline", "past_headline", "prose_before", "prose_after", "repeats", "is_title", "title_words",
    "is_description", "in_description", "in_json_ld", "page_prose",
    "like_count", "like_prose", "like_share", "like_ends", "like_linked", "like_chars",
    "beside_count", "beside_prose", "place_among", "left_beside", "headlines", "first_like", "last_like",
    *(f"{scope}_{trait.name.lower()}" for trait in Trait if trait.name for scope in ("near", "around")),
)  # fmt: skip
NEIGHBOURS = ("chars", "linked", "sentence_end", "tag", "levels_in", "levels_out", "prompt", "bold")
SHIFTS = (-2, -1, 1, 2)
KEPT = ("kept", "kept_near", "kept_page", "kept_like", "kept_beside", "since_kept", "until_kept")
NAMES = (*OWN, *(f"{name}_{shift:+d}" for shift in SHIFTS for name in NEIGHBOURS), *KEPT)
COLUMNS = [OWN.index(name) for name in NEIGHBOURS]


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What else is known of the page, as comparable words. `kept`: whether the first text has it, for each block."""

    title: str
    description: str
    body: str  # JSON-LD articleBody
    kept: Sequence[bool]


def rows_of(blocks: Sequence[Block], known: Witnesses) -> tuple[Any, Any]:
    """(the numbers of the blocks that may be the article's, a float32 row of len(NAMES) columns for each)."""
    page = _Page(blocks, known)
    chosen = page.candidates()
    own = np.array([page.row(number) for number in chosen], dtype=np.float32).reshape(len(chosen), len(OWN))
    around = [own]
    for shift in SHIFTS:
        near = np.full((len(chosen), len(COLUMNS)), -1.0, dtype=np.float32)
        if shift < 0:
            near[-shift:] = own[:shift, COLUMNS]
        else:
            near[:-shift] = own[shift:, COLUMNS]
        around.append(near)
    return chosen, np.concatenate([*around, page.kept_columns()[chosen]], axis=1)


class _Page:
    """The blocks of a page, counted together."""

    def __init__(self, blocks: Sequence[Block], known: Witnesses) -> None:
        self.blocks, self.known = blocks, known
        self.lengths = [len(block.text) for block in blocks]
        self.is_prose = [block.is_prose for block in blocks]
        self.ends = [SENTENCE_END.search(block.text[-12:]) is not None for block in blocks]
        self.prose = sum(n for n, good in zip(self.lengths, self.is_prose, strict=True) if good) or 1
        self.repeats = Counter(block.text for block in blocks)
        self.traits: dict[Place, list[float]] = {}
        self.title_words = set(known.title.split())
        self.headline = self._headline()
        self._count_headlines()
        self._group()
        self.way_out = _way_out(best_place(blocks))
        self.levels: dict[Place, tuple[int, int]] = {}

    def _headline(self) -> int:
        """The block that is the headline; -1 where none is."""
        tops = [n for n, block in enumerate(self.blocks) if block.place.tag == "h1"]
        wanted = self.title_words
        alike = (n for n in tops if wanted and len(set(self.blocks[n].key.split()) & wanted) * 2 > len(wanted))
        return next(alike, tops[0] if tops else -1)

    def _count_headlines(self) -> None:
        """So many <h1> up to each block: below a second one another article may begin; and how far prose is."""
        count, since = 0, FAR
        self.headlines, self.before, self.after = [], [], [FAR] * len(self.blocks)
        for block, good in zip(self.blocks, self.is_prose, strict=True):
            count += block.place.tag == "h1"
            self.headlines.append(count)
            self.before.append(min(since, FAR))
            since = 0 if good else since + 1
        until = FAR
        for number in range(len(self.blocks) - 1, -1, -1):
            self.after[number] = min(until, FAR)
            until = 0 if self.is_prose[number] else until + 1

    def _group(self) -> None:
        """Who stands beside whom (in one element), and who is alike (of the same name there)."""
        self.alike: dict[tuple[int, str, int], list[int]] = {}
        self.beside: dict[int, list[int]] = {}
        self.group: list[tuple[int, str, int]] = []
        for number, block in enumerate(self.blocks):
            place = block.place
            if place.tag in LINES or place.blocks == 1:
                sign = (id(place.above or place), place.tag, place.own)
            else:
                sign = (id(place), "", 0)
            self.group.append(sign)
            self.alike.setdefault(sign, []).append(number)
            self.beside.setdefault(sign[0], []).append(number)
        self.of_alike = {sign: self._of_alike(members) for sign, members in self.alike.items()}
        self.of_beside = {key: self._prose_of(members) / self.prose for key, members in self.beside.items()}

    def _prose_of(self, members: Sequence[int]) -> int:
        return sum(self.lengths[m] for m in members if self.is_prose[m])

    def _of_alike(self, members: Sequence[int]) -> list[float]:
        chars, prose = sum(self.lengths[m] for m in members), self._prose_of(members)
        ends = sum(self.ends[m] for m in members)
        linked = sum(self.blocks[m].link_chars for m in members)
        count = len(members)
        return [count, prose / self.prose, prose / chars, ends / count, linked / chars, log1p(chars / count)]

    def candidates(self) -> list[int]:
        """The blocks near the first text, and those in what holds most of the running text.

        Of labelled pages, 3 of 4,900 blocks of articles are elsewhere, and 42 of 100 of all blocks (counted with
        trafilatura's as the first text of every page).
        """
        kept = [number for number, has in enumerate(self.known.kept) if has]
        first, last = (kept[0] - REACH, kept[-1] + REACH) if kept else (0, len(self.blocks))
        return [
            number
            for number, block in enumerate(self.blocks)
            if first <= number <= last or self._levels(block.place)[1] == 0
        ]

    def row(self, number: int) -> list[float]:
        """The columns OWN of one block."""
        block, sign = self.blocks[number], self.group[number]
        alike, beside = self.alike[sign], self.beside[sign[0]]
        return [
            *self._shape(number),
            *self._setting(number),
            *self.of_alike[sign],
            len(beside),
            self.of_beside[sign[0]],
            (number - beside[0]) / max(beside[-1] - beside[0], 1),
            beside[-1] - number,
            self.headlines[number],
            number == alike[0],
            number == alike[-1],
            *self._traits(block.place),
        ]

    def _shape(self, number: int) -> list[float]:
        block, key, chars = self.blocks[number], self.blocks[number].key, self.lengths[number]
        text = block.text
        sample = text[:SAMPLE_CHARS]
        letters = sample.encode("ascii", "ignore")
        words = key.split()
        count = max(len(words) * chars / min(chars, SAMPLE_CHARS * 1.5), 1.0)
        return [
            log1p(chars),
            log1p(count),
            chars / count,
            block.link_chars / chars,
            min(block.links, 20),
            block.bold_chars / chars,
            self.ends[number],
            min(len(SENTENCE.findall(text)), 20),
            min(text.count(","), 20),
            START.match(text[:START_CHARS]) is not None,
            (len(letters) - len(letters.translate(None, DIGITS))) / len(sample),
            (len(letters) - len(letters.translate(None, UPPER))) / len(sample),
            "?" in sample or "!" in sample,
            text[0] in QUOTES,
            chars < SAMPLE_CHARS and MOMENT.search(text) is not None,
            ":" in text[:40],
            text[0] in SIGNS,
            *words_of(words),
        ]

    def _setting(self, number: int) -> list[float]:
        block, known = self.blocks[number], self.known
        place, key = block.place, block.key
        above = place.above or place
        higher = above.above or above
        levels_in, levels_out = self._levels(place)
        words = key.split()
        shared = sum(word in self.title_words for word in words) / len(words) if 0 < len(words) < 60 else 0.0
        is_described = bool(known.description) and (key in known.description or known.description in key)
        return [
            TAGS.get(place.tag, 0),
            TAGS.get(above.tag, 0),
            levels_in,
            levels_out,
            min(place.blocks, 50),
            above.prose / self.prose,
            higher.prose / self.prose,
            number / len(self.blocks),
            max(min(number - self.headline, 100), -100),
            number > self.headline,
            self.before[number],
            self.after[number],
            min(self.repeats[block.text], 10),
            key == known.title,
            shared,
            key == known.description,
            is_described,
            (key in known.body) if known.body else -1.0,
            log1p(self.prose),
        ]

    def _levels(self, place: Place) -> tuple[int, int]:
        """How deep in what holds the text (or in what it shares with that), and how far out that is."""
        if place not in self.levels:
            inwards, node = 0, place
            while id(node) not in self.way_out and node.above is not None and inwards < MAX_LEVELS:
                inwards, node = inwards + 1, node.above
            self.levels[place] = inwards, min(self.way_out.get(id(node), MAX_LEVELS), MAX_LEVELS)
        return self.levels[place]

    def _traits(self, place: Place) -> list[float]:
        if place not in self.traits:
            near = place.own | (place.above.own if place.above is not None else 0)
            self.traits[place] = [float(bool(scope & trait)) for trait in TRAIT_VALUES for scope in (near, place.all)]
        return self.traits[place]

    def kept_columns(self) -> Any:
        """The columns KEPT: where the first text is."""
        count = len(self.blocks)
        kept = np.array(self.known.kept, dtype=np.float32)
        near = np.convolve(np.pad(kept, 3), np.ones(7), "valid") / 7
        lengths = np.array(self.lengths, dtype=np.float32)
        by_group, by_place = np.zeros(count, np.float32), np.zeros(count, np.float32)
        for share, groups in ((by_group, self.alike.values()), (by_place, self.beside.values())):
            for members in groups:
                share[members] = (kept[members] * lengths[members]).sum() / lengths[members].sum()
        found = np.flatnonzero(kept)
        first, last = (found[0], found[-1]) if len(found) else (count, -1)
        index = np.arange(count)
        page = np.full(count, kept.mean())
        columns = (
            kept,
            near,
            page,
            by_group,
            by_place,
            np.clip(index - first, -99, 99),
            np.clip(last - index, -99, 99),
        )
        return np.stack(columns, axis=1).astype(np.float32)


def best_place(blocks: Sequence[Block]) -> Place | None:
    """The element that holds most of the running text, by itself or in what it holds."""
    score: dict[Place, float] = {}
    for block in blocks:
        if len(block.text) < 60 or block.link_chars * 2 > len(block.text):
            continue
        place = block.place
        holder = place.above if place.tag in LINES or place.blocks == 1 else place
        weight = float(min(len(block.text), 1_000))
        for share in (1.0, 0.6, 0.3):
            if holder is None:
                break
            score[holder] = score.get(holder, 0.0) + weight * share
            holder = holder.above
    return max(score, key=score.__getitem__) if score else None


def _way_out(place: Place | None) -> dict[int, int]:
    return {id(around): step for step, around in enumerate(place.chain())} if place is not None else {}


TRAIT_VALUES = [trait.value for trait in Trait]
