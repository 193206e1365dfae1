"""JSON as it goes wrong on pages: what is forgiven, and that nothing hangs or raises anything else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import jsonld
from ingest.mend import mended


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": "he said "no", and left", "b": 1}', {"a": 'he said "no", and left', "b": 1}),
        ('{"a": "two\nlines"}', {"a": "two\nlines"}),
        ('{"a": "x"\n "b": "y"}', {"a": "x", "b": "y"}),
        ('{"a": ["x"], "b": [1,,2,]}', {"a": ["x"], "b": [1, 2]}),
        ("{'a': 'it\\'s', b: 'the sea's edge'}", {"a": "it's", "b": "the sea's edge"}),
        ('<!-- {"a": true, /* no */ "b": null} -->', {"a": True, "b": None}),
        ('// first\n{"a": "http://x.example/y"} // last', {"a": "http://x.example/y"}),
        ('{"a": "x", "b": "cut of', {"a": "x"}),
        ('{"a": {"name": "Jane"}, "b": [{"name": "Jo', {"a": {"name": "Jane"}, "b": [{}]}),
        ('{"a": "\\u00e9\\n\\"x\\""}', {"a": 'é\n"x"'}),
        ('{"a": }', {}),
        ('var ld = {"a": 1};', {"a": 1}),
    ],
)
def test_what_is_forgiven(text: str, value: Any) -> None:
    assert mended(text) == value


@pytest.mark.parametrize("text", ["", "nothing", "x" * 400_000, "[" * 10_000, '{"a":' * 10_000])
def test_what_is_not(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        mended(text)


@given(st.text(alphabet="{}[]\"':,\\/*<!->abn1 \n\u0000é\ud800", max_size=80))
def test_any_text_gives_values_and_raises_nothing(text: str) -> None:
    assert isinstance(jsonld.documents(text), list)


def test_entities_in_place_of_quotes() -> None:
    assert jsonld.documents("{&quot;@type&quot;:&quot;Article&quot;,&quot;headline&quot;:&quot;H&quot;}") == [
        {"@type": "Article", "headline": "H"}
    ]
