from __future__ import annotations

import json

import pytest

from tests.demos.toys import Served, ToyAgent, backend, never, served, until
from tests.demos.wire import closed


def test_tokens_then_done_over_the_event_stream(site: Served) -> None:
    answer = site.http.get("/stream", params={"query": "hi"})
    assert answer.text == 'retry: 1000\n\ndata: "word0"\n\ndata: "word1"\n\ndata: "word2"\n\ndata: [DONE]\n\n'


def test_tokens_then_done_over_the_socket(site: Served) -> None:
    for query in ("hi", '{"query": "hi"}', "42"):
        connection = site.socket("/ws")
        connection.send(query)
        frames = [json.loads(connection.recv()) for _ in range(4)]
        assert frames == [{"token": "word0"}, {"token": "word1"}, {"token": "word2"}, {"done": True}]


@pytest.mark.parametrize("stop", ["stop", '{"type": "stop"}'])
def test_a_stop_is_heard_at_once_and_the_socket_can_be_used_again(stop: str) -> None:
    with served(backend(ToyAgent(never))) as site:
        connection = site.socket("/ws")
        for _ in range(2):
            connection.send("hi")
            connection.send(stop)
            assert json.loads(connection.recv()) == {"done": True, "stopped": True}


def test_leaving_stops_the_answer() -> None:
    begun: list[int] = []

    async def before(n: int) -> None:
        begun.append(n)
        await never(n)

    agent = ToyAgent(before)
    with served(backend(agent)) as site:
        with site.http.stream("GET", "/stream?query=hi"):
            until(lambda: len(begun) == 1)
        until(lambda: len(agent.forgotten) == 1)
        connection = site.socket("/ws")
        connection.send("hi")
        until(lambda: len(begun) == 2)
        connection.close()
        until(lambda: len(agent.forgotten) == 2)


@pytest.mark.parametrize(("query", "status"), [("", 400), ("  ", 400), ("x" * 5000, 414), ("x" * 40_000, 414)])
def test_queries_that_are_refused(site: Served, query: str, status: int) -> None:
    answer = site.http.get("/stream", params={"query": query})
    assert answer.status_code == status
    assert answer.json()["message"].endswith(("question", "."))


def test_a_query_that_is_too_long_for_the_server_itself(site: Served) -> None:
    """uvicorn's parser gives up at 64 KiB (400) unless all of it came at once, and then it is ours to refuse (414)."""
    connection = site.raw(f"GET /api/stream?query={'x' * 100_000} HTTP/1.1\nHost: 127.0.0.1:{{port}}\n\n")
    assert connection.recv(4096).startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 414 "))
    assert site.http.get("/health").status_code == 200


@pytest.mark.parametrize(
    ("frame", "code"), [("x" * 5000, 4413), ("x" * 100_000, 4413), ('{"query": 3}', 4400), ("  ", 4400)]
)
def test_frames_that_are_refused(site: Served, frame: str, code: int) -> None:
    connection = site.socket("/ws")
    connection.send(frame)
    assert closed(connection)[0] == code


def test_binary_frames_are_refused(site: Served) -> None:
    connection = site.socket("/ws")
    connection.send_binary(b"hi")
    assert closed(connection)[0] == 4415


def broken(site: Served) -> tuple[int, str]:
    connection = site.socket("/ws")
    connection.send("hi")
    return closed(connection)


def test_an_answer_that_takes_too_long_or_fails_is_not_waited_for() -> None:
    with served(backend(ToyAgent(never), run_seconds=1)) as site:
        assert broken(site) == (1011, "The answer was ended after 1 s, which is the limit here.")

    async def fail(_: int) -> None:
        raise RuntimeError("a mistake of ours")

    with served(backend(ToyAgent(fail))) as site:
        assert broken(site) == (1011, "The answer was broken off by an error of the server.")
        until(lambda: not site.backend.threads.answers)
