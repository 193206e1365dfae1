"""A page to a Reading: text, judgement, errors. What is read in whole pages is in the golden cases."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.answer import article_object
from ingest.errors import ParseError
from ingest.model import Kind, Page, Reading, Reason
from ingest.read import read_page
from ingest.words import count_words

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
URL = "https://www.example.org/news/2026/harbour-plan"
TEXT = [
    "The council met on Tuesday and agreed on a plan for the harbour, which will be built over the next three years.",
    "Two quays are to be raised by a metre and a half, so that they stay dry in the storms that come with spring.",
    "“We should have begun a decade ago,” said the mayor, who had opposed the plan when it was first put forward.",
]


def read(body: str, url: str = URL, content_type: str = "text/html; charset=utf-8") -> Reading:
    return read_page(Page(url, body.encode(), content_type), NOW)


def page(inside: str, head: str = "<title>Harbour plan agreed</title>") -> str:
    return f"<html lang=en><head>{head}</head><body><h1>Harbour plan agreed</h1>{inside}</body></html>"


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def test_text_is_paragraphs_between_blank_lines() -> None:
    assert read(page(paragraphs(*TEXT))).text == "\n\n".join(TEXT)


def test_line_ends_in_the_source_are_spaces() -> None:
    wrapped = paragraphs(*(text.replace(", ", ",\n      ") for text in TEXT))
    assert read(page(f"<article>{wrapped}</article>")).text == "\n\n".join(TEXT)


def test_headline_and_standfirst_are_not_repeated_in_the_text() -> None:
    dek = "Quays to rise by a metre and a half as storms grow worse"
    reading = read(page(f"<article><h2 class='subtitle'>{dek}</h2>{paragraphs(*TEXT)}</article>"))
    assert (reading.standfirst, reading.text) == (dek, "\n\n".join(TEXT))


@pytest.mark.parametrize(
    "dek",
    [
        "İstanbul'da liman köprüsü bu sabah yeniden trafiğe açıldı, kent rahatladı.",
        "“The bridge is open,” said the mayor of the harbour town this morning.",
    ],
)
def test_a_standfirst_is_found_however_it_begins(dek: str) -> None:
    head = f'<title>Harbour plan agreed</title><meta name="description" content="{dek}">'
    html = page(f"<div>\n<div><span>{dek}</span></div></div>{paragraphs(*TEXT)}", head)
    assert read(html).standfirst == dek


def test_a_description_that_repeats_the_first_paragraph_is_no_standfirst() -> None:
    head = f'<title>Harbour plan agreed</title><meta name="description" content="{TEXT[0]}">'
    reading = read(page(paragraphs(*TEXT), head))
    assert reading.standfirst is None
    assert reading.text.startswith(TEXT[0])


@pytest.mark.parametrize(
    "box",
    [
        "<p>Advertisement</p>",
        "<p>Read more: How the old quays were built, and by whom</p>",
        "<div class='newsletter-signup'><p>Get the tide table by email, every morning at six.</p></div>",
        "<figure><img src=a.jpg><figcaption>The harbour at dawn, seen from the hill</figcaption></figure>",
        "<div><h3>Most read</h3><ul><li><a href=/x>Something quite different happened</a></li></ul></div>",
        "<aside><p>A box with facts about the harbour that is not part of the text.</p></aside>",
    ],
)
def test_what_stands_between_the_paragraphs_is_left_out(box: str) -> None:
    inside = paragraphs(TEXT[0]) + box + paragraphs(*TEXT[1:])
    assert read(page(f"<article>{inside}</article>")).text == "\n\n".join(TEXT)


def test_related_links_are_kept_apart_with_absolute_addresses() -> None:
    box = "<div><h2>Related</h2><ul><li><a href='/a'>How the old quays were built</a></li></ul></div>"
    reading = read(page(f"<article>{paragraphs(*TEXT)}</article>{box}"))
    assert [(link.title, link.url) for link in reading.related] == [
        ("How the old quays were built", "https://www.example.org/a")
    ]
    assert "old quays were built" not in reading.text


def test_the_body_in_json_ld_stands_in_where_the_markup_has_none() -> None:
    said = json.dumps({"@type": "NewsArticle", "headline": "Harbour plan agreed", "articleBody": "\n\n".join(TEXT)})
    head = f"<title>x</title><script type='application/ld+json'>{said}</script>"
    reading = read(page("<div id=app></div>", head))
    assert reading.text == "\n\n".join(TEXT)
    assert reading.provenance["text"] == "json-ld"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("It’s a well-known fact: 4.5 per cent", 8),
        ("港湾局は、十五日", 7),
        ("한국 경제", 2),
        ("— … !", 0),
        ("पुराना पुल ग्यारह सप्ताह के लिए बंद रहेगा।", 8),  # vowel signs are no letters to re
        ("کار شبانه را بررسی می\u200cکنیم", 5),
        ("גשר לאחד־עשר שבועות", 3),
    ],
)
def test_words_are_counted_in_every_script(text: str, count: int) -> None:
    assert count_words(text) == count


@pytest.mark.parametrize(
    ("text", "language"), [(" ".join(TEXT), "en"), ("Die Fähre fällt nach Angaben der Behörde bis Ostern aus.", "de")]
)
def test_language_is_judged_by_the_text_where_the_page_is_silent(text: str, language: str) -> None:
    reading = read(f"<html><body><h1>Title</h1><p>{text}</p></body></html>")
    assert (reading.language, reading.provenance["language"]) == (language, "text")


@pytest.mark.parametrize(
    ("body", "url", "reason"),
    [
        (page(""), URL, Reason.EMPTY_PAGE),
        (page(paragraphs(*TEXT)), "https://www.example.org/", Reason.HOME_PAGE),
        ("<?xml version='1.0'?><rss><channel><title>x</title></channel></rss>", URL, Reason.NOT_AN_ARTICLE),
    ],
)
def test_what_is_no_article_says_why(body: str, url: str, reason: Reason) -> None:
    reading = read(body, url)
    kind = Kind.INDEX if reason is Reason.HOME_PAGE else Kind.NOT_ARTICLE
    assert (reading.kind, reading.reason) == (kind, reason)


def test_reason_is_set_exactly_where_it_is_no_article() -> None:
    assert read(page(paragraphs(*TEXT))).reason is None


def test_the_article_object_is_json_with_offsets() -> None:
    head = '<meta property="article:published_time" content="2026-11-20T10:00:00+01:00">'
    answer = json.loads(json.dumps(article_object(read(page(paragraphs(*TEXT), head)))))
    assert answer["published"] == "2026-11-20T09:00:00+00:00"
    assert answer["extractor"].startswith("dateline/")
    assert set(answer) == {
        *("url", "canonical_url", "title", "standfirst", "authors", "agency", "published", "modified", "language"),
        *(
            "site_name",
            "section",
            "tags",
            "image",
            "text",
            "text_markdown",
            "related",
            "paywalled",
            "kind",
            "reason",
            "word_count",
        ),
        *("extractor", "provenance"),
    }


def test_reading_does_not_depend_on_what_was_read_before() -> None:
    body = page(paragraphs(*TEXT))
    assert len({read(body).text for _ in range(6)}) == 1


@pytest.mark.parametrize(
    "body",
    [
        "<html><body>" + "<div>" * 2_000 + "<p>" + TEXT[0],
        "<html><body>" + "<blockquote>" * 1_500 + "<ul><li>" * 200 + TEXT[0],
        "<html><body>" + "<h2>Related</h2>" * 2_000,
        "<html><body><p>" + "&#1;&#xFFFF;&#xD800;" * 200 + TEXT[0],
        "<html><head><script type='application/ld+json'>" + "[" * 50_000 + "</script></head>" + TEXT[0],
        "<html><head><script type='application/ld+json'>" + '{"@graph":[' * 900 + "</script></head>" + TEXT[0],
        "<html><head><script type='application/ld+json'>{\"headline\":" + "9" * 9_000 + "}</script></head>" + TEXT[0],
        "<html><head><title>" + " | " * 50_000 + "</title></head><body>" + TEXT[0],
        "<html><meta name=author content='" + ", and " * 2_000 + "'><body>" + TEXT[0],
    ],
    ids=range(9),
)
def test_hostile_pages_end_in_a_reading(body: str) -> None:
    assert isinstance(read(body), Reading)


PIECES = [
    *(
        "<html>",
        "<body>",
        "<p>",
        "</p>",
        "<div class='lead'>",
        "</div>",
        "<h1>",
        "<h2>Related",
        "<a href='//x.y'>",
        "<br>",
    ),
    *("<table><tr><td>", "<ul><li>", "<figure>", "<time datetime='2026-13-45'>", "<meta name='author' content='By X'>"),
    "<link rel=canonical href='http://['>",
    '<script type=\'application/ld+json\'>{"@type":[1,null],"author":[[{}]]}',
    *("</script>", '<html lang="">', "words and more words ", "&#0;", "\ue001", "港", "<!--", "-->", "<svg>", "\ud800"),
]
MARKUP = st.lists(st.sampled_from(PIECES), max_size=40)


@settings(max_examples=60)
@given(MARKUP)
def test_arbitrary_markup_gives_a_reading_or_our_error(parts: list[str]) -> None:
    body = "".join(parts).encode("utf-8", "surrogatepass")
    try:
        reading = read_page(Page(URL, body, "text/html"), NOW)
    except ParseError as error:
        if error.reason is Reason.READ_FAILED:
            raise
        return
    json.dumps(article_object(reading)).encode()


def test_judging_walls_needs_no_parser() -> None:
    code = "import sys, ingest.walls; sys.exit(any(m in sys.modules for m in ('lxml', 'trafilatura', 'numpy')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
