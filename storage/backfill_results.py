"""What a backfill found and read, recorded: addresses, pages of archives, and how far its parts have been read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, func, or_, select, update

from ingest.backfill.request import BackfillState, Looked, Part, PartState, choose_evenly
from ingest.errors import DatelineError
from ingest.model import Entry, EntryState, ParsedEntry, ReadOutcome, Reason
from ingest.near import Signature
from ingest.urls import host_of
from storage import articles, entries, hosts
from storage import backfills as asked
from storage.backfills import PORTION, Backfill
from storage.duplicates import Memory, together
from storage.serial import serial
from storage.tables import backfill_parts, backfills
from storage.tables import entries as entry_rows
from storage.upsert import insert_into

STORED, KNOWN = "stored", "known"  # what became of a page of an archive; else it is a reason
MAX_BROKEN = 100  # damaged places of a file that are kept; the others are counted

_B, _P, _E = backfills.c, backfill_parts.c, entry_rows.c


def record_found(
    connection: Connection,
    part: Part,
    found: Sequence[ParsedEntry],
    captured: Mapping[str, tuple[str, datetime]],
    at: datetime,
) -> int:
    """Addresses that were found in a part; those that are not stored yet become due, once there is nothing newer to do.

    `captured`: of an address, where a web archive keeps its page, and of when. Returns how many are new to this
    backfill. With a sample nothing is due before all are found. Doing it twice changes nothing.
    """
    rows = {row["entry_key"]: row for row in (_found_row(part, e, captured.get(e.url or ""), at) for e in found)}
    known = _known(connection, part, rows)
    new = [row for key, row in rows.items() if key not in known]
    stored = entries.find_stored(connection, [row["url_key"] for row in new if row["url_key"] is not None])
    for row in new:
        article_id = stored.get(row["url_key"])
        if article_id is not None:
            row |= {"state": EntryState.STORED, "article_id": article_id, "later_at": None, "content": None}
    if new:
        connection.execute(_add_entry(connection.dialect.name), new)
    hosts.make_due(connection, {row["host"] for row in new if row["later_at"]}, at)
    _count(connection, part, len(new))
    return len(new)


def _known(connection: Connection, part: Part, keys: Iterable[bytes]) -> set[bytes]:
    """Those of the entries that this backfill has found before."""
    wanted, known = list(keys), set[bytes]()
    for start in range(0, len(wanted), PORTION):
        portion = {"backfill": part.backfill_id, "keys": wanted[start : start + PORTION]}
        known.update(connection.scalars(_BY_KEYS, portion))
    return known


_BY_KEYS = select(entry_rows.c.entry_key).where(
    entry_rows.c.backfill_id == bindparam("backfill"), entry_rows.c.entry_key.in_(bindparam("keys", expanding=True))
)


def record_addresses(
    connection: Connection, part: Part, found: Sequence[ParsedEntry], looked: Looked, at: datetime
) -> int:
    """A portion of a list of addresses, and how far that has been read. Returns how many are new."""
    new = record_found(connection, part, found, {}, at)
    record_look(connection, part, looked, at)
    return new


def _found_row(part: Part, said: ParsedEntry, copy: tuple[str, datetime] | None, at: datetime) -> dict[str, Any]:
    row = entries.new_row(said, at)
    is_due = row.pop("due_at") is not None and part.sample is None
    row |= {"backfill_id": part.backfill_id, "due_at": None, "later_at": at if is_due else None, "captured_at": None}
    if copy is not None:
        row |= {"fetch_url": copy[0], "host": host_of(copy[0]), "captured_at": copy[1]}
    return row


def _add_entry(dialect: str) -> Any:
    return insert_into(dialect, entry_rows).on_conflict_do_nothing(
        index_elements=["backfill_id", "entry_key"], index_where=_E.backfill_id.is_not(None)
    )


def _count(connection: Connection, part: Part, new: int) -> None:
    if new:
        connection.execute(update(backfill_parts).where(_P.id == part.id).values(found=_P.found + new))


def record_look(connection: Connection, part: Part, looked: Looked, at: datetime) -> None:
    """How far a part has been read, what was left out and broken in it, and which parts it leads to.

    A document on a host is read whole each time: what is counted in it is what it said last.
    """
    row = connection.execute(select(_P.left_out, _P.broken, _P.records).where(_P.id == part.id)).one_or_none()
    if row is None:
        return
    is_anew = part.host is not None and bool(looked.records)
    left_out = (Counter() if is_anew else Counter(row.left_out)) + Counter(looked.left_out)
    broken = [*row.broken, *({"place": place, "detail": detail} for place, detail in looked.broken)]
    if len(broken) > MAX_BROKEN:
        left_out["broken, not listed"] += len(broken) - MAX_BROKEN
    values: dict[str, Any] = {
        "state": looked.state,
        "position": looked.position,
        "read_bytes": looked.read_bytes,
        "records": looked.records if is_anew else row.records + looked.records,
        "left_out": dict(left_out),
        "broken": broken[:MAX_BROKEN],
        "attempts": looked.attempts,
        "reason": looked.reason,
        "detail": looked.detail,
        "due_at": looked.due_at,
    }
    if looked.state == PartState.DONE:
        values |= {"done_at": at}
        if part.host is not None:  # what is read here keeps those that it came with
            values |= {"etag": looked.validators.etag, "last_modified": looked.validators.last_modified}
    connection.execute(update(backfill_parts).where(_P.id == part.id).values(**values))
    asked.add_parts(connection, part.backfill_id, looked.following, part.depth + 1, at, again=looked.goes_on)


@dataclass(frozen=True, slots=True)
class PageRead:
    """A page of an archive that was read: what was said of it, and what became of it for an entry of that number."""

    said: ParsedEntry
    captured_at: datetime | None
    decide: Callable[[Entry], ReadOutcome]
    signature: Signature | None = None  # of its text, where an article was found


@serial
def record_pages(
    connection: Connection,
    part: Part,
    read: Sequence[PageRead],
    looked: Looked,
    at: datetime,
    memory: Memory | None = None,
    blocks: Mapping[str, frozenset[int]] | None = None,
) -> Counter[str]:
    """The pages of a portion of an archive, and how far that has been read: all of it in one transaction.

    So whoever goes on after a crash neither misses a page nor stores it twice. Returns what became of them: stored, or
    the reason.
    """
    counts: Counter[str] = Counter()
    looked_up = nullcontext() if memory is None else together(connection, memory, [page.signature for page in read])
    with looked_up:
        for page in read:
            counts[_record_page(connection, part, page, at, memory, blocks or {})] += 1
    _count(connection, part, counts.total() - counts[KNOWN])
    record_look(connection, part, looked, at)
    return counts


def _record_page(
    connection: Connection,
    part: Part,
    page: PageRead,
    at: datetime,
    memory: Memory | None,
    blocks: Mapping[str, frozenset[int]],
) -> str:
    """One page. Returns what became of it."""
    entry = _entry_of(connection, part, page, at)
    if entry is None:
        return KNOWN
    outcome = page.decide(entry)
    try:
        with connection.begin_nested():
            articles.record_read(connection, outcome, blocks.get(host_of(entry.url), frozenset()), memory)
    except DatelineError:
        raise
    except Exception as error:  # a mistake of ours costs one page, not the portion
        _give_up(connection, entry, Reason.READ_FAILED, f"{type(error).__name__}: {error}"[:300])
        return Reason.READ_FAILED
    return STORED if outcome.reading is not None else str(outcome.reason)


def _entry_of(connection: Connection, part: Part, page: PageRead, at: datetime) -> Entry | None:
    """The entry of a page; None where this backfill had the address before, or the store has its article."""
    row = _found_row(part, page.said, None, at) | {"later_at": None, "captured_at": page.captured_at}
    if row["url_key"] is None:
        return None
    if entries.find_stored(connection, [row["url_key"]]):
        return None
    if not connection.execute(_add_entry(connection.dialect.name), [row]).rowcount:
        return None
    key = {"backfill": part.backfill_id, "key": row["entry_key"]}
    found = connection.execute(_BY_KEY, key).one()
    return entries.known(found)


_BY_KEY = select(entry_rows).where(_E.backfill_id == bindparam("backfill"), _E.entry_key == bindparam("key"))


def _give_up(connection: Connection, entry: Entry, reason: Reason, detail: str) -> None:
    values = {"state": EntryState.FAILED, "reason": reason, "detail": detail, "later_at": None}
    connection.execute(update(entry_rows).where(_E.id == entry.id).values(**values))


def finish(connection: Connection, backfill_id: int, now: datetime) -> bool:
    """Whether a backfill is done, which is recorded. Where all is found and a sample is wanted, choose that first."""
    found = asked.load(connection, backfill_id)
    if found is None or found.state is not BackfillState.RUNNING:
        return True
    waiting = select(_P.id).where(_P.backfill_id == backfill_id, _P.state == PartState.WAITING).limit(1)
    if connection.scalar(waiting) is not None:
        return False
    if found.sample:  # of none, all that was found is only counted
        _choose_sample(connection, found, now)
    later = select(_E.id).where(_E.backfill_id == backfill_id, _E.later_at.is_not(None)).limit(1)
    if connection.scalar(later) is not None:
        return False
    ended = update(backfills).where(_B.id == backfill_id).values(state=BackfillState.DONE, ended_at=now)
    connection.execute(ended)
    return True


def _choose_sample(connection: Connection, found: Backfill, now: datetime) -> None:
    """So many of what was found become due; the others are forgotten, and counted as left out."""
    at = func.coalesce(case((_E.published_stated, _E.published_at)), _E.captured_at, _E.updated_at, _E.published_at)
    mine = (_E.backfill_id == found.id, _E.state == EntryState.WAITING, _E.later_at.is_(None))
    waiting = [(row.at, row.id) for row in connection.execute(select(_E.id, at.label("at")).where(*mine))]
    if not waiting or found.sample is None:
        return
    taken = func.count().filter(or_(_E.state != EntryState.WAITING, _E.later_at.is_not(None)))
    before = connection.scalar(select(taken).where(_E.backfill_id == found.id)) or 0
    chosen = choose_evenly(waiting, max(found.sample - before, 0))
    for start in range(0, len(chosen), PORTION):
        these = update(entry_rows).where(_E.id.in_(chosen[start : start + PORTION]))
        connection.execute(these.values(later_at=now))
    gone = connection.execute(delete(entry_rows).where(*mine)).rowcount
    part = connection.execute(
        select(_P.id, _P.left_out).where(_P.backfill_id == found.id).order_by(_P.id).limit(1)
    ).one_or_none()
    if part is not None and gone:
        left_out = dict(Counter(part.left_out) + Counter({"not sampled": gone}))
        connection.execute(update(backfill_parts).where(_P.id == part.id).values(left_out=left_out))
    asked.make_hosts_due(connection, found.id, now)
