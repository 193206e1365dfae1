"""What Python has compiled is kept for the programs that the tests start, wherever the environment forbids that.

uv installs without compiling, and PYTHONDONTWRITEBYTECODE is set in many containers: then every start of the program
compiles its libraries anew, which takes longer than all that the program does.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[1] / ".pytest_cache" / "bytecode"


def keep() -> None:
    """From now on, here and in every process that is started from here."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(FOLDER)
    sys.dont_write_bytecode = False
