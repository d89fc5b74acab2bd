"""Agents that ask the guide do not hold up the streams of others."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator

import httpx
import pytest
from mcp import Client

from guide.book import book
from tests.browser.running import running_app
from tests.patience import factor

ANSWERS = {"uplink": ["controls"], "clients": "browsers", "path": ["nginx", "aws-alb"], "resume": "resume"}
CALLS = 100
PATHS = [aid for aid, answer in book().questions["path"].answers.items() if not answer.alone]
MOST_RATIO = 1.5
"""p95 of the gaps beside a hundred calls, as a share of the same without them."""


@pytest.fixture(scope="module")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_app(tmp_path_factory.mktemp("app") / "log") as url:
        yield url


async def gaps_ms(url: str, beside: bool) -> list[float]:
    """Times between tokens of one answer, in ms; `beside`: a hundred calls of an agent meanwhile."""
    async with httpx.AsyncClient(timeout=60) as http, Client(f"{url}/mcp") as agent:
        await agent.call_tool("decide", {"answers": ANSWERS})  # the server has loaded what it needs

        async def call(n: int) -> None:
            answers = {**ANSWERS, "path": [PATHS[n % len(PATHS)], PATHS[(n + 1 + n // len(PATHS)) % len(PATHS)]]}
            assert not (await agent.call_tool("decide", {"answers": answers})).is_error

        at: list[float] = []
        calls: list[asyncio.Task[None]] = []
        async with http.stream("GET", f"{url}/api/stream", params={"query": "Why a heartbeat?"}) as response:
            async for line in response.aiter_lines():
                if line.startswith("data:"):
                    at.append(time.perf_counter())
                    if beside and len(at) == 3:
                        calls = [asyncio.create_task(call(n)) for n in range(CALLS)]
        await asyncio.gather(*calls)
    return [1000 * (later - earlier) for earlier, later in zip(at, at[1:], strict=False)]


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


@pytest.mark.quiet
def test_a_hundred_calls_leave_the_gaps_of_a_stream_as_they_are(app_url: str) -> None:
    """No two calls alike, so that none is answered from what is kept."""
    alone = asyncio.run(gaps_ms(app_url, beside=False))
    beside = asyncio.run(gaps_ms(app_url, beside=True))
    print(f"{len(alone)} gaps, p95 {p95(alone):.1f} ms alone, {p95(beside):.1f} ms beside {CALLS} calls")
    # A machine of which we have a share stops everybody where the calls use that share up.
    assert p95(beside) < MOST_RATIO * factor() * p95(alone)
