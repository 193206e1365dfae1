"""What a feed says of itself, beside its name: when to ask again, where it lives, who pushes it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ingest.model import Pacing
from ingest.urls import absolute

MIN_TTL_S, MAX_TTL_S = 60, 7 * 86_400
MIN_PERIOD_S, MAX_PERIOD_S = 60, 366 * 86_400
MAX_HUBS = 5
MAX_LINKS_READ = 200
MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400
# sy:updatePeriod by its first letters, for "Hourly", "houlry" and "dialy" are all out there.
PERIODS = (("h", HOUR_S), ("d", DAY_S), ("w", 7 * DAY_S), ("mo", 30 * DAY_S), ("y", 365 * DAY_S), ("an", 365 * DAY_S))
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NUMBER = re.compile(r"\s{0,9}([0-9]{1,9})(?:\.0{1,9})?\s{0,9}\Z")


def pacing(feed: Any, hours: Iterable[str], days: Iterable[str]) -> Pacing:
    """`feed`: feedparser's dictionary; `hours` and `days`: skipHours and skipDays as stated."""
    return Pacing(
        ttl_s=ttl_s(feed.get("ttl")),
        period_s=period_s(feed.get("sy_updateperiod"), feed.get("sy_updatefrequency")),
        skip_hours=frozenset(hour % 24 for text in hours if (hour := _number(text)) is not None and hour <= 24),
        skip_days=frozenset(DAYS.index(day) for text in days if (day := text.strip().lower()[:3]) in DAYS),
    )


def ttl_s(minutes: Any) -> int | None:
    """Seconds, of <ttl>; kept between a minute and a week."""
    stated = _number(minutes)
    return min(max(stated * 60, MIN_TTL_S), MAX_TTL_S) if stated else None


def period_s(period: Any, frequency: Any) -> int | None:
    """Seconds between two changes, of sy:updatePeriod and sy:updateFrequency (so many times in a period).

    Neither minutes nor a number is a period; where they stand they say how long to wait.
    """
    said = period.strip().lower() if isinstance(period, str) else ""
    often = _number(frequency) or 1
    minutes = often if said.startswith("mi") else _number(said)
    if minutes:
        return min(max(minutes * MINUTE_S, MIN_PERIOD_S), MAX_PERIOD_S)
    seconds = next((seconds for start, seconds in PERIODS if said.startswith(start)), None)
    return max(seconds // often, MIN_PERIOD_S) if seconds else None


def _number(stated: Any) -> int | None:
    found = NUMBER.match(stated) if isinstance(stated, str) else None
    return int(found[1]) if found else None


def self_url(feed: Any, url: str) -> str | None:
    """atom:link rel=self."""
    return next(iter(_links(feed, "self", url)), None)


def hub_urls(feed: Any, url: str) -> tuple[str, ...]:
    """atom:link rel=hub, each once."""
    return tuple(dict.fromkeys(_links(feed, "hub", url)))[:MAX_HUBS]


def _links(feed: Any, relation: str, url: str) -> list[str]:
    links = feed.get("links", ())[:MAX_LINKS_READ]
    # dict.get: feedparser's own looks for other spellings, and takes ten times as long
    stated = (dict.get(link, "href") or "" for link in links if relation in (dict.get(link, "rel") or "").split())
    return [found for href in stated if (found := absolute(url, href))]


def new_url(feed: Any, url: str) -> str | None:
    """itunes:new-feed-url, where it is another than the one that the document was found at."""
    stated = feed.get("itunes_new-feed-url")
    found = absolute("", stated) if isinstance(stated, str) else None
    return found if found and found != absolute("", url) else None
