"""The server on a real port: resume, a question, stop, and who may open a socket."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from app import who

Events = list[dict[str, Any]]


@contextmanager
def opened(http: httpx.Client, first: dict[str, Any], **headers: str) -> Iterator[ClientConnection]:
    cookies = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
    address = f"ws{str(http.base_url).removeprefix('http').rstrip('/')}/ws"
    with connect(address, additional_headers={"Cookie": cookies, **headers}, proxy=None) as socket:
        socket.send(json.dumps({"token": next(iter(getattr(who, "TOKENS", {}).values()), ""), **first}))
        yield socket


def start(prompt: str) -> dict[str, Any]:
    return {"type": "start", "run": str(uuid.uuid4()), "prompt": prompt}


def read(socket: ClientConnection, until: str = "end") -> Events:
    found = Events()
    for message in socket:
        event = json.loads(message)
        if event["type"] != "ping":
            found.append(event)
        if event["type"] == until:
            break
    return found


def closed(socket: ClientConnection) -> int | None:
    with suppress(ConnectionClosed):
        while True:
            socket.recv(timeout=20)
    return socket.close_code


def test_it_resumes(http: httpx.Client) -> None:
    first = start("Hello")
    with opened(http, first) as socket:
        all_of_it = read(socket)
        assert closed(socket) == 1000
    again = {"type": "resume", "run": first["run"], "since": all_of_it[2]["id"]}
    with opened(http, again) as socket:
        assert read(socket) == all_of_it[3:]
    with opened(http, first) as socket:
        assert read(socket) == all_of_it, "a start that is sent twice runs once"


def test_a_question_and_a_stop(http: httpx.Client) -> None:
    with opened(http, start("Refund 40 EUR for order 1182")) as socket:
        asked = read(socket, "question")[-1]
        socket.send(json.dumps({"type": "answer", "question": asked["question"], "value": "yes"}))
        assert "were " in [event.get("text") for event in read(socket)]
    with opened(http, start("Refund 40 EUR for order 1182")) as socket:
        read(socket, "question")
        socket.send(json.dumps({"type": "stop"}))
        assert read(socket)[-1]["status"] == "stopped"


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ({"type": "resume", "run": "none", "since": ""}, 4404),
        ({"type": "start", "run": "none", "prompt": "Hello"}, 1008),
        ({"type": "stop"}, 1008),
    ],
)
def test_what_is_wrong_is_refused(http: httpx.Client, first: dict[str, Any], code: int) -> None:
    with opened(http, first) as socket:
        assert closed(socket) == code


def test_a_foreign_page_gets_no_socket(http: httpx.Client) -> None:
    with pytest.raises(InvalidStatus), opened(http, start("Hello"), Origin="https://evil.example"):
        pass
