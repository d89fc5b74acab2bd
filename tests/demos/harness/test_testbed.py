"""Its parts that the experiment's own test does not show."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from demos.faults.reset import Reset
from demos.harness.testbed import Stage
from demos.processes.demo_server import Child
from demos.scenarios import Scenario
from tests.demos.toys import Served


def test_a_warm_up_is_short_and_nothing_happens_to_it() -> None:
    scenario = Scenario(1, group="start", faults=(Reset(100, 50),), settings={"silence_ms": 500})
    warm_up, measured = scenario.setup(7, warm_up=True), scenario.setup(7)
    assert (list(warm_up.faults), warm_up.settings["n_tokens"], warm_up.settings["silence_ms"]) == ([], 3, 0)
    assert (measured.faults, measured.settings["silence_ms"]) == ([Reset(100, 50, 7)], 500)
    assert scenario.setup(8).faults == [Reset(100, 50, 8)]


def test_what_the_server_refuses_is_said(site: Served) -> None:
    async def scene() -> None:
        async with httpx.AsyncClient(base_url=site.api, trust_env=False) as control:
            stage = Stage(Child.__new__(Child), control)
            with pytest.raises(RuntimeError, match="n_tokens"):
                await stage.start(await stage.thread(), "hi", {"n_tokens": -1})

    asyncio.run(scene())
