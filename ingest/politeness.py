"""May we, and when: robots rules, the pace a host is visited at.

Source: RFC 9309 (robots). Pure: bytes and moments in, verdicts out. Whoever keeps a `Robots` stores its four fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, lru_cache

from protego import Protego

from ingest.model import Reason

ROBOTS_TTL = timedelta(days=1)  # RFC 9309 section 2.4: no cached copy for longer
ROBOTS_RETRY = timedelta(hours=1)  # after a server error
ROBOTS_PATIENCE = timedelta(days=30)  # section 2.3.1.4: unreachable for longer may count as "there is none"
ROBOTS_MAX_BYTES = 500 * 1024  # section 2.5: at least so much must be read; no more is
_AGENT_LINE = re.compile(r"\s*user[- ]?agent\s*[:\s]([^#]*)", re.IGNORECASE)


@dataclass(frozen=True)
class Robots:
    """What a host said of robots, last time it was asked."""

    status: int | None  # of the last answer; None: none came
    text: str | None  # the rules; "" where all is allowed; None: not known
    fetched_at: datetime
    unreachable_since: datetime | None = None

    @property
    def must_wait(self) -> bool:
        """The server failed to say and nothing older is known: nothing may be fetched yet."""
        since = self.unreachable_since
        return self.text is None and since is not None and self.fetched_at - since < ROBOTS_PATIENCE

    @property
    def due_at(self) -> datetime:
        """When to ask for the file again."""
        return self.fetched_at + (ROBOTS_TTL if self.unreachable_since is None else ROBOTS_RETRY)

    @cached_property
    def _rules(self) -> dict[str, Protego]:
        """Parsed when first asked, once for each product token (there is one)."""
        return {}

    def rules(self, token: str) -> Protego:
        if token not in self._rules:
            self._rules[token] = Protego.parse("\n".join(_lines_for(token, self.text or "")))
        return self._rules[token]


def read_robots(status: int | None, body: bytes | None, fetched_at: datetime, previous: Robots | None = None) -> Robots:
    """What an answer to /robots.txt means. `status` None: no answer came; `body` None: it could not be read.

    2xx: the rules in its first 500 KiB. 3xx and 4xx: there is no file, all is allowed. 429, 5xx and no answer: wait,
    or go on with the rules in `previous` (section 2.4: a cached copy may outlive its day meanwhile).
    """
    if status is not None and 200 <= status < 300 and body is not None:
        return Robots(status, _decode(body), fetched_at)
    if status is not None and 300 <= status < 500 and status != 429:
        return Robots(status, "", fetched_at)
    if previous is None:
        return Robots(status, None, fetched_at, fetched_at)
    return replace(
        previous, status=status, fetched_at=fetched_at, unreachable_since=previous.unreachable_since or fetched_at
    )


def refusal(robots: Robots, url: str, user_agent: str) -> Reason | None:
    """Why `url` may not be fetched now: ROBOTS_UNREACHABLE (later), ROBOTS_DISALLOWED (no), or None: it may."""
    if robots.must_wait:
        return Reason.ROBOTS_UNREACHABLE
    token = product_token(user_agent)
    try:
        allowed = robots.rules(token).can_fetch(url, token)
    except ValueError:  # not a URL: fetching it will say so
        return None
    return None if allowed else Reason.ROBOTS_DISALLOWED


def may_fetch(robots: Robots, url: str, user_agent: str) -> bool:
    """Whether the rules, read now, let us have `url`: its path and query are compared."""
    return refusal(robots, url, user_agent) is None


def crawl_delay_s(robots: Robots, user_agent: str) -> float | None:
    """The seconds between requests that the file asks of us; None where it does not."""
    token = product_token(user_agent)
    delay: float | None = robots.rules(token).crawl_delay(token)
    return delay


@lru_cache(maxsize=8)
def product_token(user_agent: str) -> str:
    """The name robots rules know us by: "dateline" of "Dateline/1.0 (+https://…)" (RFC 9309 section 2.2.1)."""
    found = re.match(r"[A-Za-z_-]+", user_agent.strip())
    return found.group().lower() if found else "dateline"


def delay_s(default_s: float, robots_delay_s: float | None, max_delay_s: float) -> float:
    """Seconds between two requests to a host: the longer wish, but never more than the operator allows."""
    return min(max(default_s, robots_delay_s or 0.0), max_delay_s)


def _decode(body: bytes) -> str:
    """The file's text: its first 500 KiB, up to the end of a line, so that no rule is cut."""
    kept = body[:ROBOTS_MAX_BYTES]
    if len(body) > ROBOTS_MAX_BYTES:
        kept = kept[: kept.rfind(b"\n") + 1]
    return kept.decode("utf-8-sig", "replace")


def _lines_for(token: str, text: str) -> Iterator[str]:
    """The file with the names of all other robots made one, each name once in a group.

    A name matches exactly then, as RFC 9309 section 2.2.1 asks; and the parser, which copies a group's rules for every
    name in it, is not made to build 18,000 copies of 28,000 rules.
    """
    group: set[str] = set()
    for line in text.splitlines():
        match = _AGENT_LINE.match(line)
        if match is None:
            if line.strip() and not line.lstrip().startswith("#"):
                group.clear()
            yield line
            continue
        name = _known_as(match.group(1).strip(), token)
        if name not in group:
            group.add(name)
            yield f"User-agent: {name}"


def _known_as(name: str, token: str) -> str:
    if name == "*":
        return name
    found = re.match(r"[A-Za-z_-]+", name)
    return token if found and found.group().lower() == token else "another-robot"
