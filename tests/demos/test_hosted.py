"""A real model behind an OpenAI-compatible address: the wire format on a real port, through the whole server."""

import asyncio
import json
import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from langchain_core.messages import HumanMessage

from demos.hosted import HostedModel
from demos.model_address import ModelAddress, ModelTrouble
from demos.script import LABEL
from demos.settings import Pace, Settings
from tests.demos.stub_model import KEY, STATUSES, WORDS, Stub, stub_model
from tests.demos.test_server import told
from tests.demos.toys import KNOWLEDGE, Served, backend, events, served, until, words

QUESTION = "Does EventSource reconnect?"
ANSWER = "".join(WORDS)


@pytest.fixture(scope="module")
def shared() -> Iterator[Stub]:
    with stub_model() as stub:
        yield stub


@pytest.fixture
def stub(shared: Stub) -> Stub:
    shared.requests.clear()
    shared.headers.clear()
    shared.go_on.clear()
    shared.hung_up.clear()
    return shared


def hosted(url: str, name: str = "good", silence_s: float = 10) -> HostedModel:
    return HostedModel.at(ModelAddress(url, name, KEY, silence_s))


def agent(model: HostedModel) -> Any:
    """Imported here: langgraph's warning is filtered where it is imported, and pytest undoes that after a test."""
    from demos.agent import Agent

    return Agent(KNOWLEDGE, hosted=model)


@contextmanager
def site(url: str, name: str = "good", silence_s: float = 10) -> Iterator[Served]:
    with served(backend(agent(hosted(url, name, silence_s)))) as up:
        yield up


def read(up: Served, thread: str, transport: str = "websocket") -> list[dict]:
    path = f"/threads/{thread}/stream/events?channels=messages,lifecycle,values,input,tools&since=0"
    if transport == "websocket":
        return list(events(up.socket(path)))
    with up.http.stream("GET", path) as answer:
        return told(answer)


def failure(up: Served, **settings: object) -> str:
    """How a run on a new thread ended."""
    thread = up.thread()
    up.start(thread, QUESTION, **settings)
    last = read(up, thread)[-1]["params"]["data"]
    assert last["event"] == "failed"
    return str(last["error"])


def of_answer(frames: list[dict]) -> list[dict]:
    found = [frame["params"] for frame in frames if frame["method"] == "messages"]
    return [params["data"] for params in found if params.get("node") == "answer"]


def test_the_tokens_come_in_order_over_both_transports_with_sources_and_usage(stub):
    with site(stub.url) as up:
        thread = up.thread()
        up.start(thread, QUESTION)
        by_socket, by_stream = read(up, thread), read(up, thread, "sse")
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


def test_its_events_are_what_the_protocol_says(stub):
    import langchain_protocol as protocol
    from pydantic import TypeAdapter

    async def scene() -> list:
        return [draft async for draft in agent(hosted(stub.url)).start("t", QUESTION, Settings())]

    for draft in asyncio.run(scene()):
        if draft.method == "messages":
            TypeAdapter(protocol.MessagesData).validate_python(draft.data)


def test_what_it_is_told(stub, monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/of-another-vendor")
    with site(stub.url) as up:
        thread = up.thread()
        up.start(thread, QUESTION, n_tokens=3, answers={"uplink": ["controls"]}, seed=5, fail_at=0, stamp=True)
        first = read(up, thread)
        up.start(thread, "And a proxy?")
        until(lambda: up.http.get(f"/threads/{thread}/state").json()["status"] == "idle")
    task = stub.messages("system", 0)[0]
    assert "[1] EventSource reconnects by itself after a lost connection. Figure: 3 s. May not hold: elsewhere" in task
    assert "the client sends a few controls" in task
    assert stub.messages("user", 0) == [QUESTION]
    assert stub.requests[0]["max_tokens"] == 3
    assert stub.requests[0]["stream_options"] == {"include_usage": True}
    assert words(of for of in first if of["params"].get("node") == "answer").startswith("EventSource reconnects\n")
    assert stub.messages("user", 1) == [QUESTION, "And a proxy?"]
    assert stub.messages("assistant", 1)[0].startswith("EventSource reconnects\n")
    assert stub.headers[0]["authorization"] == f"Bearer {KEY}"
    assert "another-vendor" not in str(stub.headers)
    assert not {"openai-organization", "openai-project"} & set(stub.headers[0])


def test_the_conversation_it_is_told_is_bounded_and_a_stopped_answer_leaves_no_gap(stub):
    with site(stub.url) as up:
        thread = up.thread()
        for number in range(5):
            up.start(thread, f"Question {number} about a proxy?")
            until(lambda: up.http.get(f"/threads/{thread}/state").json()["status"] == "idle")
    assert stub.messages("user") == [f"Question {number} about a proxy?" for number in (2, 3, 4)]
    roles = [one["role"] for one in stub.requests[-1]["messages"]]
    assert roles == ["system", "user", "assistant", "user", "assistant", "user"]


def test_a_human_is_asked_and_the_remark_is_told(stub):
    with site(stub.url) as up:
        thread = up.thread()
        up.start(thread, QUESTION, approve=True)
        asked = read(up, thread)
        assert asked[-1]["params"]["data"]["event"] == "interrupted"
        assert stub.requests == []
        question = next(frame["params"]["data"] for frame in asked if frame["method"] == "input.requested")
        up.command(thread, "input.respond", interrupt_id=question["interrupt_id"], response="mind the gaps")
        until(lambda: up.http.get(f"/threads/{thread}/state").json()["status"] == "idle")
    assert stub.messages("user")[0].endswith("and said: mind the gaps")


@pytest.mark.parametrize(("name", "seen"), [("slow", ""), ("paused", "EventSource")])
def test_a_stop_closes_the_connection_to_the_model_at_once(stub, name, seen):
    with site(stub.url, name) as up:
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
    assert took < 2
    assert len(stub.requests) == 1


def test_each_token_is_passed_on_before_the_next_is_there(stub):
    with site(stub.url, "paused") as up:
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
def test_a_failure_is_a_sentence_and_the_server_goes_on(stub, name, caplog):
    caplog.set_level(logging.DEBUG)
    with site(stub.url, name) as up:
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
def test_tries_are_bounded(stub, name, asked):
    with site(stub.url, name) as up:
        failure(up)
    assert len(stub.requests) == asked


def test_a_port_where_nothing_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with site(f"http://127.0.0.1:{port}/v1") as up:
        said = failure(up)
    assert said == (
        f"No model's server answers at http://127.0.0.1:{port}/v1. Is it running, and is STREAMWISE_MODEL_URL right?"
    )


@pytest.mark.parametrize("name", ["slow", "paused"])
def test_silence_is_bounded(stub, name):
    with site(stub.url, name, silence_s=0.2) as up:
        assert "said nothing for 0.2 s, the limit here" in failure(up)
    assert stub.hung_up.wait(5)


def test_a_server_that_knows_no_bound_is_held_to_it(stub):
    with site(stub.url, "endless") as up:
        thread = up.thread()
        up.start(thread, QUESTION, n_tokens=5)
        said = words(frame for frame in read(up, thread) if frame["params"].get("node") == "answer")
    assert said.startswith("on on on on on \n\nSources:")
    assert stub.hung_up.wait(5)


@pytest.mark.parametrize(
    ("url", "bound"),
    [("https://api.openai.com/v1", "max_completion_tokens"), ("http://openai.com.example/v1", "max_tokens")],
)
def test_each_server_is_told_the_bound_by_the_name_it_knows(url, bound):
    assert hosted(url)._bound == bound


def test_its_repr_and_its_settings_hold_no_key(stub):
    model = hosted(stub.url)
    assert KEY not in f"{model!r} {model} {model.model_dump_json()}"


# --- who may ask it ---


def test_what_a_page_can_send_without_asking_never_reaches_it(stub, monkeypatch):
    """An <img>, a link, a form: GET, or a simple POST with the Origin that browsers add."""
    monkeypatch.setattr("demos.classics.Settings", lambda: Settings(pace=Pace(rate=0, first_token_ms=0)))
    foreign = {"Origin": "https://evil.example", "Content-Type": "text/plain"}
    run = {"messages": [{"role": "user", "content": QUESTION}]}
    frame = json.dumps({"id": 1, "method": "run.start", "params": {"input": run}})
    with site(stub.url) as up:
        thread = up.thread()
        assert "[DONE]" in up.http.get("/stream", params={"query": QUESTION}).text
        for path in ("/commands", "/stream/events", "/state", ""):
            up.http.get(f"/threads/{thread}{path}", params={"method": "run.start", "query": QUESTION, "since": 9})
        for origin in ("https://evil.example", "null"):
            answer = up.http.post(f"/threads/{thread}/commands", content=frame, headers=foreign | {"Origin": origin})
            assert (answer.status_code, answer.json()["error"]) == (403, "foreign_origin")
        connection = up.socket("/ws")
        connection.send(QUESTION)
        while "done" not in connection.recv():
            pass
        assert stub.requests == []
        same = foreign | {"Origin": f"http://127.0.0.1:{up.port}"}
        assert up.http.post(f"/threads/{thread}/commands", content=frame, headers=same).json()["type"] == "success"
        until(lambda: len(stub.requests) == 1)


def test_it_can_be_used_on_its_own(stub):
    async def scene() -> str:
        return "".join([chunk.text async for chunk in hosted(stub.url).astream([HumanMessage("Hi")], coda=" Bye")])

    assert asyncio.run(scene()) == ANSWER + " Bye"
    with pytest.raises(ModelTrouble, match="no model 'unknown'"):
        asyncio.run(hosted(stub.url, "unknown").ainvoke([HumanMessage("Hi")]))
