"""The connection to Redis or Valkey: keys, scripts, and what is asked of it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, NoScriptError, OutOfMemoryError, ReadOnlyError, RedisError, ResponseError
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import TimeoutError as TooLate
from redis.maint_notifications import MaintNotificationsConfig

from demos.protocol.errors import Refusal
from demos.replicas.settings import URL, ReplicaSettings
from demos.replicas.store import scripts
from demos.replicas.store.entries import START, Entry, Place, named
from demos.replicas.store.pipe import Command, Pipe

AWAY = (Disconnected, TooLate, BusyLoadingError, ReadOnlyError, OutOfMemoryError, OSError, asyncio.TimeoutError)
"""Errors that pass: the engine cannot be asked now, or takes nothing more."""
REFUSED = (RedisError, *AWAY)
"""Every error of the engine: it is away, its memory is full, or it does not let this server in."""
ANSWER_S = 2.5
"""How long an answer may take."""
POOL, VITAL = 3, 2
"""Connections for what endpoints ask, and for claims and signs of life. Events, checkpoints and the blocked read have
one each."""
BLOCK_MS = 1_000
"""How long a read waits for something new."""
AT_ONCE = 1_000
"""Entries that are read in one piece."""
OLDEST = (6, 2)
"""The version of Redis that has all that is needed; Valkey began with 7.2."""


class Unfit(RuntimeError):
    """The engine cannot be used; the message says why, and what is needed."""


class Silent(Unfit):
    """It does not answer, or not yet."""


def unavailable() -> Refusal:
    """The engine cannot be asked now."""
    return Refusal(
        503, "engine_unavailable", "This server cannot reach the engine that its replicas share. Try again.", 2
    )


class Engine:
    """One engine. Retries nothing: whoever asks knows whether it may ask again."""

    def __init__(self, settings: ReplicaSettings) -> None:
        self.settings = settings
        self.ttl_ms = 900_000
        """How long a thread is kept that nobody reads and nothing writes."""
        pool = _pool(settings.url, POOL)
        self.redis: Any = Redis(connection_pool=pool)
        # What others wait for, and the signs of life, do not stand in line with whatever strangers ask.
        own = _pool(settings.url, VITAL)
        self.vital: Any = Redis(connection_pool=own)
        # A large checkpoint holds up no events.
        self._steps, self._checkpoints = Pipe(own, ANSWER_S), Pipe(own, ANSWER_S)
        # A read that waits is never cancelled half way.
        blocked = _pool(settings.url, 1, BLOCK_MS / 1000 + ANSWER_S)
        self.blocked: Any = Redis(connection_pool=blocked, single_connection_client=True)
        registered = self.vital.register_script
        self._create, self._claim = registered(scripts.CREATE), registered(scripts.CLAIM)
        self._append = hashlib.sha1(scripts.APPEND.encode(), usedforsecurity=False).hexdigest()
        self._release = registered(scripts.RELEASE)
        self._restore, self._forget = registered(scripts.RESTORE), registered(scripts.FORGET)

    def key(self, *parts: str) -> str:
        return self.settings.prefix + ":".join(parts)

    async def check(self) -> None:
        """Check that the engine can be used.

        Raises:
            Unfit: it does not answer, is too old, or throws away what it was told to keep.
        """
        try:
            about = await self.redis.info("server")
            policy = (await self._config("maxmemory-policy")) or "noeviction"
            [answer] = await self._steps.call([("PING",)])
            if isinstance(answer, Exception):
                raise answer
        except (RedisError, OSError) as error:
            raise Silent(f"{URL}: the engine does not answer: {error}") from None
        version = tuple(int(part) for part in str(about["redis_version"]).split(".")[:2])
        if version < OLDEST:
            raise Unfit(f"{URL}: this is Redis {about['redis_version']}. Needed: Redis 6.2 or newer, or Valkey")
        if policy != "noeviction":
            raise Unfit(f"{URL}: the engine's maxmemory-policy is {policy}. Allowed: noeviction, or events get lost")

    async def _config(self, name: str) -> str | None:
        try:
            found = await self.redis.config_get(name)
        except ResponseError:  # not allowed where the engine is rented
            return None
        return next((_text(value) for value in found.values()), None)

    async def create(self, thread: str, about: dict[str, str]) -> bool:
        """Make a thread. False where there is one."""
        flat = [part for pair in about.items() for part in pair]
        args: list[Any] = [self.ttl_ms, scripts.FORMAT, *flat]
        return bool(await self._create(keys=[self.key("thread", thread)], args=args, client=self.redis))

    async def claim(self, thread: str) -> tuple[str, str, int]:
        """Try to own a thread: ("claimed", name, fence), ("owned", by whom, 0), ("gone", "", 0), ("newer", "", 0)."""
        keys = [self.key("thread", thread), self.key("owners")]
        args: list[Any] = [thread, self.settings.name, self.key("alive", ""), scripts.FORMAT]
        found, owner, fence = await self._claim(keys=keys, args=args)
        return _text(found), _text(owner), int(fence)

    async def release(self, thread: str, fence: int, is_unfinished: bool = False) -> bool:
        """Own a thread no longer. `is_unfinished`: others shall go on with its run."""
        keys = [self.key("thread", thread), self.key("owners")]
        args: list[Any] = [thread, self.settings.name, fence, int(is_unfinished)]
        return bool(await self._release(keys=keys, args=args))

    async def restore(self, thread: str, about: dict[str, str]) -> bool:
        """Make a thread again that the engine has lost. False where somebody else has made one."""
        flat = [part for pair in about.items() for part in pair]
        keys = [self.key("thread", thread), self.key("log", thread), self.key("owners")]
        args: list[Any] = [thread, self.settings.name, scripts.FORMAT, *flat]
        return bool(await self._restore(keys=keys, args=args))

    async def append(self, batches: Sequence[tuple[str, int, int, str, Sequence[Entry]]]) -> list[tuple[str, Place]]:
        """Append to many threads at once: (thread, fence, oldest number to keep, newest run or "", entries)."""
        found = await self._appended(batches)
        if any(isinstance(one, NoScriptError) for one in found):  # it began anew; what was stored is passed over
            await self.vital.script_load(scripts.APPEND)
            found = await self._appended(batches)
        return [_answer(one) for one in found]

    async def _appended(self, batches: Sequence[tuple[str, int, int, str, Sequence[Entry]]]) -> list[Any]:
        """One step for all."""
        return await self._steps.call([self._appending(*batch) for batch in batches])

    def _appending(self, thread: str, fence: int, oldest: int, run: str, entries: Sequence[Entry]) -> Command:
        keys = (self.key("thread", thread), self.key("log", thread))
        fields = (field for entry in entries for field in entry.fields())
        about = (self.settings.name, fence, self.ttl_ms, oldest, run)
        return ("EVALSHA", self._append, len(keys), *keys, *about, *fields)

    async def remember(self, *commands: Command) -> list[Any]:
        """Carry out commands about a checkpoint, all or none; raises an answer that is an error."""
        *queued, done = await self._checkpoints.call([("MULTI",), *commands, ("EXEC",)])
        for answer in (*queued, *(done if isinstance(done, list) else (done,))):
            if isinstance(answer, Exception):
                raise answer
        return list(done)

    async def thread(self, thread: str) -> tuple[dict[str, str], dict[str, str], str]:
        """What is known of a thread, what each replica reports of it, and the engine's mark; empty if there is none."""
        async with self.redis.pipeline(transaction=False) as pipe:
            pipe.hgetall(self.key("thread", thread))
            pipe.hgetall(self.key("reports", thread))
            pipe.get(self.key("born"))
            known, reports, mark = await pipe.execute()
        return _texts(known), _texts(reports), _text(mark or b"")

    async def entries(self, thread: str, after: Place = START) -> list[Entry]:
        """All entries behind a place, oldest first."""
        found: list[Entry] = []
        while True:
            rows = await self.redis.xrange(self.key("log", thread), f"({named(after)}", "+", count=AT_ONCE)
            found += [Entry.read(id, fields) for id, fields in rows]
            if len(rows) < AT_ONCE:
                return found
            after = found[-1].place

    async def hold(self, thread: str) -> None:
        """Note that the thread's key was used."""
        await self.redis.hset(self.key("thread", thread), "held", "1")

    async def forget(self, thread: str, memory: str, last: int) -> None:
        """Remove a thread that makes room for others, unless somebody writes it or has written since."""
        keys = [self.key("thread", thread), self.key("log", thread), self.key("reports", thread)]
        await self._forget(keys=[*keys, self.key("checkpoints", memory)], args=[last], client=self.redis)

    async def close(self) -> None:
        self._steps.close()
        self._checkpoints.close()
        await self.redis.aclose(close_connection_pool=True)
        await self.vital.aclose(close_connection_pool=True)
        await self.blocked.aclose(close_connection_pool=True)


def _pool(url: str, connections: int, answer_s: float = ANSWER_S) -> BlockingConnectionPool:
    once: dict[str, Any] = {"retry": Retry(NoBackoff(), 0), "socket_connect_timeout": 2, "socket_timeout": answer_s}
    # With them the client would hand out a connection that died with the engine, or at an idle limit.
    once["maint_notifications_config"] = MaintNotificationsConfig(enabled=False)
    pool = BlockingConnectionPool.from_url(url, max_connections=connections, timeout=ANSWER_S, **once)
    pool.connection_kwargs["protocol"] = 2  # whatever the address says: answers of the newer one look different
    return pool


def _answer(found: Any) -> tuple[str, Place]:
    """What the script says of one thread; "refused" and why, where the engine did not run it."""
    if isinstance(found, Exception):
        if isinstance(found, AWAY):
            raise found
        return f"refused: {found}", START
    state, seq, sub = found
    return _text(state), (int(seq), int(sub))


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _texts(found: dict[bytes, bytes]) -> dict[str, str]:
    return {_text(name): _text(value) for name, value in found.items()}
