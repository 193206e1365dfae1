"""What `dateline backfill …` says: before, beside and after the work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from ingest.backfill.request import BackfillState, Looked, PartState, Request, Seed, Source
from ingest.backfill.wanted import Wanted
from ingest.errors import SettingsError
from jobs.backfill.drive import Ending, watch
from jobs.backfill.leftovers import sweep
from jobs.backfill.progress import as_line
from jobs.backfill.spool import keep_list, lists_here
from jobs.commands import backfill as command
from jobs.commands import backfill_view as view
from jobs.config import load_config
from storage import backfill_results, backfills
from storage.backfill_progress import load_progress
from storage.engine import Database
from tests.conftest import opened
from tests.histories import WordPress
from tests.jobs.conftest import Program
from tests.site import SiteThread

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ASKED = Request(
    Source.SITEMAP, ("https://north.example",), Wanted(NOW.replace(hour=0) - 9 * DAY, NOW.replace(hour=0)), 5
)
ROBOTS = Seed("sitemap", "https://north.example/robots.txt", "north.example")


@pytest.fixture
def begun(folder: Path) -> int:
    """A backfill in the store of the folder, of which a document could not be had."""
    with opened(f"sqlite:///{folder / 'dateline.db'}") as database:
        number, _ = database.write(backfills.begin, ASKED, [ROBOTS], NOW)
        part: Any = database.read(backfills.load_next, "north.example", NOW)
        failed = Looked(PartState.FAILED, reason="forbidden", detail="HTTP 403")
        database.write(backfill_results.record_look, part, failed, NOW)
    return number


def test_list_and_show(begun: int, dateline: Program) -> None:
    listed = dateline("backfill", "list")
    assert listed.out.splitlines()[2].split()[:6] == [
        str(begun), "sitemap", "https://north.example", "2026-11-18", "2026-11-26", "running",
    ]  # fmt: skip
    assert dateline("backfill", "list", "--json").json[0]["places"] == ["https://north.example"]
    shown = dateline("backfill", "show", begun)
    assert shown.code == 0
    assert "forbidden: HTTP 403" in shown.out
    assert "until       2026-11-26\n" in shown.out
    assert dateline("backfill", "show", begun, "--json").json["parts"][0]["reason"] == "forbidden"


def test_without_any_it_is_said_how_to_begin(folder: Path, dateline: Program) -> None:
    listed = dateline("backfill", "list")
    assert (listed.code, listed.out) == (0, "")
    assert "dateline backfill --help" in listed.err
    assert dateline("backfill", "list", "--json").json == []


def test_cancel_says_how_to_go_on_and_once_is_enough(begun: int, dateline: Program) -> None:
    first, second = (dateline("backfill", "cancel", begun) for _ in range(2))
    assert (first.code, second.code) == (0, 1)
    assert f"dateline backfill resume {begun}" in first.out
    assert "cancelled already" in second.err


# --- lists from standard input --------------------------------------------------------------------------------------


@pytest.fixture
def cancelled(folder: Path, dateline: Program) -> Iterator[tuple[int, bytes]]:
    """A backfill of a list that came on standard input, stopped before that was read, and then cancelled."""
    with SiteThread(host="127.0.12.36") as site:
        settings, said = load_config(folder / "config.yaml"), site.article("/story", "The story").encode()
        kept = keep_list(settings, BytesIO(said))
        with opened(settings.database) as database:
            number, _ = command.begin(settings, database, command.Asked(Source.URLS, (str(kept),)), "")
            sweep(settings, database, datetime.now(UTC))
            assert lists_here(settings) == [kept]  # it can be resumed
        assert dateline("backfill", "cancel", number).code == 0
        yield number, said


def test_a_list_goes_with_its_backfill_and_resuming_asks_for_it(
    cancelled: tuple[int, bytes], folder: Path, dateline: Program
) -> None:
    number, said = cancelled
    settings = load_config(folder / "config.yaml")
    assert lists_here(settings) == []
    refused = dateline("backfill", "resume", number)
    assert refused.code == 2
    assert "dateline backfill urls -" in refused.err
    done = dateline("backfill", "urls", "-", "--json", stdin=said)
    assert (done.json["id"], done.json["state"], done.json["stored"]) == (number, "done", 1)
    assert lists_here(settings) == []
    assert dateline("backfill", "resume", number, "--json").json["done"]  # what was read to its end is not missed


def test_lists_that_nobody_asked_for_go_after_a_day(folder: Path) -> None:
    settings, now = load_config(folder / "config.yaml"), datetime.now(UTC)
    kept = keep_list(settings, BytesIO(b"https://north.example/1"))
    cut = kept.with_suffix(".part")
    cut.write_bytes(b"https://nor")
    theirs = kept.with_name("another.txt")
    theirs.write_bytes(b"")
    with opened(settings.database) as database:
        sweep(settings, database, now)
        assert len(lists_here(settings)) == 2
        sweep(settings, database, now + timedelta(days=1, seconds=1))
    assert (lists_here(settings), theirs.exists()) == ([], True)


def test_failures_are_written_where_that_can_be(begun: int, folder: Path, dateline: Program) -> None:
    written = dateline("backfill", "show", begun, "--failures", "failures.jsonl")
    assert (written.code, (folder / "failures.jsonl").read_text()) == (0, "")
    for place in (".", "missing/failures.jsonl"):
        assert dateline("backfill", "show", begun, "--failures", place).code == 2


@pytest.mark.parametrize(
    ("stated", "host"), [("*.North.example", "north.example"), ("https://a.example/x", "a.example")]
)
def test_a_host_may_be_stated_as_people_do(folder: Path, stated: str, host: str) -> None:
    asked = command.Asked(Source.SITEMAP, ("north.example",), hosts=(stated,))
    request, _ = command.plan(load_config(folder / "config.yaml"), asked, NOW, "")
    assert request.wanted.hosts == (host,)


def test_of_a_site_the_feed_is_found_for_its_history(folder: Path) -> None:
    """Asked again, nothing is looked for again; and an address that cannot be reached is asked later."""
    settings = load_config(folder / "config.yaml")
    database = Database(settings.database)
    with WordPress(host="127.0.12.31") as site:
        link = f'<link rel="alternate" type="application/rss+xml" href="{site.start}">'
        site.serve("/", f"<html><head><title>News</title>{link}</head><body><p>News</p></body></html>".encode())
        asked = command.Asked(Source.HISTORY, (site.base,))
        number, is_new = command.begin(settings, database, asked, "")
        before = len(site.requests)
        assert (is_new, command.begin(settings, database, asked, "")) == (True, (number, False))
        assert len(site.requests) == before
        gone = site.base
    places = [part["place"] for part in command.whole_record(database, number)["parts"]]
    assert places == [site.start]
    number, _ = command.begin(settings, database, command.Asked(Source.HISTORY, (f"{gone}/feed/",)), "")
    assert [part["place"] for part in command.whole_record(database, number)["parts"]] == [f"{gone}/feed/"]
    database.close()


def test_a_site_without_feeds_is_refused(folder: Path) -> None:
    settings = load_config(folder / "config.yaml")
    database = Database(settings.database)
    with SiteThread(host="127.0.12.32") as site:
        site.serve("/news", b"<html><head><title>News</title></head><body><p>No feed</p></body></html>")
        for path in ("/feed", "/rss", "/feed/", "/rss.xml"):
            site.serve(path, b"", status=404)
        with pytest.raises(SettingsError, match="no feed found"):
            command.begin(settings, database, command.Asked(Source.HISTORY, (site.url("/news"),)), "")
    database.close()


def test_where_nobody_works_on_it_there_is_nothing_to_watch(begun: int, folder: Path) -> None:
    """The daemon may end while it is watched: then whoever watches goes on."""
    settings = load_config(folder / "config.yaml")
    with opened(settings.database) as database:
        assert watch(settings, database, begun) is None
        database.write(backfills.cancel, begun, NOW)
        assert watch(settings, database, begun) == Ending(0, is_done=False)


# --- what is said at the end ----------------------------------------------------------------------------------------


def report(begun: int, folder: Path, ending: Ending, state: BackfillState) -> command.Report:
    with opened(f"sqlite:///{folder / 'dateline.db'}") as database:
        if state is BackfillState.DONE:
            assert database.write(backfill_results.finish, begun, NOW)
        elif state is BackfillState.CANCELLED:
            assert database.write(backfills.cancel, begun, NOW)
        return command.report(database, begun, ending)


def test_nothing_found_is_a_failure_with_its_reason(begun: int, folder: Path) -> None:
    said = report(begun, folder, Ending(0, is_done=True), BackfillState.DONE)
    assert said.exit_code == 1
    first, second = view.remarks(said)
    assert first == "not read: https://north.example/robots.txt (forbidden: HTTP 403)"
    assert "dateline backfill history" in second


@pytest.mark.parametrize(
    ("ending", "state", "words"),
    [
        (Ending(130, is_done=False), BackfillState.RUNNING, "interrupted"),
        (Ending(0, is_done=True), BackfillState.CANCELLED, "was cancelled"),
        (Ending(0, is_done=False, next_at=NOW), BackfillState.RUNNING, "from 2026-11-27 09:00 UTC on"),
        (Ending(0, is_done=False), BackfillState.RUNNING, "not done"),
    ],
)
def test_what_is_not_done_says_how_to_go_on(
    begun: int, folder: Path, ending: Ending, state: BackfillState, words: str
) -> None:
    said = report(begun, folder, ending, state)
    last = view.remarks(said)[-1]
    assert words in last
    assert f"dateline backfill resume {begun}" in last
    assert (said.exit_code, said.as_dict()["done"]) == (ending.exit_code, False)


def test_what_was_fetched_in_vain_is_no_failure(begun: int, folder: Path) -> None:
    with opened(f"sqlite:///{folder / 'dateline.db'}") as database:
        found: Any = database.read(backfills.load, begun)
        progress: Any = database.read(load_progress, begun)
    counted = {"outside_window": 3, "gone": 2}
    said = view.record(found, replace(progress, found=7, reasons=counted))
    assert (said["failed"], said["reasons"], said["not_wanted"]) == (2, {"gone": 2}, {"outside_window": 3})
    lines = [" ".join(line.split()) for line in view.as_text(said).splitlines()]
    assert lines[:4] == ["found 7", "stored 0", "failed: gone 2", "not wanted: outside window 3"]


def test_the_line_says_until_when_it_waits_and_why() -> None:
    facts: dict[str, Any] = {
        "done": 4, "found": 5, "stored": 4, "copies": 1, "failed": 0, "reasons": {}, "parts": 1, "parts_done": 1,
        "per_s": 0.5, "to_go": "at least 9 min", "waits_until": "09:10 UTC", "put_off": {"not_found": 1},
    }  # fmt: skip
    assert as_line(facts).endswith("to go: at least 9 min · waits until 09:10 UTC (not_found 1)")
    assert "waits" not in as_line(facts | {"waits_until": None})
    assert as_line({}) == "looking …"


def test_the_estimate_names_hosts_and_the_least_time() -> None:
    said = view.as_estimate(
        {
            "found": 1_200, "to_fetch": 1_200, "hosts": {"north.example": 1_200}, "left_out": {"outside_window": 3},
            "documents": 4, "documents_failed": 0, "seconds_at_least": 2_400,
        }
    )  # fmt: skip
    lines = [" ".join(line.split()) for line in said.splitlines()]
    assert lines == [
        "found 1,200", "on north.example 1,200", "to fetch 1,200", "left out: outside window 3", "documents 4",
        "it takes at least 40 min", "nothing was stored",
    ]  # fmt: skip
