"""Connections to the outside, as the settings allow them."""

from __future__ import annotations

from ingest.fetch import Fetcher, Limits
from jobs.config import Settings


def limits(settings: Settings, max_bytes: int) -> Limits:
    """The operator's limits for one request."""
    fetch = settings.fetch
    return Limits(
        connect_s=min(10.0, fetch.timeout),
        first_byte_s=fetch.timeout,
        total_s=fetch.total,
        max_bytes=max_bytes,
        redirects=fetch.redirects,
    )


def open_fetcher(settings: Settings) -> Fetcher:
    """What sends every request; an async context manager."""
    fetch = settings.fetch
    return Fetcher(user_agent=settings.user_agent, allow_private=fetch.allow_private, proxy=fetch.proxy)
