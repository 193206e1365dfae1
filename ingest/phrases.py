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
    r"читайте также|по теме|ilgili haberler|related:?|background(?: reading)?|hintergrund|dossier|"
    r"über dieses thema|mehr aus .{1,30}|dans la même rubrique|nos derniers articles|noticias relacionadas|"
    r"te recomendamos|ti potrebbe interessare|vedi anche|"
    r"saiba mais|leia mais(?: sobre .{1,30})?|notícias relacionadas|gerelateerd(?: nieuws)?|"
    r"lees meer(?: over .{1,30})?|polecamy|przeczytaj także|czytaj więcej|"
    r"читайте также|по теме|похожие (?:материалы|новости)|читайте також|за темою|あわせて読みたい|"
    r"関連(?:する)?(?:記事|ニュース|リンク)|こちらもおすすめ|おすすめ記事|相关(?:新闻|阅读|文章|推荐|报道)|"
    r"相關(?:新聞|閱讀|報導)|延伸閱讀|推荐阅读|관련 ?(?:기사|뉴스)|"
    r"اقرأ أيضاً?ا?|مواضيع ذات صلة|أخبار ذات صلة|קראו גם|כתבות נוספות|עוד בנושא|مطالب مرتبط|بیشتر بخوانید|"
    r"ilgili haberler|bunlar da ilginizi çekebilir|διαβάστε (?:ακόμ[αη]|επίσης)|σχετικά(?: άρθρα)?|"
    r"tin liên quan|xem thêm|ข่าวที่เกี่ยวข้อง|อ่านเพิ่มเติม|संबंधित (?:खबरें|समाचार)|यह भी पढ़ें|"
    r"इसे भी पढ़ें|"
    r"notas relacionadas|nota relacionada|(?:te |le )?recomendamos|ver también|vea (?:también|además)|"
    r"en esta nota|artigos relacionados"
)
# Heads of boxes that belong to the site.
OTHER_BOXES = (
    r"most (?:viewed|read|popular|shared|commented|watched)|trending(?: now)?|popular (?:now|stories)|top stories|"
    r"latest (?:news|stories)|editors['’] picks|explore more on these topics|comments?|leave a (?:comment|reply)|"
    r"newsletters?|sign up (?:to|for) .{1,80}|subscribe(?: (?:to|now) .{0,60})?|advertisement|sponsored(?: content)?|"
    r"meistgelesen(?:e artikel)?|meist gelesen|am meisten gelesen|kommentare|anzeige|"
    r"les plus lus|plus lus|commentaires|publicité|lo más (?:leído|visto)|comentarios|publicidad|(?:i )?più letti|"
    r"meest gelezen|mest lästa|mest läst|mest lest|najpopularniejsze|популярное|"
    r"アクセスランキング|人気記事|많이 본 뉴스|"
    r"comments? \(?\d.{0,10}|(?:our|the) (?:most|top) .{3,30}|tags?:?|topics|in this (?:article|story)|"
    r"more (?:news|stories|top stories)|what to read next|"
    r"beliebt(?:e artikel)?|neueste(?: (?:artikel|nachrichten))?|schlagworte|themen|diskussion|"
    r"les plus (?:lus|commentés|partagés)|à la une|mots-clés|réagir|más noticias|lo último|etiquetas|"
    r"ultime notizie|i più letti|commenti|argomenti|mais lidas|últimas notícias|comentários|assuntos|"
    r"net binnen|populair|reacties|najczęściej czytane|najnowsze|komentarze|tagi|самое (?:читаемое|"
    r"популярное)|последние новости|новости партн[её]ров|комментарии|теги|найпопулярніше|останні новини|"
    r"(?:アクセス|人気)?ランキング|人気記事(?:ランキング)?|新着(?:記事|ニュース)?|最新ニュース|"
    r"よく読まれている記事|热门(?:文章|新闻|推荐)?|熱門(?:新聞|文章)?|最新(?:新闻|消息|文章)|排行榜|"
    r"많이 ?본 ?(?:뉴스|기사)|인기 ?(?:기사|뉴스)|최신 ?(?:기사|뉴스)|실시간 .{1,10}|"
    r"الأكثر (?:قراءة|مشاهدة)|آخر الأخبار|الأكثر شعبية|הנצפות ביותר|הכי נקראות|پربازدیدترین.{0,10}|"
    r"آخرین اخبار|en çok okunan(?:lar)?|son (?:dakika|haberler)|yorumlar|δημοφιλή|τελευταία νέα|"
    r"đọc nhiều(?: nhất)?|tin mới(?: nhất)?|bình luận|ข่าวยอดนิยม|ข่าวล่าสุด|ความคิดเห็น|"
    r"सबसे ज्यादा पढ़े गए|ताजा खबरें|लोकप्रिय|टिप्पणियाँ"
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
    r"læs også|leia (?:também|mais)|veja (?:também|mais)|saiba mais|czytaj (?:też|także|również)|zobacz (?:też|także)|"
    r"читайте (?:также|також|ещё)|смотрите также|(?:te|le) (?:puede|podría) interesar|pued[ae]s? (?:ver|leer)|"
    r"vea también|ver también|mira(?: también)?|lea (?:también|además|más)|leer? (?:también|más)|más información|"
    r"no te pierdas|watch|don['’]t miss|must[- ]read|up next|more|mehr(?: dazu)?|auch interessant|siehe auch|"
    r"das könnte sie auch interessieren|voir aussi|sur le même sujet|potrebbe interessarti|vedi anche|"
    r"lees (?:meer|verder)|se også|se även|lue (?:myös|lisää)|čtěte (?:také|více)|olvassa? (?:el )?(?:még|továbbá)"
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
