"""By what a page was read: stored with the article, which is read anew where it has changed."""

from __future__ import annotations

from importlib.metadata import version

EXTRACTOR = f"dateline/{version('dateline')} trafilatura/{version('trafilatura')}"
