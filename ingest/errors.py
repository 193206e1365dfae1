"""One tree of errors for the three packages. The class answers what the caller asks: again, give up, or stop.

    DatelineError
      SettingsError               the operator must act
      FetchError(url, reason)     translated from the HTTP library in one place: ingest/fetch.py
        Transient(retry_after)    time-out, connection lost, 5xx, 429: again, later
        Refused                   robots, 401, 403, 451, a challenge: not for us
        Gone                      404, 410: believed only after repetition
        Unacceptable              too large, wrong type, forbidden address, redirect loop
      ParseError(reason)          the document is not what it claims
      StorageError
        Busy                      the database is locked: again
        TurnLost                  somebody else has this host now: write nothing
        SchemaMismatch            the database is older or newer than the program: refuse to start
        Owned                     another process runs on this database

Nobody reads messages: what a program needs to know is the class and `reason`. Expected outcomes
(unchanged, duplicate) are values, not errors.
"""

from __future__ import annotations

from ingest.model import Reason


class DatelineError(Exception):
    """The root: every error that Dateline raises on purpose."""


class SettingsError(DatelineError):
    """The settings, or what the operator typed, cannot work. `problems`: one sentence each, with its line."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class FetchError(DatelineError):
    """A request that brought nothing usable.

    `url` is the address asked last (after redirects), `status` the HTTP status where one came.
    """

    def __init__(self, url: str, reason: Reason, detail: str = "", *, status: int | None = None) -> None:
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.url = url
        self.reason = reason
        self.detail = detail
        self.status = status


class Transient(FetchError):
    """Worth trying again. `retry_after`: seconds the server asked for, if it did."""

    def __init__(
        self, url: str, reason: Reason, detail: str = "", *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(url, reason, detail, status=status)
        self.retry_after = retry_after


class Refused(FetchError):
    """The publisher does not want us there."""


class Gone(FetchError):
    """Nothing at this address, says the publisher."""


class Unacceptable(FetchError):
    """What came breaks a limit of ours; asking again would bring the same."""


class ParseError(DatelineError):
    """The document is not what it claims to be, or reading it broke a limit."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type[ParseError], tuple[Reason, str]]:
        return type(self), (self.reason, self.detail)  # it crosses process borders


class StorageError(DatelineError):
    """The database could not do it."""


class Busy(StorageError):
    """The database stayed locked for longer than we wait."""


class TurnLost(StorageError):
    """The turn at this host has passed to another process: write nothing."""


class SchemaMismatch(StorageError):
    """The database's schema is not this program's."""


class Owned(StorageError):
    """Another process runs on this database."""
