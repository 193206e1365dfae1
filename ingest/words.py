"""What counts as a word, in any script."""

from __future__ import annotations

import re

# Scripts without spaces: every character counts as a word. Elsewhere the vowel signs of Hebrew, Arabic and the scripts
# of India, which are no letters to re, belong to the word, and so do joiners, the hyphen and its Hebrew sister.
WORD = re.compile(
    r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|"
    r"[^\W_][\w\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff]*"
    r"(?:['’\u05be\u05f3\u05f4\u200c\u200d-][^\W_][\w\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff]*)*"
)


def count_words(text: str) -> int:
    """Words; in scripts that write none apart, characters."""
    return len(WORD.findall(text))
