"""The three servers that do not hear a stop: what is wrong with each, and that their answers can be counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import websocket

from demos.broken_servers.after_stop import Ledger
from demos.broken_servers.ignores_stop import WRITERS, StopTraps
from demos.protocol import sse
from tests.demos.toys import Served, backend, served, until
from tests.patience import seconds

LENGTH = {"n_tokens": 20, "rate": 200, "first_token_ms": 0}


@pytest.fixture(scope="module")
def site() -> Iterator[Served]:
    serving = backend()
    with served(serving, traps=[*Ledger(serving).routes(), *StopTraps(serving).routes()]) as site:
        yield site


def make(site: Served, server: str) -> str:
    made: str = site.http.post(f"/traps/stop/{server}", json=LENGTH).raise_for_status().json()["thread_id"]
    return made


def told(site: Served, thread_id: str) -> dict[str, Any]:
    found: dict[str, Any] = site.http.post(f"/traps/ledger/{thread_id}", json={"stopped_ms": 0}).json()
    return found


@pytest.mark.parametrize("server", WRITERS)
def test_an_answer_that_nobody_stops_comes_whole_and_ends(site: Served, server: str) -> None:
    key = make(site, server)
    got = site.http.get(f"/traps/stop/{server}/{key}")
    messages = list(sse.Decoder().feed(got.content))
    assert [message.event for message in messages] == ["messages"] * 20 + ["lifecycle"]
    assert '"completed"' in messages[-1].data
    until(lambda: told(site, key)["over"])
    assert told(site, key)["made"] == 20


def test_a_detached_task_goes_on_without_its_reader(site: Served) -> None:
    key = make(site, "detached")
    with site.http.stream("GET", f"/traps/stop/detached/{key}") as response:
        next(response.iter_raw())
    until(lambda: told(site, key)["over"])
    assert told(site, key)["made"] == 20


def test_a_deaf_socket_reads_the_stop_after_its_last_token(site: Served) -> None:
    key = make(site, "deaf")
    socket = websocket.create_connection(f"{site.api.replace('http', 'ws')}/traps/stop/deaf/{key}", timeout=seconds(10))
    socket.send('{"id": 1}')
    assert '"success"' in socket.recv()
    socket.send('{"id": 2}')
    frames = [socket.recv() for _ in range(22)]
    assert '"completed"' in frames[20]
    assert '"id":2' in frames[21]
    socket.close()


@pytest.mark.parametrize("path", ["nosuch", "nosuch/x", "deaf/x"])
def test_what_is_not_there_is_refused(site: Served, path: str) -> None:
    call = site.http.get if "/" in path else site.http.post
    assert call(f"/traps/stop/{path}").status_code == 404


def test_a_length_that_is_too_large_is_refused(site: Served) -> None:
    assert site.http.post("/traps/stop/deaf", json={"n_tokens": 10**9}).status_code == 400
    assert isinstance(site.http, httpx.Client)
