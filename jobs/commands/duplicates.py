"""`dateline duplicates --jsonl`: texts a line in, in order of arrival; a line out for each link."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from ingest.clusters import Index
from ingest.near import signature
from ingest.urls import host_of, registrable_domain, url_key
from jobs.present import to_json

MAX_LINE = 4_000_000  # bytes


def duplicate_lines(sources: Sequence[str], keep: int) -> int:
    """Read the sources to the end and print links as they are found. Returns the exit code."""
    index = Index(keep)
    try:
        with ExitStack() as stack:
            for source in sources:
                file = sys.stdin.buffer if source == "-" else stack.enter_context(Path(source).open("rb"))
                for line in lines_of(file):
                    for answer in answers(index, line):
                        sys.stdout.write(to_json(answer) + "\n")
                    if file is sys.stdin.buffer:
                        sys.stdout.flush()
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        print(f"dateline: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def lines_of(file: IO[bytes]) -> Iterator[bytes]:
    """The lines of a file that are not blank; of a line that is too long its beginning, which is no JSON."""
    while line := file.readline(MAX_LINE):
        whole = line
        while not line.endswith(b"\n") and (line := file.readline(MAX_LINE)):
            pass
        if whole.strip():
            yield whole


def answers(index: Index, line: bytes) -> Iterable[dict[str, Any]]:
    """The links of the text in a line, or what is wrong with the line."""
    try:
        said = json.loads(line)
        if not isinstance(said, dict):
            raise ValueError("not a JSON object")
        id, text, title, url, site = (_string(said, name) for name in ("id", "text", "title", "url", "site"))
        if not id:
            raise ValueError('it has no "id"')
        published = _moment(said.get("published"))
        key = url_key(url) if url else None
    except (ValueError, RecursionError) as error:
        return [{"error": f"bad line: {error}"}]
    links = index.add(id, signature(text, title), site or _site_of(url), key, published)
    return [
        {
            "id": link.id,
            "of": link.of,
            "relation": str(link.relation.kind),
            "similarity": link.relation.similarity,
            "coverage": link.relation.coverage,
        }
        for link in links
    ]


def _string(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    if value is None:
        return ""
    if name == "id" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise ValueError(f"{name} is not a string")
    return value


def _moment(stated: Any) -> datetime | None:
    if stated is None:
        return None
    if not isinstance(stated, str):
        raise ValueError("published is not a string")
    moment = datetime.fromisoformat(stated)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _site_of(url: str) -> str:
    host = host_of(url)
    return registrable_domain(host) or host
