"""What was read in a page as objects for JSON: the answers of `dateline extract`."""

from __future__ import annotations

from ingest.model import Explanation, Reading


def article_object(reading: Reading) -> dict[str, object]:
    """The JSON-ready answer of `dateline extract`."""
    image = reading.image
    return {
        "url": reading.url,
        "canonical_url": reading.canonical_url,
        "title": reading.title,
        "standfirst": reading.standfirst,
        "authors": list(reading.authors),
        "agency": reading.agency,
        "published": reading.published_at.isoformat() if reading.published_at else None,
        "modified": reading.modified_at.isoformat() if reading.modified_at else None,
        "language": reading.language,
        "site_name": reading.site_name,
        "section": reading.section,
        "tags": list(reading.tags),
        "image": {"url": image.url, "caption": image.caption, "credit": image.credit} if image else None,
        "text": reading.text,
        "text_markdown": reading.markdown,
        "related": [{"title": link.title, "url": link.url} for link in reading.related],
        "paywalled": reading.paywalled,
        "kind": reading.kind.value,
        "reason": reading.reason.value if reading.reason else None,
        "word_count": reading.word_count,
        "extractor": reading.extractor,
        "provenance": dict(reading.provenance),
    }


def explanation_object(explanation: Explanation) -> dict[str, object]:
    """The JSON-ready form: `blocks` and `witnesses`."""
    blocks = [
        {
            "fate": block.fate.value,
            "reason": block.reason,
            "sureness": None if block.sureness is None else round(block.sureness, 3),
            "element": block.tag,
            "class": block.mark,
            "within": block.within,
            "text": block.text,
        }
        for block in explanation.blocks
    ]
    witnesses = {
        name: [
            {"source": source, "value": value, "won": (source, value) == explanation.won.get(name)}
            for source, value in said
        ]
        for name, said in explanation.witnesses.items()
    }
    return {"blocks": blocks, "witnesses": witnesses}
