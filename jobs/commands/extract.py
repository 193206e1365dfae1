"""`dateline extract`: what Dateline reads in pages that it is handed."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import sys
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from threading import Condition, Thread
from typing import IO, Any

from ingest.errors import DatelineError, ParseError
from ingest.fetch import may_be_text
from ingest.model import Page, Reading, Reason
from jobs.app import limits, open_fetcher, wall_clock
from jobs.commands.settings import settings_or_defaults
from jobs.extractor import Extractor
from jobs.present import cell, harmless, to_json

AHEAD = 64  # lines read ahead of the answers: enough to keep every core busy, little to hold


def extract_lines(config: Path | None, sources: Sequence[str]) -> int:
    """A JSON object a line in, an article object a line out, in order, each as soon as it is ready."""
    settings = settings_or_defaults(config)
    extractor = Extractor(settings.workers, settings.extract.timeout, settings.extract.memory)
    extractor.start()
    try:
        with ExitStack() as stack:
            files = [sys.stdin.buffer if s == "-" else stack.enter_context(Path(s).open("rb")) for s in sources]
            _Pipeline(extractor).run(files)
    except OSError as error:
        print(f"dateline: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    finally:
        extractor.stop()
    return 0


class _Pipeline:
    """One thread reads lines and hands them to the workers; this one prints the answers in order."""

    def __init__(self, extractor: Extractor) -> None:
        self._extractor = extractor
        self._answers: deque[Future[Reading] | str] = deque()
        self._changed = Condition()
        self._ended = False

    def run(self, files: Sequence[IO[bytes]]) -> None:
        reader = Thread(target=self._read, args=(files,), daemon=True)
        reader.start()
        while (answer := self._next()) is not None:
            sys.stdout.write(answer + "\n")
            sys.stdout.flush()  # a caller may wait for this answer before it sends the next line

    def _read(self, files: Sequence[IO[bytes]]) -> None:
        for file in files:
            for line in file:
                if line.strip():
                    self._put(self._begin(line))
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _begin(self, line: bytes) -> Future[Reading] | str:
        try:
            return self._extractor.submit_page(_page_of(line), wall_clock())
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            return to_json({"error": f"bad line: {error}"})

    def _put(self, answer: Future[Reading] | str) -> None:
        with self._changed:
            self._changed.wait_for(lambda: len(self._answers) < AHEAD)
            self._answers.append(answer)
            self._changed.notify_all()

    def _next(self) -> str | None:
        with self._changed:
            self._changed.wait_for(lambda: self._answers or self._ended)
            if not self._answers:
                return None
            answer = self._answers.popleft()
            self._changed.notify_all()
        return answer if isinstance(answer, str) else self._finished(answer)

    def _finished(self, answer: Future[Reading]) -> str:
        try:
            return to_json(_article(self._extractor.result(answer)))
        except ParseError as error:
            return to_json({"error": str(error), "reason": str(error.reason)})


def _article(reading: Reading) -> dict[str, object]:
    from ingest.read import article_object

    return article_object(reading)


def _page_of(line: bytes) -> Page:
    """The page that a line describes. Raises ValueError saying what is wrong with it."""
    said = json.loads(line)
    if not isinstance(said, dict):
        raise ValueError("not a JSON object")
    url = said.get("url") or "about:blank"
    if not isinstance(url, str):
        raise ValueError("url is not a string")
    for name, content_type in (("html", "text/html; charset=utf-8"), ("text", "text/plain; charset=utf-8")):
        if isinstance(said.get(name), str):
            return Page(url=url, body=said[name].encode("utf-8", "replace"), content_type=content_type)
    if isinstance(said.get("html_b64"), str):
        try:
            return Page(url=url, body=base64.b64decode(said["html_b64"], validate=True), content_type="text/html")
        except binascii.Error as error:
            raise ValueError(f"html_b64: {error}") from None
    raise ValueError('it has none of "html", "html_b64" and "text"')


def extract_sources(config: Path | None, sources: Sequence[str], url: str | None, *, as_json: bool) -> int:
    """Files, addresses or stdin, one after the other. Returns the exit code."""
    return asyncio.run(_extract_sources(config, sources, url, as_json))


async def _extract_sources(config: Path | None, sources: Sequence[str], url: str | None, as_json: bool) -> int:
    settings = settings_or_defaults(config)
    failed = False
    async with Extractor(
        min(settings.workers, len(sources)), settings.extract.timeout, settings.extract.memory
    ) as pool:
        for source in sources:
            now = wall_clock()
            try:
                page = await _load(settings, source, url, now)
                reading = await pool.read_page(page, now)
            except (DatelineError, OSError) as error:
                print(f"dateline: {source}: {_complaint(error)}", file=sys.stderr)
                failed = True
                continue
            print(to_json(_article(reading), indent=2) if as_json or not sys.stdout.isatty() else as_text(reading))
            failed = failed or reading.reason is not None
    return int(failed)


def _complaint(error: DatelineError | OSError) -> str:
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror or error}"
    if getattr(error, "reason", None) is Reason.FORBIDDEN_ADDRESS:
        return f"{error} (a private address; fetch.allow_private in config.yaml lets networks through)"
    return harmless(str(error))


async def _load(settings: Any, source: str, url: str | None, now: datetime) -> Page:
    if source.startswith(("http://", "https://")):
        async with open_fetcher(settings) as fetcher:
            answer = await fetcher.get(
                source, now=now, limits=limits(settings, settings.fetch.max_page_bytes), types=may_be_text
            )
        return Page(
            url=source,
            final_url=answer.final_url,
            body=answer.body,
            content_type=answer.headers.get("content-type"),
        )
    body = sys.stdin.buffer.read() if source == "-" else await asyncio.to_thread(Path(source).read_bytes)
    is_text = source.lower().endswith(".txt") or not _looks_like_html(body)
    return Page(url=url or "about:blank", body=body, content_type="text/plain" if is_text else "text/html")


def _looks_like_html(body: bytes) -> bool:
    start = body[:4_000].lower()
    return any(mark in start for mark in (b"<html", b"<!doctype", b"<body", b"<head", b"<p", b"<div", b"<article"))


def as_text(reading: Reading) -> str:
    """A reading for people."""
    if reading.reason is not None:
        return f"not an article: {reading.reason}\n\n{cell(reading.title)}".rstrip()
    facts = [
        ("by", ", ".join(reading.authors)),
        ("published", reading.published_at),
        ("section", reading.section),
        ("language", reading.language),
        ("address", reading.canonical_url),
    ]
    head = [cell(reading.title), cell(reading.standfirst)] + [f"{n:11} {cell(v)}" for n, v in facts if v]
    related = ["related", *(f"  {cell(link.title)}" for link in reading.related)] if reading.related else []
    return "\n\n".join(
        part for part in ("\n".join(filter(None, head)), harmless(reading.text), "\n".join(related)) if part
    )
