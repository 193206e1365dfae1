"""What of the past is wanted: a window of time, hosts, paths, languages. Picklable: workers filter with it, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from ingest.urls import host_of


class Fit(StrEnum):
    """Whether something lies in the window, as far as is known of it."""

    WITHIN = "within"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"  # only its page can tell


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a backfill is to bring. Everything empty: all there is.

    `since` is the first moment wanted, `until` the first that is not any more. `hosts`: with all below them, so that
    example.org takes www.example.org. `paths`: patterns as the shell has them, such as /2024/*, of which one must fit
    the path. `languages`: two-letter codes, of which the page must have one.
    """

    since: datetime | None = None
    until: datetime | None = None
    hosts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    def takes_address(self, url: str) -> bool:
        """Whether an address fits the hosts and paths."""
        return self._takes_host(url) and self._takes_path(url)

    def _takes_host(self, url: str) -> bool:
        if not self.hosts:
            return True
        host = host_of(url)
        return any(host == each or host.endswith("." + each) for each in self.hosts)

    def _takes_path(self, url: str) -> bool:
        return not self.paths or any(fnmatchcase(urlsplit(url).path, each) for each in self.paths)

    def takes_language(self, language: str | None) -> bool:
        """Whether a text in this language is wanted; one whose language is unknown is not, where any is named."""
        return not self.languages or (language or "").partition("-")[0].lower() in self.languages

    def fit(self, published_at: datetime | None, existed_at: datetime | None = None) -> Fit:
        """Whether what was published then lies in the window.

        `existed_at`: a moment at which it was there already, such as a lastmod or a capture: it was published no later.
        That tells only what is too old to be told otherwise; what was published, and changed since, may be older.
        """
        if published_at is not None:
            too_old = self.since is not None and published_at < self.since
            too_new = self.until is not None and published_at >= self.until
            return Fit.OUTSIDE if too_old or too_new else Fit.WITHIN
        if self.since is None and self.until is None:
            return Fit.WITHIN
        if existed_at is not None and self.since is not None and existed_at < self.since:
            return Fit.OUTSIDE
        return Fit.UNKNOWN


def read_patterns(stated: Sequence[str]) -> tuple[str, ...]:
    """Path patterns as given, each beginning with a slash or a star."""
    return tuple(
        each if each.startswith(("/", "*")) else f"/{each}" for each in (one.strip() for one in stated) if each
    )
