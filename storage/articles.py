"""Articles and their revisions: recording what was read, and finding it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from ingest.boilerplate import recurring
from ingest.fingerprint import text_hash
from ingest.model import Article, Reading, ReadOutcome
from ingest.revise import Change, Revised, compare
from ingest.urls import host_of, url_key
from storage import alerts, boilerplate, duplicates, entries, fingerprints, hosts, pages, readings, revisions
from storage.tables import article_urls, articles
from storage.upsert import insert_new


def record_read(
    connection: Connection,
    outcome: ReadOutcome,
    blocks: frozenset[int] = frozenset(),
    memory: duplicates.Memory | None = None,
) -> int | None:
    """Everything that came of one entry's page, whole: page, article, revision, copies, entry.

    `blocks`: the boilerplate that the page was read with (storage/boilerplate.py: load). `memory`: what the process
    knows of texts (storage/duplicates.py).
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
    article_id = _record_article(connection, outcome, reading, blocks, memory)
    entries.settle(connection, outcome, article_id)
    return article_id


def _record_article(
    connection: Connection,
    outcome: ReadOutcome,
    reading: Reading,
    blocks: frozenset[int],
    memory: duplicates.Memory | None,
) -> int:
    addresses = _addresses(outcome, reading)
    known = _find(connection, list(addresses))
    values = readings.columns(reading, blocks) | {"fetched_at": outcome.fetched.at}
    if known is None:
        article_id = _insert(connection, outcome, reading, values, memory)
    else:
        article_id = known.id
        _revise(connection, known, outcome, reading, values, blocks, memory)
    rows = [{"url_key": key, "article_id": article_id, "url": url} for key, url in addresses.items()]
    connection.execute(insert_new(connection, article_urls, "url_key"), rows)
    entries.settle_same(connection, outcome.entry.id, [*addresses, outcome.entry.url_key], article_id)
    return article_id


def _addresses(outcome: ReadOutcome, reading: Reading) -> dict[int, str]:
    """Every address this article goes by, by key; the canonical one comes last."""
    urls = {url_key(url): url for url in (outcome.entry.url, outcome.entry.fetch_url, outcome.fetched.final_url) if url}
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
    article_id = int(connection.execute(_INSERT, row | {"revision_count": 1}).scalar_one())
    page_id = pages.record(connection, outcome, article_id)
    revisions.record(connection, article_id, 1, values, Revised(Change.NEW), page_id, outcome.fetched.at)
    readings.record_parts(connection, article_id, reading)
    alerts.note_length(connection, outcome.entry.feed_id, reading.word_count, outcome.fetched.at)
    duplicates.place(connection, article_id, outcome.fetched.at, memory, reading.signature)
    if not _is_republished(connection, article_id, row["host"], values["text_hash"]):
        boilerplate.record(connection, row["host"], reading.short_blocks, outcome.fetched.at)
    return article_id


def _is_republished(connection: Connection, article_id: int, host: str, text_hash: bytes) -> bool:
    """Whether the host has the same text under another address: it teaches nothing about what recurs there."""
    same = {"article": article_id, "host": host, "text_hash": text_hash}
    return connection.scalar(_SAME_TEXT, same) is not None


_SAME_TEXT = (
    select(articles.c.id)
    .where(
        articles.c.text_hash == bindparam("text_hash"),
        articles.c.host == bindparam("host"),
        articles.c.id != bindparam("article"),
    )
    .limit(1)
)
_INSERT = insert(articles).returning(articles.c.id)


def _revise(
    connection: Connection,
    known: Article,
    outcome: ReadOutcome,
    reading: Reading,
    values: dict[str, Any],
    blocks: frozenset[int],
    memory: duplicates.Memory | None,
) -> None:
    """The article has been read before: keep its newest fields, and the older text where the words changed."""
    page_id = pages.record(connection, outcome, known.id)
    revised = compare(_without(known, blocks), reading)
    if revised.change is Change.NEW:
        number = known.revision_count + 1
        revisions.keep_older(connection, known, reading.text)
        revisions.record(connection, known.id, number, values, revised, page_id, outcome.fetched.at)
        values |= {"revision_count": number}
    elif known.text != reading.text:
        revisions.rebase(connection, known, reading.text)
        revisions.restate_newest(connection, known, values)
    connection.execute(update(articles).where(articles.c.id == known.id).values(**values))
    if revised.change is not Change.UNCHANGED:
        readings.replace_parts(connection, known.id, reading)
    if known.text_hash != values["text_hash"]:
        duplicates.place_again(connection, known.id, known.text, outcome.fetched.at, memory, reading.signature)


def _without(known: Article, blocks: frozenset[int]) -> Article:
    """The article as it would be read today: that boilerplate learned since is gone from the text is no revision."""
    paragraphs = known.text.split("\n\n")
    verdicts = recurring(paragraphs, blocks)
    text = "\n\n".join(p for p, dropped in zip(paragraphs, verdicts, strict=True) if dropped is None)
    return known if text == known.text else replace(known, text=text, text_hash=text_hash(text))


def find(connection: Connection, what: str) -> Row[Any] | None:
    """The article with this number or address (any of its addresses, in any spelling)."""
    if what.isdecimal() and len(what) < 19:
        return connection.execute(select(articles).where(articles.c.id == int(what))).one_or_none()
    key = select(article_urls.c.article_id).where(article_urls.c.url_key == url_key(what)).scalar_subquery()
    return connection.execute(select(articles).where(articles.c.id == key)).one_or_none()
