"""503 from the port of a server that is away, and nothing there afterwards."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from demos.processes import unavailable as stand_in
from demos.processes.ports import free_port
from demos.processes.unavailable import answer_503


def test_every_request_is_turned_away_and_then_nobody_is_there() -> None:
    async def scene() -> None:
        port = free_port()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            async with answer_503(port):
                answers = [await http.get("/a", headers={"Origin": "http://a"}), await http.post("/b", json={})]
                with pytest.raises(OSError, match="in use"):
                    async with answer_503(port):
                        pytest.fail("two at one port")
            assert [one.status_code for one in answers] == [503, 503]
            assert answers[0].headers["access-control-allow-origin"] == "*"
            with pytest.raises(httpx.ConnectError):
                await http.get("/")

    asyncio.run(scene())


def test_whoever_asks_for_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stand_in, "HEAD_S", 0.05)

    async def scene() -> None:
        port = free_port()
        async with answer_503(port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await reader.read() == b""
            writer.close()

    asyncio.run(scene())
