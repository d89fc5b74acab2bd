"""What browser tests say about a page: it has settled, it is accessible."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page, expect

from guide.book import book
from tests.patience import milliseconds

Scheme = Literal["light", "dark"]
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
NOT_OURS: dict[str, tuple[str, ...]] = {
    # rule: what a node's HTML holds where Streamlit itself causes the violation, and why. Filled by what axe found.
}
_STILL = """async () => {
  const ends = ({ effect, playState }) => playState === "running" && effect?.getComputedTiming().endTime < Infinity;
  const shadows = [...document.querySelectorAll("*")].flatMap(({ shadowRoot }) => shadowRoot ?? []);
  const moving = [document, ...shadows].flatMap((root) => root.getAnimations()).filter(ends);
  await Promise.all(moving.map(({ finished }) => finished.catch(() => {})));
}"""
TRAFFIC = """(() => {
  const traffic = (window.__traffic = { asked: -1, answered: 0 });
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      this.pages = this.url.includes("/_stcore/stream");
      if (this.pages) this.addEventListener("message", () => (traffic.answered = performance.now()));
    }
    send(data) {
      if (this.pages) traffic.asked = performance.now();
      super.send(data);
    }
  };
})()"""
"""Added to every page: when the page last asked its server for something, and when that last answered."""
_SETTLED = """async ([quiet, patience]) => {
  const app = () => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState;
  const waits = ({ asked, answered } = { asked: -1, answered: 0 }) =>
    asked >= answered && performance.now() - asked < patience;
  let since = performance.now();
  while (performance.now() - since < quiet) {
    await new Promise((done) => setTimeout(done, 25));
    if (app() !== "notRunning" || waits(window.__traffic)) since = performance.now();
  }
}"""
UNANSWERED_MS = 5000
"""Some of what a page sends has no answer, such as a sign of life."""


def settle(page: Page, quiet_ms: int = 200) -> None:
    """Wait until the page has asked for nothing more, and its script has not run for `quiet_ms`.

    A page's state says "not running" until the server's answer to a click is there, so what it asked for counts too.
    """
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.evaluate(_SETTLED, [quiet_ms, milliseconds(UNANSWERED_MS)])


def lab_opens(page: Page) -> None:
    """Wait until the lab's script has filled the page: before that, its form is there without a word on it."""
    start = page.get_by_test_id("lab-start")
    expect(start).to_have_count(1, timeout=milliseconds(60_000))  # the scenario before may stand there a moment longer
    expect(start).to_have_text(re.compile(r"\S"), timeout=milliseconds(60_000))
    expect(start).to_be_enabled(timeout=milliseconds(60_000))


def record_opens(page: Page) -> None:
    """Wait until the record's page has read the visitor's draft: it runs once more then.

    Its files are made when they are asked for, and one that an earlier run offered is not there any more.
    """
    expect(page.get_by_role("heading", level=1)).to_have_text(book().words["record.title"])
    page.wait_for_function("() => localStorage.getItem('streamwise.record')")
    settle(page)


def arrives(page: Page, holds: Callable[[str], object]) -> None:
    """Wait until the page's address is as it should be: on a slow machine it follows a click late."""
    page.wait_for_url(lambda url: bool(holds(url)), wait_until="commit")


def axe(page: Page) -> list[str]:
    """Serious and critical violations of WCAG 2 that are ours: one line for each rule and place; [] is good."""
    if not page.evaluate("() => 'axe' in window"):
        # Evaluated by the browser's own tools: a script tag would be against the page's content policy.
        page.evaluate(f"() => {{ {AXE.read_text(encoding='utf-8')} }}")
    page.evaluate(_STILL)  # a colour on its way to another one is neither
    found: dict[str, Any] = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']} ({violation['impact']}): {node['target']} {node['html'][:200]} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
        if not any(part in node["html"] for part in NOT_OURS.get(violation["id"], ()))
    ]
