"""`dateline init`: a commented config.yaml and a database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path

from ingest.errors import SettingsError
from jobs.clock import wall_clock
from jobs.config import DEFAULT, load_config
from jobs.feed_lists import wanted_by
from storage import feeds, migrate
from storage.engine import Database


def begin(directory: Path) -> Iterator[str]:
    """Write what is missing in `directory`; what is there stays as it is. Yields a line for each step."""
    path = directory / DEFAULT
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if path.exists():
            yield f"kept {path}, which was there"
        else:
            path.write_text(template(), "utf-8")
            yield f"wrote {path}"
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror or error}") from None
    settings = load_config(path)
    with closing(Database(settings.database)) as database:
        schema = migrate.upgrade(database)
        database.write(feeds.sync, wanted_by(settings), wall_clock())
    yield f"database {database.url.render_as_string()} at revision {schema.current}"
    there = "" if directory == Path() else f"cd {directory} && "
    yield f"now: put your address into user_agent, choose your feeds, then `{there}dateline run`"


def template() -> str:
    """The settings file that a new user begins with."""
    return (files("jobs") / "config.yaml").read_text("utf-8")
