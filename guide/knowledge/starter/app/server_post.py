"""One POST, answered by the event stream. Nothing is kept between two requests: any instance can serve any of them."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command
from pydantic import BaseModel, Field

from app import agent, settings, who
from app.access import Door, User, Value, not_understood
from app.graph_events import GraphEvents, as_json, with_memory

WEB = Path(__file__).parent.parent / "web"
HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
"""Two words to proxies: do not compress, and do not hold back (nginx)."""
app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
app.add_middleware(Door)
app.add_exception_handler(RequestValidationError, not_understood)  # type: ignore[arg-type]
log = logging.getLogger(__name__)
working: set[asyncio.Queue[str]] = set()
streams = Counter[str]()


class Said(BaseModel):
    role: Literal["user", "assistant"]
    content: str = Field(min_length=1, max_length=settings.MOST_RUN_BYTES)


class Answered(BaseModel):
    question: Any
    value: Value


class Asked(BaseModel):
    messages: list[Said] = Field(min_length=1, max_length=200)
    answers: list[Answered] = Field([], max_length=50)
    """Given to the questions of this turn: the graph begins anew, and is not asked them again."""


@app.get("/")
async def page(request: Request) -> FileResponse:
    response = FileResponse(WEB / "index.html")
    who.welcome(request, response)
    return response


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/answers")
async def answer(asked: Asked, user: User) -> StreamingResponse:
    if streams[user] >= settings.MOST_RUNS_OF_ONE or len(working) >= settings.MOST_RUNS:
        raise HTTPException(429, "Too many answers at once. Try again later.", {"Retry-After": "10"})
    return StreamingResponse(lines(asked, user), media_type="text/event-stream", headers=HEADERS)


async def lines(asked: Asked, user: str) -> AsyncIterator[str]:
    """Events without ids: there is no log to come back to. If the client goes, the graph is cancelled."""
    queue = asyncio.Queue[str](100)  # a reader that stops reading stops the graph
    streams[user] += 1
    working.add(queue)
    work = asyncio.create_task(say(asked, queue))
    try:
        async with asyncio.timeout(settings.RUN_S):
            yield line("ping", heartbeat=settings.HEARTBEAT_S)
            while True:
                try:
                    async with asyncio.timeout(settings.HEARTBEAT_S):
                        text = await queue.get()
                except TimeoutError:
                    text = line("ping", heartbeat=settings.HEARTBEAT_S)
                yield text
                if text.startswith("event: end"):
                    return
    finally:
        work.cancel()
        working.discard(queue)
        streams[user] -= 1


async def say(asked: Asked, queue: asyncio.Queue[str]) -> None:
    """Run the graph from its beginning, and answer what was answered before. It goes with the request."""
    says = GraphEvents(with_memory(agent.graph, InMemorySaver()), str(uuid.uuid4()))
    given: Any = {"messages": [said.model_dump() for said in asked.messages]}
    answers = list(asked.answers)
    try:
        while given:
            questions = []
            async for kind, data in says.of(given):
                if kind == "question":
                    questions.append(data)
                else:
                    await queue.put(line(kind, **data))
            resume = {
                one["question"]: found for one in questions if (found := taken(answers, one["value"])) is not None
            }
            for one in questions:
                if one["question"] not in resume:
                    await queue.put(line("question", question=one["value"], value=one["value"]))
            if len(resume) < len(questions):
                await queue.put(line("end", status="waiting"))
            given = Command(resume=resume) if questions and len(resume) == len(questions) else None
    except Exception:  # of the graph, whatever it is
        log.exception("An answer failed")
        await queue.put(line("end", status="failed", reason="The agent failed. The server's log says why."))


def taken(answers: list[Answered], question: Any) -> Any:
    """The answer to this very question, once. A graph that runs again may ask something else, and that is asked."""
    text = as_json({"question": question})
    found = next((one for one in answers if as_json({"question": one.question}) == text), None)
    if found:
        answers.remove(found)
    return found and found.value


def line(kind: str, **data: Any) -> str:
    return f"event: {kind}\ndata: {as_json({'type': kind, **data})}\n\n"


async def close() -> None:
    """The process goes, and its answers with it: their readers are told."""
    for queue in list(working):
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(line("end", status="failed", reason="The server was shut down."))


app.mount("/", StaticFiles(directory=WEB))
