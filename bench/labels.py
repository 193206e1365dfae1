"""Labelled pages to rows: which block of a page is the article's, by the text that people say is.

A corpus is a folder with any of `body/`, `metadata/` and `segments/`, each with `ground-truth.json` and
`html/KEY.html.gz` (or `html/KEY.gz`). `body` states "articleBody"; `metadata` states "body" with "summary" and
"sections"; `segments` states passages that belong ("with") and do not ("without").
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import log1p
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from ingest import metadata
from ingest.blocks import Block
from ingest.document import comparable, open_document
from ingest.errors import ParseError
from ingest.features import NAMES, rows_of
from ingest.seen import Seen, look_at

SHINGLE = 4
LINE_WORDS = 4  # a shorter block must be a line of the truth as it stands
SHARED = 0.5  # of its shingles, and a longer block is the article's
LEAD_WEIGHT = 0.2  # the summary may stand in the text or in a field of its own
PASSAGE_WEIGHT = 3.0


@dataclass(slots=True)
class Labelled:
    """A page with a row, a label and a weight for each block."""

    part: str
    key: str
    host: str
    case: dict[str, Any]
    seen: Seen
    rows: Any
    labels: Any
    weights: Any


def load(corpus: Path) -> Iterator[Labelled]:
    """The pages of a corpus that can be taken apart."""
    for part in ("body", "metadata", "segments"):
        truth = corpus / part / "ground-truth.json"
        for key, case in json.loads(truth.read_text("utf-8")).items() if truth.exists() else ():
            folder = corpus / part / "html"
            path = next(path for path in (folder / f"{key}.html.gz", folder / f"{key}.gz") if path.exists())
            try:
                yield label(part, key, case, gzip.decompress(path.read_bytes()))
            except ParseError as error:
                print(f"{part}/{key}: {error}")


def label(part: str, key: str, case: dict[str, Any], html: bytes) -> Labelled:
    """One page. ParseError where it cannot be read."""
    document = open_document(html, "text/html", case["url"])
    facts = metadata.gather(document, datetime.now(UTC))
    seen = look_at(document.tree, document.url, facts.title, facts.description, facts.body)
    chosen, rows = rows_of(seen.blocks, seen.known) if seen.blocks else ([], np.zeros((0, len(NAMES)), np.float32))
    labels, weights = (_by_passages if part == "segments" else _by_text)(case, seen.blocks)
    host = urlsplit(case["url"]).hostname or key
    return Labelled(part, key, host, case, seen, rows, labels[chosen], weights[chosen])


def lines_of(case: dict[str, Any]) -> tuple[list[str], list[str]]:
    """(the article's lines, the summary's) as the truth states them."""
    if "articleBody" in case:
        return _split([case["articleBody"]]), []
    body = case.get("body") or {}
    sections = body.get("sections") or []
    texts = [text for section in sections for name in ("headline", "paragraphs") for text in section.get(name) or []]
    return _split(texts), list(body.get("summary") or [])


def shingles(words: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1))]


def _split(texts: Sequence[str]) -> list[str]:
    return [line for text in texts for line in text.split("\n") if line.strip()]


def _by_passages(case: dict[str, Any], blocks: Sequence[Block]) -> tuple[Any, Any]:
    labels, weights = np.zeros(len(blocks)), np.zeros(len(blocks))
    for number, block in enumerate(blocks):
        text = " ".join(block.text.split())
        for verdict, name in ((0.0, "without"), (1.0, "with")):
            if any(" ".join(passage.split()) in text for passage in case[name]):
                labels[number], weights[number] = verdict, PASSAGE_WEIGHT
    return labels, weights


def _by_text(case: dict[str, Any], blocks: Sequence[Block]) -> tuple[Any, Any]:
    lines, summary = lines_of(case)
    keys = [comparable(block.text) for block in blocks]
    known, lead = {comparable(line) for line in lines}, " ".join(map(comparable, summary))
    whole = f" {' '.join(map(comparable, lines))} "
    pieces = set(shingles(whole.split()))
    labels, weights = np.zeros(len(blocks)), np.ones(len(blocks))
    for number, key in enumerate(keys):
        words = key.split()
        share = _share(key, words, known, whole, pieces)
        labels[number] = share >= SHARED
        weights[number] = 0.3 if 0.25 < share < 0.75 else 1.0
        if share < SHARED and len(words) > LINE_WORDS and key in lead:
            labels[number], weights[number] = 1.0, LEAD_WEIGHT
    _only_among_its_like(keys, labels)
    size = np.array([1 + log1p(len(block.text)) / 3 for block in blocks])
    return labels, weights * size / max(1.0, len(blocks) / 100) ** 0.5


def _share(key: str, words: list[str], known: set[str], whole: str, pieces: set[tuple[str, ...]]) -> float:
    """How much of a block is the article's."""
    if key in known or (len(words) >= LINE_WORDS and f" {key} " in whole):
        return 1.0
    if len(words) < LINE_WORDS + 2:
        return 0.0
    own = shingles(words)
    return sum(piece in pieces for piece in own) / len(own)


def _only_among_its_like(keys: Sequence[str], labels: Any) -> None:
    """Of blocks that say the same, only that counts which stands among others of the article."""
    for key, count in Counter(keys).items():
        places = [number for number, other in enumerate(keys) if other == key] if count > 1 else []
        near = [labels[max(0, number - 4) : number + 5].sum() for number in places]
        for number, neighbours in zip(places, near, strict=True):
            if neighbours < max(near):
                labels[number] = 0.0
