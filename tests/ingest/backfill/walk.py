"""A runner in miniature: asks for one document after the other, and hands each to its reader."""

from __future__ import annotations

import http.client
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from ingest.backfill.step import Next, Step, instead
from ingest.backfill.wanted import Wanted
from ingest.errors import ParseError

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
Reader = Callable[[Next, bytes, dict[str, str], str, Wanted, datetime], Step]


@dataclass
class Walk:
    """`entries`: the addresses in the order in which they came. `failed`: by path."""

    entries: list[str] = field(default_factory=list)
    captured: dict[str, str] = field(default_factory=dict)
    left: Counter[str] = field(default_factory=Counter)
    failed: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)


def get(url: str) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=30)
    try:
        connection.request("GET", url[url.index("/", 8) :])
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def walk(reader: Reader, seeds: Sequence[Next], wanted: Wanted | None = None, now: datetime = NOW) -> Walk:
    done = Walk()
    queue, seen = deque(seeds), {each.url for each in seeds}
    while queue:
        asked = queue.popleft()
        done.asked.append(asked.url)
        step = _step(reader, asked, wanted or Wanted(), now, done)
        following = step.following if isinstance(step, Step) else [other] if (other := instead(asked)) else []
        if isinstance(step, str):
            if not following and not asked.is_guess:
                done.failed[urlsplit(asked.url).path] = step
        else:
            done.entries += [url for entry in step.entries if (url := entry.url) and url not in done.entries]
            done.captured |= step.captured
            done.left.update(step.left_out)
            done.ends += [step.end] if step.end else []
        queue.extend(each for each in following if each.url not in seen)
        seen |= {each.url for each in following}
    return done


def _step(reader: Reader, asked: Next, wanted: Wanted, now: datetime, done: Walk) -> Step | str:
    status, headers, body = get(asked.url)
    if status >= 400:
        return str(status)
    try:
        return reader(asked, body, headers, asked.url, wanted, now)
    except ParseError as error:
        return error.reason.value
