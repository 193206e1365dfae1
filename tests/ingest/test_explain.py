"""The explanation of a page: every block with what became of it, every field with its witnesses."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.answer import explanation_object
from ingest.boilerplate import block_key
from ingest.errors import ParseError
from ingest.model import BlockSeen, Explanation, Fate, Page, Reading, Reason
from ingest.read import read_page
from tests.test_golden import CASES, entry_of

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
URL = "https://news.example.org/2026/breakwater"
TEXT = """
The harbour council voted on Tuesday night to rebuild the northern breakwater, which two storms had broken in a single
month, and to close the fish market for as long as the work takes.

“We have waited nineteen years for this,” said the harbour master, Ingrid Solheim, who had asked for the money in each
of them and had been refused by four councils in turn.

Work begins in March. Until then the fleet will land its catch forty kilometres to the south, and the council will pay
for the lorries that bring it back to the town's own buyers.

The fishermen's union welcomed the vote but said that a breakwater alone would not bring back the boats that had left
the town for good since the first of the storms.
"""
PARAGRAPHS = [" ".join(paragraph.split()) for paragraph in TEXT.split("\n\n")]
SCRIPT = {
    "@context": "https://schema.org", "@type": "NewsArticle", "headline": "Breakwater to be rebuilt after storms",
    "author": {"@type": "Person", "name": "Nora Lindqvist"}, "datePublished": "2026-11-22T07:30:00+01:00",
}  # fmt: skip
HTML = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<title>Breakwater to be rebuilt after storms | Northern Courier</title>
<meta property="og:title" content="Breakwater to be rebuilt after storms">
<meta property="og:site_name" content="Northern Courier"><meta property="og:type" content="article">
<meta name="author" content="Courier Newsroom"><link rel="canonical" href="{URL}">
<script type="application/ld+json">{json.dumps(SCRIPT)}</script></head>
<body><div class="masthead"><p>Saturday, and the weather is fine</p></div><main><article class="story">
<h1>Breakwater to be rebuilt after storms</h1><p class="standfirst">Four councils refused; the fifth votes for it.</p>
<div class="story-body">{"".join(f"<p>{text}</p>" for text in PARAGRAPHS[:2])}
<div class="related-stories"><h3>Related stories</h3>
<ul><li><a href="/1">Ferry runs aground in the sound</a></li></ul></div>
{"".join(f"<p>{text}</p>" for text in PARAGRAPHS[2:])}
<p>Read more: The long history of the harbour</p></div></article>
<div class="newsletter-signup"><p>Our letter comes on Fridays.</p></div></main></body></html>"""


def explained(page: Page, now: datetime = NOW) -> tuple[Reading, Explanation]:
    """The answer; the explanation as another process would get it."""
    explanation = Explanation()
    reading = read_page(page, now, explanation)
    return reading, pickle.loads(pickle.dumps(explanation))


def kept(explanation: Explanation) -> list[str]:
    return [block.text for block in explanation.blocks if block.fate is Fate.KEPT]


def fates(explanation: Explanation) -> dict[str, tuple[str, str]]:
    return {block.text: (block.fate.value, block.reason) for block in explanation.blocks}


def test_every_block_of_the_page_in_its_order() -> None:
    _, explanation = explained(Page(URL, HTML.encode(), "text/html"))
    assert [(block.fate.value, block.reason, block.text) for block in explanation.blocks] == [
        ("dropped", "unlike an article's text", "Saturday, and the weather is fine"),
        ("dropped", "unlike an article's text", "Breakwater to be rebuilt after storms"),
        ("standfirst", "", "Four councils refused; the fifth votes for it."),
        ("kept", "like an article's text", PARAGRAPHS[0]),
        ("kept", "like an article's text", PARAGRAPHS[1]),
        ("box", "related", "Related stories"),
        ("box", "related", "Ferry runs aground in the sound"),
        ("kept", "like an article's text", PARAGRAPHS[2]),
        ("kept", "like an article's text", PARAGRAPHS[3]),
        ("dropped", "pointer to another article", "Read more: The long history of the harbour"),
        ("box", "other", "Our letter comes on Fridays."),
    ]


def test_a_block_names_its_element_and_how_sure_the_classifier_was() -> None:
    _, explanation = explained(Page(URL, HTML.encode(), "text/html"))
    masthead, _, standfirst, first, *_ = explanation.blocks
    assert (masthead.tag, masthead.mark, masthead.within) == ("p", "", "div masthead")
    assert (standfirst.tag, standfirst.mark, standfirst.within) == ("p", "standfirst", "article story")
    assert standfirst.sureness is None  # nobody asked
    assert masthead.sureness is not None
    assert first.sureness is not None
    assert 0 <= masthead.sureness < 0.5 < first.sureness <= 1


def test_every_field_has_its_witnesses_and_one_that_won() -> None:
    _, explanation = explained(Page(URL, HTML.encode(), "text/html"))
    assert explanation.won["authors"] == ("json-ld", "Nora Lindqvist")
    assert ("meta", "Courier Newsroom") in explanation.witnesses["authors"]
    assert explanation.won["published"] == ("json-ld", "2026-11-22T06:30:00+00:00")
    assert explanation.won["standfirst"] == ("page", "Four councils refused; the fifth votes for it.")
    assert explanation.won["canonical_url"] == ("html", URL)
    assert {source for source, _ in explanation.witnesses["title"]} >= {"json-ld", "og", "title"}
    for name, winner in explanation.won.items():
        assert winner in explanation.witnesses[name]


def test_the_json_form_says_the_same() -> None:
    _, explanation = explained(Page(URL, HTML.encode(), "text/html"))
    said = json.loads(json.dumps(explanation_object(explanation)))
    assert set(said) == {"blocks", "witnesses"}
    assert said["blocks"][2] == {
        "fate": "standfirst", "reason": "", "sureness": None, "element": "p", "class": "standfirst",
        "within": "article story", "text": "Four councils refused; the fifth votes for it.",
    }  # fmt: skip
    for name, candidates in said["witnesses"].items():
        won = [(one["source"], one["value"]) for one in candidates if one["won"]]
        assert won == [explanation.won[name]] if name in explanation.won else won == []


def test_what_was_recovered_is_named_so() -> None:
    script = json.dumps({**SCRIPT, "articleBody": "\n\n".join(PARAGRAPHS)})
    html = (
        f'<html><head><script type="application/ld+json">{script}</script></head>'
        "<body><h1>Breakwater</h1><p>Please switch on scripts.</p></body></html>"
    )
    reading, explanation = explained(Page(URL, html.encode(), "text/html"))
    assert reading.provenance["text"] == "json-ld"
    assert {block.reason for block in explanation.blocks if block.fate is Fate.KEPT} == {"found in JSON-LD"}
    assert kept(explanation) == PARAGRAPHS
    assert fates(explanation)["Please switch on scripts."][0] == "dropped"


def test_a_block_that_recurs_on_the_host_is_dropped_for_that() -> None:
    page = Page(URL, HTML.encode(), "text/html", boilerplate=frozenset({block_key(PARAGRAPHS[3])}))
    reading, explanation = explained(page)
    assert PARAGRAPHS[3] not in reading.text
    assert fates(explanation)[PARAGRAPHS[3]] == ("dropped", "boilerplate of the host")


def test_a_page_saved_as_text() -> None:
    lines = ["Breakwater to be rebuilt after storms", "By Nora Lindqvist", "22 November 2026", *PARAGRAPHS]
    lines += ["Related stories", "• Ferry runs aground in the sound after a fire", "© 2026 Northern Courier"]
    reading, explanation = explained(Page(URL, "\n\n".join(lines).encode(), "text/plain"))
    assert reading.text == "\n\n".join(PARAGRAPHS)
    seen = fates(explanation)
    assert [seen[line] for line in lines[:3]] == [
        ("dropped", "headline"),
        ("dropped", "a byline"),
        ("dropped", "a date"),
    ]
    assert {seen[text] for text in PARAGRAPHS} == {("kept", "a paragraph of the text")}
    assert explanation.won["authors"] == ("text", "Nora Lindqvist")


def test_a_page_that_is_no_article_is_explained_too() -> None:
    html = "<html><head><title>Contact</title></head><body><h1>Contact</h1><p>Write to us, or call.</p></body></html>"
    reading, explanation = explained(Page("https://news.example.org/contact", html.encode(), "text/html"))
    assert reading.reason is Reason.EMPTY_PAGE
    assert [block.text for block in explanation.blocks] == ["Contact", "Write to us, or call."]


def test_an_explanation_changes_nothing() -> None:
    page = Page(URL, HTML.encode(), "text/html")
    assert explained(page)[0] == read_page(page, NOW)


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_the_kept_blocks_are_the_text(folder: Path) -> None:
    case = json.loads((folder / "expected.json").read_text("utf-8"))
    body = next(folder.glob("page.*")).read_bytes()
    page = Page(case["url"], body, case.get("content_type"), case.get("final_url"), entry_of(case.get("entry")))
    now = datetime.fromisoformat(case["now"])
    if "error" in case["expect"]:
        with pytest.raises(ParseError):
            explained(page, now)
        return
    reading, explanation = explained(page, now)
    assert "\n\n".join(kept(explanation)) == reading.text
    assert all(isinstance(block, BlockSeen) for block in explanation.blocks)
    assert reading == read_page(page, now)
    for name, winner in explanation.won.items():
        assert winner in explanation.witnesses[name]
