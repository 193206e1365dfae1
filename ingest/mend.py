"""JSON as it goes wrong on pages, read all the same: a reader that forgives, for text that the strict one refused.

Forgiven: quotes that were not escaped, line ends inside strings, commas that are missing or too many, comments, single
quotes, names without quotes, an end that is cut off (what was closed before it counts). It goes through the text once;
what it cannot make sense of it skips.
"""

from __future__ import annotations

import json
import re
from typing import Any

MAX_CHARS = 300_000
MAX_DEPTH = 40

BLANK = re.compile(r"(?:\s+|/\*.*?\*/|//[^\n]*|<!--|-->|<!\[CDATA\[|\]\]>)*", re.S)
BARE = re.compile(r"[^\s,:{}\[\]\"']+")
# A quote closes a string where what follows can only be the JSON around it. A comma is not enough ('said "no", and
# went'): behind it a value or a name must begin. Behind a line end a name may begin even without the comma.
CLOSES = re.compile(
    r"\s*(?:$|[}\]]|:\s*[\"'{\[\dtfn-]|,\s*(?:[\"'{}\[\]]|/[*/]|-?\d|true|false|null|[A-Za-z_]\w{0,40}\s*:|$)|\n\s*[\"'][@\w]{1,40}[\"']\s*:)"
)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
WORDS = {"true": True, "false": False, "null": None, "undefined": None}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?$")


def mended(text: str) -> Any:
    """The value in a text that is nearly JSON; ValueError where there is none."""
    if len(text) > MAX_CHARS:
        raise ValueError("too long to be mended")
    start = min((place for mark in "{[" if (place := text.find(mark)) >= 0), default=-1)
    if start < 0:
        raise ValueError("no object and no list")
    return Forgiving(text, start).value(0)


class Forgiving:
    """A place in a text; every step moves it forward."""

    def __init__(self, text: str, place: int) -> None:
        self.text, self.place = text, place
        self.cut = False  # the text ended inside a string

    def next(self) -> str:
        """The next character that is neither blank nor comment; "" at the end."""
        found = BLANK.match(self.text, self.place)
        self.place = found.end() if found else self.place
        return self.text[self.place : self.place + 1]

    def value(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise ValueError("nested too deeply")
        mark = self.next()
        if mark == "{":
            return self.object(depth)
        if mark == "[":
            return self.list(depth)
        if mark and mark in "\"'":
            return self.string(mark)
        return self.bare()

    def object(self, depth: int) -> dict[str, Any]:
        self.place += 1
        found: dict[str, Any] = {}
        while (mark := self.next()) not in ("", "}"):
            if mark in ",:]":
                self.place += 1
                continue
            name = self.string(mark) if mark in "\"'" else str(self.bare())
            if self.next() == ":":
                self.place += 1
                if self.next() not in ("", ",", "}"):
                    value = self.value(depth + 1)
                    if not (self.cut and isinstance(value, str)):  # half a headline is none
                        found[name] = value
        self.place += 1
        return found

    def list(self, depth: int) -> list[Any]:
        self.place += 1
        found: list[Any] = []
        while (mark := self.next()) not in ("", "]"):
            if mark in ",:}":
                self.place += 1
                continue
            found.append(self.value(depth + 1))
        self.place += 1
        return found

    def string(self, quote: str) -> str:
        """What stands between this quote and the one that closes it, in whatever state."""
        self.place += 1
        start = end = self.place
        while True:
            end = self.text.find(quote, end)
            if end < 0:
                end, self.cut = len(self.text), True
                break
            if not self.is_escaped(end) and CLOSES.match(self.text, end + 1):
                break
            end += 1
        self.place = end + 1
        return unescaped(self.text[start:end])

    def is_escaped(self, place: int) -> bool:
        """Whether an odd number of backslashes stands before a place."""
        before = place
        while self.text[before - 1 : before] == "\\":
            before -= 1
        return (place - before) % 2 == 1

    def bare(self) -> Any:
        """true, null, a number, or a name that was not put in quotes."""
        found = BARE.match(self.text, self.place)
        if found is None:
            self.place += 1
            return None
        self.place = found.end()
        word = found[0]
        return WORDS[word] if word in WORDS else json.loads(word) if len(word) < 40 and NUMBER.match(word) else word


def unescaped(text: str) -> str:
    """A string's escapes resolved; those that are none stay as they are."""
    if "\\" not in text:
        return text
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    text = re.sub(r"\\(.)", lambda found: ESCAPES.get(found[1], found[1]), text, flags=re.S)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
