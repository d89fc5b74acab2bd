"""LangGraph's own Python SDK against our server, unmodified, over both transports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from langgraph_sdk import get_client

from demos.proxies.trials import Transport
from tests.demos.sdk.clients import ASK, CLIENTS, WAIT_S, Job, Seen, nothing, remote_graph
from tests.demos.sdk.cutter import cutter
from tests.demos.sdk.runs import AT_ONCE, PACED, assert_whole, both, newest, said
from tests.demos.toys import Served, until

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # of the SDK: see conftest.py
CUT_EVERY = 1_500
"""Bytes from the server: less than a fifth of what an answer of 200 tokens takes, compressed or not."""
each = pytest.mark.parametrize("client", CLIENTS)


@both
@each
def test_a_plain_run(real: Served, client: str, transport: Transport) -> None:
    assert_whole(real, CLIENTS[client](Job(real.api, transport, {**AT_ONCE, "n_tokens": 200})))


@both
@each
def test_a_question_to_a_human(
    real: Served, client: str, transport: Transport, record_property: Callable[[str, object], None]
) -> None:
    job = Job(real.api, transport, {**AT_ONCE, "n_tokens": 40, "approve": True}, respond="yes")
    seen = CLIENTS[client](job)
    assert seen.question["question"].startswith("Refund 40 EUR to Ana for order 1182?")
    answer = said(real, newest(real))
    assert seen.output["messages"][-1]["content"][0]["text"] == answer
    # The SDK ends its iterations when it learns of the interrupt; what it has not handed over by then is lost to it.
    record_property("characters lost by the SDK around the interrupt", len(answer) - len(seen.text))
    assert answer.endswith(seen.text)


@both
@each
@pytest.mark.parametrize("how", ["rst", "fin"])
def test_cut_three_times_in_mid_answer(real: Served, client: str, transport: Transport, how: str) -> None:
    with cutter(real.port) as relay:
        relay.plan(how, how, how, every=CUT_EVERY)
        seen = CLIENTS[client](Job(f"http://127.0.0.1:{relay.port}/api", transport, {**PACED, "n_tokens": 200}))
        assert relay.cuts == 3
    assert_whole(real, seen)


@both
@each
def test_a_cancel_ends_iteration_and_output(real: Served, client: str, transport: Transport) -> None:
    seen = CLIENTS[client](Job(real.api, transport, {**PACED, "n_tokens": 3000}, cancel_at=5))
    assert 5 <= len(seen.pieces) < 100
    assert "cancelled" in seen.error
    assert said(real, newest(real)).startswith(seen.text)


@both
@each
def test_a_failing_model_ends_iteration_and_output(real: Served, client: str, transport: Transport) -> None:
    seen = CLIENTS[client](Job(real.api, transport, {**PACED, "n_tokens": 50, "fail_at": 20}))
    assert "the model failed after 20 tokens" in seen.error
    assert seen.text == said(real, newest(real))


@both
@pytest.mark.parametrize("when", ["in the middle", "after the end"])
def test_whoever_attaches_late_sees_the_whole_run(real: Served, transport: Transport, when: str) -> None:
    """The asynchronous client alone: the synchronous one lets no subscription begin before its own run.start."""
    thread = real.thread()
    real.command(thread, "run.start", input=ASK, config={"configurable": {**PACED, "n_tokens": 60}})
    run = real.backend.threads.get(thread).find(None)
    until(lambda: run.ended if when == "after the end" else run.made >= 20)
    seen = CLIENTS["asynchronous"](Job(real.api, transport, {}, thread_id=thread, start=False))
    assert_whole(real, seen, thread)


@both
@each
def test_the_output_of_a_run_that_another_started(real: Served, client: str, transport: Transport) -> None:
    thread = real.thread()
    real.command(thread, "run.start", input=ASK, config={"configurable": {**PACED, "n_tokens": 30}})
    seen = CLIENTS[client](Job(real.api, transport, {}, thread_id=thread, start=False, read=False))
    assert seen.error == ""
    assert seen.output["messages"][-1]["content"][0]["text"] == said(real, thread)


@both
@each
def test_two_runs_on_one_thread(real: Served, client: str, transport: Transport) -> None:
    thread = real.thread()
    for tokens in (30, 50):
        seen = CLIENTS[client](Job(real.api, transport, {**AT_ONCE, "n_tokens": tokens}, thread_id=thread))
        assert_whole(real, seen, thread)


def test_two_turns_in_one_session(real: Served) -> None:
    """The stream of the second turn opens before its run starts: the end of the first must not end it."""

    async def turns() -> list[str]:
        texts = []
        async with (
            get_client(url=real.api, api_key=None) as client,
            client.threads.stream(None, assistant_id="agent", transport="sse") as thread,
        ):
            for tokens in (30, 50):
                await thread.run.start(input=ASK, config={"configurable": {**AT_ONCE, "n_tokens": tokens}})
                seen = Seen()
                async for event in thread.subscribe(["messages"]):
                    seen.take(event, nothing)
                texts.append(seen.text)
                assert seen.text == said(real, newest(real))
        return texts

    first, second = asyncio.run(asyncio.wait_for(turns(), WAIT_S))
    assert first != second


@both
@each
def test_another_assistant_is_refused(real: Served, client: str, transport: Transport) -> None:
    with pytest.raises(Exception, match="There is no assistant 'nosuch' here"):
        CLIENTS[client](Job(real.api, transport, AT_ONCE, assistant="nosuch"))


def test_remote_graph_reads_a_run(real: Served) -> None:
    seen = remote_graph(Job(real.api, "sse", {**AT_ONCE, "n_tokens": 100}))
    assert_whole(real, seen)
    # It asks for every channel there is; nothing was said on the others.
    assert seen.methods == {"messages", "lifecycle", "tools", "updates", "values", "checkpoints", "tasks"}


@pytest.mark.parametrize("how", ["rst", "fin"])
def test_remote_graph_knows_the_output_after_a_cut(real: Served, how: str) -> None:
    """Its raw iteration does not connect again (langgraph 1.2.22): it ends, and the output comes all the same."""
    with cutter(real.port) as relay:
        relay.plan(how, every=CUT_EVERY)
        seen = remote_graph(Job(f"http://127.0.0.1:{relay.port}/api", "sse", {**PACED, "n_tokens": 200}))
        assert relay.cuts == 1
    answer = said(real, newest(real))
    assert seen.error == ""
    assert answer.startswith(seen.text)
    assert seen.output["messages"][-1]["content"][0]["text"] == answer


def test_remote_graph_fails_with_the_model(real: Served) -> None:
    seen = remote_graph(Job(real.api, "sse", {**PACED, "n_tokens": 50, "fail_at": 20}))
    assert "the model failed after 20 tokens" in seen.error
