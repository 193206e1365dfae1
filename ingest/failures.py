"""What a request that brought nothing usable means: every status and every exception of the HTTP library, as ours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from ingest.conditional import retry_after_s
from ingest.errors import FetchError, Gone, Refused, Transient, Unacceptable
from ingest.guard import ForbiddenAddress
from ingest.model import Reason

_BY_STATUS: dict[int, tuple[type[FetchError], Reason]] = {
    401: (Refused, Reason.UNAUTHORIZED),
    403: (Refused, Reason.FORBIDDEN),
    404: (Gone, Reason.NOT_FOUND),
    407: (Refused, Reason.UNAUTHORIZED),
    408: (Transient, Reason.CLIENT_ERROR),
    410: (Gone, Reason.GONE),
    425: (Transient, Reason.CLIENT_ERROR),
    429: (Transient, Reason.RATE_LIMITED),
    451: (Refused, Reason.LEGAL),
    503: (Transient, Reason.UNAVAILABLE),
}
_BY_CLASS: dict[int, tuple[type[FetchError], Reason]] = {
    4: (Refused, Reason.CLIENT_ERROR),
    5: (Transient, Reason.SERVER_ERROR),
}
_MAY_BE_CHALLENGE = frozenset({403, 429, 503})

# By the nearest class an exception inherits from.
_BY_EXCEPTION: dict[type[BaseException], tuple[type[FetchError], Reason]] = {
    aiohttp.ClientConnectorDNSError: (Transient, Reason.DNS_FAILED),
    UnicodeError: (Transient, Reason.DNS_FAILED),  # a name that no look-up can be made for
    aiohttp.ClientSSLError: (Transient, Reason.TLS_FAILED),
    aiohttp.ServerFingerprintMismatch: (Transient, Reason.TLS_FAILED),
    aiohttp.ConnectionTimeoutError: (Transient, Reason.CONNECT_TIMEOUT),
    aiohttp.ServerTimeoutError: (Transient, Reason.FIRST_BYTE_TIMEOUT),
    aiohttp.ClientPayloadError: (Transient, Reason.CUT_SHORT),
    aiohttp.ServerDisconnectedError: (Transient, Reason.CUT_SHORT),
    aiohttp.ClientConnectionError: (Transient, Reason.CONNECT_FAILED),
    aiohttp.ClientHttpProxyError: (Transient, Reason.CONNECT_FAILED),
    aiohttp.UploadAbortedError: (Transient, Reason.CONNECT_FAILED),
    OSError: (Transient, Reason.CONNECT_FAILED),
    aiohttp.ClientResponseError: (Transient, Reason.BAD_RESPONSE),
    HttpProcessingError: (Transient, Reason.BAD_RESPONSE),
    aiohttp.InvalidURL: (Unacceptable, Reason.BAD_LINK),
    aiohttp.NonHttpUrlClientError: (Unacceptable, Reason.BAD_LINK),
    aiohttp.RedirectClientError: (Unacceptable, Reason.BAD_REDIRECT),
}


def translate(url: str, error: BaseException) -> FetchError:
    """What an exception of the HTTP library, or of the sockets below it, means."""
    if isinstance(getattr(error, "os_error", None), ForbiddenAddress):
        return Unacceptable(url, Reason.FORBIDDEN_ADDRESS)
    kind, reason = next(_BY_EXCEPTION[base] for base in type(error).__mro__ if base in _BY_EXCEPTION)
    return kind(url, reason, f"{type(error).__name__}: {error}"[:300])


def status_error(url: str, status: int, headers: Mapping[str, str], start: bytes, now: datetime) -> FetchError:
    """What a status that brings nothing means. `start`: the beginning of the body."""
    if status in _MAY_BE_CHALLENGE and _is_challenge(status, headers, start):
        return Refused(url, Reason.CHALLENGE, f"HTTP {status}", status=status)
    kind, reason = _BY_STATUS.get(status) or _BY_CLASS.get(status // 100) or (Transient, Reason.BAD_STATUS)
    if kind is not Transient:
        return kind(url, reason, f"HTTP {status}", status=status)
    wait = retry_after_s(headers.get("retry-after"), headers.get("date"), now)
    return Transient(url, reason, f"HTTP {status}", status=status, retry_after=wait)


def _is_challenge(status: int, headers: Mapping[str, str], start: bytes) -> bool:
    from ingest.walls import challenge_reason  # its patterns are needed only where something went wrong

    return challenge_reason(status, headers, start) is not None
