"""The measuring clients against a real server that cuts them in the middle."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from websockets.sync.server import ServerConnection, serve

from demos.clients.readers import MAX_RECONNECTS, Client, EventStreamClient, WebSocketClient, came_back, is_permanent
from demos.clients.recorder import Recording
from demos.connections.open_streams import CutReason
from demos.protocol.receipts import measure
from guide.model import Measurement
from tests.demos.toys import Served, ToyAgent, backend, never, served, until
from tests.known import known

Build = Callable[[str, str], Client]
RESUMING: list[Build] = [
    lambda api, thread: EventStreamClient(api, thread),
    lambda api, thread: WebSocketClient(api, thread, retry_ms=10),
]
NAIVE: list[Build] = [
    lambda api, thread: EventStreamClient(api, thread, resume=False),
    lambda api, thread: WebSocketClient(api, thread, resume=False),
]


def cut_once(build: Build, how: str) -> Measurement:
    """Read a run of ten tokens whose stream is cut after the fifth."""
    import asyncio

    go_on = threading.Event()

    async def before(n: int) -> None:
        if n == 5:
            await asyncio.to_thread(go_on.wait, 10)

    with served(backend(ToyAgent(before))) as site:
        thread = site.thread()
        client = build(site.api, thread)
        client.open()
        site.start(thread, n_tokens=10)
        cutter = threading.Thread(target=cut, args=(site, thread, how, go_on))
        cutter.start()
        receipt = client.receive(started=0)
        cutter.join()
        client.close()
        run = site.backend.threads.get(thread).find(None)
        until(lambda: run.ended)
        return measure(receipt, run.answer)


def cut(site: Served, thread: str, how: str, go_on: threading.Event) -> None:
    run = site.backend.threads.get(thread).find(None)
    until(lambda: len(run.answer) == 5)
    site.http.post(f"/threads/{thread}/drop", json={"how": how})
    go_on.set()


@pytest.mark.parametrize("how", ["clean", "reset"])
@pytest.mark.parametrize("build", RESUMING)
def test_with_resume_nothing_is_lost_or_repeated(build: Build, how: str) -> None:
    found = cut_once(build, how)
    assert (found.tokens, found.lost, found.repeated, found.reconnects, found.finished) == (10, 0, 0, 1, True)


@pytest.mark.parametrize("build", NAIVE)
def test_without_it_the_rest_is_lost(build: Build) -> None:
    found = cut_once(build, "reset")
    assert known(found.lost) >= 5
    assert (found.reconnects, found.finished) == (0, False)


@pytest.mark.parametrize("build", RESUMING)
def test_both_count_the_same_payload(build: Build, site: Served) -> None:
    thread = site.thread()
    client = build(site.api, thread)
    client.open()
    site.start(thread, n_tokens=4)
    receipt = client.receive(0)
    client.close()
    log = site.backend.threads.get(thread).log
    told = [event for event in log.since(0) if event.draft.method in ("messages", "lifecycle")]
    assert receipt.bytes_payload == sum(len(event.text) for event in told)
    assert receipt.bytes_framing


@pytest.mark.parametrize("build", RESUMING)
def test_a_server_that_was_restarted_refuses_to_go_on_and_the_receipt_says_so(build: Build) -> None:
    """The thread is not there any more (404, 4404): what was read is kept, and the run counts as unfinished."""

    async def before(n: int) -> None:
        if n == 2:
            await never(n)

    with served(backend(ToyAgent(before))) as site:
        thread = site.thread()
        client = build(site.api, thread)
        client.open()
        site.start(thread, n_tokens=10)
        run = site.backend.threads.get(thread).find(None)
        forgetter = threading.Thread(target=forget, args=(site, thread))
        forgetter.start()
        receipt = client.receive(started=0)
        forgetter.join()
        client.close()
        found = measure(receipt, run.answer)
    assert (found.tokens, found.reconnects, found.finished) == (2, 1, False)


def forget(site: Served, thread: str) -> None:
    """What a restart does to a thread, as its clients see it."""
    until(lambda: len(site.backend.threads.get(thread).find(None).answer) == 2 and len(site.backend.streams) == 1)
    until(lambda: site.backend.threads.get(thread).sent >= 4)
    assert site.loop is not None
    site.loop.call_soon_threadsafe(site.backend.threads._threads.pop, thread)
    site.loop.call_soon_threadsafe(site.backend.streams.drop, thread, CutReason.RESET)


@pytest.mark.parametrize("build", RESUMING)
def test_a_server_that_went_away_is_looked_for_so_often_and_no_more(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("demos.clients.readers.MAX_RECONNECTS", 2)
    with served(backend(ToyAgent(never))) as site:
        client = build(site.api, site.thread())
        client.open()
        until(lambda: len(site.backend.streams) == 1)
    receipt = client.receive(started=0)
    client.close()
    assert (receipt.reconnects, receipt.finished, receipt.at) == (2, False, ())


@pytest.mark.parametrize("build", RESUMING)
def test_each_cut_is_noted_with_its_reason(build: Build) -> None:
    """A reset before the run's end counts, and the end itself does not."""
    notes: list[Client] = []

    def noted(api: str, thread: str) -> Client:
        notes.append(build(api, thread))
        return notes[-1]

    cut_once(noted, "reset")
    assert len(notes[0].endings) == 1
    assert notes[0].endings[0].why


def came_back_to(answers: list[str], patient: bool) -> tuple[bool, Recording]:
    """Reconnect to something that gives these answers in turn; the last word is whether the client is back."""
    notes, left = Recording(lambda: 0.0), iter(answers)

    def open() -> None:
        match next(left):
            case "gone":
                raise ConnectionRefusedError("nobody listens")
            case "404":
                request = httpx.Request("GET", "http://x")
                raise httpx.HTTPStatusError("", request=request, response=httpx.Response(404, request=request))

    return came_back(open, lambda: None, notes, 0, patient), notes


def test_a_client_comes_back_once_somebody_answers() -> None:
    back, notes = came_back_to(["gone", "gone", "open"], patient=False)
    assert (back, notes.reconnects, [end.why for end in notes.endings]) == (True, 3, ["nobody listens"] * 2)


def test_an_answer_that_refuses_ends_it_unless_it_is_patient() -> None:
    back, notes = came_back_to(["404", "open"], patient=False)
    assert (back, [end.why for end in notes.endings]) == (False, ["HTTP 404"])
    assert came_back_to(["404", "open"], patient=True)[0] is True


@pytest.mark.parametrize("build", RESUMING)
def test_whoever_closes_it_ends_its_coming_back(build: Build) -> None:
    with served() as gone:
        client = build(gone.api, gone.thread())
        client.open()
        reading = threading.Thread(target=client.receive, args=(0,))
        reading.start()
    until(lambda: bool(client.endings))  # the server is gone, and the client tries again and again
    client.close()
    reading.join(5)
    assert not reading.is_alive()


def test_it_does_not_try_for_ever() -> None:
    back, notes = came_back_to(["gone"] * 1000, patient=True)
    assert (back, notes.reconnects) == (False, MAX_RECONNECTS)


@contextmanager
def closing_first(code: int) -> Iterator[str]:
    """The API of a server that closes its first WebSocket with this code, and serves the next ones."""
    began = iter([True])

    def answer(connection: ServerConnection) -> None:
        if next(began, False):
            return connection.close(code)
        end = {"namespace": [], "data": {"event": "completed"}}
        connection.send(json.dumps({"type": "event", "method": "lifecycle", "seq": 1, "event_id": "a", "params": end}))

    with serve(answer, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}/api"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("code", "patient", "reconnects"),
    [(4404, False, 0), (4404, True, 1), (4408, False, 1), (4503, False, 1), (1012, False, 1)],
)
def test_a_websocket_is_opened_again_where_the_server_only_says_not_now(
    code: int, patient: bool, reconnects: int
) -> None:
    """4503 comes of a server that ends, or whose engine is away."""
    with closing_first(code) as api:
        client = WebSocketClient(api, "thread", retry_ms=1, patient=patient)
        client.open()
        receipt = client.receive(0)
        client.close()
    assert (receipt.reconnects, receipt.finished) == (reconnects, bool(reconnects))
    assert client.refused_for_good is not receipt.finished


def test_a_page_gives_up_at_the_same_close_codes() -> None:
    script = Path(__file__).parents[3] / "demos/browser/transports/streams.js"
    found = re.search(r"const final = code >= (\d+) && code < (\d+) && code !== (\d+);", script.read_text())
    assert found
    first, after, but = map(int, found.groups())
    assert [n for n in range(5000) if is_permanent(n)] == [n for n in range(first, after) if n != but]
