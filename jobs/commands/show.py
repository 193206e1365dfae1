"""`dateline show`: one article, as a person would want to read it."""

from __future__ import annotations

import difflib
import textwrap
from typing import Any

from sqlalchemy import Connection, text

from ingest.errors import SettingsError
from jobs.present import cell, harmless
from storage import articles, readings, revisions

WIDTH = 88


def article_record(connection: Connection, what: str) -> dict[str, Any]:
    """An article with its parts, copies and revisions. Raises SettingsError where there is none."""
    row = articles.find(connection, what)
    if row is None:
        raise SettingsError(f"there is no article {what}: the numbers stand in v_articles.article_id")
    hidden = ("url_key", "text_hash", "read_key")
    record = {name: value for name, value in row._mapping.items() if name not in hidden}
    record["dropped"] = record["dropped"] or []
    copies = connection.execute(text(_COPIES), {"id": row.id}).mappings()
    record |= readings.load_parts(connection, row.id) | {"urls": readings.load_urls(connection, row.id)}
    record["copies"] = [dict(copy) for copy in copies]
    record["revisions"] = [
        {k: v for k, v in revision._mapping.items() if k not in ("text_hash", "delta", "article_id")} | {"text": body}
        for revision, body in revisions.load(connection, row.id)
    ]
    return record


_COPIES = """
    select original_id, original_url, copy_id, copy_url, relation, coverage, hours_later
    from v_syndication where original_id = :id or copy_id = :id order by copy_id"""


def as_text(record: dict[str, Any], *, revisions: bool) -> str:
    """The article for people: headline, facts, text, what hangs on it."""
    facts = [
        ("by", ", ".join(record["authors"])),
        ("agency", record["agency"]),
        ("published", record["published_at"]),
        ("modified", record["modified_at"]),
        ("first seen", record["first_seen_at"]),
        ("section", record["section"]),
        ("tags", ", ".join(record["tags"])),
        ("language", record["language"]),
        ("address", record["url"]),
        ("read by", record["extractor"]),
    ]
    head = [cell(record["title"] or "(no headline)"), "=" * min(len(record["title"] or ""), WIDTH)]
    if record["standfirst"]:
        head += [_wrapped(record["standfirst"]), ""]
    head += [f"{name:11} {cell(value)}" for name, value in facts if value]
    parts = ["\n".join(head), *(_wrapped(p) for p in record["text"].split("\n\n"))]
    parts += [_left_out(record)] if record["dropped"] else []
    parts += [_copies(record)] if record["copies"] else []
    parts += [_related(record)] if record["related"] else []
    parts += [_revisions(record)] if revisions or len(record["revisions"]) > 1 else []
    return "\n\n".join(parts)


def _wrapped(paragraph: str) -> str:
    return textwrap.fill(harmless(paragraph), WIDTH, break_long_words=False, break_on_hyphens=False)


def _left_out(record: dict[str, Any]) -> str:
    """The beginning of each block that was not taken for the article's, and why."""
    lines = [
        f"  {cell(block['reason'])}: {textwrap.shorten(cell(block['text']), WIDTH, placeholder=' …')}"
        for block in record["dropped"]
    ]
    return "\n".join(["left out", *lines])


def as_markdown(record: dict[str, Any]) -> str:
    """The text with its marks; as it is where it was read before there were any."""
    return harmless(record["text_markdown"] or record["text"])


def _copies(record: dict[str, Any]) -> str:
    lines = []
    for copy in record["copies"]:
        if copy["copy_id"] == record["id"]:
            lines.append(f"  {copy['relation']} copy of {copy['original_id']}: {cell(copy['original_url'])}")
        else:
            lines.append(f"  copied ({copy['relation']}) by {copy['copy_id']}: {cell(copy['copy_url'])}")
    return "\n".join(["copies", *lines])


def _related(record: dict[str, Any]) -> str:
    return "\n".join(
        ["related", *(f"  {cell(link['title'])}  {cell(link['url'])}".rstrip() for link in record["related"])]
    )


def _revisions(record: dict[str, Any]) -> str:
    lines = [
        f"  {r['number']}  {r['seen_at']:%Y-%m-%d %H:%M}  {r['word_count']} words"
        f"  +{r['words_added']} -{r['words_removed']}  {cell(r['title'])}"
        for r in reversed(record["revisions"])
    ]
    return "\n".join(["revisions", *lines])


def diff_text(record: dict[str, Any], a: int, b: int) -> str:
    """What changed from revision `a` to `b`, paragraph by paragraph. Raises SettingsError."""
    found = {r["number"]: r for r in record["revisions"]}
    missing = [str(n) for n in (a, b) if n not in found]
    if missing:
        raise SettingsError(f"there is no revision {' or '.join(missing)}: the article has {len(found)}")
    before, after = (_lines(found[n]) for n in (a, b))
    names = (
        f"revision {a}, {found[a]['seen_at']:%Y-%m-%d %H:%M}",
        f"revision {b}, {found[b]['seen_at']:%Y-%m-%d %H:%M}",
    )
    changes = list(difflib.unified_diff(before, after, *names, lineterm="", n=1))
    return "\n".join(harmless(line) for line in changes) or "no difference in headline, standfirst and text"


def _lines(revision: dict[str, Any]) -> list[str]:
    return [p for p in (revision["title"], revision["standfirst"], *revision["text"].split("\n\n")) if p]
