"""What two texts are to each other: a pair for each rule, written for it, in many languages and scripts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.align import Aligned
from ingest.compare import Context, Kind, compare
from ingest.likeness import Shares, sureness
from ingest.near import Signature, signature
from tests.ingest.stories import BRIEF, OTHER, STORY

PARTS = STORY.split("\n\n")

ANYWHERE = Context()
SAME_SITE = Context(same_site=True)
SAME_URL = Context(same_site=True, same_url=True)

COPIES = {
    "agency mark and credit": (STORY, f"FAIRHAVEN, March 3 (AFP) — {STORY}\n\n© AFP", Kind.SYNDICATED),
    "cut from the end": (STORY, "\n\n".join(PARTS[:4]), Kind.NEAR),
    "half of it": (STORY, "\n\n".join(PARTS[:2]), Kind.CONTAINS),
    "teaser with a notice": (STORY, f"{PARTS[0]} Subscribe to read on.", Kind.CONTAINS),
    "paragraphs in another order": (STORY, "\n\n".join([PARTS[0], *PARTS[:0:-1]]), Kind.NEAR),
    "a paragraph inserted": (STORY, "\n\n".join([*PARTS[:2], OTHER.split("\n\n")[0], *PARTS[2:]]), Kind.NEAR),
    "in capitals": (STORY, STORY.upper(), Kind.EXACT),
    "a flash in capitals": (STORY, f"URGENT: {(PARTS[0] + PARTS[1][:60]).upper()}", Kind.CONTAINS),
    "in a round-up": (PARTS[1] + PARTS[2], f"{OTHER}\n\n{PARTS[1] + PARTS[2]}\n\n{OTHER[:200]}", Kind.EXCERPT),
    "scanned": (STORY, STORY.replace("rm", "nn").replace("ll", "ii").replace("th", "tb"), Kind.NEAR),
    "one number of a long text mended": (STORY, STORY.replace("42", "43"), Kind.NEAR),
    "German brief with a mark": (
        ("Bei einem Brand in einem Wohnhaus in Kiel sind in der Nacht drei Menschen verletzt worden. Die Feuerwehr war "
        "mit 60 Kräften im Einsatz. Die Ursache ist noch unklar, teilte die Polizei mit."),
        ("Kiel (dpa) - Bei einem Brand in einem Wohnhaus in Kiel sind in der Nacht drei Menschen verletzt worden. Die "
        "Feuerwehr war mit 60 Kräften im Einsatz. Die Ursache ist noch unklar, teilte die Polizei mit. /dpa"),
        Kind.SYNDICATED,
    ),
    "French with other quotes": (
        ("Le maire de Vannes a annoncé lundi la fermeture de la piscine : « Nous n’avons plus le choix », a-t-il dit, "
        "en évoquant une facture d’énergie de 400 000 euros et des travaux qui dureront jusqu’au printemps prochain."),
        ('VANNES - Le maire de Vannes a annoncé lundi la fermeture de la piscine: "Nous n\'avons plus le choix", '
        "a-t-il dit, en évoquant une facture d'énergie de 400.000 euros et des travaux qui dureront jusqu'au "
        "printemps prochain."),
        Kind.NEAR,
    ),
    "Russian with its beginning cut": (
        ("МОСКВА (ТАСС) - Правительство одобрило строительство моста через Лену у Якутска, сообщил министр транспорта. "
        "Работы начнутся весной и займут пять лет, а движение по мосту откроют в 2031 году, добавил он."),
        ("Правительство одобрило строительство моста через Лену у Якутска, сообщил министр транспорта. Работы начнутся "
        "весной и займут пять лет, а движение по мосту откроют в 2031 году, добавил он."),
        Kind.SYNDICATED,
    ),
    "Japanese with a sentence more": (
        ("気象庁は、台風12号が週末に九州へ近づくおそれがあるとして、早めの備えを呼びかけています。"
        "鹿児島県では土曜日から波が高くなり、離島を結ぶ船の多くが欠航する見込みです。"),
        ("気象庁は、台風12号が週末に九州へ近づくおそれがあるとして、早めの備えを呼びかけています。"
        "鹿児島県では土曜日から波が高くなり、離島を結ぶ船の多くが欠航する見込みです。空の便にも影響が出そうです。"),
        Kind.NEAR,
    ),
    "Arabic, the first half": (
        ("أعلنت وزارة النقل أن الجسر الجديد فوق النهر سيفتح أمام السيارات في مطلع الشهر المقبل بعد أعمال استمرت ثلاث "
        "سنوات وكلفت نحو 90 مليون دولار وقال الوزير إن المشروع سيخفف الازدحام وسط العاصمة ويختصر زمن الرحلة كثيرا"),
        ("أعلنت وزارة النقل أن الجسر الجديد فوق النهر سيفتح أمام السيارات في مطلع الشهر المقبل بعد أعمال استمرت ثلاث "
        "سنوات وكلفت نحو 90 مليون دولار وقال الوزير إن المشروع سيخفف الازدحام"),
        Kind.NEAR,
    ),
}  # fmt: skip

WEATHER = (
    "In {} steigen die Temperaturen am Montag auf {} Grad, nachts kühlt es auf {} Grad ab. Der Wind weht mit {} "
    "Kilometern pro Stunde, die Regenwahrscheinlichkeit liegt bei {} Prozent, wie der Wetterdienst mitteilte."
)

STRANGERS = {
    "other stories": (STORY, OTHER),
    "briefs with another place": (BRIEF.format("Leeds", "Sunday", "Two"), BRIEF.format("Crewe", "Sunday", "Two")),
    "briefs with another day": (BRIEF.format("Leeds", "Sunday", "Two"), BRIEF.format("Leeds", "Friday", "Two")),
    "briefs with a number word": (BRIEF.format("Leeds", "Sunday", "Two"), BRIEF.format("Leeds", "Sunday", "Six")),
    "weather with other figures": (WEATHER.format("Kiel", 21, 9, 30, 80), WEATHER.format("Kiel", 17, 6, 55, 10)),
    "Spanish, another company": (
        ("La empresa Norvik anunció este martes la compra de su competidora por 300 millones de euros, una operación "
        "que todavía necesita el visto bueno de las autoridades y que podría cerrarse antes del verano."),
        ("La empresa Kestrel anunció este martes la compra de su competidora por 300 millones de euros, una operación "
        "que todavía necesita el visto bueno de las autoridades y que podría cerrarse antes del verano."),
    ),
    "Russian, another toll": (
        ("В результате аварии на шахте погибли 12 человек, ещё несколько горняков остаются под землёй, сообщили в "
        "областном управлении. Спасательные работы продолжаются, на месте работают врачи и спасатели."),
        ("В результате аварии на шахте погибли 19 человек, ещё несколько горняков остаются под землёй, сообщили в "
        "областном управлении. Спасательные работы продолжаются, на месте работают врачи и спасатели."),
    ),
    "Japanese, another prefecture": (
        ("千葉県で地震があり、気象庁によりますと、震源の深さはおよそ40キロと推定されています。"
        "この地震による津波の心配はありません。けが人の情報は入っていないということです。"),
        ("宮城県で地震があり、気象庁によりますと、震源の深さはおよそ40キロと推定されています。"
        "この地震による津波の心配はありません。けが人の情報は入っていないということです。"),
    ),
    "Arabic, another city": (
        ("قال مسؤول في وزارة الصحة إن 14 شخصا أصيبوا في حريق اندلع فجر اليوم في سوق شعبي وسط مدينة دمشق قبل أن تتمكن "
        "فرق الإطفاء من السيطرة عليه ونقل المصابين إلى المستشفى القريب لتلقي العلاج"),
        ("قال مسؤول في وزارة الصحة إن 14 شخصا أصيبوا في حريق اندلع فجر اليوم في سوق شعبي وسط مدينة بغداد قبل أن تتمكن "
        "فرق الإطفاء من السيطرة عليه ونقل المصابين إلى المستشفى القريب لتلقي العلاج"),
    ),
    "a follow-up with the same background": (
        "\n\n".join(PARTS[:4]),
        f"{OTHER}\n\n{PARTS[2]}\n\n{PARTS[3]}",
    ),
    "too few words": ("Flood warning lifted for the lower town", "Flood warning lifted for the upper town"),
}  # fmt: skip


@pytest.mark.parametrize(("a", "b", "kind"), COPIES.values(), ids=COPIES)
def test_copies_are_found_whatever_was_done_to_them(a: str, b: str, kind: Kind) -> None:
    found = compare(signature(a), signature(b), ANYWHERE)
    assert found is not None
    assert found.kind is kind
    assert 0 < found.similarity <= 1
    assert 0.5 <= found.coverage <= 1
    assert compare(signature(b), signature(a), ANYWHERE) == found.mirrored


@pytest.mark.parametrize(("a", "b"), STRANGERS.values(), ids=STRANGERS)
@pytest.mark.parametrize("context", [ANYWHERE, SAME_SITE], ids=["two sites", "one site"])
def test_strangers_stay_apart_however_alike_they_look(a: str, b: str, context: Context) -> None:
    assert compare(signature(a), signature(b), context) is None
    assert compare(signature(b), signature(a), context) is None


def sure_of(one: str, other: str, *, same_site: bool) -> float:
    told: list[float] = []

    def judge(short: Signature, long: Signature, aligned: Aligned, shares: Shares, same_site: bool) -> float:
        told.append(sureness(short, long, aligned, shares, same_site))
        return told[0]

    compare(signature(one), signature(other), Context(same_site=same_site), judge)
    return told[0]


def test_one_site_must_say_more_of_it_again() -> None:
    cut = "\n\n".join([*PARTS[:3], OTHER])
    told = {same_site: sure_of(STORY, cut, same_site=same_site) for same_site in (False, True)}
    assert told[True] < told[False]
    assert compare(signature(STORY), signature(cut), SAME_SITE) is None
    assert compare(signature(STORY), signature("\n\n".join(PARTS[:3])), SAME_SITE) is not None


def test_one_address_may_change_its_facts() -> None:
    old, new = BRIEF.format("Leeds", "Sunday", "Two"), BRIEF.format("Leeds", "Sunday", "Three")
    assert compare(signature(old), signature(new), SAME_SITE) is None
    assert compare(signature(old), signature(new), SAME_URL) is not None


def test_what_is_furniture_does_not_count() -> None:
    """Two short stories under one long notice: alike in most words, and in none of their own."""
    one = "A bakery in Elm Street has won the prize for the best rye bread of the county for the third time in a row."
    two, notice = OTHER.split("\n\n")[0], STORY
    a, b = signature(f"{notice}\n\n{one}"), signature(f"{notice}\n\n{two}")
    assert compare(a, b, ANYWHERE) is not None
    own = [np.arange(text.length) >= signature(notice).length for text in (a, b)]
    assert compare(a, b, Context(first=lambda: own[0], second=lambda: own[1])) is None


passages = st.lists(st.sampled_from([*PARTS, *OTHER.split("\n\n"), BRIEF, WEATHER]), min_size=1, max_size=6).map(
    "\n\n".join
)
contexts = st.builds(Context, st.booleans(), st.booleans())


@given(passages | st.text(max_size=100), passages, contexts)
def test_comparing_is_symmetric(a: str, b: str, context: Context) -> None:
    found = compare(signature(a), signature(b), context)
    assert compare(signature(b), signature(a), context) == (found.mirrored if found else None)


@given(passages, contexts)
def test_a_text_is_exactly_itself(text: str, context: Context) -> None:
    found = compare(signature(text), signature(text), context)
    assert found is not None
    assert (found.kind, found.similarity, found.coverage) == (Kind.EXACT, 1.0, 1.0)
