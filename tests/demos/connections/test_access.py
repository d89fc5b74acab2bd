from __future__ import annotations

import json

import pytest
import websocket

from demos.protocol.run_options import Pace, Settings
from tests.demos.stub_model import QUESTION, Stub, served_on
from tests.demos.toys import Served, until


@pytest.mark.parametrize("path", ["/health", "/stream?query=hi", "/threads/x/stream/events"])
def test_a_foreign_page_gets_403_on_every_get(site: Served, path: str) -> None:
    answer = site.http.get(path, headers={"Origin": "http://evil.example"})
    assert (answer.status_code, answer.json()["error"]) == (403, "foreign_origin")


@pytest.mark.parametrize("path", ["/threads", "/threads/x/commands", "/threads/x/stream/events", "/measure"])
def test_a_foreign_page_gets_403_on_every_post(site: Served, path: str) -> None:
    assert site.http.post(path, headers={"Origin": "http://evil.example"}, content="{}").status_code == 403


@pytest.mark.parametrize("path", ["/ws", "/threads/x/stream/events"])
def test_a_foreign_page_opens_no_socket(site: Served, path: str) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        site.socket(path, origin="http://evil.example")


def test_a_name_that_was_pointed_here_is_no_name_of_this_server(site: Served) -> None:
    """DNS rebinding: the page's own name leads here, so Origin and Host agree."""
    headers = {"Host": f"evil.example:{site.port}", "Origin": f"http://evil.example:{site.port}"}
    answer = site.http.get("/health", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (421, "unknown_host")
    assert "STREAMWISE_ALLOWED_HOSTS" in answer.json()["message"]
    with pytest.raises(websocket.WebSocketBadStatusException, match="421"):
        site.socket("/ws", host="evil.example")


def test_a_program_that_sends_no_host_may_come_in(site: Served) -> None:
    connection = site.raw("GET /api/health HTTP/1.0\n\n")
    assert connection.recv(100).startswith(b"HTTP/1.1 200")


def test_its_own_page_may(site: Served) -> None:
    origin = f"http://127.0.0.1:{site.port}"
    assert site.http.get("/health", headers={"Origin": origin}).status_code == 200
    site.socket("/ws", origin=origin).close()


def test_a_handshake_that_lost_its_upgrade_is_told_so(site: Served) -> None:
    answer = site.http.get("/ws", headers={"Sec-WebSocket-Key": "x"})
    assert (answer.status_code, answer.headers["upgrade"]) == (426, "websocket")
    assert "Upgrade header" in answer.json()["message"]


def test_what_a_page_can_send_without_asking_never_reaches_a_real_model(
    stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An <img>, a link, a form: GET, or a simple POST with the Origin that browsers add."""
    monkeypatch.setattr("demos.server.tutorial.Settings", lambda: Settings(pace=Pace(rate=0, first_token_ms=0)))
    foreign = {"Origin": "https://evil.example", "Content-Type": "text/plain"}
    run = {"messages": [{"role": "user", "content": QUESTION}]}
    frame = json.dumps({"id": 1, "method": "run.start", "params": {"input": run}})
    with served_on(stub.url) as up:
        thread = up.thread()
        assert "[DONE]" in up.http.get("/stream", params={"query": QUESTION}).text
        for path in ("/commands", "/stream/events", "/state", ""):
            up.http.get(f"/threads/{thread}{path}", params={"method": "run.start", "query": QUESTION, "since": 9})
        for origin in ("https://evil.example", "null"):
            answer = up.http.post(f"/threads/{thread}/commands", content=frame, headers=foreign | {"Origin": origin})
            assert (answer.status_code, answer.json()["error"]) == (403, "foreign_origin")
        connection = up.socket("/ws")
        connection.send(QUESTION)
        while "done" not in connection.recv():
            pass
        assert stub.requests == []
        same = foreign | {"Origin": f"http://127.0.0.1:{up.port}"}
        assert up.http.post(f"/threads/{thread}/commands", content=frame, headers=same).json()["type"] == "success"
        until(lambda: len(stub.requests) == 1)


def test_a_lost_upgrade_is_told_before_a_foreign_page(site: Served) -> None:
    """A bare proxy often changes Host as well; what ails the handshake is the upgrade."""
    answer = site.http.get("/ws", headers={"Sec-WebSocket-Key": "x", "Origin": "http://proxy.example"})
    assert (answer.status_code, answer.json()["error"]) == (426, "upgrade_lost")
