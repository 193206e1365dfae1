"""The HTTP Link header (RFC 8288): what a server says of a document beside it."""

from __future__ import annotations

import re

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)


def read_link_header(value: str) -> list[tuple[str, dict[str, str]]]:
    """(target, parameters) of each link (RFC 8288 section 3). Of a parameter said twice, the first counts.

    What cannot be read ends its link, and the next one begins behind the next comma.
    """
    links: list[tuple[str, dict[str, str]]] = []
    at = 0
    while (start := value.find("<", at)) >= 0:
        end = value.find(">", start)
        if end < 0:
            break
        parameters, at = _read_parameters(value, end + 1)
        links.append((value[start + 1 : end].strip(), parameters))
    return links


def _read_parameters(value: str, at: int) -> tuple[dict[str, str], int]:
    """The parameters from `at` on, and where they end."""
    found: dict[str, str] = {}
    while True:
        at = _behind_space(value, at)
        if value[at : at + 1] != ";":
            return found, at
        at = _behind_space(value, at + 1)
        name = TOKEN.match(value, at)
        if name is None:
            continue  # ";;" and ";," are allowed
        at, said = _behind_space(value, name.end()), ""
        if value[at : at + 1] == "=":
            at = _behind_space(value, at + 1)
            quoted, plain = QUOTED.match(value, at), TOKEN.match(value, at)
            if quoted:
                said, at = re.sub(r"\\(.)", r"\1", quoted[1]), quoted.end()
            elif plain:
                end = min((p for p in (value.find(";", at), value.find(",", at)) if p >= 0), default=len(value))
                said, at = value[at:end].strip(), end  # type=application/rss+xml is no token, and is sent
        found.setdefault(name[0].lower(), said)


def _behind_space(value: str, at: int) -> int:
    while value[at : at + 1] in (" ", "\t") and at < len(value):
        at += 1
    return at
