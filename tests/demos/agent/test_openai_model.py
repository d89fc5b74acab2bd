"""A real model behind an OpenAI-compatible address: the wire format on a real port, through the whole server."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import time
from typing import Any

import pytest
from langchain_core.messages import HumanMessage

from demos.agent.model_settings import ModelTrouble
from demos.agent.script import LABEL
from demos.protocol.events import Draft
from demos.protocol.run_options import Settings
from tests.demos.stub_model import KEY, QUESTION, STATUSES, WORDS, Stub, agent_on, hosted, read, served_on
from tests.demos.toys import Served, events, until, words
from tests.demos.wire import events_until_end
from tests.patience import seconds

ANSWER = "".join(WORDS)


def failure(up: Served, **settings: object) -> str:
    """How a run on a new thread ended."""
    thread = up.thread()
    up.start(thread, QUESTION, **settings)
    last = read(up, thread)[-1]["params"]["data"]
    assert last["event"] == "failed"
    return str(last["error"])


def of_answer(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = [frame["params"] for frame in frames if frame["method"] == "messages"]
    return [params["data"] for params in found if params.get("node") == "answer"]


def test_the_tokens_come_in_order_over_both_transports_with_sources_and_usage(stub: Stub) -> None:
    with served_on(stub.url) as up:
        thread = up.thread()
        up.start(thread, QUESTION)
        by_socket = read(up, thread)
        path = f"/threads/{thread}/stream/events?channels=messages,lifecycle,values,input,tools&since=0"
        with up.http.stream("GET", path) as answer:
            by_stream = events_until_end(answer)
    assert by_socket == by_stream
    said = of_answer(by_socket)
    pieces = [data["delta"]["text"] for data in said if data["event"] == "content-block-delta"]
    assert pieces[: len(WORDS)] == WORDS
    assert len(pieces) == len(WORDS) + 1
    assert "[1] A standard, https://example.org/standard (checked 2026-11-01)" in pieces[-1]
    assert "Written by good, a language model" in pieces[-1]
    assert LABEL not in json.dumps(by_socket)
    assert [data["event"] for data in said if data["event"] != "content-block-delta"] == [
        "message-start", "content-block-start", "content-block-finish", "message-finish",
    ]  # fmt: skip
    assert said[-1]["usage"]["output_tokens"] == len(WORDS)
    assert len({data["id"] for data in said}) == 1
    assert by_socket[-1]["params"]["data"]["event"] == "completed"


def test_its_events_are_what_the_protocol_says(stub: Stub) -> None:
    import langchain_protocol as protocol
    from pydantic import TypeAdapter

    async def scene() -> list[Draft]:
        return [draft async for draft in agent_on(stub.url).start("t", QUESTION, Settings())]

    for draft in asyncio.run(scene()):
        if draft.method == "messages":
            TypeAdapter(protocol.MessagesData).validate_python(draft.data)


@pytest.mark.parametrize(("name", "seen"), [("slow", ""), ("paused", "EventSource")])
def test_a_stop_closes_the_connection_to_the_model_at_once(stub: Stub, name: str, seen: str) -> None:
    with served_on(stub.url, name) as up:
        thread = up.thread()
        up.start(thread, QUESTION)
        until(lambda: stub.requests != [])
        connection = up.socket(f"/threads/{thread}/stream/events?channels=messages,lifecycle&since=0")
        got = ""
        while seen not in got or not got:
            frame = json.loads(connection.recv())
            got += words([frame]) if frame["params"].get("node", "answer") == "answer" else " "
        started = time.monotonic()
        up.command(thread, "run.cancel")
        assert stub.hung_up.wait(5)
        took = time.monotonic() - started
        last = list(events(connection))[-1]["params"]["data"]
    assert (last["event"], last["error"]) == ("failed", "cancelled")
    assert took < seconds(2)
    assert len(stub.requests) == 1


def test_each_token_is_passed_on_before_the_next_is_there(stub: Stub) -> None:
    with served_on(stub.url, "paused") as up:
        thread = up.thread()
        up.start(thread, QUESTION)
        connection = up.socket(f"/threads/{thread}/stream/events?channels=messages,lifecycle&since=0")
        got = ""
        while got != "EventSource":
            frame = json.loads(connection.recv())
            got += words([frame]) if frame["params"].get("node") == "answer" else ""
        stub.go_on.set()
        assert (got + words(events(connection))).startswith(ANSWER)


FAILURES = {
    "refused": "refused the key. Check STREAMWISE_MODEL_KEY",
    "forbidden": "may not use 'forbidden'",
    "unknown": "has no model 'unknown'",
    "limited": "takes no more requests now",
    "failing": "failed. Look into its log",
    "picky": "refused the request",
    "page": "is no stream of chat completions. Check STREAMWISE_MODEL_URL",
    "whole": "is no stream of chat completions. Check STREAMWISE_MODEL_URL",
    "mute": "ended its answer without a word",
    "dying": "broke off in the middle of its answer",
    "leaving": "broke off after 2 tokens",
    "garbling": "broke off in the middle of its answer",
    "erring": "out of memory, Bearer [key]",
    "rude": "No model's server answers at",
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_is_a_sentence_and_the_server_goes_on(
    stub: Stub, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with served_on(stub.url, name) as up:
        said = failure(up)
        assert up.http.get("/health").status_code == 200
    assert FAILURES[name] in said
    assert stub.url in said
    assert said.count("\n") == 0
    assert KEY not in said
    assert KEY not in caplog.text
    if name in STATUSES:
        assert f"It said with status {STATUSES[name]}: No, not with Bearer [key]" in said


@pytest.mark.parametrize(("name", "asked"), [("failing", 2), ("limited", 2), ("refused", 1), ("dying", 1)])
def test_tries_are_bounded(stub: Stub, name: str, asked: int) -> None:
    with served_on(stub.url, name) as up:
        failure(up)
    assert len(stub.requests) == asked


def test_a_port_where_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with served_on(f"http://127.0.0.1:{port}/v1") as up:
        said = failure(up)
    assert said == (
        f"No model's server answers at http://127.0.0.1:{port}/v1. Is it running, and is STREAMWISE_MODEL_URL right?"
    )


@pytest.mark.parametrize("name", ["slow", "paused"])
def test_silence_is_bounded(stub: Stub, name: str) -> None:
    with served_on(stub.url, name, silence_s=0.2) as up:
        assert "said nothing for 0.2 s, the limit here" in failure(up)
    assert stub.hung_up.wait(5)


def test_a_server_that_knows_no_bound_is_held_to_it(stub: Stub) -> None:
    with served_on(stub.url, "endless") as up:
        thread = up.thread()
        up.start(thread, QUESTION, n_tokens=5)
        said = words(frame for frame in read(up, thread) if frame["params"].get("node") == "answer")
    assert said.startswith("on on on on on \n\nSources:")
    assert stub.hung_up.wait(5)


@pytest.mark.parametrize(
    ("url", "bound"),
    [("https://api.openai.com/v1", "max_completion_tokens"), ("http://openai.com.example/v1", "max_tokens")],
)
def test_each_server_is_told_the_bound_by_the_name_it_knows(url: str, bound: str) -> None:
    assert hosted(url)._bound == bound


def test_its_repr_and_its_settings_hold_no_key(stub: Stub) -> None:
    model = hosted(stub.url)
    assert KEY not in f"{model!r} {model} {model.model_dump_json()}"


def test_it_can_be_used_on_its_own(stub: Stub) -> None:
    async def scene() -> str:
        return "".join([chunk.text async for chunk in hosted(stub.url).astream([HumanMessage("Hi")], coda=" Bye")])

    assert asyncio.run(scene()) == ANSWER + " Bye"
    with pytest.raises(ModelTrouble, match="no model 'unknown'"):
        asyncio.run(hosted(stub.url, "unknown").ainvoke([HumanMessage("Hi")]))
