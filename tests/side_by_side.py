"""The whole suite in processes side by side: what computes, what waits (for sites, processes, signals), and the rest.

    python -m tests.side_by_side [arguments of pytest]

The rest is shown as it runs, the others when they have ended. Exits with 1 where one of them failed.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests import bytecode

ROOT = Path(__file__).parents[1]
GROUPS = (
    ["tests/ingest", "tests/test_golden.py"],
    ["tests/test_bench.py", *(str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("tests/e2e/test_[a-k]*.py")))],
    [
        *(str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("tests/e2e/test_[l-z]*.py"))),
        *(str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("tests/jobs/test_[d-e]*.py"))),
    ],
)  # fmt: skip


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]


def main(arguments: list[str]) -> int:
    bytecode.keep()
    logs = ROOT / ".pytest_cache"
    logs.mkdir(exist_ok=True)
    files = [(logs / f"group{number}.log").open("w+b") for number in range(len(GROUPS))]
    started = [
        subprocess.Popen(command(*group, *arguments), cwd=ROOT, stdout=file, stderr=file)
        for group, file in zip(GROUPS, files, strict=True)
    ]
    others = [f"--ignore={name}" for group in GROUPS for name in group]
    codes = [subprocess.run(command(*others, *arguments), cwd=ROOT, check=False).returncode]
    for process, file in zip(started, files, strict=True):
        codes.append(process.wait())
        sys.stdout.flush()
        file.seek(0)
        sys.stdout.buffer.write(file.read())
        file.close()
    return int(any(codes))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:  # the others had it, too
        sys.exit(130)
