"""How a page was read, for people: each block with what became of it, each field with its witnesses."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator

from rich.text import Text

from ingest.model import BlockSeen, Explanation, Fate, Reading
from jobs.commands.reading_view import console_of_stdout
from jobs.present import cell, table

TEXT_CHARS, ELEMENT_CHARS, VALUE_CHARS = 60, 40, 120
WORDS = {Fate.KEPT: "keep", Fate.STANDFIRST: "standfirst", Fate.BOX: "box", Fate.DROPPED: "drop"}
COUNTED = {Fate.KEPT: "kept", Fate.STANDFIRST: "standfirst", Fate.BOX: "in boxes", Fate.DROPPED: "dropped"}
STYLES = {Fate.KEPT: "green", Fate.STANDFIRST: "cyan", Fate.BOX: "yellow", Fate.DROPPED: "dim"}


def show_explanation(source: str, reading: Reading, explanation: Explanation) -> None:
    """Print an explanation. The whole text of each block is in the JSON form."""
    console = console_of_stdout()
    for line in explanation_lines(source, reading, explanation):
        console.print(line, soft_wrap=True)


def explanation_lines(source: str, reading: Reading, explanation: Explanation) -> Iterator[Text]:
    said = f"not an article ({reading.reason})" if reading.reason else f"{reading.kind}, {reading.word_count:,} words"
    name = "stdin" if source == "-" else cell(source)
    yield Text(f"{name}: {said}, read by {cell(reading.extractor)}", "bold")
    if explanation.blocks:
        counts = Counter(block.fate for block in explanation.blocks)
        told = ", ".join(f"{counts[fate]} {name}" for fate, name in COUNTED.items() if counts[fate])
        yield from (Text(f"{len(explanation.blocks)} blocks: {told}"), Text())
        yield from _blocks(explanation.blocks)
    if explanation.witnesses:
        yield Text()
        yield from _witnesses(explanation)


def _blocks(blocks: tuple[BlockSeen, ...]) -> Iterator[Text]:
    rows = [
        {
            "block": WORDS[block.fate],
            "sure": "" if block.sureness is None else f"{block.sureness:.2f}",
            "reason": block.reason,
            "element": textwrap.shorten(element_of(block), ELEMENT_CHARS, placeholder="…"),
            "text": _start(block.text, TEXT_CHARS),
        }
        for block in blocks
    ]
    head, rule, *lines = table(rows).split("\n")
    yield from (Text(head, "bold"), Text(rule, "dim"))
    yield from (Text(line, STYLES[block.fate]) for line, block in zip(lines, blocks, strict=True))


def element_of(block: BlockSeen) -> str:
    """An element as in a style sheet; where it has no mark, with the nearest around it that has one."""
    own = ".".join([block.tag, *block.mark.split()])
    return own if block.mark or not block.within else f"{'.'.join(block.within.split())} {own}"


def _witnesses(explanation: Explanation) -> Iterator[Text]:
    rows, won = [], []
    for name, said in explanation.witnesses.items():
        for number, (source, value) in enumerate(said):
            won.append((source, value) == explanation.won.get(name))
            shown = _start(value, VALUE_CHARS)
            rows.append(
                {"field": "" if number else name, "": "*" if won[-1] else "", "said by": source, "value": shown}
            )
    head, rule, *lines = table(rows).split("\n")
    yield from (Text(head, "bold"), Text(rule, "dim"))
    yield from (Text(line, "green" if is_won else "") for line, is_won in zip(lines, won, strict=True))


def _start(text: str, limit: int) -> str:
    line = cell(text)
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
