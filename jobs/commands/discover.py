"""`dateline feeds discover`: the feeds of a site, ranked, with what to add. Nothing is stored."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import Any

from ingest.appraise import SITEMAP_KINDS, Source
from ingest.discover import Way
from ingest.suggest import Ranked
from jobs.clock import wall_clock
from jobs.commands.settings import settings_or_defaults
from jobs.config import Settings
from jobs.discover import Failure, Findings, Search
from jobs.extractor import Extractor
from jobs.outgoing import open_fetcher
from jobs.present import cell, harmless, table

COLUMNS = ("rank", "kind", "items", "newest", "per day", "text", "title")
INDENT = " " * 6
GUESSED = (Way.WELL_KNOWN, Way.PAGE_LINK)  # that these are no feeds is no news
MAX_SHOWN = 10
MAX_NAMED = 3  # addresses to add one by one: that asks the site for less than a second search does
TRIED = "its link tags, Link header, links, robots.txt, sitemaps and the usual places"


def discover(config: Path | None, stated: str) -> tuple[Findings, bool]:
    """What there is at `stated`, and whether Ctrl-C cut the search short."""
    return asyncio.run(_discover(settings_or_defaults(config), stated))


async def _discover(settings: Settings, stated: str) -> tuple[Findings, bool]:
    async with (
        Extractor(1, settings.extract.timeout, settings.extract.memory) as extractor,
        open_fetcher(settings) as fetcher,
    ):
        search = Search(settings, fetcher, extractor)
        interrupted = False
        with showing(search):
            try:
                await search.run(stated)
            except asyncio.CancelledError:  # Ctrl-C: what was found so far is worth showing
                interrupted, search.ended = True, "Ctrl-C"
        return search.findings(), interrupted


@contextmanager
def showing(search: Search) -> Iterator[None]:
    """A line on stderr that says how far the search has got; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(stderr=True)
    with Live(
        get_renderable=lambda: Text(harmless(search.line), no_wrap=True, overflow="ellipsis"),
        console=console,
        refresh_per_second=4,
        transient=True,
    ):
        yield


def as_record(findings: Findings) -> dict[str, Any]:
    """All that was found, for scripts."""
    return {
        "asked": findings.asked,
        "url": findings.url,
        "ended": findings.ended,
        "requests": findings.requests,
        "seconds": findings.seconds,
        "feeds": [_record(place, each) for place, each in enumerate(findings.ranked, 1)],
        "failures": [asdict(failure) for failure in findings.failures],
    }


def _record(place: int, ranked: Ranked) -> dict[str, Any]:
    source = {name: value for name, value in asdict(ranked.source).items() if name != "entries"}
    return {
        "rank": place,
        "url": source.pop("url"),
        "suggestion": ranked.suggestion,
        "note": ranked.note,
        **source,
        "reasons": list(ranked.reasons),
        "same": list(ranked.same),
    }


def as_text(findings: Findings, now: datetime | None = None) -> str:
    """The feeds for people: a line of facts each, under it the whole address, and what to do with it."""
    rows = [_row(place, each, now or wall_clock()) for place, each in enumerate(findings.ranked, 1)]
    names, rule, *facts = table(rows, COLUMNS).split("\n")
    lines = [names, rule]
    for line, ranked in zip(facts, findings.ranked, strict=True):
        verdict = f"add: {ranked.suggestion}" if ranked.suggestion else f"not needed: {ranked.note}"
        lines += [line, f"{INDENT}{cell(ranked.source.url)}", f"{INDENT}{cell(verdict)}"]
    return "\n".join(lines)


def _row(place: int, ranked: Ranked, now: datetime) -> dict[str, Any]:
    source = ranked.source
    return {
        "rank": place,
        "kind": source.kind,
        "items": source.items,
        "newest": ago(source.newest_at, now),
        "per day": source.per_day,
        "text": str(source.text) if source.kind not in SITEMAP_KINDS else "",
        "title": source.title,
    }


def ago(moment: datetime | None, now: datetime) -> str:
    """ "3 h ago": how long a moment is past, in its largest unit."""
    if moment is None:
        return ""
    seconds = max(int((now - moment).total_seconds()), 0)
    for unit, size, least in (("d", 86_400, 2), ("h", 3_600, 2), ("min", 60, 1)):
        if seconds >= least * size:
            return f"{seconds // size} {unit} ago"
    return "now"


def remarks(findings: Findings) -> list[str]:
    """What is to be said beside the feeds: what to do next, and what could not be had."""
    lines = []
    if findings.suggested:
        few = [quote(cell(each.source.url)) for each in findings.suggested[:MAX_NAMED]]
        named = " ".join(few) if len(findings.suggested) <= MAX_NAMED else f"--all {quote(cell(findings.asked))}"
        lines.append(f"add {'it' if len(few) == 1 else 'them'}: dateline feeds add {named}")
    elif findings.ranked:
        lines.append("none of them is worth adding by itself; dateline feeds add takes any of these addresses")
    else:
        lines.append(nothing_found(findings))
    hidden = (*GUESSED, Way.GIVEN) if findings.ranked else GUESSED
    told = [failure for failure in findings.failures if failure.way not in hidden][:MAX_SHOWN]
    lines += [_failure_line(failure) for failure in told]
    if untold := len(findings.failures) - len(told):
        lines.append(f"{untold} other address{'es were' if untold > 1 else ' was'} tried in vain: --json lists them")
    if findings.ended:
        lines.append(f"the search ended early: {cell(findings.ended)}")
    return lines


def nothing_found(findings: Findings) -> str:
    """One sentence: what was tried, and what to do next."""
    asked, first = cell(findings.asked), next(iter(findings.failures), None)
    if findings.requests == 0:
        return f"{asked} is no http or https address"
    itself = f" ({_why(first)})" if first is not None and first.way is Way.GIVEN else ""
    if itself and all(failure.way is Way.GIVEN for failure in findings.failures):
        return f"no feed found: {asked} could not be had{itself}; try the address that a browser shows"
    return (
        f"no feed found at {asked}{itself}: {TRIED} were tried, with {findings.requests} requests."
        " Try the page of a section, or the address of a feed from the site's own pages"
    )


def _failure_line(failure: Failure) -> str:
    return f"not usable: {cell(failure.url)} ({_why(failure)})"


def _why(failure: Failure) -> str:
    detail = cell(failure.detail)[:120]
    return f"{failure.reason}: {detail}" if detail else str(failure.reason)


def described(source: Source, now: datetime) -> str:
    """A feed in a few words: "rss20, 12 items, newest 3 h ago"."""
    newest = ago(source.newest_at, now)
    items = f"{source.items} item{'' if source.items == 1 else 's'}"
    return f"{source.kind}, {items}" + (f", newest {newest}" if newest else "")
