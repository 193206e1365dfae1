"""Blocks to Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.blocks import Block, Place
from ingest.markdown import escape, to_markdown
from tests.ingest.test_blocks import blocks


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<h2>Head</h2><p>Text.</p><h3>Below</h3>", "## Head\n\nText.\n\n### Below"),
        ("<h4>Head</h4><p>Text.</p>", "## Head\n\nText."),
        ("<ul><li>a</li><li>b</li></ul><p>c</p>", "- a\n- b\n\nc"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ("<ul><li><p>a</p><p>more of a</p></li><li>b</li></ul>", "- a\n\n    more of a\n- b"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
        (
            "<table><tr><th>P</th><th>N</th></tr><tr><td>1</td><td>x</td></tr></table>",
            "| P | N |\n| --- | --- |\n| 1 | x |",
        ),
        ("<p>one<br>two</p>", "one  \ntwo"),
        ("<p>1. no list, *no* emphasis, # no head</p>", "1\\. no list, \\*no\\* emphasis, # no head"),
        ("<p># not a head</p><p>- no item</p><p>&gt; no quote</p>", "\\# not a head\n\n\\- no item\n\n\\> no quote"),
    ],
)
def test_structure_is_marked_and_nothing_else(markup: str, expected: str) -> None:
    assert to_markdown(blocks(markup)) == expected


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp")), min_size=1, max_size=80))
def test_no_text_becomes_a_mark(text: str) -> None:
    line = escape(text)
    assert not line.lstrip().startswith(("#", ">", "+ ", "- ", "```", "* "))
    assert line.replace("\\", "") == text.replace("\\", "")


def test_a_text_of_nowhere_is_a_paragraph() -> None:
    nowhere = Place(None, "p", None, 0, 0, 0)
    assert to_markdown([Block("One.", nowhere), Block("Two.", nowhere)]) == "One.\n\nTwo."
