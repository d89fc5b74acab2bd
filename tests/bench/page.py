"""The app as a user meets it.

0. first text: see `tests.bench.first_text`.
1. click to painted panel: in real Chromium, from the click on an answer to the frame after the panel's text changed.
2. streams at 50 tokens/s on the app's own port: with nobody else there; while sessions that speak the page's own
   protocol answer another question every half second; and while pages in a real browser, on the same cores, click
   once a second. Gaps are taken at the client between answer tokens. Sessions are up before the clock
   starts, and the three alternate, so that what else the machine does falls on all of them.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path

import httpx
from playwright.async_api import Browser, Page, async_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets import Subprotocol
from websockets.asyncio.client import ClientConnection, connect

from tests.bench import first_text
from tests.bench.figures import percentile
from tests.bench.scale import Scale
from tests.browser.chromium import FLAGS, find
from tests.browser.running import running_app

RATE = 50

_PAINTED = """() => new Promise((done) => {
  const host = document.querySelector(".st-key-panel");
  const shadows = () => [...host.querySelectorAll("*")].map((node) => node.shadowRoot?.textContent ?? "").join("");
  const panel = () => shadows() || host.textContent;
  const before = panel();
  window.__start = 0;
  document.addEventListener("click", () => { window.__start ||= performance.now(); }, { capture: true, once: true });
  const look = () => panel() === before ? requestAnimationFrame(look)
    : requestAnimationFrame(() => done(performance.now() - window.__start));
  look();
})"""


async def settled(page: Page) -> None:
    await page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


async def click_to_paint(browser: Browser, url: str, clicks: int) -> list[float]:
    page = await browser.new_page()
    await page.goto(f"{url}/?at=media&a=1~uplink.nothing")
    await page.wait_for_selector(".st-key-panel .headline")
    await settled(page)
    times = []
    for n in range(clicks):
        option = page.get_by_test_id("stRadioOption").nth(4 if n % 2 == 0 else 0)
        painted = asyncio.create_task(page.evaluate(_PAINTED))
        await asyncio.sleep(0.3)  # the page is idle between two clicks, as it is with a person
        await option.click()
        times.append(float(await painted))
        await settled(page)
    await page.close()
    return times[2:]  # the first two warm the page up


async def session(url: str, ready: asyncio.Event, stop: asyncio.Event) -> int:
    """A visitor without a browser: asks for the wizard with other answers every half second, and reads all of it."""
    address = url.replace("http", "ws") + "/_stcore/stream"
    clicks = 0
    async with connect(address, subprotocols=[Subprotocol("streamlit")], max_size=None) as socket_:
        reader = asyncio.create_task(_read(socket_))
        while not stop.is_set():
            ask = BackMsg()
            ask.rerun_script.query_string = f"at=uplink&a=1~uplink.{('nothing', 'controls', 'steady')[clicks % 3]}"
            await socket_.send(ask.SerializeToString())
            clicks += 1
            if clicks == 2:
                ready.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 0.5)
        reader.cancel()
    return clicks


async def _read(socket_: ClientConnection) -> None:
    async for _ in socket_:
        pass


async def wizard(browser: Browser, url: str, ready: asyncio.Event, stop: asyncio.Event) -> int:
    """A visitor with a browser: clicks another answer every second."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{url}/?at=media&a=1~uplink.nothing")
    clicks = 0
    while not stop.is_set():
        await settled(page)
        await page.get_by_test_id("stRadioOption").nth(clicks % 4).click()
        clicks += 1
        if clicks == 2:
            ready.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 1)
    await context.close()
    return clicks


async def beside(
    url: str, visitor: Callable[[asyncio.Event, asyncio.Event], Coroutine[None, None, int]], scale: Scale
) -> list[float]:
    """The gaps of the streams while visitors are at it."""
    stop = asyncio.Event()
    ready = [asyncio.Event() for _ in range(scale.visitors)]
    people = [asyncio.create_task(visitor(up, stop)) for up in ready]
    await asyncio.gather(*(up.wait() for up in ready))
    gaps = await streams(url, scale)
    stop.set()
    await asyncio.gather(*people)
    return gaps


async def stream(client: httpx.AsyncClient, url: str, seed: int, n_tokens: int) -> list[float]:
    thread = (await client.post(f"{url}/api/threads", json={})).json()["thread_id"]
    configurable = {"seed": seed, "rate": RATE, "jitter": 0, "n_tokens": n_tokens, "first_token_ms": 300}
    message = {"messages": [{"role": "user", "content": "Which transport?"}]}
    command = {"id": 1, "method": "run.start", "params": {"input": message, "config": {"configurable": configurable}}}
    await client.post(f"{url}/api/threads/{thread}/commands", json=command)
    at: list[float] = []
    async with client.stream("GET", f"{url}/api/threads/{thread}/stream/events?since=0", timeout=60) as response:
        async for line in response.aiter_lines():
            if not line.startswith("data:"):
                continue
            event = json.loads(line[5:])
            data = event.get("params", {}).get("data", {})
            if event.get("method") == "lifecycle" and data.get("event") in ("completed", "failed"):
                break
            if event.get("params", {}).get("node") == "answer" and data.get("delta", {}).get("type") == "text-delta":
                at.append(time.perf_counter())
    return [1000 * (b - a) for a, b in zip(at, at[1:], strict=False)]


async def streams(url: str, scale: Scale) -> list[float]:
    limits = httpx.Limits(max_connections=100)
    async with httpx.AsyncClient(limits=limits, timeout=30) as client:
        seeds = range(scale.page_streams)
        rows = await asyncio.gather(*(stream(client, url, seed, scale.page_tokens) for seed in seeds))
    return [gap for row in rows for gap in row]


def line(name: str, times: list[float]) -> str:
    shares = ", ".join(f"p{share} {percentile(times, share):.1f}" for share in (50, 95, 99))
    return f"{name}: {shares}, most {max(times):.1f} ms, {len(times)} samples"


async def measure(url: str, scale: Scale) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find(), args=list(FLAGS))
        await first_text.measure(browser, url, scale.page_loads)
        print(line("click to painted panel", await click_to_paint(browser, url, scale.clicks)))
        await streams(url, scale)  # the first run imports the agent
        alone, sessions, pages = "nobody else", f"{scale.visitors} sessions", f"{scale.visitors} pages in a browser"
        rows: dict[str, list[float]] = {alone: [], sessions: [], pages: []}
        for _ in range(scale.page_rounds):
            rows[alone] += await streams(url, scale)
            rows[sessions] += await beside(url, lambda up, stop: session(url, up, stop), scale)
            rows[pages] += await beside(url, lambda up, stop: wizard(browser, url, up, stop), scale)
        for name, gaps in rows.items():
            ratio = percentile(gaps, 95) / percentile(rows[alone], 95)
            about = f"gap of {scale.page_streams} streams at {RATE} tokens/s, {name}"
            print(f"{line(about, gaps)}, p95 ratio {ratio:.2f}")
        print(f"{scale.page_rounds} rounds, alternating; streams' client, visitors and server on the same machine")
        await browser.close()


def main(scale: Scale) -> None:
    if find() is None:
        sys.exit("No Chromium on this machine.")
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, running_app(Path(folder, "log")) as url:
        print(f"start to first answer of the server: {time.monotonic() - started:.2f} s, once")
        asyncio.run(measure(url, scale))
