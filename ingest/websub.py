"""WebSub (W3C Recommendation of 23 January 2018), the subscriber's side. Touches nothing.

    discover            who pushes a feed, and what they call it                       section 4
    request, ask_now    what we ask a hub for, and what to remember of having asked    5.1
    confirm             the hub's questions back: is it you who asked?                 5.3, 5.2
    is_signed           whether what came is the hub's                                 7.1

A subscription is one row whatever happens to it: asked → active → (asked again before the lease ends) → …; what goes
wrong is a state with a reason and a time to try again. What pushes mean for polls is told in push.py.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ingest.fingerprint import key64
from ingest.model import (
    FeedState,
    ParsedFeed,
    Reason,
    StatedHub,
    Subscription,
    SubscriptionState,
)
from ingest.patience import wait_s
from ingest.urls import absolute

ASKED, ACTIVE, REFUSED, FAILED = SubscriptionState

LEASE = timedelta(days=10)  # what we ask for: the specification's own proposal
LONGEST_LEASE = timedelta(days=30)  # what we believe at most
RENEWED_AT, SPREAD = 0.75, 0.05  # of the lease, and up to so much later: not all are renewed at once
SOONEST_RENEWAL = timedelta(minutes=5)  # however short the lease
CONFIRMED_WITHIN = timedelta(hours=1)  # hubs confirm "as soon as possible"; some queue
PATIENCE_S, LONGEST_PATIENCE_S = 3_600.0, 86_400.0
OFFLINE_RETRY = timedelta(minutes=5)

MAX_HUBS = 10
MAX_ADDRESS = 2_048
NEXT_HUB_AFTER = 3  # failures in a row, where the feed names several
MAX_REASON = 200  # characters of a hub's own words
_IS_CHALLENGE = re.compile(r"[\x21-\x7e]{1,1024}").fullmatch  # visible, and no longer than an address could carry
_IS_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}").fullmatch  # 32 bytes in URL-safe Base64
_SIGNATURES = {"sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}  # hexadecimal digits


# --- discovery ----------------------------------------------------------------------------------------------------


def discover(headers: Mapping[str, str], parsed: ParsedFeed, final_url: str, feed_url: str) -> StatedHub:
    """Who pushes the feed: what the Link headers of its answer say, else the document. The topic is its `self`."""
    linked = list(_links(headers.get("link", "")))
    hubs = _addresses(final_url, [target for rel, target in linked if rel == "hub"])
    selves = [target for rel, target in linked if rel == "self"]
    stated = [parsed.self_url] if parsed.self_url else []
    if hubs:
        own = _addresses(final_url, selves + stated)
    else:
        hubs, own = _addresses(final_url, parsed.hub_urls), _addresses(final_url, stated + selves)
    return StatedHub(hubs, own[0] if own else feed_url)


def _links(header: str) -> Iterator[tuple[str, str]]:
    """Relation and target of each link (RFC 8288 section 3); several relations of one target are several links."""
    for piece in header.split("<")[1:]:
        target, _, parameters = piece.partition(">")
        for parameter in parameters.split(";")[1:]:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "rel":
                yield from ((rel, target.strip()) for rel in value.strip(' \t,"').lower().split()[:10])
                break  # "occurrences after the first MUST be ignored"


def _addresses(base: str, stated: Sequence[str]) -> tuple[str, ...]:
    found = (absolute(base, address) for address in stated[: 2 * MAX_HUBS] if address)
    fine = (address.partition("#")[0] for address in found if address and len(address) <= MAX_ADDRESS)
    return tuple(dict.fromkeys(fine))[:MAX_HUBS]


def choose_hub(stated: StatedHub, known: Subscription | None) -> str:
    """The hub to use: the one in use while it works, else the next that the feed names; https before http."""
    hubs = sorted(stated.hub_urls, key=lambda url: not url.startswith("https:"))
    if known is None or known.hub_url not in hubs or known.topic_url != stated.topic_url:
        return hubs[0]
    position = hubs.index(known.hub_url)
    gave_up = known.state is REFUSED or known.failures >= NEXT_HUB_AFTER
    return hubs[min(position + gave_up, len(hubs) - 1)]


def follow(known: Subscription | None, stated: StatedHub) -> tuple[str, str] | None:
    """The hub and topic to subscribe to anew: we have none, or the feed names others. None: all stays as it is."""
    hub_url = choose_hub(stated, known)
    if known is not None and (known.hub_url, known.topic_url) == (hub_url, stated.topic_url):
        return None
    return hub_url, stated.topic_url


# --- asking -------------------------------------------------------------------------------------------------------


def addresses_of(hub_url: str) -> tuple[str, str]:
    """Where to ask, and where to ask again if nobody is there. https comes first, were the hub stated without (8.2)."""
    scheme, _, rest = hub_url.partition("://")
    if scheme == "http" and ":" not in rest.partition("/")[0]:
        return f"https://{rest}", hub_url
    return hub_url, hub_url


def request(known: Subscription, callback: str, mode: str) -> dict[str, str]:
    """The form that asks a hub to "subscribe" or "unsubscribe". `callback`: the public address of our endpoint."""
    form = {
        "hub.callback": f"{callback.rstrip('/')}/{known.token}",
        "hub.mode": mode,
        "hub.topic": known.topic_url,
    }
    if mode == "unsubscribe":
        return form
    return form | {"hub.secret": known.secret, "hub.lease_seconds": str(int(LEASE.total_seconds()))}


def ask_now(known: Subscription, now: datetime) -> tuple[Subscription, bool]:
    """A subscription is due: what to remember, and whether to ask. A request left unanswered has failed, and waits."""
    if _is_unanswered(known):
        return failed(known, Reason.HUB_SILENT, "it took the request and did not confirm it", now), False
    state = ACTIVE if lease_holds(known, now) else ASKED
    return replace(known, state=state, asked_at=now, reason=None, detail=None, due_at=now + CONFIRMED_WITHIN), True


def _is_unanswered(known: Subscription) -> bool:
    """Whether the hub took our last request, and has not confirmed it: one that failed has a reason."""
    if known.asked_at is None or known.reason is not None:
        return False
    return known.verified_at is None or known.verified_at < known.asked_at


def failed(known: Subscription, reason: Reason, detail: str, now: datetime) -> Subscription:
    """Asking came to nothing. Patience grows from an hour to a day, but a lease that still holds is not slept through.

    Our own network's failure counts against nobody.
    """
    if reason is Reason.OFFLINE:
        return replace(known, reason=reason, detail=detail[:MAX_REASON], due_at=now + OFFLINE_RETRY)
    failures = known.failures + 1
    wait = timedelta(seconds=wait_s(failures - 1, PATIENCE_S, LONGEST_PATIENCE_S, known.topic_url))
    holds = lease_holds(known, now)
    if holds and known.lease_until is not None:
        wait = min(wait, max((known.lease_until - now) / 3, SOONEST_RENEWAL))
    return replace(
        known,
        state=ACTIVE if holds else FAILED,
        failures=failures,
        reason=reason,
        detail=detail[:MAX_REASON],
        due_at=now + wait,
    )


def answered_badly(
    known: Subscription, asked_at: datetime, reason: Reason, detail: str, now: datetime
) -> Subscription | None:
    """The request failed; None where the hub has confirmed it all the same, or it has been made anew since."""
    if known.asked_at is None or known.asked_at > asked_at or not _is_unanswered(known):
        return None
    return failed(known, reason, detail, now)


def given_up(known: Subscription) -> Subscription:
    """The feed is paused: the hub is told, and what it still sends is not wanted."""
    return replace(
        known, state=FAILED, reason=Reason.PAUSED, detail="the feed is paused", lease_until=None, due_at=None
    )


def lease_holds(known: Subscription, now: datetime) -> bool:
    return known.state is ACTIVE and known.lease_until is not None and known.lease_until > now


# --- the hub's questions ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """What to tell the hub, and what to remember; `known` None: nothing has changed."""

    status: int
    body: str = ""
    known: Subscription | None = None


NOT_OURS = Answer(404)


def may_be_token(text: str) -> bool:
    """Whether this may be the last part of a callback of ours: anything else need not be looked up."""
    return _IS_TOKEN(text) is not None


def confirm(known: Subscription, feed_state: FeedState, query: Mapping[str, str], now: datetime) -> Answer:
    """The hub asks whether we meant it, or tells that it will not push. A 404 says: we did not."""
    mode, topic = query.get("hub.mode"), query.get("hub.topic")
    if topic != known.topic_url:
        return NOT_OURS
    if mode == "denied" and feed_state is FeedState.PAUSED:
        return Answer(200)
    if mode == "denied":
        return Answer(200, "", _denied(known, query.get("hub.reason", "")))
    challenge = query.get("hub.challenge", "")
    wanted = "unsubscribe" if feed_state is FeedState.PAUSED else "subscribe"
    if mode != wanted or not _IS_CHALLENGE(challenge):
        return NOT_OURS
    if mode == "unsubscribe":
        ended = given_up(known)
        return Answer(200, challenge, None if ended == known else ended)
    if known.asked_at is None:  # a hub cannot know of what we have not asked
        return NOT_OURS
    return Answer(200, challenge, _confirmed(known, _lease(query.get("hub.lease_seconds", "")), now))


def _denied(known: Subscription, reason: str) -> Subscription:
    words = " ".join(reason.split())[:MAX_REASON] or None
    return replace(known, state=REFUSED, reason=Reason.HUB_DENIED, detail=words, lease_until=None, due_at=None)


def _confirmed(known: Subscription, lease: timedelta, now: datetime) -> Subscription:
    return replace(
        known,
        state=ACTIVE,
        verified_at=now,
        lease_until=now + lease,
        failures=0,
        reason=None,
        detail=None,
        due_at=now + renewal_after(lease, known.token),
    )


def _lease(stated: str) -> timedelta:
    """What the hub says, within reason. Hubs before version 0.4 say nothing, and push until they forget: a day."""
    if not stated.isascii() or not stated.isdecimal() or len(stated) > 12:
        return timedelta(days=1)
    return min(timedelta(seconds=int(stated)), LONGEST_LEASE)


def renewal_after(lease: timedelta, key: str) -> timedelta:
    """How long after it was confirmed a lease is renewed: at 75 to 80 % of it, always the same for the same `key`."""
    drawn = (key64(key) & 0xFFFFFFFF) / 0xFFFFFFFF
    return max(lease * (RENEWED_AT + SPREAD * drawn), SOONEST_RENEWAL)


# --- signatures -----------------------------------------------------------------------------------------------------


def is_signed(header: str | None, secret: str, body: bytes | bytearray) -> bool:
    """Whether X-Hub-Signature is the one that only the hub, which knows `secret`, could make of `body`."""
    method, _, stated = (header or "").strip().partition("=")
    method = method.strip().lower()
    digits = stated.strip().lower()
    if len(digits) != _SIGNATURES.get(method) or not digits.isascii():
        return False
    return hmac.compare_digest(hmac.new(secret.encode(), body, method).hexdigest(), digits)
