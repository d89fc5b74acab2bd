"""Bytes of a stream -> what they are like."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demos.probe.own_stream.stream_bytes import LONG_LINE, StreamBytes, describe, positions


@pytest.mark.parametrize(
    ("raw", "given"),
    [
        (b"data: a\n\n", {"events": 1, "with_id": 0, "unfinished": False}),
        (b"id: 1\ndata: a\n\nid: 2\ndata: b\n\n", {"events": 2, "with_id": 2, "repeated_ids": 0}),
        (b"id: 1\ndata: a\n\nid: 1\ndata: b\n\n", {"with_id": 2, "repeated_ids": 1}),
        (b"id: 1\ndata: a\n\ndata: b\n\n", {"with_id": 1, "events": 2}),
        (b"data: a\n\ndata: b", {"events": 1, "unfinished": True}),
        (b"data: a\n\ndata: b\n", {"events": 1, "unfinished": True}),
        (b"data: a\n\n: beat\n\n", {"events": 1, "heartbeats": 1, "unfinished": False}),
        (b"data: a\r\rdata: b\r\r", {"events": 2, "line_ends": {"CR": 4}}),
        (b"data: a\r\n\r\ndata: b\n\n", {"events": 2, "line_ends": {"CRLF": 2, "LF": 2}}),
        (b"\xef\xbb\xbfdata: a\n\n", {"events": 1, "has_bom": True}),
        (b"datum: a\ndata: b\n\n", {"unknown_fields": ("datum",)}),
        (b'data: {"a": 1}\n\ndata: [DONE]\n\n', {"json": 1, "sentinel": "[DONE]", "says_end": True}),
        (b"event: done\ndata: {}\n\n", {"says_end": True}),
        (b'data: {"choices": [{"finish_reason": "stop"}]}\n\n', {"says_end": True}),
        (b'data: {"text": "the end"}\n\n', {"says_end": False}),
        (b"data: caf\xe9\n\n", {"broken_utf8": True}),
        (b"data: caf\xc3", {"broken_utf8": False}),
        (b"data: " + b"x" * LONG_LINE + b"\n\n", {"longest_line": LONG_LINE + 6}),
        (b'data: {"jsonrpc": "2.0", "id": 1, "result": {}}\n\n', {"says_end": True}),
        (b'data: {"jsonrpc": "2.0", "method": "notifications/progress"}\n\n', {"says_end": False}),
        (b"event: ping\ndata: {}\n\nid: 1\ndata: a\n\n", {"events": 2, "content": 1, "with_id": 1, "heartbeats": 1}),
        (b'data: {"type": "heartbeat"}\n\nid: 1\ndata: a\n\n', {"content": 1, "with_id": 1, "heartbeats": 1}),
        (b"id: 1\ndata: a\n\nevent: keep-alive\nid: 1\ndata: x\n\n", {"content": 1, "repeated_ids": 0}),
        (b'data: {"text": "ping"}\n\n', {"content": 1, "heartbeats": 0}),
        (b"event: pinged\ndata: a\n\n", {"content": 1}),
        (b"", {"events": 0, "unfinished": False, "says_end": False}),
    ],
)
def test_what_bytes_are_like(raw: bytes, given: dict[str, Any]) -> None:
    known = describe(raw)
    assert {name: getattr(known, name) for name in given} == given


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=300))
def test_no_bytes_are_a_mistake(raw: bytes) -> None:
    assert isinstance(describe(raw), StreamBytes)
    assert len(positions(raw)) == describe(raw).content
