"""Feeds in parts: whatever is known already, what is read of the rest is what is read of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest import sources
from ingest.errors import ParseError
from ingest.model import ParsedFeed, Reason
from ingest.sources import envelope, scan, syndication

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
URL = "https://feeds.example/feeds/news.xml"
CASES = sorted(path for path in (Path(__file__).parents[1] / "golden" / "feeds").iterdir() if path.is_dir())
NAMESPACES = "".join(
    f' xmlns:{prefix}="{name}"'
    for prefix, name in (
        ("slash", "http://purl.org/rss/1.0/modules/slash/"),
        ("dc", "http://purl.org/dc/elements/1.1/"),
        ("content", "http://purl.org/rss/1.0/modules/content/"),
        ("media", "http://search.yahoo.com/mrss/"),
    )
)


def parse(body: bytes | str, known: bytes | None = None, now: datetime = NOW) -> ParsedFeed:
    return sources.parse(body.encode() if isinstance(body, str) else body, None, URL, now, known)


def outcome(body: bytes, known: bytes | None = None) -> ParsedFeed | Reason:
    try:
        return parse(body, known)
    except ParseError as error:
        return error.reason


def whole(body: bytes | str) -> ParsedFeed:
    """As feedparser reads it from end to end."""
    return syndication.parse(body.encode() if isinstance(body, str) else body, None, URL, NOW, whole=True)


def item(number: int, more: str = "") -> str:
    return (
        f'<item><title>Story {number}</title><guid isPermaLink="false">n-{number}</guid>'
        f"<link>https://t.example/{number}</link><pubDate>Fri, 20 Nov 2026 08:{number:02}:00 GMT</pubDate>{more}</item>"
    )


def rss(*items: str, head: str = "<link>https://t.example/</link>") -> str:
    listed = "\n".join(items)
    return f'<rss version="2.0"{NAMESPACES}><channel><title>T</title>{head}\n{listed}</channel></rss>'


def hashes_of(feed: ParsedFeed) -> list[bytes]:
    stated = feed.item_hashes or b""
    return [stated[at : at + 8] for at in range(0, len(stated), 8)]


def ids(feed: ParsedFeed) -> list[str]:
    return [entry.entry_id for entry in feed.entries]


def assert_the_same(full: ParsedFeed, part: ParsedFeed) -> None:
    """But for the items that were known, which are counted."""
    rest = iter(full.entries)
    assert all(any(entry == other for other in rest) for entry in part.entries)
    assert replace(part, entries=(), skipped=0) == replace(full, entries=(), skipped=0)
    assert part.seen == full.seen


def choices(hashes: Sequence[bytes]) -> list[bytes]:
    """Each item new by itself, every second one, none, all."""
    single = [b"".join(other for other in hashes if other != each) for each in hashes]
    return [*single, b"".join(hashes[::2]), b"".join(hashes[1::2]), b"".join(hashes), b""]


# --- the same as the whole ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_golden_feed_reads_the_same_in_any_parts(case: Path) -> None:
    body = next(case.glob("feed.*")).read_bytes()
    full = parse(body)
    for known in choices(hashes_of(full)):
        assert_the_same(full, parse(body, known))
    if b"jsonfeed" not in body:
        assert replace(full, item_hashes=None) == whole(body)


def test_with_nothing_new_nothing_is_read_and_what_the_feed_says_is_said() -> None:
    body = rss(item(1), item(2), head="<link>https://t.example/</link><language>en</language><ttl>30</ttl>")
    full = parse(body)
    again = parse(body, full.item_hashes)
    assert (again.entries, again.skipped, again.seen) == ((), 2, 2)
    assert (again.title, again.site_url, again.language, again.pacing.ttl_s) == ("T", "https://t.example/", "en", 1800)
    assert again.item_hashes == full.item_hashes


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("Story 1", "Story one"),
        ("08:01:00", "09:01:00"),
        ("https://t.example/1<", "https://t.example/one<"),
        ("</item>", "<description>More</description></item>"),
        ("</item>", "<category>A</category></item>"),
    ],
)
def test_a_restated_item_is_read(was: str, now: str) -> None:
    body = rss(item(1), item(2))
    known = parse(body).item_hashes
    assert ids(parse(body.replace(was, now, 1), known)) == ["n-1"]


def test_new_items_are_read_wherever_they_stand() -> None:
    known = parse(rss(item(1), item(2))).item_hashes
    assert ids(parse(rss(item(3), item(1), item(4), item(2), item(5)), known)) == ["n-3", "n-4", "n-5"]
    assert ids(parse(rss(item(2)), known)) == []


@pytest.mark.parametrize(
    "head",
    [
        "<link>https://t.example/</link><lastBuildDate>Mon, 23 Nov 2026 12:00:00 GMT</lastBuildDate>",
        "<link>https://t.example/</link><title>Another name</title><ttl>5</ttl>",
        "<link>https://t.example/</link><!-- cached at 12:00 -->",
    ],
)
def test_what_says_nothing_of_the_items_makes_none_new(head: str) -> None:
    known = parse(rss(item(1), item(2))).item_hashes
    assert parse(rss(item(1), item(2), head=head), known).skipped == 2


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("<link>https://t.example/</link>", "<link>https://other.example/</link>"),  # what links are relative to
        ("<title>T</title>", "<title>T</title><language>de</language>"),
        ('<rss version="2.0"', '<rss version="2.0" xml:lang="fr"'),
        ('<rss version="2.0"', '<rss version="0.91"'),
        ("http://purl.org/dc/elements/1.1/", "http://purl.org/dc/terms/"),
    ],
)
def test_an_envelope_that_says_something_else_of_its_items_makes_all_new(was: str, now: str) -> None:
    body = rss(item(1), item(2))
    changed = body.replace(was, now)
    assert parse(changed, parse(body).item_hashes).entries == parse(changed).entries != ()


def test_counts_of_comments_make_no_item_new() -> None:
    def body(count: int) -> str:
        return rss(item(1, f"<slash:comments>{count}</slash:comments>"), item(2))

    assert parse(body(17), parse(body(3)).item_hashes).skipped == 2


def test_what_looks_like_a_count_and_is_text_is_text() -> None:
    def body(count: int) -> str:
        quoted = f"<![CDATA[Write <slash:comments>{count}</slash:comments>]]>"
        return rss(item(1, f"<description>{quoted}</description>"), item(2))

    assert ids(parse(body(17), parse(body(3)).item_hashes)) == ["n-1"]


def test_an_id_that_is_used_again_is_told_apart_as_in_the_whole() -> None:
    first, second = item(1), item(1).replace("t.example/1<", "t.example/other<")
    known = parse(rss(first, item(2))).item_hashes
    body = rss(second, first, item(2))
    assert ids(parse(body, known)) == ["n-1#https://t.example/other"]
    assert_the_same(parse(body), parse(body, known))


def test_a_mention_of_a_new_id_in_a_known_item_is_no_use_of_it() -> None:
    known = parse(rss(item(1, '<description>&lt;a href="n-2">n-2 </description>'))).item_hashes
    body = rss(item(2), item(1, '<description>&lt;a href="n-2">n-2 </description>'))
    assert ids(parse(body, known)) == ["n-2"]


def test_an_id_that_cannot_be_found_in_its_item_has_the_item_read_every_time() -> None:
    body = rss(
        "<item><title>No&amp;nbsp;id</title></item>", "<item><title>A</title><link>/relative</link></item>", item(1)
    )
    again = parse(body, parse(body).item_hashes)
    assert ids(again) == ["No id", "https://t.example/relative"]


@pytest.mark.parametrize("ampersand", ["&amp;", "&#038;", "&#38;"])
def test_an_id_is_found_however_its_ampersand_is_written(ampersand: str) -> None:
    body = rss(f"<item><title>A</title><guid>https://t.example/?a=1{ampersand}p=2</guid></item>")
    assert parse(body, parse(body).item_hashes).skipped == 1


def test_a_date_that_lies_ahead_is_believed_when_its_time_has_come() -> None:
    body = rss(item(1).replace("20 Nov", "30 Nov"), item(2))
    early = parse(body)
    assert early.entries[0].published_at is None
    late = parse(body, early.item_hashes, NOW + timedelta(days=8))
    assert [entry.published_at for entry in late.entries] == [datetime(2026, 11, 30, 8, 1, tzinfo=UTC)]
    assert parse(body, late.item_hashes, NOW + timedelta(days=9)).skipped == 2


def test_items_do_not_colour_those_behind_them() -> None:
    """feedparser by itself keeps the base of a div in a text, and prefixes that an item declares."""
    strange = item(1, '<description><div xml:base="https://evil.example/">x</div></description>')
    declares = (
        '<item xmlns:dc="https://private.example/"><title>x</title><guid>urn:x</guid><dc:creator>X</dc:creator></item>'
    )
    plain = item(2, "<dc:creator>Ana Lima</dc:creator>")
    assert parse(rss(strange, declares, plain)).entries[2] == parse(rss(plain)).entries[0]


# --- what cannot be read in parts -----------------------------------------------------------------------------------

NOT_IN_PARTS = {
    "an end tag that is quoted": rss(item(1, "<description><![CDATA[Write </item>]]></description>"), item(2)),
    "an item that is quoted": rss(item(1, "<description><![CDATA[<item>x</item>]]></description>"), item(2)),
    "an item in a comment": rss(item(1), "<!-- " + item(2) + " -->", item(3)),
    "an item in an item": rss(item(1, item(2)), item(3)),
    "an empty item": rss("<item/>", item(1)),
    "two names for items": rss(item(1), "<entry><title>x</title></entry>"),
    "not well-formed": rss(item(1, "<description>AT&T</description>"), item(2)),
    "an element that is never closed": rss(item(1, "<description>x"), item(2)),
    "cut short": rss(item(1), item(2))[:-60],
    "a place": rss(item(1), "<dateline-place/>"),
    "what is around an item": rss(item(1), "</dateline-item><dateline-item>", item(2)),
    "an undeclared prefix": rss(item(1, "<x:y>z</x:y>")),
}


@pytest.mark.parametrize("body", NOT_IN_PARTS.values(), ids=NOT_IN_PARTS.keys())
def test_a_document_that_cannot_be_split_is_read_as_a_whole(body: str) -> None:
    known = parse(rss(item(1), item(2), item(3))).item_hashes
    found = parse(body, known)
    assert found.item_hashes is None
    assert found == whole(body)


def test_an_opening_that_is_quoted_splits_nothing() -> None:
    body = rss(item(1, "<description><![CDATA[Write <item> and go on]]></description>"), item(2))
    full = parse(body)
    assert len(hashes_of(full)) == 2
    assert replace(full, item_hashes=None) == whole(body)


@pytest.mark.parametrize("encoding", ["utf-16", "windows-1250"])
def test_other_encodings_are_read_in_parts_too(encoding: str) -> None:
    prolog = f'<?xml version="1.0" encoding="{encoding}"?>'
    body = (prolog + rss(item(1, "<description>šedý</description>"), item(2))).encode(encoding)
    assert parse(body, parse(body).item_hashes).skipped == 2


def test_a_broken_byte_leaves_the_known_items_known() -> None:
    known = parse(rss(item(1, "<description>é</description>"), item(2))).item_hashes
    body = rss(item(3, "<description>x#y</description>"), item(1, "<description>é</description>"), item(2))
    found = parse(body.encode().replace(b"#", b"\xe9"), known)
    assert [(entry.entry_id, entry.summary) for entry in found.entries] == [("n-3", "x\ufffdy")]
    assert found.skipped == 2


def test_more_items_than_are_read_are_told_and_not_known() -> None:
    body = rss(*("<item><title>x</title><guid>urn:" + str(n) + "</guid></item>" for n in range(2005)))
    full = parse(body)
    assert len(full.entries) == len(hashes_of(full)) == 2000
    again = parse(body, full.item_hashes)
    assert (again.skipped, again.problem) == (2000, "more than 2000 entries: the first ones are read")


def test_an_item_that_feedparser_trips_over_costs_no_other() -> None:
    body = rss(item(1), item(2, "<textinput><name>x</name></textinput>"), item(3))
    found = parse(body)
    assert ids(found) == ["n-1", "n-3"]
    assert found.problem == "1 items that cannot be read"
    assert parse(body, found.item_hashes).problem == found.problem


def test_an_error_behind_the_document_names_its_line() -> None:
    head = "<link>https://t.example/</link>\n<generator>\n\nx</generator>\n"
    body = rss(item(1, "\n\n"), item(2), head=head) + "\n<script/>"
    assert parse(body).problem == whole(body).problem == f"line {body.count(chr(10)) + 1}: junk after document element"


# --- JSON Feed ------------------------------------------------------------------------------------------------------


def test_json_feeds_are_read_in_parts() -> None:
    def body(*items: str) -> str:
        return f'{{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{", ".join(items)}]}}'

    one, two = '{"id": "1", "url": "/1", "title": "One"}', '{"id": 2, "url": "/2", "title": "Two"}'
    known = parse(body(one)).item_hashes
    assert ids(parse(body(two, one), known)) == ["2"]
    assert ids(parse(body(two, one.replace("One", "Eins")), known)) == ["2", "1"]
    assert parse(body('{"title": "No id"}', one)).item_hashes is None
    assert parse(body(one, one), known).item_hashes is None


# --- the envelope ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "frequency", "seconds"),
    [
        ("hourly", "1", 3600),
        ("\n\thourly\t", "\n\t2\t", 1800),
        ("houlry", None, 3600),
        ("Daily", "0", 86_400),
        ("dialy", "24", 3600),
        ("weekly", None, 604_800),
        ("monthly", None, 2_592_000),
        ("yearly", None, 31_536_000),
        ("minutes", "30", 1800),
        ("60", None, 3600),
        ("hourly", "999999", 60),
        ("hourly", "often", 3600),
        ("always", "1", None),
        ("", "1", None),
        (None, "1", None),
        ({"x": "y"}, {"x": "y"}, None),
    ],
)
def test_periods(period: object, frequency: object, seconds: int | None) -> None:
    assert envelope.period_s(period, frequency) == seconds


def test_a_new_address_is_another_one() -> None:
    def body(address: str) -> str:
        moved = f"<itunes:new-feed-url>{address}</itunes:new-feed-url>"
        return rss(head=moved).replace("<rss", '<rss xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"')

    assert parse(body("https://new.example/feed")).new_url == "https://new.example/feed"
    assert [parse(body(there)).new_url for there in (URL, "/feed", "ftp://new.example/", "")] == [None] * 4


@pytest.mark.parametrize(
    "body",
    [
        "<rss:rss><rss:channel><rss:item><rss:title>A</rss:title></rss:item></rss:channel></rss:rss>",
        "<x:rss xmlns:x='urn:x'><x:channel><x:item><x:title>A</x:title></x:item></x:channel></x:rss>",
        "<x:feed xmlns:x='urn:x'><x:title>T</x:title><x:entry><x:title>A</x:title></x:entry></x:feed>",
        "<rss:rss><rss:channel><rss:title>T & U</rss:title><rss:item><rss:title>A</rss:title></rss:item>",
        "<rss rss:version=2.0><rss:channel><rss:item><rss:title rss:type=a>A</rss:title></rss:item>",
    ],
)
def test_what_feedparser_finds_nothing_in_is_repaired_and_told(body: str) -> None:
    found = parse(body)
    assert [entry.title for entry in found.entries] == ["A"]
    assert (found.problem or "").startswith("items with a prefix that means nothing: read without it")


# --- strangers' bytes -----------------------------------------------------------------------------------------------

HOSTILE = {
    "deep": rss(item(1, "<a>" * 5_000 + "</a>" * 5_000)),
    "deep, around": rss(item(1), head="<a>" * 5_000 + "</a>" * 5_000),
    "a text of 12 MB": rss(item(1, f"<description>{'word ' * 2_400_000}</description>")),
    "50,000 attributes": rss(item(1, "<a " + " ".join(f'a{n}="1"' for n in range(50_000)) + "/>")),
    "items that never end": "<rss><channel>" + "<item>" * 20_000,
    "ends that have no item": "<rss><channel><item>" + "</item>" * 20_000,
    "nearly items": "<rss><channel><item>" + "<items" * 20_000,
    "30,000 items": rss(*["<item></item>"] * 30_000),
    "30,000 items with something between": rss("<a/>".join(["<item></item>"] * 30_000)),
    "categories of the feed": rss(item(1), head="<category " * 10_000),
    "images of the feed": rss(item(1), head="<image>" + "<url>x</url>" * 5_000),
    "bombs in an item": rss(item(1, '<!DOCTYPE a [<!ENTITY b "bb">]>&b;')),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_documents_have_an_outcome_and_the_same_with_anything_known(body: str) -> None:
    known = parse(rss(item(1), item(2))).item_hashes
    full, part = outcome(body.encode()), outcome(body.encode(), known)
    if isinstance(full, ParsedFeed) and isinstance(part, ParsedFeed):
        assert_the_same(full, part)
    else:
        assert full is part in (Reason.NOT_A_FEED, Reason.TOO_COMPLEX)


PIECES = st.sampled_from(
    [
        *(
            "<item>",
            "</item>",
            "<entry>",
            "<item/>",
            "<![CDATA[",
            "]]>",
            "<!--",
            "-->",
            "&",
            "&nbsp;",
            "\x00",
            "é",
            '"',
        ),
        *("<guid>n-1</guid>", "<guid>n-2</guid>", "<link>/x</link>", "<link>https://t.example/2</link>", "<title>"),
        *("<image><url>x</url></image>", "<image/>", '<div xml:base="https://b.example/">', "</div>", "<language>de"),
        *('<source url="/s">S</source>', "<description>", "</description>", "<slash:comments>5</slash:comments>"),
        *(
            "<dateline-place/>",
            "</dateline-item>",
            "</channel>",
            "<channel>",
            "</rss>",
            " xml:lang='fr'",
            "<category>A",
        ),
        *('<content:encoded xmlns:dc="urn:x">', "<textinput>", "<media:title>", "<svg>", "<id>", "<summary>", "<item "),
    ]
)


@st.composite
def mutations(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A small feed, and what became of it."""
    items = [item(n, "<description>x</description>") for n in range(draw(st.integers(1, 4)))]
    feed = rss(*items)
    mutated = feed
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(mutated)))
        if draw(st.booleans()):
            mutated = mutated[:at] + draw(PIECES) + mutated[at:]
        elif draw(st.booleans()):
            mutated = mutated[:at] + mutated[at + draw(st.integers(1, 40)) :]
        else:
            mutated = mutated.replace(items[0], items[0] + draw(st.sampled_from(items)))
    return feed.encode(), mutated.encode()


@given(mutations(), st.data())
@example((b"", b"<rss><channel><item><guid>a</guid></item></channel></rss>"), None)
def test_parts_equal_the_whole_whatever_became_of_a_feed(
    feeds: tuple[bytes, bytes], data: st.DataObject | None
) -> None:
    before, body = outcome(feeds[0]), outcome(feeds[1])
    stated = [feed.item_hashes for feed in (before, body) if isinstance(feed, ParsedFeed) and feed.item_hashes]
    hashes = [every[at : at + 8] for every in stated for at in range(0, len(every), 8)]
    chosen = data.draw(st.sets(st.sampled_from(hashes))) if data and hashes else set(hashes)
    part = outcome(feeds[1], b"".join(chosen))
    if isinstance(body, ParsedFeed) and isinstance(part, ParsedFeed):
        assert_the_same(body, part)
    else:
        assert body is part in (Reason.NOT_A_FEED, Reason.TOO_COMPLEX)


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_any_bytes_split_into_what_they_are_made_of(body: bytes, known: bytes) -> None:
    text = b"<item>" + body + b"</item>"
    found = scan.split(text, b"", 100)
    assert found is not None
    assert len(b"".join((found.envelope, *found.items))) <= len(text)
    assert len(scan.known_hashes(known)) <= len(known) // 8 + 1
