"""Articles that stand only in a page's scripts."""

from __future__ import annotations

import html
import json
import time
from typing import Any

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


# --- articles in arrays of blocks -------------------------------------------------------------------------------------

A = "The harbour board of Holm said on Tuesday that the ferry will stop running in March, for want of a captain."
B = "“We have looked for a captain since August,” said Ines Calder, who chairs the board. “Nobody has written to us.”"
C = "Islanders have asked for a bus boat in its place. The board has not ruled that out, but it has no boat either."
D = "The last crossing is to be on 28 February, at six in the evening, and whoever wants to come may do so for nothing."
HEAD = "What comes next"
TEXT = [A, B, HEAD, C, D]
SENTENCES = [
    f"{name} has a story of its own to tell, which is as long as any other, and ends here." for name in "KLMNOP"
]


def span(text: str) -> list[dict[str, object]]:
    """A paragraph in two pieces, as editors keep bold text."""
    return [{"text": text[:24], "bold": True}, {"text": text[24:]}]


def draft(texts: list[str]) -> object:
    kinds = {HEAD: "header-two"}
    blocks = [
        {"key": f"k{n}", "text": t, "type": kinds.get(t, "unstyled"), "entityRanges": []} for n, t in enumerate(texts)
    ]
    return {"blocks": blocks, "entityMap": {}}


def portable(texts: list[str]) -> object:
    photo = {"_type": "image", "caption": "The ferry Marie at noon, before she was painted. She is white now."}
    blocks: list[object] = [
        {
            "_type": "block",
            "style": "h2" if t == HEAD else "normal",
            "markDefs": [],
            "children": [{"_type": "span", **s} for s in span(t)],
        }
        for t in texts
    ]
    return {"body": [*blocks[:2], photo, *blocks[2:]]}


def prosemirror(texts: list[str]) -> object:
    nodes = [
        {"type": "heading" if t == HEAD else "paragraph", "content": [{"type": "text", **s} for s in span(t)]}
        for t in texts
    ]
    return {"type": "doc", "content": nodes}


def slate(texts: list[str]) -> object:
    link = {"type": "link", "url": "https://x.example", "children": [{"text": A[20:40]}]}
    first = {"type": "paragraph", "children": [{"text": A[:20]}, link, {"text": A[40:]}]}
    return [first, *({"type": "paragraph", "children": span(t)} for t in texts[1:])]


def arc(texts: list[str]) -> object:
    elements: list[object] = [
        {"_id": f"E{n}", "type": "header" if t == HEAD else "text", "content": f"<b>{t[:9]}</b>{t[9:]}"}
        for n, t in enumerate(texts)
    ]
    elements.insert(
        1,
        {
            "type": "image",
            "caption": "The ferry, in a picture that was taken in May. It was warm.",
            "url": "https://i.example/1.jpg",
        },
    )
    elements.insert(
        3,
        {
            "type": "interstitial_link",
            "content": "Read more: what became of the other ferry, and of her crew.",
            "url": "https://x.example",
        },
    )
    elements.append(
        {
            "type": "raw_html",
            "content": "<iframe src=x></iframe> This is a frame of somebody else. It has two sentences.",
        }
    )
    return {"content_elements": elements, "_id": "A1"}


def editor_js(texts: list[str]) -> object:
    return {
        "blocks": [
            {"id": str(n), "type": "header" if t == HEAD else "paragraph", "data": {"text": t}}
            for n, t in enumerate(texts)
        ]
    }


def contentful(texts: list[str]) -> object:
    nodes = [
        {
            "nodeType": "heading-2" if t == HEAD else "paragraph",
            "data": {},
            "content": [{"nodeType": "text", "value": t, "marks": []}],
        }
        for t in texts
    ]
    return {"nodeType": "document", "data": {}, "content": nodes}


def gutenberg(texts: list[str]) -> object:
    return {
        "blocks": [
            {"name": "core/heading" if t == HEAD else "core/paragraph", "attributes": {"content": t}} for t in texts
        ]
    }


def rendered(texts: list[str]) -> object:
    markup = "".join(f"<h2>{t}</h2>" if t == HEAD else f"<p>{t}</p>" for t in texts)
    return {"id": 7, "content": {"rendered": markup, "protected": False}, "excerpt": {"rendered": f"<p>{A}</p>"}}


def strings(texts: list[str]) -> object:
    return {"paragraphs": texts}


FORMATS = [draft, portable, prosemirror, slate, arc, editor_js, contentful, gutenberg, rendered, strings]


def around(body: object) -> dict[str, object]:
    """A state object with an article, teasers, comments, messages and another article in it."""
    teasers = [{"title": f"Another story, number {n}", "text": s, "url": f"/a{n}"} for n, s in enumerate(SENTENCES)]
    comments = [{"author": f"reader{n}", "text": s, "likes": n} for n, s in enumerate(SENTENCES)]
    texts = ["We use cookies to make the site work. You can read more in our privacy policy.", "Loading…"]
    return {
        "props": {"page": {"article": {"headline": "Ferry to stop", "body": body}, "teasers": teasers}},
        "comments": comments,
        "i18n": texts,
        "images": [{"caption": s, "src": "x.jpg"} for s in SENTENCES],
    }


@pytest.mark.parametrize("build", FORMATS)
@pytest.mark.parametrize(
    "script",
    [
        lambda state: json.dumps(state),
        lambda state: f"window.__STATE__ = {json.dumps(state)};window.__STATE__.at = 1;",
        lambda state: f"window.__STATE__ = JSON.parse({json.dumps(json.dumps(state))});",
        lambda state: f"window.x=function(){{return 1}};\nApp.start({json.dumps(state)})",
    ],
    ids=["json", "assigned", "string", "passed"],
)
def test_paragraphs_of_an_array_are_put_together_in_order(build: Any, script: Any) -> None:
    assert body_in_scripts(page(script(around(build(TEXT))))) == TEXT


@pytest.mark.parametrize("build", FORMATS)
def test_of_two_articles_the_one_with_the_title_of_the_page(build: Any) -> None:
    other = build([*SENTENCES, *SENTENCES, *SENTENCES])
    state = [
        {"headline": "Something else altogether", "body": other},
        {"headline": "Ferry to Holm to stop", "body": build(TEXT)},
    ]
    assert body_in_scripts(page(json.dumps(state)), "Ferry to Holm to stop", "No captain was found") == TEXT


def test_state_in_an_attribute() -> None:
    state = html.escape(json.dumps(around(portable(TEXT))))
    assert body_in_scripts(f'<div id="app" data-page="{state}"></div>') == TEXT


def test_elements_that_react_streams() -> None:
    def element(tag: str, children: object) -> list[object]:
        return ["$", tag, None, {"children": children}]

    split = element("p", [A[:30], element("a", A[30:50]), A[50:]])
    menu = element("nav", [element("a", "Home"), element("a", "Sport")])
    article = element("article", [split, element("p", B), element("h2", HEAD), element("p", C), element("p", D)])
    rows = f'1:HL["/x.css","style"]\n2:{json.dumps(element("main", [menu, article]))}\n'
    half = len(rows) // 2
    pushes = "".join(
        f"<script>self.__next_f.push({json.dumps([1, part])})</script>" for part in (rows[:half], rows[half:])
    )
    assert body_in_scripts(f"<html><body>{pushes}</body></html>") == TEXT


def test_a_text_that_react_streams_as_a_row() -> None:
    markup = "".join(f'<p class="x">{t}</p>' for t in (A, B, C, D))
    rows = f'1:["$","div",null,{{"children":"$2"}}]\n2:T{len(markup.encode()):x},{markup}3:["$","p",null,{{}}]\n'
    assert body_in_scripts(page(f"self.__next_f.push({json.dumps([1, rows])})")) == [A, B, C, D]


def test_paragraphs_in_a_program() -> None:
    """What Nuxt writes is a function, not JSON."""
    blocks = ",".join(f"{{type:{'c' if t == HEAD else 'b'},text:{json.dumps(t)}}}" for t in TEXT)
    script = (
        f'window.__NUXT__=(function(a,b,c){{return {{data:[{{title:"Ferry",blocks:[{blocks}]}}]}}}}(null,"p","h"));'
    )
    assert body_in_scripts(page(script)) == TEXT


def test_messages_are_no_article() -> None:
    texts = [
        f"We use cookies for purpose {n}, and you can reject that in your privacy settings at any time."
        for n in range(9)
    ]
    assert body_in_scripts(page(json.dumps({"consent": texts}))) == []


def test_a_large_state_takes_little_time() -> None:
    state = {"queries": [around(portable(TEXT)) | {"n": n, "long": "x" * 400} for n in range(900)]}
    source = page(json.dumps(state))
    assert len(source) > 3_000_000
    start = time.process_time()
    assert body_in_scripts(source, "Ferry to stop") == TEXT
    assert time.process_time() - start < 3  # 0.2 s measured


def test_deep_json_is_survived() -> None:
    assert body_in_scripts(page("[" * 100_000 + "]" * 100_000)) == []
    assert body_in_scripts(page('{"children":[' * 500 + json.dumps(TEXT) + "]}" * 500)) in ([], TEXT)


JSON = st.recursive(
    st.none() | st.integers() | st.sampled_from([*TEXT, "", "<p>", "text", "$"]),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.sampled_from(["text", "children", "type", "title", "url"]), inner)
    ),
    max_leaves=30,
)


@given(JSON)
def test_any_json_gives_strings_of_it(value: object) -> None:
    found = body_in_scripts(page(json.dumps(value)), "Ferry", None)
    said = " ".join(json.dumps(value, ensure_ascii=False).replace('\\"', '"').split())
    assert all(isinstance(text, str) and text.strip() for text in found)
    assert all(any(part in said for part in (text, text[:40])) for text in found)
