"""The server on a real port: resume, a second turn, a question, stop, and who may see what."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

Events = list[dict[str, Any]]


def start(http: httpx.Client, prompt: str, **more: str) -> dict[str, str]:
    started = http.post("/runs", json={"prompt": prompt, **more})
    assert started.status_code == 201, started.text
    return dict(started.json())


def read(http: httpx.Client, run: str, after: str = "", until: str = "end") -> Events:
    """The events of a run, each with its id, up to the first of a kind."""
    found, id = Events(), ""
    with http.stream("GET", f"/runs/{run}/events", headers={"Last-Event-ID": after} if after else {}) as response:
        assert response.status_code == 200
        assert "no-transform" in response.headers["cache-control"]
        for line in response.iter_lines():
            name, _, value = line.partition(": ")
            if name == "id":
                id = value
            if name == "data":
                event = json.loads(value)
                if event["type"] != "ping":
                    found.append({"id": id, **event})
                if event["type"] == until:
                    break
    return found


def text(events: Events) -> str:
    return "".join(event.get("text", "") for event in events)


def test_it_resumes_and_remembers(http: httpx.Client) -> None:
    begun = start(http, "Hello")
    all_of_it = read(http, begun["run"])
    for seen in (1, 3, len(all_of_it) - 1):
        assert read(http, begun["run"], all_of_it[seen - 1]["id"]) == all_of_it[seen:]
    over = http.get(f"/runs/{begun['run']}/events", params={"since": all_of_it[-1]["id"]})
    assert over.status_code == 204
    second = start(http, "And now?", thread=begun["thread"])
    assert "question 2" in text(read(http, second["run"]))
    turns = http.get(f"/threads/{begun['thread']}").json()["runs"]
    assert [turn["prompt"] for turn in turns] == ["Hello", "And now?"]


def test_a_question_is_answered_once(http: httpx.Client) -> None:
    run = start(http, "Refund 40 EUR for order 1182")["run"]
    asked = read(http, run, until="question")[-1]
    for value, status in (("yes", 202), ("yes", 202), ("no", 409)):
        given = {"question": asked["question"], "value": value}
        assert http.post(f"/runs/{run}/answer", json=given).status_code == status
    rest = read(http, run, asked["id"])
    assert [rest[0]["type"], rest[-1]["type"]] == ["answer", "end"]
    assert "were refunded" in text(rest)


def test_stop_ends_it_at_once(http: httpx.Client) -> None:
    run = start(http, "Refund 40 EUR for order 1182")["run"]
    read(http, run, until="question")
    assert http.post(f"/runs/{run}/stop").status_code == 202
    assert read(http, run)[-1]["status"] == "stopped"


@pytest.mark.parametrize("position", ["abc", "0000-1", "1"])
def test_a_position_of_another_log_is_refused(http: httpx.Client, position: str) -> None:
    run = start(http, "Hello")["run"]
    assert http.get(f"/runs/{run}/events", params={"since": position}).status_code in (400, 409)


def test_strangers_see_nothing(http: httpx.Client) -> None:
    run = start(http, "Hello")["run"]
    assert http.get("/health", headers={"Host": "evil.example"}).status_code == 400
    foreign = http.post(f"/runs/{run}/stop", headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert http.get("/runs/none/events").status_code == 404
