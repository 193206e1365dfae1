"""A command on a pseudo-terminal, from its start to its end."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from pathlib import Path

from tests.program import PROGRAM

STYLE = re.compile(r"\x1b\[[\d;]*m")
NOT_INHERITED = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR")


def on_terminal(*arguments: object, folder: Path, columns: int = 80, **environment: str) -> tuple[int, str]:
    """(exit code, all that the screen was sent) of `dateline` with these arguments; stdin is the keyboard."""
    screen, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    process = subprocess.Popen(
        [*PROGRAM, *map(str, arguments)], cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs,
        env=inherited | {"TERM": "xterm-256color"} | environment,
    )  # fmt: skip
    os.close(theirs)
    try:
        shown = _until_the_end(screen)
        return process.wait(60), shown
    finally:
        process.kill()
        os.close(screen)


def _until_the_end(screen: int) -> str:
    """What the screen is sent. Linux ends it with an error once nobody holds the other side."""
    shown = b""
    while True:
        try:
            more = os.read(screen, 65_536)
        except OSError:
            more = b""
        if not more:
            return shown.decode("utf-8").replace("\r\n", "\n")
        shown += more
