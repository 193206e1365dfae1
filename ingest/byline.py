"""Bylines to names: "By Jane Doe and John Roe, Reuters" is three of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ingest.document import visible

MAX_NAMES = 40
MAX_NAME_CHARS = 80

AGENCIES = {
    name: agency
    for agency, names in {
        "Reuters": "reuters|thomson reuters",
        "AP": "ap|associated press|the associated press|ap news",
        "AFP": "afp|agence france-presse|agence france presse|afp deutschland|relaxnews",
        "dpa": "dpa|deutsche presse-agentur|dpa-infocom|dpa/lno|dpa-afx|dpa international",
        "PA": "pa|pa media|press association|pa news agency",
        "ANSA": "ansa|agenzia ansa",
        "EFE": "efe|agencia efe|agencias",
        "Europa Press": "europa press|europapress",
        "Xinhua": "xinhua|xinhua news agency",
        "TASS": "tass|тасс|itar-tass",
        "RIA Novosti": "ria novosti|риа новости",
        "Interfax": "interfax|интерфакс|interfax-ukraine",
        "Kyodo": "kyodo|kyodo news|共同通信|共同",
        "Jiji": "jiji|jiji press|時事通信|時事",
        "Yonhap": "yonhap|yonhap news agency|연합뉴스",
        "AAP": "aap|australian associated press",
        "APA": "apa|austria presse agentur",
        "SDA": "sda|keystone-sda|keystone-ats|ats",
        "SID": "sid|sport-informations-dienst",
        "KNA": "kna|epd",
        "Ritzau": "ritzau",
        "NTB": "ntb",
        "TT": "tt|tt nyhetsbyrån",
        "STT": "stt|stt-lehtikuva",
        "BNS": "bns|elta|leta",
        "ANP": "anp",
        "Belga": "belga",
        "Lusa": "lusa|agência lusa",
        "ČTK": "čtk|ctk",
        "PAP": "pap|polska agencja prasowa",
        "MTI": "mti",
        "Anadolu": "aa|anadolu|anadolu agency|anadolu ajansı|dha|iha",
        "PTI": "pti|press trust of india",
        "ANI": "ani|ians|uni",
        "Bernama": "bernama",
        "Antara": "antara",
        "The Canadian Press": "canadian press|the canadian press|cp|la presse canadienne",
        "Bloomberg": "bloomberg|bloomberg news",
        "UPI": "upi|united press international",
        "Agência Brasil": "agência brasil|estadão conteúdo|folhapress",
        "NOTIMEX": "notimex",
        "SAPA": "sapa|african news agency|ana",
        "WAM": "wam|spa|mena",
    }.items()
    for name in names.split("|")
}

PREFIX = re.compile(
    r"^(?:(?:written|reporting|reported|story|text|words|analysis|review|opinion|posted|published)\s+by|by|von|par|"
    r"por|di|"
    r"door|av|af|przez|autor(?:en|in|es|a)?|auteurs?|authors?|autore|text|текст|автор)\b\s*[:：]?\s+",
    re.I,
)
SEPARATOR = re.compile(
    r"\s*(?:[;|•·、，\n\t]|,(?!\s*(?:jr|sr|ph\.?d|md|m\.d)\b)|\s(?:and|und|et|y|og|och|ja|with|&|и|і)\s)\s*", re.I
)
ASIDE = re.compile(r"\s*(?:\([^()]{0,60}\)|\[[^\[\]]{0,60}\])\s*")
PLACE = re.compile(r"\s+(?:in|à|aus|en)\s+(?:[A-ZÄÖÜÉ][\w’'.-]+\s?){1,3}$")
ROLE = re.compile(
    r"\b(?:editor|correspondent|reporter|writer|columnist|redakteur(?:in)?|korrespondent(?:in)?|journalist(?:e|in)?|"
    r"staff|"
    r"chief|producer|analyst|presenter|bureau|desk|newsletter|corresponsal|profesorius|professor|president|"
    r"director)\b",
    re.I,
)
NOT_A_NAME = re.compile(
    r"https?:|www\.|@|[<>{}=]|^\W*$|^\d+$|\b(?:19|20)\d\d\b|^(?:admin|administrator|editor|webmaster|user|author|"
    r"name|null|none|"
    r"undefined|guest|unknown|staff|share|follow|updated|published|image|photo|foto|facebook|twitter|email|"
    r"read more|minutes?|min read|redakce)$|^(?:image|photo|foto|picture):",
    re.I,
)


# An agency we do not know by name says so itself.
CALLED_AGENCY = re.compile(
    r"\b(?:(?:news|press) (?:agency|service)|newswire|nachrichtenagentur|presseagentur|nyhetsbyrå|persbureau)$"
    r"|^(?:agen(?:cia|zia|ce|ția)|agencja|агентство)\b",
    re.I,
)
BYLINE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:by-?line|author|autor|auteur|autore)(?:s|en|in)?(?:[\s_-]{1,2}(?:name|link|list)s?)?(?=$|[\s_-])",
    re.I,
)
BYLINE_ITEM = re.compile(
    r"(?:^|[\s_-])(?:author|autor)[\s_-]{0,2}(?:name|link)|byline[\s_-]{0,2}name|AuthorName|authorName", re.I
)


def split_names(text: str) -> list[str]:
    """The names in a byline, in order, each once."""
    text = PREFIX.sub("", " ".join(text[:1_000].split(" ")).strip(" \t\n.,:;-–—|"))
    text = ASIDE.sub(" ", text)
    parts = [part for part in SEPARATOR.split(text) if part]
    return unique(name for i, part in enumerate(parts) if (name := clean(part)) and not (i and ROLE.search(part)))


def clean(text: str) -> str | None:
    """One name without "By", asides and places; None where it is something else."""
    name = PREFIX.sub("", ASIDE.sub(" ", text.strip(" \t\n\xa0.,:;-–—|*/")))
    name = re.sub(r"\s+", " ", PLACE.sub("", name)).strip(" .,:;-–—|*/\xa0")
    if not name or len(name) > MAX_NAME_CHARS or len(name.split()) > 7 or NOT_A_NAME.search(name):
        return None
    return name if any(letter.isalpha() for letter in name) else None


def unique(names: Iterable[str]) -> list[str]:
    """Without repetitions, whatever their case; at most MAX_NAMES."""
    seen: dict[str, str] = {}
    for name in names:
        seen.setdefault(name.casefold(), name)
    return list(seen.values())[:MAX_NAMES]


def agency_among(names: Iterable[str]) -> str | None:
    """The first of the names that is a news agency, as it is written there."""
    for name in names:
        key = name.casefold().strip(" .()")
        parts = [part.strip() for part in re.split(r"[/&+-]", key)]
        if key in AGENCIES or CALLED_AGENCY.search(key) or all(part in AGENCIES for part in parts):
            return name
    return None


def printed_byline(tree: Any) -> list[str]:
    """Names in elements that are marked as a byline: rel=author, itemprop=author, class."""
    boxes: list[str] = []
    items: list[str] = []
    for element in tree.iter("a", "span", "div", "p", "address", "strong", "li"):
        mark = f"{element.get('class', '')} {element.get('itemprop', '')}"
        if "aut" not in (few := mark.lower()) and "by" not in few and element.get("rel") != "author":
            continue
        if element.get("rel") == "author" or BYLINE_ITEM.search(mark):
            items.append(visible(element, 200))
        elif BYLINE_CLASS.search(mark) and 3 < len(text := visible(element, 200)) < 150:
            boxes.append(text)
        if len(items) > 10 or len(boxes) > 10:
            break
    for texts in (items, boxes[:1]):
        if names := unique(name for text in texts for name in split_names(text) if " " in name):
            return names
    return []
