"""One POST, answered by the event stream: nothing is kept between two requests, so any instance can serve any of them.

Requires: fastapi==0.165.0, uvicorn==0.54.0, langgraph==1.2.22, and agent_run.py beside this file.
Start:    uvicorn server_post_fastapi:app --timeout-graceful-shutdown 5
Try:      curl -N -d '{"messages": [{"role": "user", "content": "Hello?"}]}' \
               -H 'Content-Type: application/json' http://127.0.0.1:8000/answers

The client sends what was said before with each prompt. To stop, it closes the response: the run ends with it.
Pages of another origin are blocked by their browser until you add CORSMiddleware with the exact origins.
Callers are not checked here: add a dependency that refuses those who may not ask.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import Depends, FastAPI, HTTPException
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, Field

from agent_run import Run

HEARTBEAT_S = float(os.environ.get("HEARTBEAT_SECONDS", "15"))
MOST_OPEN = 1000
app = FastAPI()


class Said(BaseModel):
    role: Literal["user", "assistant"]
    content: str = Field(min_length=1, max_length=20_000)


class Asked(BaseModel):
    messages: list[Said] = Field(min_length=1, max_length=100)


class Open:
    """Counts the answers that are being given."""

    now = 0


async def place() -> AsyncIterator[None]:
    """Room for one more answer, until its response is over."""
    if Open.now >= MOST_OPEN:
        raise HTTPException(503, "Too many answers at once. Try again later.", {"Retry-After": "10"})
    Open.now += 1
    try:
        yield
    finally:
        Open.now -= 1


# FastAPI sends X-Accel-Buffering: no, which keeps nginx from holding the events back, and Cache-Control: no-cache.
@app.post("/answers", response_class=EventSourceResponse)
async def answer(asked: Asked, room: Annotated[None, Depends(place)]) -> AsyncIterator[ServerSentEvent]:
    run = Run(str(uuid.uuid4()), [said.model_dump() for said in asked.messages])
    try:
        async for event in run.read(0, HEARTBEAT_S):
            # Without ids: there is no log to come back to, and a client must not believe that there is.
            yield ServerSentEvent(data=event, event=event["type"])
    finally:
        run.stop()  # the client has it all, or is gone: then nobody reads what the model would say
