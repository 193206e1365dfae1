"""`dateline extract` as people use it: on a terminal, in scripts, with mistakes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from ingest.model import Image, Kind, Reading, Reason, RelatedLink
from jobs.commands.markdown_view import markdown_lines
from jobs.commands.reading_view import reading_lines
from tests.jobs.conftest import Program
from tests.site import SiteThread, article
from tests.terminal import STYLE, on_terminal
from tests.test_golden import CASES, read

DONE, FAILED, WRONG = 0, 1, 2
WALL = b"<html><head><title>Contact</title></head><body><h1>Contact</h1><p>Write to us, or call.</p></body></html>"
MARKDOWN = """\
Opening words of a story\\*, which go on for longer than a narrow terminal is wide.

## Nineteen \\_years\\_

- The work begins in March and goes on, storms permitting, for a year and a half.

    It may be two.
- It costs nine million.

1. First the stones.
2. Then the wall.

> A breakwater alone will not bring the boats back to the harbour.
>
> They have left.

| Year | Boats \\| ships |
| --- | --- |
| 2009 | 41 |
| 2026 | 日本 |

```
| a = b |
```

1986\\. A year
a line"""
SHOWN = """\
Opening words of a story*, which go on
for longer than a narrow terminal is
wide.

Nineteen _years_

  • The work begins in March and goes
    on, storms permitting, for a year
    and a half.

    It may be two.
  • It costs nine million.

 1. First the stones.
 2. Then the wall.

  │ A breakwater alone will not bring
  │ the boats back to the harbour.
  │
  │ They have left.

Year  Boats | ships
────  ─────────────
2009  41
2026  日本

    | a = b |

1986. A year
a line"""


@pytest.fixture
def site() -> Iterator[SiteThread]:
    with SiteThread(host="127.0.6.3") as opened:
        yield opened


@pytest.fixture
def page(folder: Path) -> Path:
    path = folder / "page.html"
    path.write_bytes(article("Breakwater to be rebuilt"))
    return path


def shown(reading: Reading, width: int = 88) -> list[str]:
    return [line.plain for line in reading_lines(reading, width)]


# --- the view -------------------------------------------------------------------------------------------------------


def test_the_marks_become_what_they_stand_for() -> None:
    assert "\n".join(line.plain.rstrip() for line in markdown_lines(MARKDOWN, 40)) == SHOWN


def test_a_table_too_wide_is_folded_into_its_columns() -> None:
    table = f"| Name | What |\n| --- | --- |\n| Ida | {'word ' * 20}|\n| Bo |"
    lines = [line.plain for line in markdown_lines(table, 30)]
    assert max(map(cell_len, lines)) <= 30
    assert lines[2].startswith("Ida   word word")
    assert lines[3].startswith("      word")
    assert lines[-1] == "Bo"
    assert next(markdown_lines("", 30)).plain == ""


def test_headline_facts_and_what_hangs_on_an_article() -> None:
    published = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
    reading = Reading(
        "https://a.example/story", "https://a.example/story", Kind.OPINION, title="A headline", standfirst="A summary.",
        authors=("Ida Berg", "Bo Lie", "Reuters"), agency="Reuters", published_at=published,
        modified_at=published + timedelta(hours=2), language="en", site_name="The Post", section="Harbour",
        tags=("storms", "boats"), image=Image("https://a.example/i.jpg", "The wall", "Jo Lie"), text="Words.",
        markdown="Words.", related=(RelatedLink("Another story", "https://a.example/2"), RelatedLink("A third")),
        paywalled=True, word_count=1,
    )  # fmt: skip
    assert shown(reading) == [
        "A headline",
        "A summary.",
        "",
        "By Ida Berg and Bo Lie · Reuters · Tuesday 3 November 2026, 09:00 UTC · updated 11:00",
        "UTC",
        "The Post · Harbour · en · 1 word · opinion · paywalled",
        "https://a.example/story",
        "",
        "Words.",
        "",
        "Image    The wall (Jo Lie)",
        "         https://a.example/i.jpg",
        "",
        "Tags     storms · boats",
        "",
        "Related  Another story",
        "         https://a.example/2",
        "         A third",
    ]


def test_what_is_not_there_leaves_no_gap() -> None:
    bare = Reading("about:blank", "about:blank", Kind.ARTICLE, markdown="Words.", word_count=1)
    assert shown(bare) == ["(no headline)", "", "1 word · article", "", "Words."]
    none = Reading("about:blank", "about:blank", Kind.NOT_ARTICLE, Reason.CONSENT_WALL, title="Your choice")
    assert shown(none)[0].startswith("not an article: consent wall")
    assert "Your choice" in shown(none)


def test_nothing_a_stranger_wrote_commands_the_terminal() -> None:
    evil = "\x1b]0;mine\x07 \x9b2J \u202e"
    reading = Reading(
        f"https://a.example/{evil}", f"https://a.example/{evil}", Kind.ARTICLE, title=evil, standfirst=evil,
        authors=(evil,), language=evil, site_name=evil, section=evil, tags=(evil,), image=Image(evil, evil, evil),
        markdown=f"# {evil}\n\n| {evil} | b |\n| --- | --- |\n\n```\n{evil}\n```\n\n> {evil}\n\nمی\u200cشود",
        related=(RelatedLink(evil, evil),),
    )  # fmt: skip
    said = "\n".join(shown(reading))
    assert not {"\x1b", "\x07", "\x9b", "\u202e"}.intersection(said)
    assert "می\u200cشود" in said  # a joiner is a letter's shape


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_the_whole_text_is_shown_within_the_width(folder: Path) -> None:
    _, seen = read(folder)
    text, markdown = (str(seen.get(name) or "") for name in ("text", "text_markdown"))
    for width in (30, 88):
        lines = [line.plain for line in markdown_lines(markdown, width)]
        assert max(map(cell_len, lines)) <= width
        missing = Counter("".join(text.split())) - Counter("".join("".join(lines).split()))
        assert set(missing) <= {"|"}  # between the cells of a row


# --- on a terminal --------------------------------------------------------------------------------------------------


def test_a_terminal_shows_the_article(page: Path) -> None:
    code, screen = on_terminal("extract", page.name, folder=page.parent, columns=60)
    assert code == DONE
    assert screen.startswith("\x1b[1;36mBreakwater to be rebuilt\x1b[0m\n")
    plain = STYLE.sub("", screen)
    assert "\x1b" not in plain
    assert "Tuesday 3 November 2026, 09:00 UTC" in plain
    assert "{" not in plain
    assert 50 < max(map(len, plain.splitlines())) <= 60


@pytest.mark.parametrize(("columns", "environment"), [(200, {"NO_COLOR": "1"}), (200, {"TERM": "dumb"})], ids=str)
def test_no_colours_where_none_are_wanted(page: Path, columns: int, environment: dict[str, str]) -> None:
    for options in ([], ["--explain"]):
        code, screen = on_terminal("extract", *options, page.name, folder=page.parent, columns=columns, **environment)
        assert code == DONE
        assert "\x1b" not in screen
        if not options:
            assert max(map(len, screen.splitlines())) <= 88


def test_an_explanation_fits_the_terminal(page: Path) -> None:
    code, screen = on_terminal("extract", "--explain", page.name, folder=page.parent, columns=90)
    assert code == DONE
    plain = STYLE.sub("", screen)
    assert max(map(cell_len, plain.splitlines()[1:])) <= 90
    assert "\x1b[32mkeep" in screen


def test_without_anything_to_read_a_terminal_is_not_waited_for(folder: Path) -> None:
    for options in ([], ["--jsonl"]):
        code, screen = on_terminal("extract", *options, folder=folder)
        assert (code, screen) == (
            WRONG,
            "dateline: nothing to read: name a FILE or URL, or - for what you type or paste\n",
        )


# --- for scripts ----------------------------------------------------------------------------------------------------


def test_the_text_and_the_markdown_alone(folder: Path, dateline: Program, page: Path) -> None:
    answer = dateline("extract", page.name).json
    assert dateline("extract", page.name, "--json").json == answer
    assert dateline("extract", "--text", page.name).out == f"{answer['text']}\n"
    assert dateline("extract", "--markdown", page.name).out == f"{answer['text_markdown']}\n"
    assert dateline("extract", "--text", page.name, page.name).out == f"{answer['text']}\n\n{answer['text']}\n"
    (folder / "wall.html").write_bytes(WALL)
    for option in ("--text", "--markdown"):
        refused = dateline("extract", option, "wall.html")
        assert (refused.code, refused.out) == (FAILED, "")
        assert refused.err == "dateline: wall.html: not an article: empty_page\n"


def test_an_explanation_for_scripts(dateline: Program, page: Path) -> None:
    answer: dict[str, Any] = dateline("extract", "--explain", "--json", page.name).json
    assert list(answer) == ["article", "blocks", "witnesses"]
    assert answer["article"] == dateline("extract", page.name).json
    kept = [block["text"] for block in answer["blocks"] if block["fate"] == "kept"]
    assert "\n\n".join(kept) == answer["article"]["text"]
    assert [one for one in answer["witnesses"]["published"] if one["won"]] == [
        {"source": "og", "value": "2026-11-03T09:00:00+00:00", "won": True}
    ]


def test_an_explanation_for_people(folder: Path, dateline: Program, page: Path) -> None:
    explained = dateline("extract", "--explain", page.name)
    assert explained.code == DONE
    assert explained.out.startswith("page.html: article, ")
    assert "\x1b" not in explained.out
    lines = [line.split() for line in explained.out.splitlines()]
    assert ["block", "sure", "reason", "element", "text"] in lines
    assert ["published", "*", "og", "2026-11-03T09:00:00+00:00"] in lines
    (folder / "wall.html").write_bytes(WALL)
    refused = dateline("extract", "--explain", "wall.html")
    assert refused.code == FAILED
    assert refused.out.startswith("wall.html: not an article (empty_page), ")
    assert "Write to us, or call." in refused.out
    assert dateline("extract", "--explain", stdin=page.read_bytes()).out.startswith("stdin: article, ")


# --- mistakes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--explain", "--jsonl"], "--jsonl goes with none of"),
        (["--text", "--jsonl"], "--jsonl goes with none of"),
        (["--jsonl", "--url", "https://a.example/"], "--jsonl goes with none of"),
        (["--text", "--markdown", "page.html"], "--text and --markdown do not go together"),
        (["--text", "--json", "page.html"], "--text and --json do not go together"),
        (["--explain", "--markdown", "page.html"], "--markdown and --explain do not go together"),
        (["--url", "a.example", "page.html"], "--url a.example: an address begins with"),
    ],
    ids=str,
)
def test_options_that_do_not_go_together(dateline: Program, page: Path, options: list[str], words: str) -> None:
    refused = dateline("extract", *options)
    assert (refused.code, refused.out) == (WRONG, "")
    assert refused.err.startswith(f"dateline: {words}")
    assert refused.err.count("\n") == 1


WRONG_SOURCES = {
    "missing.html": "there is no such file",
    "folder": "is a folder: name the files in it",
    "empty.html": "is empty: there is nothing to read in it",
    "paper.pdf": "is a PDF: Dateline reads HTML and text",
    "picture.jpg": "is neither HTML nor text",
    "page.html/page": "cannot be read: Not a directory",
    "www.a.example/story": "there is no such file; an address begins with https://",
    "news.a.example/story": "there is no such file; an address begins with https://",
    "ftp://a.example/story": "cannot be read: only http:// and https:// addresses can be fetched",
    "http://10.0.0.1/": "forbidden_address (a private address; fetch.allow_private",
    "/status/403": "forbidden",
    "/status/404": "not_found",
    "/paper.pdf": "wrong_type",
}


def test_what_cannot_be_read_is_told_in_a_line(folder: Path, dateline: Program, site: SiteThread, page: Path) -> None:
    (folder / "folder").mkdir()
    (folder / "empty.html").touch()
    (folder / "paper.pdf").write_bytes(b"%PDF-1.7 \x00\x01")
    (folder / "picture.jpg").write_bytes(b"\xff\xd8\xff\xe0\x00")
    site.serve("/paper.pdf", b"%PDF-1.7", headers={"Content-Type": "application/pdf"})
    told = {site.url(name) if name.startswith("/") else name: words for name, words in WRONG_SOURCES.items()}
    refused = dateline("extract", *told)
    assert (refused.code, refused.out) == (FAILED, "")
    lines = refused.err.splitlines()
    assert len(lines) == len(told)
    for line, (source, words) in zip(lines, told.items(), strict=True):
        assert line.startswith(f"dateline: {source}: {words}")
