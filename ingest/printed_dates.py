"""Dates as they are printed on the page, near the headline: for pages that have none for machines.

Believed are short texts that are little else than a date, those that are introduced as one ("Published", "Stand:",
"입력"), and elements marked as one; not the date of today in the masthead, and none below the first long paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ingest import dates
from ingest.printed import after, lines_of

TAGS = frozenset(("time", "span", "div", "p", "li", "small", "em", "strong", "td", "abbr", "b", "i", "font", "dd", "a"))
BEFORE = 40  # elements in the box of the headline
MAX_TEXT = 140
DIGIT = re.compile(r"\d")
MARK = re.compile(
    r"date|datum|fecha|data\b|time|publish|posted|created|erstellt|stamp|meta|byline|info|entry|dek|author", re.I
)
PUBLISHED = re.compile(
    r"\b(?:published|posted|first published|created|veröffentlicht|erstellt|publié(?:e)?|publicado|"
    r"publicada|pubblicato|"
    r"gepubliceerd|geplaatst|publisert|publicerad|opublikowano|opublikowany|dodano|publikováno|"
    r"опубликовано|опубліковано|"
    r"публикувано|δημοσίευση|yayın(?:lanma)?|giriş|eklenme|diterbitkan|dipublikasikan|julkaistu|publicat|objavljeno|"
    r"نشر|تاريخ النشر)\b|発行|公開|掲載|配信|发布|發布|发表|입력|등록|게재|승인|प्रकाशित|เผยแพร่",
    re.I,
)
MODIFIED = re.compile(
    r"\b(?:(?:last\s+)?(?:updated|modified|edited|revised)(?:\s+on)?|aktualisiert|zuletzt|stand|"
    r"mis\s+à\s+jour|modifié|actualizado|"
    r"actualizada|atualizado|atualizada|aggiornat[oa]|ultimo\s+aggiornamento|bijgewerkt|oppdatert|"
    r"uppdaterad|opdateret|"
    r"päivitetty|zaktualizowan[oa]|aktualizacja|aktualizováno|обновлено|оновлено|güncelle(?:me|ndi)|"
    r"diperbarui|ενημέρωση|"
    r"actualizat|ažurirano|آخر تحديث|تحديث)\b|更新|수정|最終|अपडेट|अद्यतन|อัปเดต",
    re.I,
)
# Where in a text a date begins.
DATE = re.compile(
    r"(?:19|20|25)\d\d\s?[-./年년]\s?\d{1,2}\s?[-./月월]\s?\d{1,2}|\d{1,2}[./]\d{1,2}[./](?:19|20)\d\d|"
    r"(?<![\d:.])\d{1,2}(?:st|nd|rd|th|er|[.º°])?\s+(?:de\s+|d[ei]\s+|"
    r"of\s+)?[^\W\d_][^\d\s]{1,14}\s*(?:\d{1,2}\s*)?,?\s*(?:de[l]?\s+)?(?:19|20|25)\d\d|"
    r"(?<!\w)[^\W\d_]{3,12}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+(?:19|20)\d\d|[٠-٩०-९]{1,2}\s+\S+\s+[٠-٩०-९]{4}"
)
ISO_NEAR = re.compile(r"^\s*(\d{4})\s?[./]\s?(\d{1,2})\s?[./]\s?(\d{1,2})")
MAX_PARAGRAPH = 220


def printed_dates(headline: Any) -> list[tuple[str, str]]:
    """(text, "published" or "modified") for dates near the headline, in order; every one once."""
    found: dict[tuple[str, str], None] = {}
    for element in near(headline):
        text = short_text(element)
        if text is None or not DIGIT.search(text):
            continue
        mark = f"{element.get('class') or ''} {element.get('id') or ''}"
        for part, what in dated_parts(text, marked=element.tag == "time" or MARK.search(mark) is not None):
            found.setdefault((part, what))
    return list(found)


def near(headline: Any) -> Iterator[Any]:
    """The elements before the headline in its own box, then those after it up to the first long paragraph."""
    for box in [
        box for _, box in zip(range(2), headline.iterancestors(), strict=False) if box.tag not in ("body", "html")
    ]:
        for _, element in zip(range(BEFORE), box.iter(), strict=False):
            if element is headline:
                break
            if element.tag in TAGS:
                yield element
    for element in after(headline, TAGS):
        if element.tag == "p" and len(element.text or "") > MAX_PARAGRAPH:
            return
        yield element


def short_text(element: Any) -> str | None:
    """The text of an element in one line; None where it is long. Does not read a long one to its end."""
    length = 0
    for piece in element.itertext():
        length += len(piece.strip())
        if length > MAX_TEXT:
            return None
    return " ".join(lines_of(element, MAX_TEXT + 1).split()) if length else None


def dated_parts(text: str, *, marked: bool) -> Iterator[tuple[str, str]]:
    """(a date with its time, what it is the date of) for the dates in a text: "Published 3 May, updated 4 May"."""
    starts = [found.start() for found in DATE.finditer(text)]
    for count, start in enumerate(starts):
        end = starts[count + 1] if count + 1 < len(starts) else len(text)
        before = text[(starts[count - 1] if count else 0) : start]
        part = as_written(text[start:end])
        if dates.parse_date(part) is None:
            continue
        modified, published = last(MODIFIED, before), last(PUBLISHED, before)
        little_else = len(text) - len(text[start:end]) <= 25 and len(text) <= 60
        if marked or modified >= 0 or published >= 0 or little_else:
            yield part, "modified" if modified > published else "published"


def last(pattern: re.Pattern[str], text: str) -> int:
    """Where the last match begins; -1 where there is none."""
    return max((found.start() for found in pattern.finditer(text)), default=-1)


@lru_cache(maxsize=256)
def as_written(text: str) -> str:
    """The date at the start of a text with its time and zone, without what follows."""
    text = ISO_NEAR.sub(r"\1-\2-\3", text)
    cut = MODIFIED.search(text) or PUBLISHED.search(text, 8)
    return text[: cut.start() if cut else 48][:48].strip(" |,;·•-–—(")
