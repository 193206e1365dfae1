"""Signatures: what is kept of a text so that copies of it are found (16 keys) and judged (its words as numbers).

Two texts that differ in case, typography, width, entities, hyphenation or by one round of wrong decoding have the same
signature. A word is 64 bits: 32 of a hash, 24 that are alike where the spelling is alike (its pairs of letters), 8
that say what kind of word it is and how it begins. Scripts without spaces have a word for each character.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from hashlib import blake2b
from html import unescape

import numpy as np
from numpy.typing import NDArray

from ingest.credits import AGENCY_WORDS, credits_of
from ingest.spelling import folded
from ingest.wordkinds import VALUES, is_number_word

Words = NDArray[np.uint64]
Places = NDArray[np.intp]
Mask = NDArray[np.bool_]

KEYS = 16  # stored for an article: half the keys, half the index (docs/measurements.md)
LEAD_KEYS = 6  # of them from the beginning, which is what teasers, flashes and cut copies keep
LEAD = 40  # words
EXTRA_KEYS = 16  # looked up besides, never stored: what is embedded in a longer text has few of its own
MAX_CHARS = 200_000
MAX_WORDS = 20_000

WIDTH, CHAR_WIDTH = 4, 8  # words and characters in a shingle
NUMBER, CAPITAL, CHAR, SMALL, CASED, START = 1, 2, 4, 8, 16, 32  # kinds of words
INITIAL = 64 + 128  # two bits of the first letter

_SPACELESS = r"\u0e00-\u0e4f\u0e5a-\u0ecf\u1000-\u109f\u1780-\u17df\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_MARKS = r"\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
# A character of a script without spaces, a number, a word, or a mark behind which a capital says nothing.
TOKEN = re.compile(
    rf"[{_SPACELESS}]|"
    rf"\d{{1,3}}(?: \d{{3}})+(?!\d)|\d+(?:[.,:]\d+)*[^\W_{_SPACELESS}]*|"
    rf"[^\W\d_][^\W\d_{_MARKS}]*(?:[{_MARKS}]+[^\W\d_{_MARKS}]*)*\d*|"
    r"[.!?:\n\"“”„«»。！？]"
)
# The same for texts in which no character is beyond Latin letters and typographic marks: twice as fast.
LATIN_TOKEN = re.compile(r"[^\W\d_]+\d*|\d{1,3}(?: \d{3})+(?!\d)|\d+(?:[.,:]\d+)*[^\W_]*|[.!?:\n\"“”„«»]")
BEYOND_LATIN = re.compile("[\u0300-\u1dff\u2c00-\U0010ffff]")
INVISIBLE = re.compile("[\u00ad\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
BROKEN_WORD = re.compile(r"(?<=[^\W\d_])-\n(?=[^\W\d_])")
TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")
SPACED_NUMBER = re.compile(r" (?<=\d )(?=\d{3}(?!\d))")  # 1 200 000
LINE = "\x01"  # stands for the end of a line
PIECE = 40  # characters of a word and its marks; what is longer is in a script without spaces, or no word
THOUSANDS = re.compile(r"(?<=\d)[., ](?=\d{3}(?:\D|$))")

# The characters that the bytes 0x80 to 0xBF become when they are taken for Windows-1252 or Latin-1.
_AS_BYTE = {bytes([n]).decode("cp1252", "ignore") or chr(n): n for n in range(0x80, 0x100)}
_AS_BYTE |= {chr(n): n for n in range(0x80, 0x100) if chr(n) not in _AS_BYTE}
_TAIL = "[\ufffd" + "".join(re.escape(char) for char, n in _AS_BYTE.items() if n < 0xC0) + "]"
MISREAD = re.compile(f"[\u00c2-\u00df]{_TAIL}|[\u00e0-\u00ef]{_TAIL}{{2}}|[\u00f0-\u00f4]{_TAIL}{{3}}")
LOST_QUOTE = re.compile("â€[\ufffd?]")
_LOST = 0x81  # five bytes are nothing in Windows-1252; among those that were lost this one is the commonest (kana)
SUSPECTS = re.compile("[ÂÃâÐÑØÙïåæçèéêãàì]")


@dataclass(frozen=True, slots=True, eq=False)
class Signature:
    """What stands for a text. Pure: the same text has the same signature, in every process and at every time."""

    exact: bytes  # 16 bytes, equal where the words are
    words: Words
    shingles: Words  # the hash of the words that begin at a place
    places: Places  # those places, in order
    widths: NDArray[np.int8]
    keys: tuple[int, ...]  # signed, at most KEYS: to be stored
    more_keys: tuple[int, ...]  # to be looked up besides
    title: frozenset[int]
    front: int  # words of a byline and a dateline at the beginning, which are a paper's own
    tail: int  # words of a credit at the end
    source: str | None  # the agency that the text names

    @property
    def length(self) -> int:
        return len(self.words)


def signature(text: str, title: str = "") -> Signature:
    """The signature of a text. It never fails; of what is too long the beginning counts."""
    text = normalised(text)
    words = _words(text)
    front, tail, source = credits_of(text)
    plain = words & _IDENTITY
    shingles, places, widths = _shingles(words)
    keys, more = _keys(shingles, places)
    return Signature(
        exact=blake2b(plain.tobytes(), digest_size=16).digest(),
        words=words,
        shingles=shingles,
        places=places,
        widths=widths,
        keys=keys,
        more_keys=more,
        title=_telling(title[:500]) if title else frozenset(),
        front=len(_words(text[:front])) if front else 0,
        tail=len(_words(text[tail:])) if tail < len(text) else 0,
        source=source,
    )


def _telling(title: str) -> frozenset[int]:
    words = words_of(title)
    return frozenset((words[(words & np.uint64(SMALL)) == 0] >> np.uint64(32)).tolist())


# --- words ----------------------------------------------------------------------------------------------------------

_IDENTITY = np.uint64(0xFFFFFFFF_FFFFFF00)
_KNOWN_LIMIT = 100_000


class _Known(dict[str, int]):
    """Words by their spelling; a language has few of them, so most are met again."""

    def __missing__(self, token: str) -> int:
        if len(self) >= _KNOWN_LIMIT:
            self.clear()
        number = self[token] = _number_of(token)
        return number


_known = _Known()


class _Pieces(dict[str, bytes]):
    """What stands between spaces, as words and marks: looking them up takes half the time of searching."""

    def __missing__(self, piece: str) -> bytes:
        numbers = map(_known.__getitem__, tokens_of(piece)) if piece != LINE else (0,)
        words = np.fromiter(numbers, np.uint64).tobytes()
        if len(piece) <= PIECE:
            if len(self) >= _KNOWN_LIMIT:
                self.clear()
            self[piece] = words
        return words


_pieces = _Pieces()


def words_of(text: str) -> Words:
    """The words of a text, each with its kind."""
    return _words(normalised(text))


def tokens_of(text: str) -> list[str]:
    """The words of a normalised text as they are spelt, and the marks between sentences."""
    is_latin = text.isascii() or BEYOND_LATIN.search(text) is None
    found: list[str] = (LATIN_TOKEN if is_latin else TOKEN).findall(text)
    return found


def _words(text: str) -> Words:
    if SPACED_NUMBER.search(text):
        text = SPACED_NUMBER.sub("", text)
    pieces = text.replace("\n", f" {LINE} ").split()
    found = np.frombuffer(b"".join(map(_pieces.__getitem__, pieces)), np.uint64)
    is_word = found != 0
    starts = np.ones(len(found), bool)
    starts[1:] = ~is_word[:-1]
    words: Words = found[is_word]
    words[starts[is_word]] |= np.uint64(START)
    return words[:MAX_WORDS]


def normalised(text: str) -> str:
    """A text as it was meant: decoded, in one Unicode form, without what cannot be seen."""
    text = text[:MAX_CHARS]
    if "&" in text:
        text = unescape(text)
    if "</" in text or "<p" in text or "<br" in text:
        text = TAG.sub(" ", text)
    if not text.isascii():
        text = repaired(text)
        if not unicodedata.is_normalized("NFKC", text):
            text = unicodedata.normalize("NFKC", text)
        text = INVISIBLE.sub("", text)
    if "-\n" in text:
        text = BROKEN_WORD.sub("", text)
    return text


def repaired(text: str) -> str:
    """UTF-8 that was read as Windows-1252 or Latin-1, once or twice, read right. Only the places that are damaged."""
    if SUSPECTS.search(text) is None:
        return text
    for _ in range(2):
        better = MISREAD.sub(_decoded, LOST_QUOTE.sub('"', text))
        if better == text:
            break
        text = better
    return text


def _decoded(found: re.Match[str]) -> str:
    try:
        return bytes(_AS_BYTE.get(char, _LOST) for char in found[0]).decode("utf-8")
    except UnicodeDecodeError:
        return found[0]


def _number_of(token: str) -> int:
    """A word as a number; 0 for a mark that ends a sentence."""
    if not (token[0].isalnum() or unicodedata.category(token[0])[0] == "M"):
        return 0
    word = folded(token)
    kind = 0
    if token[0].isdigit():
        word = THOUSANDS.sub("", _western(word)).replace(":", ".").replace(",", ".")
        kind |= NUMBER if _is_number(word) else 0
    elif _is_char(token):
        kind |= CHAR
    elif word in VALUES:
        word, kind = VALUES[word], NUMBER
    elif is_number_word(word):
        kind |= NUMBER
    if token[0].isupper() or token[0].istitle():
        kind |= CAPITAL
    if token != token.swapcase():
        kind |= CASED
    if (len(word) <= 3 or word in AGENCY_WORDS) and not kind & (NUMBER | CHAR):
        kind |= SMALL
    hashed = int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "big")
    return (hashed or 1) << 32 | _shape(word) << 8 | (ord(word[0]) & 3) << 6 | kind


def _is_number(word: str) -> bool:
    """A number with a short unit or ending ("9pm", "3rd", "9명이"); not a word whose l was read as 1."""
    digits = sum(map(str.isdigit, word))
    return digits + 2 >= len(word) or digits * 2 >= len(word) or "\uac00" <= word[-1] <= "\ud7af"


def _western(digits: str) -> str:
    return digits if digits.isascii() else "".join(str(unicodedata.digit(c, c)) for c in digits)


def _is_char(char: str) -> bool:
    if len(char) != 1 or "\uac00" <= char <= "\ud7af":  # Korean puts spaces between words
        return False
    return "\u0e00" <= char < "\u18b0" or char >= "\u3000"


def _shape(word: str) -> int:
    """24 bits, one for each pair of letters: words spelt alike share most of them."""
    bits = 0
    for pair in zip(f" {word[:20]}", f"{word[:20]} ", strict=True):
        bits |= 1 << (ord(pair[0]) * 31 + ord(pair[1])) % 24
    return bits


# --- shingles and keys ----------------------------------------------------------------------------------------------

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


# Shared by all texts that have no characters for words; nobody writes to them.
_EVERY_PLACE = np.arange(MAX_WORDS)
_USUAL_WIDTH = np.full(MAX_WORDS, WIDTH, np.int8)


def _shingles(words: Words) -> tuple[Words, Places, NDArray[np.int8]]:
    count = len(words) - WIDTH + 1
    if count <= 0:
        return np.empty(0, np.uint64), np.empty(0, np.intp), np.empty(0, np.int8)
    hashes = words >> np.uint64(32)
    rolled = hashes[:count].copy()
    for offset in range(1, WIDTH):
        rolled *= _PRIME
        rolled += hashes[offset : offset + count]
    places, widths = _EVERY_PLACE[:count], _USUAL_WIDTH[:count]
    is_char = (words[:count] & np.uint64(CHAR)) != 0
    if is_char.any():
        widths = widths.copy()
        longer = max(0, len(words) - CHAR_WIDTH + 1)
        wide = np.zeros(count, np.uint64)
        wide[:longer] = rolled[:longer]
        for offset in range(WIDTH, CHAR_WIDTH):
            wide[:longer] *= _PRIME
            wide[:longer] += hashes[offset : offset + longer]
        rolled = np.where(is_char, wide, rolled)
        widths[is_char] = CHAR_WIDTH
        fits = ~is_char
        fits[:longer] = True
        rolled, places, widths = rolled[fits], places[fits], widths[fits]
    return _mixed(rolled), places, widths


def _mixed(numbers: Words) -> Words:
    """Spread over all 64 bits (the finaliser of splitmix64)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * _MIX_1
    numbers = (numbers ^ (numbers >> np.uint64(27))) * _MIX_2
    mixed: Words = numbers ^ (numbers >> np.uint64(31))
    return mixed


def _keys(shingles: Words, places: Places) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The smallest of the beginning and of the whole: what two texts share, their smallest share too."""
    lead = np.sort(shingles[: int(np.searchsorted(places, LEAD))])[: LEAD_KEYS * 2]
    chosen = dict.fromkeys(lead.view(np.int64).tolist())
    first = list(chosen)[:LEAD_KEYS]
    wanted = KEYS + EXTRA_KEYS + LEAD_KEYS
    smallest = np.sort(np.partition(shingles, wanted)[:wanted] if len(shingles) > wanted else shingles)
    taken = set(first)
    rest = [key for key in dict.fromkeys(smallest.view(np.int64).tolist()) if key not in taken]
    room = KEYS - len(first)
    return tuple(first + rest[:room]), tuple(rest[room : room + EXTRA_KEYS])
