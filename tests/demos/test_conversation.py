import json
import uuid

import pytest
import websocket

from tests.demos.toys import ToyAgent, backend, events, never, served, words

SUBSCRIBE = {"id": 1, "method": "subscription.subscribe", "params": {"channels": ["messages", "lifecycle", "input"]}}
ASK = {"messages": [{"role": "user", "content": "hi"}]}


def say(connection, frame):
    connection.send(json.dumps(frame))


def closed(connection: websocket.WebSocket) -> tuple[int, str]:
    """The close code and reason; replies before it are passed over."""
    while True:
        kind, data = connection.recv_data()
        if kind == 8:
            return int.from_bytes(data[:2], "big"), data[2:].decode()


def test_a_whole_run_with_a_question_to_a_human_on_one_socket(site):
    connection = site.socket(f"/threads/{uuid.uuid4()}/stream/events")
    start = {"input": ASK, "config": {"configurable": {"approve": True, "n_tokens": 2}}}
    say(connection, {"id": 7, "method": "run.start", "params": start})
    assert json.loads(connection.recv())["meta"] == {"applied_through_seq": 0}
    say(connection, SUBSCRIBE)
    reply = json.loads(connection.recv())
    assert (reply["type"], reply["result"]["subscription_id"]) == ("success", "sub-1")
    asked = list(events(connection))
    (question,) = [one["params"]["data"] for one in asked if one["method"] == "input.requested"]
    say(
        connection,
        {"id": 8, "method": "input.respond", "params": {"interrupt_id": question["interrupt_id"], "response": "yes"}},
    )
    answered = list(events(connection))
    assert [one["id"] for one in answered if one["type"] == "success"] == [8]
    assert words(answered) == "word0 word1 "


def test_a_stop_is_heard_while_the_answer_is_written():
    with served(backend(ToyAgent(never))) as site:
        connection = site.socket(f"/threads/{uuid.uuid4()}/stream")
        say(connection, {"id": 1, "method": "run.start", "params": {"input": ASK}})
        connection.recv()
        say(connection, SUBSCRIBE)
        say(connection, {"id": 2, "method": "run.cancel", "params": {}})
        assert list(events(connection))[-1]["params"]["data"]["error"] == "cancelled"


@pytest.mark.parametrize("frame", ["{", "[]", "hello", '{"method": "nosuch"}'])
def test_a_mistake_gets_a_reply_and_the_socket_lives(site, frame):
    connection = site.socket(f"/threads/{site.thread()}/stream/events")
    connection.send(frame)
    assert json.loads(connection.recv())["type"] == "error"
    say(connection, SUBSCRIBE)
    assert json.loads(connection.recv())["type"] == "success"


def test_a_bad_subscription_closes_the_socket(site):
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


def test_binary_and_oversized_frames_close_the_socket(site):
    connection = site.socket(f"/threads/{site.thread()}/stream/events")
    connection.send_binary(b"\0\1")
    assert closed(connection)[0] == 4415
    connection = site.socket(f"/threads/{site.thread()}/stream/events")
    connection.send("x" * 100_000)
    assert closed(connection)[0] == 4413


def test_subscriptions_on_one_socket_are_bounded():
    with served(backend(socket_subscriptions=2)) as site:
        connection = site.socket(f"/threads/{site.thread()}/stream/events")
        for _ in range(3):
            say(connection, SUBSCRIBE)
        assert closed(connection)[0] == 4429


def test_one_socket_too_many():
    with served(backend(client_streams=1)) as site:
        thread = site.thread()
        first = site.socket(f"/threads/{thread}/stream/events?channels=messages")
        assert closed(site.socket(f"/threads/{thread}/stream/events"))[0] == 4429
        assert site.http.get(f"/threads/{thread}/stream/events").status_code == 429
        first.close()
