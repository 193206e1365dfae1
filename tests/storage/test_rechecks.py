"""Further looks at articles: what each leaves in the store, once, and how older texts lean on each other."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from ingest import recheck
from ingest.errors import FetchError, Gone, Transient
from ingest.model import Article, Dropped, Feed, Fetched, Look, Reading, Reason, Recheck, RecheckOutcome, Validators
from ingest.recheck import LAST_LOOK, Policy
from ingest.revise import is_whole
from storage import articles, due, hosts, rechecks, reread, revisions, tables
from storage.articles import Seen
from storage.engine import Database
from storage.reread import Result, Selection
from tests.clock import START
from tests.storage.newsroom import STORY, WORDS, announce, fetched, publish, reading, stated

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POLICY = Policy()
SECOND = WORDS.replace("Monday", "Tuesday")
GONE = Gone(STORY, Reason.NOT_FOUND, "HTTP 404", status=404)


def every(connection: Connection, table: Any) -> Sequence[Any]:
    return connection.execute(select(table).order_by(*table.primary_key)).all()


def row(database: Database) -> Any:
    """The one row of rechecks; None where there is none."""
    return database.read(lambda c: c.execute(select(tables.rechecks)).one_or_none())


def article(database: Database) -> Any:
    return database.read(articles.find, STORY)


def due_look(database: Database, at: datetime | None = None) -> Recheck:
    """The look that is due on the host at that time; without one, at the time it is due."""
    known = database.read(due.load_next, "north.example", at or row(database).due_at)
    assert isinstance(known, Recheck)
    return known


def page(known: Recheck, at: datetime, body: bytes = b"other") -> Fetched:
    return replace(fetched(known.url, at), validators=Validators('"2"'), body_hash=body.ljust(16))


def look(database: Database, said: Reading, at: datetime | None = None) -> Seen | None:
    """Look again when it is due, and read this."""
    at = at or row(database).due_at
    known = due_look(database, at)
    outcome = recheck.decide_read(known, page(known, at), said, POLICY)
    return database.write(articles.record_recheck, outcome, POLICY)


def fail(database: Database, error: FetchError) -> RecheckOutcome:
    at = row(database).due_at
    known = due_look(database, at)
    outcome = recheck.decide_failed(known, Fetched(at, 0.1, known.url, error.status), error, POLICY)
    database.write(articles.record_recheck, outcome, POLICY)
    return outcome


def texts(database: Database, number: int) -> dict[int, str]:
    return {row.number: text for row, text in database.read(revisions.load, number)}


def test_what_another_version_reads_otherwise_is_no_revision(database: Database, stored: int) -> None:
    """The page is not in the archive, so it is not to be told who changed the text. A version later it is."""
    assert look(database, reading(text=SECOND, extractor="test 2")) is None
    assert (article(database).text, article(database).revision_count) == (SECOND, 1)
    assert look(database, reading(text=WORDS, extractor="test 2")) == Seen(
        2, is_new=True, words_added=1, words_removed=1
    )
    assert texts(database, stored) == {1: SECOND, 2: WORDS}


# --- what is due ----------------------------------------------------------------------------------------------------


def test_a_stored_article_is_due_again_and_comes_after_all_that_is_new(database: Database) -> None:
    number = database.write(publish)
    kept = row(database)
    assert (kept.article_id, kept.url, kept.host, kept.looks) == (number, STORY, "north.example", 0)
    assert timedelta(minutes=30) <= kept.due_at - START <= timedelta(minutes=33)
    assert isinstance(database.read(due.load_next, "north.example", kept.due_at), Feed)  # it is due as well
    database.write(lambda c: c.execute(update(tables.feeds).values(due_at=START + DAY)))
    known = due_look(database)
    assert (known.article_id, known.said, known.is_withdrawn) == (number, stated(updated_at=START), False)
    database.write(announce, stated("https://north.example/new"), at=START)
    database.write(lambda c: c.execute(update(tables.feeds).values(due_at=START + DAY)))
    assert not isinstance(database.read(due.load_next, "north.example", kept.due_at), Recheck)


def test_what_is_old_when_it_is_found_is_not_looked_at_again(database: Database) -> None:
    database.write(publish, published_at=START - 8 * DAY)
    assert row(database) is None


@pytest.fixture
def stored(database: Database) -> int:
    """An article whose further look is due before anything else of its host."""
    number = database.write(publish)
    database.write(lambda c: c.execute(update(tables.feeds).values(due_at=None)))
    return number


def test_the_host_is_due_when_its_first_look_is(database: Database, stored: int) -> None:
    database.write(hosts.take_turn, "north.example", "me", START, START + HOUR)
    database.write(hosts.end_turn, "north.example", "me", START)
    due_at = row(database).due_at
    assert database.read(hosts.load_due, due_at - timedelta(seconds=1), 9) == []
    assert database.read(hosts.load_due, due_at, 9) == ["north.example"]


def test_a_spent_budget_holds_looks_back_until_there_is_some_again(database: Database, stored: int) -> None:
    due_at = row(database).due_at
    for _ in range(3):
        database.write(rechecks.spend, "north.example", Policy(budget=2), due_at)
    assert database.read(due.load_next, "north.example", due_at) is None
    database.write(hosts.take_turn, "north.example", "me", due_at, due_at + HOUR)
    database.write(hosts.end_turn, "north.example", "me", due_at)
    assert database.read(hosts.load_due, due_at + 11 * HOUR, 9) == []
    assert database.read(hosts.load_due, due_at + 12 * HOUR, 9) == ["north.example"]
    assert isinstance(due_look(database, due_at + 12 * HOUR), Recheck)


# --- what a look leaves -----------------------------------------------------------------------------------------------


def test_an_unchanged_page_leaves_the_article_and_the_list_of_fetches_alone(database: Database, stored: int) -> None:
    before, pages = article(database), database.read(every, tables.pages)
    known = due_look(database)
    outcome = recheck.decide_unchanged(known, page(known, START + HOUR), POLICY, Look.NOT_MODIFIED)
    for _ in range(2):
        assert database.write(articles.record_recheck, outcome, POLICY) is None
        kept = row(database)
        assert (kept.looks, kept.checked_at, kept.due_at, kept.etag) == (1, START + HOUR, outcome.due_at, '"2"')
    assert (article(database), database.read(every, tables.pages)) == (before, pages)


def test_other_words_are_a_revision_once_and_make_it_hot_again(database: Database, stored: int) -> None:
    at = START + DAY
    known = due_look(database, at)
    outcome = recheck.decide_read(known, page(known, at), reading(text=SECOND), POLICY)
    assert database.write(articles.record_recheck, outcome, POLICY) == Seen(2, True, 1, 1)
    kept = [database.read(every, table) for table in tables.metadata.sorted_tables]
    assert database.write(articles.record_recheck, outcome, POLICY) is None
    assert [database.read(every, table) for table in tables.metadata.sorted_tables] == kept
    assert (article(database).text, article(database).revision_count) == (SECOND, 2)
    assert texts(database, stored) == {1: WORDS, 2: SECOND}
    assert (row(database).changed_at, row(database).due_at <= at + 3.3 * HOUR) == (at, True)


def test_a_look_that_was_overtaken_is_not_recorded(database: Database, stored: int) -> None:
    at = START + HOUR
    known = due_look(database, at)
    outcome = recheck.decide_read(known, page(known, at), reading(text=SECOND), POLICY)
    database.write(publish, text=SECOND + "\n\nIt will open again in June.", at=at + HOUR)
    assert database.write(articles.record_recheck, outcome, POLICY) is None
    assert article(database).text.endswith("June.")


def test_a_cosmetic_change_is_kept_without_a_revision(database: Database, stored: int) -> None:
    look(database, reading(text=SECOND))
    stamped = "Updated 12:30\n\n" + SECOND.upper()
    assert look(database, reading(text=stamped)) is None
    assert (article(database).text, article(database).revision_count) == (stamped, 2)
    assert texts(database, stored) == {1: WORDS, 2: stamped}
    assert [page.outcome for page in database.read(every, tables.pages)] == ["article"] * 3


def test_a_text_that_flips_back_and_forth_adds_sightings(database: Database, stored: int) -> None:
    third = SECOND + "\n\nIt will open again in June."
    for said, seen in ((SECOND, 2), (third, 3), (WORDS + " !", 1), (SECOND, 2), (WORDS, 1), (third, 3), (SECOND, 2)):
        found = look(database, reading(text=said, word_count=len(said.split())))
        assert found is not None
        assert found.number == seen
        assert article(database).text == said
    assert texts(database, stored) == {1: WORDS, 2: SECOND, 3: third}
    rows = {r.number: r for r in database.read(every, tables.revisions)}
    assert [rows[n].sightings for n in (1, 2, 3)] == [3, 3, 2]
    assert (rows[2].last_seen_at, rows[2].delta) == (article(database).fetched_at, None)
    assert article(database).revision_count == 3
    new = look(database, reading(text="Something else entirely, and rather short it is, too."))
    assert new is not None
    assert (new.number, new.is_new) == (4, True)
    assert texts(database, stored) | {4: ""} == {1: WORDS, 2: SECOND, 3: third, 4: ""}


def test_a_headline_that_flips_back_is_seen_again(database: Database, stored: int) -> None:
    look(database, reading(title="Bridge shut"))
    found = look(database, reading())
    assert found is not None
    assert (found.number, article(database).title) == (1, "Bridge closed")


@pytest.mark.parametrize("beside", [False, True])
def test_an_admitted_correction_is_marked_with_its_note(database: Database, stored: int, beside: bool) -> None:
    note = "This article was amended on 24 November 2026 to correct the day of the closure."
    dropped = {"dropped": (reading_block(note),)} if beside else {}
    text = SECOND if beside else f"{SECOND}\n\n{note}"
    found = look(database, reading(text=text, **dropped))
    assert found is not None
    assert found.note == note
    again = look(database, reading(text=text + "\n\nIt will open in June.", **dropped))
    assert again is not None
    assert again.note is None
    assert [r.correction for r in database.read(every, tables.revisions)] == [None, note, None]


def reading_block(text: str) -> Any:
    return Dropped(text, "a footer")


def test_a_note_beside_the_same_text_belongs_to_that(database: Database, stored: int) -> None:
    note = "Correction: the name of the engineer was misspelt."
    assert look(database, reading(dropped=(reading_block(note),))) is None
    assert [r.correction for r in database.read(every, tables.revisions)] == [note]


def test_a_page_that_vanished_is_withdrawn_and_its_text_kept(database: Database, stored: int) -> None:
    first = fail(database, GONE)
    assert (row(database).missing, article(database).withdrawn_at) == (1, None)
    fail(database, GONE)
    fail(database, GONE)
    gone = article(database)
    assert (gone.withdrawn_at, gone.withdrawn_reason, gone.text) == (first.fetched.at, "not_found", WORDS)
    assert row(database).due_at - row(database).checked_at == LAST_LOOK
    fail(database, GONE)
    assert row(database) is None
    assert article(database).withdrawn_at == first.fetched.at
    assert [page.reason for page in database.read(every, tables.pages)] == [None] + ["not_found"] * 4


def test_what_is_there_again_is_no_longer_withdrawn(database: Database, stored: int) -> None:
    for _ in range(3):
        fail(database, GONE)
    found = look(database, reading(text=SECOND))
    assert found is not None
    assert (article(database).withdrawn_at, article(database).withdrawn_reason) == (None, None)
    assert (article(database).text, row(database)) == (SECOND, None)  # too old to be looked at again
    database.write(publish, at=START + 40 * DAY)
    assert article(database).withdrawn_at is None


def test_a_server_in_trouble_withdraws_nothing(database: Database, stored: int) -> None:
    for _ in range(2):
        fail(database, GONE)
    for _ in range(4):
        fail(database, Transient(STORY, Reason.SERVER_ERROR, "HTTP 500", status=500))
    assert (article(database).withdrawn_at, row(database).missing, row(database).reason) == (None, 0, "server_error")


def test_it_is_followed_to_another_host_and_asked_for_there_without_validators(database: Database, stored: int) -> None:
    look(database, reading())
    known = due_look(database)
    to = "https://www.north.example/2026/bridge"
    outcome = recheck.decide_moved(known, page(known, START + 9 * HOUR), to, 8, POLICY)
    database.write(articles.record_recheck, outcome, POLICY)
    kept = row(database)
    assert (kept.url, kept.host, kept.hops, kept.etag) == (to, "www.north.example", 1, None)
    assert "www.north.example" in database.read(hosts.load_due, START + 9 * HOUR, 9)
    moved = database.read(due.load_next, "www.north.example", START + 9 * HOUR)
    assert isinstance(moved, Recheck)
    there = recheck.decide_read(moved, page(moved, START + 9 * HOUR), reading(to, SECOND), POLICY)
    database.write(articles.record_recheck, there, POLICY)
    assert database.read(articles.find, to).id == stored
    assert (row(database).hops, row(database).etag) == (0, '"2"')


def test_another_story_in_its_place_is_no_revision(database: Database, stored: int) -> None:
    known = due_look(database)
    other = "Nine swimmers crossed the bay before breakfast, whatever doctors had told them."
    at = replace(page(known, START + HOUR), final_url="https://north.example/2026/swimmers")
    outcome = recheck.decide_read(known, at, reading(text=other, title="Swimmers"), POLICY)
    assert database.write(articles.record_recheck, outcome, POLICY) is None
    assert (article(database).text, row(database)) == (WORDS, None)


def test_offline_is_put_off_and_an_article_that_was_removed_takes_its_looks_with_it(
    database: Database, stored: int
) -> None:
    known = due_look(database)
    offline = recheck.decide_offline(known, START + HOUR)
    database.write(articles.record_recheck, offline, POLICY)
    assert (row(database).looks, row(database).due_at) == (0, START + HOUR + timedelta(minutes=5))
    database.write(lambda c: c.execute(tables.revisions.delete()))
    database.write(lambda c: c.execute(tables.articles.delete()))
    assert row(database) is None
    assert database.write(articles.record_recheck, offline, POLICY) is None


# --- how texts are kept -----------------------------------------------------------------------------------------------


def sentence(number: int) -> str:
    return WORDS.replace("Monday", f"day {number}").replace("Vire", f"river {number * 7919 % 97}")


def test_every_tenth_text_is_whole_and_a_damaged_one_costs_at_most_nine_others(database: Database, stored: int) -> None:
    for number in range(2, 25):
        look(database, reading(text=sentence(number)))
    wanted = {1: WORDS} | {number: sentence(number) for number in range(2, 25)}
    assert texts(database, stored) == wanted
    rows = database.read(every, tables.revisions)
    assert sorted(r.number for r in rows if r.delta is not None and is_whole(r.delta)) == [10, 20]
    damage(database, 19)
    left = texts(database, stored)
    assert [number for number in wanted if left[number] != wanted[number]] == list(range(11, 20))


def damage(database: Database, number: int) -> None:
    damaged = update(tables.revisions).where(tables.revisions.c.number == number)
    database.write(lambda c: c.execute(damaged.values(delta=b"\x01damaged")))


def test_beside_a_damaged_text_other_looks_change_nothing(database: Database, stored: int) -> None:
    """Two lean on the newest. It stays as it is, the page says why, and the next look comes."""
    for text in (SECOND, sentence(3), SECOND):
        look(database, reading(text=text))
    damage(database, 1)
    assert look(database, reading(text=SECOND.upper())) is None
    assert texts(database, stored) == {1: "", 2: SECOND, 3: sentence(3)}
    assert article(database).text == SECOND
    *_, before, told = database.read(every, tables.pages)
    assert (told.outcome, told.reason, told.article_id) == ("failed", "read_failed", stored)
    assert "damaged" in told.detail
    assert article(database).fetched_at == before.fetched_at  # the page that the text was read in
    assert row(database).looks == 4
    seen = look(database, reading(text=sentence(4)))
    assert seen is not None
    assert (seen.number, seen.is_new) == (4, True)
    assert texts(database, stored) == {1: "", 2: SECOND, 3: sentence(3), 4: sentence(4)}


def test_what_a_damaged_text_leans_on_is_not_gone_back_to(database: Database, stored: int) -> None:
    for text in (SECOND, sentence(3)):
        look(database, reading(text=text))
    damage(database, 1)
    seen = look(database, reading(text=SECOND.upper()))
    assert seen is not None
    assert (seen.number, seen.is_new) == (4, True)
    assert texts(database, stored) == {1: "", 2: SECOND, 3: sentence(3), 4: SECOND.upper()}


def test_a_reread_after_a_flip_takes_the_page_of_the_text_that_stands(database: Database, stored: int) -> None:
    look(database, reading(text=SECOND))
    look(database, reading(text=WORDS))
    (candidate,) = database.read(reread.load, Selection(), 0, 9)
    assert candidate.page is not None
    assert candidate.page.fetched_at == article(database).fetched_at
    said = reading(text=WORDS.replace("bridge", "old bridge"))
    assert database.write(reread.record, candidate, said, frozenset(), START + DAY) is Result.CHANGED
    assert texts(database, stored) == {1: said.text, 2: SECOND}
    late = replace(candidate, fetched_at=candidate.fetched_at - HOUR)
    assert database.write(reread.record, late, said, frozenset(), START + DAY) is Result.OVERTAKEN


def test_texts_that_lean_on_each_other_are_found_out(database: Database, stored: int) -> None:
    look(database, reading(text=SECOND))
    look(database, reading(text=sentence(3)))
    database.write(lambda c: c.execute(update(tables.revisions).where(tables.revisions.c.number == 2).values(base=1)))
    assert texts(database, stored) == {1: "", 2: "", 3: sentence(3)}
    known = Article(stored, None, None, sentence(3), b"", 3)
    kept = database.read(revisions.load_kept, stored, known.text)
    with pytest.raises(zlib.error):
        kept.text(1)
