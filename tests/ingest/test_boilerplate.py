"""Learned boilerplate: what counts as the same block, and when it is cut."""

from __future__ import annotations

from ingest.boilerplate import MAX_BLOCKS, REASON, block_key, recurring, short_blocks

BOX = "Support independent journalism: become a member today."
TEXT = ["The council met on Tuesday and voted for the new tram line, eleven to four.", "Work begins in spring."]


def test_a_block_is_the_same_whatever_its_case_space_and_punctuation() -> None:
    assert block_key("Sign up — it's free!") == block_key("  SIGN UP:  it’s free ")
    assert block_key("Sign up today") != block_key("Sign up tomorrow")
    assert -(2**63) <= block_key(BOX) < 2**63


def test_a_known_block_is_cut_with_its_reason() -> None:
    found = recurring([TEXT[0], BOX, *TEXT, TEXT[0]], frozenset([block_key(BOX)]))
    assert [dropped.reason if dropped else None for dropped in found] == [None, REASON, None, None, None]


def test_an_article_that_is_published_again_is_not_cut() -> None:
    assert recurring(TEXT, frozenset(map(block_key, TEXT))) == [None, None]


def test_only_blocks_of_boilerplates_size_are_counted_each_once() -> None:
    blocks = ["Short", BOX, BOX, "x" * 1_000]
    assert short_blocks(blocks) == (BOX,)
    many = [f"Block number {n} of a very long page" for n in range(500)]
    assert len(short_blocks(many)) == MAX_BLOCKS
    assert {many[0], many[-1]} <= set(short_blocks(many))
