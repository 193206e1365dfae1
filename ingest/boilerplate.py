"""Learned boilerplate: short blocks that recur on several pages of a host are the site's, not the article's.

The store counts on how many articles of a host each short block stood (`Reading.short_blocks`); those on MIN_PAGES or
more come back with the next page of that host (`Page.boilerplate`) and are cut. What was cut is named in
`Reading.dropped`; `reread` with other counts brings it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ingest.document import comparable
from ingest.fingerprint import digest
from ingest.model import Dropped

MIN_PAGES = 3
MIN_CHARS = 12  # "Read more" is a matter of rules; a single word may be anybody's subheading
MAX_CHARS = 400  # what is longer is text that was published again
MAX_BLOCKS = 60  # of one page are counted
MAX_SHARE = 0.4  # of the text: if more recurs, it is the article that is published again
REASON = "boilerplate of the host"


def block_key(text: str) -> int:
    """A signed 64-bit number that stands for the words of a block, whatever its case, space and punctuation."""
    return int.from_bytes(digest(comparable(text))[:8], "big", signed=True)


def may_recur(text: str) -> bool:
    """Whether a block is of the size that boilerplate has."""
    return MIN_CHARS <= len(text) <= MAX_CHARS


def short_blocks(blocks: Iterable[str]) -> tuple[str, ...]:
    """The blocks of a page that are worth counting, each once, from its beginning and its end."""
    found = list(dict.fromkeys(text for text in blocks if may_recur(text)))
    if len(found) > MAX_BLOCKS:
        found = found[: MAX_BLOCKS // 2] + found[-MAX_BLOCKS // 2 :]
    return tuple(found)


def recurring(blocks: Sequence[str], known: frozenset[int]) -> list[Dropped | None]:
    """For each block, the reason to drop it, or None. Nothing is dropped where too much of the text recurs."""
    if not known:
        return [None] * len(blocks)
    found = [Dropped(text, REASON) if may_recur(text) and block_key(text) in known else None for text in blocks]
    dropped = sum(len(text) for text, verdict in zip(blocks, found, strict=True) if verdict)
    return found if dropped <= MAX_SHARE * sum(map(len, blocks)) else [None] * len(blocks)
