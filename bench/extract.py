"""Reading a page beside trafilatura's default with metadata: CPU time of one process, over the same pages.

Ours: `ingest.read.read_page`, from bytes to a judged Reading. Theirs: `trafilatura.bare_extraction(html,
with_metadata=True)`, from the same bytes. Both are warm. The two take turns over every page, so that a busy machine is
busy for both; a page counts with the quickest of its rounds, what disturbs it being never a gain.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from trafilatura import bare_extraction

from bench.pages import OWN_PAGES, Sample, load_corpus, make_pages
from ingest.errors import ParseError
from ingest.model import Page
from ingest.read import read_page

URL = "http://127.0.0.1:8000/news/000000.html"
WARM_UP = 10
EXAMPLE = "Example: python -m bench.extract --pages 100 --rounds 3"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    pages = load_corpus(options.corpus) if options.corpus else make_pages(min(OWN_PAGES, options.pages))
    samples = list(islice(pages, options.pages))
    size = statistics.mean(len(sample.html) for sample in samples)
    print(f"{len(samples)} pages of {size / 1000:.0f} kB on average", flush=True)
    for sample in samples[:WARM_UP]:
        _ours(sample)
        _theirs(sample)
    best_ours, best_theirs = [float("inf")] * len(samples), [float("inf")] * len(samples)
    for number in range(options.rounds):
        for place, sample in enumerate(samples):
            best_ours[place] = min(best_ours[place], _cpu_s(_ours, sample))
            best_theirs[place] = min(best_theirs[place], _cpu_s(_theirs, sample))
        print(_line(number + 1, best_ours, best_theirs), flush=True)
    print(json.dumps(_figures(options.rounds, best_ours, best_theirs)))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.extract", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="real pages; without it the bench makes its own")
    parser.add_argument("--pages", type=int, default=400, metavar="N", help="at most so many pages [400]")
    parser.add_argument("--rounds", type=int, default=3, metavar="R", help="rounds over all pages [3]")
    return parser.parse_args(arguments)


def _ours(sample: Sample) -> None:
    with suppress(ParseError):
        read_page(Page(URL, sample.html, "text/html"), datetime.now(UTC))


def _theirs(sample: Sample) -> None:
    bare_extraction(sample.html, with_metadata=True)


def _cpu_s(read: Callable[[Sample], None], sample: Sample) -> float:
    began = time.process_time()
    read(sample)
    return time.process_time() - began


def _line(number: int, ours: Sequence[float], theirs: Sequence[float]) -> str:
    return (
        f"round {number}: CPU ms a page: trafilatura {1000 * statistics.mean(theirs):.2f}"
        f"  ours {1000 * statistics.mean(ours):.2f}  ratio {sum(theirs) / sum(ours):.3f}"
    )


def _figures(rounds: int, ours: Sequence[float], theirs: Sequence[float]) -> dict[str, object]:
    return {
        "bench": "extract",
        "ratio_to_trafilatura": round(sum(theirs) / sum(ours), 3),
        "pages_per_s": round(len(ours) / sum(ours), 1),
        "trafilatura_pages_per_s": round(len(theirs) / sum(theirs), 1),
        "slowest_page_s": round(max(ours), 3),
        "pages": len(ours),
        "rounds": rounds,
    }


if __name__ == "__main__":
    sys.exit(main())
