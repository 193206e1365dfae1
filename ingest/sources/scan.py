"""Feeds in parts: the bytes of a document split into its items and its envelope, and the items told apart by hash.

Pure bytes, no XML: an item is a stretch of bytes, the envelope is all the rest. What has the hash of an item that was
read before, in an envelope that says the same, reads the same, and need not be looked at again (parts.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

FORMAT = "1"  # another one where items come to be read otherwise than before: then none is known
HASH_BYTES = 8
FIRST_ITEM = re.compile(rb"<((?:[A-Za-z][\w.-]{0,40}:)?(?:item|entry))[\s>]", re.IGNORECASE)
BEHIND_NAME = frozenset(b" \t\r\n>/")
# Counts that move with every reader, and what feedparser calls them: no field of an entry comes from them.
COUNTS = {b"<slash:comments>": "slash_comments", b"<slash:hit_parade>": "slash_hit_parade", b"<thr:total>": "thr_total"}
LONGEST_COUNT = 20
MAX_SEARCHED = 100_000_000  # bytes looked through for ids: a tenth of a second
AMPERSANDS = (b"&amp;", b"&", b"&#038;", b"&#38;", b"&#x26;")
BEFORE_ID, BEHIND_ID = frozenset(b">['\" \t\r\n"), frozenset(b"<]'\" \t\r\n")


@dataclass(frozen=True, slots=True)
class Split:
    """`envelope`: with a mark in place of every run of items. `runs`: the number of that mark, for each item."""

    envelope: bytes
    items: tuple[bytes, ...]
    runs: tuple[int, ...]
    has_more: bool = False  # further items were left out


def split(body: bytes, mark: bytes, limit: int) -> Split | None:
    """At most `limit` items and what is around them; None where one has no end.

    Whether a stretch is an item, and one item, shows when it is read.
    """
    first = FIRST_ITEM.search(body)
    if first is None:
        return Split(body, (), ())
    opening, closing = b"<" + first[1], b"</" + first[1] + b">"
    around: list[bytes] = []
    items: list[bytes] = []
    runs: list[int] = []
    at, begin = 0, first.start()
    while begin >= 0 and len(items) < limit:
        end = body.find(closing, begin)
        if end < 0:
            return None
        if not items or body[at:begin].strip():
            around.append(body[at:begin])
        at = end + len(closing)
        items.append(body[begin:at])
        runs.append(len(around) - 1)
        begin = _find_tag(body, opening, at)
    if begin >= 0:
        at = body.rfind(closing) + len(closing)
    return Split(mark.join((*around, body[at:])), tuple(items), tuple(runs), has_more=begin >= 0)


def _find_tag(body: bytes, opening: bytes, at: int) -> int:
    """Where the next tag of this name begins: "<item" but not "<items"."""
    while (at := body.find(opening, at)) >= 0:
        behind = at + len(opening)
        if behind < len(body) and body[behind] in BEHIND_NAME:
            break
        at = behind
    return at


def counts_in(envelope: bytes) -> tuple[bytes, ...]:
    """The tags of counts that items may have: those with a prefix that the envelope declares."""
    return tuple(tag for tag in COUNTS if b"xmlns:" + tag[1 : tag.index(b":")] + b"=" in envelope)


def uncounted(item: bytes, tags: Sequence[bytes]) -> bytes:
    """An item without the counts that it has once; their tags stay."""
    for tag in tags:
        begin, end, _ = counted(item, tag)
        item = item[:begin] + item[end:]
    return item


def counted(item: bytes, tag: bytes) -> tuple[int, int, bytes]:
    """Where a count stands, and what it says; (0, 0, b"") where there is none or more than one."""
    at = item.find(tag)
    if at < 0 or item.find(tag, at + 1) >= 0:
        return 0, 0, b""
    begin = at + len(tag)
    end = item.find(b"<", begin, begin + LONGEST_COUNT)
    said = item[begin:end] if end >= 0 else b""
    return (begin, end, said) if said.isdigit() else (0, 0, b"")


def hashed(items: Sequence[bytes], salts: Sequence[bytes], tags: Sequence[bytes]) -> list[bytes]:
    """For each item the hash of its bytes but for counts, and of all else that its reading depends on: its salt."""
    found = []
    for item, salt in zip(items, salts, strict=True):
        hashing = sha256(salt)  # a third of the time of blake2b where the processor helps, as most do
        hashing.update(uncounted(item, tags) if tags else item)
        found.append(hashing.digest()[:HASH_BYTES])
    return found


def salted(*said: object) -> bytes:
    return sha256(repr((FORMAT, said)).encode("utf-8", "backslashreplace")).digest()


def unlike(found: bytes) -> bytes:
    """A hash that no item has, for one that has to be read every time."""
    return bytes(byte ^ 0xFF for byte in found)


def known_hashes(known: bytes | None) -> frozenset[bytes]:
    """What `unlike` made of a hash is in the set, too, and matches nothing."""
    known = known or b""
    return frozenset(known[at : at + HASH_BYTES] for at in range(0, len(known), HASH_BYTES))


def states(item: bytes, name: str) -> bool:
    """Whether an id stands in an item as such: between tags, in quotes, or with space around it."""
    stated = name.encode("utf-8", "replace")
    spellings = (stated.replace(b"&", ampersand) for ampersand in AMPERSANDS) if b"&" in stated else (stated,)
    return any(_stands_in(item, spelling) for spelling in spellings)


def _stands_in(text: bytes, stated: bytes) -> bool:
    at = text.find(stated)
    while stated and at > 0:
        end = at + len(stated)
        if text[at - 1] in BEFORE_ID and text[end : end + 1] and text[end] in BEHIND_ID:
            return True
        at = text.find(stated, at + 1)
    return False


def suspects(items: Sequence[bytes], known: Sequence[int], names: Sequence[str]) -> list[int]:
    """Which of the known items may have an id out of `names`."""
    text = b"\0".join(items[number] for number in known)
    if len(text) * len(names) > MAX_SEARCHED:
        return list(known)
    found = [name for name in names if states(text, name)]
    return [number for number in known if any(states(items[number], name) for name in found)] if found else []
