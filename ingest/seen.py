"""A page taken apart: its blocks, its standfirst, what stands beside the text, and what the witnesses say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from ingest import standfirst, witness
from ingest.blocks import Block, blocks_of
from ingest.boxes import take_boxes
from ingest.document import comparable
from ingest.features import Witnesses
from ingest.model import RelatedLink

# What holds no text of an article, or text of nobody.
INERT = (
    "script", "style", "noscript", "svg", "iframe", "template", "figcaption", "object", "embed", "canvas", "nav",
    "footer", "button", "select", "input", "textarea", "video", "audio", "picture", "source", "map", "dialog", "menu",
    "link", "amp-ad", "amp-iframe", "amp-social-share", "amp-img", "amp-analytics",
)  # fmt: skip
HEADLINE_LINKS = etree.XPath("count(//a[string-length(normalize-space(.)) >= 25])")


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
