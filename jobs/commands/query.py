"""`dateline query`: the person with a SQL prompt. Writing is refused by the database."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from ingest.errors import SettingsError
from jobs.present import cell, table, to_json
from storage.query import open_rows

SQL_CHARS = 1_000_000  # of a statement from stdin
KINDS = ("table", "csv", "json", "jsonl")


def run_query(database_url: str, sql: str, params: Sequence[str], kind: str, output: Path | None) -> None:
    """Run a statement and write its rows. Raises SettingsError, StorageError."""
    if kind not in KINDS:
        raise SettingsError(f"--format: {kind} is not one of {', '.join(KINDS)}")
    if sql == "-":
        sql = sys.stdin.read(SQL_CHARS)
    if not sql.strip():
        raise SettingsError("write one SQL statement; the views are listed by `dateline query --help`")
    with open_rows(database_url, sql, _values(params)) as (columns, rows):
        if output is None:
            _write(sys.stdout, kind, columns, rows)
            return
        with output.open("w", encoding="utf-8", newline="") as file:
            _write(file, kind, columns, rows)


def _values(params: Sequence[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for param in params:
        name, is_one, value = param.partition("=")
        if not is_one or not name.isidentifier():
            raise SettingsError(f"--param: write NAME=VALUE, not {param}")
        values[name] = int(value) if value.removeprefix("-").isdecimal() and len(value) < 19 else value
    return values


def _write(file: IO[str], kind: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    if kind == "table":
        _write_table(file, columns, list(rows))
    elif kind == "csv":
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_csv_cell(row[name]) for name in columns] for row in rows)
    elif kind == "jsonl":
        file.writelines(to_json(row) + "\n" for row in rows)
    else:
        file.writelines(_json_parts(rows))


def _write_table(file: IO[str], columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    if columns:
        print(table(rows, columns), file=file)
    print(f"({len(rows)} row{'' if len(rows) == 1 else 's'})", file=sys.stderr)


def _csv_cell(value: Any) -> Any:
    return value if isinstance(value, str | int | float) else cell(value)


def _json_parts(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A JSON list, row by row: the whole is never held."""
    yield "["
    for number, row in enumerate(rows):
        yield (",\n " if number else "\n ") + to_json(row)
    yield "\n]\n"
