"""All tests in two halves side by side, since two cores are the least that anybody has: what looks at pages; the rest.

Each half is a pytest of its own, told apart by a path alone. What it prints comes as a whole once it is over.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = "tests/browser"
REQUIRE = "STREAMWISE_REQUIRE_"


@dataclass(frozen=True)
class Half:
    """One of them: where it looks, and what must not be left out there (see tests/conftest.py)."""

    name: str
    paths: tuple[str, ...]
    required: str

    @property
    def environment(self) -> dict[str, str]:
        """What is asked for in the other half is not asked for here, where there is none of it."""
        return {key: value for key, value in os.environ.items() if key == self.required or not key.startswith(REQUIRE)}


HALVES = (
    Half("pages in a browser", (PAGES,), f"{REQUIRE}BROWSER"),
    Half("everything else", ("tests", f"--ignore={PAGES}"), f"{REQUIRE}PROXIES"),
)


def main() -> int:
    began, running = time.monotonic(), {}
    print(f"{' and '.join(half.name for half in HALVES)}, side by side; twenty minutes on two cores", flush=True)
    for half in HALVES:
        log = tempfile.TemporaryFile()  # noqa: SIM115  # open as long as the process writes to it
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *half.paths]
        running[half] = subprocess.Popen(command, cwd=ROOT, env=half.environment, stdout=log, stderr=log), log
    statuses = []
    while running:
        time.sleep(0.2)
        for half, (process, log) in list(running.items()):
            if process.poll() is None:
                continue
            del running[half]
            statuses.append(process.returncode)
            log.seek(0)
            spent = time.monotonic() - began
            print(f"\n=== {half.name}, {spent:.0f} s\n{log.read().decode(errors='replace')}", flush=True)
    return max(statuses, key=abs)


if __name__ == "__main__":
    sys.exit(main())
