"""Conditional GET: what to ask with, how long an answer holds, and how long a server wants to be left alone.

Sources: RFC 9110 section 8.8 (validators), 10.2.3 (Retry-After), 5.6.7 (dates); RFC 9111 section 4.2 (freshness).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from ingest.model import Feed, Validators

# Some servers answer "unchanged" whatever happened (FreshRSS/FreshRSS #1020, #1680). Once a week a feed is asked
# without validators, and where news came of it the server is put to the test by its own validators.
PROBE_EVERY = timedelta(days=7)
FRESHNESS_CAP_S = 86_400.0  # servers state years for feeds that change hourly: never believe more than a day
RETRY_AFTER_CAP_S = 86_400.0  # a typing error must not silence a host for a year
_VALIDATOR_CAP = 4096  # characters; beyond it the request line and headers would be refused
_DATE_CAP = 64  # characters of an HTTP date that are looked at


def request_headers(validators: Validators | None) -> dict[str, str]:
    """If-None-Match and If-Modified-Since with the stored texts verbatim; what cannot be sent so is left out."""
    if validators is None:
        return {}
    stated = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in stated.items() if value and can_be_sent(value)}


def validators_for(feed: Feed, now: datetime) -> Validators | None:
    """What to ask for a feed with: its validators, unless they lie, or it is time to see whether they do."""
    is_probe = feed.full_at is not None and now - feed.full_at >= PROBE_EVERY
    return None if feed.distrusted_at is not None or is_probe else feed.validators


def may_lie(feed: Feed, asked: Validators | None) -> bool:
    """Whether news that came to a question without validators put the feed's validators into doubt."""
    return asked is None and feed.distrusted_at is None and feed.validators != Validators()


def freshness_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """For how many seconds the answer holds, 0 to a day; None where the server does not say.

    `headers`: names in lower case. no-cache and no-store beat max-age, max-age (less Age) beats Expires; an Expires
    that is no date means "already stale" (RFC 9111 section 5.3).
    """
    directives = _directives(headers.get("cache-control", ""))
    if "no-cache" in directives or "no-store" in directives:
        return 0.0
    if (max_age := _seconds(directives.get("max-age"))) is not None:
        return _clamp(max_age - (_seconds(headers.get("age")) or 0.0), FRESHNESS_CAP_S)
    if "expires" not in headers:
        return None
    expires = http_date(headers["expires"])
    if expires is None:
        return 0.0
    return _clamp((expires - (http_date(headers.get("date")) or now)).total_seconds(), FRESHNESS_CAP_S)


def retry_after_s(value: str | None, date_header: str | None, now: datetime) -> float | None:
    """Seconds to wait, 0 to a day, from either form of Retry-After; None where there is none or it is neither.

    A date counts from the server's own clock (`date_header`) where it shows one, else from `now`.
    """
    if (seconds := _seconds(value)) is not None:
        return _clamp(seconds, RETRY_AFTER_CAP_S)
    moment = http_date(value)
    if moment is None:
        return None
    return _clamp((moment - (http_date(date_header) or now)).total_seconds(), RETRY_AFTER_CAP_S)


def http_date(value: str | None) -> datetime | None:
    """An HTTP date, in any of its three forms, as aware UTC; None where it is not one."""
    if not value or len(value) > _DATE_CAP:
        return None
    try:
        moment = parsedate_to_datetime(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def can_be_sent(value: str) -> bool:
    """Header text that goes out as the bytes that came in: bounded, without control characters or lone surrogates."""
    return len(value) <= _VALIDATOR_CAP and not any(
        char < " " or char == "\x7f" or "\ud800" <= char <= "\udfff" for char in value
    )


def _directives(cache_control: str) -> dict[str, str]:
    """Cache-Control as name -> argument ("" without one); the first of a repeated name counts."""
    found: dict[str, str] = {}
    for part in cache_control.split(","):
        name, _, argument = part.partition("=")
        found.setdefault(name.strip().lower(), argument.strip().strip('"'))
    return found


def _seconds(value: str | None) -> float | None:
    """A delta-seconds: ASCII digits and nothing else. Nine digits are for ever."""
    digits = (value or "").strip()
    if not (digits.isascii() and digits.isdigit()):
        return None
    return float(digits[:9]) if len(digits) <= 9 else 1e9


def _clamp(seconds: float, cap: float) -> float:
    return min(max(seconds, 0.0), cap)
