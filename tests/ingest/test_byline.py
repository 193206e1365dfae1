"""Bylines to names: what separates them, what goes with them, and that splitting twice is splitting once."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.byline import MAX_NAME_CHARS, MAX_NAMES, split_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Автор: Иван Петров и Анна Соколова", ["Иван Петров", "Анна Соколова"]),
        ("Ahmet Yılmaz ve Ayşe Kaya", ["Ahmet Yılmaz", "Ayşe Kaya"]),
        ("Lars Ek och Britta Sjö", ["Lars Ek", "Britta Sjö"]),
        ("Door Jan de Vries en Piet Bakker", ["Jan de Vries", "Piet Bakker"]),
        ("Ana Silva e João Costa", ["Ana Silva", "João Costa"]),
        ("Joana Castro e Silva", ["Joana Castro e Silva"]),
        ("José Ortega y Gasset", ["José Ortega y Gasset"]),
        ("Marta Lima en Nueva York", ["Marta Lima"]),
        ("Jane Doe, John Roe, and Ann Poe", ["Jane Doe", "John Roe", "Ann Poe"]),
        ("記者 山田太郎", ["山田太郎"]),
        ("山田太郎記者", ["山田太郎"]),
        ("（記者王五）", ["王五"]),
        ("作者：张三", ["张三"]),
        ("张三和李四", ["张三", "李四"]),
        ("新华社记者李四", ["新华社", "李四"]),
        ("홍길동 기자", ["홍길동"]),
        ("홍길동 기자 외 1명", ["홍길동"]),
        ("(서울=연합뉴스) 홍길동 기자", ["홍길동", "연합뉴스"]),
        ("Von unserem Korrespondenten Hans Meier", ["Hans Meier"]),
        ("Ein Gastbeitrag von Hans Meier", ["Hans Meier"]),
        ("Christoph von Ritter", ["Christoph von Ritter"]),
        ("Text: Von Jane Doe", ["Jane Doe"]),
        ("Jane Doe (AP)", ["Jane Doe", "AP"]),
        ("Jane Doe Associated Press", ["Jane Doe", "Associated Press"]),
        ("dpa/AFP", ["dpa/AFP"]),
        ("Thandi Mokoena/Ruth Okello", ["Thandi Mokoena", "Ruth Okello"]),
        ("Rita Holm, MS, RD", ["Rita Holm"]),
        ("Glen Poe for The Sunday Post", ["Glen Poe"]),
        ("Reuters Updated: January 16", ["Reuters"]),
        ("Jane Doe and John Roe Monday, November 18, 2019, 04:05 pm PT", ["Jane Doe", "John Roe"]),
        ("April Jones and June Smith", ["April Jones", "June Smith"]),
        ("Nina Holm, redaktör", ["Nina Holm"]),
        ("JOSÉ PEÑA; José Peña; Jose Pena", ["JOSÉ PEÑA"]),
        ("12 min read", []),
        ("@janedoe", []),
    ],
)
def test_bylines_of_many_languages(text: str, names: list[str]) -> None:
    assert split_names(text) == names


PIECES = (
    "By ",
    "von ",
    " and ",
    " und ",
    " y ",
    " e ",
    ", ",
    "; ",
    "/",
    " - ",
    "(",
    ")",
    ":",
    "記者",
    " 기자",
    "Jane Doe",
    "Ana",
    "Reuters",
    "dpa",
    "in Berlin",
    "for The Post",
    "editor",
    "Text",
    "2026",
    "\n",
    ".",
    "外",
    "和",
    "Ö",
)


@given(st.one_of(st.text(max_size=120), st.lists(st.sampled_from(PIECES), max_size=10).map("".join)))
@example("Von Von Von Von Von Von Von Von Von Von Von Von Von Jane")
def test_names_are_names_and_splitting_them_again_changes_nothing(text: str) -> None:
    names = split_names(text)
    assert len(names) <= MAX_NAMES
    assert all(0 < len(name) <= MAX_NAME_CHARS and name == name.strip() for name in names)
    assert [again for name in names for again in split_names(name)] == names
