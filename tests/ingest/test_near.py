"""Signatures: what two texts may differ in and be the same, in several scripts; and that nothing makes them fail."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.credits import credits_of
from ingest.near import KEYS, MAX_WORDS, normalised, repaired, signature

GERMAN = "Die Straßenbahn fährt ab Montag wieder über die Brücke – „endlich“, sagt Bürgermeisterin Käthe Müller."
FRENCH = "L’été a été chaud : à Orléans, « on n’avait jamais vu ça », raconte le préfet Étienne Lefèvre."
RUSSIAN = "Мэр Казани Ильсур Метшин заявил во вторник, что новая линия метро откроется в 2027 году."
JAPANESE = "気象庁は、台風12号が週末に九州へ近づくおそれがあるとして、早めの備えを呼びかけています。"
ARABIC = "أعلنت وزارة الصحة أن عدد المصابين بلغ 145 شخصا في ثلاث محافظات جنوب البلاد."
THAI = "กรุงเทพมหานครเปิดใช้รถไฟฟ้าสายใหม่ในวันจันทร์ โดยคาดว่าจะมีผู้โดยสารกว่า 200,000 คน"
ENGLISH = 'The mayor said "it\'s done" - the 1,200 homes in Fairfield are co-operative, official figures show.'


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ENGLISH, ENGLISH.upper()),
        (ENGLISH, 'The mayor said “it’s done” – the 1,200  homes in Fairfield are co‑operative, official figures show'),
        (ENGLISH, ("The mayor said &quot;it&#39;s done&quot; &ndash; the 1,200 homes in Fair\u00adfield are "
                  "co-operative, official figures show.")),
        (ENGLISH, ENGLISH.replace("Fairfield", "Fair-\nfield")),
        (ENGLISH, f"<p>{ENGLISH}</p>"),
        (ENGLISH, ENGLISH.replace("1,200", "1.200")),
        (ENGLISH, ENGLISH.replace("1,200", "1\u00a0200")),
        ("\ufb01ve o\ufb03cers", "five officers"),
        (GERMAN, unicodedata.normalize("NFD", GERMAN)),
        (GERMAN, GERMAN.encode().decode("cp1252", "replace")),
        (GERMAN, GERMAN.encode().decode("latin-1")),
        (FRENCH, FRENCH.encode().decode("latin-1").encode().decode("latin-1")),
        (RUSSIAN, RUSSIAN.encode().decode("latin-1")),
        (RUSSIAN, RUSSIAN.upper()),
        (JAPANESE, JAPANESE.replace("12", "１２")),
        (JAPANESE, JAPANESE.replace("、", "、 ")),
        (ARABIC, ARABIC.replace("145", "١٤٥")),
        (ARABIC, ARABIC.replace("أعلنت", "أَعْلَنَتْ")),
        (ARABIC, ARABIC.replace("وزارة", "وزــارة")),
        (THAI, THAI.replace("200,000", "200.000")),
    ],
)  # fmt: skip
def test_typography_case_and_encoding_make_no_other_text(one: str, other: str) -> None:
    assert signature(one).exact == signature(other).exact


@pytest.mark.parametrize(
    ("one", "other"),
    [(ENGLISH, ENGLISH.replace("1,200", "1,300")), (JAPANESE, JAPANESE.replace("九州", "四国")),
     (ARABIC, ARABIC.replace("145", "146")), ("2.5 million", "25 million"), ("", "a")],
)  # fmt: skip
def test_another_word_makes_another_text(one: str, other: str) -> None:
    assert signature(one).exact != signature(other).exact


def test_what_was_read_wrong_is_read_right_and_nothing_else() -> None:
    assert repaired("â€œCafÃ©â€\ufffd") == '“Café"'
    assert repaired("São Paulo, Ångström, Ð, âge") == "São Paulo, Ångström, Ð, âge"


@pytest.mark.parametrize(
    ("text", "rest", "agency"),
    [
        ("LONDON (Reuters) - Oil fell.", "Oil fell.", "Reuters"),
        ("By Tom Okoro\n\nLYON, March 3 (AP) — The sun rose.", "The sun rose.", "AP"),
        ("Kiel (dpa/lno) - Ein Mann fiel.", "Ein Mann fiel.", "dpa"),
        ("МОСКВА, 3 марта - РИА Новости. Дождь.", "РИА Новости. Дождь.", None),
        ("A man fell. /dpa", "A man fell.", "dpa"),
        ("A man fell.\n\n© AFP", "A man fell.\n", "AFP"),
        ("A woman — he said — was late.", "A woman — he said — was late.", None),
    ],
)
def test_credits_stand_around_the_text(text: str, rest: str, agency: str | None) -> None:
    begin, end, named = credits_of(text)
    assert (text[begin:end], named) == (rest, agency)


def test_the_beginning_of_a_long_text_gives_keys_of_its_own() -> None:
    words = [f"word{number}" for number in range(3_000)]
    whole, teaser = signature(" ".join(words)), signature(" ".join(words[:30]))
    assert len(whole.keys) == KEYS == len(set(whole.keys))
    assert set(whole.keys) & set(teaser.keys + teaser.more_keys)
    assert all(-(2**63) <= key < 2**63 for key in whole.keys)


def test_a_text_without_end_costs_no_more_than_its_beginning() -> None:
    assert signature("a b " * 1_000_000).length <= MAX_WORDS


texts = st.text(max_size=300) | st.lists(st.sampled_from([*ENGLISH.split(), *JAPANESE, "\ud800", "&#x0;", "Ã"])).map(
    " ".join
)


@given(texts)
def test_any_text_has_a_signature_and_always_the_same(text: str) -> None:
    one, two = signature(text), signature(text)
    assert (one.exact, one.keys, one.more_keys) == (two.exact, two.keys, two.more_keys)
    assert len(one.keys) <= KEYS
    assert one.front + one.tail <= 2 * max(1, one.length)
    assert isinstance(normalised(text), str)
