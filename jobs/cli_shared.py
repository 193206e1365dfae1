"""What the commands share: the options that each has, and how they come by settings and store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from jobs.config import Settings
    from storage.engine import Database

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="PATH", help="Settings file [default: ./config.yaml, else $DATELINE_CONFIG]."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def settings_of(config: Path | None) -> Settings:
    """The settings of the file given, or found. Raises SettingsError."""
    from jobs.config import find_config, load_config

    return load_config(find_config(config))


@contextmanager
def database_of(config: Path | None) -> Iterator[Database]:
    """The store of the settings, with the schema of this program, for the length of the block."""
    from storage.migrate import open_current

    with closing(open_current(settings_of(config).database)) as database:
        yield database


def print_json(value: Any) -> None:
    """A value on stdout, for scripts."""
    from jobs.present import to_json

    print(to_json(value, indent=2))
