"""One address that takes all it can, and another beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest

from tests.demos.toys import WAIT_S, Served, ToyAgent, backend, never, served, until

CROWD, VICTIM = "192.0.2.9", "192.0.2.1"
ASK = {"messages": [{"role": "user", "content": "What about reconnecting?"}]}


@pytest.fixture
def behind_a_proxy() -> Iterator[Served]:
    """A server whose clients are told apart as behind a proxy on this machine."""
    limits = {"runs": 6, "client_runs": 4, "threads": 9, "client_threads": 7, "payloads": 2, "client_payloads": 1}
    with served(backend(ToyAgent(never), **limits), forwarded_allow_ips="127.0.0.1") as site:
        yield site


@contextmanager
def at(site: Served, address: str) -> Iterator[httpx.Client]:
    headers = {"X-Forwarded-For": address}
    with httpx.Client(base_url=site.api, headers=headers, timeout=WAIT_S, trust_env=False) as http:
        yield http


def start(http: httpx.Client) -> dict[str, Any]:
    thread = http.post("/threads", json={}).json()
    if "thread_id" not in thread:
        return dict(thread)
    frame = {"id": 1, "method": "run.start", "params": {"input": ASK}}
    reply: dict[str, Any] = http.post(f"/threads/{thread['thread_id']}/commands", json=frame).json()
    return reply


def test_runs_of_a_crowd_leave_some_to_others_and_are_counted(behind_a_proxy: Served) -> None:
    with at(behind_a_proxy, CROWD) as crowd, at(behind_a_proxy, VICTIM) as victim:
        replies = [start(crowd) for _ in range(20)]
        refused = [one for one in replies if one.get("type") != "success"]
        assert len(replies) - len(refused) == 4
        assert refused[0]["error"] == "too_many_runs"
        assert "STREAMWISE_MAX_CLIENT_RUNS" in refused[0]["message"]
        assert "Try again in" in refused[0]["message"]
        assert start(victim)["type"] == "success"
        lines = victim.get("/metrics").text.splitlines()
        (active,) = [line.split()[1] for line in lines if line.startswith("streamwise_runs_active ")]
        assert float(active) == 5


def test_answers_by_get_hold_slots_of_their_address_and_say_so(behind_a_proxy: Served) -> None:
    with at(behind_a_proxy, CROWD) as crowd, at(behind_a_proxy, VICTIM) as victim, ExitStack() as open_:
        for n in range(4):
            path = "/stream?query=hi" if n % 2 else f"/traps/answers/k{n}/naive"
            answer = open_.enter_context(crowd.stream("GET", path))
            assert answer.status_code == 200
        until(lambda: behind_a_proxy.backend.threads.active == 4)
        refusal = crowd.get("/stream?query=hi")
        assert (refusal.status_code, refusal.json()["error"]) == (429, "too_many_runs")
        assert int(refusal.headers["retry-after"]) > 0
        assert start(victim)["type"] == "success"


def test_threads_that_wait_for_a_human_survive_a_crowd() -> None:
    with (
        served(backend(threads=9, client_threads=7), forwarded_allow_ips="127.0.0.1") as site,
        at(site, CROWD) as crowd,
        at(site, VICTIM) as victim,
    ):
        thread = victim.post("/threads", json={}).json()["thread_id"]
        frame = {
            "id": 1,
            "method": "run.start",
            "params": {"input": ASK, "config": {"configurable": {"approve": True}}},
        }
        victim.post(f"/threads/{thread}/commands", json=frame)
        until(lambda: victim.get(f"/threads/{thread}").json()["status"] == "interrupted")
        for _ in range(200):
            crowd.post("/threads", json={})
        assert victim.get(f"/threads/{thread}").json()["status"] == "interrupted"
        answer = {"id": 2, "method": "input.respond", "params": {"interrupt_id": "i1", "response": "yes"}}
        assert victim.post(f"/threads/{thread}/commands", json=answer).json()["type"] == "success"


def test_what_is_asked_for_by_get_ends_with_the_longest_run() -> None:
    with served(backend(ToyAgent(never), run_seconds=1)) as site:
        for path in ("/traps/answers/k/naive?first_token_ms=60000", "/stream?query=hi"):
            with site.http.stream("GET", path) as answer, pytest.raises(httpx.TransportError):
                answer.read()
        until(lambda: site.backend.threads.active == 0)


def test_a_held_thread_obeys_its_key_alone_over_both_transports(site: Served) -> None:
    made = site.http.post("/threads", json={}).json()
    thread, own = made["thread_id"], {"Authorization": f"Bearer {made['key']}"}
    frame = {"id": 1, "method": "run.start", "params": {"input": ASK}}
    assert site.http.post(f"/threads/{thread}/commands", json=frame, headers=own).json()["type"] == "success"
    until(lambda: site.http.get(f"/threads/{thread}").json()["status"] == "idle")
    run = site.http.get(f"/threads/{thread}/state").json()["metadata"]["run_id"]

    for headers in ({}, {"Authorization": "Bearer nosuch"}):
        reply = site.http.post(f"/threads/{thread}/commands", json=frame, headers=headers).json()
        assert (reply["type"], reply["error"]) == ("error", "not_your_thread")
        for path in ("drop", "faults", f"runs/{run}/cancel"):
            answer = site.http.post(f"/threads/{thread}/{path}", json={"faults": []}, headers=headers)
            assert (answer.status_code, answer.json()["error"]) == (403, "not_your_thread"), path
    assert site.http.post(f"/threads/{thread}/drop", json={}, headers=own).status_code == 200
    assert "key" not in site.http.get(f"/threads/{thread}").json()
    assert "key" not in site.http.post("/threads", json={"thread_id": thread}).json(), "only its maker is told"

    connection = site.socket(f"/threads/{thread}/stream")
    for method, params, wanted in (
        ("run.start", {"input": ASK}, "not_your_thread"),
        ("thread.authorize", {"key": "nosuch"}, "not_your_thread"),
        ("thread.authorize", {"key": "\ud800"}, "not_your_thread"),
        ("thread.authorize", {"key": made["key"]}, None),
        ("run.start", {"input": ASK}, None),
    ):
        connection.send(json.dumps({"id": 7, "method": method, "params": params}))
        assert json.loads(connection.recv()).get("error") == wanted, method
    with site.http.stream("GET", f"/threads/{thread}/stream/events?since=0") as answer:
        assert answer.status_code == 200, "reading needs the id alone"


def test_heartbeats_are_shared_out(site: Served) -> None:
    thread = site.thread()
    path = f"/threads/{thread}/stream/events?channels=lifecycle&heartbeat_ms="
    with ExitStack() as open_:
        for _ in range(5):
            assert open_.enter_context(site.http.stream("GET", f"{path}50")).status_code == 200
        until(lambda: len(site.backend.streams) == 5)
        refusal = site.http.get(f"{path}50")
        assert (refusal.status_code, refusal.json()["error"]) == (429, "too_many_pings")
        assert "ask for 100 heartbeats a second" in refusal.json()["message"]
        assert site.http.get(f"{path}600").status_code == 429, "the share is held, whenever the others began"
        assert open_.enter_context(site.http.stream("GET", f"{path}0")).status_code == 200


def test_heartbeats_of_one_socket_count_each(site: Served) -> None:
    """480 subscriptions, each a little slower than the one before, once had 18 times the limit."""
    thread = site.thread()
    with ExitStack() as open_:
        rates: dict[int, float] = {}
        for n in range(3):
            connection = site.socket(f"/threads/{thread}/stream/events")
            open_.callback(connection.close)
            for k in range(8):
                ms = max(50, 10 * (8 * n + k + 3))
                params = {"channels": ["lifecycle"], "heartbeat_ms": ms}
                connection.send(json.dumps({"id": k, "method": "subscription.subscribe", "params": params}))
                replies = iter(connection.recv, "")
                if not any('"type":"success"' in reply for reply in replies):
                    del rates[n]  # what cannot be had closes the socket, and with it what it held
                    break
                rates[n] = rates.get(n, 0) + 1000 / ms
        assert sum(rates.values()) <= 100
        assert len(rates) < 3
    until(lambda: len(site.backend.streams) == 0)
    with site.http.stream("GET", f"/threads/{thread}/stream/events?channels=lifecycle&heartbeat_ms=50") as answer:
        assert answer.status_code == 200, "what they held is given back"
