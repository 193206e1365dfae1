"""Pages from WARC files (ISO 28500), anybody's: plain, gzip, zstd; a chunk at a time, from any position that was said.

A record that is not wanted costs the look at its head alone: where it ends is found without decompressing it
(`ingest.backfill.records`). Nothing in a file stops the reading of it: what is damaged is counted with its offset, and
the reading goes on at the next record.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from ingest.backfill.archived import ArchivedPage, Chunk, Limits, Tally
from ingest.backfill.http_block import NoPage, read_page, why_no_page
from ingest.backfill.inflate import Damage
from ingest.backfill.opened import opened
from ingest.backfill.records import Disproved, Records
from ingest.backfill.wanted import Wanted
from ingest.backfill.warc_record import Head, is_bare, moment, parse_head, sieve
from ingest.urls import absolute

PEEK = 2048  # bytes of content, to see by an answer's headers that it is no page
Sieve = Callable[[Head], str | None]


def read_chunk(path: Path, position: int, wanted: Wanted, limits: Limits | None = None) -> Chunk[int]:
    """The pages from `position` on (0: the beginning), until a limit is met or the file ends.

    Left out, by why: "no_response" (other records, and what is no HTTP), "revisit", "not_html", "status" (not 200),
    "filtered" (host or path), "outside_window" (archived before it began), "no_date", "truncated" (by the archiver, for
    other reasons than length), "too_large", "bad_encoding", "bad_link". OSError where the file cannot be read.
    """
    limits = limits or Limits()
    try:
        return _read(path, position, wanted, limits, careful=False)
    except Disproved:
        return _read(path, position, wanted, limits, careful=True)


def _read(path: Path, position: int, wanted: Wanted, limits: Limits, *, careful: bool) -> Chunk[int]:
    with opened(path, position, careful=careful) as (records, size):
        return _read_on(records, wanted, limits, size)


def _read_on(records: Records, wanted: Wanted, limits: Limits, size: int) -> Chunk[int]:
    left_out = sieve(wanted, limits.max_bytes)
    tally = Tally()
    end_bytes, end_s = records.read_bytes + limits.max_read, time.monotonic() + limits.max_s
    more = True
    while more:
        try:
            more = _step(records, left_out, limits, tally)
        except Damage as damage:
            records.prove()
            tally.damage(records.offset, str(damage))
            records.resync()
        if tally.is_full(limits) or records.read_bytes >= end_bytes or time.monotonic() >= end_s:
            break
    if more:
        records.prove()
    return tally.chunk(records.position if more else None, min(records.read_bytes, size), size)


def _step(records: Records, left_out: Sieve, limits: Limits, tally: Tally) -> bool:
    """One record. False at the end of the file."""
    block = records.head()
    if block is None:
        return False
    try:
        head = parse_head(block)
    except ValueError as error:
        raise Damage(str(error)) from error
    offset = records.offset
    why = left_out(head) or _no_page(head, records.peek(PEEK))
    if why is None:
        content, remark = records.content(head.length)
        try:
            page = _page(head, content, offset, records.end - offset, limits)
            records.prove()
            tally.keep(page)
        except NoPage as verdict:
            why = verdict.why
    else:
        remark = records.pass_by(head.length)
    tally.records += 1
    if why:
        tally.left_out[why] += 1
    if remark:
        tally.damage(offset, remark)
    return True


def _no_page(head: Head, beginning: bytes) -> str | None:
    """Why a response is no page, as far as the beginning of its content tells."""
    if is_bare(head):
        return None
    return why_no_page(beginning[: head.length], is_whole=len(beginning) >= head.length)


def _page(head: Head, content: bytes, offset: int, length: int, limits: Limits) -> ArchivedPage:
    url, at = absolute("", head.url), moment(head.stated_at)
    if url is None or at is None:
        raise NoPage("bad_link")
    if is_bare(head):
        if len(content) > limits.max_bytes:
            raise NoPage("too_large")
        return ArchivedPage(url, at, 200, {"content-type": head.content_type}, content, offset, length, is_answer=False)
    headers, body = read_page(content, limits.max_bytes)
    return ArchivedPage(url, at, 200, headers, body, offset, length)
