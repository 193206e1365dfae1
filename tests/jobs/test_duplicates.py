"""`dateline duplicates --jsonl`: a line in, a line out for each link; strangers' lines hurt nobody."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.ingest.stories import OTHER, STORY
from tests.program import PROGRAM


def run(*arguments: str, lines: str = "", code: int = 0) -> list[dict[str, Any]]:
    command = [*PROGRAM, "duplicates", *arguments]
    done = subprocess.run(command, input=lines.encode(), capture_output=True, timeout=60, check=False)
    assert done.returncode == code, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def line(**said: Any) -> str:
    return json.dumps(said) + "\n"


def test_links_come_out_in_the_order_of_the_lines_and_bad_lines_are_answered() -> None:
    lines = (
        line(id="a", url="https://one.example/1", site="one.example", title="Harbour", text=STORY, lang="en")
        + "no json\n"
        + "[1]\n"
        + "\n"
        + line(text=STORY)
        + line(id="x", text=7)
        + line(id="y", text="", published="yesterday")
        + line(id="b", url="https://two.example/1", title="Teachers", text=OTHER)
        + line(id="c", url="https://three.example/1", text=f"HARBOUR (AFP) - {STORY}", published="2026-03-04T10:00:00Z")
        + line(id=4, url="https://www.one.example/1?utm_source=rss", site="one.example", text=STORY + " More.")
    )
    answers = run("--jsonl", lines=lines)
    assert [answer.get("id") or answer["error"].split(":")[0] for answer in answers] == ["bad line"] * 5 + ["c", "4"]
    link = answers[5]
    assert (link["id"], link["of"], link["relation"]) == ("c", "a", "syndicated")
    assert 0.9 < link["similarity"] <= 1


def test_a_file_is_read_as_well_and_only_so_much_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "articles.jsonl"
    file.write_text(
        line(id="a", site="x", text=STORY) + line(id="b", site="y", text=OTHER) + line(id="c", site="z", text=STORY)
    )
    assert [(link["id"], link["of"], link["relation"]) for link in run("--jsonl", str(file))] == [("c", "a", "exact")]
    assert run("--jsonl", "--keep", "1", str(file)) == []


def test_without_jsonl_and_without_a_file_it_says_what_is_wrong(tmp_path: Path) -> None:
    assert run(code=2) == []
    assert run("--jsonl", str(tmp_path / "none.jsonl"), code=1) == []
