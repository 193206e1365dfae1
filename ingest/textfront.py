"""What stands above the text of an article: menus, kicker, headline, standfirst, byline, date."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from ingest.textblocks import OPEN_END, TAIL, columns, ends_sentence
from ingest.textkinds import Kind, Part, bare_names, byline

HEADLINE_CHARS = 250
STANDFIRST_CHARS = 450
MENU_WORDS = 3
MENU_COLUMNS = 28
MENU_LINES = 3  # as many short lines in a row are a menu
REACH = 6  # blocks after the headline within which a byline or a date stands
FILM = re.compile(
    r"\s[–—-]\s(?:video|audio|gallery|in pictures|podcast|vidéo|vídeo|bilder|galerie|podcast|видео|動画|"
    r"视频|영상)\W*$",
    re.I,
)
NO_HEADLINE_END = re.compile(r"[.;:,。；：،]$")
ASKS = re.compile(r"[?!？！؟…][\"'”’»)\]」』]*$")
TITLE_TAIL = re.compile(r"\s+[|–—·»•-]\s+\S.{0,40}$|\s*[|｜ㅣ]\s*\S.{0,40}$")
CRUMBS = re.compile(r"\s[›»>/]\s")
# Home | News | Sport; in scripts without spaces, spaces part such entries.
MENU_IN_LINE = re.compile(
    r"[^|•·]{1,25}(?:\s?[|•·]\s?[^|•·]{1,25}){2,9}|[\u2e80-\u9fff]{1,8}(?: [\u2e80-\u9fff]{1,8}){3,}"
)
SLUG = re.compile(
    r"[\^\W]*(?:[A-Z0-9]+[-_/]){1,8}[A-Z0-9,]+(?:[\s,].{0,40})?<?|(?:[a-z0-9]+[-_]){2,8}[a-z0-9]+|URGENT\W*|"
    r"BREAKING\W*"
)
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Front:
    """What was found above the text."""

    title: str | None = None
    standfirst: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    modified: datetime | None = None
    section: str | None = None


def read_front(parts: list[Part], first: int = 0, subject: str | None = None) -> tuple[Front, list[Part]]:
    """(what stands above, the text). `first`: where prose begins; `subject`: the headline, where that is known."""
    start = first_paragraph(parts, first)
    head = [part for part in parts[:start] if part.kind is not Kind.NOISE and not SLUG.fullmatch(part.text)]
    place, length = headline(head) if subject is None else (None, 0)
    if place is None:
        return Front(subject, None, *stated(head, 0)), rest_without(parts[start:], subject)
    below = head[place + length :]
    lead, after = standfirst(below, parts[start:])
    title = head[place].text
    known = stated(below + parts[start : len(parts) - len(after)], 0)
    front = Front(title, lead, *known, section=kicker(head[:place], parts))
    return front, rest_without([*text_among(below, lead), *after], title)


def first_paragraph(parts: list[Part], first: int) -> int:
    """Where the text begins: at the first block that reads like a paragraph, or else like a sentence."""
    for wanted in (Kind.PROSE, Kind.SENTENCE):
        headed = any(map(is_headline, parts[:first]))
        for number, part in enumerate(parts[first:], start=first):
            if part.kind is wanted and (headed or not asks(part)):
                return earlier_sentence(parts, number)
            headed = headed or is_headline(part)
    return len(parts)


def earlier_sentence(parts: list[Part], number: int) -> int:
    """A short sentence right above the first paragraph begins the text, if a headline is above that."""
    while number > 1 and parts[number - 1].kind is Kind.SENTENCE and any(map(is_headline, parts[: number - 1])):
        number -= 1
    return number


def headline(head: list[Part]) -> tuple[int | None, int]:
    """(its place, how many lines it takes); (None, 0) where no line can be it."""
    lines = [number for number, part in enumerate(head) if is_headline(part)]
    if not lines:
        return None, 0
    if (twice := repeated(head, lines)) is not None:
        return twice
    marked = [number for number in lines if head[number].block.mark == "#"]
    if marked:
        return marked[0], 1
    films = {n for n in lines if FILM.search(head[n].text) and len(lines) > 1}
    long = [number for number in lines if is_headline_like(head[number]) and number not in films]
    if not long:
        menu_end = end_of_menu(head)
        left = [number for number in lines if number >= menu_end and number not in films] or lines[-1:]
        return left[0] if menu_end or len(left) < 3 else left[-1], 1
    return (0 if is_short_headline(head, long) else among(head, long)), 1


def is_short_headline(head: list[Part], long: list[int]) -> bool:
    """Whether the first line of all is a short headline above its standfirst, not a kicker above its headline."""
    return long == [1] and is_headline(head[0]) and len(head[0].text.split()) == MENU_WORDS


def among(head: list[Part], long: list[int]) -> int:
    """The headline among lines that all might be it: of those above the byline, the last two, or the first one."""
    signed = next((n for n, part in enumerate(head) if n > long[0] and part.kind in (Kind.BYLINE, Kind.DATE)), None)
    above = [number for number in long if signed is None or number < signed]
    group = [above[-1]]
    for number in reversed(above[:-1]):
        if group[0] - number > 1:
            break  # something short stands between: a kicker, a menu
        group.insert(0, number)
    if signed is None:
        group = above
    if len(group) <= 2 or signed is None:
        return group[0]
    shorter = len(head[group[-2]].text) < len(head[group[-1]].text)
    return group[-2] if shorter else group[-1]


def repeated(head: list[Part], lines: list[int]) -> tuple[int, int] | None:
    """A line that stands there twice, or once more with the name of the site behind it: (its last place, 1)."""
    names = Counter(key(head[number].text) for number in lines)
    for number in lines:
        text = head[number].text
        if tail := TITLE_TAIL.search(text):
            names[key(text[: tail.start()])] += 1
    twice = [n for n in lines if names[key(head[n].text)] > 1 and is_headline_like(head[n])]
    return (twice[-1], 1) if twice else None


def standfirst(below: list[Part], after: list[Part]) -> tuple[str | None, list[Part]]:
    """(the summary under the headline, where the text goes on).

    A line without a full stop; or a paragraph, if the byline or the date stands only below it.
    """
    signed = [number for number, part in enumerate(below) if part.kind in (Kind.BYLINE, Kind.DATE)]
    lines = [
        part.text
        for part in below[: signed[0] if signed else len(below)]
        if (part.kind is Kind.LINE and is_summary(part) and not bare_names(part.text))
        or (signed and part.is_text and len(part.text) <= STANDFIRST_CHARS)
    ]
    if lines and after and after[0].is_text:
        return lines[0], after
    if not signed and len(after) > 2 and after[0].is_text and len(after[0].text) <= STANDFIRST_CHARS:
        for number, part in enumerate(after[1:4], start=1):
            if part.kind in (Kind.BYLINE, Kind.DATE):
                return after[0].text, skip_front(after[number:])
            if part.is_text:
                break
    return None, after


def skip_front(parts: list[Part]) -> list[Part]:
    """What is left below byline and date."""
    for number, part in enumerate(parts):
        if part.is_text or part.kind in (Kind.RELATED, Kind.DROPPED) or number > REACH:
            return parts[number:]
    return []


def stated(parts: list[Part], start: int) -> tuple[tuple[str, ...], datetime | None, datetime | None]:
    """(authors, published, modified) by the lines that say so."""
    names: list[str] = []
    published = modified = None
    for number, part in enumerate(parts[start:], start=start):
        if part.kind is Kind.BYLINE:
            names += [name for name in part.names if name not in names]
        elif part.kind is Kind.DATE and part.names:
            modified = modified or part.moment
        elif part.kind is Kind.DATE:
            published = published or part.moment
        elif part.kind is Kind.LINE and not names and beside_date(parts, number):
            names += bare_names(part.text)
    return tuple(names), published, modified


def beside_date(parts: list[Part], number: int) -> bool:
    near = parts[max(0, number - 1) : number + 3]
    return any(part.kind is Kind.DATE for part in near)


def kicker(above: list[Part], parts: list[Part]) -> str | None:
    """The section: a short line right above the headline that is no part of a menu and not the name of the site."""
    if not above or above[-1].kind is not Kind.LINE:
        return None
    text = above[-1].text
    if CRUMBS.search(text):
        return CRUMBS.split(text)[-1].strip()
    run = 0
    for part in reversed(above):
        if not is_short(part):
            break
        run += 1
    if not 1 <= run < MENU_LINES or len(text.split()) > MENU_WORDS:
        return None
    foot = " ".join(part.text for part in parts[-5:]).casefold()
    return None if text.casefold() in foot else text


def text_among(below: list[Part], lead: str | None) -> list[Part]:
    """Text between headline and text: paragraphs far above the others, and key points that are no links."""
    points = [part for part in below if part.kind is Kind.ITEM]
    are_links = sum(len(part.text) for part in points) < 40 * len(points)
    return [
        part for part in below if (part.is_text and part.text != lead) or (part.kind is Kind.ITEM and not are_links)
    ]


def rest_without(parts: list[Part], title: str | None) -> list[Part]:
    """The text, without the headline on top of it."""
    while parts and title and key(parts[0].text) == key(title):
        parts = parts[1:]
    return parts


def end_of_menu(head: list[Part]) -> int:
    """The place below the last run of short lines; 0 where there is none."""
    run = end = 0
    for number, part in enumerate(head):
        run = run + 1 if is_short(part) else 0
        if run > MENU_LINES:
            end = number
    return end


# --- what a line can be -----------------------------------------------------------------------------------------------


def is_headline(part: Part) -> bool:
    if part.kind is Kind.LINE or (asks(part) and not part.block.mark):
        return len(part.text) <= HEADLINE_CHARS and not NO_HEADLINE_END.search(part.text) and byline(part.text) is None
    return False


def asks(part: Part) -> bool:
    """One sentence that ends with a question or exclamation mark, as headlines do."""
    text = part.text
    return (
        part.is_text
        and len(text) <= HEADLINE_CHARS // 2
        and bool(ASKS.search(text[-TAIL:]))
        and not re.search(r"[.!?]\s|[。！？](?!$|[」』])", text)
    )


def is_headline_like(part: Part) -> bool:
    """Long enough not to be an entry of a menu, and no menu in one line."""
    if CRUMBS.search(part.text) or MENU_IN_LINE.fullmatch(part.text):
        return False
    return len(part.text.split()) > MENU_WORDS or columns(part.text) > MENU_COLUMNS


def is_short(part: Part) -> bool:
    return part.kind in (Kind.LINE, Kind.ITEM) and not is_headline_like(part)


def is_summary(part: Part) -> bool:
    text = part.text
    return (
        is_headline_like(part)
        and len(text) <= STANDFIRST_CHARS
        and not (ends_sentence(text) or OPEN_END.search(text[-TAIL:]) or FILM.search(text))
    )


def key(text: str) -> str:
    """For telling whether two lines say the same."""
    return " ".join(WORD.findall(text.casefold()))
