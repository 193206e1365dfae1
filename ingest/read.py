"""Page to Reading: a straight line of calls, top to bottom.

`read_page` answers every page with a Reading, whose kind is index or not_article (with a reason) where there is no
article in it; what cannot be read at all is a ParseError.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from ingest import agencies, dates, kinds, language, metadata, plaintext, urls, walls
from ingest.boilerplate import short_blocks
from ingest.document import Document, open_document
from ingest.embedded import body_in_scripts
from ingest.errors import ParseError
from ingest.explain import explain
from ingest.extract import Body, read_body
from ingest.extractor_name import EXTRACTOR
from ingest.judgement import MIN_CHARS, Verdict, as_blocks
from ingest.markdown import to_markdown
from ingest.metadata import Facts
from ingest.model import Dropped, Explanation, Kind, Page, ParsedEntry, Reading, Reason
from ingest.words import count_words

MAX_TEXT_CHARS = 2_000_000
SHORT_WORDS = 60  # with fewer, the description is the best summary there is
NEAR = 5  # blocks before and after the text: what was dropped there is named
MAX_DROPPED = 40
DROPPED_CHARS = 200
MORE = 1.5  # so many times longer than a walled page is a feed that has the whole text
VIDEO_WORDS = 250  # with more, it is an article with a film on top


def read_page(page: Page, now: datetime, explanation: Explanation | None = None) -> Reading:
    """What is in a page. `now`: aware, UTC. ParseError where it is not text, too complex, empty or beyond us.

    `explanation` is filled in where one is given; that costs time.
    """
    url = page.final_url or page.url
    try:
        document = open_document(page.body, page.content_type, url)
        if document.tree is None:
            return read_text(page, document, now, explanation)
        facts = metadata.gather(document, now, page.entry, explanation.witnesses if explanation else None)
        body = read_body(document.tree, url, facts.title, facts.description, facts.body)
        facts.keep("standfirst", [("page", body.standfirst)])
        return assemble(page, document, facts, body, explanation)
    except ParseError:
        raise
    except (RecursionError, MemoryError) as error:
        raise ParseError(Reason.TOO_COMPLEX, type(error).__name__) from error
    except Exception as error:  # what a stranger's page makes a library raise is our defect, not theirs
        raise ParseError(Reason.READ_FAILED, f"{type(error).__name__}: {error}"[:300]) from error


def read_text(page: Page, document: Document, now: datetime, explanation: Explanation | None) -> Reading:
    """A page saved as text."""
    said = plaintext.parse(document.text)
    facts = Facts(witnesses=explanation.witnesses if explanation else None)
    for name in ("title", "standfirst", "section", "site_name"):
        facts.keep(name, [("text", getattr(said, name))])
    facts.keep("authors", [("text", list(said.authors))])
    for name in ("published", "modified"):
        moment = getattr(said, name)
        facts.keep(name, [("text", moment if moment and dates.is_plausible(moment, now) else None)])
    if page.entry is not None:
        metadata.ask_feed(facts, page.entry, now)
    body = Body(tuple(Verdict(block) for block in as_blocks(said.paragraphs)), related=said.related)
    return assemble(page, document, facts, body, explanation)


def assemble(
    page: Page, document: Document, facts: Facts, body: Body, explanation: Explanation | None = None
) -> Reading:
    """Facts and text to a Reading, judged."""
    body = recover(document, facts, body, page.entry).without_recurring(page.boilerplate)
    text = "\n\n".join(block.text for block in body.kept)[:MAX_TEXT_CHARS]
    words = count_words(text)
    add_to_facts(facts, text, words)
    reason = judge(document, facts, text, words, body.links)
    canonical = urls.choose_canonical(document.url, facts.canonical)
    if explanation is not None:
        explain(explanation, document, facts, body, canonical)
    return Reading(
        url=page.url,
        canonical_url=canonical,
        kind=sort_of(reason, facts, body.links),
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
        markdown=to_markdown(body.kept)[:MAX_TEXT_CHARS],
        dropped=left_out(body.verdicts),
        short_blocks=short_blocks(body.countable),
        related=body.related,
        paywalled=facts.paywalled,
        word_count=words,
        extractor=EXTRACTOR,
        provenance=facts.provenance,
    )


def recover(document: Document, facts: Facts, body: Body, entry: ParsedEntry | None = None) -> Body:
    """The body as it was found; where the markup gave too little, from JSON-LD, the page's scripts or the feed."""
    chars = sum(len(block.text) for block in body.kept)
    if facts.body and (body.is_dump or chars < MIN_CHARS < len(facts.body)):
        facts.provenance["text"] = "json-ld"
        body, chars = body.replaced(facts.body.split("\n\n")), len(facts.body)
    # Only where the page says that it is an article: a wall's scripts may carry any text.
    if chars < MIN_CHARS and (facts.is_article or facts.published) and document.tree is not None:
        recovered = body_in_scripts(document.text, facts.title, facts.description)
        if recovered:
            facts.provenance["text"] = "script"
            body, chars = body.replaced(recovered), sum(map(len, recovered))
    if entry is not None and feed_says_more(entry.content or "", chars, walled=bool(facts.paywalled)):
        facts.provenance["text"] = "feed"
        body = body.replaced((entry.content or "").split("\n\n"))
    return body


def feed_says_more(content: str, chars: int, *, walled: bool) -> bool:
    """Whether the feed has the text where the page has only `chars` of it: too little, or the part before a wall."""
    return len(content) > MIN_CHARS and (chars < MIN_CHARS or (walled and len(content) > MORE * chars))


def add_to_facts(facts: Facts, text: str, words: int) -> None:
    """What only the text can tell: its language, whether it is all there, whether it needs a summary."""
    if words < SHORT_WORDS and not facts.standfirst and facts.description and facts.description not in text:
        facts.standfirst, facts.provenance["standfirst"] = facts.description, facts.provenance["description"]
        facts.hear("standfirst", [(facts.provenance["standfirst"], facts.standfirst)])
    facts.provenance.pop("description", None)
    facts.overrule("language", language.of_text(text, facts.language))
    if facts.paywalled is None and kinds.is_cut_short(words, facts.declared_words):
        facts.paywalled = True
        facts.hear("paywalled", [("text", True)])
    if facts.kind is Kind.VIDEO and words > VIDEO_WORDS:
        facts.kind = Kind.ARTICLE
        facts.hear("kind", [("text", Kind.ARTICLE)])


def left_out(verdicts: Sequence[Verdict]) -> tuple[Dropped, ...]:
    """The blocks in and around the text that were dropped, with the reason for each."""
    kept = [number for number, verdict in enumerate(verdicts) if verdict.kept]
    if not kept:
        return ()
    near = verdicts[max(0, kept[0] - NEAR) : kept[-1] + 1 + NEAR]
    found = (Dropped(verdict.block.text[:DROPPED_CHARS], verdict.reason) for verdict in near if not verdict.kept)
    return tuple(islice(found, MAX_DROPPED))


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


def sort_of(reason: Reason | None, facts: Facts, links: int) -> Kind:
    """The kind of a page. What is no article because it lists others is an index."""
    if reason is None:
        return facts.kind or Kind.ARTICLE
    lists = reason is Reason.NOT_AN_ARTICLE and (facts.is_list or (links >= walls.LIST_LINKS and not facts.is_article))
    return Kind.INDEX if lists or reason is Reason.HOME_PAGE else Kind.NOT_ARTICLE
