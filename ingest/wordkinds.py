"""Words that are facts though they are written small: numbers, days, months, and which way it went.

In a brief, "two hurt" and "three hurt", "rose" and "fell" are other news. Names tell themselves by their capital.
"""

from __future__ import annotations

from ingest.months import MONTH_NAMES

_NUMBERS = """
one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred first second third
fourth fifth sixth
eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig hundert erste zweite dritte vierte
deux trois quatre cinq sept huit neuf dix onze douze vingt trente cent premier deuxième troisième quatrième
dos tres cuatro cinco seis siete ocho nueve diez once doce veinte treinta cien primera segundo tercera cuarto
due tre quattro cinque sei sette otto nove dieci dodici venti trenta cento
dois duas três quatro oito dez doze vinte trinta cem
twee drie vijf zes zeven negen tien två fyra fem sex sju åtta nio tio dwa trzy cztery pięć sześć
два две три четыре пять шесть семь восемь девять десять двое трое двоих троих
ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة اثنين
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
rose fell rises falls up down higher lower gained lost won lose wins loses beat missed increase decrease increased
decreased climbed dropped raised cut gains losses man woman boy girl men women male female morning evening afternoon
north south east west northern southern eastern western
stieg fiel steigt fällt gewann verlor gewinnt verliert höher niedriger plus minus mann frau mehr weniger nord süd
hausse baisse gagné perdu monté homme femme hombre mujer sube baja subió bajó ganó perdió uomo donna sale scende
homem mulher subiu caiu ganhou perdeu steg föll vann förlorade man kvinna вырос упал мужчина женщина выросли упали
"""
NUMBER_WORDS = frozenset(
    word.casefold()
    for words in (_NUMBERS, _DAYS, _WAYS, *MONTH_NAMES)
    for word in words.split()
    if word not in ("may", "mars", "mart", "second", "sept", "sex", "mai")
)


def is_number_word(folded: str) -> bool:
    """Whether a word, folded, can be the one fact in which two briefs differ."""
    return folded in NUMBER_WORDS
