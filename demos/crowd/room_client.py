"""Calls a room's HTTP interface, as the pages do: join, say, do, and the control stream that carries its state."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx

from demos.protocol import sse

State = dict[str, Any]
"""All that the room says to one who reads it; the newest replaces the one before."""
KEPT_S = 2.0
"""How long an idle connection is kept: less than servers do, which close it just when we would use it again."""
ANSWER_S, SILENCE_S = 20.0, 30.0
"""How long an answer may take, and how long the control stream may say nothing: it says something every 5 s."""


class Refused(RuntimeError):
    """The server has said no. `code`: which no it is."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{message} ({status})")
        self.status, self.code = status, code


def open_http(api: str) -> httpx.AsyncClient:
    """Make the client that a whole crowd shares: as many connections as it wants, no proxy between."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=200, keepalive_expiry=KEPT_S)
    # Where nothing is encrypted, certificates need not be loaded, which takes long.
    timeout, verify = httpx.Timeout(ANSWER_S, read=SILENCE_S), api.startswith("https:")
    return httpx.AsyncClient(limits=limits, timeout=timeout, trust_env=False, verify=verify)


class RoomClient:
    """The interface of one room, at `api`, such as http://127.0.0.1:8501/api."""

    def __init__(self, http: httpx.AsyncClient, api: str, code: str) -> None:
        self._http, self.api, self.code = http, api, code

    @property
    def address(self) -> str:
        return f"{self.api}/rooms/{self.code}"

    @classmethod
    async def open(
        cls, http: httpx.AsyncClient, api: str, agenda: str, password: str = ""
    ) -> tuple[RoomClient, dict[str, str]]:
        """Open a room; return its client and its keys: `code`, `secret`, `view`.

        Raises:
            Refused, httpx.HTTPError: the server does not open one.
        """
        told = _told(await http.post(f"{api}/rooms", json={"agenda": agenda, "answers": {}}, headers=_bearer(password)))
        return cls(http, api, told["code"]), told

    async def join(self, key: str = "", kind: str = "laptop") -> tuple[str, int]:
        """Join, or come back with `key`; return the key and the number.

        Raises:
            Refused, httpx.HTTPError: the room does not let us in.
        """
        body: dict[str, Any] = {"kind": kind, "browser": "simulated", "simulated": True}
        told = _told(await self._http.post(f"{self.address}/join", json=body | ({"key": key} if key else {})))
        return told["key"], told["number"]

    async def say(self, key: str, what: str, **more: Any) -> None:
        """Tell the room something.

        Raises:
            Refused, httpx.HTTPError: it does not take it.
        """
        _told(await self._http.post(f"{self.address}/say", json={"what": what, **more}, headers=_bearer(key)))

    async def do(self, secret: str, what: str, turn: int) -> None:
        """Press one of the lead's buttons. `turn`: the one that the lead has seen.

        Raises:
            Refused, httpx.HTTPError: not now, or not at this turn.
        """
        _told(await self._http.post(f"{self.address}/do", json={"what": what, "turn": turn}, headers=_bearer(secret)))

    async def questions(self, key: str) -> list[dict[str, Any]]:
        """The questions of this step.

        Raises:
            Refused, httpx.HTTPError: there are none now.
        """
        told = _told(await self._http.get(f"{self.address}/questions", headers=_bearer(key)))
        return list(told["questions"])

    async def state(self, key: str) -> State:
        """The state now, as a page asks for it where nothing streams.

        Raises:
            Refused, httpx.HTTPError: it is refused.
        """
        return _told(await self._http.get(f"{self.address}/state", headers=_bearer(key)))

    async def states(self, key: str) -> AsyncIterator[State]:
        """Every state that the control stream carries, until it ends.

        Raises:
            Refused, httpx.HTTPError: it is refused, or was lost.
        """
        headers = {"Accept": sse.CONTENT_TYPE, **_bearer(key)}
        async with self._http.stream("GET", f"{self.address}/events", headers=headers) as response:
            if response.status_code != 200:
                await response.aread()
                _told(response)
            decoder = sse.Decoder()
            async for chunk in response.aiter_raw():
                for message in decoder.feed(chunk):
                    if message.event == "state":
                        yield json.loads(message.data)


def _bearer(key: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def _told(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        body = {}
    if response.status_code >= 400 or not isinstance(body, dict):
        said = body if isinstance(body, dict) else {}
        raise Refused(response.status_code, said.get("error", "unknown"), said.get("message", response.reason_phrase))
    return body
