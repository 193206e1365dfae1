"""What a Reading becomes in the tables: the columns of its article, and the rows that hang on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, select

from ingest.fingerprint import text_hash
from ingest.model import Image, Reading, RelatedLink
from storage.boilerplate import read_key
from storage.tables import article_tags, article_urls, bylines, images, people, related_links, storable, tags
from storage.upsert import insert_new

NAME_LENGTH = 200  # of people and tags: what is longer is no name
DROPPED, DROPPED_CHARS = 40, 200  # blocks that were left out, and how much of each is kept


def storable_reading(reading: Reading) -> Reading:
    """The reading as the store will give it back, so that it compares equal to itself next time."""
    title, standfirst = (None if text is None else storable(text) for text in (reading.title, reading.standfirst))
    language = storable(reading.language)[:35] if reading.language else None
    text = storable(reading.text)
    signature = reading.signature if text == reading.text else None
    return replace(reading, title=title, standfirst=standfirst, language=language, text=text, signature=signature)


def columns(reading: Reading, blocks: frozenset[int]) -> dict[str, Any]:
    """The columns of `articles` that the page decides. `blocks`: the boilerplate that it was read with."""
    return {
        "title": reading.title,
        "standfirst": reading.standfirst,
        "text": reading.text,
        "text_markdown": reading.markdown,
        "dropped": [{"text": d.text[:DROPPED_CHARS], "reason": d.reason} for d in reading.dropped[:DROPPED]],
        "text_hash": text_hash(reading.text),
        "agency": reading.agency,
        "published_at": reading.published_at,
        "modified_at": reading.modified_at,
        "language": reading.language,
        "site_name": reading.site_name,
        "section": reading.section,
        "word_count": reading.word_count,
        "paywalled": reading.paywalled,
        "kind": reading.kind,
        "extractor": reading.extractor[:80],
        "read_key": read_key(reading.extractor, blocks),
        "provenance": dict(reading.provenance),
    }


def parts(reading: Reading) -> dict[str, list[Any]]:
    """What hangs on the article, as `load_parts` gives it back."""
    return {
        "authors": _names(reading.authors),
        "tags": _names(reading.tags),
        "images": [] if reading.image is None else [_image(reading.image)],
        "related": [_related(link) for link in reading.related],
    }


def _names(said: Iterable[str]) -> list[str]:
    """Names in order, each once."""
    cleaned = (storable(name).strip()[:NAME_LENGTH].rstrip() for name in said)
    return list(dict.fromkeys(name for name in cleaned if name))


def _image(image: Image) -> dict[str, str | None]:
    said = {"url": image.url, "caption": image.caption, "credit": image.credit}
    return {name: None if text is None else storable(text) for name, text in said.items()}


def _related(link: RelatedLink) -> dict[str, str | None]:
    return {"title": storable(link.title), "url": None if link.url is None else storable(link.url)}


def record_parts(connection: Connection, article_id: int, reading: Reading) -> None:
    """Byline, tags, image and related links of an article that has none yet."""
    found = parts(reading)
    people_ids = _numbers(connection, people, found["authors"])
    tag_ids = _numbers(connection, tags, found["tags"])
    rows: dict[Table, list[dict[str, Any]]] = {
        bylines: [{"person_id": number} for number in people_ids],
        article_tags: [{"tag_id": number} for number in tag_ids],
        images: found["images"],
        related_links: found["related"],
    }
    for table, values in rows.items():
        if values:
            placed = [{"article_id": article_id, "position": i} | row for i, row in enumerate(values)]
            connection.execute(_INSERT_INTO[table.name], placed)


def replace_parts(connection: Connection, article_id: int, reading: Reading) -> None:
    """The same, in place of those it has."""
    for table in _PARTS:
        connection.execute(delete(table).where(table.c.article_id == article_id))
    record_parts(connection, article_id, reading)


_PARTS = (bylines, article_tags, images, related_links)
_INSERT_INTO = {table.name: insert(table) for table in _PARTS}


def _numbers(connection: Connection, table: Table, names: Sequence[str]) -> list[int]:
    """The numbers of names in a table of names, in order; new ones are added. Most are known."""
    numbers = _known_numbers(connection, table, names)
    new = [name for name in names if name not in numbers]
    if new:
        connection.execute(insert_new(connection, table, "name"), [{"name": name} for name in new])
        numbers |= _known_numbers(connection, table, new)
    return [numbers[name] for name in names]


def _known_numbers(connection: Connection, table: Table, names: Sequence[str]) -> dict[str, int]:
    if not names:
        return {}
    return {row.name: row.id for row in connection.execute(_NUMBERS[table.name], {"names": names})}


_NUMBERS = {
    table.name: select(table.c.name, table.c.id).where(table.c.name.in_(bindparam("names", expanding=True)))
    for table in (people, tags)
}


def load_parts(connection: Connection, article_id: int) -> dict[str, list[Any]]:
    """Byline, tags, images and related links of an article."""
    article = {"article": article_id}
    return {
        "authors": list(connection.scalars(_AUTHORS, article)),
        "tags": list(connection.scalars(_TAGS, article)),
        "images": [dict(row) for row in connection.execute(_IMAGES, article).mappings()],
        "related": [dict(row) for row in connection.execute(_RELATED, article).mappings()],
    }


def load_urls(connection: Connection, article_id: int) -> list[str]:
    """Every address of an article."""
    return list(connection.scalars(select(article_urls.c.url).where(article_urls.c.article_id == article_id)))


def _hanging(table: Table, *wanted: Any) -> Any:
    return select(*wanted).where(table.c.article_id == bindparam("article")).order_by(table.c.position)


_AUTHORS = _hanging(bylines, people.c.name).join(people, bylines.c.person_id == people.c.id)
_TAGS = _hanging(article_tags, tags.c.name).join(tags, article_tags.c.tag_id == tags.c.id)
_IMAGES = _hanging(images, images.c.url, images.c.caption, images.c.credit)
_RELATED = _hanging(related_links, related_links.c.title, related_links.c.url)
