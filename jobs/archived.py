"""Pages that lie in the archive, as they are read again."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ingest.archive import read_archived
from ingest.errors import ParseError
from ingest.extractor_name import EXTRACTOR
from ingest.model import Page
from jobs.app import App
from storage import boilerplate, reread
from storage.reread import ArchivedPage, Selection


def load_page(directory: Path, kept: ArchivedPage, blocks: frozenset[int]) -> Page | None:
    """The page as it was fetched; None where the archive does not hold it any more."""
    try:
        _, headers, body = read_archived(directory, kept.archived)
    except ParseError:
        return None
    return Page(
        url=kept.url,
        body=body,
        content_type=kept.content_type or headers.get("content-type"),
        final_url=kept.final_url,
        entry=kept.said,
        boilerplate=blocks,
    )


async def bring_up_to_date(app: App, article_id: int) -> None:
    """What an older program read, or one that knew less of the host, is read again: before the page is compared.

    Else what only we read otherwise would look as if the publisher had changed it. Where the archive does not have
    the page, storage/articles.py tells apart what can be told apart.
    """
    for candidate in await app.read(reread.load, Selection(ids=(article_id,)), 0, 1):
        if candidate.page is None:
            return
        blocks = await app.read(boilerplate.load, candidate.page.host)
        if candidate.read_key == boilerplate.read_key(EXTRACTOR, blocks):
            return
        page = await asyncio.to_thread(load_page, app.settings.archive_directory, candidate.page, blocks)
        if page is None:
            return
        try:
            reading = await app.extractor.read_to_store(page, candidate.page.fetched_at)
        except ParseError:
            return
        if reading.reason is None:
            await app.write(reread.record, candidate, reading, blocks, app.clock())
