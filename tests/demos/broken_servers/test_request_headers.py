"""What the requests for a stream brought, noted without their values."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import websocket

from demos.broken_servers.request_headers import NotedStreams
from tests.demos.toys import Served, backend, served
from tests.patience import seconds


@pytest.fixture(scope="module")
def site() -> Iterator[Served]:
    serving = backend()
    with served(serving, traps=NotedStreams(serving).routes()) as site:
        yield site


def test_each_way_of_asking_is_noted_on_its_own(site: Served) -> None:
    thread = site.http.post("/threads", json={}).json()["thread_id"]
    path = f"/traps/heads/{thread}/stream/events"
    with site.http.stream("GET", f"{path}?channels=messages") as got:
        assert got.status_code == 200
    for headers in ({}, {"Authorization": "Bearer secret"}):
        with site.http.stream("POST", path, json={"channels": ["messages"]}, headers=headers) as posted:
            assert posted.status_code == 200
    websocket.create_connection(f"{site.api.replace('http', 'ws')}{path}", timeout=seconds(5)).close()
    told = site.http.get(f"/traps/heads/{thread}")
    assert told.json() == {
        "EventSource": {"requests": 1, "posted": 0, "authorized": 0},
        "fetch": {"requests": 2, "posted": 2, "authorized": 1},
        "WebSocket": {"requests": 1, "posted": 0, "authorized": 0},
    }
    assert "secret" not in told.text


def test_of_a_thread_that_is_not_here_nothing_is_noted(site: Served) -> None:
    assert site.http.get("/traps/heads/nosuch").status_code == 404
    assert site.http.get("/traps/heads/nosuch/stream/events").status_code == 404
