"""Which of related texts is the original: what an article itself says of its standing."""

from __future__ import annotations

import re
from datetime import datetime

from ingest.agencies import AGENCIES
from ingest.credits import agency_of_site
from ingest.duplicates import Standing
from ingest.urls import registrable_domain

_NO_LETTER = re.compile(r"[\W_]+")


def plausible(published_at: datetime | None, first_seen_at: datetime | None = None) -> datetime | None:
    """A publication time that tells an order: not after we saw the text, not midnight sharp (a date without a time)."""
    if published_at is None or (first_seen_at is not None and published_at > first_seen_at):
        return None
    return published_at if (published_at.hour, published_at.minute, published_at.second) != (0, 0, 0) else None


def standing(
    host: str,
    site_name: str | None,
    agency: str | None,
    published_at: datetime | None,
    first_seen_at: datetime,
    words: int,
) -> Standing:
    """The standing of an article, which hangs on nothing but itself: so an order of standings is the same for all."""
    return Standing(
        published_at=plausible(published_at, first_seen_at),
        first_seen=int(first_seen_at.timestamp()),
        words=words,
        is_source=is_source(host, site_name, agency),
    )


def is_source(host: str, site_name: str | None, agency: str | None) -> bool:
    """Whether a text is an agency's, on its own site: it names that agency, or none."""
    own = agency_of_site(host)
    if agency is None:
        return own is not None
    return (own is not None and own == _KNOWN.get(_plain(agency))) or is_of_agency(host, site_name, agency)


def is_of_agency(host: str, site_name: str | None, agency: str) -> bool:
    """Whether a site is the agency's own."""
    own = {_plain(registrable_domain(host).split(".")[0]), _plain(site_name or "")} - {""}
    names = {_plain(agency)} - {""}
    return bool(own & names or {_KNOWN[name] for name in own & _KNOWN.keys()} & {_KNOWN.get(name) for name in names})


def _plain(name: str) -> str:
    return _NO_LETTER.sub("", name.casefold())


_KNOWN = {_plain(name): agency for name, agency in AGENCIES.items()}
