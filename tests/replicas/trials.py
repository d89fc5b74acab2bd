"""One answer, read over both transports through the proxy, while something happens to the server that writes it."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from websocket import WebSocketException

from demos.clients.readers import EventStreamClient, WebSocketClient, milliseconds
from demos.protocol.receipts import Receipt, measure
from tests.patience import factor, seconds
from tests.replicas.stage import Server, Stage

Blow = Callable[[Stage, Server], None]
"""What is done to the server that writes."""
SLOWER = (1, 2, 4)
"""How many times slower an answer is written, at each attempt."""


@dataclass(frozen=True)
class Result:
    """What came of one trial."""

    lost: int
    repeated: int
    terminals: int
    """Terminal events in the log; 1 is right."""
    is_same: bool
    """Whether every reader has the text that stands in the log."""
    gap_s: float
    """The longest pause between two tokens that any reader saw."""
    readers: int
    text: str
    outcome: str

    @property
    def is_right(self) -> bool:
        return (self.lost, self.repeated, self.terminals, self.is_same) == (0, 0, 1, True)


class Texts:
    """Collects the answer that one reader is handed."""

    def __init__(self) -> None:
        self.pieces: list[str] = []

    def __call__(self, event: dict[str, Any], at: float) -> None:
        params = event.get("params", {})
        if params.get("node") == "answer" and params["data"].get("event") == "content-block-delta":
            self.pieces.append(params["data"]["delta"].get("text", ""))


def run(
    stage: Stage,
    blow: Blow | None,
    after: int = 60,
    readers: int = 2,
    then: Callable[[str], object] | None = None,
    **configurable: Any,
) -> Result:
    """Start an answer, read it with so many readers of each transport, strike after so many tokens, and count.

    Again and slower, if it had ended before the blow: on a slow machine readers lag. `then` is called with the thread's
    id when every reader has read so many.
    """
    asked = {"rate": 50, "n_tokens": round(200 * factor()), "seed": 3, "jitter": 0, **configurable}
    for slower in SLOWER:
        result = _run(stage, blow, after, readers, then, {**asked, "rate": asked["rate"] / slower})
        if result is not None:
            return result
    raise AssertionError("the answer ends before all readers have read so much of it")


def _run(
    stage: Stage,
    blow: Blow | None,
    after: int,
    readers: int,
    then: Callable[[str], object] | None,
    configurable: Mapping[str, Any],
) -> Result | None:
    """As `run`, once. None if the answer had ended before the blow."""
    thread_id = str(uuid.uuid4())
    begin(stage, thread_id, **configurable)
    texts = [Texts() for _ in range(2 * readers)]
    kinds = [EventStreamClient, WebSocketClient] * readers
    clients = [
        kind(stage.api, thread_id, patient=True, silence_s=20, listen=text)
        for kind, text in zip(kinds, texts, strict=True)
    ]
    receipts: list[Receipt] = []
    ended = False

    def read(client: EventStreamClient | WebSocketClient) -> None:
        opened(client)
        receipts.append(client.receive(milliseconds()))

    threads = [threading.Thread(target=read, args=(client,), daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    try:
        ends = time.monotonic() + seconds(60)
        while min(len(text.pieces) for text in texts) < after:
            assert time.monotonic() < ends, "the answer does not come"
            time.sleep(0.01)
        if then is not None:
            then(thread_id)
        if blow is not None:
            owner = stage.owner(thread_id)
            if owner is None:  # or a server of another name has it, which would be a mistake of the test
                assert state(stage.api, thread_id)["status"] != "busy"
                ended = True
            else:
                blow(stage, owner)
        for thread in threads:
            thread.join(seconds(90))
        assert not any(thread.is_alive() for thread in threads), "a reader waits for ever"
    finally:
        for client in clients:
            client.close()
    return None if ended else count(stage, thread_id, receipts, texts)


def opened(client: EventStreamClient | WebSocketClient) -> None:
    """Open a stream. A server without its engine refuses new ones for a moment, and is asked again."""
    ends = time.monotonic() + seconds(60)
    while True:
        try:
            return client.open()
        except (httpx.HTTPError, WebSocketException, OSError):
            client.close_response() if isinstance(client, EventStreamClient) else client.close_socket()
            if time.monotonic() > ends:
                raise
        time.sleep(0.1)


def begin(stage: Stage, thread_id: str, **configurable: Any) -> None:
    """Start a run. A server may be lost meanwhile: then it is asked for again, and may have begun already."""
    ends = time.monotonic() + seconds(60)
    while True:
        try:
            reply = stage.start(thread_id, **configurable)
        except (httpx.HTTPError, ValueError):  # no connection, or a page of the proxy
            reply = {"error": "no answer"}
        if reply.get("type") == "success" or "is busy on this thread" in reply.get("message", ""):
            return
        assert time.monotonic() < ends, reply
        time.sleep(0.1)


def count(stage: Stage, thread_id: str, receipts: list[Receipt], texts: list[Texts]) -> Result:
    """Compare what came with the log, read once more from its beginning."""
    whole = Texts()
    answer: dict[int, int] = {}
    terminals: list[str] = []

    def heard(event: dict[str, Any], at: float) -> None:
        before = len(whole.pieces)
        whole(event, at)
        if len(whole.pieces) > before:
            answer[event["seq"]] = 1
        data = event.get("params", {}).get("data", {})
        if event.get("method") == "lifecycle" and data.get("event") in ("completed", "failed"):
            terminals.append(data["event"])

    reader = EventStreamClient(stage.api, thread_id, patient=True, listen=heard)
    opened(reader)
    reader.receive(milliseconds())
    reader.close()
    figures = [measure(receipt, answer) for receipt in receipts]
    text = "".join(whole.pieces)
    return Result(
        lost=sum(figure.lost or 0 for figure in figures),
        repeated=sum(figure.repeated or 0 for figure in figures),
        terminals=len(terminals),
        is_same=all("".join(each.pieces) == text for each in texts),
        gap_s=max((figure.gap_max_ms or 0) for figure in figures) / 1000,
        readers=len(receipts),
        text=text,
        outcome=terminals[-1] if terminals else "none",
    )


def undisturbed(stage: Stage, **configurable: Any) -> str:
    """The text of the same answer, of which nobody is killed."""
    return run(stage, None, 1, 1, **configurable).text


def state(api: str, thread_id: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{api}/threads/{thread_id}/state", timeout=30).json()
    return found
