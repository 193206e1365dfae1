"""The subscriber's side of WebSub: discovery, what is asked and remembered, signatures, and polls beside pushes."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import push, rhythm, websub
from ingest.model import (
    Feed,
    FeedState,
    ParsedEntry,
    ParsedFeed,
    PollOutcome,
    PollResult,
    Reason,
    StatedHub,
    Subscription,
    SubscriptionState,
)
from ingest.push import DELAY
from ingest.websub import ACTIVE, ASKED, FAILED, REFUSED
from tests.clock import START

FEED_URL = "https://north.example/feed"
HUB, SPARE = "https://hub.example/", "https://spare.example/"
TOKEN, SECRET = "t" * 43, "s" * 43
FEED = Feed(1, FEED_URL, "north.example", cadence_s=1_800, polled_at=START, succeeded_at=START)
NEW = Subscription(1, HUB, FEED_URL, TOKEN, SECRET, due_at=START)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAXIMUM = 86_400


def parsed(**fields: Any) -> ParsedFeed:
    return ParsedFeed("rss20", "North", None, None, (), **fields)


def parsed_of(*entries: ParsedEntry) -> ParsedFeed:
    return ParsedFeed("rss20", "North", None, None, entries)


def asked(known: Subscription = NEW, now: datetime = START) -> Subscription:
    known, is_asked = websub.ask_now(known, now)
    assert is_asked
    return known


def confirmed(known: Subscription | None = None, now: datetime = START, lease_s: Any = 864_000) -> Subscription:
    answer = ask(known or asked(now=now), now, lease_seconds=str(lease_s))
    assert (answer.status, answer.body) == (200, "c1")
    assert answer.known is not None
    return answer.known


def ask(known: Subscription, now: datetime = START, state: FeedState = FeedState.ACTIVE, **query: str) -> websub.Answer:
    said = {"mode": "subscribe", "topic": FEED_URL, "challenge": "c1", "lease_seconds": "864000"} | query
    return websub.confirm(known, state, {f"hub.{name}": value for name, value in said.items()}, now)


# --- discovery ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "hubs", "topic"),
    [
        ('<https://hub.example/>; rel="hub", <https://a.example/f>; rel="self"', (HUB,), "https://a.example/f"),
        ("<https://hub.example/>; rel=hub,<https://a.example/f>;rel=self", (HUB,), "https://a.example/f"),
        ('</hub?x=1,2;3>; title="a"; REL="self Hub"', ("https://north.example/hub?x=1,2;3",) * 2, None),
        (f"<{HUB}>; rel=hub, <{SPARE}>; rel=hub, <{HUB}>; rel=hub", (HUB, SPARE), FEED_URL),
        ("<https://hub.example/>; rel=next; rel=hub", (), FEED_URL),
        ("<ftp://hub.example/>; rel=hub, <mailto:a@b>; rel=hub, <>; rel=hub", (), FEED_URL),
        ("<https://hub.example/; rel=hub", (), FEED_URL),
        ("<" * 8_000, (), FEED_URL),
        ("", (), FEED_URL),
    ],
)
def test_the_link_header_names_hub_and_topic(link: str, hubs: tuple[str, ...], topic: str | None) -> None:
    found = websub.discover({"link": link}, parsed(), FEED_URL, FEED_URL)
    assert found == StatedHub(hubs[:1] if topic is None else hubs, topic or hubs[0])


def test_the_document_is_read_where_the_header_is_silent() -> None:
    said = parsed(hub_urls=("/hub", SPARE, "javascript:x"), self_url="https://north.example/feed?own")
    found = websub.discover({"link": "<https://n.example/>; rel=next"}, said, "https://cdn.example/f", FEED_URL)
    assert found == StatedHub(("https://cdn.example/hub", SPARE), "https://north.example/feed?own")
    header = websub.discover({"link": f"<{HUB}>; rel=hub"}, said, "https://cdn.example/f", FEED_URL)
    assert header == StatedHub((HUB,), "https://north.example/feed?own")


@given(st.text(max_size=300), st.lists(st.text(max_size=50), max_size=30))
def test_whatever_is_stated_hubs_are_few_and_http(link: str, stated: list[str]) -> None:
    found = websub.discover({"link": link}, parsed(hub_urls=tuple(stated)), FEED_URL, FEED_URL)
    assert len(found.hub_urls) <= websub.MAX_HUBS
    assert all(url.startswith(("http://", "https://")) for url in found.hub_urls)


def test_a_hub_in_use_is_kept_while_it_works() -> None:
    both = StatedHub(("http://plain.example/", HUB, SPARE), FEED_URL)
    assert websub.follow(None, both) == (HUB, FEED_URL)
    assert websub.follow(NEW, both) is None
    assert websub.follow(replace(NEW, failures=2), both) is None
    assert websub.follow(replace(NEW, failures=3), both) == (SPARE, FEED_URL)
    assert websub.follow(replace(NEW, state=REFUSED), both) == (SPARE, FEED_URL)
    last = replace(NEW, hub_url="http://plain.example/", state=REFUSED)
    assert websub.follow(last, both) is None, "round and round would be a nuisance"
    assert websub.follow(NEW, StatedHub((SPARE,), FEED_URL)) == (SPARE, FEED_URL)
    assert websub.follow(NEW, StatedHub((HUB,), "https://north.example/new")) == (HUB, "https://north.example/new")


def test_https_is_tried_first_where_the_hub_may_have_it() -> None:
    assert websub.addresses_of("http://hub.example/x") == ("https://hub.example/x", "http://hub.example/x")
    assert websub.addresses_of("http://hub.example:8080/") == ("http://hub.example:8080/",) * 2
    assert websub.addresses_of(HUB) == (HUB, HUB)


# --- asking -------------------------------------------------------------------------------------------------------


def test_the_form_has_what_the_specification_asks_for() -> None:
    form = websub.request(NEW, "https://news.example/websub/", "subscribe")
    assert form == {
        "hub.callback": f"https://news.example/websub/{TOKEN}",
        "hub.mode": "subscribe",
        "hub.topic": FEED_URL,
        "hub.secret": SECRET,
        "hub.lease_seconds": "864000",
    }
    ending = websub.request(NEW, "https://news.example/websub", "unsubscribe")
    assert ending == {name: value for name, value in form.items() if name in ("hub.callback", "hub.topic")} | {
        "hub.mode": "unsubscribe"
    }


def test_secrets_do_not_show_when_a_subscription_is_printed() -> None:
    assert TOKEN not in repr(NEW)
    assert SECRET not in repr(NEW)


def test_a_hub_that_takes_requests_and_is_silent_is_asked_ever_more_rarely() -> None:
    known, now, waits = NEW, START, []
    for _ in range(9):
        known = asked(known, now)
        now = known.due_at or now
        known, is_asked = websub.ask_now(known, now)
        assert (is_asked, known.state, known.reason) == (False, FAILED, Reason.HUB_SILENT)
        assert known.due_at is not None
        waits.append((known.due_at - now) / HOUR)
        now = known.due_at
    assert waits[:5] == sorted(waits[:5])
    assert 0.9 <= waits[0] <= 1
    assert all(21.6 <= wait <= 24 for wait in waits[5:])
    assert known.failures == 9


def test_a_failed_request_is_told_unless_the_hub_confirmed_all_the_same() -> None:
    first = asked()
    failed = websub.answered_badly(first, START, Reason.SERVER_ERROR, "HTTP 500", START)
    assert failed is not None
    assert (failed.state, failed.reason, failed.failures) == (FAILED, Reason.SERVER_ERROR, 1)
    assert websub.answered_badly(confirmed(first), START, Reason.TOTAL_TIMEOUT, "", START) is None
    later = asked(failed, START + HOUR)
    assert websub.answered_badly(later, START, Reason.SERVER_ERROR, "", START) is None, "of an earlier request"


def test_our_own_outage_counts_against_no_hub() -> None:
    known = websub.answered_badly(asked(), START, Reason.OFFLINE, "", START)
    assert known is not None
    assert (known.failures, known.state, known.due_at) == (0, ASKED, START + websub.OFFLINE_RETRY)
    assert asked(known, START + HOUR).asked_at == START + HOUR


def test_a_renewal_that_fails_keeps_the_lease_and_is_tried_again_within_it() -> None:
    known = confirmed()
    due = known.due_at or START
    renewing = asked(known, due)
    assert renewing.state is ACTIVE
    failed = websub.answered_badly(renewing, due, Reason.UNAVAILABLE, "", due)
    assert failed is not None
    assert (failed.state, failed.lease_until) == (ACTIVE, START + 10 * DAY)
    assert failed.due_at is not None
    assert due < failed.due_at < START + 10 * DAY
    assert push.is_trusted(replace(failed, pushed_at=START + DAY), due)


def test_a_lease_that_runs_out_unrenewed_is_over() -> None:
    known = asked(confirmed(), START + 11 * DAY)
    assert known.state is ASKED
    known, _ = websub.ask_now(known, START + 12 * DAY)
    assert (known.state, known.reason) == (FAILED, Reason.HUB_SILENT)


@given(st.integers(300, 30 * 86_400), st.text(max_size=20))
def test_renewals_are_spread_over_a_twentieth_of_the_lease(lease_s: int, key: str) -> None:
    lease = timedelta(seconds=lease_s)
    after = websub.renewal_after(lease, key)
    assert after == websub.renewal_after(lease, key)
    assert lease * 0.749 <= max(after, lease * 0.749)
    assert after <= max(lease * 0.801, websub.SOONEST_RENEWAL)


@pytest.mark.parametrize(
    ("stated", "lease"),
    [
        ("864000", 10 * DAY),
        ("1", timedelta(seconds=1)),
        ("99999999999", 30 * DAY),
        ("9" * 500, DAY),
        ("-5", DAY),
        ("²", DAY),
        ("", DAY),
        ("forever", DAY),
    ],
)
def test_leases_are_believed_within_reason(stated: str, lease: timedelta) -> None:
    known = confirmed(lease_s=stated)
    assert known.lease_until == START + lease
    assert known.due_at is not None
    assert known.due_at >= START + timedelta(minutes=5)


# --- the hub's questions ------------------------------------------------------------------------------------------


def test_a_confirmed_subscription_is_active() -> None:
    known = confirmed(replace(asked(), failures=4, reason=None))
    assert (known.state, known.failures, known.reason) == (ACTIVE, 0, None)
    assert (known.verified_at, known.lease_until) == (START, START + 10 * DAY)
    assert START + 7.5 * DAY <= (known.due_at or START) <= START + 8 * DAY


@pytest.mark.parametrize(
    "query",
    [
        {"topic": "https://north.example/other"},
        {"topic": FEED_URL + "/"},
        {"mode": "unsubscribe"},
        {"mode": "publish"},
        {"mode": ""},
        {"challenge": ""},
        {"challenge": "a b"},
        {"challenge": "<script>\x00"},
        {"challenge": "é"},
        {"challenge": "x" * 1_025},
    ],
)
def test_what_was_not_asked_is_not_found(query: dict[str, str]) -> None:
    assert ask(asked(), **query) == websub.Answer(404)


def test_a_hub_cannot_confirm_what_was_never_asked() -> None:
    assert ask(NEW) == websub.Answer(404)


def test_a_denial_is_believed_at_any_time() -> None:
    for known in (asked(), confirmed()):
        answer = ask(known, mode="denied", reason="no \n feeds  like this " + "x" * 500)
        assert (answer.status, answer.body) == (200, "")
        assert answer.known is not None
        assert (answer.known.state, answer.known.reason) == (REFUSED, Reason.HUB_DENIED)
        assert answer.known.due_at is None
        assert (answer.known.detail or "").startswith("no feeds like this x")
        assert len(answer.known.detail or "") <= websub.MAX_REASON


def test_unsubscribing_is_confirmed_where_the_feed_is_paused() -> None:
    known = websub.given_up(confirmed())
    answer = ask(known, state=FeedState.PAUSED, mode="unsubscribe")
    assert (answer.status, answer.body, answer.known) == (200, "c1", None)
    early = ask(confirmed(), state=FeedState.PAUSED, mode="unsubscribe")
    assert early.known == known, "before we have asked for it"
    assert ask(known, state=FeedState.PAUSED).status == 404
    assert ask(known, state=FeedState.PAUSED, mode="denied").known is None
    assert ask(asked(known, START + DAY), START + DAY).status == 200, "resumed, and asked again"


@given(st.dictionaries(st.sampled_from(["hub.mode", "hub.topic", "hub.challenge", "hub.lease_seconds"]), st.text()))
def test_whatever_is_asked_nothing_but_a_challenge_is_repeated(query: dict[str, str]) -> None:
    answer = websub.confirm(asked(), FeedState.ACTIVE, query, START)
    assert answer.status in (200, 404)
    assert answer.body in ("", query.get("hub.challenge"))


# --- signatures ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_good_signature(method: str) -> None:
    body = b"<rss/>"
    signature = hmac.new(SECRET.encode(), body, getattr(hashlib, method)).hexdigest()
    assert websub.is_signed(f"{method}={signature}", SECRET, body)
    assert websub.is_signed(f" {method.upper()} = {signature.upper()}", SECRET, body)
    assert not websub.is_signed(f"{method}={signature}", SECRET, body + b" ")
    assert not websub.is_signed(f"{method}={signature}", SECRET[1:], body)
    assert not websub.is_signed(f"{method}={signature[:-1]}", SECRET, body)


@pytest.mark.parametrize(
    "header", [None, "", "sha1", "sha1=", "md5=" + "0" * 32, "=", "sha256=" + "é" * 64, "none=", "sha1=" + "0" * 64]
)
def test_a_bad_signature(header: str | None) -> None:
    assert not websub.is_signed(header, SECRET, b"<rss/>")


@given(st.text(max_size=200), st.binary(max_size=100))
def test_no_guess_is_a_signature(header: str, body: bytes) -> None:
    assert not websub.is_signed(header, SECRET, body)


# --- pushes and polls ---------------------------------------------------------------------------------------------


def item(number: int = 1, published_at: datetime | None = None, **fields: Any) -> ParsedEntry:
    return ParsedEntry(f"id {number}", f"https://north.example/{number}", published_at=published_at, **fields)


def polled(*new: ParsedEntry, at: datetime, feed: Feed = FEED, wait: timedelta = HOUR) -> PollOutcome:
    return PollOutcome(feed, at, 0.1, PollResult.READ, at + wait, 3_600, new=new, seen=len(new))


def pushed_once(now: datetime = START + HOUR) -> Subscription:
    return push.pushed(confirmed(), now)


def test_a_push_says_nothing_of_the_feeds_own_answer() -> None:
    old, changed, new = item(1), item(2, title="again"), item(3)
    known = {old.key: old.content_hash, changed.key: b"before"}
    said = ParsedFeed("rss20", "North", None, None, (old, changed, new))
    outcome = push.decide_pushed(FEED, push.Push(said, START, 0.1, 500), known)
    assert (outcome.result, outcome.new, outcome.changed) == (PollResult.PUSHED, (new,), (changed,))
    assert (outcome.seen, outcome.gap_possible, outcome.reason, outcome.hub) == (3, False, None, None)


def test_the_rhythm_is_learned_from_what_is_pushed() -> None:
    feed = replace(FEED, rhythm=rhythm.begin(START.timestamp(), []).to_bytes())
    outcome = push.decide_pushed(feed, push.Push(parsed_of(item(1), item(2)), START + HOUR, 0.1, 500), {})
    learned = rhythm.load(outcome.rhythm)
    assert learned is not None
    assert (learned.at, learned.came) == (int((START + HOUR).timestamp()), 2)
    assert push.decide_pushed(FEED, push.Push(parsed_of(item(1)), START, 0.1, 500), {}).rhythm is None


def test_pushes_are_trusted_once_one_has_come() -> None:
    now = START + 2 * HOUR
    assert not push.is_trusted(None, now)
    assert not push.is_trusted(confirmed(), now)
    assert push.is_trusted(pushed_once(), now)
    assert not push.is_trusted(pushed_once(), START + 10 * DAY), "the lease is over"
    assert not push.is_trusted(replace(pushed_once(), state=REFUSED), now)


def test_polls_slow_down_while_pushes_are_trusted() -> None:
    now = START + 2 * HOUR
    _, outcome = push.after_poll(pushed_once(), polled(at=now), MAXIMUM)
    assert outcome.due_at == now + 6 * HOUR
    _, outcome = push.after_poll(pushed_once(), polled(at=now, wait=10 * HOUR), MAXIMUM)
    assert outcome.due_at == now + DAY, "not beyond polling.maximum"
    _, outcome = push.after_poll(pushed_once(), polled(at=now, wait=2 * DAY), MAXIMUM)
    assert outcome.due_at == now + 2 * DAY, "never sooner than without pushes"
    _, outcome = push.after_poll(confirmed(), polled(at=now), MAXIMUM)
    assert outcome.due_at == now + HOUR, "no push has come yet"
    near_the_end = START + 10 * DAY - 2 * HOUR
    _, outcome = push.after_poll(pushed_once(), polled(at=near_the_end), MAXIMUM)
    assert outcome.due_at == START + 10 * DAY, "not beyond the lease"
    fixed = replace(FEED, interval_s=600)
    _, outcome = push.after_poll(pushed_once(), polled(at=now, feed=fixed), MAXIMUM)
    assert outcome.due_at == now + HOUR, "the operator has fixed it"


@pytest.mark.parametrize(
    ("published", "is_missed"),
    [
        (START + 2 * HOUR, True),
        (START + 3 * HOUR - DELAY, True),
        (START + 3 * HOUR - DELAY / 2, False),  # the push may still come
        (START - HOUR, False),  # before the hub confirmed
        (None, True),
        (START + 9 * HOUR, True),  # a clock that is wrong: as good as none
    ],
)
def test_a_poll_that_finds_what_was_not_pushed_ends_the_trust(published: datetime | None, is_missed: bool) -> None:
    now, feed = START + 3 * HOUR, replace(FEED, succeeded_at=START + HOUR)
    known, outcome = push.after_poll(pushed_once(), polled(item(1, published), at=now, feed=feed), MAXIMUM)
    assert known.missed_at == (now if is_missed else None)
    assert outcome.due_at == now + (HOUR if is_missed else 6 * HOUR)
    assert push.is_trusted(push.pushed(known, now + HOUR), now + HOUR), "a push proves itself again"


def test_what_a_feed_without_times_held_before_is_not_held_against_the_hub() -> None:
    feed = replace(FEED, succeeded_at=START - HOUR)
    known, _ = push.after_poll(pushed_once(), polled(item(1), at=START + HOUR, feed=feed), MAXIMUM)
    assert known.missed_at is None


def test_a_push_puts_the_poll_off_but_not_for_ever() -> None:
    now = START + HOUR
    known = pushed_once(now)
    assert push.after_push(known, FEED, now, 1_800, MAXIMUM) == now + 3 * HOUR
    assert push.after_push(known, replace(FEED, cadence_s=None), now, 600, MAXIMUM) == now + HOUR
    much_later = START + DAY - HOUR
    assert push.after_push(known, FEED, much_later, 1_800, MAXIMUM) == START + DAY, "counted from the last poll"
    assert push.after_push(known, FEED, START + 2 * DAY, 1_800, MAXIMUM) == START + 2 * DAY
    assert push.after_push(known, replace(FEED, failures=1), now, 1_800, MAXIMUM) is None
    assert push.after_push(known, replace(FEED, state=FeedState.RESTING), now, 1_800, MAXIMUM) is None


def test_the_states_are_what_the_table_says() -> None:
    assert [state.value for state in SubscriptionState] == ["asked", "active", "refused", "failed"]


@pytest.mark.parametrize("token", ["", "x" * 42, "x" * 44, "../" + "x" * 40, "é" * 43, "x" * 42 + "\n"])
def test_what_is_no_token_need_not_be_looked_up(token: str) -> None:
    assert not websub.may_be_token(token)
    assert websub.may_be_token(TOKEN)
