"""Python's official SDK against a server that is started again in mid-answer: nothing is spliced.

JavaScript's (1.15.0) sends no position when it comes back, so no server can tell it from a newcomer; where the thread
is gone it waits for ever over an event stream. It is left out here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from demos.proxies.trials import Transport
from tests.demos.sdk.clients import Job, Seen, asynchronous, synchronous
from tests.demos.sdk.cutter import cutter
from tests.demos.sdk.runs import PACED, both, newest, said
from tests.demos.toys import Served, backend, served, shared_scripted

CLIENTS = {"asynchronous": asynchronous, "synchronous": synchronous}
AT = 30
"""Pieces of the answer that have come when the server goes."""


@pytest.fixture
def again() -> Iterator[Served]:
    """The server as it is after its restart: it knows nothing."""
    with served(backend(shared_scripted(), coalesce_s=0.008)) as site:
        yield site


def read_across(real: Served, again: Served, client: Callable[[Job], Seen], transport: Transport, anew: bool) -> Seen:
    """One run, whose server is another one after AT pieces. `anew`: which has a run on a thread of that id by then."""
    with cutter(real.port) as relay:

        def heard(count: int) -> None:
            if count == AT and anew:
                thread = newest(real)
                again.http.post("/threads", json={"thread_id": thread})
                ask = {"messages": [{"role": "user", "content": "Something else?"}]}
                again.command(thread, "run.start", input=ask, config={"configurable": {"rate": 0, "n_tokens": 300}})
            if count >= AT and not relay.cuts:
                relay.target = again.port
                relay.cut("rst")

        at = f"http://127.0.0.1:{relay.port}/api"
        seen = client(Job(at, transport, {**PACED, "first_token_ms": 1000, "n_tokens": 3000}, heard))
        assert relay.cuts >= 1
    return seen


@both
@pytest.mark.parametrize("client", CLIENTS)
def test_a_thread_that_is_gone_ends_the_client_with_an_error(
    real: Served, again: Served, client: str, transport: Transport
) -> None:
    seen = read_across(real, again, CLIENTS[client], transport, anew=False)
    assert seen.error, "it says that something is wrong"
    assert said(real, newest(real)).startswith(seen.text)
    assert seen.text


@both
@pytest.mark.parametrize("client", CLIENTS)
def test_another_run_under_the_same_id_is_not_spliced_in(
    real: Served, again: Served, client: str, transport: Transport
) -> None:
    """It says how far it has read, and in which log."""
    seen = read_across(real, again, CLIENTS[client], transport, anew=True)
    assert said(real, newest(real)).startswith(seen.text)
    assert seen.text
