"""The language of an article: as declared, unless the text is clearly in another.

Templates declare a language that the text is not in ("en" is what many content systems come with). So the text is
looked at, at little cost: by its script, and by how many of its words are among the commonest of the declared language.
Only where such a test speaks against the declaration, or nothing is declared, a classifier is asked, which costs half a
second and much memory the first time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

SAMPLE_CHARS = 2_000
MIN_WORDS = 5
MIN_WORDS_TO_OVERRULE = 40
ENOUGH = 0.06  # of the words are common ones: a text in its language has 0.2 and more, in another 0.03 at most
WORD = re.compile(r"[^\W\d_]+")

COMMON = {
    "en": "the of and to in a is that for it was on with as by at from are be this have has not but his they were",
    "de": "der die das und in zu den von mit ist für auf im des ein eine nicht sich dem auch es als an werden aus",
    "fr": "de la le les et des en un une du à dans que est pour qui sur par au plus pas ne ce il se avec sont son",
    "es": "de la que el en y los del se las por un una para con no su al es como más lo ha este fue entre sobre han",
    "it": "di e il la che in un del per è a della una le i con si non al da sono dei più nel ha alla come gli",
    "pt": "de a o que e do da em um para com não uma os no se na por mais as dos como ao foi das pela pelo ele são à",
    "nl": "de van het een en in is dat op te zijn voor met die niet aan er ook als om maar bij door naar uit over",
    "sv": "och i att det som en på är av för med till den har de inte om ett han var men sig från vi så kan när nu",
    "da": "og i at det er en til på af for med den de der har ikke som et var han fra men om sig være ved kan",
    "no": "og i det er på som en å for av til at med de har den ikke et var om han fra men seg vi ble kan etter",
    "fi": "ja on ei että se oli myös hän mukaan ovat kun joka kuin mutta ole sen tai niin vuoden siitä jo olla hänen",
    "pl": "w i na z się do nie to że jest o po jak za od przez co dla ale są tym był ma jego który oraz tak czy",
    "cs": "a v na se je že s z o do i to za pro ve by k po od jako ale jsou ze podle než který jeho už která si",
    "sk": "a v na sa je že s z o do aj to za pre vo by k po od ako ale sú zo podľa než ktorý jeho už ktorá si pri",
    "ro": "de și în a la cu pe nu din că care pentru o este mai au un ca fi s-a sunt fost prin după al dar sau va",
    "hu": "a az és hogy is nem egy meg volt már csak ez de azt mint el szerint még lesz vagy aki amely után van ki",
    "tr": "ve bir bu da de için ile olarak olan daha çok gibi kadar sonra en ise olduğu tarafından ancak o ne var",
    "id": "yang dan di dengan untuk ini dari dalam tidak itu pada adalah akan juga ke oleh telah sudah mereka ada",
    "vi": "của và là các có được cho trong không một người với để những này đã khi từ về đến ra ông tại vào như",
    "hr": "i je u na se da su za od s a o koji će kao ne bi što iz do to koja nije ali samo po biti koje više",
    "lt": "ir kad į iš su yra tai bei kaip ar nuo apie dėl bet per jo prie tik jau po buvo už taip savo dar gali",
}
WORDS_OF = {language: frozenset(words.split()) for language, words in COMMON.items()}
WORDS_OF |= {"nb": WORDS_OF["no"], "nn": WORDS_OF["no"], "ms": WORDS_OF["id"], "sl": frozenset(), "bs": WORDS_OF["hr"]}

LATIN = frozenset(
    (
        *COMMON,
        "nb",
        "nn",
        "ms",
        "bs",
        "sl",
        "lv",
        "et",
        "sq",
        "ca",
        "eu",
        "gl",
        "is",
        "ga",
        "cy",
        "af",
        "sw",
        "zu",
        "xh",
    )
)
WIDE = 1.2  # bytes of UTF-8 a character: below it fewer than a third of the letters can be of another script
# The letters of one script -> the languages that are written in it; of other languages a text is not in it.
SCRIPTS = (
    (re.compile(r"[\u3040-\u30ff]"), ("ja",)),
    (re.compile(r"[\uac00-\ud7a3]"), ("ko",)),
    (re.compile(r"[\u4e00-\u9fff]"), ("zh", "ja", "yue")),
    (
        re.compile(r"[\u0400-\u04ff]"),
        ("ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg", "tt", "uz", "bs", "az"),
    ),
    (re.compile(r"[\u0600-\u06ff]"), ("ar", "fa", "ur", "ps", "ku", "ckb", "ug", "sd")),
    (re.compile(r"[\u0900-\u097f]"), ("hi", "mr", "ne", "sa", "bho", "mai", "kok")),
    (re.compile(r"[\u0980-\u09ff]"), ("bn", "as")),
    (re.compile(r"[\u0e00-\u0e7f]"), ("th",)),
    (re.compile(r"[\u0370-\u03ff]"), ("el",)),
    (re.compile(r"[\u0590-\u05ff]"), ("he", "iw", "yi")),
    (re.compile(r"[\u0b80-\u0bff]"), ("ta",)),
    (re.compile(r"[\u0c00-\u0c7f]"), ("te",)),
    (re.compile(r"[\u10a0-\u10ff]"), ("ka",)),
    (re.compile(r"[\u0530-\u058f]"), ("hy",)),
)


def of_text(text: str, declared: str | None) -> Iterator[tuple[str, str | None]]:
    """("text", language) where the text has to decide: nothing is declared, or the text is clearly in another."""
    sample = text[:SAMPLE_CHARS]
    if declared is None or contradicts(declared, sample):
        yield "text", detect_language(sample)


def contradicts(declared: str, sample: str) -> bool:
    """Whether a text is not in the language it is said to be in, by its script and its commonest words. Cheap."""
    script = script_of(sample)
    if script is not None:
        return declared not in script
    if declared not in LATIN:
        return any(declared in languages for _, languages in SCRIPTS) and is_latin(sample)
    words = WORD.findall(sample.casefold())
    common = WORDS_OF.get(declared)
    if not common or len(words) < MIN_WORDS_TO_OVERRULE:
        return False
    return sum(word in common for word in words) < ENOUGH * len(words)


def script_of(sample: str) -> tuple[str, ...] | None:
    """The languages of the script, other than Latin, that a third of the letters are in; None where there is none."""
    if len(sample.encode("utf-8", "replace")) < WIDE * len(sample):
        return None
    letters = sum(character.isalpha() for character in sample)
    for letter, languages in SCRIPTS:
        share = len(letter.findall(sample))
        if letters >= 20 and share * (8 if languages == ("ja",) else 3) > letters:  # Japanese: kana between kanji
            return languages
    return None


def is_latin(sample: str) -> bool:
    """Whether a text is long enough and written in Latin letters."""
    letters = [character for character in sample if character.isalpha()]
    return len(letters) >= 200 and sum(character < "\u0250" for character in letters) > 0.9 * len(letters)


def detect_language(text: str) -> str | None:
    """The language of a text by its letters; None where there is too little to tell."""
    sample = text[:SAMPLE_CHARS]
    if len(WORD.findall(sample)) < MIN_WORDS and script_of(sample) is None:
        return None
    from py3langid import classify  # half a second and much memory: only where a page is silent or wrong

    return str(classify(sample)[0])
