"""Groups of copies: stars around the original, whatever the order of arrival; furniture that the stream teaches."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.clusters import Index, Link
from ingest.compare import Kind
from ingest.furniture import Furniture
from ingest.near import signature
from tests.ingest.stories import NOTICE, OTHER, STORY

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WORDS = [
    *("amber", "basin", "cedar", "delta", "ember", "flint", "grove", "heron", "inlet", "jetty"),
    *("kayak", "larch", "maple", "nadir", "olive", "pearl", "quill", "raven"),
]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def story(number: int, words: int = 80) -> str:
    """Words that nobody would take for each other's misspelling."""
    chance = random.Random(number)
    return " ".join("".join(chance.choices(LETTERS, k=8)) for _ in range(words)) + "."


def add(index: Index, name: str, text: str, site: str = "", **more: datetime) -> Link | None:
    links = index.add(name, signature(text), site or f"{name}.example", **more)
    assert len(links) <= 1
    return links[0] if links else None


def small_index(keep: int = 1_000) -> Index:
    return Index(keep, furniture=Furniture(1 << 16))


def test_a_copy_is_linked_to_what_came_before_and_a_new_text_is_not() -> None:
    index = small_index()
    assert add(index, "a", STORY) is None
    assert add(index, "b", OTHER) is None
    link = add(index, "c", f"FAIRHAVEN (AFP) - {STORY}")
    assert link is not None
    assert (link.id, link.of, link.relation.kind) == ("c", "a", Kind.SYNDICATED)


def test_the_same_text_on_several_sites_is_syndicated() -> None:
    index = small_index()
    kinds = []
    for site in "abcd":
        link = add(index, site, STORY.replace("the storm", f"the {WORDS[ord(site) - 97]} storm"))
        kinds.append(link.relation.kind if link else None)
    assert kinds == [None, Kind.NEAR, Kind.SYNDICATED, Kind.SYNDICATED]


def test_a_late_original_takes_the_group_over() -> None:
    index = small_index()
    add(index, "copy", STORY, published=NOON)
    assert getattr(add(index, "original", f"{STORY} Ends", published=NOON - timedelta(hours=2)), "of", "") == "copy"
    assert getattr(add(index, "third", f"{STORY} Amber", published=NOON + timedelta(hours=1)), "of", "") == "original"


def test_the_agency_itself_is_the_original() -> None:
    index = small_index()
    add(index, "paper", f"FAIRHAVEN (Reuters) - {STORY}", published=NOON)
    link = add(index, "agency", STORY, "www.reuters.com", published=NOON + timedelta(hours=1))
    assert getattr(link, "of", "") == "paper"
    assert getattr(add(index, "third", f"{STORY} Amber", published=NOON), "of", "") == "agency"


def test_a_text_in_several_pieces_does_not_join_them() -> None:
    """A round-up contains two stories; each keeps its own group."""
    index = small_index()
    add(index, "a", STORY)
    add(index, "b", OTHER)
    link = add(index, "both", f"{STORY}\n\n{OTHER}")
    assert link is not None
    assert link.of == "a"
    assert getattr(add(index, "b2", OTHER + " Amber"), "of", "") == "b"


def test_no_group_grows_by_a_chain() -> None:
    """Each text shares half with the one before; the last has nothing of the first."""
    parts = [story(number, 60) for number in range(8)]
    texts = ["\n\n".join(parts[n : n + 3]) for n in range(6)]
    index = small_index()
    for number, text in enumerate(texts):
        add(index, f"t{number}", text)
    for group in index.groups():
        said = [set(texts[int(name[1:])].split("\n\n")) for name in group]
        assert any(all(head & member for member in said) for head in said)


def test_what_many_articles_of_a_site_share_is_learned_and_links_no_strangers() -> None:
    index = small_index()
    for number in range(4):
        add(index, f"long{number}", f"{story(number, 150)}\n\n{NOTICE}", "paper.example")
    links = [add(index, f"short{n}", f"{story(100 + n, 40)}\n\n{NOTICE}", "paper.example") for n in range(10)]
    assert links == [None] * 10
    copy = add(index, "copy", story(105, 40), "elsewhere.example")
    assert copy is not None
    assert copy.of == "short5"


def test_a_story_that_many_carry_is_no_furniture() -> None:
    index = small_index()
    add(index, "first", STORY)
    links = [add(index, f"carrier{n}", f"{STORY}\n\n{WORDS[n % 18]} {n}") for n in range(30)]
    assert {link.of for link in links if link} <= {"first", *(f"carrier{n}" for n in range(30))}
    assert all(links)


def test_a_notice_in_place_of_articles_makes_no_copies() -> None:
    index = small_index()
    for name, title in (("a", "Storm closes harbour"), ("b", "Teachers vote for strike"), ("c", "Bakery wins prize")):
        assert (
            index.add(name, signature("This article is for subscribers only. Log in to go on reading.", title), "x")
            == []
        )


def test_what_left_the_window_is_forgotten() -> None:
    index = small_index(keep=3)
    add(index, "old", STORY)
    for number in range(4):
        add(index, f"n{number}", story(number))
    assert len(index) == 3
    assert add(index, "again", STORY) is None


def test_a_group_outlives_its_head() -> None:
    index = small_index(keep=4)
    add(index, "head", STORY + " Amber")
    for number in range(6):
        link = add(index, f"copy{number}", STORY + f" {WORDS[number + 1]}")
        assert link is not None


# --- the order of arrival

PIECES = [f"{' '.join(story(seed, 24).split())}" for seed in range(12)]  # sentences that share nothing
copies = st.lists(  # of four stories, each of which has sentences of its own and a few of the next one's
    st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(5, 9), st.none() | st.integers(1, 20)),
    min_size=2,
    max_size=7,
)


def family(chosen: list[tuple[int, int, int, int | None]]) -> dict[str, tuple[str, datetime | None]]:
    """Texts by name, with the time that they state."""
    return {
        f"m{number}": (
            "\n\n".join(PIECES[(3 * which + place) % 12] for place in range(begin, end)),
            None if hour is None else NOON + timedelta(hours=hour, minutes=number),
        )
        for number, (which, begin, end, hour) in enumerate(chosen)
    }


@settings(max_examples=60)
@given(copies, st.randoms(use_true_random=False))
def test_groups_do_not_depend_on_the_order_of_arrival(
    chosen: list[tuple[int, int, int, int | None]], chance: random.Random
) -> None:
    texts = family(chosen)
    mixed = list(texts)
    chance.shuffle(mixed)
    assert groups(mixed, texts) == groups(texts, texts)


def groups(order: Iterable[str], texts: dict[str, tuple[str, datetime | None]]) -> set[frozenset[str]]:
    index = Index(furniture=Furniture(2))  # which learns nothing: what it learns hangs on what came before
    for name in order:
        text, published = texts[name]
        index.add(name, signature(text), f"{name}.example", published=published)
    return index.groups()


def test_groups_of_whole_copies_are_what_the_links_say() -> None:
    texts = {f"m{n}": f"{story(n % 3, 200)}\n\n{WORDS[n]} {WORDS[n + 1]}" for n in range(9)}
    index = small_index()
    linked = [add(index, name, text) for name, text in texts.items()]
    assert index.groups() == {frozenset(f"m{n}" for n in (which, which + 3, which + 6)) for which in range(3)}
    assert [link is None for link in linked] == [True] * 3 + [False] * 6


def test_a_better_text_joins_the_groups_that_it_is_like() -> None:
    """Two copies that have no more than a third in common, and then the whole."""
    index = small_index()
    assert add(index, "one", "\n\n".join(PIECES[0:6])) is None
    assert add(index, "two", "\n\n".join(PIECES[4:10])) is None
    links = index.add("whole", signature("\n\n".join(PIECES[0:10])), "whole.example")
    assert {link.of for link in links} == {"one", "two"}
    assert index.groups() == {frozenset({"one", "two", "whole"})}


@pytest.mark.parametrize("places", [1 << 8, 1 << 12])
def test_furniture_takes_no_more_room_than_it_was_given(places: int) -> None:
    furniture = Furniture(places)
    for number in range(50):
        furniture.learn(signature(f"{story(number)} {NOTICE}"), 7, number + 1)
    own = furniture.distinctive(signature(story(99)), 7)
    assert own.mean() > 0.9


def test_a_text_that_grows_with_each_copy_stays_one_group() -> None:
    """Each copy is longer than all before, so that each is the head for a while."""
    index, more = small_index(), story(7, 100).split()
    for number in range(40):
        add(index, f"m{number}", f"{story(1, 200)}\n\n{' '.join(more[:number])}")
    assert len(index.groups()) == 1
