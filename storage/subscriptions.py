"""Subscriptions at hubs: found by polls, asked for by ticks, confirmed and used by hubs.

Hubs, polls and ticks change the same row. So a decision is made where the row is read and written: `change` runs one
of the functions of `ingest.websub` within its transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, delete, func, insert, or_, select, update

from ingest import push, websub
from ingest.model import Feed, FeedState, PollOutcome, Reason, Subscription, SubscriptionState
from ingest.push import Push
from storage import entries, feeds, hosts, tables
from storage.tables import Utc, subscriptions
from storage.upsert import insert_new

_NAMES = tuple(each.name for each in fields(Subscription))
_IS_ALIVE = subscriptions.c.state.in_((SubscriptionState.ASKED, SubscriptionState.ACTIVE))
_GIVEN_UP = subscriptions.c.reason == Reason.PAUSED
_HIDDEN = ("feed_id", "token", "secret")


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription with the feed it is for."""

    subscription: Subscription
    feed: Feed


# --- what polls and pushes bring ----------------------------------------------------------------------------------


def record_poll(connection: Connection, outcome: PollOutcome, maximum_s: float) -> int:
    """`feeds.record_poll`, while hubs can reach us: what the feed says of its hub is followed, and polls slow down
    while pushes are trusted. Returns how many entries became due.
    """
    if outcome.reason is None:
        known = load(connection, outcome.feed.id)
        if known is not None:
            said, outcome = push.after_poll(known, outcome, maximum_s)
            _save(connection, said)
        if outcome.hub is not None and feeds.exists(connection, outcome.feed.id):
            _follow(connection, known, outcome)
    return feeds.record_poll(connection, outcome)


def _follow(connection: Connection, known: Subscription | None, outcome: PollOutcome) -> None:
    """Subscribe where the feed names a hub, anew where it names another; forget what it no longer names.

    The hub in use until then finds our old address gone (410), and stops.
    """
    feed_id = outcome.feed.id
    assert outcome.hub is not None  # noqa: S101 - says the caller
    if not outcome.hub.hub_urls:
        connection.execute(delete(subscriptions).where(subscriptions.c.feed_id == feed_id))
        return
    chosen = websub.follow(known, outcome.hub)
    if chosen is None:
        return
    connection.execute(delete(subscriptions).where(subscriptions.c.feed_id == feed_id))
    row = {"hub_url": chosen[0], "topic_url": chosen[1], "state": SubscriptionState.ASKED, "due_at": outcome.at}
    keys = {"token": secrets.token_urlsafe(32), "secret": secrets.token_urlsafe(32)}
    connection.execute(insert(subscriptions).values(feed_id=feed_id, pushes=0, failures=0, **row, **keys))


def expect_push(connection: Connection, subscribed: Subscribed, now: datetime) -> None:
    """A push has arrived and is about to be acknowledged: should we lose it, a poll makes it good."""
    feed = subscribed.feed
    if feed.state is FeedState.ACTIVE and not feed.failures:
        at = now + push.SAFETY
        _poll_at(connection, feed, at, tables.feeds.c.due_at > at)


def record_push(
    connection: Connection, token: str, pushed: Push, initial_s: float, maximum_s: float, *, last: bool
) -> tuple[PollOutcome, int] | None:
    """Decide what a push means, and record it whole. Returns that, and how many entries became due; None where the feed
    was removed or paused meanwhile.

    `last`: no other push of the feed waits to be recorded, or could not be, so that its next poll may be put off. One
    that is due already is not.
    """
    found = find(connection, token)
    if found is None or found.feed.state is FeedState.PAUSED:
        return None
    known = entries.load_known(connection, found.feed.id, [entry.key for entry in pushed.parsed.entries])
    outcome = push.decide_pushed(found.feed, pushed, known)
    due = feeds.record_poll(connection, outcome)
    subscription = push.pushed(found.subscription, outcome.at)
    _save(connection, subscription)
    due_at = push.after_push(subscription, found.feed, outcome.at, initial_s, maximum_s)
    if last and due_at is not None:
        _poll_at(connection, found.feed, due_at, tables.feeds.c.due_at > outcome.at)
    return outcome, due


def _poll_at(connection: Connection, feed: Feed, at: datetime, where: ColumnElement[bool]) -> None:
    connection.execute(update(tables.feeds).where(tables.feeds.c.id == feed.id, where).values(due_at=at))
    hosts.make_due(connection, [feed.host], at)


# --- what hubs and ticks do ---------------------------------------------------------------------------------------


def change(
    connection: Connection, token: str, decide: Callable[[Subscribed], Subscription | None]
) -> Subscription | None:
    """Decide about a subscription as it stands, and keep what was decided. None: nothing changed, or it is gone."""
    found = find(connection, token)
    decided = None if found is None else decide(found)
    if decided is not None:
        _save(connection, decided)
    return decided


def find(connection: Connection, token: str) -> Subscribed | None:
    """The subscription whose callback ends in `token`."""
    row = connection.execute(_FIND, {"token": token}).one_or_none()
    return _subscribed(row) if row else None


def load(connection: Connection, feed_id: int) -> Subscription | None:
    row = connection.execute(_OF_FEED, {"feed": feed_id}).one_or_none()
    return _known(row) if row else None


def load_hubs(connection: Connection, now: datetime, limit: int) -> Sequence[str]:
    """The hubs that are to be asked something now, longest due first."""
    return connection.scalars(_DUE_HUBS, {"now": now, "limit": limit}).all()


def load_due(connection: Connection, hub_urls: Sequence[str], now: datetime) -> Subscribed | None:
    """What has been due for longest at these hubs; None when nothing is."""
    row = connection.execute(_DUE, {"hub_urls": list(hub_urls), "now": now}).one_or_none()
    return _subscribed(row) if row else None


_OF_FEED = select(subscriptions).where(subscriptions.c.feed_id == bindparam("feed"))
_WITH_FEED = select(tables.feeds, *(subscriptions.c[name].label(f"subscription_{name}") for name in _NAMES)).join_from(
    subscriptions, tables.feeds
)
_FIND = _WITH_FEED.where(subscriptions.c.token == bindparam("token"))
_IS_DUE = subscriptions.c.due_at <= bindparam("now", type_=Utc)
_DUE_HUBS = (
    select(subscriptions.c.hub_url)
    .where(_IS_DUE)
    .group_by(subscriptions.c.hub_url)
    .order_by(func.min(subscriptions.c.due_at))
    .limit(bindparam("limit"))
)
_DUE = (
    _WITH_FEED.where(_IS_DUE, subscriptions.c.hub_url.in_(bindparam("hub_urls", expanding=True)))
    .order_by(subscriptions.c.due_at, subscriptions.c.feed_id)
    .limit(1)
)


def _subscribed(row: Row[Any]) -> Subscribed:
    return Subscribed(_known(row, "subscription_"), feeds.known(row))


def _known(row: Row[Any], prefix: str = "") -> Subscription:
    values = {name: getattr(row, prefix + name) for name in _NAMES}
    values["state"] = SubscriptionState(values["state"])
    values["reason"] = Reason(values["reason"]) if values["reason"] else None
    return Subscription(**values)


def _save(connection: Connection, known: Subscription) -> None:
    values = {name: getattr(known, name) for name in _NAMES if name != "feed_id"}
    connection.execute(_UPDATE, {"feed": known.feed_id, **values})


_UPDATE = update(subscriptions).where(subscriptions.c.feed_id == bindparam("feed"))


def follow_feeds(connection: Connection, now: datetime) -> int:
    """Have the hubs of feeds that were paused, or resumed, asked now. Returns how many that are."""
    paused = select(tables.feeds.c.id).where(tables.feeds.c.state == FeedState.PAUSED)
    is_paused = subscriptions.c.feed_id.in_(paused)
    changed = or_(and_(is_paused, _IS_ALIVE), and_(~is_paused, _GIVEN_UP))
    due_later = or_(subscriptions.c.due_at.is_(None), subscriptions.c.due_at > now)
    return connection.execute(update(subscriptions).where(changed, due_later).values(due_at=now)).rowcount


def meet(connection: Connection, host: str) -> None:
    """Know the host of a hub, so that a turn at it can be taken."""
    connection.execute(insert_new(connection, tables.hosts, "name"), {"name": host})


# --- for people ---------------------------------------------------------------------------------------------------


def shown(connection: Connection, feed_id: int) -> dict[str, Any] | None:
    """What may be shown of a feed's subscription: all but what would let somebody push to us."""
    row = connection.execute(_OF_FEED, {"feed": feed_id}).one_or_none()
    return {name: value for name, value in row._mapping.items() if name not in _HIDDEN} if row else None


def count(connection: Connection, now: datetime) -> dict[str, int]:
    """How many feeds are pushed, by how many hubs; how many hubs were asked, refuse or fail."""
    holds = and_(subscriptions.c.state == SubscriptionState.ACTIVE, subscriptions.c.lease_until > now)
    pushed = select(func.count(), func.count(subscriptions.c.hub_url.distinct())).where(holds)
    feeds_pushed, hubs = connection.execute(pushed).one()
    by_state: Sequence[Any] = connection.execute(
        select(subscriptions.c.state, func.count()).where(~holds).group_by(subscriptions.c.state)
    ).all()
    states = dict(map(tuple, by_state))
    others = {state.value: states.get(state.value, 0) for state in SubscriptionState if state != "active"}
    return {"feeds": feeds_pushed, "hubs": hubs, **others}
