"""Server-sent events with Starlette alone: start, resume, stop, heartbeat.

Requires: starlette==1.10.0, uvicorn==0.54.0, langgraph==1.2.22, and agent_run.py beside this file.
Start:    uvicorn server_sse_starlette:app --timeout-graceful-shutdown 5
Try:      curl -N -d '{"prompt": "Hello?"}' -H 'Content-Type: application/json' http://127.0.0.1:8000/runs
          curl -N http://127.0.0.1:8000/runs/ID/events

Pages of another origin are blocked by their browser until you add CORSMiddleware with the exact origins.
Callers are not checked here: refuse in `known` those who may not see the run.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from agent_run import Run, Runs

HEARTBEAT_S = float(os.environ.get("HEARTBEAT_SECONDS", "15"))
runs = Runs()


def known(request: Request) -> Run:
    run = runs.get(request.path_params["run_id"])
    if run is None:
        raise HTTPException(404, "There is no such run, or it was forgotten.")
    return run


async def start(request: Request) -> Response:
    # Any page may post a form or plain text to you; JSON from another origin is asked about first (CORS preflight).
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "Send application/json.")
    try:
        prompt = (await request.json())["prompt"]
    except (ValueError, KeyError, TypeError):
        raise HTTPException(422, 'Send {"prompt": "…"}.') from None
    if not isinstance(prompt, str) or not 0 < len(prompt) <= 4000:
        raise HTTPException(422, "A prompt has 1 to 4000 characters.")
    run = runs.start(prompt)
    if run is None:
        raise HTTPException(503, "Too many runs. Try again later.", {"Retry-After": "30"})
    return JSONResponse({"run": run.id}, 201)


async def stop(request: Request) -> Response:
    known(request).stop()
    return Response(status_code=202)


async def events(request: Request) -> Response:
    run = known(request)
    # How far the reader got. A reconnecting EventSource sends Last-Event-ID, which is newer than its address.
    given = request.headers.get("last-event-id") or request.query_params.get("since", "0")
    seen = int(given) if given.isascii() and given.isdigit() and len(given) < 16 else -1
    if not 0 <= seen <= len(run.events):
        raise HTTPException(400, f"There is no event {given[:20]!r} in this run, which has {len(run.events)}.")
    if run.ended and seen == len(run.events):
        return Response(status_code=204)  # the one answer after which EventSource does not ask again
    # The second header keeps nginx from holding the events back.
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(frames(run, seen), headers=headers, media_type="text/event-stream")


async def frames(run: Run, seen: int) -> AsyncIterator[str]:
    yield f"retry: {random.randint(500, 1500)}\n\n"  # not all clients at once after a restart
    async for event in run.read(seen, HEARTBEAT_S):
        # A ping is an event and no comment, so that pages can see it; without an id, so that it moves no position.
        number = f"id: {event['seq']}\n" if "seq" in event else ""
        yield f"{number}event: {event['type']}\ndata: {json.dumps(event)}\n\n"


app = Starlette(
    routes=[
        Route("/runs", start, methods=["POST"]),
        Route("/runs/{run_id}/stop", stop, methods=["POST"]),
        Route("/runs/{run_id}/events", events),
    ]
)
