"""Figures of this machine: `make bench`, or a part of it: `make bench ARGS=guide`. Each says how it came about."""

from __future__ import annotations

import argparse
import importlib
import os
import platform

BENCHES = ("guide", "page", "streams")

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="make bench ARGS=...", description="Figures of this machine.")
    parser.add_argument(
        "bench", nargs="*", metavar="BENCH", help=f"one or more of {', '.join(BENCHES)}; all where none is named"
    )
    named = parser.parse_args().bench
    if unknown := [name for name in named if name not in BENCHES]:
        parser.error(f"found {', '.join(unknown)}. Allowed: {', '.join(BENCHES)}")
    cores = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"{platform.platform()}, Python {platform.python_version()}, {cores}")
    for name in named or BENCHES:
        importlib.import_module(f"tests.bench.{name}").main()
