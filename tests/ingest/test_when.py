"""When it was published and modified: who is believed, who completes whom, what is no date."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.document import open_document
from ingest.metadata import Facts, gather
from ingest.printed_dates import dated_parts
from ingest.when import best_date, path_date

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LONG = "<p>" + "The board of the harbour met for the fifth time since the spring. " * 40 + "</p>"


def facts(head: str = "", body: str = "", path: str = "news/story") -> Facts:
    page = f"<html><head>{head}</head><body>{body}{LONG}</body></html>"
    return gather(open_document(page.encode(), "text/html; charset=utf-8", f"https://north.example/{path}"), NOW)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("stated", "moment"),
    [
        (["2026-11-20", "2026-11-20T18:30:00+01:00"], at(2026, 11, 20, 17, 30)),  # the time of the day
        (["2026-11-20T18:30:00", "2026-11-20T18:30:00+01:00"], at(2026, 11, 20, 17, 30)),  # the zone of the moment
        (["2026-11-20T18:30:00", "2026-11-20T17:30:20Z"], at(2026, 11, 20, 17, 30, 20)),
        (["2026-11-20T18:30:00", "2026-11-20T21:07:00Z"], at(2026, 11, 20, 18, 30)),  # another moment
        (["2026-11-20T18:30:00Z", "2026-11-20T09:00:00+01:00"], at(2026, 11, 20, 18, 30)),  # knows all itself
        (["2026-11-20", "2026-11-10T18:30:00Z"], at(2026, 11, 20)),  # another day
        (["2026-13-45", "soon", "1795435200"], at(2026, 11, 23, 12)),
        (["2031-01-01", "1889-01-01"], None),
    ],
)
def test_the_first_plausible_date_is_completed_by_the_same_moment(stated: list[str], moment: datetime | None) -> None:
    assert [found for _, found in best_date([("meta", text) for text in stated], NOW)] == ([moment] if moment else [])


@pytest.mark.parametrize(
    ("head", "body", "path", "published", "source"),
    [
        ('<meta name="article:published:time" content="2026-11-20T08:00:00Z">', "", "x", at(2026, 11, 20, 8), "og"),
        ('<meta name="dc.terms:DateIssued" content="2026-11-20">', "", "x", at(2026, 11, 20), "meta"),
        ("", "<h1>Head</h1><p class=date>20. November 2026, 10:15 Uhr</p>", "x", at(2026, 11, 20, 10, 15), "page"),
        ("", "<h1>Head</h1><p>Published 20 Nov 2026, 10:15 CET</p>", "x", at(2026, 11, 20, 9, 15), "page"),
        ("", "<h1>Head</h1><p>The war ended on 20 May 1998 ago</p>", "2026/11/20/x", at(2026, 11, 20), "url"),
        ("", "<h1>Head</h1><p class=date>20.11.2026 07:30</p>", "2026/11/20/x", at(2026, 11, 20, 7, 30), "page"),
        ("", "<i>Monday 23 November 2026</i><div><h1>Head</h1></div>", "a/b/x", at(2026, 11, 23), "htmldate"),
        ("", '<script>{"publishedAt":"2026-11-20T08:00:00Z"}</script>', "x", at(2026, 11, 20, 8), "script"),
        ("", '<script>[{"publishedAt":"2026-11-20T08:00"},{"publishedAt":"2026-11-21"}]</script>', "x", None, None),
        ("", "<h1>Head</h1><p>Updated: 20 November 2026</p>", "x", at(2026, 11, 20), "page"),
        ("", "<h1>H</h1>", "news/bridge-20261120-sold", at(2026, 11, 20), "url"),
    ],
)  # fmt: skip
def test_where_the_date_is_found(
    head: str, body: str, path: str, published: datetime | None, source: str | None
) -> None:
    said = facts(head, body, path)
    assert (said.published, said.provenance.get("published")) == (published, source)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Published 3 May 2024, 10:15 CEST", [("3 May 2024, 10:15 CEST", "published")]),
        ("Aktualisiert: 03.05.2024, 10:15 Uhr", [("03.05.2024, 10:15 Uhr", "modified")]),
        ("3 May 2024 | Updated 4 May 2024", [("3 May 2024", "published"), ("4 May 2024", "modified")]),
        ("입력 2024.05.03 18:40 수정 2024.05.04", [("2024-05-03 18:40", "published"), ("2024-05-04", "modified")]),
        ("2024年5月3日 10:15 更新", [("2024年5月3日 10:15", "published")]),
        ("The war ended on the evening of 20 November 1998, as most of us remember", []),
    ],
)  # fmt: skip
def test_printed_dates_and_what_they_are_the_dates_of(text: str, parts: list[tuple[str, str]]) -> None:
    assert list(dated_parts(text, marked=False)) == parts


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://x.example/2026/11/05/story", "2026-11-05"),
        ("https://x.example/2026/nov/05/story", "2026 nov 05"),
        ("https://x.example/a-20261105-b", "2026-11-05"),
        ("https://x.example/a-20269905-b", None),
        ("https://x.example/story?d=2026/11/05/", None),
    ],
)
def test_dates_in_addresses(url: str, day: str | None) -> None:
    assert path_date(url) == day


@given(st.text(alphabet="0123456789 :.,-/年月日입력수정 MayUpdatedPublished|\n", max_size=140))
def test_no_printed_text_raises(text: str) -> None:
    list(dated_parts(text, marked=True))
