"""The starter's clients for one POST whose response is the answer, and a page that has to do without WebSockets."""

from __future__ import annotations

import shlex
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from demos.clients.chromium import Page, chromium
from tests.guide.starter.faulty import WAIT_S, Faulty, faulty
from tests.guide.starter.terminals import started

ENDS = {
    "ok": ("A ", "completed", 0),
    "cut": ("A ", "lost", 4),
    "broken": ("A ", "lost", 4),
    "sentinel": ("A ", "lost", 4),
    "busy": ("", "refused", 1),
}
"""Text, status, and exit code in a terminal."""
RUN = """async (variant, prompt, settings) => {
  const files = ["event_stream.js", "stream.js"].map((name) => import(`/${variant}/${name}`));
  const module = Object.assign({}, ...(await Promise.all(files)));
  Object.assign(module.settings, settings);
  return await new Promise((over) => {
    const seen = { text: "", states: [] };
    const event = ({ type, text = "", question }) => {
      seen.text += text;
      if (type === "question") seen.question = question;
      if (prompt === "hold") stream.stop();
    };
    const state = (status, { reason = "" }) => {
      seen.states.push(status);
      if (status === "connecting") seen.text = "";
      if (status === "waiting") stream.answer(seen.question, "yes");
      if (!["connecting", "open", "waiting", "retrying"].includes(status)) over({ ...seen, status, reason });
    };
    const given = variant === "post" ? [{ role: "user", content: prompt }] : prompt;
    const stream = module.start(given, { hooks: { event, state } });
  });
}"""


@pytest.fixture(scope="module")
def server() -> Iterator[Faulty]:
    with faulty() as found:
        yield found


@pytest.fixture(scope="module")
def page(server: Faulty) -> Iterator[Page]:
    with chromium() as browser:
        yield browser.page(server.url)


def until_left(server: Faulty, case: str) -> None:
    deadline = time.monotonic() + WAIT_S
    while case not in server.left:
        assert time.monotonic() < deadline, "the server was not told"
        time.sleep(0.01)  # between two looks


# --- one POST ---


@pytest.mark.browser
@pytest.mark.parametrize("case", ENDS)
def test_a_page_ends_one_post_as_it_should(server: Faulty, page: Page, case: str) -> None:
    before = len(server.posted)
    seen: dict[str, Any] = page.run(RUN, "post", case, {}, limit_s=WAIT_S)
    assert (seen["text"], seen["status"]) == ENDS[case][:2], seen
    assert len(server.posted) == before + 1, "nothing is asked again unseen"


@pytest.mark.browser
def test_a_page_answers_a_question_with_a_post_of_everything(server: Faulty, page: Page) -> None:
    seen = page.run(RUN, "post", "question", {}, limit_s=WAIT_S)
    assert seen["states"] == ["connecting", "open", "waiting", "connecting", "open", "completed"]
    assert seen["text"] == "A B ", "the text of the turn begins anew"
    assert [body["answers"] for body in server.posted[-2:]] == [
        [],
        [{"question": {"question": "Sure?"}, "value": "yes"}],
    ]


@pytest.mark.browser
def test_a_page_stops_by_closing_the_response(server: Faulty, page: Page) -> None:
    server.left.clear()
    assert page.run(RUN, "post", "hold", {}, limit_s=WAIT_S)["status"] == "stopped"
    until_left(server, "hold")


@pytest.mark.parametrize("case", ENDS)
def test_a_terminal_ends_one_post_as_it_should(server: Faulty, case: str) -> None:
    before = len(server.posted)
    process = started("post", server.url, case)
    out, err = process.communicate(timeout=WAIT_S)
    assert (out, process.returncode) == (ENDS[case][0], ENDS[case][2]), err
    assert f"[{ENDS[case][1]}]" in err
    assert len(server.posted) == before + 1


def test_a_terminal_says_how_a_question_is_answered(server: Faulty) -> None:
    asked = started("post", server.url, "question")
    _, err = asked.communicate(timeout=WAIT_S)
    assert asked.returncode == 3
    command = shlex.split(next(line for line in err.splitlines() if "--answers" in line).partition("python ")[2])
    answered = started("post", server.url, *command[1:])
    assert answered.communicate(timeout=WAIT_S)[0] == "A B "
    assert answered.returncode == 0


def test_ctrl_c_closes_the_response(server: Faulty) -> None:
    server.left.clear()
    process = started("post", server.url, "hold")
    assert process.stdout
    assert process.stdout.read(2) == "A "
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=WAIT_S)
    assert process.returncode == 1
    assert "[stopped]" in err
    until_left(server, "hold")


# --- a page that comes back ---

WAKE = """async (variant, wake) => {
  const files = ["event_stream.js", "stream.js"].map((name) => import(`/${variant}/${name}`));
  const { start, settings } = Object.assign({}, ...(await Promise.all(files)));
  Object.assign(settings, { pause: 30_000 });
  const persisted = { persisted: true };
  const wakes = {
    online: () => dispatchEvent(new Event("online")),
    visible: () => document.dispatchEvent(new Event("visibilitychange")),
    restored: () => ["pagehide", "pageshow"].map((name) => dispatchEvent(new PageTransitionEvent(name, persisted))),
  };
  return await new Promise((over) => {
    let text = "";
    const event = (event) => (text += event.text ?? "");
    const state = (status) => {
      if (status === "retrying") wakes[wake]();
      if (status === "completed") over({ text, run: stream.run });
    };
    const stream = start("cuts", { hooks: { event, state } });
  });
}"""


@pytest.mark.browser
@pytest.mark.parametrize("wake", ["online", "visible", "restored"])
@pytest.mark.parametrize("variant", ["sse", "fetch", "websocket", "fallback"])
def test_a_page_that_is_awake_again_asks_at_once(server: Faulty, page: Page, variant: str, wake: str) -> None:
    seen = page.run(WAKE, variant, wake, limit_s=WAIT_S)
    run = server.runs[seen["run"]]
    assert (seen["text"], len(run.positions)) == ("A B C ", 4)
    assert run.times[-1] - run.times[0] < 3 * 15, "of three pauses of 15 to 30 s, none was sat out"


# --- a path without WebSockets ---


@pytest.mark.browser
def test_a_page_does_without_websockets_if_it_must(server: Faulty, page: Page) -> None:
    """Refused, then for good: the way that was found is not looked for again."""
    way = "() => sessionStorage.getItem('way')"
    assert page.run(RUN, "fallback", "cuts", {"pause": 0.01}, limit_s=WAIT_S)["text"] == "A B C "
    assert (server.of("cuts").way, page.run(way)) == ("ws", None)
    server.sockets = False
    seen = page.run(RUN, "fallback", "cuts", {"pause": 0.01}, limit_s=WAIT_S)
    assert (seen["text"], seen["status"]) == ("A B C ", "completed")
    server.sockets = True
    assert page.run(RUN, "fallback", "ok", {"pause": 0.01}, limit_s=WAIT_S)["text"] == "A "
    assert (server.of("cuts").way, server.of("ok").way, page.run(way)) == ("sse", "sse", "sse")


@pytest.mark.browser
def test_a_page_does_not_wait_for_a_websocket_that_never_opens(server: Faulty, page: Page) -> None:
    page.run("() => sessionStorage.clear()")
    seen = page.run(RUN, "fallback", "ok", {"opening": 0}, limit_s=WAIT_S)
    assert (seen["text"], seen["status"]) == ("A ", "completed")
    assert page.run("() => sessionStorage.getItem('way')") == "sse"
