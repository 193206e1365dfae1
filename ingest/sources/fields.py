"""What every kind of feed does with its fields: plain bounded text, believable dates, absolute links, distinct ids."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from lxml import etree

from ingest.dates import is_plausible, parse_date
from ingest.fingerprint import digest
from ingest.model import ParsedEntry
from ingest.urls import absolute

MAX_ENTRIES = 2000
MAX_AUTHORS = 20
MAX_CATEGORIES = 50
MAX_TITLE = 1000
MAX_SUMMARY = 20_000
MAX_CONTENT = 200_000
MAX_NAME = 200
MAX_AUTHOR_READ = 500
MAX_LINK_SHOWN = 200
MAX_ID = 2000
MAX_PROBLEM = 300
MARKUP_PER_TEXT = 5  # so many characters of markup are read for each character of text that may be kept

BLOCK_NAMES = (
    "address article aside blockquote dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main "
    "nav ol p pre section table td th tr ul"
)
BLOCKS = frozenset(BLOCK_NAMES.split())
SILENT = frozenset(("head", "iframe", "noscript", "object", "script", "style", "svg", "template", "textarea", "title"))
TAG = re.compile(r"<[/!?]?[A-Za-z-]")
UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
MAIL_ADDRESS = re.compile(r"(?:mailto:)?[^\s<>()@,;]{1,64}@[^\s<>()@,;]{1,255}")
LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?![A-Za-z])")
PARSER = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)


def plain(text: str | None, limit: int, *, markup: bool = True) -> str | None:
    """Text without markup, at most `limit` characters, None where nothing is left.

    Blocks are separated by a blank line, lines by a line feed, words by one space. `markup=False`: "<" is a letter.
    """
    if not text:
        return None
    text = UNFIT.sub("", text[: limit * MARKUP_PER_TEXT])
    if markup:
        text = _stripped(text) if TAG.search(text) else _unescaped(text)
    return _tidy(text)[:limit].rstrip() or None


def line(text: str | None, limit: int, *, markup: bool = True) -> str | None:
    """The same, on one line."""
    found = plain(text, limit, markup=markup)
    return " ".join(found.split()) if found else None


def _unescaped(text: str) -> str:
    try:
        return UNFIT.sub("", html.unescape(text)) if "&" in text else text
    except ValueError:  # "&#" and more digits than Python will read
        return text


def _stripped(markup: str) -> str:
    root = etree.fromstring(markup.encode(), PARSER)
    if root is None:
        return ""
    pieces: list[str] = []
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        edge = "\n\n" if element.tag in BLOCKS else ""
        if event == "end":
            pieces += (edge, _spaced(element.tail))
        elif element.tag in SILENT:
            walker.skip_subtree()
        else:
            pieces += ("\n" if element.tag == "br" else edge, _spaced(element.text))
    return "".join(pieces)


def _spaced(text: str | None) -> str:
    """A line feed in the source of a page is only space."""
    return text.replace("\n", " ") if text else ""


def _tidy(text: str) -> str:
    lines = (" ".join(row.split()) for row in text.split("\n"))
    kept: list[str] = []
    for row in lines:
        if row or (kept and kept[-1]):
            kept.append(row)
    return "\n".join(kept).strip()


def names(stated: Iterable[str | None], limit: int) -> tuple[str, ...]:
    """Names, each once, in order, at most `limit`."""
    found = (line(name, MAX_NAME) for name in stated)
    return tuple(dict.fromkeys(name for name in found if name))[:limit]


def people(stated: Iterable[str | None]) -> tuple[str, ...]:
    """Names of authors: "desk@herald.example (Night Desk)" is Night Desk (RSS 2.0), an address alone is nobody."""
    return names((_without_address(name[:MAX_AUTHOR_READ]) for name in stated if name), MAX_AUTHORS)


def _without_address(name: str) -> str:
    found = MAIL_ADDRESS.sub(" ", name)
    return found if found == name else found.strip(" ()<>,;:")


def language(tag: str | None) -> str | None:
    """The primary tag in lower case: "en" for "en-US" (BCP 47)."""
    found = LANGUAGE.match(tag.strip()) if tag else None
    return found[1].lower() if found else None


def believed(text: str | None, now: datetime, otherwise: datetime | None = None) -> datetime | None:
    """The moment that a text states, else `otherwise`; None where news cannot have it."""
    moment = (parse_date(text) if text else None) or otherwise
    return moment if moment and is_plausible(moment, now) else None


def is_ahead(text: str, now: datetime) -> bool:
    """Whether a text states a moment that has not come yet."""
    moment = parse_date(text)
    return moment is not None and moment > now


def link(base: str, stated: str | None) -> tuple[str | None, str | None]:
    """(the absolute http(s) address or None, what was stated instead or None)."""
    stated = (stated or "").strip()
    found = absolute(base, stated) if stated else None
    return found, None if found or not stated else UNFIT.sub("", stated)[:MAX_LINK_SHOWN]


def entry_id(stated: str | None, url: str | None, title: str | None, when: str | None, text: str | None) -> str:
    """Who an entry is: its id, else its address, else its title and date, else its words."""
    found = UNFIT.sub("", (stated or "").strip()) or url
    if not found:
        found = " ".join(part for part in (title, when) if part) or digest(text or "").hex()
    return found if len(found) <= MAX_ID else f"{found[:MAX_ID]}#{digest(found).hex()}"


def told_apart(entries: Sequence[ParsedEntry]) -> tuple[ParsedEntry, ...]:
    """Entries with different ids: one used for several links gets the link behind it, then a number.

    All its users get the link, so that no id depends on the order in the document.
    """
    addresses: dict[str, set[str | None]] = {}
    for entry in entries:
        addresses.setdefault(entry.entry_id, set()).add(entry.url)
    seen: Counter[str] = Counter()
    found = []
    for entry in entries:
        name = entry.entry_id
        if len(addresses[name]) > 1 and entry.url:
            name = f"{name}#{entry.url}"
        seen[name] += 1
        if seen[name] > 1:
            name = f"{name}#{seen[name]}"
        found.append(replace(entry, entry_id=name))
    return tuple(found)
