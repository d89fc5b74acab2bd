"""Server-sent events with FastAPI: start, resume, stop, heartbeat.

Requires: fastapi==0.165.0, uvicorn==0.54.0, langgraph==1.2.22, and agent_run.py beside this file.
Start:    uvicorn server_sse_fastapi:app --timeout-graceful-shutdown 5
Try:      curl -N -d '{"prompt": "Hello?"}' -H 'Content-Type: application/json' http://127.0.0.1:8000/runs
          curl -N http://127.0.0.1:8000/runs/ID/events

Pages of another origin are blocked by their browser until you add CORSMiddleware with the exact origins.
Callers are not checked here: add a dependency that refuses those who may not see the run.
"""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, Field

from agent_run import Run, Runs

HEARTBEAT_S = float(os.environ.get("HEARTBEAT_SECONDS", "15"))
app = FastAPI()
runs = Runs()


class Asked(BaseModel):
    prompt: str = Field(min_length=1, max_length=4000)


def known(run_id: str) -> Run:
    if run_id not in runs:
        raise HTTPException(404, "There is no such run, or it was forgotten.")
    return runs[run_id]


Known = Annotated[Run, Depends(known)]


def position(
    run: Known, since: Annotated[int, Query(ge=0)] = 0, last_event_id: Annotated[int | None, Header(ge=0)] = None
) -> int:
    """How far the reader got. A reconnecting EventSource sends Last-Event-ID, which is newer than its address."""
    seen = since if last_event_id is None else last_event_id
    if seen > len(run.events):
        raise HTTPException(400, f"Event {seen} is ahead of this run, which has {len(run.events)}.")
    if run.ended and seen == len(run.events):
        raise HTTPException(204)  # the one answer after which EventSource does not ask again
    return seen


@app.post("/runs", status_code=201)
async def start(asked: Asked) -> dict[str, str]:
    run = runs.start(asked.prompt)
    if run is None:
        raise HTTPException(503, "Too many runs. Try again later.", {"Retry-After": "30"})
    return {"run": run.id}


@app.post("/runs/{run_id}/stop", status_code=202)
async def stop(run: Known) -> None:
    run.stop()


# FastAPI sends X-Accel-Buffering: no, which keeps nginx from holding the events back, and Cache-Control: no-cache.
@app.get("/runs/{run_id}/events", response_class=EventSourceResponse)
async def events(run: Known, seen: Annotated[int, Depends(position)]) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(retry=random.randint(500, 1500))  # not all clients at once after a restart
    async for event in run.read(seen, HEARTBEAT_S):
        # A ping is an event and no comment, so that pages can see it; without an id, so that it moves no position.
        number = str(event["seq"]) if "seq" in event else None
        yield ServerSentEvent(data=event, event=event["type"], id=number)
