"""Pages saved as text: what a browser writes when it saves, what a reader pasted, a newsletter, a wire story.

lines -> without headers of mail, numbers of links    (mailtext, textmarks)
      -> blocks, wrapped lines joined                  (textblocks)
      -> parts: paragraph, line, item, date, noise     (textkinds)
      -> headline, standfirst, byline, date            (textfront)
      -> paragraphs and related titles                 (textbody)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from ingest import textmarks
from ingest.dates import parse_date
from ingest.mailtext import open_mail
from ingest.model import RelatedLink
from ingest.textblocks import blocks_of, lines_of
from ingest.textbody import cut
from ingest.textfront import key, read_front
from ingest.textkinds import Part, part
from ingest.textwindow import window


@dataclass(frozen=True, slots=True)
class TextPage:
    """The parts of a page in plain text. Dates as stated: whether they are plausible is not judged here."""

    title: str | None
    standfirst: str | None
    paragraphs: tuple[str, ...]
    related: tuple[RelatedLink, ...]
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    modified: datetime | None = None
    section: str | None = None
    site_name: str | None = None  # who sent a newsletter


def parse(text: str) -> TextPage:
    """Take a text page apart. Never raises; linear in the length of the text."""
    note, lines = textmarks.front_matter(lines_of(text))
    mail = open_mail(lines)
    parts = parts_of(textmarks.unquoted(mail.lines if mail else lines))
    first, end = window(parts)
    front, body = read_front(parts[:end], first, note.get("title"))
    kept, related = cut(body + parts[end:], len(body))
    title = front.title
    if mail and mail.subject and not says_same(title, mail.subject):
        kept = [*filter(None, (title, front.standfirst)), *kept]  # the heading of the first story
        title, front = mail.subject, replace(front, standfirst=None)
    stated = note.get("author") or note.get("authors")
    return TextPage(
        title,
        front.standfirst or note.get("description") or None,
        tuple(kept),
        tuple(related),
        front.authors or ((stated.strip("[]\"' "),) if stated else ()),
        front.published or (parse_date(note["date"]) if note.get("date") else None) or (mail.sent if mail else None),
        front.modified,
        front.section,
        mail.sender if mail else None,
    )


def everything_in(text: str) -> list[Part]:
    """All parts of a text page, for `--explain`."""
    _, lines = textmarks.front_matter(lines_of(text))
    mail = open_mail(lines)
    return parts_of(textmarks.unquoted(mail.lines if mail else lines))


def says_same(title: str | None, subject: str) -> bool:
    """Whether the headline is the subject of the mail, or a part of it."""
    return title is not None and (key(title) in key(subject) or key(subject) in key(title))


def parts_of(lines: list[str]) -> list[Part]:
    """The blocks of a text with what they are."""
    lines, known = textmarks.references(lines)
    blocks = blocks_of(lines)
    if textmarks.are_numbered(lines, known):
        blocks = [textmarks.without_numbers(block, known) for block in blocks]
    return [part(bare) for block in blocks if (bare := textmarks.plain(block)) is not None]
