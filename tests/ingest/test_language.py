"""The declared language stands unless the text is clearly in another."""

from __future__ import annotations

import pytest

from ingest.language import contradicts, of_text

ENGLISH = (
    "The harbour board met on Thursday to settle a quarrel that has kept the north quay shut since the spring. " * 3
)
GERMAN = "Der Gemeinderat hat am Donnerstag beschlossen, die alte Brücke nicht abzureißen, sondern zu verkaufen. " * 4
RUSSIAN = "Совет северного порта в четверг решил продать мост, по которому никто не ходит, после встречи. " * 3
JAPANESE = "北港の港湾委員会は木曜日、漁業者との会合のすえ、だれも渡らない橋を隣の町に売却することを決めた。" * 2
CHINESE = "北港委员会星期四决定把没有人走的桥卖给邻近的城镇，渔民们从春天起就要求在晚上也能工作的起重机。" * 2


@pytest.mark.parametrize(
    ("declared", "text", "wrong"),
    [
        ("en", ENGLISH, False),
        ("de", GERMAN, False),
        ("en", GERMAN, True),
        ("de", ENGLISH, True),
        ("ru", RUSSIAN, False),
        ("bg", RUSSIAN, False),  # the same script: not clearly another
        ("en", RUSSIAN, True),
        ("ru", ENGLISH, True),
        ("ja", JAPANESE, False),
        ("zh", JAPANESE, True),
        ("zh", CHINESE, False),
        ("ja", CHINESE, False),
        ("en", "Ja.", False),  # too little
        ("xx", ENGLISH, False),  # nothing known of it
    ],
)
def test_cheap_tests_speak_against_a_declaration(declared: str, text: str, *, wrong: bool) -> None:
    assert contradicts(declared, text) is wrong


@pytest.mark.parametrize(
    ("declared", "text", "said"),
    [("en", ENGLISH, []), ("en", GERMAN, ["de"]), (None, GERMAN, ["de"]), (None, "", [None]), ("en", RUSSIAN, ["ru"])],
)
def test_the_classifier_is_asked_only_then(declared: str | None, text: str, said: list[str | None]) -> None:
    assert [value for _, value in of_text(text, declared)] == said
