"""How long a page stays without a word: from its request to its first text, in a browser that has never been there.

Held against the same app with Streamlit's own first page, in turns.
"""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

import httpx
from playwright.async_api import Browser

from tests.bench.figures import percentile
from tests.browser.running import ROOT, running_app

OURS, THEIRS = "ours", "Streamlit's"
_FIRST = """() => new Promise((done) => new PerformanceObserver((list) => {
  const found = list.getEntriesByName("first-contentful-paint")[0];
  if (found) done(found.startTime);
}).observe({ type: "paint", buffered: true }))"""


async def first_text(browser: Browser, url: str) -> float:
    """Milliseconds to the first text of the recommendation."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{url}/verdict", wait_until="commit")
    found = float(await page.evaluate(_FIRST))
    await context.close()
    return found


async def measure(browser: Browser, url: str, rounds: int) -> None:
    """Print both, and what they weigh."""
    told = {"PYTHONPATH": str(ROOT)}
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app(Path(folder, "log"), told, script="tests/bench/apps/streamlit_first.py") as theirs,
    ):
        pages = {THEIRS: theirs, OURS: url}
        for warmed in pages.values():
            await first_text(browser, warmed)
        rows: dict[str, list[float]] = {name: [] for name in pages}
        for _ in range(rounds):
            for name, served in pages.items():
                rows[name].append(await first_text(browser, served))
        for name, times in rows.items():
            document = httpx.get(f"{pages[name]}/verdict").content
            shown = f"p50 {percentile(times, 50):.0f}, most {max(times):.0f} ms"
            weight = f"{len(document)} bytes, {len(gzip.compress(document))} packed"
            print(f"first text, {name} first page: {shown}; {weight}")
    ratios = [one / other for one, other in zip(rows[OURS], rows[THEIRS], strict=True)]
    print(f"first text, ours to Streamlit's: p50 ratio {percentile(ratios, 50):.2f}, {rounds} rounds, in turns")
