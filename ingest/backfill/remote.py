"""Archives that lie on a server: which there are, by the lists of them that CC-NEWS publishes.

    seeds(place)      an archive, or a list of archives
    read(asked, …)    what a list leads to, as a `Step`

Names of CC-NEWS, CC-MAIN and Dateline say when the pages inside were captured, and what was wholly before the window is
left out. What was captured behind it is not: a page may be archived years after it was published.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit

from ingest.backfill.files import COMMON_CRAWL, read_list
from ingest.backfill.step import Left, Next, Step
from ingest.backfill.wanted import Wanted
from ingest.urls import absolute

PATHS, REMOTE = "paths", "remote"
LISTS = (".paths", ".paths.gz")
OF_A_CRAWL = "crawl-data/"  # paths that count from the root of their server
LASTS = timedelta(days=2)  # pages are captured into one file for no longer; CC-NEWS begins one every few hours
_NAMED = re.compile(
    r"(?:CC-NEWS-([0-9]{14})-|CC-MAIN-[0-9]{14}-([0-9]{14})-|dateline-([0-9]{8}T[0-9]{6})Z-)[0-9-]{1,40}\.warc"
)


def is_address(place: str) -> bool:
    """Whether a place that somebody names lies on a server."""
    return "://" in place


def seeds(place: str) -> tuple[Next, ...]:
    """The archive or list at an address; nothing for what is no http(s) address."""
    url = absolute("", place)
    if url is None:
        return ()
    return (Next(url, PATHS if urlsplit(url).path.endswith(LISTS) else REMOTE),)


def read(asked: Next, body: bytes, headers: Mapping[str, str], url: str, wanted: Wanted, now: datetime) -> Step:
    """The archives that a list names. Raises ParseError."""
    return _step(read_list(body, ""), url, wanted)


def read_local(data: bytes, wanted: Wanted) -> Step:
    """The same of a list that lies here: what it names lies on Common Crawl's server. Raises ParseError."""
    return _step(read_list(data, ""), COMMON_CRAWL, wanted)


def _step(named: Sequence[str], base: str, wanted: Wanted) -> Step:
    urls = [absolute("", urljoin(base, f"/{line}" if line.startswith(OF_A_CRAWL) else line)) for line in named]
    found = list(dict.fromkeys(url for url in urls if url))
    following = [Next(url, REMOTE) for url in found if not _is_before(url, wanted)]
    counts = {
        Left.BAD_LINK: urls.count(None),
        Left.REPEATED: len(urls) - urls.count(None) - len(found),
        Left.PRUNED: len(found) - len(following),
    }
    return Step(following=tuple(following), left_out={why: count for why, count in counts.items() if count})


def _is_before(url: str, wanted: Wanted) -> bool:
    """Whether all in an archive was captured before what is wanted, by its name."""
    end = captured_until(url)
    return wanted.since is not None and end is not None and end <= wanted.since


def captured_until(url: str) -> datetime | None:
    """The latest moment at which a page of an archive may have been captured; None where its name does not say."""
    found = _NAMED.match(urlsplit(url).path.rpartition("/")[2])
    if found is None:
        return None
    begun, ended, ours = found.groups()
    try:
        said = datetime.strptime((begun or ended or ours).replace("T", ""), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        return said if ended else said + LASTS
    except (ValueError, OverflowError):
        return None
