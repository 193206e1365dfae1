"""When it was published and modified, as the page claims it.

1. JSON-LD, then meta tags by name, then those whose name means the same in another spelling
   ("article:published:time"), then JSON-LD dateCreated.
2. Only if those are silent: <time> and microdata; the date in the address; the date printed near the headline; what the
   page's own scripts call publishedAt, if they say it of one day only; htmldate's opinion, which costs milliseconds.
3. The first plausible date decides the day: a moment, after 1989, not more than two days ahead. A date that does not
   exist is no date, and the next witness is asked.
4. A later witness of the same moment that knows more completes it: the time of day for a date alone; the zone for a
   time without one, if the two differ by nothing but a zone (whole quarters of an hour, at most 14 hours).
5. A time without a zone that no other witness completes is taken for UTC.
6. Published and modified are kept apart: neither is taken for the other, except that the printed words "Updated: …"
   date a page that says nothing of its publication. A modification before the publication is none, and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from ingest import dates
from ingest.claims import Claims
from ingest.jsonld import plain
from ingest.meta_tags import Meta, source_of

META_PUBLISHED = ("article:published_time", "og:article:published_time", "og:published_time", "article:published",
                  "parsely-pub-date", "sailthru.date", "datepublished", "date", "pubdate", "publish-date",
                  "publishdate", "publish_date", "publication_date", "dc.date.issued", "dcterms.issued",
                  "dcterms.created",
                  "dc.date", "dcterms.date", "article.published", "rnews:datepublished", "cxenseparse:recs:publishtime",
                  "cxenseparse:publishtime", "article_date_original", "date_published", "last-published",
                  "citation_date", "originalpublicationdate", "displaydate", "created")  # fmt: skip
META_MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "dc.date.modified",
                 "article.updated", "last-modified", "lastmod", "revised", "article:modified")  # fmt: skip
# Endings of names without their punctuation.
MEANS_PUBLISHED = ("publishedtime", "datepublished", "publishdate", "pubdate", "publicationdate", "publishtime",
                   "dateissued", "publishedat", "publishedon", "publisheddate", "releasedate", "pubtime")  # fmt: skip
MEANS_MODIFIED = ("modifiedtime", "datemodified", "modifieddate", "updatedtime", "updatedat", "dateupdated")
NOT_LETTERS = re.compile(r"[^a-z]+")
PUBLISHED_PROPERTY = {"datepublished", "datecreated"}
PATH_DATE = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2}|[a-z]{3})[/-](\d{1,2})(?=[/_-]|$)", re.I)
PATH_DIGITS = re.compile(r"(?<![0-9])(20[0-3]\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?![0-9])")
TIMED = re.compile(r"\d[:.hH]\d\d|T\d{4}|[時时시点]|^\d{10,13}$")
ZONED = re.compile(r"(?:[zZ]|[+-]\d\d:?\d\d|GMT|UTC|[A-Z]{3,4}T|\b(?:MEZ|MESZ|WIB|MSK))(?:\[[\w/]+\])?\s*$|^\d{10,13}$")
IN_SCRIPTS = re.compile(
    r"[\"'](?:datePublished|publish(?:ed)?_?(?:at|date|on|time)|pub_?date|first_?publish\w{0,20}|deployDt|published)\\?[\"']"
    r"\s*:\s*\\?[\"']?([0-9][^\"'\\,}]{7,39})",
    re.I,
)
SHORT_PAGE = 2_000  # characters: what is shorter is no article
KNOWS_ZONE = 2
QUARTER_S, MAX_ZONE_S, DAY_S = 900, 14 * 3600, 86_400


class Stated(NamedTuple):
    """A date as a witness states it."""

    source: str
    text: str
    moment: datetime
    knows: int  # 0 the day, 1 the time, 2 the zone too


def choose_published(claims: Claims, now: datetime) -> Iterator[tuple[str, datetime]]:
    """Candidates in order of trust: one for each group of witnesses that says anything."""
    for group in GROUPS:
        yield from best_date(
            group(claims), now, completed_by=marked_published(claims) if group is stated_published else ()
        )
    yield from best_date(opinion(claims, now), now)
    yield from best_date(printed_modified(claims), now)


def choose_modified(
    claims: Claims, published: datetime | None, source: str | None, now: datetime
) -> Iterator[tuple[str, datetime]]:
    """Candidates; none is before the publication. What is printed is read only where the publication was, too."""
    found = best_date(stated_modified(claims), now)
    if not found and source in ("page", "url"):
        found = best_date(printed_modified(claims), now)
    yield from ((said, moment) for said, moment in found if published is None or moment >= published)


def best_date(
    candidates: Iterable[tuple[str, str | None]], now: datetime, completed_by: Iterable[tuple[str, str | None]] = ()
) -> list[tuple[str, datetime]]:
    """The first plausible date, completed by what later witnesses of the same moment know; the last at need."""
    best: Stated | None = None
    for source, text in chain(candidates, completed_by):
        if best is not None and best.knows == KNOWS_ZONE:
            break
        if text and (stated := plausible(source, text, now)):
            best = stated if best is None or (stated.knows > best.knows and is_same(best, stated)) else best
    return [(best.source, best.moment)] if best else []


def plausible(source: str, text: str, now: datetime) -> Stated | None:
    moment = dates.parse_date(text)
    if moment is None or not dates.is_plausible(moment, now):
        return None
    timed = TIMED.search(text) is not None
    return Stated(source, text, moment, timed + bool(timed and ZONED.search(text)))


def is_same(one: Stated, other: Stated) -> bool:
    """Whether the other may be the same moment, said with more knowledge."""
    apart_s = abs((other.moment - one.moment).total_seconds())
    if one.knows == 0:
        return apart_s <= DAY_S + MAX_ZONE_S if one.text[:10] == other.text[:10] else apart_s <= DAY_S
    return apart_s <= MAX_ZONE_S and min(apart_s % QUARTER_S, -apart_s % QUARTER_S) <= 60


# --- witnesses --------------------------------------------------------------------------------------------------------


def stated_published(claims: Claims) -> Iterator[tuple[str, str | None]]:
    """What the page tells machines."""
    main, meta = claims.main, claims.meta
    for key in ("datePublished", "uploadDate"):
        yield "json-ld", plain(main.get(key))
    for name in META_PUBLISHED:
        if name in meta:
            yield source_of(name), meta[name][0]
    yield from spelled_otherwise(meta, META_PUBLISHED, MEANS_PUBLISHED)
    yield "json-ld", plain(main.get("dateCreated"))


def stated_modified(claims: Claims) -> Iterator[tuple[str, str | None]]:
    yield "json-ld", plain(claims.main.get("dateModified"))
    for name in META_MODIFIED:
        if name in claims.meta:
            yield source_of(name), claims.meta[name][0]
    yield from spelled_otherwise(claims.meta, META_MODIFIED, MEANS_MODIFIED)


def spelled_otherwise(meta: Meta, known: tuple[str, ...], endings: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Meta tags whose name says the same in another spelling."""
    for name, values in meta.items():
        may_be = "date" in name or "time" in name or "publ" in name or "updated" in name
        if may_be and name not in known and NOT_LETTERS.sub("", name).endswith(endings):
            yield source_of(name), values[0]


def marked_published(claims: Claims) -> Iterator[tuple[str, str | None]]:
    """<time> elements, those marked as the date of publication first, and not those of teasers; microdata."""
    times = [element for element in claims.elements["time"][:40] if element.get("datetime")]
    marked = [
        t for t in times if t.get("pubdate") is not None or (t.get("itemprop") or "").lower() in PUBLISHED_PROPERTY
    ]
    own = [t for t in times if next(t.iterancestors("aside", "nav", "footer", "li"), None) is None][:1]
    for element in marked or own:
        yield "time", element.get("datetime")
    yield from (("microdata", text) for text in claims.item_texts("datepublished", "datecreated"))


def path_dates(claims: Claims) -> Iterator[tuple[str, str | None]]:
    """The day in the address, and the time of that day from what is printed."""
    day = path_date(claims.url)
    if day:
        yield "url", day
        yield from printed_published(claims)


def path_date(url: str) -> str | None:
    """2026-11-23 from /2026/11/23/, /2026/nov/23/ or …-20261123-… in an address."""
    path = url.split("?", 1)[0]
    match = PATH_DATE.search(path)
    if match is None:
        digits = PATH_DIGITS.search(path.partition("//")[2])
        return "-".join(digits.groups()) if digits else None
    return " ".join(match.groups()) if match[2].isalpha() else "-".join(p.zfill(2) for p in match.groups())


def printed_published(claims: Claims) -> Iterator[tuple[str, str | None]]:
    """What is printed near the headline and not called an update."""
    yield from (("page", text) for text, what in claims.printed_dates if what == "published")


def printed_modified(claims: Claims) -> Iterator[tuple[str, str | None]]:
    """What is printed there and called an update."""
    yield from (("page", text) for text, what in claims.printed_dates if what == "modified")


def dates_in_scripts(claims: Claims) -> Iterator[tuple[str, str | None]]:
    """What scripts carry of the article, where all they carry is of one day: others are of teasers."""
    found = [match[1].strip() for _, match in zip(range(30), IN_SCRIPTS.finditer(claims.document.text), strict=False)]
    if found and len({text[:10] for text in found}) == 1:
        yield from (("script", text) for text in found)


def opinion(claims: Claims, now: datetime) -> Iterator[tuple[str, str | None]]:
    """htmldate's guess, on pages that look like one article and have said nothing so far."""
    if len(claims.document.text) < SHORT_PAGE or claims.url.split("?", 1)[0].count("/") <= 3:
        return
    from htmldate import find_date  # much to import, and few pages come to this

    yield (
        "htmldate",
        find_date(claims.tree, original_date=True, outputformat="%Y-%m-%d", min_date=dates.EARLIEST, max_date=now),
    )


GROUPS = (stated_published, marked_published, path_dates, printed_published, dates_in_scripts)
