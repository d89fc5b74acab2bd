from __future__ import annotations

import time
import uuid

import httpx
import pytest
import websocket

from demos.processes.demo_server import served
from tests.demos.stub_model import KEY, read, stub_model
from tests.demos.toys import Served, backend, words
from tests.demos.wire import received
from tests.known import known


def test_it_serves_while_the_block_lasts_and_not_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMWISE_MODEL_URL", "http://127.0.0.1:9/v1")  # the model of whoever measures is not asked
    monkeypatch.setenv("STREAMWISE_MODEL", "small")
    with served() as child:
        url = f"http://127.0.0.1:{child.port}/api/health"
        assert httpx.get(url, trust_env=False).json()["status"] == "ok"
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)


def test_it_keeps_no_compressor_for_a_socket_that_offers_deflate() -> None:
    with served() as child:
        url = f"ws://127.0.0.1:{child.port}/api/ws"
        socket = websocket.create_connection(url, header=["Sec-WebSocket-Extensions: permessage-deflate"])
        try:
            assert "sec-websocket-extensions" not in known(socket.getheaders())
        finally:
            socket.close()


def test_one_that_cannot_start_says_why() -> None:
    with pytest.raises(RuntimeError, match="STREAMWISE_MAX_RUNS"), served({"STREAMWISE_MAX_RUNS": "no"}):
        pytest.fail("it started")


def test_a_real_model_comes_from_the_environment_and_its_key_goes_nowhere() -> None:
    with stub_model() as stub:
        real = {"STREAMWISE_MODEL_URL": stub.url, "STREAMWISE_MODEL": "good", "STREAMWISE_MODEL_KEY": KEY}
        with served(real) as child:
            api = f"http://127.0.0.1:{child.port}/api"
            with httpx.Client(base_url=api, trust_env=False) as http:
                assert http.get("/health").json()["model"] == "good"
                site, thread = Served(child.port, backend(), http), str(uuid.uuid4())
                site.start(thread)
                frames = read(site, thread)
                site.hang_up()
            assert KEY not in child.said()
        assert words(frames).count("EventSource reconnects by itself [1].") == 1
        assert stub.headers[0]["authorization"] == f"Bearer {KEY}"
    assert KEY not in str(frames)
    wrong = {"STREAMWISE_MODEL_URL": f"http://me:{KEY}@127.0.0.1/v1", "STREAMWISE_MODEL": "good"}
    with pytest.raises(RuntimeError, match="STREAMWISE_MODEL_URL has a user name") as caught, served(wrong):
        pytest.fail("it started")
    assert KEY not in str(caught.value)


def test_a_signal_with_ten_open_streams_ends_it_quickly_and_quietly() -> None:
    with served() as child, httpx.Client(base_url=f"http://127.0.0.1:{child.port}/api", trust_env=False) as http:
        site = Served(child.port, backend(), http)
        thread = str(uuid.uuid4())
        site.start(thread, rate=20, n_tokens=1000)
        path = f"/threads/{thread}/stream/events?channels=messages&since=0"
        streams = [site.raw(f"GET /api{path} HTTP/1.1\nHost: 127.0.0.1\n\n") for _ in range(5)]
        sockets = [site.socket(path) for _ in range(5)]
        for stream in streams:
            assert stream.recv(10)
        for socket in sockets:
            assert socket.recv()
        began = time.monotonic()
        child.process.terminate()
        child.process.wait(10)
        assert time.monotonic() - began < 2
        for stream in streams:
            with pytest.raises(ConnectionResetError):
                received(stream)
        for socket in sockets:
            while (frame := socket.recv_data())[0] == 1:
                pass
            assert frame == (8, frame[1])
            assert int.from_bytes(frame[1][:2], "big") == 1012
        assert child.said().count("\n") == 1, child.said()
        site.hang_up()
