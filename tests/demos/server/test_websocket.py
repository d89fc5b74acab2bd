from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Coroutine
from typing import Any

import pytest
import websocket

from tests.demos.toys import Served, ToyAgent, backend, events, never, served, words
from tests.demos.wire import closed

SUBSCRIBE = {"id": 1, "method": "subscription.subscribe", "params": {"channels": ["messages", "lifecycle", "input"]}}
ASK = {"messages": [{"role": "user", "content": "hi"}]}


def say(connection: websocket.WebSocket, frame: object) -> None:
    connection.send(json.dumps(frame))


def test_a_whole_run_with_a_question_to_a_human_on_one_socket(site: Served) -> None:
    connection = site.socket(f"/threads/{uuid.uuid4()}/stream/events")
    start = {"input": ASK, "config": {"configurable": {"approve": True, "n_tokens": 2}}}
    say(connection, {"id": 7, "method": "run.start", "params": start})
    assert json.loads(connection.recv())["meta"] == {"applied_through_seq": 0}
    say(connection, SUBSCRIBE)
    reply = json.loads(connection.recv())
    assert (reply["type"], reply["result"]["subscription_id"][:4]) == ("success", "sub-")
    asked = list(events(connection))
    (question,) = [one["params"]["data"] for one in asked if one["method"] == "input.requested"]
    say(
        connection,
        {"id": 8, "method": "input.respond", "params": {"interrupt_id": question["interrupt_id"], "response": "yes"}},
    )
    answered = list(events(connection))
    assert [one["id"] for one in answered if one["type"] == "success"] == [8]
    assert words(answered) == "word0 word1 "


def test_a_stop_is_heard_while_the_answer_is_written() -> None:
    with served(backend(ToyAgent(never))) as site:
        connection = site.socket(f"/threads/{uuid.uuid4()}/stream")
        say(connection, {"id": 1, "method": "run.start", "params": {"input": ASK}})
        connection.recv()
        say(connection, SUBSCRIBE)
        say(connection, {"id": 2, "method": "run.cancel", "params": {}})
        assert list(events(connection))[-1]["params"]["data"]["error"] == "cancelled"


@pytest.mark.parametrize("frame", ["{", "[]", "hello", '{"method": "nosuch"}'])
def test_a_mistake_gets_a_reply_and_the_socket_lives(site: Served, frame: str) -> None:
    connection = site.socket(f"/threads/{site.thread()}/stream/events")
    connection.send(frame)
    assert json.loads(connection.recv())["type"] == "error"
    say(connection, SUBSCRIBE)
    assert json.loads(connection.recv())["type"] == "success"


def test_a_bad_subscription_closes_the_socket(site: Served) -> None:
    thread = site.thread()
    for path, code in (
        (f"/threads/{uuid.uuid4()}/stream/events?channels=messages", 4404),
        (f"/threads/{thread}/stream/events?channels=nosuch", 4400),
        (f"/threads/{thread}/stream/events?channels=messages&since=999", 4410),
    ):
        assert closed(site.socket(path))[0] == code
    connection = site.socket(f"/threads/{thread}/stream/events")
    say(connection, {"id": 1, "method": "subscription.subscribe", "params": {"channels": ["nosuch"]}})
    code, reason = closed(connection)
    assert (code, reason[:8]) == (4400, "'nosuch'")


def test_binary_and_oversized_frames_close_the_socket(site: Served) -> None:
    connection = site.socket(f"/threads/{site.thread()}/stream/events")
    connection.send_binary(b"\0\1")
    assert closed(connection)[0] == 4415
    connection = site.socket(f"/threads/{site.thread()}/stream/events")
    connection.send("x" * 100_000)
    assert closed(connection)[0] == 4413


def test_subscriptions_on_one_socket_are_bounded() -> None:
    with served(backend(socket_subscriptions=2)) as site:
        connection = site.socket(f"/threads/{site.thread()}/stream/events")
        for _ in range(3):
            say(connection, SUBSCRIBE)
        assert closed(connection)[0] == 4429


def test_one_socket_too_many() -> None:
    with served(backend(client_streams=1)) as site:
        thread = site.thread()
        first = site.socket(f"/threads/{thread}/stream/events?channels=messages")
        assert closed(site.socket(f"/threads/{thread}/stream/events"))[0] == 4429
        assert site.http.get(f"/threads/{thread}/stream/events").status_code == 429
        first.close()


def replies(connection: websocket.WebSocket, id: int) -> dict[str, Any]:
    """The reply to one command; events before it are passed over."""
    frame: dict[str, Any] = {}
    while frame.get("id") != id or frame["type"] == "event":
        frame = json.loads(connection.recv())
    return frame


def finished(site: Served, tokens: int = 5) -> tuple[str, str, list[dict[str, Any]]]:
    """(thread, run, events) of a run that was read to its end on a socket of its own."""
    thread = str(uuid.uuid4())
    connection = site.socket(f"/threads/{thread}/stream")
    start = {"input": ASK, "config": {"configurable": {"n_tokens": tokens}}}
    say(connection, {"id": 1, "method": "run.start", "params": start})
    run = json.loads(connection.recv())["result"]["run_id"]
    say(connection, SUBSCRIBE)
    seen = [one for one in events(connection) if one["type"] == "event"]
    connection.close()
    return thread, run, seen


def test_after_an_unsubscribe_nothing_of_it_comes(site: Served) -> None:
    connection = site.socket(f"/threads/{uuid.uuid4()}/stream")
    say(connection, {"id": 1, "method": "run.start", "params": {"input": ASK}})
    say(connection, SUBSCRIBE | {"id": 2})
    key = replies(connection, 2)["result"]["subscription_id"]
    list(events(connection))
    say(connection, {"id": 3, "method": "subscription.unsubscribe", "params": {"subscription_id": key}})
    assert replies(connection, 3)["result"] == {}
    say(connection, {"id": 4, "method": "run.start", "params": {"input": ASK}})
    say(connection, {"id": 5, "method": "subscription.unsubscribe", "params": {"subscription_id": key}})
    assert [json.loads(connection.recv()).get("error") for _ in range(2)] == [None, "no_such_subscription"]
    connection.close()


def test_a_lost_connection_goes_on_with_what_it_had_subscribed(site: Served) -> None:
    thread = str(uuid.uuid4())
    lost = site.socket(f"/threads/{thread}/stream")
    say(lost, {"id": 1, "method": "run.start", "params": {"input": ASK, "config": {"configurable": {"n_tokens": 5}}}})
    run = replies(lost, 1)["result"]["run_id"]
    say(lost, SUBSCRIBE | {"id": 2})
    key = replies(lost, 2)["result"]["subscription_id"]
    seen = list(events(lost))
    lost.close()
    connection = site.socket(f"/threads/{thread}/stream")
    params = {"run_id": run, "last_event_id": seen[3]["event_id"], "subscriptions": [key]}
    say(connection, {"id": 3, "method": "subscription.reconnect", "params": params})
    told = replies(connection, 3)["result"]
    assert (told["restored"], told["current_namespaces"]) == (True, [{"namespace": [], "status": "completed"}])
    again = list(events(connection))
    assert [one["seq"] for one in again] == [one["seq"] for one in seen[4:]]
    connection.close()


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"subscriptions": ["sub-nosuch"]}, {"restored": False}),
        ({}, {"restored": False}),
        ({"run_id": "nosuch"}, "no_such_run"),
        ({"subscriptions": "sub-1"}, "invalid_argument"),
    ],
)
def test_a_reconnect_that_restores_nothing_says_so(
    site: Served, params: dict[str, Any], said: str | dict[str, Any]
) -> None:
    thread, run, seen = finished(site)
    connection = site.socket(f"/threads/{thread}/stream")
    given = {"run_id": run, "last_event_id": seen[0]["event_id"], **params}
    say(connection, {"id": 3, "method": "subscription.reconnect", "params": given})
    reply = replies(connection, 3)
    assert reply.get("error") == said if isinstance(said, str) else reply["result"].items() >= said.items()
    connection.close()


def test_a_reconnect_to_a_restarted_server_closes_the_socket(site: Served) -> None:
    thread, run, _ = finished(site)
    connection = site.socket(f"/threads/{thread}/stream")
    params = {"run_id": run, "last_event_id": "anotherboot-3"}
    say(connection, {"id": 3, "method": "subscription.reconnect", "params": params})
    code, reason = closed(connection)
    assert (code, "another log" in reason) == (4410, True)


def test_the_state_is_told_on_the_socket(site: Served) -> None:
    thread, _, _ = finished(site)
    connection = site.socket(f"/threads/{thread}/stream")
    for params, said in (
        ({"namespace": []}, ["messages"]),
        ({"namespace": [], "keys": ["nosuch"]}, []),
        ({"namespace": ["sub"]}, "no_such_namespace"),
        ({"namespace": [], "keys": "messages"}, "invalid_argument"),
    ):
        say(connection, {"id": 1, "method": "state.get", "params": params})
        reply = replies(connection, 1)
        assert (reply["error"] if reply["type"] == "error" else [*reply["result"]["values"]]) == said
    connection.close()


def test_a_stop_says_what_was_made_and_what_this_client_has_not_shown() -> None:
    def fourth(n: int) -> Coroutine[Any, Any, None]:
        return never(n) if n == 4 else asyncio.sleep(0)

    with served(backend(ToyAgent(fourth))) as site:
        connection = site.socket(f"/threads/{uuid.uuid4()}/stream")
        say(
            connection,
            {"id": 1, "method": "run.start", "params": {"input": ASK, "config": {"configurable": {"n_tokens": 9}}}},
        )
        say(connection, SUBSCRIBE | {"id": 2})
        tokens: list[int] = []
        while len(tokens) < 4:
            frame = json.loads(connection.recv())
            if frame.get("params", {}).get("data", {}).get("event") == "content-block-delta":
                tokens.append(frame["seq"])
        say(connection, {"id": 3, "method": "run.cancel", "params": {"seen": tokens[1]}})
        result = replies(connection, 3)["result"]
        assert (result["tokens"], result["unseen"]) == (4, 2)
