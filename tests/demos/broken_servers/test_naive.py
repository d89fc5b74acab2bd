"""A server that asks the model at every request: what it does, what it costs, and where that ends."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx
import pytest

from demos.broken_servers import naive as traps
from tests.demos.toys import Served, ToyAgent, backend, never, served, until, words
from tests.demos.wire import closed

END = {"type": "event", "seq": 5, "method": "lifecycle"}
ROUND = "n_tokens=3&rate=0&first_token_ms=0"


@pytest.fixture
def key() -> str:
    return uuid.uuid4().hex


def ledger(site: Served, key: str) -> dict[str, Any]:
    found: dict[str, Any] = site.http.get(f"/traps/answers/{key}").json()
    return found


def listen(site: Served, key: str, ending: str, **headers: str) -> httpx.Response:
    return site.http.get(f"/traps/answers/{key}/{ending}?{ROUND}", headers=headers)


def test_the_naive_stream_just_ends_and_asks_the_model_every_time(site: Served, key: str) -> None:
    for asked in (1, 2):
        said = listen(site, key, "naive").text
        assert "id: " not in said
        assert "lifecycle" not in said
        assert said.count("content-block-delta") == 3
        assert ledger(site, key) == {"requests": asked, "model_runs": asked, "made": 3 * asked}
    assert listen(site, key, "naive", **{"Last-Event-ID": "4"}).status_code == 200


def test_a_last_event_says_that_it_is_complete_and_whoever_comes_back_is_told_so(site: Served, key: str) -> None:
    said = listen(site, key, "done").text
    last = json.loads(said.rstrip().split("data: ")[-1])
    assert END.items() <= last.items()
    assert last["params"]["data"] == {"event": "completed"}
    assert listen(site, key, "done", **{"Last-Event-ID": "5"}).status_code == 204
    assert listen(site, key, "done", **{"Last-Event-ID": "naive-" + "1" * 5000}).status_code == 204
    assert ledger(site, key) == {"requests": 3, "model_runs": 1, "made": 3}


def test_without_a_last_event_the_status_alone_says_it(site: Served, key: str) -> None:
    said = listen(site, key, "status").text
    assert "lifecycle" not in said
    assert "\nid: naive-4\n" in said
    assert listen(site, key, "status", **{"Last-Event-ID": "3"}).status_code == 200
    assert listen(site, key, "status", **{"Last-Event-ID": "4"}).status_code == 204
    assert ledger(site, key) == {"requests": 3, "model_runs": 2, "made": 6}


@pytest.mark.parametrize("subscribe", [True, False])
def test_the_socket_is_closed_when_the_answer_is_complete(site: Served, key: str, subscribe: bool) -> None:
    connection = site.socket(f"/traps/answers/{key}/socket?{ROUND}{'' if subscribe else '&channels=messages'}")
    if subscribe:
        connection.send('{"id": 7, "method": "subscription.subscribe", "params": {}}')
        assert json.loads(connection.recv()) == {"type": "success", "id": 7, "result": {}}
    frames = [json.loads(connection.recv()) for _ in range(4)]
    assert words(frames) == "word0word1word2"
    assert closed(connection) == (1000, "The answer is complete.")
    assert ledger(site, key) == {"requests": 1, "model_runs": 1, "made": 3}


def test_whoever_leaves_ends_the_run() -> None:
    agent = ToyAgent(never)
    with served(backend(agent)) as site:
        with site.http.stream("GET", f"/traps/answers/a/naive?{ROUND}"):
            until(lambda: ledger(site, "a")["model_runs"] == 1)
        until(lambda: len(agent.forgotten) == 1)


def test_what_one_answer_may_cost_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traps, "MOST_RUNS", 2)
    monkeypatch.setattr(traps, "MOST_LEDGERS", 2)
    with served(backend()) as site:
        assert [listen(site, "a", "naive").status_code for _ in range(3)] == [200, 200, 429]
        assert closed(site.socket(f"/traps/answers/a/socket?{ROUND}&channels=messages"))[0] == 4429
        for key in ("b", "c"):
            listen(site, key, "naive")
        assert site.http.get("/traps/answers/a").json()["error"] == "no_such_answer"


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("a/never", "Allowed: naive, done, status"),
        ("a/naive?n_tokens=601", "Allowed: up to 600"),
        ("a/naive?n_tokens=0", "n_tokens"),
        ("a/naive?rate=fast", "rate"),
        ("a/naive?seed=-1", "seed"),
        (f"{'a' * 61}/naive", "60 characters"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(site: Served, path: str, named: str) -> None:
    answer = site.http.get(f"/traps/answers/{path}")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_argument")
    assert named in answer.json()["message"]
