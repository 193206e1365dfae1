"""How sure we are that a block is the article's: an ensemble of small decision trees, trained by `bench.train`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ingest.features import NAMES
from ingest.trees import Trees, load

FILE = Path(__file__).with_name("classifier.npz")


@cache
def trees() -> Trees:
    """The trained trees."""
    return load(FILE, NAMES, "bench.train")
