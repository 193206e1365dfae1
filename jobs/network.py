"""A dead host or a dead line? Nobody is blamed for our own outage.

When a host cannot be reached, others are asked: one that answers anything proves that our network works. Only where
nothing answers anywhere is the failure ours; then it counts against no feed and no page.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from ingest.errors import FetchError
from ingest.fetch import Fetcher, Limits
from ingest.model import Reason
from ingest.urls import host_of, origin_of

# What a failure of our own line may look like. Any other error shows that somebody was reached.
UNHEARD = frozenset(
    {
        Reason.DNS_FAILED,
        Reason.CONNECT_FAILED,
        Reason.CONNECT_TIMEOUT,
        Reason.FIRST_BYTE_TIMEOUT,
        Reason.TOTAL_TIMEOUT,
    }
)
PROBE = Limits(connect_s=4.0, first_byte_s=4.0, total_s=5.0, max_bytes=600_000, redirects=0)
FRESH_S = 5.0  # how long a verdict, or an answer heard, proves anything
WITNESSES = 8  # origins remembered and asked


class Network:
    """Remembers who answered lately, and asks them when somebody does not."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._heard: OrderedDict[str, float] = OrderedDict()  # origin -> when, latest last
        self._asking = asyncio.Lock()
        self._dead_until = 0.0

    def heard(self, url: str) -> None:
        """Somebody answered at `url`, were it with an error."""
        origin = origin_of(url)
        self._heard[origin] = time.monotonic()
        self._heard.move_to_end(origin)
        while len(self._heard) > WITNESSES:
            self._heard.popitem(last=False)
        self._dead_until = 0.0

    async def works(self, error: FetchError, others: Callable[[], Awaitable[Sequence[str]]], now: datetime) -> bool:
        """Whether our network works although `error` happened.

        `others`: gives addresses on other hosts to ask, should nobody have answered lately. Where there is nobody else
        to ask, the host is blamed: a feed that never answers must not be asked every few minutes for ever.
        """
        if error.reason not in UNHEARD:
            self.heard(error.url)
            return True
        failed_at, failed = time.monotonic(), host_of(error.url)
        async with self._asking:  # one asks for all that failed together
            if any(at > failed_at - FRESH_S for origin, at in self._heard.items() if host_of(origin) != failed):
                return True
            if time.monotonic() < self._dead_until:
                return False
            known = [*reversed(self._heard), *(origin_of(url) for url in await others())]
            asked = [o for o in dict.fromkeys(known) if host_of(o) != failed][:WITNESSES]
            answers = await asyncio.gather(*(self._answers(origin, now) for origin in asked))
            if any(answers) or not asked:
                return True
            self._dead_until = time.monotonic() + FRESH_S
            return False

    async def _answers(self, origin: str, now: datetime) -> bool:
        try:
            await self._fetcher.get(origin + "/robots.txt", limits=PROBE, now=now)
        except FetchError as error:
            if error.reason in UNHEARD:
                return False
        self.heard(origin)
        return True
