"""Entries: what feeds stated and backfills found, and which of their pages are due."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, LargeBinary, Row, bindparam, or_, select, update

from ingest.model import Entry, EntryState, ParsedEntry, PollOutcome, Reading, ReadOutcome, Reason
from ingest.urls import host_of, url_key
from storage import hosts
from storage.tables import Utc, article_urls, entries, feeds
from storage.upsert import insert_new

T = TypeVar("T")

PORTION = 1_000  # entries of one poll that are recorded in one transaction
MIN_CONTENT = 300  # characters of a feed's text that are worth keeping until the page is read


def load_known(connection: Connection, feed_id: int, keys: Iterable[bytes]) -> dict[bytes, bytes]:
    """Entry key to content hash, for those of `keys` that the feed has stated before."""
    found: dict[bytes, bytes] = {}
    if _has_any(connection, feed_id):
        for portion in _portions(list(set(keys))):
            rows = connection.execute(_KNOWN, {"feed": feed_id, "keys": portion})
            found.update((row.entry_key, row.content_hash) for row in rows)
    return found


_KNOWN = select(entries.c.entry_key, entries.c.content_hash).where(
    entries.c.feed_id == bindparam("feed"), entries.c.entry_key.in_(bindparam("keys", expanding=True))
)


def _has_any(connection: Connection, feed_id: int) -> bool:
    """Whether the feed has stated anything: the first time, 50,000 questions need not be asked."""
    return connection.scalar(_ANY, {"feed": feed_id}) is not None


_ANY = select(entries.c.id).where(entries.c.feed_id == bindparam("feed")).limit(1)


def _portions(keys: list[T]) -> Iterator[list[T]]:
    """SQLite limits the parameters of a statement."""
    return (keys[start : start + 500] for start in range(0, len(keys), 500))


def load_renamed(
    connection: Connection, feed_id: int, said: Sequence[ParsedEntry], known: Collection[bytes]
) -> tuple[tuple[bytes, ParsedEntry], ...]:
    """Those of the entries of a document that are known under another id, with the key of that one.

    `known`: keys of the entries of the document that need no search. A publisher who changes the scheme of his ids
    announces nothing anew: what has the same address and title is the same item, unless its old id is still in use.
    """
    if not _has_any(connection, feed_id):
        return ()
    in_use = {e.key for e in said}
    strangers = [(e, url_key(e.url)) for e in said if e.url and e.key not in known]
    found: dict[tuple[int, str | None], list[bytes]] = {}
    for portion in _portions(list({key for _, key in strangers})):
        for row in connection.execute(_BY_ADDRESS, {"feed": feed_id, "keys": portion}):
            found.setdefault((row.url_key, row.title), []).append(row.entry_key)
    renamed: dict[bytes, ParsedEntry] = {}
    for entry, key in strangers:
        old = found.get((key, entry.title), [])
        if len(old) == 1 and old[0] not in in_use and old[0] not in renamed:
            renamed[old[0]] = entry
    return tuple(renamed.items())


_BY_ADDRESS = select(entries.c.url_key, entries.c.title, entries.c.entry_key).where(
    entries.c.feed_id == bindparam("feed"), entries.c.url_key.in_(bindparam("keys", expanding=True))
)


def record_portion(connection: Connection, outcome: PollOutcome) -> int:
    """Record the next `PORTION` of a poll that brought more than that, before the poll itself.

    So nobody else waits for long. Should we die between two portions, the poll was not recorded: the feed is due, and
    the next one finds the rest. A feed that was removed meanwhile gets nothing.
    """
    feed_id = outcome.feed.id
    if connection.scalar(_FEED, {"feed": feed_id}) is None:
        return 0
    return _record(connection, outcome, outcome.recorded + PORTION)


_FEED = select(feeds.c.id).where(feeds.c.id == bindparam("feed"))


def record_stated(connection: Connection, outcome: PollOutcome) -> int:
    """Record the new and changed entries of a poll; what has an address and is not stored yet becomes due.

    Returns how many became due. Doing it twice changes nothing: (feed, entry key) is unique.
    """
    return _record(connection, outcome, outcome.to_record)


def _record(connection: Connection, outcome: PollOutcome, end: int) -> int:
    """Of the renamed, new and changed entries in a row, those that are not recorded yet, up to `end`."""
    renamed, rest = outcome.renamed[outcome.recorded : end], len(outcome.renamed)
    new = outcome.new[max(outcome.recorded - rest, 0) : max(end - rest, 0)]
    rest += len(outcome.new)
    changed = outcome.changed[max(outcome.recorded - rest, 0) : max(end - rest, 0)]
    for old_key, entry in renamed:
        _rename(connection, outcome.feed.id, old_key, entry)
    due = _add(connection, outcome, new) + _restate(connection, outcome, changed)
    hosts.make_due(connection, set(due), outcome.at)
    return len(due)


def _rename(connection: Connection, feed_id: int, old_key: bytes, entry: ParsedEntry) -> None:
    """A known entry has a new id; nothing becomes due."""
    values = {"entry_key": entry.key, "entry_id": entry.entry_id, "content_hash": entry.content_hash, "url": entry.url}
    connection.execute(_RENAME, {"feed": feed_id, "old_key": old_key, "new_key": entry.key, **values})


_THERE = entries.alias("there")
_RENAME = update(entries).where(
    entries.c.feed_id == bindparam("feed"),
    entries.c.entry_key == bindparam("old_key"),
    ~select(_THERE.c.id)
    .where(_THERE.c.feed_id == bindparam("feed"), _THERE.c.entry_key == bindparam("new_key"))
    .exists(),
)


def _add(connection: Connection, outcome: PollOutcome, new: Sequence[ParsedEntry]) -> list[str]:
    """New entries. Returns the host of each that became due."""
    rows = [_new_row(entry, outcome) for entry in new]
    stored = find_stored(connection, [row["url_key"] for row in rows if row["url_key"] is not None])
    for row in rows:
        article_id = stored.get(row["url_key"])
        if article_id is not None:  # another feed, or a backfill, brought it before
            row |= {"state": EntryState.STORED, "article_id": article_id, "due_at": None, "content": None}
    if rows:
        connection.execute(insert_new(connection, entries, "feed_id", "entry_key"), rows)
    return [row["host"] for row in rows if row["due_at"]]


def _restate(connection: Connection, outcome: PollOutcome, changed: Sequence[ParsedEntry]) -> list[str]:
    """Known entries that say something else now. Returns the host of each that has one: it became due."""
    due: list[str] = []
    groups: dict[bool, list[dict[str, Any]]] = {}
    for entry in changed:
        values = _stated(entry, outcome.at) | _due(entry, outcome.at)
        if entry.published_at is None:  # what stands there is older: a time stated before, or when we first saw it
            del values["published_at"], values["published_stated"]
        row = {"feed": outcome.feed.id, "key": entry.key, **values}
        groups.setdefault(entry.published_at is None, []).append(row)
        due += [values["host"]] if entry.url else []
    for rows in groups.values():
        connection.execute(_RESTATE, rows)
    return due


_RESTATE = update(entries).where(entries.c.feed_id == bindparam("feed"), entries.c.entry_key == bindparam("key"))


def find_stored(connection: Connection, keys: list[int]) -> dict[int, int]:
    """Address key to article, for the addresses that are in the store."""
    found: dict[int, int] = {}
    for portion in _portions(keys):
        rows = connection.execute(_STORED, {"keys": portion})
        found.update((row.url_key, row.article_id) for row in rows)
    return found


def known_addresses(connection: Connection, urls: Sequence[str]) -> set[str]:
    """Those of the addresses that an article in the store goes by."""
    keys = {url: url_key(url) for url in urls}
    stored = find_stored(connection, list(keys.values()))
    return {url for url, key in keys.items() if key in stored}


_STORED = select(article_urls.c.url_key, article_urls.c.article_id).where(
    article_urls.c.url_key.in_(bindparam("keys", expanding=True))
)


def _new_row(entry: ParsedEntry, outcome: PollOutcome) -> dict[str, Any]:
    return {"feed_id": outcome.feed.id, **new_row(entry, outcome.at)}


def new_row(entry: ParsedEntry, at: datetime) -> dict[str, Any]:
    """What is stored of an entry that nobody has stated before, but for who did."""
    return {
        "entry_key": entry.key,
        "entry_id": entry.entry_id,
        "first_seen_at": at,
        "article_id": None,
        **_stated(entry, at),
        **_due(entry, at),
    }


def _stated(entry: ParsedEntry, at: datetime) -> dict[str, Any]:
    return {
        "url": entry.url,
        "url_key": url_key(entry.url) if entry.url else None,
        "host": _host(entry.url) if entry.url else None,
        "fetch_url": None,
        "title": entry.title,
        "summary": entry.summary,
        "content": entry.content if len(entry.content or "") >= MIN_CONTENT else None,
        "source_title": entry.source_title,
        "source_url": entry.source_url,
        "authors": list(entry.authors),
        "categories": list(entry.categories),
        "language": entry.language,
        "image_url": entry.image_url,
        "published_at": entry.published_at or at,
        "published_text": entry.published_text,
        "published_stated": entry.published_at is not None,
        "updated_at": entry.updated_at,
        "content_hash": entry.content_hash,
        "last_seen_at": at,
    }


def _host(url: str) -> str:
    """`host_of`, looked up where a whole document is of one site."""
    slash = url.find("/", 8)
    return _host_of(url[:slash] if slash > 0 else url)


@lru_cache(maxsize=4096)
def _host_of(origin: str) -> str:
    return host_of(origin)


def _due(entry: ParsedEntry, at: datetime) -> dict[str, Any]:
    """A new or restated entry begins afresh; without a usable address it is settled at once, with the reason."""
    fresh = {"state": EntryState.WAITING, "reason": None, "detail": None, "attempts": 0, "hops": 0, "due_at": at}
    if entry.url:
        return fresh
    reason = Reason.BAD_LINK if entry.bad_link else Reason.NO_LINK
    return fresh | {"state": EntryState.FAILED, "reason": reason, "detail": entry.bad_link, "due_at": None}


def load_due(connection: Connection, host: str, now: datetime) -> Entry | None:
    """The entry of a host whose page has been due for longest; None when none is."""
    row = connection.execute(_DUE, {"host": host, "now": now}).one_or_none()
    return known(row) if row else None


_DUE = (
    select(entries)
    .where(entries.c.host == bindparam("host"), entries.c.due_at <= bindparam("now", type_=Utc))
    .order_by(entries.c.due_at, entries.c.id)
    .limit(1)
)


def known(row: Row[Any]) -> Entry:
    """A row of `entries` as the type that decisions are made with."""
    return Entry(
        id=row.id,
        feed_id=row.feed_id,
        url=row.url,
        url_key=row.url_key,
        host=row.host,
        said=_said(row),
        attempts=row.attempts,
        hops=row.hops,
        fetch_url=row.fetch_url or row.url,
        content_hash=row.content_hash,
        article_id=row.article_id,
        backfill_id=row.backfill_id,
        captured_at=row.captured_at,
    )


def _said(row: Row[Any]) -> ParsedEntry:
    return ParsedEntry(
        entry_id=row.entry_id,
        url=row.url,
        title=row.title,
        summary=row.summary,
        content=row.content,
        authors=tuple(row.authors),
        categories=tuple(row.categories),
        published_at=row.published_at if row.published_stated else None,
        published_text=row.published_text,
        updated_at=row.updated_at,
        language=row.language,
        image_url=row.image_url,
        source_title=row.source_title,
        source_url=row.source_url,
    )


def load_said(connection: Connection, ids: Sequence[int]) -> dict[int, ParsedEntry]:
    """What feeds say of these entries, by number."""
    return {row.id: _said(row) for row in connection.execute(_BY_NUMBER, {"ids": list(ids)})}


_BY_NUMBER = select(entries).where(entries.c.id.in_(bindparam("ids", expanding=True)))


def exists(connection: Connection, entry_id: int) -> bool:
    """Whether the entry is still there: removing its feed removes it."""
    return connection.scalar(_EXISTS, {"entry": entry_id}) is not None


_EXISTS = select(entries.c.id).where(entries.c.id == bindparam("entry"))


def settle(connection: Connection, outcome: ReadOutcome, article_id: int | None) -> None:
    """Record what became of an entry. One that was restated meanwhile stays due: this look was not for that."""
    values: dict[str, Any] = {
        "state": outcome.state,
        "reason": outcome.reason,
        "detail": outcome.detail,
        "attempts": outcome.attempts,
        "due_at" if outcome.entry.backfill_id is None else "later_at": outcome.due_at,
    }
    if article_id is not None:
        values["article_id"] = article_id
    if outcome.due_at is None and not _is_needed_again(outcome.reading):
        values["content"] = None
    if outcome.moved_to:
        # The permalink stays what the feed stated; where it led is asked for on that host's turn.
        host = host_of(outcome.moved_to)
        values |= {"fetch_url": outcome.moved_to, "host": host, "hops": outcome.entry.hops + 1}
        values |= {"captured_at": outcome.captured_at}
        hosts.make_due(connection, [host], outcome.fetched.at)
    looked = {"entry": outcome.entry.id, "answered": outcome.entry.content_hash}
    if not connection.execute(_SETTLE, looked | values).rowcount and article_id is not None:
        connection.execute(_ENTRY, {"entry": outcome.entry.id, "article_id": article_id})


def _is_needed_again(reading: Reading | None) -> bool:
    """Whether the feed's text became the article's: whoever reads the page again must have it."""
    return reading is not None and reading.provenance.get("text") == "feed"


_ENTRY = update(entries).where(entries.c.id == bindparam("entry"))
_ANSWERED = bindparam("answered", type_=LargeBinary)
_SETTLE = _ENTRY.where(or_(_ANSWERED.is_(None), entries.c.content_hash == _ANSWERED))


def settle_same(connection: Connection, but_not: int, keys: Sequence[int], article_id: int) -> None:
    """Other entries announced the same addresses: they need no visit."""
    connection.execute(_SETTLE_SAME, {"keys": list(keys), "but_not": but_not, "article_id": article_id})


_SETTLE_SAME = (
    update(entries)
    .where(
        entries.c.url_key.in_(bindparam("keys", expanding=True)),
        entries.c.id != bindparam("but_not"),
        entries.c.state != EntryState.STORED,
        entries.c.article_id.is_(None),
    )
    .values(state=EntryState.STORED, reason=None, detail=None, due_at=None, later_at=None, content=None)
)
