"""The starter's clients against servers and paths with faults: nothing twice, no loss unseen, no asking for ever."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from demos.clients.chromium import chromium
from tests.guide.starter.faults import SCRIPTS
from tests.guide.starter.faulty import WAIT_S, Faulty, Run, faulty
from tests.guide.starter.terminals import CLIENT, environment, started
from tests.patience import seconds

MOST_TRIES = 10
SILENCE_S = seconds(0.5)
CODES = {"completed": 0, "waiting": 3, "lost": 4, "forgotten": 4}


class End(NamedTuple):
    text: str
    status: str
    connections: int


EXPECTED = {
    "ok": End("A ", "completed", 1),
    "plain-ids": End("A ", "completed", 1),
    "no-text": End("", "completed", 1),
    "no-events": End("A ", "completed", 1),
    "not-handled": End("A B ", "completed", 1),
    "failed": End("A ", "failed", 1),
    "question": End("A D ", "completed", 1),
    "two-questions": End("E ", "completed", 1),
    "stopped": End("A ", "stopped", 1),
    "cuts": End("A B C ", "completed", 4),
    "silent": End("A B ", "completed", 2),
    "replays": End("A B C D E ", "completed", 3),
    "half-an-event": End("A ", "completed", 2),
    "broken-once": End("A B C ", "completed", 2),
    "busy-for-a-while": End("A ", "completed", 3),
    "goes-and-comes": End("A B ", "completed", 2),
    "retry-after": End("A ", "completed", 2),
    "replays-for-ever": End("A B C ", "lost", 1 + MOST_TRIES),
    "sentinel-for-ever": End("A ", "lost", 1 + MOST_TRIES),
    "numbered-sentinel": End("A ", "lost", 1 + MOST_TRIES),
    "pings-for-ever": End("", "lost", MOST_TRIES),
    "broken-for-ever": End("A ", "lost", 1 + MOST_TRIES),
    "unavailable": End("", "lost", MOST_TRIES),
    "began-anew": End("A B ", "forgotten", 2),
    "gone": End("A ", "forgotten", 2),
    "another-log": End("A ", "forgotten", 2),
    "thrown-away": End("A ", "forgotten", 2),
    "unknown": End("A ", "refused", 2),
    "forbidden": End("A ", "refused", 2),
}
BEFORE = {"thread-busy": "refused", "thread-unknown": "forgotten"}
"""Ends before there is a stream."""
VARIANTS = ("sse", "fetch", "websocket", "fallback")


def test_each_fault_has_an_end() -> None:
    assert SCRIPTS.keys() == EXPECTED.keys()


# --- in a browser ---

RUN_ALL = """async (variant, cases, silence) => {
  const files = ["event_stream.js", "stream.js"].map((name) => import(`/${variant}/${name}`));
  const { start, settings } = Object.assign({}, ...(await Promise.all(files)));
  const run = (prompt) => new Promise((over) => {
    const seen = { text: "", states: [], thrown: 0 };
    Object.assign(settings, { pause: 0.01, silence: prompt === "silent" ? silence : 60_000 });
    const event = ({ type, text, question }) => {
      if (prompt === "not-handled" && text === "B " && seen.thrown++ === 0) throw new Error("not handled");
      if (type === "token") seen.text += text;
      if (type === "question") seen.answering = stream.answer(question, "yes");
      if (type === "token" && prompt === "stopped") stream.stop();
    };
    const state = async (status, { reason = "", tries }) => {
      seen.states.push(tries ? `${status} ${tries}` : status);
      if (["connecting", "open", "waiting", "retrying"].includes(status)) return;
      const taken = await seen.answering;
      over([prompt, { ...seen, taken, status, reason, thread: stream.thread, run: stream.run }]);
    };
    const stream = start(prompt, { hooks: { event, state } });
  });
  const seen = [];
  // One after the other: where many WebSockets open at once, Chromium lets them wait for seconds.
  for (const each of cases) seen.push(await run(each));
  return Object.fromEntries(seen);
}"""


@pytest.fixture(scope="module")
def server() -> Iterator[Faulty]:
    with faulty() as found:
        yield found


class Seen(NamedTuple):
    """What a client showed, and what the server saw of it."""

    shown: dict[str, Any]
    run: Run


@pytest.fixture(scope="module")
def browsers(server: Faulty) -> dict[tuple[str, str], Seen]:
    """Every case in every variant, in one page."""
    found: dict[tuple[str, str], Seen] = {}
    cases = [*EXPECTED, *BEFORE]
    with chromium() as browser:
        page = browser.page(server.url)
        for variant in VARIANTS:
            all_seen = page.run(RUN_ALL, variant, cases, SILENCE_S * 1000, limit_s=WAIT_S)
            found |= {(variant, case): Seen(shown, server.runs[shown["run"]]) for case, shown in all_seen.items()}
    return found


ALL = [
    (variant, case)
    for variant in VARIANTS
    for case in EXPECTED
    if (variant, case) != ("websocket", "half-an-event")  # a message is whole, or does not come
]


@pytest.mark.browser
@pytest.mark.parametrize(("variant", "case"), ALL)
def test_a_page_ends_as_it_should(browsers: dict[tuple[str, str], Seen], variant: str, case: str) -> None:
    shown, run = browsers[variant, case]
    assert (shown["text"], shown["status"]) == EXPECTED[case][:2], shown
    connections = EXPECTED[case].connections + (case == "not-handled")
    if case == "silent":
        assert len(run.positions) >= connections
    elif variant in ("sse", "fallback"):
        # EventSource does not say which status it was refused with, so that is asked. A fallback tries both ways.
        assert connections <= len(run.positions) <= 2 * connections
    else:
        assert len(run.positions) == connections, shown["states"]


@pytest.mark.browser
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_page_says_what_it_does(browsers: dict[tuple[str, str], Seen], variant: str) -> None:
    shown, run = browsers[variant, "question"]
    assert shown["states"][0] == "connecting"
    assert shown["states"][-3:] == ["waiting", "open", "completed"]
    assert shown["taken"]
    assert run.said == [{"what": "answer", "question": "q1", "value": "yes"}]
    two = [state for state in browsers[variant, "two-questions"].shown["states"] if state != "connecting"]
    assert two[-5:] == ["waiting", "waiting", "waiting", "open", "completed"]
    assert shown["thread"] == "thread of question"
    assert [said["what"] for said in browsers[variant, "stopped"].run.said] == ["stop"]
    tries = [state for state in browsers[variant, "replays-for-ever"].shown["states"] if state.startswith("retrying")]
    assert tries == [f"retrying {n}" for n in range(1, MOST_TRIES + 1)]


@pytest.mark.browser
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_page_reads_on_from_what_it_has_handled(browsers: dict[tuple[str, str], Seen], variant: str) -> None:
    assert browsers[variant, "cuts"].run.positions == ["0", "e1-1", "e1-2", "e1-3"]
    assert browsers[variant, "broken-once"].run.positions == ["0", "e1-1"]
    assert browsers[variant, "not-handled"].run.positions == ["0", "e1-1"]


@pytest.mark.browser
@pytest.mark.parametrize("variant", ["sse", "fetch", "fallback"])
@pytest.mark.parametrize(("case", "status"), BEFORE.items())
def test_a_start_that_is_refused_is_not_repeated(
    browsers: dict[tuple[str, str], Seen], variant: str, case: str, status: str
) -> None:
    shown, run = browsers[variant, case]
    assert (shown["status"], shown["reason"], run.starts) == (status, "The thread says no.", 1)


@pytest.mark.browser
@pytest.mark.parametrize("variant", ["sse", "fetch", "fallback"])
def test_a_start_that_got_no_answer_is_sent_again_with_the_same_id(
    browsers: dict[tuple[str, str], Seen], variant: str
) -> None:
    assert browsers[variant, "busy-for-a-while"].run.starts == 2


@pytest.mark.browser
def test_retry_after_is_obeyed(browsers: dict[tuple[str, str], Seen]) -> None:
    first, second = browsers["fetch", "retry-after"].run.times
    assert second - first >= 0.9


# --- in a terminal ---


class Ran(NamedTuple):
    code: int
    out: str
    err: str
    run: Run


def ran(client: str, server: Faulty, case: str, *more: str) -> Ran:
    """A terminal client, to its end."""
    process = started(client, server.url, *(more or [case]))
    out, err = process.communicate(timeout=WAIT_S)
    return Ran(process.returncode, out, err, server.of(case))


TERMINALS = ("sse", "websocket")
ASKED = [
    (client, case)
    for client in TERMINALS
    for case in EXPECTED
    if case != "stopped" and (client, case) != ("websocket", "half-an-event")
]


RUN_EACH = """
import contextlib, io, json, os, runpy, sys
client, url, silence, *cases = sys.argv[1:]
found = {}
for case in cases:
    sys.argv = [client, "--url", url, case]
    os.environ["SILENCE_SECONDS"] = silence if case == "silent" else "60"
    out, err, code = io.StringIO(), io.StringIO(), None
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            runpy.run_path(client, run_name="__main__")
        except SystemExit as end:
            code = end.code
    found[case] = code, out.getvalue(), err.getvalue()
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def terminals() -> dict[tuple[str, str], Ran]:
    """Every case in each client: one process a client, since most of the time of one is its imports."""
    found: dict[tuple[str, str], Ran] = {}
    for client in TERMINALS:
        cases = [case for one, case in ASKED if one == client]
        with faulty() as server:
            file = str(CLIENT / f"terminal_{client}.py")
            command = [sys.executable, "-c", RUN_EACH, file, server.url, str(SILENCE_S), *cases]
            process = subprocess.run(
                command, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=WAIT_S
            )
            assert process.returncode == 0, process.stderr
            found |= {
                (client, case): Ran(code, out, err, server.of(case))
                for case, (code, out, err) in json.loads(process.stdout).items()
            }
    return found


@pytest.mark.parametrize(("client", "case"), ASKED)
def test_a_terminal_ends_as_it_should(terminals: dict[tuple[str, str], Ran], client: str, case: str) -> None:
    text, status, connections = EXPECTED[case]
    found = terminals[client, case]
    if "question" in case:
        text, status = "A " if case == "question" else "", "waiting"  # nobody sits at this terminal
    assert (found.out, found.code) == (text, CODES.get(status, 1)), found.err
    assert f"[{status}]" in found.err
    assert len(found.run.positions) == connections or case == "silent", found.err


@pytest.mark.parametrize("client", TERMINALS)
def test_a_terminal_says_how_a_question_is_answered(server: Faulty, client: str) -> None:
    asked = ran(client, server, "question")
    assert "Sure?" in asked.err
    assert asked.code == 3
    command = shlex.split(next(line for line in asked.err.splitlines() if "--answer" in line).partition("python ")[2])
    answered = ran(client, server, "question", *command[1:])
    assert (answered.out, answered.code) == ("D ", 0), answered.err
    assert answered.run.positions == ["0", "e1-1"]
    assert answered.run.said == [{"what": "answer", "question": "q1", "value": "yes"}]


@pytest.mark.parametrize("client", TERMINALS)
def test_ctrl_c_stops_the_run_and_not_only_the_reading(server: Faulty, client: str) -> None:
    process = started(client, server.url, "stopped")
    assert process.stdout
    assert process.stdout.read(2) == "A "
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=WAIT_S)
    assert (out, process.returncode) == ("", 1), err
    assert "[stopped]" in err
    assert [said["what"] for said in server.of("stopped").said] == ["stop"]


@pytest.mark.parametrize("more", [[], ["--run", "x", "prompt"], ["--url", "nowhere", "prompt"], ["--since", "1"]])
@pytest.mark.parametrize("client", TERMINALS)
def test_wrong_usage_is_code_2(server: Faulty, client: str, more: list[str]) -> None:
    command = [sys.executable, str(CLIENT / f"terminal_{client}.py"), *more]
    assert subprocess.run(command, capture_output=True, timeout=WAIT_S).returncode == 2
