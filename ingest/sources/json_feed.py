"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from ingest.errors import ParseError
from ingest.model import ParsedEntry, ParsedFeed, Reason
from ingest.sources import envelope, fields, scan
from ingest.urls import absolute

VERSION = "jsonfeed.org/version/"
MAX_HUBS_READ = 100


def recognise(body: bytes, content_type: str | None) -> bool:
    """Whether it is JSON that names itself a feed, in its text or by the server's word."""
    start = body[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith(b"{"):
        return False
    named = (content_type or "").lower().startswith("application/feed+json")
    return named or VERSION.encode() in body or VERSION.replace("/", "\\/").encode() in body


def parse(body: bytes, content_type: str | None, url: str, now: datetime, known: bytes | None = None) -> ParsedFeed:
    """What a JSON Feed states; fields of the wrong type count as absent. Raises ParseError(NOT_A_FEED)."""
    feed = _load(body)
    items = feed.get("items")
    if not isinstance(items, list):
        raise ParseError(Reason.NOT_A_FEED, "a JSON Feed without items")
    site_url = absolute(url, _text(feed, "home_page_url") or "")
    spoken = fields.language(_text(feed, "language"))
    objects = [item for item in items[: fields.MAX_ENTRIES] if isinstance(item, dict)]
    entries, hashes = _news(objects, site_url or url, spoken, now, scan.known_hashes(known))
    return ParsedFeed(
        kind="json10" if (_text(feed, "version") or "").endswith("/1") else "json11",
        title=fields.line(_text(feed, "title"), fields.MAX_TITLE, markup=False),
        site_url=site_url,
        language=spoken,
        entries=entries,
        skipped=len(objects) - len(entries),
        item_hashes=hashes,
        self_url=absolute(url, _text(feed, "feed_url") or ""),
        hub_urls=_hubs(feed, url),
        problem=_problem(items, len(objects)),
    )


def _news(
    items: list[dict[str, Any]], base: str, spoken: str | None, now: datetime, known: frozenset[bytes]
) -> tuple[tuple[ParsedEntry, ...], bytes | None]:
    """(the entries of the items that are not known, the hashes of all). No hashes where one has no id of its own."""
    hashes = _hashes(items, scan.salted(base, spoken))
    if hashes is None:
        return fields.told_apart([_entry(item, base, spoken, now) for item in items]), None
    wanted = [number for number, found in enumerate(hashes) if found not in known]
    entries = {number: _entry(items[number], base, spoken, now) for number in wanted}
    for number, entry in entries.items():
        if entry.published_text and fields.is_ahead(entry.published_text, now):
            hashes[number] = scan.unlike(hashes[number])
    return tuple(entries.values()), b"".join(hashes)


def _hashes(items: list[dict[str, Any]], salt: bytes) -> list[bytes] | None:
    names = [_text(item, "id") or "" for item in items]
    distinct = {fields.entry_id(name, None, None, None, None) for name in names if fields.UNFIT.sub("", name).strip()}
    if len(distinct) < len(items):
        return None
    try:
        return scan.hashed([json.dumps(item).encode() for item in items], [salt] * len(items), ())
    except RecursionError:
        return None


def _hubs(feed: dict[str, Any], url: str) -> tuple[str, ...]:
    """Those that speak WebSub (version 1.1, "hubs")."""
    stated = feed.get("hubs")
    hubs = [hub for hub in stated[:MAX_HUBS_READ] if isinstance(hub, dict)] if isinstance(stated, list) else []
    spoken = [hub for hub in hubs if (_text(hub, "type") or "").lower() == "websub"]
    found = (absolute(url, _text(hub, "url") or "") for hub in spoken)
    return tuple(dict.fromkeys(hub for hub in found if hub))[: envelope.MAX_HUBS]


def _load(body: bytes) -> dict[str, Any]:
    try:
        feed = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        raise ParseError(Reason.NOT_A_FEED, f"broken JSON ({str(error)[:100]})") from error
    if not isinstance(feed, dict):
        raise ParseError(Reason.NOT_A_FEED, "JSON, but no JSON Feed")
    return feed


def _problem(items: list[Any], read: int) -> str | None:
    if len(items) > fields.MAX_ENTRIES:
        return f"{len(items)} entries: the first {fields.MAX_ENTRIES} are read."
    return None if read == len(items) else f"{len(items) - read} of {len(items)} items are not objects"


def _entry(item: dict[str, Any], base: str, spoken: str | None, now: datetime) -> ParsedEntry:
    url, bad_link = fields.link(base, _text(item, "url"))
    title = fields.line(_text(item, "title"), fields.MAX_TITLE, markup=False)
    summary = fields.plain(_text(item, "summary"), fields.MAX_SUMMARY, markup=False)
    content = _content(item)
    published, updated = _text(item, "date_published"), _text(item, "date_modified")
    published_at = fields.believed(published, now)
    return ParsedEntry(
        entry_id=fields.entry_id(_text(item, "id"), url, title, published or updated, summary or content),
        url=url,
        title=title,
        summary=summary,
        content=content,
        authors=fields.people(_authors(item)),
        categories=fields.names(_texts(item.get("tags")), fields.MAX_CATEGORIES),
        published_at=published_at,
        published_text=None if published_at else fields.line(published, fields.MAX_NAME),
        updated_at=fields.believed(updated, now),
        language=fields.language(_text(item, "language")) or spoken,
        image_url=absolute(base, _text(item, "image") or _text(item, "banner_image") or ""),
        bad_link=bad_link,
    )


def _content(item: dict[str, Any]) -> str | None:
    if marked := _text(item, "content_html"):
        return fields.plain(marked, fields.MAX_CONTENT)
    return fields.plain(_text(item, "content_text"), fields.MAX_CONTENT, markup=False)


def _authors(item: dict[str, Any]) -> list[str | None]:
    """1.1 has a list, 1.0 one author; feeds of either version have either."""
    listed = item.get("authors")
    people = listed if isinstance(listed, list) else [item.get("author")]
    return [_text(person, "name") for person in people if isinstance(person, dict)]


def _text(holder: dict[str, Any], name: str) -> str | None:
    """A string; a number, which careless ids are, as one."""
    value = holder.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**30 else None
    return value if isinstance(value, str) else None


def _texts(values: Any) -> list[str | None]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []
