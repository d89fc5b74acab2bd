"""One WebSocket, spoken: commands and subscriptions in, replies and events out, for as long as it lives."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from demos.carriers import websocket_frames
from demos.commands import Commands
from demos.events import encode
from demos.limits import Limits
from demos.lines import Cut, Line
from demos.refusal import Refusal
from demos.streams import Reader

Subscribe = Callable[[Mapping[str, Any]], Reader]
"""The parameters of a subscription -> a reader on this socket's thread. Raises Refusal."""


class Conversation:
    """Reads all the time, also while events are being written: or a stop would be read after the last token."""

    def __init__(
        self, websocket: WebSocket, line: Line, commands: Commands, limits: Limits, subscribe: Subscribe
    ) -> None:
        self._websocket, self._line = websocket, line
        self._commands, self._limits, self._subscribe = commands, limits, subscribe
        self._writers: set[asyncio.Task[None]] = set()
        self._ids = itertools.count(1)

    async def hold(self, subscribed: Reader | None = None) -> None:
        """Until the peer leaves. `subscribed` is what the URL asked for, if it did.

        Raises:
            Refusal: something that ends the connection; mere mistakes get a reply.
        """
        try:
            if subscribed is not None:
                self._write(subscribed)
            while (message := await self._websocket.receive())["type"] != "websocket.disconnect":
                if message.get("text") is None:
                    raise Refusal(415, "not_text", "This socket speaks JSON in text frames; a binary frame came.")
                await self._hear(message["text"])
        except WebSocketDisconnect:
            pass
        finally:
            for writer in self._writers:
                writer.cancel()

    async def _hear(self, text: str) -> None:
        """One frame: a subscription, or a command."""
        if len(text) > self._limits.command_bytes:
            raise Refusal(
                413, "too_large", f"A frame of {len(text)} characters. Allowed: {self._limits.command_bytes}."
            )
        try:
            frame = self._commands.parse(text)
        except Refusal as refusal:
            await self._say({"type": "error", "id": None} | refusal.body)
            return
        if frame.get("method") == "subscription.subscribe":
            await self._start(frame)
        else:
            await self._say(self._commands.obey(self._line.thread_id, frame))

    async def _start(self, frame: Mapping[str, Any]) -> None:
        """A subscription. Clients ignore an error reply to one and wait for ever, so a bad one closes the socket."""
        if len(self._writers) >= self._limits.socket_subscriptions:
            limit = self._limits.socket_subscriptions
            raise Refusal(429, "too_many_streams", f"This socket has {limit} subscriptions, the limit here.")
        params = frame.get("params")
        reader = self._subscribe(params if isinstance(params, dict) else {})
        result = {"subscription_id": f"sub-{next(self._ids)}", "replayed_events": reader.behind}
        meta = {"applied_through_seq": reader.tip}
        await self._say({"type": "success", "id": frame.get("id"), "result": result, "meta": meta})
        self._write(reader)

    async def _say(self, reply: Mapping[str, Any]) -> None:
        await self._websocket.send_text(encode(reply))

    def _write(self, reader: Reader) -> None:
        task = asyncio.create_task(self._send(reader))
        self._writers.add(task)
        task.add_done_callback(self._writers.discard)

    async def _send(self, reader: Reader) -> None:
        try:
            async for text in websocket_frames(reader):
                await self._websocket.send_text(text)
        except (WebSocketDisconnect, RuntimeError):
            self._line.cut(Cut.GONE)  # the peer left while we wrote
