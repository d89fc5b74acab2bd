"""The lab's readers of event streams against the standard, and the three clients side by side."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from demos.protocol.sse import Decoder, Message
from tests.browser.labs import choose, predict, row, run, shows
from tests.browser.screen import axe
from tests.browser.scripts import evaluated
from tests.guide.starter.byte_streams import STREAMS
from tests.guide.starter.faults import SCRIPTS, Hold, Raw, Refusal, Told
from tests.guide.starter.faulty import written
from tests.guide.starter.long_lines import LONG_LINE, PIECE, SIZES, linear

_READ = """
  const [paths, methods] = given;
  const read = (Stream, path) => new Promise((over) => {
    const wires = [];
    const state = (kind) => {
      if (kind === "connecting" || kind === "open") return;
      stream.close();
      over(wires);
    };
    const wire = (way, text) => wires.push(text);
    const hooks = { state, wire, event() {}, heard() {}, beat() {}, tried() {}, back() {} };
    const stream = new Stream(`${location.origin}${path}`, hooks, { methods, resume: () => false });
    stream.open();
  });
  return Promise.all(paths.map((path) => Promise.all([EventSourceStream, FetchStream].map((one) => read(one, path)))));
"""
_LONG = f"""
  const [sizes, line] = given;
  {LONG_LINE}
  const read = (stream) => new Promise((over) => {{
    globalThis.fetch = async () => new Response(stream);
    const hooks = {{ state() {{}}, event() {{}}, heard() {{}}, wire: (way, text) => over(text.split("data: ")[1]) }};
    new FetchStream("/", hooks, {{ resume: () => false }}).open();
  }});
  const times = [];
  for (const size of sizes) times.push(await shortest(size, line, read));
  return times;
"""


@pytest.fixture
def expected_errors() -> list[str]:
    return [r"ERR_CONNECTION_RESET", r"ERR_INCOMPLETE_CHUNKED_ENCODING"]


def first_connections() -> Iterator[tuple[str, bytes]]:
    """What a client first gets of each faulty server. Data that is cut in two ends a connection; it is not here."""
    for name, script in SCRIPTS.items():
        steps = [step for step in script(0, 0) if not isinstance(step, Refusal | Hold | Told)]
        if "broken" not in name:
            yield name, b"".join(step.data if isinstance(step, Raw) else written(step) for step in steps)


def wire(message: Message, client: str) -> str:
    """How the lab shows an event. EventSource leaves no doubt that there is no id; a ping has none of its own."""
    event, last = message.event, message.last_event_id
    shown = event != "ping" if client == "EventSource" else last
    return (f"id: {last}\n" if shown else "") + f"event: {event}\ndata: {message.data}"


def test_both_clients_read_every_stream_as_the_standard_says(page: Page) -> None:
    """Also what is no event of ours, such as a sentinel: it stops nothing."""
    streams = STREAMS | dict(first_connections())
    messages = {name: list(Decoder().feed(stream)) for name, stream in streams.items()}
    events = {one.event for found in messages.values() for one in found} - {"ping"}
    served = {f"/streams/{n}": stream for n, stream in enumerate(streams.values())}
    found = evaluated(page, _READ, list(served), sorted(events), streams=served)
    for name, (source, fetched) in zip(streams, found, strict=True):
        assert source == [wire(one, "EventSource") for one in messages[name]], name
        assert fetched == [wire(one, "fetch") for one in messages[name]], name


@pytest.mark.quiet
def test_a_long_line_costs_the_fetch_client_what_its_length_says(page: Page) -> None:
    assert linear(*evaluated(page, _LONG, SIZES, PIECE))


def test_without_code_only_eventsource_comes_back_and_only_fetch_brings_a_header(app_url: str, page: Page) -> None:
    choose(page, app_url, "clients", code="none")
    predict(page, "all")
    run(page)
    event_source, fetched, socket = row(page, "lost")
    assert event_source == 0
    assert fetched
    assert socket
    assert row(page, "reconnects") == [1, 0, 0]
    assert row(page, "posted") == row(page, "authorized") == [0, 1, 0]
    expect(page.get_by_test_id("lab-judged")).to_contain_text("It was: Only EventSource.")
    shows(page, "only EventSource came back by itself. Only fetch could send a header.")
    assert axe(page) == []


def test_with_code_all_three_come_back(app_url: str, page: Page) -> None:
    choose(page, app_url, "clients", code="resume")
    predict(page, "all")
    run(page)
    assert (row(page, "lost"), row(page, "repeated"), row(page, "reconnects")) == ([0] * 3, [0] * 3, [1] * 3)
    assert (row(page, "requests"), row(page, "authorized")) == ([2, 2, 2], [0, 2, 0])
    expect(page.get_by_test_id("lab-judged")).to_have_text("As you expected: All three.")
    shows(page, "all three came back. EventSource did it by itself")
    page.get_by_text("The code that made the difference").click()
    expect(page.get_by_text("The same file is web/event_stream.js in the starter project.")).to_be_visible()
