from __future__ import annotations

from demos.protocol.errors import Refusal, unknown_thread


def test_a_refusal_has_a_status_a_close_code_and_a_sentence() -> None:
    refusal = Refusal(404, "no_such_thread", "There is none.")
    assert (refusal.close_code, refusal.body) == (4404, {"error": "no_such_thread", "message": "There is none."})


def test_a_long_thread_id_is_not_repeated_in_full() -> None:
    assert len(unknown_thread("x" * 10_000).message) < 300
