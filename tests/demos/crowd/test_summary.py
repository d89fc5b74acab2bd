"""What a rehearsal's figures say, from people and clicks that are made up."""

from __future__ import annotations

import random
from typing import Any

import httpx
import pytest

from demos.crowd.attendee import Attendee, Heard, Manner
from demos.crowd.cli import as_text
from demos.crowd.crowd import Crowd
from demos.crowd.crowd import Played as Rehearsal
from demos.crowd.lead import Click, Cut, Lead, Phase
from demos.crowd.playing import Played
from demos.crowd.readings import EventStreamReading, Reading, WebSocketReading
from demos.crowd.room_client import RoomClient
from demos.crowd.summary import Counts, Summary, summed

HTTP = httpx.AsyncClient(verify=False)
ROOM = RoomClient(HTTP, "http://127.0.0.1:1/api", "ABC234")
USUAL = Manner()
BEGAN, CUT = 1000.0, 1450.0
SEQS = tuple(range(10, 20))
"""Ten tokens, 100 ms apart."""


def reading(transport: str, seqs: tuple[int, ...] = SEQS, finished: bool = True, back: float | None = None) -> Reading:
    """What came; with `back`, it was cut and came back so much later: what follows came at once."""
    chance = random.Random(1)
    found: Reading = (
        EventStreamReading(HTTP, ROOM.address, "key", True, False, chance)
        if transport == "sse"
        else WebSocketReading(ROOM.address, "key", True, False, chance)
    )
    found.opened.set()
    found.notes.finished = finished
    for seq in seqs:
        made = BEGAN + 100 * (seq - SEQS[0])
        found.notes.seq.append(seq)
        found.notes.token.append(True)
        found.notes.at.append(made if back is None or made < CUT else max(made, CUT + back + seq / 10))
    if back is not None:
        found.downs = [[CUT, CUT + back]]
    return found


def person(number: int, manner: Manner = USUAL, *rounds: Played) -> Attendee:
    found = Attendee(HTTP, ROOM, random.Random(number), manner, lambda _: [])
    found.number, found.join_ms, found.state = number, 10.0 * number, {"phase": "ended"}
    found.heard = [Heard(1, BEGAN + number, "reveal")]
    found.player.rounds = {one.round: one for one in rounds}
    return found


def played(resume: bool = True, number: int = 1, **more: Any) -> Played:
    """A round with a cut: the event stream is back after 300 ms, the WebSocket after 50."""
    readings = more.pop("readings", None) or (reading("sse", back=300), reading("websocket", back=50))
    return Played(number, "resume", resume, readings, posted=True, **more)


def rehearsal(*people: Attendee) -> Rehearsal:
    lead = Lead(ROOM, "secret", people, lambda: None)
    lead.clicks = [Click("next", "lobby", [5.0, 7.0, 40.0])]
    lead.cuts = [Cut(1, CUT - 20)]
    lead.phases = [Phase(1, "running", 0, 2000, 0.5), Phase(1, "reveal", 2000, 9000, 3.0)]
    return Rehearsal(list(people), lead, {"before": 60.0})


def found(*people: Attendee) -> Summary:
    return summed(rehearsal(*people))


def test_a_good_rehearsal_has_every_figure() -> None:
    got = found(*(person(n, USUAL, played()) for n in (1, 2, 3)))
    assert got.good
    assert (got.people, got.joined, got.failed_joins, got.join_p95_ms) == (3, 3, 0, 30.0)
    assert (got.lost, got.repeated, got.unfinished) == (0, 0, 0)
    assert (got.told_p95_ms, got.cut_last_ms, got.revealed_p95_ms) == (40.0, 20.0, 2.0)
    assert got.back == {"sse": 301.5, "websocket": 51.5}  # the token 15 was the first after the cut
    assert (got.back_p95_ms, got.cpu_share) == (301.5, 0.25)
    assert "Lost: 0 tokens. Repeated: 0." in as_text(got)


def test_what_resuming_people_lose_is_counted_against_what_others_saw() -> None:
    lost = played(readings=(reading("sse", SEQS[:7] + SEQS[8:]), reading("websocket", (*SEQS, SEQS[-1]))))
    got = found(person(1, USUAL, played()), person(2, Manner(), lost))
    assert (got.lost, got.repeated, got.good) == (1, 1, False)


def test_the_servers_count_goes_before_ours() -> None:
    """Nobody in the crowd saw what all have lost; the server knows what it sent."""
    told = {"sse": {"lost": 3, "repeated": 0}, "websocket": {"lost": 0, "repeated": 4}}
    assert (found(person(1, USUAL, played(figures=told))).lost) == 3
    assert (found(person(1, USUAL, played(figures=told))).repeated) == 4


def test_naive_people_are_counted_apart() -> None:
    cut_off = (reading("sse", (*SEQS, *SEQS[:4]), back=300), reading("websocket", SEQS[:5], finished=False, back=50))
    got = found(person(1, USUAL, played()), person(2, Manner(naive=True), played(resume=False, readings=cut_off)))
    assert got.good
    assert got.naive == Counts(1, 5, 4)


def test_somebody_naive_who_was_never_cut_must_have_everything() -> None:
    one = played(resume=False, readings=(reading("sse", SEQS[1:]), reading("websocket")))
    got = found(person(1, USUAL, played()), person(2, Manner(naive=True), one))
    assert (got.lost, got.naive.lost) == (1, 0)


def test_who_slept_through_the_end_is_out_and_who_came_back_is_in() -> None:
    missed = played(away=True, readings=(reading("sse", SEQS[:3], False), reading("websocket", SEQS[:3], False)))
    back = played(away=True, readings=(reading("sse", SEQS[:9]), reading("websocket")))
    assert found(person(1, USUAL, played()), person(2, Manner(asleep=True), missed)).good
    assert found(person(1, USUAL, played()), person(2, Manner(asleep=True), back)).lost == 1


def test_a_reading_that_never_ends_is_no_good() -> None:
    one = played(readings=(reading("sse", finished=False), reading("websocket")))
    got = found(person(1, USUAL, one))
    assert (got.unfinished, got.good) == (1, False)


def test_a_blocked_websocket_loses_nothing() -> None:
    one = played(readings=(reading("sse"), reading("websocket", (), False)))
    one.readings[1].blocked = True
    assert found(person(1, USUAL, one)).good


@pytest.mark.parametrize("wrong", ["not in the room", "stalled", "no round", "the lead"])
def test_what_has_not_happened_is_not_good(wrong: str) -> None:
    one = person(1, USUAL, *([] if wrong == "no round" else [played()]))
    rehearsed = rehearsal(one)
    assert rehearsed.lead is not None
    if wrong == "not in the room":
        one.failed = "This room has 120 people."
    if wrong == "stalled":
        rehearsed.stalled = "'arming' does not end"
    if wrong == "the lead":
        rehearsed.lead.failures = ["drop: not now"]
    assert not summed(rehearsed).good


def test_a_crowd_is_the_same_for_a_seed_and_nobody_is_two_things() -> None:
    crowd = Crowd(60, 7, naive_share=0.1, asleep=0.05, stuck=0.05)
    manners = crowd.manners()
    assert manners == crowd.manners() != Crowd(60, 8).manners()
    assert sum(one.naive for one in manners) == 6
    assert sum(one.asleep for one in manners) == sum(one.stuck for one in manners) == 3
    assert all(one.naive + one.asleep + one.stuck <= 1 for one in manners)
    assert Crowd(1).manners() == [Manner()]
