"""Drives a headless Firefox by WebDriver BiDi, over its own WebSocket: no driver program, no download.

Only what the tests need: open a page, evaluate a script in it, and what it wrote to its console.
https://w3c.github.io/webdriver-bidi/ says what each command means.
"""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import websocket

from tests.patience import seconds

NAMES = ("firefox-esr", "firefox")
START_S = seconds(60)
ANSWER_S = seconds(120)
LISTENS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
THROWN = re.compile(r"(Uncaught )?(\(in promise\) )?\w*Error\b")
PREFERENCES: dict[str, object] = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
}
"""It asks nobody for anything."""


def find_firefox() -> str | None:
    """The Firefox of this system; None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Firefox:
    """One page of one browser."""

    def __init__(self, socket: websocket.WebSocket, first: Firefox | None = None) -> None:
        """`first`: the page of the same browser that this one is beside, as a stranger to it."""
        self._socket = socket
        self._ids: Iterator[int] = first._ids if first else itertools.count(1)
        self.errors: list[str] = []
        """What the page's scripts failed with. A connection that fails is none of these, though it is logged."""
        self._forgotten: set[str] = set()
        """The realms whose errors nobody asks for any more: global objects of pages that were left."""
        if first:
            # A window, since a tab behind another one is hidden.
            apart = self._command("browser.createUserContext")["userContext"]
            self._page = self._command("browsingContext.create", type="window", userContext=apart)["context"]
            return
        self._command("session.new", capabilities={})
        self._command("session.subscribe", events=["log.entryAdded"])
        self._page = self._command("browsingContext.getTree")["contexts"][0]["context"]

    def stranger(self) -> Firefox:
        """A page of somebody else, in a window of this browser; scripts that fail there are told here or there."""
        return Firefox(self._socket, self)

    def close(self) -> None:
        """Close this window."""
        self._command("browsingContext.close", context=self._page)

    def leave(self) -> None:
        """Leave for an empty page, and forget what failed: a module that the old page still loads fails later."""
        self._forgotten.update(realm["realm"] for realm in self._command("script.getRealms")["realms"])
        self.open("about:blank")
        self.errors.clear()

    def open(self, url: str) -> None:
        """Go to an address, and wait until the page has been read."""
        self._command("browsingContext.navigate", context=self._page, url=url, wait="interactive")

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression that gives JSON, or a promise of it."""
        wrapped = f"Promise.resolve({expression}).then(JSON.stringify)"
        about = {"expression": wrapped, "target": {"context": self._page}, "awaitPromise": True}
        given = self._command("script.evaluate", **about)
        if given["type"] == "exception":
            raise AssertionError(given["exceptionDetails"]["text"])
        return json.loads(given["result"]["value"]) if given["result"]["type"] == "string" else None

    def wait(self, expression: str, patience_s: float) -> Any:
        """Evaluate until it gives something true, and return that."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            if found := self.evaluate(expression):
                return found
            time.sleep(0.05)  # between two looks at a condition
        raise AssertionError(f"not within {patience_s:g} s: {expression}")

    def _command(self, method: str, **params: object) -> Any:
        wanted = next(self._ids)
        self._socket.send(json.dumps({"id": wanted, "method": method, "params": params}))
        while True:
            said = json.loads(self._socket.recv())
            entry = said["params"] if said.get("method") == "log.entryAdded" else {}
            if THROWN.match(str(entry.get("text"))) and entry["source"]["realm"] not in self._forgotten:
                self.errors.append(entry["text"])
            if said.get("id") == wanted:
                if said["type"] == "error":
                    raise AssertionError(f"{method}: {said['error']}: {said['message']}")
                return said["result"]


@contextmanager
def firefox(executable: str) -> Iterator[Firefox]:
    """A fresh Firefox with a profile that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="streamwise-firefox-", ignore_cleanup_errors=True) as profile:
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items())
        Path(profile, "user.js").write_text("\n".join(lines), encoding="utf-8")
        log = Path(profile, "log")
        command = [executable, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"]
        with log.open("wb") as out:
            process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        try:
            # It takes connections without an Origin only: no page may drive it.
            at = f"{_listening(process, log)}/session"
            socket = websocket.create_connection(at, timeout=ANSWER_S, suppress_origin=True)
            yield Firefox(socket)
            socket.close()
        finally:
            process.terminate()
            try:
                process.wait(seconds(10))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _listening(process: subprocess.Popen[bytes], log: Path) -> str:
    """The address that it says it listens on."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        if found := LISTENS.search(log.read_text(encoding="utf-8", errors="replace")):
            return found[1]
        time.sleep(0.05)  # between two looks at its log
    raise AssertionError(f"Firefox did not listen within {START_S:g} s. Its log:\n{log.read_text(errors='replace')}")
