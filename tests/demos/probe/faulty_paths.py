"""Paths with one fault each, in front of a target. Each runs in a process: `python faulty_paths.py NAME PORT UPSTREAM`.

They stand for a kind: a hop that holds by one, gives up early, compresses for browsers, deals requests out, and others.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import sys
import zlib
from collections.abc import Awaitable, Callable

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter
Serve = Callable[[Reader, Writer, list[int]], Awaitable[None]]
PIECE = 65_536
HEAD_END = b"\r\n\r\n"


async def copied(near: Reader, far: Writer, change: Callable[[bytes], bytes] = bytes) -> None:
    """Pass on what comes, piece by piece."""
    try:
        while data := await near.read(PIECE):
            far.write(change(data))
            await far.drain()
    except OSError:
        pass
    finally:
        far.close()


async def opened(ports: list[int]) -> tuple[Reader, Writer]:
    return await asyncio.open_connection("127.0.0.1", ports[0])


async def held_by_one(near: Reader, back: Writer, ports: list[int]) -> None:
    """Passes a piece of an event stream on when the next one comes, or the stream ends."""
    await holding(near, back, ports, lambda kept: kept[:-1])


async def held_by_two(near: Reader, back: Writer, ports: list[int]) -> None:
    """Keeps the last two pieces of an event stream until the stream ends."""
    await holding(near, back, ports, lambda kept: kept[:-2])


async def small_buffer(near: Reader, back: Writer, ports: list[int]) -> None:
    """Passes an event stream on when 200 bytes are together."""
    await holding(near, back, ports, lambda kept: kept if sum(map(len, kept)) > 200 else [])


async def holding(near: Reader, back: Writer, ports: list[int], ready: Callable[[list[bytes]], list[bytes]]) -> None:
    """Passes on what `ready` takes of the pieces that are kept, in their order, and the rest when the response ends."""
    far, to = await opened(ports)
    asking = asyncio.create_task(copied(near, to))
    kept: list[bytes] = []
    is_stream = False
    while data := await far.read(PIECE):
        if not is_stream and HEAD_END in data:
            head, _, data = data.partition(HEAD_END)
            is_stream = b"event-stream" in head.lower()
            back.write(head + HEAD_END)
        kept += [data] if data else []
        going = kept if not is_stream or data.endswith(b"0\r\n\r\n") else ready(kept)
        kept = kept[len(going) :]
        back.write(b"".join(going))
        await back.drain()
    back.write(b"".join(kept))
    back.close()
    asking.cancel()


async def late_head(near: Reader, back: Writer, ports: list[int]) -> None:
    """Keeps the head of an event stream until the first piece of its body is there."""
    far, to = await opened(ports)
    asking = asyncio.create_task(copied(near, to))
    head = b""
    while not head.partition(HEAD_END)[2] and (data := await far.read(PIECE)):
        head += data
        if b"event-stream" not in head.lower():
            break
    back.write(head)
    await copied(far, back)
    asking.cancel()


async def impatient(near: Reader, back: Writer, ports: list[int]) -> None:
    """Answers 504 where the server has sent nothing for a second and a half."""
    far, to = await opened(ports)
    asking = asyncio.create_task(copied(near, to))
    try:
        data = await asyncio.wait_for(far.read(PIECE), 1.5)
    except TimeoutError:
        back.write(b"HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        back.close()
    else:
        back.write(data)
        await copied(far, back)
    asking.cancel()
    to.close()


async def dealt(near: Reader, back: Writer, ports: list[int]) -> None:
    """Gives each connection to the next of several instances."""
    far, to = await opened([next(TURNS)])
    await asyncio.gather(copied(near, to), copied(far, back))


async def deflating(near: Reader, back: Writer, ports: list[int]) -> None:
    """Compresses event streams for those who ask for deflate, as browsers do, and flushes at the end only."""
    await compressing(near, back, ports, b"deflate")


async def brotli(near: Reader, back: Writer, ports: list[int]) -> None:
    """As `deflating`, for those who ask for br."""
    await compressing(near, back, ports, b"br")


async def zstandard(near: Reader, back: Writer, ports: list[int]) -> None:
    """As `deflating`, for those who ask for zstd."""
    await compressing(near, back, ports, b"zstd")


async def compressing(near: Reader, back: Writer, ports: list[int], coding: bytes) -> None:
    """Labels a stream with a coding and sends it at its end. The bytes are deflate's: the probe counts their pieces."""
    request = await near.readuntil(HEAD_END)
    far, to = await opened(ports)
    if b"upgrade: websocket" in request.lower():
        to.write(request)
        await asyncio.gather(copied(near, to), copied(far, back))
        return
    to.write(re.sub(rb"(?im)^connection:.*\r\n", b"", request).replace(HEAD_END, b"\r\nConnection: close\r\n\r\n"))
    head = await far.readuntil(HEAD_END)
    asked = re.search(rb"(?im)^accept-encoding:.*\b" + coding + rb"\b", request)
    if not asked or b"event-stream" not in head.lower():
        back.write(head)
        await asyncio.gather(copied(near, to), copied(far, back))
        return
    head = re.sub(rb"(?im)^transfer-encoding:.*\r\n", b"", head)
    back.write(head.replace(HEAD_END, b"\r\nContent-Encoding: " + coding + HEAD_END))
    packed = zlib.compressobj()
    await copied(far, back, packed.compress)


async def one_at_a_time(near: Reader, back: Writer, ports: list[int]) -> None:
    """Serves one connection at a time, as a server with one worker does, and from afar."""
    await in_turn(near, back, ports, ONE, AFAR_S)


async def two_at_a_time(near: Reader, back: Writer, ports: list[int]) -> None:
    """Serves two connections at a time, as a server with two workers does."""
    await in_turn(near, back, ports, TWO)


async def in_turn(
    near: Reader, back: Writer, ports: list[int], turns: asyncio.Semaphore, latency_s: float = 0.0
) -> None:
    async with turns:
        await asyncio.sleep(latency_s)
        far, to = await opened(ports)
        await asyncio.gather(copied(near, to), copied(far, back))


async def without_post(near: Reader, back: Writer, ports: list[int]) -> None:
    """Refuses what is no GET."""
    request = await near.readuntil(HEAD_END)
    if not request.startswith(b"GET "):
        back.write(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        back.close()
        return
    far, to = await opened(ports)
    to.write(request)
    await asyncio.gather(copied(near, to), copied(far, back))


async def small_frames(near: Reader, back: Writer, ports: list[int]) -> None:
    """Ends a connection that has carried more than a megabyte."""
    far, to = await opened(ports)
    asking, size = asyncio.create_task(copied(near, to)), 0
    while (data := await far.read(PIECE)) and size + len(data) < 1_000_000:
        size += len(data)
        back.write(data)
        await back.drain()
    back.close()
    asking.cancel()


async def gathered(near: Reader, back: Writer, ports: list[int]) -> None:
    """Holds the beginning of an event stream for half a second, and then passes it on piece by piece, but faster."""
    far, to = await opened(ports)
    asking, queue = asyncio.create_task(copied(near, to)), asyncio.Queue[bytes]()

    async def fill() -> None:
        while data := await far.read(PIECE):
            queue.put_nowait(data)
        queue.put_nowait(b"")

    filling = asyncio.create_task(fill())
    head = await queue.get()
    back.write(head)
    if b"event-stream" in head.lower():
        await asyncio.sleep(0.6)
    now = asyncio.get_running_loop().time
    turn = now()
    while data := await queue.get():
        back.write(data)
        await back.drain()
        turn = max(turn + 0.032, now() - 0.1)  # by the clock: a busy machine is late each time, and would add it up
        await asyncio.sleep(max(0.0, turn - now()))
    back.close()
    asking.cancel()
    filling.cancel()


PATHS: dict[str, Serve] = {
    "held-by-one": held_by_one,
    "held-by-two": held_by_two,
    "small-buffer": small_buffer,
    "late-head": late_head,
    "impatient": impatient,
    "dealt": dealt,
    "deflating": deflating,
    "brotli": brotli,
    "zstandard": zstandard,
    "one-at-a-time": one_at_a_time,
    "two-at-a-time": two_at_a_time,
    "without-post": without_post,
    "small-frames": small_frames,
    "gathered": gathered,
}
AFAR_S = 0.3
ONE, TWO = asyncio.Semaphore(1), asyncio.Semaphore(2)
TURNS: itertools.cycle[int] = itertools.cycle([0])


async def main(name: str, port: int, ports: list[int]) -> None:
    global TURNS
    TURNS = itertools.cycle(ports)

    async def serve(near: Reader, back: Writer) -> None:
        try:
            await PATHS[name](near, back, ports)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            back.close()

    async with await asyncio.start_server(serve, "127.0.0.1", port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), [*map(int, sys.argv[3:])]))
