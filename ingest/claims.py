"""What a page claims in ways meant for machines, read once for all ladders: meta, JSON-LD, microdata.

What is dear waits until a ladder asks: most pages have said enough before it comes to microdata.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ingest import jsonld
from ingest.document import Document, visible
from ingest.jsonld import Node
from ingest.meta_tags import Meta, first, meta_of
from ingest.printed import marked_byline
from ingest.printed_dates import printed_dates

MAX_ITEMS = 200
# Found in one walk: walking the tree once costs 0.15 ms on a page of 3,000 elements, whatever is looked for.
WANTED = ("meta", "link", "script", "title", "h1", "time", "figure")
ITEMS_WANTED = re.compile(r"itemprop=[\"']?(?:\w+ )?(?:[aA]uthor|[dD]ate|[hH]eadline)")  # a look at the text is cheaper
# <div itemscope itemtype=".../Comment"> says something of the comment, not of the article.
SCOPE_OF_ANOTHER = re.compile(r"(?:Comment|Review|WPHeader|WPFooter|WebSite|ImageObject|VideoObject|Product|Event)$")


@dataclass
class Claims:
    """`site` is filled in once the name of the site is known: titles and bylines are read in its light."""

    document: Document
    elements: dict[str, list[Any]]  # those of the tags in WANTED, in order
    meta: Meta
    nodes: list[Node]
    main: Node  # the JSON-LD object of the article
    known: dict[str, Node]  # `@id` -> JSON-LD object
    site: set[str] = field(default_factory=set)

    @property
    def tree(self) -> Any:
        return self.document.tree

    @property
    def url(self) -> str:
        return self.document.url

    def first(self, *names: str) -> str | None:
        return first(self.meta, *names)

    @cached_property
    def items(self) -> dict[str, list[Any]]:
        """Microdata: lower-case property -> elements in order, those of comments, pictures and products left out."""
        found: dict[str, list[Any]] = {}
        if not ITEMS_WANTED.search(self.document.text):
            return found
        for element in self.tree.xpath("//*[@itemprop][not(self::meta[ancestor::head])]")[:MAX_ITEMS]:
            if not belongs_to_another(element):
                for name in element.get("itemprop").lower().split():
                    found.setdefault(name, []).append(element)
        return found

    @cached_property
    def headline(self) -> Any | None:
        """The <h1> over the text; where all are in menus and trails, the first of them; None on a page without one."""
        headlines = [element for element in self.elements["h1"][:5] if visible(element, 10)]
        in_menu = (next(one.iterancestors("nav", "li", "footer", "aside"), None) is not None for one in headlines)
        return next(
            (one for one, menu in zip(headlines, in_menu, strict=True) if not menu), next(iter(headlines), None)
        )

    @cached_property
    def printed_dates(self) -> list[tuple[str, str]]:
        """(text, "published" or "modified") for the dates near the headline."""
        return printed_dates(self.headline) if self.headline is not None else []

    @cached_property
    def marked_byline(self) -> list[str]:
        """Names in the first place that is marked as a byline: in the headline's <article> or <main>, else anywhere."""
        above = [*self.headline.iterancestors("article", "main")] if self.headline is not None else []
        return (marked_byline(above[-1]) if above else []) or marked_byline(self.tree)

    def item_texts(self, *names: str) -> Iterator[str]:
        """What the elements of a microdata property say: their content, moment, or visible text."""
        for name in names:
            for element in self.items.get(name, ()):
                text = element.get("content") or element.get("datetime") or visible(element, 500)
                if text.strip():
                    yield text


def claims_of(document: Document) -> Claims:
    """The claims of a page that has a tree. The tree is only read."""
    elements: dict[str, list[Any]] = {tag: [] for tag in WANTED}
    add = {tag: found.append for tag, found in elements.items()}
    tree: Any = document.tree
    for element in tree.iter(*WANTED):
        add[element.tag](element)
    nodes = jsonld.load(elements["script"])
    main, known = jsonld.main_node(nodes, document.url), jsonld.references(nodes)
    return Claims(document, elements, meta_of(elements["meta"]), nodes, main, known)


def belongs_to_another(element: Any) -> bool:
    """Whether a property is said of something else than the article."""
    scope = next((a for a in element.iterancestors() if a.get("itemscope") is not None), None)
    return scope is not None and SCOPE_OF_ANOTHER.search(scope.get("itemtype") or "") is not None
