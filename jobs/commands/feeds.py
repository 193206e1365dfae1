"""`dateline feeds …`: what is polled. Each function does one command and returns an outcome for each feed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, text

from ingest import rhythm
from ingest.errors import SettingsError
from ingest.watchfulness import Lengths
from jobs.clock import wall_clock
from jobs.config import Settings
from jobs.feed_lists import import_list
from jobs.present import cell, table
from storage import feeds, migrate, subscriptions
from storage.alerts import load_of_feed
from storage.engine import Database

Outcome = dict[str, Any]


@contextmanager
def open_store(settings: Settings) -> Iterator[Database]:
    """The store, created where there is none yet: adding a feed is a fine way to begin."""
    with closing(Database(settings.database)) as database:
        migrate.upgrade(database)
        yield database


def pause(settings: Settings, names: Iterable[str]) -> list[Outcome]:
    return _each(settings, names, "paused", lambda c, row: feeds.pause(c, row.id, "by the operator"))


def resume(settings: Settings, names: Iterable[str]) -> list[Outcome]:
    return _each(settings, names, "resumed", lambda c, row: feeds.resume(c, row.id, wall_clock()))


def remove(settings: Settings, names: Iterable[str]) -> list[Outcome]:
    def work(connection: Connection, row: Row[Any]) -> str | None:
        feeds.remove(connection, row.id)
        return "config.yaml still lists it: it comes back at the next start" if row.source == "config" else None

    return _each(settings, names, "removed", work)


def _each(
    settings: Settings, names: Iterable[str], done: str, work: Callable[[Connection, Row[Any]], str | None]
) -> list[Outcome]:
    def one(connection: Connection, name: str) -> Outcome:
        row = feeds.find(connection, name)
        if row is None:
            return {"url": name, "outcome": "unknown", "detail": "no such feed: see `dateline feeds list`"}
        return {"url": row.url, "outcome": done, "detail": work(connection, row)}

    with open_store(settings) as database:
        return database.write(lambda connection: [one(connection, name) for name in names])


def import_feeds(settings: Settings, file: Path, *, dry_run: bool) -> list[Outcome]:
    """Add the feeds of a list; a count of the outcomes goes to stderr."""
    with open_store(settings) as database:
        outcomes = [line.as_dict() for line in import_list(database, file, wall_clock(), dry_run=dry_run)]
    counts = {name: sum(o["outcome"] == name for o in outcomes) for name in ("added", "known", "refused")}
    would = " (nothing was written)" if dry_run else ""
    print(", ".join(f"{count} {name}" for name, count in counts.items()) + would, file=sys.stderr)
    return outcomes


_LIST = """
    select feed_id as id, url, title, state, reason, failures, entries, polled_at, due_at
    from v_feed_health order by feed_id"""


def list_rows(connection: Connection) -> list[Outcome]:
    """Every feed with its health, in the order in which they were added."""
    return [dict(row) for row in connection.execute(text(_LIST)).mappings()]


def feed_record(connection: Connection, name: str) -> Outcome:
    """All that is known of a feed. Raises SettingsError where there is none."""
    row = feeds.find(connection, name)
    if row is None:
        raise SettingsError(f"there is no feed {name}: see `dateline feeds list`")
    record = {name: value for name, value in row._mapping.items() if name not in HIDDEN} | _in_words(row)
    polls = [
        {k: v for k, v in poll._mapping.items() if k != "feed_id"} for poll in feeds.load_polls(connection, row.id)
    ]
    record |= {"subscription": subscriptions.shown(connection, row.id), "alerts": load_of_feed(connection, row.id)}
    return record | {"polls": polls, "moves": feeds.load_moves(connection, row.id)}


# What only Dateline reads; some of it is shown in words instead.
HIDDEN = ("url_key", "body_hash", "item_hashes", "rhythm", "words_usual", "words_lately")
KNOWN_WEEKS = 1 / 7  # a day tells something of the hours


def _in_words(row: Row[Any]) -> Outcome:
    """The rhythm, and how long the articles are, as people would have it; None where it is not known yet."""
    learned = rhythm.load(row.rhythm)
    known = learned if learned and learned.weeks >= KNOWN_WEEKS else None
    lengths = Lengths(row.words_usual, row.words_lately, row.articles_read)
    return {
        "items_a_day": round(rhythm.per_day(known), 1) if known else None,
        "busiest_hours": rhythm.busiest_hours(known) if known else None,  # UTC
        "words": str(lengths) if row.articles_read else None,
    }


def as_text(record: Outcome) -> str:
    """A feed for people."""
    apart = ("polls", "moves", "subscription", "alerts")
    lines = [f"{name:14} {cell(value)}" for name, value in record.items() if name not in apart and value]
    lines += [f"{'moved':14} {move['moved_at']:%Y-%m-%d} from {cell(move['from_url'])}" for move in record["moves"]]
    if record["subscription"]:
        lines += ["", "subscription", *(f"{n:14} {cell(v)}" for n, v in record["subscription"].items() if v)]
    if record["alerts"]:
        lines += ["", "alerts", table(record["alerts"])]
    if record["polls"]:
        columns = ["started_at", "outcome", "reason", "status", "seconds", "bytes", "entries_seen", "entries_new"]
        columns += ["missed"] if any(poll["gap_possible"] for poll in record["polls"]) else []
        lines += ["", "last polls", table(record["polls"], columns)]
    return "\n".join(lines)
