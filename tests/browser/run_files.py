"""A saved run made by hand, and how a page is given one."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page


def delta(text: str, seq: int = 2) -> dict[str, Any]:
    data = {"event": "content-block-delta", "delta": {"type": "text-delta", "text": text}}
    params = {"namespace": [], "node": "answer", "data": data}
    return {"type": "event", "seq": seq, "method": "messages", "params": params}


def pane(transport: str, client: str) -> dict[str, Any]:
    heard = [{"t": -20, "state": "connecting", "detail": {}}, {"t": 0, "state": "open", "detail": {}}]
    heard += [{"t": 50, "event": delta("one ")}, {"t": 90, "event": delta("two", 3)}]
    both = {"id": transport, "transport": transport, "client": client, "heard": heard, "wire": [], "marks": []}
    measured = {"tokens": 2, "events": 2, "lost": 0, "repeated": 0, "reconnects": 0}
    return {**both, "downs": [], "measured": measured, "figures": {}}


def small() -> dict[str, Any]:
    """A run of a tenth of a second, as a file holds it."""
    return {
        "format": "streamwise-run",
        "version": 1,
        "scenario": "plain",
        "taken": "2026-11-25T12:00:00.000Z",
        "versions": {},
        "browser": "Chromium 1",
        "settings": {"mode": "one", "rate": 30, "seed": 7},
        "lasted": 100,
        "dropped": None,
        "said": {"sentence": "plain", "came": "same", "values": {}},
        "panes": [pane("sse", "EventSource"), pane("websocket", "WebSocket")],
    }


def offer(page: Page, content: str | bytes, name: str = "run.json") -> None:
    buffer = content.encode() if isinstance(content, str) else content
    page.get_by_test_id("lab-file").set_input_files({"name": name, "mimeType": "application/json", "buffer": buffer})
