"""`dateline extract --jsonl`: pages a line in, articles a line out, as a service to other programs."""

from __future__ import annotations

import base64
import binascii
import json
import sys
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from threading import Condition, Thread
from typing import IO

from ingest.answer import article_object
from ingest.errors import ParseError
from ingest.model import Page, Reading
from jobs.clock import wall_clock
from jobs.commands.settings import settings_or_defaults
from jobs.extractor import Extractor
from jobs.present import to_json

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
            return to_json(article_object(self._extractor.result(answer)))
        except ParseError as error:
            return to_json({"error": str(error), "reason": str(error.reason)})


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
