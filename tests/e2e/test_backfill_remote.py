"""Archives on a server, named by a list, fetched in pieces, stopped and resumed: what is in the store in the end."""

from __future__ import annotations

import gzip
import os
import signal
from pathlib import Path

from tests.archives import write_warc
from tests.e2e.test_backfill import ROWS, backfill, stored
from tests.program import query, write_config
from tests.shelf import Shelf

LIST = "/crawl-data/CC-NEWS/2026/10/warc.paths.gz"
NAME = "crawl-data/CC-NEWS/2026/10/CC-NEWS-{}-0000{}.warc.gz"


def left(config: Path) -> list[str]:
    """The files that are still here."""
    return [path.name for path in (config.parent / "archive" / "incoming").glob("*")]


def test_what_a_list_names_is_fetched_once_and_read(tmp_path: Path) -> None:
    config = write_config(tmp_path, archive={"enabled": False})
    names = [NAME.format(f"202610{day}000000", day) for day in ("01", "02", "03")]
    old, missing = NAME.format("20240101000000", 1), NAME.format("20261004000000", 4)
    path, urls = tmp_path / "a.warc.gz", []
    with Shelf(host="127.0.13.1") as shelf:
        for number, name in enumerate(names):
            urls += write_warc(path, 3, f"n{number}.example")
            shelf.put(f"/{name}", path.read_bytes())
        lines = "\n".join([old, names[0], missing, *names[1:], ""])
        listed = shelf.serve(LIST, gzip.compress(lines.encode()), headers={"ETag": '"list"'})
        said = backfill(config, "warc", listed, since="2026-01-01")
        assert stored(config) == set(urls)
        assert (said["state"], said["stored"], said["documents"], said["documents_failed"]) == ("done", 9, 5, 1)
        assert said["left_out"]["pruned"] == 1
        assert left(config) == []
        parts = query(config, "select kind, place, state, reason, host from backfill_parts where kind = 'remote'")
        assert [row["state"] for row in parts] == ["done", "failed", "done", "done"]
        assert {row["host"] for row in parts} == {"127.0.13.1"}
        assert parts[1] == parts[1] | {"place": shelf.url(f"/{missing}"), "reason": "not_found"}
        assert all(len(shelf.sent(f"/{name}")) == 1 for name in names)


def test_stopped_between_pieces_it_goes_on_where_it_was(tmp_path: Path) -> None:
    """Ctrl-C while an archive comes in pieces over a line that is cut: every page, and no byte came twice."""
    config, path = write_config(tmp_path), tmp_path / "a.warc.gz"
    urls = write_warc(path, 5)
    data = path.read_bytes()
    with Shelf(host="127.0.13.2") as shelf:
        address = shelf.put("/a.warc.gz", data)
        shelf.cuts = [700, 900, 1, 1500]
        shelf.before[3] = lambda: os.kill(os.getpid(), signal.SIGINT)
        runs = [backfill(config, "warc", address) for _ in range(2)]
        assert [run["interrupted"] for run in runs] == [True, False]
        found = query(config, ROWS)
        assert sorted((row["url"], row["article"], row["state"]) for row in found) == [(u, u, "stored") for u in urls]
        sent = shelf.sent("/a.warc.gz")
        assert sent == [(0, 700), (700, 1600), (1600, 1601), (1601, 3101), (3101, len(data))]
        assert left(config) == []
