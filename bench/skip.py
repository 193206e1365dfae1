"""Passing by what a backfill from WARC does not want: MB of gzip a second where the filter keeps one in a hundred.

Beside it, over the same file: zlib alone, member after member; fastwarc, which decompresses, too; ours where nothing
is wanted. CPU time of one process, the file in the system's cache; each counts with the quickest of its rounds.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

from fastwarc.warc import ArchiveIterator

from bench.pages import OWN_PAGES, load_corpus, make_pages
from ingest.backfill.wanted import Wanted
from ingest.backfill.warc import read_chunk

HOSTS = 100  # of which one is wanted
PIECE = 65_536
EXAMPLE = "Example: python -m bench.skip --records 4000 --rounds 3"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    samples = load_corpus(options.corpus) if options.corpus else make_pages(OWN_PAGES)
    pages = [sample.html for sample in islice(samples, OWN_PAGES)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "skip.warc.gz")
        kept = _write(path, pages, options.records)
        megabytes = path.stat().st_size / 1e6
        print(f"{options.records} records, {kept} of them wanted, {megabytes:.0f} MB", flush=True)
        rates = dict.fromkeys(WAYS, 0.0)
        for number in range(options.rounds):
            for name, way in WAYS.items():
                began = time.process_time()
                way(path)
                rates[name] = max(rates[name], megabytes / (time.process_time() - began))
            print(f"round {number + 1}: MB/s: " + "  ".join(f"{name} {rate:.0f}" for name, rate in rates.items()))
        found = _skip(path)
    print(json.dumps(_figures(options, rates, kept, found)))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.skip", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="real pages; without it the bench makes its own")
    parser.add_argument("--records", type=int, default=4000, metavar="N", help="records in the file [4000]")
    parser.add_argument("--rounds", type=int, default=3, metavar="R", help="rounds over the file [3]")
    return parser.parse_args(arguments)


def _write(path: Path, pages: Sequence[bytes], records: int) -> int:
    """A file with a member for each record, one page after the other, of random hosts. Returns how many are wanted."""
    chance = random.Random(7)
    order = [index % HOSTS for index in range(records)]
    chance.shuffle(order)
    with path.open("wb") as file:
        for number, host in enumerate(order):
            url = f"https://www.host{host}.example/2024/{number}"
            file.write(gzip.compress(_record(url, pages[number % len(pages)]), 6))
    return order.count(0)


def _record(url: str, page: bytes) -> bytes:
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nServer: nginx\r\n\r\n" + page
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:12345678-1234-5678-1234-567812345678>\r\n"
        f"WARC-Date: 2024-05-06T07:08:09Z\r\nWARC-Target-URI: {url}\r\nWARC-IP-Address: 192.0.2.1\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
    )
    return head.encode() + answer + b"\r\n\r\n"


# --- ways -------------------------------------------------------------------------------------------------------------


def _skip(path: Path, host: str = "www.host0.example") -> int:
    """Ours. Returns how many pages were kept."""
    kept, position = 0, 0
    while True:
        chunk = read_chunk(path, position, Wanted(hosts=(host,)))
        kept += len(chunk.pages)
        if chunk.position is None:
            return kept
        position = chunk.position


def _skip_all(path: Path) -> int:
    return _skip(path, "nobody.example")


def _zlib(path: Path) -> None:
    data = memoryview(path.read_bytes())
    start = 0
    while start < len(data):
        stream = zlib.decompressobj(31)
        at = start
        while not stream.eof:
            stream.decompress(data[at : at + PIECE])
            at += PIECE
        start = min(at, len(data)) - len(stream.unused_data)


def _fastwarc(path: Path) -> None:
    with path.open("rb") as file:
        for _ in ArchiveIterator(file, parse_http=False):
            pass


WAYS: dict[str, Callable[[Path], object]] = {
    "ours": _skip,
    "ours, none wanted": _skip_all,
    "zlib": _zlib,
    "fastwarc": _fastwarc,
}


def _figures(options: argparse.Namespace, rates: dict[str, float], kept: int, found: int) -> dict[str, object]:
    return {
        "bench": "skip",
        "skipped_mb_per_s": round(rates["ours"], 1),
        "none_wanted_mb_per_s": round(rates["ours, none wanted"], 1),
        "zlib_mb_per_s": round(rates["zlib"], 1),
        "fastwarc_mb_per_s": round(rates["fastwarc"], 1),
        "ratio_to_zlib": round(rates["ours"] / rates["zlib"], 2),
        "records": options.records,
        "wanted": kept,
        "not_found": kept - found,
        "rounds": options.rounds,
    }


if __name__ == "__main__":
    sys.exit(main())
