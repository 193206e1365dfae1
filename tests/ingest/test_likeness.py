"""The judge of copies: what it looks at, and the trees that were trained for that."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import likeness
from ingest.align import Aligned
from ingest.compare import compare
from ingest.likeness import NAMES, Shares, features, sureness
from ingest.near import Signature, signature
from ingest.trees import load, save
from tests.ingest.stories import OTHER, STORY

WORDS = st.lists(st.sampled_from((STORY + OTHER).split()), min_size=25, max_size=60)


def test_the_trees_are_small_and_were_trained_for_what_is_looked_at() -> None:
    assert load(likeness.FILE, NAMES, "bench.train_copies").depth < 10
    assert likeness.FILE.stat().st_size < 200_000
    assert len(set(NAMES)) == len(NAMES)


def test_trees_for_other_features_are_refused_with_what_to_do(tmp_path: Path) -> None:
    save(tmp_path / "copies.npz", likeness.trees(), NAMES[1:])
    with pytest.raises(ValueError, match=r"python -m bench\.train_copies"):
        load(tmp_path / "copies.npz", NAMES, "bench.train_copies")


@given(WORDS, WORDS)
def test_whatever_two_texts_share_is_measured_in_numbers(one: list[str], other: list[str]) -> None:
    seen: list[float] = []

    def judge(short: Signature, long: Signature, aligned: Aligned, shares: Shares, same_site: bool) -> float:
        row = features(short, long, aligned, shares, same_site)
        assert row.shape == (len(NAMES),)
        assert np.isfinite(row).all()
        seen.append(sureness(short, long, aligned, shares, same_site))
        return seen[-1]

    shared = STORY.split()[:40]
    compare(signature(" ".join([*shared, *one])), signature(" ".join([*shared, *other])), judge=judge)
    assert all(0 <= sure <= 1 for sure in seen)
