"""Imported once by the process that forks the workers: what each of them would otherwise load for itself."""

from __future__ import annotations

import ingest.read
import ingest.sources  # noqa: F401
from ingest.language import detect_language

# The libraries and the language model take half a second each to load; forked workers share their memory.
detect_language("What stands here does not matter, as long as it has some words.")
