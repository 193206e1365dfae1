"""The text that the journalist wrote and the links beside it.

The page is taken apart into blocks; boxes beside the text go by rule; a first text comes from the page's plain
structure or from trafilatura; a classifier, with that as one of its witnesses, judges block by block. Where the two
disagree widely and the classifier is not sure of itself, the first text and the rules have it. `docs/reading.md` tells
the whole way and what each step is worth.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from ingest.blocks import Block
from ingest.boilerplate import REASON as RECURS
from ingest.boilerplate import recurring
from ingest.judgement import SURE, Verdict, as_blocks, judge
from ingest.model import RelatedLink
from ingest.rules import drop_by_rule
from ingest.seen import Seen, look_at

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it reports strangers' mistakes as errors


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
            verdict.dropped("the text stands elsewhere") if verdict.kept else verdict for verdict in self.verdicts
        )
        found = (Verdict(block) for block in as_blocks(paragraphs))
        return replace(self, verdicts=(*dropped, *found), is_dump=False)

    def without_recurring(self, boilerplate: frozenset[int]) -> Body:
        """The same without what is known to recur on the host."""
        found = iter(recurring([block.text for block in self.kept], boilerplate))
        recurs = [verdict.kept and next(found) is not None for verdict in self.verdicts]
        if not any(recurs):
            return self
        judged = (v.dropped(RECURS) if drop else v for v, drop in zip(self.verdicts, recurs, strict=True))
        return replace(self, verdicts=tuple(judged))


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
        is_dump=seen.theirs.is_dump and not any(v.kept and (v.sureness or 0.0) >= SURE for v in verdicts),
        seen=seen,
    )
