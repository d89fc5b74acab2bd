"""The server on a real port: an answer, a question over two requests, and an end where the client goes."""

from __future__ import annotations

import json
from typing import Any

import httpx

REFUND = [{"role": "user", "content": "Refund 40 EUR for order 1182"}]


def events(http: httpx.Client, messages: list[dict[str, str]], *answers: dict[str, Any]) -> list[dict[str, Any]]:
    response = http.post("/answers", json={"messages": messages, "answers": answers})
    assert response.status_code == 200, response.text
    assert "no-transform" in response.headers["cache-control"]
    found = [json.loads(line[6:]) for line in response.text.splitlines() if line.startswith("data: ")]
    return [event for event in found if event["type"] != "ping"]


def text(found: list[dict[str, Any]]) -> str:
    return "".join(event.get("text", "") for event in found)


def test_an_answer_and_a_second_turn(http: httpx.Client) -> None:
    first = [{"role": "user", "content": "Hello"}]
    found = events(http, first)
    assert found[-1] == {"type": "end", "status": "completed"}
    talk = [*first, {"role": "assistant", "content": text(found)}, {"role": "user", "content": "And now?"}]
    said = text(events(http, talk))
    assert "question 2" in said
    assert "question 1" not in said, "what was said before is not said again"


def test_a_question_is_answered_with_the_next_request(http: httpx.Client) -> None:
    asked, end = events(http, REFUND)[-2:]
    assert (asked["type"], end["status"]) == ("question", "waiting")
    found = events(http, REFUND, {"question": asked["question"], "value": "yes"})
    assert "were refunded" in text(found)
    assert found[-1]["status"] == "completed"
    other = events(http, REFUND, {"question": "Something else?", "value": "yes"})
    assert other[-1]["status"] == "waiting", "an answer to another question is none to this one"


def test_strangers_are_refused(http: httpx.Client) -> None:
    assert http.get("/health", headers={"Host": "evil.example"}).status_code == 400
    foreign = http.post("/answers", json={"messages": REFUND}, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
