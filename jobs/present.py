"""How rows are shown: aligned tables for people, JSON for scripts."""

from __future__ import annotations

import json
import os
import shutil
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

HARMLESS = "\n\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"


def to_json(value: Any, indent: int | None = None) -> str:
    """JSON with readable letters; moments as ISO 8601, bytes as hexadecimal."""
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)


def _plain(value: Any) -> Any:
    match value:
        case datetime() | date():
            return value.isoformat()
        case bytes() | memoryview():
            return bytes(value).hex()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


def may_colour() -> bool:
    """Whether stdout is a terminal that shows colours (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def cell(value: Any) -> str:
    """One value on one line, with nothing in it that could command a terminal."""
    match value:
        case None:
            return ""
        case str():
            text = value
        case datetime():
            text = f"{value:%Y-%m-%d %H:%M:%S}"
        case bytes() | memoryview() | list() | dict():
            text = to_json(value).strip('"') if isinstance(value, bytes | memoryview) else to_json(value)
        case _:
            text = str(value)
    return harmless(" ".join(text.split()))


def harmless(text: str) -> str:
    """Text without control characters. Line breaks stay, and the joiners that Persian and Hindi are written with."""
    if text.isprintable():
        return text
    return "".join(
        c if c in HARMLESS or unicodedata.category(c)[0] != "C" else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] | None = None) -> str:
    """Rows under their names, aligned; on a terminal, long cells are cut so that a row is a line."""
    names = list(columns or (rows[0] if rows else ()))
    cells = [[cell(row[name]) for name in names] for row in rows]
    widths = [max((_width(line[i]) for line in [names, *cells]), default=0) for i in range(len(names))]
    if sys.stdout.isatty():
        widths = _fitted(widths, shutil.get_terminal_size().columns - 2 * (len(names) - 1))
    right = [
        all(isinstance(row[name], int | float | Decimal) or row[name] is None for row in rows) and bool(rows)
        for name in names
    ]
    lines = [_line(names, widths, right), "  ".join("-" * width for width in widths)]
    return "\n".join([*lines, *(_line(line, widths, right) for line in cells)])


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = []
    for text, width, is_right in zip(cells, widths, right, strict=True):
        shown = _cut(text, width)
        space = " " * (width - _width(shown))
        padded.append(space + shown if is_right else shown + space)
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    """Columns on a terminal: East Asian wide letters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def _cut(text: str, width: int) -> str:
    if _width(text) <= width:
        return text
    while text and _width(text) > width - 1:
        text = text[:-1]
    return text + "…"


def _fitted(widths: list[int], room: int) -> list[int]:
    """Take from the widest until all fit; none gets narrower than a short word."""
    widths = [min(width, max(room, 8)) for width in widths]
    while sum(widths) > room and max(widths, default=0) > 8:
        widths[widths.index(max(widths))] -= 1
    return widths
