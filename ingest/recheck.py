"""When an article's page is looked at again, and what such a look means. Touches nothing.

The schedule doubles: a look when the article is half an hour old, one, two, four hours and so on, about nine in a week.
What has just changed is hot again; then it cools as it did before, but the older the article, the less hot it gets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ingest.cosmetic import essence, words
from ingest.errors import FetchError, ParseError, Transient
from ingest.model import Article, Fetched, Kind, Look, Reading, Reason, Recheck, RecheckOutcome, Validators
from ingest.poll import rest_until
from ingest.retry import OFFLINE_RETRY, next_try
from ingest.urls import host_of, is_home_page, registrable_domain, url_key

FIRST_S, FIRST_LIVE_S = 1_800.0, 600.0  # no look comes sooner after another
COOLING, COOLING_LIVE = 8, 16  # after a change: again after this part of the age, or as soon as above
SPREAD = 0.1  # of the wait, so that what was published together is not asked for together
GOLDEN = 0.618_033_988_749_895  # its multiples lie evenly between whole numbers
LAST_LOOK = timedelta(days=30)  # at what was withdrawn
BELIEVED = 3  # looks in a row that find nothing
PROBE_EVERY = 4  # looks: some servers answer "unchanged" whatever happened (see ingest/conditional.py)
BURST = 20  # looks at a host at once, before its budget spreads them over the day
DAY_S = 86_400.0
SHARED = 0.5  # of the words of the shorter text: less, under another address, is another story
VANISHED = frozenset({Reason.NOT_FOUND, Reason.GONE, Reason.HOME_PAGE})
# Asked again it would be the same.
FINAL = frozenset({Reason.ROBOTS_DISALLOWED, Reason.FORBIDDEN_ADDRESS, Reason.BAD_LINK, Reason.TOO_LARGE, Reason.BOMB})


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's wishes. `until_s`: how old an article may be. `budget`: looks at one host in a day."""

    until_s: float = 7 * DAY_S
    budget: int = 1_000


def born_at(published_at: datetime | None, first_seen_at: datetime) -> datetime:
    """From when on an article ages: its publication, where that can be believed, else when we first saw it."""
    stated = published_at
    if stated is None or stated > first_seen_at:
        return first_seen_at
    is_date = (stated.hour, stated.minute, stated.second) == (0, 0, 0)  # a day without a time: it came later on it
    return first_seen_at if is_date and first_seen_at - stated < timedelta(days=1) else stated


def next_look(
    policy: Policy, article_id: int, born: datetime, changed_at: datetime | None, kind: str, now: datetime
) -> datetime | None:
    """When an article that was looked at `now` is due again; None: not any more. `changed_at`: its last revision."""
    age = max((now - born).total_seconds(), 0.0)
    is_live = kind == Kind.LIVE
    first, part = (FIRST_LIVE_S, COOLING_LIVE) if is_live else (FIRST_S, COOLING)
    wait = age / 2 if is_live else age
    if changed_at is not None:
        quiet = max((now - changed_at).total_seconds(), 0.0)
        wait = min(wait, max(quiet, age / part))
    wait = max(wait, first) * (1 + SPREAD * (article_id * GOLDEN % 1))
    return now + timedelta(seconds=round(wait)) if age + wait <= policy.until_s else None


def next_allowed(policy: Policy, allowed_at: datetime | None, now: datetime) -> datetime:
    """When a host may be looked at for revisions again, after a look `now`: the budget, spread over the day.

    BURST looks may come together; whoever has not been asked for a while has saved them up.
    """
    gap = DAY_S / max(policy.budget, 1)
    saved = now - timedelta(seconds=gap * min(BURST, policy.budget))
    return max(allowed_at or saved, saved) + timedelta(seconds=gap)


def validators_for(known: Recheck) -> Validators | None:
    """What to ask for a page with: what it was answered with last, but now and then nothing, in case that lies."""
    return None if known.looks % PROBE_EVERY == PROBE_EVERY - 1 else known.validators


def decide_unchanged(known: Recheck, fetched: Fetched, policy: Policy, look: Look) -> RecheckOutcome:
    """304, or byte for byte what came last time."""
    due_at = next_look(policy, known.article_id, known.born_at, known.changed_at, known.kind, fetched.at)
    return RecheckOutcome(known, fetched, look, due_at=due_at)


def decide_read(known: Recheck, fetched: Fetched, reading: Reading, policy: Policy) -> RecheckOutcome:
    """A page was read. Whether it is the article, and what has changed, is seen beside its newest text."""
    if reading.reason is not None:
        return decide_failed(known, fetched, ParseError(reading.reason), policy)
    return RecheckOutcome(known, fetched, Look.READ, reading=reading)


def decide_moved(known: Recheck, fetched: Fetched, location: str, limit: int, policy: Policy) -> RecheckOutcome:
    """It led to another host: to a front page, which is as good as nothing, or to be looked at there."""
    if _is_home(known.url, location):
        return decide_failed(known, fetched, ParseError(Reason.HOME_PAGE, location[:200]), policy)
    if known.hops >= limit:
        return RecheckOutcome(known, fetched, Look.ENDED, reason=Reason.TOO_MANY_REDIRECTS)
    return RecheckOutcome(known, fetched, Look.MOVED, moved_to=location, due_at=fetched.at)


def _is_home(asked: str, location: str) -> bool:
    return is_home_page(location) and not is_home_page(asked)


def decide_failed(known: Recheck, fetched: Fetched, error: FetchError | ParseError, policy: Policy) -> RecheckOutcome:
    """Nothing to be read came. 404, 410 and the front page, three times in a row, say that it was withdrawn.

    Anything else says nothing of the article, which is looked at again when it would have been anyway.
    """
    failed = RecheckOutcome(known, fetched, Look.FAILED, reason=error.reason, detail=error.detail or None)
    if error.reason in VANISHED:
        return _missing(failed)
    if known.is_withdrawn and isinstance(error, Transient) and known.missing < 2 * BELIEVED:
        again = replace(failed, missing=known.missing + 1, missing_since=known.missing_since)
        return replace(again, due_at=fetched.at + timedelta(days=1), rest_until=rest_until(error, fetched.at))
    if error.reason in FINAL or known.is_withdrawn:
        return replace(failed, look=Look.ENDED)
    due_at = next_look(policy, known.article_id, known.born_at, known.changed_at, known.kind, fetched.at)
    if due_at is not None and isinstance(error, Transient) and error.retry_after:
        due_at = max(due_at, fetched.at + timedelta(seconds=error.retry_after))
    return replace(failed, due_at=due_at, rest_until=rest_until(error, fetched.at))


def _missing(outcome: RecheckOutcome) -> RecheckOutcome:
    known, at = outcome.known, outcome.fetched.at
    if known.is_withdrawn:  # the last look found nothing either
        return replace(outcome, look=Look.ENDED)
    missing = known.missing + 1
    outcome = replace(outcome, look=Look.MISSING, missing=missing, missing_since=known.missing_since or at)
    if missing < BELIEVED:
        return replace(outcome, due_at=next_try(Reason.NOT_FOUND, missing, at))
    return replace(outcome, look=Look.WITHDRAWN, due_at=at + LAST_LOOK)


def decide_offline(known: Recheck, now: datetime) -> RecheckOutcome:
    """Our own network is down: nobody is to blame, and nothing is counted."""
    return RecheckOutcome(
        known, Fetched(now, 0.0), Look.OFFLINE, reason=Reason.OFFLINE, due_at=now + OFFLINE_RETRY,
        missing=known.missing, missing_since=known.missing_since,
    )  # fmt: skip


def is_other_story(asked: str, final_url: str | None, before: Article, now: Reading) -> bool:
    """Whether another address answered, with a text that has little to do with the one we know."""
    if final_url is None or url_key(final_url) == url_key(asked):
        return False
    is_same_site = registrable_domain(host_of(final_url)) == registrable_domain(host_of(asked))
    if is_same_site and before.title and before.title == now.title:
        return False
    had, has = set(words(before.title, essence(before.text))), set(words(now.title, essence(now.text)))
    return len(had & has) < SHARED * min(len(had), len(has))
