"""The connection for events: answers belong to their calls, errors have their classes, and a lost one is made again."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoScriptError, OutOfMemoryError, ResponseError
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import TimeoutError as TooLate

from demos.proxies.http2.certificate import certificate
from demos.replicas.store.pipe import Pipe
from tests.demos.replicas.engines import RunningEngine
from tests.patience import seconds

Scene = Callable[[Pipe], Awaitable[None]]


@asynccontextmanager
async def opened(url: str, answer_s: float = 5.0) -> AsyncIterator[Pipe]:
    pool = ConnectionPool.from_url(url, retry=Retry(NoBackoff(), 0), protocol=2)
    pipe = Pipe(pool, answer_s)
    try:
        async with asyncio.timeout(seconds(20)):
            yield pipe
    finally:
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
        assert await pipe.call([]) == []
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

    play(mortal_engine.url, scene, answer_s=seconds(1))


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


def test_a_call_that_cannot_be_packed_leaves_the_others_their_answers(engine: RunningEngine) -> None:
    async def scene(pipe: Pipe) -> None:
        await pipe.call([("PING",)])
        with pytest.raises(UnicodeEncodeError):
            await pipe.call([("ECHO", "\ud800")])
        both = await asyncio.gather(pipe.call([("ECHO", "a")]), pipe.call([("ECHO", "b")]))
        assert [*both] == [[b"a"], [b"b"]]

    play(engine.url, scene)


def test_what_nobody_asked_is_nobodys_answer(engine: RunningEngine) -> None:
    """As a proxy's error, or what a newer protocol tells by itself: another connection is made."""

    async def scene() -> None:
        async with relayed(engine, unasked=b"-ERR I was not asked\r\n") as port, opened(local(port)) as pipe:
            await pipe.call([("ECHO", "first")])
            line = pipe._line
            assert line is not None
            while line.is_open:
                await asyncio.sleep(0)
            assert await pipe.call([("ECHO", "second")]) == [b"second"]

    asyncio.run(scene())


def test_all_who_wait_for_a_connection_wait_for_the_same(engine: RunningEngine) -> None:
    async def scene(pipe: Pipe) -> None:
        await asyncio.gather(*(pipe.call([("PING",)]) for _ in range(20)))
        [listed] = await pipe.call([("CLIENT", "LIST")])
        [mine] = await pipe.call([("CLIENT", "ID")])
        assert sum(b"name=pipe-test" in one for one in listed.splitlines()) == 1
        assert b"id=%d " % mine in listed

    play(f"{engine.url}?client_name=pipe-test", scene)


def test_one_that_was_closed_while_it_connected_leaves_nothing_open(engine: RunningEngine) -> None:
    async def scene() -> None:
        async with opened(f"{engine.url}?client_name=closed-early") as pipe:
            call = asyncio.create_task(pipe.call([("PING",)]))
            while pipe._opening is None:
                await asyncio.sleep(0)
            pipe.close()
            with pytest.raises(Disconnected):
                await call
            with pytest.raises(Disconnected):
                await pipe.call([("PING",)])
        async with opened(engine.url) as other:
            while True:
                [listed] = await other.call([("CLIENT", "LIST")])
                if b"name=closed-early" not in listed:
                    return

    asyncio.run(scene())


def test_it_speaks_tls_and_through_a_socket_of_the_system(engine: RunningEngine, tmp_path: Path) -> None:
    large = "x" * 1_000_000
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pem = tmp_path / "certificate.pem"
    pem.write_bytes(certificate())
    context.load_cert_chain(pem)

    async def scene() -> None:
        async with relayed(engine, context) as port, opened(f"rediss://127.0.0.1:{port}/0?ssl_cert_reqs=none") as pipe:
            assert await pipe.call([("ECHO", large), ("ECHO", 1)]) == [large.encode(), b"1"]
        async with relayed(engine, path=tmp_path / "socket"), opened(f"unix://{tmp_path / 'socket'}?db=0") as pipe:
            assert await pipe.call([("ECHO", large), ("ECHO", 1)]) == [large.encode(), b"1"]

    asyncio.run(scene())


def local(port: int) -> str:
    return f"redis://127.0.0.1:{port}/0"


@asynccontextmanager
async def relayed(
    engine: RunningEngine, context: ssl.SSLContext | None = None, path: Path | None = None, unasked: bytes = b""
) -> AsyncIterator[int]:
    """A port, or a socket at a path, that passes on to the engine; gives the port. `unasked` follows a first echo."""
    said = [unasked] if unasked else []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", engine.port)
        await asyncio.gather(carry(reader, back), carry(there, writer))

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(65_536):
                writer.write(chunk)
                if chunk.endswith(b"first\r\n") and said and not chunk.startswith(b"*"):
                    writer.write(said.pop())
        finally:
            writer.transport.abort()

    if path is not None:
        server: asyncio.Server = await asyncio.start_unix_server(serve, path)
    else:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield 0 if path is not None else server.sockets[0].getsockname()[1]
    finally:
        server.close()
