"""Golden pairs of texts: a file is the relation, where the two stand, what it shows; then one text, then the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.compare import Context, compare
from ingest.near import signature

CASES = sorted((Path(__file__).parent.parent / "golden" / "copies").glob("*.txt"))
WHERE = {"two sites": Context(), "one site": Context(True), "one address": Context(True, True)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_each_rule_has_a_pair(case: Path) -> None:
    said, a, b = case.read_text("utf-8").split("\n-----\n")
    relation, where = said.split(": ")[0].split(", ")
    one, two, context = signature(a), signature(b), WHERE[where]
    found, back = compare(one, two, context), compare(two, one, context)
    assert (str(found.kind) if found else "none") == relation
    assert back == (found.mirrored if found else None)
    if found is not None:
        assert set(one.keys) & set(two.keys + two.more_keys)  # so that it is a candidate at all


def test_every_relation_and_many_scripts_are_there() -> None:
    assert {case.read_text("utf-8").split(",")[0] for case in CASES} == {
        "exact",
        "near",
        "syndicated",
        "excerpt",
        "contains",
        "none",
    }
    assert len({case.stem.split("_")[0] for case in CASES}) >= 12
