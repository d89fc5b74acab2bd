"""Servers for scenarios that break one: made, restarted on the same port, counted on, ended in time."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import httpx
import pytest

from demos.lab.child_servers import Children
from demos.limits import Limits
from demos.protocol.errors import Refusal
from tests.demos.toys import Served

PAGE = "127.0.0.1:8501"
LOSES_ONE = """
import http.server, os, sys

class Handler(http.server.BaseHTTPRequestHandler):
    asked = 0

    def do_POST(self):
        Handler.asked += 1
        if Handler.asked == 1:  # as when the server that was asked is killed
            return
        self.send_response(200 if Handler.asked == 3 else 503)
        self.end_headers()
        self.wfile.write(b'{"measurements": [{"lost": 0}]}')

with http.server.HTTPServer(("127.0.0.1", int(sys.argv[2])), Handler) as server:
    print(f"on http://127.0.0.1:{server.server_port}/api, process {os.getpid()}", flush=True)
    server.serve_forever()
"""
"""A group of which one ends while it is asked, and the next is busy for a moment."""


def health(port: int, **headers: str) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{port}/api/health", headers=headers, trust_env=False)


def test_one_is_made_restarted_on_its_port_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demos.lab.child_servers.AGAIN_S", 0.0)

    async def scene() -> None:
        children = Children(Limits(children=1))
        key, port = await children.make({}, PAGE)
        assert health(port).status_code == 200
        with pytest.raises(Refusal, match="the limit here"):
            await children.make({}, PAGE)
        receipt = {"transport": "sse", "client": "c", "at": [], "seq": [], "token": [], "thread_id": "x"}
        with pytest.raises(Refusal, match="There is no thread"):
            await children.measure(key, [receipt])
        restarting = asyncio.create_task(children.restart(key, 0.2))
        while True:
            try:
                await asyncio.to_thread(health, port)
            except httpx.TransportError:
                break
        with pytest.raises(Refusal, match="does not answer"):
            await children.measure(key, [])
        await restarting
        assert health(port).status_code == 200
        restarting = asyncio.create_task(children.restart(key, 1.0, refusing=True))
        seen = set[int]()
        while not restarting.done():
            try:
                seen.add((await asyncio.to_thread(health, port)).status_code)
            except httpx.TransportError:
                continue
        await restarting
        assert 503 in seen
        assert health(port).status_code == 200
        await children.end_all()
        assert len(children) == 0
        with pytest.raises(httpx.TransportError):
            health(port)
        with pytest.raises(Refusal, match="over"):
            await children.restart(key, 0)
        await children.end(key)

    asyncio.run(scene())


def test_a_group_that_loses_one_while_it_is_asked_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demos.lab.child_servers.AGAIN_S", 0.0)

    async def scene() -> None:
        children = Children(Limits())
        key, _ = await children.make({}, PAGE, command=("-c", LOSES_ONE))
        assert await children.measure(key, []) == [{"lost": 0}]
        await children.end_all()

    asyncio.run(scene())


def test_a_restart_that_fails_says_so_and_leaves_nothing() -> None:
    async def scene() -> None:
        children = Children(Limits())
        key, port = await children.make({}, PAGE)
        restarting = asyncio.create_task(children.restart(key, 0.5))
        async with asyncio.timeout(20):
            while True:
                try:
                    taken = socket.create_server(("127.0.0.1", port))
                    break
                except OSError:
                    await asyncio.sleep(0.02)
            with taken, pytest.raises(Refusal, match="already in use"):
                await restarting
        assert len(children) == 0

    asyncio.run(scene())


def test_the_page_that_asked_may_read_it_and_others_may_not() -> None:
    async def scene() -> None:
        children = Children(Limits())
        _, port = await children.make({}, PAGE)
        allowed = health(port, Origin=f"http://{PAGE}")
        assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, f"http://{PAGE}")
        assert health(port, Origin="http://127.0.0.1:9999").status_code == 403
        await children.end_all()

    asyncio.run(scene())


def test_its_time_is_limited_and_a_start_that_fails_leaves_nothing() -> None:
    async def scene() -> None:
        children = Children(Limits(child_seconds=1))
        with pytest.raises(Refusal, match="STREAMWISE_MAX_RUNS"):
            await children.make({"STREAMWISE_MAX_RUNS": "no"}, PAGE)
        assert len(children) == 0
        await children.make({}, PAGE)
        async with asyncio.timeout(20):
            while len(children):
                await asyncio.sleep(0.02)

    asyncio.run(scene())


def test_one_whose_page_went_away_while_it_started_is_ended() -> None:
    async def left() -> bool:
        return True

    async def scene() -> None:
        children = Children(Limits())
        with pytest.raises(Refusal, match="went away"):
            await children.make({}, PAGE, left)
        assert len(children) == 0

    asyncio.run(scene())


@pytest.mark.parametrize("given", [{}, {"scenario": "nosuch"}, {"scenario": "plain"}, {"scenario": []}])
def test_only_scenarios_that_need_one_get_one(site: Served, given: dict[str, Any]) -> None:
    answer = site.http.post("/children", json=given)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_argument")


@pytest.mark.parametrize("down", [-1, 1e9, "1", True])
def test_a_restart_has_bounds(site: Served, down: float | str) -> None:
    answer = site.http.post("/children/x/restart", json={"down_ms": down})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_argument")
    assert site.http.post("/children/x/restart", json={}).status_code == 404
    assert site.http.post("/children/x/end", json={}).status_code == 204
