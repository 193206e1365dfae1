"""Feeds whose elements have a prefix that means nothing, such as <rss:item>: feedparser finds no items in them.

Everything else that is broken its loose parser gets over by itself.
"""

from __future__ import annotations

import re

MAX_REPAIRED = 2_000_000  # characters
PREFIXED_ITEM = re.compile(r"<([A-Za-z][\w.-]{0,40}):(?:item|entry)(?=[\s/>])", re.IGNORECASE)
TAG = re.compile(r"<[^<>]{1,4000}>")


def is_needed(text: str) -> bool:
    """Whether the items have a prefix that nobody declares: nothing will be found without a repair."""
    found = PREFIXED_ITEM.search(text)
    return found is not None and f"xmlns:{found[1]}" not in text


def repaired(text: str) -> str | None:
    """The text with the prefix of its items taken from all tags and their attributes; None where they have none."""
    found = PREFIXED_ITEM.search(text)
    if found is None or len(text) > MAX_REPAIRED:
        return None
    prefix = found[1] + ":"

    def without(tag: re.Match[str]) -> str:
        return tag[0].replace(f"<{prefix}", "<").replace(f"</{prefix}", "</").replace(f" {prefix}", " ")

    return TAG.sub(without, text)
