"""Sitemaps, sitemap indexes (sitemaps.org) and news sitemaps (Google's), as XML, gzipped or as plain text.

A news sitemap lists what is new, any other sitemap all there is: as a feed it must not make us fetch an archive.

    with news tags          an entry
    with a lastmod          an entry where it is of the last seven days
    without one             an entry where the document was read before and did not have it; not at first sight
    the rest                counted, named in `problem`, and left to backfill

A lastmod that most addresses share is the time at which the document was written: it counts as none. How a document is
read, whatever is wrong with it: sitemap_document.py.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from ingest.errors import ParseError
from ingest.model import ListedSitemap, ParsedEntry, ParsedFeed, Reason
from ingest.sitemaps import MAX_BYTES, MAX_URLS, NEWS_SITEMAP, SITEMAP, SITEMAP_INDEX, looks_like_sitemap
from ingest.sources import fields, prolog
from ingest.sources.sitemap_document import HASH_BYTES, RECOGNISED_IN, Stated, read_rows, root_of, start, unpacked
from ingest.urls import MAX_CHARACTERS, absolute

RECENT = timedelta(days=7)
MAX_UNDATED = 500  # addresses without a lastmod that are new at once: beyond, the site has renamed its pages
STAMPED_TIME, STAMPED_DAY = 20, 1_000  # addresses that share a lastmod: from here on it may be the document's own
CLEAN_PATH = re.compile(r"/[A-Za-z0-9/._~%&=+,@!$'()*-]*")
LISTED = re.compile(r"\s{0,99}https?://\S{1,200}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Document:
    """What a sitemap or index states, address by address."""

    is_index: bool
    rows: list[Stated]
    unread: int  # addresses behind the last that was read
    problems: list[str]


@dataclass
class _Sorted:
    """What became of the addresses of a document."""

    entries: list[ParsedEntry] = field(default_factory=list)
    undated: list[Stated] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)
    skipped: int = 0
    left: int = 0


def recognise(body: bytes, content_type: str | None) -> bool:
    """Whether its first element is that of a sitemap or index, or it has an address on its first line."""
    head = prolog.decode(start(body), content_type)
    return root_of(head) is not None or LISTED.match(head) is not None


def parse(body: bytes, content_type: str | None, url: str, now: datetime, known: bytes | None = None) -> ParsedFeed:
    """What a sitemap states. Raises ParseError: BOMB, BAD_ENCODING or TOO_LARGE, NOT_A_FEED.

    `known`: `item_hashes` of the document before; what is in it is left out, and counted in `skipped` with what is
    left to backfill.
    """
    document = read_document(body, content_type, url)
    if document.is_index:
        return _index(document.rows, url, now, document.problems)
    return _feed(document.rows, url, now, known, document.problems)


def read_document(
    body: bytes, content_type: str | None, url: str, limit: int = MAX_URLS, *, any_list: bool = False
) -> Document:
    """The addresses of a sitemap or index, at most `limit`. Raises what `parse` does.

    `any_list`: a text of addresses is a sitemap wherever it is found.
    """
    body, problem = unpacked(body)
    text = prolog.decode(body, content_type)
    del body
    problems = [problem] if problem else []
    root = root_of(text[:RECOGNISED_IN])
    if root is None:
        return Document(False, *_listed(text, url, problems, limit, any_list=any_list), problems)
    return Document(root[2].lower() == "sitemapindex", *read_rows(text, root, problems, limit), problems)


def _listed(text: str, url: str, problems: list[str], limit: int, *, any_list: bool) -> tuple[list[Stated], int]:
    """One address a line (sitemaps.org). A text of addresses is a sitemap only where its own address says so."""
    if not (any_list or looks_like_sitemap(url) or ".txt" in url.lower()) or LISTED.match(text) is None:
        raise ParseError(Reason.NOT_A_FEED, "neither XML nor JSON")
    lines = [line.strip() for line in text[: MAX_BYTES // 4].split("\n")]
    rows = [Stated(line) for line in lines if line[:8].lower().startswith(("http://", "https://"))]
    if len(rows) > limit:
        problems.append(f"more than {limit:,} addresses: the first are read")
    return rows[:limit], max(len(rows) - limit, 0)


# --- what they state ----------------------------------------------------------------------------------------------


def _index(rows: Sequence[Stated], url: str, now: datetime, problems: list[str]) -> ParsedFeed:
    children: dict[str, ListedSitemap] = {}
    for row in rows:
        if child := address(url, row.loc):
            children.setdefault(child, ListedSitemap(child, fields.believed(row.lastmod, now)))
    return ParsedFeed(
        kind=SITEMAP_INDEX,
        title=None,
        site_url=None,
        language=None,
        entries=(),
        children=tuple(children.values()),
        problem="; ".join(problems) or None,
    )


def _feed(rows: Sequence[Stated], url: str, now: datetime, known: bytes | None, problems: list[str]) -> ParsedFeed:
    done = _sort(rows, url, now, known)
    if done.left:
        problems.append(f"left to backfill, without a recent lastmod: {done.left:,} of {len(rows):,} addresses")
    is_news = any(row.is_news for row in rows)
    languages = {fields.language(row.language) for row in rows if row.language}
    names = (row.publication for row in rows if row.publication)
    return ParsedFeed(
        kind=NEWS_SITEMAP if is_news else SITEMAP,
        title=fields.line(next(names, None), fields.MAX_TITLE),
        site_url=None,
        language=languages.pop() if len(languages) == 1 else None,
        entries=tuple(done.entries),
        skipped=done.skipped + done.left,
        item_hashes=b"".join(done.hashes),
        problem="; ".join(problems) or None,
    )


def _sort(rows: Sequence[Stated], url: str, now: datetime, known: bytes | None) -> _Sorted:
    """Which addresses are entries, and which were known or are left to backfill."""
    before = _split(known or b"")
    shared = stamps(rows)
    done, seen = _Sorted(), set[str]()
    for row in rows:
        if row.loc in seen:
            done.skipped += 1
            continue
        seen.add(row.loc)
        if row.lastmod in shared:
            row = row._replace(lastmod=None)
        done.hashes.append(digest := row.digest)
        if digest in before:
            done.skipped += 1
        elif row.is_news or _is_recent(row.lastmod, now):
            done.entries.append(entry(row, url, now))
        elif row.lastmod or known is None:
            done.left += 1
        else:
            done.undated.append(row)
    if len(done.undated) <= MAX_UNDATED:
        done.entries += [entry(row, url, now) for row in done.undated]
    else:
        done.left += len(done.undated)
    return done


def _split(hashes: bytes) -> frozenset[bytes]:
    return frozenset(hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES))


def stamps(rows: Sequence[Stated]) -> frozenset[str | None]:
    """The lastmod that more than half of the addresses share, where they are many: when the document was written.

    A day alone may be shared by many in earnest.
    """
    counted = Counter(row.lastmod for row in rows if row.lastmod)
    for text, count in counted.most_common(1):
        if count * 2 > counted.total() and count > (STAMPED_TIME if len(text) > len("2026-11-23") else STAMPED_DAY):
            return frozenset((text,))
    return frozenset()


def _is_recent(lastmod: str | None, now: datetime) -> bool:
    moment = fields.believed(lastmod, now)
    return moment is not None and moment >= now - RECENT


def entry(row: Stated, base: str, now: datetime) -> ParsedEntry:
    url = address(base, row.loc)
    published_at = fields.believed(row.published, now)
    return ParsedEntry(
        entry_id=fields.entry_id(row.loc, url, None, None, None),
        url=url,
        title=fields.line(row.title, fields.MAX_TITLE),
        categories=fields.names(row.keywords.split(","), fields.MAX_CATEGORIES) if row.keywords else (),
        published_at=published_at,
        published_text=None if published_at else fields.line(row.published, fields.MAX_NAME),
        updated_at=fields.believed(row.lastmod, now),
        language=fields.language(row.language),
        image_url=address(base, row.image) if row.image else None,
        bad_link=None if url else fields.link("", row.loc)[1],
    )


def address(base: str, stated: str) -> str | None:
    """`absolute`, at a tenth of its cost for what is absolute and clean already: there may be 50,000."""
    slash = stated.find("/", 8)
    is_clean = 8 < slash < len(stated) <= MAX_CHARACTERS and CLEAN_PATH.fullmatch(stated, slash)
    return stated if is_clean and _is_clean_origin(stated[:slash]) else absolute(base, stated)


@lru_cache(maxsize=1024)
def _is_clean_origin(origin: str) -> bool:
    return absolute("", origin + "/") == origin + "/"
