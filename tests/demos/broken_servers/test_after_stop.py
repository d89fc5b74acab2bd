"""The ledger: what was made after a moment, read from a log."""

from __future__ import annotations

import pytest

from demos.broken_servers.after_stop import account
from demos.limits import Limits
from demos.protocol.events import ANSWER, Draft
from demos.threads.event_log import MemoryLog
from demos.threads.runs import Agent, Thread
from tests.demos.toys import backend, served


def token(text: str) -> Draft:
    return Draft(
        "messages", {"event": "content-block-delta", "delta": {"type": "text-delta", "text": text}}, node=ANSWER
    )


async def _no_agent() -> Agent:
    raise AssertionError("nobody asks a model")


@pytest.fixture
def thread() -> Thread:
    """Two tokens at 100 and 200 ms, the end at 250."""
    found = Thread("t", Limits(), _no_agent)
    found.log = MemoryLog(10, 10_000, clock=iter((100, 200, 250)).__next__)
    for draft in (token("a"), token("b"), Draft("lifecycle", {"event": "completed"})):
        found.log.append(draft)
    return found


@pytest.mark.parametrize(("stopped", "wasted", "took"), [(50, 2, 200), (100, 1, 150), (220, 0, 30), (300, 0, None)])
def test_what_was_made_after_the_stop(thread: Thread, stopped: float, wasted: int, took: float | None) -> None:
    assert account(thread, stopped) == {"over": True, "made": 2, "wasted": wasted, "model_stop_ms": took}


def test_while_it_is_written_nobody_says_when_it_stopped(thread: Thread) -> None:
    thread.status = "busy"
    assert account(thread, 50) == {"over": False, "made": 2, "wasted": 2, "model_stop_ms": None}


@pytest.mark.parametrize("stopped", [None, "1", True, -1, 1e300])
def test_a_time_that_is_none_is_refused(stopped: object) -> None:
    serving = backend()
    from demos.broken_servers.after_stop import Ledger

    with served(serving, traps=Ledger(serving).routes()) as site:
        key = site.http.post("/threads", json={}).json()["thread_id"]
        answer = site.http.post(f"/traps/ledger/{key}", json={"stopped_ms": stopped})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_argument")
