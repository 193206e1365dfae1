"""How long a failing feed is left alone: by how grave its failures were, growing, and never for ever.

Failures have weights, as in Media Cloud's rss-fetcher (mediacloud/rss-fetcher: fetcher/tasks.py): what may pass in a
minute weighs a quarter of what will hardly pass at all. The sum of the weights since the last success decides how long
the next wait is and when the feed rests. No feed is dropped: one that rests is probed monthly.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import blake2b

from ingest.model import Feed, Reason

TEMPORARY, SOFT, HARD = 0.25, 0.5, 1.0  # it may work in a minute; somebody must act; nothing is there

WEIGHTS: dict[Reason, float] = {
    **dict.fromkeys(
        (
            Reason.CONNECT_FAILED,
            Reason.CONNECT_TIMEOUT,
            Reason.FIRST_BYTE_TIMEOUT,
            Reason.TOTAL_TIMEOUT,
            Reason.CUT_SHORT,
            Reason.BAD_RESPONSE,
            Reason.RATE_LIMITED,
            Reason.UNAVAILABLE,
            Reason.SERVER_ERROR,
            Reason.READ_TIMEOUT,
            Reason.READ_CRASHED,
            Reason.READ_FAILED,
        ),
        TEMPORARY,
    ),
    **dict.fromkeys((Reason.NOT_FOUND, Reason.BAD_LINK, Reason.FORBIDDEN_ADDRESS, Reason.WRONG_TYPE), HARD),
}  # all else is soft: names and certificates that lapsed, refusals, pages where a feed was, loops

PROBE = timedelta(days=30)  # a feed that rests or said 410 is asked again this often
SOONEST_S = 3_600  # a feed that is asked daily is not left for a day because of one failure
RESTS_AT = 10.0  # weight from which a feed may rest …
RESTS_AFTER = timedelta(days=14)  # … where it has not worked for so long


def weight(reason: Reason) -> float:
    """What one failure for `reason` weighs."""
    return WEIGHTS.get(reason, SOFT)


def wait_s(total: float, interval_s: float, maximum_s: float, key: str) -> float:
    """Seconds to the next try: doubling with each unit of weight, from the interval (an hour at most) to the maximum.

    `total`: the weights of all failures in a row, this one included. Spread by up to a tenth, which hangs on `key` (the
    feed's URL) and the weight alone: feeds that fell together do not come back together, and the same history gives
    the same answer.
    """
    patience: float = min(min(interval_s, SOONEST_S) * 2.0 ** min(total, 60.0), maximum_s)
    drawn = int.from_bytes(blake2b(f"{key}\x1f{total}".encode(), digest_size=4).digest(), "big")
    return patience * (0.9 + 0.1 * drawn / 0xFFFFFFFF)


def rests(feed: Feed, total: float, now: datetime) -> bool:
    """Whether the feed has failed so much and for so long that it is only probed from now on."""
    worked_at = feed.succeeded_at or feed.created_at
    return total >= RESTS_AT and worked_at is not None and now - worked_at >= RESTS_AFTER
