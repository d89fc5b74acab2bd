"""The streams of the project that we hand out, read as anybody's own: nothing in them is bad, over both transports."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

from demos.probe.own_stream.findings import OUTCOMES, findings
from demos.probe.own_stream.request import OwnRequest
from demos.probe.own_stream.run import read
from demos.probe.reach import trust
from guide.book import book
from tests.guide.starter.servers import Served, axes_of, serving, write

PROMPT = "one two three four five six seven eight"


def outcomes(served: Served, address: str, body: str | None = None) -> set[str]:
    cookie = "; ".join(f"{name}={value}" for name, value in served.http.cookies.items())
    asked = OwnRequest.read(f"{address}", body, (f"Cookie: {cookie}",), 8)
    return {one.outcome for one in findings(book().words, read(asked, trust()))}


def test_its_event_stream_has_positions_an_end_and_a_resume(tmp_path: Path) -> None:
    folder = write(axes_of(transport="sse", who="cookie", log="memory", proxy="none"), tmp_path)
    with serving(folder) as served:
        run = served.start(PROMPT)["run"]
        found = outcomes(served, f"http://127.0.0.1:{served.port}/runs/{run}/events")
    assert found == {"answers", "no-coding", "ids", "ends", "heartbeat", "resumes"}
    assert {OUTCOMES[one] for one in found} == {"good"}


def test_its_websocket_ends_as_it_should(tmp_path: Path) -> None:
    folder = write(axes_of(transport="websocket", who="cookie", log="memory", proxy="none"), tmp_path)
    start = json.dumps({"type": "start", "prompt": PROMPT, "run": str(uuid.uuid4())})
    with serving(folder) as served:
        found = outcomes(served, f"ws://127.0.0.1:{served.port}/ws", start)
    assert {"ws-opens", "ws-closed"} <= found
    assert "bad" not in {OUTCOMES[one] for one in found}
