"""The last resort: an article as its feed states it, where its page cannot be had.

Many feeds carry the whole text (content:encoded, atom:content). Where a page is walled, gone or refused for good, that
is what the publisher has given us, and it is kept with its provenance rather than nothing.
"""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import version

from ingest import agencies, byline, dates, urls
from ingest.model import Entry, Image, Kind, Reading
from ingest.revise import FROM_FEED
from ingest.words import count_words

EXTRACTOR = f"dateline/{version('dateline')}{FROM_FEED}"
MIN_WORDS = 60  # fewer are a teaser: then the reason alone is the truth


def read_announced(entry: Entry, now: datetime) -> Reading | None:
    """What the feed says of the article, where it says it whole."""
    said = entry.said
    text = said.content or ""
    words = count_words(text)
    if words < MIN_WORDS or not said.title:
        return None
    authors = tuple(name for author in said.authors for name in byline.split_names(author))
    published = said.published_at if said.published_at and dates.is_plausible(said.published_at, now) else None
    fields = {
        "title": said.title,
        "authors": authors,
        "published": published,
        "language": said.language,
        "tags": said.categories,
        "image": said.image_url,
    }
    return Reading(
        url=entry.url,
        canonical_url=urls.choose_canonical(entry.url, None),
        kind=Kind.ARTICLE,
        title=said.title,
        authors=authors,
        agency=agencies.agency_among(list(authors)),
        published_at=published,
        language=said.language,
        tags=said.categories,
        image=Image(said.image_url) if said.image_url else None,
        text=text,
        markdown=text,
        word_count=words,
        extractor=EXTRACTOR,
        provenance={"text": "feed"} | {name: "feed" for name, value in fields.items() if value},
    )
