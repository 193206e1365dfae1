"""`dateline status`: what is coming in, what is late, what is broken and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from jobs.clock import wall_clock
from jobs.present import cell, table
from storage import subscriptions
from storage.alerts import load_open
from storage.backfills import load_running
from storage.engine import Database
from storage.owner import owner
from storage.report import counts, failures, gaps, resting, volume

SHOWN = 20
_FEEDS = "{active} active, {paused} paused, {resting} resting, {gone} gone; {failing} failing, {due} due now"
GAPS_SHOWN = timedelta(days=30)


def status_record(database: Database) -> dict[str, Any]:
    """Everything that `status` shows."""
    now = wall_clock()
    return {
        "at": now,
        "database": database.url.render_as_string(),
        "daemon": owner(database),
        **database.read(counts, now, now - timedelta(hours=24)),
        "pushed": database.read(subscriptions.count, now),
        "alerts": database.read(load_open),
        "resting": database.read(resting, SHOWN),
        "gaps": database.read(gaps, now - GAPS_SHOWN),
        "failures": database.read(failures),
        "backfills": database.read(load_running),
        "volume": database.read(volume, 10),
    }


def as_text(record: dict[str, Any]) -> str:
    """The record for people."""
    daemon = record["daemon"]
    running = f"running ({daemon.get('what')}, since {daemon.get('since', '?')})" if daemon else "not running"
    feeds, entries, articles = record["feeds"], record["entries"], record["articles"]
    facts = {
        "daemon": running,
        "database": record["database"],
        "feeds": _FEEDS.format(**feeds),
        "entries": "{stored} stored, {waiting} waiting, {failed} given up; {due} due now".format(**entries)
        + (f", the oldest since {cell(entries['oldest_due_at'])}" if entries["oldest_due_at"] else ""),
        "articles": "{total} ({last_day} in the last 24 hours), {copies} copies, {revised} revised".format(**articles)
        + (f"; the newest from {cell(articles['newest_at'])}" if articles["newest_at"] else ""),
        "hosts": "{total}, {resting} resting".format(**record["hosts"]),
        "pushed": _pushed(record["pushed"]),
        "gaps": _gaps(record["gaps"]),
        "backfills": _backfills(record["backfills"]),
    }
    lines = [f"{name:10} {fact}" for name, fact in facts.items() if fact]
    if record["alerts"]:
        lines += ["", f"feeds to look at: {len(record['alerts'])}", table(record["alerts"][:SHOWN])]
    if record["resting"]:
        lines += ["", "feeds that failed for long and are asked once a month", table(record["resting"])]
    if record["failures"]:
        lines += ["", "what could not be had", table(record["failures"])]
    if record["volume"]:
        lines += ["", "most articles", table(record["volume"])]
    return "\n".join(lines)


def _backfills(running: list[int]) -> str:
    """ "2 running (3, 5)"; empty where none is."""
    return f"{len(running)} running ({', '.join(map(str, running))}): dateline backfill list" if running else ""


def _pushed(counts: dict[str, int]) -> str:
    """ "3 feeds by 2 hubs; 1 asked, 1 failed"; empty where no feed names a hub."""
    if not any(counts.values()):
        return ""
    feeds, hubs = counts["feeds"], counts["hubs"]
    others = [f"{counts[state]} {state}" for state in ("asked", "refused", "failed") if counts[state]]
    said = f"{feeds} feed{'s' * (feeds != 1)} by {hubs} hub{'s' * (hubs != 1)}"
    return "; ".join([said, ", ".join(others)] if others else [said])


def _gaps(found: list[dict[str, Any]]) -> str:
    """Where polls shared nothing with the ones before them; empty where none did."""
    if not found:
        return ""
    feeds = "1 feed" if len(found) == 1 else f"{len(found)} feeds"
    missed = round(sum(each["missed"] for each in found))
    items = {0: "something", 1: "an item"}.get(missed, f"about {missed} items")
    return f"{feeds} may have missed {items} in the last {GAPS_SHOWN.days} days; most of it {found[0]['url']}"
