"""What is logged and how: people's lines on a terminal, one JSON object a line everywhere else.

Every event has a name from EVENTS; what a stranger wrote is only ever a value, escaped.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog

EVENTS = {
    "started": "The daemon has opened everything and begins.",
    "stopping": "A signal came: what is in hand is finished or given back.",
    "stopped": "The daemon has ended, with what it did.",
    "settings_reread": "SIGHUP: config.yaml was read again.",
    "settings_refused": "SIGHUP: config.yaml has mistakes; the old settings stay.",
    "settings_unused": "A setting was changed that this version does nothing with yet.",
    "turns_taken_back": "A process had died while visiting hosts; they are visited again.",
    "no_feeds": "There is no feed to poll: add one, or list some in config.yaml.",
    "feed_polled": "A feed answered.",
    "poll_failed": "A feed could not be had, with the reason.",
    "feed_silent": "A feed has brought nothing for far longer than its rhythm allows.",
    "feed_moved": "A permanent redirect was believed: the feed's address changed.",
    "feed_pushed": "A hub sent what is new in a feed.",
    "push_refused": "What came for a feed was not signed by its hub; it was thrown away.",
    "push_failed": "What a hub sent could not be read, with the reason; the feed is polled for it.",
    "subscribed": "A hub confirmed that it will push a feed, until when.",
    "subscription_failed": "A hub could not be had, did not confirm, or will not push, with the reason.",
    "subscription_ended": "A hub was told that a paused feed need not be pushed.",
    "article_stored": "A page was read and its article stored or revised.",
    "article_revised": "A further look found other words in an article.",
    "article_withdrawn": "The page of an article is gone, with the reason; the text is kept.",
    "article_back": "A withdrawn article is there again.",
    "recheck_failed": "A further look at an article found nothing to read, with the reason.",
    "page_moved": "A page led to another host, which is visited in its own turn.",
    "page_failed": "A page could not be had, with the reason.",
    "part_read": "A document that a backfill looks in was read.",
    "part_failed": "A document or file that a backfill looks in could not be had, with the reason.",
    "archive_fetched": "An archive of a backfill has come from its server whole; it is read next.",
    "file_failed": "Reading a file for a backfill ended with an error of ours: please report it.",
    "backfill_progress": "How far a backfill has got: a line a minute, off a terminal.",
    "backfill_done": "A backfill is done, with what it brought.",
    "visit_failed": "A visit ended with an error that is not the host's: please report it.",
    "database_busy": "Another process kept the database locked; it is tried again in a moment.",
    "library": "A library that Dateline uses had a warning.",
    "statistics": "What happened so far.",
    "fingerprints_progress": "How far `dateline db fingerprints` has got: a line a minute, off a terminal.",
    "reread_progress": "How far `dateline reread` has got: a line a minute, where stderr is no terminal.",
    "upkeep_done": "Old polls, archive files, keys of texts and blocks that did not recur were forgotten.",
    "upkeep_failed": "Upkeep could not be done, with the reason; it is tried again in an hour.",
}

# What each page and document is worth in the log of a daemon; a backfill has a million of them, and tells of none.
OF_EACH = frozenset(
    {"feed_polled", "article_stored", "article_revised", "page_moved", "page_failed", "part_read", "part_failed"}
)

log = structlog.get_logger()

Printer = Callable[[str], None]


def configure(printer: Printer | None = None, *, level: int = logging.INFO, brief: bool = False) -> None:
    """Log to stderr: JSON lines, or people's lines through `printer`, which keeps a living line below them.

    `brief`: nothing of single pages and documents.
    """
    people = printer is not None
    renderer = structlog.dev.ConsoleRenderer(colors=True, pad_event_to=16) if people else _json
    structlog.configure(
        processors=[
            *([_of_all] if brief else []),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S" if people else "iso", utc=not people),
            structlog.processors.format_exc_info,
            _without_empty,
            _printable,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Lines(printer or _to_stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_Libraries()], level=logging.WARNING, force=True)


class _Libraries(logging.Handler):
    """Warnings of libraries, which use the standard library's logging, as events of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        log.warning("library", name=record.name, message=record.getMessage())


class _Lines:
    """What structlog calls with each finished line."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer

    def msg(self, message: str) -> None:
        self._printer(message)

    debug = info = warning = error = critical = exception = log = msg


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


_json = structlog.processors.JSONRenderer(ensure_ascii=False)


def _of_all(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if event["event"] in OF_EACH:
        raise structlog.DropEvent
    return event


def _without_empty(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: value for name, value in event.items() if value is not None}


def _printable(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Control characters from pages must not reach a terminal or split a line."""
    return {
        name: value if not isinstance(value, str) or value.isprintable() or name == "exception" else repr(value)[1:-1]
        for name, value in event.items()
    }
