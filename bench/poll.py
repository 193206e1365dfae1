"""A poll of a feed beside default feedparser: CPU time of one process, over the same documents.

Theirs: `feedparser.parse(body)`. Ours: the hash of the body and `ingest.sources.parse`, from bytes to entries, for a
poll with nothing new (another document with the items of the last one) and for a typical one (one item is new). They
take turns over every feed, so that a busy machine is busy for all; a feed counts with the quickest of its rounds.

Then what is read in parts is compared with what is read as a whole, field by field: each item new by itself, every
second one, all but one, and all; and the names of the entries with those that default feedparser reports.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import islice
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import feedparser

from ingest import sources
from ingest.errors import ParseError
from ingest.fingerprint import digest_bytes
from ingest.model import ParsedEntry, ParsedFeed
from ingest.sources import fields as cleaned
from ingest.sources import syndication
from ingest.sources.scan import HASH_BYTES
from ingest.urls import absolute
from jobs.demo.articles import Article, load_articles

URL = "https://feeds.example/news.xml"
OWN_FEEDS = 20
MAX_SINGLE = 40  # items of a feed that are tried as the only new one
EXAMPLE = "Example: python -m bench.poll --feeds 5 --rounds 1"


@dataclass(frozen=True, slots=True)
class Sample:
    """A feed, and what is read in it when nothing is known."""

    name: str
    body: bytes
    full: ParsedFeed

    @property
    def hashes(self) -> list[bytes]:
        all_of_them = self.full.item_hashes or b""
        return [all_of_them[at : at + HASH_BYTES] for at in range(0, len(all_of_them), HASH_BYTES)]

    def poll(self, known: bytes | None, now: datetime) -> ParsedFeed:
        digest_bytes(self.body)
        return sources.parse(self.body, None, URL, now, known)


@dataclass(slots=True)
class Times:
    """The quickest round of a feed, in seconds."""

    default: float = float("inf")
    nothing_new: float = float("inf")
    typical: float = float("inf")
    full: float = float("inf")


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    now = datetime.now(UTC)
    samples = list(islice(_samples(_load(options.corpus), now), options.feeds)) if options.corpus else []
    if not samples:
        samples = list(_samples(make_feeds(min(OWN_FEEDS, options.feeds), now), now))
    print(f"{len(samples)} feeds{'' if options.corpus else ' of our own'}", file=sys.stderr, flush=True)
    times = _time(samples, options.rounds, now)
    print(json.dumps(_figures(samples, times, options.rounds, now)))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.poll", description=__doc__, epilog=EXAMPLE)
    parser.add_argument(
        "--corpus", type=Path, metavar="DIR", help="real feeds; where there are none the bench makes its own"
    )
    parser.add_argument("--feeds", type=int, default=1_000, metavar="N", help="at most so many feeds [1000]")
    parser.add_argument("--rounds", type=int, default=3, metavar="R", help="rounds over all feeds [3]")
    return parser.parse_args(arguments)


def _load(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The files of a folder, unpacked; those of its `feeds`, where a whole corpus is given."""
    feeds = folder / "feeds"
    for path in sorted((feeds if feeds.is_dir() else folder).iterdir()):
        if path.is_file():
            body = path.read_bytes()
            yield path.name, gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


def _samples(bodies: Iterator[tuple[str, bytes]], now: datetime) -> Iterator[Sample]:
    for name, body in bodies:
        try:
            yield Sample(name, body, sources.parse(body, None, URL, now))
        except ParseError as error:
            print(f"{name}: {error}", file=sys.stderr)


# --- time -----------------------------------------------------------------------------------------------------------


def _time(samples: Sequence[Sample], rounds: int, now: datetime) -> list[Times]:
    times = [Times() for _ in samples]
    for number in range(rounds):
        for sample, best in zip(samples, times, strict=True):
            known = sample.full.item_hashes
            but_first = known and known[HASH_BYTES:]
            best.default = min(best.default, _cpu_s(lambda sample=sample: _default(sample.body)))
            best.nothing_new = min(best.nothing_new, _cpu_s(lambda s=sample, k=known: s.poll(k, now)))
            best.typical = min(best.typical, _cpu_s(lambda s=sample, k=but_first: s.poll(k, now)))
            best.full = min(best.full, _cpu_s(lambda s=sample: s.poll(None, now)))
        print(f"round {number + 1}: {_line(times)}", file=sys.stderr, flush=True)
    return times


def _default(body: bytes) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return feedparser.parse(body)


def _cpu_s(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _ms(times: Sequence[Times], name: str) -> float:
    return 1000 * sum(getattr(best, name) for best in times) / len(times)


def _line(times: Sequence[Times]) -> str:
    names = ("default", "nothing_new", "typical", "full")
    return "CPU ms a feed: " + "  ".join(f"{name} {_ms(times, name):.2f}" for name in names)


# --- sameness -------------------------------------------------------------------------------------------------------


def different_fields(one: Any, other: Any) -> int:
    """Of two entries, or two feeds without their entries."""
    return sum(getattr(one, each.name) != getattr(other, each.name) for each in fields(one))


def _differences(sample: Sample, now: datetime) -> int:
    """Fields that come out otherwise where some items are known, or where the whole is read from end to end."""
    found = _different(sample.full, list(sample.full.entries), _whole(sample, now))
    hashes = sample.hashes
    if len(hashes) != len(sample.full.entries):
        return found  # it is never read in parts
    numbers = range(len(hashes))
    single = [{number} for number in numbers][:MAX_SINGLE]
    for new in (*single, set(numbers[::2]), set(numbers[1::2]), set(numbers[1:]), set(numbers[:-1]), set()):
        known = b"".join(hashes[number] for number in numbers if number not in new)
        # The same item twice in a document is known twice.
        stated = [entry for entry, each in zip(sample.full.entries, hashes, strict=True) if not _is_in(each, known)]
        found += _different(sample.full, stated, sample.poll(known, now))
    return found


def _is_in(each: bytes, known: bytes) -> bool:
    """An item that is read every time has a hash that is none; it is in none."""
    return any(known[at : at + HASH_BYTES] == each for at in range(0, len(known), HASH_BYTES))


def _whole(sample: Sample, now: datetime) -> ParsedFeed:
    try:
        whole = syndication.parse(sample.body, None, URL, now, whole=True)
    except ParseError:  # JSON
        return sample.full
    return replace(whole, item_hashes=sample.full.item_hashes)


def _different(full: ParsedFeed, stated: Sequence[ParsedEntry], found: ParsedFeed) -> int:
    there = {entry.entry_id: entry for entry in found.entries}
    missing = sum(entry.entry_id not in there for entry in stated)
    entries = sum(different_fields(entry, there[entry.entry_id]) for entry in stated if entry.entry_id in there)
    bare = replace(full, entries=(), skipped=0)
    return entries + missing + different_fields(bare, replace(found, entries=(), skipped=0))


def _unlike_default(sample: Sample) -> int:
    """Entries whose id, link or title is another than default feedparser's, once that was cleaned as ours are.

    A feed that it finds nothing in has none to compare.
    """
    theirs = _default(sample.body).entries
    if len(theirs) != len(sample.full.entries):
        return len(theirs)
    return sum(not _is_like(item, entry, sample) for item, entry in zip(theirs, sample.full.entries, strict=True))


def _is_like(item: Any, entry: ParsedEntry, sample: Sample) -> bool:
    identity, link = item.get("id"), item.get("feedburner_origlink") or item.get("link")
    title = cleaned.line(item.get("title"), cleaned.MAX_TITLE)
    return (
        (not identity or entry.entry_id.startswith(identity.strip()))
        and (not link or absolute(sample.full.site_url or URL, link) == entry.url)
        and (not title or title == entry.title)
    )


def _figures(samples: Sequence[Sample], times: Sequence[Times], rounds: int, now: datetime) -> dict[str, object]:
    different = 0
    for number, sample in enumerate(samples):
        found = _differences(sample, now)
        different += found
        if found or number % 20 == 19:
            print(f"compared {number + 1} of {len(samples)}: {sample.name}: {found}", file=sys.stderr, flush=True)
    return {
        "bench": "poll",
        "nothing_new_ratio": round(_ms(times, "default") / _ms(times, "nothing_new"), 1),
        "typical_ratio": round(_ms(times, "default") / _ms(times, "typical"), 1),
        "full_ratio": round(_ms(times, "default") / _ms(times, "full"), 2),
        "fields_different": different,
        "entries_unlike_default": sum(_unlike_default(sample) for sample in samples),
        "default_ms": round(_ms(times, "default"), 2),
        "nothing_new_ms": round(_ms(times, "nothing_new"), 2),
        "typical_ms": round(_ms(times, "typical"), 2),
        "feeds": len(samples),
        "read_as_a_whole": sum(sample.full.item_hashes is None for sample in samples),
        "entries": sum(len(sample.full.entries) for sample in samples),
        "rounds": rounds,
    }


# --- feeds of our own -----------------------------------------------------------------------------------------------


def make_feeds(count: int, now: datetime, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """RSS of the kind that most publishing systems write: 10 to 50 items, every second feed with the whole texts."""
    dice = random.Random(seed)
    articles = [article for article in load_articles(now) if article.paragraphs]
    for number in range(count):
        chosen = [dice.choice(articles) for _ in range(dice.randint(10, 50))]
        items = "".join(_item(article, n, now, whole=number % 2 == 0) for n, article in enumerate(chosen))
        yield f"own-{number}", f"{HEAD.format(number=number, now=format_datetime(now))}{items}</channel></rss>".encode()


HEAD = """<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"
 xmlns:slash="http://purl.org/rss/1.0/modules/slash/">
<channel><title>Paper {number}</title><atom:link href="https://paper{number}.example/feed/" rel="self"
 type="application/rss+xml" /><link>https://paper{number}.example</link><description>News</description>
<lastBuildDate>{now}</lastBuildDate><language>en-US</language><sy:updatePeriod>hourly</sy:updatePeriod>
<sy:updateFrequency>1</sy:updateFrequency><generator>https://wordpress.org/?v=6.6</generator>
"""


def _item(article: Article, number: int, now: datetime, *, whole: bool) -> str:
    at = format_datetime(now - timedelta(hours=number + 1))
    paragraphs = [f'<p class="text"><a href="/{n}">{escape(p)}</a></p>' for n, p in enumerate(article.paragraphs * 4)]
    content = f"<content:encoded><![CDATA[{''.join(paragraphs)}]]></content:encoded>" if whole else ""
    return f"""<item><title>{escape(article.title)} ({number})</title><link>https://paper.example/{number}</link>
<dc:creator><![CDATA[Ana Lima]]></dc:creator><pubDate>{at}</pubDate><category><![CDATA[News]]></category>
<guid isPermaLink="false">https://paper.example/?p={number}</guid>
<description><![CDATA[<p>{paragraphs[0]}</p>]]></description>{content}
<slash:comments>{number}</slash:comments></item>
"""


if __name__ == "__main__":
    sys.exit(main())
