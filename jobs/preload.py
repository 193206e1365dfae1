"""Imported once by the process that forks the workers: what each of them would otherwise load for itself."""

from __future__ import annotations

import os
import signal

# Ctrl-C reaches the whole group; the parent decides.
signal.signal(signal.SIGINT, signal.SIG_IGN)
# Workers are as many as the cores already; and a process with threads of its own must not be forked.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import ingest.read  # noqa: E402
import ingest.sources  # noqa: E402, F401
from ingest.language import detect_language  # noqa: E402

# The libraries and the language model take half a second each to load; forked workers share their memory.
detect_language("What stands here does not matter, as long as it has some words.")
