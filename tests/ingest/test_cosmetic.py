"""What may change without a text saying anything else, and the notes by which a publisher admits that it did."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.corrections import NOTE_CHARS, find_notes, new_note
from ingest.cosmetic import essence, is_volatile
from ingest.fingerprint import text_hash
from ingest.model import Article, Kind, Reading
from ingest.revise import Change, compare

BODY = "The council met on Tuesday.\n\nIt voted 11 to 4 for the tram."


@pytest.mark.parametrize(
    "line",
    [
        "Updated 12:30",
        "Last modified on 3 May 2026 at 14.05 GMT",
        "First published on Tue 3 Nov 2026 09.00 GMT",
        "5 minutes ago",
        "3 min read",
        "Stand: 12.05.2026, 12:30 Uhr",
        "Mis à jour le 3 mai 2026 à 12h30",
        "Última actualización: 3 de mayo de 2026 a las 12:30",
        "Обновлено 3 мая 2026, 12:30",
        "最終更新: 2026年5月3日 12時30分",
        "Photo: Jane Doe/Reuters",
        "Advertisement",
    ],
)
def test_stamps_credits_and_notices_are_no_part_of_what_is_said(line: str) -> None:
    assert is_volatile(line)
    assert essence(f"{line}\n\n{BODY}") == BODY


@pytest.mark.parametrize(
    "line",
    [
        "Updated figures show 12 dead",
        "12 dead",
        "2-1",
        "Home 2, Away 1",
        "The vote is on 3 May 2026.",
        "Published by 3 of the 12 councils",
        "Stand up for the 12",
    ],
)
def test_numbers_and_sentences_are(line: str) -> None:
    assert not is_volatile(line)


@pytest.mark.parametrize(
    "text",
    [
        "Updated 12:30\n\n" + BODY,
        BODY + "\n\nUpdated 13:45",
        BODY.replace("council", "coun\xadcil"),
        BODY.replace(" ", "\xa0"),
        BODY + "\n\nThe quay at dawn. Photo: Ada Byron",
    ],
)
def test_a_page_that_touches_itself_up_is_no_revision(text: str) -> None:
    before = Article(1, "Tram", None, "Updated 12:00\n\n" + BODY, text_hash(BODY), 1)
    now = Reading("https://x.example/", "https://x.example/", Kind.ARTICLE, title="TRAM", text=text)
    assert compare(before, now).change is Change.COSMETIC
    changed = now.text.replace("11", "12")
    assert compare(before, Reading("u", "u", Kind.ARTICLE, title="Tram", text=changed)).change is Change.MATERIAL


@given(st.text(max_size=80))
def test_any_line_is_judged(line: str) -> None:
    assert is_volatile(line) in (True, False)
    assert find_notes(line) in ((), (line.strip()[:NOTE_CHARS],)) or "\n\n" in line


@pytest.mark.parametrize(
    "note",
    [
        "This article was amended on 3 May 2026 to correct the name of the bridge.",
        "• This article was amended on 3 May 2026. An earlier version said the Vire was a lake.",
        "Correction: the bridge is 12 metres long.",
        "Correction, May 3, 2026: This story said 12 metres.",
        "Editor’s note: An earlier version of this story misstated the number.",
        "An earlier version of this article said otherwise.",
        "This story has been updated to correct the spelling of a name.",
        "Korrektur: In einer früheren Version stand eine falsche Zahl.",
        "Anmerkung der Redaktion: In einer früheren Version war der Name falsch geschrieben.",
        "Rectificatif : le pont mesure 12 mètres.",
        "Une première version de cet article indiquait 11 mètres.",
        "Fe de errores: el puente mide 12 metros.",
        "Errata corrige: il ponte è lungo 12 metri.",
        "Correção: a ponte mede 12 metros.",
        "Rättelse: bron är 12 meter lång.",
        "Поправка: длина моста 12 метров.",
        "【訂正】初出時、橋の長さに誤りがありました。",
        "정정: 다리의 길이는 12미터입니다.",
        "تصحيح: طول الجسر ١٢ مترا",
    ],
)
def test_the_publishers_own_note_is_recognised(note: str) -> None:
    assert find_notes(f"{BODY}\n\n{note}") == (note,)
    assert find_notes(BODY, [note]) == (note,)


@pytest.mark.parametrize(
    "line",
    [
        "Corrections officers were told to stay: nobody left.",
        "Editor's note: This story contains graphic content.",
        "Update: 12 more were found.",
        "This article was written by an intern.",
        "The earlier version of the plan was cheaper.",
        "Correction",
    ],
)
def test_what_only_looks_like_one_is_not(line: str) -> None:
    assert find_notes(line) == ()


def test_a_note_is_new_once_however_much_of_it_was_kept() -> None:
    note = "This article was amended on 3 May 2026 to correct the name of the bridge over the Vire, and its length."
    assert new_note([note], []) == note
    assert new_note([note], [None, note[:70]]) is None
    assert new_note([note, note.replace("3 May", "4 May")], [note]) == note.replace("3 May", "4 May")
