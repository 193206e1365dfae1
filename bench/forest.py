"""What scikit-learn has trained, in the form that `ingest.trees` evaluates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from ingest.trees import Trees


def as_trees(models: Sequence[HistGradientBoostingClassifier], depth: int) -> Trees:
    """The mean of several forests as flat arrays; a leaf leads to itself. `depth`: of the deepest tree."""
    trees = [predictors[0].nodes for model in models for predictors in model._predictors]
    roots = np.cumsum([0, *(len(nodes) for nodes in trees[:-1])]).astype(np.int32)
    flat = np.concatenate(trees)
    base = np.repeat(roots, [len(nodes) for nodes in trees])
    own = np.arange(len(flat), dtype=np.int32)
    leaf = flat["is_leaf"].astype(bool)
    return Trees(
        column=np.where(leaf, 0, flat["feature_idx"]).astype(np.int32),
        threshold=np.where(leaf, np.inf, flat["num_threshold"]).astype(np.float32),
        below=np.where(leaf, own, flat["left"] + base).astype(np.int32),
        above=np.where(leaf, own, flat["right"] + base).astype(np.int32),
        value=np.where(leaf, flat["value"] / len(models), 0.0).astype(np.float32),
        roots=roots,
        depth=depth,
        start=float(np.mean([model._baseline_prediction for model in models])),
    )
