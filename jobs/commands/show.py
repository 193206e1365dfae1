"""`dateline show`: one article, as a person would want to read it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from ingest.changes import Step, compare_words
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
        {k: v for k, v in revision._mapping.items() if k not in ("text_hash", "delta", "base", "article_id")}
        | {"text": body}
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
        ("withdrawn", record["withdrawn_at"] and f"{cell(record['withdrawn_at'])} ({record['withdrawn_reason']})"),
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
        f"  +{r['words_added']} -{r['words_removed']}  {_kind(r)}{_sightings(r)}  {cell(r['title'])}"
        for r in reversed(record["revisions"])
    ]
    notes = [f"     {r['number']} says: {cell(r['correction'])}" for r in record["revisions"] if r["correction"]]
    return "\n".join(["revisions", *lines, *reversed(notes)])


def _kind(revision: dict[str, Any]) -> str:
    if revision["correction"]:
        return "correction"
    return "first" if revision["number"] == 1 else "change"


def _sightings(revision: dict[str, Any]) -> str:
    return "" if revision["sightings"] == 1 else f"  seen {revision['sightings']} times"


STRUCK, ADDED, PLAIN = "\033[9;31m", "\033[32m", "\033[0m"
FIELDS = ("title", "standfirst", "text")
AROUND = 1  # paragraphs that are shown before and after a change


@dataclass(frozen=True)
class Difference:
    """What changed from one revision of an article to another."""

    before: dict[str, Any]
    after: dict[str, Any]
    steps: dict[str, list[Step]]  # by field

    def as_list(self) -> list[dict[str, str]]:
        """For scripts: what is equal, deleted and inserted, in order."""
        return [
            {"field": field, "op": step.op, "text": step.text} for field, steps in self.steps.items() for step in steps
        ]

    def as_text(self, *, colours: bool) -> str:
        """For people: the paragraphs that changed, with the words struck and added."""
        head = [f"revision {r['number']}, {r['seen_at']:%Y-%m-%d %H:%M}" for r in (self.before, self.after)]
        parts = [f"from {head[0]} to {head[1]}"]
        for field, steps in self.steps.items():
            if any(step.op != "equal" for step in steps):
                shown = _paragraphs(steps, colours=colours)
                parts += [f"{field}: {shown[0]}"] if field != "text" else shown
        if self.after["correction"] and self.after["number"] > self.before["number"]:
            parts.append(f"the publisher says: {cell(self.after['correction'])}")
        return "\n\n".join(parts if len(parts) > 1 else [*parts, "no difference in headline, standfirst and text"])


def difference(record: dict[str, Any], numbers: Sequence[int]) -> Difference:
    """From one revision to another; without numbers from the one before the newest to that. Raises SettingsError."""
    found = {r["number"]: r for r in record["revisions"]}
    if len(numbers) not in (0, 2):
        raise SettingsError("--diff takes the numbers of two revisions, or none: dateline show ARTICLE --diff 1 2")
    a, b = numbers or (max(found) - 1, max(found))
    if not numbers and a not in found:
        raise SettingsError(f"article {record['id']} has one revision only")
    missing = [str(n) for n in (a, b) if n not in found]
    if missing:
        raise SettingsError(f"there is no revision {' or '.join(missing)}: the article has {len(found)}")
    before, after = found[a], found[b]
    return Difference(before, after, {f: compare_words(before[f] or "", after[f] or "") for f in FIELDS})


def _paragraphs(steps: list[Step], *, colours: bool) -> list[str]:
    """The paragraphs that changed, one or the other beside them, and how many were left out in between."""
    marks = {"delete": (STRUCK, PLAIN), "insert": (ADDED, PLAIN)} if colours else {}
    marks |= {"equal": ("", "")} if colours else {"equal": ("", ""), "delete": ("[-", "-]"), "insert": ("{+", "+}")}
    paragraphs, changed = [""], [False]
    for step in steps:
        for place, piece in enumerate(step.text.split("\n\n")):
            if place:
                paragraphs.append("")
                changed.append(False)
            if piece:
                opened, closed = marks[step.op]
                paragraphs[-1] += f"{opened}{harmless(piece)}{closed}"
                changed[-1] |= step.op != "equal"
    return list(_shortened(paragraphs, changed))


def _shortened(paragraphs: list[str], changed: list[bool]) -> Iterator[str]:
    near = [any(changed[max(i - AROUND, 0) : i + AROUND + 1]) for i in range(len(changed))]
    left_out = 0
    for paragraph, is_near in zip(paragraphs, near, strict=True):
        if not is_near:
            left_out += bool(paragraph)
        elif paragraph:
            if left_out:
                yield f"[{left_out} unchanged]"
            left_out = 0
            yield paragraph
    if left_out:
        yield f"[{left_out} unchanged]"
