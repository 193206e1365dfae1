"""One step into the past: a document that tells of pages, and of further documents. What every reader here answers.

    seeds(source, …)                                  the documents to begin with
    read(asked, body, headers, url, wanted, now)      what one of them brought, as a `Step`

`asked` is the `Next` that was followed, `body` its bytes (content decoded), `headers` those of the answer with names in
lower case, `url` where it was found in the end. Readers touch nothing and raise ParseError alone. Whoever drives them
asks each address once, hands `Next` back as it was, and where one cannot be had looks at `instead` and `is_guess`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from ingest.backfill.wanted import Fit, Wanted
from ingest.model import ParsedEntry

SITEMAP, HISTORY, CDX = "sitemap", "history", "cdx"
EARLIEST_YEAR = 1990
BEFORE_UTC, BEHIND_UTC = timedelta(hours=14), timedelta(hours=12)  # how much days elsewhere begin earlier, end later
PATH_DATE = re.compile(
    r"/((?:19|20)[0-9]{2})(?:[/-]([0-9]{1,2})[/-]([0-9]{1,2})(?=[/_-]|\Z)|/([0-9]{1,2})(?=/))"
)  # /2024/05/17/, /2024-05-17-, /2024/05/


class Left(StrEnum):
    """Why something that a document states is left out: the keys of `Step.left_out`."""

    FILTERED = "filtered"  # by its host or path
    OUTSIDE_WINDOW = "outside_window"
    OTHER_SITE = "other_site"  # a page or sitemap of somebody else
    BAD_LINK = "bad_link"  # no http(s) address
    NO_LINK = "no_link"
    REPEATED = "repeated"  # stated before: the same address, or the same copy
    PRUNED = "pruned"  # a sitemap whose dates show that nothing in it is wanted
    TOO_DEEP = "too_deep"  # a sitemap below more indexes than anybody needs
    OVER_LIMIT = "over_limit"  # behind the last address that is read of one document


@dataclass(frozen=True, slots=True)
class Next:
    """A document to fetch.

    `modified_at`: its lastmod, as its parent states it: if it was read since, it need not be asked for. `fallback`:
    addresses to try in turn where nothing of use is there, of which only the last one's failure is one. `is_guess`:
    nobody says that it is there, and that it is not is the end and no failure. `state`: what its reader has to know of
    those before; for nobody else.
    """

    url: str
    kind: str
    modified_at: datetime | None = None
    depth: int = 0  # documents that led to it
    fallback: tuple[str, ...] = ()
    is_guess: bool = False
    state: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What one document brought.

    `entries`: each address once, without those outside the window; each fits the hosts and paths. `captured`: by an
    entry's address that of the copy to fetch. `left_out`: counts, by `Left`. `oldest`: the oldest moment that it states
    of any page. `end`: why it goes no further, where that is our decision. `problem`: what was wrong with the document
    although it could be read.
    """

    entries: tuple[ParsedEntry, ...] = ()
    captured: Mapping[str, str] = field(default_factory=dict)
    following: tuple[Next, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    oldest: datetime | None = None
    end: str | None = None
    problem: str | None = None


def instead(asked: Next) -> Next | None:
    """What to ask for where `asked` cannot be had or read, now or later; None where there is nothing else."""
    return replace(asked, url=asked.fallback[0], fallback=asked.fallback[1:]) if asked.fallback else None


def fit(
    wanted: Wanted, url: str, now: datetime, published_at: datetime | None = None, existed_at: datetime | None = None
) -> Fit:
    """`Wanted.fit`, and where nothing tells when it was published, what its address says."""
    found = wanted.fit(published_at, existed_at)
    day = path_period(url, now) if found is Fit.UNKNOWN else None
    return Fit.OUTSIDE if day and is_outside(wanted, *day) else found


def is_outside(wanted: Wanted, begin: datetime, end: datetime) -> bool:
    """Whether nothing that was published from `begin` to `end` is wanted."""
    return (wanted.since is not None and end <= wanted.since) or (wanted.until is not None and begin >= wanted.until)


def path_period(url: str, now: datetime) -> tuple[datetime, datetime] | None:
    """From when to when it was published, by /2024/05/17/ or /2024/05/ in its path."""
    found = PATH_DATE.search(urlsplit(url).path)
    if found is None:
        return None
    span = period(int(found[1]), int(found[2] or found[4]), int(found[3]) if found[3] else None)
    return span if span and span[0] <= now else None


def period(year: int, month: int | None = None, day: int | None = None) -> tuple[datetime, datetime] | None:
    """The first moment of a day, month or year, and the first behind it; None: there is none.

    A day is as long as it lasts anywhere on earth. Months and years are UTC's: an archive of a publisher's December is
    not read for the twelve hours that its clocks may differ from those of whoever asks for January.
    """
    if not EARLIEST_YEAR <= year <= 2100:
        return None
    try:
        begin = datetime(year, month or 1, day or 1, tzinfo=UTC)
    except ValueError:
        return None
    if day:
        return begin - BEFORE_UTC, begin + timedelta(days=1) + BEHIND_UTC
    return begin, datetime(year + (month in (None, 12)), (month or 12) % 12 + 1, 1, tzinfo=UTC)


def earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier of two moments, of which either may be unknown."""
    return min(one, other) if one and other else one or other
