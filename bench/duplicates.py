"""Near-duplicates: documents a processor second for signature and comparison, beside rensa's MinHash if installed.

Ours: `signature`, then `Index.add`: candidates, comparison, groups, furniture. Theirs: the same tokens as RMinHash
with 128 permutations over words of three, inserted into and looked up in RMinHashLSH. One process, the same texts in
the same order, in turns. One text in twelve is a copy that was cut and got another headline.

With --corpus DIR, once or twice (a folder with ground-truth.json as in corpus/body, or with docs.jsonl.gz as in
corpus/duplicates), its texts are copied in many ways (bench/copies) and what was linked is counted: pair F1, precision
of links.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.copies import Maker
from ingest.clusters import Index
from ingest.near import signature

EXAMPLE = "Example: python -m bench.duplicates --documents 5000 --words 350"
SYLLABLES = [
    "ba",
    "co",
    "de",
    "fi",
    "gu",
    "la",
    "me",
    "ni",
    "po",
    "ru",
    "sa",
    "te",
    "vi",
    "wo",
    "za",
    "bel",
    "cor",
    "dan",
    "fen",
    "gil",
]
COPY_EVERY = 12


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    texts = make_texts(options.documents, options.words, options.seed)
    ways: dict[str, Callable[[list[str]], float]] = {"ours": _ours, "signature": _signatures}
    if _rensa() is not None:
        ways["rensa"] = _theirs
    best = dict.fromkeys(ways, 0.0)
    for number in range(1, options.rounds + 1):
        for name, way in ways.items():
            best[name] = max(best[name], way(texts))
        print(f"round {number}: " + ", ".join(f"{name} {rate:,.0f} documents/s" for name, rate in best.items()))
    figures: dict[str, object] = {
        "bench": "duplicates",
        "documents": len(texts),
        "words": options.words,
        "documents_per_s": round(best["ours"]),
        "signatures_per_s": round(best["signature"]),
        "ratio_to_rensa": round(best["ours"] / best["rensa"], 2) if "rensa" in best else None,
    }
    if options.corpus:
        figures |= _quality(options.corpus, options.seed)
    print(json.dumps(figures))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.duplicates", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("--documents", type=int, default=5_000)
    parser.add_argument("--words", type=int, default=350)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path, action="append", help="a folder with ground-truth.json or docs.jsonl.gz")
    return parser.parse_args(arguments)


def make_texts(count: int, words: int, seed: int) -> list[str]:
    """Texts of invented words, as common as words are, with names, numbers and paragraphs."""
    chance = random.Random(seed)
    vocabulary = ["".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(20_000)]
    weights = [1 / (rank + 3) for rank in range(len(vocabulary))]
    made: list[str] = []
    for number in range(count):
        if number % COPY_EVERY == COPY_EVERY - 1:
            original = made[chance.randrange(len(made))]
            made.append("LEEDS (Reuters) - " + original[: int(len(original) * chance.uniform(0.5, 1))])
        else:
            made.append(_text(chance, chance.choices(vocabulary, weights, k=words)))
    return made


def _text(chance: random.Random, words: list[str]) -> str:
    for place in range(0, len(words), 9):
        words[place] = words[place].capitalize() if chance.random() < 0.7 else str(chance.randint(1, 9_000))
    sentences = [" ".join(words[place : place + 18]).capitalize() + "." for place in range(0, len(words), 18)]
    return "\n\n".join(" ".join(sentences[place : place + 3]) for place in range(0, len(sentences), 3))


def _ours(texts: list[str]) -> float:
    index = Index()
    begun = time.process_time()
    for number, text in enumerate(texts):
        index.add(str(number), signature(text), f"site{number % 50}.example")
    return len(texts) / (time.process_time() - begun)


def _signatures(texts: list[str]) -> float:
    begun = time.process_time()
    for text in texts:
        signature(text)
    return len(texts) / (time.process_time() - begun)


def _rensa() -> object:
    try:
        import rensa
    except ImportError:
        return None
    return rensa


def _theirs(texts: list[str]) -> float:
    from rensa import RMinHash, RMinHashLSH

    from ingest.near import normalised, tokens_of

    index = RMinHashLSH(threshold=0.5, num_perm=128, num_bands=32)
    begun = time.process_time()
    for number, text in enumerate(texts):
        words = [word for word in tokens_of(normalised(text).casefold()) if word[0].isalnum()]
        hashed = RMinHash(num_perm=128, seed=42)
        hashed.update([" ".join(words[place : place + 3]) for place in range(len(words) - 2)])
        index.query(hashed)
        index.insert(number, hashed)
    return len(texts) / (time.process_time() - begun)


def _quality(corpora: Sequence[Path], seed: int) -> dict[str, object]:
    texts = texts_of(corpora)
    maker = Maker(texts, seed)
    maker.make(len(texts) // 3)
    return score(maker)


def texts_of(corpora: Sequence[Path]) -> list[tuple[str, str]]:
    """Titles and texts that are no copies of each other, of folders as corpus/body and corpus/duplicates."""
    texts = []
    for corpus in corpora:
        if (truth := corpus / "ground-truth.json").exists():
            texts += [("", page["articleBody"]) for page in json.loads(truth.read_text("utf-8")).values()]
        if (docs := corpus / "docs.jsonl.gz").exists():
            said = [json.loads(line) for line in gzip.decompress(docs.read_bytes()).splitlines()]
            texts += [(doc["title"], doc["text"]) for doc in said if doc["kind"] in ("original", "brief")]
    seen: set[str] = set()
    kept = []
    for title, text in texts:
        sentences = {part.strip()[:50] for part in text.replace("\n", ". ").split(". ") if len(part) > 50}
        if not sentences & seen:
            kept.append((title or " ".join(text.split()[:8]), text))
        seen |= sentences
    return kept


def score(maker: Maker) -> dict[str, object]:
    """What `Index` makes of labelled texts: pairs joined through their groups, and links that are right."""
    index, cluster = Index(), {doc.id: doc.cluster for doc in maker.docs}
    group = {doc.id: doc.id for doc in maker.docs}

    def root(name: str) -> str:
        while group[name] != name:
            name = group[name]
        return name

    links = right = 0
    for doc in maker.docs:
        for link in index.add(doc.id, signature(doc.text, doc.title), doc.site):
            links, right = links + 1, right + (cluster[link.id] == cluster[link.of])
            group[root(link.id)] = root(link.of)
    found = [(label, root(a) == root(b)) for a, b, _, label in maker.pairs]
    hits = sum(1 for label, linked in found if label and linked)
    wrong = sum(1 for label, linked in found if not label and linked)
    lost = sum(1 for label, linked in found if label and not linked)
    return {
        "pairs": len(found),
        "pair_f1": round(2 * hits / max(1, 2 * hits + wrong + lost), 4),
        "links": links,
        "link_precision": round(right / max(1, links), 4),
    }


if __name__ == "__main__":
    sys.exit(main())
