"""The agent's run and the log of its events: what an event stream and a WebSocket both read.

Requires: langgraph==1.2.22. Nothing to start here; save it beside a server, which imports it.

A run belongs to no connection: losing a reader stops nothing, only `stop` does. Events are numbered from 1, so a reader
that comes back says how far it got. All in the memory of one process: several instances need a log that they share.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator
from typing import Any

from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import AIMessageChunk
from langgraph.graph import END, START, MessagesState, StateGraph

MOST_EVENTS, MOST_SECONDS, MOST_RUNS = 20_000, 3600, 1000
Event = dict[str, Any]  # seq and type: token (text), end (status: completed, stopped, failed), or ping without seq


async def look_up(state: MessagesState) -> dict[str, Any]:
    await asyncio.sleep(0.8)  # stands for a slow tool: nothing is said meanwhile, so readers need a heartbeat
    return {}


async def answer(state: MessagesState) -> dict[str, Any]:
    text = f"You asked: {state['messages'][-1].text} Here would be an answer, one token after another."
    model = FakeListChatModel(responses=[text], sleep=0.01)  # stands for your model
    return {"messages": [await model.ainvoke(state["messages"])]}


builder = StateGraph(MessagesState)
builder.add_sequence([look_up, answer])
builder.add_edge(START, "look_up")
builder.add_edge("answer", END)
graph = builder.compile()  # put your own graph here


class Run:
    """One answer. Any number of readers, now or later."""

    def __init__(self, run_id: str, prompt: str | list[dict[str, str]]) -> None:
        self.id, self.ended = run_id, False
        self.events: list[Event] = []
        self._grew = asyncio.Event()
        self._task = asyncio.create_task(self._work(prompt))

    async def read(self, since: int, heartbeat_s: float) -> AsyncIterator[Event]:
        """Events after `since`, and a ping after each `heartbeat_s` of silence. Ends after the run's last event."""
        while True:
            if since < len(self.events):
                yield self.events[since]
                since += 1
            elif self.ended:
                return
            else:
                try:
                    async with asyncio.timeout(heartbeat_s):
                        await self._grew.wait()
                except TimeoutError:
                    yield {"type": "ping"}

    def stop(self, status: str = "stopped") -> None:
        """End the run; its last event says how. Later calls do nothing."""
        self._append("end", status=status)
        self.ended = True
        self._task.cancel()

    async def _work(self, prompt: str | list[dict[str, str]]) -> None:
        given: Any = {"messages": [("user", prompt)] if isinstance(prompt, str) else prompt}
        try:
            async with asyncio.timeout(MOST_SECONDS):
                async for chunk, _ in graph.astream(given, stream_mode="messages"):
                    if isinstance(chunk, AIMessageChunk) and chunk.text and len(self.events) < MOST_EVENTS:
                        self._append("token", text=str(chunk.text))
            self.stop("completed" if len(self.events) < MOST_EVENTS else "failed")
        except Exception:
            logging.exception("Run %s failed", self.id)
            self.stop("failed")

    def _append(self, kind: str, **data: str) -> None:
        if not self.ended:  # after the end comes nothing, however slowly the graph winds down
            self.events.append({"seq": len(self.events) + 1, "type": kind, **data})
            self._grew.set()
            self._grew = asyncio.Event()


class Runs(dict[str, Run]):
    """Runs by their ids. Ids cannot be guessed; check all the same that the caller may see the run."""

    def start(self, prompt: str, run_id: str | None = None) -> Run | None:
        """A new run, or the one of that id: a start that is sent twice runs once. None when there are too many."""
        run_id = run_id or str(uuid.uuid4())
        if run_id in self:
            return self[run_id]
        done = next((run for run in self.values() if run.ended), None)
        if len(self) >= MOST_RUNS and done:
            del self[done.id]
        if len(self) >= MOST_RUNS:
            return None
        self[run_id] = Run(run_id, prompt)
        return self[run_id]
