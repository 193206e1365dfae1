"""Learned boilerplate: on how many articles of a host each short block stood (ingest/boilerplate.py says what for)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import xor
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, func, literal_column, select

from ingest.boilerplate import MIN_PAGES, block_key
from ingest.fingerprint import key64
from storage.tables import boilerplate, bound, storable

KNOWN = 1_000  # blocks of a host that are cut: those on most articles
KEPT = 5_000  # blocks of a host that are counted
SAMPLE_CHARS = 200  # of a block are kept, for people to recognise it


def site_of(host: str) -> str:
    """The name that blocks of a host are counted under: one site answers as www.example.org, m.example.org and bare."""
    for prefix in ("www.", "m."):
        rest = host.removeprefix(prefix)
        host = rest if "." in rest else host
    return host


def record(connection: Connection, host: str, short_blocks: Sequence[str], at: datetime) -> None:
    """Count the blocks of one new article of `host`. In the transaction that inserts the article, so never twice."""
    texts: dict[int, str] = {}
    for block in short_blocks:
        texts.setdefault(block_key(block), block[:SAMPLE_CHARS])
    site, moment = storable(site_of(host)), bound(connection, boilerplate.c.last_seen_at, at)
    # In the order of their keys: two processes that count the same blocks wait for each other and never in a ring.
    rows = [(site, key, storable(texts[key]), moment, moment) for key in sorted(texts)]
    if rows:
        connection.exec_driver_sql(_RECORD[connection.dialect.name], rows)


# Given to the driver as it is: an article has some twenty blocks, and converting each value costs ten times the work.
_RECORD = {
    dialect: f"insert into boilerplate (host, block_key, text, pages, first_seen_at, last_seen_at)"  # noqa: S608
    f" values ({mark}, {mark}, {mark}, 1, {mark}, {mark}) on conflict (host, block_key)"
    " do update set pages = boilerplate.pages + 1, last_seen_at = excluded.last_seen_at"
    for dialect, mark in (("sqlite", "?"), ("postgresql", "%s"))
}


def load(connection: Connection, host: str) -> frozenset[int]:
    """The keys of the blocks that recur on a host: what its pages are to be read with."""
    found = connection.scalars(_LOAD, {"host": site_of(host), "least": MIN_PAGES, "limit": KNOWN})
    return frozenset(found)


_LOAD = (
    select(boilerplate.c.block_key)
    .where(
        boilerplate.c.host == bindparam("host"),
        literal_column("pages") > literal_column("1"),  # spelled as in the index, which SQLite asks for
        boilerplate.c.pages >= bindparam("least"),
    )
    .order_by(boilerplate.c.pages.desc(), boilerplate.c.block_key)
    .limit(bindparam("limit"))
)


def read_key(extractor: str, blocks: frozenset[int]) -> int:
    """A number that stands for what a page was read with. Equal numbers: reading it again would bring the same."""
    return reduce(xor, blocks, key64(extractor))


def _is_stale(before: datetime) -> Any:
    return (boilerplate.c.pages < MIN_PAGES) & (boilerplate.c.last_seen_at < before)


def load_overgrown(connection: Connection, before: datetime, keep: int = KEPT) -> Sequence[str]:
    """The hosts that `trim` would forget something of."""
    stale = func.count(case((_is_stale(before), 1)))
    query = select(boilerplate.c.host).group_by(boilerplate.c.host).having((func.count() > keep) | (stale > 0))
    return connection.scalars(query).all()


def trim(connection: Connection, host: str, before: datetime, keep: int = KEPT) -> int:
    """Forget the blocks of a host that do not recur and were last seen before a moment, and the rarest over `keep`.

    `host`: as `load_overgrown` names it. Returns how many.
    """
    of_host = boilerplate.c.host == host
    by_worth = (boilerplate.c.pages.desc(), boilerplate.c.last_seen_at.desc(), boilerplate.c.block_key)
    rest = select(boilerplate.c.block_key).where(of_host).order_by(*by_worth).offset(keep)
    forgotten = connection.execute(delete(boilerplate).where(of_host, _is_stale(before))).rowcount
    return (
        forgotten + connection.execute(delete(boilerplate).where(of_host, boilerplate.c.block_key.in_(rest))).rowcount
    )
