"""Pages saved as text."""

from __future__ import annotations

import textwrap
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.plaintext import parse

ONE = "The harbour board met on Thursday and closed the bridge, which will be repaired until the end of May."
TWO = "“Nobody wants to do this twice,” said the chief engineer, who had asked for the money three years ago."


def joined(*blocks: str) -> str:
    return "\n\n".join(blocks)


def test_headline_standfirst_and_paragraphs() -> None:
    said = parse(joined("Bridge to close", "Lorries face a detour of forty minutes", ONE, TWO))
    assert (said.title, said.standfirst, said.paragraphs) == (
        "Bridge to close",
        "Lorries face a detour of forty minutes",
        (ONE, TWO),
    )


def test_a_paragraph_after_the_headline_is_no_standfirst() -> None:
    said = parse(joined("Bridge to close", ONE, TWO))
    assert (said.standfirst, said.paragraphs) == (None, (ONE, TWO))


@pytest.mark.parametrize("line", ["Skip to main content", "Skip to main contentSkip to navigationSkip to navigation"])
def test_skip_links_and_captions_before_the_headline_are_dropped(line: str) -> None:
    said = parse(joined(f"{line}\nThe bridge at low tide – video", "Bridge to close", ONE, TWO))
    assert (said.title, said.paragraphs) == ("Bridge to close", (ONE, TWO))


def test_lists_after_the_text_are_related_or_dropped() -> None:
    lists = ["More on this story", "More on this story", "  • First title", "  • Second one", "Most viewed", "Other"]
    said = parse(joined("Bridge to close", ONE, TWO, *lists))
    assert said.paragraphs == (ONE, TWO)
    assert [link.title for link in said.related] == ["First title", "Second one"]


def test_a_list_in_the_middle_does_not_end_the_text() -> None:
    said = parse(joined("Bridge to close", ONE, "Related", "• First title", TWO))
    assert (said.paragraphs, [link.title for link in said.related]) == ((ONE, TWO), ["First title"])


def test_bylines_are_not_paragraphs() -> None:
    assert parse(joined("Bridge to close", "By Mara Whitlock", ONE, TWO)).paragraphs == (ONE, TWO)


def test_lines_are_paragraphs_where_no_line_is_blank() -> None:
    assert parse(f"Bridge to close\n{ONE}\n{TWO}").paragraphs == (ONE, TWO)


def test_windows_line_ends() -> None:
    assert parse(f"Bridge to close\r\n\r\n{ONE}\r\n\r\n{TWO}").paragraphs == (ONE, TWO)


def test_text_without_a_headline_has_none() -> None:
    said = parse(joined(ONE, TWO))
    assert (said.title, said.paragraphs) == (None, (ONE, TWO))


@given(st.text(max_size=300))
def test_any_text_is_taken_apart(text: str) -> None:
    said = parse(text)
    assert all(part == part.strip() and "\n" not in part for part in said.paragraphs)


# --- properties -------------------------------------------------------------------------------------------------------

PROSE = [
    ONE,
    TWO,
    "Lorries will be sent by way of Halton, which adds forty minutes to the journey, by the board’s estimate.",
    "The county has promised a free ferry for foot passengers, from six in the morning until ten at night.",
    "Repairs will cost four million, of which the government pays half; the board will raise dues for the rest.",
    "港湾局は十五日、老朽化した跳ね橋を来年三月から十一週間にわたって通行止めにすると発表した。",
    "Разводной мост закроют с марта на одиннадцать недель, сообщили в среду в управлении порта.",
]
FURNITURE = [
    "Facebook",
    "Copy link",
    "5 hours ago",
    "12 comments",
    "Advertisement",
    "Photograph: Joan Lee/Agency",
    "3 min read",
]
LINES = [
    "Home",
    "News",
    "Sport",
    "What comes next",
    "Harbour dues to rise by three per cent from April",
    "Most viewed",
    "By Joan Lee",
]
pieces = st.lists(st.sampled_from([*PROSE, *FURNITURE, *LINES, "• An item of a list", "It did not help."]), max_size=25)


def squeezed(text: str) -> str:
    return "".join(text.split())


def spoken(text: str) -> str:
    """Letters and digits alone: signs of Markdown and numbers of links may go."""
    return "".join(filter(str.isalnum, text))


@given(pieces, st.sampled_from(["\n", "\n\n"]))
def test_every_paragraph_stands_in_the_input(blocks: list[str], between: str) -> None:
    text = between.join(blocks)
    said = parse(text)
    assert all(squeezed(part) in squeezed(text) for part in (*said.paragraphs, said.title or "", said.standfirst or ""))


@given(st.text(alphabet="aB.:;?!。 \n\t*-#>[]()<>_1２0^=|'\"“”/\r\x0c\u2028http@", max_size=400))
def test_any_signs_give_paragraphs_of_the_input(text: str) -> None:
    assert all(
        spoken(part)[:30] in spoken(text) for part in parse(text).paragraphs if "http" not in text and "[" not in text
    )


@given(
    st.lists(st.sampled_from(PROSE), min_size=2, max_size=7, unique=True),
    st.lists(st.sampled_from(FURNITURE), max_size=4),
)
def test_what_was_read_is_read_again_alike(paragraphs: list[str], furniture: list[str]) -> None:
    once = parse(
        joined("Bridge to close for eleven weeks", *furniture, *paragraphs, "More on this story", "• First title")
    )
    assert once.paragraphs == tuple(paragraphs)
    again = parse(joined(once.title or "", *once.paragraphs))
    assert (again.title, again.paragraphs) == (once.title, once.paragraphs)


@given(
    st.lists(st.sampled_from(PROSE[:5]), min_size=2, max_size=5, unique=True),
    st.integers(64, 80),
    st.sampled_from(["", "   "]),
)
def test_wrapped_lines_are_joined(paragraphs: list[str], width: int, indent: str) -> None:
    wrapped = [textwrap.fill(p, width, initial_indent=indent, subsequent_indent=indent) for p in paragraphs]
    assert parse(joined("Bridge to close", *wrapped)).paragraphs == tuple(paragraphs)


@pytest.mark.parametrize("text", ["Home\n", f"{ONE}\n\n", "--- ", "<http://", "[12]x ", "a, b and ", "港"], ids=str)
def test_a_huge_text_takes_little_time(text: str) -> None:
    huge = text * (20_000_000 // len(text))
    start = time.process_time()
    parse(huge)
    assert time.process_time() - start < 6  # 1 s measured


# --- rules that need no page of their own -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title", ["Will the bridge over the Lune ever open again?", "“Nobody wants to do this twice!”"]
)
def test_a_headline_may_ask(title: str) -> None:
    said = parse(joined(title, ONE, TWO))
    assert (said.title, said.paragraphs) == (title, (ONE, TWO))


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("By MARA WHITLOCK", "Mara Whitlock"),
        ("Von Marit Wiegand", "Marit Wiegand"),
        ("Texto: Marta Valdeón", "Marta Valdeón"),
        ("文／山岸理恵", "山岸理恵"),
        ("记者：林晓岚", "林晓岚"),
        ("한서윤 기자 seoyun@dalbit.example", "한서윤"),
        ("מאת: נועה ברקאי", "נועה ברקאי"),
    ],
)
def test_bylines_name_authors(line: str, name: str) -> None:
    assert parse(joined("Bridge to close for eleven weeks", line, ONE, TWO)).authors == (name,)


@pytest.mark.parametrize("end", ["-30-", "###", "(END)", "ENDS"])
def test_the_mark_at_the_end_of_a_story_ends_it(end: str) -> None:
    assert parse(joined("Bridge to close", ONE, TWO, end, "Press office: 0123 456")).paragraphs == (ONE, TWO)


def test_a_last_paragraph_may_lack_its_full_stop() -> None:
    last = f"{TWO[:-1]}, and nobody has said since what is to become of the piers that were cast before the war"
    assert parse(joined("Bridge to close", ONE, last)).paragraphs == (ONE, last)


def test_a_repeated_paragraph_stands_once() -> None:
    assert parse(joined("Bridge to close", ONE, TWO, ONE)).paragraphs == (ONE, TWO)


def test_direct_speech_that_begins_with_a_dash_is_text() -> None:
    said = "— О закрытии нам написали в одиннадцатом часу вечера, — говорит Фёдор Олдин, у которого две лодки."
    assert parse(joined("Мост закроют", ONE, said, TWO)).paragraphs == (ONE, said, TWO)


@pytest.mark.parametrize("line", ["- Sie fahren um sechs.", "* They sail at six.", "1. They sail at six."])
def test_items_that_are_sentences_stay(line: str) -> None:
    assert parse(joined("Bridge to close", ONE, line, line.replace("s", "z"), TWO)).paragraphs[1] == line


def test_quoted_printable_mail_is_undone() -> None:
    mail = "From: a@b.example\nSubject: Br=C3=BCcke\nContent-Transfer-Encoding: quoted-printable\n\n"
    body = (
        "Die Br=C3=BCcke =C3=BCber die L=C3=BCne wird im M=C3=A4rz f=C3=BCr elf Wochen gesper=\nrt, sagt der Hafen.\n\n"
    )
    said = parse(mail + body + TWO + "\n")
    assert said.paragraphs[0] == "Die Brücke über die Lüne wird im März für elf Wochen gesperrt, sagt der Hafen."
