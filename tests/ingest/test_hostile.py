"""Pages that mean harm, or look as if they did: each has an outcome, within the limits of a worker."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import ParseError
from ingest.model import Page, Reading, Reason
from ingest.read import read_page
from jobs.extractor import Extractor

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
URL = "https://www.example.org/news/2026/breakwater-is-rebuilt"
PLACES = ("breakwater", "lighthouse", "ferry", "bridge", "quay", "market", "school", "station")
PARAGRAPHS = [
    f"The {place} was rebuilt in the spring, said the mayor, and number {number} of the ships came back to the {place}."
    for number, place in enumerate(PLACES)
]
TITLE = "The breakwater is rebuilt"
ARTICLE = f"<h1>{TITLE}</h1>" + "".join(f"<p>{text} {text}</p>" for text in PARAGRAPHS)


@pytest.fixture(scope="module")
def extractor() -> Iterator[Extractor]:
    pool = Extractor(workers=1, timeout_s=60, memory_bytes=1_000_000_000)
    pool.start()
    try:
        yield pool
    finally:
        pool.stop()


def read(extractor: Extractor, body: str | bytes, content_type: str = "text/html") -> Reading | ParseError:
    raw = body if isinstance(body, bytes) else body.encode()
    try:
        return extractor.result(extractor.submit_page(Page(URL, raw, content_type), NOW))
    except ParseError as error:
        return error


def page(behind: str = "", *, head: str = "", before: str = "") -> str:
    return f"<html><head><title>{TITLE}</title>{head}</head><body>{before}{ARTICLE}{behind}</body></html>"


def ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


def news(**more: object) -> str:
    return json.dumps({"@type": "NewsArticle", "headline": TITLE, **more})


# What must be read nevertheless, whole.
READ: dict[str, Callable[[], str]] = {
    "30,000 list links": lambda: page(
        f"<ul>{''.join(f'<li><a href=/s/{n}>A headline of story number {n}</a></li>' for n in range(30_000))}</ul>"
    ),
    "NUL bytes": lambda: page().replace("spring", "spr\0ing").replace("<p>", "<p\0>"),
    "JSON-LD of 5 MB": lambda: page(head=ld(news(articleBody="word " * 1_000_000))),
    "JSON-LD of 0.9 MB, four times": lambda: page(head=ld(news(description="word " * 180_000)) * 4),
    "JSON-LD nested deeply": lambda: page(head=ld('{"a":' * 200_000) + ld("[" * 200_000) + ld("{}" * 200_000)),
    "JSON-LD of semicolons": lambda: page(head=ld('{"a":1' + ";" * 400_000 + "x")),
    "JSON-LD of line ends": lambda: page(head=ld('{"a":1' + "\n" * 400_000 + "x")),
    "JSON-LD of spaces": lambda: page(head=ld(news(articleBody="a" * 300 + " " * 400_000 + "b"))),
    "40,000 meta tags": lambda: page(head='<meta name="author" content="Jane Doe">' * 40_000),
    "20,000 headlines": lambda: page(before=f"<h1>{TITLE}</h1>" * 20_000),
    "a class of 1 MB": lambda: page(before=f'<div class="{"by line lead " * 80_000}">A box</div>'),
    "5,000 times": lambda: page(before='<time datetime="2026-01-01">x</time>' * 5_000),
    "5,000 figures": lambda: page(
        "<figure><img src=/a.jpg><figcaption>A boat (Photo: x)</figcaption></figure>" * 5_000
    ),
    "5,000 authors": lambda: page("<a rel=author href=/x>Jane Doe</a>" * 5_000),
    "10,000 related boxes": lambda: page("<div>" + "<p>Related</p>" * 10_000 + "</div>"),
    "10,000 sign-ups with text between": lambda: page(
        "<div>" + "<div class=newsletter>x</div> or " * 10_000 + "</div>"
    ),
    "related links far down": lambda: page("<div>" * 90 + "<h3>Related</h3><a href=/x>One of many links</a>" * 2_000),
    "markup in every attribute": lambda: page(
        "".join(f"<p title='<p>{n}</p>' class=\"<script>\" data-x='</body>'>x</p>" for n in range(2_000))
    ),
    "an unclosed comment": lambda: page("<!-- " + "<p>x</p> - " * 100_000),
    "an unclosed script": lambda: page("<script>" + "<p>x</p> - " * 100_000),
    "an unclosed style": lambda: page("<style>" + "<p>x</p> - " * 100_000),
    "an unclosed textarea": lambda: page("<textarea>" + "<p>x</p> - " * 100_000),
    "a title of 2 MB": lambda: page().replace("<title>", "<title>" + "A word | " * 200_000),
    "an entity bomb": lambda: (
        '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + page("<p>&b;&b;&b;" * 99)
    ),
    "references without end": lambda: page("<p>" + "&#000000" * 100_000),
}


@pytest.mark.parametrize("name", READ)
def test_a_hostile_page_is_read_whole(extractor: Extractor, name: str) -> None:
    reading = read(extractor, READ[name]())
    assert isinstance(reading, Reading), reading
    assert [text for text in PARAGRAPHS if text not in reading.text] == []


REFUSED: dict[str, tuple[Callable[[], str | bytes], Reason]] = {
    "50,000 attributes": (
        lambda: page(f"<p {' '.join(f'a{n}=1' for n in range(50_000))}>x</p>"),
        Reason.TOO_COMPLEX,
    ),
    "50,000 attributes of a script": (
        lambda: page(f"<script {' '.join(f'a{n}' for n in range(50_000))}></script>"),
        Reason.TOO_COMPLEX,
    ),
    "a million line breaks": (lambda: page("<br>" * 1_000_000), Reason.TOO_COMPLEX),
    "a PDF": (lambda: b"%PDF-1.7\n" + bytes(range(256)) * 1_000, Reason.WRONG_TYPE),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 1_000, Reason.WRONG_TYPE),
    "a JPEG": (lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 1_000, Reason.WRONG_TYPE),
    "spaces": (lambda: " \n" * 2_000_000, Reason.EMPTY_PAGE),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hopeless_page_is_refused_with_a_reason(extractor: Extractor, name: str) -> None:
    body, reason = REFUSED[name]
    error = read(extractor, body())
    assert isinstance(error, ParseError)
    assert error.reason is reason


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-16", "utf-32", "utf-8-sig"])
def test_wide_characters_need_no_declaration(extractor: Extractor, codec: str) -> None:
    reading = read(extractor, page().encode(codec))
    assert isinstance(reading, Reading)
    assert [text for text in PARAGRAPHS if text not in reading.text] == []


def test_a_text_of_four_megabytes_in_one_piece_is_read(extractor: Extractor) -> None:
    reading = read(extractor, page(f"<p>{'All the ships came back. ' * 160_000}</p>"))
    assert isinstance(reading, Reading)
    assert reading.title == TITLE
    assert len(reading.text) > 1_000_000


def test_eight_megabytes_of_paragraphs_are_read(extractor: Extractor) -> None:
    text = "Paragraph {} of the report has its own words, as many as such a paragraph mostly has on a page of news. "
    reading = read(extractor, page("".join(f"<p>{text.format(n) * 9}</p>" for n in range(8_000))))
    assert isinstance(reading, Reading)
    assert len(reading.text) > 1_000_000


# --- properties -----------------------------------------------------------------------------------------------------

MARKUP = st.text(alphabet="<>/!?-='\"& \n#;[]{}:,abpx1é\xa0\u2028\x00", max_size=300)
TYPES = st.sampled_from(["text/html", "text/html; charset=utf-16", "application/xhtml+xml", "text/plain", "x", ""])


def outcome(body: bytes, content_type: str) -> Reading | Reason:
    try:
        return read_page(Page(URL, body, content_type), NOW)
    except ParseError as error:
        return error.reason


@given(st.binary(max_size=400), TYPES)
def test_arbitrary_bytes_are_read_or_refused(body: bytes, content_type: str) -> None:
    assert outcome(body, content_type) is not Reason.READ_FAILED


@given(MARKUP, TYPES)
def test_arbitrary_markup_is_read_or_refused(text: str, content_type: str) -> None:
    assert outcome(text.encode(), content_type) is not Reason.READ_FAILED


@given(MARKUP, MARKUP, MARKUP)
def test_anything_in_a_page_is_read_or_refused(title: str, script: str, body: str) -> None:
    head = f"<title>{title}</title>{ld(script)}{ld(json.dumps({'headline': title, 'author': [script], '@id': body}))}"
    assert outcome(page(body, head=head).encode(), "text/html") is not Reason.READ_FAILED
