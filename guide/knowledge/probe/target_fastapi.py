"""A target for `python -m demos probe`, with FastAPI: says over both transports when it sent what.

Requires: fastapi==0.165.0, uvicorn==0.54.0, websockets==17.4
Start:    uvicorn target_fastapi:app --port 8000
Then:     python -m demos probe https://the-address-in-front
Inside:   your_app.mount("/streamwise", target_fastapi.app), so that your own middleware is tried too;
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
from typing import Annotated

from fastapi import FastAPI, Header, HTTPException, Query, WebSocket, WebSocketDisconnect
from fastapi.requests import HTTPConnection
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, Field

LONGEST_S, OPEN = 600, asyncio.Semaphore(32)
BARE = {"Cache-Control": "no-cache"}
HEADERS = {**BARE, "X-Accel-Buffering": "no"}
FRESH = {"Cache-Control": "no-store"}
INSTANCE, RUNS = secrets.token_hex(4), dict[int, None]()
app = FastAPI(openapi_url=None)


class Asked(BaseModel):
    n: int = Field(40, ge=1, le=2000)
    gap_ms: int = Field(50, ge=0, le=10_000)
    silence_ms: int = Field(0, ge=0, le=300_000)
    heartbeat_ms: int = Field(0, ge=0, le=300_000)
    since: int = Field(0, ge=0, le=2000)
    bare: int = Field(0, ge=0, le=1)
    first_ms: int = Field(0, ge=0, le=300_000)
    size: int = Field(0, ge=0, le=2_000_000)
    run: int = Field(0, ge=0, le=2**53)


def known(run: int, since: int) -> bool:
    """Whether this process began the run, or begins it now. As a server without a log that all instances share."""
    if not since:
        RUNS[run] = None
        while len(RUNS) > 1000:
            del RUNS[next(iter(RUNS))]
    return run in RUNS


async def events(asked: Asked, since: int) -> AsyncIterator[tuple[int, str]]:
    """Number and text of each event; number 0 is a heartbeat. The silence follows the first event."""
    async with OPEN:
        began, beat_s = time.monotonic(), max(asked.heartbeat_ms, 100) / 1000
        for seq in range(since + 1, asked.n + 1):
            first_ms = max(asked.gap_ms, asked.first_ms)
            wait_ms = asked.silence_ms if seq == 2 else first_ms if seq == 1 else asked.gap_ms
            due = time.monotonic() + wait_ms / 1000
            while asked.heartbeat_ms and due - time.monotonic() > beat_s:
                await asyncio.sleep(beat_s)
                yield 0, "{}"
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if time.monotonic() - began > LONGEST_S:
                return
            pad = {"pad": "x" * asked.size} if asked.size and seq == 1 else {}
            yield seq, json.dumps({"seq": seq, "sent_ms": time.monotonic() * 1000, **pad})


@app.get("/probe/about")
def about(caller: HTTPConnection) -> JSONResponse:
    return JSONResponse(told(caller), headers=FRESH)


def told(caller: HTTPConnection) -> dict[str, object]:
    """What answers here, and what of the request arrived."""
    running = [f"{name} {version(name)}" for name in ("uvicorn", "hypercorn", "granian") if name in sys.modules]
    seen, http = caller.headers, caller.scope["http_version"]
    arrived = {
        "upgrade": seen.get("upgrade"),
        "connection": seen.get("connection"),
        "via": seen.get("via"),
        "host": seen.get("host"),
        "headers": sorted(set(seen)),
        "instance": INSTANCE,
        "now_ms": time.monotonic() * 1000,
    }
    return {"target": "streamwise-probe/1", "server": " ".join(running), "app": f"fastapi {version('fastapi')}",
            "http": http, **arrived}  # fmt: skip


@app.get("/probe/sse")
@app.post("/probe/sse")
async def sse(
    asked: Annotated[Asked, Query()], last_event_id: Annotated[int | None, Header(ge=0)] = None
) -> StreamingResponse:
    if OPEN.locked():
        raise HTTPException(503, "Too many streams.")
    since = asked.since if last_event_id is None else last_event_id
    if asked.run and not known(asked.run, since):
        raise HTTPException(410, f"Instance {INSTANCE} did not begin run {asked.run}.")
    found = events(asked, since)
    lines = (f"id: {seq}\ndata: {text}\n\n" if seq else ": heartbeat\n\n" async for seq, text in found)
    return StreamingResponse(lines, media_type="text/event-stream", headers=BARE if asked.bare else HEADERS)


@app.websocket("/probe/ws")
async def ws(socket: WebSocket, asked: Annotated[Asked, Query()]) -> None:
    if OPEN.locked():
        return await socket.close(1013)
    if asked.run and not known(asked.run, asked.since):
        return await socket.close(1008)
    await socket.accept()
    try:
        async for _, text in events(asked, asked.since):
            await socket.send_text(text)
        await socket.close()
    except WebSocketDisconnect:
        pass  # whoever asked has left


@app.get("/probe/ws")
def no_upgrade(caller: HTTPConnection) -> JSONResponse:
    """A handshake of which only the plain request arrived."""
    return JSONResponse(told(caller), 426, {"Upgrade": "websocket", **FRESH})
