"""The codec, by the standard: https://html.spec.whatwg.org/multipage/server-sent-events.html"""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demos.protocol.sse import FOREVER_MS, Decoder, Message, encode, encode_retry
from tests.demos.protocol.event_streams import EXAMPLES

TEXT = st.text(alphabet=st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]))
DATA = st.text(alphabet=st.characters(exclude_categories=["Cs"])).map(
    lambda t: t.replace("\r\n", "\n").replace("\r", "\n")
)


def decoded(stream: bytes, cuts: list[int] | None = None) -> list[Message]:
    decoder = Decoder()
    edges = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts or [])})
    chunks = [stream[a:b] for a, b in zip(edges, edges[1:], strict=False)]
    return [message for chunk in chunks for message in decoder.feed(chunk)]


def by_the_standard(stream: bytes) -> tuple[list[Message], str, int | None]:
    """Section 9.2.6, sentence by sentence, on the whole input: the events, the last event id, the reconnection time."""
    text = stream.decode("utf-8", "replace").removeprefix("\ufeff")
    *lines, _unfinished = re.split("\r\n|\n|\r", text)
    messages, data, event, id_buffer, last_id, retry = list[Message](), "", "", "", "", None
    for line in lines:
        if line == "":
            last_id = id_buffer
            if data != "":
                messages.append(Message(data.removesuffix("\n"), event or "message", last_id))
            data = event = ""
            continue
        if line.startswith(":"):
            continue
        field, value = line.split(":", 1) if ":" in line else (line, "")
        value = value[1:] if value.startswith(" ") else value
        if field == "event":
            event = value
        if field == "data":
            data += value + "\n"
        if field == "id" and "\0" not in value:
            id_buffer = value
        if field == "retry" and re.fullmatch("[0-9]+", value):
            retry = int(value)
    return messages, last_id, retry


def by_us(chunks: list[bytes]) -> tuple[list[Message], str, int | None]:
    decoder = Decoder()
    messages = [message for chunk in chunks for message in decoder.feed(chunk)]
    return messages, decoder.last_event_id, decoder.retry_ms


VALUES = st.one_of(
    st.sampled_from(
        ["", " ", "  x", "7", "007", "٣", "1s", "-1", "a\0b", ":", ": x", "\ufeff", "ü", "\U0001f980", "x" * 9]
    ),
    st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=5),
)
LINES = st.one_of(
    st.just(""),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["data", "id", "event", "retry", "", " data", "Data", "data ", "\ufeffdata", "x"]),
        st.sampled_from([":", ": ", ""]),
        VALUES,
    ),
)
STREAMS = st.builds(
    lambda bom, lines: bom + b"".join(line + end for line, end in lines),
    st.sampled_from([b"", b"\xef\xbb\xbf", b"\xef\xbb\xbf\xef\xbb\xbf", b"\xef\xbb"]),
    st.lists(
        st.tuples(
            st.one_of(LINES.map(str.encode), st.sampled_from([b"data: \xff", b"id: \xe2\x82", b"event:\xc3("])),
            st.sampled_from([b"\n", b"\r", b"\r\n", b"\n\n", b"\r\r", b"\r\n\r\n", b"\n\r\n", b""]),
        ),
        max_size=12,
    ),
)


@given(STREAMS, st.lists(st.integers(0, 400), max_size=12))
def test_any_stream_is_decoded_as_the_standard_says_however_it_is_cut(stream: bytes, cuts: list[int]) -> None:
    edges = sorted({0, len(stream), *(min(cut, len(stream)) for cut in cuts)})
    chunks = [stream[a:b] for a, b in zip(edges, edges[1:], strict=False)]
    assert by_us(chunks) == by_us([bytes([byte]) for byte in stream]) == by_the_standard(stream)


@given(STREAMS)
def test_after_every_byte_everything_that_is_whole_has_been_told_and_nothing_else(stream: bytes) -> None:
    decoder, told = Decoder(), list[Message]()
    for end in range(1, len(stream) + 1):
        told += decoder.feed(stream[end - 1 : end])
        assert (told, decoder.last_event_id, decoder.retry_ms) == by_the_standard(stream[:end])


def test_a_retry_longer_than_any_number_is_a_long_time_and_no_crash() -> None:
    decoder = Decoder()
    assert [*decoder.feed(b"retry: " + b"9" * 5000 + b"\ndata: x\n\n")] == [Message("x")]
    assert decoder.retry_ms == FOREVER_MS
    assert [*decoder.feed(b"retry: " + b"0" * 5000 + b"5\n")] == []
    assert decoder.retry_ms == 5


@given(
    st.lists(st.tuples(DATA, TEXT.filter(bool), TEXT)),
    st.lists(st.integers(min_value=0)),
    st.sampled_from(["\n", "\r", "\r\n"]),
)
def test_what_is_encoded_comes_back_however_it_is_cut(
    given_events: list[tuple[str, str, str]], cuts: list[int], line_end: str
) -> None:
    stream = b"".join(encode(data, event, id) for data, event, id in given_events)
    stream = b"\xef\xbb\xbf" + b": hello\n" + encode_retry(500) + stream
    stream = stream.replace(b"\n", line_end.encode())
    assert decoded(stream, cuts) == [Message(data, event, id) for data, event, id in given_events]


@given(st.binary())
def test_any_bytes_are_decoded_alike_whole_and_one_by_one(stream: bytes) -> None:
    assert decoded(stream) == decoded(stream, list(range(len(stream))))


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_every_cut_of_a_short_stream(end: str) -> None:
    stream = "\ufeffid: 1\nevent: a\ndata: x\ndata:  y\n\n:c\n\ndata: ü\n\n".replace("\n", end).encode()
    for cut in range(len(stream)):
        assert decoded(stream, [cut]) == [Message("x\n y", "a", "1"), Message("ü", "message", "1")]


@pytest.mark.parametrize("stream", EXAMPLES)
def test_every_stream_is_read_alike_wherever_it_is_cut(stream: bytes) -> None:
    for cut in range(len(stream)):
        assert decoded(stream, [cut]) == decoded(stream)


def test_a_heartbeat_is_no_event() -> None:
    assert decoded(b": ping\n\n\n\n:\n\nevent: nothing\n\n") == []


def test_an_event_that_is_not_finished_is_dropped() -> None:
    assert decoded(b"id: 1\ndata: half") == []
    assert decoded(b"id: 1\ndata: half\n") == []


def test_the_position_moves_only_when_the_event_is_whole() -> None:
    decoder = Decoder()
    assert list(decoder.feed(b"id: 1\ndata: a\n\nid: 2\ndata: b\n")) == [Message("a", "message", "1")]
    assert decoder.last_event_id == "1"


def test_an_id_without_data_moves_the_position_and_an_empty_one_resets_it() -> None:
    decoder = Decoder()
    assert list(decoder.feed(b"id: 7\n\n")) == []
    assert decoder.last_event_id == "7"
    assert list(decoder.feed(b"id\ndata\n\n")) == [Message("", "message", "")]


def test_ids_with_nul_and_retries_that_are_no_number_are_ignored() -> None:
    decoder = Decoder()
    list(decoder.feed(b"id: a\0b\nretry: 1s\nretry: 250\ndata: x\n\n"))
    assert (decoder.last_event_id, decoder.retry_ms) == ("", 250)


@pytest.mark.parametrize("field", ["a\nb", "a\rb", "a\0b"])
def test_a_field_that_would_break_the_frame_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match="one line of text"):
        encode("x", event=field)


def test_a_long_event_in_many_pieces_takes_no_longer_than_its_length() -> None:
    """Half a megabyte, as a large tool result may be: joined piece by piece it took most of a minute."""
    decoder, frame = Decoder(), encode("x" * 500_000, event="custom", id="3")
    began = time.process_time()
    (message,) = [one for at in range(0, len(frame), 1000) for one in decoder.feed(frame[at : at + 1000])]
    assert len(message.data) == 500_000
    assert time.process_time() - began < 2
