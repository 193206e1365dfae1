"""Backfills in the store: asked for once, gone on with from anywhere, nothing found or stored twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from ingest.backfill.request import BackfillState, Looked, Part, PartState, Request, Seed, Source
from ingest.backfill.wanted import Wanted
from ingest.errors import ParseError
from ingest.model import Entry, EntryState, Fetched, Reading, ReadOutcome, Reason, Validators
from ingest.settle import decide_kept, decide_read
from storage import articles, backfill_progress, backfill_results, backfills, hosts, tables
from storage.backfill_results import PageRead
from storage.engine import Database
from tests.clock import START
from tests.storage.newsroom import STORY, announce, fetched, publish, reading, stated

DAY = timedelta(days=1)
HOST = "north.example"
SITE = f"https://{HOST}"
ASKED = Request(Source.SITEMAP, (HOST,), stated=("30d", None))
MAP = Seed("sitemap", f"{SITE}/sitemap.xml", HOST)
FILE = Seed("warc", "/data/a.warc.gz", size=1_000)


def begun(connection: Connection, *seeds: Seed, asked: Request = ASKED, at: datetime = START) -> int:
    return backfills.begin(connection, asked, seeds or (MAP,), at)[0]


def part_of(connection: Connection, host: str = HOST, at: datetime = START) -> Part:
    part = backfills.load_next(connection, host, at)
    assert isinstance(part, Part)
    return part


def file_of(connection: Connection, number: int | None = None) -> Part:
    part = backfills.load_file(connection, number, ())
    assert part is not None
    return part


def listed(count: int, **fields: Any) -> list[Any]:
    return [stated(f"{SITE}/{number}", **fields) for number in range(count)]


def parts(connection: Connection) -> list[Any]:
    return list(connection.execute(select(tables.backfill_parts).order_by(tables.backfill_parts.c.id)))


def entry_rows(connection: Connection) -> list[Any]:
    return list(connection.execute(select(tables.entries).order_by(tables.entries.c.id)))


def read_all(connection: Connection, at: datetime, *, found: int = 0) -> int:
    """Looks in the document that is due, which lists so many. Returns how many were new."""
    part = part_of(connection, at=at)
    new = backfill_results.record_found(connection, part, listed(found), {}, at)
    looked = Looked(PartState.DONE, records=found, validators=Validators(etag='"1"'))
    backfill_results.record_look(connection, part, looked, at)
    return new


def read_page(connection: Connection, at: datetime) -> str:
    """Reads the page of a backfill that is due. Returns its address."""
    entry = backfills.load_next(connection, HOST, at)
    assert isinstance(entry, Entry)
    text = f"What happened at number {entry.id}, and what nobody expected to happen there in all these years."
    outcome = decide_read(entry, fetched(entry.url, at), reading(entry.url, text))
    articles.record_read(connection, outcome)
    return entry.url


# --- asked for ------------------------------------------------------------------------------------------------------


def test_the_same_is_one_backfill_and_anything_else_another(database: Database) -> None:
    assert database.write(backfills.begin, ASKED, (MAP,), START) == (1, True)
    assert database.write(backfills.begin, ASKED, (MAP,), START + DAY) == (1, False)
    assert database.write(backfills.begin, replace(ASKED, sample=5), (MAP,), START) == (2, True)
    assert (database.read(backfills.find, ASKED), database.read(backfills.load_running)) == (1, [1, 2])
    assert database.read(backfills.find, replace(ASKED, sample=6)) is None
    assert [part.place for part in database.read(parts)] == [MAP.place, MAP.place]


def test_it_is_known_as_it_was_asked_for(database: Database) -> None:
    wanted = Wanted(START - DAY, START, (HOST,), ("/news/*",), ("en",))
    database.write(begun, asked=replace(ASKED, wanted=wanted, sample=7))
    (found,) = database.read(backfills.load_all)
    assert (found.source, found.places, found.wanted, found.sample) == (Source.SITEMAP, (HOST,), wanted, 7)
    assert (found.state, found.created_at, found.ended_at) == (BackfillState.RUNNING, START, None)
    assert database.read(backfills.load_wanted, found.id) == wanted
    assert database.read(backfills.load, 99) is None
    assert database.read(backfills.load_wanted, 99) is None


def test_its_hosts_are_due(database: Database) -> None:
    number = database.write(begun, MAP, replace(MAP, place="https://south.example/s.xml", host="south.example"))
    assert database.read(backfills.load_due_hosts, number, START, 10) == [HOST, "south.example"]
    assert database.read(backfills.load_due_hosts, number, START, 1) == [HOST]
    assert database.read(backfills.load_due_hosts, number, START - DAY, 10) == []
    database.write(hosts.rest, HOST, START + DAY, "rate_limited")
    assert database.read(backfills.load_due_hosts, number, START, 10) == ["south.example"]


def test_what_is_done_is_looked_at_again_when_it_is_asked_for_again(database: Database) -> None:
    number = database.write(begun)
    assert database.write(read_all, START) == 0
    assert database.write(backfill_results.finish, number, START)
    assert database.read(backfills.load_next, HOST, START + DAY) is None
    database.write(begun, at=START + DAY)
    again = database.read(part_of, at=START + DAY)
    assert (again.place, again.validators.etag, again.done_at) == (MAP.place, '"1"', START)


def test_a_window_that_has_moved_is_looked_at_whole(database: Database) -> None:
    """What a sitemap left out yesterday may be wanted today, so its validators are not sent."""
    number = database.write(begun)
    database.write(read_all, START)
    database.write(backfill_results.finish, number, START)
    moved = Wanted(since=START - 29 * DAY)
    database.write(begun, asked=replace(ASKED, wanted=moved), at=START + DAY)
    again = database.read(part_of, at=START + DAY)
    assert (again.wanted, again.validators, again.done_at) == (moved, Validators(), None)


def test_what_is_read_again_is_counted_as_it_is_now(database: Database) -> None:
    """A document on a host each time; a file from its beginning where the window has moved."""
    asked = replace(ASKED, source=Source.WARC)
    number = database.write(begun, MAP, FILE, asked=asked)
    for at, records in ((START, 5), (START + DAY, 4), (START + 2 * DAY, 0)):  # at last it was unchanged
        left = {"filtered": records - 1} if records else {}
        database.write(begun, asked=asked, at=at)
        part = database.read(part_of, at=at)
        database.write(backfill_results.record_look, part, Looked(PartState.DONE, records=records, left_out=left), at)
        if records == 5:
            read = Looked(PartState.DONE, None, 1_000, 9, {"not_html": 3})
            database.write(backfill_results.record_look, database.read(file_of), read, at)
        assert database.write(backfill_results.finish, number, at)
    assert database.read(backfill_progress.load_progress, number).left_out == {"filtered": 3, "not_html": 3}
    assert [part.records for part in database.read(parts)] == [4, 9]
    database.write(begun, asked=replace(asked, wanted=Wanted(since=START)), at=START + 3 * DAY)
    again = database.read(backfill_progress.load_progress, number)
    assert (again.left_out, again.bytes_read, again.parts_waiting) == ({}, 0, 2)


def test_what_runs_keeps_its_window(database: Database) -> None:
    database.write(begun)
    database.write(begun, asked=replace(ASKED, wanted=Wanted(since=START)), at=START + DAY)
    assert database.read(part_of).wanted == Wanted()


# --- cancelled and resumed ------------------------------------------------------------------------------------------


def test_cancelled_nothing_of_it_is_due_until_it_is_resumed(database: Database) -> None:
    number = database.write(begun, MAP, FILE)
    assert [database.write(backfills.cancel, number, START) for _ in range(2)] == [True, False]
    assert database.read(backfills.load_next, HOST, START) is None
    assert database.read(backfills.load_file, None, ()) is None
    found = database.read(backfills.load, number)
    assert found is not None
    assert (found.state, found.ended_at) == (BackfillState.CANCELLED, START)
    assert database.write(backfills.resume, number, START + DAY)
    assert database.read(part_of, at=START + DAY).place == MAP.place
    assert database.read(file_of).place == FILE.place
    assert not database.write(backfills.resume, 99, START)
    assert not database.write(backfills.cancel, 99, START)


def test_resumed_what_failed_and_what_waits_is_tried_at_once(database: Database) -> None:
    number = database.write(begun, MAP, FILE)
    part = database.read(part_of)
    database.write(backfill_results.record_found, part, listed(1), {}, START)
    database.write(backfill_results.record_look, part, Looked(PartState.FAILED, reason="forbidden"), START)
    lost = database.read(file_of)
    database.write(backfill_results.record_look, lost, Looked(PartState.FAILED, "500", 500, reason="gone"), START)
    entry: Any = database.read(backfills.load_next, HOST, START)
    outcome = ReadOutcome(entry, fetched(), EntryState.WAITING, reason=Reason.NOT_FOUND, due_at=START + DAY)
    database.write(articles.record_read, outcome)
    assert database.read(backfills.load_next, HOST, START) is None
    assert database.read(backfill_progress.load_progress, number).put_off == {"not_found": 1}
    database.write(backfills.resume, number, START)
    due = [database.read(part_of).place, database.read(file_of).place, database.read(file_of).position]
    assert due == [MAP.place, FILE.place, "500"]
    assert database.read(backfill_progress.load_progress, number).soonest == START


def test_only_one_of_them_is_worked_on_where_that_is_asked(database: Database) -> None:
    one, two = database.write(begun), database.write(begun, FILE, asked=replace(ASKED, source=Source.WARC))
    assert database.read(backfills.load_next, HOST, START, two) is None
    assert database.read(backfills.load_file, one, ()) is None
    assert database.read(backfills.load_file, two, ()).place == FILE.place  # type: ignore[union-attr]
    assert database.read(backfills.load_file, two, (2,)) is None


# --- found ----------------------------------------------------------------------------------------------------------


def test_found_twice_it_is_one_and_its_page_is_due_once_nothing_new_is(database: Database) -> None:
    number = database.write(begun)
    part = database.read(part_of)
    assert [database.write(backfill_results.record_found, part, listed(3), {}, START) for _ in range(2)] == [3, 0]
    assert {(row.backfill_id, row.feed_id, row.due_at, row.later_at) for row in database.read(entry_rows)} == {
        (number, None, None, START)
    }
    database.write(backfill_results.record_look, part, Looked(PartState.DONE), START)
    for expected in (f"{SITE}/0", f"{SITE}/1", f"{SITE}/2"):
        assert database.write(read_page, START) == expected
    assert database.write(backfill_results.finish, number, START)
    progress = database.read(backfill_progress.load_progress, number)
    assert (progress.found, progress.stored, progress.waiting, progress.parts_done) == (3, 3, 0, 1)
    assert progress.hosts == {}


def test_what_is_stored_already_is_not_fetched(database: Database) -> None:
    database.write(publish)
    number = database.write(begun)
    database.write(backfill_results.record_found, database.read(part_of), [stated(STORY)], {}, START)
    progress = database.read(backfill_progress.load_progress, number)
    assert (progress.found, progress.stored, progress.waiting) == (1, 1, 0)


def test_an_address_of_a_feed_is_found_by_a_backfill_as_well(database: Database) -> None:
    database.write(announce, stated(STORY))
    database.write(begun)
    assert database.write(backfill_results.record_found, database.read(part_of), [stated(STORY)], {}, START) == 1
    assert [row.backfill_id for row in database.read(entry_rows)] == [None, 1]


def test_a_copy_is_asked_for_where_it_is_kept_and_remembers_when_it_was_made(database: Database) -> None:
    database.write(begun)
    copy = "https://web.archive.example/web/2019id_/x"
    captured = {STORY: (copy, START - 999 * DAY)}
    database.write(backfill_results.record_found, database.read(part_of), [stated(STORY)], captured, START)
    (row,) = database.read(entry_rows)
    assert (row.url, row.fetch_url, row.host) == (STORY, copy, "web.archive.example")
    assert row.captured_at == START - 999 * DAY


def test_documents_lead_to_others_and_each_is_looked_in_once(database: Database) -> None:
    number = database.write(begun)
    child = Seed("sitemap", f"{SITE}/child.xml", HOST, modified_at=START - DAY)
    part, looked = database.read(part_of), Looked(PartState.DONE, following=(child, child))
    database.write(backfill_results.record_look, part, looked, START)
    found = database.read(part_of)
    assert (found.place, found.depth, found.modified_at) == (child.place, 1, START - DAY)
    back = Looked(PartState.DONE, following=(MAP, child))
    database.write(backfill_results.record_look, found, back, START)
    assert database.read(backfills.load_next, HOST, START + DAY) is None
    assert database.write(backfill_results.finish, number, START)


def test_a_document_that_has_changed_since_is_looked_in_again(database: Database) -> None:
    number = database.write(begun)
    database.write(read_all, START)
    changed = replace(MAP, modified_at=START + DAY)
    database.write(backfills.add_parts, number, [replace(MAP, modified_at=START - DAY)], 0, START)
    assert database.read(backfills.load_next, HOST, START + DAY) is None
    database.write(backfills.add_parts, number, [changed], 0, START + DAY)
    assert database.read(part_of, at=START + DAY).place == MAP.place


def test_damage_is_kept_with_its_place_and_beyond_a_hundred_counted(database: Database) -> None:
    number = database.write(begun, FILE, asked=replace(ASKED, source=Source.WARC))
    part = database.read(file_of)
    for first in (0, 60):
        broken = tuple((str(first + place), "no record begins here") for place in range(60))
        looked = Looked(PartState.WAITING, str(first + 60), 500, 60, {"not_html": 2}, broken)
        database.write(backfill_results.record_look, part, looked, START)
    progress = database.read(backfill_progress.load_progress, number)
    assert (progress.broken, progress.left_out["not_html"], progress.bytes_read) == (120, 4, 500)
    (shown,) = database.read(backfill_progress.load_parts, number, 10)
    assert (len(shown["broken"]), shown["broken"][0]["place"], shown["records"]) == (100, "0", 120)


# --- pages of archives ----------------------------------------------------------------------------------------------


def page(number: int, result: Reading | ParseError | None = None) -> PageRead:
    url = f"{SITE}/{number}"
    text = f"What happened at number {number}, and what nobody expected to happen there in all these years."
    seen = Fetched(START, 0.0, url, 200, "text/html", 2_000, captured_at=START - 99 * DAY)
    decide = partial(_decide, seen, result or reading(url, text))
    return PageRead(stated(url, entry_id=url, title=None), START - 99 * DAY, decide)


def _decide(seen: Fetched, result: Reading | ParseError, entry: Entry) -> ReadOutcome:
    return decide_kept(entry, seen, result, Wanted())


def portion(connection: Connection, read: Sequence[PageRead], position: str | None = "900") -> Counter[str]:
    looked = Looked(PartState.DONE if position is None else PartState.WAITING, position, 900, len(read))
    return backfill_results.record_pages(connection, file_of(connection), read, looked, START)


def test_pages_are_stored_with_how_far_their_file_was_read(database: Database) -> None:
    number = database.write(begun, FILE, asked=replace(ASKED, source=Source.WARC))
    broken = page(2, ParseError(Reason.EMPTY_PAGE, "nothing in it"))
    assert database.write(portion, [page(0), page(1), broken]) == {"stored": 2, "empty_page": 1}
    assert database.read(file_of).position == "900"
    progress = database.read(backfill_progress.load_progress, number)
    assert (progress.found, progress.stored, progress.waiting, progress.reasons) == (3, 2, 0, {"empty_page": 1})
    (lost,) = database.read(lambda connection: list(backfill_progress.load_failed(connection, number)))
    assert (lost.url, lost.reason) == (f"{SITE}/2", "empty_page")
    captured = database.read(lambda c: set(c.scalars(select(tables.pages.c.captured_at))))
    assert captured == {START - 99 * DAY}
    assert database.read(lambda c: c.scalar(select(func.count()).select_from(tables.rechecks))) == 0


def test_a_portion_that_is_recorded_twice_stores_nothing_twice(database: Database) -> None:
    database.write(begun, FILE, asked=replace(ASKED, source=Source.WARC))
    first = database.write(portion, [page(0), page(1)])
    second = database.write(portion, [page(0), page(1), page(2), page(2)])
    assert (first, second) == (Counter(stored=2), Counter(known=3, stored=1))
    assert len(database.read(entry_rows)) == 3


def test_a_mistake_of_ours_costs_its_page_alone(database: Database) -> None:
    def fails(entry: Entry) -> ReadOutcome:
        outcome = _decide(fetched(entry.url), reading(entry.url), entry)
        assert outcome.reading is not None
        return replace(outcome, reading=replace(outcome.reading, title="x" * 10, kind=None))  # type: ignore[arg-type]

    database.write(begun, FILE, asked=replace(ASKED, source=Source.WARC))
    counts = database.write(portion, [page(0), replace(page(1), decide=fails), page(2)])
    assert counts == {"stored": 2, "read_failed": 1}


# --- samples --------------------------------------------------------------------------------------------------------


def test_a_sample_is_chosen_once_all_is_found_and_the_rest_is_forgotten(database: Database) -> None:
    number = database.write(begun, asked=replace(ASKED, sample=3))
    part = database.read(part_of)
    found = [stated(f"{SITE}/{day}", published_at=START - day * DAY) for day in range(30)]
    database.write(backfill_results.record_found, part, found, {}, START)
    assert database.read(backfills.load_next, HOST, START) == part  # no page before all is found
    assert not database.write(backfill_results.finish, number, START)
    database.write(backfill_results.record_look, part, Looked(PartState.DONE, records=30), START)
    assert not database.write(backfill_results.finish, number, START)
    chosen = sorted(int(row.url.rpartition("/")[2]) for row in database.read(entry_rows))
    assert [day // 10 for day in chosen] == [0, 1, 2]
    assert database.read(backfill_progress.load_progress, number).left_out == {"not sampled": 27}
    for _ in range(3):
        database.write(read_page, START)
    assert database.write(backfill_results.finish, number, START)
    assert len(database.read(entry_rows)) == 3


def test_a_sample_of_none_counts_what_there_is(database: Database) -> None:
    number = database.write(begun, asked=replace(ASKED, sample=0))
    assert database.write(read_all, START, found=5) == 5
    assert database.write(backfill_results.finish, number, START)
    assert database.read(backfill_progress.count_found, number) == {HOST: 5}


@pytest.mark.parametrize("number", [1, 99])
def test_nothing_is_known_of_what_is_none(database: Database, number: int) -> None:
    assert database.write(backfill_results.finish, number, START)
    progress = database.read(backfill_progress.load_progress, number)
    assert (progress.found, progress.parts, progress.soonest) == (0, 0, None)


def test_a_list_is_needed_until_the_last_of_its_backfills_has_ended(database: Database) -> None:
    seed = Seed("urls", "/lists/a.txt", size=9)
    requests = [Request(Source.URLS, (seed.place,), sample=sample) for sample in (None, 3)]
    numbers = [database.write(backfills.begin, request, [seed], START)[0] for request in requests]
    for number, hours in zip(numbers, (1, 2), strict=True):
        assert database.read(backfills.load_ends, [seed.place, "/lists/b.txt"]) == {seed.place: None}
        assert database.read(backfills.load_unread_files, number) == [seed.place]
        assert database.write(backfills.cancel, number, START + timedelta(hours=hours))
    assert database.read(backfills.load_ends, [seed.place]) == {seed.place: START + timedelta(hours=2)}
