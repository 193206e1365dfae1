"""The publisher's own note that a text was corrected: "This article was amended on 3 May 2026 to …"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ingest.cosmetic import words

NOTE_CHARS = 600  # of a note are kept
HEAD_CHARS = 240  # of a paragraph are looked at
LEAD = " \t\n*•·–—-_[]()†‡#>|“”\"'«»"

# A date may stand between the word and its colon: "Correction, May 3:", "Korrektur (3. Mai):".
AND_COLON = r"(?:, [^:.]{3,40}| ?\([^:)]{3,40}\)| (?:\w+ )?\d[^:]{0,20})?\s?[:—–]"
# Headings of such notes: in the west, the north, the east and the south of Europe, and beyond.
HEADINGS = (
    r"corrections?(?: and clarifications?| note| notice)?|clarifications?|erratum|korrektur(?:hinweis)?|berichtigung"
    r"|richtigstellung|rectificatifs?|correctifs?|rectifications?|correctie|rectificatie|corrección|rectificación"
    r"|correcció|correção|errata|erramos|rettifica|correzione|erată|rectificare|rättelse|rettelser?|korrigering|oikaisu"
    r"|korjaus|leiðrétting|sprostowanie|korekta|oprava|helyesbítés|helyreigazítás|düzeltme|διόρθωση|поправка"
    r"|исправление|уточнение|опровержение|виправлення|уточнення|исправка|تصحيح|تصويب|תיקון|اصلاحیه|सुधार|संशोधन"
)
# The beginning of a paragraph that is such a note, whatever follows.
NOTE = re.compile(
    rf"(?:an? )?(?:{HEADINGS}){AND_COLON}|correction (?:made|appended|issued)\b|corrected on\b|fe de (?:errores|errata)"
    r"|errata corrige\b|erratum\b"
    r"|(?:this|the) (?:article|story|post|piece|report|page|headline|text|column|item|version|entry)"
    r" (?:was|has been|is|had been) (?:\w+ )?(?:amended|corrected|edited to correct|changed to correct"
    r"|updated to (?:correct|clarify|reflect that|remove|fix))\b"
    r"|(?:an|the) (?:earlier|previous|original|initial) version of"
    r" (?:this|our|the (?:article|story|report|headline|post))\b|in an earlier version of this\b"
    r"|due to (?:an editing|a reporting|an editorial|a production) error\b|we have corrected\b"
    r"|in einer (?:früheren|vorherigen|ersten|älteren) (?:version|fassung)\b"
    r"|(?:dieser|der) (?:artikel|text|beitrag) wurde (?:[^.]{0,60} )?(?:korrigiert|berichtigt)\b"
    r"|(?:dans )?une (?:première|précédente) version (?:de )?(?:cet|ce|du|l)\b"
    r"|(?:cet |l['’])article a été (?:corrigé|rectifié)\b"
    r"|(?:en )?una versión (?:anterior|previa) de est[ea]\b|(?:em )?uma versão anterior dest[ea]\b"
    r"|est[ea] (?:artículo|noticia|texto|artigo|reportagem|información) (?:ha sido|fue|foi)"
    r" (?:corregid|corrigid|rectificad)[ao]\b|(?:in )?una versione precedente di questo\b"
    r"|in een eerdere versie\b|i en tidigare version\b|i en tidligere (?:version|versjon|udgave|utgave)\b"
    r"|aiemmassa versiossa\b|в (?:более ранней|предыдущей|первоначальной) версии\b"
    r"|【?(?:訂正|お詫びと訂正|更正|勘误|勘誤|정정|바로잡습니다)(?:[】\]>〉:：]|のお知らせ|して)",
    re.I,
)
# A note of the editors may say anything: that the text was wrong has to stand in it.
EDITORS = re.compile(
    r"(?:an? )?(?:editor(?:s|['’]s|s['’]|ial)? ?note|note (?:from|by) the editors?|update|note to readers"
    r"|anmerkung der redaktion|anm\. d\. red|hinweis(?: der redaktion)?|transparenzhinweis|note de la rédaction|ndlr"
    r"|précision|nota (?:del? editor|de la redacción|da redação|della redazione)|aclaración|noot van de redactie"
    rf"|redaktionens anmärkning|от редакции|примечание редакции|editörün notu)(?:{AND_COLON}|\.)",
    re.I,
)
WRONG = re.compile(
    r"correct|incorrect|amend|earlier version|previous version|original version|misstat|mistak|misspel|misidentif"
    r"|misquot|\berror|erroneous|wrongly|inaccura|clarif|retract|korrig|berichtig|fehler|falsch|früheren version|corrig"
    r"|rectifi|erreur|inexact|versión anterior|corregi|incorreto|erro\b|errat|rettific|versione precedente"
    r"|gecorrigeerd|eerdere versie|onjuist|rättat|felaktig|tidigare version|исправ|ошиб|неверно|hata|yanlış",
    re.I,
)


def find_notes(text: str, beside: Iterable[str] = ()) -> tuple[str, ...]:
    """The notes among the paragraphs of a text, and among the blocks that stand beside it, each cut to NOTE_CHARS."""
    found = (paragraph.strip() for paragraph in (*text.split("\n\n"), *beside) if is_note(paragraph))
    return tuple(dict.fromkeys(note[:NOTE_CHARS] for note in found))


def is_note(paragraph: str) -> bool:
    head = paragraph[:HEAD_CHARS].lstrip(LEAD)
    if NOTE.match(head):
        return len(words(paragraph)) > 2 or not head.isascii()  # a heading alone says nothing
    return EDITORS.match(head) is not None and WRONG.search(paragraph[: 2 * HEAD_CHARS]) is not None


def new_note(notes: Iterable[str], known: Iterable[str | None]) -> str | None:
    """The first of the notes that was not known before; what was cut differently is the same."""
    before = [words(note[:100]) for note in known if note]
    fresh = [note for note in notes if not any(_begin_alike(words(note[:100]), old) for old in before)]
    return fresh[0] if fresh else None


def _begin_alike(one: list[str], other: list[str]) -> bool:
    shared = min(len(one), len(other)) - 1  # the last word may have been cut
    return one == other or (shared >= 8 and one[:shared] == other[:shared])
