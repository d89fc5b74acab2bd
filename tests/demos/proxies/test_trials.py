"""Trials against a server in this process; real proxies are in tests/demos/proxies."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from demos.clients.readers import Client
from demos.harness.testbed import controlled
from demos.proxies.trials import TRANSPORTS, TRIALS, Reading, Transport, Trial, read
from tests.demos.toys import Served

QUICK = Trial("three words", {"rate": 100, "n_tokens": 3, "first_token_ms": 0})


def tried(
    site: Served,
    transport: Transport,
    through: str | None = None,
    happens: Callable[[Client], Awaitable[None]] | None = None,
) -> Reading:
    async def run() -> Reading:
        async with controlled(site.port) as control:
            return await read(QUICK, transport, through or site.api, control, happens)

    return asyncio.run(run())


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_run_is_read_twice_and_counted(site: Served, transport: Transport) -> None:
    found = tried(site, transport)
    assert found.measurement
    assert (found.transport, found.measurement.tokens, found.measurement.lost) == (transport, 3, 0)
    assert (found.refused, found.cuts) == (None, ())
    assert found.bursts >= 1
    assert found.direct_bursts >= 1
    assert found.delay_max_ms is not None


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_one_that_does_not_open_says_how(site: Served, transport: Transport) -> None:
    refused = tried(site, transport, f"http://127.0.0.1:{site.port}/nowhere").refused
    assert refused == {"sse": "HTTP 404", "websocket": "HTTP 403"}[transport]
    refused = tried(site, transport, "http://127.0.0.1:9/api").refused
    assert refused
    assert "refused" in refused


def test_something_may_happen_while_it_is_read(site: Served) -> None:
    seen: list[str] = []

    async def happens(client: Client) -> None:
        while client.received < 1:
            await asyncio.sleep(0.005)
        seen.append(client.transport)

    assert tried(site, "sse", happens=happens).measurement
    assert seen == ["sse"]


def test_silence_is_twice_the_limit_and_the_long_answer_longer_than_every_default() -> None:
    from demos.proxies.trials import HEARTBEAT_S, IDLE_S, SILENCE_S

    assert SILENCE_S == 2 * IDLE_S
    assert HEARTBEAT_S < IDLE_S
    long = TRIALS["long"].settings
    assert long["n_tokens"] / long["rate"] > 15.5  # Envoy's limit, the shortest default there is
