"""Golden pages: a folder holds a page, what must be read in it, and one sentence that says what it shows.

Adding a case is adding a folder with `page.html` (or `page.txt`) and an `expected.json` that has "why", "url", "now"
and an empty "expect"; `python tests/test_golden.py` then writes what is read now into every case, for `git diff`.
An "expect" holds the fields of the article object, or {"error": reason}.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.answer import article_object
from ingest.errors import ParseError
from ingest.model import Page, ParsedEntry
from ingest.read import read_page

CASES = sorted(path.parent for path in (Path(__file__).parent / "golden" / "pages").glob("*/expected.json"))
NOT_KEPT = {"url", "extractor"}  # the one is in the case, the other changes with every version


def entry_of(stated: dict[str, Any] | None) -> ParsedEntry | None:
    if stated is None:
        return None
    fields = dict(stated, entry_id="1", url=None)
    fields |= {name: tuple(fields[name]) for name in ("authors", "categories") if name in fields}
    if "published_at" in fields:
        fields["published_at"] = datetime.fromisoformat(fields["published_at"])
    return ParsedEntry(**fields)


def read(folder: Path) -> tuple[dict[str, Any], dict[str, object]]:
    """(the case, what is read now)."""
    case = json.loads((folder / "expected.json").read_text("utf-8"))
    body = next(folder.glob("page.*")).read_bytes()
    page = Page(case["url"], body, case.get("content_type"), case.get("final_url"), entry_of(case.get("entry")))
    try:
        seen = article_object(read_page(page, datetime.fromisoformat(case["now"])))
    except ParseError as error:
        seen = {"error": error.reason.value}
    return case, {name: value for name, value in seen.items() if name not in NOT_KEPT}


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_what_is_read_is_what_is_expected(folder: Path) -> None:
    case, seen = read(folder)
    assert case["why"].endswith(".")
    assert case["expect"], "an empty case proves nothing"
    assert {name: seen.get(name) for name in case["expect"]} == case["expect"]


def test_there_are_cases() -> None:
    assert len(CASES) >= 20


def rewrite() -> None:
    """Write what is read now into every case."""
    for folder in CASES:
        case, seen = read(folder)
        text = json.dumps(case | {"expect": seen}, ensure_ascii=False, indent=1)
        (folder / "expected.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    rewrite()
