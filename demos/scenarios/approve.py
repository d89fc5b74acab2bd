"""Scenario: the connection is lost while the agent waits for a human, and the answer is sent more than once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from demos.clients.commanding import PATIENCE_S, PostVoice, SocketVoice
from demos.faults.reset import Reset
from demos.harness.commanding_subject import Talk, is_event, speaking
from demos.harness.excerpt import Excerpt
from demos.harness.scenario import Scenario
from demos.protocol.events import QUESTION_MARK
from demos.protocol.run_options import Pace

CUT_MS = 100
"""After the question has passed, so that a slow machine is cut while it waits as well."""


def approve(talk: Talk) -> Callable[[], Mapping[str, float | None]]:
    """Wait for the question and for the lost connection to come back; then answer, again, and otherwise.

    Raises:
        RuntimeError: the connection was never lost and found.
    """
    question = talk.heard.wait(lambda frame: is_event(frame, "input.requested"))
    talk.heard.wait(lambda frame: is_event(frame, "lifecycle", "interrupted"))
    ends = time.monotonic() + PATIENCE_S
    while len(talk.on.faults) > talk.voice.reader.back:
        if time.monotonic() > ends:
            raise RuntimeError("the connection that was to be cut never came back")
        time.sleep(0.005)
    interrupt = question["params"]["data"]["interrupt_id"]
    given = [talk.voice.say("input.respond", interrupt_id=interrupt, response=said) for said in ("yes", "yes", "no")]

    def figures() -> Mapping[str, float | None]:
        running = talk.heard.first(lambda frame: is_event(frame, "lifecycle", "running"), after=given[0].sent)
        told = [one.reply.get("result", {}).get("repeated") for one in given]
        return {
            "asked": sum(is_event(frame, "input.requested") for _, frame in talk.heard.events),
            "accepted": told.count(False),
            "repeated_responses": told.count(True),
            "refused": sum(one.reply.get("error") == "no_such_interrupt" for one in given),
            "model_runs": sum(
                is_event(frame, "messages", "message-start") and frame["params"].get("node") == "answer"
                for _, frame in talk.heard.events
            ),
            "answer_ms": None if running is None else running - given[0].sent,
        }

    return figures


SCENARIO = Scenario(
    order=60,
    group="agents",
    subjects=(
        speaking(PostVoice, approve, "sse", "httpx", QUESTION_MARK),
        speaking(SocketVoice, approve, "websocket", "websocket-client", QUESTION_MARK),
    ),
    question="May I answer from what I found?",
    pace=Pace(rate=30, first_token_ms=300),
    n_tokens=40,
    settings={"approve": True},
    faults=(Reset(after_ms=CUT_MS, after_tokens=1),),
    means=f"TCP relay: the connection is reset {CUT_MS} ms after the question",
    figures=("asked", "accepted", "repeated_responses", "refused", "model_runs", "answer_ms"),
    code=(
        Excerpt("demos/threads/runs.py", "for key, response in responses.items():"),
        Excerpt("demos/threads/reader.py", "def _settled("),
        Excerpt("demos/browser/scenarios/approve.js", "left() {"),
        Excerpt("demos/browser/run/commands.js", "async respond("),
    ),
)
