"""The headline, without the name of the site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ingest.document import comparable, visible
from ingest.jsonld import Node, plain
from ingest.meta_tags import Meta, first

META_TITLE = ("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title", "citation_title")
TITLE_SEPARATOR = re.compile(r"\s+[|–—·»•-]\s+|\s*[|｜ㅣ]\s*|\s+::\s+")


def titles(tree: Any, meta: Meta, main: Node, site: set[str]) -> Iterator[tuple[str, str | None]]:
    """Candidates: what two of JSON-LD, <h1> and OpenGraph agree on; the first of them; other tags; <title>."""
    h1 = next((text for element in tree.iter("h1") if (text := visible(element, 500)) and len(text) > 3), None)
    stated = [("json-ld", plain(main.get("headline"), 500)), ("h1", h1), ("og", first(meta, "og:title"))]
    known = [(source, without_site(text, site)) for source, text in stated if text]
    keys = [comparable(text) for _, text in known]
    yield from (title for title, key in zip(known, keys, strict=True) if keys.count(key) > 1)
    element = tree.find(".//head/title")
    shown = visible(element, 500) if element is not None else ""
    # A logo in <h1> does not begin the window's title; a headline does.
    yield from known if known and known[0][0] == "json-ld" else sorted(known, key=lambda t: not begins(shown, t[1]))
    yield "meta", first(meta, *META_TITLE)
    yield "title", without_site(shown, site)


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
