"""A user's own stream, read without our target: real servers with one fault each, and the command."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from demos.__main__ import main
from demos.probe.own_stream.cli import request
from demos.probe.own_stream.findings import OUTCOMES, findings
from demos.probe.own_stream.request import MOST_REQUESTS, NotAllowed, OwnRequest
from demos.probe.own_stream.run import read
from demos.probe.reach import trust
from demos.processes.ports import free_port
from guide.book import book
from tests.demos.toys import until
from tests.patience import seconds

WORDS = book().words
GOOD = {"Cache-Control": "no-cache, no-transform"}
N = 6


def event(n: int, end: str = "\n\n") -> str:
    return f'id: {n}\ndata: {{"n": {n}, "type": "{"done" if n == N else "token"}"}}{end}'


async def events(since: int = 0, end: str = "\n\n") -> AsyncIterator[str]:
    for n in range(since + 1, N + 1):
        yield event(n, end)
        await asyncio.sleep(0.02)


def stream(body: AsyncIterator[str], kind: str = "text/event-stream", **headers: str) -> Response:
    return StreamingResponse(body, media_type=None, headers={"Content-Type": kind, **GOOD, **headers})


async def right(request: Request) -> Response:
    return stream(events(int(request.headers.get("last-event-id", 0))))


async def forgetful(request: Request) -> Response:
    return stream(events())


async def spliced(request: Request) -> Response:
    return stream(events(4 if "last-event-id" in request.headers else 0))


async def nameless(request: Request) -> Response:
    async def body() -> AsyncIterator[str]:
        async for each in events():
            yield re.sub("id: .*\n", "", each)

    return stream(body())


async def torn(request: Request) -> Response:
    async def body() -> AsyncIterator[str]:
        async for each in events():
            yield each if not each.startswith(f"id: {N}") else each.rstrip("\n")

    return stream(body())


async def sentinel(request: Request) -> Response:
    async def body() -> AsyncIterator[str]:
        async for each in events():
            yield each.replace("done", "token")
        yield "data: [DONE]\n\n"

    return stream(body())


async def unsaid(request: Request) -> Response:
    async def body() -> AsyncIterator[str]:
        async for each in events():
            yield each.replace("done", "token")

    return stream(body())


async def late(request: Request) -> Response:
    await asyncio.sleep(2.2)
    return stream(events())


async def breaks(request: Request) -> Response:
    async def body() -> AsyncIterator[str]:
        yield event(1)
        raise RuntimeError("as asked")

    return stream(body())


async def posted(request: Request) -> Response:
    POSTED.append((await request.body()).decode())
    HEADERS.append(request.headers.get("x-key", ""))
    ACCEPTED.append(request.headers["accept"])
    return stream(events())


POSTED: list[str] = []
HEADERS: list[str] = []
ACCEPTED: list[str] = []


KEPT: dict[str, Any] = {"Cache-Control": "max-age=60"}


def answering(kind: str, status: int = 200, **headers: str) -> Any:
    async def answer(request: Request) -> Response:
        found = stream(events(int(request.headers.get("last-event-id", 0))), kind, **headers)
        found.status_code = status
        return found

    return answer


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    asked = await socket.receive_text() if "asks" in socket.url.path else ""
    for n in range(3):
        await socket.send_json({"n": n, "asked": asked})
    if "binary" in socket.url.path:
        await socket.send_bytes(b"\x00")
    await socket.close(1011 if "fails" in socket.url.path else 1000)


ROUTES = {
    "right": right, "forgetful": forgetful, "spliced": spliced, "nameless": nameless, "torn": torn,
    "sentinel": sentinel, "unsaid": unsaid, "late": late, "breaks": breaks,
    "json": answering("application/json"), "latin": answering("text/event-stream; charset=latin-1"),
    "gone": answering("text/html", 404), "kept": answering("text/event-stream", **KEPT),
    "crs": lambda request: stream(events(int(request.headers.get("last-event-id", 0)), "\r\r")),
}  # fmt: skip


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Address of a real server with a route for each fault."""

    async def about(request: Request) -> Response:
        return JSONResponse({})

    routes: list[Any] = [Route(f"/{name}", answer) for name, answer in ROUTES.items()]
    routes += [Route("/posted", posted, methods=["POST"]), Route("/page", about)]
    routes += [WebSocketRoute(f"/ws/{name}", talk) for name in ("right", "asks", "binary", "fails")]
    with served(Starlette(routes=routes)) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def served(app: Starlette) -> Iterator[int]:
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    yield port
    server.should_exit = True
    thread.join()


def outcomes(url: str, body: str | None = None, headers: tuple[str, ...] = (), for_s: float = 3) -> set[str]:
    seen = read(OwnRequest.read(url, body, headers, for_s), trust())
    assert seen.requests <= MOST_REQUESTS
    return {one.outcome for one in findings(WORDS, seen)}


ALL_WELL = {"answers", "no-coding", "ids", "ends", "silence-unknown", "resumes"}


@pytest.mark.parametrize(
    ("name", "extra", "missing"),
    [
        ("right", set(), set()),
        ("forgetful", {"repeats"}, {"resumes"}),
        ("spliced", {"restarts"}, {"resumes"}),
        ("nameless", {"no-ids", "resume-untried"}, {"ids", "resumes"}),
        ("torn", {"unfinished", "ends-unsaid"}, {"ends", "resumes"}),
        ("sentinel", {"sentinel", "some-ids"}, {"ids"}),
        ("unsaid", {"ends-unsaid"}, {"ends", "resumes"}),
        ("late", {"head-late", "repeats"}, {"resumes"}),
        ("breaks", {"broke", "resume-untried"}, {"ends", "resumes"}),
        ("json", {"type"}, set()),
        ("latin", {"charset"}, set()),
        ("crs", {"line-ends"}, set()),
        ("kept", {"no-cache", "no-transform"}, set()),
    ],
)
def test_a_fault_of_an_event_stream_is_named(site: str, name: str, extra: set[str], missing: set[str]) -> None:
    found = outcomes(f"{site}/{name}")
    optional = {"repeats"} if name in ("torn", "unsaid", "nameless", "sentinel") else set()
    assert found - optional == (ALL_WELL - missing | extra) - optional - ({"resumes"} if name == "sentinel" else set())


def test_what_is_refused_or_not_there_is_said(site: str) -> None:
    assert outcomes(f"{site}/gone") == {"refused"}
    assert outcomes(f"http://127.0.0.1:{free_port()}/x") == {"no-answer"}


def test_a_post_is_made_once_with_its_body_and_headers(site: str) -> None:
    POSTED.clear()
    found = outcomes(f"{site}/posted", '{"prompt": "hi"}', ("X-Key: secret",))
    assert (POSTED, HEADERS[-1]) == (['{"prompt": "hi"}'], "secret")
    assert {"coding-untried", "resume-untried"} <= found


def test_what_a_server_wants_to_be_accepted_can_be_said(site: str) -> None:
    POSTED.clear()
    accepts = "application/json, text/event-stream"
    assert "no-ids-post" not in outcomes(f"{site}/posted", "{}", (f"accept: {accepts}", "x-key: k"))
    assert (ACCEPTED[-1], HEADERS[-1]) == (accepts, "k")


def test_a_stream_that_goes_on_is_left_in_time() -> None:
    async def endless(request: Request) -> Response:
        async def body() -> AsyncIterator[str]:
            yield event(1)
            await asyncio.sleep(60)

        return stream(body())

    with served(Starlette(routes=[Route("/", endless)])) as port:
        began = time.monotonic()
        found = outcomes(f"http://127.0.0.1:{port}/", for_s=0.2)
        assert "goes-on" in found
        assert not {"broke", "ends", "ends-unsaid"} & found
        assert time.monotonic() - began < seconds(40)


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        ("right", None, {"ws-opens", "ws-json", "ws-no-pings", "ws-closed"}),
        ("asks", "hi", {"ws-opens", "ws-json", "ws-no-pings", "ws-closed"}),
        ("binary", None, {"ws-opens", "ws-binary", "ws-no-pings", "ws-closed"}),
        ("fails", None, {"ws-opens", "ws-json", "ws-no-pings", "ws-closed-badly"}),
        ("asks", None, {"ws-opens", "ws-silent", "ws-no-pings", "ws-goes-on"}),
        ("nothing", None, {"ws-refused"}),
    ],
)
def test_a_websocket_is_described(site: str, name: str, body: str | None, expected: set[str]) -> None:
    assert outcomes(f"{site.replace('http', 'ws', 1)}/ws/{name}", body, for_s=0.5) == expected


def test_the_command_reads_an_address_that_no_target_serves(site: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["probe", f"{site}/forgetful"])
    said = capsys.readouterr().out
    assert end.value.code == 1
    assert WORDS["probe.own.hint"] in said
    assert "what was seen already" in said


def test_the_command_keeps_secrets_out_of_its_json(site: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = [f"{site}/right?token=secret", "--header", "X-Key: hidden", "--seconds", "3", "--format", "json"]
    with pytest.raises(SystemExit) as end:
        main(["probe", *asked])
    said = capsys.readouterr().out
    assert end.value.code == 2, "no heartbeat came, so that was not tried"
    assert "secret" not in said
    assert "hidden" not in said
    assert json.loads(said)["requests"] == 3


@pytest.mark.parametrize(
    ("url", "body", "headers", "said"),
    [
        ("nowhere", None, (), "Allowed: http, https, ws"),
        ("http://a b", None, (), "Allowed: http"),
        ("http://me@here/", None, (), "without a name"),
        ("http://here:99999/", None, (), "Allowed: http"),
        ("http://here/", None, ("nonsense",), "'Name: value'"),
        ("http://here/", None, ("A: b\r\nC: d",), "'Name: value'"),
        ("http://here/", None, ("Host: there",), "is set by the probe"),
        ("http://here/", "x" * 1_000_001, (), "more than 1000000 bytes"),
    ],
)
def test_what_cannot_be_asked_is_said(url: str, body: str | None, headers: tuple[str, ...], said: str) -> None:
    with pytest.raises(NotAllowed, match=re.escape(said)):
        OwnRequest.read(url, body, headers)
    assert isinstance(request(url, body, [*headers], 1), str)


def test_every_outcome_has_a_sentence() -> None:
    assert {f"probe.own.{outcome}" for outcome in OUTCOMES} <= set(WORDS)
