"""Runs what a starter project's own maintainer runs, for many in one process: own_checks.py CHECK FOLDER ...

Importing LangGraph is what costs, so it is imported once. CHECK is `types` or `tests`. Prints JSON: by folder,
what mypy or pytest said where they found something.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from mypy import api

OF_PROJECTS = ("app", "tests", "conftest", "test_agent", "test_server")
"""Modules that each project has one of."""


PLUGINS = ("cacheprovider", "xdist", "langsmith_plugin", "valkey", "hypothesispytest")
"""Of pytest, that no project needs."""


KNOWN = Path(__file__).parents[3] / ".mypy_cache"
"""What `make test` has learnt of the packages before, under the same strict settings: it is not learnt again."""


def typed(cache: str) -> str:
    said, errors, code = api.run(["--cache-dir", cache, "--no-error-summary", "app", "client", "tests"])
    return said + errors if code else ""


def tested() -> str:
    """The project's tests; what an earlier project left in memory is not used."""
    for name in [name for name in sys.modules if name.split(".")[0] in OF_PROJECTS]:
        del sys.modules[name]
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        left_out = [option for name in PLUGINS for option in ("-p", f"no:{name}")]
        code = pytest.main(["-q", *left_out, "--rootdir", ".", "tests"])
    sys.path[:] = [place for place in sys.path if place != os.getcwd()]
    return out.getvalue() if code else ""


def main(check: str, folders: list[str]) -> None:
    found = {}
    if check == "types" and KNOWN.is_dir():
        shutil.copytree(KNOWN, Path(folders[0]).parent / "types")
    for folder in folders:
        os.chdir(folder)
        found[folder] = (typed("../types") if check == "types" else tested())[-4000:]
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
