"""Where the article stands in a text that has much else: the stretch with the most prose and the fewest short lines.

Paragraphs count for as many characters as they have, lines against it; the stretch whose sum is greatest is found in
one pass (Kadane). Teasers have a title, a time and a name for every sentence, and lose.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.textblocks import BULLET, OPEN_END, TAIL
from ingest.textkinds import Kind, Part

PARAGRAPH = 60  # that it is a paragraph at all, in characters
LINE = -60
SUBHEADING = -20
LISTED = -15  # an entry below the heading of a list: the list will be taken out by that
PASSING = {Kind.NOISE: -25, Kind.DATE: -40, Kind.BYLINE: -40, Kind.RELATED: -60, Kind.DROPPED: -60, Kind.ITEM: -40}
LONGEST_RUN = -450  # a share bar or a box, however long, does not part an article


def window(parts: list[Part]) -> tuple[int, int]:
    """(first, behind the last) part of the article; all of it where there is no prose."""
    best, first, end = 0.0, 0, len(parts)
    total, start = 0.0, 0
    for number, value in enumerate(weights(parts)):
        if total <= 0:
            total, start = 0.0, number
        total += value
        if total > best:
            best, first, end = total, start, number + 1
    return first, end


def weights(parts: list[Part]) -> Iterator[float]:
    """What each part counts."""
    run = 0.0
    listed = announced = False
    for number, part in enumerate(parts):
        if part.is_text:
            run, listed = 0.0, listed and part.kind is Kind.SENTENCE
            announced = OPEN_END.search(part.text[-TAIL:]) is not None
            yield len(part.text) + PARAGRAPH * (part.kind is Kind.PROSE)
            continue
        listed = listed or part.kind is Kind.RELATED
        announced = announced and part.kind in (Kind.LINE, Kind.ITEM)
        value = cost(part, parts[number + 1] if number + 1 < len(parts) else None, listed=listed)
        value *= not announced  # a list behind a colon is the article's
        value = max(value, LONGEST_RUN - run)
        run += value
        yield value


def cost(part: Part, after: Part | None, *, listed: bool) -> float:
    if listed and part.kind in (Kind.LINE, Kind.ITEM):
        return LISTED
    if part.kind is Kind.LINE:
        return SUBHEADING if after is not None and after.kind is Kind.PROSE else LINE
    if part.kind is Kind.ITEM and BULLET.sub("", part.text).endswith((".", ";", "。")):
        return 0
    return PASSING.get(part.kind, LINE)
