"""What a block of a text is, by its shape first and by its words second."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ingest.byline import ROLE, split_names
from ingest.dates import parse_date
from ingest.phrases import DROPPED_HEADING, NOISE_LINE, POINTER_LINE, RELATED_HEADING, SKIP_LINE
from ingest.textblocks import OPEN_END, TAIL, Block, columns, ends_sentence, is_long, is_running
from ingest.textphrases import (
    AGENCY_BEHIND,
    AGO,
    COUNTS,
    CREDIT,
    CREDIT_BEHIND,
    DESK,
    FOOTER_LINK,
    MAX_CHARS,
    PROMPT,
    READ_MORE,
    SHARE_LINE,
    WALL,
)


class Kind(Enum):
    PROSE = "prose"  # a paragraph
    SENTENCE = "sentence"  # ends like one, but is short
    LINE = "line"  # a headline, a menu, a link
    ITEM = "item"  # of a list
    BYLINE = "byline"
    DATE = "date"
    RELATED = "related"  # heads a list of other articles
    DROPPED = "dropped"  # heads one that is the site's
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class Part:
    """A block and what it is. `moment`: what a date line states; `names`: whom a byline names."""

    block: Block
    kind: Kind
    moment: datetime | None = None
    names: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.block.text

    @property
    def is_text(self) -> bool:
        return self.kind in (Kind.PROSE, Kind.SENTENCE)


BY = re.compile(
    r"^\W*(?:by|von|par|por|di|door|av|af|przez|tekst(?:en)?|text(?:e|o)?|words|autor(?:in|es|a)?|auteurs?|"
    r"authors?|автор|текст|reporter|written by|story by|reported by|yazan|haber|bài|tác giả|της|του|מאת|נכתב על ידי|"
    r"نویسنده|گزارش|بقلم|كتب|كتبت|रिपोर्टर|लेखक|संवाददाता|द्वारा|โดย|เรื่อง)\s?[:：]?\s(?P<names>\S.{1,90})$",
    re.I,
)
# 記者 山田太郎 · 本报记者 李明 · 文/李明 · 홍길동 기자 · 東京＝山田太郎
BY_CJK = re.compile(
    r"^\W*(?:(?:本[报報]|特[约派]|实习|見習い?)?(?:記者|记者|編輯|编辑|作者|撰文|文|取材・文|"
    r"執筆)\s?[:：/／|｜・·]?\s?"
    r"(?P<names>[\u3040-\u30ff\u4e00-\u9fff·・ 　]{2,14})|"
    r"(?P<before>[\u4e00-\u9fff\u3040-\u30ff]{2,8}|[가-힣]{2,4})\s?(?:記者|기자|특파원|"
    r"선임기자)(?:\s?\S+@\S+)?)\W*$"
)
NAME = re.compile(
    r"^(?:[^\W\d_a-zа-яёα-ωά-ώ][\w’'.-]{0,20}\s){1,3}[^\W\d_a-zа-яёα-ωά-ώ][\w’'-]{1,24}"
    r"(?:(?:,| and| und| et| y| e| en| i| и| &) (?:[^\W\d_a-z][\w’'.-]{0,20}\s){1,3}[^\W\d_a-z][\w’'-]{1,24}){0,4}"
    r"(?P<place> (?:in|à|aus|en|a|w|em|te) [^\W\d_a-z][\w’' .-]{2,30})?$"
)
PREFIX = re.compile(
    r"^\W*(?P<changed>(?:last )?(?:updated|modified|edited)|aktualisiert|geändert|mis à jour|modifié|actualizado|"
    r"aggiornato|atualizado|bijgewerkt|gewijzigd|aktualizacja|обновлено|更新|최종 ?수정|수정|güncellem?e?|"
    r"cập nhật)?"
    r"(?:(?:first )?(?:published|posted|created|issued)|erstellt|veröffentlicht|stand|publiée?|posté|"
    r"publicado|creado|"
    r"pubblicato|gepubliceerd|geplaatst|opublikowano|dodano|опубликовано|発行|掲載|公開|发布|发表于?|發布|"
    r"입력|등록|승인|نشر|"
    r"yayınlan\w{2,4}|δημοσίευση|ngày|เผยแพร่|प्रकाशित)?"
    r"(?:\s(?:on|am|vom|le|el|il|em|op|at))?\s?[:：]?\s*",
    re.I,
)
DATE_SHAPE = re.compile(
    r"(?:19|20)\d\d|\d{1,2}[:.h]\d\d(?!\d)|[१२३४५६७८९०]{4}|[٠-٩۰-۹]{4}|25[67]\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}"
)
MAX_DATE_CHARS = 100
PROMPT_COLUMNS = 200
ANNOUNCING_WORDS = 4  # before a colon and a list
MAX_DATE_WORDS = 9


def part(block: Block) -> Part:
    """A block with its kind."""
    text = block.text
    if len(text) <= MAX_CHARS:
        if (kind := heading_or_noise(text)) is not None:
            return Part(block, kind)
        if not block.mark and (found := date_line(text) or byline(text)) is not None:
            return Part(block, found.kind, found.moment, found.names)
    elif len(text) <= 2 * MAX_CHARS and CREDIT_BEHIND.search(text[-120:]):
        return Part(block, Kind.NOISE)
    return Part(block, by_shape(block))


def by_shape(block: Block) -> Kind:
    if block.mark == "#":
        return Kind.LINE
    if block.mark:
        return Kind.ITEM
    if is_running(block.text):
        return Kind.PROSE
    if is_long(block.text) and len(block.text) > MAX_CHARS:
        return Kind.PROSE
    announces = OPEN_END.search(block.text[-TAIL:]) is not None and block.text.count(" ") >= ANNOUNCING_WORDS
    return Kind.SENTENCE if announces or (ends_sentence(block.text) and len(block.text) > 3) else Kind.LINE


def heading_or_noise(text: str) -> Kind | None:
    """What the words of a line say; None where they say nothing."""
    bare = text.strip("#*_ ")
    if RELATED_HEADING.fullmatch(bare):
        return Kind.RELATED
    if DROPPED_HEADING.fullmatch(bare):
        return Kind.DROPPED
    return Kind.NOISE if is_noise(text) else None


def is_noise(text: str) -> bool:
    """Whether a line belongs to the page: buttons, times, counts, credits, prompts."""
    whole_line = (NOISE_LINE, SKIP_LINE, SHARE_LINE, AGO, COUNTS, POINTER_LINE, READ_MORE, FOOTER_LINK, DESK)
    if any(pattern.fullmatch(text) for pattern in whole_line) or WALL.match(text):
        return True
    if CREDIT.fullmatch(text) or CREDIT_BEHIND.search(text[-120:]) or AGENCY_BEHIND.search(text[-40:]):
        return True
    return columns(text) <= PROMPT_COLUMNS and PROMPT.fullmatch(text) is not None


def date_line(text: str) -> Part | None:
    """A line that says when: a date with few other words. The moment is None where its language is unknown to us."""
    if len(text) > MAX_DATE_CHARS or not DATE_SHAPE.search(text) or len(text.split()) > MAX_DATE_WORDS + 4:
        return None
    prefix = PREFIX.match(text)
    said = text[prefix.end() :] if prefix else text
    moment = parse_date(said.strip(" |·•–—-()"))
    words = len(re.findall(r"[^\W\d_]{2,}", said))
    if words > MAX_DATE_WORDS or (ends_sentence(text[-TAIL:]) and words > 4):
        return None
    if moment is None and not (prefix and prefix.end()) and not is_date_like(said):
        return None
    return Part(Block(text), Kind.DATE, moment, ("modified",) if prefix and prefix["changed"] else ())


def is_date_like(text: str) -> bool:
    """Little but numbers and a word or two: a date in a language whose months we do not know."""
    letters = sum(map(str.isalpha, text))
    digits = sum(map(str.isdigit, text))
    return digits >= 3 and letters <= 24 and len(text) <= 50


def byline(text: str) -> Part | None:
    """A line that says who, after a word for "by"."""
    if ends_sentence(text) and not text.endswith((".", "。")):
        return None
    if found := BY_CJK.match(text):
        name = (found["names"] or found["before"]).strip()
        return Part(Block(text), Kind.BYLINE, None, (name,))
    found = BY.match(text)
    if not found or len(text.split()) > 14 or (ends_sentence(text) and len(text.split()) > 5):
        return None
    names = split_names(found["names"])
    capital = [name for name in names if not name[:1].islower()]
    return Part(Block(text), Kind.BYLINE, None, tuple(map(in_capitals, capital))) if capital else None


def bare_names(text: str) -> tuple[str, ...]:
    """The names in a line that is nothing but names, perhaps with what they do: what stands beside a date."""
    head = text.partition(",")[0] if ROLE.search(text) else text
    if len(text) > 100 or not NAME.match(head):
        return ()
    return tuple(split_names(head))


def in_capitals(name: str) -> str:
    """MARA WHITLOCK as people write themselves."""
    return name.title() if name.isupper() and " " in name else name
