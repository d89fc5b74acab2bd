"""Serves one WebSocket connection: commands and subscriptions in, replies and events out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from demos.connections.open_streams import CutReason, OpenStream
from demos.connections.responses import caller, send_frames
from demos.protocol.errors import Refusal
from demos.protocol.events import encode
from demos.server.backend import Backend
from demos.threads.commands import error
from demos.threads.reader import Reader
from demos.threads.subscriptions import Subscriptions

GONE = 410
"""Status of a position that no log here can continue."""


class Conversation:
    """One WebSocket's frames in both directions. Reads also while it writes, so that a stop is read at once."""

    def __init__(
        self, websocket: WebSocket, stream: OpenStream, backend: Backend, subscriptions: Subscriptions
    ) -> None:
        self._websocket, self._stream, self._subscriptions = websocket, stream, subscriptions
        self._threads, self._streams, self._caller = backend.threads, backend.streams, caller(websocket)
        self._commands, self._limits, self._counters = backend.commands, backend.limits, backend.counters
        self._sharing = backend.sharing
        self._writers: dict[str, asyncio.Task[None]] = {}

    async def hold(self, subscribed: Reader | None = None) -> None:
        """Serve until the peer leaves. `subscribed`: the reader that the URL asked for; None without one.

        Raises:
            Refusal: an error that ends the connection; other errors get a reply.
        """
        try:
            if subscribed is not None:
                self._write("", subscribed, self._take(subscribed))
            while (message := await self._websocket.receive())["type"] != "websocket.disconnect":
                if self._stream.muted:
                    continue
                if message.get("text") is None:
                    raise Refusal(415, "not_text", "This socket speaks JSON in text frames; a binary frame came.")
                await self._hear(message["text"])
            self._stream.mark_client_gone()
        except WebSocketDisconnect:
            self._stream.mark_client_gone()
        finally:
            for writer in list(self._writers.values()):
                writer.cancel()

    async def _hear(self, text: str) -> None:
        """Handle one frame: a subscription or a command."""
        if len(text) > self._limits.command_bytes:
            raise Refusal(
                413, "too_large", f"A frame of {len(text)} characters. Allowed: {self._limits.command_bytes}."
            )
        try:
            frame = self._commands.parse(text)
        except Refusal as refusal:
            await self._say({"type": "error", "id": None} | refusal.body)
            return
        params = given if isinstance(given := frame.get("params"), dict) else {}
        thread_id = self._stream.thread_id
        if str(frame.get("method")).startswith(("subscription.", "thread.")):
            await self._sharing.prepare(thread_id, is_read=True)
        match frame.get("method"):
            case "subscription.subscribe":
                await self._subscribe(frame, params)
            case "subscription.unsubscribe":
                await self._unsubscribe(frame, params)
            case "subscription.reconnect":
                await self._reconnect(frame, params)
            case "thread.authorize":
                await self._authorize(frame, params)
            case _:
                await self._say(await self._sharing.obey(thread_id, frame, self._caller))

    async def _subscribe(self, frame: Mapping[str, Any], params: Mapping[str, Any]) -> None:
        """Subscribe. An invalid subscription closes the socket: clients ignore an error reply and wait for ever."""
        self._admit(1)
        key, reader = self._subscriptions.subscribe(self._stream.thread_id, params, self._caller.address)
        rate = self._take(reader)
        try:
            await self._succeed(frame, {"subscription_id": key, "replayed_events": reader.behind}, reader.tip)
        except BaseException:
            self._streams.heartbeats.give_back(self._caller.address, rate)
            raise
        self._write(key, reader, rate)

    async def _authorize(self, frame: Mapping[str, Any], params: Mapping[str, Any]) -> None:
        """Take the thread's key for all further commands on this socket: a page cannot send it in the handshake."""
        key = params.get("key")
        asks = replace(self._caller, key=key if isinstance(key, str) else "")
        try:
            self._threads.commanded(self._stream.thread_id, asks)
        except Refusal as refusal:
            await self._say(error(frame, refusal))
            return
        self._caller = asks
        await self._sharing.prepare(self._stream.thread_id)  # every server knows it before the reply
        await self._succeed(frame, {})

    async def _unsubscribe(self, frame: Mapping[str, Any], params: Mapping[str, Any]) -> None:
        writer = self._writers.get(key) if isinstance(key := params.get("subscription_id"), str) else None
        if writer is None:
            refusal = Refusal(404, "no_such_subscription", f"This socket has no subscription {key!r:.60}.")
            await self._say(error(frame, refusal))
            return
        writer.cancel()
        await asyncio.wait([writer])  # no event of this subscription may follow the reply
        await self._succeed(frame, {})

    async def _reconnect(self, frame: Mapping[str, Any], params: Mapping[str, Any]) -> None:
        """Resume after a lost connection; a position that cannot be served closes the socket."""
        try:
            told, readers = self._subscriptions.reconnect(self._stream.thread_id, params)
        except Refusal as refusal:
            if refusal.status == GONE:
                raise
            await self._say(error(frame, refusal))
            return
        self._admit(len(readers))
        await self._succeed(frame, told)
        for key, reader in readers.items():
            if key not in self._writers:
                self._write(key, reader, self._take(reader))

    def _admit(self, more: int) -> None:
        limit = self._limits.socket_subscriptions
        if len(self._writers) + more > limit:
            raise Refusal(429, "too_many_streams", f"This socket may have {limit} subscriptions, the limit here.")

    async def _succeed(self, frame: Mapping[str, Any], result: Mapping[str, Any], tip: int | None = None) -> None:
        meta = {} if tip is None else {"meta": {"applied_through_seq": tip}}
        await self._say({"type": "success", "id": frame.get("id"), "result": result, **meta})

    async def _say(self, reply: Mapping[str, Any]) -> None:
        await self._stream.write(self._websocket.send_text(encode(reply)))

    def _take(self, reader: Reader) -> int:
        return self._streams.heartbeats.take(self._caller.address, reader.heartbeat_ms)

    def _write(self, key: str, reader: Reader, rate: int) -> None:
        """Write a subscription's events from now on; `rate`: of heartbeats, held until it ends."""
        held, address = self._streams.heartbeats, self._caller.address
        self._writers[key] = task = asyncio.create_task(self._send(reader))

        def over(_: asyncio.Task[None]) -> None:
            self._writers.pop(key, None)
            held.give_back(address, rate)

        task.add_done_callback(over)

    async def _send(self, reader: Reader) -> None:
        try:
            await send_frames(reader, self._websocket, self._stream, self._counters)
        except (WebSocketDisconnect, RuntimeError):
            self._stream.cut(CutReason.GONE)  # the peer left while we wrote
