"""<meta> elements: what publishers tell other machines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ingest.jsonld import plain

MAX_META = 1_000
MAX_CHARS = 5_000

Meta = dict[str, list[str]]


def meta_of(elements: Iterable[Any]) -> Meta:
    """<meta> elements: lower-case property, name or itemprop -> contents in order."""
    found: Meta = {}
    for count, element in enumerate(elements):
        value = element.get("content")
        if value and value.strip():
            for attribute in ("property", "name", "itemprop"):
                if name := element.get(attribute):
                    found.setdefault(name.strip().lower(), []).append(value.strip()[:MAX_CHARS])
        if count > MAX_META:
            break
    return found


def first(meta: Meta, *names: str) -> str | None:
    """The first value under the first of the names that is there."""
    return next((plain(meta[name][0]) for name in names if name in meta), None)


def source_of(name: str) -> str:
    """The word for provenance: OpenGraph (article: is part of it) or any other."""
    return "og" if name.startswith(("og:", "article:")) else "meta"
