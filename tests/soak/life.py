"""One stream of the soak: thread after thread, run after run, each cut, resumed, asked, stopped, held to account."""

from __future__ import annotations

import asyncio
import random
import uuid
from dataclasses import dataclass, field
from typing import Any

from tests.soak.plan import GRACE_S, Plan, draw
from tests.soak.sighting import Sighting, Stop, faults
from tests.soak.viewers import EventStream, GaveUp, Site, Viewer, WebSocket

PATIENCE_S = 60.0
"""How long nothing at all may come of a run, on however busy a machine."""


@dataclass
class Thread:
    """The thread in hand."""

    id: str
    last: int = 0
    asked: set[int] = field(default_factory=set)


class Life:
    """One slot. Its chance is its own, so that what others do does not change what it does."""

    def __init__(self, site: Site, chance: random.Random, kind: type[Viewer], seconds: float) -> None:
        """`seconds`: how long a run takes, about."""
        self.faults: list[str] = []
        self._site, self._chance, self._kind, self._seconds = site, chance, kind, seconds

    async def live(self, until: float) -> None:
        """Until that time of the loop; the run in hand is read to its end."""
        loop = asyncio.get_running_loop()
        while loop.time() < until:
            thread = Thread(str(uuid.UUID(int=self._chance.getrandbits(128), version=4)))
            await self._site.http.post("/threads", json={"thread_id": thread.id})
            self._site.counters["threads"] += 1
            for _ in range(self._chance.randint(1, 3)):
                had = len(self.faults)
                await Story(self._site, self._chance, thread, draw(self._chance, self._seconds)).tell(self)
                if loop.time() >= until or len(self.faults) > had:
                    break  # after a fault with a thread of its own, or one would be told as many

    def viewer(self, thread: Thread, since: int, kind: type[Viewer] | None = None) -> Viewer:
        # A viewer's own chance: two that run side by side must not draw from one in an order that time decides.
        chance = random.Random(self._chance.getrandbits(64))
        return (kind or self._kind)(self._site, thread.id, since, thread.last, chance)


class Story:
    """One run."""

    def __init__(self, site: Site, chance: random.Random, thread: Thread, plan: Plan) -> None:
        self._site, self._chance, self._thread, self._plan = site, chance, thread, plan
        self._stop: Stop | None = None
        self._faults: list[str] = []

    async def tell(self, life: Life) -> None:
        """From its start to the verdict."""
        thread, plan = self._thread, self._plan
        first = life.viewer(thread, thread.last)
        viewers, watching = [first], list[asyncio.Task[None]]()
        if plan.early:
            watching.append(asyncio.create_task(first.watch()))
        await self._start()
        if not plan.early:
            watching.append(asyncio.create_task(first.watch()))
        if plan.second_after is not None:
            since = self._chance.choice((0, thread.last))
            viewers.append(life.viewer(thread, since, self._chance.choice((EventStream, WebSocket))))
            watching.append(asyncio.create_task(_later(watching[0], plan.second_after, viewers[1])))
        beside = [asyncio.create_task(each) for each in (self._interfere(first, watching[0]), self._answer(first))]
        try:
            await self._all(watching, viewers)
            await asyncio.wait_for(beside[0], PATIENCE_S)
        except (GaveUp, TimeoutError) as error:
            self._faults.append(f"{type(error).__name__} {error}: {[(v.name, v.seen.last) for v in viewers]}")
        finally:
            for task in (*watching, *beside):
                task.cancel()
            left = await asyncio.gather(*watching, *beside, return_exceptions=True)
        self._faults += [
            repr(error) for error in left if isinstance(error, Exception) and not isinstance(error, GaveUp)
        ]
        await self._judge([viewer.seen for viewer in viewers])
        life.faults += [f"{thread.id}: {fault} ({plan})" for fault in self._faults]

    async def _all(self, watching: list[asyncio.Task[None]], viewers: list[Viewer]) -> None:
        """Until every viewer has seen the end.

        Raises:
            GaveUp: a viewer did.
            TimeoutError: nothing came any more.
        """
        had = -1
        while not all(task.done() for task in watching):
            if (has := sum(len(viewer.seen.seqs) for viewer in viewers)) == had:
                raise TimeoutError(f"nothing in {PATIENCE_S:g} s")
            had = has
            await asyncio.wait(watching, timeout=PATIENCE_S)
        for task in watching:
            task.result()

    async def _start(self) -> None:
        given = {"messages": [{"role": "user", "content": "What about reconnecting?"}]}
        config = {"configurable": self._plan.configurable}
        reply = await self._site.command(self._thread.id, "run.start", {"input": given, "config": config})
        if reply["type"] != "success" or reply["meta"]["applied_through_seq"] != self._thread.last:
            self._faults.append(f"started after {self._thread.last}: {reply}")
        self._site.counters["runs"] += 1

    async def _interfere(self, first: Viewer, watching: asyncio.Task[None]) -> None:
        """Stop the run, or leave it, unless it is over before that."""
        await asyncio.wait([watching], timeout=self._plan.at)
        if self._plan.ending == "is left":
            first.leave = GRACE_S + 1
        elif self._plan.ending == "is stopped" and not first.seen.over:
            await self._cancel(first)

    async def _cancel(self, first: Viewer) -> None:
        seen = first.seen.last
        reply = await self._say(first, "run.cancel", {"seen": seen})
        if reply["type"] != "success":
            self._faults.append(f"a stop was refused: {reply}")
            return
        self._stop = Stop(seen, reply["result"]["tokens"], reply["result"]["unseen"])
        self._site.counters["stops"] += 1

    async def _answer(self, first: Viewer) -> None:
        """What a human says when asked: once or twice, on this connection or another; a second answer is refused."""
        if not self._plan.answered:
            return
        key = await first.question
        await asyncio.sleep(self._chance.uniform(0, 1))
        positions = set()
        for n in range(self._plan.answered):
            params = {"interrupt_id": key, "response": "yes"}
            reply = await self._say(first if n == 0 else None, "input.respond", params)
            if reply["type"] == "success":
                self._site.counters["approvals"] += 1
                positions.add(reply["meta"]["applied_through_seq"])
            elif self._plan.ending != "is stopped":
                self._faults.append(f"an answer was refused: {reply}")
        other = await self._say(None, "input.respond", {"interrupt_id": key, "response": "no"})
        if other.get("error") != "no_such_interrupt" or len(positions) > 1:
            self._faults.append(f"answered at {positions}, then otherwise: {other}")

    async def _say(self, viewer: Viewer | None, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """On the viewer's own connection if it has one that lasts, else by POST."""
        reply = await viewer.say(method, params) if isinstance(viewer, WebSocket) else None
        return reply or await self._site.command(self._thread.id, method, params)

    async def _judge(self, seen: list[Sighting]) -> None:
        counters, thread = self._site.counters, self._thread
        answer = await self._site.http.get(f"/threads/{thread.id}/state")
        if answer.status_code != 200:
            self._faults.append(f"no state: {answer.text}")
            return
        state = answer.json()
        thread.asked |= {seq for each in seen for seq, kind in each.kinds.items() if kind == "input.requested"}
        if all(each.over for each in seen):
            self._faults += faults(self._plan, seen, thread.asked, state, self._stop)
            counters["left alone"] += seen[0].ends[0][1].get("error", "").startswith("cancelled: nobody")
        counters["viewers"] += len(seen)
        counters["events"] += sum(len(each.seqs) for each in seen)
        counters["tokens"] += sum(len(each.answer) for each in seen)
        counters["lost"] += sum(len(each.missing(thread.asked)) for each in seen)
        counters["repeated"] += sum(each.repeated for each in seen)
        thread.last = state["metadata"]["last_seq"]


async def _later(first: asyncio.Task[None], seconds: float, viewer: Viewer) -> None:
    """A second viewer: after so many seconds, or as soon as the first has seen the end."""
    await asyncio.wait([first], timeout=seconds)
    await viewer.watch()
