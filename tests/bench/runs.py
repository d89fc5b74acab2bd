"""One run, measured at its reader: through LangGraph's own SDK, or by iterating the graph in this very process.

Every token is the monotonic time at which the model made it, so its delay is what carrying it added.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from langgraph_sdk import get_client

from demos.agent.graph import Agent
from demos.limits import Limits
from demos.protocol.run_options import Settings
from tests.demos.sdk.clients import ASK

Transport = Literal["sse", "websocket"]
MS, S = 1e6, 1e9
"""Nanoseconds."""


@dataclass
class Timing:
    """When one run's tokens were made and when they came, in nanoseconds of the monotonic clock."""

    begun: int
    made: list[int] = field(default_factory=list)
    came: list[int] = field(default_factory=list)
    pieces: int = 0
    """Events that carried them."""

    def note(self, text: str) -> None:
        """A piece of text: one stamp, or several that were joined; what holds none is no answer."""
        now = time.monotonic_ns()
        stamps = stamps_of(text)
        self.made += stamps
        self.came += [now] * len(stamps)
        self.pieces += bool(stamps)

    @property
    def first_token_ms(self) -> float:
        """From just before the command to the first token."""
        return (self.came[0] - self.begun) / MS

    @property
    def added_ms(self) -> list[float]:
        return [(came - made) / MS for made, came in zip(self.made, self.came, strict=True)]

    @property
    def per_second(self) -> float:
        """Tokens a second, from when the first was made to when the last came: what stands before is not charged."""
        return len(self.came) / ((self.came[-1] - self.made[0]) / S)


def stamps_of(text: str) -> list[int]:
    """The stamps in a piece of text; of a text that is not made of stamps, none."""
    words: Sequence[str] = text.split()
    return [int(word) for word in words] if all(word.isdigit() and len(word) > 6 for word in words) else []


async def through_sdk(url: str, transport: Transport, knobs: dict[str, Any]) -> Timing:
    """A run started and read by the unmodified SDK. It ends with the last token: nobody's way of ending is measured."""
    async with (
        get_client(url=url, api_key=None) as client,
        client.threads.stream(None, assistant_id="agent", transport=transport) as thread,
    ):
        timing = Timing(time.monotonic_ns())
        await thread.run.start(input=ASK, config={"configurable": knobs})
        async for event in thread.subscribe(["messages"]):
            if (data := event["params"]["data"])["event"] == "content-block-delta":
                timing.note(data["delta"].get("text", ""))
                if len(timing.came) >= knobs["n_tokens"]:
                    return timing
    raise RuntimeError(f"the run ended after {len(timing.came)} of {knobs['n_tokens']} tokens")


async def in_process(agent: Agent, name: str, knobs: dict[str, Any]) -> Timing:
    """The graph iterated here: no server, no connection, no encoding."""
    timing = Timing(time.monotonic_ns())
    async for draft in agent.start(name, ASK["messages"][0]["content"], Settings.read(knobs, Limits())):
        if draft.text is not None:
            timing.note(draft.text)
    return timing
