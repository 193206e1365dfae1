"""Subscriptions: followed from what polls say, changed where they are read, and what a push leaves behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, update

from ingest import websub
from ingest.model import FeedState, ParsedEntry, ParsedFeed, Reason, StatedHub, Subscription, SubscriptionState
from ingest.push import SAFETY, Push
from storage import feeds, hosts, subscriptions, tables
from storage.engine import Database
from storage.feeds import WantedFeed
from tests.clock import START
from tests.storage.newsroom import FEED, STORY, known_feed, polled, stated

HUB, SPARE = "https://hub.example/", "https://spare.example/"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAXIMUM, INITIAL = 86_400, 1_800


def poll(connection: Connection, *said: ParsedEntry, hub: StatedHub | None, at: datetime = START) -> int:
    """A poll whose document names this hub."""
    return subscriptions.record_poll(connection, replace(polled(connection, *said, at=at), hub=hub), MAXIMUM)


def named(*hub_urls: str, topic: str = FEED) -> StatedHub:
    return StatedHub(hub_urls, topic)


def subscribe(connection: Connection, at: datetime = START) -> Subscription:
    """The feed is polled, and its hub asked, which confirms."""
    poll(connection, hub=named(HUB), at=at)
    known = found(connection)
    query = {"hub.mode": "subscribe", "hub.topic": FEED, "hub.challenge": "c", "hub.lease_seconds": "864000"}
    subscriptions.change(connection, known.token, lambda c: websub.ask_now(c.subscription, at)[0])
    subscriptions.change(
        connection, known.token, lambda c: websub.confirm(c.subscription, c.feed.state, query, at).known
    )
    return found(connection)


def found(connection: Connection) -> Subscription:
    known = subscriptions.load(connection, known_feed(connection).id)
    assert known is not None
    return known


def push(connection: Connection, *said: ParsedEntry, at: datetime, last: bool = True) -> int:
    """Returns how many entries became due."""
    pushed = Push(ParsedFeed("rss20", "Other", None, None, said), at, 0.1, 99)
    recorded = subscriptions.record_push(connection, found(connection).token, pushed, INITIAL, MAXIMUM, last=last)
    return recorded[1] if recorded else 0


def row(connection: Connection) -> Any:
    return connection.execute(select(tables.feeds).where(tables.feeds.c.url == FEED)).one()


def test_a_feed_that_names_a_hub_is_to_be_subscribed(database: Database) -> None:
    database.write(poll, stated(), hub=named(HUB, SPARE, topic="https://north.example/own"))
    known = database.read(found)
    assert (known.hub_url, known.topic_url) == (HUB, "https://north.example/own")
    assert (known.state, known.due_at, known.asked_at) == (SubscriptionState.ASKED, START, None)
    assert websub.may_be_token(known.token)
    assert len(known.secret) == 43
    assert known.token != known.secret
    assert database.read(subscriptions.load_hubs, START, 9) == [HUB]
    assert database.read(subscriptions.load_hubs, START - HOUR, 9) == []
    due = database.read(subscriptions.load_due, [HUB], START)
    assert due is not None
    assert (due.subscription, due.feed.url) == (known, FEED)
    assert database.read(subscriptions.load_due, [SPARE], START) is None


def test_the_same_hub_stays_and_another_begins_anew(database: Database) -> None:
    first = database.write(subscribe)
    database.write(poll, hub=named(SPARE, HUB), at=START + HOUR)
    database.write(poll, hub=None, at=START + 2 * HOUR)
    assert database.read(found) == first
    database.write(poll, hub=named(SPARE), at=START + 3 * HOUR)
    second = database.read(found)
    assert (second.hub_url, second.state, second.due_at) == (SPARE, SubscriptionState.ASKED, START + 3 * HOUR)
    assert (second.verified_at, second.lease_until, second.pushed_at) == (None, None, None)
    assert {second.token, second.secret}.isdisjoint({first.token, first.secret})
    assert database.read(subscriptions.find, first.token) is None


def test_a_hub_that_is_no_longer_named_is_forgotten(database: Database) -> None:
    known = database.write(subscribe)
    database.write(poll, hub=named(), at=START + HOUR)
    assert database.read(subscriptions.find, known.token) is None


def test_a_feed_that_was_removed_takes_its_subscription_with_it(database: Database) -> None:
    known = database.write(subscribe)
    outcome = replace(database.write(polled, stated()), hub=named(SPARE))
    database.write(feeds.remove, known.feed_id)
    assert database.read(subscriptions.find, known.token) is None
    assert database.write(subscriptions.record_poll, outcome, MAXIMUM) == 0
    assert database.write(subscriptions.change, known.token, lambda c: c.subscription) is None


def test_every_moment_and_reason_comes_back_as_it_went(database: Database) -> None:
    known = database.write(subscribe)
    whole = replace(
        known, state=SubscriptionState.FAILED, asked_at=START, pushed_at=START + HOUR, pushes=7, failures=3,
        missed_at=START + DAY, reason=Reason.HUB_SILENT, detail="no\x00thing", due_at=None,
    )  # fmt: skip
    database.write(subscriptions.change, known.token, lambda _: whole)
    assert database.read(found) == replace(whole, detail="nothing")


def test_a_push_brings_entries_and_touches_nothing_else_of_the_feed(database: Database) -> None:
    database.write(poll, stated(), hub=named(HUB))
    database.write(subscribe)
    before = database.read(row)._mapping
    assert database.write(push, stated(), stated(STORY + "/2"), at=START + HOUR / 4) == 1
    after = database.read(row)._mapping
    assert {name for name in after if after[name] != before[name]} == {"changed_at", "due_at", "rhythm"}
    known = database.read(found)
    assert (known.pushed_at, known.pushes) == (START + HOUR / 4, 1)
    last = database.read(feeds.load_polls, known.feed_id, 1)[0]
    assert (last.outcome, last.entries_seen, last.entries_new, last.bytes, last.gap_possible) == (
        "pushed",
        2,
        1,
        99,
        False,
    )
    assert database.write(push, stated(), stated(STORY + "/2"), at=START + 2 * HOUR) == 0
    assert database.read(lambda c: c.scalar(select(func.count()).select_from(tables.entries))) == 2


def test_a_push_puts_off_the_poll_that_was_to_make_it_good(database: Database) -> None:
    known = database.write(subscribe)
    at = START + HOUR / 12
    subscribed = database.read(subscriptions.find, known.token)
    assert subscribed is not None
    database.write(subscriptions.expect_push, subscribed, at)
    assert database.read(row).due_at == at + SAFETY
    database.write(push, stated(), at=at, last=False)
    assert database.read(row).due_at == at + SAFETY, "another one waits"
    database.write(push, stated(), at=at)
    assert database.read(row).due_at == at + 6 * INITIAL * timedelta(seconds=1)


def test_a_poll_that_is_due_already_is_not_put_off(database: Database) -> None:
    database.write(subscribe)
    due_at = database.read(row).due_at
    assert database.write(push, stated(), at=due_at) == 1
    assert database.read(row).due_at == due_at


def test_a_feed_that_fails_keeps_its_own_time(database: Database) -> None:
    known = database.write(subscribe)
    due_at = START + DAY
    database.write(lambda c: c.execute(update(tables.feeds).values(failures=3, due_at=due_at)))
    subscribed = database.read(subscriptions.find, known.token)
    assert subscribed is not None
    database.write(subscriptions.expect_push, subscribed, START)
    assert database.write(push, stated(), at=START + HOUR) == 1
    assert (database.read(row).due_at, database.read(row).failures) == (due_at, 3)


def test_polls_slow_down_and_speed_up_with_the_pushes(database: Database) -> None:
    database.write(subscribe)
    database.write(push, stated(STORY + "/1"), at=START + HOUR)
    now = START + 2 * HOUR
    database.write(poll, stated(STORY + "/1"), hub=None, at=now)
    slow = database.read(row)
    assert slow.due_at - now > 5 * timedelta(seconds=slow.cadence_s)
    missed = stated(STORY + "/2", published_at=now - HOUR)
    database.write(poll, missed, hub=None, at=now)
    assert database.read(found).missed_at == now
    quick = database.read(row)
    assert quick.due_at - now <= timedelta(seconds=quick.cadence_s)


@pytest.mark.parametrize("is_due", [True, False])
def test_a_paused_feed_is_neither_pushed_nor_made_due(database: Database, is_due: bool) -> None:
    known = database.write(subscribe)
    subscribed = database.read(subscriptions.find, known.token)
    assert subscribed is not None
    database.write(feeds.pause, known.feed_id)
    if is_due:
        database.write(subscriptions.expect_push, subscribed, START)
    assert database.write(push, stated(), at=START + HOUR) == 0
    assert (database.read(row).due_at, database.read(found).pushes) == (None, 0)


def test_hubs_hear_of_feeds_that_are_paused_and_resumed(database: Database) -> None:
    known = database.write(subscribe)
    now = START + DAY
    assert database.write(subscriptions.follow_feeds, now) == 0
    database.write(feeds.pause, known.feed_id)
    assert database.write(subscriptions.follow_feeds, now) == 1
    due = database.read(subscriptions.load_due, [HUB], now)
    assert due is not None
    assert due.feed.state is FeedState.PAUSED
    database.write(subscriptions.change, known.token, lambda c: websub.given_up(c.subscription))
    assert database.write(subscriptions.follow_feeds, now) == 0
    database.write(feeds.resume, known.feed_id, now)
    assert database.write(subscriptions.follow_feeds, now) == 1
    assert database.read(subscriptions.load_hubs, now, 9) == [HUB]


def test_a_hub_is_met_as_a_host_without_being_due(database: Database) -> None:
    database.write(subscriptions.meet, "hub.example")
    database.write(subscriptions.meet, "hub.example")
    assert database.read(hosts.load_due, START + DAY, 9) == []
    assert database.write(hosts.take_turn, "hub.example", "us", START, START + HOUR) is not None


def test_what_is_shown_hides_what_would_let_somebody_push(database: Database) -> None:
    known = database.write(subscribe)
    shown = database.read(subscriptions.shown, known.feed_id)
    assert shown is not None
    assert not {"token", "secret"}.intersection(shown)
    assert not {known.token, known.secret}.intersection(map(str, shown.values()))
    assert (shown["state"], shown["hub_url"]) == ("active", HUB)
    assert database.read(subscriptions.shown, 99) is None


def test_subscriptions_are_counted(database: Database) -> None:
    nothing = {"feeds": 0, "hubs": 0, "asked": 0, "refused": 0, "failed": 0}
    assert database.read(subscriptions.count, START) == nothing
    database.write(subscribe)
    other = database.write(feeds.add, WantedFeed("https://south.example/feed"), START)[0]
    hub = {"hub_url": HUB, "topic_url": "x", "token": "a" * 43, "secret": "b" * 43, "state": "refused"}
    database.write(lambda c: c.execute(tables.subscriptions.insert(), {"feed_id": other, **hub}))
    assert database.read(subscriptions.count, START) == nothing | {"feeds": 1, "hubs": 1, "refused": 1}
    assert database.read(subscriptions.count, START + 11 * DAY)["feeds"] == 0
