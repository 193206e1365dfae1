"""The content of a response record: an HTTP answer as it came over the wire, or as somebody says it did.

Archivers undo codings and leave the headers that announce them, or leave codings whose headers they took away; the
length that a header states is that of the wire. So the bytes decide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ingest.backfill.warc_record import HTML_TYPES
from ingest.charset import HEAD_BYTES, decode
from ingest.content_coding import Decoder
from ingest.document import is_markup
from ingest.errors import ParseError
from ingest.model import Reason

MAX_HEADERS = 262_144  # bytes of all of them
STATUS_LINE = re.compile(rb"HTTP/[0-9.]{1,8}[ \t]{1,8}([0-9]{3})(?![0-9])")
BLANK_LINE = re.compile(rb"\r?\n\r?\n")
CHUNK_LINE = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]{0,16}(?:;[^\r\n]{0,256})?\r?\n")
LINE_END = re.compile(rb"\r?\n")
UNDONE = ("content-encoding", "transfer-encoding", "content-length")


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (names in lower case, repeated ones joined), the body as it lies there."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NoPage(Exception):
    """Why a record is left out, as it is counted."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def parse_answer(content: bytes) -> Answer:
    """The parts of an HTTP answer. NoPage where it is none."""
    status = STATUS_LINE.match(content)
    if status is None:
        raise NoPage("no_response")
    blank = BLANK_LINE.search(content, 0, MAX_HEADERS)
    if blank is None:
        raise NoPage("no_response")
    _, _, lines = content[: blank.start()].partition(b"\n")
    return Answer(int(status[1]), _headers(lines), content[blank.end() :])


def _headers(block: bytes) -> Mapping[str, str]:
    headers: dict[str, str] = {}
    last = ""
    for line in block.decode("utf-8", "replace").split("\n"):
        if line[:1] in (" ", "\t") and last:
            headers[last] += " " + line.strip()
            continue
        name, mark, value = line.partition(":")
        last = name.strip().lower() if mark else ""
        if last:
            headers[last] = f"{headers[last]}, {value.strip()}" if last in headers else value.strip()
    return headers


def why_no_page(beginning: bytes, *, is_whole: bool) -> str | None:
    """Why a content is left out, as far as its first bytes tell."""
    if not is_whole and BLANK_LINE.search(beginning) is None and STATUS_LINE.match(beginning):
        return None
    try:
        _judge(parse_answer(beginning))
    except NoPage as verdict:
        return verdict.why
    return None


def read_page(content: bytes, max_bytes: int) -> tuple[Mapping[str, str], bytes]:
    """Headers and decoded body of what is an HTML page with status 200. NoPage for everything else.

    The headers are those of the body: without codings and the length that it had on the wire.
    """
    answer = parse_answer(content)
    kind = _judge(answer)
    body = decoded(answer, max_bytes)
    if not kind and not is_markup(decode(body[:HEAD_BYTES]), None):
        raise NoPage("not_html")
    return {name: value for name, value in answer.headers.items() if name not in UNDONE}, body


def _judge(answer: Answer) -> str:
    """The media type of an answer that may be a page; "" where it says none."""
    if answer.status != 200:
        raise NoPage("status")
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and kind not in HTML_TYPES:
        raise NoPage("not_html")
    return kind


def decoded(answer: Answer, max_bytes: int) -> bytes:
    """The body with its codings undone, as far as they are there. NoPage: too_large, bad_encoding."""
    body = joined_chunks(answer.body, announced="chunked" in answer.headers.get("transfer-encoding", "").lower())
    coding = answer.headers.get("content-encoding", "")
    if coding and body:
        body = _uncoded(coding, body, max_bytes)
    if len(body) > max_bytes:
        raise NoPage("too_large")
    return body


def _uncoded(coding: str, body: bytes, max_bytes: int) -> bytes:
    try:
        decoder = Decoder(coding, max_bytes)
        decoder.feed(body)
        return decoder.finish()
    except ParseError as error:
        if error.reason is Reason.BOMB:
            raise NoPage("too_large") from error
        if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):  # undone already
            return body
        raise NoPage("bad_encoding") from error


def joined_chunks(body: bytes, *, announced: bool) -> bytes:
    """What stands in the chunks (RFC 9112 section 7.1); the body itself where it is not made of them.

    What is made of chunks from its first byte to the last, empty one is chunked, whether a header says so or not: no
    page is. Where they were announced and the last one is missing, what came is what there is.
    """
    parts: list[bytes] = []
    at = 0
    while line := CHUNK_LINE.match(body, at):
        size = int(line[1], 16)
        if size == 0:
            return b"".join(parts)
        at = line.end() + size
        parts.append(body[line.end() : at])
        if at >= len(body):
            break
        end = LINE_END.match(body, at)
        if end is None:
            return body
        at = end.end()
    return b"".join(parts) if announced and parts else body
