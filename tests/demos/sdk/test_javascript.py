"""LangGraph's own JavaScript SDK against our server, unmodified, over both transports."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from demos.proxies.trials import Transport
from tests.demos.sdk.clients import ASK, WAIT_S, Job, Seen
from tests.demos.sdk.cutter import cutter
from tests.demos.sdk.runs import AT_ONCE, PACED, assert_whole, both, newest, said
from tests.demos.toys import Served

CLIENT = Path(__file__).parent / "javascript" / "client.js"
INSTALLED = Path(sys.prefix) / "javascript"
"""Where make test puts the SDK: beside Python's packages."""
NODE = Path(sys.prefix) / "bin" / "node"
pytestmark = pytest.mark.skipif(
    not (INSTALLED / "node_modules").is_dir(), reason="the SDK is not installed; make test does that, with npm"
)


def javascript(job: Job) -> Seen:
    """Run the job in Node.js, which ends by itself or is killed after a while."""
    given = {"api": job.api, "transport": job.transport, "configurable": job.configurable, "input": ASK,
             "respond": job.respond, "cancel_at": job.cancel_at}  # fmt: skip
    script = shutil.copy(CLIENT, INSTALLED)  # Node.js looks for packages beside the script
    command = [NODE, script, json.dumps(given)]
    last = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        watchdog = threading.Timer(WAIT_S, process.kill)
        watchdog.start()
        for line in process.stdout or ():
            last = json.loads(line)
            if "pieces" in last:
                job.heard(last["pieces"])
        watchdog.cancel()
        complaints = process.stderr.read() if process.stderr else ""
    assert "text" in last, f"the client hung, or fell: {last} {complaints}"
    return Seen([last["text"]], last["output"], last["error"], last["question"])


@both
def test_a_plain_run(real: Served, transport: Transport) -> None:
    assert_whole(real, javascript(Job(real.api, transport, {**AT_ONCE, "n_tokens": 200})))


@both
def test_a_question_to_a_human(real: Served, transport: Transport) -> None:
    seen = javascript(Job(real.api, transport, {**AT_ONCE, "n_tokens": 40, "approve": True}, respond="yes"))
    assert seen.question["question"].startswith("Answer from these")
    assert seen.error == ""
    # Not its output: over an event stream that may be the state at the question still, as the SDK (1.15.0) keeps it.
    assert seen.text == said(real, newest(real))


@both
@pytest.mark.parametrize("how", ["rst", "fin"])
def test_cut_three_times_in_mid_answer(real: Served, transport: Transport, how: str) -> None:
    """With time to come back before the run's end.

    Back later than that over a WebSocket, the SDK (1.15.0) hands out the end before the tokens: its two subscriptions
    share the socket, and what comes for its own watch of the lifecycle is handed to all.
    """
    with cutter(real.port) as relay:

        def heard(count: int) -> None:
            if count in (10, 250, 450):  # it waits for up to two seconds before it connects again
                relay.cut(how)

        seen = javascript(Job(f"http://127.0.0.1:{relay.port}/api", transport, {**PACED, "n_tokens": 900}, heard))
        assert relay.cuts == 3
    assert_whole(real, seen)


@both
def test_a_cancel_ends_iteration_and_output(real: Served, transport: Transport) -> None:
    seen = javascript(Job(real.api, transport, {**PACED, "n_tokens": 3000}, cancel_at=5))
    assert "cancelled" in seen.error
    answer = said(real, newest(real))
    assert seen.text == answer
    assert seen.output["messages"][-1]["type"] == "tool", "the state before the answer that was not finished"


@both
def test_a_failing_model_ends_iteration_and_output(real: Served, transport: Transport) -> None:
    seen = javascript(Job(real.api, transport, {**PACED, "n_tokens": 50, "fail_at": 20}))
    assert "the model failed after 20 tokens" in seen.error
    assert seen.text == said(real, newest(real))
