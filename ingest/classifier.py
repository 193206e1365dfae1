"""How sure we are that a block is the article's: an ensemble of small decision trees, trained by `bench.train`.

The trees lie in `classifier.npz` beside this file, as arrays of shape (trees, nodes): the column a node looks at, the
threshold, where to go on if the value is at most that, and if not; leaves lead to themselves. They are evaluated with
NumPy, all trees and blocks at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ingest.features import NAMES

FILE = Path(__file__).with_name("classifier.npz")


@dataclass(frozen=True, slots=True)
class Trees:
    """`column`, `threshold`, `below`, `above`, `value`: flat, tree by tree; `roots`: where each tree begins."""

    column: Any
    threshold: Any
    below: Any
    above: Any
    value: Any
    roots: Any
    depth: int
    start: float

    def sureness(self, rows: Any) -> Any:
        """Probabilities, shape (blocks,), for rows of features of shape (blocks, len(NAMES))."""
        count, width = rows.shape
        flat = np.ascontiguousarray(rows).ravel()
        offsets = (np.arange(count, dtype=np.int32) * width)[:, None]
        node = np.broadcast_to(self.roots, (count, len(self.roots)))
        for _ in range(self.depth):
            value = flat.take(offsets + self.column.take(node))
            node = np.where(value <= self.threshold.take(node), self.below.take(node), self.above.take(node))
        return 1.0 / (1.0 + np.exp(-(self.start + self.value.take(node).sum(axis=1))))


@cache
def trees() -> Trees:
    """The trained trees. Raises ValueError where they were trained for other features."""
    with np.load(FILE, allow_pickle=False) as stored:
        if tuple(stored["names"]) != NAMES:
            raise ValueError(f"{FILE.name} was trained for other features: python -m bench.train --corpus DIR")
        arrays = {name: stored[name] for name in ("column", "threshold", "below", "above", "value", "roots")}
        return Trees(**arrays, depth=int(stored["depth"]), start=float(stored["start"]))
