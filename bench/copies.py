"""Copies and look-alikes of news texts, made as desks, agencies, templates and broken programs make them.

Each kind is a function from a story (or none) to texts; kinds that begin with + are copies, with - strangers.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

NAMES = [
    "Anna Berg",
    "Tom Okoro",
    "Luis Vidal",
    "Mara Lindt",
    "Ivo Petric",
    "Chen Wei",
    "Priya Nair",
    "Sam Doyle",
    "Elif Kaya",
    "Jan Novak",
    "Zoe Hart",
]
PLACES = [
    "Leeds",
    "Kiel",
    "Lyon",
    "Vigo",
    "Turin",
    "Brno",
    "Gdansk",
    "Porto",
    "Bergen",
    "Izmir",
    "Cork",
    "Graz",
    "Utrecht",
    "Malmo",
    "Basel",
    "Lille",
    "Ghent",
    "Tartu",
]
FIRMS = [
    "Norvik",
    "Calder",
    "Astra",
    "Helio",
    "Brandt",
    "Tessera",
    "Quanta",
    "Osprey",
    "Velto",
    "Marlow",
    "Kestrel",
    "Dunmore",
    "Selva",
    "Orion",
    "Pallas",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
TAGE = ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"]
SIGNS = ["Aries", "Taurus", "Gemini", "Cancer", "Leo", "Virgo", "Libra", "Scorpio", "Pisces"]
AGENCY = ["Reuters", "AP", "AFP", "dpa", "PA", "EFE", "ANSA", "TASS"]

FURNITURE = [
    "You have reached your limit of free articles this month. Already a subscriber? Log in here. Support independent journalism and get unlimited access to every story, our daily puzzles, the weekend magazine and the archive from one pound a week. Cancel at any time. Terms apply.",
    "Get our morning briefing in your inbox every weekday. Enter your email address below and choose the topics that you care about. By signing up you agree to our privacy notice and to receive occasional offers from our partners. You can unsubscribe with one click at any time.",
    "Comments are moderated before they appear. Be kind to one another and stay on the subject. We remove personal attacks, advertising and anything unlawful. The views below are those of our readers and not of this newspaper. Report a comment that breaks these rules to our community team.",
    "Diesen Artikel weiterlesen mit unserem Digitalabo. Monatlich kündbar, die ersten vier Wochen kostenlos. Sie haben bereits ein Abo? Hier anmelden. Mit dem Newsletter der Chefredaktion erhalten Sie jeden Morgen die wichtigsten Nachrichten aus Ihrer Region. Hinweise zum Datenschutz finden Sie in unserer Erklärung.",
    "Esta noticia es exclusiva para suscriptores. Si ya eres suscriptor inicia sesión. Suscríbete por un euro al mes y lee sin límites todas las noticias, los análisis y los reportajes de nuestra redacción. Puedes darte de baja cuando quieras. Consulta las condiciones y la política de privacidad de este diario.",
    "Home News Sport Business Opinion Culture Travel Weather Puzzles Podcasts Jobs Property Motors Dating. Follow us on Facebook, Instagram, Threads and WhatsApp. Download our app for iPhone and Android. Contact the newsroom. Advertise with us. Archive. Photo sales. Accessibility. Corrections and clarifications.",
]  # fmt: skip
EXPLAINERS = [
    "What is the court and how does it work? The court was founded in 1998 by a treaty that more than a hundred states have signed. It tries people, not states, for the gravest crimes. Its judges are elected for nine years. It has no police of its own and relies on its members to arrest the accused. Trials may last for years, and both sides may appeal.",
    "The central bank meets eight times a year to decide on interest rates. Nine members vote, and the governor speaks last. Higher rates make loans dearer and savings pay more, which should bring inflation down to the target of two percent. The minutes of each meeting are published two weeks later on the website of the bank, together with its forecasts.",
    "Der Länderfinanzausgleich regelt, wie die Einnahmen zwischen den Ländern verteilt werden. Wohlhabende Länder geben einen Teil ihrer Einnahmen an ärmere ab. Seit der Reform von 2020 geschieht das über die Umsatzsteuer. Kritiker halten das System für zu kompliziert, weil es kaum jemand durchschaut und weil Anreize zum Sparen fehlen, wie ein Gutachten zeigte.",
]  # fmt: skip
OPENINGS = [
    "Welcome to the Saturday letter, in which our gardening editor answers what readers ask about beds, borders, pots and pests. Send your question to the address below with a picture of the plant and tell us where you live and how much sun it gets. We cannot reply to each of you, but we read everything, and the best question of the month wins a pair of secateurs.",
    "In this series our critics look again at a film that was loved, hated or forgotten when it came out. This is where we watch with the sound turned up, argue with our younger selves, and ask whether it was worth the fuss. As ever there are spoilers from the first line on, so come back later if you have not seen it. And write to us if you think we are wrong.",
]  # fmt: skip


@dataclass(frozen=True)
class Doc:
    """One text as the command takes it, with the story it belongs to."""

    id: str
    url: str
    site: str
    title: str
    text: str
    lang: str
    kind: str
    cluster: str


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


COPIERS: dict[str, Copier] = {
    f.__name__: f
    for f in (agency_copy, cut_end, inserted, new_lead, moved, teaser, capitals, live, typography, entities, hyphenated,
              mojibake, furnished, brief_copy, desk_cut, reworded, rewrapped, cut_start_and_end, scanned)
}  # fmt: skip


# --- look-alikes: chance -> (site or None, title, text) ---------------------------------------------------------------


def templates(chance: Chance) -> dict[str, str]:
    """One text of each template, its slots filled by chance."""
    n = chance.randint
    c = chance.choice
    return {
        "weather": f"{c(PLACES)}: The day begins {c(['dry', 'grey', 'foggy'])} with {n(0, 12)} degrees. By noon the thermometer climbs to {n(13, 30)} degrees. A {c(['weak', 'fresh', 'strong'])} wind blows from the {c(['south', 'north', 'west'])} at {n(5, 60)} km/h. The risk of rain is {n(0, 100)} percent. Tonight expect lows of {n(-5, 9)} degrees and patchy cloud inland. Sunrise {n(5, 8)}.{n(10, 59)}, sunset {n(16, 21)}.{n(10, 59)}.",
        "wetter": f"In {c(PLACES)} wird es am {c(TAGE)} {c(['sonnig', 'wolkig', 'regnerisch'])}. Die Höchstwerte liegen bei {n(10, 33)} Grad, nachts kühlt es auf {n(-3, 12)} Grad ab. Der Wind weht mit {n(5, 70)} Kilometern pro Stunde. Die Regenwahrscheinlichkeit liegt bei {n(0, 100)} Prozent. Für die kommenden Tage erwarten die Meteorologen kaum Veränderungen bei Werten um {n(10, 30)} Grad.",
        "stock": f"Shares of {c(FIRMS)} Plc {c(['rose', 'fell'])} {n(1, 9)}.{n(0, 9)} percent to close at {n(10, 900)} pence on {c(DAYS)}. The stock has traded between {n(5, 90)} and {n(91, 999)} pence over the past year. Volume was {n(1, 90)} million shares against an average of {n(1, 90)} million. The company has a market value of {n(1, 80)} billion pounds. Analysts have {n(1, 20)} buy ratings on the stock, {n(1, 9)} hold and {n(0, 5)} sell.",
        "boerse": f"Die Aktie von {c(FIRMS)} notierte am {c(TAGE)} {n(1, 9)},{n(10, 99)} Prozent {c(['höher', 'tiefer'])} bei {n(10, 400)},{n(10, 99)} Euro. Das Tageshoch lag bei {n(10, 400)},{n(10, 99)} Euro. Zuletzt wechselten {n(1000, 99999)} Papiere den Besitzer. Das Jahreshoch markierte das Papier bei {n(10, 400)},{n(10, 99)} Euro, das Tief bei {n(5, 100)},{n(10, 99)} Euro.",
        "lottery": f"The winning numbers in {c(DAYS)}'s draw were {n(1, 49)}, {n(1, 49)}, {n(1, 49)}, {n(1, 49)}, {n(1, 49)} and {n(1, 49)}, and the bonus ball was {n(1, 49)}. No ticket matched all six numbers, so the jackpot rolls over to an estimated {n(2, 20)} million. Check your ticket with care and claim within 180 days. Players must be eighteen or over to take part in the draw.",
        "loto": f"Resultados del sorteo del {c(['lunes', 'martes', 'jueves', 'sábado'])} {n(1, 30)}: {n(1, 49)}, {n(1, 49)}, {n(1, 49)}, {n(1, 49)}, {n(1, 49)} y {n(1, 49)}, con el complementario {n(1, 49)} y el reintegro {n(0, 9)}. El bote para el próximo sorteo asciende a {n(1, 90)} millones de euros. La recaudación alcanzó los {n(1000000, 9000000)} euros en toda España, según ha informado el organismo estatal de loterías.",
        "obituary": f"{c(NAMES)}, {n(60, 99)}, of {c(PLACES)}, passed away peacefully on {c(DAYS)} surrounded by family. Born in {c(PLACES)} in {n(1925, 1960)}, the deceased worked for {n(10, 45)} years at {c(FIRMS)} and loved gardening and music. A service will be held at St {c(['John', 'Mary', 'Luke'])}'s church in {c(PLACES)} at {n(9, 15)} o'clock. In lieu of flowers the family asks for gifts to the hospice.",
        "match": f"{c(PLACES)} {c(['beat', 'lost to', 'drew with'])} {c(PLACES)} {n(0, 5)}-{n(0, 5)} in front of {n(900, 60000)} fans. {c(NAMES)} scored after {n(2, 44)} minutes and {c(NAMES)} added another from the spot in the {n(46, 90)}th minute. The hosts had the better of the second half but could not find a way past the goalkeeper. The result leaves the visitors {n(2, 18)}th in the table with {n(5, 70)} points.",
        "foot": f"{c(PLACES)} s'est {c(['imposé', 'incliné'])} {n(0, 5)}-{n(0, 5)} face à {c(PLACES)} devant {n(900, 60000)} spectateurs. {c(NAMES)} a ouvert le score à la {n(2, 44)}e minute, avant que {c(NAMES)} ne marque à son tour à la {n(46, 90)}e. Les visiteurs pointent désormais à la {n(2, 18)}e place du classement avec {n(5, 70)} points et recevront {c(PLACES)} le week-end prochain pour le compte de la prochaine journée.",
        "horoscope": f"{c(SIGNS)}: The moon in your house of {c(['love', 'money', 'work', 'health'])} brings {c(['calm', 'surprises', 'tension'])} this week. Listen before you speak and do not sign anything before {c(DAYS)}. Your lucky number is {n(1, 99)}. {c(['An old friend calls.', 'A letter changes your plans.', 'Keep an eye on your purse.'])} Single? Look around you on {c(DAYS)}. Couples should plan a trip together and talk about what matters to both.",
        "crash": f"A {n(18, 80)}-year-old {c(['man', 'woman'])} was taken to hospital after a crash near {c(PLACES)} on {c(DAYS)}. It happened at about {n(1, 12)}.{n(10, 59)} on the A{n(10, 99)}. Police ask anyone who saw the collision or has footage to call 101 and quote incident {n(100, 999)}.",
        "погода": f"В городе {c(PLACES)} завтра ожидается {c(['дождь', 'снег', 'туман'])}. Температура воздуха днём составит {n(1, 30)} градусов, ночью {n(-9, 9)} градусов. Ветер {c(['северный', 'южный'])}, {n(1, 20)} метров в секунду. Атмосферное давление {n(720, 770)} миллиметров. Водителей просят быть внимательными на дорогах и соблюдать дистанцию, сообщает гидрометцентр.",
        "天気": f"{c(['東京', '大阪', '札幌', '福岡', '仙台'])}の明日の天気は{c(['晴れ', '曇り', '雨'])}で、最高気温は{n(10, 35)}度、最低気温は{n(-3, 20)}度の見込みです。降水確率は{n(0, 100)}パーセントで、風速は{n(1, 15)}メートルと予想されています。気象庁は、外出の際には最新の情報を確認するよう呼びかけています。",
        "طقس": f"تتوقع الأرصاد الجوية في مدينة {c(['القاهرة', 'دمشق', 'تونس', 'عمان'])} غدا طقسا {c(['مشمسا', 'غائما', 'ممطرا'])} حيث تصل درجة الحرارة العظمى إلى {n(20, 45)} درجة والصغرى إلى {n(5, 19)} درجة وتبلغ سرعة الرياح {n(5, 60)} كيلومترا في الساعة مع نسبة رطوبة تصل إلى {n(10, 99)} في المئة خلال ساعات النهار بحسب بيان الهيئة العامة.",
        "väder": f"Vädret i {c(PLACES)} blir {c(['soligt', 'mulet', 'regnigt'])} på {c(['måndag', 'tisdag', 'fredag', 'lördag'])}. Dagens högsta temperatur väntas bli {n(5, 30)} grader och under natten sjunker den till {n(-9, 10)} grader. Vinden är {c(['svag', 'måttlig', 'frisk'])}, {n(1, 20)} meter per sekund. Risken för nederbörd är {n(0, 100)} procent enligt prognosen från den statliga vädertjänsten.",
        "earnings": f"{c(FIRMS)} Holdings said on {c(DAYS)} that net profit for the quarter {c(['rose', 'fell'])} {n(1, 80)} percent to {n(10, 990)} million euros on sales of {n(1, 40)}.{n(1, 9)} billion. Analysts had expected {n(10, 990)} million. The group {c(['confirmed', 'raised', 'cut'])} its outlook for the year and proposed a dividend of {n(1, 5)}.{n(10, 99)} euros. Chief executive {c(NAMES)} said that demand had been solid in all regions.",
    }  # fmt: skip


def one_fact_apart(chance: Chance) -> list[tuple[str, str]]:
    """Pairs of briefs that differ in one fact alone."""
    n = chance.randint
    a, b = chance.sample(range(2, 90), 2)
    place, other = chance.sample(PLACES, 2)
    day, next_day = chance.sample(DAYS, 2)
    name, second = chance.sample(NAMES, 2)
    firm, rival = chance.sample(FIRMS, 2)
    year = n(2001, 2026)
    brief = "A {}-year-old man has been charged with burglary after officers were called to a shop in {} late on {}. He will appear before magistrates next week, a spokesperson for the force said in a statement."
    de = "Bei einem Brand in einem Mehrfamilienhaus in {} sind in der Nacht {} Menschen verletzt worden. Die Feuerwehr war mit einem Großaufgebot im Einsatz. Die Ursache ist noch unklar, die Polizei ermittelt, wie ein Sprecher mitteilte."
    fr = "Un séisme de magnitude {} a secoué la région de {} dans la nuit, sans faire de victimes selon un premier bilan des autorités locales. Les secours restent mobilisés et plusieurs écoles resteront fermées par précaution ce matin."
    es = "La empresa {} ha anunciado este martes la compra de su competidora por {} millones de euros, una operación que deberá recibir todavía el visto bueno de las autoridades de competencia y que podría cerrarse antes del verano."
    ru = "В результате аварии на шахте погибли {} человек, ещё несколько горняков остаются под землёй, сообщили в областном управлении. Спасательные работы продолжаются, на месте работают более ста спасателей и медиков, возбуждено уголовное дело."
    ja = "{}で地震があり、気象庁によりますと、震源の深さはおよそ{}キロ、地震の規模を示すマグニチュードは五と推定されています。この地震による津波の心配はありません。今のところ、けが人や建物の被害の情報は入っていないということです。"
    ar = "قال مسؤول في وزارة الصحة إن {} شخصا أصيبوا في حريق اندلع فجر اليوم في سوق شعبي وسط مدينة {} قبل أن تتمكن فرق الإطفاء من السيطرة عليه ونقل المصابين إلى المستشفى القريب لتلقي العلاج اللازم."
    won = "Independent candidate {} has won the by-election in {} after a recount, taking the seat by a few hundred votes from the party that has held it since {}. The turnout was the lowest in a decade, officials said at the town hall."
    return [
        (brief.format(a, place, day), brief.format(b, place, day)),
        (brief.format(a, place, day), brief.format(a, other, day)),
        (brief.format(a, place, day), brief.format(a, place, next_day)),
        (de.format(place, a), de.format(place, b)),
        (de.format(place, a), de.format(other, a)),
        (fr.format(f"{n(3, 4)},2", place), fr.format(f"{n(5, 7)},8", place)),
        (es.format(firm, a), es.format(rival, a)),
        (es.format(firm, a), es.format(firm, b)),
        (ru.format(a), ru.format(b)),
        (ja.format("千葉県", a), ja.format("千葉県", b)),
        (ja.format("千葉県", a), ja.format("宮城県", a)),
        (ar.format(a, "دمشق"), ar.format(b, "دمشق")),
        (ar.format(a, "دمشق"), ar.format(a, "بغداد")),
        (won.format(name, place, year), won.format(second, place, year)),
    ]  # fmt: skip


# --- the whole set ----------------------------------------------------------------------------------------------------


class Maker:
    """Labelled documents, in order of arrival, and pairs."""

    def __init__(self, texts: Sequence[tuple[str, str]], seed: int) -> None:
        self.chance = random.Random(seed)
        self.texts = list(texts)
        self.chance.shuffle(self.texts)
        self.docs: list[Doc] = []
        self.pairs: list[tuple[str, str, str, int]] = []

    def doc(self, text: str, title: str, kind: str, cluster: str, site: str | None = None) -> Doc:
        number = len(self.docs)
        site = site or f"site{self.chance.randint(0, 60)}.example"
        made = Doc(f"m{number}", f"https://www.{site}/2026/{number}.html", site, title, text, "", kind, cluster)
        self.docs.append(made)
        return made

    def pair(self, a: Doc, b: Doc, kind: str, label: int) -> None:
        self.pairs.append((a.id, b.id, kind, label))

    def make(self, stories: int, copies: int = 3) -> None:
        long = [(title, text) for title, text in self.texts if len(text.split()) > 90]
        bodies = [text for _, text in long]
        blocks: list[list[Doc]] = []
        for number, (title, text) in enumerate(self.texts[:stories]):
            blocks.append(self._story(f"s{number}", title, text, bodies, copies))
        blocks += self._strangers([(title, text) for title, text in self.texts[stories:] if len(text.split()) > 90])
        self.chance.shuffle(blocks)
        self.docs = [doc for block in blocks for doc in block]

    def _story(self, cluster: str, title: str, text: str, bodies: Sequence[str], copies: int) -> list[Doc]:
        first = self.doc(text, title, "original", cluster)
        block = [first]
        for kind in self.chance.sample(sorted(COPIERS), len(COPIERS)):
            made = COPIERS[kind](text, self.chance, bodies)
            if made and made != text and len(block) <= copies and len(made.split()) >= 25:
                headline = self.chance.choice([title, " ".join(sentences(text)[0].split()[:9])])
                copy = self.doc(made, headline, kind, cluster, None if kind != "live" else first.site)
                if copy.site == first.site:
                    copy = Doc(**{**copy.__dict__, "site": "other.example"})
                    self.docs[-1] = copy
                block.append(copy)
                self.pair(first, copy, f"+{kind}", 1)
        self.chance.shuffle(block)
        return block

    def _strangers(self, long: Sequence[tuple[str, str]]) -> Iterator[list[Doc]]:
        yield from self._filled_templates()
        for _ in range(14):
            for a, b in one_fact_apart(self.chance):
                one, two = (self.doc(t, t[:40], "one_fact", f"f-{t}") for t in (a, b))
                self.pair(one, two, "-one_fact", 0)
                yield [one, two]
        stock = list(long)
        source = cycle(stock[40:])
        yield from self._furnished("furniture", FURNITURE, source, (35, 90), behind=True)
        yield from self._furnished("explainer", EXPLAINERS, source, (60, 200), behind=True)
        yield from self._furnished("opening", OPENINGS, source, (60, 200), behind=False)
        for title, text in stock[:40]:
            parts = paragraphs(text)
            if len(parts) >= 8 and len(text.split()) > 250:
                yield self._follow_up(title, parts)
        for number in range(30):
            notice = FURNITURE[number % 5].split(". ")[0]
            one, two = (
                self.doc(notice, self.chance.choice(stock)[0], "stub", f"n{number}-{i}", "wall.example")
                for i in range(2)
            )
            yield [one, two]

    def _filled_templates(self) -> Iterator[list[Doc]]:
        rows: dict[str, list[Doc]] = {}
        for number in range(24):
            for name, text in templates(self.chance).items():
                doc = self.doc(text, text[:30], "template", f"t-{name}-{number}")
                rows.setdefault(name, []).append(doc)
                block = [doc]
                if number % 6 == 0:
                    copy = self.doc(
                        f"({self.chance.choice(AGENCY)}) {text}",
                        text[:25],
                        "template_copy",
                        doc.cluster,
                        "copying.example",
                    )
                    self.pair(doc, copy, "+template_copy", 1)
                    block.append(copy)
                yield block
        for docs in rows.values():
            for _ in range(40):
                one, two = self.chance.sample(docs, 2)
                self.pair(one, two, "-template", 0)

    def _furnished(
        self,
        kind: str,
        pieces: Sequence[str],
        stock: Iterator[tuple[str, str]],
        words: tuple[int, int],
        *,
        behind: bool,
    ) -> Iterator[list[Doc]]:
        for piece_number, piece in enumerate(pieces):
            docs = []
            for number in range(10):
                title, text = next(stock)
                own = " ".join(text.split()[50 : 50 + self.chance.randint(*words)])
                site = self.chance.choice([f"chain{piece_number}.example", f"chain{piece_number}{number}.example"])
                extra = piece if kind != "furniture" else join([piece, pieces[(piece_number + 1) % 5]])
                body = join([own, extra] if behind else [extra, own])
                docs.append(self.doc(body, title, kind, f"{kind}-{piece_number}-{number}", site))
            for _ in range(12):
                one, two = self.chance.sample(docs, 2)
                self.pair(one, two, f"-{kind}", 0)
            yield from ([doc] for doc in docs)

    def _follow_up(self, title: str, parts: list[str]) -> list[Doc]:
        """Two stories of one event: each its own news, the background the same."""
        a, b, shared = (
            parts[: len(parts) // 3],
            parts[len(parts) // 3 : 2 * len(parts) // 3],
            parts[2 * len(parts) // 3 :],
        )
        size = min(len(join(a)), len(join(b)))
        shared_text = join(shared)[: int(size * self.chance.uniform(0.3, 0.7))]
        one = self.doc(join([*a, shared_text]), title, "follow_up", f"u-a-{title}-{len(self.docs)}")
        two = self.doc(join([*b, shared_text]), title, "follow_up", f"u-b-{title}-{len(self.docs)}")
        self.pair(one, two, "-follow_up", 0)
        return [one, two]
