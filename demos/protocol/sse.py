"""Encodes and decodes server-sent events. No socket, no clock.

Decoding follows the WHATWG HTML standard, section 9.2.6 "Interpreting an event stream"
(https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation). No deviations.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

CONTENT_TYPE = "text/event-stream"
BOM = "\ufeff"
LINE_END = re.compile("\r\n|\n|\r")
FOREVER_MS = 10**15
"""A reconnection time with more than 15 digits: Python refuses to read numbers of any length."""


@dataclass(frozen=True)
class Message:
    """One dispatched event, as a browser's `EventSource` would hand it over."""

    data: str
    event: str = "message"
    last_event_id: str = ""


def encode(data: str, event: str | None = None, id: str | None = None) -> bytes:
    """One event. `data` may hold line breaks; `event` and `id` may not.

    Raises:
        ValueError: a name or id with a line break or NUL would change what the next lines mean.
    """
    for field in (event, id):
        if field is not None and any(mark in field for mark in "\r\n\0"):
            raise ValueError(f"the field {field!r} holds a line break or NUL. Allowed: one line of text")
    head = ("" if id is None else f"id: {id}\n") + ("" if event is None else f"event: {event}\n")
    if "\n" not in data and "\r" not in data:
        return f"{head}data: {data}\n\n".encode()
    lines = data.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return (head + "".join(f"data: {line}\n" for line in lines) + "\n").encode()


def encode_retry(milliseconds: int) -> bytes:
    """How long a client should wait before it reconnects."""
    return f"retry: {milliseconds}\n\n".encode()


class Decoder:
    """Incremental decoder: feed it bytes cut anywhere, get whole events."""

    def __init__(self) -> None:
        self.last_event_id = ""
        """What a reconnecting client would send as `Last-Event-ID`."""
        self.retry_ms: int | None = None
        self._utf8 = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._fresh = True
        self._after_cr = False
        self._pieces: list[str] = []
        self._data: list[str] = []
        self._event = ""
        self._id = ""

    def feed(self, chunk: bytes) -> Iterator[Message]:
        """The events that `chunk` completes. What the end of a stream leaves unfinished is dropped, by the standard."""
        text = self._utf8.decode(chunk)
        if self._fresh and text:
            self._fresh = False
            text = text.removeprefix(BOM)
        for line in self._lines(text):
            if line:
                self._field(line)
            elif (message := self._dispatch()) is not None:
                yield message

    def _lines(self, text: str) -> list[str]:
        """Complete lines. LF, CR and CRLF all end one; a CRLF may be cut in two."""
        if not text:
            return []
        begun = text.removeprefix("\n") if self._after_cr else text
        self._after_cr = text.endswith("\r")
        *lines, rest = LINE_END.split(begun)
        if lines:
            # Pieces are joined once: a line may be long, and come in many.
            lines[0] = "".join((*self._pieces, lines[0]))
            self._pieces = []
        self._pieces.append(rest)
        return lines

    def _field(self, line: str) -> None:
        name, colon, value = line.partition(":")
        if colon and not name:
            return  # a comment
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            digits = value.lstrip("0") or "0"
            self.retry_ms = int(digits) if len(digits) <= 15 else FOREVER_MS

    def _dispatch(self) -> Message | None:
        # "Set the last event ID string of the event source to the value of the last event ID buffer" comes before the
        # check for data: an id without data counts, and the buffer is not reset between events.
        self.last_event_id = self._id
        data, event = self._data, self._event
        self._data, self._event = [], ""
        # Without data nothing is dispatched, so a heartbeat made of a comment is no event.
        if not data:
            return None
        return Message("\n".join(data), event or "message", self.last_event_id)
