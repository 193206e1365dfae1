"""What a kept revision costs: articles of real length, edited as newsrooms edit, and their older texts as deltas.

    python -m bench.revisions [--articles 300] [--corpus DIR]

Most articles are edited once to three times (a number, a word, a sentence, a paragraph more), one in ten is a running
story with up to forty edits, and a few go back to an older text. Each older text is read back and compared.
With a corpus the texts are those of its labelled pages (body/ground-truth.json).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from ingest.revise import MOST_LEANING, from_delta, leaning, to_delta, to_whole

WORDS = [
    a + b for a in ("ba", "co", "den", "fir", "gal", "hor", "in", "jul", "kor", "lan", "mer", "nor", "op", "pre", "qui")
    for b in ("ter", "ning", "ra", "ment", "s", "tion", "ly", "ding", "ver", "nce", "lo", "ck", "mp", "sh", "t", "ing")
]  # fmt: skip


def make_text(chance: random.Random) -> str:
    """About 150 to 1,200 words in sentences and paragraphs; words as unequally frequent as in a language."""
    count = min(max(int(chance.lognormvariate(6.1, 0.5)), 150), 1_200)
    order = chance.sample(WORDS, len(WORDS))
    weights = [1 / (rank + 2) for rank in range(len(order))]
    words = chance.choices(order, weights, k=count)
    paragraphs, at = [], 0
    while at < len(words):
        sentences = []
        for _ in range(chance.randint(1, 4)):
            length = chance.randint(8, 26)
            sentence = words[at : at + length]
            at += length
            if sentence:
                sentences.append(" ".join([sentence[0].title(), *sentence[1:], str(chance.randint(2, 900))]) + ".")
        if sentences:
            paragraphs.append(" ".join(sentences))
    return "\n\n".join(paragraphs)


def edit(text: str, chance: random.Random) -> str:
    """One edit as newsrooms make them."""
    paragraphs = text.split("\n\n")
    at = chance.randrange(len(paragraphs))
    kind = chance.random()
    if kind < 0.5:  # a number or a name
        words = paragraphs[at].split(" ")
        for _ in range(chance.randint(1, 4)):
            words[chance.randrange(len(words))] = chance.choice(WORDS)
        paragraphs[at] = " ".join(words)
    elif kind < 0.7:  # a sentence said otherwise
        sentences = paragraphs[at].split(". ")
        sentences[chance.randrange(len(sentences))] = " ".join(chance.choices(WORDS, k=15)).capitalize()
        paragraphs[at] = ". ".join(sentences)
    elif kind < 0.9:  # a paragraph more
        paragraphs.insert(at, " ".join(chance.choices(WORDS, k=30)).capitalize() + ".")
    elif len(paragraphs) > 3:  # one less
        del paragraphs[at]
    return "\n\n".join(paragraphs)


def keep(texts: Sequence[str]) -> list[bytes]:
    """The older ones of these texts as they are kept."""
    bases: dict[int, int | None] = {}
    kept = []
    for number, (older, newer) in enumerate(pairwise(texts), 1):
        whole = leaning(number, bases) >= MOST_LEANING
        bases[number] = None if whole else number + 1
        kept.append(to_whole(older) if whole else to_delta(older, newer))
    return kept


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.revisions", description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--corpus", metavar="DIR", type=Path, help="a folder of labelled pages")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    chance = random.Random(options.seed)
    if options.corpus is not None:
        truth = json.loads((options.corpus / "body" / "ground-truth.json").read_text("utf-8"))
        stories = [page["articleBody"].replace("\n", "\n\n") for page in truth.values()]
    else:
        stories = [make_text(chance) for _ in range(options.articles)]
    sizes: list[int] = []
    raw = running = wrong = 0
    packing_s = reading_s = 0.0
    for story in stories:
        edits = chance.randint(10, 40) if chance.random() < 0.1 else chance.randint(1, 3)
        texts = [story]
        for _ in range(edits):
            texts.append(edit(texts[-1], chance))
        began = time.process_time()
        kept = keep(texts)
        packing_s += time.process_time() - began
        began = time.process_time()
        newer = texts[-1]
        for older, delta in zip(reversed(texts[:-1]), reversed(kept), strict=True):
            newer = from_delta(delta, newer)
            wrong += newer != older
        reading_s += time.process_time() - began
        sizes += map(len, kept)
        raw += sum(len(text.encode()) for text in texts[:-1])
        running += edits >= 10
    characters = sum(map(len, stories)) // len(stories)
    print(f"{len(stories)} articles, {running} of them running stories; {characters} characters each")
    figures = {
        "bench": "revisions",
        "articles": len(stories),
        "revisions": len(sizes),
        "bytes_per_revision": round(sum(sizes) / len(sizes), 1),
        "median_bytes": sorted(sizes)[len(sizes) // 2],
        "share_of_text": round(sum(sizes) / raw, 4),
        "kept_per_s": round(len(sizes) / packing_s),
        "read_per_s": round(len(sizes) / reading_s),
        "not_read_back": wrong,
    }
    print(json.dumps(figures))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
