from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from demos.protocol.events import Draft
from demos.threads.coalescing import Coalescer
from tests.demos.threads.drafts import ANY_DRAFT, Clock, text

WINDOW_S = 0.008


def carried(steps: list[tuple[float, Draft]], window_s: float = WINDOW_S) -> list[tuple[float, Draft]]:
    """(when, what) came out of it, for drafts that go in after these pauses; closed at the end."""
    clock, out = Clock(), list[tuple[float, Draft]]()
    coalescer = Coalescer(lambda draft: out.append((clock.now, draft)), window_s, clock.later)
    for pause, draft in steps:
        clock.until(clock.now + pause)
        coalescer.add(draft)
    coalescer.close()
    assert clock.calls == [], "no timer is left behind"
    return out


def test_below_the_rate_at_which_it_matters_nothing_is_merged_and_nothing_waits() -> None:
    steps = [(0.02, text(str(n))) for n in range(20)]
    out = carried(steps)
    assert [draft for _, draft in out] == [draft for _, draft in steps]
    assert [round(at, 6) for at, _ in out] == [round(0.02 * (n + 1), 6) for n in range(20)]


def test_the_first_piece_goes_at_once_and_the_rest_of_the_window_as_one() -> None:
    out = carried([(0.0, text("a")), *((0.002, text(each)) for each in "bcdefgh")])
    assert [(round(at, 3), draft.text, draft.pieces) for at, draft in out] == [
        (0.0, "a", 1), (0.008, "bcd", 3), (0.014, "efgh", 4)
    ]  # fmt: skip


def test_nothing_overtakes_what_is_held() -> None:
    end = Draft("messages", {"event": "message-finish", "id": "m1"}, node="answer")
    out = carried([(0.0, text("a")), (0.001, text("b")), (0.001, end), (0.001, text("c"))])
    assert [draft.text or draft.data["event"] for _, draft in out] == ["a", "b", "message-finish", "c"]


def test_a_window_of_nothing_joins_nothing() -> None:
    assert [draft.text for _, draft in carried([(0.0, text(each)) for each in "abc"], 0.0)] == ["a", "b", "c"]


@given(st.lists(st.tuples(st.floats(0, 0.02), ANY_DRAFT), max_size=40))
def test_every_piece_comes_out_once_in_the_order_of_its_block(steps: list[tuple[float, Draft]]) -> None:
    out = carried(steps)
    for key in {(draft.data.get("id"), draft.data.get("index")) for _, draft in steps}:
        went, came = (
            "".join(d.text for _, d in each if d.text is not None and (d.data["id"], d.data["index"]) == key)
            for each in (steps, out)
        )
        assert went == came
    assert sum(draft.pieces for _, draft in out) == len(steps)
    assert [d for _, d in out if d.text is None] == [d for _, d in steps if d.text is None]


@given(st.lists(st.tuples(st.floats(0, 0.02), ANY_DRAFT), max_size=40))
def test_no_text_waits_longer_than_a_window(steps: list[tuple[float, Draft]]) -> None:
    clock, held = Clock(), list[float]()
    coalescer = Coalescer(lambda draft: held.clear() if draft.text is not None else None, WINDOW_S, clock.later)
    for pause, draft in steps:
        clock.until(clock.now + pause)
        assert not held or clock.now - held[0] <= WINDOW_S + 1e-9
        if draft.text is not None:
            held.append(clock.now)
        coalescer.add(draft)
        if draft.text is None:
            held.clear()
