"""Run every bench, one after the other, each in a process of its own. Exits 1 where one of them failed."""

from __future__ import annotations

import argparse
import pkgutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parent
# What benches are made of, and what trains the classifier; every other module here is a bench.
SHARED = {"__main__", "copies", "labels", "pages", "processes", "site", "train"}


def names() -> list[str]:
    """The benches there are."""
    return sorted(module.name for module in pkgutil.iter_modules([str(FOLDER)]) if module.name not in SHARED)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__, epilog="Example: python -m bench")
    parser.add_argument("--corpus", metavar="DIR", help="a folder of real pages; without it the benches make their own")
    options = parser.parse_args(arguments)
    corpus = ["--corpus", options.corpus] if options.corpus else []
    failed = []
    for name in names():
        print(f"== {name}", flush=True)
        command = [sys.executable, "-m", f"bench.{name}", *corpus]
        if subprocess.run(command, cwd=FOLDER.parent, check=False).returncode:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
