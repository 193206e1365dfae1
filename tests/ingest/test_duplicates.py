"""Which of equal texts is the original."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ingest.duplicates import Copy, choose_head

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def copy(number: int, published: datetime | None, seen: datetime = NOON) -> Copy:
    return Copy(number, published, seen, None)


def head(*group: Copy) -> int:
    return choose_head(group).id


def test_who_published_first_is_the_original() -> None:
    assert head(copy(1, NOON - HOUR), copy(2, NOON - 2 * HOUR, NOON + HOUR), copy(3, None)) == 2


def test_without_a_time_who_was_seen_first() -> None:
    assert head(copy(1, None, NOON + HOUR), copy(2, None, NOON)) == 2


def test_a_time_after_we_saw_it_is_not_believed() -> None:
    assert head(copy(1, NOON + HOUR, NOON), copy(2, NOON + HOUR / 2, NOON + HOUR)) == 1


def test_a_date_without_a_time_is_not_believed() -> None:
    midnight = NOON.replace(hour=0)
    assert head(copy(1, midnight, NOON), copy(2, NOON - HOUR, NOON + HOUR)) == 2


def test_equal_claims_go_to_who_was_seen_first_then_to_the_lower_number() -> None:
    assert head(copy(1, NOON - HOUR, NOON + HOUR), copy(2, NOON - HOUR, NOON)) == 2
    assert head(copy(2, None), copy(1, None)) == 1


moments = st.integers(0, 100).map(lambda hours: NOON + hours * HOUR)
copies = st.lists(
    st.builds(Copy, st.integers(1, 50), st.none() | moments, moments, st.none()), min_size=1, unique_by=lambda c: c.id
)


@given(copies, st.randoms())
def test_the_order_of_arrival_does_not_matter(group: list[Copy], chance: object) -> None:
    mixed = list(group)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert choose_head(group) is choose_head(mixed)
