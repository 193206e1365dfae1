"""The headline: which of the titles that a page gives itself is the one over its text.

A page has up to four: one for readers (printed, mostly in <h1>), one in JSON-LD, one for social networks (og:title)
and one for search engines (<title>), and they differ on a third of all pages. The rules, measured on 115 pages:

1. What two of the printed headline, JSON-LD and OpenGraph agree on.
2. Printed means: in an <h1> that is neither a logo nor the last step of a breadcrumb trail. Where the only <h1> is in
   the trail (it holds the title for search engines there) the <h2> over the text is the printed headline.
3. A kicker that has its own element in the printed headline goes, unless only the headline with it agrees with another
   witness: then the publisher counts it in ("Patents: Court halts sale").
4. Where nobody agrees: the printed headline without its kicker, if another title ends with it; JSON-LD; then whichever
   the window's title begins with.
5. A title cut short ("…") yields to the witness that begins with the same words and goes on.
6. The name of the site is taken off at either end, and so is the name of the section, where another witness shows the
   title without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from ingest.claims import Claims
from ingest.document import comparable
from ingest.jsonld import plain

Titles = list[tuple[str, str]]  # (source, title)

META_TITLE = ("og:title", "twitter:title", "headline", "dc.title", "parsely-title", "sailthru.title", "citation_title")
TITLE_SEPARATOR = re.compile(r"\s+[|–—·»•-]\s+|\s*[|｜ㅣ]\s*|\s+::\s+")
SECTION_BEHIND = re.compile(r"\s*[|｜ㅣ:–—-]\s*[^\W\d_]{1,12}\s*$")
KICKER_CLASS = re.compile(
    r"kicker|over-?line|top-?line|roof-?line|eye-?brow|dach-?zeile|spitzmarke|pre-?(?:title|head)|super-?(?:title|head)|"
    r"antetitulo|volanta|occhiello|sur-?titre|catch|(?:^|[\s_-])(?:section|category|label|rubrik|topic)(?=$|[\s_-])",
    re.I,
)
ONLY_A_SIGN = re.compile(r"^\s*[:|–—/-]\s*$")
CUT = re.compile(r"\s*(?:\.\.\.|…)\s*$")
SILENT = frozenset(("style", "script", "svg", "noscript", "template"))
TRAIL_TAGS = frozenset(("nav", "ol", "ul", "li"))
ELSEWHERE = frozenset(("aside", "footer", "dialog"))
MAX_HEADINGS = 12
LONG = 100  # characters: JSON-LD headlines were long held to 110 and cut there


def titles(claims: Claims) -> Iterator[tuple[str, str | None]]:
    """Candidates in order of trust."""
    texts = [("json-ld", plain(claims.main.get("headline"), 500)), ("og", claims.first("og:title"))]
    others = whole([(source, without_site(text, claims.site)) for source, text in texts if text])
    printed: list[Titles] = []
    for forms in headings(claims):
        printed.append(forms)
        others = with_cut_ones_whole(others, forms)
        yield from without_section(agreed(forms, others), claims)
    if len(others) == 2 and comparable(others[0][1]) == comparable(others[1][1]):
        yield others[0]
    yield from endings(printed, others)
    window = window_title(claims)
    yield from without_section(unsupported(printed, others, window), claims)
    for name in META_TITLE:
        yield "meta", without_site(claims.first(name) or "", claims.site)
    yield from (("microdata", text) for text in claims.item_texts("headline"))
    yield "json-ld", plain(claims.main.get("name"), 500)
    yield (
        "h1",
        next((text for one in claims.elements["h1"] if (text := heading_text(one)) and begins(window, text)), None),
    )
    yield "title", window


def window_title(claims: Claims) -> str:
    """<title> without the site's name."""
    titles = claims.elements["title"]
    element = next((one for one in titles if one.getparent().tag == "head"), titles[0] if titles else None)
    return without_site(heading_text(element) if element is not None else "", claims.site)


def agreed(forms: Titles, others: Titles) -> Iterator[tuple[str, str]]:
    """What a printed headline and another witness say; spelled as most do: what is printed may lack the colon."""
    for source, text in forms:
        key = comparable(text)
        same = [other for other in others if comparable(other[1]) == key]
        if same:
            spellings = [*(said for _, said in same), text]
            origin = "json-ld" if same[0][0] == "json-ld" else source
            yield origin, max(spellings, key=spellings.count)


def endings(printed: list[Titles], others: Titles) -> Iterator[tuple[str, str]]:
    """The printed headline without its kicker, where another title ends with it: its kicker is another one there."""
    for forms in printed:
        key = comparable(forms[0][1])
        if len(forms) > 1 and len(key) > 20 and any(comparable(text).endswith(key) for _, text in others):
            yield forms[0]


def unsupported(printed: list[Titles], others: Titles, window: str) -> Titles:
    """Where nobody agrees. A logo in <h1> does not begin the window's title; a headline does."""
    alone = [forms[0] for forms in printed if forms[0][0] == "h1"][:1]  # an <h2> could be any
    if others and others[0][0] == "json-ld":
        return others[:1] + alone + others[1:]
    return sorted(alone + others, key=lambda title: not begins(window, title[1]))


def whole(titles: Titles) -> Titles:
    """Without titles that are cut short where another goes on."""
    return [title for title in titles if not any(goes_on(title[1], text) for _, text in titles)]


def goes_on(title: str, other: str) -> bool:
    """Whether a title was cut short and the other has the rest."""
    if len(title) < LONG and not CUT.search(title):
        return False
    key, longer = comparable(CUT.sub("", title)), comparable(other)
    return len(key) > 20 and len(longer) > len(key) and longer.startswith(key) and not CUT.search(other)


def without_section(found: Iterable[tuple[str, str]], claims: Claims) -> Iterator[tuple[str, str]]:
    """The titles, without one word behind a dash where a meta tag or <title> shows them without it."""
    for source, text in found:
        bare = SECTION_BEHIND.sub("", text)
        if (
            bare != text
            and len(bare) > 20
            and any(claims.first(n) == bare for n in ("headline", "twitter:title", "title"))
        ):
            text = bare
        yield source, text


# --- what is printed --------------------------------------------------------------------------------------------------


def headings(claims: Claims) -> Iterator[Titles]:
    """The headlines printed on the page, in order; of each its forms, without the kicker and with it.

    Those over the text; where there are none, the <h2> and then what stands in the breadcrumb trail.
    """
    trail: list[Titles] = []
    in_text = False
    for element in claims.elements["h1"][:MAX_HEADINGS]:
        where = place_of(element, claims)
        if where in ("text", "trail") and (forms := forms_of(element)) and not names_site(forms[0], claims.site):
            titles = [("h1", without_site(form, claims.site)) for form in forms]
            in_text = in_text or where == "text"
            if where == "text":
                yield titles
            else:
                trail.append(titles)
    if trail and not in_text:
        for element in islice(claims.tree.iter("h2"), MAX_HEADINGS):
            if place_of(element, claims) == "text" and (forms := forms_of(element)):
                yield [("h2", form) for form in forms]
        yield from trail


def with_cut_ones_whole(others: Titles, forms: Titles) -> Titles:
    """A title that is cut short gives way to the headline on the page that goes on."""
    return [next((form for form in forms if goes_on(text, form[1])), (source, text)) for source, text in others]


def place_of(element: Any, claims: Claims) -> str:
    """Where a heading stands: "text", "trail" (breadcrumbs, a menu), "logo", "elsewhere"."""
    if "breadcrumb" in (element.get("class") or "").lower():
        return "trail"
    for count, above in enumerate(element.iterancestors()):
        if above.tag in ELSEWHERE:
            return "elsewhere"
        if above.tag == "a" and is_front_page(above.get("href") or "", claims):
            return "logo"
        if count < 6 and (above.tag in TRAIL_TAGS or "breadcrumb" in (above.get("class") or "").lower()):
            return "trail"
    link = element.find(".//a")
    return "logo" if link is not None and is_front_page(link.get("href") or "", claims) else "text"


def is_front_page(address: str, claims: Claims) -> bool:
    """Whether a link leads to the front page: what it stands around is a logo."""
    path = re.sub(r"^https?://[^/]+", "", address.strip())
    return bool(address) and path in ("", "/", "/index.html", "/index.php") and not address.startswith("#")


def forms_of(element: Any) -> list[str]:
    """A heading without its kicker, if it has one, and with it."""
    text = heading_text(element)[:500]
    if len(text) <= 3:
        return []
    bare = without_kicker(element)
    if not bare or bare == text:
        return [text]
    kicker = text[: text.find(bare)].strip() if bare in text else ""
    joined = text if not kicker or not kicker[-1:].isalnum() else f"{kicker}: {bare}"
    return [bare, joined]


def heading_text(element: Any) -> str:
    """The text of a heading in one line, without styles and scripts that stand in it."""
    if not len(element):
        return " ".join((element.text or "").split())
    pieces = [element.text or ""]
    for child in element:
        if child.tag not in SILENT:
            pieces.append("".join(child.itertext()) if not has_silent(child) else heading_text(child))
        pieces.append(child.tail or "")
    return " ".join("".join(pieces).split())


def has_silent(element: Any) -> bool:
    return next(element.iter(*SILENT), None) is not None


def without_kicker(element: Any) -> str | None:
    """The heading behind its first child, where that is a kicker by its class, its sign or the way it is set."""
    while len(element) == 1 and not (element.text or "").strip() and not (element[0].tail or "").strip():
        element = element[0]
    children = [child for child in element if child.tag not in SILENT and isinstance(child.tag, str)]
    if not children or (element.text or "").strip():
        return None
    first_child = children[0]
    kicker = heading_text(first_child)
    rest = rest_of(element, first_child)
    if not kicker or len(rest) < 8 or len(kicker) > 80:
        return None
    marked = KICKER_CLASS.search(f"{first_child.get('class') or ''} {first_child.get('data-cy') or ''}") is not None
    signed = len(children) > 1 and ONLY_A_SIGN.match(heading_text(children[1])) is not None
    tail = first_child.tail or (heading_text(children[1]) if len(children) > 1 else "")
    glued = kicker[-1:].isalnum() and tail[:1].isupper()  # "LocalBridge reopens": set apart by the style sheet
    return rest if marked or signed or glued else None


def rest_of(element: Any, first_child: Any) -> str:
    """What stands behind the first child, without the sign between."""
    pieces = [first_child.tail or ""]
    for sibling in first_child.itersiblings():
        if sibling.tag not in SILENT:
            pieces += [heading_text(sibling), sibling.tail or ""]
    return " ".join("".join(pieces).split()).lstrip(" :|–—/-")


# --- the name of the site ---------------------------------------------------------------------------------------------


def begins(shown: str, title: str) -> bool:
    """Whether a window's title starts with a headline."""
    return comparable(shown).startswith(comparable(title)[:60] or "\0")


def without_site(title: str, site: set[str]) -> str:
    """The title without the name of the site behind it (or before it)."""
    for _ in range(3):
        parts = list(TITLE_SEPARATOR.finditer(title))
        if not parts:
            break
        last, head = parts[-1], parts[0]
        if names_site(title[last.end() :], site) and last.start() > 8:
            title = title[: last.start()]
        elif names_site(title[: head.start()], site) and len(title) - head.end() > 8:
            title = title[head.end() :]
        else:
            break
    return title.strip()


def site_keys(site: str | None, host: str) -> set[str]:
    """What a site may be called: its name, its host and the parts of that."""
    return {comparable(site).replace(" ", ""), *host.split("."), host, host.removeprefix("www.")} - {
        "",
        "com",
        "www",
        "co",
    }


def names_site(text: str, keys: set[str]) -> bool:
    """Whether a piece of a title is the site's name: "The Guardian", "Golem.de"."""
    key, domain = comparable(text).replace(" ", ""), text.strip().casefold()
    bare = key.removeprefix("the")
    return domain in keys or any(key == site or bare == site.removeprefix("the") for site in keys if len(site) > 1)
