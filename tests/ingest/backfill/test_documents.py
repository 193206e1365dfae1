"""What it means that a document of the past was read, could not be read, or could not be had."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ingest.backfill.documents import decide_failed, decide_read, decide_unchanged, read_document, seeds_of
from ingest.backfill.request import Part, PartState, Request, Source
from ingest.backfill.step import Next, Step
from ingest.backfill.wanted import Wanted
from ingest.errors import Gone, ParseError, Refused, SettingsError, Transient
from ingest.model import ParsedEntry, Reason, Validators

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
URL = "https://north.example/sitemap.xml"
PART = Part(1, 1, "sitemap", URL, "north.example", 0, Wanted())
FALLBACKS = ("https://north.example/a.xml", "https://north.example/b.xml")
STORY = ParsedEntry("x", "https://north.example/x")


def test_a_request_begins_with_the_documents_of_all_its_places() -> None:
    begun = seeds_of(Request(Source.SITEMAP, ("north.example", "https://south.example/map.xml")))
    assert [(seed.host, seed.place) for seed in begun] == [
        ("north.example", "https://north.example/robots.txt"),
        ("south.example", "https://south.example/map.xml"),
    ]
    (feed,) = seeds_of(Request(Source.HISTORY, ("https://north.example/feed/",)))
    assert (feed.kind, feed.place) == ("history", "https://north.example/feed/")
    (index,) = seeds_of(Request(Source.WAYBACK, ("north.example",)), "https://archive.example")
    assert (index.kind, index.host) == ("cdx", "archive.example")


@pytest.mark.parametrize("source", [Source.SITEMAP, Source.HISTORY, Source.WAYBACK])
def test_what_is_no_address_is_refused(source: Source) -> None:
    with pytest.raises(SettingsError, match="no address of a site"):
        seeds_of(Request(source, ("not a site",)))


def test_what_was_read_leads_on() -> None:
    step = Step((STORY,), following=(Next(URL + "?2", "sitemap", NOW, state="s"),), left_out={"filtered": 2})
    looked = decide_read(replace(PART, fallbacks=FALLBACKS), step, Validators(etag='"1"'), 1)
    (following,) = looked.following
    assert (looked.state, looked.records, looked.left_out) == (PartState.DONE, 3, {"filtered": 2})
    assert (following.place, following.modified_at, following.trail) == (URL + "?2", NOW, "s")
    assert looked.validators.etag == '"1"'


def test_where_it_brought_nothing_the_next_address_is_tried() -> None:
    looked = decide_read(replace(PART, fallbacks=FALLBACKS), Step(), Validators(), 0)
    assert [(seed.place, seed.fallbacks) for seed in looked.following] == [(FALLBACKS[0], FALLBACKS[1:])]
    assert decide_read(PART, Step(), Validators(), 0).following == ()


def test_unchanged_is_done_and_keeps_its_validators() -> None:
    known = Validators(etag='"1"')
    looked = decide_unchanged(replace(PART, validators=known))
    assert (looked.state, looked.validators, looked.following) == (PartState.DONE, known, ())


def test_a_server_in_trouble_is_asked_again_more_and_more_patiently() -> None:
    error, waits = Transient(URL, Reason.SERVER_ERROR, "HTTP 500"), []
    part = replace(PART, fallbacks=FALLBACKS)
    while True:
        looked = decide_failed(part, error, NOW)
        if looked.due_at is None:
            break
        assert (looked.state, looked.following) == (PartState.WAITING, ())
        waits.append(looked.due_at - NOW)
        part = replace(part, attempts=looked.attempts)
    assert waits == sorted(waits)
    assert len(waits) >= 3
    assert [seed.place for seed in looked.following] == [FALLBACKS[0]]


def test_retry_after_is_kept() -> None:
    looked = decide_failed(PART, Transient(URL, Reason.RATE_LIMITED, "HTTP 429", retry_after=7_200), NOW)
    assert looked.due_at is not None
    assert looked.due_at >= NOW + timedelta(hours=2)
    assert looked.attempts == 0


def test_what_is_not_there_is_believed_at_once() -> None:
    gone = Gone(URL, Reason.NOT_FOUND, "HTTP 404", status=404)
    assert decide_failed(PART, gone, NOW).state is PartState.FAILED
    guessed = decide_failed(replace(PART, is_guess=True), gone, NOW)
    assert (guessed.state, guessed.reason, guessed.due_at) == (PartState.DONE, Reason.NOT_FOUND, None)
    tried = decide_failed(replace(PART, fallbacks=FALLBACKS), gone, NOW)
    assert (tried.state, [seed.place for seed in tried.following]) == (PartState.DONE, [FALLBACKS[0]])


def test_a_refusal_of_a_guess_is_a_failure() -> None:
    refused = Refused(URL, Reason.ROBOTS_DISALLOWED, "no")
    assert decide_failed(replace(PART, is_guess=True), refused, NOW).state is PartState.FAILED


def test_our_own_network_counts_against_nobody() -> None:
    looked = decide_failed(PART, Transient(URL, Reason.CONNECT_FAILED, "refused"), NOW, network_works=False)
    assert (looked.state, looked.reason, looked.attempts) == (PartState.WAITING, Reason.OFFLINE, 0)


def test_a_page_is_no_sitemap_and_no_feed() -> None:
    page = b"<!doctype html><html><head><title>News</title></head><body><p>No feed</p></body></html>"
    for kind in ("sitemap", "history"):
        with pytest.raises(ParseError) as refused:
            read_document(replace(PART, kind=kind), page, {"content-type": "text/html"}, URL, NOW)
        looked = decide_failed(replace(PART, kind=kind), refused.value, NOW)
        assert (looked.state, looked.reason) == (PartState.FAILED, Reason.NOT_A_FEED)
