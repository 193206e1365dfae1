"""Given the last revision: is what we read now the same, cosmetic, or a new revision?"""

from __future__ import annotations

import unicodedata
import zlib
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from ingest.fingerprint import TOKEN, text_hash
from ingest.model import Article, Reading


class Change(StrEnum):
    UNCHANGED = "unchanged"
    COSMETIC = "cosmetic"  # punctuation, case, white space
    NEW = "new"  # other words


@dataclass(frozen=True, slots=True)
class Revised:
    change: Change
    words_added: int = 0
    words_removed: int = 0


def compare(before: Article, now: Reading) -> Revised:
    """What changed since `before`. Words of the headline count, and so do those of the standfirst."""
    old = _words(before.title, before.standfirst, before.text)
    new = _words(now.title, now.standfirst, now.text)
    same_text = before.text_hash == text_hash(now.text)
    if same_text and old == new:
        unchanged = (before.title, before.standfirst, before.text) == (now.title, now.standfirst, now.text)
        return Revised(Change.UNCHANGED if unchanged else Change.COSMETIC)
    return Revised(Change.NEW, (new - old).total(), (old - new).total())


def _words(*texts: str | None) -> Counter[str]:
    return Counter(TOKEN.findall(unicodedata.normalize("NFKC", " ".join(t for t in texts if t)).casefold()))


def to_delta(older: str, newer: str) -> bytes:
    """`older` in few bytes for one who has `newer`: deflate with it as preset dictionary (RFC 1950, FDICT)."""
    packer = zlib.compressobj(9, zdict=_dictionary(newer))
    return packer.compress(older.encode("utf-8", "surrogatepass")) + packer.flush()


def from_delta(delta: bytes, newer: str) -> str:
    """The older text again. Raises zlib.error where `newer` is not the text the delta was made against."""
    return zlib.decompressobj(zdict=_dictionary(newer)).decompress(delta).decode("utf-8", "surrogatepass")


def _dictionary(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")[-32_768:]  # deflate looks back 32 KiB and no further
