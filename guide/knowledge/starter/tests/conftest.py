"""Starts the app on a free port in this process, as `python -m app` does, once for all tests."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from app import agent, who
from app.__main__ import Server

agent.WORD_S = 0.002


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    """A client that is known to the server."""
    server = Server("127.0.0.1", 0)
    thread = threading.Thread(target=asyncio.run, args=(server.serve(),))
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        who.at_start("127.0.0.1", port)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False) as http:
            for token in getattr(who, "TOKENS", {}).values():
                http.headers["Authorization"] = f"Bearer {token}"
            http.get("/")
            yield http
    finally:
        server.should_exit = True
        thread.join()
