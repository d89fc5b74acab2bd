from __future__ import annotations

from demos.threads.counters import Counters


def test_every_process_counts_for_itself_and_from_nothing() -> None:
    one, other = Counters(), Counters()
    one.opened["sse"] += 1
    assert (one.opened["sse"], other.opened["sse"], other.opened["websocket"]) == (1, 0, 0)
