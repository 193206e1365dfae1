"""Every bench runs from end to end, in tiny, and keeps its promise: the last line is its figures as JSON."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]

HANDS = ROOT / "bench" / "hands"


def run_bench(name: str, *arguments: str) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    command = [sys.executable, "-W", "error", "-m", f"bench.{name}", *arguments]
    env = os.environ | {"OMP_NUM_THREADS": "1"}  # a second thread of a trainer waits by spinning, beside other tests
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended, json.loads(ended.stdout.splitlines()[-1])


def test_the_pipeline_bench_stores_every_document_once_and_tells_the_ratio_and_the_shares() -> None:
    ended, figures = run_bench("pipeline", "--documents", "12", "--processes", "1", "--rounds", "1")
    assert figures["bench"] == "pipeline"
    assert (figures["documents"], figures["processes"], figures["not_stored_once"]) == (12, 1, 0)
    assert figures["stored_per_s"] > 0 < figures["bare_per_s"]
    assert figures["ratio_to_bare_trafilatura"] == pytest.approx(
        figures["stored_per_s"] / figures["bare_per_s"], rel=0.05
    )
    assert set(figures["cpu_share"]) == {"loop", "threads", "writer", "workers", "site"}
    assert sum(figures["cpu_share"].values()) - figures["cpu_share"]["site"] == pytest.approx(1, abs=0.01)
    assert 0 < figures["copies_cpu_share"] < 1
    assert "round 1: bare" in ended.stdout


def test_the_crash_bench_finds_nothing_lost_and_nothing_doubled() -> None:
    ended, figures = run_bench("crash", "--kills", "1", "--seed", "4")
    assert figures["bench"] == "crash"
    assert (figures["kills"], figures["lost"], figures["doubled"], figures["orphans"]) == (1, 0, 0, 0)
    assert figures["articles"] == figures["announced"] > 0
    assert figures["db_check"] is True
    assert "kill 1:" in ended.stdout


def test_the_extract_bench_tells_the_ratio_to_trafilatura() -> None:
    ended, figures = run_bench("extract", "--pages", "3", "--rounds", "1")
    assert figures["bench"] == "extract"
    assert figures["pages"] == 3
    assert figures["slowest_page_s"] > 0
    assert figures["ratio_to_trafilatura"] == pytest.approx(
        figures["pages_per_s"] / figures["trafilatura_pages_per_s"], rel=0.01
    )
    assert "round 1: CPU ms a page" in ended.stdout


def test_the_poll_bench_tells_the_ratios_and_finds_no_field_different() -> None:
    ended, figures = run_bench("poll", "--feeds", "2", "--rounds", "1")
    assert figures["bench"] == "poll"
    assert (figures["feeds"], figures["fields_different"], figures["entries_unlike_default"]) == (2, 0, 0)
    assert figures["nothing_new_ratio"] == pytest.approx(figures["default_ms"] / figures["nothing_new_ms"], rel=0.05)
    assert figures["nothing_new_ratio"] > figures["typical_ratio"] > 1
    assert "round 1: CPU ms a feed" in ended.stderr


def test_the_fuzz_bench_finds_no_page_that_costs_a_worker() -> None:
    ended, figures = run_bench("fuzz", "--pages", "20", "--seed", "3")
    assert figures["bench"] == "fuzz"
    assert (figures["pages"], figures["crashed"], figures["timed_out"], figures["failed"]) == (20, 0, 0, 0)
    assert figures["read"] + figures["refused"] == 20
    assert "read: article" in ended.stdout
    again = [sys.executable, "-m", "bench.fuzz", "--only", figures["slowest_seed"]]
    shown = subprocess.run(again, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    assert shown.stdout.startswith(f"{figures['slowest_seed']}: ")


def test_the_many_feeds_bench_tells_what_a_poll_costs_and_how_late_it_comes() -> None:
    small = ("--feeds", "40", "--hosts", "20", "--interval", "20", "--warm-up", "4", "--seconds", "2", "--delay", "0")
    _, figures = run_bench("many", *small)
    assert (figures["bench"], figures["feeds"], figures["hosts"]) == ("many", 40, 20)
    assert figures["polls"] > 0 < figures["cpu_ms_per_poll"]
    assert figures["p99_late_share"] < 1 > figures["cpu_share"]
    assert figures["all_mb"] > figures["rss_mb"] > 10


def test_the_sitemap_bench_stores_every_address_once() -> None:
    _, figures = run_bench("sitemap", "--urls", "1200")
    assert figures["bench"] == "sitemap"
    assert (figures["urls"], figures["not_stored_once"]) == (1200, 0)
    assert min(figures[name] for name in ("first_s", "again_s", "one_percent_s", "peak_mb", "worker_peak_mb")) > 0


def test_the_rhythm_bench_misses_little_for_fewer_polls_than_a_fixed_interval() -> None:
    """A few weeks of a few feeds, learning included; what a year brings stands in docs/measurements.md."""
    ended, figures = run_bench("rhythm", "--days", "70", "--feeds", "8", "--seed", "1")
    assert figures["bench"] == "rhythm"
    assert figures["items"] > 20_000
    assert figures["missed_share"] <= 0.004
    assert figures["polls_ratio"] <= 0.9
    assert figures["polls_ratio_one_interval"] <= 0.6
    assert abs(figures["outage_estimate_error"]) < 0.6
    assert "agency" in ended.stdout


def test_the_revisions_bench_reads_every_text_back_and_tells_what_one_costs() -> None:
    ended, figures = run_bench("revisions", "--articles", "40", "--seed", "2")
    assert figures["bench"] == "revisions"
    assert (figures["articles"], figures["not_read_back"]) == (40, 0)
    assert 0 < figures["bytes_per_revision"] <= 300
    assert "running stories" in ended.stdout


def test_the_duplicates_bench_tells_how_many_documents_a_second() -> None:
    ended, figures = run_bench("duplicates", "--documents", "60", "--words", "60", "--rounds", "1")
    assert (figures["bench"], figures["documents"], figures["words"]) == ("duplicates", 60, 60)
    assert figures["signatures_per_s"] > figures["documents_per_s"] > 0
    assert "round 1: ours" in ended.stdout


def test_the_fingerprints_bench_finds_what_was_planted_and_tells_bytes_and_rates() -> None:
    ended, figures = run_bench("fingerprints", "--stored", "300", "--articles", "60")
    assert (figures["bench"], figures["stored"], figures["not_found"]) == ("fingerprints", 300, 0)
    for kind in ("sqlite", "postgresql"):
        assert figures[f"{kind}_articles_per_s"] > 0 < figures[f"{kind}_look_ups_per_s"]
        assert figures[f"{kind}_bytes_per_article"] > 0
    assert "each by itself" in ended.stdout


def test_the_skip_bench_tells_the_speed_beside_the_decompressor_alone() -> None:
    ended, figures = run_bench("skip", "--records", "200", "--rounds", "1")
    assert (figures["bench"], figures["records"], figures["wanted"], figures["not_found"]) == ("skip", 200, 2, 0)
    assert figures["ratio_to_zlib"] == pytest.approx(figures["skipped_mb_per_s"] / figures["zlib_mb_per_s"], rel=0.05)
    assert min(figures["none_wanted_mb_per_s"], figures["fastwarc_mb_per_s"]) > 0
    assert "round 1: MB/s: ours" in ended.stdout


def test_help_gives_an_example() -> None:
    shown = subprocess.run([sys.executable, "-m", "bench", "--help"], cwd=ROOT, capture_output=True, check=True)
    assert b"Example: python -m bench" in shown.stdout


def test_all_benches_are_found() -> None:
    script = "from bench.__main__ import names; print(*names())"
    found = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {
        "crash",
        "duplicates",
        "extract",
        "fingerprints",
        "fuzz",
        "many",
        "pipeline",
        "poll",
        "revisions",
        "rhythm",
        "sitemap",
        "skip",
    } <= set(found.stdout.split())
    assert not {"copies", "pages", "processes", "site"} & set(found.stdout.split())


def test_the_classifier_can_be_trained_anew_and_reports_on_hosts_it_has_not_seen(tmp_path: Path) -> None:
    """On the golden pages, as labelled pages: a folder of the kind that `make train` takes."""
    truth = {}
    (tmp_path / "body" / "html").mkdir(parents=True)
    for number, folder in enumerate(sorted((ROOT / "tests" / "golden" / "pages").iterdir())):
        case = json.loads((folder / "expected.json").read_text("utf-8"))
        if (folder / "page.html").exists() and len(case["expect"].get("text") or "") > 600:
            truth[folder.name] = {
                "url": f"https://publisher{number % 5}.example/a",
                "articleBody": case["expect"]["text"],
            }
            packed = gzip.compress((folder / "page.html").read_bytes())
            (tmp_path / "body" / "html" / f"{folder.name}.html.gz").write_bytes(packed)
    (tmp_path / "body" / "ground-truth.json").write_text(json.dumps(truth), "utf-8")
    model = tmp_path / "trees.npz"
    _, figures = run_bench("train", "--corpus", str(tmp_path), "--folds", "2", "--model", str(model))
    assert (figures["bench"], figures["pages"], figures["folds"]) == ("train", len(truth), 2)
    assert len(truth) > 10
    assert figures["body_f1"] > 0.5
    assert figures["bytes"] == model.stat().st_size < 1_000_000


def test_the_judge_of_copies_can_be_trained_anew_and_reports_on_hands_it_has_not_seen(tmp_path: Path) -> None:
    """On the beginnings of two of the labelled sets."""
    for hand in ("b", "d"):
        docs = gzip.decompress((HANDS / f"{hand}.docs.jsonl.gz").read_bytes()).splitlines(keepends=True)[:160]
        (tmp_path / f"{hand}.docs.jsonl.gz").write_bytes(gzip.compress(b"".join(docs)))
        (tmp_path / f"{hand}.pairs.jsonl.gz").write_bytes((HANDS / f"{hand}.pairs.jsonl.gz").read_bytes())
    model = tmp_path / "trees.npz"
    _, figures = run_bench("train_copies", "--hands", str(tmp_path), "--model", str(model), "--leave-out")
    assert figures["bench"] == "train_copies"
    for hand in ("b", "d"):
        assert figures[f"{hand}_found"] > figures[f"{hand}_copies"] * 0.4
        assert figures[f"{hand}_wrong"] < figures[f"{hand}_found"] * 0.5
    assert figures["bytes"] == model.stat().st_size < 1_000_000


def test_the_backfill_bench_stores_every_page_of_an_archive_once() -> None:
    _, figures = run_bench("backfill", "--documents", "8", "--processes", "1", "--rounds", "1")
    assert figures["bench"] == "backfill"
    assert (figures["documents"], figures["not_stored_once"]) == (8, 0)
    ratio = figures["stored_per_s"] / figures["bare_per_s"]
    assert figures["ratio_to_bare_trafilatura"] == pytest.approx(ratio, rel=0.05)
    assert min(figures["cpu_ms_per_page"].values()) > 0
