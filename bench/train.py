"""Train the block classifier on labelled pages, and report how it does on hosts it has not seen.

The pages of one registrable domain are always in the same fold, so every figure of the report is about publishers that
the trees judged were not trained on. The model that is written is trained on all pages.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from bench.forest import as_trees
from bench.labels import Labelled, lines_of, load, shingles
from ingest import classifier
from ingest.blocks import Block
from ingest.features import NAMES
from ingest.judgement import judge
from ingest.rules import drop_by_rule
from ingest.seen import Seen
from ingest.trees import Trees, save

FOLDS = 8
DEPTH = 7
FORESTS = 2  # that differ by their seeds: their mean carries over better than either
PARAMETERS: dict[str, Any] = {
    "max_iter": 90, "learning_rate": 0.1, "max_leaf_nodes": 15, "max_depth": DEPTH, "min_samples_leaf": 40,
    "l2_regularization": 1.0, "max_features": 0.3,
}  # fmt: skip
WORD = re.compile(r"\w+")
EXAMPLE = "Example: python -m bench.train --corpus pages/ --model /tmp/classifier.npz"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    pages = list(load(options.corpus))
    print(f"{len(pages)} pages, {sum(len(page.labels) for page in pages)} blocks", flush=True)
    report: dict[str, Any] = {"bench": "train", "pages": len(pages), "folds": options.folds}
    if options.folds > 1:
        report |= cross_validate(pages, options.folds)
    model = fit(pages)
    save(options.model, model, NAMES)
    report |= {"trees": len(model.roots), "bytes": options.model.stat().st_size}
    print(json.dumps(report))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.train", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("--corpus", type=Path, metavar="DIR", required=True, help="labelled pages (bench/labels.py)")
    parser.add_argument("--model", type=Path, metavar="FILE", default=classifier.FILE, help="where to write the trees")
    parser.add_argument(
        "--folds", type=int, default=FOLDS, metavar="N", help=f"of the cross-validation [{FOLDS}]; 0: none"
    )
    return parser.parse_args(arguments)


# --- training ---------------------------------------------------------------------------------------------------------


def fit(pages: Sequence[Labelled]) -> Trees:
    """The trees that these pages teach."""
    pages = [page for page in pages if len(page.labels)]
    rows, labels, weights = (
        np.concatenate([getattr(page, name) for page in pages]) for name in ("rows", "labels", "weights")
    )
    used = weights > 0
    models = [HistGradientBoostingClassifier(**PARAMETERS, random_state=seed) for seed in range(FORESTS)]
    return as_trees([model.fit(rows[used], labels[used], weights[used]) for model in models], DEPTH)


# --- the report -------------------------------------------------------------------------------------------------------


def cross_validate(pages: Sequence[Labelled], folds: int) -> dict[str, float]:
    """Scores of pages judged by trees that saw no page of their domain."""
    domains = sorted({_domain(page.host) for page in pages})
    np.random.default_rng(0).shuffle(domains)
    fold_of = {domain: number % folds for number, domain in enumerate(domains)}
    texts: dict[str, str] = {}
    for fold in range(folds):
        trees = fit([page for page in pages if fold_of[_domain(page.host)] != fold])
        for page in pages:
            if fold_of[_domain(page.host)] == fold:
                texts[f"{page.part}/{page.key}"] = "\n".join(block.text for block in _read(page.seen, trees))
        print(f"fold {fold + 1} of {folds}", flush=True)
    return scores(pages, texts)


def _domain(host: str) -> str:
    return ".".join(host.split(".")[-2:])


def _read(seen: Seen, trees: Trees) -> list[Block]:
    return [verdict.block for verdict in drop_by_rule(judge(seen, trees), seen) if verdict.kept]


def scores(pages: Sequence[Labelled], texts: dict[str, str]) -> dict[str, float]:
    """Shingle F1 of the mean precision and recall, exact share, and F1 of marked passages."""
    bodies, leads, passages = [], [], Counter[str]()
    for page in pages:
        text = texts[f"{page.part}/{page.key}"]
        if page.part == "body":
            bodies.append((page.case["articleBody"], text))
        elif page.part == "metadata":
            lines, summary = lines_of(page.case)
            lead = page.seen.standfirst or ""
            leads.append(("\n".join([*summary, *lines]), text if lead in text else f"{lead}\n{text}"))
        else:
            flat = " ".join(text.split())
            for name in ("with", "without"):
                hits = sum(" ".join(passage.split()) in flat for passage in page.case[name])
                passages[name] += hits
                passages[f"{name} missed"] += len(page.case[name]) - hits
    right, wrong = passages["with"], passages["with missed"] + passages["without"]
    found: dict[str, float] = {}
    for name, pairs in (("body", bodies), ("body_with_lead", leads)):
        found |= {f"{name}_{figure}": value for figure, value in _overlap(pairs).items()} if pairs else {}
    return found | ({"segments_f1": round(2 * right / (2 * right + wrong), 4)} if right else {})


def _overlap(pairs: Sequence[tuple[str, str]]) -> dict[str, float]:
    precisions, recalls = [], []
    for true, got in pairs:
        wanted, found = (Counter(shingles(WORD.findall(text))) for text in (true, got))
        shared = (wanted & found).total()
        if found.total() and got.strip():
            precisions.append(shared / found.total())
        recalls.append(shared / max(wanted.total(), 1))
    precision, recall = mean(precisions or [0.0]), mean(recalls)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    exact = mean(WORD.findall(true) == WORD.findall(got) for true, got in pairs)
    return {"f1": round(f1, 4), "precision": round(precision, 4), "recall": round(recall, 4), "exact": round(exact, 3)}


if __name__ == "__main__":
    sys.exit(main())
