"""How a page was read, for `dateline extract --explain`: every block with what became of it, every field with its
witnesses.

Plain values only, so that an explanation may leave the process that read the page. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ingest import plaintext, urls
from ingest.blocks import Block, Place
from ingest.document import Document, comparable
from ingest.extract import Body
from ingest.judgement import HEADINGS, SURE, Verdict
from ingest.metadata import Facts, in_words
from ingest.model import BlockSeen, Explanation, Fate
from ingest.seen import Seen
from ingest.textkinds import Kind, Part

NOT_CHOSEN = "the first text is taken as it is"
FOUND_IN = {"json-ld": "found in JSON-LD", "script": "found in the page's scripts"}
WHAT_IT_IS = {
    Kind.BYLINE: "a byline", Kind.DATE: "a date", Kind.RELATED: "heads a list of articles",
    Kind.DROPPED: "heads a box of the site", Kind.NOISE: "note of the page", Kind.ITEM: "item of a list",
}  # fmt: skip


def explain(explanation: Explanation, document: Document, facts: Facts, body: Body, canonical: str) -> None:
    """Fill in an explanation, once the page is read."""
    is_text = document.tree is None
    found = blocks_in_text(document.text, facts, body) if is_text else blocks_in_page(body, facts.provenance)
    explanation.blocks = tuple(found)
    for name, said in explanation.witnesses.items():
        if name == "canonical_url":
            winner = next((one for one in said if urls.choose_canonical(document.url, one[1]) == canonical), None)
        else:
            winner = who_won(said, facts.provenance.get(name), getattr(facts, name))
        if winner is not None:
            explanation.won[name] = winner


def who_won(said: Sequence[tuple[str, str]], source: str | None, value: object) -> tuple[str, str] | None:
    """The witness that has a field: who said that very thing, else who is named as its source."""
    words = in_words(value)
    very = [one for one in said if one[1] == words and source in (None, one[0])]
    return next(iter(very or [one for one in said if one[0] == source]), None)


# --- blocks -----------------------------------------------------------------------------------------------------------


def blocks_in_page(body: Body, provenance: Mapping[str, str]) -> Iterator[BlockSeen]:
    """Every block of the markup, then what was found elsewhere."""
    judged = {id(verdict.block): verdict for verdict in body.verdicts}
    if body.seen is not None:
        lead = {id(body.seen.everything[number]) for number in body.seen.lead or ()}
        left = {id(block) for block in body.seen.blocks}
        for block in body.seen.everything:
            if (verdict := judged.pop(id(block), None)) is not None:
                yield _judged(verdict)
            elif id(block) in lead:
                yield _placed(block, Fate.STANDFIRST, "")
            elif id(block) in left:
                yield _placed(block, Fate.DROPPED, NOT_CHOSEN)
            else:
                yield _placed(block, Fate.BOX, _kind_of_box(block.place, body.seen))
    source = FOUND_IN.get(provenance.get("text", ""), "found in the first text")
    for verdict in judged.values():
        fate = Fate.KEPT if verdict.kept else Fate.DROPPED
        yield BlockSeen(verdict.block.text, fate, verdict.reason or source)


def _judged(verdict: Verdict) -> BlockSeen:
    if not verdict.kept:
        return _placed(verdict.block, Fate.DROPPED, verdict.reason, verdict.sureness)
    if verdict.sureness is None or verdict.sureness >= SURE:
        reason = "like an article's text"
    else:
        reason = "heading over the text" if verdict.block.place.tag in HEADINGS else "in the first text"
    return _placed(verdict.block, Fate.KEPT, reason, verdict.sureness)


def _placed(block: Block, fate: Fate, reason: str, sureness: float | None = None) -> BlockSeen:
    place = block.place
    around = next((above for above in place.chain() if above is not place and above.mark), None)
    within = f"{around.tag} {around.mark}" if around else ""
    return BlockSeen(block.text, fate, reason, sureness, place.tag, place.mark, within)


def _kind_of_box(place: Place, seen: Seen) -> str:
    """ "related" or "other", by the innermost box around a place."""
    return next((kind for around in place.chain() if (kind := seen.boxes.get(id(around.element)))), "other")


def blocks_in_text(text: str, facts: Facts, body: Body) -> Iterator[BlockSeen]:
    """Every part of a page saved as text. The paragraphs are found again in their order among all parts."""
    verdicts = list(body.verdicts)
    rest = iter(parts := plaintext.everything_in(text))
    if not all(any(part.text == verdict.block.text for part in rest) for verdict in verdicts):
        parts = []  # the text was put together anew: its own order is the only one there is
    for part in parts:
        if verdicts and part.text == verdicts[0].block.text:
            yield _of_text(verdicts.pop(0))
        else:
            yield _beside_text(part, facts, body)
    yield from map(_of_text, verdicts)


def _of_text(verdict: Verdict) -> BlockSeen:
    fate = Fate.KEPT if verdict.kept else Fate.DROPPED
    return BlockSeen(verdict.block.text, fate, verdict.reason or "a paragraph of the text")


def _beside_text(part: Part, facts: Facts, body: Body) -> BlockSeen:
    words = comparable(part.text)
    if words and words in comparable(facts.standfirst):
        return BlockSeen(part.text, Fate.STANDFIRST, "")
    if words == comparable(facts.title):
        return BlockSeen(part.text, Fate.DROPPED, "headline")
    if any(words == comparable(link.title) for link in body.related):
        return BlockSeen(part.text, Fate.BOX, "related")
    return BlockSeen(part.text, Fate.DROPPED, WHAT_IT_IS.get(part.kind, "beside the text"))
