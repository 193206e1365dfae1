"""A reading as a person would want to read it: headline, facts, the text wrapped, what hangs on it.

Whatever a stranger wrote goes through `harmless` or `cell` on its way here. Colours only on a terminal, and none where
NO_COLOR is set (no-color.org).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import datetime

from rich.console import Console
from rich.text import Text

from ingest.model import Image, Reading, Reason
from jobs.commands.markdown_view import markdown_lines, wrapped
from jobs.present import cell

MAX_WIDTH = 88
MARGIN = 9  # of what hangs on an article: "Related  "


def console_of_stdout() -> Console:
    """Where to print: in colours on a terminal that wants them."""
    is_plain = bool(os.environ.get("NO_COLOR")) or not sys.stdout.isatty()
    return Console(
        file=sys.stdout, color_system=None if is_plain else "auto", highlight=False, markup=False, emoji=False
    )


def show_reading(reading: Reading) -> None:
    """Print a reading."""
    console = console_of_stdout()
    for line in reading_lines(reading, min(console.width, MAX_WIDTH)):
        console.print(line, soft_wrap=True)


def reading_lines(reading: Reading, width: int) -> Iterator[Text]:
    """The lines of a reading, none wider than `width` but addresses."""
    if reading.reason is not None:
        yield from _no_article(reading.reason, width)
    yield from _head(reading, width)
    yield Text()
    yield from markdown_lines(reading.markdown, width)
    for part in (_image(reading.image, width), _tags(reading, width), _related(reading, width)):
        lines = list(part)
        yield from [Text(), *lines] if lines else []


def _no_article(reason: Reason, width: int) -> Iterator[Text]:
    words = reason.value.replace("_", " ")
    said = "not an article" if reason is Reason.NOT_AN_ARTICLE else f"not an article: {words}"
    yield from wrapped(Text(f"{said} (--explain shows how the page was read)", "bold red"), width)
    yield Text()


def _head(reading: Reading, width: int) -> Iterator[Text]:
    yield from wrapped(Text(cell(reading.title) or "(no headline)", "bold cyan"), width)
    if reading.standfirst:
        yield from wrapped(Text(cell(reading.standfirst), "italic"), width)
    yield Text()
    for facts in (_who_and_when(reading), _labels(reading)):
        if facts:
            yield from wrapped(Text(" · ".join(facts)), width)
    if not reading.canonical_url.startswith("about:"):
        yield Text(cell(reading.canonical_url), "dim")


def _who_and_when(reading: Reading) -> list[str]:
    people = [cell(name) for name in reading.authors if name != reading.agency]
    named = " and ".join(filter(None, [", ".join(people[:-1]), *people[-1:]]))
    facts = [f"By {named}" if named else "", cell(reading.agency)]
    published, modified = reading.published_at, reading.modified_at
    facts.append(day_and_time(published) if published else "")
    if modified and modified != published:
        same_day = published is not None and modified.date() == published.date()
        facts.append(f"updated {f'{modified:%H:%M %Z}' if same_day else day_and_time(modified)}")
    return [fact for fact in facts if fact]


def day_and_time(moment: datetime) -> str:
    """A moment for people, with its zone: "Tuesday 3 November 2026, 09:00 UTC"."""
    return f"{moment:%A} {moment.day} {moment:%B %Y, %H:%M %Z}"


def _labels(reading: Reading) -> list[str]:
    words = f"{reading.word_count:,} word{'s' * (reading.word_count != 1)}"
    wall = {True: "paywalled", False: "free to read", None: ""}[reading.paywalled]
    kind = "" if reading.reason else reading.kind.value
    labels = (reading.site_name, reading.section, reading.language, words, kind, wall)
    return [cell(label) for label in labels if label]


def _image(image: Image | None, width: int) -> Iterator[Text]:
    if image is None:
        return
    credit = f"({cell(image.credit)})" if image.credit else ""
    if told := " ".join(filter(None, (cell(image.caption), credit))):
        yield from _named("Image", Text(told), width)
        yield _address(image.url)
    else:
        yield _address(image.url, "Image")


def _tags(reading: Reading, width: int) -> Iterator[Text]:
    if reading.tags:
        yield from _named("Tags", Text(" · ".join(map(cell, reading.tags))), width)


def _related(reading: Reading, width: int) -> Iterator[Text]:
    for number, link in enumerate(reading.related):
        yield from _named("" if number else "Related", Text(cell(link.title)), width)
        if link.url:
            yield _address(link.url)


def _named(name: str, text: Text, width: int) -> Iterator[Text]:
    return wrapped(text, width, Text(name.ljust(MARGIN), "bold"), " " * MARGIN)


def _address(url: str, name: str = "") -> Text:
    """An address on a line of its own, however long: it is there to be clicked and copied."""
    return Text.assemble((name.ljust(MARGIN), "bold"), (cell(url), "dim"))
