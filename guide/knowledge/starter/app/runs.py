"""Starts, answers and stops the runs of the graph. A run belongs to no connection: losing a reader stops nothing."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from typing import Any

from langgraph.types import Command

from app import agent, settings
from app.access import Refused
from app.graph_events import GraphEvents, with_memory
from app.log import Log, Run


def first_input(prompt: str) -> Any:
    """What the graph is given for a prompt; `first_input` in app/agent.py takes its place."""
    return {"messages": [("user", prompt)]}


log = logging.getLogger(__name__)


class Runs:
    """The runs that work in this process, over the log that all readers read."""

    def __init__(self, log: Log) -> None:
        self.log, self.graph = log, with_memory(agent.graph, log.saver)
        self._first_input = getattr(agent, "first_input", first_input)
        self._tasks: dict[str, asyncio.Task[None]] = {}  # the newest of each thread

    async def start(self, user: str, prompt: str, thread: str | None, run_id: str | None) -> Run:
        run, new = await self.log.create(run_id or str(uuid.uuid4()), thread, user, prompt)
        if new:
            self._work(run, self._first_input(prompt))
        return run

    async def answer(self, run: Run, question: str, value: Any) -> None:
        if answers := await self.log.answer(run, question, value):
            self._work(run, Command(resume=answers))

    async def stop(self, run: Run) -> None:
        await self.log.append(run, "end", status="stopped")

    async def close(self) -> None:
        """End what works here, and tell its readers."""

        async def interrupt(run: Run, why: str) -> None:
            await self.log.append(run, "end", status="failed", reason=why)

        await self.log.close(interrupt)
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _work(self, run: Run, given: Any) -> None:
        task = asyncio.create_task(self._until_over(run, given, self._tasks.get(run.thread)))
        self._tasks[run.thread] = task
        task.add_done_callback(lambda done: self._tasks.pop(run.thread) if self._tasks[run.thread] is done else None)

    async def _until_over(self, run: Run, given: Any, before: asyncio.Task[None] | None) -> None:
        """Let the graph say what it has to say; it is cancelled as soon as the run is over in the log."""
        if before:
            await asyncio.wait({before})  # a run that was stopped winds down, and tidies up
        says = GraphEvents(self.graph, run.thread, [json.loads(text) for _, text in await self.log.events(run)])
        work, over = asyncio.create_task(self._say(run, says, given)), asyncio.create_task(self.log.ended(run))
        try:
            done, _ = await asyncio.wait({work, over}, timeout=settings.RUN_S, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                await self.log.append(run, "end", status="failed", reason="The agent took too long.")
        finally:
            for task in (work, over):
                task.cancel()
            await asyncio.gather(work, over, return_exceptions=True)
            if self.graph.checkpointer is self.log.saver:
                await self.log.tidy(run)

    async def _say(self, run: Run, says: GraphEvents, given: Any) -> None:
        try:
            async for kind, data in says.of(given):
                await self.log.append(run, kind, **data)
        except Refused as refused:
            await self.log.append(run, "end", status="failed", reason=refused.why)
        except Exception:  # of the graph, whatever it is
            log.exception("Run %s failed", run.id)
            await self.log.append(run, "end", status="failed", reason="The agent failed. The server's log says why.")


runs = Runs(Log())
