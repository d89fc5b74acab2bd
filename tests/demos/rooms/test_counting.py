"""What a browser noted is counted against the run, and the server's delay is nobody's."""

from __future__ import annotations

from typing import Any

import pytest

from demos.rooms.counting import Counted, RoomReceipt, Transport, count, lateness
from tests.demos.rooms.rooms import FIRST, TOKENS, receipt, run_facts


def counted(**given: Any) -> Counted:
    return count(RoomReceipt.model_validate(receipt(**given)), run_facts())


def test_a_whole_answer() -> None:
    one = counted()
    assert (one.tokens, one.lost, one.repeated, one.cuts) == (TOKENS, 0, 0, 0)
    assert one.first_token_ms == 300
    assert one.longest_gap_ms == 300, "a silence before the first token is one too"
    assert one.back_ms is None


def test_what_never_came_is_lost_and_what_came_twice_repeated() -> None:
    gone = range(FIRST + 60, FIRST + TOKENS)
    assert counted(missing=gone).lost == 60
    given = receipt()
    twice = {name: given[name] + given[name][1:11] for name in ("seq", "token")}
    twice["at"] = given["at"] + [given["at"][-1] + n for n in range(10)]
    assert count(RoomReceipt.model_validate(given | twice), run_facts()).repeated == 10


def test_coming_back_is_timed_from_the_cut_to_the_next_word() -> None:
    facts = run_facts()
    # Cut at token 60; what was made while it was down came 400 ms later, in one lump.
    cut = facts.stamps[FIRST + 60] - 999_000
    held = {seq: max(0.0, cut + 400 - (stamp - 999_000)) for seq, stamp in facts.stamps.items() if seq >= FIRST + 60}
    one = count(RoomReceipt.model_validate(receipt(delays=held, downs=[[cut, cut + 390]], reconnects=1)), facts)
    assert (one.lost, one.cuts, one.back_ms) == (0, 1, 400)
    assert [one.downs[0][0], one.downs[0][1]] == pytest.approx([300 + 60 * 50, 300 + 60 * 50 + 390])
    # What the cut held back is no lateness of the path.
    assert max(one.delays.values()) == 0


def test_what_was_made_before_the_stream_was_open_is_not_late() -> None:
    """Somebody who comes in mid-run, or loads the page anew: half of the answer comes at once."""
    facts = run_facts()
    opened = facts.stamps[FIRST + 60] - 999_000 + 10
    replayed = {seq: max(0.0, opened + 20 - (stamp - 999_000)) for seq, stamp in facts.stamps.items()}
    one = counted(delays=replayed, started=opened)
    assert (one.lost, one.first_token_ms) == (0, None)
    assert max(one.delays.values()) == 0


def room(delays: list[dict[int, float]]) -> dict[int, dict[Transport, Counted]]:
    return {n: {"sse": counted(delays=each)} for n, each in enumerate(delays)}


EVERY = range(FIRST, FIRST + TOKENS)


def test_jitter_of_one_path_is_named_for_that_path_and_for_no_other() -> None:
    jitter = {seq: 200.0 * (seq % 3 == 0) for seq in EVERY}
    late = lateness(room([jitter, {}, {}, {}, {}]))
    assert late[0]["sse"] == 200
    assert [late[n]["sse"] for n in (1, 2, 3, 4)] == [0, 0, 0, 0]


def test_what_everybody_met_is_the_server_s() -> None:
    busy = {seq: 400.0 for seq in EVERY if seq > FIRST + 30}
    late = lateness(room([busy] * 5))
    assert max(of["sse"] for of in late.values()) == 0
    jitter = {seq: delay + 200.0 * (seq % 2) for seq, delay in busy.items()}
    late = lateness(room([jitter, *[busy] * 5]))
    assert late[0]["sse"] == 200
    assert max(late[n]["sse"] for n in range(1, 6)) == 0


def test_clocks_need_not_agree() -> None:
    late = lateness({n: {"sse": counted(offset=offset)} for n, offset in enumerate((-999_000, 0, 5e9, -5e9, 77))})
    assert max(of["sse"] for of in late.values()) < 1


def test_times_that_no_run_can_have_taken_are_refused() -> None:
    with pytest.raises(ValueError, match="its times span"):
        counted(downs=[[0.0, 1e9]])


def test_forged_receipts_are_refused() -> None:
    for name in ("at", "seq", "token"):
        with pytest.raises(ValueError, match="differ in length"):
            counted(**{name: []})
    falling = receipt()
    falling["at"] = falling["at"][::-1]
    with pytest.raises(ValueError, match="at falls"):
        count(RoomReceipt.model_validate(falling), run_facts())
