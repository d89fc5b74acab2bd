"""Results behind a proxy that nobody measured."""

from __future__ import annotations

from typing import Any

import pytest

from demos.proxies import expected as module
from demos.proxies.matrix import Matrix, TransportResult
from demos.proxies.trials import ObservedCut, Reading, Transport
from guide.model import Measurement, ProxyExpectation, ProxyOutcome


def measured(first_ms: float | None = 100.0, lost: int = 0, repeated: int = 0, finished: bool = True) -> Measurement:
    return Measurement(
        transport="sse", client="httpx", tokens=40, first_token_ms=first_ms, events=40, lost=lost,
        repeated=repeated, reconnects=0, finished=finished,
    )  # fmt: skip


def reading(bursts: int = 40, cuts: tuple[ObservedCut, ...] = (), **found: Any) -> Reading:
    return Reading(
        "sse", 2.0, measurement=measured(**found), cuts=cuts, apart_ms=25, bursts=bursts, direct_bursts=40,
        direct_first_token_ms=100.0,
    )  # fmt: skip


CUT = (ObservedCut(5.0, "reset"),)


WHOLE = {
    "plain": reading(),
    "silence": reading(cuts=CUT),
    "heartbeat": reading(),
    "long": reading(),
    "restart": reading(cuts=CUT),
}


WORDS = ProxyOutcome(
    opens="yes", tokens="one by one", silence="cut, resumed", heartbeat="survives", long="survives",
    restart="cut, resumed",
)  # fmt: skip


def passage(
    config: str = "recommended", transport: Transport = "sse", page: str | None = None, **readings: Reading
) -> TransportResult:
    return TransportResult(config, transport, True, page, {**WHOLE, **readings})


def toy(monkeypatch: pytest.MonkeyPatch, *passages: TransportResult, version: str = "2.0.0") -> Matrix:
    config = {"page": "yes", "sse": WORDS.model_dump(), "websocket": {"opens": "HTTP 404"}}
    told = ProxyExpectation.model_validate(
        {"facts": ["x"], "versions": {"1.9.0": {"recommended": config}, "10.0.0": {"recommended": config}}}
    )
    monkeypatch.setattr(module, "expectation", lambda name: told)
    return Matrix("toy", f"Toy {version}", version, passages)
