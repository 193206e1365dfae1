"""Which time the sitemaps of an index are of, as their names say it: sitemap-2019-05.xml, /2019/posts.xml.

A number is a year only where that is so in the names of all its like: in sitemap-1.xml to sitemap-2100.xml none is. Of
a name with several dates, such as sitemap-20190501-20190507.xml, all that lies between them counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from operator import and_
from urllib.parse import urlsplit

from ingest.backfill.step import EARLIEST_YEAR, period

MAX_NAME = 300
NUMBER = re.compile(r"[0-9]{1,30}")
# A month has two digits here: the last number of posts-2019-2.xml may be that of a part.
DATED = re.compile(
    r"(?<![0-9])((?:19|20)[0-9]{2})(?:([-_/.]?)(0[1-9]|1[0-2])(?:\2(0[1-9]|[12][0-9]|3[01]))?)?(?![0-9])"
)
Span = tuple[datetime, datetime]


def find_periods(urls: Sequence[str], now: datetime) -> dict[str, Span]:
    """By address, from when to when (exclusive) what it lists was published; nothing for those that do not say."""
    texts = {url: _said(url) for url in urls}
    alike: dict[str, list[bool]] = {}  # by shape, whether what stands at each place may be a year in all names
    for text in texts.values():
        numbers = [_may_be_year(number, now) for number in NUMBER.findall(text)]
        before = alike.setdefault(NUMBER.sub("#", text), numbers)
        before[:] = map(and_, before, numbers)
    found = ((url, _period(text, alike[NUMBER.sub("#", text)], now)) for url, text in texts.items())
    return {url: span for url, span in found if span}


def _said(url: str) -> str:
    """The part of an address that may hold a date."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"[:MAX_NAME]


def _period(text: str, are_years: Sequence[bool], now: datetime) -> Span | None:
    """From the first to the last date of a name."""
    places = {match.start(): place for place, match in enumerate(NUMBER.finditer(text))}
    spans = []
    for match in DATED.finditer(text):
        year, month, day = int(match[1]), match[3], match[4]
        is_joined = month is not None and not match[2]  # 201905: six digits or eight are no number of a part
        if not is_joined and not are_years[places[match.start()]]:
            return None
        span = period(year, int(month) if month else None, int(day) if day else None)
        if span is None or span[0] > now:
            return None
        spans.append(span)
    return (min(begin for begin, _ in spans), max(end for _, end in spans)) if spans else None


def _may_be_year(number: str, now: datetime) -> bool:
    return EARLIEST_YEAR <= int(number) <= now.year + 1
