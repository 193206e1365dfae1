"""The ladders: what is believed first, what is not believed at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ingest import agencies, byline, jsonld, kinds
from ingest.document import open_document
from ingest.headline import site_keys, without_site
from ingest.metadata import Facts, gather
from ingest.model import Kind, ParsedEntry

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
URL = "https://www.northpost.example/news/story-1"


def facts(head: str = "", body: str = "", url: str = URL, ld: Any = None, entry: ParsedEntry | None = None) -> Facts:
    script = (
        f"<script type='application/ld+json'>{ld if isinstance(ld, str) else json.dumps(ld)}</script>" if ld else ""
    )
    page = f"<html><head>{head}{script}</head><body>{body}<p>words</p></body></html>"
    return gather(open_document(page.encode(), "text/html; charset=utf-8", url), NOW, entry)


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("By Jane Doe", ["Jane Doe"]),
        ("By Jane Doe and John Roe, Reuters", ["Jane Doe", "John Roe", "Reuters"]),
        ("Von Käthe Brammer und Jörg Öst", ["Käthe Brammer", "Jörg Öst"]),
        ("Par Agathe Morvan et Louis Béranger", ["Agathe Morvan", "Louis Béranger"]),
        ("Por Lucía Ferrer y Andrés Pons", ["Lucía Ferrer", "Andrés Pons"]),
        ("Jane Doe; John Roe & Ann Poe", ["Jane Doe", "John Roe", "Ann Poe"]),
        ("Jane Doe in Kyiv", ["Jane Doe"]),
        ("Jane Doe, Political Editor", ["Jane Doe"]),
        ("Martin Luther King, Jr.", ["Martin Luther King, Jr"]),
        ("Elena Oberholzer (obe)", ["Elena Oberholzer"]),
        ("JANE DOE, Jane Doe", ["JANE DOE"]),
        ("Sandy Andersen", ["Sandy Andersen"]),
        ("大渡 美咲", ["大渡 美咲"]),
        ("https://www.example.org/profile/jane", []),
        ("jane@example.org", []),
        ("admin", []),
        ("  ", []),
    ],
)
def test_bylines_are_split_into_names(text: str, names: list[str]) -> None:
    assert byline.split_names(text) == names


@pytest.mark.parametrize(
    ("names", "agency"),
    [
        (["Meridian News Agency"], "Meridian News Agency"),
        (["Ana Prieto", "Agencia Norte"], "Agencia Norte"),
        (["Agency Smith"], None),
        (["Jane Doe", "Reuters"], "Reuters"),
        (["The Associated Press"], "The Associated Press"),
        (["dpa/AFP"], "dpa/AFP"),
        (["Jane Doe"], None),
        (["Ana Reuter"], None),
        ([], None),
    ],
)
def test_the_agency_is_found_among_the_names(names: list[str], agency: str | None) -> None:
    assert agencies.agency_among(names) == agency


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("Wells too salty - North Post", "Wells too salty"),
        ("Wells too salty | News | The North Post", "Wells too salty | News"),
        ("North Post: the long story", "North Post: the long story"),
        ("North Post | Wells too salty", "Wells too salty"),
        ("Wells – northpost.example", "Wells – northpost.example"),
        ("Why the wells – and the sea – are salty", "Why the wells – and the sea – are salty"),
        ("Wells too salty – northpost.example", "Wells too salty"),
    ],
)
def test_the_sites_name_is_taken_off_the_title(title: str, bare: str) -> None:
    assert without_site(title, site_keys("North Post", "www.northpost.example")) == bare


def test_the_headline_that_two_witnesses_agree_on_wins() -> None:
    said = facts(
        meta("og:title", "The real one"), "<h1>The real one</h1>", ld={"@type": "Article", "headline": "For SEO"}
    )
    assert (said.title, said.provenance["title"]) == ("The real one", "h1")


def test_json_ld_comes_first_and_provenance_tells() -> None:
    said = facts(
        meta("article:published_time", "2026-11-01T08:00:00Z") + meta("author", "Somebody Else"),
        ld={
            "@type": "NewsArticle",
            "headline": "A",
            "datePublished": "2026-11-02T08:00:00Z",
            "author": {"name": "Jane Doe"},
        },
    )
    assert said.published == datetime(2026, 11, 2, 8, tzinfo=UTC)
    assert said.authors == ["Jane Doe"]
    assert (said.provenance["published"], said.provenance["authors"]) == ("json-ld", "json-ld")


@pytest.mark.parametrize("wrong", ["2026-13-45", "soon", "1897-01-01", "2031-05-05T00:00:00Z", "0"])
def test_impossible_dates_leave_the_field_to_the_next_witness(wrong: str) -> None:
    said = facts(
        meta("article:published_time", "2026-11-01T08:00:00Z"), ld={"@type": "Article", "datePublished": wrong}
    )
    assert (said.published, said.provenance["published"]) == (datetime(2026, 11, 1, 8, tzinfo=UTC), "og")


def test_a_date_without_time_gives_way_to_the_same_day_with_time() -> None:
    said = facts(
        meta("article:published_time", "2026-11-01T18:30:00+01:00"),
        ld={"@type": "Article", "datePublished": "2026-11-01"},
    )
    assert said.published == datetime(2026, 11, 1, 17, 30, tzinfo=UTC)


def test_the_date_in_the_address_comes_last() -> None:
    said = facts(url="https://www.northpost.example/2026/nov/05/story")
    assert (said.published, said.provenance["published"]) == (datetime(2026, 11, 5, tzinfo=UTC), "url")


def test_times_of_teasers_are_not_the_articles() -> None:
    assert facts(body="<ul><li><time datetime='2026-11-05T10:00:00Z'>x</time></li></ul>").published is None


@pytest.mark.parametrize(
    ("attribute", "language"),
    [("en-GB", "en"), ("DE", "de"), ("zh_Hant", "zh"), ("und", None), ("", None), ("x" * 50, None)],
)
def test_language_is_the_primary_tag(attribute: str, language: str | None) -> None:
    page = f"<html lang='{attribute}'><body><p>words</p></body></html>"
    assert gather(open_document(page.encode(), "text/html", URL), NOW).language == language


@pytest.mark.parametrize(
    ("ld", "url", "kind"),
    [
        ({"@type": "LiveBlogPosting", "headline": "x"}, URL, Kind.LIVE),
        ({"@type": ["NewsArticle", "OpinionNewsArticle"], "headline": "x"}, URL, Kind.OPINION),
        ({"@type": "VideoObject", "name": "x"}, URL, Kind.VIDEO),
        ({"@type": "ImageGallery", "headline": "x"}, URL, Kind.GALLERY),
        ({"@type": "NewsArticle", "headline": "x"}, "https://x.example/opinion/2026/why", Kind.OPINION),
        ({"@type": "NewsArticle", "headline": "x"}, "https://x.example/news/opinion", Kind.ARTICLE),
        ({"@type": "https://schema.org/NewsArticle", "headline": "x"}, URL, Kind.ARTICLE),
        (None, URL, Kind.ARTICLE),
    ],
)
def test_kind_by_type_and_address(ld: Any, url: str, kind: Kind) -> None:
    assert facts(ld=ld, url=url).kind is kind


@pytest.mark.parametrize(
    ("value", "paywalled"), [(False, True), ("False", True), (True, False), ("maybe", None), (None, None)]
)
def test_paywalled_is_what_the_page_says(value: object, paywalled: bool | None) -> None:
    assert facts(ld={"@type": "Article", "headline": "x", "isAccessibleForFree": value}).paywalled is paywalled


def test_tags_are_split_and_each_once() -> None:
    assert facts(meta("article:tag", "Sea, Wells") + meta("article:tag", "wells,Salt")).tags == ["Sea", "wells", "Salt"]


def test_the_image_has_caption_and_credit_of_its_figure() -> None:
    figure = "<figure><img src='/i/well.jpg?w=9'><figcaption>A well in May. Photo: Mats Ek</figcaption></figure>"
    image = facts(meta("og:image", "/i/well.jpg"), figure).image
    assert image is not None
    assert (image.url, image.caption, image.credit) == (
        "https://www.northpost.example/i/well.jpg",
        "A well in May.",
        "Mats Ek",
    )


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:image/png;base64,AA", "ftp://x/y", ""])
def test_images_are_http_only(address: str) -> None:
    assert facts(meta("og:image", address)).image is None


def test_the_site_is_named_as_author_only_where_nobody_else_is() -> None:
    ld = {"@type": "Article", "headline": "x", "author": {"name": "North Post"}, "publisher": {"name": "North Post"}}
    assert facts(ld=ld).authors == ["North Post"]
    assert facts(meta("author", "Jane Doe"), ld=ld).authors == ["Jane Doe"]


def test_the_feed_is_asked_last() -> None:
    entry = ParsedEntry("1", URL, title="From the feed", authors=("By Una Fell",), published_at=NOW)
    said = facts("<h1>On the page</h1>", "<h1>On the page</h1>", entry=entry)
    assert (said.title, said.authors, said.published) == ("On the page", ["Una Fell"], NOW)
    assert said.provenance["authors"] == "feed"


@pytest.mark.parametrize(
    "text",
    [
        '{"@type": "Article", "headline": "H",}',
        '<!-- {"@type": "Article", "headline": "H"} -->',
        '/*<![CDATA[*/ {"@type": "Article", "headline": "H"} /*]]>*/',
        '{"@type": "WebPage"} {"@type": "Article", "headline": "H"}',
        '[[{"@graph": [{"@type": ["Article"], "headline": "H"}]}]]',
        '{"@type": "Article", "headline": "H", "about": "he said "no" "}',
        '{"@type": "WebPage", "mainEntity": {"@type": "Article", "headline": "H"}};',
    ],
)
def test_broken_json_ld_still_says_the_headline(text: str) -> None:
    assert jsonld.main_node(jsonld.flatten(jsonld.documents(text), 100)).get("headline") == "H"


def test_witnesses_are_put_down_with_those_that_lost() -> None:
    ld = json.dumps({"@type": "Article", "headline": "From ld", "author": "Jane Doe"})
    head = meta("og:title", "From og") + meta("author", "John Roe") + meta("article:published_time", "2026-11-01")
    script = f"<script type='application/ld+json'>{ld}</script>"
    page = open_document(
        f"<html><head>{head}{script}</head><body><h1>From h1</h1></body></html>".encode(), "text/html", URL
    )
    witnesses: dict[str, list[tuple[str, str]]] = {}
    said = gather(page, NOW, ParsedEntry("1", URL, title="From the feed"), witnesses)
    assert witnesses["title"] == [
        ("json-ld", "From ld"),
        ("h1", "From h1"),
        ("og", "From og"),
        ("meta", "From og"),
        ("feed", "From the feed"),
    ]
    assert witnesses["authors"] == [("json-ld", "Jane Doe"), ("meta", "John Roe")]
    assert witnesses["published"][0] == ("og", "2026-11-01T00:00:00+00:00")
    plainly = gather(page, NOW)
    assert (said.title, said.authors, said.published) == (plainly.title, plainly.authors, plainly.published)
    assert said.provenance == plainly.provenance


@pytest.mark.parametrize(
    ("name", "content", "paywalled"),
    [
        ("article:content_tier", "locked", True),
        ("article:content_tier", "metered", None),
        ("article:content_tier", "free", False),
        ("isAccessibleForFree", "false", True),
        ("premium", "yes", True),
        ("restricted", "maybe", None),
    ],
)
def test_access_by_meta_tags(name: str, content: str, *, paywalled: bool | None) -> None:
    assert facts(meta(name, content)).paywalled is paywalled


@pytest.mark.parametrize(
    ("words", "declared", "cut"),
    [(100, 1000, True), (400, 1000, False), (10, 1000, False), (50, 150, False), (50, None, False)],
)
def test_a_text_far_shorter_than_declared_is_cut_short(words: int, declared: int | None, *, cut: bool) -> None:
    assert kinds.is_cut_short(words, declared) is cut


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("<h1><span class=kicker>Sea</span> <span>Wells too salty by far</span></h1>", "Wells too salty by far"),
        ("<h1>Local<span>Wells too salty by far</span></h1>", "LocalWells too salty by far"),
        ("<h1><span>Local</span>Wells too salty by far</h1>", "Wells too salty by far"),
        ("<h1><em>Wells</em> too salty by far</h1>", "Wells too salty by far"),
        ("<h1><style>.x{color:red}</style>Wells too salty by far</h1>", "Wells too salty by far"),
        ("<h1><a href='/'>The Coast</a></h1><h1>Wells too salty by far</h1>", "Wells too salty by far"),
        ("<nav><h1>Menu of the day</h1></nav><h1>Wells too salty by far</h1>", "Wells too salty by far"),
    ],
)
def test_the_printed_headline_without_what_is_not_of_it(heading: str, title: str) -> None:
    assert facts(body=heading).title == title


@pytest.mark.parametrize("name", ["@north", "https://north.example", "Copyright 2014 North", "U.S."])
def test_what_names_no_site(name: str) -> None:
    assert facts(meta("og:site_name", name) + meta("application-name", "North Post")).site_name == "North Post"
