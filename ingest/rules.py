"""What goes by rule, after the classifier: each rule has its reason, and a golden page that shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ingest.blocks import Block, Trait
from ingest.document import WORDS, comparable
from ingest.features import SENTENCE_END
from ingest.judgement import HEADINGS, Verdict
from ingest.phrases import CREDIT_LINE, DROPPED_HEADING, NOISE_LINE, POINTER_LINE, RELATED_HEADING
from ingest.seen import Seen

LINK_ONLY = 0.9  # of the characters
MAX_TITLE_CHARS = 300
MIN_LINK_CHARS = 15  # a shorter one may be a word in a list


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
            judged[number] = judged[number].dropped("heading over nothing")
    return judged


def _by_rule(verdict: Verdict, title: str, lead: str, related: set[str]) -> Verdict:
    text, key = verdict.block.text, verdict.block.key
    if len(text) <= MAX_TITLE_CHARS:
        for reason, applies in RULES.items():
            if applies(text):
                return verdict.dropped(reason)
        if key == title:
            return verdict.dropped("headline again")
        if key in related:
            return verdict.dropped("title of a related article")
    return verdict.dropped("standfirst again") if lead and key == lead else verdict


def drop_asides(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Without boxes at the side of the text, unless the text itself stands in one."""
    kept = [verdict.block for verdict in verdicts if verdict.kept]
    aside = {id(block) for block in kept if block.place.all & Trait.ASIDE}
    chars = sum(len(block.text) for block in kept)
    if not aside or 2 * sum(len(block.text) for block in kept if id(block) in aside) > chars:
        return list(verdicts)
    return [v.dropped("box at the side") if v.kept and id(v.block) in aside else v for v in verdicts]


def drop_lone_links(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Without lines that are nothing but a link to elsewhere, unless the article consists of such lines."""
    kept = [verdict for verdict in verdicts if verdict.kept]
    lone = {id(verdict) for verdict in kept if is_lone_link(verdict.block)}
    if not lone or len(lone) * 3 > len(kept):
        return list(verdicts)
    return [verdict.dropped("nothing but a link") if id(verdict) in lone else verdict for verdict in verdicts]


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
