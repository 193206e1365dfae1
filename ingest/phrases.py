"""Words that publishers put around their articles, in the languages we know of.

Regular expressions for whole lines; compared without case. A new language is a new line here.
"""

from __future__ import annotations

import re

# Heads of lists of other articles that belong to the story.
RELATED = (
    r"more on this(?: (?:story|topic))?|read (?:more|next|also)|see also|also (?:read|see)|further reading|up next|"
    r"related(?: (?:stories|articles|content|topics|coverage|news|links|posts|reading))?|more from .{1,40}|"
    r"you (?:may|might) also (?:like|be interested in)|recommended(?: (?:stories|for you|reading))?|don['’]t miss|"
    r"mehr zum thema|lesen sie (?:auch|mehr|hier)|das könnte sie (?:auch )?interessieren|auch interessant|"
    r"weitere (?:artikel|themen|nachrichten)|verwandte (?:artikel|themen)|"
    r"(?:à|a) lire (?:aussi|également)|lire (?:aussi|également)|sur le même sujet|voir aussi|articles liés|"
    r"(?:(?:te|le) )?puede interesar|lee también|más (?:información|noticias|sobre .{1,40})|relacionad[oa]s?|"
    r"(?:te|le) puede interesar|noticias relacionadas|también te puede interesar|"
    r"leggi anche|potrebbe interessarti|articoli correlati|lees ook|meer over .{1,40}|"
    r"läs (?:också|mer|även)|les også|læs også|lue myös|"
    r"leia (?:também|mais)|veja também|czytaj (?:też|także|również)|zobacz (?:też|także|również)|čtěte (?:také|více)|"
    r"читайте также|по теме|関連記事|関連ニュース|관련 ?기사|相关(?:新闻|阅读|文章)|ilgili haberler"
)
# Heads of boxes that belong to the site.
OTHER_BOXES = (
    r"most (?:viewed|read|popular|shared|commented|watched)|trending(?: now)?|popular (?:now|stories)|top stories|"
    r"latest (?:news|stories)|editors['’] picks|explore more on these topics|comments?|leave a (?:comment|reply)|"
    r"newsletters?|sign up (?:to|for) .{1,80}|subscribe(?: (?:to|now) .{0,60})?|advertisement|sponsored(?: content)?|"
    r"meistgelesen(?:e artikel)?|meist gelesen|am meisten gelesen|kommentare|anzeige|"
    r"les plus lus|plus lus|commentaires|publicité|lo más (?:leído|visto)|comentarios|publicidad|(?:i )?più letti|"
    r"meest gelezen|mest lästa|mest läst|mest lest|najpopularniejsze|популярное|"
    r"アクセスランキング|人気記事|많이 본 뉴스"
)
# Paragraphs that are the page's, not the article's.
NOISE = (
    r"advertisement|anzeige|werbung|publicité|publicidad|pubblicità|loading\.{0,3}|reuse this content|getty images|"
    r"story continues below(?: advertisement)?|article continues (?:below|after ad).{0,30}|file photo|"
    r"share(?: (?:this|on|via) .{0,40})?|follow us on .{1,60}|skip (?:advertisement|to .{1,40})|"
    r"sign up (?:for|to) .{1,140}newsletters?.{0,60}|image source.{0,60}|all rights reserved\.?|"
    r"copyright ©?.{0,100}|© ?\d{4}.{0,100}"
)
# The beginning of a paragraph that only points to another article.
POINTER = (
    r"also read|read (?:also|more|next)|see also|related|lesen sie (?:auch|mehr|hier)|mehr zum thema|lee también|"
    r"(?:à|a) lire (?:aussi|également)|lire (?:aussi|également)|leggi anche|lees ook|läs (?:också|mer|även)|les også|"
    r"læs også|leia (?:também|mais)|czytaj (?:też|także|również)|читайте также"
)
# What a text browser prints before the page begins.
SKIP_LINKS = (
    r"(?:skip to (?:main )?(?:content|navigation|search|footer)\W*)+|"
    r"zum inhalt springen|aller au contenu|saltar al contenido"
)


def whole(phrases: str) -> re.Pattern[str]:
    """A pattern for lines that are one of the phrases and nothing else (to be used with fullmatch)."""
    return re.compile(rf"\W*(?:{phrases})\W*", re.I)


RELATED_HEADING = whole(RELATED)
DROPPED_HEADING = whole(OTHER_BOXES)
NOISE_LINE = whole(NOISE)
SKIP_LINE = whole(SKIP_LINKS)
POINTER_LINE = re.compile(rf"\W*(?:{POINTER})\s*[:：|>»–—-].{{5,220}}", re.I | re.S)

# How those headings begin: tells in passing that an element is none of them.
HEADING_STARTS = frozenset((
    "mo", "re", "se", "al", "fu", "up", "yo", "do", "me", "le", "da", "au", "we", "ve", "à ", "a ", "li", "su", "vo",
    "ar", "te", "pu", "lo", "má", "no", "ta", "po", "lä", "læ", "lu", "zo", "cz", "čt", "чи", "по", "il",
    "tr", "to", "la", "ed", "ex", "co", "ne", "si", "ad", "sp", "am", "ko", "an", "pl", "i ", "pi", "na",
    "アク", "人気", "많이", "関連", "관련", "相关",
))  # fmt: skip
