"""Commands of docs/backfill.md on loopback sites and in files: each does what the page says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.archives import write_warc
from tests.jobs.conftest import Program, Result
from tests.program import query
from tests.site import article
from tests.sitemap_tree import SitemapTree
from tests.wayback import Wayback

PAGE = (Path(__file__).parents[2] / "docs" / "backfill.md").read_text("utf-8")
RECIPES = re.findall(r"^ {4}(dateline .+)$", PAGE, re.M)
HOST = "www.example.org"


@pytest.fixture
def site() -> Iterator[SitemapTree]:
    """What www.example.org is here."""
    with SitemapTree(host="127.0.12.21") as opened:
        opened.build()
        opened.feed(opened.wanted[:3], path="/feed/")
        link = '<link rel="alternate" type="application/rss+xml" href="/feed/">'
        opened.serve("/", f"<html><head><title>News</title>{link}</head><body><p>News</p></body></html>".encode())
        yield opened


@pytest.fixture
def archive() -> Iterator[Wayback]:
    """What web.archive.org is here."""
    with Wayback(host="127.0.12.22") as opened:
        for number in range(3):
            page = article(f"Flood, part {number}").replace(b"2026-11-", b"2019-05-")
            opened.capture(f"2019051{number}101500", f"https://{HOST}/news/flood-{number}", page)
        yield opened


def test_every_documented_recipe_works(folder: Path, dateline: Program, site: SitemapTree, archive: Wayback) -> None:
    write_warc(folder / "CC-NEWS-1.warc.gz", 6, HOST)
    (folder / "addresses.csv").write_text("\n".join(["url,title", *(f"{url},Said" for url in site.wanted), "bad,"]))
    (folder / "saved-pages" / HOST).mkdir(parents=True)
    (folder / "saved-pages" / HOST / "storm.html").write_bytes(article("The storm"))
    ended = {recipe: _run(recipe, dateline, site, archive) for recipe in _one_of_each()}
    assert {recipe: done.code for recipe, done in ended.items() if done.code} == {"dateline backfill cancel 1": 1}
    for recipe, done in ended.items():
        assert re.search(r"^found +[1-9]|^id |is done already", done.out + done.err, re.M), recipe
    (sql,) = re.findall(r"^ {4}(select [^;]+?)\n\n", PAGE, re.M | re.S)
    rows = query(folder / "config.yaml", sql)
    assert {row["source"] for row in rows} == {"sitemap", "history", "wayback", "warc", "urls", "html"}
    assert all(row["found"] >= row["stored"] + row["failed"] > 0 for row in rows)


def _one_of_each() -> list[str]:
    """The first recipe of each subcommand: a run costs half a second. tests/test_docs.py knows the options of all."""
    first: dict[str, str] = {}
    for recipe in RECIPES:
        source = re.findall(r"dateline backfill (\w+)", recipe)[0]
        if source != "resume":
            first.setdefault(source, recipe)
    assert len(first) == 9
    return list(first.values())


def _run(recipe: str, dateline: Program, site: SitemapTree, archive: Wayback) -> Result:
    return dateline(*_here(shlex.split(recipe)[1:], site, archive))


def _here(words: list[str], site: SitemapTree, archive: Wayback) -> list[str]:
    """A documented command as it is given here: with our sites, our files, and a year that has our stories in it."""
    if "wayback" in words:
        return [*words, "--server", archive.base]
    here = {"CC-NEWS-*.warc.gz": "CC-NEWS-1.warc.gz", "1y": "90y", HOST: site.base}
    return [here.get(word, word).replace(f"https://{HOST}", site.base) for word in words]
