"""One WebSocket with FastAPI: start, resume, stop, heartbeat.

Requires: fastapi==0.165.0, uvicorn==0.54.0, websockets==17.4, langgraph==1.2.22, and agent_run.py beside this file.
Start:    ALLOWED_ORIGINS=http://127.0.0.1:8000 uvicorn server_ws_fastapi:app

First message, either  {"type": "start", "run": UUID, "prompt": "…"}   or  {"type": "resume", "run": UUID, "since": 12}
Later, at any time     {"type": "stop"}
Close codes            1000 the run is over   1008 refused   1013 try again later   4404 no such run

The client makes up the id of the run, so that a start which is sent again after a cut runs once. Only the origin is
checked here: look at a cookie, or at a ticket in the first message, before you start or show a run.
"""

from __future__ import annotations

import asyncio
import os
from typing import Annotated, Literal

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from agent_run import Run, Runs

HEARTBEAT_S = float(os.environ.get("HEARTBEAT_SECONDS", "15"))
SEND_S = float(os.environ.get("SEND_SECONDS", "30"))  # a reader that takes nothing for so long is cut off
ORIGINS = os.environ.get("ALLOWED_ORIGINS", "http://127.0.0.1:8000,http://localhost:8000").split(",")
app = FastAPI()
runs = Runs()


class Start(BaseModel):
    type: Literal["start"]
    run: str = Field(pattern=r"^[0-9a-f-]{36}$")
    prompt: str = Field(min_length=1, max_length=4000)


class Resume(BaseModel):
    type: Literal["resume"]
    run: str
    since: int = Field(ge=0)


class Stop(BaseModel):
    type: Literal["stop"]


First: TypeAdapter[Start | Resume] = TypeAdapter(Annotated[Start | Resume, Field(discriminator="type")])


@app.websocket("/ws")
async def socket(websocket: WebSocket) -> None:
    # Browsers let any page open a socket to you, with your cookies. Other programs send no Origin.
    if websocket.headers.get("origin", ORIGINS[0]) not in ORIGINS:
        await websocket.close(1008)  # before it is accepted: the client gets HTTP 403
        return
    await websocket.accept()
    try:
        code = await converse(websocket)
        async with asyncio.timeout(SEND_S):
            await websocket.close(code)
    except (WebSocketDisconnect, TimeoutError):
        pass  # the client is gone; its run goes on


async def converse(websocket: WebSocket) -> int:
    """Reads while it writes. Returns the close code."""
    try:
        async with asyncio.timeout(SEND_S):
            first = First.validate_json(await websocket.receive_text())
    except (ValidationError, KeyError, TimeoutError):  # KeyError: a binary message
        return 1008
    if isinstance(first, Start):
        run, since = runs.start(first.prompt, first.run), 0
    else:
        run, since = runs.get(first.run), first.since
    if run is None:
        return 1013 if isinstance(first, Start) else 4404
    if since > len(run.events):
        return 1008
    tasks = {asyncio.create_task(write(websocket, run, since)), asyncio.create_task(listen(websocket, run))}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def write(websocket: WebSocket, run: Run, since: int) -> int:
    """No queue: a slow reader is a position in the log, and one that has stopped reading is cut off."""
    try:
        async for event in run.read(since, HEARTBEAT_S):
            async with asyncio.timeout(SEND_S):
                await websocket.send_json(event)
    except TimeoutError:
        return 1013
    return 1000


async def listen(websocket: WebSocket, run: Run) -> int:
    while True:
        try:
            Stop.model_validate_json(await websocket.receive_text())
        except (ValidationError, KeyError):
            return 1008
        run.stop()
