"""The same, cosmetic, or other words; and older texts in few bytes."""

from __future__ import annotations

import unicodedata
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.fingerprint import text_hash
from ingest.model import Article, Kind, Reading
from ingest.revise import Change, Revised, compare, from_delta, is_read_otherwise, leaning, to_delta, to_whole

TEXT = "The café on the bridge was closed.\n\nIt opens in June."


def test_versions_of_one_reader() -> None:
    assert is_read_otherwise("dateline/1 trafilatura/2", "dateline/2 trafilatura/2")
    assert is_read_otherwise("dateline/1 feed", "dateline/2 feed")
    for known in (None, "dateline/2 trafilatura/2", "dateline/1 feed"):
        assert not is_read_otherwise(known, "dateline/2 trafilatura/2")


def before(text: str = TEXT, title: str | None = "Café closed", standfirst: str | None = None) -> Article:
    return Article(1, title, standfirst, text, text_hash(text), 1)


def now(text: str = TEXT, title: str | None = "Café closed", standfirst: str | None = None) -> Reading:
    return Reading(
        "https://x.example/", "https://x.example/", Kind.ARTICLE, title=title, standfirst=standfirst, text=text
    )


def test_the_same_is_unchanged() -> None:
    assert compare(before(), now()) == Revised(Change.UNCHANGED)


@pytest.mark.parametrize(
    "reading",
    [
        now(TEXT.replace(".", "!")),
        now(TEXT.upper()),
        now(TEXT.replace("\n\n", " ")),
        now(unicodedata.normalize("NFD", TEXT)),
        now(title="“Café closed”"),
        now(standfirst=""),
    ],
)
def test_signs_case_space_and_forms_of_letters_are_cosmetic(reading: Reading) -> None:
    assert compare(before(), reading) == Revised(Change.COSMETIC)


@pytest.mark.parametrize(
    ("reading", "added", "removed"),
    [
        (now(TEXT.replace("June", "July")), 1, 1),
        (now(TEXT + " Perhaps."), 1, 0),
        (now("The café on the bridge was closed."), 0, 4),
        (now(title="Café shut"), 1, 1),
        (now(title=None), 0, 2),
        (now(standfirst="A café"), 2, 0),
        (now("It opens in June.\n\nThe café on the bridge was closed."), 0, 0),
        (now(""), 0, 11),
    ],
)
def test_other_words_or_another_order_are_new(reading: Reading, added: int, removed: int) -> None:
    assert compare(before(), reading) == Revised(Change.MATERIAL, added, removed)


@given(st.text(max_size=200), st.text(max_size=40))
def test_a_text_equals_itself(text: str, title: str) -> None:
    assert compare(before(text, title), now(text, title)).change is Change.UNCHANGED


@given(st.text(max_size=200), st.text(max_size=200))
def test_comparing_is_symmetric(one: str, other: str) -> None:
    there, back = compare(before(one), now(other)), compare(before(other), now(one))
    assert (there.change, there.words_added, there.words_removed) == (back.change, back.words_removed, back.words_added)


@given(st.text(), st.text())
def test_the_older_text_comes_back(older: str, newer: str) -> None:
    assert from_delta(to_delta(older, newer), newer) == older


def test_odd_and_long_texts_come_back() -> None:
    long = " ".join(f"word{n}" for n in range(30_000))
    for older, newer in (("\ud800", "é" * 20_000), (long, long + "!"), ("", ""), ("a", "")):
        assert from_delta(to_delta(older, newer), newer) == older


def test_a_delta_is_small() -> None:
    text = "\n\n".join(f"Paragraph {n} says {n * 7919 % 1000} things about bridge number {n * 31}." for n in range(80))
    assert len(to_delta(text, text.replace("things", "words", 3))) < 100


def test_a_delta_says_when_it_was_made_against_another_text() -> None:
    with pytest.raises(zlib.error):
        from_delta(to_delta(TEXT, TEXT + " More."), TEXT)


def test_a_long_text_is_found_in_another() -> None:
    """Beyond the 32 KiB that deflate looks back."""
    long = "\n\n".join(
        f"Paragraph {n} says {n * 7919 % 1000} things about bridge number {n * 31}." for n in range(2_000)
    )
    newer = "Something new on top.\n\n" + long.replace("Paragraph 7 ", "Paragraph seven ")
    delta = to_delta(long, newer)
    assert len(delta) < 100
    assert from_delta(delta, newer) == long


def test_a_whole_text_needs_no_other_and_what_an_older_version_wrote_can_be_read() -> None:
    assert from_delta(to_whole(TEXT), "") == TEXT
    packer = zlib.compressobj(9, zdict=(TEXT + " More.").encode())
    assert from_delta(packer.compress(TEXT.encode()) + packer.flush(), TEXT + " More.") == TEXT


@given(st.binary(max_size=60), st.sampled_from([b"", b"\x01", b"\x02"]))
def test_whatever_stands_in_the_place_of_a_delta_is_found_out(damaged: bytes, first: bytes) -> None:
    with pytest.raises(zlib.error):
        from_delta(first + damaged, TEXT)


def test_what_leans_on_what() -> None:
    chain: dict[int, int | None] = {4: None, 3: 4, 2: 3, 1: 2}
    assert [leaning(number, chain) for number in (1, 2, 3, 4)] == [0, 1, 2, 3]
    assert leaning(4, {4: None, 3: None, 2: 3, 1: 2}) == 0
