"""Ensembles of small decision trees, trained by the benches with scikit-learn and evaluated here with NumPy.

A file has them as arrays: the column that a node looks at, the threshold, where to go on if the value is at most that,
and if not; leaves lead to themselves. All trees and rows are evaluated at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


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
        """Probabilities, shape (rows,), for features of shape (rows, columns)."""
        count, width = rows.shape
        flat = np.ascontiguousarray(rows).ravel()
        offsets = (np.arange(count, dtype=np.int32) * width)[:, None]
        node = np.broadcast_to(self.roots, (count, len(self.roots)))
        for _ in range(self.depth):
            value = flat.take(offsets + self.column.take(node))
            node = np.where(value <= self.threshold.take(node), self.below.take(node), self.above.take(node))
        return 1.0 / (1.0 + np.exp(-(self.start + self.value.take(node).sum(axis=1))))


ARRAYS = ("column", "threshold", "below", "above", "value", "roots")


def load(file: Path, names: Sequence[str], trainer: str) -> Trees:
    """The trees of a file. Raises ValueError where they were trained for other features than `names`."""
    with np.load(file, allow_pickle=False) as stored:
        if tuple(stored["names"]) != tuple(names):
            raise ValueError(f"{file.name} was trained for other features: python -m {trainer} --corpus DIR")
        arrays = {name: stored[name] for name in ARRAYS}
        return Trees(**arrays, depth=int(stored["depth"]), start=float(stored["start"]))


def save(file: Path, trees: Trees, names: Sequence[str]) -> None:
    arrays = {name: getattr(trees, name) for name in Trees.__slots__}
    np.savez_compressed(file, names=np.array(names), **arrays)
