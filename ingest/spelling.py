"""Words as they are compared: one spelling for what papers, keyboards and capitals write in several ways.

Without accents (capitals often lack them, so do agency wires; ё is printed е), Arabic and Persian letters that look
alike as one, Serbian in Latin letters. Coarser than reading: "peché" and "pêche" are one word here.
"""

from __future__ import annotations

import re
import unicodedata

# Combining marks of Latin, Greek and Cyrillic; vowel signs of Hebrew and Arabic.
_ACCENT = re.compile("[\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670]")
_SAME = str.maketrans(
    {
        **dict(zip("ıøłđħæœ", ("i", "o", "l", "d", "h", "ae", "oe"), strict=True)),
        **dict(zip("يىېكةہھ", "یییکههه", strict=True)),
        **dict(zip("абвгдезијклмнопрстуфхцчш", "abvgdezijklmnoprstufhccs", strict=True)),
        **dict(zip("ђжћљњџ", ("d", "z", "c", "lj", "nj", "dz"), strict=True)),
    }
)


def folded(word: str) -> str:
    """A word in small letters, without accents."""
    word = word.casefold()
    if word.isascii():
        return word
    bare = _ACCENT.sub("", unicodedata.normalize("NFD", word)).translate(_SAME)
    return unicodedata.normalize("NFC", bare)
