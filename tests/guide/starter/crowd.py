"""Many readers of a starter server, with cuts and frozen ones among them: what is lost, what repeats, what is kept.

python -m tests.guide.starter.crowd --seconds 600 --readers 200 --threads 50
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.guide.starter.servers import Served, axes_of, serving, write

MOST_RESUMES = 3
FROZEN_EACH = 10
"""One of so many readers stops reading and holds on to its connection for a while."""


@dataclass
class Counts:
    """What the crowd has seen."""

    answers: int = 0
    events: int = 0
    cuts: int = 0
    frozen: int = 0
    lost: int = 0
    repeated: int = 0
    memory: list[int] = field(default_factory=list)
    """Resident bytes of the server, once a second after each thread had its first turns."""


class Crowd:
    def __init__(self, http: httpx.AsyncClient, port: int, seed: int) -> None:
        self._http, self._port, self._chance, self.counts = http, port, random.Random(seed), Counts()

    async def talk(self, readers: int, until: float) -> None:
        """One thread at a time, some turns each; all readers read every turn."""
        while time.monotonic() < until:
            begun = (await self._http.post("/runs", json={"prompt": "Hello"})).json()
            for _ in range(3):
                freezes = [n > 0 and self._chance.randrange(FROZEN_EACH) == 0 for n in range(readers)]
                seen = await asyncio.gather(*(self._read(begun["run"], freezes[n]) for n in range(readers)))
                self._count([one for one in seen if one is not None])
                if time.monotonic() > until:
                    return
                begun = (await self._http.post("/runs", json={"prompt": "More", "thread": begun["thread"]})).json()
            await self._read(begun["run"], freezes=False)

    def _count(self, seen: list[list[int]]) -> None:
        last = max((one[-1] for one in seen), default=0)
        for one in seen:
            self.counts.answers += 1
            self.counts.events += len(one)
            self.counts.lost += last - len(set(one))
            self.counts.repeated += len(one) - len(set(one))

    async def _read(self, run: str, freezes: bool) -> list[int] | None:
        """The numbers of the events, over some cuts; None where it froze."""
        if freezes:
            self.counts.frozen += 1
            await self._freeze(run)
            return None
        seen, id = list[int](), ""
        cuts = [self._chance.randrange(1, 30) for _ in range(self._chance.randrange(MOST_RESUMES))]
        while True:
            cut = cuts.pop() if cuts else None
            async with self._http.stream("GET", f"/runs/{run}/events", headers={"Last-Event-ID": id}) as response:
                if response.status_code == 204:
                    return seen
                async for line in response.aiter_lines():
                    name, _, value = line.partition(": ")
                    if name == "id":
                        id = value
                        seen.append(int(value.rpartition("-")[2]))
                    if name == "data" and json.loads(value)["type"] == "end":
                        return seen
                    if cut is not None and len(seen) >= cut and not line:
                        self.counts.cuts += 1
                        break

    async def _freeze(self, run: str) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1)
        cookie = self._http.cookies["session"]
        writer.write(f"GET /runs/{run}/events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: session={cookie}\r\n\r\n".encode())
        await asyncio.sleep(1)
        writer.transport.abort()


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


async def watched(served: Served, counts: Counts, until: float) -> None:
    while time.monotonic() < until:
        await asyncio.sleep(1)
        counts.memory.append(resident(served.process.pid))


async def crowd(served: Served, seconds: float, readers: int, threads: int, seed: int = 0) -> Counts:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
    base = f"http://127.0.0.1:{served.port}"
    async with httpx.AsyncClient(base_url=base, timeout=60, trust_env=False, limits=limits) as http:
        await http.get("/")
        people, until = Crowd(http, served.port, seed), time.monotonic() + seconds
        talks = [people.talk(readers // threads, until) for _ in range(threads)]
        await asyncio.gather(watched(served, people.counts, until), *talks)
    return people.counts


def crowded(folder: Path, seconds: float, readers: int, threads: int) -> Counts:
    """What a crowd sees of a new project. Runs are forgotten soon, so that the memory can be flat at all."""
    write(axes_of(transport="sse", who="cookie", log="memory"), folder)
    keep = max(2, seconds / 10)
    most = 10_000
    with serving(folder, KEEP_SECONDS=keep, MOST_RUNS_OF_ONE=most, MOST_RUNS=most, MOST_STREAMS_OF_ONE=most) as served:
        return asyncio.run(crowd(served, seconds, readers, threads))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.guide.starter.crowd", description="Many readers of a starter."
    )
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--threads", type=int, default=50)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        counts = crowded(Path(folder), asked.seconds, asked.readers, asked.threads)
    third = len(counts.memory) // 3
    early, late = (
        sorted(part)[len(part) // 2] for part in (counts.memory[third : 2 * third], counts.memory[2 * third :])
    )
    print({name: value for name, value in vars(counts).items() if name != "memory"})
    print(f"memory: {early / 1e6:.1f} MB in the second third, {late / 1e6:.1f} in the last: {late / early:.3f} times")


if __name__ == "__main__":
    main()
