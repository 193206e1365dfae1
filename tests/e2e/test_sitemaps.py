"""A sitemap index in the settings: its sitemaps become feeds, their news entries, their pages articles."""

from __future__ import annotations

import gzip
from pathlib import Path

from jobs.feed_lists import export_list
from tests.clock import START, Clock
from tests.conftest import opened
from tests.program import query, run_once, write_config
from tests.site import SiteThread

XML = "application/xml"
FEEDS = "select url, source, state, kind, detail, items from feeds order by id"


def sitemap(site: SiteThread, numbers: range, lastmod: str = "") -> bytes:
    items = "".join(
        f"<url><loc>{site.url(f'/story/{number}')}</loc>"
        + (f"<lastmod>{lastmod}</lastmod>" if lastmod else f"<news:news><news:title>Story {number}</news:title>")
        + ("" if lastmod else f"<news:publication_date>{START.isoformat()}</news:publication_date></news:news>")
        + "</url>"
        for number in numbers
    )
    return f'<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{items}</urlset>'.encode()


def index(site: SiteThread, **lastmods: str) -> None:
    listed = "".join(
        f"<sitemap><loc>{site.url(f'/{name}.xml.gz')}</loc><lastmod>{lastmod}</lastmod></sitemap>"
        for name, lastmod in lastmods.items()
    )
    site.serve("/sitemap.xml", f"<sitemapindex>{listed}</sitemapindex>", content_type=XML)


def test_from_the_index_to_the_article(database_url: str, tmp_path: Path, clock: Clock) -> None:
    with SiteThread(host="127.0.9.6") as site:
        for number in (1, 2, 3):
            site.article(f"/story/{number}", f"Story {number}")
        index(site, news="2026-11-23", pages="2026-11-22", archive="2019-01-01")
        packed = gzip.compress(sitemap(site, range(1, 3)))
        site.serve("/news.xml.gz", packed, content_type="application/gzip", headers={"ETag": '"1"'})
        site.serve("/pages.xml.gz", sitemap(site, range(100, 200), "2026-01-01"), content_type=XML)
        # Smaller than the sitemap of pages: sitemaps may be as large as their protocol says.
        config = write_config(
            tmp_path, [site.url("/sitemap.xml")], database=database_url, fetch={"max_feed_bytes": "5kB"}
        )
        done = run_once(config, clock)
        assert (done["articles_stored"], done["polls_failed"], done["pages_failed"]) == (2, 0, 0)
        found = query(config, FEEDS)
        assert [(row["url"].removeprefix(site.base), row["source"], row["kind"]) for row in found] == [
            ("/sitemap.xml", "config", "sitemap_index"),
            ("/news.xml.gz", "index", "news_sitemap"),
            ("/pages.xml.gz", "index", "sitemap"),
        ]
        assert found[2]["detail"] == "left to backfill, without a recent lastmod: 100 of 100 addresses"
        assert not site.asked("/archive.xml.gz")
        with opened(database_url) as store:
            exported = store.read(export_list, "csv")
        assert "/sitemap.xml" in exported
        assert "/news.xml.gz" not in exported

        site.article("/story/3", "Story 3")
        site.serve("/news.xml.gz", gzip.compress(sitemap(site, range(1, 4))), content_type="application/gzip")
        clock.advance(hours=1)
        index(site, news=clock().isoformat())
        done = run_once(config, clock, everything=True)
        assert (done["articles_stored"], done["entries_new"]) == (1, 1)
        assert query(config, "select count(*) as n from v_articles") == [{"n": 3}]
        assert [(row["state"], row["detail"]) for row in query(config, FEEDS)][2] == (
            "paused",
            "no longer listed by its index",
        )
