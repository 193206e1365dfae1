"""`dateline extract`: what Dateline reads in pages that it is handed."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from ingest.answer import article_object, explanation_object
from ingest.errors import DatelineError, SettingsError
from ingest.model import Explanation, Page, Reading
from jobs.clock import wall_clock
from jobs.commands.page_source import complaint, load
from jobs.commands.settings import settings_or_defaults
from jobs.extractor import Extractor
from jobs.present import harmless, to_json


class Form(StrEnum):
    """How what was read is shown."""

    PAGE = "page"  # for people
    JSON = "json"
    TEXT = "text"
    MARKDOWN = "markdown"
    EXPLAINED = "explained"  # for people, with how it was read
    EXPLAINED_JSON = "explained json"


BARE = (Form.TEXT, Form.MARKDOWN)  # nothing but what was asked for
EXPLAINING = (Form.EXPLAINED, Form.EXPLAINED_JSON)


def choose_form(*, text: bool, markdown: bool, explain: bool, as_json: bool) -> Form:
    """The form that the options ask for; without any, people's on a terminal, JSON elsewhere. Raises SettingsError."""
    asked = {"--text": text, "--markdown": markdown, "--explain": explain, "--json": as_json}
    given = [name for name, is_given in asked.items() if is_given]
    if given == ["--explain", "--json"]:
        return Form.EXPLAINED_JSON
    if len(given) > 1:
        raise SettingsError(f"{' and '.join(given)} do not go together: each says what to print")
    forms = {"--text": Form.TEXT, "--markdown": Form.MARKDOWN, "--explain": Form.EXPLAINED, "--json": Form.JSON}
    return forms[given[0]] if given else Form.PAGE if sys.stdout.isatty() else Form.JSON


def sources_of(given: Sequence[str] | None) -> list[str]:
    """What to read: what was named, else stdin, if somebody else writes to it. Raises SettingsError."""
    if not given and sys.stdin.isatty():
        raise SettingsError("nothing to read: name a FILE or URL, or - for what you type or paste")
    return list(given or ["-"])


def extract_sources(config: Path | None, sources: Sequence[str], url: str | None, form: Form) -> int:
    """Files, addresses or stdin, one after the other. Returns the exit code."""
    if url is not None and not url.lower().startswith(("http://", "https://")):
        raise SettingsError(f"--url {url}: an address begins with http:// or https://")
    return asyncio.run(_extract_sources(config, sources, url, form))


async def _extract_sources(config: Path | None, sources: Sequence[str], url: str | None, form: Form) -> int:
    settings = settings_or_defaults(config)
    failed = False
    pool = Extractor(min(settings.workers, len(sources)), settings.extract.timeout, settings.extract.memory)
    try:
        for number, source in enumerate(sources):
            now = wall_clock()
            try:
                page = await load(settings, source, url, now)
                reading, explanation = await _read(pool, page, now, form)
            except (DatelineError, OSError) as error:
                print(f"dateline: {harmless(source)}: {complaint(error, source)}", file=sys.stderr)
                failed = True
                continue
            if number and form not in (Form.JSON, Form.EXPLAINED_JSON):
                print()
            show(source, reading, explanation, form)
            failed = failed or reading.reason is not None
    finally:
        await asyncio.to_thread(pool.stop)
    return int(failed)


async def _read(pool: Extractor, page: Page, now: datetime, form: Form) -> tuple[Reading, Explanation | None]:
    if not pool.is_started:  # a name that is mistyped is told at once
        pool.start()
    if form in EXPLAINING:
        return await pool.explain_page(page, now)
    return await pool.read_page(page, now), None


def show(source: str, reading: Reading, explanation: Explanation | None, form: Form) -> None:
    """One page on stdout, in the form that was asked for."""
    if form in BARE and reading.reason is not None:
        print(f"dateline: {harmless(source)}: not an article: {reading.reason}", file=sys.stderr)
    elif form in BARE:
        print(harmless(reading.text if form is Form.TEXT else reading.markdown))
    elif form is Form.PAGE:
        from jobs.commands.reading_view import show_reading

        show_reading(reading)
    elif form is Form.EXPLAINED and explanation is not None:
        from jobs.commands.explanation_view import show_explanation

        show_explanation(source, reading, explanation)
    else:
        print(to_json(_object(reading, explanation), indent=2))


def _object(reading: Reading, explanation: Explanation | None) -> dict[str, object]:
    if explanation is None:
        return article_object(reading)
    return {"article": article_object(reading), **explanation_object(explanation)}
