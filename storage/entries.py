"""Entries: what feeds stated, and which of their pages are due."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, LargeBinary, Row, bindparam, or_, select, update

from ingest.model import Entry, EntryState, ParsedEntry, PollOutcome, Reading, ReadOutcome, Reason
from ingest.urls import host_of, url_key
from storage import hosts
from storage.tables import Utc, article_urls, entries
from storage.upsert import insert_new

MIN_CONTENT = 300  # characters of a feed's text that are worth keeping until the page is read


def load_known(connection: Connection, feed_id: int, keys: Iterable[bytes]) -> dict[bytes, bytes]:
    """Entry key to content hash, for those of `keys` that the feed has stated before."""
    wanted = list(set(keys))
    found: dict[bytes, bytes] = {}
    for start in range(0, len(wanted), 500):  # SQLite limits the parameters of a statement
        query = select(entries.c.entry_key, entries.c.content_hash).where(
            entries.c.feed_id == feed_id, entries.c.entry_key.in_(wanted[start : start + 500])
        )
        found.update((row.entry_key, row.content_hash) for row in connection.execute(query))
    return found


def load_renamed(
    connection: Connection, feed_id: int, said: Sequence[ParsedEntry], known: Collection[bytes]
) -> tuple[tuple[bytes, ParsedEntry], ...]:
    """Those of the entries of a document that are known under another id, with the key of that one.

    `known`: keys of the entries of the document that need no search. A publisher who changes the scheme of his ids
    announces nothing anew: what has the same address and title is the same item, unless its old id is still in use.
    """
    strangers = [e for e in said if e.url and e.key not in known]
    keys = list({url_key(e.url) for e in strangers if e.url})
    found: dict[tuple[int, str | None], list[bytes]] = {}
    for start in range(0, len(keys), 500):
        query = select(entries.c.url_key, entries.c.title, entries.c.entry_key).where(
            entries.c.feed_id == feed_id, entries.c.url_key.in_(keys[start : start + 500])
        )
        for row in connection.execute(query):
            found.setdefault((row.url_key, row.title), []).append(row.entry_key)
    in_use = {e.key for e in said}
    renamed: dict[bytes, ParsedEntry] = {}
    for entry in strangers:
        old = found.get((url_key(entry.url or ""), entry.title), [])
        if len(old) == 1 and old[0] not in in_use and old[0] not in renamed:
            renamed[old[0]] = entry
    return tuple(renamed.items())


def record_stated(connection: Connection, outcome: PollOutcome) -> int:
    """Record the new and changed entries of a poll; what has an address and is not stored yet becomes due.

    Returns how many became due. Doing it twice changes nothing: (feed, entry key) is unique.
    """
    new, changed = outcome.new, outcome.changed
    for old_key, entry in outcome.renamed:
        _rename(connection, outcome.feed.id, old_key, entry)
    if not new and not changed:
        return 0
    stored = _stored(connection, [url_key(e.url) for e in new if e.url])
    rows = [_new_row(e, outcome, stored) for e in new]
    if rows:
        connection.execute(insert_new(connection, entries, "feed_id", "entry_key"), rows)
    for entry in changed:
        values = _stated(entry, outcome.at) | _due(entry, outcome.at)
        if entry.published_at is None:  # what stands there is older: a time stated before, or when we first saw it
            del values["published_at"], values["published_stated"]
        key = (entries.c.feed_id == outcome.feed.id) & (entries.c.entry_key == entry.key)
        connection.execute(update(entries).where(key).values(**values))
    due = [e.url for e in changed if e.url] + [row["url"] for row in rows if row["due_at"]]
    hosts.make_due(connection, (host_of(url) for url in due), outcome.at)
    return len(due)


def _rename(connection: Connection, feed_id: int, old_key: bytes, entry: ParsedEntry) -> None:
    """A known entry has a new id; nothing becomes due."""
    there = select(entries.c.id).where(entries.c.feed_id == feed_id, entries.c.entry_key == entry.key).exists()
    values = {"entry_key": entry.key, "entry_id": entry.entry_id, "content_hash": entry.content_hash, "url": entry.url}
    same = (entries.c.feed_id == feed_id) & (entries.c.entry_key == old_key) & ~there
    connection.execute(update(entries).where(same).values(**values))


def _stored(connection: Connection, keys: Sequence[int]) -> dict[int, int]:
    """Address key to article, for the addresses that are in the store."""
    found: dict[int, int] = {}
    for start in range(0, len(keys), 500):
        query = select(article_urls).where(article_urls.c.url_key.in_(keys[start : start + 500]))
        found.update((row.url_key, row.article_id) for row in connection.execute(query))
    return found


def _new_row(entry: ParsedEntry, outcome: PollOutcome, stored: dict[int, int]) -> dict[str, Any]:
    row = {
        "feed_id": outcome.feed.id,
        "entry_key": entry.key,
        "entry_id": entry.entry_id,
        "first_seen_at": outcome.at,
        "article_id": None,
        **_stated(entry, outcome.at),
        **_due(entry, outcome.at),
    }
    article_id = stored.get(row["url_key"]) if row["url_key"] is not None else None
    if article_id is not None:  # another feed, or a backfill, brought it before
        row |= {"state": EntryState.STORED, "article_id": article_id, "due_at": None, "content": None}
    return row


def _stated(entry: ParsedEntry, at: datetime) -> dict[str, Any]:
    return {
        "url": entry.url,
        "url_key": url_key(entry.url) if entry.url else None,
        "host": host_of(entry.url) if entry.url else None,
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
    return _known(row) if row else None


_DUE = (
    select(entries)
    .where(entries.c.host == bindparam("host"), entries.c.due_at <= bindparam("now", type_=Utc))
    .order_by(entries.c.due_at, entries.c.id)
    .limit(1)
)


def _known(row: Row[Any]) -> Entry:
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
        "due_at": outcome.due_at,
    }
    if article_id is not None:
        values["article_id"] = article_id
    if outcome.due_at is None and not _is_needed_again(outcome.reading):
        values["content"] = None
    if outcome.moved_to:
        # The permalink stays what the feed stated; where it led is asked for on that host's turn.
        host = host_of(outcome.moved_to)
        values |= {"fetch_url": outcome.moved_to, "host": host, "hops": outcome.entry.hops + 1}
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
    .values(state=EntryState.STORED, reason=None, detail=None, due_at=None, content=None)
)
