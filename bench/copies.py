"""A labelled set of copies and look-alikes, in order of arrival, made of the texts that it is given."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from bench.copiers import COPIERS, join, paragraphs, sentences
from bench.lookalikes import AGENCY, EXPLAINERS, FURNITURE, OPENINGS, QUESTIONS, SAFE_HARBOUR, one_fact_apart, templates
from bench.worldstories import WORLD
from ingest.compare import MIN_WORDS
from ingest.near import signature

FILLERS = 24


@dataclass(frozen=True)
class Doc:
    """One text as the command takes it, with the story it belongs to."""

    id: str
    url: str
    site: str
    title: str
    text: str
    lang: str
    kind: str
    cluster: str


def long_enough(text: str) -> bool:
    """Texts of under 25 words are copies only where they are equal."""
    return signature(text).length >= MIN_WORDS


def passages(stories: Sequence[tuple[str, str]], size: int = 120) -> Iterator[tuple[str, list[str]]]:
    """The words of stories in passages, none of which is met twice; of each story the first, then the second, …"""
    for begin in range(0, 20_000, size):
        for title, text in stories:
            words = text.split()[begin : begin + size]
            if len(words) > 60:
                yield title, words


# --- the whole set ----------------------------------------------------------------------------------------------------


class Maker:
    """Labelled documents, in order of arrival, and pairs."""

    def __init__(self, texts: Sequence[tuple[str, str]], seed: int) -> None:
        self.chance = random.Random(seed)
        self.texts = list(texts)
        self.chance.shuffle(self.texts)
        self.docs: list[Doc] = []
        self.pairs: list[tuple[str, str, str, int]] = []

    def doc(self, text: str, title: str, kind: str, cluster: str, site: str | None = None) -> Doc:
        number = len(self.docs)
        site = site or f"site{self.chance.randint(0, 60)}.example"
        made = Doc(f"m{number}", f"https://www.{site}/2026/{number}.html", site, title, text, "", kind, cluster)
        self.docs.append(made)
        return made

    def pair(self, a: Doc, b: Doc, kind: str, label: int) -> None:
        self.pairs.append((a.id, b.id, kind, label))

    def make(self, stories: int, copies: int = 3) -> None:
        long = [(title, text) for title, text in self.texts[stories:] if len(text.split()) > 90]
        fillers = [text for _, text in long[:FILLERS]]  # pieces of them stand in copies, themselves nowhere
        blocks: list[list[Doc]] = []
        for number, (title, text) in enumerate([*WORLD, *self.texts[:stories]]):
            blocks.append(self._story(f"s{number}", title, text, fillers, copies))
        blocks += self._strangers(long[FILLERS:])
        self.chance.shuffle(blocks)
        self.docs = [doc for block in blocks for doc in block]

    def _story(self, cluster: str, title: str, text: str, bodies: Sequence[str], copies: int) -> list[Doc]:
        first = self.doc(text, title, "original", cluster)
        block = [first]
        for kind in self.chance.sample(sorted(COPIERS), len(COPIERS)):
            made = COPIERS[kind](text, self.chance, bodies)
            if made and made != text and len(block) <= copies and long_enough(made):
                headline = self.chance.choice([title, " ".join(sentences(text)[0].split()[:9])])
                copy = self.doc(made, headline, kind, cluster, None if kind != "live" else first.site)
                if copy.site == first.site:
                    copy = Doc(**{**copy.__dict__, "site": "other.example"})
                    self.docs[-1] = copy
                block.append(copy)
                self.pair(first, copy, f"+{kind}", 1)
        self.chance.shuffle(block)
        return block

    def _strangers(self, long: Sequence[tuple[str, str]]) -> Iterator[list[Doc]]:
        yield from self._filled_templates()
        for _ in range(14):
            for a, b in one_fact_apart(self.chance):
                one, two = (self.doc(t, t[:40], "one_fact", f"f-{t}") for t in (a, b))
                self.pair(one, two, "-one_fact", 0)
                yield [one, two]
        stock = list(long)
        told = [each for each in stock[:40] if len(paragraphs(each[1])) >= 8 and len(each[1].split()) > 250]
        source = passages([each for each in stock if each not in told])
        yield from self._furnished("furniture", FURNITURE, source, (35, 90), behind=True)
        yield from self._furnished("explainer", EXPLAINERS, source, (60, 120), behind=True)
        yield from self._furnished("opening", OPENINGS, source, (60, 120), behind=False)
        for title, text in told:
            yield self._follow_up(title, paragraphs(text))
        yield from self._stubs([title for title, _ in stock])
        yield from self._sharing(source)

    def _stubs(self, titles: Sequence[str]) -> Iterator[list[Doc]]:
        chosen = self.chance.sample(list(dict.fromkeys(titles)), 40)
        for number, (first, second) in enumerate(zip(chosen[::2], chosen[1::2], strict=True)):
            notice = FURNITURE[number % 5].split(". ")[0]
            one, two = (
                self.doc(notice, title, "stub", f"n{number}-{title}", "wall.example") for title in (first, second)
            )
            self.pair(one, two, "-stub", 0)
            yield [one, two]

    def _sharing(self, source: Iterator[tuple[str, list[str]]]) -> Iterator[list[Doc]]:
        """Pairs of articles each of which has its own to say, and something that both have."""
        while True:
            pieces = [" ".join(words) for _, words in islice(source, 11)]
            if len(pieces) < 11:
                return
            a, b, c, d, shared, *answers = pieces
            quote = " ".join(shared.split()[:50])
            courts = [templates(self.chance)["court"] for _ in range(9)]
            pairs = {
                "quote": (f'{a}\n\n"{quote}," she said.\n\n{b}', f'{c}\n\nHe recalled her words: "{quote}."\n\n{d}'),
                "release": (f"{a}\n\n{quote}\n\n{b[:200]}", f"{quote}\n\n{c}\n\n{d[:200]}"),
                "small_print": (f"{b}\n\n{SAFE_HARBOUR}", f"{d}\n\n{SAFE_HARBOUR}"),
                "questions": [
                    join([part for pair in zip(QUESTIONS, given, strict=False) for part in pair])
                    for given in (answers[:3], answers[3:])
                ],
                "court_list": [join(["Cases heard at the magistrates' court", *courts[n : n + 5]]) for n in (0, 4)],
                "round_up": [
                    join(["In brief", *(part[:250] for part in (*own, shared))]) for own in ((a, b, c), (d, *answers[:2]))
                ],
                "live_days": [
                    join(["Follow the latest with us. We bring you every development as it happens, with reports from our correspondents on the spot.", *(f"{self.chance.randint(10, 23)}:{self.chance.randint(10, 59)} {part[:300]}" for part in own)])
                    for own in ((a, b, c), (d, *answers[3:5]))
                ],
            }  # fmt: skip
            name = self.chance.choice(sorted(pairs))
            one, two = (self.doc(text, text[:40], name, f"{name}-{len(self.docs)}") for text in pairs[name])
            self.pair(one, two, f"-{name}", 0)
            yield [one, two]

    def _filled_templates(self) -> Iterator[list[Doc]]:
        rows: dict[str, list[Doc]] = {}
        for number in range(24):
            for name, text in templates(self.chance).items():
                doc = self.doc(text, text[:30], "template", f"t-{name}-{number}")
                rows.setdefault(name, []).append(doc)
                block = [doc]
                if number % 6 == 0:
                    copy = self.doc(
                        f"({self.chance.choice(AGENCY)}) {text}",
                        text[:25],
                        "template_copy",
                        doc.cluster,
                        "copying.example",
                    )
                    self.pair(doc, copy, "+template_copy", 1)
                    block.append(copy)
                yield block
        for docs in rows.values():
            for _ in range(40):
                one, two = self.chance.sample(docs, 2)
                self.pair(one, two, "-template", 0)

    def _furnished(
        self,
        kind: str,
        pieces: Sequence[str],
        stock: Iterator[tuple[str, list[str]]],
        words: tuple[int, int],
        *,
        behind: bool,
    ) -> Iterator[list[Doc]]:
        for piece_number, piece in enumerate(pieces):
            docs = []
            for number in range(10):
                title, passage = next(stock, ("", []))
                if not passage:
                    break
                own = " ".join(passage[: self.chance.randint(*words)])
                site = self.chance.choice([f"chain{piece_number}.example", f"chain{piece_number}{number}.example"])
                extra = piece if kind != "furniture" else join([piece, pieces[(piece_number + 1) % 5]])
                body = join([own, extra] if behind else [extra, own])
                docs.append(self.doc(body, title, kind, f"{kind}-{piece_number}-{number}", site))
            for _ in range(12 if len(docs) > 1 else 0):
                one, two = self.chance.sample(docs, 2)
                self.pair(one, two, f"-{kind}", 0)
            yield from ([doc] for doc in docs)

    def _follow_up(self, title: str, parts: list[str]) -> list[Doc]:
        """Two stories of one event: each its own news, the background the same."""
        a, b, shared = (
            parts[: len(parts) // 3],
            parts[len(parts) // 3 : 2 * len(parts) // 3],
            parts[2 * len(parts) // 3 :],
        )
        size = min(len(join(a)), len(join(b)))
        shared_text = join(shared)[: int(size * self.chance.uniform(0.3, 0.7))]
        one = self.doc(join([*a, shared_text]), title, "follow_up", f"u-a-{title}-{len(self.docs)}")
        two = self.doc(join([*b, shared_text]), title, "follow_up", f"u-b-{title}-{len(self.docs)}")
        self.pair(one, two, "-follow_up", 0)
        return [one, two]
