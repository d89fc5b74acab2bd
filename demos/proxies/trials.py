"""Trials behind a proxy, and what one client reads in each.

Two clients read each run, through the proxy and directly from the server, so that a slow machine delays both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from demos.clients.readers import Client, EventStreamClient, WebSocketClient, milliseconds, refusal
from demos.harness.testbed import Control, counted, start
from demos.protocol.receipts import Receipt, bursts, delays, percentile
from guide.model import Measurement

Transport = Literal["sse", "websocket"]
TRANSPORTS: tuple[Transport, ...] = ("sse", "websocket")
QUESTION = "What does a proxy do to a stream?"
SEED = 1
IDLE_S = 5
"""Limit on silence in a shortened trial, in seconds."""
SILENCE_S = 2 * IDLE_S
HEARTBEAT_S = 1.0
PATIENCE_S = 30.0
"""Seconds that a client waits for data: longer than any trial."""


@dataclass(frozen=True)
class Trial:
    """One run of the agent, and its conditions."""

    watch: str
    settings: Mapping[str, Any]
    shortened: bool = False
    """Whether the limits on silence are shortened to IDLE_S."""
    heartbeat: bool = False
    """Whether the server sends a heartbeat every HEARTBEAT_S; otherwise it sends none."""
    restart_at: int | None = None
    """Number of events after which the proxy is killed and started again."""
    http2: bool = False
    """Whether to use TLS and HTTP/2, as browsers do; only with the recommended configuration."""

    @property
    def apart_ms(self) -> float:
        """Half the time between two tokens, in ms: closer tokens count as one piece."""
        return 500.0 / float(self.settings["rate"])


def _pace(rate: float, n_tokens: int, **more: Any) -> dict[str, Any]:
    return {"seed": SEED, "rate": rate, "n_tokens": n_tokens, "first_token_ms": 100, "jitter": 0, **more}


TRIALS: Mapping[str, Trial] = {
    "plain": Trial("40 tokens, 50 ms apart", _pace(20, 40)),
    "silence": Trial(
        f"{SILENCE_S} s of silence, limits on silence shortened to {IDLE_S} s, no heartbeat",
        _pace(20, 5, silence_ms=SILENCE_S * 1000),
        shortened=True,
    ),
    "heartbeat": Trial(
        f"the same with a heartbeat every {HEARTBEAT_S:g} s",
        _pace(20, 5, silence_ms=SILENCE_S * 1000),
        shortened=True,
        heartbeat=True,
    ),
    "long": Trial("an answer of 17 s, longer than every default limit on the whole", _pace(5, 85)),
    "restart": Trial("the proxy is killed in the middle of an answer and started again", _pace(20, 80), restart_at=20),
    "http2": Trial("the first once more, over TLS and HTTP/2", _pace(20, 40), http2=True),
}
WARM_UP = Trial("nothing", _pace(100, 3))


@dataclass(frozen=True)
class ObservedCut:
    """A connection that ended before the run, or a refused reconnect."""

    at_s: float
    """Seconds since the start of the run."""
    why: str


@dataclass(frozen=True)
class Reading:
    """Record of one client for one run."""

    transport: Transport
    opened_ms: float
    refused: str | None = None
    """Reason why opening failed; then the other figures are empty."""
    measurement: Measurement | None = None
    cuts: tuple[ObservedCut, ...] = field(default=())
    apart_ms: float = 0.0
    """Half the time between two tokens: closer tokens count as one piece."""
    bursts: int = 0
    """Number of pieces in which the tokens arrived."""
    direct_bursts: int = 0
    """The same, for the client without the proxy."""
    direct_first_token_ms: float | None = None
    delay_p50_ms: float | None = None
    """Median delay of tokens through the proxy."""
    delay_max_ms: float | None = None
    at_ms: tuple[float, ...] = ()
    """Arrival time of each token, since the start of the run."""
    direct_at_ms: tuple[float, ...] = ()
    """The same, without the proxy."""
    asked: bool = True
    """Whether a client tried to connect; False if the proxy did not start, with the reason in `refused`."""
    shared: bool | None = None
    """Whether it shared an HTTP/2 connection over TLS with a page's other requests; False: its own connection."""


async def read(
    trial: Trial,
    transport: Transport,
    through: str,
    control: Control,
    happens: Callable[[Client], Awaitable[None]] | None = None,
    patience_s: float = PATIENCE_S,
) -> Reading:
    """Run the agent once and read it through a proxy, with a second client directly on the server.

    Args:
        through: address of the API that leads through the proxy.
        control: a client of the server itself.
        happens: awaited while the client reads.
        patience_s: maximum seconds that a client waits for a response or for data.
    """
    thread_id: str = (await control.post("/threads", json={})).json()["thread_id"]
    direct = str(control.base_url).rstrip("/")
    client, beside = await asyncio.gather(*(_built(transport, api, thread_id, patience_s) for api in (through, direct)))
    try:
        began = milliseconds()
        refused = await asyncio.to_thread(refusal, client.open)
        opened_ms = round(milliseconds() - began, 1)
        if refused:
            return Reading(transport, opened_ms, refused)
        await asyncio.to_thread(beside.open)
        started = milliseconds()
        await start(control, thread_id, QUESTION, trial.settings)
        receipt, direct_receipt, _ = await asyncio.gather(
            asyncio.to_thread(client.receive, started),
            asyncio.to_thread(beside.receive, started),
            happens(client) if happens else asyncio.sleep(0),
        )
        cuts = tuple(ObservedCut(round((end.at - started) / 1000, 1), end.why) for end in client.endings)
        found = await counted(control, thread_id, receipt)
    finally:
        for one in (client, beside):
            await asyncio.to_thread(one.close)
    return _reading(trial, opened_ms, receipt, direct_receipt, found, cuts)


async def _built(transport: Transport, api: str, thread_id: str, patience_s: float) -> Client:
    build = EventStreamClient if transport == "sse" else WebSocketClient
    # Patient, since a proxy that has just started may answer before it knows its routes; cuts record this.
    return await asyncio.to_thread(build, api, thread_id, silence_s=patience_s, patient=True)


def _reading(
    trial: Trial, opened_ms: float, receipt: Receipt, beside: Receipt, found: Measurement, cuts: tuple[ObservedCut, ...]
) -> Reading:
    def tokens(of: Receipt) -> list[float]:
        return [at for at, token in zip(of.at, of.token, strict=True) if token]

    late = delays(receipt, beside)
    direct = tokens(beside)
    return Reading(
        transport=receipt.transport,
        opened_ms=opened_ms,
        measurement=found,
        cuts=cuts,
        apart_ms=trial.apart_ms,
        bursts=bursts(tokens(receipt), trial.apart_ms),
        direct_bursts=bursts(direct, trial.apart_ms),
        direct_first_token_ms=round(direct[0] - beside.started, 2) if direct else None,
        delay_p50_ms=_rounded(percentile(late, 50)),
        delay_max_ms=_rounded(late[-1] if late else None),
        at_ms=tuple(round(at - receipt.started, 1) for at in tokens(receipt)),
        direct_at_ms=tuple(round(at - beside.started, 1) for at in direct),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
