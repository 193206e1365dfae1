"""Dates as publishers write them, to aware UTC moments.

Understood: ISO 8601 and its usual slips; RFC 822/2822 with named zones; asctime; dates in words in more than thirty
languages (ingest/months.py), with the time before or behind; 23.11.2026 and, where it is not ambiguous, 23/11/2026;
2026年11月23日 and 2026년 11월 23일, 오후 3:20; digits of other scripts; Thai years of the Buddhist era; Unix time.
A date alone is midnight. A time without a zone is UTC: where the publisher is we do not know; another witness of the
same moment may (ingest/when.py).
Not understood, on purpose: 02/03/2026 (which month?), "yesterday", "2 hours ago" (needs a clock).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingest.months import MONTH_NAMES, SIGNS, in_western_terms, numbers_of_months

MAX_CHARACTERS = 128
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST_AHEAD = timedelta(days=2)

# Minutes east of UTC. Ambiguous names mean what they mean most often in news feeds: IST is India, CST and BST are
# US Central (RFC 822) and British Summer Time.
NAMES_OF_ZONES = {
    0: "z ut utc gmt wet",
    60: "bst west cet mez met wat",
    120: "cest mesz mest eet cat sast",
    180: "eest msk eat trt",
    210: "irst",
    240: "gst",
    300: "pkt",
    330: "ist",
    345: "npt",
    420: "wib ict",
    480: "hkt sgt awst pht myt",
    540: "jst kst",
    570: "acst",
    600: "aest",
    630: "acdt",
    660: "aedt",
    720: "nzst",
    780: "nzdt",
    -150: "ndt",
    -180: "adt brt art",
    -210: "nst",
    -240: "ast edt",
    -300: "est cdt",
    -360: "cst mdt",
    -420: "mst pdt",
    -480: "pst akdt",
    -540: "akst",
    -600: "hst",
}
ZONES = {name: minutes for minutes, names in NAMES_OF_ZONES.items() for name in names.split()}
# "ET" says the place but not the season: the zone database knows.
PLACES = {"et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles"}
MAX_OFFSET_MIN = 14 * 60

ISO = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?![0-9])")
COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T?([0-9]{2})([0-9]{2})([0-9]{2})?)?(?![0-9])")
NUMERIC = re.compile(r"(?<![0-9])([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})(?![0-9])")
YEAR_BEHIND = r"(?:[\s,.'/-]{0,3}(?:del?\s)?\s?([0-9]{4}|[0-9]{2})(?![0-9]|[:.h][0-9]))?"
DAY_MONTH = re.compile(
    r"(?<![0-9:])([0-9]{1,2})(?:st|nd|rd|th|er|[.º°])?[\s,/-]{0,3}(?:(?:de|di|of)\s)?([^\W\d_]{3,14})\b\.?"
    + YEAR_BEHIND
)
MONTH_DAY = re.compile(r"\b([^\W\d_]{3,14})\.?[\s/-]{1,3}([0-9]{1,2})(?:st|nd|rd|th)?(?![0-9:])" + YEAR_BEHIND)
LONE_YEAR = re.compile(r"(?<![0-9+:.-])((?:19|20)[0-9]{2})(?![0-9:])")
TIME = re.compile(
    r"(?<![0-9.,:+-])([0-9]{1,2})(?:(?:[:.h]|\sh\s)([0-9]{2})(?:[:.]([0-9]{2})(?:[.,]([0-9]{1,9}))?)?)?\s?([ap]\.?m\b)?(?![0-9])"
)
OFFSET = re.compile(r"([+-])([0-9]{1,4})(?::([0-9]{2}))?(?![0-9])")
ZONE_NAME = re.compile(r"(?<![a-z])([a-z]{1,5})(?![a-z])")


def parse_date(text: str) -> datetime | None:
    """The moment that a text states, in UTC, or None: never raises. A date alone is midnight, no zone is UTC."""
    text = text.strip()
    if not text or len(text) > MAX_CHARACTERS:
        return None
    try:
        return _iso(text) or _tolerant(_plain(text))
    except (ValueError, OverflowError):  # the 31st of June; the year 0
        return None


def is_plausible(moment: datetime, now: datetime) -> bool:
    """Whether news can have that date: not before 1990, not more than two days ahead."""
    return EARLIEST <= moment <= now + LATEST_AHEAD


def _iso(text: str) -> datetime | None:
    """The fast way for what is written by the book.

    Not for bare numbers (Unix time) and zones right behind a date, where the library takes "+" for a "T".
    """
    if text.isdecimal() or text[10:11] in ("+", "-"):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _plain(text: str) -> str:
    """Lower case, no accents, ASCII digits and minus, 年月日 as hyphens."""
    if text.isascii():
        return text.lower()
    text = in_western_terms(text.lower()).translate(SIGNS)
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


def _tolerant(text: str) -> datetime | None:
    if text.isdecimal() and len(text) in (10, 13):
        seconds = int(text) / (1000 if len(text) == 13 else 1)
        return datetime.fromtimestamp(seconds, UTC)
    if compact := COMPACT.match(text.upper()):
        year, month, day, hour, minute, second = (int(part or 0) for part in compact.groups())
        clock = timedelta(hours=hour, minutes=minute, seconds=second)
        return _in_utc(datetime(year, month, day), clock, text[compact.end() :])  # noqa: DTZ001 - the zone comes next
    for read_day in (_iso_day, _day_in_words, _numeric_day):
        if found := read_day(text):
            day_at, rest = found
            clock, behind = _clock(rest)
            return _in_utc(day_at, clock, behind)
    return None


def _iso_day(text: str) -> tuple[datetime, str] | None:
    if not (found := ISO.match(text)):
        return None
    year, month, day = int(found[1]), int(found[3]), int(found[4])
    return datetime(year, month, day), text[found.end() :].removeprefix("t")  # noqa: DTZ001 - the zone comes next


def _numeric_day(text: str) -> tuple[datetime, str] | None:
    """23.11.2026 is day first everywhere; with slashes only what can be read in one way."""
    if not (found := NUMERIC.search(text)):
        return None
    day, month, year = int(found[1]), int(found[3]), int(found[4])
    if found[2] != "." and day != month:
        if day <= 12 and month <= 12:
            return None
        day, month = (day, month) if month <= 12 else (month, day)
    return datetime(year, month, day), _without(text, found)  # noqa: DTZ001 - the zone comes next


def _day_in_words(text: str) -> tuple[datetime, str] | None:
    """Day before month first: in "mar 25 nov" the first word is a Tuesday."""
    for pattern, day_group, month_group in ((DAY_MONTH, 1, 2), (MONTH_DAY, 2, 1)):
        for found in pattern.finditer(text):
            month = MONTHS.get(found[month_group])
            if month and (year := _year(found[3], rest := _without(text, found))):
                return datetime(year, month, int(found[day_group])), rest  # noqa: DTZ001 - the zone comes next
    return None


def _year(stated: str | None, rest: str) -> int | None:
    if stated is None:
        lone = LONE_YEAR.search(rest)  # asctime: "Mon Nov 23 10:00:00 UTC 2026"
        return int(lone[1]) if lone else None
    if len(stated) == 4:
        return int(stated)
    return int(stated) + (1900 if int(stated) >= 69 else 2000)  # POSIX strptime %y


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


def _clock(text: str) -> tuple[timedelta, str]:
    """Time of day in a text without its date, and what stands behind it. A bare number is no time."""
    for found in TIME.finditer(text):
        hour, minute, second = (int(part or 0) for part in found.groups()[:3])
        half = found[5]
        if found[2] is None and half is None:
            continue
        if half and hour <= 12:
            hour = hour % 12 + (12 if half.startswith("p") else 0)
        micros = int(((found[4] or "") + "000000")[:6])
        if hour > 24 or minute > 59 or second > 60:  # 24:00 and leap seconds exist
            raise ValueError(found[0])
        return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micros), text[found.end() :]
    return timedelta(), text


def _in_utc(day_at: datetime, clock: timedelta, behind: str) -> datetime:
    return (day_at + clock).replace(tzinfo=_zone(behind)).astimezone(UTC)


def _zone(text: str) -> tzinfo:
    """The zone named in the text behind a time. An unknown or absent one is UTC, an impossible one an error."""
    if offset := OFFSET.search(text):
        digits, after_colon = offset[2], offset[3]
        hours, minutes = (digits, after_colon or "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])
        total = int(hours) * 60 + int(minutes)
        if int(minutes) > 59 or total > MAX_OFFSET_MIN:
            raise ValueError(offset[0])
        return _fixed(total if offset[1] == "+" else -total)
    for name in ZONE_NAME.findall(text):
        if name in ZONES:
            return _fixed(ZONES[name])
        if name in PLACES:
            return _place(PLACES[name])
    return UTC


def _fixed(minutes: int) -> tzinfo:
    return timezone(timedelta(minutes=minutes))


def _place(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:  # a system without a zone database
        return UTC


MONTHS = numbers_of_months(tuple(_plain(names) for names in MONTH_NAMES))
