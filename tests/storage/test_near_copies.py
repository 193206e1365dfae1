"""Near copies as they are stored: groups, parts, late originals, changes, on both databases."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from ingest.furniture import Furniture
from ingest.near import signature
from storage import duplicates, fingerprints, placing, tables
from storage.engine import Database
from tests.clock import START
from tests.conftest import opened
from tests.storage.newsroom import publish
from tests.storage.stories import sentences, story

HOUR = timedelta(hours=1)
NORTH, SOUTH, WEST, EAST = (f"https://{name}.example/a" for name in ("north", "south", "west", "east"))
TEXT = story(1)
SHORTER = "\n\n".join(sentences(1)[:13])
LEAD = "\n\n".join(sentences(1)[:4])
LONGER = f"{TEXT}\n\n{story(2, 24)}"


def heads(connection: Connection) -> dict[str, str | None]:
    """By host, the host of the original."""
    rows = connection.execute(select(tables.articles)).all()
    hosts = {row.id: row.host.split(".")[0] for row in rows}
    return {hosts[row.id]: None if row.canonical_id is None else hosts[row.canonical_id] for row in rows}


def links(connection: Connection) -> dict[tuple[str, str], str]:
    rows = connection.exec_driver_sql("select copy_host, original_host, relation from v_syndication")
    return {(copy.split(".")[0], original.split(".")[0]): relation for copy, original, relation in rows}


def test_a_shortened_copy_is_near(database: Database) -> None:
    database.write(publish, NORTH, TEXT)
    database.write(publish, SOUTH, SHORTER, at=START + HOUR)
    assert database.read(heads) == {"north": None, "south": "north"}
    row: Any = database.read(lambda c: c.execute(select(tables.duplicate_links)).one())
    assert (row.relation, row.coverage) == ("near", 1.0)
    assert 0.8 < row.similarity < 1.0


def test_strangers_are_not_linked(database: Database) -> None:
    for seed, url in enumerate((NORTH, SOUTH, WEST)):
        database.write(publish, url, story(seed))
    assert set(database.read(heads).values()) == {None}
    assert database.read(links) == {}


def test_a_text_that_names_an_agency_is_syndicated(database: Database) -> None:
    database.write(publish, NORTH, TEXT)
    database.write(publish, SOUTH, SHORTER, at=START + HOUR, agency="PA Media", authors=("PA Media",))
    assert database.read(links) == {("south", "north"): "syndicated"}


def test_so_is_one_on_several_sites(database: Database) -> None:
    database.write(publish, NORTH, TEXT)
    database.write(publish, SOUTH, SHORTER, at=START + HOUR)
    database.write(publish, WEST, "\n\n".join(sentences(1)[:14]), at=START + 2 * HOUR)
    assert database.read(links) == {("south", "north"): "syndicated", ("west", "north"): "syndicated"}
    database.write(publish, WEST, story(3), at=START + 3 * HOUR)
    assert database.read(links) == {("south", "north"): "near"}


def test_a_notice_in_place_of_articles_makes_no_copies(database: Database) -> None:
    """Equal words of 20 are a copy where the titles agree, and a notice where they have nothing in common."""
    notice = "This article is for subscribers of the paper only. Log in or choose an offer to go on reading it now."
    database.write(publish, NORTH, notice, title="Storm closes the harbour of Fairhaven")
    database.write(publish, SOUTH, notice, at=START + HOUR, title="Teachers in the valley vote for a strike")
    database.write(publish, WEST, notice, at=START + 2 * HOUR, title="Fairhaven harbour closed by a storm")
    assert database.read(heads) == {"north": None, "south": None, "west": "north"}


def test_the_agency_itself_is_the_original(database: Database) -> None:
    early = START - 3 * HOUR
    database.write(publish, NORTH, TEXT, published_at=early, agency="Reuters")
    assert publish_at(database, "https://www.reuters.com/a", SHORTER, agency="Reuters")
    assert database.read(heads) == {"north": "www", "www": None}


def publish_at(database: Database, url: str, text: str, **fields: Any) -> int:
    return database.write(publish, url, text, at=START + HOUR, **fields)


def test_parts_are_linked_and_make_no_group(database: Database) -> None:
    database.write(publish, NORTH, TEXT, published_at=START - HOUR)
    database.write(publish, SOUTH, LEAD, at=START + HOUR)
    database.write(publish, WEST, LONGER, at=START + 2 * HOUR)
    assert set(database.read(heads).values()) == {None}
    found = database.read(links)
    assert found[("south", "north")] == "excerpt"
    assert found[("west", "north")] == "contains"


def test_a_late_original_takes_over_the_group(database: Database) -> None:
    database.write(publish, NORTH, TEXT, published_at=START - HOUR)
    database.write(publish, SOUTH, SHORTER, at=START + HOUR)
    database.write(publish, WEST, TEXT.upper(), at=START + 2 * HOUR)
    database.write(publish, EAST, f"{TEXT}\n\nIt ends here.", at=START + 3 * HOUR, published_at=START - 2 * HOUR)
    assert database.read(heads) == {"north": "east", "south": "east", "west": "east", "east": None}
    assert {original for _, original in database.read(links)} == {"east"}


def test_a_late_original_of_many_equal_copies_takes_over_all(database: Database) -> None:
    def copies(connection: Connection) -> None:
        for number in range(12):
            publish(connection, f"https://copy{number}.example/a", TEXT, at=START + HOUR)
        publish(connection, SOUTH, SHORTER, at=START + HOUR)
        publish(connection, NORTH, TEXT, at=START + 2 * HOUR, published_at=START - HOUR)

    database.write(copies)
    found = database.read(heads)
    assert found.pop("north") is None
    assert set(found.values()) == {"north"}
    relations = database.read(links)
    assert (len(relations), relations[("south", "north")]) == (13, "syndicated")


def test_no_chain(database: Database) -> None:
    """The third is like the second, and not like the head."""
    said = sentences(5, 28)
    database.write(publish, NORTH, "\n\n".join(said[:16]), published_at=START - HOUR)
    database.write(publish, SOUTH, "\n\n".join(said[6:22]), at=START + HOUR)
    database.write(publish, WEST, "\n\n".join(said[12:28]), at=START + 2 * HOUR)
    found = database.read(heads)
    assert found["south"] == "north"
    assert found["west"] is None


def test_a_copy_that_changes_goes_its_own_way_and_comes_back(database: Database) -> None:
    database.write(publish, NORTH, TEXT, published_at=START - HOUR)
    database.write(publish, SOUTH, SHORTER, at=START + HOUR)
    database.write(publish, SOUTH, story(7), at=START + 2 * HOUR)
    assert (database.read(heads), database.read(links)) == ({"north": None, "south": None}, {})
    keys = signature(SHORTER).keys
    assert database.read(fingerprints.candidates, keys, (), START - HOUR) == [1]
    database.write(publish, SOUTH, SHORTER, at=START + 3 * HOUR)
    assert database.read(heads) == {"north": None, "south": "north"}


def test_an_original_that_changes_leaves_its_copies_to_the_next(database: Database) -> None:
    database.write(publish, NORTH, TEXT, published_at=START - HOUR)
    for hours, url in enumerate((SOUTH, WEST), 1):
        database.write(publish, url, SHORTER, at=START + hours * HOUR)
    database.write(publish, NORTH, story(7), at=START + 4 * HOUR, published_at=START - HOUR)
    assert database.read(heads) == {"north": None, "south": None, "west": "south"}
    database.write(publish, EAST, TEXT, at=START + 5 * HOUR)
    assert database.read(heads) == {"north": None, "south": "east", "west": "east", "east": None}  # it is longer


def test_out_of_the_window_only_equal_texts_are_found(database: Database) -> None:
    later = START + 31 * 24 * HOUR
    database.write(publish, NORTH, TEXT)
    database.write(publish, SOUTH, SHORTER, at=later)
    database.write(publish, WEST, TEXT, at=later)
    assert database.read(heads)["west"] == "north"
    assert ("south", "north") not in database.read(links)


def test_texts_that_were_looked_up_together_find_each_other(database: Database) -> None:
    database.write(publish, NORTH, TEXT)
    later = (SOUTH, SHORTER), (WEST, story(4)), (EAST, "\n\n".join(sentences(4)[:13]))

    def together(connection: Connection) -> None:
        memory = duplicates.Memory()
        with duplicates.together(connection, memory, [signature(text) for _, text in later]):
            for hours, (url, text) in enumerate(later, 1):
                publish(connection, url, text, at=START + hours * HOUR, memory=memory)
        assert memory.postings is None

    database.write(together)
    assert database.read(heads) == {"north": None, "south": "north", "west": None, "east": "west"}
    keys = signature(story(4)).keys
    assert database.read(fingerprints.candidates, keys, (), START) == [3, 4]


def test_keys_are_rebuilt_from_the_texts(database: Database) -> None:
    database.write(publish, NORTH, TEXT)
    database.write(publish, SOUTH, TEXT, at=START + HOUR)
    for seed in range(20, 26):
        database.write(publish, f"https://site{seed}.example/a", story(seed), at=START + 2 * HOUR)
    before = database.read(fingerprints.count)
    database.write(fingerprints.clear)
    last, done = 0, 0
    while portion := database.write(duplicates.rebuild_portion, last, START, 3):
        last, count = portion
        done += count
    assert (done, database.read(fingerprints.count)) == (8, before)
    database.write(publish, WEST, SHORTER, at=START + 3 * HOUR)
    assert database.read(heads)["west"] == "north"


def test_furniture_is_learned_from_the_store(database: Database) -> None:
    notice = "\n\n".join(sentences(9, 3))
    for seed in range(30, 35):
        database.write(publish, f"https://north.example/{seed}", f"{story(seed)}\n\n{notice}")
    furniture = Furniture(1 << 20)
    assert database.read(duplicates.warm_up, furniture) == 5
    text = signature(f"{story(40)}\n\n{notice}")
    own = furniture.distinctive(text, placing.site_key("north.example"))
    assert own[:200].mean() > 0.6  # these stories share a few phrases
    assert not own[-30:].any()


# --- properties

KINDS = {
    "north": (TEXT, -2, None),
    "south": (SHORTER, 3, None),
    "west": (TEXT.upper(), 1, -1),
    "east": (LEAD, 4, None),
    "centre": (LONGER, 5, 2),
    "coast": (story(2), 6, None),
    "hills": ("\n\n".join(sentences(1)[2:]), 7, 6),
    "valley": ("\n\n".join(sentences(1)[6:] + sentences(3)[:6]), 8, 7),
    "river": (story(4), 9, None),
    "lake": (story(4) + "\n\nMore on this later.", 10, 0),
}


def arrive(connection: Connection, names: Sequence[str]) -> None:
    for name in names:
        text, seen, published = KINDS[name]
        stated = None if published is None else START + published * HOUR
        publish(connection, f"https://{name}.example/a", text, at=START + (seen + 10) * HOUR, published_at=stated)


@pytest.mark.parametrize("seed", range(2))
def test_groups_do_not_depend_on_the_order_of_arrival(database: Database, seed: int) -> None:
    names = list(KINDS)
    database.write(arrive, names)
    expected = database.read(heads), database.read(links)
    assert len(expected[1]) >= 6
    database.write(lambda c: [c.execute(table.delete()) for table in reversed(tables.metadata.sorted_tables)])
    random.Random(seed).shuffle(names)
    database.write(arrive, names)
    assert (database.read(heads), database.read(links)) == expected


SAID = sentences(70, 14)
families = st.lists(  # pieces of one story: where they begin and end, and when they say that they were published
    st.tuples(st.integers(0, 5), st.integers(5, 9), st.none() | st.integers(-20, 0)), min_size=2, max_size=5
)


def arrive_in(order: Sequence[int], family: Sequence[tuple[int, int, int | None]]) -> Callable[[Connection], Any]:
    def arrive(connection: Connection) -> Any:
        for table in reversed(tables.metadata.sorted_tables):
            connection.execute(table.delete())
        for number in order:
            begin, size, published = family[number]
            text, stated = "\n\n".join(SAID[begin : begin + size]), None
            if published is not None:
                stated = START + published * HOUR + number * timedelta(minutes=1)
            at = START + (number + 1) * HOUR
            publish(connection, f"https://site{number}.example/a", text, at=at, published_at=stated)
        return heads(connection), links(connection)

    return arrive


@settings(max_examples=6)
@given(families, st.randoms(use_true_random=False))
def test_families_are_the_same_in_whatever_order_they_arrive(
    one_file: Database, family: list[tuple[int, int, int | None]], chance: random.Random
) -> None:
    order = list(range(len(family)))
    expected = one_file.write(arrive_in(order, family))
    chance.shuffle(order)
    assert one_file.write(arrive_in(order, family)) == expected


@pytest.fixture(scope="module")
def one_file(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path = tmp_path_factory.mktemp("families") / "dateline.db"
    shutil.copy(migrated_file, path)
    with opened(f"sqlite:///{path}") as store:
        yield store


@pytest.mark.parametrize("name", ["north", "west", "lake", "centre"])
def test_an_article_that_goes_and_comes_back_finds_its_place(database: Database, name: str) -> None:
    database.write(arrive, list(KINDS))
    expected = database.read(heads), database.read(links)
    text, _, published = KINDS[name]
    stated = None if published is None else START + published * HOUR
    for hours, words in ((30, story(50)), (31, text)):
        at = START + hours * HOUR
        database.write(publish, f"https://{name}.example/a", words, at=at, published_at=stated)
    assert (database.read(heads), database.read(links)) == expected


def test_placing_again_changes_nothing(database: Database) -> None:
    database.write(arrive, list(KINDS))
    expected = database.read(heads), database.read(links)
    for number, text in database.read(lambda c: c.execute(select(tables.articles.c.id, tables.articles.c.text)).all()):
        database.write(duplicates.place_again, number, text, START + 20 * HOUR)
    assert (database.read(heads), database.read(links)) == expected


def test_two_processes_that_store_two_copies_at_once_link_them(database: Database, database_url: str) -> None:
    for number in range(3):
        both = Barrier(2)

        def store(side: int, number: int = number, both: Barrier = both) -> None:
            text = story(60 + number) if side else "\n\n".join(sentences(60 + number)[:14])
            with opened(database_url) as other:
                both.wait()
                other.write(publish, f"https://side{side}.example/{number}", text, at=START + number * HOUR)

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(store, (0, 1)))
    assert len(database.read(lambda c: c.execute(select(tables.duplicate_links)).all())) == 3
