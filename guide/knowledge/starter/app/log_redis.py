"""The runs and the numbered events of each, in Redis or Valkey: any instance can read, answer and stop any run.

An id of an event is EPOCH-NUMBER. The epoch is new with each run, so a position of another log is told and refused.
One instance works on a run. If that goes, the run ends as failed; a run that waits for an answer can go on anywhere.
REDIS_URL names one server, not a cluster.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from app import settings
from app.access import Refused, number
from app.checkpoints import Saver, thread_key
from app.graph_events import as_json

Event = tuple[str, str, str]
"""Its id ("" for a ping, which moves no position), its type, and its JSON."""
MOST_AT_ONCE = 100
ALIVE_S = 5
"""An instance says so often that it still works on a run; after three times it is taken for gone."""


@dataclass(frozen=True)
class Run:
    """What is known of one answer, as it was when it was looked up."""

    id: str
    thread: str
    user: str
    prompt: str
    epoch: str
    status: str = "running"
    last: int = 0
    """Number of the newest event."""

    @property
    def active(self) -> bool:
        return self.status in ("running", "waiting")

    def number(self, position: str) -> int:
        """How many events a reader has seen that names this position."""
        return number(position, self.epoch, self.last)


# Each script is one step for everybody. KEYS: run, its events, its questions, runs that are active, those of its user.
_APPEND = """
local function append(kind, data, limit)
  local status = redis.call('HGET', KEYS[1], 'status')
  if status ~= 'running' and status ~= 'waiting' then return 0 end
  if redis.call('HINCRBY', KEYS[1], 'size', #data) > limit and kind ~= 'end' then return -1 end
  local seq = redis.call('HINCRBY', KEYS[1], 'last', 1)
  redis.call('XADD', KEYS[2], seq .. '-0', 'kind', kind, 'data', '{"seq": ' .. seq .. ', ' .. string.sub(data, 2))
  return seq
end
local function keep(seconds)
  for i = 1, 3 do redis.call('EXPIRE', KEYS[i], seconds) end
end
"""
_ADD = f"""{_APPEND}
local kind, data, limit, seconds, extra = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local seq = append(kind, data, limit)
if seq > 0 and kind == 'question' then
  redis.call('HSET', KEYS[1], 'status', 'waiting')
  redis.call('HSET', KEYS[3], extra, '')
elseif seq > 0 and kind == 'end' then
  redis.call('HSET', KEYS[1], 'status', extra)
  redis.call('ZREM', KEYS[4], KEYS[1])
  redis.call('ZREM', KEYS[5], KEYS[1])
  redis.call('LPUSH', KEYS[1] .. ':over', '1')
  redis.call('EXPIRE', KEYS[1] .. ':over', seconds)
end
keep(seconds)
return seq
"""
_ANSWER = f"""{_APPEND}
local data, question, value, limit, seconds = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local known = redis.call('HGET', KEYS[3], question)
if known == '=' .. value or known == '!' .. value then return 'same' end
if known ~= '' or append('answer', data, limit) < 1 then return 'refused' end
redis.call('HSET', KEYS[3], question, '=' .. value)
local given, all = {{}}, redis.call('HGETALL', KEYS[3])
for i = 1, #all, 2 do
  if all[i + 1] == '' then return 'more' end
  if string.sub(all[i + 1], 1, 1) == '=' then given[all[i]] = string.sub(all[i + 1], 2) end
end
for one, text in pairs(given) do redis.call('HSET', KEYS[3], one, '!' .. text) end
redis.call('HSET', KEYS[1], 'status', 'running')
keep(seconds)
return cjson.encode(given)
"""
# KEYS: run, thread, runs that are active, those of its user. ARGV: now, oldest, most of all, most of one, and the run.
_CREATE = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 'known' end
for i = 3, 4 do redis.call('ZREMRANGEBYSCORE', KEYS[i], 0, ARGV[2]) end
local newest = redis.call('HGET', KEYS[2], 'newest')
local status = newest and redis.call('HGET', newest, 'status')
if status == 'running' or status == 'waiting' then return 'busy' end
if redis.call('ZCARD', KEYS[4]) >= tonumber(ARGV[4]) then return 'yours' end
if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[3]) then return 'full' end
redis.call('HSET', KEYS[1], unpack(ARGV, 5))
redis.call('HSET', KEYS[2], 'newest', KEYS[1])
for i = 3, 4 do redis.call('ZADD', KEYS[i], ARGV[1], KEYS[1]) end
return 'new'
"""


def _run(id: str, part: str = "") -> str:
    return f"agent:run:{id}:{part}" if part else f"agent:run:{id}"


class Log:
    """All runs. Who may see a run is checked here: for others there is no such run."""

    def __init__(self) -> None:
        wait_s = max(settings.HEARTBEAT_S, ALIVE_S) + 10  # the client's own 5 s would end what waits for events
        url = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
        self._redis: Any = Redis.from_url(url, socket_timeout=wait_s)
        self.saver = Saver(self._redis)
        self._add, self._answer, self._create = map(self._redis.register_script, (_ADD, _ANSWER, _CREATE))
        self._closing = asyncio.Event()
        self._mine: dict[str, Run] = {}

    async def create(self, run_id: str, thread: str | None, user: str, prompt: str) -> tuple[Run, bool]:
        """The run, and whether it is new: a start that is sent twice runs once."""
        if thread is not None:
            await self.of_thread(thread, user)
        run = Run(run_id, thread or secrets.token_urlsafe(16), user, prompt, secrets.token_hex(4))
        values = {"thread": run.thread, "user": user, "prompt": json.dumps(prompt), "epoch": run.epoch}
        fields = [text for pair in {**values, "status": "running", "last": "0"}.items() for text in pair]
        keys = [_run(run_id), thread_key(run.thread, "about"), "agent:active", f"agent:active:{user}"]
        now = time.time()
        limits = [now, now - settings.KEEP_S, settings.MOST_RUNS, settings.MOST_RUNS_OF_ONE]
        match await self._create(keys, [*limits, *fields]):
            case b"known":
                return await self.find(run_id, user), False
            case b"busy":
                raise Refused(409, "This thread has a run that goes on, or waits for an answer.")
            case b"yours":
                raise Refused(429, "Too many runs of yours. Try again later.")
            case b"full":
                raise Refused(503, "Too many runs. Try again later.")
        await self._redis.rpush(thread_key(run.thread, "runs"), run_id)
        await self._redis.set(_run(run_id, "alive"), "1", ex=3 * ALIVE_S)
        for key in (_run(run_id), thread_key(run.thread, "runs"), thread_key(run.thread, "about")):
            await self._redis.expire(key, int(settings.KEEP_S))
        return run, True

    async def find(self, run_id: str, user: str) -> Run:
        run = await self._known(run_id)
        if run is None or run.user != user:
            raise Refused(404, "There is no such run, or it was forgotten.")
        return run

    async def of_thread(self, thread: str, user: str) -> list[Run]:
        ids = await self._redis.lrange(thread_key(thread, "runs"), 0, -1)
        found = [run for id in ids if (run := await self._known(id.decode())) and run.user == user]
        if not found:
            raise Refused(404, "There is no such thread, or it was forgotten.")
        return found

    async def append(self, run: Run, kind: str, **data: Any) -> bool:
        """Add an event. False where the run has ended: after its end comes nothing."""
        extra = data["question"] if kind == "question" else data.get("status", "")
        text = as_json({"type": kind, **data})
        seq = await self._add(self._keys(run), [kind, text, settings.MOST_RUN_BYTES, int(settings.KEEP_S), extra])
        if seq == -1:
            raise Refused(413, "The answer is longer than this server keeps.")
        return bool(seq)

    async def answer(self, run: Run, question: str, value: Any) -> dict[str, Any] | None:
        """Take an answer. Gives all answers once no question is open, else None."""
        data = as_json({"type": "answer", "question": question, "value": value})
        limits = [settings.MOST_RUN_BYTES, int(settings.KEEP_S)]
        given = (await self._answer(self._keys(run), [data, question, json.dumps(value), *limits])).decode()
        if given == "refused":
            raise Refused(409, "This question is not open, or it was answered otherwise.")
        if given in ("same", "more"):
            return None
        await self._redis.set(_run(run.id, "alive"), "1", ex=3 * ALIVE_S)
        return {one: json.loads(text) for one, text in json.loads(given).items()}

    async def read(self, run: Run, after: int) -> AsyncIterator[list[Event]]:
        """Events after a number, as many as there are; a ping first, and after each silence. Ends with the run."""
        ping = [("", "ping", as_json({"type": "ping", "heartbeat": settings.HEARTBEAT_S}))]
        yield ping
        if not run.active and after == run.last:
            return
        closing = asyncio.create_task(self._closing.wait())
        try:
            while not self._closing.is_set():
                some = asyncio.create_task(self._after(run, after, settings.HEARTBEAT_S))
                await asyncio.wait({some, closing}, return_when=asyncio.FIRST_COMPLETED)
                if not some.done():
                    some.cancel()
                    return
                yield [
                    (f"{run.epoch}-{n}", kind, text) for n, (kind, text) in enumerate(some.result(), after + 1)
                ] or ping
                after += len(some.result())
                if some.result() and some.result()[-1][0] == "end":
                    return
                if not some.result() and not await self._lives(run):
                    return
        finally:
            closing.cancel()

    async def events(self, run: Run) -> list[tuple[str, str]]:
        """All events of a run: type and JSON."""
        found = await self._redis.xrange(_run(run.id, "events"))
        return [(fields[b"kind"].decode(), fields[b"data"].decode()) for _, fields in found]

    async def ended(self, run: Run) -> None:
        """Wait until the run is over, whoever ended it; meanwhile, say that it is worked on."""
        self._mine[run.id] = run
        try:
            while True:
                await self._redis.set(_run(run.id, "alive"), "1", ex=3 * ALIVE_S)
                if await self._redis.blpop([_run(run.id, "over")], ALIVE_S):
                    return
        finally:
            self._mine.pop(run.id, None)

    async def close(self, interrupt: Callable[[Run, str], Awaitable[None]]) -> None:
        """The process goes, and what it works on goes with it; what waits for an answer goes on elsewhere."""
        for run in list(self._mine.values()):
            await interrupt(run, "The server was shut down, and with it this run.")
        self._closing.set()

    async def tidy(self, run: Run) -> None:
        """Nothing to do: the newest checkpoint only is kept."""

    async def _known(self, run_id: str) -> Run | None:
        names = ("thread", "user", "prompt", "epoch", "status", "last")
        kept = await self._redis.hmget(_run(run_id), names)
        if kept[0] is None:
            return None
        thread, user, prompt, epoch, status, last = (value.decode() for value in kept)
        return Run(run_id, thread, user, json.loads(prompt), epoch, status, int(last))

    async def _after(self, run: Run, after: int, wait_s: float) -> list[tuple[str, str]]:
        key = _run(run.id, "events")
        found = await self._redis.xread({key: f"{after}-0"}, MOST_AT_ONCE, block=max(1, int(wait_s * 1000)))
        return [(fields[b"kind"].decode(), fields[b"data"].decode()) for _, rows in found or () for _, fields in rows]

    async def _lives(self, run: Run) -> bool:
        """Whether more can come. Where the instance that worked on a run has gone, that is said in the log."""
        now = await self._known(run.id)
        if now and now.status == "running" and not await self._redis.exists(_run(run.id, "alive")):
            return await self.append(run, "end", status="failed", reason="The server that worked on it has gone.")
        return bool(now and now.active)

    def _keys(self, run: Run) -> list[str]:
        of_run = [_run(run.id), _run(run.id, "events"), _run(run.id, "questions")]
        return [*of_run, "agent:active", f"agent:active:{run.user}"]
