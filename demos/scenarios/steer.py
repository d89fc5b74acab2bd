"""Scenario: short inputs during the answer, by one request each beside an event stream or one WebSocket frame each."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from typing import Any

from demos.clients.commanding import PostVoice, SocketVoice
from demos.clients.readers import milliseconds
from demos.harness.commanding_subject import Talk, speaking, text
from demos.harness.excerpt import Excerpt
from demos.harness.scenario import Scenario
from demos.harness.testbed import Subject
from demos.protocol.receipts import percentile
from demos.protocol.run_options import Pace

INPUTS, EVERY_MS = 40, 50
"""Twenty a second for two seconds, as keystrokes or a live topic would come."""


def steer(talk: Talk, inputs: int, every_ms: float) -> Callable[[], Mapping[str, float | None]]:
    """Send inputs at fixed moments; who is late sends at once.

    Raises:
        RuntimeError: the server refused one.
    """
    before = talk.sent_bytes()
    began, said = milliseconds(), []
    for n in range(2 if talk.on.warm_up else inputs):
        time.sleep(max(0.0, began + n * every_ms - milliseconds()) / 1000)
        message = {"role": "user", "content": f"topic {n}"}
        said.append(one := talk.voice.say("input.inject", namespace=[], message=message))
        if one.reply["type"] != "success":
            raise RuntimeError(f"the demo server refused an input: {one.reply['message']}")
    sent = talk.sent_bytes() - before

    def figures() -> Mapping[str, float | None]:
        shown = [talk.heard.first(functools.partial(_shows, f"topic {n};")) for n in range(len(said))]
        heard = sorted(at - one.sent for at, one in zip(shown, said, strict=True) if at is not None)
        acks = sorted(one.replied - one.sent for one in said)
        return {
            "inputs": len(said),
            "unheard": shown.count(None),
            "sent_bytes": sent / len(said),
            "requests": len(said) if talk.voice.transport == "sse" else 0,
            "ack_ms": percentile(acks, 50),
            "steer_ms": percentile(heard, 50),
        }

    return figures


def _shows(topic: str, frame: dict[str, Any]) -> bool:
    return topic in text(frame)


def subjects(inputs: int, every_ms: float) -> tuple[Subject, ...]:
    """By POST on a connection that is kept, by POST on a new one each, and in band."""
    speak = functools.partial(steer, inputs=inputs, every_ms=every_ms)
    return (
        speaking(PostVoice, speak, "sse", "httpx"),
        speaking(functools.partial(PostVoice, keep=False), speak, "sse", "httpx, new connections"),
        speaking(SocketVoice, speak, "websocket", "websocket-client"),
    )


SCENARIO = Scenario(
    order=70,
    group="agents",
    subjects=subjects(INPUTS, EVERY_MS),
    question="How much may a client send while an answer streams?",
    pace=Pace(rate=30, first_token_ms=300),
    n_tokens=90,
    figures=("inputs", "unheard", "sent_bytes", "requests", "ack_ms", "steer_ms"),
    code=(
        Excerpt("demos/browser/run/commands.js", "command(pane, method, params, inBand = false) {"),
        Excerpt("demos/browser/transports/streams.js", "#say(method, params) {"),
        Excerpt("demos/server/endpoints.py", "def request_bytes("),
        Excerpt("demos/agent/steering.py", "def drain(self)"),
    ),
)
