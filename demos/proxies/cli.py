"""Command `python -m demos proxy`: tests proxies, or nginx's buffering, and prints the results."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from demos.proxies import tables
from demos.proxies.buffering import nginx
from demos.proxies.catalog import CONFIGS, Binary, binaries, proxies
from demos.proxies.expected import changes
from demos.proxies.json_lines import row_line, watched
from demos.proxies.matrix import EVERYTHING, FIRST, matrix, unwatched
from demos.proxies.running import ProxyFailed

PIP = "python -m pip install -r requirements/proxies.txt"


def proxy(name: str, config: str | None, form: str, short: bool = False) -> int:
    """Test a proxy, or all proxies, in every installed version, and print the results.

    Returns 1 if none is installed, or one did not start.
    """
    here = _here(list(proxies()) if name == "all" else [name])
    found, failed = [], 0
    for binary in here:
        watch = watched(binary, binary.name, binary.title, say) if form == "lines" else unwatched
        try:
            tried = matrix(binary, (config,) if config else CONFIGS, watch, (FIRST,) if short else EVERYTHING)
        except ProxyFailed as error:
            print(error, file=sys.stderr)
            failed += 1
            continue
        found.append((tried, changes(tried)))
        if form == "text":
            print(tables.as_text(*found[-1]), end="\n\n", flush=True)
    if form == "json":
        print(tables.as_json(found))
    return 0 if here and not failed else 1


def buffering(form: str) -> int:
    """Measure nginx's buffering in every installed version; returns 1 if none is installed."""
    here = _here([nginx.NAME])
    rows = [row for binary in here for row in nginx.buffering(binary)]
    if form == "lines":
        for row in (nginx.direct(), *rows) if here else ():
            say(row_line(row))
        return 0 if here else 1
    told = tables.buffering_json if form == "json" else tables.buffering_text
    if here:
        print(told(nginx.NAME, rows, nginx.direct()))
    return 0 if here else 1


def say(line: str) -> None:
    """Print one line and flush, for a program that reads along."""
    print(line, flush=True)


def _here(names: Sequence[str]) -> list[Binary]:
    """Return the installed proxies; print the missing ones with a hint for installation."""
    here = [binary for one in names for binary in binaries(one)]
    for one in set(names) - {binary.name for binary in here}:
        missing = proxies()[one]
        print(f"{missing.title} is not on this machine and is left out. To have it: {PIP}", file=sys.stderr)
    return here
