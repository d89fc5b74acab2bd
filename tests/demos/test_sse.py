"""The codec, by the standard: https://html.spec.whatwg.org/multipage/server-sent-events.html"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demos.sse import Decoder, Message, encode, encode_retry

TEXT = st.text(alphabet=st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]))
DATA = st.text(alphabet=st.characters(exclude_categories=["Cs"])).map(
    lambda t: t.replace("\r\n", "\n").replace("\r", "\n")
)
STREAMS = (
    *(
        "\ufeffid: 1\nevent: a\ndata: x\ndata:  y\n\n:c\n\ndata: ü€😀\n\n".replace("\n", end).encode()
        for end in ("\n", "\r", "\r\n")
    ),
    b": ping\n\n\n\n:\n\nevent: nothing\n\n",
    b"id: 1\ndata: half",
    b"id: 1\ndata: a\n\nid: 2\ndata: b\n",
    b"id: 7\n\nid\ndata\n\n",
    b"id: a\0b\nretry: 1s\nretry: 250\ndata: x\n\n",
    b"data: a\r\rdata: b\r\n\ndata: c\n\r\n",
    b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata:b\ndata\n\n",
    b"data: \xff\xe2\x82\n\nunknown: x\ndata: \xf0\x9f\x98\x80\n\n",
    b"",
)
"""By the standard's rules; the lab's own parser is held to them too (tests/browser/test_clients.py)."""


def decoded(stream: bytes, cuts: list[int] | None = None) -> list[Message]:
    decoder = Decoder()
    edges = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts or [])})
    chunks = [stream[a:b] for a, b in zip(edges, edges[1:], strict=False)]
    return [message for chunk in chunks for message in decoder.feed(chunk)]


@given(
    st.lists(st.tuples(DATA, TEXT.filter(bool), TEXT)),
    st.lists(st.integers(min_value=0)),
    st.sampled_from(["\n", "\r", "\r\n"]),
)
def test_what_is_encoded_comes_back_however_it_is_cut(given_events, cuts, line_end):
    stream = b"".join(encode(data, event, id) for data, event, id in given_events)
    stream = b"\xef\xbb\xbf" + b": hello\n" + encode_retry(500) + stream
    stream = stream.replace(b"\n", line_end.encode())
    assert decoded(stream, cuts) == [Message(data, event, id) for data, event, id in given_events]


@given(st.binary())
def test_any_bytes_are_decoded_alike_whole_and_one_by_one(stream):
    assert decoded(stream) == decoded(stream, list(range(len(stream))))


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_every_cut_of_a_short_stream(end):
    stream = "\ufeffid: 1\nevent: a\ndata: x\ndata:  y\n\n:c\n\ndata: ü\n\n".replace("\n", end).encode()
    for cut in range(len(stream)):
        assert decoded(stream, [cut]) == [Message("x\n y", "a", "1"), Message("ü", "message", "1")]


@pytest.mark.parametrize("stream", STREAMS)
def test_every_stream_is_read_alike_wherever_it_is_cut(stream):
    for cut in range(len(stream)):
        assert decoded(stream, [cut]) == decoded(stream)


def test_a_heartbeat_is_no_event():
    assert decoded(b": ping\n\n\n\n:\n\nevent: nothing\n\n") == []


def test_an_event_that_is_not_finished_is_dropped():
    assert decoded(b"id: 1\ndata: half") == []
    assert decoded(b"id: 1\ndata: half\n") == []


def test_the_position_moves_only_when_the_event_is_whole():
    decoder = Decoder()
    assert list(decoder.feed(b"id: 1\ndata: a\n\nid: 2\ndata: b\n")) == [Message("a", "message", "1")]
    assert decoder.last_event_id == "1"


def test_an_id_without_data_moves_the_position_and_an_empty_one_resets_it():
    decoder = Decoder()
    assert list(decoder.feed(b"id: 7\n\n")) == []
    assert decoder.last_event_id == "7"
    assert list(decoder.feed(b"id\ndata\n\n")) == [Message("", "message", "")]


def test_ids_with_nul_and_retries_that_are_no_number_are_ignored():
    decoder = Decoder()
    list(decoder.feed(b"id: a\0b\nretry: 1s\nretry: 250\ndata: x\n\n"))
    assert (decoder.last_event_id, decoder.retry_ms) == ("", 250)


@pytest.mark.parametrize("field", ["a\nb", "a\rb", "a\0b"])
def test_a_field_that_would_break_the_frame_is_refused(field):
    with pytest.raises(ValueError, match="one line of text"):
        encode("x", event=field)
