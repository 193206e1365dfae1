"""Bytes to text and one tree: charsets, refusals, arbitrary input."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.charset import decode
from ingest.document import open_document
from ingest.errors import ParseError
from ingest.markup import at_most, attributes
from ingest.model import Reason

URL = "https://www.example.org/news/story"
WORDS = "Žluťoučký kůň – naïve café, größer: Ωμέγα"


def refused(body: bytes, content_type: str | None = "text/html") -> Reason:
    with pytest.raises(ParseError) as caught:
        open_document(body, content_type, URL)
    return caught.value.reason


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        ("\ufeffgrün".encode(), "text/html; charset=iso-8859-1", "grün"),
        ("grün".encode("utf-16"), None, "grün"),
        ("<html>grün</html>".encode("utf-16-be"), None, "<html>grün</html>"),
        ("<html>grün</html>".encode("utf-16-le"), "text/html; charset=utf-8", "<html>grün</html>"),
        ("grün".encode("cp1252"), 'text/html; charset="ISO-8859-1"', "grün"),
        ("“quoted” – €5".encode("cp1252"), "text/html; charset=us-ascii", "“quoted” – €5"),
        ("Привет".encode("koi8-r"), "text/html; charset=KOI8-R", "Привет"),
        (
            b'<meta charset="windows-1251">' + "Привет".encode("cp1251"),
            "text/html",
            '<meta charset="windows-1251">Привет',
        ),
        ("港の橋".encode("iso2022_jp"), "text/html; charset=iso-2022-jp", "港の橋"),
        ("镕".encode("gb18030"), "text/html; charset=gb2312", "镕"),
        (WORDS.encode(), "text/html; charset=windows-1252", WORDS),
        (WORDS.encode(), "text/html; charset=rot13", WORDS),
        (WORDS.encode(), "text/html; charset=unicode_escape", WORDS),
    ],
)
def test_the_charset_is_what_the_bytes_agree_with(body: bytes, content_type: str | None, expected: str) -> None:
    assert decode(body, content_type) == expected


def test_a_wrong_declaration_is_noticed() -> None:
    text = '<html lang="sv"><meta charset="utf-8"><p>' + "Färjan går åter på måndag. " * 20
    assert decode(text.encode("cp1252"), "text/html; charset=utf-8") == text


def test_the_language_decides_between_charsets_that_look_alike() -> None:
    text = '<html lang="pl"><p>' + "Zażółć gęślą jaźń, mówiła pięknie. " * 20
    assert decode(text.encode("cp1250"), "text/html; charset=utf-8") == text


def test_one_broken_character_does_not_change_the_charset() -> None:
    body = "größer und schöner als über den Dächern ".encode() * 50 + b"\xff"
    assert decode(body, "text/html; charset=utf-8").startswith("größer und schöner")


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be", "gb18030", "cp932", "koi8-r", "utf-8"])
def test_control_characters_are_dropped_in_every_charset(charset: str) -> None:
    text = "<html><p>Words in a row, and more of them</p></html>"
    assert decode(text.replace("Words", "W\x01or\x0bds\x7f").encode(charset), f"text/html; charset={charset}") == text
    if charset.startswith(("utf", "gb")):
        assert decode(text.replace("row", "row\ufffe").encode(charset), f"text/html; charset={charset}") == text


def test_control_characters_are_dropped_however_they_are_written() -> None:
    assert decode(b"a\x00b\x01c&#1;d&#x0B;e&#xFFFE;f&#10;g&#128;h") == "abcdef&#10;g&#128;h"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", Reason.EMPTY_PAGE),
        (b" \n\x00\t", Reason.EMPTY_PAGE),
        (b"\xef\xbb\xbf", Reason.EMPTY_PAGE),
        (b"<!-- nothing -->", Reason.EMPTY_PAGE),
        (b"%PDF-1.7\n%\xe2\xe3", Reason.WRONG_TYPE),
        (b"\x89PNG\r\n\x1a\n" + b"IHDR", Reason.WRONG_TYPE),
        (b"PK\x03\x04" + b"x" * 99, Reason.WRONG_TYPE),
        (b"\x00\x00\x00\x20ftypisom", Reason.WRONG_TYPE),
        (bytes(range(256)) * 8, Reason.WRONG_TYPE),
        (b"<html>" + b"<br>" * 200_000, Reason.TOO_COMPLEX),
        (b"<html><p " + b" ".join(b"a%d=1" % i for i in range(50_000)) + b">x", Reason.TOO_COMPLEX),
        (b"<html>" + b"<p " + b"a " * 300 + b">" * 1 + (b"<p " + b"a " * 300 + b">") * 300, Reason.TOO_COMPLEX),
    ],
    ids=lambda value: value.value if isinstance(value, Reason) else repr(value[:12]),
)
def test_what_is_no_page_is_refused_with_a_reason(body: bytes, reason: Reason) -> None:
    assert refused(body) is reason


def test_attributes_are_counted_outside_values_scripts_and_comments() -> None:
    body = f"<html><p class='{'a ' * 9000}'>x</p><script>if (a<b {'c=d ' * 9000}) f()</script><!-- <p {'a ' * 9000} -->"
    assert open_document(body.encode(), "text/html", URL).tree is not None


def test_attributes_are_counted_behind_an_angle_bracket_in_quotes() -> None:
    body = "<html><p " + " ".join(f"a{i}='>' b{i}=\">\"" for i in range(5_000)) + ">x"
    assert refused(body.encode()) is Reason.TOO_COMPLEX


@given(st.text(alphabet="ab =/\t\n\"'", max_size=60))
def test_the_cheap_limits_are_never_below_the_count(rest: str) -> None:
    assert attributes(f"p{rest}") <= at_most(f"p{rest}")
    assert attributes(f"p{rest}") <= len(f"p{rest}")


@pytest.mark.parametrize("depth", [250, 1_500, 50_000])
def test_deep_nesting_keeps_its_content(depth: int) -> None:
    body = b"<html><body>" + b"<div>" * depth + b"deep" + b"</div>" * depth + b"<p>after</p>"
    tree = open_document(body, "text/html", URL).tree
    assert tree is not None
    assert tree.text_content() == "deepafter"


def test_a_self_closing_root_does_not_swallow_the_page() -> None:
    tree = open_document(b'<!DOCTYPE html>\n<html lang="en" />\n<head></head><body><p>hello</p></body>', None, URL).tree
    assert tree is not None
    assert "hello" in tree.text_content()


@pytest.mark.parametrize(
    ("body", "content_type", "markup"),
    [
        (b"<p>one</p>", "text/html", True),
        (b"plain words", "text/html", True),
        (b"1 < 2 and <p> is a tag", "text/plain", False),
        (b"<!doctype html><p>x", "text/plain", True),
        (b"<div class=a>x</div>", None, True),
        (b"A headline\n\nA text.", None, False),
    ],
)
def test_markup_is_told_from_plain_text(body: bytes, content_type: str | None, markup: bool) -> None:
    assert (open_document(body, content_type, URL).tree is not None) is markup


@given(st.binary(max_size=400), st.sampled_from([None, "text/html", "text/plain", "text/html; charset=utf-16", "x"]))
def test_arbitrary_bytes_give_a_document_or_a_reason(body: bytes, content_type: str | None) -> None:
    try:
        document = open_document(body, content_type, URL)
    except ParseError:
        return
    assert "\x00" not in document.text
