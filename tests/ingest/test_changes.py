"""Words struck and added: both texts can be had back from the steps, and little is struck that stayed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.changes import MOST_PARAGRAPHS, MOST_PIECES, Step, compare_words

WORDS = st.lists(st.sampled_from(["the", "bridge", "closed", ",", "12", "\n\n", " ", "Vire"]), max_size=40)


def sides(steps: list[Step]) -> tuple[str, str]:
    return (
        "".join(step.text for step in steps if step.op != "insert"),
        "".join(step.text for step in steps if step.op != "delete"),
    )


@given(WORDS.map(" ".join), WORDS.map(" ".join))
def test_both_texts_come_back(before: str, after: str) -> None:
    assert sides(compare_words(before, after)) == (before, after)


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_they_hold(before: str, after: str) -> None:
    assert sides(compare_words(before, after)) == (before, after)


def test_a_word_is_struck_and_not_its_sentence() -> None:
    assert compare_words("It is 12 metres long.\n\nSo be it.", "It is 14 metres long.\n\nSo be it.") == [
        Step("equal", "It is "),
        Step("delete", "12"),
        Step("insert", "14"),
        Step("equal", " metres long.\n\nSo be it."),
    ]


def test_neighbours_are_one_change() -> None:
    assert compare_words("by ship and sail", "by rail or road") == [
        Step("equal", "by "),
        Step("delete", "ship and sail"),
        Step("insert", "rail or road"),
    ]


def test_what_is_too_long_to_compare_is_struck_as_a_whole() -> None:
    long, other = "a b " * MOST_PIECES, "c d " * MOST_PIECES
    assert compare_words(long, other) == [Step("delete", long), Step("insert", other)]
    many = "\n\n".join(map(str, range(MOST_PARAGRAPHS + 1)))
    assert compare_words(many, many + "!") == [Step("delete", many), Step("insert", many + "!")]
