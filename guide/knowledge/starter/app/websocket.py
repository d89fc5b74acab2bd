"""One WebSocket for a run: the first message starts or resumes it, events come down, stop and answers go up.

Close codes: 1000 the run is over, 1008 refused, 1012 the server goes, 1013 try again later, 4401 who asks?,
4404 no such run or thread, 4409 a position of another log, or a thread that is busy.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Annotated, Literal

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from app import settings, who
from app.access import Refused, Value
from app.log import Run
from app.runs import runs

CODES = {400: 1008, 404: 4404, 409: 4409, 429: 1013, 503: 1013}
FIRST_S = 10
router = APIRouter()
sockets = Counter[str]()


class Start(BaseModel):
    type: Literal["start"]
    run: str = Field(pattern=r"^[0-9a-f-]{36}$")
    prompt: str = Field(min_length=1, pattern=r"\S", max_length=settings.MOST_PROMPT)
    thread: str | None = Field(None, max_length=100)
    token: str = ""


class Resume(BaseModel):
    type: Literal["resume"]
    run: str
    since: str = ""
    token: str = ""


class Stop(BaseModel):
    type: Literal["stop"]


class Answer(BaseModel):
    type: Literal["answer"]
    question: str
    value: Value


First: TypeAdapter[Start | Resume] = TypeAdapter(Annotated[Start | Resume, Field(discriminator="type")])
Later: TypeAdapter[Stop | Answer] = TypeAdapter(Annotated[Stop | Answer, Field(discriminator="type")])


@router.websocket("/ws")
async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    try:
        code = await converse(websocket)
        async with asyncio.timeout(settings.SEND_S):
            await websocket.close(code)
    except (WebSocketDisconnect, TimeoutError, RuntimeError):
        pass  # the client is gone; its run goes on


async def converse(websocket: WebSocket) -> int:
    """Reads while it writes. Gives the close code."""
    try:
        async with asyncio.timeout(FIRST_S):
            first = First.validate_json(await text(websocket))
    except (ValidationError, TimeoutError):
        return 1008
    user = who.user(websocket, first.token)
    if not user:
        return 4401
    try:
        if isinstance(first, Start):
            run, seen = await runs.start(user, first.prompt, first.thread, first.run), 0
        else:
            run = await runs.log.find(first.run, user)
            seen = run.number(first.since)
    except Refused as refused:
        return CODES[refused.status]
    if sockets[user] >= settings.MOST_STREAMS_OF_ONE:
        return 1013
    sockets[user] += 1
    tasks = {asyncio.create_task(write(websocket, run, seen)), asyncio.create_task(listen(websocket, run))}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    finally:
        sockets[user] -= 1
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def text(websocket: WebSocket) -> str:
    """The next text message; "" for a binary one, which says nothing here."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message["code"])
    return message.get("text") or ""


async def write(websocket: WebSocket, run: Run, seen: int) -> int:
    """No queue: a slow reader is a position in the log, and one that has stopped reading is cut off."""
    last = ""
    async for some in runs.log.read(run, seen):
        last = some[-1][1]
        for id, _, data in some:
            name = {"id": id} if id else {"thread": run.thread}
            async with asyncio.timeout(settings.SEND_S):
                await websocket.send_text(f"{json.dumps(name)[:-1]}, {data[1:]}")
    return 1000 if last == "end" or not run.active else 1012


async def listen(websocket: WebSocket, run: Run) -> int:
    while True:
        try:
            said = Later.validate_json(await text(websocket))
            if isinstance(said, Stop):
                await runs.stop(run)
            else:
                await runs.answer(run, said.question, said.value)
        except ValidationError:
            return 1008
        except Refused:
            pass  # answered by somebody else: the log says so to everybody
