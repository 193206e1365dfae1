"""Feed documents: golden cases, and bytes that nobody should have written."""

from __future__ import annotations

import dataclasses
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest import sources
from ingest.errors import ParseError
from ingest.model import ParsedFeed, Reason
from ingest.sources import fields, handlers

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
URL = "https://feeds.example/feeds/news.xml"
CASES = sorted(path for path in (Path(__file__).parents[1] / "golden" / "feeds").iterdir() if path.is_dir())


def parse(body: bytes | str, content_type: str | None = None) -> ParsedFeed:
    return sources.parse(body.encode() if isinstance(body, str) else body, content_type, URL, NOW)


def outcome(body: bytes | str, content_type: str | None = None) -> ParsedFeed | ParseError:
    try:
        return parse(body, content_type)
    except ParseError as error:
        return error


def refused(body: bytes | str, content_type: str | None = None) -> tuple[Reason, str]:
    with pytest.raises(ParseError) as caught:
        parse(body, content_type)
    return caught.value.reason, caught.value.detail


def rss(items: str, prolog: str = "") -> str:
    return f'{prolog}<rss version="2.0"><channel><title>T</title><link>https://t.example/</link>{items}</channel></rss>'


def as_json(feed: ParsedFeed) -> Any:
    stated = dataclasses.asdict(dataclasses.replace(feed, item_hashes=None))  # test_scan.py
    return json.loads(json.dumps(stated, default=lambda v: sorted(v) if isinstance(v, frozenset) else v.isoformat()))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_golden_feeds(case: Path) -> None:
    """A case is a folder: feed.xml or feed.json, expected.json, and about.txt, which says what it shows."""
    feed = parse(next(case.glob("feed.*")).read_bytes())
    assert as_json(feed) == json.loads((case / "expected.json").read_text())
    assert (case / "about.txt").read_text().strip()


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ("", "an empty document"),
        (" \n", "an empty document"),
        ("<!DOCTYPE html><html><head><title>News</title></head></html>", "an HTML page"),
        ("<html><body><p>Read our <code><rss</code></p></body></html>", "an HTML page"),
        ('<?xml version="1.0"?><opml></opml>', "XML, but neither RSS nor Atom"),
        ("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>", "XML, but neither RSS nor Atom"),
        ('{"items": []}', "JSON, but no JSON Feed"),
        ('{"version": "https://jsonfeed.org/version/1"}', "a JSON Feed without items"),
        ("/etc/passwd", "neither XML nor JSON"),
        ("https://feeds.example/rss", "neither XML nor JSON"),
        (b"\x89PNG\r\n\x1a\n", "neither XML nor JSON"),
    ],
)
def test_what_is_no_feed_is_named(body: bytes | str, detail: str) -> None:
    assert refused(body) == (Reason.NOT_A_FEED, detail)


def test_broken_json_is_no_feed() -> None:
    reason, detail = refused('{"version": "https://jsonfeed.org/version/1", "items": [')
    assert (reason, detail.split(" (")[0]) == (Reason.NOT_A_FEED, "broken JSON")
    assert refused('{"version": "https://jsonfeed.org/version/1", "items": ' + "[" * 100_000)[0] is Reason.NOT_A_FEED


# --- encodings ----------------------------------------------------------------------------------------------------

TITLE = "Café – šedý"


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("utf-8", None, None),
        ("utf-8", "utf-8", "text/xml"),
        ("utf-8", "iso-8859-1", "text/xml; charset=utf-8"),  # the server is believed first
        ("utf-8", "utf-16", None),  # a declaration that cannot be
        ("utf-8", "no-such-thing", "text/xml; charset=nonsense"),
        ("utf-8", "hex", "text/xml; charset=punycode"),
        ("utf-8-sig", "windows-1252", "text/xml; charset=iso-8859-1"),  # a mark beats everything
        ("utf-16", "utf-16", None),
        ("utf-16-le", None, None),
        ("windows-1250", "windows-1250", "application/rss+xml"),
        ("windows-1250", None, 'text/xml;charset="windows-1250"'),
        ("windows-1250", "utf-8", "text/xml; charset=windows-1250"),
    ],
)
def test_encodings(encoding: str, declared: str | None, content_type: str | None) -> None:
    statement = f' encoding="{declared}"' if declared else ""
    text = rss(f"<item><title>{TITLE}</title></item>", f'<?xml version="1.0"{statement}?>')
    feed = parse(text.encode(encoding), content_type)
    assert (feed.entries[0].title, feed.problem) == (TITLE, None)


def test_one_broken_byte_does_not_garble_the_rest() -> None:
    feed = parse(
        rss(f"<item><title>{TITLE}</title></item><item><title>x\ufffdy</title></item>")
        .encode()
        .replace(b"\xef\xbf\xbd", b"\xe9")
    )
    assert [entry.title for entry in feed.entries] == [TITLE, "x\ufffdy"]


def test_undeclared_latin_1_is_read() -> None:
    assert parse(rss("<item><title>é à ü ñ ç ö</title></item>" * 9).encode("latin-1")).entries[0].title == "é à ü ñ ç ö"


# --- identity -----------------------------------------------------------------------------------------------------


def test_identity_does_not_depend_on_the_order_or_the_address_of_the_document() -> None:
    items = [f"<item><guid isPermaLink='false'>same</guid><link>/{n}</link></item>" for n in range(5)]
    items += [f"<item><guid>{n}</guid><title>{n}</title></item>" for n in range(5)]
    one, other = parse(rss("".join(items))), parse(rss("".join(reversed(items))))
    moved = sources.parse(rss("".join(items)).encode(), None, "http://elsewhere.example/", NOW)
    assert {entry.entry_id for entry in one.entries} == {entry.entry_id for entry in other.entries}
    assert one.entries == moved.entries
    assert len({entry.entry_id for entry in one.entries}) == 10


def test_very_long_ids_stay_different() -> None:
    long = "x" * 5000
    feed = parse(rss(f"<item><guid>{long}a</guid></item><item><guid>{long}b</guid></item>"))
    assert len({entry.entry_id for entry in feed.entries}) == 2
    assert all(len(entry.entry_id) < 3000 for entry in feed.entries)


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        ("Ana Lima", "Ana Lima"),
        ("Ana Lima (BBC)", "Ana Lima (BBC)"),
        ("desk@herald.example (Night Desk)", "Night Desk"),
        ("Night Desk &lt;desk@herald.example&gt;", "Night Desk"),
        ("noreply@herald.example", None),
    ],
)
def test_authors_are_names(stated: str, name: str | None) -> None:
    assert parse(rss(f"<item><author>{stated}</author></item>")).entries[0].authors == ((name,) if name else ())


# --- limits -------------------------------------------------------------------------------------------------------


def test_fields_and_lists_have_limits() -> None:
    dc = "http://purl.org/dc/elements/1.1/"
    people = "".join(f"<dc:creator>Name {n}</dc:creator>" for n in range(100))
    topics = "".join(f"<category>{n}</category>" for n in range(1000))
    body = f"<title>{'t ' * 9000}</title><description>{'s ' * 90_000}</description>{people}{topics}"
    entry = parse(rss(f"<item xmlns:dc='{dc}'>{body}</item>")).entries[0]
    assert len(entry.title or "") <= fields.MAX_TITLE
    assert len(entry.summary or "") <= fields.MAX_SUMMARY
    assert (len(entry.authors), len(entry.categories)) == (fields.MAX_AUTHORS, fields.MAX_CATEGORIES)
    assert entry.authors[0] == "Name 0"


def test_the_first_two_thousand_entries_are_read_and_the_rest_is_told() -> None:
    feed = parse(rss("<item><title>x</title></item>" * 2001))
    assert len(feed.entries) == 2000
    assert feed.problem == "more than 2000 entries: the first ones are read"
    assert parse(rss("<item><title>x</title></item>" * 2000)).problem is None


@pytest.mark.parametrize(
    ("ttl", "seconds"), [("60", 3600), ("0", None), ("-5", None), ("soon", None), ("1", 60), ("99999999", 604_800)]
)
def test_ttl(ttl: str, seconds: int | None) -> None:
    assert parse(rss(f"<ttl>{ttl}</ttl>")).pacing.ttl_s == seconds


# --- strangers' bytes ---------------------------------------------------------------------------------------------

BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
LISTS_OF_ENTITIES = {
    "nested": f'<!DOCTYPE r [<!ENTITY e0 "ha">{BOMB}]>',
    "a file": '<!DOCTYPE r [<!ENTITY e9 SYSTEM "file:///etc/passwd">]>',
    "an address": "<!DOCTYPE r [<!ENTITY e9 PUBLIC 'x' 'http://127.0.0.1/'>]>",
    "nested in single quotes": "<!DOCTYPE r [<!ENTITY e0 'ha'><!ENTITY e9 '&e0;&e0;'>]>",
}


@pytest.mark.parametrize("prolog", LISTS_OF_ENTITIES.values(), ids=LISTS_OF_ENTITIES.keys())
def test_entities_that_grow_or_read_are_refused_at_once(prolog: str) -> None:
    began = time.process_time()
    assert refused(rss("<item><title>&e9;</title></item>", prolog)) == (
        Reason.NOT_A_FEED,
        "a document type with entities that grow or read files",
    )
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">',
        '<!DOCTYPE r [<!ENTITY % HTMLlat1 PUBLIC "-//W3C//ENTITIES//EN" "http://www.w3.org/x.ent"> %HTMLlat1;]>',
        '<!DOCTYPE r [<!ENTITY nbsp "&#160;">]>',
        '<!DOCTYPE r [<!ELEMENT a "]>"><!ENTITY e9 SYSTEM "file:///etc/passwd">]>',  # the cut leaves a remainder
    ],
)
def test_other_document_types_are_cut_off(prolog: str) -> None:
    entry = parse(rss("<item><title>x&nbsp;y &e9;</title></item>", prolog)).entries[0]
    assert entry.title == "x y &e9;"


ONE_ITEM = "<item><title>x</title>{}</item>"
HEAVY = {
    "attributes": "<item " + " ".join(f'a{n}="1"' for n in range(50_000)) + "/>",
    "attributes, loosely": "&bad; <item " + " ".join(f'a{n}="1"' for n in range(50_000)) + "/>",
    "namespaces": "".join(f'<a xmlns:n{n}="u{n}"/>' for n in range(20_000)),
    "long author": ONE_ITEM.format(f"<author>{'a' * 200_000}</author>"),
    "long address": ONE_ITEM.format(f"<author>a@{'a-' * 100_000}</author>"),
    "categories": ONE_ITEM.format("".join(f"<category>{n}</category>" for n in range(20_000))),
    "deep markup": ONE_ITEM.format(f"<description>{'&lt;div&gt;' * 100_000}</description>"),
    "open comments": ONE_ITEM.format(f"<description>{'&lt;!--' * 100_000}</description>"),
    "open sections": ONE_ITEM.format("<![CDATA[" * 100_000),
    "date": ONE_ITEM.format(f"<pubDate>{'1 ' * 200_000}</pubDate>"),
    "prolog": "<?xml " + "encoding='" * 200_000,
    "large number": ONE_ITEM.format(f"<description>&amp;#{'9' * 10_000};&#{'9' * 10_000};</description>"),
}


@pytest.mark.parametrize("items", HEAVY.values(), ids=HEAVY.keys())
def test_what_keeps_a_parser_busy_is_cut_or_refused(items: str) -> None:
    """Plain feedparser needs up to two minutes for some of these; a few seconds tell the difference."""
    began = time.process_time()
    found = outcome(rss(items) if not items.startswith("<?xml") else items)
    assert time.process_time() - began < 10
    if isinstance(found, ParseError):
        assert found.reason in (Reason.TOO_COMPLEX, Reason.NOT_A_FEED)
    else:
        assert found.title == "T"


def test_limits_refuse_with_a_reason() -> None:
    assert refused(rss(HEAVY["attributes"])) == (Reason.TOO_COMPLEX, "more than 200 attributes on one element")
    assert refused(rss(HEAVY["namespaces"])) == (Reason.TOO_COMPLEX, "more than 200 namespaces")


def test_a_document_that_looks_like_a_path_opens_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "feed.xml"
    secret.write_text(rss("<item><title>secret</title></item>"))
    assert refused(str(secret))[0] is Reason.NOT_A_FEED
    assert handlers.read(str(secret), 10).entries == []


FRAGMENTS = st.sampled_from(
    [
        "<rss version='2.0'>",
        "<channel>",
        "<item>",
        "</item>",
        "<entry>",
        "<feed xmlns='http://www.w3.org/2005/Atom'>",
        "<title type='html'>",
        "</title>",
        "<link href='x'/>",
        "<link>",
        "</link>",
        "<guid>",
        "<pubDate>",
        "<content type='xhtml'>",
        "<category term='a'/>",
        "<author><name>",
        "<media:content url='a.jpg' width='9'>",
        "<source url='x'>",
        "<image><url>",
        "&#xD83D;",
        "&#0;",
        "&#99999999999;",
        "&nbsp;",
        "&",
        "<![CDATA[",
        "]]>",
        "<!--",
        "<!DOCTYPE",
        "<?xml",
        "xml:base='http://['",
        "http://[",
        "\x00",
        "\ufffe",
        "é",
        "Mon, 1 Jan 2026",
        "{",
        "[",
        '"items":',
    ]
)
DOCUMENTS = st.one_of(
    st.binary(max_size=300),
    st.lists(FRAGMENTS, max_size=25).map(lambda parts: "".join(parts).encode()),
    st.lists(FRAGMENTS, max_size=25).map(lambda parts: rss("<item>" + "".join(parts)).encode()),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["id", "url", "title", "tags"]), inner)
        ),
        max_leaves=12,
    ).map(lambda items: json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [items]}).encode()),
)


@given(DOCUMENTS, st.one_of(st.none(), st.text(max_size=40), st.just("text/xml; charset=idna")))
@example(b"<rss><channel><item><link>http://[</link>", None)
@example(b"<rss" + b"\xff\xfe" * 20, "text/xml; charset=utf-16")
def test_any_bytes_give_a_feed_or_our_error(body: bytes, content_type: str | None) -> None:
    feed = outcome(body, content_type)
    if isinstance(feed, ParseError):
        assert feed.reason in (Reason.NOT_A_FEED, Reason.TOO_COMPLEX)
        return
    assert len({entry.entry_id for entry in feed.entries}) == len(feed.entries)
    for entry in feed.entries:
        assert entry.url is None or entry.url.startswith(("http://", "https://"))
