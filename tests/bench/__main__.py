"""Figures of this machine: `make bench`, or a part of it: `make bench ARGS=guide`. Each says how it came about.

`make bench ARGS="streams --quick"` goes through everything once, with few samples: it shows that it runs.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform

from tests.bench.scale import FULL, QUICK

BENCHES = ("guide", "page", "replicas", "room", "streams")

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="make bench ARGS=...", description="Figures of this machine.")
    parser.add_argument(
        "bench", nargs="*", metavar="BENCH", help=f"one or more of {', '.join(BENCHES)}; all where none is named"
    )
    parser.add_argument("--quick", action="store_true", help="few samples, in less than a minute; no figures to quote")
    given = parser.parse_args()
    named = given.bench
    if unknown := [name for name in named if name not in BENCHES]:
        parser.error(f"found {', '.join(unknown)}. Allowed: {', '.join(BENCHES)}")
    if given.quick:
        print("quick: it shows that everything runs; no figure of it is worth quoting")
    cores = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"{platform.platform()}, Python {platform.python_version()}, {cores}")
    for name in named or BENCHES:
        importlib.import_module(f"tests.bench.{name}").main(QUICK if given.quick else FULL)
