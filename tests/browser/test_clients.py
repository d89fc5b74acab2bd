"""The lab's parser of event streams against ours in Python, and the three clients side by side."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from demos.protocol.sse import Decoder
from tests.browser.labs import choose, predict, row, run, shows
from tests.browser.screen import axe
from tests.browser.scripts import evaluated
from tests.demos.protocol.event_streams import EXAMPLES

_PARSE = """
  const [streams] = given;
  const parsed = (bytes, edges) => {
    const parser = new EventStreamParser();
    const events = edges.flatMap((edge, n) => parser.feed(bytes.slice(n ? edges[n - 1] : 0, edge)));
    return { events, id: parser.lastEventId, retry: parser.retry };
  };
  return streams.map((stream) => {
    const bytes = new Uint8Array(stream);
    const cuts = [...bytes.keys()].map((cut) => [cut, bytes.length]);
    return [...cuts, [...bytes.keys(), bytes.length]].map((edges) => parsed(bytes, edges));
  });
"""


@pytest.fixture
def expected_errors() -> list[str]:
    return [r"ERR_CONNECTION_RESET", r"ERR_INCOMPLETE_CHUNKED_ENCODING"]


def test_the_parser_reads_every_stream_as_ours_does_wherever_it_is_cut(page: Page) -> None:
    found = evaluated(page, _PARSE, [list(stream) for stream in EXAMPLES])
    for stream, ways in zip(EXAMPLES, found, strict=True):
        decoder = Decoder()
        messages = [
            {"data": one.data, "event": one.event, "lastEventId": one.last_event_id} for one in decoder.feed(stream)
        ]
        expected = {"events": messages, "id": decoder.last_event_id, "retry": decoder.retry_ms}
        assert len(ways) == len(stream) + 1
        assert all(way == expected for way in ways), stream


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
