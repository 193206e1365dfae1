"""What a paper puts around a text that it took from elsewhere: byline, dateline, agency mark, credit at the end.

They differ between copies, so facts in them do not stand against each other; and the agency in them is the source.
"""

from __future__ import annotations

import re

from ingest.agencies import AGENCIES
from ingest.spelling import folded

OWN_SITES = {name.replace(" ", ""): agency for name, agency in AGENCIES.items() if len(name) > 2} | {"apnews": "AP"}
FRONT_CHARS, TAIL_CHARS = 240, 240

# Names of one or two letters are words of many languages and no marks; in brackets they are.
_NAMES = "|".join(re.escape(name) for name in sorted(AGENCIES, key=len, reverse=True))
_ANY_PAPER = ("news", "press", "agency")
AGENCY_WORDS = frozenset(
    folded(word) for name in AGENCIES for word in name.split() if len(word) > 3 and word not in _ANY_PAPER
)

BYLINE = re.compile(r"\s*(?:by|von|par|por|di|door|av|af|od|автор:?|текст:?) [^\n]{2,80}\n\s*", re.I)
# LONDON (Reuters) - , PARIS, March 3 (AFP) — , Berlin (dpa) - , (AP) , Москва. 3 марта. ТАСС.
MARKED = re.compile(
    rf"\s{{0,9}}(?:[^\n()]{{0,60}}\((?:{_NAMES})(?:[/-](?:{_NAMES}))?\)\s{{0,3}}[-–—:.]{{0,2}}\s{{0,3}}"
    rf"|[^\n()—–]{{0,50}}[,.]?\s(?:{_NAMES})\s?[-–—:]\s{{0,3}})",
    re.I,
)
DATELINE = re.compile(
    r"\s*[^\W\d_a-zß-ÿа-я][^\W\d_a-zß-ÿа-я]+(?:[ .,'’-][^\W\d_a-zß-ÿа-я]+){0,4}(?:, [^\n—–]{2,24})? ?[-–—] "
)
CREDIT = re.compile(
    rf"\s*(?:\((?:reporting|writing|editing|additional reporting) by [^()\n]{{2,200}}\)|"
    rf"(?:©|\(c\)|copyright:?|source:|quelle:|fuente:|fonte:|источник:) ?[^\n]{{0,80}}|"
    rf"[/(—–-] ?(?:{_NAMES})(?:[/-](?:{_NAMES}))?\)?)[\s.]*$",
    re.I,
)
MAY_BE_CREDIT = re.compile(r"[(©/—–:-]|copyright", re.I)
AGENCY = re.compile(rf"(?:^|[(/©—–\n-])\s?({_NAMES})(?=[)/\n]|\s?[-–—:]|\s*$)", re.I)


def credits_of(text: str) -> tuple[int, int, str | None]:
    """Where the text begins behind byline and dateline, where it ends before a credit, and the agency it names."""
    head = text[:FRONT_CHARS]
    begin = 0
    if found := BYLINE.match(head):
        begin = found.end()
    if found := MARKED.match(head, begin) or DATELINE.match(head, begin):
        begin = found.end()
    last = max(0, len(text) - TAIL_CHARS)
    line = max(text.rfind("\n", last), last)
    found = CREDIT.search(text, line) if MAY_BE_CREDIT.search(text, line) else None
    end = found.start() if found else len(text)
    named = AGENCY.search(text[:begin]) or (AGENCY.search(text, end) if end < len(text) else None)
    return begin, end, AGENCIES[named[1].casefold()] if named else None


def agency_of_site(site: str) -> str | None:
    """The agency that a site is of: "reuters.com", "www.apnews.com"."""
    return next((OWN_SITES[label] for label in site.casefold().split(".")[:-1] if label in OWN_SITES), None)
