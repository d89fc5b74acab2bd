"""A connection for the steps that a run waits for, at a third of what the client's pool and pipeline cost a step.

Storing events is most of what a server asks of its engine. The client's own ways cost more processor time for each
step than the step itself, so it only connects here: what is sent and what comes is packed and read by hiredis.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import hiredis
from redis.asyncio import ConnectionPool
from redis.exceptions import (
    BusyLoadingError,
    ExecAbortError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import TimeoutError as TooLate

Command = tuple[str | int | bytes, ...]

ERRORS: dict[str, type[RedisError]] = {
    "NOSCRIPT": NoScriptError,
    "LOADING": BusyLoadingError,
    "OOM": OutOfMemoryError,
    "READONLY": ReadOnlyError,
    "EXECABORT": ExecAbortError,
}
"""First word of an error -> the client's class for it; others are a ResponseError."""


@dataclass
class Call:
    """Commands that were sent together."""

    answers: int
    """How many are expected."""
    over: asyncio.Future[list[Any]]
    came: list[Any] = field(default_factory=list)


class Line(asyncio.Protocol):
    """An open connection. Answers come in the order of the calls. Once an answer is missing, it is of no more use."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        """Take over a connection on which nothing is under way."""
        self._writer = writer  # kept, since it closes the connection when it goes
        self._calls: deque[Call] = deque()
        self._reader = hiredis.Reader(replyError=_error)
        self.is_open = True
        writer.transport.set_protocol(self)

    def send(self, commands: Sequence[Command]) -> asyncio.Future[list[Any]]:
        """Send commands; what comes back is awaited. Raises Disconnected if the connection is closed."""
        if not self.is_open:
            raise Disconnected("The connection is closed.")
        packed = b"".join(_packed(command) for command in commands)  # first, since it may fail
        over: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._calls.append(Call(len(commands), over))
        self._writer.transport.write(packed)
        return over

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        while self._calls and (answer := self._reader.gets()) is not False:
            call = self._calls[0]
            call.came.append(answer)
            if len(call.came) == call.answers:
                self._calls.popleft()
                if not call.over.done():  # nobody waits for one that was cancelled
                    call.over.set_result(call.came)
        if not self._calls and self._reader.has_data():  # or it would be taken for the answer of the next call
            self.close(Disconnected("The engine has said something that nobody asked."))

    def connection_lost(self, exc: Exception | None) -> None:
        self.close(Disconnected("The engine has closed the connection."))

    def close(self, why: Exception) -> None:
        self.is_open = False
        self._writer.transport.abort()
        while self._calls:
            if not (call := self._calls.popleft()).over.done():
                call.over.set_exception(why)


class Pipe:
    """One connection to an engine, made when it is needed and again when it was lost."""

    def __init__(self, pool: ConnectionPool, answer_s: float) -> None:
        """`pool` knows how to connect, and in which time; `answer_s`: how long an answer may take."""
        self._pool: Any = pool
        self._answer_s = answer_s
        self._opening: asyncio.Task[Line] | None = None
        self._line: Line | None = None
        self._is_closed = False

    async def call(self, commands: Sequence[Command]) -> list[Any]:
        """Send commands at once, and return their answers. An answer may be an error.

        Raises:
            Disconnected, TooLate: nothing is known of what the engine did.
            UnicodeEncodeError, TypeError: a word of a command cannot be sent, and nothing was.
            RedisError: the engine does not let this server in.
        """
        if self._is_closed:
            raise Disconnected("This server ends.")
        if not commands:
            return []
        line = self._line if self._line is not None and self._line.is_open else await self._opened()
        over = line.send(commands)

        def late() -> None:
            if not over.done():
                line.close(TooLate("The engine does not answer."))

        timer = asyncio.get_running_loop().call_later(self._answer_s, late)
        try:
            return await over
        finally:
            timer.cancel()

    async def _opened(self) -> Line:
        """All who wait for a connection wait for the same one, and fail with it."""
        if self._opening is None or self._opening.done():
            self._opening = asyncio.create_task(self._open())
            # Its error is known, also where nobody waits for it any more.
            self._opening.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(self._opening)

    async def _open(self) -> Line:
        # The client finds the host, encrypts, logs in and chooses the database. Then the connection is ours.
        connection = self._pool.make_connection()
        await connection.connect()
        writer, connection._writer, connection._reader = connection._writer, None, None
        self._line = Line(writer)
        if self._is_closed:
            self.close()
        return self._line

    def close(self) -> None:
        """Let go of the connection, and of one that is being made."""
        self._is_closed = True
        if self._line is not None:
            self._line.close(Disconnected("This server ends."))


def _packed(command: Command) -> bytes:
    packed: bytes = hiredis.pack_command(command)  # type: ignore[arg-type]  # its types know commands of one word
    return packed


def _error(text: str) -> RedisError:
    return ERRORS.get(text.partition(" ")[0], ResponseError)(text)
