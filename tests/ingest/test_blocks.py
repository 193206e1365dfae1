"""A tree to its blocks: what is one, in which order, and what it knows of itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.blocks import Block, Trait, blocks_of
from ingest.document import open_document


def blocks(markup: str) -> list[Block]:
    tree = open_document(f"<html><body>{markup}</body></html>".encode(), "text/html; charset=utf-8", "about:blank").tree
    assert tree is not None
    return blocks_of(tree.find("body"))


def texts(markup: str) -> list[str]:
    return [block.text for block in blocks(markup)]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>One <b>bold</b> word.</p><p>Two.</p>", ["One bold word.", "Two."]),
        ("<div>Before<p>inside</p>behind</div>", ["Before", "inside", "behind"]),
        ("one<br>line<br><br>next", ["one\nline", "next"]),
        ("<ul><li>a</li><li>b <a href=/x>c</a></li></ul>", ["a", "b c"]),
        ("<div><div><div> </div></div></div>", []),
        ("<table><tr><th>Pos</th><th>Name</th></tr><tr><td>1</td><td>Ann</td></tr></table>", ["Pos | Name", "1 | Ann"]),
        ("<table><tr><td><p>A</p><h2>B</h2></td><td>C</td></tr></table>", ["A", "B", "C"]),
    ],
)
def test_what_stands_by_itself_is_a_block(markup: str, expected: list[str]) -> None:
    assert texts(markup) == expected


def test_a_block_knows_its_links_and_bold_type() -> None:
    (block,) = blocks("<p><b>Now:</b> read <a href=/a>the first</a> and <a href=/b>the second</a></p>")
    assert (block.links, block.link_chars, block.bold_chars) == (2, len("the firstthe second"), len("Now:"))


def test_a_block_knows_what_is_around_it() -> None:
    inside, outside = blocks(
        "<aside class=Box><blockquote><p>said</p></blockquote></aside><p style='display: none'>x</p>"
    )
    assert inside.place.all == Trait.ASIDE | Trait.QUOTE
    assert [place.tag for place in inside.place.chain()][:3] == ["p", "blockquote", "aside"]
    assert inside.place.above is not None
    assert inside.place.above.above is not None
    assert inside.place.above.above.mark == "box"
    assert outside.place.all == Trait.HIDDEN


def test_an_element_knows_how_much_running_text_is_in_it() -> None:
    long = "A sentence that is long enough to be running text, with eighty characters and a few more."
    (block, *_) = blocks(f"<div><section><p>{long}</p></section><p>short</p></div>")
    assert [place.prose for place in block.place.chain()][:3] == [len(long)] * 3


@given(st.recursive(st.text("ab <&\n"), lambda inner: st.lists(inner, max_size=4).map("</p><div>".join)))
def test_every_block_is_a_trimmed_text(markup: str) -> None:
    for text in texts(f"<div>{markup}"):
        assert text == text.strip()
        assert text
