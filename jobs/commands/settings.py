"""Settings for commands that work without any."""

from __future__ import annotations

from pathlib import Path

from ingest.errors import SettingsError
from jobs.config import Settings, find_config, load_config


def settings_or_defaults(config: Path | None) -> Settings:
    """The settings file where one is given or found; the defaults where there is none."""
    try:
        path = find_config(config)
    except SettingsError:
        if config is not None:
            raise
        return Settings()
    return load_config(path)
