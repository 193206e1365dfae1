"""Every regular expression of `ingest` takes linear time, whatever a stranger writes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# Quadratic or worse, each in another way.
BAD = [r"(a+)+$", r"\s+x", r";+\s*$", r"<!--.*?-->", r"\w+@\w", r"<p[^>]*=[^>]*>"]


def tried(*patterns: str) -> Any:
    command = [sys.executable, "-W", "error", "-m", "tests.ingest.adversary", *patterns]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_no_pattern_can_be_led_astray() -> None:
    found = tried()
    assert found["tried"] > 80
    assert found["slow"] == []


def test_patterns_that_can_be_are_found_out() -> None:
    assert tried(*BAD)["slow"] == BAD
