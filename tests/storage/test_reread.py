"""A new extraction takes the place of the old one, and everything that hangs on it; what an article is stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from ingest import settle
from ingest.errors import Busy
from ingest.model import Dropped, Image, ParsedEntry, Reading, RelatedLink
from storage import articles, readings, reread, revisions, tables
from storage.boilerplate import read_key
from storage.engine import Database
from storage.reread import Candidate, Result, Selection
from tests.clock import START
from tests.conftest import opened
from tests.storage.newsroom import STORY, WORDS, announce, due_entry, fetched, publish, reading, stated

HOUR = timedelta(hours=1)
LATER = START + 100 * HOUR
SECOND = WORDS.replace("Monday", "Tuesday")
NONE: frozenset[int] = frozenset()


def select_all(connection: Connection, **selection: Any) -> list[Candidate]:
    return reread.load(connection, Selection(**selection), 0, 100)


def again(database: Database, number: int, said: Reading, blocks: frozenset[int] = NONE, at: Any = LATER) -> Result:
    (candidate,) = database.read(select_all, ids=[number])
    foretold = database.read(reread.compare, candidate, said, blocks)
    assert database.write(reread.record, candidate, said, blocks, at) == foretold
    return foretold


def every(connection: Connection, table: Any = tables.articles) -> Sequence[Any]:
    return connection.execute(select(table).order_by(*table.primary_key)).all()


EVERYTHING: dict[str, Any] = {
    "title": "Bridge to stay closed",
    "standfirst": "Cracks in two pillars",
    "authors": ("Ada Byron", "PA Media"),
    "agency": "PA Media",
    "published_at": START - HOUR + timedelta(microseconds=7),
    "modified_at": START.astimezone(tz=None),
    "language": "en-GB",
    "site_name": "The North\x00",
    "section": "World",
    "tags": ("Bridges", " Bridges", "Vire\ud800"),
    "image": Image("https://north.example/i.jpg", "The bridge\x00", "A. B."),
    "markdown": f"# Bridge\n\n{SECOND}",
    "dropped": (Dropped("Advertisement\x00", "a label"),),
    "related": (RelatedLink("The ferry\x00"), RelatedLink("The road", "https://north.example/road")),
    "paywalled": True,
    "extractor": "test 2",
    "provenance": {"title": "json-ld", "tags\x00": "meta"},
}


def test_every_field_is_replaced_and_what_the_article_is_stays(database: Database) -> None:
    number = database.write(publish, authors=("Nobody",), tags=("Old",), image=Image("https://north.example/old.jpg"))
    before = database.read(articles.find, STORY)
    said = reading("https://north.example/elsewhere", SECOND, **EVERYTHING)
    known = frozenset([1, 2])
    assert again(database, number, said, known) is Result.CHANGED
    row = database.read(articles.find, STORY)
    stays = ("id", "url", "url_key", "host", "first_seen_at", "fetched_at", "revision_count", "canonical_id")
    assert [getattr(row, name) for name in stays] == [getattr(before, name) for name in stays]
    assert (row.title, row.text, row.text_markdown) == ("Bridge to stay closed", SECOND, f"# Bridge\n\n{SECOND}")
    assert (row.published_at, row.modified_at) == (START - HOUR, START)
    assert row.dropped == [{"text": "Advertisement", "reason": "a label"}]
    assert (row.extractor, row.read_key) == ("test 2", read_key("test 2", known))
    parts = database.read(readings.load_parts, number)
    assert (parts["authors"], parts["tags"]) == (["Ada Byron", "PA Media"], ["Bridges", "Vire?"])
    assert parts["images"] == [{"url": "https://north.example/i.jpg", "caption": "The bridge", "credit": "A. B."}]
    assert [link["title"] for link in parts["related"]] == ["The ferry", "The road"]
    ((revision, text),) = database.read(revisions.load, number)
    assert (revision.title, revision.standfirst, text) == (row.title, row.standfirst, SECOND)
    assert (revision.text_hash, revision.word_count, revision.extractor) == (row.text_hash, row.word_count, "test 2")
    assert revision.seen_at == START


def test_the_same_once_more_changes_nothing(database: Database) -> None:
    """Whatever it holds: what the store makes of it compares equal to it."""
    number = database.write(publish, text=SECOND, **EVERYTHING)
    parts = database.read(readings.load_parts, number)
    before = database.read(every)
    assert again(database, number, reading(text=SECOND, **EVERYTHING)) is Result.UNCHANGED
    assert database.read(every) == before
    assert database.read(readings.load_parts, number) == parts


def test_another_extractor_that_reads_the_same_is_told(database: Database) -> None:
    number = database.write(publish)
    assert again(database, number, reading(extractor="test 2")) is Result.UNCHANGED
    assert database.read(articles.find, STORY).read_key == read_key("test 2", NONE)
    assert {row.extractor for table in (tables.articles, tables.revisions) for row in database.read(every, table)} == {
        "test 2"
    }


@pytest.mark.parametrize(
    "said",
    [
        {"tags": ("another",)},
        {"authors": ("Ada",)},
        {"image": None},
        {"related": ()},
        {"markdown": "x"},
        {"dropped": ()},
        {"paywalled": None},
        {"provenance": {}},
    ],
    ids=lambda said: next(iter(said)),
)
def test_each_field_alone_is_a_change(database: Database, said: dict[str, Any]) -> None:
    number = database.write(publish, text=SECOND, **EVERYTHING)
    assert again(database, number, reading(text=SECOND, **(EVERYTHING | said))) is Result.CHANGED
    assert again(database, number, reading(text=SECOND, **(EVERYTHING | said))) is Result.UNCHANGED


def test_older_revisions_survive_a_new_extraction_of_the_newest(database: Database) -> None:
    texts = [WORDS, SECOND, f"{SECOND}\n\nIt will open again in June."]
    for hours, text in enumerate(texts):
        number = database.write(publish, text=text, at=START + hours * HOUR)
    for text in ("Something else entirely, and rather short.", WORDS * 3, texts[-1]):
        assert again(database, number, reading(text=text)) is Result.CHANGED
        assert [t for _, t in database.read(revisions.load, number)] == [text, SECOND, WORDS]
    assert database.read(articles.find, STORY).revision_count == 3


def test_what_is_no_delta_against_the_known_text_keeps_it(database: Database) -> None:
    for hours, text in enumerate((WORDS, SECOND)):
        database.write(publish, text=text, at=START + hours * HOUR)
    database.write(lambda c: c.execute(update(tables.articles).values(text="Spoiled")))
    (candidate,) = database.read(select_all)
    assert database.write(reread.record, candidate, reading(text=WORDS), NONE, LATER) is Result.DAMAGED
    assert database.read(articles.find, STORY).text == "Spoiled"


def test_copies_are_found_and_lost_anew(database: Database) -> None:
    box = "Support independent journalism: become a member today."
    first = database.write(publish, text=f"{WORDS}\n\n{box}")
    second = database.write(publish, "https://south.example/vire", WORDS, at=START + HOUR)
    assert [row.canonical_id for row in database.read(every)] == [None, None]
    assert again(database, first, reading(text=WORDS)) is Result.CHANGED
    assert [(c.copy_id, c.original_id) for c in database.read(every, tables.duplicate_links)] == [(second, first)]
    assert database.read(articles.find, str(second)).canonical_id == first
    # Published before the other after all: the original is another one.
    again(database, second, reading("https://south.example/vire", WORDS, published_at=START - HOUR))
    assert [(c.copy_id, c.original_id) for c in database.read(every, tables.duplicate_links)] == [(first, second)]
    again(database, second, reading("https://south.example/vire", SECOND))
    assert database.read(every, tables.duplicate_links) == []
    assert {row.canonical_id for row in database.read(every)} == {None}


# --- which ------------------------------------------------------------------------------------------------------------


def test_the_newest_archived_page_is_read_with_what_the_feed_says(database: Database) -> None:
    database.write(publish)
    database.write(publish, at=START + HOUR)
    (candidate,) = database.read(select_all)
    assert candidate.page is not None
    assert (candidate.page.fetched_at, candidate.page.url, candidate.page.host) == (
        START + HOUR, STORY, "north.example",
    )  # fmt: skip
    assert candidate.page.archived == fetched().archived
    assert candidate.page.said == stated(updated_at=START + HOUR)
    assert isinstance(candidate.page.said, ParsedEntry)


def test_a_page_older_than_the_newest_revision_is_not_read(database: Database) -> None:
    """It would bring the older text back. A later look that found the same text may be gone: the one before serves."""
    database.write(publish)
    database.write(publish, text=SECOND, at=START + HOUR)
    database.write(publish, text=SECOND, at=START + 2 * HOUR)

    def lose(connection: Connection, number: int) -> None:
        connection.execute(update(tables.pages).where(tables.pages.c.id == number).values(archive_file=None))

    database.write(lose, 3)
    (candidate,) = database.read(select_all)
    assert candidate.page is not None
    assert candidate.page.fetched_at == START + HOUR
    database.write(lose, 2)
    (candidate,) = database.read(select_all)
    assert candidate.page is None


def test_articles_are_selected_by_host_time_and_number(database: Database) -> None:
    numbers = [
        database.write(publish, f"https://{host}.example/{n}", f"{WORDS} {n}", at=START + n * HOUR)
        for n, host in enumerate(("north", "south", "north", "south"))
    ]

    def selected(**selection: Any) -> list[int]:
        found = [candidate.id for candidate in database.read(select_all, **selection)]
        assert database.read(reread.count, Selection(**selection)) == len(found)
        return found

    assert selected() == numbers
    assert selected(host="north.example") == [numbers[0], numbers[2]]
    assert selected(since=START + HOUR) == numbers[1:]
    assert selected(until=START + HOUR) == numbers[:1]
    assert selected(ids=numbers[1:3], host="south.example") == [numbers[1]]
    assert [c.id for c in database.read(reread.load, Selection(), numbers[1], 1)] == [numbers[2]]
    assert database.read(reread.missing, [numbers[0], 98, 99, 98]) == [98, 99]


# --- beside a daemon ----------------------------------------------------------------------------------------------


def test_what_was_read_meanwhile_is_left_alone(database: Database) -> None:
    number = database.write(publish)
    (candidate,) = database.read(select_all)
    database.write(publish, text=SECOND, at=START + HOUR)
    assert database.write(reread.record, candidate, reading(text="Old"), NONE, LATER) is Result.OVERTAKEN
    assert database.read(reread.compare, candidate, reading(text="Old"), NONE) is Result.OVERTAKEN
    assert database.read(articles.find, str(number)).text == SECOND
    database.write(lambda c: c.execute(tables.articles.delete()))
    assert database.write(reread.record, candidate, reading(text="Old"), NONE, LATER) is Result.OVERTAKEN


def test_a_revision_waits_for_a_reread_of_its_article(database: Database) -> None:
    """Else its delta could be made against a text that is no longer there."""
    number = database.write(publish)
    (candidate,) = database.read(select_all)
    database.write(announce, stated(updated_at=START + HOUR), feed="https://north.example/feed", at=START + HOUR)
    entry = database.read(due_entry, at=START + HOUR)
    outcome = settle.decide_read(entry, fetched(at=START + HOUR), reading(text=SECOND))
    url = database.url.render_as_string(hide_password=False)
    with opened(url, busy_s=0.2) as daemon:

        def beside(connection: Connection) -> None:
            reread.record(connection, candidate, reading(text=WORDS.upper() * 2), NONE, LATER)
            with pytest.raises(Busy):
                daemon.write(articles.record_read, outcome)

        database.write(beside)
        daemon.write(articles.record_read, outcome)
    assert [text for _, text in database.read(revisions.load, number)] == [SECOND, WORDS.upper() * 2]
