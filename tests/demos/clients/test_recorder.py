from __future__ import annotations

from demos.clients.recorder import Recording
from demos.protocol.events import Draft, Event
from tests.demos.toys import said


def test_it_writes_down_when_what_came() -> None:
    times = iter([10.0, 20.0, 30.0])
    notes = Recording(lambda: next(times))
    for seq, draft in enumerate(
        (
            said("content-block-delta", delta={"type": "text-delta", "text": "a"}),
            Draft("lifecycle", {"event": "completed"}),
        ),
        1,
    ):
        assert not notes.finished
        notes.record(Event.number(draft, seq, "boot", 1).text, framing=2)
    notes.record('{"type": "ping"}', framing=2)
    receipt = notes.receipt("sse", "c", started=5)
    assert (receipt.at, receipt.seq, receipt.token) == ((10, 20), (1, 2), (True, False))
    assert (notes.last, receipt.finished, receipt.bytes_framing) == ("boot-2", True, 4)
