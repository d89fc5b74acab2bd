"""The starter's parsers of event streams, in Python and in a browser, against an independent reader of the standard."""

from __future__ import annotations

import base64
import importlib.util
import random
import time
from collections.abc import Callable, Iterable, Iterator

import pytest

from demos.clients.chromium import Page, chromium
from demos.protocol.sse import Decoder
from guide.book import KNOWLEDGE
from tests.guide.starter.byte_streams import STREAMS
from tests.guide.starter.faulty import WAIT_S, faulty
from tests.guide.starter.long_lines import LONG_LINE, PIECE, SIZES, linear

CLIENT = KNOWLEDGE / "starter" / "client"
Event = tuple[str, str, str]
Parser = Callable[[Iterable[bytes]], Iterator[Event]]


def parser(client: str) -> Parser:
    """Of a terminal client, which is no module of ours."""
    spec = importlib.util.spec_from_file_location(client, CLIENT / f"{client}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Parser = module.events
    return found


PARSERS = [parser(client) for client in ("terminal_sse", "terminal_post")]


def expected(data: bytes) -> list[Event]:
    return [
        ("" if message.event == "message" else message.event, message.last_event_id, message.data)
        for message in Decoder().feed(data)
    ]


def cuts(data: bytes) -> Iterator[list[bytes]]:
    """Whole, byte by byte, and cut anywhere."""
    yield [data]
    yield [data[n : n + 1] for n in range(len(data))]
    for seed in range(5):
        at = sorted(random.Random(seed).choices(range(len(data) + 1), k=1 + len(data) // 9))
        yield [data[begin:end] for begin, end in zip([0, *at], [*at, len(data)], strict=True)]


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("parse", PARSERS)
def test_a_stream_is_read_as_the_standard_says(parse: Parser, name: str) -> None:
    for pieces in cuts(STREAMS[name]):
        assert list(parse(pieces)) == expected(STREAMS[name]), pieces


BY_HAND: dict[str, list[Event]] = {
    "CR alone ends lines": [("token", "1", '{"text": "A"}'), ("", "2", '{"text": "B"}')],
    "a sentinel after the end": [("token", "1", '{"text": "A"}'), ("", "1", "[DONE]")],
    "data of many lines": [("", "1", '{"a":1,\n "b":2}\n\n')],
    "no last blank line": [("", "1", '{"text": "A"}')],
    "line ends of Unicode": [("", "1", "a\u2028b\u2029c\u0085d\x0be\x0cf\x1cg")],
    "two byte order marks": [("", "", "kept")],
    "an id with NUL": [("", "1", '{"text": "A"}'), ("", "1", '{"text": "B"}')],
    "an id without data": [("", "7", '{"text": "A"}'), ("", "7", '{"text": "B"}')],
    "empty data": [("", "", ""), ("", "", ""), ("", "", ""), ("token", "", "\n")],
}


@pytest.mark.parametrize(("name", "events"), BY_HAND.items())
def test_the_reader_that_is_compared_with_is_right(name: str, events: list[Event]) -> None:
    assert expected(STREAMS[name]) == events


@pytest.mark.parametrize("parse", PARSERS)
def test_an_event_comes_with_the_piece_that_ends_it(parse: Parser) -> None:
    """Also where CR alone ends lines: an agent's question would otherwise wait for the next event."""
    given: list[int] = []

    def pieces() -> Iterator[bytes]:
        for n in range(3):
            given.append(n)
            yield b"data: %d\r\r" % n

    assert [(event[2], len(given)) for event in parse(pieces())] == [("0", 1), ("1", 2), ("2", 3)]


def took(parse: Parser, size: int) -> float:
    """Processor time for one line of so many bytes, in small pieces; the best of three."""
    pieces = [b"data: ", *[b"x" * PIECE] * (size // PIECE), b"\n\n"]
    found = []
    for _ in range(3):
        began = time.process_time()
        assert sum(len(event[2]) for event in parse(pieces)) == size
        found.append(time.process_time() - began)
    return min(found)


@pytest.mark.parametrize("parse", PARSERS)
def test_a_long_line_costs_what_its_length_says(parse: Parser) -> None:
    assert took(parse, 2_000_000) < 3 * took(parse, 1_000_000) + 0.002


# --- in a browser ---

PARSE = """async (all) => {
  const { events } = await import("/fetch/event_stream.js");
  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const parse = async (pieces) => {
    const found = [];
    const stream = new ReadableStream({
      start(to) {
        for (const piece of pieces) to.enqueue(bytes(piece));
        to.close();
      },
    });
    for await (const { event, id, data } of events(stream, () => {})) found.push([event, id, data]);
    return found;
  };
  return Promise.all(all.map(parse));
}"""
AT_ONCE = """async () => {
  const { events } = await import("/fetch/event_stream.js");
  let to;
  const stream = new ReadableStream({ start: (controller) => { to = controller; } });
  const reader = events(stream, () => {});
  const found = [];
  for (const piece of ["data: 0\\r\\r", "data: 1\\r\\r", "data: 2\\r\\r"]) {
    to.enqueue(new TextEncoder().encode(piece));
    found.push((await reader.next()).value.data);
  }
  return found;
}"""
LONG = f"""async (size, line) => {{
  const {{ events }} = await import("/fetch/event_stream.js");
  {LONG_LINE}
  return shortest(size, line, async (stream) => {{
    for await (const {{ data }} of events(stream, () => {{}})) return data;
  }});
}}"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with faulty() as server, chromium() as browser:
        yield browser.page(server.url)


@pytest.mark.browser
def test_a_browser_reads_each_stream_as_the_standard_says(page: Page) -> None:
    asked = [(name, pieces) for name, data in STREAMS.items() for pieces in cuts(data)]
    coded = [[base64.b64encode(piece).decode() for piece in pieces] for _, pieces in asked]
    for (name, pieces), found in zip(asked, page.run(PARSE, coded, limit_s=WAIT_S), strict=True):
        assert [tuple(event) for event in found] == expected(STREAMS[name]), (name, pieces)


@pytest.mark.browser
def test_a_browser_has_an_event_with_the_piece_that_ends_it(page: Page) -> None:
    assert page.run(AT_ONCE, limit_s=WAIT_S) == ["0", "1", "2"]


@pytest.mark.browser
@pytest.mark.quiet
def test_a_long_line_costs_a_browser_what_its_length_says(page: Page) -> None:
    assert linear(*(page.run(LONG, size, PIECE, limit_s=WAIT_S) for size in SIZES))
