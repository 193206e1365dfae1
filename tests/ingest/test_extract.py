"""Whose text it is: the classifier, the first text and the rules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ingest import classifier, extract, witness
from ingest.classifier import Trees
from ingest.document import open_document
from ingest.extract import Body, read_body
from ingest.features import NAMES
from ingest.judgement import judge
from ingest.seen import look_at

TEXT = [
    "The harbour board voted on Tuesday to close the old swing bridge for eleven weeks, from March to the end of May.",
    "Engineers had hoped to work at night only, “but concrete does not cure in an hour”, chief engineer Ida Holm said.",
    "Lorries will be sent round by the northern road, which adds a quarter of an hour to the way to the quay.",
    "The repairs cost four million, half of which the state pays; the board will raise the rest through harbour dues.",
    "Fishermen of the eastern quay, two of whom spoke at the meeting, asked why they had learned of it from the paper.",
    "The board answered that it had written to every berth in October, and that four in ten letters had come back.",
]
URL = "https://news.example.org/2026/bridge"


def tree(body: str) -> Any:
    markup = f"<html><head><title>x</title></head><body><main><h1>Bridge to close</h1>{body}</main></body></html>"
    return open_document(markup.encode(), "text/html; charset=utf-8", URL).tree


def article(*between: str) -> str:
    paragraphs = [f"<p>{text}</p>" for text in TEXT]
    return "<div>" + "".join([*paragraphs[:2], *between, *paragraphs[2:]]) + "</div>"


def read(body: str) -> Body:
    return read_body(tree(body), URL, "Bridge to close")


def reasons(body: Body) -> dict[str, str]:
    return {verdict.block.text: verdict.reason for verdict in body.verdicts if not verdict.kept}


@pytest.mark.parametrize(
    ("between", "text", "reason"),
    [
        ("<aside><p>The bridge opened in 1931 and turns on a pivot of cast iron.</p></aside>", "The bridge", "side"),
        ("<p><a href='/x'>Fishermen ask why nobody told them before</a></p>", "Fishermen", ""),
        ("<p>Read also: <a href='/y'>How the pivot was cast</a></p>", "Read also", ""),
        ("<p>The bridge at low tide. Photo: Ann Example</p>", "The bridge at", ""),
        ("<p>Bridge to close</p>", "Bridge to close", ""),
    ],
)
def test_what_stands_between_is_left_out_with_a_reason(between: str, text: str, reason: str) -> None:
    body = read(article(between))
    assert [block.text for block in body.kept] == TEXT
    (found,) = (
        why for dropped, why in reasons(body).items() if dropped.startswith(text) and dropped != "Bridge to clos"
    )
    assert reason in found
    assert found


def test_a_subheading_stays_with_the_text_under_it() -> None:
    body = read(article("<h3>The long way round</h3>"))
    assert [block.text for block in body.kept] == [*TEXT[:2], "The long way round", *TEXT[2:]]


def test_a_heading_over_nothing_goes() -> None:
    body = read(f"{article()}<h3>More of the harbour</h3>")
    assert [block.text for block in body.kept] == TEXT


def test_the_links_of_a_list_of_other_articles_are_related() -> None:
    box = "<div><h3>Related articles</h3><ul><li><a href='/a'>Dues rise by three per cent</a></li></ul></div>"
    body = read(article(box))
    assert [(link.title, link.url) for link in body.related] == [
        ("Dues rise by three per cent", "https://news.example.org/a")
    ]
    assert [block.text for block in body.kept] == TEXT


def test_the_first_text_shows_by_itself_where_one_element_holds_it() -> None:
    seen = look_at(tree(article() + "<div><p>Short.</p></div>"), URL, "Bridge to close", None, None)
    assert list(seen.theirs.paragraphs) == TEXT


def test_trafilatura_is_asked_where_no_element_holds_it() -> None:
    parts = "".join(f"<section><div><div><p>{text}</p></div></div></section>" for text in TEXT)
    seen = look_at(tree(f"<article>{parts}</article>"), URL, "Bridge to close", None, None)
    assert witness.plain_text(seen.blocks) is None
    assert set(TEXT) <= set(seen.theirs.paragraphs)


def constant(sureness: float) -> Trees:
    """A tree that is as sure of everything."""
    one = np.zeros(1, np.int32)
    value = np.array([np.log(sureness / (1 - sureness))], np.float32)
    return Trees(one, np.array([np.inf], np.float32), one, one, value, one, depth=1, start=0.0)


def test_the_first_text_is_believed_where_the_classifier_finds_nothing() -> None:
    seen = look_at(tree(article()), URL, "Bridge to close", None, None)
    verdicts = judge(seen, constant(0.3))
    assert [verdict.block.text for verdict in verdicts if verdict.kept][-len(TEXT) :] == TEXT


def test_the_classifier_is_believed_where_it_is_sure() -> None:
    seen = look_at(tree(article("<p>Subscribe.</p>")), URL, "Bridge to close", None, None)
    assert all(verdict.kept for verdict in judge(seen, constant(0.99)))


def test_the_trees_that_come_with_us_fit_the_features() -> None:
    trees = classifier.trees()
    assert trees.sureness(np.zeros((3, len(NAMES)), np.float32)).shape == (3,)
    assert classifier.FILE.stat().st_size < 1_000_000


def test_trees_are_evaluated_node_by_node() -> None:
    """One tree: column 1 at most 0.5, else column 0 at most 2."""
    arrays = {
        "column": np.array([1, 0, 0, 0, 0], np.int32),
        "threshold": np.array([0.5, np.inf, 2.0, np.inf, np.inf], np.float32),
        "below": np.array([1, 1, 3, 3, 4], np.int32),
        "above": np.array([2, 1, 4, 3, 4], np.int32),
        "value": np.array([0, -9, 0, 0, 9], np.float32),
        "roots": np.array([0], np.int32),
    }
    rows = np.array([[5, 0], [1, 1], [5, 1]], np.float32)
    assert Trees(**arrays, depth=3, start=0.0).sureness(rows).round(2).tolist() == [0.0, 0.5, 1.0]


def test_nothing_in_a_page_without_text() -> None:
    assert read("").kept == []
    assert extract.read_body(tree("<div></div>"), URL).verdicts[0].block.text == "Bridge to close"
