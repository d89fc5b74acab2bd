"""What browser tests say about a page: it has settled, it is accessible."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page, expect

from tests.patience import milliseconds

Scheme = Literal["light", "dark"]
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
NOT_OURS: dict[str, tuple[str, ...]] = {
    # rule: what a node's HTML holds where Streamlit itself causes the violation, and why. Filled by what axe found.
}
_STILL = """async () => {
  const ends = ({ effect, playState }) => playState === "running" && effect?.getComputedTiming().endTime < Infinity;
  const moving = document.getAnimations().filter(ends);
  await Promise.all(moving.map(({ finished }) => finished.catch(() => {})));
}"""
_SETTLED = """async (quiet) => {
  const running = () => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState !== "notRunning";
  let since = performance.now();
  while (performance.now() - since < quiet) {
    await new Promise(requestAnimationFrame);
    if (running()) since = performance.now();
  }
}"""


def settle(page: Page, quiet_ms: int = 250) -> None:
    """Wait until the page's script has not run for `quiet_ms`: a click's run may begin a moment after the click."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.evaluate(_SETTLED, quiet_ms)


def lab_opens(page: Page) -> None:
    """Wait until the lab's script has filled the page: before that, its form is there without a word on it."""
    expect(page.get_by_test_id("lab-start")).to_have_text(re.compile(r"\S"), timeout=milliseconds(20_000))
    expect(page.get_by_test_id("lab-start")).to_be_enabled(timeout=milliseconds(20_000))


def arrives(page: Page, holds: Callable[[str], bool]) -> None:
    """Wait until the page's address is as it should be: on a slow machine it follows a click late."""
    page.wait_for_url(holds, wait_until="commit")


def axe(page: Page) -> list[str]:
    """Serious and critical violations of WCAG 2 that are ours: one line for each rule and place; [] is good."""
    if not page.evaluate("() => 'axe' in window"):
        page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
    page.evaluate(_STILL)  # a colour on its way to another one is neither
    found: dict[str, Any] = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']} ({violation['impact']}): {node['target']} {node['html'][:200]} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
        if not any(part in node["html"] for part in NOT_OURS.get(violation["id"], ()))
    ]
