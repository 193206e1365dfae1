"""The way of an article into the store: once, whatever spelling, redirect, feed or repetition it came by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Row, insert, select

from ingest import settle
from ingest.errors import Gone, Refused, StorageError, Transient, Unacceptable
from ingest.model import Entry, Image, Reason, RelatedLink
from storage import articles, entries, feeds, hosts, readings, revisions, tables
from storage.engine import Database
from tests.clock import START
from tests.storage.newsroom import (
    FEED,
    STORY,
    WORDS,
    announce,
    due_entry,
    fetched,
    polled,
    publish,
    read,
    reading,
    stated,
)

HOUR = timedelta(hours=1)
OTHER = "https://south.example/feed"


def every(connection: Connection, table: Any = tables.articles) -> Sequence[Row[Any]]:
    return connection.execute(select(table).order_by(*table.primary_key)).all()


def entry_of(connection: Connection, number: int = 1) -> Any:
    return connection.execute(select(tables.entries).where(tables.entries.c.id == number)).one()


def failed(connection: Connection, error: Any, at: Any = START) -> None:
    entry = due_entry(connection, at=at)
    articles.record_read(connection, settle.decide_failed(entry, fetched(at=at), error))


# --- entries ------------------------------------------------------------------------------------------------------


def test_a_stated_entry_is_due_with_all_that_was_said(database: Database) -> None:
    said = stated(
        summary="Two pillars", authors=("Ada Byron",), categories=("Bridges",), language="en",
        published_at=START - HOUR, updated_at=START, image_url="https://north.example/i.jpg",
    )  # fmt: skip
    database.write(announce, said)
    entry = database.read(due_entry)
    known = Entry(1, 1, STORY, entry.url_key, "north.example", said, fetch_url=STORY, content_hash=said.content_hash)
    assert entry == known
    row = database.read(entry_of)
    assert (row.state, row.first_seen_at, row.published_stated) == ("waiting", START, True)


def test_a_time_that_was_not_stated_is_our_first_seen_time(database: Database) -> None:
    database.write(announce, stated(published_text="yesterday"))
    row = database.read(entry_of)
    assert (row.published_at, row.published_stated, row.published_text) == (START, False, "yesterday")
    assert database.read(due_entry).said.published_at is None


def test_a_restated_entry_keeps_the_time_it_was_first_seen(database: Database) -> None:
    database.write(announce, stated())
    database.write(announce, stated(title="Bridge open again"), at=START + HOUR)
    row = database.read(entry_of)
    assert (row.title, row.published_at, row.published_stated) == ("Bridge open again", START, False)
    database.write(announce, stated(published_at=START - HOUR), at=START + 2 * HOUR)
    database.write(announce, stated(title="Bridge closed again"), at=START + 3 * HOUR)
    row = database.read(entry_of)
    assert (row.published_at, row.published_stated) == (START - HOUR, True)


def test_recording_a_poll_twice_changes_nothing(database: Database) -> None:
    outcome = database.write(polled, stated(), stated("https://north.example/2"))
    database.write(entries.record_stated, outcome)
    before = database.read(every, tables.entries)
    database.write(entries.record_stated, outcome)
    assert database.read(every, tables.entries) == before


@pytest.mark.parametrize(
    ("said", "reason", "detail"),
    [
        (stated(None, title="No link"), "no_link", None),
        (stated(None, bad_link="javascript:void(0)"), "bad_link", "javascript:void(0)"),
    ],
)
def test_an_entry_without_an_address_is_settled_with_the_reason(
    database: Database, said: Any, reason: str, detail: str | None
) -> None:
    assert database.write(announce, said) == 0
    row = database.read(entry_of)
    assert (row.state, row.reason, row.detail, row.due_at) == ("failed", reason, detail, None)


def test_a_thousand_entries_at_once(database: Database) -> None:
    said = [stated(f"https://north.example/{n}") for n in range(1200)]
    assert database.write(announce, *said) == 1200
    known = database.read(entries.load_known, 1, [e.key for e in said] + [b"x" * 16])
    assert known == {e.key: e.content_hash for e in said}


def test_an_entry_cannot_be_stored_twice(database: Database) -> None:
    database.write(announce, stated())
    row = database.read(entry_of)._asdict() | {"id": 2, "entry_id": "another"}
    with pytest.raises(StorageError, match=r"(?i)unique"):
        database.write(lambda c: c.execute(insert(tables.entries).values(**row)))


# --- failures -----------------------------------------------------------------------------------------------------


def test_a_passing_failure_keeps_the_entry_waiting(database: Database) -> None:
    database.write(announce, stated())
    database.write(failed, Transient(STORY, Reason.SERVER_ERROR, "HTTP 500", status=500))
    row = database.read(entry_of)
    assert (row.state, row.reason, row.detail, row.attempts) == ("waiting", "server_error", "HTTP 500", 1)
    assert row.due_at == START + timedelta(minutes=5)
    (page,) = database.read(every, tables.pages)
    assert (page.outcome, page.reason, page.entry_id, page.article_id) == ("failed", "server_error", 1, None)


def test_a_last_failure_settles_it(database: Database) -> None:
    database.write(announce, stated())
    database.write(failed, Unacceptable(STORY, Reason.WRONG_TYPE, "image/png"))
    row = database.read(entry_of)
    assert (row.state, row.reason, row.attempts, row.due_at) == ("failed", "wrong_type", 1, None)


def test_not_found_is_believed_after_the_third_time(database: Database) -> None:
    database.write(announce, stated())
    at = START
    for attempts, state in ((1, "waiting"), (2, "waiting"), (3, "failed")):
        database.write(failed, Gone(STORY, Reason.NOT_FOUND), at)
        row = database.read(entry_of)
        assert (row.attempts, row.state) == (attempts, state)
        at = row.due_at
    assert at is None


def test_a_page_may_send_its_host_to_rest(database: Database) -> None:
    database.write(announce, stated())
    database.write(failed, Transient(STORY, Reason.UNAVAILABLE, status=503, retry_after=120.0))
    assert database.read(hosts.load_due, START + timedelta(seconds=119), 10) == []
    assert database.read(hosts.load_due, START + timedelta(seconds=120), 10) == ["north.example"]


def test_a_failure_of_a_further_look_keeps_the_article(database: Database) -> None:
    number = database.write(publish)
    database.write(announce, stated(title="Bridge shut"), at=START + HOUR)
    database.write(failed, Refused(STORY, Reason.LEGAL), START + HOUR)
    row = database.read(entry_of)
    assert (row.state, row.reason, row.article_id) == ("stored", "legal", number)
    assert database.read(articles.find, STORY).text == WORDS


def test_an_entry_whose_feed_was_removed_takes_its_outcome_with_it(database: Database) -> None:
    database.write(announce, stated())
    entry = database.read(due_entry)
    database.write(feeds.remove, 1)
    outcome = settle.decide_read(entry, fetched(), reading())
    assert database.write(articles.record_read, outcome) is None
    assert database.read(every) == database.read(every, tables.pages) == []


# --- one article --------------------------------------------------------------------------------------------------


def test_a_page_becomes_an_article(database: Database) -> None:
    said: dict[str, Any] = {
        "standfirst": "Two pillars", "agency": "PA Media", "published_at": START - HOUR, "modified_at": START,
        "site_name": "The North", "section": "World", "paywalled": False, "provenance": {"title": "json-ld"},
    }  # fmt: skip
    number = database.write(publish, **said)
    row = database.read(articles.find, STORY)
    assert {name: getattr(row, name) for name in said} == said
    assert (row.id, row.title, row.text, row.word_count, row.language) == (number, "Bridge closed", WORDS, 19, "en")
    assert (row.host, row.first_seen_at, row.revision_count, row.canonical_id) == ("north.example", START, 1, None)
    entry, (page,) = database.read(entry_of), database.read(every, tables.pages)
    assert (entry.state, entry.article_id, entry.due_at, entry.reason) == ("stored", number, None, None)
    assert (page.outcome, page.archive_file, page.archive_offset, page.bytes) == (
        "article", "2026/11/x.warc.gz", 100, 20_000,
    )  # fmt: skip
    ((revision, text),) = database.read(revisions.load, number)
    assert (revision.number, revision.page_id, revision.delta, text) == (1, page.id, None, WORDS)


def test_reading_it_twice_changes_nothing_but_the_list_of_fetches(database: Database) -> None:
    kept = [t for t in tables.metadata.sorted_tables if t is not tables.pages]
    said = reading(authors=("Ada Byron",), tags=("a",), image=Image("https://i.example/"), related=(RelatedLink("x"),))
    outcome = database.write(polled, stated())
    database.write(feeds.record_poll, outcome)
    entry = database.read(due_entry)

    def again(connection: Connection) -> list[Any]:
        entries.record_stated(connection, outcome)
        read(connection, entry, said)
        return [every(connection, table) for table in kept]

    assert database.write(again) == database.write(again)
    assert len(database.read(every, tables.pages)) == 2


def test_two_feeds_announce_one_article(database: Database) -> None:
    database.write(announce, stated())
    database.write(announce, stated("http://north.example/2026/bridge?utm_source=rss"), feed=OTHER)
    number = database.write(lambda c: read(c, entries.load_due(c, "north.example", START), reading()))  # type: ignore[arg-type]
    assert database.read(entries.load_due, "north.example", START) is None
    assert [(e.state, e.article_id) for e in database.read(every, tables.entries)] == [("stored", number)] * 2
    database.write(announce, stated(), feed="https://west.example/feed", at=START + HOUR)
    late = database.read(entry_of, 3)
    assert (late.state, late.article_id, late.due_at) == ("stored", number, None)
    assert len(database.read(every)) == 1


def test_an_article_another_feed_could_not_have_is_had(database: Database) -> None:
    database.write(announce, stated())
    database.write(failed, Unacceptable(STORY, Reason.TOO_LARGE))
    database.write(announce, stated(), feed=OTHER)
    number = database.write(lambda c: read(c, due_entry(c), reading()))
    assert [(e.state, e.reason, e.article_id) for e in database.read(every, tables.entries)] == [
        ("stored", None, number),
        ("stored", None, number),
    ]


def test_the_canonical_address_decides(database: Database) -> None:
    canonical = "https://north.example/world/bridge"
    first = database.write(publish, canonical_url=canonical)
    assert database.write(announce, stated(canonical), at=START + HOUR) == 0
    assert database.read(entry_of, 2).article_id == first
    by_number = "https://north.example/?id=7"
    assert database.write(publish, by_number, canonical_url=canonical, at=START + HOUR) == first
    (article,) = database.read(every)
    assert article.url == canonical
    for url in (STORY, canonical, by_number, "http://north.example/2026/bridge#top"):
        assert database.read(articles.find, url).id == first
    assert set(database.read(readings.load_urls, first)) == {STORY, canonical, by_number}
    for what in (str(first), str(first) + "0", "https://unknown.example/x"):
        assert (database.read(articles.find, what) is not None) == (what == str(first))


def test_different_articles_stay_different(database: Database) -> None:
    first = database.write(publish)
    second = database.write(publish, "https://north.example/2026/ferry", at=START + HOUR)
    assert first != second
    assert len(database.read(every)) == 2


def test_a_redirect_to_another_host_waits_for_that_host(database: Database) -> None:
    database.write(announce, stated("https://short.example/x1"), feed=FEED)
    entry = database.read(due_entry, "https://short.example/x1")
    database.write(articles.record_read, settle.decide_moved(entry, fetched(entry.url), STORY, 8))
    assert database.read(entries.load_due, "short.example", START) is None
    assert "north.example" in database.read(hosts.load_due, START, 10)
    led = database.read(due_entry)
    assert (led.url, led.fetch_url, led.hops, led.host) == (entry.url, STORY, 1, "north.example")
    number = database.write(read, led, reading())
    assert database.read(articles.find, "https://short.example/x1").id == number
    assert [p.outcome for p in database.read(every, tables.pages)] == ["redirected", "article"]
    assert database.read(entry_of).url == "https://short.example/x1"
    database.write(announce, stated("https://short.example/x1", title="New"), at=START + HOUR)
    again = database.read(due_entry, "https://short.example/x1", START + HOUR)
    assert (again.fetch_url, again.hops, again.article_id) == ("https://short.example/x1", 0, number)


def test_hops_have_an_end(database: Database) -> None:
    database.write(announce, stated())
    entry = database.read(due_entry)
    database.write(articles.record_read, settle.decide_moved(entry, fetched(), "https://x.example/", 0))
    row = database.read(entry_of)
    assert (row.state, row.reason, row.host) == ("failed", "too_many_redirects", "north.example")


def test_an_article_cannot_be_stored_twice(database: Database) -> None:
    database.write(publish)
    row = database.read(articles.find, STORY)._asdict() | {"id": 2, "url": "https://other.example/"}
    with pytest.raises(StorageError, match=r"(?i)unique"):
        database.write(lambda c: c.execute(insert(tables.articles).values(**row)))
    (alias,) = database.read(every, tables.article_urls)
    with pytest.raises(StorageError, match=r"(?i)unique"):
        database.write(lambda c: c.execute(insert(tables.article_urls).values(**alias._asdict())))


# --- revisions ----------------------------------------------------------------------------------------------------

SECOND = WORDS.replace("Monday", "Tuesday")
THIRD = SECOND + "\n\nIt will open again in June."


def test_a_changed_text_is_a_revision_and_the_older_ones_can_be_had_back(database: Database) -> None:
    for hours, text in enumerate((WORDS, SECOND, THIRD)):
        number = database.write(publish, text=text, at=START + hours * HOUR)
    found = database.read(revisions.load, number)
    assert [(row.number, text) for row, text in found] == [(3, THIRD), (2, SECOND), (1, WORDS)]
    assert [(row.words_added, row.words_removed) for row, _ in found] == [(6, 0), (1, 1), (0, 0)]
    assert [row.seen_at for row, _ in found] == [START + 2 * HOUR, START + HOUR, START]
    row = database.read(articles.find, STORY)
    assert (row.text, row.revision_count, row.first_seen_at, row.fetched_at) == (THIRD, 3, START, START + 2 * HOUR)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (WORDS, "Bridge closed"),
        (WORDS.upper().replace(" ", "  "), "Bridge closed"),
        (WORDS + " …", "“Bridge closed”"),
    ],
)
def test_what_says_the_same_is_no_revision(database: Database, text: str, title: str) -> None:
    number = database.write(publish)
    database.write(publish, text=text, title=title, at=START + HOUR)
    row = database.read(articles.find, STORY)
    assert (row.revision_count, row.text, row.title, row.fetched_at) == (1, text, title, START + HOUR)
    assert len(database.read(revisions.load, number)) == 1


def test_older_texts_survive_a_cosmetic_change_of_the_newest(database: Database) -> None:
    for hours, text in enumerate((WORDS, SECOND, THIRD, THIRD.upper(), THIRD + "!")):
        number = database.write(publish, text=text, at=START + hours * HOUR)
    texts = [text for _, text in database.read(revisions.load, number)]
    assert texts == [THIRD + "!", SECOND, WORDS]


def test_a_new_headline_is_a_revision(database: Database) -> None:
    number = database.write(publish)
    database.write(publish, title="Bridge shut", at=START + HOUR)
    found = database.read(revisions.load, number)
    assert [(row.title, row.words_added, text) for row, text in found] == [
        ("Bridge shut", 1, WORDS),
        ("Bridge closed", 0, WORDS),
    ]


def test_a_revision_replaces_byline_tags_image_and_links(database: Database) -> None:
    publish_with = {"authors": ("A",), "tags": ("x", "y"), "image": Image("https://i.example/1"), "related": ()}
    number = database.write(publish, **publish_with)
    then: dict[str, Any] = {"authors": ("B", "A"), "tags": (), "related": (RelatedLink("R", "https://r.example/"),)}
    database.write(publish, text=SECOND, at=START + HOUR, **then)
    parts = database.read(readings.load_parts, number)
    assert (parts["authors"], parts["tags"], parts["images"]) == (["B", "A"], [], [])
    assert parts["related"] == [{"title": "R", "url": "https://r.example/"}]


# --- names --------------------------------------------------------------------------------------------------------


def test_names_are_stored_once_and_in_order(database: Database) -> None:
    authors = ("Zoe Adams", "PA Media", " Zoe Adams ", "", "\x00", "Ann Zorn")
    first = database.write(publish, authors=authors, tags=("b", "a", "b"))
    second = database.write(publish, "https://north.example/2", authors=("PA Media",), tags=("a",), at=START + HOUR)
    parts = [database.read(readings.load_parts, number) for number in (first, second)]
    assert [p["authors"] for p in parts] == [["Zoe Adams", "PA Media", "Ann Zorn"], ["PA Media"]]
    assert [p["tags"] for p in parts] == [["b", "a"], ["a"]]
    assert len(database.read(every, tables.people)) == 3
    assert len(database.read(every, tables.tags)) == 2


ODD = "a\x00b\ud800 \U0001f600 ‮é"
KEPT = "ab? \U0001f600 ‮é"


def test_what_no_database_takes_is_made_storable(database: Database) -> None:
    said = {"authors": (ODD, "n" * 10_000), "tags": (ODD, "t" * 10_000, "t" * 10_001), "provenance": {ODD: [ODD]}}
    for hours in (0, 1):  # the second time it is the same
        number = database.write(
            publish, text=f"{ODD} {WORDS}", title=ODD, standfirst=ODD, section=ODD, site_name=ODD * 2_000,
            language=ODD * 9, image=Image("https://i.example/", ODD, ODD), related=(RelatedLink(ODD),),
            at=START + hours * HOUR, **said,
        )  # fmt: skip
    row, parts = database.read(articles.find, STORY), database.read(readings.load_parts, number)
    assert (row.title, row.text, row.revision_count) == (KEPT, f"{KEPT} {WORDS}", 1)
    assert parts["authors"] == [KEPT, "n" * 200]
    assert parts["tags"] == [KEPT, "t" * 200]
    assert row.provenance == {KEPT: [KEPT]}


def test_odd_entries_are_made_storable(database: Database) -> None:
    odd = stated(entry_id=ODD * 1_000, title=ODD, summary=ODD, authors=(ODD,), categories=(ODD * 9_000,), language=ODD)
    database.write(announce, odd)
    assert database.read(due_entry).said.title == KEPT
    assert database.write(announce, odd, at=START + HOUR) == 0


def test_what_is_restated_while_its_page_is_fetched_stays_due(database: Database) -> None:
    database.write(announce, stated())
    entry = database.read(due_entry)
    database.write(announce, stated(title="Bridge open again"), at=START + timedelta(minutes=5))
    number = database.write(read, entry, reading())
    row = database.read(entry_of)
    assert (row.article_id, row.state, row.due_at) == (number, "waiting", START + timedelta(minutes=5))
