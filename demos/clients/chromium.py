"""Controls the system's Chromium over its DevTools protocol, where only a browser will do. Downloads nothing.

Commands and events: https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import functools
import itertools
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import websocket

from demos.processes.supervised import start, stop

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ALONE = ("--headless", "--disable-dev-shm-usage", "--remote-debugging-port=0")
START_S = 30.0
END_S = 5.0
PORT_FILE = "DevToolsActivePort"
"""File in the profile, written once the browser listens: the port, then the path of its WebSocket."""


@functools.cache
def find() -> str | None:
    """Return the path of the first Chromium on PATH; None if there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Chromium:
    """A running browser."""

    def __init__(self, devtools: websocket.WebSocket) -> None:
        self._devtools = devtools
        self._ids = itertools.count(1)

    @property
    def version(self) -> str:
        """Product and version, such as `Chrome/156.0.8078.79`."""
        product: str = self.command("Browser.getVersion")["product"]
        return product.removeprefix("Headless")

    def page(self, url: str) -> Page:
        """Open a new tab and load this address.

        Raises:
            RuntimeError: it could not be loaded.
        """
        target = self.command("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.command("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        page = Page(self, target, session)
        page.load(url)
        return page

    def command(
        self, method: str, params: dict[str, Any] | None = None, session: str | None = None, limit_s: float = 30.0
    ) -> dict[str, Any]:
        """Send one command and return its result.

        Raises:
            RuntimeError: Chromium refused it, or did not answer in time.
        """
        number = next(self._ids)
        asked = {"id": number, "method": method, "params": params or {}}
        self._devtools.settimeout(limit_s)
        try:
            self._devtools.send(json.dumps(asked | ({"sessionId": session} if session else {})))
            # Other messages are events, which are not needed here.
            while (said := json.loads(self._devtools.recv())).get("id") != number:
                pass
        except (OSError, websocket.WebSocketException) as error:
            raise RuntimeError(f"Chromium did not answer {method} within {limit_s:g} s: {error}") from None
        if "error" in said:
            raise RuntimeError(f"Chromium refused {method}: {said['error']['message']}")
        result: dict[str, Any] = said["result"]
        return result


class Page:
    """One tab."""

    def __init__(self, chromium: Chromium, target: str, session: str) -> None:
        self._chromium, self._target, self._session = chromium, target, session

    def load(self, url: str) -> None:
        """Load an address. Raises RuntimeError if nothing could be loaded; a page with status 404 counts as loaded."""
        said = self._chromium.command("Page.navigate", {"url": url}, self._session)
        if text := said.get("errorText"):
            raise RuntimeError(f"Chromium could not load {url}: {text}")

    def run(self, function: str, *given: Any, limit_s: float = 30.0) -> Any:
        """Call a JavaScript function, which may be async, with JSON values; returns its result.

        Raises:
            RuntimeError: it threw, or took too long.
        """
        call = f"({function})({', '.join(json.dumps(one) for one in given)})"
        params = {"expression": call, "awaitPromise": True, "returnByValue": True}
        said = self._chromium.command("Runtime.evaluate", params, self._session, limit_s)
        if thrown := said.get("exceptionDetails"):
            why = thrown.get("exception", {}).get("description", thrown["text"])
            raise RuntimeError(f"the page's script failed: {why}")
        return said["result"].get("value")

    def close(self) -> None:
        """Close the tab with all its connections, as a user does."""
        self._chromium.command("Target.closeTarget", {"targetId": self._target})


@contextmanager
def chromium(*flags: str) -> Iterator[Chromium]:
    """Run a headless Chromium with a fresh profile while the block lasts. `flags` are added to ours.

    Raises:
        RuntimeError: there is none on this machine, or it did not start.
    """
    program = find()
    if program is None:
        raise RuntimeError(f"This needs a browser. Install one as a package of your system: {' or '.join(NAMES)}.")
    # The watcher removes the profile too, in case this process is killed.
    with tempfile.TemporaryDirectory(prefix="streamwise-", ignore_cleanup_errors=True) as profile:
        command = [program, *FLAGS, *ALONE, *flags, f"--user-data-dir={profile}", "about:blank"]
        with tempfile.TemporaryFile() as output:
            process = start(command, output, scratch=profile)
            try:
                yield from _connected(_address(process, Path(profile), output))
            finally:
                stop(process)


def _connected(address: str) -> Iterator[Chromium]:
    # Chromium refuses a connection with an Origin, as from a page.
    devtools = websocket.create_connection(address, timeout=END_S, suppress_origin=True, http_no_proxy=["*"])
    try:
        yield Chromium(devtools)
    finally:
        devtools.shutdown()  # type: ignore[no-untyped-call]


def _address(process: subprocess.Popen[bytes], profile: Path, output: IO[bytes]) -> str:
    """Wait until Chromium accepts commands; returns its WebSocket address."""
    ends = time.monotonic() + START_S
    while time.monotonic() < ends and process.poll() is None:
        with suppress(OSError, ValueError):
            port, path = (profile / PORT_FILE).read_text().split()
            return f"ws://127.0.0.1:{port}{path}"
        time.sleep(0.02)
    stop(process)  # before reading: both processes share the file's position
    output.seek(0)
    said = output.read().decode(errors="replace")[-2000:]
    raise RuntimeError(f"Chromium did not start within {START_S:g} s. It said: {said}")
