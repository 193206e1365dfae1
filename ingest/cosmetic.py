"""What may change in an article without it saying anything else: time stamps, picture credits, notices of the site.

Words are compared without case, punctuation, white space and the Unicode form of letters. What is left out here
besides stands in paragraphs of its own; a number or a name within a sentence always counts.
"""

from __future__ import annotations

import re
import unicodedata

from ingest.fingerprint import TOKEN
from ingest.months import MONTH_NAMES
from ingest.phrases import CREDIT_LINE, NOISE_LINE, SKIP_LINE

LINE_CHARS = 300  # what is longer is a sentence of the article
STAMP_CHARS = 120


def _names(spaced: str) -> frozenset[str]:
    return frozenset(spaced.split())


# How a line begins that says when something was written or changed; of several words, the first two count.
STAMP_LABELS = _names(
    "updated modified edited published posted revised created issued as_of last_updated "
    "last_update last_modified last_edited first_published originally_published published_on posted_on updated_on "
    "aktualisiert zuletzt_aktualisiert letzte_aktualisierung aktualisierung stand veröffentlicht erstellt geändert "
    "zuletzt_geändert publié publiée mis_à mise_à modifié dernière_mise actualisé créé "
    "actualizado actualizada actualización última_actualización publicado publicada modificado creado "
    "aggiornato aggiornata aggiornamento ultimo_aggiornamento ultima_modifica pubblicato pubblicata "
    "atualizado atualizada atualização última_atualização bijgewerkt laatst_bijgewerkt laatste_update gepubliceerd "
    "uppdaterad senast_uppdaterad publicerad opdateret sidst_opdateret publiceret oppdatert sist_oppdatert "
    "publisert päivitetty julkaistu aktualizacja zaktualizowano ostatnia_aktualizacja opublikowano publikacja "
    "aktualizováno publikováno güncelleme güncellendi son_güncelleme yayınlanma обновлено обновлён опубликовано "
    "изменено оновлено опубліковано تحديث آخر_تحديث نشر עודכן פורסם 更新 更新日 更新日時 最終更新 公開 公開日 "
    "配信 掲載 发布 发布时间 更新时间 入力 수정 입력 업데이트"
)  # fmt: skip
# What else may stand in such a line.
STAMP_WORDS = _names(
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun montag "
    "dienstag mittwoch donnerstag freitag samstag sonnabend sonntag lundi mardi mercredi jeudi vendredi samedi "
    "dimanche lunes martes miércoles jueves viernes sábado domingo lunedì martedì mercoledì giovedì venerdì sabato "
    "domenica segunda terça quarta quinta sexta feira maandag dinsdag woensdag donderdag vrijdag zaterdag zondag "
    "today yesterday heute gestern hier hoy ayer oggi ieri am pm noon midnight uhr gmt utc bst cet cest mez mesz "
    "est edt cst cdt pst pdt ist jst msk et pt h hrs hours hour minutes minute mins min seconds ago vor stunden "
    "stunde minuten heures heure horas hora ore ora hace fa часов мин назад read reading time lesezeit "
    "lecture lectura lettura leestid jour le la el il om kl klo at on um ab den der du de da del dei of à a las alle "
    "in и в г o года th st nd rd and by"
)  # fmt: skip
TELLING = frozenset(("ago", "vor", "hace", "fa", "назад", "read", "lesezeit", "lecture", "lectura", "lettura"))
MONTHS = frozenset(name for names in MONTH_NAMES for name in names.split() if len(name) > 2)
SHORT_MONTHS = frozenset(name[:3] for name in MONTHS)
DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\d{4}年\d{1,2}月")
NUMERAL = re.compile(r"\d{1,4}(?:st|nd|rd|th|h|am|pm|er|z|t\d{2}|h\d{2})?|t?\d{1,2}|(?:\d{1,4}[年月日時分])+")
INVISIBLE = dict.fromkeys(map(ord, "\xad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f"))
ACCENTS = re.compile(r"[\u0300-\u036f]")


def words(*texts: str | None) -> list[str]:
    """The words in order, as they are compared."""
    said = " ".join(text for text in texts if text)
    return TOKEN.findall(unicodedata.normalize("NFKC", said.translate(INVISIBLE)).casefold())


def essence(text: str) -> str:
    """The text without the paragraphs that say nothing of the matter."""
    return "\n\n".join(paragraph for paragraph in text.split("\n\n") if not is_volatile(paragraph))


def is_volatile(paragraph: str) -> bool:
    """Whether a paragraph is a time stamp, the credit of a picture, or a notice that every page of a site may have."""
    line = paragraph.strip()
    if len(line) > LINE_CHARS:
        return False
    if NOISE_LINE.fullmatch(line) or SKIP_LINE.fullmatch(line) or CREDIT_LINE.fullmatch(line):
        return True
    return len(line) <= STAMP_CHARS and is_stamp(line)


def is_stamp(line: str) -> bool:
    """ "Updated 12:30", "Last modified on 3 May 2026 at 14.05 GMT", "5 minutes ago": a time and nothing else."""
    tokens = words(line)
    labels = _labels(tokens)
    rest = tokens[labels:]
    if not any(token[0].isdigit() for token in tokens) or not all(map(_may_stand, rest)):
        return False
    if labels:
        return bool(rest)
    return bool(DATE.search(line)) or any(token in TELLING or _is_month(token) for token in rest)


def _labels(tokens: list[str]) -> int:
    """How many words at the beginning are a label."""
    for count in (2, 1):
        if len(tokens) > count and "_".join(tokens[:count]) in STAMP_LABELS:
            return count
    return 0


def _may_stand(token: str) -> bool:
    return bool(NUMERAL.fullmatch(token)) or token in STAMP_WORDS or token in STAMP_LABELS or _is_month(token)


def _is_month(token: str) -> bool:
    plain = ACCENTS.sub("", unicodedata.normalize("NFD", token))
    return plain in MONTHS or plain in SHORT_MONTHS
