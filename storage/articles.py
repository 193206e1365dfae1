"""Articles and their revisions: recording what was read, and finding it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, delete, insert, select, update

from ingest.fingerprint import text_hash
from ingest.model import Article, Reading, ReadOutcome
from ingest.revise import Change, Revised, compare, from_delta, to_delta
from ingest.urls import host_of, url_key
from storage import duplicates, entries, hosts, pages
from storage.tables import (
    article_tags,
    article_urls,
    articles,
    bylines,
    images,
    people,
    related_links,
    revisions,
    storable,
    tags,
)
from storage.upsert import insert_new

NAME_LENGTH = 200  # of people and tags: what is longer is no name


def record_read(connection: Connection, outcome: ReadOutcome) -> int | None:
    """Everything that came of one entry's page, whole: page, article, revision, copies, entry.

    Returns the article's number where there is one. Doing it twice changes nothing but the list of fetches.
    An entry whose feed was removed meanwhile takes its outcome with it.
    """
    if not entries.exists(connection, outcome.entry.id):
        return None
    if outcome.rest_until:
        hosts.rest(connection, outcome.entry.host, outcome.rest_until, str(outcome.reason))
    if outcome.reading is None:
        pages.record(connection, outcome, None)
        entries.settle(connection, outcome, None)
        return None
    article_id = _record_article(connection, outcome, _storable(outcome.reading))
    entries.settle(connection, outcome, article_id)
    return article_id


def _record_article(connection: Connection, outcome: ReadOutcome, reading: Reading) -> int:
    addresses = _addresses(outcome, reading)
    known = _find(connection, list(addresses))
    values = _fields(outcome, reading)
    if known is None:
        article_id = _insert(connection, outcome, reading, values)
    else:
        article_id = known.id
        _revise(connection, known, outcome, reading, values)
    rows = [{"url_key": key, "article_id": article_id, "url": url} for key, url in addresses.items()]
    connection.execute(insert_new(connection, article_urls, "url_key"), rows)
    entries.settle_same(connection, outcome.entry.id, [*addresses, outcome.entry.url_key], article_id)
    return article_id


def _storable(reading: Reading) -> Reading:
    """The reading as the store will give it back, so that it compares equal to itself next time."""
    title, standfirst = (None if text is None else storable(text) for text in (reading.title, reading.standfirst))
    language = storable(reading.language)[:35] if reading.language else None
    return replace(reading, title=title, standfirst=standfirst, language=language, text=storable(reading.text))


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
)


def _fields(outcome: ReadOutcome, reading: Reading) -> dict[str, Any]:
    return {
        "title": reading.title,
        "standfirst": reading.standfirst,
        "text": reading.text,
        "text_hash": text_hash(reading.text),
        "agency": reading.agency,
        "published_at": reading.published_at,
        "modified_at": reading.modified_at,
        "fetched_at": outcome.fetched.at,
        "language": reading.language,
        "site_name": reading.site_name,
        "section": reading.section,
        "word_count": reading.word_count,
        "paywalled": reading.paywalled,
        "kind": reading.kind,
        "extractor": reading.extractor[:80],
        "provenance": dict(reading.provenance),
    }


def _insert(connection: Connection, outcome: ReadOutcome, reading: Reading, values: dict[str, Any]) -> int:
    url = reading.canonical_url
    row = {"url": url, "url_key": url_key(url), "host": host_of(url), "first_seen_at": outcome.fetched.at, **values}
    article_id = int(connection.execute(_INSERT, row | {"revision_count": 1}).scalar_one())
    page_id = pages.record(connection, outcome, article_id)
    _record_revision(connection, article_id, 1, values, Revised(Change.NEW), page_id)
    _record_parts(connection, article_id, reading)
    duplicates.regroup(connection, values["text_hash"], outcome.fetched.at)
    return article_id


_INSERT = insert(articles).returning(articles.c.id)


def _revise(
    connection: Connection, known: Article, outcome: ReadOutcome, reading: Reading, values: dict[str, Any]
) -> None:
    """The article has been read before: keep its newest fields, and the older text where the words changed."""
    page_id = pages.record(connection, outcome, known.id)
    revised = compare(known, reading)
    if revised.change is Change.NEW:
        _keep_older(connection, known, reading)
        values |= {"revision_count": known.revision_count + 1}
        _record_revision(connection, known.id, known.revision_count + 1, values, revised, page_id)
    elif known.text != reading.text:
        _rebase(connection, known, reading.text)
    connection.execute(update(articles).where(articles.c.id == known.id).values(**values))
    if revised.change is not Change.UNCHANGED:
        for table in (bylines, article_tags, images, related_links):
            connection.execute(delete(table).where(table.c.article_id == known.id))
        _record_parts(connection, known.id, reading)
    if known.text_hash != values["text_hash"]:
        duplicates.leave(connection, known.id, known.text_hash, outcome.fetched.at)
        duplicates.regroup(connection, values["text_hash"], outcome.fetched.at)


def _keep_older(connection: Connection, known: Article, reading: Reading) -> None:
    """The text that was the newest becomes a delta against the one that follows it."""
    newest = (revisions.c.article_id == known.id) & (revisions.c.number == known.revision_count)
    delta = to_delta(known.text, reading.text)
    connection.execute(update(revisions).where(newest).values(delta=delta))


def _rebase(connection: Connection, known: Article, text: str) -> None:
    """The newest text changes without a new revision: the delta that leans on it is made anew."""
    before = (revisions.c.article_id == known.id) & (revisions.c.number == known.revision_count - 1)
    delta = connection.scalar(select(revisions.c.delta).where(before))
    if delta is not None:
        older = from_delta(delta, known.text)
        connection.execute(update(revisions).where(before).values(delta=to_delta(older, text)))


def _record_revision(
    connection: Connection, article_id: int, number: int, values: dict[str, Any], revised: Revised, page_id: int
) -> None:
    row = {
        "article_id": article_id,
        "number": number,
        "seen_at": values["fetched_at"],
        "words_added": revised.words_added if number > 1 else 0,
        "words_removed": revised.words_removed if number > 1 else 0,
        "page_id": page_id,
    }
    kept = {name: values[name] for name in ("title", "standfirst", "text_hash", "word_count", "extractor")}
    connection.execute(_INSERT_REVISION, row | kept)


_INSERT_REVISION = insert(revisions)


def _record_parts(connection: Connection, article_id: int, reading: Reading) -> None:
    """Byline, tags, image and related links."""
    for table, names, column, table_of in (
        (bylines, reading.authors, "person_id", people),
        (article_tags, reading.tags, "tag_id", tags),
    ):
        numbers = _numbers(connection, table_of, names)
        if numbers:
            rows = [{"article_id": article_id, "position": i, column: n} for i, n in enumerate(numbers)]
            connection.execute(_INSERT_INTO[table.name], rows)
    if reading.image is not None:
        image = reading.image
        row = {"article_id": article_id, "position": 0, "url": image.url}
        connection.execute(_INSERT_INTO["images"], row | {"caption": image.caption, "credit": image.credit})
    if reading.related:
        links = [
            {"article_id": article_id, "position": i, "title": link.title, "url": link.url}
            for i, link in enumerate(reading.related)
        ]
        connection.execute(_INSERT_INTO["related_links"], links)


_INSERT_INTO = {table.name: insert(table) for table in (bylines, article_tags, images, related_links)}


def _numbers(connection: Connection, table: Table, names: Sequence[str]) -> list[int]:
    """The numbers of names in a table of names, in order, each once; new ones are added."""
    cleaned = (storable(name).strip()[:NAME_LENGTH].rstrip() for name in names)
    wanted = list(dict.fromkeys(name for name in cleaned if name))
    if not wanted:
        return []
    rows = [{"name": name} for name in wanted]
    connection.execute(insert_new(connection, table, "name"), rows)
    numbers = {row.name: row.id for row in connection.execute(_NUMBERS[table.name], {"names": wanted})}
    return [numbers[name] for name in wanted]


_NUMBERS = {
    table.name: select(table.c.name, table.c.id).where(table.c.name.in_(bindparam("names", expanding=True)))
    for table in (people, tags)
}


def find(connection: Connection, what: str) -> Row[Any] | None:
    """The article with this number or address (any of its addresses, in any spelling)."""
    if what.isdecimal() and len(what) < 19:
        return connection.execute(select(articles).where(articles.c.id == int(what))).one_or_none()
    key = select(article_urls.c.article_id).where(article_urls.c.url_key == url_key(what)).scalar_subquery()
    return connection.execute(select(articles).where(articles.c.id == key)).one_or_none()


def load_revisions(connection: Connection, article_id: int) -> list[tuple[Row[Any], str]]:
    """Every revision with its text, newest first."""
    query = select(revisions).where(revisions.c.article_id == article_id).order_by(revisions.c.number.desc())
    text = connection.scalar(select(articles.c.text).where(articles.c.id == article_id)) or ""
    found = []
    for row in connection.execute(query):
        if row.delta is not None:
            text = from_delta(row.delta, text)
        found.append((row, text))
    return found


def load_parts(connection: Connection, article_id: int) -> dict[str, Any]:
    """Byline, tags, images, related links and addresses of an article."""
    names = select(people.c.name).join(bylines, bylines.c.person_id == people.c.id)
    keywords = select(tags.c.name).join(article_tags, article_tags.c.tag_id == tags.c.id)
    return {
        "authors": list(
            connection.scalars(names.where(bylines.c.article_id == article_id).order_by(bylines.c.position))
        ),
        "tags": list(
            connection.scalars(
                keywords.where(article_tags.c.article_id == article_id).order_by(article_tags.c.position)
            )
        ),
        "images": _rows(connection, images, article_id),
        "related": _rows(connection, related_links, article_id),
        "urls": list(connection.scalars(select(article_urls.c.url).where(article_urls.c.article_id == article_id))),
    }


def _rows(connection: Connection, table: Table, article_id: int) -> list[dict[str, Any]]:
    query = select(table).where(table.c.article_id == article_id).order_by(table.c.position)
    hidden = ("article_id", "position")
    return [{k: v for k, v in row._mapping.items() if k not in hidden} for row in connection.execute(query)]
