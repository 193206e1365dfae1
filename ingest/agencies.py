"""News agencies by the names that bylines give them: they are authors too, and told from people."""

from __future__ import annotations

import re
from collections.abc import Iterable

AGENCIES = {
    name: agency
    for agency, names in {
        "Reuters": "reuters|thomson reuters",
        "AP": "ap|associated press|the associated press|ap news",
        "AFP": "afp|afp fact check|agence france-presse|agence france presse|afp deutschland|relaxnews",
        "dpa": "dpa|deutsche presse-agentur|dpa-infocom|dpa/lno|dpa-afx|dpa international",
        "PA": "pa|pa media|press association|pa news agency",
        "ANSA": "ansa|agenzia ansa",
        "EFE": "efe|agencia efe|agencias",
        "Europa Press": "europa press|europapress",
        "Xinhua": "xinhua|xinhua news agency|新华社|新華社",
        "TASS": "tass|тасс|itar-tass",
        "RIA Novosti": "ria novosti|риа новости",
        "Interfax": "interfax|интерфакс|interfax-ukraine",
        "Kyodo": "kyodo|kyodo news|共同通信|共同通信社|共同",
        "Jiji": "jiji|jiji press|時事通信|時事通信社|時事",
        "Yonhap": "yonhap|yonhap news agency|연합뉴스|聯合新聞通訊社",
        "Newsis": "newsis|뉴시스|news1|뉴스1",
        "China News Service": "china news service|中新社|中国新闻网|中新网|中央社|cna",
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

# An agency we do not know by name says so itself.
CALLED_AGENCY = re.compile(
    r"\b(?:(?:news|press) (?:agency|service)|newswires?|wire services?|nachrichtenagentur|presseagentur|"
    r"nyhetsbyrå|persbureau|"
    r"haber ajansı|agentura)$|通訊社$|通讯社$|通信社$|통신사$|^(?:agen(?:cia|zia|ce|ția|tur)|agencja|агентство)\b",
    re.I,
)


def is_agency(name: str) -> bool:
    """Whether a name in a byline is a news agency, or several of them: "dpa/AFP"."""
    key = name.casefold().strip(" .()")
    parts = [part.strip() for part in re.split(r"[/&+=-]", key)]
    return key in AGENCIES or CALLED_AGENCY.search(key) is not None or all(part in AGENCIES for part in parts)


def agency_among(names: Iterable[str]) -> str | None:
    """The first of the names that is a news agency, as it is written there."""
    return next((name for name in names if is_agency(name)), None)
