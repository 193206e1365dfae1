"""`dateline feeds check`: what Dateline sees in a feed, live. Nothing is stored."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from ingest.conditional import freshness_s
from ingest.errors import FetchError, ParseError
from ingest.fetch import may_be_text
from ingest.model import ParsedFeed, Response
from jobs.clock import wall_clock
from jobs.commands.settings import settings_or_defaults
from jobs.extractor import Extractor
from jobs.outgoing import limits, open_fetcher
from jobs.poll_feed import ACCEPT
from jobs.present import cell, table

SHOWN = 10


def check_feed(config: Path | None, url: str) -> dict[str, Any]:
    """Fetch and parse `url`; whatever happens is in the record, `reason` is None where all went well."""
    return asyncio.run(_check(config, url))


async def _check(config: Path | None, url: str) -> dict[str, Any]:
    settings, now = settings_or_defaults(config), wall_clock()
    record: dict[str, Any] = {"url": url, "reason": None, "detail": None}
    async with (
        Extractor(1, settings.extract.timeout, settings.extract.memory) as extractor,
        open_fetcher(settings) as fetcher,
    ):
        try:
            response = await fetcher.get(
                url,
                now=now,
                limits=limits(settings, settings.fetch.max_feed_bytes),
                accept=ACCEPT,
                types=may_be_text,
            )
            record |= _of_response(response) | {"fresh_for_s": freshness_s(response.headers, now)}
            await extractor.parse_feed(b"<rss><channel/></rss>", None, url, now)  # the worker's own start is not timed
            started = time.monotonic()
            content_type = response.headers.get("content-type")
            parsed = await extractor.parse_feed(response.body, content_type, response.final_url, now)
            record |= {"parse_s": round(time.monotonic() - started, 3)} | _of_feed(parsed)
        except (FetchError, ParseError) as error:
            record |= {"reason": str(error.reason), "detail": error.detail, "status": getattr(error, "status", None)}
    return record


def _of_response(response: Response) -> dict[str, Any]:
    return {
        "status": response.status,
        "final_url": response.final_url,
        "redirects": [f"{hop.status} {hop.location}" for hop in response.hops],
        "fetch_s": round(response.seconds, 3),
        "bytes": len(response.raw_body),
        "bytes_decoded": len(response.body),
        "content_type": response.headers.get("content-type"),
        "etag": response.validators.etag,
        "last_modified": response.validators.last_modified,
    }


def _of_feed(parsed: ParsedFeed) -> dict[str, Any]:
    return {
        "kind": parsed.kind,
        "title": parsed.title,
        "site_url": parsed.site_url,
        "language": parsed.language,
        "ttl_s": parsed.pacing.ttl_s,
        "problem": parsed.problem,
        "entries": [
            {"published_at": e.published_at, "title": e.title, "url": e.url, "entry_id": e.entry_id}
            for e in parsed.entries
        ],
    }


def as_text(record: dict[str, Any]) -> str:
    """The record for people."""
    entries = record.get("entries", [])
    lines = [
        f"{name:14} {cell(value)}" for name, value in record.items() if name != "entries" and value not in (None, [])
    ]
    if record["reason"] is None:
        lines += [f"{'entries':14} {len(entries)}", ""]
        lines += [table(entries[:SHOWN], ["published_at", "title", "url"])] if entries else []
        lines += [f"… and {len(entries) - SHOWN} more"] if len(entries) > SHOWN else []
    return "\n".join(lines)
