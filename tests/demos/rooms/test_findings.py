"""What a round has shown: its outcome from figures, spreads without names, and who was connected when."""

from __future__ import annotations

import time
from typing import Any

import pytest

from demos.rooms.counting import MOST_CUTS, RoomReceipt, count
from demos.rooms.findings import own, timeline
from demos.rooms.outcomes import shown
from demos.rooms.people import FEWEST
from demos.rooms.reveal import result
from demos.rooms.round import Round
from demos.rooms.rounds import ROUNDS, TOKENS
from guide.book import book
from tests.demos.rooms.rooms import FIRST, REST, cut, played, receipt, run_facts

LATER = {"delays": dict.fromkeys(range(FIRST, FIRST + TOKENS), 80.0)}
OUTCOMES: list[tuple[str, dict[str, Any], str]] = [
    ("plain", {}, "same"),
    ("plain", {"sse": LATER}, "websocket"),
    ("plain", {"websocket": LATER}, "sse"),
    ("drop", {}, "none"),
    ("drop", {"websocket": {"missing": REST}}, "rest"),
    ("drop", {"websocket": {"missing": (FIRST + 60, FIRST + 61)}}, "few"),
    ("resume", {"sse": cut(1_000), "websocket": cut(300)}, "websocket"),
    ("resume", {"sse": cut(300), "websocket": cut(1_000)}, "sse"),
    ("resume", {"sse": cut(300), "websocket": cut(310)}, "same"),
    ("silence", {}, "never"),
    ("silence", {"sse": cut(500)}, "most"),
    ("slow", {}, "themselves"),
    ("finished", {}, "all"),
    ("finished", {"sse": {"missing": range(1, 999)}, "websocket": {"missing": range(1, 999)}}, "nothing"),
    ("viewer", {"sse": {"missing": REST}, "websocket": {"missing": REST}}, "rest"),
    ("large", {}, "short"),
    ("large", {"sse": {"delays": dict.fromkeys(REST, 1_500.0)}}, "seconds"),
    ("payload", {"sse": {"bytes": 330 * TOKENS}}, "many"),
    ("payload", {"sse": {"bytes": 10 * TOKENS}}, "few"),
    ("approve", {}, "once"),
]


@pytest.mark.parametrize(("name", "of", "came"), OUTCOMES)
def test_figures_bear_out_one_of_the_choices(name: str, of: dict[str, Any], came: str) -> None:
    found = result(played(name, **of), 0)
    assert found["came"] == came
    assert came in ROUNDS[name].choices


@pytest.mark.parametrize("name", sorted(ROUNDS))
def test_every_outcome_has_its_sentence_and_every_choice_its_words(name: str) -> None:
    words, values = book().words, result(played(name), 0)["so"]["values"]
    assert words["room.so.few"]
    for part in ("title", "watch", "predict"):
        assert words[f"room.round.{name}.{part}"]
    for choice in (*ROUNDS[name].choices, "unknown"):
        assert choice == "unknown" or words[f"room.round.{name}.predict.{choice}"]
        assert words[f"room.so.{name}.{choice}"].format(**values)


def test_clients_that_resume_and_lose_something_are_not_said_to_have_lost_nothing() -> None:
    found = played("resume", sse=cut(1_000), websocket=cut(300))
    gone = RoomReceipt.model_validate(receipt("websocket", missing=REST))
    found.counted[1] = {**found.counted[1], "websocket": count(gone, run_facts())}
    shown_there = result(found, 0)
    assert (shown_there["came"], shown_there["so"]["key"]) == ("lost", "room.so.resume.lost")
    assert shown_there["so"]["values"]["lost_total"] == "60"


def test_of_a_few_people_no_figure_is_told_anywhere() -> None:
    few = played("resume", people=2, sse=cut(1_000), websocket=cut(300))
    assert result(few, 0)["so"] == {"key": "room.so.few", "values": {}}


def test_many_cuts_of_many_people_cost_no_more_than_a_few() -> None:
    """What a forged receipt may hold at most."""
    downs = [[float(n), float(n) + 0.5] for n in range(MOST_CUTS)]
    found = played("resume", people=120, sse={"downs": downs}, websocket={"downs": downs})
    began = time.perf_counter()
    timeline(found.counted, 0.0)
    took = time.perf_counter() - began
    began = time.perf_counter()
    found.lateness()
    assert took < time.perf_counter() - began + 0.05


def test_nobody_s_receipt_can_tell_nothing() -> None:
    found = result(Round(1, ROUNDS["drop"], seed=1), 0)
    assert (found["came"], found["so"]["key"], found["few"]) == (None, "room.so.few", True)


def test_fewer_than_five_people_have_no_figures_on_the_wall_but_their_own_on_their_screens() -> None:
    few = played("drop", people=FEWEST - 1)
    found = result(few, 0)
    assert found["few"]
    assert not {"strips", "timeline", "lost", "predictions"} & found.keys()
    mine = own(few, 1)
    assert mine
    assert mine["sse"]["tokens"] == TOKENS


def test_who_looked_away_is_not_in_the_spread() -> None:
    found = played("drop", people=6, websocket={"missing": REST})
    found.away = {1}
    assert len(result(found, 0)["strips"]["first_token_ms"]["sse"]) == 5


def test_a_strip_is_sorted_so_that_nobody_can_be_followed() -> None:
    found = played("plain", people=6)
    found.counted[1], found.counted[6] = found.counted[6], found.counted[1]
    for values in result(found, 0)["strips"].values():
        for each in values.values():
            assert each == sorted(each)


def test_the_share_of_those_who_are_connected_falls_at_the_cut_and_comes_back() -> None:
    found = played("resume", sse=cut(1_000), websocket=cut(300))
    line = timeline(found.counted, cut_ms=3_300.0)
    step = line["step_ms"]

    def share(transport: str, ms: float) -> float:
        at: float = line[transport][int(ms / step)]
        return at

    assert [share("sse", ms) for ms in (3_200, 3_400, 4_200, 4_400)] == [1, 0, 0, 1]
    assert [share("websocket", ms) for ms in (3_200, 3_400, 3_700)] == [1, 0, 1]


def test_a_blocked_websocket_is_a_finding() -> None:
    found = played("plain", websocket={"missing": range(999), "blocked": True})
    assert result(found, 0)["blocked"] == 6
    assert result(found, 0)["timeline"]["websocket"] == []


def test_a_sentence_has_whole_figures() -> None:
    assert [shown(value) for value in (None, 1007.3, -4.34, 0.0, 12.5, 3.0)] == ["–", "1,007", "4.3", "0", "12", "3"]
