"""Articles that stand only in a page's scripts."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.embedded import body_in_scripts

FIRST = "The ferry to Holm will stop running in March, the harbour board said on Tuesday. " * 4
SECOND = "Islanders have asked for a bus boat in its place, which the board has not ruled out. " * 4
MARKUP = (
    f'<figure><figcaption><p>The ferry.</p></figcaption></figure><div class="img-caption"><p>At noon.</p></div>'
    f"<p>{FIRST}</p><h3>What comes next</h3><p>{SECOND}</p>"
)
WANTED = [FIRST.strip(), "What comes next", SECOND.strip()]


def page(script: str) -> str:
    return f"<html><head><script>{script}</script></head><body><div id=root></div></body></html>"


@pytest.mark.parametrize(
    "script",
    [
        "window.__STATE__ = " + json.dumps({"article": {"id": 7, "body": MARKUP, "teaser": "x" * 900}}),
        "self.__next_f.push([1," + json.dumps(json.dumps({"state": {"data": {"html": MARKUP}}})) + "])",
        "var a='it\\'s'; load(" + json.dumps({"content": MARKUP}) + "); var b = {c: 1};",
    ],
    ids=["state", "next.js", "javascript around it"],
)
def test_markup_in_a_string_is_the_article(script: str) -> None:
    assert body_in_scripts(page(script)) == WANTED


def test_plain_text_in_a_string_is_the_article() -> None:
    assert body_in_scripts(page(json.dumps({"text": f"{FIRST}\n\n{SECOND}"}))) == [FIRST.strip(), SECOND.strip()]


@pytest.mark.parametrize(
    "script",
    ["", 'var x = "' + "a" * 5_000 + '"', json.dumps(json.dumps({f"key{i}": i for i in range(900)})), f'"<p>{FIRST}"'],
    ids=["nothing", "a key", "data", "one paragraph"],
)
def test_other_strings_are_none(script: str) -> None:
    assert body_in_scripts(page(script)) == []


def test_an_article_that_stands_in_the_page_is_not_looked_for() -> None:
    assert body_in_scripts(f"<p>{FIRST}</p><p>{SECOND}</p>") == []


@given(st.text(alphabet='"\\<>sctip/{}[]a. \n'))
def test_any_script_gives_an_answer(script: str) -> None:
    assert isinstance(body_in_scripts(page(script + script)), list)
