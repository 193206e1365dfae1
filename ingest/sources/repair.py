"""Feeds that are none as they stand, repaired as far as lxml goes: broken markup, and RSS in a namespace of its own."""

from __future__ import annotations

from lxml import etree

MAX_REPAIRED = 2_000_000  # characters
PARSER_OPTIONS = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


def repaired(text: str) -> str | None:
    """Well-formed XML with what is in the namespace of the items in none; None where there is nothing to repair."""
    if len(text) > MAX_REPAIRED:
        return None
    parser = etree.XMLParser(
        encoding="utf-8", recover=True, remove_comments=True, remove_pis=True, collect_ids=False, **PARSER_OPTIONS
    )
    try:
        root = etree.fromstring(text.strip().encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None
    if root is None:
        return None
    elements = list(root.iter(etree.Element))
    first = next((_split(e.tag) for e in elements if _split(e.tag)[1].lower() in ("item", "entry")), None)
    for element in elements:
        space, name = _split(element.tag)
        if first and space == first[0]:
            element.tag = name
    found: str = etree.tostring(root, encoding="unicode")
    return found


def _split(tag: str) -> tuple[str, str]:
    """The namespace, or the prefix that nobody declared, and the name."""
    space, mark, name = tag.rpartition("}")
    return (space, name) if mark else (tag.rpartition(":")[0], tag.rpartition(":")[2])
