"""A project as its user meets it: a zip file, the commands of its README in an environment of its own, a first word.

Its packages come from the registry that uv is set to. The test is left out where none answers.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demos.processes.ports import free_port
from guide.starter.archive import zipped
from tests.guide.starter.environments import INSTALL_S, NO_REGISTRY
from tests.guide.starter.projects import every_project
from tests.guide.starter.servers import axes_of
from tests.patience import seconds

START_S = seconds(60)


def commands(readme: str) -> list[list[str]]:
    """What makes the environment, what fills it, what starts the server."""
    block = re.search(r"## Start it.*?```sh\n(.*?)```", readme, re.DOTALL)
    assert block
    *install, run = block[1].splitlines()
    assert len(install) == 2
    return [shlex.split(command) for command in (*install, run)]


@contextmanager
def started(run: list[str], folder: Path, env: dict[str, str]) -> Iterator[None]:
    server = subprocess.Popen(run, cwd=folder, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        assert server.stdout
        assert server.stdout.readline().startswith("Agent on http://127.0.0.1:")
        yield
    finally:
        server.terminate()
        server.communicate(timeout=START_S)


def test_a_zip_becomes_a_first_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = every_project()[axes_of(transport="sse", who="cookie", log="memory", proxy="none")].files
    zipfile.ZipFile(io.BytesIO(zipped(files, "project"))).extractall(tmp_path)
    folder, port, begun = tmp_path / "project", str(free_port()), time.monotonic()
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"  # where uv is
    *install, run = commands((folder / "README.md").read_text(encoding="utf-8"))
    for command in install:
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=INSTALL_S)
        if done.returncode and re.search(NO_REGISTRY, done.stdout + done.stderr):
            pytest.skip("no package registry answers")
        assert done.returncode == 0, done.stdout + done.stderr
    installed = time.monotonic()
    local = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    with started(run, folder, env | {"PORT": port}):
        up = time.monotonic()
        python, url = run[0], f"http://127.0.0.1:{port}"
        client = subprocess.Popen(
            [python, "client/terminal.py", "--url", url, "Hello"], cwd=folder, env=env | local,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert client.stdout
        first = client.stdout.read(1)
        heard = time.monotonic()
        said = first + client.stdout.read()
        _, states = client.communicate(timeout=START_S)
    assert said.startswith('You asked: "Hello" This is question 1'), states
    assert client.returncode == 0
    with capsys.disabled():
        print(
            f"\nInstalled in {installed - begun:.1f} s, up {up - installed:.1f} s, first word {heard - up:.1f} s later."
        )
