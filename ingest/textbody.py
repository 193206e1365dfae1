"""The paragraphs of an article among lists, menus and prompts.

A single line between paragraphs is a subheading; several in a row are a list of links, unless the paragraph above
ends with a colon. Under the heading of a list the text goes on only where two paragraphs follow each other, because
teasers have a sentence each.
"""

from __future__ import annotations

from dataclasses import replace
from statistics import mean

from ingest.model import RelatedLink
from ingest.textblocks import OPEN_END, TAIL, columns, is_long, without_bullet
from ingest.textfront import key
from ingest.textkinds import Kind, Part, bare_names
from ingest.textphrases import COMMENTS, END_MARK, FOOTER, MAX_CHARS

MAX_RELATED = 50
TITLE_COLUMNS = 38  # what the entries of a list of articles are long on average
SUBHEADING_COLUMNS = 90
MIN_TITLE_COLUMNS = 8
FOOT_SHARE = 3  # a footer has at most a third of the text behind it
REPEATED_CHARS = 40


def cut(parts: list[Part], end_of_text: int) -> tuple[list[str], list[RelatedLink]]:
    """(paragraphs, titles of related articles); prose behind `end_of_text` is of other articles."""
    parts = without_noise([*before_foot(parts[:end_of_text]), *map(as_line, parts[end_of_text:])])
    kept: list[str] = []
    related: list[Part] = []
    place = 0
    while place < len(parts):
        part = parts[place]
        if part.is_text:
            kept.append(part.text)
            place += 1
        elif part.kind in (Kind.RELATED, Kind.DROPPED):
            end = resume(parts, place + 1)
            related += entries(parts[place + 1 : end]) if part.kind is Kind.RELATED else []
            place = end
        else:
            end = end_of_run(parts, place)
            text, titles = judge(parts[place:end], kept, followed=end < len(parts) and parts[end].is_text)
            kept += [part.text for part in text]
            related += titles
            place = end
    return each_once(kept), links(related)


def before_foot(parts: list[Part]) -> list[Part]:
    """What stands above the footer, the comments, the mark that ends a wire story."""
    total = sum(len(part.text) for part in parts if part.is_text)
    seen = 0
    below_text = False
    for number, part in enumerate(parts):
        foot = is_foot(part)
        if (foot or ends_all(part)) and (total - seen) * FOOT_SHARE <= total:
            return parts[:number]
        if heads_comments(part) and below_text and seen * 2 > total:
            return parts[:number]
        below_text = part.is_text and not foot
        seen += len(part.text) * below_text
    return parts


def as_line(part: Part) -> Part:
    return replace(part, kind=Kind.LINE) if part.is_text else part


def is_foot(part: Part) -> bool:
    return len(part.text) <= 2 * MAX_CHARS and FOOTER.match(part.text) is not None


def heads_comments(part: Part) -> bool:
    return COMMENTS.fullmatch(part.text[:MAX_CHARS]) is not None


def ends_all(part: Part) -> bool:
    return part.kind is not Kind.PROSE and END_MARK.fullmatch(part.text[:MAX_CHARS]) is not None


def without_noise(parts: list[Part]) -> list[Part]:
    """Without lines of the page; headings that stand there twice, once."""
    found: list[Part] = []
    for part in parts:
        if part.kind in (Kind.NOISE, Kind.DATE, Kind.BYLINE):
            continue
        if not (found and part.text == found[-1].text):
            found.append(part)
    return found


def end_of_run(parts: list[Part], start: int) -> int:
    """Where a run of lines and items ends."""
    end = start
    while end < len(parts) and parts[end].kind in (Kind.LINE, Kind.ITEM):
        end += 1
    return end


def resume(parts: list[Part], start: int) -> int:
    """Where the text goes on after the heading of a list; the end where it does not."""
    summaries = False
    for place in range(start, len(parts)):
        part = parts[place]
        if part.kind in (Kind.RELATED, Kind.DROPPED):
            return place
        if part.kind is not Kind.PROSE:
            continue
        following = parts[place + 1] if place + 1 < len(parts) else None
        if following is None:
            return len(parts) if summaries else place
        bulleted = all(entry.kind is Kind.ITEM for entry in parts[start:place])
        if following.is_text or bulleted:
            return place
        summaries = True
    return len(parts)


def entries(listed: list[Part]) -> list[Part]:
    """The titles in a list: its items where it has such, else its lines."""
    items = [part for part in listed if part.kind is Kind.ITEM]
    return items or [part for part in listed if part.kind is Kind.LINE]


def judge(run: list[Part], kept: list[str], *, followed: bool) -> tuple[list[Part], list[Part]]:
    """(what of a run of lines is the article's, what are titles of others)."""
    introduced = bool(kept) and OPEN_END.search(kept[-1][-TAIL:]) is not None
    lines, items = heading_and_items(run)
    if introduced and (items or len(run) > 1 or followed):
        return without_subheading(run, followed=followed), []
    if items and is_list_of_titles(items):
        return (lines[:-1] if len(lines) > 1 and followed else []), items
    if items:
        return (run, []) if len(lines) <= 1 and (followed or kept) else (items, [])
    if not followed:
        return unfinished(run, kept), titles_after(run)
    return subheading(run), []


def heading_and_items(run: list[Part]) -> tuple[list[Part], list[Part]]:
    lines = [part for part in run if part.kind is Kind.LINE]
    return lines, [part for part in run if part.kind is Kind.ITEM]


def is_list_of_titles(items: list[Part]) -> bool:
    """Whether the items of a list are headlines: long, and none ends like a sentence."""
    if len(items) < 2 and not items[0].block.url:
        return False
    if any(item.text.endswith((".", ";", ",", "。", "；", "、")) for item in items):
        return False
    return all(item.block.url for item in items) or mean(columns(item.text) for item in items) >= TITLE_COLUMNS


def without_subheading(run: list[Part], *, followed: bool) -> list[Part]:
    """A list that was announced, all of it; a last line without text is none of it where items are marked."""
    while run and not followed and run[-1].kind is Kind.LINE and run[0].kind is Kind.ITEM:
        run = run[:-1]
    return run


def unfinished(run: list[Part], kept: list[str]) -> list[Part]:
    """A last paragraph that lacks its full stop."""
    return run[:1] if kept and is_long(run[0].text) and not run[0].block.url else []


def titles_after(run: list[Part]) -> list[Part]:
    """A heading followed by lines like headlines: other articles, where no phrase says so."""
    entries = run[1:]
    long = [entry for entry in entries if columns(entry.text) >= TITLE_COLUMNS * 0.8]
    return long if len(long) >= 2 and len(long) == len(entries) and columns(run[0].text) < TITLE_COLUMNS else []


def subheading(run: list[Part]) -> list[Part]:
    """The subheading at the end of a run before a paragraph; two lines may be one with what stands above it."""
    last = run[-1]
    if last.block.url or columns(last.text) > SUBHEADING_COLUMNS:
        return [last] if is_long(last.text) else []
    if len(run) == 1:
        return run
    if len(run) == 2:
        first = run[0]
        return (
            run
            if columns(first.text) < TITLE_COLUMNS and not first.block.url and not bare_names(first.text)
            else [last]
        )
    others = mean(columns(part.text) for part in run[:-1])
    is_shorter = columns(last.text) * 5 < others * 3
    return [last] if is_shorter or last.block.mark == "#" else []


def each_once(texts: list[str]) -> list[str]:
    """Without a paragraph that stands there again."""
    seen: set[str] = set()
    found: list[str] = []
    for text in texts:
        if len(text) >= REPEATED_CHARS and text in seen:
            continue
        seen.add(text)
        found.append(text)
    return found


def links(entries: list[Part]) -> list[RelatedLink]:
    found: dict[str, RelatedLink] = {}
    for entry in entries:
        title = without_bullet(entry.text)
        if columns(title) >= MIN_TITLE_COLUMNS:
            found.setdefault(key(title), RelatedLink(title, entry.block.url))
    return list(found.values())[:MAX_RELATED]
