"""What a parser is given: no tag hidden from our count, nothing lost to depth."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import markup
from ingest.errors import ParseError
from ingest.markup import TAG, attributes, flatten, odd_tags, parse_html, refuse_complex
from ingest.model import Page, Reading, Reason
from ingest.read import read_page

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PLACES = ("breakwater", "lighthouse", "ferry", "bridge", "quay", "market", "school", "station")
PARAGRAPHS = [
    f"The {place} was rebuilt in the spring, said the mayor, and number {number} of the ships came back to the {place}."
    for number, place in enumerate(PLACES)
]
HEADLINE = "<h1>The breakwater is rebuilt</h1>"
ARTICLE = HEADLINE + "".join(f"<p>{text} {text}</p>" for text in PARAGRAPHS)
PIECES = (
    "<", ">", "</", "<!", "<?", "<!--", "-->", "--!>", "<p ", "<p>", "</p>", "<p a=", "<a=", "b=", '"', "'", "=", " ",
    "/", "/>", "\n", "\xa0", "é", "x", "-", "!", "<script", "<script>", "</script>", "</script ", "<STYLE ", "</style>",
    "<style>", "<textarea>", "</textarea>", "<title>", "</title>", "q r s ",
)  # fmt: skip
NESTS = ("div", "span", "b", "font color=red", "table><tr><td", "ul><li", "section", "blockquote", "p", "i><div", "x-y")


def nested(tag: str, depth: int, *, closed: bool = True) -> str:
    ends = "".join(f"</{part.split()[0]}>" for part in reversed(tag.split("><"))) if closed else ""
    return f"<title>The breakwater is rebuilt</title><body>{f'<{tag}>' * depth}{ARTICLE}{ends * depth}</body>"


def read(page: str) -> Reading:
    return read_page(Page("https://www.example.org/news/story", page.encode(), "text/html"), NOW)


# --- tags -----------------------------------------------------------------------------------------------------------


def tags(text: str) -> list[str]:
    return [match["tag"] for match in TAG.finditer(text) if match["tag"]]


@given(st.lists(st.sampled_from(PIECES), max_size=9), st.lists(st.sampled_from(PIECES), max_size=4))
@settings(max_examples=600)
def test_a_tag_that_the_parser_sees_is_counted_with_all_its_attributes(before: list[str], behind: list[str]) -> None:
    page = "<p>" + "".join(before) + "<b a1 a2 a3 a4 a5 a6 a7 a8 a9>" + "".join(behind)
    most = max(len(element.attrib) for element in markup._parse(page.encode()).iter())
    assert most <= max(map(attributes, tags(page)))


@given(st.lists(st.sampled_from(PIECES), max_size=20))
@settings(max_examples=600)
def test_the_quick_way_finds_the_same_tags_as_the_thorough_one(pieces: list[str]) -> None:
    text = "".join(pieces)
    known = iter(tags(text))
    assert all(any(tag == other for other in known) for tag in odd_tags(text))


@given(st.lists(st.sampled_from(PIECES), max_size=20))
def test_what_the_quick_way_passes_over_has_few_attributes(pieces: list[str]) -> None:
    text = "".join(pieces)
    passed_over = set(tags(text)) - set(odd_tags(text))
    assert all(attributes(tag) < 250 for tag in passed_over)


@pytest.mark.parametrize("count", [20, 300, 4_000])
@pytest.mark.parametrize("attribute", ["{}", "a{}=1", 'a{}="1"', "a{}='>'", 'a{}="<p>"', 'a{}=x"', "a{}/b"])
def test_a_tag_with_many_attributes_is_never_passed_over(attribute: str, count: int) -> None:
    wide = "p " + " ".join(attribute.format(f"n{number}") for number in range(count))
    for page in (f"<{wide}>", f"<p>x<{wide}>y", f"<p a='<'>{wide}<{wide}>", f"<script{wide[1:]}></script>"):
        assert attributes(wide) >= count
        assert attributes(wide) < 250 or max(map(len, odd_tags(page)), default=0) >= len(wide)


@pytest.mark.parametrize(
    "hidden",
    ['<p a=x=" {} ">', '<a="> <p {}>">', '<p ="> <p {}>">', '<script {}></script>', "<style {}></style>",
     '<textarea>"<!--</textarea><p {}>', '<!x "> <p {}>', '</p a="><p b="> <p {}>', "<p a='\">'><p {}>"],
)  # fmt: skip
def test_attributes_cannot_be_hidden(hidden: str) -> None:
    page = "<p>x</p>" + hidden.format(" ".join(f"a{number}" for number in range(5_000)))
    with pytest.raises(ParseError, match="too many attributes"):
        refuse_complex(page)


def test_the_worst_that_is_passed_over_is_cheap() -> None:
    """As rich in attributes as such a tag can be: a page of 4 MB full of them costs half a second."""
    names = [chr(0x4E00 + number) for number in range(256)]
    groups = [" ".join(names[at : at + 20]) for at in range(0, 240, 20)]
    common = f"p {'=1 '.join(groups)}=1 {' '.join(names[240:])}"
    assert not list(odd_tags(f"<{common}>"))
    assert list(odd_tags(f"<{common} x>"))
    assert attributes(common) ** 2 / len(common) < 130


# --- depth ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "unclosed"])
@pytest.mark.parametrize("depth", [300, 3_000])
@pytest.mark.parametrize("tag", NESTS)
def test_an_article_comes_out_whole_from_any_depth(tag: str, depth: int, closed: bool) -> None:
    reading = read(nested(tag, depth, closed=closed))
    assert [text for text in PARAGRAPHS if text not in reading.text] == []
    assert (reading.title, reading.reason) == ("The breakwater is rebuilt", None)


@pytest.mark.parametrize("tag", ["div", "table><tr><td", "font color=red"])
def test_a_hundred_thousand_levels_are_no_obstacle(tag: str) -> None:
    reading = read(nested(tag, 100_000))
    assert [text for text in PARAGRAPHS if text not in reading.text] == []


def test_paragraphs_stay_apart_when_they_are_made_flat() -> None:
    page = "<div>" * 5_000 + "".join(f"<div>{text}</div>" for text in PARAGRAPHS)
    assert [element.text for element in parse_html(page).iter("p")] == PARAGRAPHS


def test_links_and_emphasis_do_not_split_a_paragraph_that_is_made_flat() -> None:
    page = "<div>" * 5_000 + "One <b>two</b> <a href=x>three</a>.<br>Four"
    (paragraph,) = parse_html(page).iter("p")
    assert paragraph.text_content() == "One two three.Four"


@pytest.mark.parametrize("page", ["<p>One<p>two", ARTICLE, nested("div", 90), "<b><div></b>" * 40])
def test_what_is_not_deep_is_left_as_it_is(page: str) -> None:
    assert flatten(page, markup.MAX_DEPTH) == page


# End tags that close less than they seem to.
@pytest.mark.parametrize(
    "turn", ["<b><div></b>", "<p><dl></p>", "<div><table></div>", "<h1><p></h1><ul>", "<a><td></a>"]
)
def test_depth_that_hides_behind_end_tags_is_flattened_or_refused(turn: str) -> None:
    page = turn * 3_000 + ARTICLE
    text = parse_html(page).text_content()
    assert all(paragraph in text for paragraph in PARAGRAPHS)


@given(
    st.lists(st.sampled_from(["<div>", "<b>", "<p>", "<td>", "<table>", "</div>", "</b>", "</table>", "<dl>", "</p>"]))
)
def test_flattening_keeps_every_word(turns: list[str]) -> None:
    page = "".join(f"{turn}w{number} " for number, turn in enumerate(turns * 40))
    words = re.findall(r"w\d+", flatten(page, 20))
    assert words == [f"w{number}" for number in range(40 * len(turns))]


def test_too_many_tags_are_refused_with_a_detail() -> None:
    with pytest.raises(ParseError, match="more than 150000 tags") as caught:
        parse_html("<br>" * 200_000)
    assert caught.value.reason is Reason.TOO_COMPLEX
