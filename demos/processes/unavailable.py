"""Answers 503 on the port of a stopped server, as a load balancer does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

ANSWER = (
    b"HTTP/1.1 503 Service Unavailable\r\n"
    b"Access-Control-Allow-Origin: *\r\n"  # so that a page sees the status, not a CORS error
    b"Content-Length: 0\r\n"
    b"Connection: close\r\n\r\n"
)
HEAD_S = 5.0
"""Seconds for a request's headers; after that, the connection closes without a response."""


@asynccontextmanager
async def answer_503(port: int) -> AsyncIterator[None]:
    """Answer every request to this loopback port with 503, while the block lasts.

    Raises:
        OSError: the port is in use.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(HEAD_S):
                await reader.readuntil(b"\r\n\r\n")
                writer.write(ANSWER)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
        await server.wait_closed()
