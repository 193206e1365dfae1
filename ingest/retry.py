"""Whether and when an entry's page is tried again: one line for each reason, nothing decided elsewhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from ingest.model import Reason


class Patience(NamedTuple):
    """How often a page is asked for in all, and how long after the first try; each wait is four times the last."""

    tries: int
    first: timedelta


ONCE = Patience(1, timedelta(0))
# An article may be announced minutes before its page is up, so "not found" is believed only after repetition.
REPEATED = Patience(3, timedelta(minutes=10))
STUBBORN = Patience(7, timedelta(minutes=5))  # 5 min, 20 min, 80 min, 5 h, 21 h, 24 h: over two days in all
LONGEST = timedelta(hours=24)

PATIENCE: dict[Reason, Patience] = {
    **dict.fromkeys(
        (
            Reason.DNS_FAILED,
            Reason.CONNECT_FAILED,
            Reason.TLS_FAILED,
            Reason.CONNECT_TIMEOUT,
            Reason.FIRST_BYTE_TIMEOUT,
            Reason.TOTAL_TIMEOUT,
            Reason.CUT_SHORT,
            Reason.RATE_LIMITED,
            Reason.UNAVAILABLE,
            Reason.SERVER_ERROR,
            Reason.ROBOTS_UNREACHABLE,
        ),
        STUBBORN,
    ),
    **dict.fromkeys(
        (Reason.NOT_FOUND, Reason.EMPTY_PAGE, Reason.CHALLENGE, Reason.FORBIDDEN, Reason.BAD_RESPONSE), REPEATED
    ),
    # A worker may die of its neighbour's page: once more, alone.
    **dict.fromkeys((Reason.READ_CRASHED, Reason.READ_TIMEOUT), Patience(2, timedelta(hours=1))),
}

# The host's troubles or ours say nothing about this page: they do not use up its tries.
UNCOUNTED = frozenset({Reason.OFFLINE, Reason.RATE_LIMITED, Reason.ROBOTS_UNREACHABLE})
OFFLINE_RETRY = timedelta(minutes=5)


def next_try(reason: Reason, attempts: int, now: datetime, retry_after_s: float | None = None) -> datetime | None:
    """When to ask again after the `attempts`-th try failed for `reason`; None: never, it is settled."""
    if reason is Reason.OFFLINE:
        return now + OFFLINE_RETRY
    patience = PATIENCE.get(reason, ONCE)
    if attempts >= patience.tries:
        return None
    wait: timedelta = min(patience.first * 4 ** max(attempts - 1, 0), LONGEST)
    return now + max(wait, timedelta(seconds=retry_after_s or 0.0))
