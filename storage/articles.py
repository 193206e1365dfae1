"""Articles and their revisions: recording what was read, and finding it again."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from ingest.boilerplate import recurring
from ingest.corrections import find_notes, new_note
from ingest.fingerprint import text_hash
from ingest.model import Article, Look, Reading, ReadOutcome, Reason, RecheckOutcome
from ingest.recheck import Policy, born_at, is_other_story, next_look
from ingest.revise import Change, Revised, compare, is_read_otherwise
from ingest.urls import host_of, url_key
from storage import (
    alerts,
    boilerplate,
    duplicates,
    entries,
    fingerprints,
    hosts,
    pages,
    readings,
    rechecks,
    revisions,
)
from storage.serial import serial
from storage.tables import article_urls, articles
from storage.upsert import insert_new


@serial
def record_read(
    connection: Connection,
    outcome: ReadOutcome,
    blocks: frozenset[int] = frozenset(),
    memory: duplicates.Memory | None = None,
    policy: Policy | None = None,
) -> int | None:
    """Everything that came of one entry's page, whole: page, article, revision, copies, entry, the next look at it.

    `blocks`: the boilerplate that the page was read with (storage/boilerplate.py: load). `memory`: what the process
    knows of texts (storage/duplicates.py). `policy`: when articles are looked at again; None: never.
    Returns the article's number where there is one. Doing it twice changes nothing but the list of fetches.
    An entry whose feed was removed meanwhile takes its outcome with it.
    """
    if not entries.exists(connection, outcome.entry.id):
        return None
    if outcome.reading is not None:
        fingerprints.serialise(connection)  # before anything else is locked: nobody waits in a ring
    if outcome.rest_until:
        hosts.rest(connection, outcome.entry.host, outcome.rest_until, str(outcome.reason))
    if outcome.reading is None:
        pages.record(connection, outcome, None)
        entries.settle(connection, outcome, None)
        return None
    reading = readings.storable_reading(outcome.reading)
    article_id = _record_article(connection, outcome, reading, blocks, memory, policy)
    entries.settle(connection, outcome, article_id)
    return article_id


def _record_article(
    connection: Connection,
    outcome: ReadOutcome,
    reading: Reading,
    blocks: frozenset[int],
    memory: duplicates.Memory | None,
    policy: Policy | None,
) -> int:
    addresses = _addresses(outcome, reading)
    known = _find(connection, list(addresses))
    values = readings.columns(reading, blocks) | {"fetched_at": outcome.fetched.at}
    is_revised = False
    if known is None:
        article_id = _insert(connection, outcome, reading, values, memory)
    else:
        article_id = known.id
        page_id = pages.record(connection, outcome, known.id)
        if outcome.reason is None:
            values |= FOUND_AGAIN
        seen = _revise(connection, known, page_id, outcome.fetched.at, reading, values, blocks, memory)
        is_revised = seen is not None
    if policy is not None and outcome.reason is None:
        first_seen_at = (known and known.first_seen_at) or outcome.fetched.at
        _plan_next(connection, outcome, article_id, reading, first_seen_at, policy, is_revised=is_revised)
    rows = [{"url_key": key, "article_id": article_id, "url": url} for key, url in addresses.items()]
    connection.execute(insert_new(connection, article_urls, "url_key"), rows)
    entries.settle_same(connection, outcome.entry.id, [*addresses, outcome.entry.url_key], article_id)
    return article_id


FOUND_AGAIN: dict[str, Any] = {"withdrawn_at": None, "withdrawn_reason": None}


def _plan_next(
    connection: Connection,
    outcome: ReadOutcome,
    article_id: int,
    reading: Reading,
    first_seen_at: datetime,
    policy: Policy,
    *,
    is_revised: bool,
) -> None:
    """When the page is looked at again without a feed saying anything."""
    fetched, changed_at = outcome.fetched, outcome.fetched.at if is_revised else None
    born = born_at(reading.published_at, first_seen_at)
    due_at = next_look(policy, article_id, born, changed_at, reading.kind, fetched.at)
    rechecks.begin(connection, article_id, outcome.entry.id, fetched, due_at, changed_at, outcome.entry.host)


def _addresses(outcome: ReadOutcome, reading: Reading) -> dict[int, str]:
    """Every address this article goes by, by key; the canonical one comes last."""
    entry = outcome.entry
    urls = {url_key(url): url for url in (entry.url, entry.page_url, outcome.fetched.final_url) if url}
    canonical = url_key(reading.canonical_url)
    urls.pop(canonical, None)
    return urls | {canonical: reading.canonical_url}


def _find(connection: Connection, keys: Sequence[int]) -> Article | None:
    """The article that goes by one of these addresses; the canonical one (last) decides where several do."""
    found = {row.url_key: Article(*row[1:]) for row in connection.execute(_BY_ADDRESS, {"keys": list(keys)})}
    return next((found[key] for key in reversed(keys) if key in found), None)


_BY_ADDRESS = (
    select(article_urls.c.url_key, *(articles.c[field.name] for field in fields(Article)))
    .join(articles, articles.c.id == article_urls.c.article_id)
    .where(article_urls.c.url_key.in_(bindparam("keys", expanding=True)))
    # A reread beside us must not change the text that the next delta is made of; SQLite has one writer anyway.
    .with_for_update(of=articles)
)


def _insert(
    connection: Connection,
    outcome: ReadOutcome,
    reading: Reading,
    values: dict[str, Any],
    memory: duplicates.Memory | None,
) -> int:
    url = reading.canonical_url
    row = {"url": url, "url_key": url_key(url), "host": host_of(url), "first_seen_at": outcome.fetched.at, **values}
    stored = connection.execute(_INSERT, row | {"revision_count": 1}).one()
    article_id = int(stored.id)
    page_id = pages.record(connection, outcome, article_id)
    note = new_note(_notes(reading), ())
    revisions.record(connection, article_id, 1, values, Revised(Change.MATERIAL), page_id, outcome.fetched.at, note)
    readings.record_parts(connection, article_id, reading)
    if outcome.entry.feed_id is not None:
        alerts.note_length(connection, outcome.entry.feed_id, reading.word_count, outcome.fetched.at)
    is_republished = duplicates.place(connection, stored, outcome.fetched.at, memory, reading.signature)
    if not is_republished:  # else it teaches nothing about what recurs on its host
        boilerplate.record(connection, row["host"], reading.short_blocks, outcome.fetched.at)
    return article_id


_INSERT = insert(articles).returning(*duplicates.COLUMNS)


def _notes(reading: Reading) -> tuple[str, ...]:
    """The publisher's notes of correction, in the text and beside it."""
    return find_notes(reading.text, (block.text for block in reading.dropped))


def _revise(
    connection: Connection,
    known: Article,
    page_id: int,
    at: datetime,
    reading: Reading,
    values: dict[str, Any],
    blocks: frozenset[int],
    memory: duplicates.Memory | None,
) -> Seen | None:
    """The article has been read before: keep its newest fields, and the older text where the words changed.

    Returns what it says now, where that is not what it said.
    """
    revised = compare(_without(known, blocks), reading)
    notes = _notes(reading)
    note = new_note(notes, (*find_notes(known.text), *revisions.load_notes(connection, known.id))) if notes else None
    seen = None
    if revised.change is Change.MATERIAL and is_read_otherwise(known.extractor, values["extractor"]):
        revised = Revised(Change.COSMETIC)  # what the archive has was read by this version before (jobs/archived.py)
    if revised.change is Change.MATERIAL:
        seen = _record_change(connection, known, page_id, at, reading, values, revised, note)
    else:
        if note is not None:
            revisions.note_correction(connection, known, note)
        if known.text != reading.text:
            try:
                revisions.rebase(connection, known, reading.text)
            except zlib.error:
                _leave(connection, known, page_id, values)
                return None
            revisions.restate_newest(connection, known, values)
    connection.execute(update(articles).where(articles.c.id == known.id).values(**values))
    if revised.change is not Change.UNCHANGED:
        readings.replace_parts(connection, known.id, reading)
    if known.text_hash != values["text_hash"]:
        duplicates.place_again(connection, known.id, known.text, at, memory, reading.signature)
    return seen


def _leave(connection: Connection, known: Article, page_id: int, values: dict[str, Any]) -> None:
    """The same in other looks, but an older text that leans on the newest is damaged: so that stays, as in a reread.

    The page says why, and is not the one that the text was read in.
    """
    pages.fail(connection, page_id, Reason.READ_FAILED, "an older text is damaged, so the newest stays as it is")
    found = {name: values[name] for name in FOUND_AGAIN if name in values}
    if found:
        connection.execute(update(articles).where(articles.c.id == known.id).values(**found))


def _record_change(
    connection: Connection,
    known: Article,
    page_id: int,
    at: datetime,
    reading: Reading,
    values: dict[str, Any],
    revised: Revised,
    note: str | None,
) -> Seen:
    """Other words: those of an older revision, which is the current one again, or a new revision."""
    again = revisions.find_again(connection, known, reading)
    if again is not None:
        revisions.go_back(connection, known, again, values, at)
        return Seen(again, is_new=False)
    number = known.revision_count + 1
    revisions.keep_older(connection, known, number, reading.text)
    revisions.record(connection, known.id, number, values, revised, page_id, at, note)
    values["revision_count"] = number
    return Seen(number, is_new=True, words_added=revised.words_added, words_removed=revised.words_removed, note=note)


@dataclass(frozen=True, slots=True)
class Seen:
    """A revision that a look found to be the current one now."""

    number: int
    is_new: bool
    words_added: int = 0
    words_removed: int = 0
    note: str | None = None  # of the publisher, that something was corrected


def _without(known: Article, blocks: frozenset[int]) -> Article:
    """The article as it would be read today: that boilerplate learned since is gone from the text is no revision."""
    paragraphs = known.text.split("\n\n")
    verdicts = recurring(paragraphs, blocks)
    text = "\n\n".join(p for p, dropped in zip(paragraphs, verdicts, strict=True) if dropped is None)
    return known if text == known.text else replace(known, text=text, text_hash=text_hash(text))


@serial
def record_recheck(
    connection: Connection,
    outcome: RecheckOutcome,
    policy: Policy,
    blocks: frozenset[int] = frozenset(),
    memory: duplicates.Memory | None = None,
) -> Seen | None:
    """Everything that came of a further look at an article's page. Doing it twice changes nothing.

    `blocks`, `memory`: as for `record_read`. Returns what the article says now, where that is not what it said.
    """
    known = outcome.known
    if outcome.reading is not None:
        fingerprints.serialise(connection)  # as above
    row = connection.execute(_BY_NUMBER, {"article": known.article_id}).one_or_none()
    if row is None or not rechecks.is_current(connection, known):
        return None
    if outcome.look is Look.OFFLINE and outcome.due_at is not None:
        rechecks.put_off(connection, known, outcome.due_at)
        return None
    rechecks.spend(connection, known.host, policy, outcome.fetched.at)
    if outcome.rest_until:
        hosts.rest(connection, known.host, outcome.rest_until, str(outcome.reason))
    if outcome.reading is not None:
        reading = readings.storable_reading(outcome.reading)
        return _record_look(connection, outcome, Article(*row), reading, policy, blocks, memory)
    if outcome.look not in (Look.NOT_MODIFIED, Look.SAME_BODY):
        _record_page(connection, outcome, "redirected" if outcome.moved_to else "failed", None)
    if outcome.look is Look.WITHDRAWN:
        gone = {"withdrawn_at": outcome.missing_since, "withdrawn_reason": outcome.reason}
        connection.execute(update(articles).where(articles.c.id == known.article_id).values(**gone))
    elif known.is_withdrawn and outcome.look in (Look.NOT_MODIFIED, Look.SAME_BODY):
        connection.execute(update(articles).where(articles.c.id == known.article_id).values(**FOUND_AGAIN))
    _go_on(connection, outcome, outcome.due_at, None)
    return None


_BY_NUMBER = (
    select(*(articles.c[field.name] for field in fields(Article)))
    .where(articles.c.id == bindparam("article"))
    .with_for_update()
)


def _record_page(connection: Connection, outcome: RecheckOutcome, result: str, article_id: int | None) -> int:
    known = outcome.known
    asked = pages.Asked(known.entry_id, known.url, known.host, result, outcome.reason, outcome.detail)
    return pages.add(connection, asked, outcome.fetched, article_id)


def _record_look(
    connection: Connection,
    outcome: RecheckOutcome,
    before: Article,
    reading: Reading,
    policy: Policy,
    blocks: frozenset[int],
    memory: duplicates.Memory | None,
) -> Seen | None:
    """Another page than last time was read."""
    known, fetched = outcome.known, outcome.fetched
    if is_other_story(known.url, fetched.final_url, before, reading):
        _record_page(connection, outcome, "redirected", None)
        rechecks.end(connection, known.article_id)
        return None
    page_id = _record_page(connection, outcome, "article", known.article_id)
    values = readings.columns(reading, blocks) | {"fetched_at": fetched.at} | FOUND_AGAIN
    seen = _revise(connection, before, page_id, fetched.at, reading, values, blocks, memory)
    addresses = {url_key(url): url for url in (fetched.final_url, reading.canonical_url) if url}
    rows = [{"url_key": key, "article_id": known.article_id, "url": url} for key, url in addresses.items()]
    connection.execute(insert_new(connection, article_urls, "url_key"), rows)
    changed_at = known.changed_at if seen is None else fetched.at
    due_at = next_look(policy, known.article_id, known.born_at, changed_at, reading.kind, fetched.at)
    _go_on(connection, outcome, due_at, changed_at)
    return seen


def _go_on(
    connection: Connection, outcome: RecheckOutcome, due_at: datetime | None, changed_at: datetime | None
) -> None:
    if due_at is None:
        rechecks.end(connection, outcome.known.article_id)
    else:
        rechecks.go_on(connection, outcome, due_at, changed_at)


def find(connection: Connection, what: str) -> Row[Any] | None:
    """The article with this number or address (any of its addresses, in any spelling)."""
    if what.isdecimal() and len(what) < 19:
        return connection.execute(select(articles).where(articles.c.id == int(what))).one_or_none()
    key = select(article_urls.c.article_id).where(article_urls.c.url_key == url_key(what)).scalar_subquery()
    return connection.execute(select(articles).where(articles.c.id == key)).one_or_none()
