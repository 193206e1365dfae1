"""Page to Reading: a straight line of calls, top to bottom.

`read_page` answers every page with a Reading, whose kind is not_article (with a reason) where there is no article in
it; what cannot be read at all is a ParseError.
"""

from __future__ import annotations

import re
from datetime import datetime
from importlib.metadata import version

from ingest import agencies, kinds, language, metadata, plaintext, urls, walls
from ingest.document import Document, open_document
from ingest.embedded import body_in_scripts
from ingest.errors import ParseError
from ingest.extract import MIN_CHARS, Body, read_body, remove
from ingest.metadata import Facts
from ingest.model import Kind, Page, Reading, Reason

EXTRACTOR = f"dateline/{version('dateline')} trafilatura/{version('trafilatura')}"

MAX_TEXT_CHARS = 2_000_000
SHORT_WORDS = 60  # with fewer, the description is the best summary there is
VIDEO_WORDS = 250  # with more, it is an article with a film on top
# Scripts without spaces: every character counts as a word.
WORD = re.compile(
    r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W_]+(?:['’-][^\W_]+)*"
)


def read_page(page: Page, now: datetime) -> Reading:
    """What is in a page. `now`: aware, UTC. ParseError where it is not text, too complex, empty or beyond us."""
    url = page.final_url or page.url
    try:
        document = open_document(page.body, page.content_type, url)
        if document.tree is None:
            return read_text(page, document, now)
        facts = metadata.gather(document, now, page.entry)
        if facts.lead is not None:
            remove(facts.lead)
        body = read_body(document.tree, url, facts.title, facts.standfirst)
        return assemble(page, document, facts, body)
    except ParseError:
        raise
    except (RecursionError, MemoryError) as error:
        raise ParseError(Reason.TOO_COMPLEX, type(error).__name__) from error
    except Exception as error:  # what a stranger's page makes a library raise is our defect, not theirs
        raise ParseError(Reason.READ_FAILED, f"{type(error).__name__}: {error}"[:300]) from error


def read_text(page: Page, document: Document, now: datetime) -> Reading:
    """A page saved as text."""
    said = plaintext.parse(document.text)
    facts = Facts(title=said.title, standfirst=said.standfirst)
    facts.provenance = {name: "text" for name in ("title", "standfirst") if getattr(facts, name)}
    if page.entry is not None:
        metadata.ask_feed(facts, page.entry, now)
    return assemble(page, document, facts, Body(said.paragraphs, said.related))


def assemble(page: Page, document: Document, facts: Facts, body: Body) -> Reading:
    """Facts and text to a Reading, judged."""
    text = "\n\n".join(body.paragraphs)
    if facts.body and (body.is_dump or len(text) < MIN_CHARS < len(facts.body)):
        text, facts.provenance["text"] = facts.body, "json-ld"
    # Only where the page says that it is an article: a wall's scripts may carry any text.
    if len(text) < MIN_CHARS and (facts.is_article or facts.published) and document.tree is not None:
        recovered = body_in_scripts(document.text)
        if recovered:
            text, facts.provenance["text"] = "\n\n".join(recovered), "script"
    text = text[:MAX_TEXT_CHARS]
    words = count_words(text)
    if words < SHORT_WORDS and not facts.standfirst and facts.description and facts.description not in text:
        facts.standfirst, facts.provenance["standfirst"] = facts.description, facts.provenance["description"]
    facts.provenance.pop("description", None)
    facts.overrule("language", language.of_text(text, facts.language))
    if facts.paywalled is None and kinds.is_cut_short(words, facts.declared_words):
        facts.paywalled = True
    if facts.kind is Kind.VIDEO and words > VIDEO_WORDS:
        facts.kind = Kind.ARTICLE
    reason = judge(document, facts, text, words, body.links)
    return Reading(
        url=page.url,
        canonical_url=urls.choose_canonical(document.url, facts.canonical),
        kind=Kind.NOT_ARTICLE if reason else facts.kind or Kind.ARTICLE,
        reason=reason,
        title=facts.title,
        standfirst=facts.standfirst,
        authors=tuple(facts.authors),
        agency=agencies.agency_among(facts.authors),
        published_at=facts.published,
        modified_at=facts.modified,
        language=facts.language,
        site_name=facts.site_name,
        section=facts.section,
        tags=tuple(facts.tags),
        image=facts.image,
        text=text,
        related=body.related,
        paywalled=facts.paywalled,
        word_count=words,
        extractor=EXTRACTOR,
        provenance=facts.provenance,
    )


def judge(document: Document, facts: Facts, text: str, words: int, links: int) -> Reason | None:
    """Whether it is an article after all."""
    if facts.is_list and facts.published is None:
        return Reason.NOT_AN_ARTICLE
    return walls.page_reason(
        walls.Seen(
            url=document.url,
            start=document.start,
            title=facts.title or "",
            text=text,
            words=words,
            links=links,
            kind=facts.kind or Kind.ARTICLE,
            is_article=facts.is_article,
            has_date=facts.published is not None,
        )
    )


def count_words(text: str) -> int:
    """Words; in scripts that write none apart, characters."""
    return len(WORD.findall(text))


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
        "related": [{"title": link.title, "url": link.url} for link in reading.related],
        "paywalled": reading.paywalled,
        "kind": reading.kind.value,
        "reason": reading.reason.value if reading.reason else None,
        "word_count": reading.word_count,
        "extractor": reading.extractor,
        "provenance": dict(reading.provenance),
    }
