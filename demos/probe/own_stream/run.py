"""Reads a user's own stream, as it is, as a browser asks for it, and from a position; within four requests."""

from __future__ import annotations

import ssl
import time
from dataclasses import replace

from demos.probe.budget import Budget
from demos.probe.own_stream.capture import Capture, read_stream, read_websocket
from demos.probe.own_stream.findings import Captured
from demos.probe.own_stream.request import MOST_REQUESTS, OwnRequest
from demos.probe.own_stream.stream_bytes import positions
from demos.protocol.sse import CONTENT_TYPE

EVENTS_AGAIN = 3
"""How many events are read of a stream that is asked for again: enough to see where it goes on."""


def read(asked: OwnRequest, context: ssl.SSLContext) -> Captured:
    """Read the stream. A POST is made once: it may start a run of a model, which costs."""
    budget, began = Budget(MOST_REQUESTS), time.monotonic()
    budget.spend()
    if asked.is_websocket:
        whole = read_websocket(asked, context)
        return Captured(asked, whole, None, None, "", budget.made, budget.seconds)
    whole = read_stream(asked, context)
    browser: Capture | None = None
    again: Capture | None = None
    position = ""
    if asked.method == "GET" and whole.status == 200 and whole.pieces:
        budget.spend()
        browser = read_stream(asked, context, browser=True)
        if position := _middle(whole):
            budget.spend()
            again = read_stream(asked, context, last_event_id=position, most_events=EVENTS_AGAIN)
    return Captured(asked, whole, browser, again, position, budget.made, round(time.monotonic() - began, 1))


def answers_with_events(asked: OwnRequest, context: ssl.SSLContext) -> bool:
    """Whether an address answers with an event stream; leaves after the head."""
    found = read_stream(replace(asked, seconds=0.1), context, most_events=1)
    return found.headers.get("content-type", "").partition(";")[0].strip().lower() == CONTENT_TYPE


def _middle(whole: Capture) -> str:
    """The position after an event in the middle, which another one follows; empty where no event has an id."""
    known = positions(whole.raw)
    middle = (len(known) - 1) // 2
    return known[middle] if len(known) > 1 else ""
