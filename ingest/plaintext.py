"""Pages saved as text: what a browser writes when it saves, or what a reader pasted."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.model import RelatedLink
from ingest.phrases import DROPPED_HEADING, NOISE_LINE, RELATED_HEADING, SKIP_LINE

MAX_BLOCKS = 20_000
SENTENCE_END = re.compile(r"[.!?…。！？:;][\"'”’»)\]]*$")
CAPTION = re.compile(
    r"\s[–—-]\s(?:video|audio|gallery|in pictures|podcast|vidéo|vídeo|bilder|galerie|podcast)\W*$", re.I
)
BULLET = re.compile(r"^[•·▪◦‣*–-]\s+(?=\S)")
BYLINE = re.compile(r"^(?:by|von|par|por)\s+\S.{2,80}$", re.I)
HEADLINE_CHARS = 250
STANDFIRST_CHARS = 400


@dataclass(frozen=True, slots=True)
class TextPage:
    """The parts of a page in plain text."""

    title: str | None
    standfirst: str | None
    paragraphs: tuple[str, ...]
    related: tuple[RelatedLink, ...]


def parse(text: str) -> TextPage:
    """Take a text page apart: headline, standfirst, paragraphs, then lists of other articles."""
    head, paragraphs = heading(blocks_of(text))
    kept, related = cut(paragraphs)
    return TextPage(head[0] if head else None, head[1] if len(head) > 1 else None, tuple(kept), tuple(related))


def blocks_of(text: str) -> list[str]:
    """Blocks between blank lines, each in one line, without skip links; lines are blocks where no line is blank."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").split("\n")
    if lines and SKIP_LINE.fullmatch(lines[0]):
        lines[0] = ""
    parts = "\n".join(line.strip() for line in lines).split("\n\n")
    if len(parts) <= 2:
        parts = "\n".join(parts).split("\n")
    blocks = (" ".join(part.split()) for part in parts[:MAX_BLOCKS])
    return [block for block in blocks if block and not SKIP_LINE.fullmatch(block)]


def heading(blocks: list[str]) -> tuple[list[str], list[str]]:
    """(headline and perhaps standfirst, the rest): the lines on top that do not end like sentences."""
    while blocks and (CAPTION.search(blocks[0]) and len(blocks) > 1 and is_headline(blocks[1])):
        blocks = blocks[1:]
    if len(blocks) < 2 or not is_headline(blocks[0]):
        return (blocks[:1], []) if len(blocks) == 1 and is_headline(blocks[0]) else ([], blocks)
    head, rest = blocks[:1], blocks[1:]
    if len(rest) > 1 and not BYLINE.match(rest[0]) and is_standfirst(rest[0], rest[1]):
        head, rest = blocks[:2], blocks[2:]
    while rest and BYLINE.match(rest[0]) and not SENTENCE_END.search(rest[0]):
        rest = rest[1:]
    return head, rest


def is_headline(block: str) -> bool:
    return len(block) <= HEADLINE_CHARS and not BULLET.match(block) and not re.search(r"[.;:,]$", block)


def is_standfirst(block: str, following: str) -> bool:
    """A line without a full stop, before one with: what stands between a headline and the text."""
    return len(block) <= STANDFIRST_CHARS and not SENTENCE_END.search(block) and bool(SENTENCE_END.search(following))


def cut(blocks: list[str]) -> tuple[list[str], list[RelatedLink]]:
    """(paragraphs, related): the text ends at the first list of other articles that no paragraph follows."""
    kept: list[str] = []
    related: dict[str, RelatedLink] = {}
    listing = False
    for number, block in enumerate(blocks):
        if DROPPED_HEADING.fullmatch(block) and not any(is_running(later) for later in blocks[number + 1 :]):
            break
        if RELATED_HEADING.fullmatch(block):
            listing = True
        elif listing and not is_running(block):
            title = BULLET.sub("", block)
            related.setdefault(title, RelatedLink(title))
        elif not NOISE_LINE.fullmatch(block):
            listing = False
            kept.append(block)
    return kept, list(related.values())


def is_running(block: str) -> bool:
    """Whether it reads like a paragraph of an article, not like an entry in a list."""
    return not BULLET.match(block) and len(block) > 60 and SENTENCE_END.search(block) is not None
