"""Words that are facts though they are written small: numbers, days, months, and which way it went.

In a brief, "two hurt" and "three hurt", "rose" and "fell" are other news. Names tell themselves by their capital.
"""

from __future__ import annotations

from ingest.months import MONTH_NAMES
from ingest.spelling import folded

# From two to twelve, in en de fr es it pt nl sv pl ru ar; "-" where the word says something else in another language.
_COUNTED = """
two three four five six seven eight nine ten eleven twelve
zwei drei vier fünf sechs sieben acht neun zehn elf zwölf
deux trois quatre cinq six - huit neuf dix - douze
dos tres cuatro cinco seis siete ocho nueve diez - doce
- tre quattro cinque - sette otto nove dieci undici dodici
dois três quatro cinco seis sete oito nove dez onze doze
twee drie vier vijf zes zeven acht negen tien elf twaalf
två tre fyra fem - sju åtta nio tio elva tolv
dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście
два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать
اثنين ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة - -
"""
_NUMBERS = """
one twenty thirty forty fifty hundred first second third fourth fifth sixth
eins zwanzig dreißig hundert erste zweite dritte vierte vingt trente cent premier deuxième troisième quatrième
veinte treinta cien primera segundo tercera cuarto venti trenta cento vinte trinta cem twintig dertig tjugo trettio
двое трое двоих троих двух трёх четырёх пяти
"""
_DAYS = """
monday tuesday wednesday thursday friday saturday sunday
montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo
lunedì martedì mercoledì giovedì venerdì sabato domenica segunda terça quarta quinta sexta
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag måndag tisdag onsdag torsdag fredag lördag söndag
понедельник вторник среду четверг пятницу субботу воскресенье
الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد
"""
_WAYS = """
rose fell rises falls soared surged jumped climbed gained advanced plunged slumped tumbled slid declined lowered
up down higher lower lost won lose wins loses beat missed increase decrease increased decreased dropped raised cut
gains losses man woman boy girl men women male female morning evening afternoon
north south east west northern southern eastern western
stieg fiel steigt fällt gewann verlor gewinnt verliert höher niedriger plus minus mann frau mehr weniger nord süd
hausse baisse gagné perdu monté homme femme hombre mujer sube baja subió bajó ganó perdió uomo donna sale scende
homem mulher subiu caiu ganhou perdeu steg föll vann förlorade man kvinna вырос упал мужчина женщина выросли упали
"""
_COMMON = frozenset(["may", "mars", "mart", "second", "sept", "sex", "mai", "once", "sale", "maj", "maja", "marta"])
VALUES = {
    folded(word): str(value) for row in _COUNTED.split("\n") for value, word in enumerate(row.split(), 2) if word != "-"
}
NUMBER_WORDS = (
    frozenset(folded(word) for words in (_NUMBERS, _DAYS, _WAYS, *MONTH_NAMES) for word in words.split()) - _COMMON
)


def is_number_word(word: str) -> bool:
    """Whether a word, folded, can be the one fact in which two briefs differ."""
    return word in NUMBER_WORDS
