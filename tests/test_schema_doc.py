"""docs/schema.md says what the code says, and the code says it in sentences."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Table

from storage import views
from storage.schema_doc import schema_doc
from storage.tables import metadata

TABLES = list(metadata.tables.values())


def test_the_document_is_what_the_code_says() -> None:
    path = Path(__file__).parent.parent / "docs" / "schema.md"
    assert path.read_text("utf-8") == schema_doc(), "run `make docs`"


def test_it_is_the_same_each_time() -> None:
    assert schema_doc() == schema_doc()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_tables_and_columns_are_described_in_sentences(table: Table) -> None:
    for said in (table.comment, *(column.comment for column in table.columns)):
        assert said
        assert said.endswith(".")
        assert "|" not in said


def test_every_view_is_described() -> None:
    document = schema_doc()
    for name in views.NAMES:
        assert f"### {name}\n\n{views.ABOUT[name]}\n" in document
    assert "`withdrawn_at`." in document
