"""Given the last revision: is what we read now the same, cosmetic, or a new revision? And older texts in few bytes."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ingest.cosmetic import essence, words
from ingest.model import Article, Reading


class Change(StrEnum):
    UNCHANGED = "unchanged"
    COSMETIC = "cosmetic"  # white space, punctuation, case, time stamps, credits: it says the same
    MATERIAL = "material"  # other words


@dataclass(frozen=True, slots=True)
class Revised:
    change: Change
    words_added: int = 0
    words_removed: int = 0


Words = tuple[list[str], list[str], list[str]]  # of headline, standfirst and text


def said(title: str | None, standfirst: str | None, text: str) -> Words:
    """What a text says, in words that are equal where nothing but its looks differ."""
    return words(title), words(standfirst), words(essence(text))


def compare(before: Article, now: Reading) -> Revised:
    """What changed since `before`. Words of the headline count, and so do those of the standfirst."""
    if (before.title, before.standfirst, before.text) == (now.title, now.standfirst, now.text):
        return Revised(Change.UNCHANGED)
    old = said(before.title, before.standfirst, before.text)
    new = said(now.title, now.standfirst, now.text)
    if old == new:
        return Revised(Change.COSMETIC)
    had, has = Counter(word for part in old for word in part), Counter(word for part in new for word in part)
    return Revised(Change.MATERIAL, (has - had).total(), (had - has).total())


FROM_FEED = " feed"  # ends the name of what reads the text that a feed states


def is_read_otherwise(before: str | None, now: str) -> bool:
    """Whether another version of the program reads now: then it is not to be told who changed the text.

    `before`, `now`: name and version, as in `articles.extractor`. A page and a feed are no versions of each other.
    """
    return before not in (None, now) and str(before).endswith(FROM_FEED) == now.endswith(FROM_FEED)


# --- deltas -------------------------------------------------------------------------------------------------------

# The first byte of a kept text. What has none of them was written by an older version: zlib with a dictionary.
SCRIPT, WHOLE = b"\x01", b"\x02"
MOST_LEANING = 9  # so many texts may need another one to be read: the next is kept whole
COPY = re.compile(r"=(\d+),(\d+)")


def to_delta(older: str, newer: str) -> bytes:
    """`older` in few bytes for one who has `newer`: which paragraphs are the same, and the others deflated with it.

    Deflate alone looks back 32 KiB and no further: a longer text would not find itself in the other.
    """
    script = "\n\n".join(_script(older.split("\n\n"), newer.split("\n\n")))
    return SCRIPT + _packed(older, script, _dictionary(newer))


def to_whole(text: str) -> bytes:
    """A text that needs no other."""
    return WHOLE + _packed(text, text, b"")


def is_whole(delta: bytes) -> bool:
    return delta[:1] == WHOLE


def from_delta(delta: bytes, newer: str) -> str:
    """The older text again; `newer` does not matter where the delta is whole.

    Raises zlib.error where `newer` is not the text the delta was made against, or the delta is damaged.
    """
    try:
        if delta[:1] not in (SCRIPT, WHOLE):
            return _unpacked(delta, zlib.decompressobj(zdict=_dictionary(newer)))
        dictionary = b"" if is_whole(delta) else _dictionary(newer)
        text = _unpacked(delta[5:], zlib.decompressobj(wbits=-15, zdict=dictionary))
        if not is_whole(delta):
            text = "\n\n".join(_followed(text, newer.split("\n\n")))
    except (ValueError, IndexError) as error:
        raise zlib.error(str(error)) from None
    if _checksum(text) != delta[1:5]:
        raise zlib.error("not the text it was made against")
    return text


def _script(older: list[str], newer: list[str]) -> Iterator[str]:
    """For each run of paragraphs that `newer` has too, where it begins and how long it is; the others as they are."""
    places: dict[str, int] = {}
    for number, paragraph in enumerate(newer):
        places.setdefault(paragraph, number)
    at = 0
    while at < len(older):
        place = places.get(older[at])
        if place is None:
            yield "+" + older[at]
            at += 1
            continue
        run = 1
        while at + run < len(older) and place + run < len(newer) and older[at + run] == newer[place + run]:
            run += 1
        yield f"={place},{run}"
        at += run


def _followed(script: str, newer: list[str]) -> Iterator[str]:
    for step in script.split("\n\n"):
        copied = COPY.fullmatch(step) if step[:1] == "=" else None
        if copied is None:
            yield step[1:]
        else:
            place, run = int(copied[1]), int(copied[2])
            if place + run > len(newer):
                raise IndexError("no such paragraph")
            yield from newer[place : place + run]


def _packed(text: str, script: str, dictionary: bytes) -> bytes:
    packer = zlib.compressobj(9, wbits=-15, zdict=dictionary)
    return _checksum(text) + packer.compress(script.encode("utf-8", "surrogatepass")) + packer.flush()


def _unpacked(packed: bytes, unpacker: zlib._Decompress) -> str:
    text = unpacker.decompress(packed)
    if not unpacker.eof:
        raise zlib.error("cut short")
    return text.decode("utf-8", "surrogatepass")


def _checksum(text: str) -> bytes:
    return zlib.crc32(text.encode("utf-8", "surrogatepass")).to_bytes(4, "big")


def _dictionary(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")[-32_768:]  # deflate looks back 32 KiB and no further


# --- which text leans on which --------------------------------------------------------------------------------------


def leaning(number: int, bases: Mapping[int, int | None]) -> int:
    """How many revisions can be read only with the text of `number`. `bases`: by number, what each leans on."""
    below: dict[int, list[int]] = {}
    for each, base in bases.items():
        if base is not None:
            below.setdefault(base, []).append(each)
    found, waiting = {number}, [number]
    while waiting:
        fresh = [each for each in below.get(waiting.pop(), ()) if each not in found]
        found.update(fresh)
        waiting += fresh
    return len(found) - 1
