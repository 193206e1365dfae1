"""Train the judge of copies on labelled texts by several hands, and report how it does on those of a hand left out.

A hand is a set of texts with the stories they belong to: `bench/hands`, the labelled set of a corpus folder, and the
copies that `bench.copies` makes of a corpus's texts. A finder that is always right goes through the texts as `Index`
does, and each comparison that it makes is an example. Every figure of the report is about a hand that the trees judged
were not trained on; the model that is written is trained on all.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from bench.copies import Maker
from bench.duplicates import texts_of
from bench.forest import as_trees
from ingest import likeness
from ingest.align import Aligned
from ingest.clusters import Index
from ingest.compare import SURE
from ingest.likeness import NAMES, UNKNOWN, Shares, features
from ingest.near import Signature, signature
from ingest.trees import Trees, save

HANDS = Path(__file__).with_name("hands")
SEEDS = (1, 2)  # of the made copies
DEPTH = 7
FORESTS = 2  # that differ by their seeds: their mean carries over better than either
PARAMETERS: dict[str, Any] = {
    "max_iter": 180, "learning_rate": 0.08, "max_leaf_nodes": 15, "max_depth": DEPTH, "min_samples_leaf": 15,
    "l2_regularization": 1.0, "max_features": 0.4,
}  # fmt: skip
OF_TITLES = ("common_title", "title_of_short", "title_of_long")  # unknown in half the examples, as in many lists
UNCLEAR = 0.3  # two texts of a story that share less, and are no labelled pair, teach nothing
MOST = 2_000  # examples of a hand and a label count as so many at most
EXAMPLE = "Example: python -m bench.train_copies --corpus corpus/duplicates --corpus corpus/body"


@dataclass(frozen=True, slots=True)
class Examples:
    """Comparisons of one hand's texts: features, whether they are copies, and how much each counts."""

    hand: str
    rows: Any
    labels: Any
    weights: Any


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    hands = [examples(name, docs, pairs) for name, docs, pairs in hands_of(options.hands, options.corpus)]
    report: dict[str, Any] = {"bench": "train_copies", "examples": sum(len(hand.labels) for hand in hands)}
    if options.leave_out:
        report |= leave_one_out(hands)
    model = fit(hands)
    save(options.model, model, NAMES)
    report |= {"trees": len(model.roots), "bytes": options.model.stat().st_size}
    print(json.dumps(report))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.train_copies", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("--corpus", type=Path, action="append", default=[], metavar="DIR", help="may be given again")
    parser.add_argument("--hands", type=Path, default=HANDS, metavar="DIR", help="sets of labelled texts [bench/hands]")
    parser.add_argument("--model", type=Path, metavar="FILE", default=likeness.FILE, help="where to write the trees")
    parser.add_argument("--leave-out", action="store_true", help="report on each hand with trees of the others")
    return parser.parse_args(arguments)


# --- examples -------------------------------------------------------------------------------------------------------

Docs = list[dict[str, Any]]
Pairs = set[frozenset[str]]


def hands_of(folder: Path, corpora: Sequence[Path]) -> Iterator[tuple[str, Docs, Pairs]]:
    """Each hand's texts and the pairs of them that are copies for sure."""
    for docs in sorted(folder.glob("*.docs.jsonl.gz")):
        name = docs.name.partition(".")[0]
        yield name, _lines(docs), _copies(_lines(docs.with_name(f"{name}.pairs.jsonl.gz")))
    for corpus in corpora:
        if (docs := corpus / "docs.jsonl.gz").exists():
            yield corpus.name, _lines(docs), _copies(_lines(corpus / "pairs.jsonl.gz"))
    texts = texts_of(corpora)
    for seed in SEEDS if texts else ():
        maker = Maker(texts, seed)
        maker.make(len(texts) // 3)
        made = [{"id": doc.id, "site": doc.site, "title": doc.title, "text": doc.text, "cluster": doc.cluster}
                for doc in maker.docs]  # fmt: skip
        yield "made", made, {frozenset((a, b)) for a, b, _, label in maker.pairs if label}


def _lines(file: Path) -> Docs:
    return [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]


def _copies(pairs: Docs) -> Pairs:
    return {frozenset((pair["a"], pair["b"])) for pair in pairs if pair["label"]}


def examples(hand: str, docs: Docs, copies: Pairs) -> Examples:
    """The comparisons that a finder makes which is always right."""
    told: dict[Signature, dict[str, Any]] = {}
    rows, labels, weights = [], [], []

    def judge(short: Signature, long: Signature, aligned: Aligned, shares: Shares, same_site: bool) -> float:
        one, other = told[short], told[long]
        is_copy = one["cluster"] == other["cluster"]
        unclear = is_copy and shares.best < UNCLEAR and frozenset((one["id"], other["id"])) not in copies
        rows.append(features(short, long, aligned, shares, same_site))
        labels.append(is_copy)
        weights.append(not unclear)
        return float(is_copy)

    index = Index(judge=judge)
    for doc in docs:
        text = signature(doc["text"], doc.get("title") or "")
        told[text] = doc
        index.add(doc["id"], text, doc["site"])
    is_copy, counts = np.array(labels, bool), np.array(weights, float)
    for label in (True, False):
        counts[is_copy == label] *= min(1.0, MOST / max(1.0, counts[is_copy == label].sum()))
    return Examples(hand, np.array(rows, np.float32), is_copy, counts)


# --- training -------------------------------------------------------------------------------------------------------


def fit(hands: Sequence[Examples]) -> Trees:
    """The trees that these hands teach."""
    rows, labels, weights = (
        np.concatenate([getattr(hand, name) for hand in hands]) for name in ("rows", "labels", "weights")
    )
    untitled = rows.copy()
    untitled[:, [NAMES.index(name) for name in OF_TITLES]] = UNKNOWN
    rows, labels, weights = np.concatenate((rows, untitled)), np.tile(labels, 2), np.tile(weights / 2, 2)
    used = weights > 0
    models = [HistGradientBoostingClassifier(**PARAMETERS, random_state=seed) for seed in range(FORESTS)]
    return as_trees([model.fit(rows[used], labels[used], weights[used]) for model in models], DEPTH)


def leave_one_out(hands: Sequence[Examples]) -> dict[str, Any]:
    """Of each hand's comparisons: the copies, those found, and the strangers taken for copies."""
    report: dict[str, Any] = Counter()
    for name in sorted({hand.hand for hand in hands}):
        trees = fit([hand for hand in hands if hand.hand != name])
        for hand in hands:
            if hand.hand == name:
                sure = (trees.sureness(hand.rows) >= SURE) & (hand.weights > 0)
                copies = hand.labels & (hand.weights > 0)
                report[f"{name}_copies"] += int(copies.sum())
                report[f"{name}_found"] += int((sure & copies).sum())
                report[f"{name}_wrong"] += int((sure & ~hand.labels).sum())
        found, copies, wrong = (report[f"{name}_{figure}"] for figure in ("found", "copies", "wrong"))
        print(f"{name}: {found} of {copies} copies found, {wrong} strangers taken for copies", flush=True)
    return report


if __name__ == "__main__":
    sys.exit(main())
