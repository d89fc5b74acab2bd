"""Clients that send commands while they read: by POST beside an event stream, and below it on a WebSocket.

Both have the same structure, so that only the transport differs. `demos.clients.readers` reads; this module sends
commands and times their replies.
"""

from __future__ import annotations

import json
import queue
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import httpx

from demos.clients.readers import EventStreamClient, WebSocketClient, milliseconds
from demos.clients.recorder import Listen

CHANNELS = "messages,lifecycle,input"
PATIENCE_S = 10.0
"""Seconds to wait for a reply."""


@dataclass(frozen=True)
class Said:
    """One command: when it was sent, when its reply came (milliseconds of one clock), and the reply."""

    sent: float
    replied: float
    reply: dict[str, Any]


class CommandingClient(Protocol):
    """Reads one run, and sends commands from another thread at the same time."""

    @property
    def transport(self) -> Literal["sse", "websocket"]: ...
    @property
    def reader(self) -> EventStreamClient | WebSocketClient: ...
    def open(self) -> None: ...
    def say(self, method: str, **params: Any) -> Said: ...
    def close(self) -> None: ...


class PostVoice:
    """Sends each command as a POST request, on one kept connection or on a new one each time."""

    transport: Literal["sse"] = "sse"

    def __init__(self, api: str, thread_id: str, name: str, listen: Listen, keep: bool = True) -> None:
        self.reader = EventStreamClient(api, thread_id, name, channels=CHANNELS, listen=listen)
        self._url = f"{api}/threads/{thread_id}/commands"
        kept = httpx.Limits(max_keepalive_connections=1 if keep else 0)
        self._http = httpx.Client(timeout=PATIENCE_S, trust_env=False, limits=kept)
        self._ids = 0

    def open(self) -> None:
        """Open both connections before the clock starts, so that timed commands find a kept connection open.

        Raises:
            httpx.HTTPError: the server did not answer, or refused.
        """
        self.reader.open()
        self.say("state.get", keys=[])

    def say(self, method: str, **params: Any) -> Said:
        """Send a command, return it with its reply. Raises httpx.HTTPError: no answer."""
        self._ids += 1
        content = json.dumps({"id": self._ids, "method": method, "params": params}, separators=(",", ":"))
        sent = milliseconds()
        answer = self._http.post(self._url, content=content, headers={"Content-Type": "application/json"})
        return Said(sent, milliseconds(), answer.json())

    def close(self) -> None:
        self._http.close()
        self.reader.close()


class SocketVoice:
    """Sends each command as a frame on the WebSocket that carries the events."""

    transport: Literal["websocket"] = "websocket"

    def __init__(self, api: str, thread_id: str, name: str, listen: Listen) -> None:
        self.reader = WebSocketClient(api, thread_id, name, channels=CHANNELS, listen=self._hear)
        self._listen = listen
        self._replies: queue.Queue[tuple[dict[str, Any], float]] = queue.Queue()
        self._ids = 0

    def open(self) -> None:
        """Connect. Raises OSError, websocket.WebSocketException: the server did not answer, or refused."""
        self.reader.open()

    def _hear(self, frame: dict[str, Any], at: float) -> None:
        if frame.get("type") in ("success", "error"):
            self._replies.put((frame, at))
        else:
            self._listen(frame, at)

    def say(self, method: str, **params: Any) -> Said:
        """Send a command and wait for its reply. The reader must be receiving, since it gets the reply.

        Raises:
            OSError, websocket.WebSocketException: the socket is lost.
            queue.Empty: no reply.
        """
        self._ids += 1
        text = json.dumps({"id": self._ids, "method": method, "params": params}, separators=(",", ":"))
        sent = milliseconds()
        self.reader.say(text)
        reply, at = self._replies.get(timeout=PATIENCE_S)
        return Said(sent, at, reply)

    def close(self) -> None:
        self.reader.close()
