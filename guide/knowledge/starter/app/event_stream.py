"""Server-sent events: POST starts, answers and stops a run; GET reads its events, and resumes after a position."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, Field

from app import settings
from app.access import Refused, User, Value
from app.log import Run
from app.runs import runs

HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
"""Two words to proxies: do not compress, and do not hold back (nginx)."""
router = APIRouter()
streams = Counter[str]()


class Asked(BaseModel):
    prompt: str = Field(min_length=1, pattern=r"\S", max_length=settings.MOST_PROMPT)
    thread: str | None = Field(None, max_length=100)
    run: str | None = Field(None, pattern=r"^[0-9a-f-]{36}$")


class Answered(BaseModel):
    question: str
    value: Value


async def found(run_id: str, user: User) -> Run:
    return await runs.log.find(run_id, user)


Found = Annotated[Run, Depends(found)]


@router.post("/runs", status_code=201)
async def start(asked: Asked, user: User) -> dict[str, Any]:
    run = await runs.start(user, asked.prompt, asked.thread, asked.run)
    return {"run": run.id, "thread": run.thread, "heartbeat": settings.HEARTBEAT_S}


@router.post("/runs/{run_id}/answer", status_code=202)
async def answer(run: Found, answered: Answered) -> None:
    await runs.answer(run, answered.question, answered.value)


@router.post("/runs/{run_id}/stop", status_code=202)
async def stop(run: Found) -> None:
    await runs.stop(run)


@router.get("/runs/{run_id}/events")
async def events(run: Found, since: str = "", last_event_id: Annotated[str, Header()] = "") -> Response:
    seen = max(run.number(since), run.number(last_event_id))
    if not run.active and seen == run.last:
        return Response(status_code=204)  # the one answer after which EventSource does not ask again
    if streams[run.user] >= settings.MOST_STREAMS_OF_ONE:
        raise Refused(429, "Too many open streams of yours.")
    return StreamingResponse(lines(run, seen), media_type="text/event-stream", headers=HEADERS)


async def lines(run: Run, seen: int) -> AsyncIterator[str]:
    streams[run.user] += 1
    try:
        yield f"retry: {random.randint(500, 1500)}\n"  # not all clients at once after a restart
        async for some in runs.log.read(run, seen):
            # A ping has no id: it moves no position. It is an event and no comment, so that pages see it.
            yield "".join((f"id: {id}\n" if id else "") + f"event: {kind}\ndata: {text}\n\n" for id, kind, text in some)
    finally:
        streams[run.user] -= 1
        if not streams[run.user]:
            del streams[run.user]
