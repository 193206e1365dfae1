"""What `dateline status` says of gaps."""

from __future__ import annotations

from datetime import timedelta

from ingest.model import ParsedEntry
from jobs.clock import wall_clock
from jobs.commands.status import as_text, status_record
from storage.engine import Database
from tests.storage.newsroom import announce, stated


def test_the_status_names_the_feeds_that_may_have_missed_something(database: Database) -> None:
    now = wall_clock()

    def hourly(hours_ago: int) -> list[ParsedEntry]:
        dates = (now - timedelta(hours=hours_ago + n, seconds=7) for n in range(20))
        return [stated(f"https://north.example/{date:%d%H}", published_at=date) for date in dates]

    database.write(announce, *hourly(48), at=now - timedelta(hours=48))
    quiet = status_record(database)
    assert quiet["gaps"] == []
    assert "gaps" not in as_text(quiet)
    database.write(announce, *hourly(0), at=now)
    record = status_record(database)
    assert [(gap["feed_id"], gap["gaps_possible"], round(gap["missed"], -1)) for gap in record["gaps"]] == [(1, 1, 30)]
    assert "1 feed may have missed about 2" in as_text(record)
