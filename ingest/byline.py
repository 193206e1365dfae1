"""Bylines to names: "By Jane Doe and John Roe, Reuters" is three of them.

Rules, in the order in which they are applied:

* What introduces the names goes ("By", "Von", "Text:", "記者"), and so does what follows them (a date, "Updated").
* Names are separated by signs (; | • · 、 a comma, a line end), by "and" in many languages, and by a slash between
  spaces. Where the word for "and" is also a part of names ("y", "e", "i", "a"; "Castro e Silva") and where a slash
  stands without spaces ("dpa/AFP", "srf/hosb"), both sides must look like full names.
* What stands in brackets goes, unless it is an agency: "(Reuters)", "(서울=연합뉴스)".
* A place behind a name ("in Kyiv"), whom it was written for ("for The Times"), degrees and professions are no authors;
  addresses, handles and words such as "admin" are none either. A profession is told from a name only behind one.
* Names stay as they are written, capitals too; each comes once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from ingest.agencies import is_agency

MAX_NAMES = 40
MAX_NAME_CHARS = 80
MAX_ROUNDS = 8

PREFIX = re.compile(
    r"^(?:(?:written|reporting|reported|stor(?:y|ies)|text|texte|words|analysis|review|opinion|posted|"
    r"published|edited|"
    r"photos?(?: and text)?|interview|column|commentary|compiled|produced)\s+by|by|"
    r"(?:(?:ein|eine|der|die)\s+)?(?:kommentar|analyse|gastbeitrag|gastkommentar|essay|kolumne|reportage|"
    r"interview|bericht|glosse)"
    r"\s+von|von|(?:propos recueillis\s+|publié\s+|écrit\s+|texte\s+|tribune\s+)?par|(?:escrito\s+|"
    r"publicado\s+|texto\s+)?por|"
    r"(?:a cura\s+)?di|(?:geschreven\s+)?door|av|af|przez|autor(?:en|in|es|a|zy)?|auteure?s?|authors?|"
    r"autor[ei]|text|texte|texto|"
    r"testo|tekst|zdroj|источник|текст|автор(?:ы)?|penulis|yazar|muhabir|haber|συντάκτης|της|του|بقلم|كتب|كتبت|نویسنده|گزارش|"
    r"โดย|เรื่อง|bài|tác giả|מאת)"
    r"\b\s*[:：]?\s+|^(?:(?:by|von|par|por|di|door|av|autor(?:en|in|es)?|auteurs?|authors?|text|автор|"
    r"oleh|作者|文|글|取材・文|執筆)\s*[:：/／]\s*)"
    r"|^(?:記者|记者|撰文|本报记者|本報記者|特派員|논설위원)[:：\s]*",
    re.I,
)  # fmt: skip
OURS = re.compile(r"^(?:unser\w{0,3}|notre|nuestr[oa]|our|onze)\s+\w+(?:\s+in\s+\w+)?\s+(?=\w+\s+\w)", re.I)
# A date or a clock begins, or what introduces one: the names are over.
OVER = re.compile(
    r"(?:^|[\s,|·•–-])(?:\d{1,2}[:.h]\d\d\b|\d{1,2}[./]\d{1,2}[./]\d{2,4}|(?:19|20)\d\d[-./年]|"
    r"\d{1,2}\.?\s+[^\W\d_]{3,12}\.?,?\s+(?:19|20)\d\d|"
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|"
    r"updated|published|posted|last\s+(?:updated|modified)|aktualisiert|veröffentlicht|stand:|publié|mis\s+à\s+jour|"
    r"publicado|actualizado|pubblicato|aggiornato|bijgewerkt|gepubliceerd|publisert|oppdatert|publicerad|uppdaterad|"
    r"\d+\s+(?:min(?:ute[ns]?)?|hours?|stunden|days?|comments?))(?![\w’'])|"
    r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?\s\d{1,2}\b)",
    re.I,
)  # fmt: skip
SEPARATOR = re.compile(
    r"\s*(?:[;|•·、，\n\t]|,(?!\s*(?:jr|sr|ph\.?d|md|m\.d)\b)|\s[/–—]\s|\s-\s|"
    r"\s(?:and|und|et|og|och|with|mit|sowie|avec|con|&|и|і|та|ve|dan|και|və|&amp;)\s)\s*",
    re.I,
)
# A name of two words or more, before and behind the word.
WORD_OF_NAMES = re.compile(
    r"(?<=\w\s)(?:y|e|i|a|en(?!\s(?:Nueva|San|Santa|Los|Las|La|El|Buenos|Ciudad)\s)|ja|şi|și|ir|és|med|"
    r"và)(?=\s\w+\.?\s\w)"
)
FULL_NAME = r"[^\W\d_][\w.’'-]*(?:\s[^\W\d_][\w.’'-]*)+"
BETWEEN_FULL_NAMES = re.compile(rf"(?<=\w)/(?={FULL_NAME}\s*(?:/|$))")
TWO_CHINESE = re.compile(r"^([\u4e00-\u9fff]{2,4})[和与與]([\u4e00-\u9fff]{2,4})$")
ASIDE = re.compile(r"\s*[(（\[【]([^()（）\[\]【】]{0,60})[)）\]】]\s*")
# "Tom Davies Associated Press": a name of two words or more, then an agency.
AGENCY_BEHIND = re.compile(
    r"(?<=\w\s\w)(\w*\.?)\s+((?:The\s)?(?:Associated Press|Canadian Press|Agence France-Presse|"
    r"Press Association|PA Media|"
    r"AP|AFP|Reuters|dpa|EFE|ANSA|Bloomberg(?: News)?|CNN))$"
)
AGENCY_BEFORE = re.compile(r"^(新华社|新華社|中新社|中央社|共同|時事|연합뉴스|뉴시스)\s*(?:记者|記者|기자)\s*")
PLACE = re.compile(
    r"(?:^|\s+)(?:(?:in|à|aus|desde|from|(?:reporting|reported) from|"
    r"berichtet aus)\s+(?:[A-ZÄÖÜÉÅØ][\w’'.-]+[\s/-]?){1,3}"
    r"|en\s+(?:(?:Nueva|San|Santa|Los|Las|La|El|Buenos|Ciudad)\s)?[A-ZÉÁÍÓÚ][\w’'.-]+)$"
)
FOR_WHOM = re.compile(r"\s+(?:for|für|pour)\s+(?:the\s+)?[A-Z0-9].{2,60}$", re.I)
PROFESSION_BEHIND = re.compile(
    r"(?:\s+|(?<=[\uac00-\ud7a3]{3})|(?<=[\u3040-\u30ff\u4e00-\u9fff]{2}))(?:(?:선임|인턴|수습|객원|전문)?기자|특파원|"
    r"논설위원|앵커|통신원|통신사|"
    r"記者|记者|特派員|編集委員|論説委員|支局長|通訊員|通讯员)(?:\s*외\s*\d+명)?$"
)
AND_BEFORE = re.compile(r"^\s*(?:and|und|et|og|och|y|e|en|&)\s+(?=[^\W\d_])", re.I)
ROLE = re.compile(
    r"\b(?:editors?|correspondents?|reporters?|writers?|columnists?|contributors?|redakt(?:eur|ör|ør|or|"
    r"orka|ion)(?:in|en|innen)?|"
    r"rédact(?:eur|rice|ion)|redact(?:or|ora|ie|ción)|redattore|redattrice|redazione|korrespondent(?:in|"
    r"en)?|correspondant[es]?|"
    r"corrispondente|journalist(?:e|in|en)?|periodista|giornalista|dziennikarz|jornalista|muhabiri?|"
    r"gazeteci|staff|chief|"
    r"producer|analyst|presenter|bureau|desk|newsletter|corresponsal|enviad[oa] especial|"
    r"envoyé[e]? spécial[e]?|profesorius|"
    r"professor(?:in)?|president|director|direktor(?:in)?|chefredakteur(?:in)?|reporterin|volontär(?:in)?|"
    r"fotograf(?:in)?|photographer|photojournalist|spokesman|ceo|founder|lecturer|universit\w*|institut\w*|"
    r"корреспондент|журналист|обозреватель|редактор|экономист)\b|기자|特派員|記者|编辑|編集",
    re.I,
)  # fmt: skip
DEGREE = re.compile(
    r"^(?:m\.?d|ph\.?d|ms|ma|ba|bsc|msc|mph|mba|rd|rdn|rn|cfa|cpa|esq|obe|mbe|jd|llm|dds|dvm|facs|mp)\.?$", re.I
)
NOT_A_NAME = re.compile(
    r"https?:|www\.|@|[<>{}=]|^\W*$|^\d+$|\b(?:19|20)\d\d\b|^(?:admin|administrator|editor|webmaster|"
    r"user|author|autor|"
    r"name|null|none|undefined|guest|unknown|anonymous|staff|share|follow|updated|published|image|photo|"
    r"foto|facebook|twitter|"
    r"email|"
    r"e-mail|read more|minutes?|min read|redakce|wordpress|root|default|super user|n/?a|by|von|par|por|in|on|at|"
    r"from|and|und|others?|agenc(?:ies|es)|agenturen|"
    r"(?:more|other) (?:stories|articles)|view (?:bio|profile|all posts)|see all|biography|contact|subscribe)$|"
    r"^(?:image|photo|foto|picture|photos|bild(?:er)?|fotos|illustration|video|kamera|grafik|übersetzung|"
    r"translation)s?\s*(?:by|von|:)",
    re.I,
)  # fmt: skip


def split_names(text: str) -> list[str]:
    """The names in a byline, in order, each once. Splitting what came out again changes nothing."""
    return list(split_for_good(text[:1_000]))


@lru_cache(maxsize=2048)  # the same people write for a site every day
def split_for_good(text: str) -> tuple[str, ...]:
    names = split_once(text)
    for _ in range(MAX_ROUNDS):  # what goes may lay bare something else that goes
        again = unique(name for one in names for name in split_once(one))
        if again == names:
            break
        names = again
    return tuple(names)


def split_once(text: str) -> list[str]:
    text = " ".join(text.split(" ")).strip(" \t\n.,:;-–—|·•")
    agencies: list[str] = []
    text = ASIDE.sub(lambda found: aside(found[1], agencies), text)
    parts = [part for line in text.split("\n") if line.strip() for part in parts_of(line)]
    names = [
        name
        for i, part in enumerate(parts)
        if (name := clean(part)) and not (i and (ROLE.search(part) or DEGREE.match(name)))
    ]
    return unique([*names, *agencies])


def parts_of(line: str) -> list[str]:
    """One line of a byline, taken apart."""
    line = without_introduction(line.strip(" .,:;-–—|·•"))
    if (over := OVER.search(line)) and over.start() > 0:
        line = line[: over.start()]
    elif over:
        return []
    line = BETWEEN_FULL_NAMES.sub(";", line) if "/" in line else line
    if chinese := TWO_CHINESE.match(line):
        return [chinese[1], chinese[2]]
    if agency := AGENCY_BEFORE.match(line):
        return [agency[1], *parts_of(line[agency.end() :])]
    pieces = [part for piece in SEPARATOR.split(line) if piece for part in WORD_OF_NAMES.split(piece)]
    return [part for piece in pieces for part in AGENCY_BEHIND.sub(r"\1\n\2", piece).split("\n")]


def without_introduction(text: str) -> str:
    """Without "By" and its like, once or twice: "Text: Von Jane Doe"."""
    for _ in range(2):
        text = PREFIX.sub("", text)
    return OURS.sub("", text)


def aside(text: str, agencies: list[str]) -> str:
    """What stays of a text in brackets: mostly a space. Agencies in it are put on the list."""
    if PREFIX.match(text):  # "(記者王五)" is a byline itself
        return f"\n{text}\n"
    agencies.extend(part for part in map(str.strip, re.split(r"[=,;]", text)) if part and is_agency(part))
    return " "


def clean(text: str) -> str | None:
    """One name without "By", places and professions; None where it is something else."""
    name = " ".join(PREFIX.sub("", AND_BEFORE.sub("", text).strip(' \t\n.,:;-–—|/／"“”„«»*')).split())
    name = PROFESSION_BEHIND.sub("", FOR_WHOM.sub("", PLACE.sub("", name))).strip(' .,:;-–—|/／"“”„«»*')
    if not name or len(name) > MAX_NAME_CHARS or len(name.split()) > 7 or NOT_A_NAME.search(name):
        return None
    return name if any(letter.isalpha() for letter in name) else None


def unique(names: Iterable[str]) -> list[str]:
    """Without repetitions, whatever their case, accents and points; at most MAX_NAMES."""
    seen: dict[str, str] = {}
    for name in names:
        seen.setdefault(spelling(name), name)
    return list(seen.values())[:MAX_NAMES]


def spelling(name: str) -> str:
    """What two spellings of one name have in common."""
    if not name.isascii():
        name = "".join(c for c in unicodedata.normalize("NFKD", name) if not "\u0300" <= c <= "\u036f")
    return " ".join(re.findall(r"\w+", name.casefold()))
