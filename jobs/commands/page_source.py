"""Where `dateline extract` gets a page from: a file, an address or stdin; and what it says where that fails."""

from __future__ import annotations

import asyncio
import re
import sys
from datetime import datetime
from pathlib import Path

from ingest.errors import DatelineError, FetchError, ParseError
from ingest.model import Page, Reason
from jobs.config import Settings
from jobs.present import harmless

LIKE_AN_ADDRESS = re.compile(r"(?:www\.[\w-]+|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/)\S*", re.I)
MARKS_OF_HTML = (b"<html", b"<!doctype", b"<body", b"<head", b"<p", b"<div", b"<article")
IN_WORDS = {
    Reason.EMPTY_PAGE: "is empty: there is nothing to read in it",
    Reason.WRONG_TYPE: "is neither HTML nor text",
}
ADVICE = {
    Reason.FORBIDDEN_ADDRESS: "a private address; fetch.allow_private in config.yaml lets networks through",
    Reason.ROBOTS_DISALLOWED: "the publisher's robots.txt does not want programs there",
    Reason.FORBIDDEN: "the publisher refuses programs; a page saved by a browser can be read as a file",
    Reason.UNAUTHORIZED: "one has to log in there; a page saved by a browser can be read as a file",
}


async def load(settings: Settings, source: str, url: str | None, now: datetime) -> Page:
    """The page that a source names. Raises FetchError or OSError."""
    if source.lower().startswith(("http://", "https://")):
        return await _fetched(settings, source, now)
    body = await asyncio.to_thread(sys.stdin.buffer.read if source == "-" else Path(source).read_bytes)
    is_text = source.lower().endswith(".txt") or not _looks_like_html(body)
    return Page(url=url or "about:blank", body=body, content_type="text/plain" if is_text else "text/html")


async def _fetched(settings: Settings, source: str, now: datetime) -> Page:
    from ingest.fetch import may_be_text  # most sources are files, and need no network
    from jobs.outgoing import limits, open_fetcher

    async with open_fetcher(settings) as fetcher:
        answer = await fetcher.get(
            source, now=now, limits=limits(settings, settings.fetch.max_page_bytes), types=may_be_text
        )
    kind = answer.headers.get("content-type")
    return Page(url=source, final_url=answer.final_url, body=answer.body, content_type=kind)


def _looks_like_html(body: bytes) -> bool:
    start = body[:4_000].lower()
    return any(mark in start for mark in MARKS_OF_HTML)


def complaint(error: DatelineError | OSError, source: str) -> str:
    """What went wrong with a source, in one line that says what to do where we know it."""
    if isinstance(error, OSError):
        return _of_file(error, source)
    reason = error.reason if isinstance(error, FetchError | ParseError) else None
    if isinstance(error, ParseError) and reason in IN_WORDS:
        return _a_pdf(error) or IN_WORDS[reason]
    said = harmless(" ".join(str(error).split()))
    return f"{said} ({ADVICE[reason]})" if reason in ADVICE else said


def _a_pdf(error: ParseError) -> str | None:
    return "is a PDF: Dateline reads HTML and text" if "%PDF" in error.detail else None


def _of_file(error: OSError, source: str) -> str:
    if isinstance(error, IsADirectoryError):
        return "is a folder: name the files in it, as in folder/*.html"
    if isinstance(error, FileNotFoundError):
        if "://" in source:
            return "cannot be read: only http:// and https:// addresses can be fetched"
        if LIKE_AN_ADDRESS.fullmatch(source):
            return f"there is no such file; an address begins with https://, as in https://{source}"
        return "there is no such file"
    return f"cannot be read: {error.strerror or error}"
