"""Who wrote it: the ladder of witnesses for the authors.

1. JSON-LD `author`, else `creator`; 2. meta tags, those whose name says "author" before the "Written by" labels of
social cards; 3. microdata; 4. the byline printed on the page: marked as one, else a line near the headline that begins
with "By"; 5. the first line of the text, where it is nothing but a name.

The publisher is an author only where no person is named anywhere. So a witness that names nobody but the site, an
organisation that is no news agency, or the account of the house ("/author/admin/") is put aside until all others have
been asked; beside people the site's name is left out. An agency that is named further down is where the house has it
from: it does not take the house's place. The first witness that names people decides alone: witnesses are
not added up, because they spell names differently and the later ones know less.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ingest import byline, jsonld
from ingest.agencies import is_agency
from ingest.claims import Claims
from ingest.headline import names_site
from ingest.meta_tags import source_of
from ingest.printed import are_near, first_line, lines_of, spoken_byline

META_AUTHOR = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl",
               "byline", "authors", "article:author_name", "citation_author", "cxenseparse:author",
               "twitter:misc:written by")  # fmt: skip
CALLED_AUTHOR = re.compile(r"(?<![a-z])(?:article)?_?authors?(?:[_.-]?names?)?$")
OF_ANOTHER_THING = re.compile(r"smartbanner|image|photo|video|copyright|comment|app\b")
WRITTEN_BY = re.compile(r"^(?:written by|(?:geschrieben|verfasst) von|écrit par|escrito por|scritto da|geschreven door|"
                        r"skrev(?:et|ni)? av|napisane przez|yazan|автор|作者)$", re.I)  # fmt: skip
HOUSE_ACCOUNT = re.compile(
    r"/(?:admin|administrator|editor|editors|webmaster|newsroom|newsdesk|redaktion|redaccion|redacao|"
    r"redazione|redaction|"
    r"staff|web|online)/?$",
    re.I,
)


def authors(claims: Claims) -> Iterator[tuple[str, list[str]]]:
    """Candidates in order of trust."""
    in_json_ld = of_json_ld(claims)
    house = [("json-ld", split_all(text for text, is_person in in_json_ld if not is_person))]
    for source, names in stated(claims, in_json_ld):
        people = people_among(names, claims.site)
        has_house = any(named for _, named in house)
        if people and not (has_house and all(map(is_agency, people))):
            yield source, people
        elif names:
            house.append((source, names))
    known = {name for _, named in house for name in named}
    for source, names in printed(claims, has_house=bool(known)):
        people = [name for name in people_among(names, claims.site) if name not in known]
        if not (known and all(map(is_agency, people))):
            yield source, people
    yield from house[1:] + house[:1]
    yield "page", claims.marked_byline


def people_among(names: list[str], site: set[str]) -> list[str]:
    """The names without the site's, which may also stand behind one: "Kevin McCoy USA TODAY"."""
    found = []
    for name in names:
        words = name.split()
        behind = next((n for n in (3, 2, 1) if len(words) - n >= 2 and names_site(" ".join(words[-n:]), site)), 0)
        if not names_site(name, site):
            found.append(" ".join(words[: len(words) - behind]))
    return byline.unique(found)


def stated(claims: Claims, in_json_ld: list[tuple[str, bool]]) -> Iterator[tuple[str, list[str]]]:
    """What the page tells machines."""
    yield "json-ld", split_all(text for text, is_person in in_json_ld if is_person)
    for key in META_AUTHOR:
        if key in claims.meta and not (key == "parsely-author" and all(" " not in name for name in claims.meta[key])):
            yield source_of(key), split_all(claims.meta[key])
    for key in claims.meta:
        if key not in META_AUTHOR and "author" in key and CALLED_AUTHOR.search(key) and not OF_ANOTHER_THING.match(key):
            yield source_of(key), split_all(claims.meta[key])
    for number in "1234":
        if WRITTEN_BY.match(claims.first(f"twitter:label{number}") or ""):
            yield "meta", split_all(claims.meta.get(f"twitter:data{number}", []))


def printed(claims: Claims, *, has_house: bool) -> Iterator[tuple[str, list[str]]]:
    """What the page shows readers; where it names the house for an author the first line of the text is looked at."""
    yield "microdata", split_all(of_microdata(claims))
    yield "page", claims.marked_byline
    if claims.headline is not None:
        yield "page", spoken_byline(claims.headline)
        yield "page", first_line(claims.headline) if has_house else []


def of_json_ld(claims: Claims) -> list[tuple[str, bool]]:
    """(name as stated, whether it may be a person) for every author of the JSON-LD article."""
    found = []
    values = claims.main.get("author") or claims.main.get("creator")
    for value in values if isinstance(values, list) else [values]:
        node = value if isinstance(value, dict) else {}
        if isinstance(node.get("@id"), str):
            node = claims.known.get(node["@id"], node) | node
        named = jsonld.names(value, claims.known)
        found += [(name, not is_house(node) or is_agency(name)) for name in named]
    return found


def is_house(node: jsonld.Node) -> bool:
    """Whether an author is an organisation or the account under which the house itself publishes."""
    if jsonld.types_of(node) & {"Organization", "NewsMediaOrganization", "Corporation"}:
        return True
    return any(HOUSE_ACCOUNT.search(value) for key in ("url", "@id") if isinstance(value := node.get(key), str))


def of_microdata(claims: Claims) -> Iterator[str]:
    """itemprop=author: the name inside it, else its text. Those that stand far from the first are of teasers."""
    elements = claims.items.get("author", [])[:10]
    for element in elements:
        if element is elements[0] or are_near(elements[0], element):
            inner = element.xpath(".//*[@itemprop='name']")[:1]
            for one in inner or [element]:
                yield one.get("content") or lines_of(one, 200)


def split_all(texts: Iterable[str]) -> list[str]:
    """The names in several bylines, each once."""
    return byline.unique(name for text in texts for name in byline.split_names(text))
