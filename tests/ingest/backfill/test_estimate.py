"""How long it takes yet: the slowest host decides, and what nobody can know is not guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.backfill.estimate import WINDOW_S, Pace, State, in_words


def test_before_anything_was_done_the_delay_tells_the_least() -> None:
    pace = Pace(delay_s=2.0)
    assert pace.seconds_to_go() is None
    pace.note(State(0.0, {"a": 100, "b": 10}))
    assert pace.seconds_to_go() == 200


def test_the_slowest_host_decides_at_its_own_pace() -> None:
    pace = Pace(delay_s=2.0)
    pace.note(State(0.0, {"a": 100, "b": 100}))
    pace.note(State(60.0, {"a": 40, "b": 90}, done=70))
    assert pace.seconds_to_go() == 90 * 6
    assert pace.per_s == pytest.approx(70 / 60)


def test_only_the_last_minutes_count() -> None:
    pace = Pace(delay_s=1.0)
    for minute in range(21):  # ten minutes of sixty an hour, then ten of six hundred
        left = 1_000 - minute if minute <= 10 else 990 - 10 * (minute - 10)
        pace.note(State(60.0 * minute, {"a": left}))
    assert pace.seconds_to_go() == pytest.approx(890 * 6)
    assert WINDOW_S < 600


def test_files_go_at_the_pace_of_their_bytes() -> None:
    pace = Pace(delay_s=2.0)
    pace.note(State(0.0, {}, bytes_left=1_000))
    assert pace.seconds_to_go() is None
    pace.note(State(10.0, {}, bytes_left=900))
    assert pace.seconds_to_go() == 90


def test_documents_whose_pages_nobody_knows_yet_leave_it_open() -> None:
    pace = Pace(delay_s=2.0)
    pace.note(State(0.0, {}, parts_left=3))
    assert pace.seconds_to_go() is None
    pace.note(State(1.0, {}, parts_left=0))
    assert pace.seconds_to_go() == 0


STATES = st.builds(
    State,
    st.floats(0, 1e6),
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 10**7)),
    st.integers(0, 10**12),
    st.integers(0, 1000),
    st.integers(0, 10**7),
)


@given(st.lists(STATES, min_size=1, max_size=8), st.floats(0, 120))
def test_whatever_happens_it_is_no_negative_time(states: list[State], delay_s: float) -> None:
    pace = Pace(delay_s)
    for state in sorted(states, key=lambda each: each.at_s):
        pace.note(state)
    seconds = pace.seconds_to_go()
    assert seconds is None or seconds >= 0
    assert pace.per_s >= 0
    assert in_words(seconds)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "unknown"), (0, "0 s"), (59.4, "59 s"), (60, "1 min"), (3_599, "59 min"), (3_600, "1 h 0 min"),
        (7_800, "2 h 10 min"), (90_000, "1 d 1 h"),
    ],
)  # fmt: skip
def test_in_words(seconds: float | None, words: str) -> None:
    assert in_words(seconds) == words
    assert in_words(seconds, is_least=True) == (words if seconds is None else f"at least {words}")
