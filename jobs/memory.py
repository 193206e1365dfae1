"""What the C library does with memory that is given back."""

from __future__ import annotations

import ctypes
import sys

M_ARENA_MAX = -8  # malloc.h of glibc


def share_arena() -> None:
    """Let all threads share one pool of memory.

    glibc gives each of the threads that wait for files and the database a pool of its own, and keeps what is free in
    each: a fifth of the memory of a long backfill (docs/measurements.md). Elsewhere than with glibc nothing is done.
    """
    if sys.platform != "linux":
        return
    try:
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)
    except (OSError, AttributeError):  # another C library
        return
