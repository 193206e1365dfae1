"""Sitemaps as feeds: golden documents, what is an entry and what is left, and bytes that nobody should have written.

A case is a folder in tests/golden/sitemaps: sitemap.xml or sitemap.txt, about.txt, which says what it shows, and
expected.json: the fields that say something. `python -m tests.ingest.test_sitemap` writes what is read now into every
case, for `git diff`.
"""

from __future__ import annotations

import dataclasses
import gzip
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest import sources
from ingest.errors import ParseError
from ingest.model import ParsedFeed, Reason
from ingest.sitemaps import MAX_BYTES, MAX_URLS
from ingest.sources import sitemap
from ingest.urls import absolute

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
URL = "https://north.example/sitemaps/sitemap.xml"
CASES = sorted(path for path in (Path(__file__).parents[1] / "golden" / "sitemaps").iterdir() if path.is_dir())


def parse(body: bytes | str, known: bytes | None = None, now: datetime = NOW) -> ParsedFeed:
    return sources.parse(body.encode() if isinstance(body, str) else body, None, URL, now, known)


def refused(body: bytes | str) -> tuple[Reason, str]:
    with pytest.raises(ParseError) as caught:
        parse(body)
    return caught.value.reason, caught.value.detail


def urlset(items: Iterable[str]) -> str:
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{"".join(items)}</urlset>'


def item(number: int, lastmod: str = "", news: str = "") -> str:
    dated = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
    tags = f"<news:news><news:title>{news}</news:title></news:news>" if news else ""
    return f"<url><loc>https://north.example/{number}</loc>{dated}{tags}</url>"


def numbers(feed: ParsedFeed) -> list[int]:
    return [int((entry.url or "").rpartition("/")[2]) for entry in feed.entries]


# --- golden documents -----------------------------------------------------------------------------------------------


def said(case: Path) -> Any:
    """What is read in a case now: the fields that say something."""
    feed = parse(next(case.glob("sitemap.*")).read_bytes())
    fields = dataclasses.asdict(dataclasses.replace(feed, item_hashes=None))
    return json.loads(json.dumps(_telling(fields), default=lambda moment: moment.isoformat()))


def _telling(value: Any) -> Any:
    match value:
        case dict():
            return {name: _telling(each) for name, each in value.items() if each and name != "pacing"}
        case list() | tuple():
            return [_telling(each) for each in value]
    return value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_golden_sitemaps(case: Path) -> None:
    assert said(case) == json.loads((case / "expected.json").read_text())
    assert (case / "about.txt").read_text().strip()


# --- what is an entry -----------------------------------------------------------------------------------------------


def test_what_the_last_document_had_is_left_out_and_counted() -> None:
    first = parse(urlset([item(1, news="One"), item(2, news="Two")]))
    assert (numbers(first), first.skipped, len(first.item_hashes or b"")) == ([1, 2], 0, 16)
    again = parse(
        urlset([item(3, news="Three"), item(1, news="One"), item(2, news="Two, restated")]), first.item_hashes
    )
    assert (numbers(again), again.skipped, again.seen) == ([3, 2], 1, 3)


def test_an_address_without_a_date_is_an_entry_once_the_document_is_known() -> None:
    first = parse(urlset(item(number) for number in (1, 2)))
    assert (first.entries, first.seen) == ((), 2)
    assert first.problem == "left to backfill, without a recent lastmod: 2 of 2 addresses"
    second = parse(urlset(item(number) for number in (3, 1, 2)), first.item_hashes)
    assert (numbers(second), second.problem) == ([3], None)


def test_a_site_that_renames_all_its_pages_announces_nothing() -> None:
    first = parse(urlset(item(number) for number in range(600)))
    second = parse(urlset(item(number) for number in range(1000, 1600)), first.item_hashes)
    assert second.entries == ()
    assert second.problem == "left to backfill, without a recent lastmod: 600 of 600 addresses"


def test_an_old_address_with_a_new_old_date_stays_one() -> None:
    first = parse(urlset([item(1, "2020-01-01")]))
    assert parse(urlset([item(1, "2020-02-01")]), first.item_hashes).entries == ()


def test_a_lastmod_that_the_whole_document_shares_is_when_it_was_written() -> None:
    """Else every look would fetch every page."""
    written = ("2026-11-23T11:59:00Z", "2026-11-23T12:00:00Z")
    plain = [parse(urlset(item(number, at) for number in range(30))) for at in written]
    assert [feed.entries for feed in plain] == [(), ()]
    assert plain[0].item_hashes == plain[1].item_hashes
    news = parse(urlset(item(number, written[0], "News") for number in range(30)))
    assert len(news.entries) == 30
    assert {entry.updated_at for entry in news.entries} == {None}


def test_a_day_or_a_handful_may_share_a_lastmod_in_earnest() -> None:
    assert len(parse(urlset(item(number, "2026-11-23") for number in range(300))).entries) == 300
    assert len(parse(urlset(item(number, "2026-11-23T11:00:00Z") for number in range(20))).entries) == 20


def test_no_more_addresses_are_read_than_the_protocol_allows() -> None:
    feed = parse(urlset(item(number) for number in range(MAX_URLS + 5)))
    assert feed.seen == MAX_URLS
    assert (feed.problem or "").startswith("more than 50,000 addresses: the first are read; left to backfill")


# --- packed ---------------------------------------------------------------------------------------------------------


def test_a_packed_sitemap_is_read_whatever_the_server_calls_it() -> None:
    document = urlset(item(number, news="News") for number in range(3)).encode()
    for content_type in (None, "text/xml", "application/gzip"):
        feed = sources.parse(gzip.compress(document), content_type, URL, NOW)
        assert (len(feed.entries), feed.problem) == (3, None)
    members = gzip.compress(document[:100]) + gzip.compress(document[100:]) + bytes(512)
    assert len(parse(members).entries) == 3


def test_a_packed_sitemap_that_is_cut_short_gives_what_came() -> None:
    document = urlset(item(number, f"2026-11-{number % 20 + 1:02d}", f"N{hash(number)}") for number in range(2000))
    packed = gzip.compress(document.encode())
    feed = parse(packed[: len(packed) // 2])
    assert 500 < len(feed.entries) < 1500
    assert (feed.problem or "").startswith("the compressed data is broken or cut short: what came before is read; cut")
    broken = bytearray(packed)
    broken[len(packed) // 2] ^= 0xFF
    assert "broken or cut short" in (parse(bytes(broken)).problem or "")


def test_a_bomb_is_one() -> None:
    head = gzip.compress(b"<urlset>" + b" " * 100_000)
    assert refused(head + gzip.compress(b" " * MAX_BYTES, 1))[0] is Reason.BOMB
    assert refused(head + gzip.compress(b"") * 2000) == (Reason.BOMB, "too many gzip members in a row")
    assert refused(b"<urlset>" + b" " * MAX_BYTES)[0] is Reason.TOO_LARGE


# --- what nobody should have written --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("<urlset>" + "<a>" * 50_000, "cut short: what is whole is read"),
        ("<urlset>" + "<a>" * 50_000 + "</urlset>", "not well-formed: "),
        ("<urlset>" + "<url>" * 10_000 + "</urlset>", "not well-formed: "),
        ("<urlset>" + "<a:b>" * 100 + "&" * 1000 + "<" * 1000 + "</urlset>", "not well-formed: "),
        ("<urlset><url><loc>" + "x" * 11_000_000 + "</loc></url></urlset>", "not well-formed: "),
        ("<urlset>" + "<url/>" * 1000 + "</urlset>", "1000 of 1000 have no address"),
        ("<urlset>" + "".join(f"<p{n}:a/>" for n in range(5000)) + "</urlset>", "not well-formed: "),
        ("<urlset>" + "<![CDATA[" * 5000 + "</urlset>", "not well-formed: "),
    ],
    ids=["cut", "deep", "unclosed", "debris", "long", "empty", "prefixes", "cdata"],
)
def test_a_hostile_document_gives_nothing_and_says_why(body: str, problem: str) -> None:
    feed = parse(body)
    assert feed.entries == ()
    assert (feed.problem or "").startswith(problem)


def test_nothing_is_read_of_a_document_type() -> None:
    body = (
        '<!DOCTYPE urlset [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
        "<urlset><url><loc>https://north.example/&b;</loc><news><title>&f;&a;</title></news></url></urlset>"
    )
    (entry,) = parse(body).entries
    assert (entry.url, entry.title) == ("https://north.example/&b", "&f;&a;")


def test_pages_and_lists_that_are_no_sitemaps() -> None:
    assert refused("<html><body>Read our <urlset> guide</body></html>") == (Reason.NOT_A_FEED, "an HTML page")
    with pytest.raises(ParseError, match="neither XML nor JSON"):
        sources.parse(b"https://north.example/1\n", "text/plain", "https://north.example/feed", NOW)


@given(
    st.binary(max_size=200), st.sampled_from([b"<urlset>", b"<sitemapindex>", b"<sm:urlset x='", b"\x1f\x8b\x08\x00"])
)
@example(b"<url><loc>\xff</loc></url>", b"<urlset>")
@example(b"<url><loc>http://[</loc><lastmod>0</lastmod><news/></url>", b"<urlset>")
def test_any_bytes_give_a_feed_or_our_error(body: bytes, head: bytes) -> None:
    try:
        feed = parse(head + body)
    except ParseError:
        return
    assert feed.kind in ("sitemap", "news_sitemap", "sitemap_index")


PIECES = st.sampled_from(
    ["http://", "https://", "HTTPS://", "north.example", "n.example.", ":443", ":80", ":8080", "user@", "/", "//", "..",
     "a", "%41", "%", "?", "#", ";", " ", "é", "\\", "\n", "[", "]", "*", "b=1&c"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=8).map("".join))
@example("https://north.example/a/../b")
def test_the_quick_way_to_an_address_leads_to_the_same(stated: str) -> None:
    assert sitemap.address(URL, stated) == absolute(URL, stated)


def test_50_000_items_are_told_apart_in_little_memory() -> None:
    known = parse(urlset(item(number, news="News") for number in range(1000))).item_hashes or b""
    assert len(known) == 8 * 1000
    assert len({known[at : at + 8] for at in range(0, len(known), 8)}) == 1000


def test_a_date_is_recent_as_of_the_poll() -> None:
    document = urlset([item(1, "2026-11-20")])
    assert numbers(parse(document)) == [1]
    assert numbers(parse(document, now=NOW + timedelta(days=5))) == []


def rewrite() -> None:
    """Write what is read now into every case."""
    for case in CASES:
        (case / "expected.json").write_text(json.dumps(said(case), ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    rewrite()
