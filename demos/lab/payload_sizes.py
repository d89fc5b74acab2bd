"""Measures the size of a run: four forms of its events, two transports, plain and compressed. Opens no connection.

    run --form--> text of each event --+--> event stream: the event, and HTTP/1.1 chunk framing
                                       |      gzip: the same compressed, flushed after each event
                                       +--> WebSocket: one frame each
                                              permessage-deflate: the same compressed, flushed, less its last 4 bytes
The bytes are those above TCP, without TLS, for an HTTP/1.1 server that writes each event by itself.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from demos.agent.event_mapping import plain
from demos.protocol import sse
from demos.protocol.events import Event, encode
from demos.protocol.payload_forms import COMPRESSED, MESSAGES, PROTOCOL, TOKENS, WIRES
from demos.protocol.run_options import Settings
from demos.threads.reader import Wanted
from demos.threads.runs import Agent

EPOCH: Final = "9f3b2c71"
"""Stands in for the name of a log, which no payload here belongs to."""
CHANNELS: Final = Wanted(frozenset(("messages", "lifecycle", "input", "tools")))
"""The channels that our pages subscribe to."""
LEVEL: Final = 6
SOCKET_WINDOW_BITS, SOCKET_MEMORY = 12, 5
"""Server defaults of the websockets library: a window of 4 KiB (its documentation, "Compression")."""


@dataclass(frozen=True)
class Piece:
    """One event as it would be sent."""

    text: str
    """The WebSocket message, or the data of the event stream's event."""
    frame: bytes = field(repr=False)
    """The encoded event of the event stream."""
    token: str = ""
    """The text of the answer in this event; mostly empty."""


Pieces = AsyncGenerator[Piece, None]


async def pieces(agent: Agent, form: str, thread: str, question: str, settings: Settings) -> Pieces:
    """Run the agent in one form. The same question and settings give the same tokens in every form. Always scripted."""
    if form == PROTOCOL:
        seq = 0
        async with aclosing(agent.scripted(thread, question, settings)) as drafts:
            async for draft in drafts:
                seq += 1
                if CHANNELS.takes(draft):
                    event = Event.number(draft, seq, EPOCH, time.time_ns() // 1_000_000)
                    yield Piece(event.text, event.frame, (draft.text or "") if draft.is_token else "")
        return
    source = agent.messages if form == MESSAGES else agent.events
    async with aclosing(source(thread, question, settings)) as found:
        async for said, token in found:
            if form != TOKENS:
                text = encode(plain(said))
            elif token:
                text = encode(token)
            else:
                continue
            yield Piece(text, sse.encode(text), token)


class Meter:
    """Counts the bytes of a run on each transport, plain and compressed, during the run."""

    def __init__(self) -> None:
        self.tokens = self.events = 0
        self.bytes: dict[str, int] = dict.fromkeys(WIRES, 0)
        # +16: gzip's header and trailer; a negative window is a bare deflate stream, as RFC 7692 has it.
        self._gzip = zlib.compressobj(LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        self._deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -SOCKET_WINDOW_BITS, SOCKET_MEMORY)

    def add(self, piece: Piece) -> None:
        """Frame and count an event for each transport. Flushes compressed data, which would otherwise arrive late."""
        self.events += 1
        self.tokens += bool(piece.token)
        self.bytes["sse"] += chunk(len(piece.frame))
        self.bytes["sse_gzip"] += chunk(len(flushed(self._gzip, piece.frame)))
        message = piece.text.encode()
        self.bytes["websocket"] += frame(len(message))
        # RFC 7692, section 7.2.1: the last bytes of a flush, 00 00 ff ff, are not sent.
        self.bytes["websocket_deflate"] += frame(len(flushed(self._deflate, message)) - 4)

    @property
    def per_token(self) -> dict[str, float]:
        """All bytes divided by the number of tokens, by transport. Needs at least one token."""
        return {wire: size / self.tokens for wire, size in self.bytes.items()}


def flushed(compressor: zlib._Compress, data: bytes) -> bytes:
    return compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH)


def chunk(size: int) -> int:
    """Bytes of a chunk (RFC 9112, section 7.1): its length in hex and two line ends around it."""
    return size + len(f"{size:x}") + 4


def frame(size: int) -> int:
    """Bytes of an unmasked frame (RFC 6455, section 5.2): the length takes 0, 2 or 8 further bytes."""
    return size + (2 if size < 126 else 4 if size < 65_536 else 10)


def ratios(meters: Mapping[str, Meter]) -> dict[str, float]:
    """For each choice, the ratio of bytes between its most and its least expensive option.

    `form` on a plain event stream; `transport` and `compression` in the form where they matter most.
    """
    found = [meter.bytes for meter in meters.values()]
    per_token = [meter.bytes["sse"] / meter.tokens for meter in meters.values()]
    return {
        "form": max(per_token) / min(per_token),
        "transport": max(_times(one["sse"], one["websocket"]) for one in found),
        "compression": max(_times(one[wire], one[f"{wire}_{how}"]) for one in found for wire, how in COMPRESSED),
    }


def shares(meters: Mapping[str, Meter]) -> dict[str, dict[str, float]]:
    """Ratios for each form on an event stream: to the smallest form, to the WebSocket, to gzip."""
    leanest = min(meter.bytes["sse"] / meter.tokens for meter in meters.values())
    return {
        form: {
            "form_times": meter.bytes["sse"] / meter.tokens / leanest,
            "transport_times": meter.bytes["sse"] / meter.bytes["websocket"],
            "compression_times": meter.bytes["sse"] / meter.bytes["sse_gzip"],
        }
        for form, meter in meters.items()
    }


def _times(one: int, other: int) -> float:
    """Return the larger value divided by the smaller one."""
    return max(one, other) / min(one, other)
