"""What is to be made of sitemaps as feeds: which are meant, how large they may be, which of an index are polled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice
from urllib.parse import urlsplit

from ingest.model import ListedSitemap
from ingest.urls import host_of, registrable_domain

SITEMAP, NEWS_SITEMAP, SITEMAP_INDEX = "sitemap", "news_sitemap", "sitemap_index"
KINDS = frozenset((SITEMAP, NEWS_SITEMAP, SITEMAP_INDEX))
MAX_BYTES = 52_428_800  # the protocol's limit for one document, unpacked (sitemaps.org)
MAX_URLS = 50_000  # and for its addresses

MAX_CHILDREN = 50  # of an index are polled
MAX_DEPTH = 2  # indexes above a sitemap
FRESH = timedelta(days=3)  # a lastmod within it says that there is news
ENDS = 5  # of an index without any lastmod, so many from each end are polled

YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?![0-9]{3})")


def looks_like_sitemap(url: str) -> bool:
    """Whether an address names a sitemap, or an index of them."""
    return "sitemap" in url.partition("?")[0].lower()


def choose_children(
    index_urls: Sequence[str], listed: Sequence[ListedSitemap], now: datetime
) -> tuple[ListedSitemap, ...]:
    """Which of the sitemaps that an index lists are worth polling, the best first, at most 50.

    `index_urls`: where the index lies, and where it was found in the end. Wanted is what names news in its address;
    what was modified lately; and where the index states no lastmod at all, the first and last few. Never what lies on
    other people's hosts, or is the index itself.
    """
    domains = {registrable_domain(host_of(url)) for url in index_urls}
    dated = any(each.modified_at for each in listed)
    ranked = []
    for place, each in enumerate(listed):
        is_fresh = each.modified_at is not None and each.modified_at >= now - FRESH
        is_end = not dated and (place < ENDS or place >= len(listed) - ENDS)
        is_news = names_news(each.url) and (is_fresh or not _is_archive(each.url, now))
        if (is_news or is_fresh or is_end) and each.url not in index_urls:
            ranked.append((not is_news, -each.modified_at.timestamp() if each.modified_at else 0.0, place))
    best = (listed[place] for *_, place in sorted(ranked))
    return tuple(islice((each for each in best if registrable_domain(host_of(each.url)) in domains), MAX_CHILDREN))


def names_news(url: str) -> bool:
    """Whether "news" is in the path of an address."""
    return "news" in urlsplit(url).path.lower()


def _is_archive(url: str, now: datetime) -> bool:
    """Whether the address names a year, and none that can have news now: news-2014-05.xml."""
    years = {int(year) for year in YEAR.findall(urlsplit(url).path)}
    return bool(years) and not years & {now.year, (now - FRESH).year, (now + FRESH).year}
