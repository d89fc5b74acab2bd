"""A target for `python -m demos probe`, with Starlette alone: says over both transports when it sent what.

Requires: starlette==1.10.0, uvicorn==0.54.0, websockets==17.4
Start:    uvicorn target_starlette:app --port 8000
Then:     python -m demos probe https://the-address-in-front
Inside:   your_app.mount("/streamwise", target_starlette.app), so that your own middleware is tried too;
          then probe https://the-address-in-front/streamwise

Whoever reaches it can hold 32 streams of ten minutes, and read names of headers. Take it away when you are done.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import time
from collections.abc import AsyncIterator
from importlib.metadata import version

from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

LONGEST_S, OPEN = 600, asyncio.Semaphore(32)
BARE = {"Cache-Control": "no-cache"}
HEADERS = {**BARE, "X-Accel-Buffering": "no"}
FRESH = {"Cache-Control": "no-store"}
MOST = {"n": 2000, "gap_ms": 10_000, "silence_ms": 300_000, "heartbeat_ms": 300_000, "since": 2000, "bare": 1,
        "first_ms": 300_000, "size": 2_000_000, "run": 2**53}  # fmt: skip
USUAL = {"n": 40, "gap_ms": 50} | dict.fromkeys(("silence_ms", "heartbeat_ms", "since", "bare"), 0)
USUAL |= dict.fromkeys(("first_ms", "size", "run"), 0)
INSTANCE, RUNS = secrets.token_hex(4), dict[int, None]()


def asked(caller: HTTPConnection) -> dict[str, int]:
    """The numbers of the query. Raises ValueError for one that is not allowed."""
    found = {name: int(caller.query_params.get(name, usual)) for name, usual in USUAL.items()}
    found["since"] = int(caller.headers.get("last-event-id", found["since"]))
    if found["run"] and not known(found["run"], found["since"]):
        raise LookupError(f"Instance {INSTANCE} did not begin run {found['run']}.")
    if wrong := [name for name, number in found.items() if not 0 <= number <= MOST[name]]:
        raise ValueError(f"Allowed: {', '.join(f'{name} from 0 to {MOST[name]}' for name in wrong)}")
    return found


def known(run: int, since: int) -> bool:
    """Whether this process began the run, or begins it now. As a server without a log that all instances share."""
    if not since:
        RUNS[run] = None
        while len(RUNS) > 1000:
            del RUNS[next(iter(RUNS))]
    return run in RUNS


async def events(
    n: int, gap_ms: int, silence_ms: int, heartbeat_ms: int, since: int, first_ms: int, size: int, **_: int
) -> AsyncIterator[tuple[int, str]]:
    """Number and text of each event; number 0 is a heartbeat. The silence follows the first one, which has the size."""
    async with OPEN:
        began, beat_s = time.monotonic(), max(heartbeat_ms, 100) / 1000
        for seq in range(since + 1, n + 1):
            wait_ms = silence_ms if seq == 2 else max(gap_ms, first_ms) if seq == 1 else gap_ms
            due = time.monotonic() + wait_ms / 1000
            while heartbeat_ms and due - time.monotonic() > beat_s:
                await asyncio.sleep(beat_s)
                yield 0, "{}"
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if time.monotonic() - began > LONGEST_S:
                return
            pad = {"pad": "x" * size} if size and seq == 1 else {}
            yield seq, json.dumps({"seq": seq, "sent_ms": time.monotonic() * 1000, **pad})


async def about(caller: Request, status: int = 200) -> Response:
    """What answers here, and what of the request arrived."""
    running = [f"{name} {version(name)}" for name in ("uvicorn", "hypercorn", "granian") if name in sys.modules]
    seen, http = caller.headers, caller.scope["http_version"]
    told = {
        "upgrade": seen.get("upgrade"),
        "connection": seen.get("connection"),
        "via": seen.get("via"),
        "host": seen.get("host"),
        "headers": sorted(set(seen)),
        "instance": INSTANCE,
        "now_ms": time.monotonic() * 1000,
    }
    said = {"target": "streamwise-probe/1", "server": " ".join(running), "app": f"starlette {version('starlette')}"}
    return JSONResponse(
        {**said, "http": http, **told}, status, {"Upgrade": "websocket", **FRESH} if status == 426 else FRESH
    )


async def sse(request: Request) -> Response:
    try:
        given = asked(request)
    except ValueError as error:
        return PlainTextResponse(str(error), 422)
    except LookupError as error:
        return PlainTextResponse(str(error), 410)
    if OPEN.locked():
        return PlainTextResponse("Too many streams.", 503)
    found = events(**given)
    lines = (f"id: {seq}\ndata: {text}\n\n" if seq else ": heartbeat\n\n" async for seq, text in found)
    return StreamingResponse(lines, media_type="text/event-stream", headers=BARE if given["bare"] else HEADERS)


async def ws(socket: WebSocket) -> None:
    try:
        given = asked(socket)
    except (ValueError, LookupError):
        return await socket.close(1008)
    if OPEN.locked():
        return await socket.close(1013)
    await socket.accept()
    try:
        async for _, text in events(**given):
            await socket.send_text(text)
        await socket.close()
    except WebSocketDisconnect:
        pass  # whoever asked has left


async def no_upgrade(request: Request) -> Response:
    """A handshake of which only the plain request arrived."""
    return await about(request, 426)


app = Starlette(
    routes=[
        Route("/probe/about", about),
        Route("/probe/sse", sse, methods=["GET", "POST"]),
        WebSocketRoute("/probe/ws", ws),
        Route("/probe/ws", no_upgrade),
    ]
)
