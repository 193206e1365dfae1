"""Copies of news texts, made as desks, agencies, aggregators and broken programs make them: text in, text out."""

from __future__ import annotations

import random
import re
import textwrap
import unicodedata
from collections.abc import Callable, Sequence

from bench.lookalikes import AGENCY, FURNITURE, NAMES, PLACES


def paragraphs(text: str) -> list[str]:
    return [part for part in re.split(r"\n\s*\n", text) if part.strip()]


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?])\s+|(?<=[。！？])", text) if part.strip()]


def join(parts: Sequence[str]) -> str:
    return "\n\n".join(parts)


# --- copies: (text, chance, other texts) -> text, or None where the story does not lend itself to it -----------------

Chance = random.Random
Copier = Callable[[str, Chance, Sequence[str]], "str | None"]


def agency_copy(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    place, agency = chance.choice(PLACES).upper(), chance.choice(AGENCY)
    head = chance.choice(
        [f"{place} ({agency}) - ", f"By {chance.choice(NAMES)}\n\n{place}, March 3 ({agency}) — ", f"{place} - "]
    )
    return (
        head
        + text
        + chance.choice(
            [f"\n\n© {agency}", f"\n\n(Reporting by {chance.choice(NAMES)}; Editing by {chance.choice(NAMES)})", ""]
        )
    )


def cut_end(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    parts = paragraphs(text)
    return join(parts[: max(1, round(len(parts) * chance.uniform(0.3, 0.7)))]) if len(parts) > 3 else None


def inserted(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    parts = paragraphs(text)
    for _ in range(chance.randint(1, 2)):
        parts.insert(chance.randint(1, len(parts)), chance.choice(paragraphs(chance.choice(others)))[:600])
    return join(parts)


def new_lead(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    parts = paragraphs(text)
    if len(parts) < 4:
        return None
    words = parts[0].split()
    chance.shuffle(words)
    return join([" ".join(words), *parts[1:]])


def moved(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    parts = paragraphs(text)
    if len(parts) < 5:
        return None
    middle = parts[1:]
    chance.shuffle(middle)
    return join([parts[0], *middle])


def teaser(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    said = sentences(text)
    short = " ".join(said[:2]) if len(said[0].split()) < 25 else said[0]
    if len(short.split()) < 25 or len(text.split()) < 100:
        return None
    return short + chance.choice(
        ["…", "\n\nRead more", "\n\nSubscribe to continue reading.", "\n\n" + FURNITURE[0][:120]]
    )


def capitals(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    said = " ".join(sentences(text)[:2])
    return chance.choice(["BREAKING: ", "URGENT - ", ""]) + said.upper() if 26 <= len(said.split()) < 80 else None


def live(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    parts = paragraphs(text)
    if len(parts) < 4:
        return None
    news = [
        f"{chance.randint(10, 23)}:{chance.randint(10, 59)} {part}" for part in paragraphs(chance.choice(others))[:3]
    ]
    return join(["LIVE", *news, *parts])


def lead_in_digest(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    """The first third or half among the beginnings of other stories, as in a round-up or a live page of the day."""
    parts = paragraphs(text)
    if len(parts) < 5:
        return None
    lead = parts[: max(2, round(len(parts) * chance.uniform(0.3, 0.5)))]
    items = [lead, *(paragraphs(other)[:3] for other in chance.sample(list(others), 3))]
    chance.shuffle(items)
    return join(["The day in brief", *(part for item in items for part in item)])


def typography(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    text = text.replace('"', "“").replace("'", "’").replace(" - ", " – ").replace(". ", ".  ")
    return unicodedata.normalize("NFD", text.replace("ffi", "\ufb03").replace("fi", "\ufb01"))


def entities(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    return "".join(f"&#{ord(c)};" if ord(c) > 127 or c in "'\"" else c for c in text.replace("&", "&amp;"))


def hyphenated(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    return re.sub(
        r"\b(\w{4})(\w{4,})\b", lambda m: f"{m[1]}{chance.choice(['', '', chr(0xAD), '-' + chr(10)])}{m[2]}", text
    )


def mojibake(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    return None if text.isascii() else text.encode().decode(chance.choice(["cp1252", "latin-1"]), "replace")


def furnished(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    return join([FURNITURE[5], text, *chance.sample(FURNITURE[:5], 2)]) if len(text.split()) > 60 else None


def brief_copy(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    parts = text.split()
    return (
        f"({chance.choice(AGENCY)}) {text} {chance.choice(['', '/' + chance.choice(AGENCY)])}"
        if 27 <= len(parts) <= 90
        else None
    )


def desk_cut(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    parts = [" ".join(s for s in sentences(p) if chance.random() > 0.25) for p in paragraphs(text)]
    return join([part for part in parts if part]) if len(text.split()) > 150 else None


def reworded(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    pool = [w for w in chance.choice(others).split() if w.islower() and len(w) > 3]
    if len(text.split()) < 100 or not pool:
        return None
    return " ".join(chance.choice(pool) if w.islower() and chance.random() < 0.05 else w for w in text.split(" "))


def rewrapped(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    return join(sentences(text.replace("\n", " ")))


def cut_start_and_end(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    parts = paragraphs(text)
    return join(parts[1 : -max(1, len(parts) // 4)]) if len(parts) > 5 else None


def scanned(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    swap = {"l": "1", "o": "0", "e": "c", "n": "ri", "m": "rn", "a": "o"}
    return (
        "".join(swap[c] if c in swap and chance.random() < 0.04 else c for c in text)
        if len(text.split()) > 60
        else None
    )


# What desks, aggregators and programs do besides.

UNITS = {"miles": "kilometres", "mile": "kilometre", "pounds": "kilograms", "feet": "metres", "inches": "centimetres"}
SPELLINGS = [("ize", "ise"), ("or ", "our "), ("center", "centre"), ("percent", "per cent"), ("program ", "programme ")]
SPELT = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
SERBIAN = dict(
    zip(
        "абвгдђежзијклљмнњопрстћуфхцчџш",
        [
            "a",
            "b",
            "v",
            "g",
            "d",
            "đ",
            "e",
            "ž",
            "z",
            "i",
            "j",
            "k",
            "l",
            "lj",
            "m",
            "n",
            "nj",
            "o",
            "p",
            "r",
            "s",
            "t",
            "ć",
            "u",
            "f",
            "h",
            "c",
            "č",
            "dž",
            "š",
        ],
        strict=False,
    )
)


def print_version(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    """With what stands around it on the page: headline, byline, times, buttons, the caption."""
    name, hour = chance.choice(NAMES), chance.randint(10, 20)
    front = f"{' '.join(text.split()[:8])}\n\nBy {name}, {chance.choice(PLACES)} correspondent\n\nPublished 3 March 2026, {hour}:15 GMT\n\nUpdated {hour + 2}:40\n\nShare\n\nSave\n\nPhoto: {chance.choice(NAMES)}/{chance.choice(AGENCY)}"
    return join([front, text, "Print this page", f"More from {name}"])


def with_advertisements(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    notice = chance.choice(
        ["Advertisement", "Story continues below", "READ ALSO: What we know so far", "Weiterlesen nach der Anzeige"]
    )
    return join([f"{part}\n\n{notice}" for part in paragraphs(text)])


def with_comments(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    said = [
        sentence for other in chance.sample(list(others), min(6, len(others))) for sentence in sentences(other)[3:6]
    ]
    return join(
        [text, "Comments", *(f"{chance.choice(NAMES).split()[0]}{chance.randint(1, 99)}: {each}" for each in said)]
    )


def with_headlines(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    more = [" ".join(other.split()[:11]) for other in chance.sample(list(others), min(8, len(others)))]
    return join([text, "More stories", *more])


def correction(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    numbers = re.findall(r"\b\d{2,}\b", text)
    if len(text.split()) < 120 or not numbers:
        return None
    wrong = chance.choice(numbers)
    mended = re.sub(rf"\b{wrong}\b", str(int(wrong) + 1), text)
    note = f"Correction: An earlier version of this article gave the figure as {wrong}. This has been corrected."
    return join([note, mended] if chance.random() < 0.5 else [mended, note])


def house_style(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    """Another paper's spelling, numbers and titles."""
    if len(text.split()) < 80:
        return None
    for one, other in SPELLINGS:
        text = text.replace(one, other)
    text = re.sub(r"(?<![\d.,:-])\b(\d)\b(?![.,:-]\d)", lambda m: SPELT[int(m[1])], text)
    return re.sub(r"\b(Mr|Mrs|Ms|Dr|President|Sen\.|Gov\.) (?=[A-Z])", "", text).replace("%", " percent")


def digits_for_words(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    made = re.sub(rf"\b({'|'.join(SPELT[2:])})\b", lambda m: str(SPELT.index(m[1])), text)
    return made if made != text else None


def units(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    made = re.sub(
        rf"(\d[\d,.]*) ({'|'.join(UNITS)})\b", lambda m: f"{m[1]} {m[2]} ({chance.randint(2, 900)} {UNITS[m[2]]})", text
    )
    made = re.sub(r"\$(\d[\d,.]*\d)", lambda m: f"${m[1]} (£{chance.randint(2, 900)})", made)
    return made if made != text and len(text.split()) > 100 else None


def days_made_relative(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    made = re.sub(r"\bon (Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b", "yesterday", text)
    return made if made != text and len(text.split()) > 60 else None


def second_page(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    parts = paragraphs(text)
    return join(["Page 2 of 2", *parts[len(parts) // 2 :]]) if len(parts) > 5 and len(text.split()) > 250 else None


def key_points(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    said = sentences(text)
    return (
        join(["Key points", *(f"• {' '.join(each.split()[:12])}" for each in said[1:9:3]), text])
        if len(said) > 9
        else None
    )


def twice(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    """The page had it twice, for small and for wide screens."""
    return join([text, text])


def feed_summary(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    words = text.split()
    return " ".join(words[:55]) + " […]\n\nThe post appeared first on our site." if len(words) > 110 else None


def press_release(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    """Rewritten lightly: another first sentence, a tenth of the words, a quarter cut, "said" made "told us"."""
    pool = [word for word in chance.choice(list(others)).split() if word.islower() and len(word) > 3]
    said = sentences(text)
    if len(text.split()) < 200 or not pool:
        return None
    kept = [each for each in said[1:] if chance.random() > 0.25]
    words = " ".join([" ".join(said[0].split()[::-1]), *kept]).replace(" said", " told us").split(" ")
    return " ".join(chance.choice(pool) if word.islower() and chance.random() < 0.1 else word for word in words)


def without_accents(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    made = "".join(c for c in unicodedata.normalize("NFD", text) if not "\u0300" <= c <= "\u036f")
    return made if made != text else None


def capitals_without_accents(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    """A flash: the first sentences in capitals, which in Greek and often in French have no accents."""
    short = " ".join(sentences(text)[:2])
    made = without_accents(short, chance, others)
    return made.upper() if made and 25 <= len(short.split()) < 90 else None


def lost_letters(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    """What was no ASCII became question marks."""
    share = sum(ord(c) > 127 for c in text) / len(text)
    return text.encode("ascii", "replace").decode() if 0.001 < share < 0.05 else None


def escaped_twice(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    made = (
        text.replace("&", "&amp;amp;").replace('"', "&amp;quot;").replace("'", "&amp;#39;").replace("’", "&amp;rsquo;")
    )
    return made if made != text else None


def html_left(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    link = '<a href="https://paper.example/topic" class="auto-link">{}</a>'
    words = [link.format(word) if word.istitle() and chance.random() < 0.2 else word for word in text.split(" ")]
    return (
        "".join(f'<p class="story-text">{part}</p>' for part in paragraphs(" ".join(words)))
        + '<div class="ad" id="x1"></div>'
    )


def markdown(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    words = [f"**{word}**" if word.istitle() and chance.random() < 0.2 else word for word in text.split(" ")]
    return "# " + " ".join(words).replace("\n\n", "\n\n> ")


def glued(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    """Spaces lost at the line ends of a PDF."""
    words = text.split(" ")
    return (
        "".join(word + ("" if number % 11 == 10 else " ") for number, word in enumerate(words))
        if len(words) > 80
        else None
    )


def broken_words(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    """Hyphens of a PDF, with a space behind them."""
    return re.sub(r"\b(\w{4})(\w{4,})\b", lambda m: m[0] if chance.random() < 0.85 else f"{m[1]}- {m[2]}", text)


def fixed_lines(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    return (
        "\n".join(text[place : place + 70].replace("\n", " ") for place in range(0, len(text), 70))
        if " " not in text
        else "\n".join(textwrap.wrap(text, 70))
    )


def typed_otherwise(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    """Letters that look alike and are typed with another keyboard, and marks that nobody sees."""
    swaps = str.maketrans(
        {"ي": "ی", "ك": "ک", "أ": "ا", "إ": "ا", "ى": "ي", "ё": "е", "、": ", ", "。": ". ", "«": "„", "»": "“"}
    )
    made = "".join(c + "\u200c" * (chance.random() < 0.02) for c in text.translate(swaps))
    return made if made != text else None


def other_script(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    """Serbian is printed in both."""
    if "ђ" not in text and "џ" not in text and "ћ" not in text:
        return None
    return "".join(SERBIAN.get(c, SERBIAN.get(c.lower(), c).capitalize()) for c in text)


def wide(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    """Digits and marks as wide as Chinese characters, spaces between characters and letters."""
    if not re.search(r"[\u3040-\u9fff]", text):
        return None
    return re.sub(r"(\d+)", r" \1 ", text).translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789,.()"})


def abridged(text: str, chance: Chance, others: Sequence[str]) -> str | None:
    """Every paragraph's first sentence."""
    parts = paragraphs(text)
    return " ".join(sentences(part)[0] for part in parts) if len(parts) >= 5 and len(text.split()) > 200 else None


COPIERS: dict[str, Copier] = {
    f.__name__: f
    for f in (agency_copy, cut_end, inserted, new_lead, moved, teaser, capitals, live, typography, entities, hyphenated,
              mojibake, furnished, brief_copy, desk_cut, reworded, rewrapped, cut_start_and_end, scanned, print_version,
              with_advertisements, with_comments, with_headlines, correction, house_style, digits_for_words, units,
              days_made_relative, second_page, key_points, twice, feed_summary, press_release, without_accents,
              capitals_without_accents, lost_letters, escaped_twice, html_left, markdown, glued, broken_words,
              fixed_lines, typed_otherwise, other_script, wide, abridged, lead_in_digest)
}  # fmt: skip
