"""The connection for events: answers belong to their calls, errors have their classes, and a lost one is made again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoScriptError, OutOfMemoryError, ResponseError
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import TimeoutError as TooLate

from demos.replicas.store.pipe import Pipe
from tests.demos.replicas.engines import RunningEngine

Scene = Callable[[Pipe], Awaitable[None]]


@asynccontextmanager
async def opened(url: str, answer_s: float = 5.0) -> AsyncIterator[Pipe]:
    pool = ConnectionPool.from_url(url, retry=Retry(NoBackoff(), 0), protocol=2)
    pipe = Pipe(pool, answer_s)
    yield pipe
    pipe.close()
    await pool.aclose()


def play(url: str, scene: Scene, answer_s: float = 5.0) -> None:
    async def run() -> None:
        async with opened(url, answer_s) as pipe:
            await scene(pipe)

    asyncio.run(run())


def test_each_call_gets_its_own_answers_also_when_another_was_cancelled(engine: RunningEngine) -> None:
    async def scene(pipe: Pipe) -> None:
        calls = [asyncio.create_task(pipe.call([("ECHO", f"{n}"), ("ECHO", b"\xff"), ("ECHO", n)])) for n in range(50)]
        while not pipe._line or not pipe._line._calls:
            await asyncio.sleep(0)
        for call in calls[::3]:
            call.cancel()
        found = await asyncio.gather(*calls, return_exceptions=True)
        for n, answers in enumerate(found):
            if n % 3:
                assert answers == [b"%d" % n, b"\xff", b"%d" % n]
            else:
                assert isinstance(answers, asyncio.CancelledError)

    play(engine.url, scene)


def test_answers_that_come_in_pieces_are_put_together(engine: RunningEngine) -> None:
    large = "x" * 3_000_000

    async def scene(pipe: Pipe) -> None:
        assert await pipe.call([("ECHO", large), ("ECHO", "small")]) == [large.encode(), b"small"]

    play(engine.url, scene)


def test_errors_are_answers_and_have_the_classes_of_the_client(mortal_engine: RunningEngine) -> None:
    async def scene(pipe: Pipe) -> None:
        found = await pipe.call([("EVALSHA", "0" * 40, 0), ("NO-SUCH",), ("SET", "a", 1)])
        assert [type(one) for one in found] == [NoScriptError, ResponseError, bytes]
        await pipe.call([("CONFIG", "SET", "maxmemory", 1)])
        assert [type(one) for one in await pipe.call([("SET", "a", "b")])] == [OutOfMemoryError]

    play(mortal_engine.url, scene)


def test_a_silent_engine_is_given_up_in_time_and_asked_again(mortal_engine: RunningEngine) -> None:
    async def scene(pipe: Pipe) -> None:
        await pipe.call([("PING",)])
        mortal_engine.freeze()
        both = await asyncio.gather(pipe.call([("ECHO", 1)]), pipe.call([("ECHO", 2)]), return_exceptions=True)
        assert [type(one) for one in both] == [TooLate, TooLate]
        mortal_engine.wake()
        assert await pipe.call([("ECHO", 3)]) == [b"3"], "late answers are nobody's"

    play(mortal_engine.url, scene, answer_s=0.2)


def test_one_that_ended_is_asked_again_when_it_is_back(mortal_engine: RunningEngine) -> None:
    async def scene(pipe: Pipe) -> None:
        await pipe.call([("PING",)])
        mortal_engine.freeze()
        under_way = asyncio.create_task(pipe.call([("ECHO", 1)]))
        while not pipe._line or not pipe._line._calls:
            await asyncio.sleep(0)
        mortal_engine.kill()
        with pytest.raises(Disconnected):
            await under_way
        with pytest.raises(Disconnected):
            await pipe.call([("PING",)])
        mortal_engine.start()
        assert await pipe.call([("ECHO", 2)]) == [b"2"]

    play(mortal_engine.url, scene)


def test_it_logs_in_and_takes_the_database_of_the_address(mortal_engine: RunningEngine) -> None:
    async def close_the_door() -> None:
        async with Redis.from_url(mortal_engine.url) as redis:
            await redis.config_set("requirepass", "secret")

    async def scene(pipe: Pipe) -> None:
        await pipe.call([("SET", "here", 1)])
        [about] = await pipe.call([("INFO", "keyspace")])
        assert b"db3:keys=1" in about

    async def stranger(pipe: Pipe) -> None:
        with pytest.raises(AuthenticationError):
            await pipe.call([("GET", "here")])

    asyncio.run(close_the_door())
    play(mortal_engine.url.replace("//", "//:secret@").replace("/0", "/3"), scene)
    play(mortal_engine.url, stranger)
