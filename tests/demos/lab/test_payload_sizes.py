"""Bytes as they are counted, against the real thing: what zlib unpacks again, and what the websockets library sends."""

from __future__ import annotations

import asyncio
import zlib

import pytest
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode

from demos.lab.payload_sizes import (
    LEVEL,
    SOCKET_MEMORY,
    SOCKET_WINDOW_BITS,
    Meter,
    Piece,
    chunk,
    flushed,
    frame,
    pieces,
    ratios,
    shares,
)
from demos.protocol import sse
from demos.protocol.events import encode
from demos.protocol.payload_forms import FORMS, PROTOCOL, TOKENS, WIRES
from demos.protocol.run_options import Pace, Settings
from tests.demos.toys import shared_scripted

FLAT_OUT = Settings(pace=Pace(rate=0, first_token_ms=0), n_tokens=60)
Made = dict[str, list[Piece]]


@pytest.fixture(scope="module")
def made() -> Made:
    """form -> its pieces, from runs of the real graph."""

    async def run() -> Made:
        found = {}
        for form in FORMS:
            async with asyncio.timeout(20):
                found[form] = [
                    one async for one in pieces(shared_scripted(), form, form, "What about proxies?", FLAT_OUT)
                ]
        return found

    return asyncio.run(run())


def weighed(made: Made) -> dict[str, Meter]:
    meters = {form: Meter() for form in made}
    for form, found in made.items():
        for piece in found:
            meters[form].add(piece)
    return meters


def test_every_form_carries_the_same_answer(made: Made) -> None:
    texts = {form: [piece.token for piece in found if piece.token] for form, found in made.items()}
    assert len(texts[TOKENS]) == 60
    assert all(text == texts[TOKENS] for text in texts.values())


def test_what_is_in_each_form(made: Made) -> None:
    assert [piece.text for piece in made[TOKENS][:1]] == [encode(made[TOKENS][0].token)]
    assert all('"event":"on_' in piece.text for piece in made["v2_events"])
    assert any('"langgraph_node":"answer"' in piece.text for piece in made["messages"])
    for piece in made[PROTOCOL]:
        (message,) = sse.Decoder().feed(piece.frame)
        assert (message.data, bool(message.last_event_id)) == (piece.text, True)


def test_plain_bytes_are_those_of_the_framing_rules(made: Made) -> None:
    meters = weighed(made)
    for form, found in made.items():
        frames = [f"{len(piece.frame):x}\r\n".encode() + piece.frame + b"\r\n" for piece in found]
        assert meters[form].bytes["sse"] == len(b"".join(frames))
        sent = [Frame(Opcode.TEXT, piece.text.encode()).serialize(mask=False) for piece in found]
        assert meters[form].bytes["websocket"] == len(b"".join(sent))


def test_deflate_is_what_the_websockets_library_sends(made: Made) -> None:
    meters = weighed(made)
    for form, found in made.items():
        extension = PerMessageDeflate(False, False, 15, SOCKET_WINDOW_BITS, {"memLevel": SOCKET_MEMORY})
        whole = [Frame(Opcode.TEXT, piece.text.encode()) for piece in found]
        sent = [one.serialize(mask=False, extensions=[extension]) for one in whole]
        assert meters[form].bytes["websocket_deflate"] == len(b"".join(sent))


def test_each_event_can_be_unpacked_as_soon_as_it_is_there(made: Made) -> None:
    packer, unpacker = zlib.compressobj(LEVEL, zlib.DEFLATED, 31), zlib.decompressobj(31)
    for piece in made[PROTOCOL]:
        assert unpacker.decompress(flushed(packer, piece.frame)) == piece.frame


@pytest.mark.parametrize(("size", "around"), [(0, 5), (15, 5), (16, 6), (255, 6), (256, 7)])
def test_a_chunk(size: int, around: int) -> None:
    assert chunk(size) - size == around


@pytest.mark.parametrize(("size", "around"), [(125, 2), (126, 4), (65_535, 4), (65_536, 10)])
def test_a_frame(size: int, around: int) -> None:
    assert frame(size) - size == around


def test_what_is_sent_matters_more_than_what_carries_it(made: Made) -> None:
    """In kind what was captured on the wire before: bare tokens by a factor of two, rich JSON by a few percent."""
    meters = weighed(made)
    per_token = {form: meter.per_token for form, meter in meters.items()}
    assert set(per_token[TOKENS]) == set(WIRES)
    order = [per_token[form]["sse"] for form in FORMS]
    assert order == sorted(order, reverse=True)
    found = ratios(meters)
    assert found["form"] > 10 * found["transport"]
    assert found["form"] == pytest.approx(order[0] / order[-1])
    told = shares(meters)
    assert 1.5 < told[TOKENS]["transport_times"] == found["transport"]
    assert 1 < told["v2_events"]["transport_times"] < 1.1
    assert told[TOKENS]["form_times"] == 1


def test_a_flush_can_cost_more_than_it_saves() -> None:
    """Short pieces with nothing in common grow under deflate; the difference counts either way round."""
    meter = Meter()
    for n in range(5):
        meter.add(Piece(text := encode(chr(97 + n)), sse.encode(text), "x"))
    assert meter.bytes["websocket_deflate"] > meter.bytes["websocket"]
    assert ratios({"tokens": meter})["compression"] > 1
