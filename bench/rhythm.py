"""A simulated year of polling: what the found rhythm misses, and what a fixed interval would need for the same.

Made-up feeds of several kinds, each a stream of dated items of which a document shows the last so many; the clock is
simulated; every poll is decided by the code that decides the real ones, its state passed on as the store keeps it.
An item is missed where it left the window before any poll saw it. For each feed the longest fixed interval that misses
no more is searched on the same stream, between the same bounds; `polls_ratio` is our polls over those, of all feeds.
Kinds, rates, windows and batches follow real feeds: docs/decisions/0009-cadence.md.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from ingest.cadence import Bounds
from ingest.model import Feed, ParsedEntry, ParsedFeed, PollOutcome, Response
from ingest.poll import decide_read, decide_unchanged

START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
AWAY = 0.003  # share of polls after which it is asked what an outage would have looked like
DAY, HOUR = 86_400.0, 3_600.0
BOUNDS = Bounds()
Times = NDArray[np.float64]
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Stream:
    """One feed's year. `times`: seconds from the start at which items appear; they are dated `lag` earlier."""

    kind: str
    number: int
    times: Times
    window: int
    lag: Times
    dated: bool = True
    window_later: int = 0  # from the middle of the year on; 0: the same
    half: float = math.inf

    def window_at(self, moment: float) -> int:
        return self.window_later if self.window_later and moment >= self.half else self.window

    @property
    def url(self) -> str:
        return f"https://{self.kind}{self.number}.example/feed"


@dataclass(slots=True)
class Account:
    """What became of one stream under our polls, and under the fixed interval that misses no more."""

    stream: Stream
    polls: int = 0
    full: int = 0  # of them with something new
    items: int = 0
    missed: int = 0
    estimated: float = 0.0
    estimates: list[tuple[float, int]] = field(default_factory=list)  # for each gap: estimated, true
    outages: list[tuple[float, int]] = field(default_factory=list)  # the same, had we been away for hours or days
    delays: list[float] = field(default_factory=list)
    known: list[float] = field(default_factory=list)  # share of known items in polls with something new
    fixed_s: float = 0.0
    fixed_polls: float = 0.0
    fixed_delay: float = 0.0


# --- streams ------------------------------------------------------------------------------------------------------


def _thinned(random: Random, rate: Callable[[Times], Times], most: float, days: float) -> Times:
    """Moments of a Poisson process whose rate (items a day, at most `most`) changes with time."""
    count = random.poisson(most * days)
    moments = np.sort(random.uniform(0, days * DAY, count))
    return moments[random.uniform(0, most, count) < rate(moments)]


def _office(moments: Times, begins: float, ends: float, night: float, weekend: float) -> Times:
    """Weight of a moment: a newsroom's day in local hours, ramps of two hours, its nights and weekends."""
    hour = (moments / HOUR) % 24
    day = np.clip((hour - begins) / 2, 0, 1) * np.clip((ends - hour) / 3, 0, 1)
    return (night + (1 - night) * day) * np.where((moments // DAY) % 7 >= 5, weekend, 1.0)


def _summer(moments: Times, days: float) -> Times:
    """Local time moves by an hour for the summer half."""
    return moments + HOUR * ((moments > days * DAY * 0.24) & (moments < days * DAY * 0.82))


def _moods(random: Random, moments: Times, days: float, shape: float) -> Times:
    """Some days bring more than others."""
    return random.gamma(shape, 1 / shape, int(days) + 2)[(moments // DAY).astype(int)]


def _batched(random: Random, moments: Times, batch: float) -> Times:
    """Each moment brings one item or, where editors release several at once, a few within a minute."""
    sizes = random.geometric(1 / batch, len(moments))
    return np.sort(np.repeat(moments, sizes) + random.uniform(0, 60, sizes.sum()))


def _newsroom(random: Random, days: float, per_day: float, batch: float = 1.4, shift_h: float | None = None) -> Times:
    shift = random.uniform(0, 24) * HOUR if shift_h is None else shift_h * HOUR
    begins, ends = random.uniform(5, 8), random.uniform(18, 23)
    night, weekend = random.uniform(0.01, 0.2), random.uniform(0.15, 0.7)
    shape = random.uniform(8, 30)

    def weight(moments: Times) -> Times:
        return _office(_summer(moments, days) + shift, begins, ends, night, weekend)

    mean = float(weight(np.arange(0, 7 * DAY, 600)).mean())
    moods = random.gamma(shape, 1 / shape, int(days) + 2)
    scale = per_day / batch / mean

    def rate(moments: Times) -> Times:
        return scale * weight(moments) * moods[(moments // DAY).astype(int)]

    return _batched(random, _thinned(random, rate, scale * float(moods.max()), days), batch)


def _bursts(random: Random, days: float, window: int, per_month: float) -> Times:
    """Breaking news: a good part of a window within minutes to hours, at any time of the day."""
    found = []
    for begins in random.uniform(0, days * DAY, random.poisson(per_month * days / 30)):
        size = max(3, round(window * random.uniform(0.2, 1.0)))
        found.append(begins + random.exponential(random.uniform(600, 3600), size))
    return np.concatenate(found) if found else np.empty(0)


def _pick(random: Random, *values: int) -> int:
    return int(values[random.integers(len(values))])


def _steady(random: Random, days: float) -> dict[str, object]:
    per_day = math.exp(random.uniform(math.log(24), math.log(288)))
    moments = np.sort(random.uniform(0, days * DAY, random.poisson(per_day * days)))
    return {"times": moments, "window": _pick(random, 20, 30, 50, 100)}


def _diurnal(random: Random, days: float) -> dict[str, object]:
    per_day = math.exp(random.uniform(math.log(6), math.log(150)))
    return {"times": _newsroom(random, days, per_day), "window": _pick(random, 10, 20, 25, 30, 50, 60)}


def _bursty(random: Random, days: float) -> dict[str, object]:
    window = _pick(random, 20, 25, 30, 50)
    usual = _newsroom(random, days, random.uniform(5, 50))
    return {"times": np.sort(np.concatenate((usual, _bursts(random, days, window, 3.0)))), "window": window}


def _dead(random: Random, days: float) -> dict[str, object]:
    moments = _newsroom(random, days, math.exp(random.uniform(math.log(4), math.log(80))))
    return {"times": moments[moments < random.uniform(0.2, 0.7) * days * DAY], "window": _pick(random, 10, 20, 30)}


def _migrating(random: Random, days: float) -> dict[str, object]:
    slow = random.uniform(4, 20)
    rates = (slow, slow * 10) if random.random() < 0.5 else (slow * 10, slow)
    shift, half = random.uniform(0, 24), days * DAY * random.uniform(0.4, 0.6)
    before = _newsroom(random, days, rates[0], shift_h=shift)
    after = _newsroom(random, days, rates[1], shift_h=shift + random.uniform(4, 12))
    windows = _pick(random, 20, 30), _pick(random, 15, 40, 60)
    return {
        "times": np.concatenate((before[before < half], after[after >= half])),
        "window": windows[0],
        "window_later": windows[1],
        "half": half,
    }


def _sparse(random: Random, days: float) -> dict[str, object]:
    per_day = math.exp(random.uniform(math.log(0.03), math.log(1.0)))
    return {"times": _newsroom(random, days, per_day, batch=1.1), "window": _pick(random, 10, 10, 15, 25)}


def _agency(random: Random, days: float) -> dict[str, object]:
    per_day = math.exp(random.uniform(math.log(150), math.log(600)))
    return {"times": _newsroom(random, days, per_day, batch=1.8), "window": _pick(random, 20, 25, 30, 50)}


def _daily(random: Random, days: float) -> dict[str, object]:
    """All of a day's items at one hour, working days only."""
    window, at = _pick(random, 20, 30, 50), random.uniform(0, 24) * HOUR
    found = [
        day * DAY + at + random.normal(0, 600) + random.uniform(0, 120, random.poisson(window * 0.4))
        for day in range(int(days))
        if day % 7 < 5
    ]
    return {"times": np.sort(np.abs(np.concatenate(found))), "window": window}


KINDS: dict[str, Callable[[Random, float], dict[str, object]]] = {
    "steady": _steady,
    "diurnal": _diurnal,
    "bursty": _bursty,
    "dead": _dead,
    "migrating": _migrating,
    "sparse": _sparse,
    "agency": _agency,
    "daily": _daily,
}


def streams(count: int, days: float, seed: int) -> list[Stream]:
    """So many feeds, of all kinds in turn. One in six has no dates; the others' items appear a while after theirs."""
    made = []
    for number in range(count):
        kind = list(KINDS)[number % len(KINDS)]
        random = np.random.default_rng((seed, number))
        values = KINDS[kind](random, days)
        moments = values["times"]
        assert isinstance(moments, np.ndarray)
        lag = random.exponential(random.choice([1.0, 60.0, 600.0]), len(moments))
        dated = bool(random.random() > 1 / 6)
        made.append(Stream(kind, number, lag=lag, dated=dated, **values))  # type: ignore[arg-type]
    return made


# --- our polls ----------------------------------------------------------------------------------------------------


def poll_stream(stream: Stream, days: float, bounds: Bounds = BOUNDS) -> Account:
    """A year of one feed, from the moment it is added."""
    account, times, random = Account(stream), stream.times, np.random.default_rng(stream.number)
    feed = Feed(stream.number, stream.url, f"{stream.kind}{stream.number}.example")
    moment, seen_to, end = 3 * DAY if len(times) else 0.0, 0, days * DAY
    first = int(np.searchsorted(times, moment, "right"))
    seen_to = max(0, first - stream.window_at(moment))  # what lies before the first document is no loss of ours
    account.items = -seen_to
    gone_to = seen_to
    while moment < end:
        now = START + timedelta(seconds=moment)
        came_to = int(np.searchsorted(times, moment, "right"))
        oldest = max(0, came_to - stream.window_at(moment))
        missed = max(0, oldest - gone_to)
        first_new = max(gone_to, oldest)
        outcome = _decide(stream, feed, now, range(first_new, came_to), came_to - oldest, bounds)
        account.polls += 1
        account.missed += missed
        if came_to > first_new:
            account.full += 1
            account.known.append(1 - (came_to - first_new) / (came_to - oldest))
            if feed.polled_at is not None:
                account.delays.extend(moment - times[first_new:came_to])
        if outcome.gap_possible:
            account.estimates.append((outcome.missed, missed))
            account.estimated += outcome.missed
        gone_to = came_to
        feed = _after(feed, outcome)
        if random.random() < AWAY:
            account.outages.extend(_away(stream, feed, moment, random.uniform(2, 72) * HOUR, end, bounds))
        moment = (outcome.due_at - START).total_seconds() + 1.0
    account.items += gone_to
    return account


def _away(
    stream: Stream, feed: Feed, moment: float, away_s: float, end: float, bounds: Bounds
) -> Iterator[tuple[float, int]]:
    """The estimate and the truth, had the next poll come so much later; nothing where no gap would be seen."""
    came_to, later = int(np.searchsorted(stream.times, moment, "right")), moment + away_s
    then_to = int(np.searchsorted(stream.times, later, "right"))
    window = min(stream.window_at(later), then_to)
    if later < end and then_to - came_to >= window > 0:
        now = START + timedelta(seconds=later)
        outcome = _decide(stream, feed, now, range(then_to - window, then_to), window, bounds)
        yield outcome.missed, then_to - window - came_to


def _decide(stream: Stream, feed: Feed, now: datetime, new: range, seen: int, bounds: Bounds) -> PollOutcome:
    response = Response(feed.url, feed.url, 200, {}, b"", b"")
    if not new and feed.polled_at is not None:
        return decide_unchanged(feed, response, now, bounds)
    entries = tuple(
        ParsedEntry(str(item), None, published_at=_date(stream, item) if stream.dated else None) for item in new
    )
    parsed = ParsedFeed("rss20", None, None, None, entries, skipped=seen - len(entries))
    return decide_read(feed, response, parsed, b"x", {}, now, bounds)


def _date(stream: Stream, item: int) -> datetime:
    return START + timedelta(seconds=int(stream.times[item] - stream.lag[item]))


def _after(feed: Feed, outcome: PollOutcome) -> Feed:
    """What the store would know after this poll."""
    return replace(
        feed,
        polled_at=outcome.at,
        succeeded_at=outcome.at,
        cadence_s=outcome.cadence_s,
        body_hash=outcome.body_hash or feed.body_hash,
        items=outcome.items,
        rhythm=outcome.rhythm,
    )


# --- fixed intervals ----------------------------------------------------------------------------------------------


def fixed_misses(stream: Stream, interval_s: float, phases: int = 4) -> float:
    """Items that a fixed interval misses, on average over where its grid begins."""
    times = stream.times[stream.times >= 3 * DAY]
    leaves = np.full(len(times), np.inf)
    for window, there in _windows(stream, times):
        leaves[there] = np.append(times, np.full(window, np.inf))[np.flatnonzero(there) + window]
    missed = 0
    for phase in range(phases):
        offset = interval_s * phase / phases
        came, gone = (np.floor((moments - offset) / interval_s) for moments in (times, leaves))
        missed += int(np.count_nonzero(came == gone))
    return missed / phases


def _windows(stream: Stream, times: Times) -> list[tuple[int, NDArray[np.bool_]]]:
    if not stream.window_later:
        return [(stream.window, np.ones(len(times), dtype=bool))]
    return [(stream.window, times < stream.half), (stream.window_later, times >= stream.half)]


def longest_fixed(stream: Stream, allowed: float, most_s: float = BOUNDS.maximum_s) -> float:
    """The longest fixed interval, within the bounds, that misses no more items than allowed."""
    interval = most_s
    while interval > BOUNDS.minimum_s and fixed_misses(stream, interval) > allowed:
        interval /= 1.03
    return max(interval, BOUNDS.minimum_s)


def compare(account: Account, days: float) -> None:
    """Adds the fixed interval to an account."""
    account.fixed_s = longest_fixed(account.stream, account.missed)
    account.fixed_polls = (days - 3) * DAY / account.fixed_s
    account.fixed_delay = account.fixed_s / 2


def one_for_all(accounts: Sequence[Account], days: float) -> float:
    """Polls of the longest single interval for all feeds that misses no more in all than we do."""
    allowed, interval = sum(account.missed for account in accounts), float(BOUNDS.maximum_s)
    while interval > BOUNDS.minimum_s:
        if sum(fixed_misses(account.stream, interval, 2) for account in accounts) <= allowed:
            break
        interval /= 1.1
    return len(accounts) * (days - 3) * DAY / interval


# --- figures ------------------------------------------------------------------------------------------------------


def simulate(count: int, days: float, seed: int) -> list[Account]:
    accounts = []
    for stream in streams(count, days, seed):
        account = poll_stream(stream, days)
        compare(account, days)
        accounts.append(account)
    return accounts


def figures(accounts: Sequence[Account], days: float) -> dict[str, object]:
    """What a bench line says of these feeds."""
    items, missed = sum(a.items for a in accounts), sum(a.missed for a in accounts)
    polls, fixed = sum(a.polls for a in accounts), sum(a.fixed_polls for a in accounts)
    delays = [delay for a in accounts for delay in a.delays]
    estimated = sum(a.estimated for a in accounts)
    outages = [both for a in accounts for both in a.outages]
    away = sum(truth for _, truth in outages)
    return {
        "feeds": len(accounts),
        "items": items,
        "missed_share": round(missed / max(items, 1), 6),
        "polls_ratio": round(polls / fixed, 3),
        "polls_ratio_median": round(statistics.median(a.polls / a.fixed_polls for a in accounts), 3),
        "polls_per_feed_day": round(polls / len(accounts) / (days - 3), 2),
        "known_share_median": round(statistics.median([k for a in accounts for k in a.known] or [0.0]), 3),
        "delay_median_s": round(statistics.median(delays or [0.0])),
        "delay_mean_s": round(statistics.fmean(delays or [0.0])),
        "missed": missed,
        "missed_estimated": round(estimated, 1),
        "estimate_error": round((estimated - missed) / max(missed, 1), 3),
        "outages": len(outages),
        "outage_estimate_error": round(sum(guess - truth for guess, truth in outages) / max(away, 1), 3),
        "outage_estimate_off": round(sum(abs(guess - truth) for guess, truth in outages) / max(away, 1), 3),
    }


def _line(name: str, accounts: Sequence[Account], days: float) -> str:
    said = figures(accounts, days)
    return (
        f"{name:10} {said['feeds']:5} {said['items']:8} {said['missed']:6} {said['missed_estimated']:8}"
        f" {said['polls_per_feed_day']:8} {said['polls_ratio']:6} {said['known_share_median']:6}"
        f" {said['delay_median_s']:7} {said['delay_mean_s']:7}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.rhythm", description=__doc__, epilog="Example: python -m bench.rhythm --days 365"
    )
    parser.add_argument("--days", type=float, default=120.0, help="how long, in simulated days")
    parser.add_argument("--feeds", type=int, default=32, help="how many feeds, of all kinds in turn")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", help="taken and not used: the feeds are made up")
    options = parser.parse_args(arguments)
    accounts = simulate(options.feeds, options.days, options.seed)
    print("kind       feeds    items missed estimate  polls/d  ratio  known   delay    mean")
    for kind in KINDS:
        of_kind = [account for account in accounts if account.stream.kind == kind]
        if of_kind:
            print(_line(kind, of_kind, options.days))
    print(_line("all", accounts, options.days))
    single = sum(a.polls for a in accounts) / one_for_all(accounts, options.days)
    line = {"bench": "rhythm", "days": options.days, "seed": options.seed, **figures(accounts, options.days)}
    print(json.dumps(line | {"polls_ratio_one_interval": round(single, 3)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
