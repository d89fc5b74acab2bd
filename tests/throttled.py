"""Every scenario of the lab once, in a browser with a slow processor: what does it say that it has shown?

    python -m tests.throttled                    all of them, six times slower
    python -m tests.throttled --rate 12 drop     one of them

Exit code 1 where one did not show its usual lesson. The suite runs a few of them: tests/browser/test_throttled.py.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from guide.book import book
from tests.browser.chromium import FLAGS, find
from tests.browser.labs import LONGEST_MS, choose
from tests.browser.running import running_app

RATE = 6
USUAL = {
    "plain": ["same"],
    "drop": ["eventsource_twice", "websocket_lost"],
    "finished": ["again", "done"],
    "replica": ["whole"],
    "restart": ["alone_none", "coded_told", "all_lost"],
    "stop": ["left"],
    "approve": ["once"],
    "steer": ["often"],
    "silence": ["cut", "sse_whole", "websocket_lost"],
    "tabs": ["hangs"],
    "clients": ["eventsource", "header"],
    "viewer": ["log"],
    "slow": ["piled"],
    "large": ["whole"],
    "payload": ["form"],
    "origin": ["open"],
}
"""What each scenario shows with its first choices: keys of its words, as in scenario.drop.so.KEY."""


@contextmanager
def throttled(page: Page, rate: float) -> Iterator[None]:
    """Within it the page's processor is so many times slower."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": rate})
    try:
        yield
    finally:
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        devtools.detach()


def shown(page: Page, app_url: str, name: str, rate: float = RATE) -> str:
    """Run a scenario with its first choices on a slow processor; the sentence in which the run ends."""
    choose(page, app_url, name)
    with throttled(page, rate):
        page.get_by_test_id("lab-start").click()
        if name == "approve":
            page.get_by_test_id("sse-approve").click(timeout=LONGEST_MS)
        expect(page.get_by_test_id("lab-so")).not_to_be_empty(timeout=LONGEST_MS)
        return page.get_by_test_id("lab-so").inner_text()


def usual(name: str) -> str:
    """How the sentence of a usual run begins, up to the first number in it."""
    words = book().words
    told = " ".join(words[f"scenario.{name}.so.{key}"] for key in USUAL[name])
    return f"So: {told}".partition("{")[0]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.throttled", description="Scenarios on a slow processor.")
    parser.add_argument("scenarios", nargs="*", help="which; all where none is named")
    parser.add_argument("--rate", type=float, default=RATE, help="how many times slower")
    given = parser.parse_args()
    if find() is None:
        print("No Chromium on this machine.", file=sys.stderr)
        return 1
    missed = 0
    with tempfile.TemporaryDirectory() as folder, running_app(Path(folder) / "log") as url, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find(), args=list(FLAGS))
        for name in given.scenarios or USUAL:
            page = browser.new_page()
            told = shown(page, url, name, given.rate)
            right = told.startswith(usual(name))
            missed += not right
            print(f"{name}: {told}" if right else f"{name}: {told} (usually: {usual(name)})", flush=True)
            page.close()
        browser.close()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
