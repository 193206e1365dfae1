"""The Markdown that `ingest/markdown.py` writes, as lines for a terminal: subheadings bold, lists with bullets,
quotations behind a bar, tables aligned.

That dialect is all there is to know: a line of it is a line here, but for tables, whose rows stand together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from jobs.present import harmless

MIN_WIDTH = 20  # of a text beside its margin, on however narrow a terminal
ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")  # CommonMark 0.31 section 2.4
HEADING = re.compile(r"#{1,6} ")
ITEM = re.compile(r"(?:-|\d{1,9}\.) ")
CELL_END = re.compile(r"(?<!\\)\|")
RULE = re.compile(r"\|(?: --- \|)+")
FENCE = "```"
BAR = "  │ "
IN_LIST = "    "  # what belongs to an item, in the Markdown and here

_measure = Console(width=80, color_system=None)  # rich wraps in the name of a console


def markdown_lines(markdown: str, width: int) -> Iterator[Text]:
    """The lines of a text, none wider than `width`."""
    for kind, lines in groupby(_with_kinds(harmless(markdown)), key=lambda pair: pair[0]):
        if kind == "table":
            yield from _table([line for _, line in lines], width)
        else:
            for _, line in lines:
                yield from _line(kind, line, width)


def _with_kinds(markdown: str) -> Iterator[tuple[str, str]]:
    """Each line with what it is."""
    in_code = False
    for line in markdown.split("\n"):
        if line == FENCE:
            in_code = not in_code
        elif in_code:
            yield "code", line
        elif line.startswith("| "):
            yield "table", line
        else:
            yield "text", line.rstrip()


def _line(kind: str, line: str, width: int) -> Iterator[Text]:
    if kind == "code":
        return wrapped(Text(line), width, IN_LIST, IN_LIST)
    if found := HEADING.match(line):
        return wrapped(_text(line[found.end() :], "bold"), width)
    if line.startswith(">"):
        return wrapped(_text(line[2:], "italic"), width, BAR, BAR)
    if found := ITEM.match(line):
        mark = "•" if found[0] == "- " else found[0].strip()
        first = f"{mark:>{len(IN_LIST) - 1}} "
        return wrapped(_text(line[found.end() :]), width, first, " " * len(first))
    if line.startswith(IN_LIST):
        return wrapped(_text(line[len(IN_LIST) :]), width, IN_LIST, IN_LIST)
    return wrapped(_text(line), width)


def _text(markdown: str, style: str = "") -> Text:
    return Text(ESCAPED.sub(r"\1", markdown), style)


def wrapped(text: Text, width: int, first: str | Text = "", rest: str = "") -> Iterator[Text]:
    """A text in lines of a width, the first behind `first`, the others behind `rest`, which is as long."""
    room = max(width - cell_len(rest), MIN_WIDTH)
    for number, line in enumerate(text.wrap(_measure, room) or [Text()]):
        line.rstrip()
        yield Text.assemble(rest if number else first, line)


def _table(lines: Sequence[str], width: int) -> Iterator[Text]:
    """Rows in columns; those with too little room share what there is, and their cells are wrapped."""
    rows = [_cells(line) for line in lines if not RULE.fullmatch(line)]
    columns = list(zip_longest(*rows, fillvalue=""))
    widths = fitted([max(map(cell_len, column)) for column in columns], width - 2 * (len(columns) - 1))
    for number, row in enumerate(rows):
        yield from _row(row, widths, "" if number else "bold")
        if number == 0:
            yield Text("  ".join("─" * wide for wide in widths), "dim")


def _cells(line: str) -> list[str]:
    return [ESCAPED.sub(r"\1", cell.strip()) for cell in CELL_END.split(line)[1:-1]]


def _row(row: Sequence[str], widths: Sequence[int], style: str) -> Iterator[Text]:
    wrapped_cells = [Text(cell, style).wrap(_measure, wide) for cell, wide in zip(row, widths, strict=False)]
    for parts in zip_longest(*wrapped_cells, fillvalue=Text()):
        line = Text()
        for part, wide in zip(parts, widths, strict=False):
            part.rstrip()
            line.append_text(part).append(" " * (wide - cell_len(part.plain) + 2))
        line.rstrip()
        yield line


def fitted(widths: Sequence[int], room: int) -> list[int]:
    """The widths, the widest of them cut until all fit; none below a letter."""
    found = [max(width, 1) for width in widths]
    while sum(found) > room and max(found, default=1) > 1:
        found[found.index(max(found))] -= 1
    return found
