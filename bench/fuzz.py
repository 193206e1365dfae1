"""Real pages, broken in thousands of ways: does every one of them have an outcome, and none costs a worker?

Each page is mutated by a dice of its own, so that a page is known by its seed alone, and read in the pool of workers
with its limits. Exits 1 where a worker crashed or hung, or where reading failed by a mistake of ours.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from bench.pages import OWN_PAGES, Sample, load_corpus, make_pages
from ingest.errors import ParseError
from ingest.model import Page, Reading, Reason
from jobs.extractor import Extractor

URL = "https://www.example.org/news/2026/november/23/a-story"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WORKERS = 2
IN_FLIGHT = 8
TIMEOUT_S = 20.0
MEMORY_BYTES = 1_000_000_000
MAX_BYTES = 4_000_000  # more is never fetched
BAD = {Reason.READ_CRASHED: "crashed", Reason.READ_TIMEOUT: "timed_out", Reason.READ_FAILED: "failed"}
EXAMPLE = "Example: python -m bench.fuzz --pages 1000 --seed 7 --save broken"

TAG = re.compile(rb"<[a-zA-Z/!][^<>]{0,2000}>")
END_TAG = re.compile(rb"</[a-zA-Z][^<>]{0,100}>")
QUOTE = re.compile(rb"[\"']")
JSON_LD = re.compile(rb"(<script[^>]{0,200}ld\+json[^>]{0,200}>)(.*?)(?=</script)", re.S | re.I)
JSON_TOKEN = re.compile(rb'"(?:[^"\\]|\\.){0,2000}"|[{}\[\],:]|[^\s"{}\[\],:]{1,100}|\s')
TAGS = (
    b"<div>", b"</div>", b"<p>", b"<table><tr><td>", b"</table>", b"<script>", b"<!--", b"-->", b"<style>", b"<title>",
    b"<textarea>", b"</body>", b"</html>", b"<body>", b"<head>", b"<article>", b"<h1>", b"<a href='", b"<li>", b"<svg>",
    b"<form>", b"<select>", b"<br/>", b"<b>", b"<template>", b"<noscript>", b"<frameset>", b"<plaintext>", b"<![CDATA[",
    b"<?xml ", b"<html/>", b"<base href=//[>", b"<meta charset=utf-16>", b"<p title=\"", b"&#0;", b"&#xD800;", b"&amp",
)  # fmt: skip
CHARSETS = (
    None, "text/html", "text/html; charset=utf-16", "text/html; charset=shift_jis", "text/html; charset=iso-2022-jp",
    "text/html; charset=x-user-defined", "text/html; charset=utf-7", "text/plain", "application/xhtml+xml",
    "application/pdf", "text/html; charset=windows-1251", "text/html; charset=gb18030", "image/png",
)  # fmt: skip
NESTED = (b"<div>", b"<span class=x>", b"<b>", b"<table><tr><td>", b"<ul><li>", b"<blockquote>", b"<font>", b"<form>")

Mutation = Callable[[random.Random, bytes, bytes], bytes]


@dataclass
class Tally:
    """What became of the pages."""

    outcomes: Counter[str] = field(default_factory=Counter)
    bad: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    slowest_seed: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    bodies = [sample.html for sample in _samples(options.corpus)]
    if options.only is not None:
        return _only(options.only, bodies, options.save)
    began, tally = time.monotonic(), Tally()
    extractor = Extractor(WORKERS, TIMEOUT_S, MEMORY_BYTES)
    extractor.start()
    try:
        _read_all(extractor, bodies, [f"{seed}.{number}" for number in range(options.pages)], tally, options.save)
    finally:
        extractor.stop()
    for outcome, count in tally.outcomes.most_common():
        print(f"{count:7} {outcome}")
    print(json.dumps(_figures(tally, options.pages, seed, time.monotonic() - began)))
    return 1 if tally.bad.total() else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="real pages; without it the bench makes its own")
    parser.add_argument("--pages", type=int, default=10_000, metavar="N", help="mutated pages to read [10000]")
    parser.add_argument("--seed", type=int, metavar="N", help="for the same mutations again; random where left out")
    parser.add_argument("--save", type=Path, metavar="DIR", help="write pages that cost a worker, or that fail, there")
    parser.add_argument("--only", metavar="SEED", help="read this one page, here; its seed as the bench told it")
    return parser.parse_args(arguments)


def _samples(corpus: Path | None) -> list[Sample]:
    return list(load_corpus(corpus)) if corpus else make_pages(OWN_PAGES)


def _figures(tally: Tally, pages: int, seed: int, seconds: float) -> dict[str, object]:
    return {
        "bench": "fuzz",
        "pages": pages,
        **{name: tally.bad[name] for name in BAD.values()},
        "read": sum(count for outcome, count in tally.outcomes.items() if outcome.startswith("read")),
        "refused": sum(count for outcome, count in tally.outcomes.items() if outcome.startswith("refused")),
        "slowest_s": round(tally.slowest_s, 3),
        "slowest_seed": tally.slowest_seed,
        "seed": seed,
        "seconds": round(seconds, 1),
    }


# --- reading --------------------------------------------------------------------------------------------------------


def _read_all(
    extractor: Extractor, bodies: Sequence[bytes], seeds: Sequence[str], tally: Tally, save: Path | None
) -> None:
    """Keep the workers busy; settle the pages in order."""
    pages = ((seed, mutate(seed, bodies)) for seed in seeds)
    waiting = deque((seed, page, _submit(extractor, page)) for seed, page in islice(pages, IN_FLIGHT))
    while waiting:
        seed, page, timed = waiting.popleft()
        _settle(extractor, seed, page, timed, tally, save)
        waiting.extend((seed, page, _submit(extractor, page)) for seed, page in islice(pages, 1))


def _submit(extractor: Extractor, page: Page) -> Future[tuple[Reading, float]]:
    return extractor._submit(_timed, page)


def _timed(page: Page) -> tuple[Reading | ParseError, float]:
    """In a worker: what comes of a page, and the processor's seconds it took."""
    from ingest.read import read_page

    began = time.process_time()
    try:
        outcome: Reading | ParseError = read_page(page, NOW)
    except ParseError as error:
        outcome = error
    return outcome, time.process_time() - began


def _settle(
    extractor: Extractor, seed: str, page: Page, timed: Future[tuple[Reading, float]], tally: Tally, save: Path | None
) -> None:
    outcome: Reading | ParseError
    try:
        outcome, seconds = extractor.result(timed)
    except ParseError as error:
        outcome, seconds = error, 0.0
    if seconds > tally.slowest_s:
        tally.slowest_s, tally.slowest_seed = seconds, seed
    tally.outcomes[_name(outcome)] += 1
    if isinstance(outcome, ParseError) and outcome.reason in BAD:
        tally.bad[BAD[outcome.reason]] += 1
        print(f"{seed}: {outcome} ({' '.join(plan(seed))})", flush=True)
        if save:
            _save(save, seed, page)


def _name(outcome: Reading | ParseError) -> str:
    if isinstance(outcome, ParseError):
        return f"refused: {outcome.reason}"
    return f"read: {outcome.kind}" + (f", {outcome.reason}" if outcome.reason else "")


def _only(seed: str, bodies: Sequence[bytes], save: Path | None) -> int:
    page = mutate(seed, bodies)
    if save:
        _save(save, seed, page)
    outcome, seconds = _timed(page)
    detail = outcome if isinstance(outcome, ParseError) else f"{outcome.word_count} words"
    print(f"{seed}: {_name(outcome)} ({detail}), {seconds:.3f} s, {' '.join(plan(seed))}, {page.content_type}")
    return 1 if isinstance(outcome, ParseError) and outcome.reason in BAD else 0


def _save(folder: Path, seed: str, page: Page) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{seed}.html").write_bytes(page.body)


# --- mutations ------------------------------------------------------------------------------------------------------


def plan(seed: str) -> list[str]:
    """The names of the mutations that a page undergoes."""
    dice = random.Random(seed)
    return [dice.choice(list(MUTATIONS)) for _ in range(dice.choice((1, 1, 1, 2, 3)))]


def mutate(seed: str, bodies: Sequence[bytes]) -> Page:
    """The page of a seed: the same for the same pages."""
    dice = random.Random(f"{seed} page")
    body = dice.choice(bodies)
    for name in plan(seed):
        body = MUTATIONS[name](dice, body, dice.choice(bodies))
    content_type = dice.choice(CHARSETS) if dice.random() < 0.2 else "text/html; charset=utf-8"
    return Page(URL, body[:MAX_BYTES], content_type, final_url=URL)


def _span(dice: random.Random, body: bytes, most: int = 50_000) -> tuple[int, int]:
    """Where a slice begins and ends."""
    start = dice.randrange(len(body) + 1)
    return start, min(len(body), start + dice.randrange(1, dice.choice((10, 1_000, most)) + 1))


def _places(dice: random.Random, pattern: re.Pattern[bytes], body: bytes, most: int) -> Iterator[re.Match[bytes]]:
    """Some of the matches, the last first, so that those before it stay in place."""
    found = list(pattern.finditer(body))
    chosen = dice.sample(found, min(len(found), dice.randrange(1, most + 1)))
    yield from sorted(chosen, key=lambda match: match.start(), reverse=True)


def _truncate(dice: random.Random, body: bytes, _: bytes) -> bytes:
    return body[: dice.randrange(len(body) + 1)]


def _behead(dice: random.Random, body: bytes, _: bytes) -> bytes:
    return body[dice.randrange(len(body) + 1) :]


def _duplicate(dice: random.Random, body: bytes, _: bytes) -> bytes:
    start, end = _span(dice, body)
    return body[:start] + body[start:end] * dice.choice((2, 3, 20)) + body[end:]


def _remove(dice: random.Random, body: bytes, _: bytes) -> bytes:
    for _ in range(dice.randrange(1, 30)):
        start, end = _span(dice, body, 5_000)
        body = body[:start] + body[end:]
    return body


def _swap(dice: random.Random, body: bytes, _: bytes) -> bytes:
    a, b, c, d = sorted((*_span(dice, body), *_span(dice, body)))
    return body[:a] + body[c:d] + body[b:c] + body[a:b] + body[d:]


def _flip(dice: random.Random, body: bytes, _: bytes) -> bytes:
    flipped = bytearray(body)
    for _ in range(dice.choice((1, 20, 1_000)) if body else 0):
        flipped[dice.randrange(len(body))] = dice.randrange(256)
    return bytes(flipped)


def _drop_ends(dice: random.Random, body: bytes, _: bytes) -> bytes:
    keep = dice.choice((0.0, 0.5, 0.95))
    return END_TAG.sub(lambda match: match[0] if dice.random() < keep else b"", body)


def _insert_tags(dice: random.Random, body: bytes, _: bytes) -> bytes:
    for match in _places(dice, TAG, body, 200):
        body = body[: match.end()] + dice.choice(TAGS) + body[match.end() :]
    return body


def _break_quotes(dice: random.Random, body: bytes, _: bytes) -> bytes:
    for match in _places(dice, QUOTE, body, 100):
        body = body[: match.start()] + dice.choice((b"", b'"', b"'", b">", b"<")) + body[match.end() :]
    return body


def _flood_attributes(dice: random.Random, body: bytes, _: bytes) -> bytes:
    count = dice.choice((10, 300, 3_000, 30_000))
    flood = b" ".join(dice.choice((b"a%d", b'a%d="x>y"', b"a%d='<p>'", b"a%d=1/")) % n for n in range(count))
    for match in _places(dice, TAG, body, 5):
        body = body[: match.end() - 1] + b" " + flood + b">" + body[match.end() :]
    return body


def _lie_about_charset(dice: random.Random, body: bytes, _: bytes) -> bytes:
    codec = dice.choice(("utf-16-le", "utf-16-be", "utf-16", "cp1251", "cp932", "iso2022_jp", "cp037", "utf-32"))
    return body.decode("utf-8", "replace").encode(codec, "replace")


def _splice(dice: random.Random, body: bytes, other: bytes) -> bytes:
    return body[: dice.randrange(len(body) + 1)] + other[dice.randrange(len(other) + 1) :]


def _shuffle_json(dice: random.Random, body: bytes, _: bytes) -> bytes:
    def shuffled(match: re.Match[bytes]) -> bytes:
        tokens = JSON_TOKEN.findall(match[2])
        for _ in range(dice.choice((1, 5, 100)) if tokens else 0):
            a, b = dice.randrange(len(tokens)), dice.randrange(len(tokens))
            tokens[a], tokens[b] = tokens[b], tokens[a]
        return match[1] + b"".join(tokens)

    return JSON_LD.sub(shuffled, body)


def _nest(dice: random.Random, body: bytes, _: bytes) -> bytes:
    for match in _places(dice, TAG, body, 4):
        body = body[: match.end()] + dice.choice(NESTED) * dice.choice((10, 300, 3_000)) + body[match.end() :]
    return body


def _stutter(dice: random.Random, body: bytes, _: bytes) -> bytes:
    start, end = _span(dice, body, 60)
    return body[:start] + body[start:end] * dice.choice((100, 5_000, 20_000)) + body[end:]


MUTATIONS: dict[str, Mutation] = {
    "truncate": _truncate, "behead": _behead, "duplicate": _duplicate, "remove": _remove, "swap": _swap, "flip": _flip,
    "drop_ends": _drop_ends, "insert_tags": _insert_tags, "break_quotes": _break_quotes,
    "flood_attributes": _flood_attributes, "lie_about_charset": _lie_about_charset, "splice": _splice,
    "shuffle_json": _shuffle_json, "nest": _nest, "stutter": _stutter,
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
