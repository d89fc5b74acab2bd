from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import pytest

from demos.limits import Limits
from demos.protocol.run_options import Settings
from demos.server.backend import Backend, number
from tests.demos.toys import ToyAgent, never


def test_the_agent_is_made_once_and_a_failure_is_tried_again() -> None:
    made: list[int] = []

    def make() -> ToyAgent:
        made.append(1)
        if len(made) == 1:
            raise RuntimeError("not yet")
        return ToyAgent()

    async def scene() -> None:
        backend = Backend(make_agent=make)
        with pytest.raises(RuntimeError, match="not yet"):
            await backend.agent()
        assert len({id(agent) for agent in await asyncio.gather(*(backend.agent() for _ in range(5)))}) == 1

    asyncio.run(scene())
    assert len(made) == 2


def test_the_end_leaves_no_task_behind() -> None:
    async def scene() -> None:
        backend = Backend(make_agent=lambda: ToyAgent(never))
        async with backend.lifespan():
            backend.threads.make().start("hi", Settings())
            await asyncio.sleep(0.01)
        assert backend.streams.shutting_down
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(scene())


def test_the_sweep_goes_on_after_a_failure_and_forgets_what_the_agent_kept(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Forgetful(ToyAgent):
        async def forget(self, thread: str) -> None:
            await super().forget(thread)
            if len(self.forgotten) == 1:
                raise RuntimeError("out of order")

    async def scene() -> list[str]:
        backend, agent = Backend(make_agent=lambda: agent), Forgetful()
        backend.threads.forgotten += ["one", "two"]
        async with backend.lifespan():
            while len(agent.forgotten) < 2:
                await asyncio.sleep(0.001)
        return agent.forgotten

    monkeypatch.setattr("demos.server.backend.SWEEP_S", 0.001)
    assert asyncio.run(scene()) == ["two", "one"]
    assert "the sweep failed" in caplog.text


def test_without_an_agent_there_is_nothing_to_drop_and_threads_are_forgotten_all_the_same() -> None:
    def broken() -> ToyAgent:
        raise RuntimeError("langgraph is not installed")

    async def scene() -> None:
        backend = Backend(Limits(idle_seconds=1), make_agent=broken)
        backend.threads.make().touched -= 99
        await backend.sweep()
        assert (len(backend.threads), backend.threads.forgotten) == (0, [])

    asyncio.run(scene())


def test_from_the_environment() -> None:
    given = {
        "STREAMWISE_MAX_RUNS": "3",
        "STREAMWISE_ALLOWED_HOSTS": "a.example",
        "STREAMWISE_HEARTBEAT_SECONDS": "2.5",
        "STREAMWISE_COALESCE_MS": "0",
    }
    made = Backend.from_environment(given)
    assert (made.limits.runs, made.hosts, made.heartbeat_s) == (3, {"a.example"}, 2.5)
    assert made.threads.make().coalesce_s == 0
    assert Backend.from_environment({}).threads.make().coalesce_s == 0.008


@pytest.mark.parametrize("text", ["0", "x", "-1", "nan", "inf", "99999"])
def test_settings_that_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"A_SETTING is .*Allowed: a number from 0.05 to 3600"):
        number({"A_SETTING": text}, "A_SETTING", 15, 0.05, 3600)


def test_a_real_model_from_the_environment() -> None:
    given = {
        "STREAMWISE_MODEL_URL": "http://127.0.0.1:9/v1",
        "STREAMWISE_MODEL": "small",
        "STREAMWISE_MODEL_SILENCE_SECONDS": "7",
    }
    made = Backend.from_environment(given)
    assert (made.model_name, made.model and made.model.silence_s) == ("small", 7)
    assert Backend.from_environment({}).model_name == "scripted"
    with pytest.raises(ValueError, match="STREAMWISE_MODEL_URL is"):
        Backend.from_environment(given | {"STREAMWISE_MODEL_URL": "nowhere"})


def test_without_an_engine_nothing_of_replicas_is_loaded() -> None:
    code = (
        "import sys; import demos.serve; from demos.server.backend import shared_backend; shared_backend(); "
        "print(sorted(name for name in sys.modules if name.partition('.')[0] in ('redis', 'langgraph') "
        "or name.startswith('demos.replicas.')))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "STREAMWISE_REDIS_URL"}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "['demos.replicas.settings']"
