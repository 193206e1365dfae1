"""Groups of copies: stars around the original, whatever the order of arrival; furniture that the stream teaches."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.clusters import Index, Link, stars
from ingest.compare import Kind
from ingest.furniture import Furniture
from ingest.near import signature
from tests.ingest.stories import NOTICE, OTHER, STORY

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WORDS = [
    *("amber", "basin", "cedar", "delta", "ember", "flint", "grove", "heron", "inlet", "jetty"),
    *("kayak", "larch", "maple", "nadir", "olive", "pearl", "quill", "raven"),
]


def story(number: int, words: int = 80) -> str:
    chance = random.Random(number)
    return " ".join(chance.choice(WORDS) + chance.choice(WORDS) for _ in range(words)) + "."


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
    linked = [add(index, f"t{n}", text) for n, text in enumerate(texts)]
    heads = {link.id: link.of for link in linked if link}
    for name, of in heads.items():
        seen = set()
        while of in heads and of not in seen:
            seen.add(of)
            of = heads[of]
        assert set(texts[int(name[1])].split("\n\n")) & set(texts[int(of[1])].split("\n\n"))


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


families = st.lists(st.integers(0, 4), min_size=2, max_size=14)


@settings(max_examples=30)
@given(families, st.randoms(use_true_random=False))
def test_groups_do_not_depend_on_the_order_of_arrival(family: list[int], chance: random.Random) -> None:
    texts = {f"m{n}": f"{story(which, 200)}\n\n{WORDS[n]} {WORDS[n + 1]}" for n, which in enumerate(family)}
    mixed = list(texts)
    chance.shuffle(mixed)
    assert groups(texts, texts) == groups(mixed, texts)


def groups(order: Iterable[str], texts: dict[str, str]) -> set[frozenset[str]]:
    index, group = Index(furniture=Furniture(1 << 14)), {name: {name} for name in texts}
    for name in order:
        link = add(index, name, texts[name])
        if link is not None:
            joined = group[link.id] | group[link.of]
            group |= dict.fromkeys(joined, joined)
    return {frozenset(members) for members in group.values()}


@given(st.lists(st.integers(0, 30), unique=True, max_size=12))
def test_stars_have_heads_that_support_every_member(nodes: list[int]) -> None:
    def related(a: int, b: int) -> float | None:
        return 1 / (1 + abs(a - b)) if abs(a - b) <= 3 else None

    head_of = stars(nodes, related)
    heads = {head for node, head in head_of.items() if node == head}
    assert all(node in heads or related(node, head_of[node]) is not None for node in nodes)
    assert not [(a, b) for a in heads for b in heads if a != b and related(a, b) is not None]


@pytest.mark.parametrize("places", [1 << 8, 1 << 12])
def test_furniture_takes_no_more_room_than_it_was_given(places: int) -> None:
    furniture = Furniture(places)
    for number in range(50):
        furniture.learn(signature(f"{story(number)} {NOTICE}"), 7, number + 1)
    own = furniture.distinctive(signature(story(99)), 7)
    assert own.mean() > 0.9
