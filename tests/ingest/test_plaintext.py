"""Pages saved as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.plaintext import parse

ONE = "The harbour board met on Thursday and closed the bridge, which will be repaired until the end of May."
TWO = "“Nobody wants to do this twice,” said the chief engineer, who had asked for the money three years ago."


def joined(*blocks: str) -> str:
    return "\n\n".join(blocks)


def test_headline_standfirst_and_paragraphs() -> None:
    said = parse(joined("Bridge to close", "Lorries face a detour of forty minutes", ONE, TWO))
    assert (said.title, said.standfirst, said.paragraphs) == (
        "Bridge to close",
        "Lorries face a detour of forty minutes",
        (ONE, TWO),
    )


def test_a_paragraph_after_the_headline_is_no_standfirst() -> None:
    said = parse(joined("Bridge to close", ONE, TWO))
    assert (said.standfirst, said.paragraphs) == (None, (ONE, TWO))


@pytest.mark.parametrize("line", ["Skip to main content", "Skip to main contentSkip to navigationSkip to navigation"])
def test_skip_links_and_captions_before_the_headline_are_dropped(line: str) -> None:
    said = parse(joined(f"{line}\nThe bridge at low tide – video", "Bridge to close", ONE, TWO))
    assert (said.title, said.paragraphs) == ("Bridge to close", (ONE, TWO))


def test_lists_after_the_text_are_related_or_dropped() -> None:
    lists = ["More on this story", "More on this story", "  • First title", "  • Second one", "Most viewed", "Other"]
    said = parse(joined("Bridge to close", ONE, TWO, *lists))
    assert said.paragraphs == (ONE, TWO)
    assert [link.title for link in said.related] == ["First title", "Second one"]


def test_a_list_in_the_middle_does_not_end_the_text() -> None:
    said = parse(joined("Bridge to close", ONE, "Related", "• First title", TWO))
    assert (said.paragraphs, [link.title for link in said.related]) == ((ONE, TWO), ["First title"])


def test_bylines_are_not_paragraphs() -> None:
    assert parse(joined("Bridge to close", "By Mara Whitlock", ONE, TWO)).paragraphs == (ONE, TWO)


def test_lines_are_paragraphs_where_no_line_is_blank() -> None:
    assert parse(f"Bridge to close\n{ONE}\n{TWO}").paragraphs == (ONE, TWO)


def test_windows_line_ends() -> None:
    assert parse(f"Bridge to close\r\n\r\n{ONE}\r\n\r\n{TWO}").paragraphs == (ONE, TWO)


def test_text_without_a_headline_has_none() -> None:
    said = parse(joined(ONE, TWO))
    assert (said.title, said.paragraphs) == (None, (ONE, TWO))


@given(st.text(max_size=300))
def test_any_text_is_taken_apart(text: str) -> None:
    said = parse(text)
    assert all(part == part.strip() and "\n" not in part for part in said.paragraphs)
