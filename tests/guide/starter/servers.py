"""Starter projects in folders, served as their README says: python -m app --port N, each on its own free port."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from demos.processes.ports import free_port
from tests.guide.starter.projects import every_project
from tests.patience import seconds

WAIT_S = seconds(60)


Axes = tuple[tuple[str, str], ...]


def axes_of(**wanted: str) -> Axes:
    """The first project with these values."""
    return next(axes for axes in every_project() if wanted.items() <= dict(axes).items())


def write(axes: Axes, folder: Path) -> Path:
    for path, content in every_project()[axes].files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


@dataclass
class Served:
    """A server that runs, and a client that it knows."""

    process: subprocess.Popen[str]
    http: httpx.Client
    port: int

    def start(self, prompt: str, **more: str) -> dict[str, Any]:
        started = self.http.post("/runs", json={"prompt": prompt, **more})
        assert started.status_code == 201, started.text
        return dict(started.json())

    def events(self, run: str, after: str = "", until: str = "end") -> list[dict[str, Any]]:
        """Events of a run up to the first of a kind, or to the end of the stream; each with its id."""
        found, id = list[dict[str, Any]](), ""
        with self.http.stream("GET", f"/runs/{run}/events", params={"since": after}) as response:
            assert response.status_code in (200, 204), response.read()
            for line in response.iter_lines():
                name, _, value = line.partition(": ")
                if name == "id":
                    id = value
                elif name == "data" and (event := json.loads(value))["type"] != "ping":
                    found.append({"id": id, **event})
                    if event["type"] == until:
                        break
        return found

    def end(self, how: signal.Signals = signal.SIGINT) -> float:
        """End the server; gives the seconds that it took."""
        begun = time.monotonic()
        self.process.send_signal(how)
        self.process.wait(WAIT_S)
        return time.monotonic() - begun


@contextmanager
def serving(folder: Path, port: int = 0, python: str = sys.executable, **environment: object) -> Iterator[Served]:
    """`port`: of a server that was there before; else a free one. `python`: whose environment has the packages."""
    port = port or free_port()
    left = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    process = subprocess.Popen(
        [python, "-m", "app", "--port", str(port)], cwd=folder, text=True, stderr=subprocess.PIPE,
        env=left | {key: str(value) for key, value in environment.items()}, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=WAIT_S, trust_env=False) as http:
            deadline = time.monotonic() + WAIT_S
            while True:
                assert process.poll() is None, process.stderr and process.stderr.read()
                assert time.monotonic() < deadline, "the server did not start"
                try:
                    http.get("/")  # gives the cookie too
                    break
                except httpx.TransportError:
                    time.sleep(0.05)  # between two looks
            yield Served(process, http, port)
    finally:
        process.kill()
        process.communicate()
