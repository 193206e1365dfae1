"""Imported first by the process that forks the workers: it has no threads, and leaves Ctrl-C to its parent."""

from __future__ import annotations

import os
import signal

# Ctrl-C reaches the whole group; the parent decides.
signal.signal(signal.SIGINT, signal.SIG_IGN)
# Workers are as many as the cores already; and a process with threads of its own must not be forked.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")
