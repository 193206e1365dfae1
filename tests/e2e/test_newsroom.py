"""The demo's newsroom, polled, read and stored on both databases: everything that was written, once, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.model import Reason
from jobs.demo.articles import Article
from jobs.demo.newsroom import Newsroom
from tests.clock import Clock
from tests.program import query, run_once, write_config

MOMENT = "%Y-%m-%d %H:%M:%S"


@pytest.fixture
def config(newsroom: Newsroom, database_url: str, tmp_path: Path) -> Path:
    return write_config(tmp_path, newsroom.feeds, database=database_url)


def as_written(article: Article, url: str) -> dict[str, Any]:
    """The row of v_articles that an article must become."""
    return {
        "url": url,
        "title": article.title,
        "standfirst": article.standfirst,
        "authors": list(article.authors),
        "agency": article.agency,
        "language": article.language,
        "published_at": f"{article.published_at:{MOMENT}}",
        "modified_at": f"{article.modified_at:{MOMENT}}",
        "section": article.section,
        "tags": list(article.tags),
        "text": article.text,
        "revision_count": article.edition,
    }


def stored(config: Path, newsroom: Newsroom) -> list[dict[str, Any]]:
    names = ", ".join(as_written(newsroom.articles[0], ""))
    return query(config, f"select {names} from v_articles order by url")


def written(newsroom: Newsroom) -> list[dict[str, Any]]:
    rows = [as_written(article, newsroom.url(article)) for article in newsroom.articles]
    return sorted(rows, key=lambda row: row["url"])


def test_everything_written_is_stored_and_what_cannot_be_had_has_its_reason(
    newsroom: Newsroom, config: Path, clock: Clock
) -> None:
    summary = run_once(config, clock)
    assert stored(config, newsroom) == written(newsroom)
    assert summary["articles_stored"] == len(newsroom.articles)

    failures = query(config, "select url, reason from v_failures")
    assert {row["url"].partition("?")[0]: row["reason"] for row in failures} == newsroom.failures
    assert len(failures) == len(newsroom.failures)

    twice = query(
        config, "select url_key from entries where article_id is not null group by url_key having count(*) > 1"
    )
    assert len(twice) == 1
    assert newsroom.requests["page"] == len(newsroom.articles) + 1  # the consent wall; the twice announced one once


def test_copies_of_an_agency_text_are_linked_to_the_first(newsroom: Newsroom, config: Path, clock: Clock) -> None:
    run_once(config, clock)
    carried = sorted((a for a in newsroom.articles if a.agency), key=lambda article: article.published_at)
    first, *later = (newsroom.url(article) for article in carried)
    links = query(config, "select original_url, copy_url, relation, hours_later from v_syndication")
    assert {(row["original_url"], row["copy_url"], row["relation"]) for row in links} == {
        (first, copy, "exact") for copy in later
    }
    assert {row["copy_url"]: float(row["hours_later"]) for row in links} == {
        newsroom.url(a): (a.published_at - carried[0].published_at).total_seconds() / 3600 for a in carried[1:]
    }
    linked = query(config, "select url from v_articles where canonical_id is not null")
    assert {row["url"] for row in linked} == set(later)


def test_a_second_run_fetches_no_page_and_a_correction_is_a_revision(
    newsroom: Newsroom, config: Path, clock: Clock
) -> None:
    run_once(config, clock)
    healthy = len(newsroom.feeds) - 1
    before = newsroom.requests.copy()
    clock.advance(minutes=1)
    run_once(config, clock, everything=True)
    assert newsroom.requests - before == {
        "feed 304": healthy,
        "feed 301": 1,
        "feed 200": 1,
    }  # 200: the one that is none

    newsroom.next_edition()
    before = newsroom.requests.copy()
    clock.advance(minutes=1)
    summary = run_once(config, clock, everything=True)
    assert newsroom.requests - before == {"feed 304": healthy - 1, "feed 301": 1, "feed 200": 2, "page": 1}
    assert (summary["articles_stored"], summary["articles_revised"]) == (0, 1)
    assert stored(config, newsroom) == written(newsroom)
    revised = query(config, "select url from v_articles where revision_count = 2")
    assert [row["url"] for row in revised] == [newsroom.url(a) for a in newsroom.articles if a.edition == 2]


def test_a_feed_that_moved_is_followed_on_the_third_day(newsroom: Newsroom, config: Path, clock: Clock) -> None:
    old, new = newsroom.feeds[0], newsroom.publishers[0].url + "/feed.xml"
    for day in (1, 2):
        for _ in range(2):  # twice a day counts once
            run_once(config, clock, everything=True)
            clock.advance(hours=1)
        (row,) = query(config, "select moved_to, moved_seen from feeds where url = :url", url=old)
        assert (row["moved_to"], row["moved_seen"]) == (new, day)
        clock.advance(hours=22)
    run_once(config, clock, everything=True)
    assert query(config, "select url from feeds where url in (:old, :new)", old=old, new=new) == [{"url": new}]
    moves = query(config, "select from_url, to_url, moved_at from feed_moves")
    assert moves == [{"from_url": old, "to_url": new, "moved_at": f"{clock():{MOMENT}}"}]

    # The settings still name the old address: it is known to be this feed.
    before = newsroom.requests.copy()
    clock.advance(hours=1)
    run_once(config, clock, everything=True)
    assert (newsroom.requests - before)["feed 301"] == 0
    assert query(config, "select count(*) as feeds from feeds") == [{"feeds": len(newsroom.feeds)}]
    assert query(config, "select url from v_failures where reason = :reason", reason=Reason.PAUSED) == []
