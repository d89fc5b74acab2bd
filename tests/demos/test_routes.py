"""The two views of one log, and what they refuse."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.demos.toys import Served, ToyAgent, backend, events, never, served, until, words
from tests.demos.wire import events_until_end
from tests.patience import seconds


def test_both_views_carry_the_same_events(site: Served) -> None:
    thread = site.thread()
    site.start(thread, n_tokens=5)
    path = f"/threads/{thread}/stream/events"
    with site.http.stream("GET", f"{path}?channels=messages,lifecycle,values&since=0") as answer:
        by_get = events_until_end(answer)
    with site.http.stream("POST", path, json={"channels": ["messages", "lifecycle", "values"], "since": 0}) as answer:
        by_post = events_until_end(answer)
    by_socket = list(events(site.socket(f"{path}?channels=messages,lifecycle,values&since=0")))
    assert by_get == by_post == by_socket
    assert words(by_get) == "word0 word1 word2 word3 word4 "
    assert [frame["seq"] for frame in by_get] == list(range(1, len(by_get) + 1))


def test_last_event_id_wins_over_since_and_204_says_nothing_is_left(site: Served) -> None:
    thread = site.thread()
    site.start(thread)
    path = f"/threads/{thread}/stream/events?since=0"
    with site.http.stream("GET", path) as answer:
        third = events_until_end(answer)[2]
    assert third["seq"] == 3
    for came_back in (third["event_id"], "3"):  # a bare number as older clients keep it, of which somebody was told
        with site.http.stream("GET", path, headers={"Last-Event-ID": came_back}) as answer:
            frames = events_until_end(answer)
        assert frames[0]["seq"] == 4
    assert site.http.get(path, headers={"Last-Event-ID": frames[-1]["event_id"]}).status_code == 204


def test_a_thread_that_was_made_again_continues_no_other_answer(site: Served) -> None:
    """As after a restart: its id is the same, and its log has passed the position that somebody comes back with."""
    thread = site.thread()
    site.start(thread, n_tokens=50)
    path = f"/threads/{thread}/stream/events"
    with site.http.stream("GET", f"{path}?since=0") as answer:
        seen = events_until_end(answer)[30]
    with served() as restarted:
        restarted.http.post("/threads", json={"thread_id": thread})
        restarted.start(thread, n_tokens=80)
        until(lambda: restarted.backend.threads.get(thread).status == "idle")
        for position in (seen["event_id"], str(seen["seq"])):
            refusals = [
                restarted.http.get(path, headers={"Last-Event-ID": position}),
                restarted.http.get(f"{path}?since={position}"),
                restarted.http.post(path, json={"channels": ["messages"], "since": position}),
            ]
            assert [(one.status_code, one.json()["error"]) for one in refusals] == [(410, "other_log")] * 3
            connection = restarted.socket(f"{path}?channels=messages&since={position}")
            assert connection.recv_data(True)[1][:2] == (4410).to_bytes(2, "big")


@pytest.mark.parametrize(
    ("thread", "query", "status"),
    [
        (uuid.uuid4(), "", 404),
        ("..%2f..", "", 404),
        (None, "since=99", 410),
        (None, "since=x", 400),
        (None, "channels=x", 400),
    ],
)
def test_refused_streams(site: Served, thread: uuid.UUID | str | None, query: str, status: int) -> None:
    answer = site.http.get(f"/threads/{thread or site.thread()}/stream/events?{query}")
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "message"}


def test_one_stream_too_many_in_all() -> None:
    with served(backend(streams=1)) as site:
        thread = site.thread()
        connection = site.socket(f"/threads/{thread}/stream/events?channels=messages&since=0")
        answer = site.http.post(f"/threads/{thread}/stream/events", json={"channels": ["messages"]})
        assert (answer.status_code, answer.json()["error"]) == (503, "too_many_streams")
        connection.close()


@pytest.mark.parametrize("path", ["/nosuch", "/", "/threads/x/y/z"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_anything_else_is_a_404_in_json(site: Served, method: str, path: str) -> None:
    answer = site.http.request(method, path)
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


def test_a_lost_connection_never_stops_a_run() -> None:
    with served(backend(ToyAgent(never))) as site:
        thread = site.thread()
        site.start(thread)
        with site.http.stream("GET", f"/threads/{thread}/stream/events?since=0") as answer:
            next(answer.iter_raw())
        assert site.http.get(f"/threads/{thread}/state").json()["status"] == "busy"


@pytest.mark.parametrize("transport", ["sse", "websocket"])
def test_the_langgraph_sdk_connects_unmodified(transport: str) -> None:
    import asyncio

    sdk = pytest.importorskip("langgraph_sdk")
    from tests.demos.toys import shared_scripted

    async def scene(api: str) -> tuple[int, dict[str, Any]]:
        stream = {"assistant_id": "agent", "transport": transport}
        async with sdk.get_client(url=api, api_key=None) as client, client.threads.stream(None, **stream) as thread:
            # The SDK subscribes to the run's end after it has started the run; too late, and it waits for ever.
            configurable = {"rate": 0, "first_token_ms": 1000, "n_tokens": 30}
            asked = {"messages": [{"role": "user", "content": "Does EventSource reconnect?"}]}
            await thread.run.start(input=asked, config={"configurable": configurable})
            texts = [
                event["params"]["data"]["delta"]["text"]
                async for event in thread.subscribe(["messages"])
                if event["params"].get("node") == "answer" and event["params"]["data"]["event"] == "content-block-delta"
            ]
            return len("".join(texts).split()), await thread.output

    with served(backend(shared_scripted(), heartbeat_s=0.05, coalesce_s=0.008)) as site:
        tokens, output = asyncio.run(asyncio.wait_for(scene(site.api), seconds(60)))
    assert tokens == 30
    assert output["messages"][-1]["type"] == "ai"


def test_an_id_in_capitals_names_the_same_thread_to_all_who_use_it(site: Served) -> None:
    thread = str(uuid.uuid4())
    path = f"/threads/{thread.upper()}/stream/events?channels=lifecycle&since=0"
    site.start(thread.upper())
    assert site.http.get(f"/threads/{thread.upper()}/state").json()["checkpoint"]["thread_id"] == thread
    with site.http.stream("GET", path) as answer:
        assert answer.status_code == 200
        assert [event["params"]["data"]["event"] for event in events(site.socket(path))] == ["started", "completed"]
        until(lambda: site.backend.streams.readers(thread) == 2)
        assert site.http.post(f"/threads/{thread}/drop").json()["dropped"] == {"sse": 1, "websocket": 1}
