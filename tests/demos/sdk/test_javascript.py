"""LangGraph's own JavaScript SDK against our server, unmodified, over both transports."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from demos.proxies.trials import Transport
from tests.demos.sdk.clients import ASK, WAIT_S, Job, Seen
from tests.demos.sdk.cutter import cutter
from tests.demos.sdk.runs import AT_ONCE, PACED, assert_whole, both, newest, said
from tests.demos.toys import Served, until
from tests.demos.wire import events_until_end
from tests.patience import factor, milliseconds

CLIENT = Path(__file__).parent / "javascript" / "client.js"
INSTALLED = Path(sys.prefix) / "javascript"
"""Where make test puts the SDK: beside Python's packages."""
NODE = Path(sys.prefix) / "bin" / "node"
pytestmark = pytest.mark.skipif(
    not (INSTALLED / "node_modules").is_dir(), reason="the SDK is not installed; make test does that, with npm"
)

LATER = {"first_token_ms": milliseconds(1000)}
"""A run that speaks once the SDK (1.15.0) listens. It opens a stream for the state first, one with the text after it,
and hands the end that the first one brings to both: of a run that is over by then it drops the text.
"""


def javascript(job: Job) -> Seen:
    """Run the job in Node.js, which ends by itself or is killed after a while."""
    given = {"api": job.api, "transport": job.transport, "configurable": job.configurable, "input": ASK,
             "respond": job.respond, "cancel_at": job.cancel_at, "thread_id": job.thread_id,
             "start": job.start}  # fmt: skip
    script = shutil.copy(CLIENT, INSTALLED)  # Node.js looks for packages beside the script
    command = [NODE, script, json.dumps(given)]
    last = {}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        # The whole group: what is called node may start Node.js as a child, which would keep the pipe.
        watchdog = threading.Timer(WAIT_S, os.killpg, (process.pid, signal.SIGKILL))
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
    assert_whole(real, javascript(Job(real.api, transport, {**AT_ONCE, **LATER, "n_tokens": 200})))


@both
def test_a_question_to_a_human(real: Served, transport: Transport) -> None:
    seen = javascript(Job(real.api, transport, {**AT_ONCE, "n_tokens": 40, "approve": True}, respond="yes"))
    assert seen.question["question"].startswith("Refund 40 EUR to Ana for order 1182?")
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
        owed = [10, 200, 400]  # it waits for up to two seconds before it connects again

        def heard(count: int) -> None:
            if owed and count >= owed[0] and relay.cut(how):
                owed.pop(0)

        long = {**PACED, "n_tokens": round(1200 * min(factor(), 5))}
        seen = javascript(Job(f"http://127.0.0.1:{relay.port}/api", transport, long, heard))
        assert relay.cuts == 3
    assert_whole(real, seen)


@both
def test_a_cancel_ends_iteration_and_output(real: Served, transport: Transport) -> None:
    seen = javascript(Job(real.api, transport, {**PACED, **LATER, "n_tokens": 3000}, cancel_at=5))
    assert "cancelled" in seen.error
    answer = said(real, newest(real))
    # The client throws once it hears of the end, whatever of the text still waits in its queue: a token or two.
    assert answer.startswith(seen.text)
    assert len(answer.split()) - len(seen.text.split()) <= 3
    assert seen.output["messages"][-1]["type"] == "tool", "the state before the answer that was not finished"


@both
def test_a_failing_model_ends_iteration_and_output(real: Served, transport: Transport) -> None:
    seen = javascript(Job(real.api, transport, {**PACED, **LATER, "n_tokens": 50, "fail_at": 20}))
    assert "the model failed after 20 tokens" in seen.error
    assert seen.text == said(real, newest(real))


def begun(real: Served, tokens: int) -> str:
    """A thread on which somebody else has started a run."""
    thread = real.thread()
    real.command(thread, "run.start", input=ASK, config={"configurable": {**PACED, "n_tokens": tokens}})
    return thread


def others_read_to_the_end(real: Served, thread: str) -> None:
    with real.http.stream("GET", f"/threads/{thread}/stream/events?since=0") as answer:
        events_until_end(answer)


def test_away_while_the_run_ended_though_others_have_read_the_end(real: Served) -> None:
    """It comes back without a position, and would wait for ever for what somebody else was sent.

    Over an event stream. Over a WebSocket it has two subscriptions on one socket, and is at times done with the end
    that the one brings before the other has brought the text (1.15.0; see the cuts above).
    """
    thread = begun(real, 300)
    run = real.backend.threads.get(thread).find(None)
    with cutter(real.port) as relay:

        def heard(count: int) -> None:
            if count == 10 and not relay.cuts:
                relay.is_shut = True
                relay.cut("rst")
                until(lambda: run.ended)
                others_read_to_the_end(real, thread)
                run.ended_at = -1e9  # it was away for longer than a finished run is sent to just anybody
                relay.is_shut = False

        at = f"http://127.0.0.1:{relay.port}/api"
        seen = javascript(Job(at, "sse", {}, heard, thread_id=thread, start=False))
        assert relay.cuts == 1
    assert (seen.error, seen.text) == ("", said(real, thread))


@both
def test_a_client_that_attaches_after_the_end_sees_the_run(real: Served, transport: Transport) -> None:
    thread = begun(real, 20)
    until(lambda: real.backend.threads.get(thread).find(None).ended)
    others_read_to_the_end(real, thread)
    seen = javascript(Job(real.api, transport, {}, thread_id=thread, start=False))
    assert (seen.error, seen.text) == ("", said(real, thread))


@both
def test_two_turns_on_one_thread(real: Served, transport: Transport) -> None:
    thread = real.thread()
    for tokens in (
        30,
        50,
    ):  # not at once: the SDK reads the lifecycle first, and a run that has ended then is over for it
        seen = javascript(Job(real.api, transport, {**PACED, "n_tokens": tokens}, thread_id=thread))
        assert_whole(real, seen, thread)


def test_another_assistant_is_refused_and_ours_is_named(real: Served) -> None:
    reply = real.command(real.thread(), "run.start", input=ASK, assistant_id="nosuch")
    assert (reply["type"], reply["error"]) == ("error", "no_such_assistant")
    assert "'agent'" in reply["message"]
