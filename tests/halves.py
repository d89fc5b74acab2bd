"""All tests in two halves side by side, since two cores are the least that anybody has: what waits, and what computes.

    waits      real browsers, real proxies, the soak; one after another, as each wants the machine to itself
    computes   everything else
Each half is a pytest of its own, told apart by paths alone. What it prints comes as a whole once it is over.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
WAITS = (
    "tests/browser",
    "tests/demos/proxies",
    "tests/demos/probe",
    "tests/demos/test_matrix.py",
    "tests/demos/test_emulation.py",
    "tests/demos/test_buffering.py",
    "tests/demos/test_proxied.py",
    "tests/test_soak.py",
)
"""Every test that needs a browser or a proxy is below one of these; tests/test_house.py holds that."""
HALVES = {"what waits": WAITS, "what computes": ("tests", *(f"--ignore={path}" for path in WAITS))}
REQUIRE = "STREAMWISE_REQUIRE_"


def environment(name: str) -> dict[str, str]:
    """What must not be left out is asked for where it is: the other half has none of it."""
    return {key: value for key, value in os.environ.items() if name == "what waits" or not key.startswith(REQUIRE)}


def main() -> int:
    began, running = time.monotonic(), {}
    print(f"{' and '.join(HALVES)}, side by side; a quarter of an hour on two cores", flush=True)
    for name, paths in HALVES.items():
        log = tempfile.TemporaryFile()  # noqa: SIM115  # open as long as the process writes to it
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *paths]
        running[name] = subprocess.Popen(command, cwd=ROOT, env=environment(name), stdout=log, stderr=log), log
    statuses = []
    while running:
        time.sleep(0.2)
        for name, (process, log) in list(running.items()):
            if process.poll() is None:
                continue
            del running[name]
            statuses.append(process.returncode)
            log.seek(0)
            print(f"\n=== {name}, {time.monotonic() - began:.0f} s\n{log.read().decode(errors='replace')}", flush=True)
    return max(statuses, key=abs)


if __name__ == "__main__":
    sys.exit(main())
