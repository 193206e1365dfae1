"""The picture of an article, its caption and its credit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ingest import jsonld, urls
from ingest.claims import Claims
from ingest.document import visible
from ingest.jsonld import Node, plain
from ingest.meta_tags import source_of
from ingest.model import Image

META_IMAGE = (
    "og:image",
    "og:image:url",
    "og:image:secure_url",
    "twitter:image",
    "twitter:image:src",
    "parsely-image-url",
)
MAX_FIGURES = 20

CAPTION_CREDIT = re.compile(
    r"(?:^|[\s(|.–—-])"
    r"((?:photograph|photo|picture|image|foto|bild|fotografía|crédito|credit|crédit)(?:\s+(?:by|de|von))?\s*+:\s*+"
    r"|©\s*+|\((?:photo|foto|ap photo|image)\s*+/?+\s*+)([^()|]{2,100}?)\s*+(?:\)\s*+)?$",
    re.I,
)


def images(claims: Claims) -> Iterator[tuple[str, Image]]:
    """Candidates: OpenGraph and its like, JSON-LD; the caption where a <figure> of the page shows the same file."""
    known = claims.known
    node, written = stated_image(claims.main, known)
    candidates = [(source_of(name), claims.first(name)) for name in META_IMAGE] + [("json-ld", plain(written, 4_000))]
    for source, text in candidates:
        if text and (address := urls.absolute(claims.url, text)):
            caption, credit = caption_of(claims.elements["figure"][:MAX_FIGURES], address)
            by = next(iter(jsonld.names(node.get("author") or node.get("creator"), known)), None)
            credit = plain(node.get("creditText"), 200) or by or credit
            yield source, Image(address, plain(node.get("caption")) or caption, credit)


def stated_image(main: Node, known: dict[str, Node]) -> tuple[Node, Any]:
    """(the ImageObject, or nothing; its address) of a JSON-LD article."""
    stated = main.get("image") or main.get("thumbnailUrl")
    if isinstance(stated, list):
        stated = stated[0] if stated else None
    if not isinstance(stated, dict):
        return {}, stated
    name = stated.get("@id")
    node = known.get(name, stated) if isinstance(name, str) else stated
    return node, node.get("url") or node.get("contentUrl") or name


def caption_of(figures: list[Any], address: str) -> tuple[str | None, str | None]:
    """Caption and credit under the figure that shows that file, or under the first figure that shows any."""
    name = address.partition("?")[0].rsplit("/", 1)[-1]
    figures = [figure for figure in figures if figure.find(".//figcaption") is not None]
    same = [figure for figure in figures if name and shows(figure, name)]
    for figure in same or [figure for figure in figures[:1] if figure.find(".//img") is not None]:
        text = visible(figure.find(".//figcaption"), 1_000)
        if credit := CAPTION_CREDIT.search(text):
            return text[: credit.start()].strip() or None, credit[2].strip()
        return text or None, None
    return None, None


def shows(figure: Any, name: str) -> bool:
    """Whether a figure shows a file of that name."""
    return any(name in (i.get("src") or "") + (i.get("srcset") or "") for i in figure.iter("img", "source"))
