"""The feed's own text, where the page cannot be had or holds less."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ingest.errors import FetchError, Gone, Refused, Transient
from ingest.model import Entry, EntryState, Fetched, Kind, Page, ParsedEntry, Reason
from ingest.read import read_page
from ingest.settle import decide_failed

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
URL = "https://north.example/2026/bridge"
PARAGRAPH = "The old bridge over the Vire is closed to all traffic until the spring, the council said on Monday. "
CONTENT = "\n\n".join(f"{number}. {PARAGRAPH * 3}".strip() for number in range(1, 6))
SAID = ParsedEntry(
    URL, URL, "The bridge is closed", content=CONTENT, authors=("Ada Byron and Reuters",), language="en",
    categories=("Bridges",), published_at=NOW, image_url="https://north.example/b.jpg",
)  # fmt: skip
ENTRY = Entry(3, 7, URL, 1, "north.example", SAID, fetch_url=URL)


@pytest.mark.parametrize(
    ("error", "attempts"),
    [
        (Refused(URL, Reason.ROBOTS_DISALLOWED), 0),
        (Refused(URL, Reason.LEGAL), 0),
        (Gone(URL, Reason.NOT_FOUND), 2),  # the third time
        (Refused(URL, Reason.CHALLENGE), 2),
    ],
)
def test_what_cannot_be_had_for_good_is_stored_as_the_feed_states_it(error: FetchError, attempts: int) -> None:
    outcome = decide_failed(replace(ENTRY, attempts=attempts), Fetched(NOW, 0.1), error)
    reading = outcome.reading
    assert reading is not None
    assert (outcome.state, outcome.reason, outcome.due_at) == (EntryState.STORED, error.reason, None)
    assert (reading.kind, reading.title, reading.text, reading.canonical_url) == (
        Kind.ARTICLE, "The bridge is closed", CONTENT, URL,
    )  # fmt: skip
    assert (reading.authors, reading.agency, reading.published_at) == (("Ada Byron", "Reuters"), "Reuters", NOW)
    assert set(reading.provenance.values()) == {"feed"}
    assert reading.word_count > 250


def test_while_the_page_may_still_come_it_is_waited_for() -> None:
    outcome = decide_failed(ENTRY, Fetched(NOW, 0.1), Transient(URL, Reason.SERVER_ERROR))
    assert (outcome.state, outcome.reading) == (EntryState.WAITING, None)


@pytest.mark.parametrize(
    "entry",
    [
        replace(ENTRY, said=replace(SAID, content=PARAGRAPH)),  # a teaser
        replace(ENTRY, said=replace(SAID, content=None)),
        replace(ENTRY, said=replace(SAID, title=None)),
        replace(ENTRY, article_id=4),  # read before: that text is better
    ],
)
def test_a_teaser_is_no_article_and_what_was_read_before_stays(entry: Entry) -> None:
    outcome = decide_failed(entry, Fetched(NOW, 0.1), Refused(URL, Reason.ROBOTS_DISALLOWED))
    assert outcome.reading is None
    assert outcome.state is (EntryState.FAILED if entry.article_id is None else EntryState.STORED)


def page(body: str, head: str = "") -> Page:
    title = "The bridge is closed"
    html = f"<html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>{body}</body></html>"
    return Page(URL, html.encode(), "text/html; charset=utf-8", entry=SAID)


def test_a_page_with_the_text_is_read_and_the_feed_only_listened_to() -> None:
    whole = "".join(f"<p>On the page: {number}. {PARAGRAPH * 3}</p>" for number in range(1, 6))
    reading = read_page(page(f"<article>{whole}</article>"), NOW)
    assert "On the page: 5." in reading.text
    assert "text" not in reading.provenance


WALLED = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script>'


@pytest.mark.parametrize(
    ("body", "head"),
    [
        ("<article><p>Loading.</p></article>", '<meta property="og:type" content="article">'),
        (f"<article><p>{PARAGRAPH * 3}</p><p>{PARAGRAPH}</p></article>", WALLED),
    ],
)
def test_a_page_without_the_text_gives_way_to_the_feed(body: str, head: str) -> None:
    reading = read_page(page(body, head), NOW)
    assert (reading.text, reading.provenance["text"], reading.reason) == (CONTENT, "feed", None)
