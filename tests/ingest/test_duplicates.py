"""Which of related texts is the original."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ingest.duplicates import rank
from ingest.original import is_source, plausible, standing

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def order(host: str, published: datetime | None, words: int = 100, seen: datetime = NOON) -> tuple[object, ...]:
    return rank(standing(host, None, None, published, seen, words))


def test_the_agency_then_the_earliest_then_the_longest_then_who_was_seen_first() -> None:
    best = [
        order("www.reuters.com", NOON),
        order("a.example", NOON - 2 * HOUR),
        order("b.example", NOON - HOUR, words=300),
        order("c.example", None, words=300),
        order("d.example", None, words=200, seen=NOON - HOUR),
        order("e.example", None, words=200),
    ]
    assert best == sorted(best)


def test_a_time_after_we_saw_it_or_a_date_without_a_time_tells_nothing() -> None:
    assert plausible(NOON + HOUR, NOON) is None
    assert plausible(NOON.replace(hour=0), NOON) is None
    assert plausible(NOON - HOUR, NOON) == NOON - HOUR
    assert plausible(NOON + HOUR) == NOON + HOUR


@pytest.mark.parametrize(
    ("host", "agency", "own"),
    [("www.reuters.com", None, True), ("www.reuters.com", "Reuters", True), ("www.reuters.com", "AFP", False),
     ("apnews.com", "AP", True), ("paper.example", "Reuters", False), ("paper.example", None, False)],
)  # fmt: skip
def test_an_agency_is_the_source_on_its_own_site_of_what_names_no_other(
    host: str, agency: str | None, own: bool
) -> None:
    assert is_source(host, None, agency) is own
